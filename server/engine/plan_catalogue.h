// The plans that can be sold: the provider's catalogue with our configured costs, as one
// immutable snapshot that every call reads and only a refresh replaces.
#ifndef TOPUP_SERVER_ENGINE_PLAN_CATALOGUE_H_
#define TOPUP_SERVER_ENGINE_PLAN_CATALOGUE_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/core/phone_number.h"
#include "server/core/plan.h"

namespace topup::engine {

// Thread-safe.
class PlanCatalogue {
 public:
  PlanCatalogue(std::map<std::string, core::PartsPerMillion> plan_costs, absl::Duration max_age);

  // Puts a catalogue in force as the provider gave it. Returns what changed against the one
  // before, a sentence each.
  std::vector<std::string> Replace(core::Catalogue catalogue);

  // Never null; empty before the first Replace.
  std::shared_ptr<const core::Catalogue> Snapshot() const;

  // CATALOGUE_UNAVAILABLE where it was never read, or is too old to sell from.
  absl::Status CheckAge(absl::Time now) const;

 private:
  const std::map<std::string, core::PartsPerMillion> plan_costs_;
  const absl::Duration max_age_;

  mutable absl::Mutex mutex_;
  std::shared_ptr<const core::Catalogue> catalogue_ ABSL_GUARDED_BY(mutex_);
};

// Whether `plan` can be sold to `phone`: PLAN_DISABLED, PLAN_NOT_SELLABLE,
// PLAN_COST_UNKNOWN, OPERATOR_MISMATCH. A plan of no operator that we know suits every number.
absl::Status CheckPlan(const core::Plan& plan, const core::PhoneNumber& phone);

// True where the number's prefix is of the plan's network.
bool SuitsNumber(const core::Plan& plan, const core::PhoneNumber& phone);

// The face value that is sold: the plan's own for a fixed plan. AMOUNT_REQUIRED,
// AMOUNT_OUT_OF_RANGE.
absl::StatusOr<int64_t> ChooseAmount(const core::Plan& plan, std::optional<int64_t> amount_dzd);

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_PLAN_CATALOGUE_H_
