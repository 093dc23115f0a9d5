#include "server/sandbox/world/send_checks.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/sandbox/world/json_writer.h"

namespace topup::sandbox {
namespace {

std::optional<Refusal> CheckPhone(const SendRequest& request) {
  if (!request.phone) return FieldRefusal("MSSIDN", "must be present", "");
  if (!IsPhoneNumber(*request.phone)) {
    return FieldRefusal("MSSIDN", "must match pattern \"^0[567][0-9]{8}$\"",
                        JsonString(*request.phone));
  }
  return std::nullopt;
}

std::optional<Refusal> CheckPlan(const SendRequest& request, const CataloguePlan* plan) {
  if (!request.plan_code) return FieldRefusal("plan_code", "must be present", "");
  const std::string value = JsonString(*request.plan_code);
  if (plan == nullptr) {
    return FieldRefusal("plan_code", "must be equal to one of the allowed values", value);
  }
  if (!plan->is_enabled) return FieldRefusal("plan_code", "must be an enabled plan", value);
  if (!IsTestNumber(*request.phone) && !OperatorServesNumber(plan->operator_name, *request.phone)) {
    return FieldRefusal("MSSIDN", absl::StrCat("must be a number of ", plan->operator_name),
                        JsonString(*request.phone));
  }
  return std::nullopt;
}

std::optional<Refusal> CheckAmount(const SendRequest& request, const CataloguePlan& plan,
                                   const ProviderRules& rules) {
  if (plan.is_menu && !rules.menu_amount_checked && request.amount_dzd.value_or(0) == 0) {
    return std::nullopt;
  }
  if (!plan.is_dynamic && !rules.fixed_amount_required) return std::nullopt;
  if (!request.amount_dzd) return FieldRefusal("amount", "must be present", "");
  const std::string value = absl::StrCat(*request.amount_dzd);
  const int64_t min_dzd = plan.is_dynamic ? plan.min_amount_dzd : plan.amount_dzd;
  const int64_t max_dzd = plan.is_dynamic ? plan.max_amount_dzd : plan.amount_dzd;
  if (*request.amount_dzd < min_dzd) {
    return FieldRefusal("amount", absl::StrCat("must be >= ", min_dzd), value);
  }
  if (*request.amount_dzd > max_dzd) {
    return FieldRefusal("amount", absl::StrCat("must be <= ", max_dzd), value);
  }
  return std::nullopt;
}

std::optional<Refusal> CheckDuplicate(const SendContext& context, const ProviderRules& rules) {
  if (!context.ref_known) return std::nullopt;
  Refusal refusal;
  refusal.http_status = 403;
  refusal.code = rules.duplicate_code;
  refusal.message = "This reference has been used already";
  return refusal;
}

std::optional<Refusal> CheckBalance(const SendRequest& request, const SendContext& context,
                                    const ProviderRules& rules) {
  const int64_t charge = ChargeCentimes(*context.plan, EffectiveAmount(request, *context.plan));
  if (charge <= context.balance_centimes) return std::nullopt;
  Refusal refusal;
  refusal.http_status = 403;
  refusal.code = rules.balance_code;
  refusal.message = "The balance does not cover this operation";
  refusal.required_centimes = charge;
  refusal.available_centimes = context.balance_centimes;
  return refusal;
}

}  // namespace

Refusal FieldRefusal(absl::string_view field, absl::string_view message,
                     absl::string_view value_json) {
  Refusal refusal;
  refusal.code = "ERR_VALIDATION";
  refusal.message = absl::StrCat("body/", field, " ", message);
  refusal.field = std::string(field);
  refusal.value_json = std::string(value_json);
  return refusal;
}

bool IsPhoneNumber(absl::string_view text) {
  return text.size() == 10 && text[0] == '0' && text[1] >= '5' && text[1] <= '7' &&
         std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

bool IsTestNumber(absl::string_view phone) {
  return phone.size() == 10 &&
         (absl::StartsWith(phone, "06000000") || absl::StartsWith(phone, "06000001"));
}

int64_t EffectiveAmount(const SendRequest& request, const CataloguePlan& plan) {
  return plan.is_dynamic ? request.amount_dzd.value_or(0) : plan.amount_dzd;
}

std::optional<Refusal> CheckSend(const SendRequest& request, const SendContext& context,
                                 const ProviderRules& rules) {
  if (auto refusal = CheckPhone(request)) return refusal;
  if (auto refusal = CheckPlan(request, context.plan)) return refusal;
  if (auto refusal = CheckAmount(request, *context.plan, rules)) return refusal;
  if (request.ref && (request.ref->empty() || request.ref->size() > rules.ref_length_max)) {
    return FieldRefusal("ref", absl::StrCat("must have 1 to ", rules.ref_length_max, " characters"),
                        JsonString(*request.ref));
  }
  if (rules.duplicate_checked_first) {
    if (auto refusal = CheckDuplicate(context, rules)) return refusal;
    return CheckBalance(request, context, rules);
  }
  if (auto refusal = CheckBalance(request, context, rules)) return refusal;
  return CheckDuplicate(context, rules);
}

}  // namespace topup::sandbox
