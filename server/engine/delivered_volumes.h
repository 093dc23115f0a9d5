// What each caller has bought, counted: its top-ups that were delivered, by the day in Algiers in
// which they were recorded.
#ifndef TOPUP_SERVER_ENGINE_DELIVERED_VOLUMES_H_
#define TOPUP_SERVER_ENGINE_DELIVERED_VOLUMES_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "server/core/topup.h"
#include "server/pricing/caller_volumes.h"
#include "server/store/topup_store.h"

namespace topup::engine {

// Thread-safe, and holds its lock for moments only.
//
// Of a caller the newest `kDaysMax` days with deliveries are kept, which is this month and the
// last at least. Of callers at most `kCallersMax`: a further one is not counted, which strategies
// are told, until a restart finds that fewer have bought something since the last month began.
class DeliveredVolumes : public pricing::CallerVolumes {
 public:
  static constexpr size_t kDaysMax = 62;
  static constexpr size_t kCallersMax = 10'000;

  // Counts what was delivered since the month before `now` began, instead of what was counted so
  // far. Reads the store. Before this, no caller is counted; nor is any at a time in a month that
  // is not covered: a clock that was far ahead when this was called is found out, and not believed.
  absl::Status Load(store::TopupStore& store, absl::Time now);

  // Takes a committed change of a top-up into account; to be told of each once. One whose commit
  // has an unknown outcome is not to be told: the store has stopped then, and the next start
  // counts anew.
  void Changed(const core::Topup& before, const core::Topup& after);

  // Today and this month are those of `time`; what was recorded in a later day is not in them.
  std::optional<pricing::CallerVolume> VolumeOf(absl::string_view caller,
                                                absl::Time time) const override;

 private:
  struct Day {
    absl::CivilDay day;
    int64_t count = 0;
    core::Money volume;
  };
  using Days = std::vector<Day>;  // the oldest first

  // With `mu_` held. A negative count takes back what was counted.
  void Add(absl::string_view caller, absl::CivilDay day, int64_t count, core::Money volume);

  mutable std::mutex mu_;
  // The first day that was counted; nothing before Load.
  std::optional<absl::CivilDay> loaded_from_;
  absl::flat_hash_map<std::string, Days> callers_;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_DELIVERED_VOLUMES_H_
