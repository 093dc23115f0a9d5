// What is found again: pages, what is due, events.
#include <gmock/gmock.h>

#include "tests/conformance/topup_store_suite.h"

namespace topup::conformance {
namespace {

using core::NextAction;
using core::TopupStatus;
using support::MakeMenuTopup;
using support::MakeQueuedTopup;
using support::TestTime;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(TopupStoreSuite, ListsNewestFirstAndPagesThroughEqualTimes) {
  Create(MakeQueuedTopup("a", "shop", TestTime(absl::Seconds(1))));
  Create(MakeQueuedTopup("b", "shop", TestTime(absl::Seconds(1))));
  Create(MakeQueuedTopup("c", "shop", TestTime()));
  Create(MakeQueuedTopup("d", "shop", TestTime(absl::Seconds(1))));
  Create(MakeQueuedTopup("e", "other", TestTime()));
  store::ListFilter filter;
  filter.caller = "shop";
  filter.limit = 2;
  auto page = store_->List(filter);
  EXPECT_THAT(Ids(page->topups), ElementsAre("id-d", "id-b"));
  EXPECT_TRUE(page->more);
  EXPECT_EQ(page->sequence, 5);
  filter.after_id = "id-b";
  page = store_->List(filter);
  EXPECT_THAT(Ids(page->topups), ElementsAre("id-a", "id-c"));
  EXPECT_FALSE(page->more);
  filter.after_id = "id-c";
  EXPECT_THAT(store_->List(filter)->topups, IsEmpty());
  filter.after_id = "id-never";
  EXPECT_TRUE(absl::IsNotFound(store_->List(filter).status()));
}

TEST_P(TopupStoreSuite, ListsByStatusPhoneAndTime) {
  UpdateStatus(Create(MakeQueuedTopup("a", "shop", TestTime())), TopupStatus::kFulfilled);
  core::Topup other_phone = MakeQueuedTopup("b", "shop", TestTime(absl::Seconds(1)));
  other_phone.phone = *core::PhoneNumber::Parse("0612345602");
  Create(other_phone);
  Create(MakeQueuedTopup("c", "shop", TestTime(absl::Seconds(2))));
  Create(MakeQueuedTopup("d", "other", TestTime(absl::Seconds(2))));

  store::ListFilter filter;
  filter.caller = "shop";
  filter.statuses = {TopupStatus::kFulfilled, TopupStatus::kRejected};
  EXPECT_THAT(Ids(store_->List(filter)->topups), ElementsAre("id-a"));
  filter.statuses.clear();
  filter.phone = MakeQueuedTopup("a").phone;
  EXPECT_THAT(Ids(store_->List(filter)->topups), ElementsAre("id-c", "id-a"));
  filter.after_id = "id-c";
  EXPECT_THAT(Ids(store_->List(filter)->topups), ElementsAre("id-a"));
  filter.phone.reset();
  filter.after_id.clear();
  // The start is included, the end is not.
  filter.start_time = TestTime(absl::Seconds(1));
  EXPECT_THAT(Ids(store_->List(filter)->topups), ElementsAre("id-c", "id-b"));
  filter.end_time = TestTime(absl::Seconds(2));
  EXPECT_THAT(Ids(store_->List(filter)->topups), ElementsAre("id-b"));
}

TEST_P(TopupStoreSuite, FindsTheNewestMenuRequestOfANumber) {
  const core::PhoneNumber phone = MakeMenuTopup("a").phone;
  const std::string plan = MakeMenuTopup("a").plan_code;
  Create(MakeMenuTopup("a", TestTime()));
  Create(MakeMenuTopup("b", TestTime(absl::Minutes(1))));
  core::Topup sale = MakeQueuedTopup("c", "shop", TestTime(absl::Minutes(2)));
  sale.plan_code = plan;
  Create(sale);
  EXPECT_EQ((**store_->FindMenu(phone, plan, TestTime(absl::Minutes(1)))).id, "id-b");
  EXPECT_EQ(*store_->FindMenu(phone, plan, TestTime(absl::Minutes(2))), std::nullopt);
  EXPECT_EQ(*store_->FindMenu(phone, "GetMenu_Djezzy", TestTime()), std::nullopt);
}

TEST_P(TopupStoreSuite, GivesWhatIsDueLongestDueFirst) {
  core::Topup a = Create(MakeQueuedTopup("a", "shop", TestTime(absl::Seconds(3))));
  Create(MakeQueuedTopup("b", "shop", TestTime(absl::Seconds(1))));
  Create(MakeMenuTopup("c", TestTime(absl::Seconds(2))));
  Create(MakeQueuedTopup("d", "shop", TestTime(absl::Seconds(4))));
  EXPECT_EQ(*store_->NextDueTime(NextAction::kPost), TestTime(absl::Seconds(1)));
  EXPECT_EQ(*store_->NextDueTime(NextAction::kReadStatus), absl::InfiniteFuture());
  const absl::Time now = TestTime(absl::Seconds(3));
  EXPECT_THAT(DueIds(NextAction::kPost, now, 10), ElementsAre("id-b", "id-c", "id-a"));
  EXPECT_THAT(DueIds(NextAction::kPost, now, 1), ElementsAre("id-b"));

  a.progress.next_action = NextAction::kReadStatus;
  a.progress.next_action_time = absl::InfiniteFuture();
  a.status = TopupStatus::kPending;
  a = Update(a, /*visible=*/false);
  EXPECT_THAT(DueIds(NextAction::kPost, now, 10), ElementsAre("id-b", "id-c"));
  EXPECT_THAT(DueIds(NextAction::kReadStatus, now, 10), IsEmpty());
  EXPECT_EQ(*store_->NextDueTime(NextAction::kReadStatus), absl::InfiniteFuture());

  a.progress.next_action = NextAction::kNone;
  a.status = TopupStatus::kFulfilled;
  Update(a);
  EXPECT_EQ(*store_->NextDueTime(NextAction::kReadStatus), absl::InfiniteFuture());
}

// Nobody but a person can repair it; nobody else has to wait for that.
TEST_P(TopupStoreSuite, LeavesOutOfWhatIsDueWhatCannotBeReadAndNamesIt) {
  for (int i = 0; i < 4; ++i) {
    Create(MakeQueuedTopup(absl::StrCat(i), "shop", TestTime(absl::Seconds(i))));
  }
  Damage("id-0");
  Damage("id-2");
  auto due = store_->ReadDue(NextAction::kPost, TestTime(absl::Minutes(1)), 2);
  ASSERT_TRUE(due.ok()) << due.status();
  EXPECT_THAT(Ids(due->topups), ElementsAre("id-1", "id-3"));
  EXPECT_THAT(due->unreadable_ids, ElementsAre("id-0", "id-2"));
  // As far as it was read.
  due = store_->ReadDue(NextAction::kPost, TestTime(absl::Minutes(1)), 1);
  EXPECT_THAT(Ids(due->topups), ElementsAre("id-1"));
  EXPECT_THAT(due->unreadable_ids, ElementsAre("id-0"));
  EXPECT_TRUE(absl::IsDataLoss(store_->FindById("id-0").status()));
}

TEST_P(TopupStoreSuite, CountsByStatusAsItChanges) {
  core::Topup a = Create(MakeQueuedTopup("a"));
  Create(MakeQueuedTopup("b"));
  EXPECT_EQ(*store_->CountByStatus(TopupStatus::kQueued), 2);
  a = UpdateStatus(a, TopupStatus::kPending);
  EXPECT_EQ(*store_->CountByStatus(TopupStatus::kQueued), 1);
  EXPECT_EQ(*store_->CountByStatus(TopupStatus::kPending), 1);
  UpdateStatus(a, TopupStatus::kFulfilled);
  EXPECT_EQ(*store_->CountByStatus(TopupStatus::kPending), 0);
  EXPECT_EQ(*store_->CountByStatus(TopupStatus::kFulfilled), 1);
}

TEST_P(TopupStoreSuite, ReadsACallersEventsInOrderAndSaysHowFarItLooked) {
  EXPECT_EQ(*store_->LatestSequence(), 0);
  EXPECT_EQ(store_->ReadEvents({"shop", 0, {}, 10})->through_sequence, 0);
  core::Topup a = Create(MakeQueuedTopup("a"));   // 1
  Create(MakeQueuedTopup("b", "other"));          // 2
  a = UpdateStatus(a, TopupStatus::kSubmitting);  // 3
  UpdateStatus(a, TopupStatus::kFulfilled);       // 4
  Create(MakeQueuedTopup("c", "other"));          // 5
  auto page = store_->ReadEvents({"shop", 0, {}, 2});
  EXPECT_THAT(Sequences(page->events), ElementsAre(1, 3));
  EXPECT_EQ(page->through_sequence, 3);
  EXPECT_EQ(page->events[0].topup.status, TopupStatus::kQueued);
  EXPECT_EQ(page->events[1].topup.status, TopupStatus::kSubmitting);
  page = store_->ReadEvents({"shop", page->through_sequence, {}, 2});
  EXPECT_THAT(Sequences(page->events), ElementsAre(4));
  EXPECT_EQ(page->through_sequence, 5);
  page = store_->ReadEvents({"shop", 0, {TopupStatus::kQueued, TopupStatus::kFulfilled}, 10});
  EXPECT_THAT(Sequences(page->events), ElementsAre(1, 4));
  // What the filter leaves out has been looked at all the same.
  page = store_->ReadEvents({"shop", 1, {TopupStatus::kQueued}, 10});
  EXPECT_THAT(page->events, IsEmpty());
  EXPECT_EQ(page->through_sequence, 5);
  // A reader from the future is not sent back.
  EXPECT_EQ(store_->ReadEvents({"shop", 9, {}, 10})->through_sequence, 9);
}

TEST_P(TopupStoreSuite, ReadsTheRevisionsOfOneTopup) {
  core::Topup a = Create(MakeQueuedTopup("a"));
  Create(MakeQueuedTopup("b"));
  a = UpdateStatus(a, TopupStatus::kSubmitting);
  a = Update(a, /*visible=*/false);
  a = UpdateStatus(a, TopupStatus::kPending);
  UpdateStatus(a, TopupStatus::kFulfilled);
  EXPECT_THAT(Sequences(*store_->ReadRevisions("id-a", 0, 10)), ElementsAre(1, 3, 4, 5));
  EXPECT_THAT(Sequences(*store_->ReadRevisions("id-a", 1, 2)), ElementsAre(3, 4));
  EXPECT_EQ(store_->ReadRevisions("id-a", 3, 10)->front().topup.revision, 4);
  EXPECT_THAT(*store_->ReadRevisions("id-a", 4, 10), IsEmpty());
  EXPECT_THAT(*store_->ReadRevisions("id-never", 0, 10), IsEmpty());
}

TEST_P(TopupStoreSuite, ForgetsOldEventsAndRemembersThatItDid) {
  core::Topup a = Create(MakeQueuedTopup("a", "shop", TestTime()));  // 1
  Create(MakeQueuedTopup("b", "shop", TestTime(absl::Hours(1))));    // 2
  a = UpdateStatus(a, TopupStatus::kFulfilled);                      // 3, 1 s after 1
  Create(MakeQueuedTopup("c", "shop", TestTime(absl::Hours(2))));    // 4
  EXPECT_EQ(*store_->OldestResumableSequence(), 0);
  Trim(TestTime(absl::Minutes(1)));
  // Only from the oldest on: 3 is old enough, but 2 before it has to stay.
  EXPECT_EQ(*store_->OldestResumableSequence(), 1);
  EXPECT_THAT(Sequences(store_->ReadEvents({"shop", 1, {}, 10})->events), ElementsAre(2, 3, 4));
  EXPECT_THAT(Sequences(*store_->ReadRevisions("id-a", 0, 10)), ElementsAre(3));

  Trim(absl::InfiniteFuture());
  EXPECT_EQ(*store_->OldestResumableSequence(), 4);
  EXPECT_EQ(*store_->LatestSequence(), 4);
  EXPECT_EQ(*store_->FindById("id-a"), a);
  EXPECT_THAT(*store_->ReadRevisions("id-a", 0, 10), IsEmpty());
  // A sequence is never given twice.
  Create(MakeQueuedTopup("d"));
  EXPECT_EQ(*store_->LatestSequence(), 5);
  EXPECT_EQ(*store_->OldestResumableSequence(), 4);
}

TEST_P(TopupStoreSuite, ForgetsThousandsOfEventsInOneCall) {
  core::Topup a = Create(MakeQueuedTopup("a"));
  for (int i = 0; i < 1100; ++i) {
    a = support::NextVersion(a);
    store::UpdateRequest request;
    request.topup = a;
    request.visible = true;
    store_->Update(request,
                   [](const auto& result) { EXPECT_TRUE(result.ok()) << result.status(); });
  }
  Trim(absl::InfiniteFuture());
  EXPECT_EQ(*store_->OldestResumableSequence(), 1101);
  EXPECT_THAT(store_->ReadEvents({"shop", 0, {}, 10})->events, IsEmpty());
}

}  // namespace
}  // namespace topup::conformance
