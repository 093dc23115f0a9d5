// Prices by what a caller has bought, through the real strategies: what is delivered counts from
// the next price on, and nothing else does.
#include <gtest/gtest.h>

#include <optional>

#include "tests/integration/quote_world.h"

namespace topup::integration {
namespace {

using core::TopupStatus;
using fakes::FakeProvider;

constexpr char kTiered[] = R"(
chain { name: "tiers" strategy { library: "libtiered.so"
  config: '{"by": "volume_this_month", "tiers": [{"up_to_dzd": 1500, "percent": "5"}, {"percent": "3"}]}' } }
)";

constexpr char kLua[] = R"(
chain { name: "script" strategy { library: "liblua_rules.so"
  config: '{"script": "function price(r) if not r.has_usage then return nil, \'unknown\' end local ppm = r.caller_count_today < 2 and 50000 or 30000 return scale_up(r.price_so_far_centimes, PPM + ppm), r.caller_count_today .. \' today\' end"}' } }
)";

class BoughtBeforeTest : public testing::Test {
 protected:
  void Open(const char* pricing) { world_.emplace(1, PricingOfThisBuild(), reference_, pricing); }

  static engine::SendCommand Command(const std::string& ref, const std::string& caller) {
    return {.caller = caller,
            .ref = ref,
            .phone = *core::PhoneNumber::Parse("0612345601"),
            .plan_code = "PREPAID_MOBILIS",
            .amount_dzd = 1000,
            .allow_repeat = true};
  }

  absl::StatusOr<engine::SendResult> Send(const std::string& ref,
                                          const std::string& caller = "shop") {
    return world_->Send(Command(ref, caller));
  }

  // Sends and waits for the end: the status that it comes to.
  TopupStatus Settle(const std::string& ref, const std::string& caller = "shop") {
    const absl::StatusOr<engine::SendResult> sent = Send(ref, caller);
    EXPECT_TRUE(sent.ok()) << sent.status();
    if (!sent.ok()) return TopupStatus::kQueued;
    world_->Advance(absl::Minutes(10));
    return world_->store().FindById(sent->topup.id)->status;
  }

  // What is added to the cost for the next one, in parts per million.
  int64_t MarkupPpm(const std::string& caller = "shop") {
    const absl::StatusOr<engine::Quote> quote =
        world_->Quote({.caller = caller,
                       .phone = *core::PhoneNumber::Parse("0612345601"),
                       .plan_code = "PREPAID_MOBILIS",
                       .amount_dzd = 1000});
    EXPECT_TRUE(quote.ok()) << quote.status();
    if (!quote.ok()) return -1;
    return quote->price.profit.centimes() * 1'000'000 / quote->price.cost.centimes();
  }

  fakes::FakeClock clock_;
  fakes::CapturedLog log_{clock_};
  base::Metrics metrics_;
  pricing::PluginHost reference_{PricingOfThisBuild(), log_.log(), metrics_};
  std::optional<QuoteWorld> world_;
};

TEST_F(BoughtBeforeTest, ACallerCrossesATierWithItsDeliveriesAndNobodyElseDoes) {
  Open(kTiered);
  EXPECT_EQ(MarkupPpm(), 50'000);
  EXPECT_EQ(Settle("a"), TopupStatus::kFulfilled);
  EXPECT_EQ(MarkupPpm(), 50'000) << "1000 of 1500 DZD";
  EXPECT_EQ(Settle("b"), TopupStatus::kFulfilled);
  EXPECT_EQ(MarkupPpm(), 30'000) << "2000 of 1500 DZD";
  EXPECT_EQ(MarkupPpm("kiosk"), 50'000);
  // What is sold costs what is quoted.
  const absl::StatusOr<engine::SendResult> sent = Send("c");
  ASSERT_TRUE(sent.ok()) << sent.status();
  EXPECT_EQ(sent->topup.price.steps[0].description,
            "markup 3 % up to 1000000000 DZD bought this month");
}

TEST_F(BoughtBeforeTest, WhatIsOpenRejectedOrCancelledDoesNotCount) {
  Open(kTiered);
  world_->provider().SetFulfilAfter(absl::InfiniteDuration());
  const absl::StatusOr<engine::SendResult> open = Send("open");
  ASSERT_TRUE(open.ok()) << open.status();
  world_->Advance(absl::Minutes(1));
  ASSERT_EQ(world_->store().FindById(open->topup.id)->status, TopupStatus::kPending);
  for (const char* ref : {"r1", "r2"}) {
    world_->provider().Script(FakeProvider::Call::kSend,
                              FakeProvider::Refusal(400, "ERR_VALIDATION"));
    EXPECT_EQ(Settle(ref), TopupStatus::kRejected);
  }
  for (const char* ref : {"c1", "c2"}) {
    // Before the engine's next round sends it.
    world_->engine().Send(Command(ref, "shop"), [](const auto&) {});
    std::optional<TopupStatus> status;
    world_->engine().Cancel({.caller = "shop", .ref = ref}, [&status](const auto& cancelled) {
      if (cancelled.ok()) status = cancelled->status;
    });
    world_->Advance(absl::ZeroDuration());
    EXPECT_EQ(status, TopupStatus::kCancelled);
  }
  EXPECT_EQ(MarkupPpm(), 50'000);
}

TEST_F(BoughtBeforeTest, TheCountSurvivesACrash) {
  Open(kTiered);
  EXPECT_EQ(Settle("a"), TopupStatus::kFulfilled);
  world_->CrashAndRestart();
  EXPECT_EQ(MarkupPpm(), 50'000);
  EXPECT_EQ(Settle("b"), TopupStatus::kFulfilled);
  world_->CrashAndRestart();
  EXPECT_EQ(MarkupPpm(), 30'000);
  EXPECT_EQ(MarkupPpm("kiosk"), 50'000);
}

TEST_F(BoughtBeforeTest, ANewMonthBeginsAnew) {
  Open(kTiered);
  EXPECT_EQ(Settle("a"), TopupStatus::kFulfilled);
  EXPECT_EQ(Settle("b"), TopupStatus::kFulfilled);
  EXPECT_EQ(MarkupPpm(), 30'000);
  world_->CrashAndRestart(/*later=*/absl::Hours(24) * 31);
  EXPECT_EQ(MarkupPpm(), 50'000);
}

TEST_F(BoughtBeforeTest, AScriptIsToldTheCountOfToday) {
  Open(kLua);
  EXPECT_EQ(MarkupPpm(), 50'000);
  EXPECT_EQ(Settle("a"), TopupStatus::kFulfilled);
  EXPECT_EQ(Settle("b"), TopupStatus::kFulfilled);
  EXPECT_EQ(MarkupPpm(), 30'000);
  world_->CrashAndRestart();
  EXPECT_EQ(MarkupPpm(), 30'000);
  world_->CrashAndRestart(/*later=*/absl::Hours(24));
  EXPECT_EQ(MarkupPpm(), 50'000);
}

}  // namespace
}  // namespace topup::integration
