// The dangers excluded here: an event that a watcher never sees, or sees twice, at the seam
// between the store and memory; a resume place that runs ahead of what was given.
#include "server/watch/topup_feed.h"

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/watch/topup_history.h"
#include "tests/fakes/inline_executor.h"
#include "tests/fakes/memory_topup_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/topup_builder.h"

namespace topup::watch {
namespace {

using support::HasMetadata;
using support::HasReason;
using support::IsOk;
using support::MakeQueuedTopup;
using support::StatusIs;
using testing::ElementsAre;
using testing::IsEmpty;

// A subscription that keeps what it is given.
class Watcher {
 public:
  explicit Watcher(std::shared_ptr<Subscription> subscription)
      : subscription_(std::move(subscription)) {}

  void Ask() {
    subscription_->Next([this](absl::StatusOr<FeedBatch> batch) { answer_ = std::move(batch); });
  }
  // The answer to the last Ask, once.
  std::optional<absl::StatusOr<FeedBatch>> Take() { return std::exchange(answer_, std::nullopt); }

  // Asks, and takes the sequences; empty where it has to wait.
  std::vector<int64_t> AskSequences() {
    Ask();
    return TakeSequences();
  }
  std::vector<int64_t> TakeSequences() {
    std::vector<int64_t> sequences;
    auto answer = Take();
    if (!answer.has_value() || !answer->ok()) return sequences;
    for (const auto& event : (*answer)->events) sequences.push_back(event->sequence);
    return sequences;
  }
  absl::Status AskError() {
    Ask();
    auto answer = Take();
    return answer.has_value() ? answer->status() : absl::OkStatus();
  }
  Subscription& operator*() { return *subscription_; }
  Subscription* operator->() { return subscription_.get(); }

 private:
  std::shared_ptr<Subscription> subscription_;
  std::optional<absl::StatusOr<FeedBatch>> answer_;
};

class TopupFeedTest : public testing::Test {
 protected:
  void Start(FeedOptions options = {}) {
    feed_ = std::make_unique<TopupFeed>(store_, executor_, options, metrics_,
                                        [this](const absl::Status& status) { fatal_ = status; });
    store_.SetListener(feed_.get());
  }

  void Create(absl::string_view name, absl::string_view caller = "shop") {
    store_.Create({.topup = MakeQueuedTopup(name, caller)},
                  [](auto result) { ASSERT_THAT(result, IsOk()); });
  }
  void Change(absl::string_view name, core::TopupStatus status) {
    core::Topup topup = *store_.FindById(absl::StrCat("id-", name));
    topup.status = status;
    store_.Update({.topup = support::NextVersion(topup), .visible = true},
                  [](const auto& result) { ASSERT_THAT(result, IsOk()); });
  }

  Watcher Watch(FeedFilter filter, int64_t after) {
    auto subscription = feed_->Subscribe(std::move(filter), after);
    EXPECT_THAT(subscription, IsOk());
    return Watcher(*std::move(subscription));
  }

  int64_t Gauge(absl::string_view name) { return metrics_.GetGauge(name, "")->Value(); }

