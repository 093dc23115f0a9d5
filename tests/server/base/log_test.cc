#include "server/base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "absl/strings/match.h"
#include "tests/fakes/captured_log.h"
#include "tests/fakes/fake_clock.h"

namespace topup::base {
namespace {

const absl::Time kTime = absl::FromUnixMicros(1'790'000'000'123'456);

std::string Line(const std::vector<LogField>& fields, absl::string_view event = "topup.settled") {
  return FormatLogLine(kTime, LogSeverity::kInfo, event, fields);
}

// The line with `value` in it, which must be one line of valid JSON.
std::string LineWith(absl::string_view value) {
  std::string line = Line({{"text", value}});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_FALSE(nlohmann::json::parse(line, nullptr, false).is_discarded()) << line;
  return line;
}

// What a reader of the line sees of `value`.
std::string Shown(absl::string_view value) {
  const auto json = nlohmann::json::parse(LineWith(value), nullptr, false);
  return json.is_discarded() ? "not JSON" : json["text"].get<std::string>();
}

TEST(LogTest, WritesOneLineOfJsonWithTheFieldsInOrder) {
  EXPECT_EQ(Line({{"topup_id", "01ARYZ6S41"}, {"revision", 3}, {"visible", true}}),
            R"({"time":"2026-09-21T14:13:20.123456Z","severity":"INFO","event":"topup.settled",)"
            R"("topup_id":"01ARYZ6S41","revision":3,"visible":true})");
}

TEST(LogTest, EscapesWhatWouldEndOrForgeALine) {
  EXPECT_TRUE(absl::StrContains(LineWith("a\nb\rc\td"), R"("a\u000ab\u000dc\u0009d")"));
  EXPECT_TRUE(absl::StrContains(LineWith(R"(","event":"forged\)"), R"("\",\"event\":\"forged\\")"));
  EXPECT_TRUE(
      absl::StrContains(LineWith(std::string("\0\x1b[31m\x7f", 7)), R"("\u0000\u001b[31m\u007f")"));
  EXPECT_TRUE(absl::StrContains(LineWith("\u2028\u2029\u202e\u2066\u200f\u061c\u0085"),
                                R"("\u2028\u2029\u202e\u2066\u200f\u061c\u0085")"));
}

TEST(LogTest, KeepsOrdinaryTextOfEveryScript) {
  const std::string text = "Forfait spécial الرصيد 🎁 10 €";
  EXPECT_TRUE(absl::StrContains(LineWith(text), text));
}

TEST(LogTest, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(Shown("a\xff"
                  "b"),
            "a\ufffdb");
  EXPECT_EQ(Shown("\xc3"), "\ufffd");                                // cut short
  EXPECT_EQ(Shown("\xc0\xaf"), "\ufffd\ufffd");                      // overlong
  EXPECT_EQ(Shown("\xed\xa0\x80"), "\ufffd\ufffd\ufffd");            // a surrogate
  EXPECT_EQ(Shown("\xf4\x90\x80\x80"), "\ufffd\ufffd\ufffd\ufffd");  // beyond Unicode
}

TEST(LogTest, EscapesNamesAndEventsToo) {
  const std::string line = Line({{"na\"me\n", "v"}}, "ev\nent");
  EXPECT_TRUE(absl::StrContains(line, R"("event":"ev\u000aent","na\"me\u000a":"v")")) << line;
}

TEST(LogTest, CutsLongValuesBetweenCharacters) {
  EXPECT_EQ(Shown(std::string(1024, 'x')), std::string(1024, 'x'));
  EXPECT_EQ(Shown(std::string(1'000'000, 'x')), std::string(1024, 'x'));
  // Three bytes each: 341 of them fit.
  std::string euros;
  for (int i = 0; i < 400; ++i) euros += "€";
  EXPECT_EQ(Shown(euros), euros.substr(0, 1023));
  EXPECT_EQ(Shown(std::string(1023, 'x') + "🎁"), std::string(1023, 'x'));
}

TEST(LogTest, MasksPhoneNumbersInEveryForm) {
  EXPECT_EQ(Shown("0612345601"), "06******01");
  EXPECT_EQ(Shown("+213612345601"), "+2136******01");
  EXPECT_EQ(Shown("00213512345601"), "002135******01");
  EXPECT_EQ(Shown("213712345601"), "2137******01");
  EXPECT_EQ(Shown("+2130712345601"), "+21307******01");
  EXPECT_EQ(Shown("to 0612345601, then 0712345602."), "to 06******01, then 07******02.");
}

TEST(LogTest, MasksPhoneNumbersThatTouchOtherDigits) {
  EXPECT_EQ(Shown("msisdn=%200612345601"), "msisdn=%2006******01");
  EXPECT_EQ(Shown("06123456010712345602"), "06******0107******02");
  EXPECT_EQ(Shown("ref0612345601x"), "ref06******01x");
  EXPECT_EQ(Shown("06123456019"), "06******019");
}

TEST(LogTest, LeavesOtherNumbersAlone) {
  for (absl::string_view text : {"061234560", "0812345601", "0112345678", "213812345601", "1326.13",
                                 "2026-01-12T10:11:12Z", "612345601"}) {
    EXPECT_EQ(Shown(text), text);
  }
}

TEST(LogTest, MasksANumberThatTheCutWouldHaveHalved) {
  const std::string shown = Shown(std::string(1016, 'x') + "0612345601");
  EXPECT_EQ(shown, std::string(1016, 'x') + "06******");
}

TEST(LogTest, MasksPhoneNumbersInNamesAndEvents) {
  const std::string line = Line({{"0612345601", "v"}}, "0712345601");
  EXPECT_TRUE(absl::StrContains(line, R"("event":"07******01","06******01":"v")")) << line;
}

TEST(LogTest, MasksANumberFieldOnlyWhereTheWholeIsAPhoneNumber) {
  EXPECT_TRUE(absl::StrContains(Line({{"n", int64_t{213612345601}}}), R"("n":"2136******01")"));
  // A time in microseconds has the digits by chance.
  EXPECT_TRUE(
      absl::StrContains(Line({{"n", int64_t{1790061234567890}}}), R"("n":1790061234567890)"));
  EXPECT_TRUE(absl::StrContains(Line({{"n", int64_t{INT64_MIN}}}), R"("n":-9223372036854775808)"));
}

TEST(LogTest, QuotesANumberFieldThatIsNoNumber) {
  LogField field("n", 1);
  for (absl::string_view value : {"", "-", "01", "1e5", "1,\"x\":2", "nan"}) {
    field.value = std::string(value);
    EXPECT_EQ(nlohmann::json::parse(Line({field}))["n"], field.value);
  }
}

TEST(LogTest, StampsEachEntryWithItsTimeAndSeverity) {
  fakes::FakeClock clock(kTime);
  fakes::CapturedLog captured(clock);
  captured.log().Info("a.happened");
  clock.Advance(absl::Seconds(1));
  captured.log().Warning("b.happened", {{"count", 2}});
  captured.log().Error("c.happened");
  EXPECT_THAT(
      captured.lines(),
      testing::ElementsAre(
          R"({"time":"2026-09-21T14:13:20.123456Z","severity":"INFO","event":"a.happened"})",
          R"({"time":"2026-09-21T14:13:21.123456Z","severity":"WARNING","event":"b.happened",)"
          R"("count":2})",
          R"({"time":"2026-09-21T14:13:21.123456Z","severity":"ERROR","event":"c.happened"})"));
}

TEST(LogTest, GivesItsSinkOneLineAtATime) {
  fakes::FakeClock clock(kTime);
  int inside = 0;  // not atomic: the thread sanitizer sees a missing lock
  int lines = 0;
  Log log(clock, [&](absl::string_view) {
    EXPECT_EQ(++inside, 1);
    ++lines;
    --inside;
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&log] {
      for (int j = 0; j < 250; ++j) log.Info("thing.happened", {{"j", j}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(lines, 1000);
}

}  // namespace
}  // namespace topup::base
