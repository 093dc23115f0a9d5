// What may be written, and what is refused.
#include <gmock/gmock.h>

#include <future>

#include "absl/strings/str_cat.h"
#include "tests/conformance/topup_store_suite.h"

namespace topup::conformance {
namespace {

using core::TopupStatus;
using store::CreateResult;
using store::DuplicateGuard;
using support::MakeMenuTopup;
using support::MakeQueuedTopup;
using support::NextVersion;
using support::TestTime;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_P(TopupStoreSuite, KeepsEveryFieldOfANewTopup) {
  const core::Topup topup = Create(MakeQueuedTopup("a"));
  EXPECT_EQ(*store_->FindById("id-a"), topup);
  EXPECT_EQ(*store_->FindByRef("shop", "ref-a"), topup);
  EXPECT_EQ(*store_->FindByProviderRef(topup.provider_ref), topup);
}

TEST_P(TopupStoreSuite, KeepsEveryFieldThatAChangeSets) {
  core::Topup topup = Create(MakeQueuedTopup("a"));
  topup.status = TopupStatus::kUnknownError;
  topup.advice = core::RefundAdvice::kReview;
  topup.review_time = TestTime(absl::Microseconds(11));
  topup.refund_message = "رقم غير صالح";
  topup.suggested_offers = {{"Offer: 1\n2", "PLAN:1", 100}, {"", "", 0}};
  topup.provider_topup_id = "65f0";
  topup.provider_charge = core::Money::Centimes(-1);
  topup.provider_account = "main";
  topup.provider_environment = "SANDBOX";
  topup.rejection_reason = core::RejectionReason::kProviderValidation;
  topup.rejection_detail = "detail";
  topup.settle_time = TestTime(absl::Microseconds(12));
  core::Progress& progress = topup.progress;
  progress.next_action = core::NextAction::kReadStatus;
  progress.next_action_time = absl::InfinitePast();
  progress.fence = 3;
  progress.in_flight = progress.doubtful = progress.duplicate_seen = progress.throttled = true;
  progress.posts = 4;
  progress.unsent = 5;
  progress.provisional_rejection = core::RejectionReason::kProviderRefused;
  progress.last_transmission_end = TestTime(absl::Microseconds(1));
  progress.valid_not_founds = 6;
  progress.first_valid_not_found = TestTime(absl::Microseconds(2));
  progress.last_valid_not_found = TestTime(absl::Microseconds(3));
  progress.accept_time = TestTime(absl::Microseconds(4));
  progress.last_read_start = TestTime(absl::Microseconds(5));
  progress.refund_seen_time = TestTime(absl::Microseconds(6));
  progress.missing_since = TestTime(absl::Microseconds(7));
  progress.unknown_since = TestTime(absl::Microseconds(8));
  progress.unknown_since_provider = absl::InfiniteFuture();
  progress.schedule_step = 7;
  topup = Update(topup);
  EXPECT_EQ(*store_->FindById("id-a"), topup);

  // The event has what callers see of it.
  const auto page = store_->ReadEvents({"shop", 1, {}, 10});
  ASSERT_THAT(page->events, SizeIs(1));
  core::Topup seen = topup;
  seen.progress = core::Progress{};
  seen.version = 0;
  EXPECT_EQ(page->events[0].topup, seen);
  EXPECT_EQ(listener_.events.back().topup, seen);
}

// A value that the store does not take would stop the top-up that has it, for good.
TEST_P(TopupStoreSuite, KeepsEveryValueOfEveryEnumeration) {
  core::Topup topup = Create(MakeQueuedTopup("a"));
  const auto keeps = [&] {
    topup = Update(std::move(topup));
    EXPECT_EQ(*store_->FindById(topup.id), topup);
  };
  using core::NextAction;
  for (const NextAction action :
       {NextAction::kPost, NextAction::kReadByRef, NextAction::kReadStatus,
        NextAction::kReadSettled, NextAction::kAwaitAnswer, NextAction::kResend}) {
    topup.progress.next_action = action;
    keeps();
    EXPECT_THAT(DueIds(action, absl::InfiniteFuture(), 10), ElementsAre(topup.id));
  }
  for (int status = 1; status <= static_cast<int>(TopupStatus::kCancelled); ++status) {
    topup.status = static_cast<TopupStatus>(status);
    keeps();
  }
  for (int advice = 1; advice <= static_cast<int>(core::RefundAdvice::kReview); ++advice) {
    topup.advice = static_cast<core::RefundAdvice>(advice);
    keeps();
  }
  for (int reason = 0; reason <= static_cast<int>(core::RejectionReason::kResolvedByPerson);
       ++reason) {
    topup.rejection_reason = static_cast<core::RejectionReason>(reason);
    topup.progress.provisional_rejection = topup.rejection_reason;
    keeps();
  }
}

TEST_P(TopupStoreSuite, KnowsNothingThatWasNotCreated) {
  Create(MakeQueuedTopup("a"));
  EXPECT_TRUE(absl::IsNotFound(store_->FindById("id-b").status()));
  EXPECT_TRUE(absl::IsNotFound(store_->FindByRef("other", "ref-a").status()));
  EXPECT_TRUE(absl::IsNotFound(store_->FindByProviderRef("ref-a").status()));
}

TEST_P(TopupStoreSuite, CreatesOnceForEachCallerAndRef) {
  const core::Topup first = Create(MakeQueuedTopup("a"));
  core::Topup again = MakeQueuedTopup("b");
  again.ref = first.ref;
  const auto result = TryCreate({again, std::nullopt, 0});
  EXPECT_EQ(result->kind, CreateResult::Kind::kExists);
  EXPECT_EQ(result->topup, first);
  EXPECT_TRUE(absl::IsNotFound(store_->FindById("id-b").status()));
  EXPECT_EQ(*store_->LatestSequence(), 1);

  core::Topup other_caller = MakeQueuedTopup("c", "other");
  other_caller.ref = first.ref;
  Create(other_caller);
}

TEST_P(TopupStoreSuite, LooksAtTheRefBeforeQueueLimitAndGuard) {
  const core::Topup first = Create(MakeQueuedTopup("a"));
  core::Topup again = MakeQueuedTopup("b");
  again.ref = first.ref;
  const auto result = TryCreate({again, DuplicateGuard{absl::InfinitePast()}, 1});
  EXPECT_EQ(result->kind, CreateResult::Kind::kExists);
}

TEST_P(TopupStoreSuite, RefusesAtTheQueueLimitBeforeTheGuard) {
  core::Topup first = Create(MakeQueuedTopup("a"));
  const DuplicateGuard guard{absl::InfinitePast()};
  EXPECT_EQ(TryCreate({MakeQueuedTopup("b"), guard, 1})->kind, CreateResult::Kind::kQueueFull);
  EXPECT_TRUE(absl::IsNotFound(store_->FindById("id-b").status()));
  // What has left the queue does not count.
  UpdateStatus(first, TopupStatus::kSubmitting);
  EXPECT_EQ(TryCreate({MakeQueuedTopup("b"), std::nullopt, 1})->kind, CreateResult::Kind::kCreated);
  EXPECT_EQ(TryCreate({MakeQueuedTopup("c"), std::nullopt, 1})->kind,
            CreateResult::Kind::kQueueFull);
}

TEST_P(TopupStoreSuite, GuardFindsTheSameSaleAndNothingElse) {
  const core::Topup first = Create(MakeQueuedTopup("a"));
  const DuplicateGuard guard{TestTime()};
  const auto refused = TryCreate({MakeQueuedTopup("b"), guard, 0});
  EXPECT_EQ(refused->kind, CreateResult::Kind::kDuplicate);
  EXPECT_EQ(refused->topup, first);
  EXPECT_EQ(**store_->FindDuplicate(MakeQueuedTopup("b"), guard), first);

  core::Topup other = MakeQueuedTopup("b");
  other.phone = *core::PhoneNumber::Parse("0612345602");
  EXPECT_EQ(*store_->FindDuplicate(other, guard), std::nullopt);
  other = MakeQueuedTopup("b");
  other.plan_code = "MOBILIS_OTHER";
  EXPECT_EQ(*store_->FindDuplicate(other, guard), std::nullopt);
  other = MakeQueuedTopup("b");
  other.amount_dzd = 501;
  EXPECT_EQ(*store_->FindDuplicate(other, guard), std::nullopt);
  EXPECT_EQ(*store_->FindDuplicate(MakeQueuedTopup("b", "other"), guard), std::nullopt);
  const DuplicateGuard later{TestTime(absl::Microseconds(1))};
  EXPECT_EQ(*store_->FindDuplicate(MakeQueuedTopup("b"), later), std::nullopt);
}

TEST_P(TopupStoreSuite, GuardLooksAtAllButWhatCannotHaveBeenDelivered) {
  core::Topup topup = Create(MakeQueuedTopup("a"));
  const DuplicateGuard guard{TestTime()};
  for (int number = 1; number <= 9; ++number) {
    const auto status = static_cast<TopupStatus>(number);
    topup = UpdateStatus(topup, status);
    const bool blocks = status != TopupStatus::kRejected && status != TopupStatus::kRefunded &&
                        status != TopupStatus::kCancelled;
    EXPECT_EQ((*store_->FindDuplicate(MakeQueuedTopup("b"), guard)).has_value(), blocks) << number;
  }
}

TEST_P(TopupStoreSuite, TakesManyMenuRequestsWithoutARef) {
  Create(MakeMenuTopup("a"));
  Create(MakeMenuTopup("b"));
  EXPECT_TRUE(absl::IsNotFound(store_->FindByRef("", "").status()));
}

TEST_P(TopupStoreSuite, RefusesAnIdOrAProviderRefThatIsTaken) {
  const core::Topup first = Create(MakeQueuedTopup("a"));
  core::Topup same_id = MakeQueuedTopup("b");
  same_id.id = first.id;
  EXPECT_TRUE(absl::IsInternal(TryCreate({same_id, std::nullopt, 0}).status()));
  core::Topup same_provider_ref = MakeQueuedTopup("c");
  same_provider_ref.provider_ref = first.provider_ref;
  EXPECT_TRUE(absl::IsInternal(TryCreate({same_provider_ref, std::nullopt, 0}).status()));
  EXPECT_EQ(*store_->CountByStatus(TopupStatus::kQueued), 1);
  EXPECT_EQ(*store_->LatestSequence(), 1);
}

TEST_P(TopupStoreSuite, RefusesToForgetAnOpenTopup) {
  core::Topup topup = MakeQueuedTopup("a");
  topup.progress.next_action = core::NextAction::kNone;
  EXPECT_TRUE(absl::IsInternal(TryCreate({topup, std::nullopt, 0}).status()));

  topup = Create(MakeQueuedTopup("a"));
  store::UpdateRequest request;
  request.topup = NextVersion(topup);
  request.topup.progress.next_action = core::NextAction::kNone;
  request.visible = true;
  EXPECT_TRUE(absl::IsInternal(TryUpdate(request)));
  EXPECT_EQ(*store_->FindById("id-a"), topup);
  request.topup.status = TopupStatus::kCancelled;
  EXPECT_TRUE(TryUpdate(request).ok());
}

TEST_P(TopupStoreSuite, ChangesOnlyTheVersionThatWasRead) {
  const core::Topup first = Create(MakeQueuedTopup("a"));
  Update(first);
  store::UpdateRequest stale;
  stale.topup = NextVersion(first);
  stale.visible = true;
  stale.attempt = core::Attempt{};
  stale.attempt->topup_id = "id-a";
  stale.incidents = {{"i", "id-a", "KIND", "", TestTime(), std::nullopt, "", ""}};
  EXPECT_TRUE(absl::IsAborted(TryUpdate(stale)));
  EXPECT_EQ(store_->FindById("id-a")->version, 2);
  EXPECT_THAT(*store_->Attempts("id-a"), IsEmpty());
  EXPECT_THAT(*store_->Incidents(true, "", 10), IsEmpty());
  EXPECT_EQ(*store_->LatestSequence(), 2);

  stale.topup.id = "id-b";
  EXPECT_TRUE(absl::IsNotFound(TryUpdate(stale)));
}

TEST_P(TopupStoreSuite, AppendsAnEventForVisibleChangesOnly) {
  core::Topup topup = Create(MakeQueuedTopup("a"));
  topup = Update(topup, /*visible=*/false);
  Update(topup, /*visible=*/true);
  EXPECT_THAT(Sequences(listener_.events), ElementsAre(1, 2));
  EXPECT_EQ(listener_.events[1].topup.revision, 2);
}

TEST_P(TopupStoreSuite, TellsTheListenerInCommitOrderBeforeTheAnswer) {
  std::promise<void> answered;
  store_->Create({MakeQueuedTopup("a"), std::nullopt, 0},
                 [&](auto) { listener_.log.push_back("answer a"); });
  store_->Create({MakeQueuedTopup("b"), std::nullopt, 0}, [&](auto) {
    listener_.log.push_back("answer b");
    answered.set_value();
  });
  answered.get_future().wait();
  // Both may be in one batch: then the listener has heard of b before a is answered.
  EXPECT_THAT(listener_.log,
              testing::AnyOf(ElementsAre("event 1", "answer a", "event 2", "answer b"),
                             ElementsAre("event 1", "event 2", "answer a", "answer b")));
}

TEST_P(TopupStoreSuite, ReplacesAnAttemptByItsFence) {
  core::Topup topup = Create(MakeQueuedTopup("a"));
  store::UpdateRequest request;
  core::Attempt second{"id-a", 2,  TestTime(), std::nullopt, core::Attempt::Evidence::kInFlight, 0,
                       "",     "", ""};
  core::Attempt first = second;
  first.fence = 1;
  for (const core::Attempt& attempt : {second, first}) {
    topup = NextVersion(topup, false);
    request.topup = topup;
    request.attempt = attempt;
    ASSERT_TRUE(TryUpdate(request).ok());
  }
  second.end_time = TestTime(absl::Seconds(3));
  second.evidence = core::Attempt::Evidence::kAnswered;
  second.http_status = 200;
  second.error_code = "CODE";
  second.request_id = "r-1";
  second.detail = "accepted";
  request.topup = NextVersion(topup, false);
  request.attempt = second;
  ASSERT_TRUE(TryUpdate(request).ok());
  EXPECT_THAT(*store_->Attempts("id-a"), ElementsAre(first, second));
  EXPECT_THAT(*store_->Attempts("id-b"), IsEmpty());
}

TEST_P(TopupStoreSuite, KeepsTheNewestFiftyChecks) {
  core::Topup topup = Create(MakeQueuedTopup("a"));
  core::Check check{"id-a", TestTime(), 404, "NOT_FOUND", true, ""};
  for (int i = 1; i <= 53; ++i) {
    topup = NextVersion(topup, false);
    check.detail = absl::StrCat("check ", i);
    store::UpdateRequest request;
    request.topup = topup;
    request.check = check;
    ASSERT_TRUE(TryUpdate(request).ok());
  }
  const auto checks = store_->Checks("id-a");
  ASSERT_THAT(*checks, SizeIs(50));
  EXPECT_EQ(checks->front().detail, "check 4");
  EXPECT_EQ(checks->back(), check);
}

TEST_P(TopupStoreSuite, KeepsTheFirstValueOfASetting) {
  const auto keep = [this](std::string name, std::string value) {
    return *Await<absl::StatusOr<std::string>>(
        [&](auto done) { store_->KeepSetting(name, value, std::move(done)); });
  };
  EXPECT_EQ(keep("deployment_id", "one"), "one");
  EXPECT_EQ(keep("deployment_id", "two"), "one");
  EXPECT_EQ(keep("token_key", "two"), "two");
}

TEST_P(TopupStoreSuite, KeepsTheLastCatalogue) {
  EXPECT_EQ(store_->LoadCatalogue()->read_time, absl::InfinitePast());
  const auto save = [this](const core::Catalogue& catalogue) {
    EXPECT_TRUE(Await<absl::Status>([&](auto done) {
                  store_->SaveCatalogue(catalogue, std::move(done));
                }).ok());
  };
  core::Plan plan{
      "A",  "شحن 📱 Forfait", core::Operator::kOoredoo, "GOoredoo", core::PlanKind::kFixed, 100, 100,
      true, 992500};
  core::Plan no_cost = plan;
  no_cost.code = "B";
  no_cost.enabled = false;
  no_cost.cost_ppm = std::nullopt;
  save({{plan, no_cost}, TestTime()});
  EXPECT_THAT(store_->LoadCatalogue()->plans, ElementsAre(plan, no_cost));
  EXPECT_EQ(store_->LoadCatalogue()->read_time, TestTime());
  save({{no_cost}, TestTime(absl::Hours(1))});
  EXPECT_THAT(store_->LoadCatalogue()->plans, ElementsAre(no_cost));
}

}  // namespace
}  // namespace topup::conformance
