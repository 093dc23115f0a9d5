// Taking a send: which check speaks first, and what each refusal says.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/storage_errors.h"
#include "tests/support/engine_world.h"
#include "tests/support/status_matchers.h"

namespace topup::engine {
namespace {

using core::TopupStatus;
using fakes::FakeProvider;
using support::EngineWorld;
using support::HasMetadata;
using support::HasReason;
using support::IsOk;
using support::StatusIs;
using testing::SizeIs;
using Call = FakeProvider::Call;

class IntakeTest : public testing::Test {
 protected:
  void Start(EngineOptions options = EngineWorld::DefaultOptions()) {
    world_ = std::make_unique<EngineWorld>(std::move(options));
    ASSERT_THAT(world_->Start(), IsOk());
  }
  absl::StatusOr<SendResult> Send(const SendCommand& command) {
    const auto sent = world_->Send(command);
    return sent.has_value() ? *sent : absl::UnknownError("no answer");
  }
  static SendCommand Command(const std::string& ref = "a") { return EngineWorld::Command(ref); }
  std::string Quote(const SendCommand& command) {
    const auto quote = world_->engine->QuoteTopup({.caller = command.caller,
                                                   .phone = command.phone,
                                                   .plan_code = command.plan_code,
                                                   .amount_dzd = command.amount_dzd});
    return quote.ok() ? quote->quote_id : "no quote: " + quote.status().ToString();
  }
  void SetPlan(const std::string& code, const std::function<void(core::Plan&)>& change) {
    std::vector<core::Plan> plans = FakeProvider::SomePlans();
    for (core::Plan& plan : plans) {
      if (plan.code == code) change(plan);
    }
    world_->provider.SetPlans(plans);
    std::optional<absl::StatusOr<RefreshResult>> refreshed;
    world_->engine->RefreshPlans([&](absl::StatusOr<RefreshResult> r) { refreshed = r; });
    world_->Advance(absl::Seconds(4));
    ASSERT_TRUE(refreshed.has_value() && refreshed->ok());
  }

