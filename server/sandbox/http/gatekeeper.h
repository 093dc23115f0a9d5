// Who may ask, and how often: keys, the lockout for wrong ones, and the request ceiling.
#ifndef TOPUP_SERVER_SANDBOX_HTTP_GATEKEEPER_H_
#define TOPUP_SERVER_SANDBOX_HTTP_GATEKEEPER_H_

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/base/secret.h"
#include "server/sandbox/world/provider_rules.h"
#include "server/sandbox/world/send_checks.h"

namespace topup::sandbox {

// Not thread-safe. `elapsed` is Clock::Elapsed().
class Gatekeeper {
 public:
  Gatekeeper(std::vector<base::Secret> keys, double time_scale);

  // Nothing where the key is good. A good key sets its address's count of wrong ones back;
  // while an address is blocked no key helps.
  std::optional<Refusal> CheckKey(const std::optional<std::string>& key, const std::string& address,
                                  bool is_send, const ProviderRules& rules, absl::Duration elapsed);

  // How long to wait where `ceiling` requests went through in the last minute (of real time,
  // whatever the scale); nothing where this one may pass, and it counts. 0: no ceiling.
  std::optional<absl::Duration> CheckCeiling(int ceiling, absl::Duration elapsed);

 private:
  struct Visitor {
    int wrong_keys = 0;
    absl::Duration blocked_until = -absl::InfiniteDuration();
  };

  const std::vector<base::Secret> keys_;
  const double time_scale_;
  std::map<std::string, Visitor> visitors_;  // by address; forgotten when there are too many
  std::deque<absl::Duration> passed_;        // in the last minute
};

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_HTTP_GATEKEEPER_H_
