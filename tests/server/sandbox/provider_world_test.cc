#include "server/sandbox/world/provider_world.h"

#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "server/sandbox/world/json_writer.h"
#include "server/sandbox/world/test_numbers.h"

namespace topup::sandbox {
namespace {

class ProviderWorldTest : public testing::Test {
 protected:
  ProviderWorldTest()
      : world_(MakeCatalogue(CatalogueChoice::kReference), 1'000'000, 1, "0a0b0c0d0e") {}

  std::variant<TopupRecord, Refusal> Prepare(const std::string& plan_code, const std::string& phone,
                                             std::optional<int64_t> amount_dzd,
                                             const std::string& ref) {
    return world_.PrepareSend({plan_code, phone, amount_dzd, ref}, rules_, now_);
  }
  // Accepts it and gives its ref; an empty one where it was refused.
  std::string Send(const std::string& plan_code, const std::string& phone,
                   std::optional<int64_t> amount_dzd, const std::string& ref) {
    auto result = Prepare(plan_code, phone, amount_dzd, ref);
    if (std::holds_alternative<Refusal>(result)) return "";
    world_.Accept(std::get<TopupRecord>(result));
    return ref;
  }
  Refusal RefusalOf(const std::string& plan_code, const std::string& phone,
                    std::optional<int64_t> amount_dzd, const std::string& ref = "any") {
    auto result = Prepare(plan_code, phone, amount_dzd, ref);
    return std::holds_alternative<Refusal>(result) ? std::get<Refusal>(result) : Refusal{200};
  }
  TopupView View(const std::string& ref, absl::Duration age) {
    return ViewAt(*world_.FindByRef(ref), now_ + age);
  }