  base::Metrics metrics_;
  fakes::MemoryTopupStore store_;
  fakes::InlineExecutor executor_;
  absl::Status fatal_;
  std::unique_ptr<TopupFeed> feed_;
};

TEST_F(TopupFeedTest, GivesWhatIsCommittedAfterTheSubscription) {
  Create("a");
  Start();
  Watcher watcher = Watch({.caller = "shop"}, feed_->LatestSequence());
  EXPECT_THAT(watcher.AskSequences(), IsEmpty());
  Create("b");
  EXPECT_THAT(watcher.TakeSequences(), ElementsAre(2));
  EXPECT_THAT(watcher.AskSequences(), IsEmpty());
  Change("b", core::TopupStatus::kSubmitting);
  EXPECT_THAT(watcher.TakeSequences(), ElementsAre(3));
}

TEST_F(TopupFeedTest, ShowsNothingOfAnotherCaller) {
  Start();
  Watcher watcher = Watch({.caller = "shop"}, 0);
  EXPECT_THAT(watcher.AskSequences(), IsEmpty());
  Create("a", "rival");
  EXPECT_THAT(watcher.TakeSequences(), IsEmpty());
  Watcher curious = Watch({.caller = "shop", .topup_id = "id-a"}, 0);
  EXPECT_THAT(curious.AskSequences(), IsEmpty());
}

TEST_F(TopupFeedTest, KeepsOnlyTheStatesAskedFor) {
  Start();
  Watcher watcher = Watch({.caller = "shop", .statuses = {core::TopupStatus::kFulfilled}}, 0);
  watcher.Ask();
  Create("a");
  Change("a", core::TopupStatus::kPending);
  EXPECT_THAT(watcher.TakeSequences(), IsEmpty());
  Change("a", core::TopupStatus::kFulfilled);
  EXPECT_THAT(watcher.TakeSequences(), ElementsAre(3));
}

TEST_F(TopupFeedTest, FollowsOneTopupFromTheStoreAndThenLive) {
  Create("a");
  Create("b");
  Change("a", core::TopupStatus::kSubmitting);
  Start();
  Watcher watcher = Watch({.caller = "shop", .topup_id = "id-a"}, 1);
  EXPECT_THAT(watcher.AskSequences(), ElementsAre(3));
  EXPECT_THAT(watcher.AskSequences(), IsEmpty());
  Create("c");
  Change("a", core::TopupStatus::kPending);
  EXPECT_THAT(watcher.TakeSequences(), ElementsAre(5));
}

TEST_F(TopupFeedTest, CatchesUpFromTheStoreInBoundedBatches) {
  for (int i = 0; i < 5; ++i) Create(absl::StrCat(i));
  Start({.ring_size = 2, .batch_size = 2});
  Watcher watcher = Watch({.caller = "shop"}, 0);
  EXPECT_THAT(watcher.AskSequences(), ElementsAre(1, 2));
  EXPECT_THAT(watcher.AskSequences(), ElementsAre(3, 4));
  EXPECT_THAT(watcher.AskSequences(), ElementsAre(5));
  EXPECT_THAT(watcher.AskSequences(), IsEmpty());
  Create("6");
  EXPECT_THAT(watcher.TakeSequences(), ElementsAre(6));
}

TEST_F(TopupFeedTest, ReadsTheStoreAgainForAWatcherThatTheRingHasLeftBehind) {
  Start({.ring_size = 2, .batch_size = 64});
  Watcher slow = Watch({.caller = "shop"}, 0);
  for (int i = 0; i < 3; ++i) Create(absl::StrCat(i));
  EXPECT_THAT(slow.AskSequences(), ElementsAre(1, 2, 3));
  EXPECT_EQ(executor_.count(), 1);
  Create("3");
  Create("4");
  EXPECT_THAT(slow.AskSequences(), ElementsAre(4, 5));
  EXPECT_EQ(executor_.count(), 1) << "what the ring holds must not cost a read";
}

// A read sees a commit before the commit thread has told the feed of it.
TEST_F(TopupFeedTest, DoesNotRepeatWhatAReadOfTheStoreSawFirst) {
  Create("a");
  Start();
  store_.SetListener(nullptr);
  Create("b");
  Watcher watcher = Watch({.caller = "shop"}, 0);
  EXPECT_THAT(watcher.AskSequences(), ElementsAre(1, 2));
  EXPECT_THAT(watcher.AskSequences(), IsEmpty());
  feed_->OnCommitted({core::Event{2, *store_.FindById("id-b")}});
  EXPECT_THAT(watcher.TakeSequences(), IsEmpty());
  store_.SetListener(feed_.get());
  Create("c");
  EXPECT_THAT(watcher.TakeSequences(), ElementsAre(3));
}

TEST_F(TopupFeedTest, AResumePlaceNeverRunsAheadOfAnAnswerThatIsNotDealtWith) {
  Start();
  Watcher watcher = Watch({.caller = "shop"}, 0);
  watcher.Ask();
  Create("a", "rival");
  EXPECT_EQ(watcher->through_sequence(), 1) << "what concerns others moves an idle place on";
  Create("b");
  EXPECT_EQ(watcher->through_sequence(), 1) << "given, but not dealt with";
  watcher.Ask();
  EXPECT_EQ(watcher->through_sequence(), 2);
}

TEST_F(TopupFeedTest, ACancelledNextLosesNothing) {
  Start();
  Watcher watcher = Watch({.caller = "shop"}, 0);
  watcher.Ask();
  watcher->Cancel();
  Create("a");
  EXPECT_FALSE(watcher.Take().has_value());
  EXPECT_THAT(watcher.AskSequences(), ElementsAre(1));
}

TEST_F(TopupFeedTest, SaysWhereToResumeWhenEventsAreKeptNoLonger) {
  Create("a");
  Create("b");
  Create("c");
  store_.TrimEvents(support::TestTime(absl::Hours(1)), [](absl::Status) {});
  Start();
  Watcher watcher = Watch({.caller = "shop"}, 1);
  const absl::Status error = watcher.AskError();
  EXPECT_THAT(error, StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(error, HasReason("RESUME_TOKEN_TOO_OLD"));
  EXPECT_THAT(error, HasMetadata("oldest_sequence", "3"));
  Watcher resumed = Watch({.caller = "shop"}, 3);
  EXPECT_THAT(resumed.AskError(), IsOk());
}

TEST_F(TopupFeedTest, StoppingEndsEveryNextAndRefusesMore) {
  Start();
  Watcher waiting = Watch({.caller = "shop"}, 0);
  Watcher idle = Watch({.caller = "shop"}, 0);
  waiting.Ask();
  feed_->Stop();
  EXPECT_THAT(waiting.Take()->status(), HasReason("DRAINING"));
  EXPECT_THAT(idle.AskError(), HasReason("DRAINING"));
  EXPECT_THAT(feed_->Subscribe({.caller = "shop"}, 0), HasReason("DRAINING"));
}

TEST_F(TopupFeedTest, RefusesSubscriptionsOverTheLimitUntilOneEnds) {
  Start({.subscription_limit = 1});
  {
    Watcher first = Watch({.caller = "shop"}, 0);
    EXPECT_EQ(Gauge("topup_watch_watchers"), 1);
    const auto refused = feed_->Subscribe({.caller = "shop"}, 0);
    EXPECT_THAT(refused, HasReason("OVERLOADED"));
    EXPECT_THAT(refused, HasMetadata("limit", "watchers"));
  }
  EXPECT_EQ(Gauge("topup_watch_watchers"), 0);
  EXPECT_THAT(feed_->Subscribe({.caller = "shop"}, 0), IsOk());
}

TEST_F(TopupFeedTest, AFullExecutorRefusesACatchUpButNeverAWakeUp) {
  Create("a");
  Start();
  executor_.SetFull(true);
  Watcher behind = Watch({.caller = "shop"}, 0);
  EXPECT_THAT(behind.AskError(), HasReason("OVERLOADED"));
  EXPECT_EQ(Gauge("topup_watch_lagging_watchers"), 0);
  Watcher live = Watch({.caller = "shop"}, 1);
  live.Ask();
  Create("b");
  EXPECT_THAT(live.TakeSequences(), ElementsAre(2));
}

TEST_F(TopupFeedTest, PassesOnThatTheStoreHasFailedOnce) {
  Start();
  store_.Die(absl::UnavailableError("disk"));
  feed_->OnFatal(absl::UnavailableError("again"));
  EXPECT_EQ(fatal_.message(), "disk");
}

TEST_F(TopupFeedTest, TheHistoryReadsOneTopupAndTheRangeOfAll) {
  Create("a");
  Create("b");
  Change("a", core::TopupStatus::kPending);
  TopupHistory history(store_, executor_);
  history.FindRange([](absl::StatusOr<TopupHistory::Range> range) {
    ASSERT_THAT(range, IsOk());
    EXPECT_EQ(range->oldest, 0);
    EXPECT_EQ(range->latest, 3);
  });
  history.ReadRevisions("id-a", 1, [](absl::StatusOr<std::vector<core::Event>> events) {
    ASSERT_THAT(events, IsOk());
    ASSERT_EQ(events->size(), 1);
    EXPECT_EQ(events->front().topup.revision, 2);
  });
  executor_.SetFull(true);
  history.FindRange([](auto range) { EXPECT_THAT(range, HasReason("OVERLOADED")); });
}

// Asks for ever, on whatever thread the answer came, until `target` has been seen.
class Follower : public std::enable_shared_from_this<Follower> {
 public:
  Follower(std::shared_ptr<Subscription> subscription, int64_t target)
      : subscription_(std::move(subscription)), target_(target) {}

  void Ask() {
    subscription_->Next([self = shared_from_this()](absl::StatusOr<FeedBatch> batch) {
      if (!batch.ok()) return self->done_.set_value();
      for (const auto& event : batch->events) self->seen_.push_back(event->sequence);
      if (!self->seen_.empty() && self->seen_.back() >= self->target_) {
        return self->done_.set_value();
      }
      self->Ask();
    });
  }
  const std::vector<int64_t>& Wait() {
    done_.get_future().wait();
    return seen_;
  }

 private:
  std::shared_ptr<Subscription> subscription_;
  const int64_t target_;
  std::vector<int64_t> seen_;
  std::promise<void> done_;
};

// A ring of three under a fast writer: every watcher goes back and forth over the seam.
TEST_F(TopupFeedTest, LosesAndRepeatsNothingWhileWatchersRaceTheWriter) {
  constexpr int kEvents = 500;
  constexpr int kWatchers = 8;
  base::WorkerPool pool("reads", 3, 1000);
  feed_ = std::make_unique<TopupFeed>(store_, pool, FeedOptions{.ring_size = 3, .batch_size = 4},
                                      metrics_, [](const absl::Status&) {});
  store_.SetListener(feed_.get());
  std::vector<std::shared_ptr<Follower>> followers;
  for (int i = 0; i < kWatchers; ++i) {
    FeedFilter filter{.caller = i % 2 == 0 ? "even" : "odd"};
    followers.push_back(std::make_shared<Follower>(*feed_->Subscribe(filter, 0),
                                                   i % 2 == 0 ? kEvents : kEvents - 1));
  }
  std::thread writer([this] {
    for (int i = 1; i <= kEvents; ++i) Create(absl::StrCat(i), i % 2 == 0 ? "even" : "odd");
  });
  for (auto& follower : followers) follower->Ask();
  writer.join();
  for (int i = 0; i < kWatchers; ++i) {
    std::vector<int64_t> expected;
    for (int n = i % 2 == 0 ? 2 : 1; n <= kEvents; n += 2) expected.push_back(n);
    EXPECT_EQ(followers[i]->Wait(), expected) << "watcher " << i;
  }
  pool.Stop();
}

}  // namespace
}  // namespace topup::watch
