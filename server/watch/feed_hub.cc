#include "server/watch/feed_hub.h"

#include <algorithm>
#include <utility>

#include "server/watch/feed_errors.h"
#include "server/watch/feed_place.h"

namespace topup::watch {
namespace {

// Called in one go by a pump before it looks at the mutex again.
constexpr int kPumpChunk = 64;
// Threads of the reading executor that call watchers at once; the others stay for reads.
constexpr int kPumpsMax = 2;

}  // namespace

TopupFeed::Hub::Hub(store::TopupStore& store, base::WorkExecutor& reads, FeedOptions options,
                    base::Metrics& metrics, std::function<void(const absl::Status&)> on_fatal)
    : store_(store),
      reads_(reads),
      options_(options),
      on_fatal_(std::move(on_fatal)),
      watchers_(metrics.GetGauge("topup_watch_watchers", "Open subscriptions.")),
      lagging_watchers_(metrics.GetGauge(
          "topup_watch_lagging_watchers",
          "Subscriptions that are behind the events in memory and read the store.")),
      ring_(options.ring_size, 0) {
  const absl::StatusOr<int64_t> latest = store.LatestSequence();
  if (!latest.ok()) {
    OnFatal(latest.status());
    return;
  }
  std::lock_guard<std::mutex> lock(mutex_);
  latest_ = *latest;
  ring_.Clear(*latest);
}

absl::StatusOr<std::shared_ptr<Subscription>> TopupFeed::Hub::Subscribe(FeedFilter filter,
                                                                        int64_t after_sequence) {
  auto place = std::make_shared<Place>(shared_from_this(), std::move(filter), after_sequence);
  absl::Status refusal;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (stopped_) {
      refusal = DrainingError();
    } else if (subscriptions_ >= options_.subscription_limit) {
      refusal = base::OverloadedError("watchers", "Too many streams are open (watchers).");
    } else {
      const bool one = !place->filter.topup_id.empty();
      place->topic = one ? &by_topup_[place->filter.topup_id] : &by_caller_[place->filter.caller];
      place->topic->subscriptions += 1;
      place->list = &elsewhere_;
      place->position = elsewhere_.insert(elsewhere_.end(), place.get());
      watchers_->Set(++subscriptions_);
    }
  }
  // The place is destroyed outside the lock where it was refused.
  if (!refusal.ok()) return refusal;
  return std::shared_ptr<Subscription>(std::move(place));
}

void TopupFeed::Hub::Remove(Place& place) {
  Done forgotten;  // destroyed without the lock: it may own the last reference to a stream
  std::lock_guard<std::mutex> lock(mutex_);
  if (place.topic == nullptr) return;
  forgotten = TakeDone(place);
  place.list->erase(place.position);
  Topics& topics = place.filter.topup_id.empty() ? by_caller_ : by_topup_;
  if (--place.topic->subscriptions == 0) {
    topics.erase(place.filter.topup_id.empty() ? place.filter.caller : place.filter.topup_id);
  }
  watchers_->Set(--subscriptions_);
  // Nobody watches: keep nothing, and spare the commits the copies.
  if (subscriptions_ == 0) ring_.Clear(latest_);
}

TopupFeed::Hub::Done TopupFeed::Hub::TakeDone(Place& place) {
  if (place.state == Place::State::kReading) lagging_watchers_->Set(--reading_);
  if (place.state == Place::State::kWaiting) {
    place.cursor = place.given = std::max(place.cursor, latest());
  }
  place.state = Place::State::kIdle;
  place.read_id += 1;  // a read that is on its way finds that nobody asks any more
  place.pending = FeedBatch();
  place.MoveTo(elsewhere_);
  return std::exchange(place.done, nullptr);
}

void TopupFeed::Hub::Next(const std::shared_ptr<Place>& place, Done done) {
  std::vector<Answer> answers;
  uint64_t read_id = 0;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    place->cursor = place->given;
    if (stopped_) {
      answers.emplace_back(std::move(done), DrainingError());
    } else {
      place->done = std::move(done);
      read_id = Serve(*place, answers);
    }
  }
  for (Answer& answer : answers) answer.first(std::move(answer.second));
  if (read_id != 0) PostRead(place, read_id);
}