  std::unique_ptr<EngineWorld> world_;
};

TEST_F(IntakeTest, TheRefDecidesBeforeEverythingThatCanChange) {
  EngineOptions options = EngineWorld::DefaultOptions();
  options.max_catalogue_age = absl::Hours(1);
  options.plan_refresh_interval = absl::Hours(3);
  Start(options);
  world_->Record(Command());
  SendCommand again = Command();
  again.send_before = world_->clock.Now() - absl::Hours(1);
  again.quote_id = "nonsense";
  again.max_price = core::Money::Centimes(1);
  EXPECT_TRUE(Send(again)->replayed);
  again.plan_code = "NO_SUCH_PLAN";
  EXPECT_THAT(Send(again), HasReason("REF_REUSED"));
  SetPlan("PREPAID_MOBILIS", [](core::Plan& plan) { plan.enabled = false; });
  EXPECT_TRUE(Send(Command())->replayed);
  world_->Advance(absl::Minutes(61));
  EXPECT_THAT(Send(Command("other")), HasReason("CATALOGUE_UNAVAILABLE"));
  EXPECT_TRUE(Send(Command())->replayed);
  EXPECT_THAT(world_->provider.posts(), SizeIs(1));
}

TEST_F(IntakeTest, AnotherRequestUnderAKnownRefNamesTheTopupThatHasIt) {
  Start();
  const std::string id = world_->Record(Command());
  SendCommand other = Command();
  other.amount_dzd = 999;
  const auto refused = Send(other);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(refused, HasReason("REF_REUSED"));
  EXPECT_THAT(refused, HasMetadata("ref", "a"));
  EXPECT_THAT(refused, HasMetadata("topup_id", id));
  other = Command();
  other.phone = *core::PhoneNumber::Parse("0661234568");
  EXPECT_THAT(Send(other), HasReason("REF_REUSED"));
  other = Command();
  other.amount_dzd.reset();
  EXPECT_THAT(Send(other), HasReason("REF_REUSED"));
  other = Command();
  other.caller = "kiosk";
  EXPECT_FALSE(Send(other)->replayed);
}

TEST_F(IntakeTest, AFixedPlanIsTheSameRequestWithAndWithoutItsAmount) {
  Start();
  SendCommand fixed = Command();
  fixed.plan_code = "PIXX_500";
  fixed.amount_dzd.reset();
  EXPECT_EQ(Send(fixed)->topup.amount_dzd, 500);
  fixed.amount_dzd = 500;
  EXPECT_TRUE(Send(fixed)->replayed);
  fixed.amount_dzd = 501;
  EXPECT_THAT(Send(fixed), HasReason("REF_REUSED"));
}

TEST_F(IntakeTest, AKnownRefIsNeverRefusedForLoad) {
  EngineOptions options = EngineWorld::DefaultOptions();
  options.queue_limit = 1;
  Start(options);
  world_->provider.SetBehaviour(Call::kSend, {.mood = FakeProvider::Mood::kDown});
  world_->Record(Command());
  world_->Advance(absl::Milliseconds(100));
  const auto full = Send(Command("b"));
  EXPECT_THAT(full, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(full, HasReason("OVERLOADED"));
  EXPECT_THAT(full, HasMetadata("limit", "queue_limit"));
  EXPECT_TRUE(Send(Command())->replayed);
  // The store itself has no room for another write.
  world_->store.FailNextWrite(store::CommitQueueFullError());
  EXPECT_TRUE(Send(Command())->replayed);
  world_->store.FailNextWrite(store::StorageFullError());
  EXPECT_TRUE(Send(Command())->replayed);
  world_->store.FailNextWrite(store::StorageFullError());
  EXPECT_THAT(Send(Command("c")), HasReason("STORAGE_FULL"));
  // The ref cannot be looked up: it is not known whether something has to be refused.
  world_->reads.SetFull(true);
  world_->store.FailNextWrite(store::CommitQueueFullError());
  EXPECT_THAT(Send(Command()), HasReason("STORAGE_UNAVAILABLE"));
  SendCommand validated = Command();
  validated.validate_only = true;
  EXPECT_THAT(Send(validated), HasReason("STORAGE_UNAVAILABLE"));
}

TEST_F(IntakeTest, ACommitInDoubtIsNeitherRefusedNorForgotten) {
  Start();
  world_->provider.SetBehaviour(Call::kSend, FakeProvider::Refusal(401, "INVALID_ACCESS_TOKEN"));
  world_->Record(Command("pause"));
  world_->Advance(absl::Seconds(1));
  SendCommand command = Command();
  command.send_before = world_->clock.Now() + absl::Minutes(2);
  world_->store.FailNextWrite(store::StorageUnavailableError("lost"), /*recorded=*/true);
  EXPECT_THAT(Send(command), HasReason("STORAGE_UNAVAILABLE"));
  const auto again = Send(command);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->replayed);
  // While nothing is sent, only its own deadline settles it.
  EXPECT_TRUE(world_->AdvanceUntil(again->topup.id, TopupStatus::kRejected, absl::Minutes(3)));
}

TEST_F(IntakeTest, PlansAndAmountsAreRefusedWithWhatWouldBeRight) {
  Start();
  SendCommand command = Command();
  command.plan_code = "NO_SUCH_PLAN";
  EXPECT_THAT(Send(command), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Send(command), HasReason("PLAN_NOT_FOUND"));
  EXPECT_THAT(Send(command), HasMetadata("plan_code", "NO_SUCH_PLAN"));
  command.plan_code = "GETMENU_Mobilis";
  EXPECT_THAT(Send(command), HasReason("PLAN_NOT_SELLABLE"));
  command.plan_code = "PREPAID_DJEZZY";
  EXPECT_THAT(Send(command), HasReason("OPERATOR_MISMATCH"));
  EXPECT_THAT(Send(command), HasMetadata("number_operator", "Mobilis"));
  EXPECT_THAT(Send(command), HasMetadata("plan_operator", "Djezzy"));
  command = Command();
  command.amount_dzd.reset();
  EXPECT_THAT(Send(command), HasReason("AMOUNT_REQUIRED"));
  EXPECT_THAT(Send(command), HasMetadata("min_amount_dzd", "40"));
  for (const int64_t amount : {39, 4000}) {
    command.amount_dzd = amount;
    EXPECT_THAT(Send(command), HasReason("AMOUNT_OUT_OF_RANGE"));
    EXPECT_THAT(Send(command), HasMetadata("amount_dzd", std::to_string(amount)));
    EXPECT_THAT(Send(command), HasMetadata("max_amount_dzd", "3999"));
  }
  command.plan_code = "PIXX_500";
  EXPECT_THAT(Send(command), HasReason("AMOUNT_OUT_OF_RANGE"));
  SetPlan("PREPAID_MOBILIS", [](core::Plan& plan) { plan.enabled = false; });
  EXPECT_THAT(Send(Command()), HasReason("PLAN_DISABLED"));
  SetPlan("PREPAID_MOBILIS", [](core::Plan& plan) { plan.cost_ppm.reset(); });
  EXPECT_THAT(Send(Command()), HasReason("PLAN_COST_UNKNOWN"));
  // One whose cost is configured is sold.
  command.plan_code = "GROS_MOBILIS";
  command.amount_dzd = 5000;
  EXPECT_EQ(Send(command)->topup.price.cost, core::Money::Centimes(492'500));
}

TEST_F(IntakeTest, ACatalogueThatIsTooOldIsNotSoldFrom) {
  EngineOptions options = EngineWorld::DefaultOptions();
  options.max_catalogue_age = absl::Hours(2);
  Start(options);
  world_->provider.SetBehaviour(Call::kPlans, {.mood = FakeProvider::Mood::kServerError});
  world_->Advance(absl::Hours(2) - absl::Minutes(1));
  EXPECT_THAT(Send(Command()), IsOk());
  world_->Advance(absl::Minutes(2));
  EXPECT_THAT(Send(Command("b")), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Send(Command("b")), HasReason("CATALOGUE_UNAVAILABLE"));
}

TEST_F(IntakeTest, SendBeforeLiesWithinTheSendWindow) {
  Start();
  SendCommand command = Command();
  const absl::Time now = world_->clock.Now();
  for (const absl::Time wrong : {now, now - absl::Seconds(1), now + absl::Minutes(31)}) {
    command.send_before = wrong;
    EXPECT_THAT(Send(command), StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(Send(command), HasReason("SEND_BEFORE_PASSED"));
  }
  command.send_before = now + absl::Minutes(5);
  EXPECT_EQ(Send(command)->topup.send_before, now + absl::Minutes(5));
}

TEST_F(IntakeTest, TheSameSaleAgainWithinTheWindowIsADuplicateUntilTheFirstFails) {
  Start();
  SendCommand command = Command();
  command.allow_repeat = false;
  const std::string id = world_->Record(command);
  command.ref = "b";
  const auto refused = Send(command);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(refused, HasReason("DUPLICATE_TOPUP"));
  EXPECT_THAT(refused, HasMetadata("ref", "a"));
  EXPECT_THAT(refused, HasMetadata("topup_id", id));
  EXPECT_THAT(refused, HasMetadata("window_seconds", "120"));
  command.validate_only = true;
  EXPECT_THAT(Send(command), HasReason("DUPLICATE_TOPUP"));
  command.validate_only = false;
  // The guard speaks before the price.
  command.max_price = core::Money::Centimes(1);
  EXPECT_THAT(Send(command), HasReason("DUPLICATE_TOPUP"));
  command.max_price.reset();
  command.amount_dzd = 999;
  EXPECT_THAT(Send(command), IsOk());
  world_->provider.SetStatus(world_->Stored(id).provider_ref,
                             core::ProviderTopup::Status::kRefunded);
  ASSERT_TRUE(world_->AdvanceUntil(id, TopupStatus::kRefunded, absl::Seconds(30)));
  command = Command("c");
  command.allow_repeat = false;
  EXPECT_THAT(Send(command), IsOk());
  world_->Advance(absl::Seconds(121));
  command.ref = "d";
  EXPECT_THAT(Send(command), IsOk());
}

TEST_F(IntakeTest, APriceAboveTheCapIsRefusedWithBoth) {
  Start();
  SendCommand command = Command();
  command.max_price = core::Money::Centimes(100'799);
  EXPECT_THAT(Send(command), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Send(command), HasReason("PRICE_ABOVE_CAP"));
  EXPECT_THAT(Send(command), HasMetadata("price_centimes", "100800"));
  EXPECT_THAT(Send(command), HasMetadata("max_price_centimes", "100799"));
  command.max_price = core::Money::Centimes(100'800);
  EXPECT_THAT(Send(command), IsOk());
}

TEST_F(IntakeTest, ValidationChecksAndPricesAndRecordsNothing) {
  Start();
  SendCommand command = Command();
  command.validate_only = true;
  const auto shown = Send(command);
  ASSERT_THAT(shown, IsOk());
  EXPECT_EQ(shown->topup.price.price, core::Money::Centimes(100'800));
  EXPECT_EQ(shown->topup.id + shown->topup.provider_ref, "");
  EXPECT_THAT(world_->store.AllTopups(), SizeIs(0));
  command.quote_id = "nonsense";
  EXPECT_THAT(Send(command), HasReason("QUOTE_INVALID"));
}

TEST_F(IntakeTest, WhatWasQuotedIsWhatIsCharged) {
  Start();
  SendCommand command = Command();
  command.quote_id = Quote(command);
  SetPlan("PREPAID_MOBILIS", [](core::Plan& plan) { plan.cost_ppm = 990'000; });
  // Also by another process, after the quote's own has ended.
  world_->CrashAndRestart();
  ASSERT_THAT(world_->Start(), IsOk());
  const auto sent = Send(command);
  ASSERT_THAT(sent, IsOk());
  EXPECT_EQ(sent->topup.price.price, core::Money::Centimes(100'800));
  EXPECT_EQ(sent->topup.price.steps.size(), 1u);
  EXPECT_EQ(Send(Command("b"))->topup.price.price, core::Money::Centimes(103'950));
}

TEST_F(IntakeTest, AQuoteHoldsForItsSubjectItsCallerAndItsTime) {
  Start();
  const SendCommand quoted = Command();
  const std::string quote_id = Quote(quoted);
  const auto with_quote = [&](SendCommand command) {
    command.quote_id = quote_id;
    return Send(command);
  };
  SendCommand other = quoted;
  other.caller = "kiosk";
  EXPECT_THAT(with_quote(other), HasReason("QUOTE_INVALID"));
  other = quoted;
  other.amount_dzd = 999;
  EXPECT_THAT(with_quote(other), HasReason("QUOTE_MISMATCH"));
  other = quoted;
  other.phone = *core::PhoneNumber::Parse("0661234568");
  EXPECT_THAT(with_quote(other), HasReason("QUOTE_MISMATCH"));
  for (const size_t place : {size_t{0}, quote_id.size() / 2, quote_id.size() - 1}) {
    SendCommand altered = quoted;
    altered.quote_id = quote_id;
    altered.quote_id[place] = altered.quote_id[place] == 'A' ? 'B' : 'A';
    EXPECT_THAT(Send(altered), HasReason("QUOTE_INVALID")) << place;
  }
  world_->Advance(absl::Minutes(10));
  EXPECT_THAT(with_quote(quoted), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(with_quote(quoted), HasReason("QUOTE_EXPIRED"));
  EXPECT_THAT(with_quote(quoted), HasMetadata("expire_time", testing::Not("")));
}

TEST_F(IntakeTest, AProviderRefNamesEnvironmentAndDeploymentAndIsNeverUsedTwice) {
  Start();
  std::set<std::string> refs;
  for (const std::string& id : world_->RecordMany(200)) {
    const std::string ref = world_->Stored(id).provider_ref;
    EXPECT_THAT(ref, testing::MatchesRegex("s-TESTDEPL-[A-Za-z0-9]+"));
    EXPECT_LE(ref.size(), 48u);
    refs.insert(ref);
  }
  EXPECT_THAT(refs, SizeIs(200));
}

}  // namespace
}  // namespace topup::engine
