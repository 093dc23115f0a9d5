// What the memory store keeps about prices.
#include <algorithm>

#include "server/base/status_macros.h"
#include "server/store/storage_errors.h"
#include "tests/fakes/memory_topup_store.h"

namespace topup::fakes {
namespace {

bool WasTakenBack(core::TopupStatus status) {
  return status == core::TopupStatus::kRefunded || status == core::TopupStatus::kRejected ||
         status == core::TopupStatus::kCancelled;
}

store::PricedTopup PricedOf(const core::Topup& topup) {
  return {.id = topup.id,
          .caller = topup.caller,
          .op = topup.op,
          .plan_code = topup.plan_code,
          .plan_kind = topup.plan_kind,
          .amount_dzd = topup.amount_dzd,
          .cost = topup.price.cost,
          .price = topup.price.price,
          .basis = topup.price.basis};
}

}  // namespace

absl::Status MemoryTopupStore::ApplyActivation(const store::PricingActivation& activation) {
  if (activation.number != static_cast<int64_t>(activations_.size()) + 1) {
    return store::ActivationOvertakenError();
  }
  if (activation.previous < 0 || activation.previous >= activation.number) {
    return store::RefusedByConstraintError("previous activation");
  }
  activations_.push_back(activation);
  for (const store::PricingActivation& other : activations_) {
    if (other.config_digest != activation.config_digest) continue;
    activations_.back().config = other.config;  // the first one's text wins
    break;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<store::PricingActivation>> MemoryTopupStore::LatestActivation() {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  std::optional<store::PricingActivation> latest;
  if (!activations_.empty()) latest = activations_.back();
  return latest;
}

absl::StatusOr<std::optional<store::PricingActivation>> MemoryTopupStore::FindActivation(
    int64_t number) {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  std::optional<store::PricingActivation> found;
  if (number >= 1 && number <= static_cast<int64_t>(activations_.size())) {
    found = activations_[static_cast<size_t>(number) - 1];
  }
  return found;
}

absl::StatusOr<std::optional<std::string>> MemoryTopupStore::FindPricingConfig(
    absl::string_view config_digest) {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  std::optional<std::string> text;
  for (const store::PricingActivation& activation : activations_) {
    if (activation.config_digest == config_digest) text = activation.config;
  }
  return text;
}

absl::StatusOr<store::PricedTopupPage> MemoryTopupStore::ReadPricedTopups(
    const store::PricedTopupQuery& query) {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  store::PricedTopupPage page;
  int looked_at = 0;
  std::string last_id;
  for (auto it = topups_.upper_bound(query.after_id); it != topups_.end(); ++it) {
    const core::Topup& topup = it->second;
    if (topup.create_time < query.start_time || topup.create_time >= query.end_time) continue;
    if (looked_at++ == query.limit) {
      page.last_id = last_id;
      break;
    }
    last_id = topup.id;
    if (topup.purpose == core::Purpose::kSale && !WasTakenBack(topup.status)) {
      page.topups.push_back(PricedOf(topup));
    }
  }
  return page;
}

absl::StatusOr<std::vector<store::DeliveredVolume>> MemoryTopupStore::SumDelivered(
    absl::Time start_time, absl::Duration stretch) {
  std::lock_guard<std::mutex> lock(mu_);
  RETURN_IF_ERROR(dead_);
  if (start_time == absl::InfinitePast() || start_time == absl::InfiniteFuture() ||
      stretch == absl::InfiniteDuration() || stretch < absl::Microseconds(1)) {
    return absl::InvalidArgumentError("a sum needs a start and a stretch");
  }
  std::map<std::pair<std::string, absl::Time>, store::DeliveredVolume> sums;
  for (const auto& [id, topup] : topups_) {
    if (topup.status != core::TopupStatus::kFulfilled || topup.purpose != core::Purpose::kSale ||
        topup.create_time < start_time) {
      continue;
    }
    const absl::Time start = start_time + absl::Floor(topup.create_time - start_time, stretch);
    store::DeliveredVolume& sum = sums[{topup.caller, start}];
    sum.caller = topup.caller;
    sum.start_time = start;
    sum.count += 1;
    sum.volume = core::Money::Centimes(sum.volume.centimes() + topup.price.face_value.centimes());
  }
  std::vector<store::DeliveredVolume> delivered;
  for (const auto& [key, sum] : sums) delivered.push_back(sum);
  return delivered;
}

}  // namespace topup::fakes
