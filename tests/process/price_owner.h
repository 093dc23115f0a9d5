// An owner of prices who changes them, one change after the other, and knows what has to be in
// force after each.
#ifndef TOPUP_TESTS_PROCESS_PRICE_OWNER_H_
#define TOPUP_TESTS_PROCESS_PRICE_OWNER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/process/price_calls.h"
#include "tests/process/price_timeline.h"
#include "tests/process/pricing_variants.h"
#include "tests/process/problems.h"
#include "tests/process/step_clock.h"

namespace topup::process {

struct OwnerFigures {
  int changes = 0;  // that came into force, rollbacks among them
  int rollbacks = 0;
  int refused = 0;  // as they had to be
};

// Not thread-safe but for changes_made. Everything is borrowed.
class PriceOwner {
 public:
  // Variant 0 is in force. `replace_libraries` puts other files with the same bytes in their
  // places.
  PriceOwner(const PricingVariants& variants, const StepClock& clock,
             std::function<void()> replace_libraries, Problems& problems);

  // The `i`-th change, from 1, and now and then something that has to be refused. False where
  // it is not as it has to be: it makes no sense to go on.
  [[nodiscard]] bool Change(PriceCalls& calls, int i);

  int in_force() const { return line_.back(); }
  const std::vector<PriceChange>& changes() const { return changes_; }
  const OwnerFigures& figures() const { return figures_; }
  // Any thread.
  int64_t changes_made() const { return changes_made_; }

 private:
  bool Activate(PriceCalls& calls);
  bool RollBack(PriceCalls& calls);
  bool Refuse(PriceCalls& calls);
  bool ExpectInForce(PriceCalls& calls);
  bool Done(const grpc::Status& status, const std::string& digest, int64_t start_step);

  const PricingVariants& variants_;
  const StepClock& clock_;
  const std::function<void()> replace_libraries_;
  Problems& problems_;
  int next_ = 1;              // variant
  std::vector<int> line_{0};  // what a rollback goes back to, and last what is in force
  std::vector<PriceChange> changes_{{}};
  OwnerFigures figures_;
  std::atomic<int64_t> changes_made_{0};
};

}  // namespace topup::process

#endif  // TOPUP_TESTS_PROCESS_PRICE_OWNER_H_
