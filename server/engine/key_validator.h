// Asks the provider what our key is, and judges the answer: a key that cannot send, or of
// another environment than the store's, must not be used.
#ifndef TOPUP_SERVER_ENGINE_KEY_VALIDATOR_H_
#define TOPUP_SERVER_ENGINE_KEY_VALIDATOR_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/engine/engine_options.h"
#include "server/engine/provider_account.h"

namespace topup::engine {

struct KeyVerdict {
  // OK where the key can send, or where we could not find out; FailedPrecondition, and the
  // account is paused, where it cannot.
  absl::Status status;
  // When to ask again, unless a pause has a pace of its own.
  absl::Duration again;
};

// Runs on the engine's loop only. Borrows everything.
class KeyValidator {
 public:
  using Done = std::function<void(const KeyVerdict&)>;

  KeyValidator(const EngineParts& parts, ProviderAccount& account);

  // One request, whose budget has been taken.
  void Ask(Done done);

 private:
  KeyVerdict Judge(const core::ValidateAnswer& answer, int key_number);
  KeyVerdict JudgeKey(const core::ValidateAnswer& answer);
  void KeepEnvironment(const std::string& key_type, std::function<void()> kept);

  const EngineParts parts_;
  ProviderAccount& account_;
  bool environment_kept_ = false;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_KEY_VALIDATOR_H_
