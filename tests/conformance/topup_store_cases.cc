// What is kept for the person on call: incidents, decisions, and what is unsettled.
#include <gmock/gmock.h>

#include "tests/conformance/topup_store_suite.h"

namespace topup::conformance {
namespace {

using core::TopupStatus;
using support::MakeMenuTopup;
using support::MakeQueuedTopup;
using support::NextVersion;
using support::TestTime;
using testing::ElementsAre;

core::Incident MakeIncident(std::string id, std::string topup_id, std::string kind,
                            std::string detail) {
  return {.id = std::move(id),
          .topup_id = std::move(topup_id),
          .kind = std::move(kind),
          .detail = std::move(detail),
          .create_time = TestTime()};
}

const core::UnsettledSince kSince{.open = TestTime() - absl::Hours(24),
                                  .missing = TestTime() - absl::Minutes(10)};

// Sent and open, made `age` before TestTime by a caller of its own.
core::Topup MakeOpen(const std::string& name, TopupStatus status, absl::Duration age) {
  core::Topup topup = MakeQueuedTopup(name, "shop-" + name, TestTime() - age);
  topup.status = status;
  topup.progress.next_action = core::NextAction::kReadByRef;
  return topup;
}

TEST_P(TopupStoreSuite, KeepsOneIncidentOfAKindForATopupOpenOrClosed) {
  core::Topup topup = Create(MakeQueuedTopup("a"));
  core::Incident first = MakeIncident("i1", "id-a", "CHARGE", "one");
  const core::Incident same = MakeIncident("i2", "id-a", "CHARGE", "two");
  const core::Incident other_kind = MakeIncident("i3", "id-a", "OTHER", "one");
  topup = UpdateWith(topup, {first, same, other_kind});
  EXPECT_THAT(*store_->Incidents(false, "", 10), ElementsAre(first, other_kind));
  EXPECT_THAT(fresh_, ElementsAre("i1", "i3"));

  // A person has looked: the next read that shows the same brings nothing back.
  ASSERT_TRUE(Close("i1", "ops", absl::Seconds(9)).ok());
  UpdateWith(topup, {same});
  EXPECT_THAT(fresh_, ElementsAre());
  EXPECT_FALSE(AddIncident(same));
  EXPECT_THAT(*store_->Incidents(false, "", 10), ElementsAre(other_kind));
  EXPECT_THAT(*store_->Incidents(true, "i1", 10), ElementsAre(other_kind));
  // Another top-up's is another case.
  const core::Incident other_topup = MakeIncident("i4", "id-b", "CHARGE", "one");
  AddIncident(other_topup);
  EXPECT_THAT(*store_->Incidents(false, "i3", 10), ElementsAre(other_topup));
}

TEST_P(TopupStoreSuite, ANewStoreIsNoOlderCopyAndKnowsHowFarItWasCompared) {
  EXPECT_FALSE(store_->standing().older_copy);
  EXPECT_EQ(store_->standing().swept_through, std::nullopt);
  store_->NoteSwept(TestTime());
  Create(MakeQueuedTopup("a"));
  EXPECT_EQ(store_->standing().swept_through, TestTime());
  EXPECT_TRUE(Await<absl::Status>([&](auto done) { store_->NoteTakenOver(std::move(done)); }).ok());
  EXPECT_FALSE(store_->standing().older_copy);
}

TEST_P(TopupStoreSuite, WithoutATopupOfOursEachDetailIsACaseOfItsOwn) {
  const core::Incident unknown = MakeIncident("i1", "", "UNKNOWN_REF", "ref 1");
  const core::Incident again = MakeIncident("i2", "", "UNKNOWN_REF", "ref 1");
  const core::Incident other = MakeIncident("i3", "", "UNKNOWN_REF", "ref 2");
  EXPECT_TRUE(AddIncident(unknown));
  EXPECT_FALSE(AddIncident(again));
  EXPECT_TRUE(AddIncident(other));
  EXPECT_THAT(*store_->Incidents(false, "", 10), ElementsAre(unknown, other));
  ASSERT_TRUE(Close("i1", "ops", absl::Seconds(1)).ok());
  AddIncident(again);
  EXPECT_THAT(*store_->Incidents(false, "", 10), ElementsAre(other));
}

TEST_P(TopupStoreSuite, TheFirstToCloseAnIncidentHasClosedIt) {
  core::Incident incident = MakeIncident("i1", "", "UNKNOWN_REF", "ref 1");
  AddIncident(incident);
  incident.close_time = TestTime(absl::Seconds(9));
  incident.closed_by = "ops";
  incident.close_reason = "paid back";
  EXPECT_EQ(*Close("i1", "ops", absl::Seconds(9)), incident);
  EXPECT_EQ(*Close("i1", "another", absl::Seconds(10)), incident);
  EXPECT_THAT(*store_->Incidents(true, "", 10), ElementsAre(incident));
  EXPECT_TRUE(absl::IsNotFound(Close("i2", "ops", absl::Seconds(9)).status()));
}

TEST_P(TopupStoreSuite, KeepsADecisionWithTheCommitThatSettles) {
  core::Topup topup = Create(MakeQueuedTopup("a"));
  EXPECT_EQ(*store_->FindResolution("id-a"), std::nullopt);
  store::UpdateRequest request;
  request.topup = NextVersion(topup);
  request.topup.status = TopupStatus::kRejected;
  request.visible = true;
  request.resolution = core::Resolution{.topup_id = "id-a",
                                        .status = TopupStatus::kRejected,
                                        .decided_by = "ops",
                                        .reason = "sms: لم يصل",
                                        .override = true,
                                        .time = TestTime(absl::Seconds(2))};
  store::UpdateRequest stale = request;
  stale.topup.version += 1;
  EXPECT_TRUE(absl::IsAborted(TryUpdate(stale)));
  EXPECT_EQ(*store_->FindResolution("id-a"), std::nullopt);

  ASSERT_TRUE(TryUpdate(request).ok());
  EXPECT_EQ(*store_->FindResolution("id-a"), request.resolution);
  EXPECT_EQ(*store_->FindResolution("id-b"), std::nullopt);
  // There is no second one.
  request.topup = NextVersion(request.topup);
  request.resolution->decided_by = "another";
  EXPECT_TRUE(absl::IsInternal(TryUpdate(request)));
  EXPECT_EQ((*store_->FindResolution("id-a"))->decided_by, "ops");
}

TEST_P(TopupStoreSuite, ListsWhatDoesNotSettleByItself) {
  core::Topup topup = Create(MakeOpen("a", TopupStatus::kSubmitting, absl::Hours(1)));
  const auto lists = [this](core::Topup& topup, const std::function<void(core::Topup&)>& change) {
    change(topup);
    topup = Update(std::move(topup));
    const auto page = store_->ListUnsettled({kSince, "", 10});
    const bool listed = page->topups == std::vector<core::Topup>{topup};
    EXPECT_EQ(page->total, listed ? 1 : 0);
    EXPECT_EQ(listed, core::WhyUnsettled(topup, kSince) != core::UnsettledReason::kNone);
    return listed;
  };
  EXPECT_TRUE(lists(topup, [](core::Topup&) {})) << "in doubt";
  EXPECT_FALSE(lists(topup, [](core::Topup& t) { t.progress.in_flight = true; }));
  EXPECT_FALSE(lists(topup, [](core::Topup& t) {
    t.progress.in_flight = false;
    t.progress.provisional_rejection = core::RejectionReason::kProviderRefused;
  })) << "its refusal is being confirmed";
  EXPECT_FALSE(lists(topup, [](core::Topup& t) {
    t.progress.provisional_rejection = core::RejectionReason::kNone;
    t.status = TopupStatus::kPending;
  }));
  EXPECT_FALSE(lists(topup, [](core::Topup& t) {
    t.progress.missing_since = kSince.missing + absl::Microseconds(1);
  }));
  EXPECT_TRUE(lists(topup, [](core::Topup& t) { t.progress.missing_since = kSince.missing; }));
  EXPECT_FALSE(lists(topup, [](core::Topup& t) {
    t.progress.missing_since.reset();
    t.progress.accept_time = kSince.open + absl::Microseconds(1);
  }));
  EXPECT_TRUE(lists(topup, [](core::Topup& t) { t.progress.accept_time = kSince.open; }));
  EXPECT_TRUE(lists(topup, [](core::Topup& t) {
    t.progress.accept_time = TestTime();
    t.status = TopupStatus::kUnknownError;
  }));
  EXPECT_FALSE(lists(topup, [](core::Topup& t) {
    t.status = TopupStatus::kRejected;
    t.progress.next_action = core::NextAction::kReadSettled;
  }));
}

TEST_P(TopupStoreSuite, PagesOverAllCallersOldestFirstWithTheWholesTotals) {
  Create(MakeQueuedTopup("q", "shop", TestTime() - absl::Hours(48)));
  Create(MakeOpen("c", TopupStatus::kUnknownError, absl::Hours(1)));
  Create(MakeOpen("a", TopupStatus::kSubmitting, absl::Hours(2)));
  Create(MakeOpen("b", TopupStatus::kUnknownError, absl::Hours(2)));
  core::Topup menu = MakeMenuTopup("m", TestTime() - absl::Hours(3));
  menu.status = TopupStatus::kSubmitting;
  menu.progress.next_action = core::NextAction::kReadByRef;
  Create(menu);

  const auto first = store_->ListUnsettled({kSince, "", 2});
  EXPECT_THAT(Ids(first->topups), ElementsAre("id-m", "id-a"));
  EXPECT_TRUE(first->more);
  const auto last = store_->ListUnsettled({kSince, "id-a", 2});
  EXPECT_THAT(Ids(last->topups), ElementsAre("id-b", "id-c"));
  EXPECT_FALSE(last->more);
  for (const auto* page : {&*first, &*last}) {
    EXPECT_EQ(page->total, 4);
    EXPECT_EQ(page->value_at_risk, core::Money::Centimes(3 * 52107));
  }
  EXPECT_TRUE(absl::IsNotFound(store_->ListUnsettled({kSince, "id-x", 2}).status()));
}

TEST_P(TopupStoreSuite, ListsWhatIsUnsettledBesideWhatCannotBeRead) {
  Create(MakeOpen("a", TopupStatus::kUnknownError, absl::Hours(2)));
  Create(MakeOpen("b", TopupStatus::kUnknownError, absl::Hours(1)));
  Damage("id-a");
  const auto page = store_->ListUnsettled({kSince, "", 10});
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(Ids(page->topups), ElementsAre("id-b"));
  EXPECT_EQ(page->total, 2);
}

}  // namespace
}  // namespace topup::conformance
