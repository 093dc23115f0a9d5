// The switches of the fake provider: what a test sets and what it looks at.
#include <algorithm>
#include <utility>

#include "tests/fakes/fake_provider.h"

namespace topup::fakes {

using core::ProviderTopup;

namespace {

core::Plan MakePlan(std::string code, core::Operator op, core::PlanKind kind, int64_t min,
                    int64_t max, std::optional<core::PartsPerMillion> cost_ppm) {
  core::Plan plan;
  plan.display_name = code;
  plan.code = std::move(code);
  plan.op = op;
  plan.provider_operator = std::string(core::OperatorName(op));
  plan.kind = kind;
  plan.min_amount_dzd = min;
  plan.max_amount_dzd = max;
  plan.enabled = true;
  plan.cost_ppm = cost_ppm;
  return plan;
}

}  // namespace

std::vector<core::Plan> FakeProvider::SomePlans() {
  using core::Operator;
  using core::PlanKind;
  return {
      MakePlan("GETMENU_Mobilis", Operator::kMobilis, PlanKind::kMenu, 50, 5000, 980000),
      MakePlan("GROS_MOBILIS", Operator::kMobilis, PlanKind::kDynamic, 5000, 300000, std::nullopt),
      MakePlan("PIXX_500", Operator::kPixx, PlanKind::kFixed, 500, 500, 970000),
      MakePlan("PREPAID_DJEZZY", Operator::kDjezzy, PlanKind::kDynamic, 100, 10000, 992500),
      MakePlan("PREPAID_MOBILIS", Operator::kMobilis, PlanKind::kDynamic, 40, 3999, 960000),
      MakePlan("PREPAID_OOREDOO", Operator::kOoredoo, PlanKind::kDynamic, 50, 5000, 980000),
  };
}

void FakeProvider::Script(Call call, Behaviour behaviour) {
  std::lock_guard<std::mutex> lock(mutex_);
  scripts_[call].push_back(std::move(behaviour));
}

void FakeProvider::SetBehaviour(Call call, Behaviour behaviour) {
  std::lock_guard<std::mutex> lock(mutex_);
  behaviours_[call] = std::move(behaviour);
}

void FakeProvider::SetBehaviourOfAll(Behaviour behaviour) {
  for (int call = 0; call <= static_cast<int>(Call::kValidate); ++call) {
    SetBehaviour(static_cast<Call>(call), behaviour);
  }
}

void FakeProvider::SetLatency(absl::Duration latency) {
  std::lock_guard<std::mutex> lock(mutex_);
  latency_ = latency;
}

void FakeProvider::SetClockSkew(absl::Duration skew) {
  std::lock_guard<std::mutex> lock(mutex_);
  clock_skew_ = skew;
}

void FakeProvider::SetVisibilityDelay(absl::Duration delay) {
  std::lock_guard<std::mutex> lock(mutex_);
  visibility_delay_ = delay;
}

void FakeProvider::SetPageMax(int64_t topups) {
  std::lock_guard<std::mutex> lock(mutex_);
  page_max_ = topups;
}

void FakeProvider::HideFromList(const std::string& provider_ref) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = entries_.find(provider_ref);
  if (found != entries_.end()) found->second.listed = false;
}

void FakeProvider::SpoilPages(const std::string& provider_ref, bool spoils) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = entries_.find(provider_ref);
  if (found != entries_.end()) found->second.spoils_pages = spoils;
}

void FakeProvider::SetFulfilAfter(absl::Duration delay) {
  std::lock_guard<std::mutex> lock(mutex_);
  fulfil_after_ = delay;
}

void FakeProvider::SetPlans(std::vector<core::Plan> plans) {
  std::lock_guard<std::mutex> lock(mutex_);
  plans_ = std::move(plans);
}

void FakeProvider::SetBalance(core::Money balance) {
  std::lock_guard<std::mutex> lock(mutex_);
  balance_ = balance;
}

void FakeProvider::SetKeyType(std::string key_type) {
  std::lock_guard<std::mutex> lock(mutex_);
  key_type_ = std::move(key_type);
}

void FakeProvider::SetKeyScope(std::string scope, bool enabled) {
  std::lock_guard<std::mutex> lock(mutex_);
  key_scope_ = std::move(scope);
  key_enabled_ = enabled;
}

void FakeProvider::SetStatus(const std::string& provider_ref, ProviderTopup::Status status) {
  static constexpr const char* kWords[] = {"ODD",       "PENDING",  "HANDLING",
                                           "FULFILLED", "REFUNDED", "UNKNOWN_ERROR"};
  std::lock_guard<std::mutex> lock(mutex_);
  auto found = entries_.find(provider_ref);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.shown.status = status;
  entry.shown.status_word = kWords[static_cast<int>(status)];
  if (status == ProviderTopup::Status::kRefunded && entry.charge_taken) {
    entry.charge_taken = false;
    const core::Money charge = entry.shown.charge.value_or(core::Money());
    balance_ = core::Money::Centimes(balance_.centimes() + charge.centimes());
    entry.shown.charge = core::Money();
  }
}

void FakeProvider::Show(const ProviderTopup& shown) {
  std::lock_guard<std::mutex> lock(mutex_);
  Entry& entry = entries_[shown.ref];
  if (entry.accept_time == absl::Time()) entry.accept_time = clock_.Now();
  entry.shown = shown;
}

void FakeProvider::Forget(const std::string& provider_ref) {
  std::lock_guard<std::mutex> lock(mutex_);
  entries_.erase(provider_ref);
}

std::vector<FakeProvider::Post> FakeProvider::posts() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return posts_;
}

int FakeProvider::accepted_count() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<int>(
      std::count_if(posts_.begin(), posts_.end(), [](const Post& post) { return post.accepted; }));
}

std::optional<ProviderTopup> FakeProvider::Held(const std::string& provider_ref) const {
  std::lock_guard<std::mutex> lock(mutex_);
  auto found = entries_.find(provider_ref);
  if (found == entries_.end()) return std::nullopt;
  return found->second.shown;
}

int FakeProvider::calls(Call call) const { return static_cast<int>(times(call).size()); }

std::vector<absl::Time> FakeProvider::times(Call call) const {
  std::lock_guard<std::mutex> lock(mutex_);
  auto found = calls_.find(call);
  return found == calls_.end() ? std::vector<absl::Time>() : found->second;
}

core::Money FakeProvider::balance() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return balance_;
}

}  // namespace topup::fakes
