#include "server/upstream/oneclickdz/oneclickdz_account.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "server/core/money.h"
#include "server/core/plan.h"
#include "server/upstream/oneclickdz/oneclickdz_envelope.h"
#include "server/upstream/oneclickdz/oneclickdz_names.h"

namespace topup::upstream::oneclickdz {
namespace {

constexpr size_t kPlanCodeMax = 100;
constexpr size_t kNameMax = 200;
constexpr size_t kOperatorsMax = 50;

http::HttpRequest Get(absl::string_view target) {
  http::HttpRequest made;
  made.target = std::string(target);
  return made;
}

// Fills the amounts in. False where they do not make a plan that can be bought.
bool DecodeAmounts(const JsonValue& shown, core::Plan& plan) {
  if (plan.kind == core::PlanKind::kFixed) {
    const std::optional<int64_t> amount = ParseWholeDinars(shown["amount"]);
    plan.min_amount_dzd = plan.max_amount_dzd = amount.value_or(0);
    return plan.min_amount_dzd > 0;
  }
  const std::optional<int64_t> min = ParseWholeDinars(shown.FirstOf({"min_amount", "minAmount"}));
  const std::optional<int64_t> max = ParseWholeDinars(shown.FirstOf({"max_amount", "maxAmount"}));
  plan.min_amount_dzd = min.value_or(0);
  plan.max_amount_dzd = max.value_or(0);
  // What a menu request's amount must be is documented nowhere.
  if (plan.kind == core::PlanKind::kMenu) return true;
  return min.has_value() && max.has_value() && *min > 0 && *min <= *max;
}

std::optional<core::Plan> DecodePlan(const JsonValue& shown, core::PlanKind listed) {
  core::Plan plan;
  plan.code = shown["code"].AsString().value_or("");
  if (plan.code.empty() || plan.code.size() > kPlanCodeMax) return std::nullopt;
  plan.kind = KindOfPlan(plan.code, listed);
  plan.display_name = CutText(shown["name"].AsText().value_or(""), kNameMax);
  plan.provider_operator = CutText(shown["operator"].AsText().value_or(""), kNameMax);
  plan.op = core::ParseOperator(plan.provider_operator);
  plan.enabled = shown["isEnabled"].AsBool().value_or(false);
  if (!DecodeAmounts(shown, plan)) return std::nullopt;
  const JsonValue& cost = shown["cost"];
  if (!cost.IsNull()) {
    plan.cost_ppm = core::ParseDecimalRatio(cost.AsText().value_or(""));
    // A cost that we cannot read must not be replaced by a configured one.
    if (!plan.cost_ppm.has_value()) return std::nullopt;
  }
  return plan;
}

}  // namespace

http::HttpRequest EncodeReadPlans() { return Get("/v3/mobile/plans"); }
http::HttpRequest EncodeReadBalance() { return Get("/v3/account/balance"); }
http::HttpRequest EncodePing() { return Get("/v3/ping"); }
http::HttpRequest EncodeValidate() { return Get("/v3/validate"); }

core::PlansAnswer DecodePlans(const http::HttpReply& reply) {
  Envelope envelope = DecodeEnvelope(reply);
  core::PlansAnswer answer;
  const JsonValue& dynamic = envelope.data["dynamicPlans"];
  const JsonValue& fixed = envelope.data["fixedPlans"];
  answer.decoded = dynamic.IsArray() && fixed.IsArray();
  std::set<std::string> codes;
  const auto add_all = [&](const JsonValue& list, core::PlanKind listed) {
    for (const JsonValue& shown : list.items()) {
      std::optional<core::Plan> plan = DecodePlan(shown, listed);
      if (!plan.has_value() || !codes.insert(plan->code).second) {
        ++answer.skipped;
      } else {
        answer.plans.push_back(*std::move(plan));
      }
    }
  };
  if (answer.decoded) {
    add_all(dynamic, core::PlanKind::kDynamic);
    add_all(fixed, core::PlanKind::kFixed);
  }
  std::sort(answer.plans.begin(), answer.plans.end(),
            [](const core::Plan& a, const core::Plan& b) { return a.code < b.code; });
  answer.exchange = std::move(envelope.exchange);
  return answer;
}

core::BalanceAnswer DecodeBalance(const http::HttpReply& reply) {
  Envelope envelope = DecodeEnvelope(reply);
  core::BalanceAnswer answer;
  const std::optional<std::string> currency = envelope.data["currency"].AsString();
  if (!currency.has_value() || absl::EqualsIgnoreCase(*currency, "DZD")) {
    const std::optional<std::string> balance = envelope.data["balance"].AsText();
    if (balance.has_value()) answer.balance = core::ParseDecimalDinars(*balance);
  }
  answer.exchange = std::move(envelope.exchange);
  return answer;
}

core::PingAnswer DecodePing(const http::HttpReply& reply) {
  Envelope envelope = DecodeEnvelope(reply);
  core::PingAnswer answer;
  answer.api_up = IsUpWord(envelope.data["api"].AsString().value_or(""));
  for (const auto& [name, word] : envelope.data["operators"].members()) {
    if (answer.operator_up.size() == kOperatorsMax) break;
    answer.operator_up[CutText(name, kNameMax)] = IsUpWord(word.AsString().value_or(""));
  }
  answer.exchange = std::move(envelope.exchange);
  return answer;
}

core::ValidateAnswer DecodeValidate(const http::HttpReply& reply) {
  Envelope envelope = DecodeEnvelope(reply);
  core::ValidateAnswer answer;
  const JsonValue& key = envelope.data["apiKey"];
  const std::string type = key["type"].AsString().value_or("");
  const std::optional<bool> enabled = key["isEnabled"].AsBool();
  answer.decoded = !type.empty() && type.size() <= kNameMax;
  if (answer.decoded) {
    answer.key_type = absl::AsciiStrToUpper(type);
    // The key has just been taken, so it is only off where it says so.
    answer.key_enabled = enabled.value_or(true);
    answer.scope = absl::AsciiStrToUpper(CutText(key["scope"].AsString().value_or(""), kNameMax));
  }
  answer.exchange = std::move(envelope.exchange);
  return answer;
}

}  // namespace topup::upstream::oneclickdz
