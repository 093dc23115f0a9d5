// One watcher's place in a feed: the subscription as the hub sees it.
#ifndef TOPUP_SERVER_WATCH_FEED_PLACE_H_
#define TOPUP_SERVER_WATCH_FEED_PLACE_H_

#include <cstdint>
#include <list>
#include <memory>
#include <utility>

#include "server/watch/feed_hub.h"

namespace topup::watch {

// One subscription. Everything that changes is guarded by the hub's mutex.
class TopupFeed::Hub::Place : public Subscription, public std::enable_shared_from_this<Place> {
 public:
  enum class State {
    kIdle,     // nobody asks
    kWaiting,  // in its topic's list: has seen everything up to the hub's latest
    kReady,    // in the ready list, with `pending` to be given
    kReading,  // a read of the store is on its way
  };

  Place(std::shared_ptr<Hub> hub, FeedFilter filter, int64_t after_sequence)
      : hub(std::move(hub)),
        filter(std::move(filter)),
        cursor(after_sequence),
        given(after_sequence) {}
  ~Place() override { hub->Remove(*this); }

  void Next(Done done) override { hub->Next(shared_from_this(), std::move(done)); }
  void Cancel() override { hub->Cancel(*this); }
  int64_t through_sequence() const override { return hub->ThroughSequence(*this); }

  const std::shared_ptr<Hub> hub;
  const FeedFilter filter;
  State state = State::kIdle;
  Done done;             // set unless idle
  int64_t cursor;        // given and dealt with up to here
  int64_t given;         // given up to here; the cursor moves here with the next Next
  FeedBatch pending;     // while woken or ready
  uint64_t read_id = 1;  // of the read that may answer; never 0
  Topic* topic = nullptr;
  std::list<Place*>* list = nullptr;  // the list that `position` is in
  std::list<Place*>::iterator position;

  // Puts the place at the end of another list.
  void MoveTo(std::list<Place*>& to) {
    to.splice(to.end(), *list, position);
    list = &to;
  }
};

}  // namespace topup::watch

#endif  // TOPUP_SERVER_WATCH_FEED_PLACE_H_
