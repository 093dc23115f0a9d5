// Whoever writes this list decides which code prices: no line of it may be misread as another, and
// nothing is allowed by a file that others could have written.
#include "server/pricing/library/allow_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace topup::pricing {
namespace {

using support::HasMetadata;
using support::HasReason;
using support::IsOk;
using support::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// Two digests.
std::string One() { return std::string(64, '1'); }
std::string Two() { return std::string(32, 'a') + std::string(32, '0'); }

std::vector<std::string> ProblemsOf(const std::string& text) {
  std::vector<std::string> problems;
  ParseAllowList(text, problems);
  return problems;
}

std::vector<AllowedLibrary> Parse(const std::string& text) {
  std::vector<std::string> problems;
  std::vector<AllowedLibrary> libraries = ParseAllowList(text, problems);
  EXPECT_THAT(problems, IsEmpty());
  return libraries;
}

TEST(ParseAllowListTest, ReadsWhatSha256sumPrints) {
  EXPECT_THAT(Parse(One() + "  libcap.so\n" + Two() + " */usr/lib/topupd/lib two.so\n"),
              ElementsAre(AllowedLibrary{One(), "libcap.so"},
                          AllowedLibrary{Two(), "/usr/lib/topupd/lib two.so"}));
}

TEST(ParseAllowListTest, PassesOverBlankLinesAndCommentsAndNeedsNoLastLineBreak) {
  EXPECT_THAT(Parse("# Ours.\n\n \t\n#" + Two() + "  lib.so\n" + One() + "  libcap.so"),
              ElementsAre(AllowedLibrary{One(), "libcap.so"}));
  EXPECT_THAT(Parse(""), IsEmpty());
}

TEST(ParseAllowListTest, NamesEachWrongLineByItsNumber) {
  EXPECT_THAT(ProblemsOf("# Ours.\nabc  lib.so\n" + One() + "  libcap.so\n\n" + One() + "\n"),
              ElementsAre(AllOf(HasSubstr("line 2"), HasSubstr("64 lower-case hex digits")),
                          AllOf(HasSubstr("line 5"), HasSubstr("space or asterisk"))));
}

TEST(ParseAllowListTest, TakesNoLineThatIsNearlyOne) {
  const std::string upper = std::string(63, '1') + "A";
  for (const std::string& line :
       {upper + "  lib.so", " " + One() + "  lib.so", One() + "1  lib.so",
        One().substr(1) + "  lib.so", One() + " lib.so", One() + "\tlib.so", One() + "** lib.so",
        "\\" + One() + "  lib\\n.so", One() + "  ", One() + " *", One() + "  lib.so\r",
        One() + "  lib\x1b[2J.so", One() + "  lib\xff.so",
        One() + "  lib" + std::string(1, '\0') + ".so", std::string("lib.so  ") + One(),
        std::string("SHA256 (lib.so) = ") + One()}) {
    EXPECT_THAT(ProblemsOf(line), SizeIs(1)) << line;
  }
}

TEST(ParseAllowListTest, TakesAsManyLinesAsThereMayBeAndNoMore) {
  std::string text;
  for (int i = 0; i < kAllowListLinesMax; ++i) absl::StrAppend(&text, "#\n");
  EXPECT_THAT(ProblemsOf(text), IsEmpty());
  EXPECT_THAT(ProblemsOf(text + "#\n"), ElementsAre("more than 4096 lines"));
}

TEST(ParseAllowListTest, TellsOfAFileThatIsNoListOnlyTheBeginning) {
  std::string text;
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&text, "x\n");
  EXPECT_THAT(ProblemsOf(text), SizeIs(kAllowListProblemsMax));
}

LibraryFile File(const std::string& path, const std::string& digest) {
  return {.path = path, .bytes = "", .digest = digest};
}

TEST(AllowListTest, GoesByTheDigestAndNotByTheName) {
  const AllowList list("allowed.sha256", {{One(), "libcap.so"}});
  EXPECT_THAT(list.Check(File("/a/libcap.so", One())), IsOk());
  EXPECT_THAT(list.Check(File("/a/libother.so", One())), IsOk());
  EXPECT_THAT(list.Check(File("/a/libcap.so", Two())), Not(IsOk()));
}