  ProviderRules rules_;
  ProviderWorld world_;
  absl::Time now_ = absl::FromUnixSeconds(1'790'000'000);
};

TEST_F(ProviderWorldTest, AnOrdinaryTopupIsPendingThenHandledThenFulfilled) {
  Send("PREPAID_DJEZZY", "0770000001", 500, "r");
  EXPECT_EQ(View("r", absl::Milliseconds(4999)).status_word, "PENDING");
  EXPECT_EQ(View("r", absl::Seconds(5)).status_word, "HANDLING");
  EXPECT_EQ(View("r", absl::Milliseconds(14999)).status_word, "HANDLING");
  EXPECT_EQ(View("r", absl::Seconds(15)).status_word, "FULFILLED");
  EXPECT_EQ(View("r", absl::Hours(1000)).status_word, "FULFILLED");
  EXPECT_EQ(View("r", absl::Seconds(15)).balance_amount_centimes, 49'625);
}

TEST_F(ProviderWorldTest, MoneyLeavesAtAcceptanceAndComesBackWithTheRefund) {
  Send("PREPAID_DJEZZY", "0600000001", 500, "r");
  EXPECT_EQ(world_.BalanceCentimes(now_), 1'000'000 - 49'625);
  EXPECT_EQ(world_.BalanceCentimes(now_ + absl::Milliseconds(14999)), 1'000'000 - 49'625);
  EXPECT_EQ(world_.BalanceCentimes(now_ + absl::Seconds(15)), 1'000'000);
  const TopupView view = View("r", absl::Seconds(15));
  EXPECT_EQ(view.status_word, "REFUNDED");
  EXPECT_EQ(view.balance_amount_centimes, 0);
  EXPECT_FALSE(view.refund_message.empty());

  const Page<Transaction> moves = world_.ListTransactions({}, now_ + absl::Seconds(15));
  ASSERT_EQ(moves.items.size(), 2);
  EXPECT_EQ(moves.items[0].type, "REFUND-FLEXY");
  EXPECT_EQ(moves.items[0].new_balance_centimes, 1'000'000);
  EXPECT_EQ(moves.items[1].type, "FLEXY");
  EXPECT_EQ(moves.items[1].topup_id, world_.FindByRef("r")->id);
}

TEST_F(ProviderWorldTest, TheDocumentedNumbersEndAsDocumented) {
  Send("PREPAID_DJEZZY", "0600000002", 500, "suggest");
  Send("PREPAID_DJEZZY", "0600000003", 500, "unknown");
  const TopupView suggest = View("suggest", absl::Minutes(1));
  ASSERT_EQ(suggest.offers.size(), 1);
  EXPECT_EQ(suggest.offers[0].plan_code, "FACTURE_DJEZZY");
  EXPECT_EQ(suggest.offers[0].amount_dzd, 500);
  EXPECT_EQ(View("unknown", absl::Minutes(1)).status_word, "UNKNOWN_ERROR");
  EXPECT_EQ(View("unknown", absl::Hours(10'000)).status_word, "UNKNOWN_ERROR");
}

TEST_F(ProviderWorldTest, AnUnknownErrorSettlesEitherWayWhenToldTo) {
  rules_.unknown_settles_as = TopupState::kFulfilled;
  rules_.unknown_settles_after = absl::Hours(2);
  Send("PREPAID_MOBILIS", "0600000003", 500, "good");
  rules_.unknown_settles_as = TopupState::kRefunded;
  Send("PREPAID_MOBILIS", "0600000003", 500, "bad");
  EXPECT_EQ(View("bad", absl::Hours(2)).status_word, "UNKNOWN_ERROR");
  EXPECT_EQ(View("good", absl::Hours(3)).status_word, "FULFILLED");
  EXPECT_EQ(View("bad", absl::Hours(3)).status_word, "REFUNDED");
  EXPECT_EQ(world_.BalanceCentimes(now_ + absl::Hours(3)), 1'000'000 - 48'000);
}

TEST_F(ProviderWorldTest, AMenuPlanChargesNothingAndEndsWithOffers) {
  Send("GETMENU_Mobilis", "0660000001", 0, "menu");
  EXPECT_EQ(world_.BalanceCentimes(now_), 1'000'000);
  const TopupView view = View("menu", absl::Minutes(1));
  EXPECT_EQ(view.status_word, "REFUNDED");
  EXPECT_GE(view.offers.size(), 2);
  for (const Offer& offer : view.offers) EXPECT_NE(world_.FindPlan(offer.plan_code), nullptr);
  rules_.menu_amount_checked = true;
  EXPECT_EQ(RefusalOf("GETMENU_Mobilis", "0660000001", 0).field, "amount");
}

TEST_F(ProviderWorldTest, EveryDocumentedCauseOfAValidationFailureIsFound) {
  EXPECT_EQ(RefusalOf("PREPAID_DJEZZY", "770000001", 500).field, "MSSIDN");
  EXPECT_EQ(RefusalOf("PREPAID_DJEZZY", "+213770000001", 500).field, "MSSIDN");
  EXPECT_EQ(RefusalOf("PREPAID_DJEZZY", "0870000001", 500).field, "MSSIDN");
  EXPECT_EQ(RefusalOf("prepaid_djezzy", "0770000001", 500).field, "plan_code");
  EXPECT_EQ(RefusalOf("SPECIAL2000_DJEZZY", "0770000001", 2000).field, "plan_code");
  EXPECT_EQ(RefusalOf("PREPAID_DJEZZY", "0770000001", {}).field, "amount");
  EXPECT_EQ(RefusalOf("PREPAID_DJEZZY", "0770000001", 99).message, "body/amount must be >= 100");
  EXPECT_EQ(RefusalOf("PREPAID_DJEZZY", "0770000001", 10001).field, "amount");
  EXPECT_EQ(RefusalOf("PREPAID_DJEZZY", "0770000001", 500, std::string(101, 'r')).field, "ref");
  EXPECT_EQ(RefusalOf("PREPAID_DJEZZY", "0660000001", 500).field, "MSSIDN");
  EXPECT_EQ(RefusalOf("PREPAID_DJEZZY", "0770000001", 500).http_status, 200);
  const SendRequest without_phone{"PREPAID_DJEZZY", {}, 500, "any"};
  const auto result = world_.PrepareSend(without_phone, rules_, now_);
  EXPECT_EQ(std::get<Refusal>(result).field, "MSSIDN");
}

TEST_F(ProviderWorldTest, TestNumbersGoWithEveryOperatorAndOthersDoNot) {
  EXPECT_EQ(RefusalOf("PREPAID_OOREDOO", "0600000101", 500).http_status, 200);
  EXPECT_EQ(RefusalOf("PREPAID_OOREDOO", "0600000201", 500).field, "MSSIDN");
  EXPECT_EQ(RefusalOf("PIXX_500", "0660000001", {}).http_status, 200);
  EXPECT_EQ(RefusalOf("PIXX_500", "0550000001", {}).field, "MSSIDN");
}

TEST_F(ProviderWorldTest, AFixedPlanIgnoresTheAmountUnlessToldToDemandIt) {
  EXPECT_EQ(RefusalOf("PIXX_500", "0660000001", 7).http_status, 200);
  rules_.fixed_amount_required = true;
  EXPECT_EQ(RefusalOf("PIXX_500", "0660000001", {}).field, "amount");
  EXPECT_EQ(RefusalOf("PIXX_500", "0660000001", 499).field, "amount");
  EXPECT_EQ(RefusalOf("PIXX_500", "0660000001", 500).http_status, 200);
}

TEST_F(ProviderWorldTest, ALowBalanceHidesADuplicateUnlessDuplicatesAreCheckedFirst) {
  Send("GROS_MOBILIS", "0660000001", 9'000, "r");
  const Refusal low = RefusalOf("GROS_MOBILIS", "0660000001", 9'000, "r");
  EXPECT_EQ(low.code, "INSUFFICIENT_BALANCE");
  EXPECT_EQ(low.required_centimes, 886'500);
  EXPECT_EQ(low.available_centimes, 113'500);
  EXPECT_EQ(RefusalOf("PREPAID_MOBILIS", "0660000001", 50, "r").code, "DUPLICATED_REF");
  rules_.duplicate_checked_first = true;
  rules_.duplicate_code = "DUPLICATED-REF";
  EXPECT_EQ(RefusalOf("GROS_MOBILIS", "0660000001", 9'000, "r").code, "DUPLICATED-REF");
}

TEST_F(ProviderWorldTest, ListsNewestFirstByPageAndByTime) {
  const absl::Time start = now_;
  for (int i = 0; i < 5; ++i) {
    Send("PREPAID_MOBILIS", "0660000001", 50, absl::StrCat("r", i));
    now_ += absl::Seconds(1);
  }
  Page<TopupView> page = world_.ListTopups({2, 2, {}, {}}, now_);
  EXPECT_EQ(page.total_results, 5);
  ASSERT_EQ(page.items.size(), 2);
  EXPECT_EQ(page.items[0].ref, "r2");
  EXPECT_EQ(page.items[1].ref, "r1");
  page = world_.ListTopups({1, 20, start + absl::Seconds(1), start + absl::Seconds(2)}, now_);
  EXPECT_EQ(page.total_results, 2);
  ASSERT_EQ(page.items.size(), 2);
  EXPECT_EQ(page.items[0].ref, "r2");
  EXPECT_TRUE(world_.ListTopups({9, 20, {}, {}}, now_).items.empty());
}

TEST_F(ProviderWorldTest, AForcedStateHoldsFromNowOn) {
  Send("PREPAID_MOBILIS", "0600000101", 500, "r");
  const absl::Time later = now_ + absl::Hours(1);
  EXPECT_TRUE(world_.ForceState("r", TopupState::kRefunded, later));
  EXPECT_EQ(ViewAt(*world_.FindByRef("r"), later).status_word, "REFUNDED");
  EXPECT_EQ(world_.BalanceCentimes(later), 1'000'000);
  EXPECT_FALSE(world_.ForceState("r", TopupState::kFulfilled, later));
  EXPECT_FALSE(world_.ForceState("nobody's", TopupState::kFulfilled, later));
}

TEST(TestNumbersTest, AreWellFormedAndUnique) {
  std::set<std::string> seen;
  for (const TestNumber& number : TestNumbers()) {
    EXPECT_TRUE(IsPhoneNumber(number.phone) && IsTestNumber(number.phone)) << number.phone;
    EXPECT_TRUE(seen.insert(number.phone).second) << number.phone;
    EXPECT_NE(DescribeTestNumbers().find(number.phone), std::string::npos);
  }
}

TEST(TestNumbersTest, TheScaleShortensEveryPartOfALife) {
  TopupRecord record;
  record.phone = "0600000106";
  ShapeCourse(record, false, ProviderRules(), 10);
  EXPECT_EQ(StateAt(record, record.accept_time + absl::Milliseconds(500)), TopupState::kHandling);
  EXPECT_EQ(StateAt(record, record.accept_time + absl::Milliseconds(1500)),
            TopupState::kUnknownError);
  EXPECT_EQ(StateAt(record, record.accept_time + absl::Milliseconds(7500)), TopupState::kRefunded);
}

TEST(CatalogueTest, ChargesAreRoundedUpToTheCentime) {
  CataloguePlan plan;
  plan.cost_ppm = 992'500;
  EXPECT_EQ(ChargeCentimes(plan, 500), 49'625);
  plan.cost_ppm = 980'000;
  EXPECT_EQ(ChargeCentimes(plan, 1000), 98'000);
  plan.cost_ppm = 960'001;
  EXPECT_EQ(ChargeCentimes(plan, 1), 97);
}

TEST(JsonWriterTest, WritesDecimalsDigitByDigit) {
  EXPECT_EQ(JsonCentimes(49'625), "496.25");
  EXPECT_EQ(JsonCentimes(49'600), "496");
  EXPECT_EQ(JsonCentimes(49'610), "496.1");
  EXPECT_EQ(JsonCentimes(-5), "-0.05");
  EXPECT_EQ(JsonPpm(992'500), "0.9925");
  EXPECT_EQ(JsonString("a\"\\\n"), "\"a\\\"\\\\\\u000a\"");
}

}  // namespace
}  // namespace topup::sandbox
