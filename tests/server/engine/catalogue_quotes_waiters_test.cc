// The engine's small parts, each by itself: the catalogue, the quote book, the waiters.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pricing_plugins/abi/topup_pricing.h"
#include "server/engine/plan_catalogue.h"
#include "server/engine/quote_book.h"
#include "server/engine/topup_waiters.h"
#include "server/pricing/pricing_configuration.h"
#include "tests/fakes/fake_provider.h"
#include "tests/fakes/manual_task_loop.h"
#include "tests/support/status_matchers.h"

namespace topup::engine {
namespace {

using core::TopupStatus;
using support::HasReason;
using support::IsOk;
using testing::ElementsAre;
using testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

TEST(PlanCatalogueTest, ConfiguredCostsFillGapsAndOverruleNothing) {
  PlanCatalogue catalogue({{"GROS_MOBILIS", 985'000}, {"PREPAID_MOBILIS", 1}}, absl::Hours(48));
  EXPECT_THAT(catalogue.CheckAge(kNow), HasReason("CATALOGUE_UNAVAILABLE"));
  catalogue.Replace({.plans = fakes::FakeProvider::SomePlans(), .read_time = kNow});
  EXPECT_EQ(catalogue.Snapshot()->Find("GROS_MOBILIS")->cost_ppm, 985'000);
  EXPECT_EQ(catalogue.Snapshot()->Find("PREPAID_MOBILIS")->cost_ppm, 960'000);
  EXPECT_THAT(catalogue.CheckAge(kNow + absl::Hours(48)), IsOk());
  EXPECT_THAT(catalogue.CheckAge(kNow + absl::Hours(48) + absl::Seconds(1)),
              HasReason("CATALOGUE_UNAVAILABLE"));
}

TEST(PlanCatalogueTest, WhatAReaderHoldsStaysAsItWas) {
  PlanCatalogue catalogue({}, absl::Hours(48));
  catalogue.Replace({.plans = fakes::FakeProvider::SomePlans(), .read_time = kNow});
  const auto held = catalogue.Snapshot();
  std::vector<core::Plan> plans = fakes::FakeProvider::SomePlans();
  plans[4].cost_ppm = 970'000;
  EXPECT_THAT(catalogue.Replace({.plans = plans, .read_time = kNow}),
              ElementsAre("PREPAID_MOBILIS costs 970000 ppm instead of 960000"));
  EXPECT_EQ(held->Find("PREPAID_MOBILIS")->cost_ppm, 960'000);
  EXPECT_THAT(catalogue.Replace({.plans = plans, .read_time = kNow}), IsEmpty());
}

class QuoteBookTest : public testing::Test {
 protected:
  const base::Signer signer_{base::Secret("one key")};
  const QuoteBook book_{signer_};
  const QuoteSubject subject_{.caller = "shop",
                              .phone = *core::PhoneNumber::Parse("0661234567"),
                              .plan_code = "PLAN",
                              .amount_dzd = 1000};
};

TEST_F(QuoteBookTest, CarriesTheWholePriceWhateverItsTextsHold) {
  core::PriceBreakdown price;
  price.face_value = core::Money::Centimes(100'000);
  price.cost = core::Money::Centimes(96'000);
  price.price = core::Money::Centimes(95'000);
  price.profit = core::Money::Centimes(-1'000);
  price.strategies = {{"dz.a", "1.0", "library", "config"}, {"", "5:x", "3:", ""}};
  price.steps = {{"12:markup, 5 %", price.price},
                 {"é \n\0"
                  "1:",
                  core::Money()}};
  price.basis = {.config_digest = "4:dige",
                 .route = "(default)",
                 .chain = "all",
                 .time = kNow - absl::Microseconds(1),
                 .cost_ppm = 960'000};
  for (const bool is_counted : {false, true}) {
    if (is_counted) {
      price.basis.caller_volume =
          core::CallerVolume{1, core::Money::Centimes(2), 3, core::Money::Centimes(4)};
    }
    const std::string quote_id = book_.Issue(subject_, price, kNow + absl::Minutes(10));
    const auto redeemed = book_.Redeem(quote_id, subject_, kNow);
    ASSERT_THAT(redeemed, IsOk());
    EXPECT_EQ(*redeemed, price);
    EXPECT_EQ(quote_id.find("0661234567"), std::string::npos);
  }
}

TEST_F(QuoteBookTest, TheLongestQuoteIsTakenBack) {
  const std::string digest(64, 'f');
  core::PriceBreakdown price;
  price.basis = {.config_digest = digest,
                 .route = std::string(pricing::kNameSizeMax, 'r'),
                 .chain = std::string(pricing::kNameSizeMax, 'c'),
                 .time = kNow,
                 .cost_ppm = 9'999'999,
                 .caller_volume = core::CallerVolume{}};
  for (size_t i = 0; i < pricing::kChainStrategyMax; ++i) {
    price.strategies.push_back({.strategy_id = std::string(TOPUP_PRICING_ID_SIZE - 1, 'i'),
                                .version = std::string(TOPUP_PRICING_VERSION_SIZE - 1, 'v'),
                                .library_digest = digest,
                                .config_digest = digest});
    for (int step = 0; step < TOPUP_PRICING_STEP_MAX; ++step) {
      price.steps.push_back({std::string(TOPUP_PRICING_STEP_TEXT_SIZE - 1, 's'),
                             core::Money::Centimes(TOPUP_PRICING_AMOUNT_MAX)});
    }
  }
  QuoteSubject subject = subject_;
  subject.caller = std::string(64, 'x');
  subject.plan_code = std::string(128, 'p');
  EXPECT_LE(book_.Issue(subject, price, kNow).size(), kQuoteIdSizeMax);
}

TEST_F(QuoteBookTest, IsGoodUntilTheVeryMomentItExpires) {
  const std::string quote_id = book_.Issue(subject_, {}, kNow);
  EXPECT_THAT(book_.Redeem(quote_id, subject_, kNow - absl::Microseconds(1)), IsOk());
  EXPECT_THAT(book_.Redeem(quote_id, subject_, kNow), HasReason("QUOTE_EXPIRED"));
}

TEST_F(QuoteBookTest, OfAnotherSignerIsNotOurs) {
  const base::Signer other(base::Secret("another key"));
  const std::string quote_id = QuoteBook(other).Issue(subject_, {}, kNow);
  EXPECT_THAT(book_.Redeem(quote_id, subject_, kNow), HasReason("QUOTE_INVALID"));
  EXPECT_THAT(book_.Redeem("", subject_, kNow), HasReason("QUOTE_INVALID"));
}

class TopupWaitersTest : public testing::Test {
 protected:
  core::Topup At(TopupStatus status, int64_t version) {
    core::Topup topup;
    topup.id = "t";
    topup.status = status;
    topup.version = version;
    return topup;
  }
  void Wait(absl::Duration patience) {
    waiters_.Wait(
        At(TopupStatus::kQueued, 1),
        [](const core::Topup& topup) { return HasReached(topup, WaitFor::kSubmitted); }, patience,
        [this](const core::Topup& topup) { answers_.push_back(topup.status); });
  }

  fakes::FakeClock clock_;
  fakes::ManualTaskLoop loop_{clock_};
  TopupWaiters waiters_{loop_};
  std::vector<TopupStatus> answers_;
};

TEST_F(TopupWaitersTest, AnswersOnceAsSoonAsItIsThere) {
  Wait(absl::Seconds(10));
  Wait(absl::Seconds(10));
  core::Topup out = At(TopupStatus::kSubmitting, 2);
  out.progress.in_flight = true;
  waiters_.Committed(out);
  EXPECT_THAT(answers_, IsEmpty());
  waiters_.Committed(At(TopupStatus::kPending, 3));
  waiters_.Committed(At(TopupStatus::kHandling, 4));
  loop_.AdvanceBy(absl::Seconds(20));
  EXPECT_THAT(answers_, ElementsAre(TopupStatus::kPending, TopupStatus::kPending));
}

TEST_F(TopupWaitersTest, AnswersInTimeWithTheLatestAndAtTheEndAtOnce) {
  Wait(absl::Seconds(10));
  core::Topup out = At(TopupStatus::kSubmitting, 3);
  out.progress.in_flight = true;
  waiters_.Committed(out);
  waiters_.Committed(At(TopupStatus::kQueued, 2));  // late news
  loop_.AdvanceBy(absl::Seconds(10));
  EXPECT_THAT(answers_, ElementsAre(TopupStatus::kSubmitting));
  Wait(absl::ZeroDuration());
  EXPECT_EQ(answers_.size(), 2u);
  Wait(absl::Seconds(10));
  waiters_.AnswerAll();
  EXPECT_EQ(answers_.size(), 3u);
  Wait(absl::Seconds(10));
  EXPECT_EQ(answers_.size(), 4u);
  EXPECT_EQ(loop_.pending_timers(), 0);
}

TEST_F(TopupWaitersTest, DoubtEndsEveryWaitAndTheProofOfARefusalDoesNot) {
  const core::Topup doubt = At(TopupStatus::kSubmitting, 2);
  EXPECT_TRUE(HasReached(doubt, WaitFor::kSettled));
  core::Topup refused = doubt;
  refused.progress.provisional_rejection = core::RejectionReason::kProviderRefused;
  EXPECT_FALSE(HasReached(refused, WaitFor::kSubmitted));
  EXPECT_TRUE(HasReached(At(TopupStatus::kUnknownError, 2), WaitFor::kSettled));
  EXPECT_FALSE(HasReached(At(TopupStatus::kPending, 2), WaitFor::kSettled));
  EXPECT_TRUE(HasReached(At(TopupStatus::kQueued, 2), WaitFor::kRecorded));
}

}  // namespace
}  // namespace topup::engine
