// What must hold in a FaultWorld, whatever the provider did.
#include <algorithm>
#include <chrono>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/integration/fault_world.h"

namespace topup::integration {
namespace {

// Of the machine's time, for what is on its way.
constexpr absl::Duration kArrivalPatience = absl::Minutes(2);
constexpr std::chrono::milliseconds kLookEvery(20);

}  // namespace

void WorldCounts::Add(const WorldCounts& other) {
  topups += other.topups;
  attempts += other.attempts;
  may_have_left += other.may_have_left;
  posts += other.posts;
  vanished += other.vanished;
  cut_posts += other.cut_posts;
  accepted += other.accepted;
}

// A caller sees each revision once, in order, never a step back, and one end.
void FaultWorld::CheckEvents(const core::Topup& topup, std::vector<std::string>& violations) {
  int64_t revision = 0;
  int rank = 0;
  bool settled = false;
  for (const core::Topup& event : events_[topup.id]) {
    const std::string at = absl::StrCat(topup.ref, ": revision ", event.revision, ": ");
    if (event.revision != ++revision) violations.push_back(at + "out of order");
    // Back to QUEUED where the POST was proven not to have been taken.
    const bool requeued = event.status == core::TopupStatus::kQueued;
    if (core::Rank(event.status) < rank && !requeued) violations.push_back(at + "back in rank");
    if (settled) violations.push_back(at + "changed after it was settled");
    rank = core::Rank(event.status);
    settled = core::IsSettled(event.status);
  }
  if (revision != topup.revision) violations.push_back(topup.ref + ": revisions are missing");
}

void FaultWorld::CheckAgainstProvider(const core::Topup& topup,
                                      const std::vector<sandbox::AcceptedTopup>& accepted,
                                      std::vector<std::string>& violations) {
  using core::TopupStatus;
  const auto break_of = [&](absl::string_view what) {
    violations.push_back(
        absl::StrCat(topup.ref, ": ", core::StatusName(topup.status), ", and ", what));
  };
  int count = 0;
  bool as_ordered = true;
  std::string status;
  for (const sandbox::AcceptedTopup& one : accepted) {
    if (!core::IsOurRef(one.ref, topup.provider_ref)) continue;
    ++count;
    status = one.status;
    as_ordered = one.phone == topup.phone.National() && one.amount_dzd == topup.amount_dzd &&
                 one.plan_code == topup.plan_code;
  }
  if (count > 1) break_of("accepted more than once");
  const bool counts_as_taken = topup.status != TopupStatus::kQueued &&
                               topup.status != TopupStatus::kSubmitting &&
                               topup.status != TopupStatus::kRejected;
  if (counts_as_taken && count == 0) break_of("the provider never took it");
  if (topup.status == TopupStatus::kFulfilled && status != "FULFILLED") break_of("not delivered");
  if (topup.status == TopupStatus::kFulfilled && !as_ordered) break_of("something else was sold");
  if (topup.advice == core::RefundAdvice::kRefund && count > 0 && status != "REFUNDED") {
    break_of(absl::StrCat("refund advised, where the provider has it as ", status));
  }
  if (!core::IsSettled(topup.status) && topup.progress.next_action == core::NextAction::kNone) {
    break_of("forgotten");
  }
}

int FaultWorld::CutPosts(const std::string& provider_ref) const {
  if (proxy_ == nullptr) return 0;
  const std::vector<std::string> requests = proxy_->undelivered();
  return static_cast<int>(
      std::count_if(requests.begin(), requests.end(), [&](const std::string& request) {
        return absl::StartsWith(request, "POST ") && absl::StrContains(request, provider_ref);
      }));
}

void FaultWorld::CheckPosts(const core::Topup& topup, std::vector<std::string>& violations) {
  const std::vector<core::Attempt> attempts = store_->Attempts(topup.id).value();
  int sent = 0;
  for (const core::Attempt& attempt : attempts) {
    sent += attempt.evidence != core::Attempt::Evidence::kUnsent;
    if (attempt.evidence == core::Attempt::Evidence::kInFlight) {
      violations.push_back(topup.ref + ": an attempt has no end");
    }
  }
  const absl::Duration deadline = base::RealClock().Elapsed() + kArrivalPatience;
  std::unique_lock<std::mutex> lock(mutex_);
  const int& posts = posts_[topup.provider_ref];
  int cut = CutPosts(topup.provider_ref);
  const auto missing = [&] { return std::max(0, sent - posts - cut); };
  // Which top-up they were of, nobody knows: each can account for one missing POST.
  const auto explained = [&] {
    return posts_take_the_detour_ && counts_.vanished + missing() <= proxy_->without_request();
  };
  while (missing() > 0 && !explained() && base::RealClock().Elapsed() < deadline) {
    changed_.wait_for(lock, kLookEvery);
    cut = CutPosts(topup.provider_ref);
  }
  if (posts + cut > sent || (missing() > 0 && !explained())) {
    violations.push_back(absl::StrCat(topup.ref, ": ", sent, " of ", attempts.size(),
                                      " attempts may have left, and ", posts, " POSTs arrived, ",
                                      cut, " in part"));
  }
  counts_.Add({.topups = 1,
               .attempts = static_cast<int64_t>(attempts.size()),
               .may_have_left = sent,
               .posts = posts,
               .vanished = missing(),
               .cut_posts = cut});
}

std::vector<std::string> FaultWorld::FindViolations() {
  Stop();
  std::vector<core::Topup> topups;
  for (const std::string& id : topup_ids_) topups.push_back(store_->FindById(id).value());
  std::vector<std::string> violations;
  for (const core::Topup& topup : topups) CheckPosts(topup, violations);
  const std::vector<sandbox::AcceptedTopup> accepted = sandbox_->AcceptedTopups();
  counts_.accepted = static_cast<int64_t>(accepted.size());
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const core::Topup& topup : topups) {
    CheckEvents(topup, violations);
    CheckAgainstProvider(topup, accepted, violations);
  }
  for (const sandbox::AcceptedTopup& one : accepted) {
    // Refs are shown behind the account's name; ours begin with a letter for the environment.
    const size_t place = one.ref.find("-FAULTS01-");
    if (place == std::string::npos || place == 0 ||
        !store_->FindByProviderRef(one.ref.substr(place - 1)).ok()) {
      violations.push_back(one.ref + ": accepted, and not in the store");
    }
  }
  violations.insert(violations.end(), violations_.begin(), violations_.end());
  return violations;
}

}  // namespace topup::integration
