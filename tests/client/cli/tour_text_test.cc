#include "client/cli/tour_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "absl/strings/str_split.h"
#include "client/cli/display_width.h"
#include "client/cli/tour_stops.h"

namespace topup::cli {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kArabic[] = "لم يتم شحن رصيدك، تم استرجاع المبلغ كاملا إلى حسابك";
const Style kNoColour(false);

// The end that `stop` documents.
v1::Topup EndOf(const TourStop& stop) {
  v1::Topup topup;
  topup.set_status(stop.end);
  topup.set_refund_advice(stop.advice);
  topup.set_rejection_reason(stop.rejection_reason);
  if (stop.end == v1::TOPUP_STATUS_UNKNOWN_ERROR) {
    topup.mutable_review_time()->set_seconds(1'700'086'400);
  } else {
    topup.mutable_settle_time()->set_seconds(1'700'000'020);
  }
  if (stop.has_refund_message) topup.set_refund_message(kArabic);
  (*topup.mutable_customer_message())["ar"] = "أهلا";
  if (stop.suggests_offers) {
    v1::Offer* offer = topup.add_suggested_offers();
    offer->set_plan_code("FACTURE_DJEZZY");
    offer->set_amount_dzd(500);
  }
  v1::PriceBreakdown* price = topup.mutable_price();
  price->mutable_face_value()->set_centimes(stop.amount_dzd * 100);
  price->mutable_cost()->set_centimes(stop.amount_dzd * 98);
  price->mutable_price()->set_centimes(stop.amount_dzd * 98 * 105 / 100);
  price->mutable_profit()->set_centimes(price->price().centimes() - price->cost().centimes());
  return topup;
}

std::vector<TourRow> EndedRows() {
  std::vector<TourRow> rows;
  for (const TourStop& stop : TourStops()) {
    rows.push_back({.stop = stop, .topup = EndOf(stop), .age = absl::Seconds(12.9)});
  }
  return rows;
}

TEST(TourStopsTest, BeginWithTheThreeDocumentedNumbers) {
  ASSERT_GE(TourStops().size(), 5u);
  EXPECT_EQ(TourStops()[0].phone_number, "0600000001");
  EXPECT_EQ(TourStops()[1].phone_number, "0600000002");
  EXPECT_EQ(TourStops()[2].phone_number, "0600000003");
}

TEST(TourStopsTest, FindNoDifferenceInWhatIsDocumented) {
  for (const TourStop& stop : TourStops()) {
    EXPECT_THAT(Differences(stop, EndOf(stop)), IsEmpty()) << stop.phone_number;
    EXPECT_TRUE(IsAtItsEnd(EndOf(stop))) << stop.phone_number;
  }
}

TEST(TourStopsTest, NameEverythingThatDiffers) {
  const TourStop& offered = TourStops()[1];
  v1::Topup topup = EndOf(offered);
  topup.set_status(v1::TOPUP_STATUS_PENDING);
  topup.clear_settle_time();
  topup.set_refund_advice(v1::REFUND_ADVICE_WAIT);
  topup.clear_customer_message();
  topup.clear_refund_message();
  topup.clear_suggested_offers();
  topup.mutable_price()->mutable_profit()->set_centimes(1);
  EXPECT_FALSE(IsAtItsEnd(topup));
  EXPECT_THAT(
      Differences(offered, topup),
      ElementsAre("is PENDING, documented is REFUNDED", HasSubstr("not REFUND_ADVICE_REFUND"),
                  HasSubstr("no message of the provider"), HasSubstr("Arabic"),
                  HasSubstr("no offers"), HasSubstr("price less cost")));
}

TEST(TourStopsTest, MindARefundAdvisedForAnUnknownError) {
  v1::Topup topup = EndOf(TourStops()[2]);
  topup.set_refund_advice(v1::REFUND_ADVICE_REFUND);
  EXPECT_THAT(Differences(TourStops()[2], topup), SizeIs(1));
}

TEST(TourStopsTest, LookAtNoProfitOfACallerThatMaySeeNone) {
  v1::Topup topup = EndOf(TourStops()[3]);
  topup.mutable_price()->clear_cost();
  topup.mutable_price()->clear_profit();
  EXPECT_THAT(Differences(TourStops()[3], topup), IsEmpty());
}

TEST(TourTextTest, TheTableHasALineForEachStopAndFitsEightyColumns) {
  const std::string table = TourTable(EndedRows(), kNoColour);
  EXPECT_THAT(table, HasSubstr("0550000001  PREPAID_OOREDOO  1000  980.00  1029.00   49.00  "
                               "FULFILLED      12 s\n"));
  std::vector<std::string> lines = absl::StrSplit(table, '\n');
  EXPECT_EQ(lines.back(), "");
  lines.pop_back();
  EXPECT_THAT(lines, SizeIs(TourStops().size() + 1));
  for (const std::string& line : lines) EXPECT_LE(DisplayWidth(line), 80) << line;
}

TEST(TourTextTest, ATopupThatIsNotSentYetHasALineToo) {
  const std::string table = TourTable({{.stop = TourStops()[0]}}, kNoColour);
  EXPECT_THAT(table, HasSubstr("0600000001  PREPAID_MOBILIS  1000"));
  EXPECT_THAT(table, HasSubstr("not sent"));
}

TEST(TourTextTest, ATableIsDrawnOverTheOneBeforeAndNeverWrapped) {
  EXPECT_EQ(DrawnOver("a\nb\n", 0), "\x1b[J\x1b[?7la\nb\n\x1b[?7h");
  EXPECT_EQ(DrawnOver("a\nb\n", 2), "\x1b[2A\x1b[J\x1b[?7la\nb\n\x1b[?7h");
}

TEST(TourTextTest, AChangeIsOneLineWithoutEscapesWhereThereIsNoColour) {
  const std::string line = TourLine(EndedRows()[2], kNoColour);
  EXPECT_THAT(line, StartsWith("12 s  0600000003  UNKNOWN_ERROR  "));
  EXPECT_THAT(line, HasSubstr("do not refund yet"));
  EXPECT_THAT(line, Not(HasSubstr("\n")));
  EXPECT_THAT(line, Not(HasSubstr("\x1b")));
}

TEST(TourTextTest, TheStoryTellsTheArabicMessageWholeWithOffersAndTimes) {
  std::ostringstream out;
  PrintTourStory(EndedRows(), absl::UTCTimeZone(), kNoColour, out);
  EXPECT_THAT(out.str(), HasSubstr(kArabic));
  EXPECT_THAT(out.str(), HasSubstr("offer          FACTURE_DJEZZY 500 DZD"));
  EXPECT_THAT(out.str(), HasSubstr("review         2023-11-15 22:13:20"));
  EXPECT_THAT(out.str(), HasSubstr("PROVIDER_VALIDATION"));
}

}  // namespace
}  // namespace topup::cli
