#include "tests/process/price_timeline.h"

#include <algorithm>

namespace topup::process {
namespace {

bool WasInForce(const std::vector<PriceChange>& changes, const SeenQuote& quote) {
  // Those that may have begun by the answer...
  const auto end = std::partition_point(
      changes.begin(), changes.end(),
      [&quote](const PriceChange& change) { return change.start_step <= quote.end_step; });
  // ... the last of them first, until the next one had ended it before the call.
  for (auto change = end; change != changes.begin();) {
    --change;
    const auto next = change + 1;
    if (next != changes.end() && next->end_step < quote.start_step) return false;
    if (change->variant == quote.variant) return true;
  }
  return false;
}

}  // namespace

std::vector<size_t> FindMisdated(const std::vector<PriceChange>& changes,
                                 const std::vector<SeenQuote>& quotes) {
  std::vector<size_t> misdated;
  for (size_t i = 0; i < quotes.size(); ++i) {
    if (!WasInForce(changes, quotes[i])) misdated.push_back(i);
  }
  return misdated;
}

}  // namespace topup::process