TEST(AllowListTest, SaysWhatWasFoundAndWhatIsListedForThatName) {
  const AllowList list("allowed.sha256", {{One(), "./libcap.so"}});
  EXPECT_THAT(
      list.Check(File("/a/libcap.so", Two())),
      AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("STRATEGY_LOAD_FAILED"),
            HasMetadata("file", "libcap.so"), HasMetadata("step", "allow list"),
            HasMetadata("expected", "a digest that allowed.sha256 lists"),
            HasMetadata("found",
                        absl::StrCat("digest ", Two(), " (for this name ", One(), " is listed)"))));
  EXPECT_THAT(list.Check(File("/a/libx.so", Two())), HasMetadata("found", "digest " + Two()));
}

TEST(AllowListTest, AllowsNothingWhereItNamesNothing) {
  EXPECT_THAT(AllowList("allowed.sha256", {}).Check(File("/a/libcap.so", One())), Not(IsOk()));
}

class ReadAllowListTest : public testing::Test {
 protected:
  void Write(const std::string& text) {
    std::ofstream(path_) << text;
    ASSERT_EQ(chmod(path_.c_str(), 0644), 0);
  }

  support::TempDir directory_;
  const std::string path_ = directory_.File("allowed.sha256");
};

auto RefusedWith(const std::string& expected, const std::string& found) {
  return AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("STRATEGY_LOAD_FAILED"),
               HasMetadata("file", "allowed.sha256"), HasMetadata("step", "allow list"),
               HasMetadata("expected", HasSubstr(expected)),
               HasMetadata("found", HasSubstr(found)));
}

TEST_F(ReadAllowListTest, ReadsAFileThatNobodyElseMayChange) {
  Write(One() + "  libcap.so\n");
  const auto list = ReadAllowList(path_);
  ASSERT_THAT(list, IsOk());
  EXPECT_THAT(list->Check(File("/a/libcap.so", One())), IsOk());
}

TEST_F(ReadAllowListTest, TrustsNoFileThatALibraryWouldNotBeTrustedAs) {
  EXPECT_THAT(ReadAllowList(path_), RefusedWith("exists", "No such file"));
  Write(One() + "  libcap.so\n");
  ASSERT_EQ(chmod(path_.c_str(), 0664), 0);
  EXPECT_THAT(ReadAllowList(path_), RefusedWith("not writable", "0664"));
  ASSERT_EQ(chmod(path_.c_str(), 0644), 0);
  ASSERT_EQ(chmod(directory_.path().c_str(), 0777), 0);
  EXPECT_THAT(ReadAllowList(path_), RefusedWith("directory", "0777"));
  ASSERT_EQ(chmod(directory_.path().c_str(), 0755), 0);
  EXPECT_THAT(ReadAllowList(path_), IsOk());
  EXPECT_THAT(ReadAllowList("allowed.sha256"), RefusedWith("absolute", "relative"));
}

TEST_F(ReadAllowListTest, RefusesAFileThatIsEmptyOrTooLarge) {
  Write("");
  EXPECT_THAT(ReadAllowList(path_), RefusedWith("1 to 262144 bytes", "0 bytes"));
  Write(std::string(kAllowListSizeMax + 1, '\n'));
  EXPECT_THAT(ReadAllowList(path_), RefusedWith("1 to 262144 bytes", "262145 bytes"));
}

TEST_F(ReadAllowListTest, ListsEveryWrongLine) {
  Write("x\n" + One() + "  libcap.so\ny\n");
  const absl::Status refused = ReadAllowList(path_).status();
  EXPECT_THAT(refused, RefusedWith("sha256sum", "line 1"));
  const auto details = base::GetErrorDetails(refused);
  ASSERT_TRUE(details.has_value());
  ASSERT_THAT(details->field_violations, SizeIs(2));
  EXPECT_THAT(details->field_violations[1].description, HasSubstr("line 3"));
}

}  // namespace
}  // namespace topup::pricing
