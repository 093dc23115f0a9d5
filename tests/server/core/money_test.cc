#include "server/core/money.h"

#include <gtest/gtest.h>

#include <limits>

#include "absl/strings/str_cat.h"

namespace topup::core {
namespace {

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();

std::optional<Money> Centimes(int64_t centimes) { return Money::Centimes(centimes); }

TEST(MoneyTest, ADinarIsAHundredCentimes) {
  EXPECT_EQ(Money::Dinars(500), Centimes(50'000));
  EXPECT_EQ(Money::Dinars(-3), Centimes(-300));
  EXPECT_EQ(Money().centimes(), 0);
}

TEST(MoneyTest, SaysSoWhereASumDoesNotFit) {
  EXPECT_EQ(Money::Dinars(kMost / 100), Centimes(kMost / 100 * 100));
  EXPECT_EQ(Money::Dinars(kMost / 100 + 1), std::nullopt);
  EXPECT_EQ(Money::Dinars(kLeast), std::nullopt);
  EXPECT_EQ(Money::Add(Money::Centimes(kMost), Money::Centimes(1)), std::nullopt);
  EXPECT_EQ(Money::Add(Money::Centimes(kLeast), Money::Centimes(-1)), std::nullopt);
  EXPECT_EQ(Money::Subtract(Money::Centimes(kLeast), Money::Centimes(1)), std::nullopt);
  EXPECT_EQ(Money::Subtract(Money(), Money::Centimes(kLeast)), std::nullopt);
}

TEST(MoneyTest, AddsAndSubtracts) {
  EXPECT_EQ(Money::Add(Money::Centimes(kMost - 1), Money::Centimes(1)), Centimes(kMost));
  EXPECT_EQ(Money::Subtract(Money::Centimes(52'107), Money::Centimes(49'625)), Centimes(2'482));
  EXPECT_EQ(Money::Subtract(Money::Centimes(1), Money::Centimes(2)), Centimes(-1));
}

TEST(MoneyTest, SortsByItsSize) {
  EXPECT_LT(Money::Centimes(-1), Money());
  EXPECT_GT(Money::Centimes(2), Money::Centimes(1));
  EXPECT_EQ(Money::Centimes(7), Money::Centimes(7));
}

TEST(MoneyTest, ShowsDinarsWithTwoDecimals) {
  EXPECT_EQ(Money::Centimes(102'900).ToString(), "1029.00 DZD");
  EXPECT_EQ(Money::Centimes(5).ToString(), "0.05 DZD");
  EXPECT_EQ(Money::Centimes(-50).ToString(), "-0.50 DZD");
  EXPECT_EQ(Money().ToString(), "0.00 DZD");
  EXPECT_EQ(Money::Centimes(kMost).ToString(), "92233720368547758.07 DZD");
  EXPECT_EQ(Money::Centimes(kLeast).ToString(), "-92233720368547758.08 DZD");
}

TEST(MultiplyTest, IsExactWhereTheProductIs) {
  EXPECT_EQ(MultiplyRoundedUp(Money::Centimes(50'000), 992'500), Centimes(49'625));
  EXPECT_EQ(MultiplyRoundedUp(Money::Centimes(123), 1'000'000), Centimes(123));
  EXPECT_EQ(MultiplyRoundedUp(Money::Centimes(123), 0), Centimes(0));
  EXPECT_EQ(MultiplyRoundedUp(Money(), 980'000), Centimes(0));
}

TEST(MultiplyTest, RoundsEveryRestUp) {
  EXPECT_EQ(MultiplyRoundedUp(Money::Centimes(1), 1), Centimes(1));
  EXPECT_EQ(MultiplyRoundedUp(Money::Centimes(101), 500'000), Centimes(51));
  EXPECT_EQ(MultiplyRoundedUp(Money::Centimes(999), 999'999), Centimes(999));
  EXPECT_EQ(MultiplyRoundedUp(Money::Centimes(1'000'001), 999'999), Centimes(1'000'000));
}

TEST(MultiplyTest, RefusesWhatIsNegativeOrTooLarge) {
  EXPECT_EQ(MultiplyRoundedUp(Money::Centimes(-1), 1), std::nullopt);
  EXPECT_EQ(MultiplyRoundedUp(Money::Centimes(1), -1), std::nullopt);
  EXPECT_EQ(MultiplyRoundedUp(Money::Centimes(kMost), 1'000'000), Centimes(kMost));
  EXPECT_EQ(MultiplyRoundedUp(Money::Centimes(kMost), 1'000'001), std::nullopt);
  EXPECT_EQ(MultiplyRoundedUp(Money::Centimes(kMost), kMost), std::nullopt);
}

TEST(ParseDinarsTest, ReadsNumbersAsJsonWritesThem) {
  const struct {
    const char* text;
    int64_t centimes;
  } cases[] = {
      {"0", 0},
      {"-0", 0},
      {"0.00", 0},
      {"980", 98'000},
      {"496.25", 49'625},
      {"496.2", 49'620},
      {"0.05", 5},
      {"1326.13", 132'613},
      {"-12.34", -1'234},
      {"1.2E3", 120'000},
      {"1.2e+3", 120'000},
      {"12e-1", 120},
      {"1e2", 10'000},
      {"125e-2", 125},
      {"1250e-3", 125},
      {"0e-99999999999", 0},
      {"0E5", 0},
      {"1.2500000000", 125},
      {"0.0001e4", 100},
      {"1E-2", 1},
      {"92233720368547758.07", kMost},
      {"9.223372036854775807e16", kMost},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(ParseDecimalDinars(test.text), Centimes(test.centimes)) << test.text;
  }
}

TEST(ParseDinarsTest, RefusesPartsOfACentime) {
  for (const char* text :
       {"0.001", "496.255", "1e-3", "125e-3", "496.25000000000006", "1e-999999", "0.005"}) {
    EXPECT_EQ(ParseDecimalDinars(text), std::nullopt) << text;
  }
}

TEST(ParseDinarsTest, RefusesWhatDoesNotFit) {
  for (const char* text : {"92233720368547758.08", "1e17", "1e99999999999999999999", "-1e18",
                           "10000000000000000000000", "0.1e30"}) {
    EXPECT_EQ(ParseDecimalDinars(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseDecimalDinars(std::string(65, '1')), std::nullopt);
  EXPECT_EQ(ParseDecimalDinars("0." + std::string(63, '0')), std::nullopt);  // longer than we read
}

TEST(ParseDinarsTest, RefusesWhatIsNoNumber) {
  for (const char* text :
       {"",    " ",   "-",   "+1",       ".5",   "5.",    "1.e2",  "e5",    "1e",
        "1e+", "1e-", "--1", "1 ",       " 1",   "1,5",   "1.2.3", "0x10",  "01",
        "-01", "00",  "NaN", "Infinity", "null", "\"5\"", "1e1.5", "1_000", "١٢"}) {
    EXPECT_EQ(ParseDecimalDinars(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseDecimalDinars(absl::string_view("1\0", 2)), std::nullopt);
}

// Every sum of up to a thousand dinars, in three spellings, comes back to the centime.
TEST(ParseDinarsTest, AgreesWithToStringToTheCentime) {
  for (int64_t centimes = 0; centimes < 100'000; ++centimes) {
    const std::string shown = Money::Centimes(centimes).ToString();
    ASSERT_EQ(ParseDecimalDinars(shown.substr(0, shown.size() - 4)), Centimes(centimes)) << shown;
    ASSERT_EQ(ParseDecimalDinars(absl::StrCat(centimes, "e-2")), Centimes(centimes)) << centimes;
    ASSERT_EQ(ParseDecimalDinars(absl::StrCat("-", centimes, "E-02")), Centimes(-centimes));
  }
}

TEST(ParseRatioTest, ReadsPartsPerMillion) {
  EXPECT_EQ(ParseDecimalRatio("0.98"), 980'000);
  EXPECT_EQ(ParseDecimalRatio("0.9925"), 992'500);
  EXPECT_EQ(ParseDecimalRatio("1"), 1'000'000);
  EXPECT_EQ(ParseDecimalRatio("0"), 0);
  EXPECT_EQ(ParseDecimalRatio("9.8E-1"), 980'000);
  EXPECT_EQ(ParseDecimalRatio("0.000001"), 1);
  EXPECT_EQ(ParseDecimalRatio("0.9700000000"), 970'000);
  EXPECT_EQ(ParseDecimalRatio("10"), 10'000'000);
}

TEST(ParseRatioTest, RefusesWhatIsTooFineNegativeOrTooLarge) {
  for (const char* text : {"0.0000001", "0.9700001", "-0.5", "10.000001", "11", "1e9", "", "0,98",
                           "98%", "9223372036854775807"}) {
    EXPECT_EQ(ParseDecimalRatio(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace topup::core
