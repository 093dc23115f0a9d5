#include "server/sandbox/http/gatekeeper.h"

#include <algorithm>
#include <utility>

namespace topup::sandbox {
namespace {

constexpr size_t kVisitorsMax = 10'000;
constexpr absl::Duration kCeilingWindow = absl::Minutes(1);

Refusal Refuse(int http_status, absl::string_view code, absl::string_view message) {
  Refusal refusal;
  refusal.http_status = http_status;
  refusal.code = std::string(code);
  refusal.message = std::string(message);
  return refusal;
}

}  // namespace

Gatekeeper::Gatekeeper(std::vector<base::Secret> keys, double time_scale)
    : keys_(std::move(keys)), time_scale_(time_scale) {}

std::optional<Refusal> Gatekeeper::CheckKey(const std::optional<std::string>& key,
                                            const std::string& address, bool is_send,
                                            const ProviderRules& rules, absl::Duration elapsed) {
  if (visitors_.size() > kVisitorsMax) visitors_.clear();
  Visitor& visitor = visitors_[address];
  if (elapsed < visitor.blocked_until) {
    return Refuse(403, "IP_BLOCKED", "Too many wrong keys from this address");
  }
  if (!key) return Refuse(rules.missing_key_status, "MISSING_ACCESS_TOKEN", "No access token");
  const base::Secret given(*key);
  const bool known = std::any_of(keys_.begin(), keys_.end(),
                                 [&](const base::Secret& good) { return good.Equals(given); });
  if (!known) {
    if (++visitor.wrong_keys >= rules.lockout_tries) {
      visitor.wrong_keys = 0;
      visitor.blocked_until = elapsed + rules.lockout_time / time_scale_;
      return Refuse(403, "IP_BLOCKED", "Too many wrong keys from this address");
    }
    Refusal refusal = Refuse(401, rules.wrong_key_code, "The access token is not valid");
    refusal.attempts_left = rules.lockout_tries - visitor.wrong_keys;
    return refusal;
  }
  visitor.wrong_keys = 0;
  if (!rules.address_allowed) {
    return Refuse(403, "IP_NOT_ALLOWED", "This address is not on the list of the key");
  }
  if (!rules.key_enabled) return Refuse(403, "API_DISABLED", "The key is switched off");
  if (is_send && rules.key_read_only) {
    return Refuse(403, "SCOPE_NOT_ALLOWED", "The key may only read");
  }
  return std::nullopt;
}

std::optional<absl::Duration> Gatekeeper::CheckCeiling(int ceiling, absl::Duration elapsed) {
  while (!passed_.empty() && elapsed - passed_.front() >= kCeilingWindow) passed_.pop_front();
  if (ceiling <= 0) return std::nullopt;
  if (passed_.size() >= ceiling) return passed_.front() + kCeilingWindow - elapsed;
  passed_.push_back(elapsed);
  return std::nullopt;
}

}  // namespace topup::sandbox
