#include "tests/process/price_owner.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace topup::process {
namespace {

constexpr int kRollbackEvery = 10;
constexpr int kRefusalEvery = 20;
constexpr int kReplacementEvery = 25;

struct BadChange {
  const char* what;
  std::string text;
  const char* reason;
  bool is_late = false;  // expects another configuration to be in force
};

}  // namespace

PriceOwner::PriceOwner(const PricingVariants& variants, const StepClock& clock,
                       std::function<void()> replace_libraries, Problems& problems)
    : variants_(variants),
      clock_(clock),
      replace_libraries_(std::move(replace_libraries)),
      problems_(problems) {}

bool PriceOwner::Change(PriceCalls& calls, int i) {
  if (i % kReplacementEvery == 0) replace_libraries_();
  if (i % kRefusalEvery == 0 && !Refuse(calls)) return false;
  return i % kRollbackEvery == 0 ? RollBack(calls) : Activate(calls);
}

bool PriceOwner::Activate(PriceCalls& calls) {
  admin::v1::ActivatePricingRequest request;
  request.set_config(variants_.text(next_));
  request.set_expected_config_digest(variants_.digest(in_force()));
  admin::v1::ActivatePricingResponse response;
  line_.push_back(next_++);
  const int64_t start_step = clock_.Step();
  const grpc::Status status =
      calls.admin().ActivatePricing(calls.MakeContext().get(), request, &response);
  return Done(status, response.config_digest(), start_step);
}

bool PriceOwner::RollBack(PriceCalls& calls) {
  admin::v1::RollbackPricingRequest request;
  request.set_expected_config_digest(variants_.digest(in_force()));
  admin::v1::RollbackPricingResponse response;
  line_.pop_back();
  const int64_t start_step = clock_.Step();
  const grpc::Status status =
      calls.admin().RollbackPricing(calls.MakeContext().get(), request, &response);
  ++figures_.rollbacks;
  return Done(status, response.config_digest(), start_step);
}

bool PriceOwner::Done(const grpc::Status& status, const std::string& digest, int64_t start_step) {
  changes_.push_back({start_step, clock_.Step(), in_force()});
  ++changes_made_;
  ++figures_.changes;
  if (!status.ok()) {
    problems_.Add(absl::StrCat("change ", figures_.changes, " failed: ", Describe(status)));
  } else if (digest != variants_.digest(in_force())) {
    problems_.Add(absl::StrCat("change ", figures_.changes, " put in force ", digest,
                               " and not variant ", in_force()));
  }
  return status.ok();
}

bool PriceOwner::Refuse(PriceCalls& calls) {
  const std::string& good = variants_.text(next_);
  const BadChange bad_changes[] = {
      {"a broken text", good.substr(0, good.size() / 2), "CONFIG_INVALID"},
      {"a library that is not there", absl::StrReplaceAll(good, {{"libtiered", "libgone"}}),
       "STRATEGY_LOAD_FAILED"},
      {"a strategy that refuses its configuration",
       absl::StrReplaceAll(good, {{"{\"tiers\": [",
                                   "{\"tiers\": [{\"up_to_dzd\": 9, "
                                   "\"percent\": \"1\"}, {\"up_to_dzd\": 8, "
                                   "\"percent\": \"2\"}, "}}),
       "STRATEGY_LOAD_FAILED"},
      {"a change of what is not in force", good, "CONFIG_CHANGED", true}};
  const BadChange& bad = bad_changes[size_t(figures_.refused) % std::size(bad_changes)];
  admin::v1::ActivatePricingRequest request;
  request.set_config(bad.text);
  if (bad.is_late) request.set_expected_config_digest(variants_.digest(next_));
  admin::v1::ActivatePricingResponse response;
  const grpc::Status status =
      calls.admin().ActivatePricing(calls.MakeContext().get(), request, &response);
  if (status.ok() || ReasonOf(status) != bad.reason) {
    problems_.Add(absl::StrCat(bad.what, " was to be refused, ", bad.reason, ", and was answered ",
                               Describe(status)));
    return false;
  }
  ++figures_.refused;
  return ExpectInForce(calls);
}

bool PriceOwner::ExpectInForce(PriceCalls& calls) {
  admin::v1::ListStrategiesResponse response;
  const grpc::Status status = calls.admin().ListStrategies(
      calls.MakeContext().get(), admin::v1::ListStrategiesRequest(), &response);
  if (status.ok() && response.config_digest() == variants_.digest(in_force())) return true;
  problems_.Add(absl::StrCat("after a refusal not variant ", in_force(),
                             " is in force: ", response.config_digest(), ", ", Describe(status)));
  return false;
}

}  // namespace topup::process
