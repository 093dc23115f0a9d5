#include "server/engine/plan_catalogue.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace topup::engine {
namespace {

using base::MakeError;

std::string DescribeChange(const core::Plan& before, const core::Plan& after) {
  if (before.enabled != after.enabled) {
    return absl::StrCat(after.code, after.enabled ? " is switched on" : " is switched off");
  }
  if (before.cost_ppm != after.cost_ppm) {
    return absl::StrCat(after.code, " costs ", after.cost_ppm.value_or(0), " ppm instead of ",
                        before.cost_ppm.value_or(0));
  }
  return absl::StrCat(after.code, " changed");
}

std::vector<std::string> DescribeChanges(const core::Catalogue& before,
                                         const core::Catalogue& after) {
  std::vector<std::string> changes;
  for (const core::Plan& plan : after.plans) {
    const core::Plan* old = before.Find(plan.code);
    if (old == nullptr) {
      changes.push_back(absl::StrCat(plan.code, " is new"));
    } else if (!(*old == plan)) {
      changes.push_back(DescribeChange(*old, plan));
    }
  }
  for (const core::Plan& plan : before.plans) {
    if (after.Find(plan.code) == nullptr) changes.push_back(absl::StrCat(plan.code, " is gone"));
  }
  return changes;
}

}  // namespace

PlanCatalogue::PlanCatalogue(std::map<std::string, core::PartsPerMillion> plan_costs,
                             absl::Duration max_age)
    : plan_costs_(std::move(plan_costs)),
      max_age_(max_age),
      catalogue_(std::make_shared<const core::Catalogue>()) {}

std::vector<std::string> PlanCatalogue::Replace(core::Catalogue catalogue) {
  for (core::Plan& plan : catalogue.plans) {
    const auto configured = plan_costs_.find(plan.code);
    if (!plan.cost_ppm.has_value() && configured != plan_costs_.end()) {
      plan.cost_ppm = configured->second;
    }
  }
  auto next = std::make_shared<const core::Catalogue>(std::move(catalogue));
  std::shared_ptr<const core::Catalogue> before = next;
  {
    absl::MutexLock lock(&mutex_);
    catalogue_.swap(before);
  }
  return DescribeChanges(*before, *next);
}

std::shared_ptr<const core::Catalogue> PlanCatalogue::Snapshot() const {
  absl::MutexLock lock(&mutex_);
  return catalogue_;
}

absl::Status PlanCatalogue::CheckAge(absl::Time now) const {
  const absl::Time read_time = Snapshot()->read_time;
  if (now - read_time <= max_age_) {
    return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kUnavailable,
                   read_time == absl::InfinitePast()
                       ? "The plans have not been read from the provider yet."
                       : "The plans are too old to sell from.",
                   {.reason = "CATALOGUE_UNAVAILABLE", .retry_after = absl::Seconds(15)});
}

bool SuitsNumber(const core::Plan& plan, const core::PhoneNumber& phone) {
  return plan.op == core::Operator::kUnknown || core::NetworkOf(plan.op) == phone.NetworkOperator();
}

absl::Status CheckPlan(const core::Plan& plan, const core::PhoneNumber& phone) {
  const auto refuse = [&plan](absl::string_view reason, absl::string_view message) {
    return MakeError(absl::StatusCode::kFailedPrecondition, message,
                     {.reason = std::string(reason), .metadata = {{"plan_code", plan.code}}});
  };
  if (plan.kind == core::PlanKind::kMenu || plan.kind == core::PlanKind::kUnknown) {
    return refuse("PLAN_NOT_SELLABLE",
                  absl::StrCat("Plan ", plan.code,
                               " asks for a number's offers and cannot be sold: use ListOffers."));
  }
  if (!plan.enabled) {
    return refuse("PLAN_DISABLED",
                  absl::StrCat("The provider has switched plan ", plan.code, " off."));
  }
  if (!plan.cost_ppm.has_value()) {
    return refuse("PLAN_COST_UNKNOWN", absl::StrCat("The provider gives no cost for plan ",
                                                    plan.code, ", and none is configured."));
  }
  if (!SuitsNumber(plan, phone)) {
    const std::string number_operator(core::OperatorName(phone.NetworkOperator()));
    const std::string plan_operator(core::OperatorName(plan.op));
    return MakeError(
        absl::StatusCode::kFailedPrecondition,
        absl::StrCat("The number is of ", number_operator, " and the plan of ", plan_operator, "."),
        {.reason = "OPERATOR_MISMATCH",
         .metadata = {{"number_operator", number_operator}, {"plan_operator", plan_operator}}});
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> ChooseAmount(const core::Plan& plan, std::optional<int64_t> amount_dzd) {
  const bool fixed = plan.kind == core::PlanKind::kFixed;
  if (!amount_dzd.has_value() && fixed) {
    return plan.min_amount_dzd;
  }
  base::ErrorDetails details{
      .reason = amount_dzd.has_value() ? "AMOUNT_OUT_OF_RANGE" : "AMOUNT_REQUIRED",
      .metadata = {{"min_amount_dzd", absl::StrCat(plan.min_amount_dzd)},
                   {"max_amount_dzd", absl::StrCat(plan.max_amount_dzd)}}};
  const std::string range =
      fixed ? absl::StrCat("exactly ", plan.min_amount_dzd, " DZD")
            : absl::StrCat("from ", plan.min_amount_dzd, " to ", plan.max_amount_dzd, " DZD");
  if (!amount_dzd.has_value()) {
    details.field_violations = {{"amount_dzd", absl::StrCat("is not set: give an amount ", range)}};
    return MakeError(absl::StatusCode::kInvalidArgument,
                     absl::StrCat("Plan ", plan.code, " needs an amount ", range, "."), details);
  }
  if (*amount_dzd >= plan.min_amount_dzd && *amount_dzd <= plan.max_amount_dzd) {
    return *amount_dzd;
  }
  details.metadata.insert(details.metadata.begin(), {"amount_dzd", absl::StrCat(*amount_dzd)});
  details.field_violations = {
      {"amount_dzd", absl::StrCat("is ", *amount_dzd, ": give an amount ", range)}};
  return MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("Plan ", plan.code, " takes ", range, ", not ", *amount_dzd, " DZD."), details);
}

}  // namespace topup::engine
