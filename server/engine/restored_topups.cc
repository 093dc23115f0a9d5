#include "server/engine/restored_topups.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "server/base/status_macros.h"

namespace topup::engine {
namespace {

// More than any store holds of these; a bound for one read.
constexpr int kReadMax = 1000000;

}  // namespace

RestoredTopups::RestoredTopups(const EngineParts& parts, const EngineOptions& options,
                               DecisionWriter& writer, BulkChanges& changes)
    : parts_(parts), options_(options), writer_(writer), changes_(changes) {}

void RestoredTopups::TakeOver(std::function<void(absl::Status)> done) {
  done_ = std::move(done);
  const store::Standing standing = parts_.store.standing();
  if (standing.older_copy) {
    if (absl::Status read = ReadOpen(); !read.ok()) {
      std::exchange(done_, nullptr)(read);
      return;
    }
    parts_.log.Error("store.restored", {{"reason", standing.why},
                                        {"open_topups", static_cast<int64_t>(waiting_.size())}});
  }
  GoOn();
}

absl::Status RestoredTopups::ReadOpen() {
  for (const core::NextAction action :
       {core::NextAction::kPost, core::NextAction::kResend, core::NextAction::kAwaitAnswer,
        core::NextAction::kReadByRef, core::NextAction::kReadStatus}) {
    ASSIGN_OR_RETURN(const store::DueTopups open,
                     writer_.due().Read(action, absl::InfiniteFuture(), kReadMax));
    waiting_.insert(waiting_.end(), open.topups.begin(), open.topups.end());
    unreadable_ = unreadable_ || !open.unreadable_ids.empty();
  }
  return absl::OkStatus();
}

void RestoredTopups::GoOn() {
  while (!waiting_.empty() && changes_.HasRoom()) {
    const core::Topup topup = std::move(waiting_.front());
    waiting_.pop_front();
    Doubt(topup);
  }
  if (!waiting_.empty() || in_flight_ > 0 || !done_) return;
  if (unreadable_) {
    // Once repaired it may be QUEUED, and would be sent: the store stays an older copy.
    parts_.loop.Post([done = std::exchange(done_, nullptr)] { done(absl::OkStatus()); });
    return;
  }
  // Only now: a start that did not come this far begins anew.
  parts_.store.NoteTakenOver([this, done = std::exchange(done_, nullptr)](absl::Status noted) {
    parts_.loop.Post([this, done, noted] {
      if (!noted.ok()) parts_.log.Warning("store.mark_not_written", {{"reason", noted.message()}});
      done(absl::OkStatus());
    });
  });
}

void RestoredTopups::Doubt(const core::Topup& topup) {
  std::optional<core::Attempt> last;
  const absl::StatusOr<std::vector<core::Attempt>> attempts = parts_.store.Attempts(topup.id);
  if (attempts.ok() && !attempts->empty()) last = attempts->back();
  ++in_flight_;
  changes_.Apply(
      topup,
      [this, last](const core::Topup& row) {
        return core::DoubtAfterRestore(row, last, options_.rules, parts_.clock.Now());
      },
      [this] {
        --in_flight_;
        GoOn();
      });
}

}  // namespace topup::engine
