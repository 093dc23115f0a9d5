// The checker finds each way to be wrong and names it, passes what is good, and is itself harmed by
// nothing that a library does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "pricing_plugins/checker/arguments.h"
#include "pricing_plugins/checker/check_library.h"
#include "pricing_plugins/checker/elf_symbols.h"
#include "pricing_plugins/checker/print_report.h"

namespace topup::checker {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kCalls = 400;
constexpr int kPatienceSeconds = 60;
constexpr int kShortPatienceSeconds = 3;  // for what hangs for ever
constexpr uint64_t kSeed = 20260331;

std::string BrokenPath(const std::string& name) {
  return "tests/pricing_plugins/broken/lib" + name + ".so";
}

LibraryReport CheckBroken(const std::string& name) {
  return CheckLibrary({.path = BrokenPath(name), .seed = kSeed, .calls = kCalls}, kPatienceSeconds);
}

std::string Text(const LibraryReport& report) { return ReportAsText({report}, kSeed); }

// The verdict that is bad under `check`; an empty one where there is none.
Verdict BadVerdict(const LibraryReport& report, const std::string& check) {
  for (const Verdict& verdict : report.verdicts) {
    if (verdict.check == check && verdict.grade == Grade::kBad) return verdict;
  }
  return {};
}

struct Fault {
  const char* library;
  const char* check;  // that has to be bad
  const char* words;  // that its verdict has to say
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.library; }

class CheckerFindsTest : public testing::TestWithParam<Fault> {};

TEST_P(CheckerFindsTest, TheFaultAndNamesIt) {
  const LibraryReport report = CheckBroken(GetParam().library);
  EXPECT_FALSE(report.IsGood());
  const Verdict verdict = BadVerdict(report, GetParam().check);
  EXPECT_THAT(verdict.found, HasSubstr(GetParam().words)) << Text(report);
  EXPECT_NE(verdict.remedy, "");
}

INSTANTIATE_TEST_SUITE_P(
    BeforeItRuns, CheckerFindsTest,
    testing::Values(Fault{"not_a_library", "file", "expected a shared library (ELF)"},
                    Fault{"own_search_path", "file", "search path"},
                    Fault{"needs_more", "file", "libresolv"},
                    Fault{"missing_entry", "exports", "does not export topup_pricing_entry"},
                    Fault{"entry_is_code", "exports", "is no data"},
                    Fault{"exports_more", "exports", "spare_function"},
                    Fault{"wants_an_executable_stack", "hardening", "executable stack"}));

INSTANTIATE_TEST_SUITE_P(
    WhenItIsLoaded, CheckerFindsTest,
    testing::Values(Fault{"other_abi_version", "load", "\"ABI version\""},
                    Fault{"wrong_entry_size", "load", "\"sizes\""},
                    Fault{"wrong_descriptor_size", "load", "\"sizes\""},
                    Fault{"missing_create", "load", "\"functions\""},
                    Fault{"init_fails", "load", "it will not start"},
                    Fault{"bad_id", "load", "an id of a-z"},
                    Fault{"crashes_when_opened", "load", "ended by signal 6"},
                    Fault{"wrong_strategy_size", "create", "struct_size is 4096"},
                    Fault{"missing_destroy", "create", "null pointer"},
                    Fault{"create_fails", "create", "it will not be made"},
                    Fault{"has_a_lying_schema", "create", "though its schema does"},
                    Fault{"takes_anything", "nonsense", "create took a word"},
                    Fault{"has_no_messages", "nonsense", "no word"},
                    Fault{"has_endless_messages", "nonsense", "its message has no end"},
                    Fault{"reads_past_config", "bounds", "behind which no byte can be read"}));

INSTANTIATE_TEST_SUITE_P(
    ByItsAnswers, CheckerFindsTest,
    testing::Values(Fault{"price_fails", "answers", "0 priced"},
                    Fault{"unknown_code", "answers", "code 77"},
                    Fault{"negative_price", "answers", "price of -1 centimes"},
                    Fault{"huge_price", "answers", "is not within"},
                    Fault{"no_steps", "answers", "0 steps"},
                    Fault{"many_steps", "answers", "9 steps"},
                    Fault{"endless_text", "answers", "no text that ends"},
                    Fault{"odd_last_step", "answers", "its last step ends at"},
                    Fault{"has_control_characters", "answers", "no text that ends"},
                    Fault{"has_another_currency", "answers", "currency 978"},
                    Fault{"throws", "answers", "exception across the border: no price today"},
                    Fault{"writes_beside", "bounds", "1 bytes behind it"},
                    Fault{"writes_request", "bounds", "it changed the request"},
                    Fault{"changes_headers", "bounds", "header of a step"},
                    Fault{"keeps_config", "bounds", "the configuration that is gone"},
                    Fault{"crashes_on_zero", "extremes", "ended by signal 11"},
                    Fault{"exits_on_unknown", "extremes", "exit status 0"},
                    Fault{"wraps_around", "overflow", "only"},
                    Fault{"claims_extensions", "extensions", "it claims to have"},
                    Fault{"has_wrong_examples", "extensions", "should cost 98200"}));

INSTANTIATE_TEST_SUITE_P(
    ByItsHabits, CheckerFindsTest,
    testing::Values(Fault{"moody", "determinism", "asked again"},
                    Fault{"is_random", "determinism", "asked again"},
                    Fault{"remembers", "determinism", "asked in another order"},
                    Fault{"uses_addresses", "processes", "another process"},
                    Fault{"allows_one_strategy", "instances", "there is one already"},
                    Fault{"shares_a_variable", "concurrency", "among four threads"},
                    Fault{"reads_locale", "locale", "under C.UTF-8"},
                    Fault{"changes_locale", "manners", "the locale while it was loaded"},
                    Fault{"changes_environment", "manners", "the environment"},
                    Fault{"changes_directory", "manners", "the working directory"},
                    Fault{"handles_signals", "manners", "the handling of signals"},
                    Fault{"keeps_a_file_open", "manners", "the open files"},
                    Fault{"starts_a_thread", "manners", "the number of threads"},
                    Fault{"starts_a_process", "manners", "started a process"},
                    Fault{"prints", "output", "priced one"}));

// What it does with all its calls, by the one check that counts.
LibraryReport RunOne(const std::string& name, void (*check)(const Context&, Report&), int calls,
                     int patience_seconds = kPatienceSeconds) {
  const Context context = {
      .path = BrokenPath(name), .seed = kSeed, .calls = calls, .kept = {{"config", "{}"}}};
  LibraryReport report = {.library = name};
  report.verdicts =
      RunIsolated("one", "", patience_seconds, [&](Report& to) { check(context, to); }).verdicts;
  return report;
}

TEST(CheckerTest, SeesAClockThatIsReadByTheSecond) {
  const LibraryReport report = RunOne("reads_clock", &CheckDeterminism, 20000);
  EXPECT_THAT(BadVerdict(report, "one").found, HasSubstr("a while later")) << Text(report);
}

TEST(CheckerTest, EndsWhatHangs) {
  EXPECT_THAT(
      BadVerdict(RunOne("hangs_on_menus", &CheckAnswers, kCalls, kShortPatienceSeconds), "one")
          .found,
      HasSubstr("did not end within 3 s"));
}

TEST(CheckerTest, SeesWhoIsSlow) {
  EXPECT_THAT(BadVerdict(RunOne("is_slow", &CheckTime, 40), "one").found, HasSubstr("median"));
}

TEST(CheckerTest, SeesWhoseMemoryGrows) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer's allocator does not say what is allocated";
#endif
  EXPECT_THAT(BadVerdict(RunOne("leaks_in_price", &CheckMemory, 4000), "one").found,
              HasSubstr("after each 801 prices"));
  EXPECT_THAT(BadVerdict(RunOne("leaks_strategies", &CheckMemory, 4000), "one").found,
              HasSubstr("strategies that were made and destroyed"));
}

