#include "server/watch/topup_history.h"

#include <utility>

#include "server/base/status_macros.h"
#include "server/watch/feed_errors.h"

namespace topup::watch {
namespace {

absl::StatusOr<TopupHistory::Range> ReadRange(store::TopupStore& store) {
  TopupHistory::Range range;
  ASSIGN_OR_RETURN(range.oldest, store.OldestResumableSequence());
  ASSIGN_OR_RETURN(range.latest, store.LatestSequence());
  return range;
}

absl::Status ReadsFullError() {
  return base::OverloadedError("reads", "Too many reads of the store are waiting (reads).");
}

}  // namespace

void TopupHistory::FindRange(std::function<void(absl::StatusOr<Range>)> done) {
  if (!reads_.TryPost([this, done] { done(ReadRange(store_)); })) done(ReadsFullError());
}

void TopupHistory::ReadRevisions(
    std::string topup_id, int64_t after_revision,
    std::function<void(absl::StatusOr<std::vector<core::Event>>)> done) {
  auto read = [this, topup_id = std::move(topup_id), after_revision, done] {
    done(store_.ReadRevisions(topup_id, after_revision, kPageSize));
  };
  if (!reads_.TryPost(std::move(read))) done(ReadsFullError());
}

}  // namespace topup::watch
