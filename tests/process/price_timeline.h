// Which pricing configuration a quote may be of, judged by when it was asked for and answered.
#ifndef TOPUP_TESTS_PROCESS_PRICE_TIMELINE_H_
#define TOPUP_TESTS_PROCESS_PRICE_TIMELINE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace topup::process {

// A change of the configuration in force, as whoever made it saw it. Steps are StepClock's.
struct PriceChange {
  int64_t start_step = 0;
  int64_t end_step = 0;
  int variant = 0;  // in force from somewhere between the two on
};

struct SeenQuote {
  int64_t start_step = 0;
  int64_t end_step = 0;
  int variant = 0;
};

// The quotes whose configuration was in force at no moment between the call and its answer.
// `changes` were made one after the other; the first is what was in force before all.
std::vector<size_t> FindMisdated(const std::vector<PriceChange>& changes,
                                 const std::vector<SeenQuote>& quotes);

}  // namespace topup::process

#endif  // TOPUP_TESTS_PROCESS_PRICE_TIMELINE_H_
