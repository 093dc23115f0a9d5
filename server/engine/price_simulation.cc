#include "server/engine/price_simulation.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "server/base/status_macros.h"

namespace topup::engine {
namespace {

absl::StatusOr<core::Money> AsMoney(absl::int128 centimes) {
  if (centimes > std::numeric_limits<int64_t>::max() ||
      centimes < std::numeric_limits<int64_t>::min()) {
    return absl::OutOfRangeError("the sums of these top-ups are too large: simulate fewer");
  }
  return core::Money::Centimes(static_cast<int64_t>(centimes));
}

}  // namespace

bool PriceSimulation::IsBigger(const Ranked& a, const Ranked& b) {
  if (a.distance != b.distance) return a.distance > b.distance;
  return a.move.topup_id < b.move.topup_id;
}

void PriceSimulation::Keep(Ranked ranked, std::vector<Ranked>& heap) const {
  if (heap.size() == movers_) {
    if (heap.empty() || !IsBigger(ranked, heap.front())) return;
    std::pop_heap(heap.begin(), heap.end(), &IsBigger);
    heap.pop_back();
  }
  heap.push_back(std::move(ranked));
  std::push_heap(heap.begin(), heap.end(), &IsBigger);
}

void PriceSimulation::Add(const store::PricedTopup& topup,
                          const absl::StatusOr<core::PriceBreakdown>& candidate) {
  ++topups_;
  old_revenue_ += topup.price.centimes();
  old_cost_ += topup.cost.centimes();
  if (!candidate.ok()) {
    ++failures_;
    const int64_t lost = topup.price.centimes();
    if (failed_.size() < movers_ || (movers_ > 0 && lost >= failed_.front().distance)) {
      Keep(
          {.distance = lost,
           .move = {.topup_id = topup.id, .old_price = topup.price, .failure = candidate.status()}},
          failed_);
    }
    return;
  }
  new_revenue_ += candidate->price.centimes();
  new_profit_ += candidate->profit.centimes();
  // Prices are within the contract's range, so that the difference is a number.
  const int64_t difference = candidate->price.centimes() - topup.price.centimes();
  const auto bucket = std::upper_bound(kEdges.begin(), kEdges.end(), difference);
  ++buckets_[static_cast<size_t>(bucket - kEdges.begin())];
  const int64_t distance = difference < 0 ? -difference : difference;
  if (distance == 0) return;
  if (moves_.size() < movers_ || (movers_ > 0 && distance >= moves_.front().distance)) {
    Keep({.distance = distance,
          .move = {.topup_id = topup.id, .old_price = topup.price, .new_price = candidate->price}},
         moves_);
  }
}

void PriceSimulation::AppendSorted(std::vector<Ranked>& heap, std::vector<PriceMove>& moves) {
  std::sort(heap.begin(), heap.end(), &IsBigger);
  for (Ranked& ranked : heap) moves.push_back(std::move(ranked.move));
}

absl::StatusOr<Simulation> PriceSimulation::Finish() {
  Simulation done{.topups = topups_, .failures = failures_};
  ASSIGN_OR_RETURN(done.old_revenue, AsMoney(old_revenue_));
  ASSIGN_OR_RETURN(done.new_revenue, AsMoney(new_revenue_));
  ASSIGN_OR_RETURN(done.old_profit, AsMoney(old_revenue_ - old_cost_));
  ASSIGN_OR_RETURN(done.new_profit, AsMoney(new_profit_));
  AppendSorted(moves_, done.moves);
  AppendSorted(failed_, done.moves);
  const auto is_used = [](int64_t count) { return count > 0; };
  const auto first = std::find_if(buckets_.begin(), buckets_.end(), is_used);
  const auto end = std::find_if(buckets_.rbegin(), buckets_.rend(), is_used).base();
  for (auto bucket = first; bucket < end; ++bucket) {
    const size_t at = static_cast<size_t>(bucket - buckets_.begin());
    PriceMoveBucket& added = done.histogram.emplace_back();
    if (at > 0) added.min_centimes = kEdges[at - 1];
    if (at < kEdges.size()) added.max_centimes = kEdges[at];
    added.topups = *bucket;
  }
  return done;
}

}  // namespace topup::engine