uint64_t TopupFeed::Hub::Serve(Place& place, std::vector<Answer>& answers) {
  if (place.cursor < ring_.floor()) {
    place.state = Place::State::kReading;
    lagging_watchers_->Set(++reading_);
    return place.read_id;
  }
  FeedBatch batch = ring_.Read(place.filter, place.cursor, latest(), options_.batch_size);
  place.given = batch.through_sequence;
  if (!batch.events.empty()) {
    answers.emplace_back(TakeDone(place), std::move(batch));
    return 0;
  }
  place.cursor = place.given;
  place.state = Place::State::kWaiting;
  place.MoveTo(place.topic->waiting);
  return 0;
}

void TopupFeed::Hub::Cancel(Place& place) {
  Done forgotten;  // see Remove
  std::lock_guard<std::mutex> lock(mutex_);
  if (place.topic != nullptr) forgotten = TakeDone(place);
}

int64_t TopupFeed::Hub::ThroughSequence(const Place& place) const {
  std::lock_guard<std::mutex> lock(mutex_);
  return place.state == Place::State::kWaiting ? std::max(place.cursor, latest()) : place.cursor;
}

void TopupFeed::Hub::HandToWaiting(Topics& topics, const std::string& key,
                                   const std::shared_ptr<const core::Event>& event,
                                   std::vector<Place*>& woken) {
  const auto topic = topics.find(key);
  if (topic == topics.end()) return;
  for (Place* place : topic->second.waiting) {
    // A read of the store may have been ahead of this call.
    if (event->sequence <= place->cursor || !Matches(place->filter, event->topup)) continue;
    std::vector<std::shared_ptr<const core::Event>>& events = place->pending.events;
    if (static_cast<int>(events.size()) == options_.batch_size) continue;
    if (events.empty()) woken.push_back(place);
    events.push_back(event);
  }
}

void TopupFeed::Hub::OnCommitted(const std::vector<core::Event>& events) {
  int new_pumps = 0;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const int64_t before = latest();
    std::vector<Place*> woken;
    int64_t newest = before;
    for (const core::Event& event : events) {
      newest = std::max(newest, event.sequence);
      if (subscriptions_ == 0 || event.sequence <= before) continue;
      const auto shared = std::make_shared<const core::Event>(event);
      ring_.Append(shared);
      HandToWaiting(by_caller_, event.topup.caller, shared, woken);
      HandToWaiting(by_topup_, event.topup.id, shared, woken);
    }
    for (Place* place : woken) {
      const std::vector<std::shared_ptr<const core::Event>>& given = place->pending.events;
      const bool full = static_cast<int>(given.size()) == options_.batch_size;
      place->pending.through_sequence = full ? given.back()->sequence : newest;
      // Nothing of theirs lies between their cursor and this commit.
      place->cursor = place->given = std::max(place->cursor, before);
      place->state = Place::State::kReady;
      place->MoveTo(ready_);
    }
    latest_.store(newest, std::memory_order_release);
    if (subscriptions_ == 0) ring_.Clear(newest);
    const int useful = static_cast<int>((ready_.size() + kPumpChunk - 1) / kPumpChunk);
    while (pumps_ < std::min(useful, kPumpsMax)) {
      ++pumps_;
      ++new_pumps;
    }
  }
  for (; new_pumps > 0; --new_pumps) {
    // A full executor must not cost a wake-up: then the commit thread does it.
    if (!reads_.TryPost([hub = shared_from_this()] { hub->Pump(); })) Pump();
  }
}

void TopupFeed::Hub::Pump() {
  while (true) {
    std::vector<Answer> answers;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      while (!ready_.empty() && static_cast<int>(answers.size()) < kPumpChunk) {
        Place& place = *ready_.front();
        place.given = place.pending.through_sequence;
        FeedBatch batch = std::move(place.pending);
        answers.emplace_back(TakeDone(place), std::move(batch));
      }
      if (answers.empty()) {
        --pumps_;
        return;
      }
    }
    for (Answer& answer : answers) answer.first(std::move(answer.second));
  }
}

void TopupFeed::Hub::Stop() {
  std::vector<Done> dones;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
    const auto take_all = [&](std::list<Place*>& list) {
      const std::vector<Place*> places(list.begin(), list.end());
      for (Place* place : places) {
        if (place->done != nullptr) dones.push_back(TakeDone(*place));
      }
    };
    take_all(elsewhere_);
    take_all(ready_);
    for (Topics* topics : {&by_caller_, &by_topup_}) {
      for (auto& [key, topic] : *topics) take_all(topic.waiting);
    }
  }
  for (const Done& done : dones) done(DrainingError());
}

void TopupFeed::Hub::OnFatal(const absl::Status& reason) {
  if (!fatal_.exchange(true) && on_fatal_ != nullptr) on_fatal_(reason);
}

}  // namespace topup::watch
