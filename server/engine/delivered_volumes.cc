#include "server/engine/delivered_volumes.h"

#include <algorithm>

#include "server/base/status_macros.h"
#include "server/core/algiers_time.h"

namespace topup::engine {
namespace {

bool IsDelivered(const core::Topup& topup) {
  return topup.status == core::TopupStatus::kFulfilled && topup.purpose == core::Purpose::kSale;
}

// Nine orders of magnitude are between what is sold and an overflow: then the sum stays.
void AddTo(core::Money& sum, core::Money more) { sum = core::Money::Add(sum, more).value_or(sum); }

}  // namespace

absl::Status DeliveredVolumes::Load(store::TopupStore& store, absl::Time now) {
  const absl::CivilDay start(absl::CivilMonth(core::AlgiersDay(now)) - 1);
  ASSIGN_OR_RETURN(
      const std::vector<store::DeliveredVolume> delivered,
      store.SumDelivered(absl::FromCivil(start, core::AlgiersZone()), absl::Hours(24)));
  std::lock_guard<std::mutex> lock(mu_);
  callers_.clear();
  loaded_from_ = start;
  for (const store::DeliveredVolume& sum : delivered) {
    Add(sum.caller, core::AlgiersDay(sum.start_time), sum.count, sum.volume);
  }
  return absl::OkStatus();
}

void DeliveredVolumes::Changed(const core::Topup& before, const core::Topup& after) {
  if (IsDelivered(before) == IsDelivered(after)) return;
  const int64_t sign = IsDelivered(after) ? 1 : -1;
  const core::Money volume = core::Money::Centimes(sign * after.price.face_value.centimes());
  std::lock_guard<std::mutex> lock(mu_);
  Add(after.caller, core::AlgiersDay(after.create_time), sign, volume);
}

void DeliveredVolumes::Add(absl::string_view caller, absl::CivilDay day, int64_t count,
                           core::Money volume) {
  auto found = callers_.find(caller);
  if (found == callers_.end()) {
    if (count < 0 || callers_.size() == kCallersMax) return;
    found = callers_.emplace(caller, Days()).first;
  }
  Days& days = found->second;
  auto place = std::find_if(days.rbegin(), days.rend(), [day](const Day& one) {
                 return one.day <= day;
               }).base();  // behind that day
  if (place == days.begin() || std::prev(place)->day != day) {
    if (count < 0) return;  // was not counted
    place = std::next(days.insert(place, Day{.day = day}));
  }
  Day& sum = *std::prev(place);
  sum.count += count;
  AddTo(sum.volume, volume);
  if (days.size() > kDaysMax) days.erase(days.begin());
}

std::optional<pricing::CallerVolume> DeliveredVolumes::VolumeOf(absl::string_view caller,
                                                                absl::Time time) const {
  const absl::CivilDay today = core::AlgiersDay(time);
  const absl::CivilDay month(absl::CivilMonth{today});
  pricing::CallerVolume volume;
  std::lock_guard<std::mutex> lock(mu_);
  if (!loaded_from_.has_value() || month < *loaded_from_) return std::nullopt;
  auto found = callers_.find(caller);
  if (found == callers_.end()) {
    if (callers_.size() == kCallersMax) return std::nullopt;
    return volume;
  }
  for (const Day& one : found->second) {
    if (one.day < month || one.day > today) continue;
    volume.count_this_month += one.count;
    AddTo(volume.volume_this_month, one.volume);
    if (one.day != today) continue;
    volume.count_today = one.count;
    volume.volume_today = one.volume;
  }
  return volume;
}

}  // namespace topup::engine
