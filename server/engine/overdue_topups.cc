#include "server/engine/overdue_topups.h"

#include <optional>
#include <utility>
#include <vector>

#include "server/base/status_macros.h"

namespace topup::engine {
namespace {

constexpr absl::Duration kRetry = absl::Seconds(1);
// More than any store holds of these; a bound for one read at start.
constexpr int kReadMax = 1000000;
// Left-over claims taken over in one round; there are as many as POSTs in flight at most.
constexpr int kSweepMax = 100;

}  // namespace

OverdueTopups::OverdueTopups(const EngineParts& parts, DecisionWriter& writer, BulkChanges& changes,
                             std::function<void()> wake)
    : parts_(parts), writer_(writer), changes_(changes), wake_(std::move(wake)) {}

absl::Status OverdueTopups::TakeOverAll() {
  ASSIGN_OR_RETURN(
      const store::DueTopups claimed,
      writer_.due().Read(core::NextAction::kAwaitAnswer, absl::InfiniteFuture(), kReadMax));
  ASSIGN_OR_RETURN(const store::DueTopups queued,
                   writer_.due().Read(core::NextAction::kPost, absl::InfiniteFuture(), kReadMax));
  for (const core::Topup& topup : queued.topups) Watch(topup);
  // There are as many as POSTs in flight at most; were there more, Run would find the rest.
  for (const core::Topup& topup : claimed.topups) {
    if (changes_.HasRoom()) TakeOver(topup);
  }
  if (!claimed.topups.empty()) {
    parts_.log.Warning("topups.taken_over",
                       {{"count", static_cast<int64_t>(claimed.topups.size())}});
  }
  return absl::OkStatus();
}

void OverdueTopups::Watch(const core::Topup& topup) {
  watched_.emplace(topup.send_before, topup.id);
}

absl::Time OverdueTopups::NextExpiry() const {
  return watched_.empty() ? absl::InfiniteFuture() : watched_.begin()->first;
}

void OverdueTopups::Run(absl::Time now) {
  std::vector<std::string> again;
  while (!watched_.empty() && watched_.begin()->first < now && changes_.HasRoom()) {
    const std::string topup_id = watched_.begin()->second;
    watched_.erase(watched_.begin());
    if (!TryExpire(topup_id)) again.push_back(topup_id);
  }
  for (const std::string& topup_id : again) watched_.emplace(now + kRetry, topup_id);
  // A claim of ours is busy until its answer is on disk. One that is not was written although
  // the store could not say so: there was no POST, and nobody else will look at it.
  for (const core::Topup& topup :
       writer_.ReadDueIdle(core::NextAction::kAwaitAnswer, now, kSweepMax)) {
    if (changes_.HasRoom()) TakeOver(topup);
  }
}

bool OverdueTopups::TryExpire(const std::string& topup_id) {
  if (writer_.IsBusy(topup_id)) return false;
  const absl::StatusOr<core::Topup> topup = parts_.store.FindById(topup_id);
  if (!topup.ok()) return absl::IsNotFound(topup.status());
  if (topup->status != core::TopupStatus::kQueued) return true;
  changes_.Apply(
      *topup, [this](const core::Topup& row) { return core::Expire(row, parts_.clock.Now()); },
      wake_);
  return true;
}

void OverdueTopups::TakeOver(const core::Topup& topup) {
  std::optional<core::Attempt> last;
  const absl::StatusOr<std::vector<core::Attempt>> attempts = parts_.store.Attempts(topup.id);
  if (attempts.ok() && !attempts->empty()) last = attempts->back();
  changes_.Apply(
      topup,
      [this, last](const core::Topup& row) {
        return core::TakeOver(row, last, parts_.clock.Now());
      },
      wake_);
}

}  // namespace topup::engine