TEST(CheckerTest, PassesWhoBehaves) {
  const LibraryReport report = CheckBroken("well_behaved");
  EXPECT_TRUE(report.IsGood()) << Text(report);
  EXPECT_EQ(report.verdicts.size(), AllChecks().size() + 1);
}

TEST(CheckerTest, SaysWhereNothingIsThere) {
  const LibraryReport report = CheckBroken("no_such_file");
  EXPECT_THAT(report.BadChecks(), ElementsAre("file"));
  EXPECT_THAT(Text(report), HasSubstr("expected a file that exists"));
  EXPECT_THAT(Text(report), HasSubstr("1 libraries, 0 good, 1 failed"));
}

TEST(CheckerTest, ChecksWithTheConfigurationThatItIsGiven) {
  Context context = {.path = BrokenPath("well_behaved"), .seed = kSeed, .calls = kCalls};
  context.given_config = R"({"fee": 1})";
  EXPECT_THAT(CheckLibrary(context, kPatienceSeconds).BadChecks(), ElementsAre("schema"));
  context.given_config = "{}";
  EXPECT_TRUE(CheckLibrary(context, kPatienceSeconds).IsGood());
}

TEST(CheckerTest, ReadsNoFurtherThanALibraryThatIsCut) {
  std::ifstream file(BrokenPath("well_behaved"), std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  ASSERT_TRUE(ReadElf(bytes).has_value());
  for (size_t size = 0; size < bytes.size(); size += 61) {
    ReadElf(absl::string_view(bytes).substr(0, size));  // reads nothing beyond
    std::string spoilt = bytes;
    spoilt[size] = '\xff';
    ReadElf(spoilt);
  }
}

Arguments Parse(const std::vector<std::string>& words, std::vector<std::string>& problems) {
  problems.clear();
  return ParseArguments(words, problems);
}

TEST(CheckerArgumentsTest, AreReadWithAndWithoutAnEqualsSign) {
  std::vector<std::string> problems;
  const Arguments arguments =
      Parse({"--output", "json", "--seed=7", "--config", "c.json", "a.so", "b.so"}, problems);
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_TRUE(arguments.json);
  EXPECT_EQ(arguments.seed, 7u);
  EXPECT_EQ(arguments.config_file, "c.json");
  EXPECT_THAT(arguments.libraries, ElementsAre("a.so", "b.so"));
}

TEST(CheckerArgumentsTest, AreAllRefusedWhereTheyAreWrong) {
  std::vector<std::string> problems;
  Parse({"--output=xml", "--seed=-1", "--frobnicate", "--calls=0", "--config"}, problems);
  EXPECT_EQ(problems.size(), 6u) << testing::PrintToString(problems);
  Parse({}, problems);
  EXPECT_THAT(problems, Contains(HasSubstr("no library is named")));
}

TEST(CheckerReportTest, ShowsNothingThatATerminalWouldObey) {
  const LibraryReport report = {
      .library = "a.so",
      .verdicts = {
          {.check = "output", .grade = Grade::kBad, .checked = "x", .found = "\x1b[2J\n"}}};
  EXPECT_EQ(ReportAsText({report}, 1).find('\x1b'), std::string::npos);
  EXPECT_THAT(ReportAsJson({report}, 1), HasSubstr("\\u001b[2J"));
}

}  // namespace
}  // namespace topup::checker
