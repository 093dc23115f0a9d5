// What tests and people do to the simulated provider from outside its world.
#include <utility>

#include "server/base/status_macros.h"
#include "server/sandbox/http/simulated_provider.h"

namespace topup::sandbox {

void SimulatedProvider::SetFaults(FaultSettings settings) {
  const std::lock_guard<std::mutex> lock(mu_);
  rules_ = std::move(settings.behaviour);
  faults_.SetRules(std::move(settings.rules));
}

absl::Status SimulatedProvider::SetBalance(int64_t centimes) {
  const std::lock_guard<std::mutex> lock(mu_);
  const absl::Time now = world_.Observe(clock_.Now());
  RETURN_IF_ERROR(ledger_->Append({BalanceLine(centimes, now)}));
  world_.SetBalance(centimes, now);
  return absl::OkStatus();
}

void SimulatedProvider::PutPlan(CataloguePlan plan) {
  const std::lock_guard<std::mutex> lock(mu_);
  world_.PutPlan(std::move(plan));
}

absl::StatusOr<CataloguePlan> SimulatedProvider::FindPlan(absl::string_view code) {
  const std::lock_guard<std::mutex> lock(mu_);
  const CataloguePlan* const plan = world_.FindPlan(code);
  if (plan == nullptr) return absl::NotFoundError("no such plan");
  return *plan;
}

absl::Status SimulatedProvider::ForceState(absl::string_view ref, TopupState state) {
  const std::lock_guard<std::mutex> lock(mu_);
  const absl::Time now = world_.Observe(clock_.Now());
  if (world_.FindByRef(ref) == nullptr) return absl::NotFoundError("no such ref");
  if (!world_.ForceState(ref, state, now)) {
    return absl::FailedPreconditionError("its money went back already");
  }
  return ledger_->Append({StateLine(ref, state, now)});
}

void SimulatedProvider::SetDown(bool down) {
  const std::lock_guard<std::mutex> lock(mu_);
  down_ = down;
}

absl::StatusOr<std::vector<std::string>> SimulatedProvider::LedgerLines() {
  const std::lock_guard<std::mutex> lock(mu_);
  return ledger_->Lines();
}

std::vector<TopupRecord> SimulatedProvider::AcceptedTopups() {
  const std::lock_guard<std::mutex> lock(mu_);
  return {world_.topups().begin(), world_.topups().end()};
}

int SimulatedProvider::PostsOfRef(absl::string_view ref) {
  const std::lock_guard<std::mutex> lock(mu_);
  const auto found = posts_of_ref_.find(Printable(ref));
  return found == posts_of_ref_.end() ? 0 : found->second;
}

int64_t SimulatedProvider::RequestCount(Endpoint endpoint) {
  const std::lock_guard<std::mutex> lock(mu_);
  return endpoint_counts_[static_cast<size_t>(endpoint)];
}

int64_t SimulatedProvider::FaultCount(absl::string_view name) {
  const std::lock_guard<std::mutex> lock(mu_);
  const auto found = fault_counts_.find(std::string(name));
  return found == fault_counts_.end() ? 0 : found->second;
}

int64_t SimulatedProvider::BalanceCentimes() {
  const std::lock_guard<std::mutex> lock(mu_);
  return world_.BalanceCentimes(clock_.Now());
}

}  // namespace topup::sandbox
