// The checks that a send passes before it is accepted, in the provider's order and words.
#ifndef TOPUP_SERVER_SANDBOX_WORLD_SEND_CHECKS_H_
#define TOPUP_SERVER_SANDBOX_WORLD_SEND_CHECKS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "server/sandbox/world/catalogue.h"
#include "server/sandbox/world/provider_rules.h"

namespace topup::sandbox {

// The fields of a send as they arrived; the JSON types have been checked.
struct SendRequest {
  std::optional<std::string> plan_code;
  std::optional<std::string> phone;
  std::optional<int64_t> amount_dzd;
  std::optional<std::string> ref;
};

// A failure in the provider's envelope.
struct Refusal {
  int http_status = 400;
  std::string code;
  std::string message;
  // `details`: the offending field and its value as JSON text, where a field is to blame ...
  std::string field;
  std::string value_json;
  // ... what was needed and what was there, where money is ...
  std::optional<int64_t> required_centimes;
  std::optional<int64_t> available_centimes;
  // ... and the tries that are left, where the key is.
  std::optional<int> attempts_left;
};

// What the checks need to know about the world.
struct SendContext {
  const CataloguePlan* plan = nullptr;  // null: no such plan
  bool ref_known = false;
  int64_t balance_centimes = 0;
};

// True for ^0[567][0-9]{8}$.
bool IsPhoneNumber(absl::string_view text);

// The documented and the added test numbers: 0600000000 to 0600000199. They go with plans of
// every operator, as in the documentation's samples.
bool IsTestNumber(absl::string_view phone);

// The amount that would be topped up; call it for requests that passed the checks.
int64_t EffectiveAmount(const SendRequest& request, const CataloguePlan& plan);

// The first reason not to take the send; nothing where it is fine.
std::optional<Refusal> CheckSend(const SendRequest& request, const SendContext& context,
                                 const ProviderRules& rules);

// An ERR_VALIDATION about one field. `value_json` empty: the field is missing.
Refusal FieldRefusal(absl::string_view field, absl::string_view message,
                     absl::string_view value_json);

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_WORLD_SEND_CHECKS_H_
