// The hub's way back to the store, for those who are behind the ring.
#include <algorithm>
#include <utility>

#include "server/base/status_macros.h"
#include "server/watch/feed_errors.h"
#include "server/watch/feed_hub.h"
#include "server/watch/feed_place.h"

namespace topup::watch {
namespace {

// Revisions of one top-up read at once; it has about five.
constexpr int kRevisionPage = 256;

}  // namespace

void TopupFeed::Hub::PostRead(const std::shared_ptr<Place>& place, uint64_t read_id) {
  std::weak_ptr<Place> weak = place;
  const bool posted = reads_.TryPost([hub = shared_from_this(), weak = std::move(weak), read_id] {
    if (const std::shared_ptr<Place> place = weak.lock()) hub->RunRead(place, read_id);
  });
  if (posted) return;
  Done done;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (place->read_id == read_id) done = TakeDone(*place);
  }
  if (done != nullptr) {
    done(base::OverloadedError("reads", "Too many reads of the store are waiting (reads)."));
  }
}

void TopupFeed::Hub::RunRead(const std::shared_ptr<Place>& place, uint64_t read_id) {
  int64_t after = 0;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (place->read_id != read_id) return;
    after = place->cursor;
  }
  absl::StatusOr<FeedBatch> batch = ReadStore(place->filter, after);
  std::vector<Answer> answers;
  uint64_t next_read_id = 0;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (place->read_id != read_id) return;
    if (!batch.ok()) {
      answers.emplace_back(TakeDone(*place), batch.status());
    } else {
      place->given = batch->through_sequence;
      if (!batch->events.empty()) {
        answers.emplace_back(TakeDone(*place), *std::move(batch));
      } else {
        // Nothing of theirs in there: on to the next stretch, or to the ring.
        place->cursor = place->given;
        lagging_watchers_->Set(--reading_);
        place->state = Place::State::kIdle;
        next_read_id = Serve(*place, answers);
      }
    }
  }
  for (Answer& answer : answers) answer.first(std::move(answer.second));
  if (next_read_id != 0) PostRead(place, next_read_id);
}

absl::StatusOr<FeedBatch> TopupFeed::Hub::ReadStore(const FeedFilter& filter, int64_t after) const {
  FeedBatch batch;
  if (!filter.topup_id.empty()) {
    ASSIGN_OR_RETURN(batch, ReadTopup(filter, after));
  } else {
    store::EventQuery query;
    query.caller = filter.caller;
    query.after_sequence = after;
    query.statuses = filter.statuses;
    query.limit = options_.batch_size;
    ASSIGN_OR_RETURN(store::EventPage page, store_.ReadEvents(query));
    batch.through_sequence = page.through_sequence;
    for (core::Event& event : page.events) {
      batch.events.push_back(std::make_shared<const core::Event>(std::move(event)));
    }
  }
  // Looked at after the read: whatever was trimmed before it shows here.
  ASSIGN_OR_RETURN(const int64_t oldest, store_.OldestResumableSequence());
  if (after < oldest) return TooOldError(oldest);
  return batch;
}

absl::StatusOr<FeedBatch> TopupFeed::Hub::ReadTopup(const FeedFilter& filter, int64_t after) const {
  FeedBatch batch;
  // Read before the revisions, which therefore include everything up to it.
  ASSIGN_OR_RETURN(batch.through_sequence, store_.LatestSequence());
  batch.through_sequence = std::max(batch.through_sequence, after);
  int64_t revision = 0;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<core::Event> page,
                     store_.ReadRevisions(filter.topup_id, revision, kRevisionPage));
    for (const core::Event& event : page) {
      revision = event.topup.revision;
      if (event.sequence <= after || !Matches(filter, event.topup)) continue;
      if (static_cast<int>(batch.events.size()) == options_.batch_size) {
        batch.through_sequence = batch.events.back()->sequence;
        return batch;
      }
      batch.events.push_back(std::make_shared<const core::Event>(event));
      batch.through_sequence = std::max(batch.through_sequence, event.sequence);
    }
    if (static_cast<int>(page.size()) < kRevisionPage) return batch;
  }
}

}  // namespace topup::watch
