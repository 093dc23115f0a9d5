#include "client/cli/time_argument.h"

#include <gtest/gtest.h>

namespace topup::cli {
namespace {

constexpr int64_t kNoon = 1'795'694'400;  // 2026-11-26T12:00:00Z

TEST(TimeArgumentTest, AnInstantIsItselfWhateverItsZone) {
  for (const char* text : {"2026-11-26T12:00:00Z", "2026-11-26T13:00:00+01:00",
                           "2026-11-26t12:00:00z", "2026-11-26T06:30:00-05:30"}) {
    const std::optional<TimeSpan> span = ParseTime(text);
    ASSERT_TRUE(span.has_value()) << text;
    EXPECT_EQ(span->begin, absl::FromUnixSeconds(kNoon)) << text;
    EXPECT_EQ(span->end, span->begin);
  }
  EXPECT_EQ(ParseTime("2026-11-26T12:00:00.25Z")->begin,
            absl::FromUnixSeconds(kNoon) + absl::Milliseconds(250));
}

TEST(TimeArgumentTest, ADayIsThatOfAlgiers) {
  const std::optional<TimeSpan> day = ParseTime("2026-11-26");
  ASSERT_TRUE(day.has_value());
  EXPECT_EQ(day->begin, absl::FromUnixSeconds(kNoon) - absl::Hours(13));
  EXPECT_EQ(day->end, absl::FromUnixSeconds(kNoon) + absl::Hours(11));
}

TEST(TimeArgumentTest, ADayEndsWhereTheNextOneBeginsAlsoAcrossTheYear) {
  EXPECT_EQ(ParseTime("2026-12-31")->end, ParseTime("2027-01-01")->begin);
  EXPECT_EQ(ParseTime("2028-02-28")->end, ParseTime("2028-02-29")->begin);
}

TEST(TimeArgumentTest, TakesNothingElse) {
  for (const char* text :
       {"", "now", "infinite-future", "2026-11", "2026-11-26T", "2026-11-26T12:00:00",
        "2026-11-26 12:00:00Z", "2026-11-26T12:00:00Z ", " 2026-11-26", "2026-13-01", "2026-02-30",
        "26-11-2026", "2026-1-1", "2026-11-26T25:00:00Z", "2026-11-26T12:00:00Z!", "0000-01-01",
        "9999-12-31", "+2026-11-26", "12026-11-26"}) {
    EXPECT_FALSE(ParseTime(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace topup::cli
