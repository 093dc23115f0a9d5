// What a candidate's prices would have made of past top-ups. Pure: sums up what it is told.
#ifndef TOPUP_SERVER_ENGINE_PRICE_SIMULATION_H_
#define TOPUP_SERVER_ENGINE_PRICE_SIMULATION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"
#include "server/core/price.h"
#include "server/engine/price_control.h"
#include "server/store/pricing_records.h"

namespace topup::engine {

// Not thread-safe.
class PriceSimulation {
 public:
  // Where the buckets of the histogram begin, in centimes; the first one has no beginning.
  static constexpr std::array<int64_t, 16> kEdges = {
      -10000, -5000, -2000, -1000, -500, -200, -100, 0, 1, 100, 200, 500, 1000, 2000, 5000, 10000};

  // Keeps so many of the biggest movers, and of the failures with the highest old prices.
  explicit PriceSimulation(size_t movers) : movers_(movers) {}

  void Add(const store::PricedTopup& topup, const absl::StatusOr<core::PriceBreakdown>& candidate);

  // OutOfRange where a sum is no amount of centimes any more. Once.
  absl::StatusOr<Simulation> Finish();

 private:
  // Ordered by how far it moves; of equals the earlier top-up is the bigger one.
  struct Ranked {
    int64_t distance;
    PriceMove move;
  };
  static bool IsBigger(const Ranked& a, const Ranked& b);
  void Keep(Ranked ranked, std::vector<Ranked>& heap) const;
  static void AppendSorted(std::vector<Ranked>& heap, std::vector<PriceMove>& moves);

  const size_t movers_;
  int64_t topups_ = 0;
  int64_t failures_ = 0;
  absl::int128 old_revenue_ = 0;
  absl::int128 new_revenue_ = 0;
  absl::int128 old_cost_ = 0;
  absl::int128 new_profit_ = 0;
  std::array<int64_t, kEdges.size() + 1> buckets_ = {};
  // Heaps with the smallest in front.
  std::vector<Ranked> moves_;
  std::vector<Ranked> failed_;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_PRICE_SIMULATION_H_
