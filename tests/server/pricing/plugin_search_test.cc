// A library that is searched in the wrong place is somebody else's price; and text from a
// library is bytes until it was checked.
#include "server/pricing/plugin_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/base/error.h"
#include "server/pricing/strategy_text.h"
#include "tests/support/status_matchers.h"

namespace topup::pricing {
namespace {

using support::HasMetadata;
using support::HasReason;
using support::IsOkAndHolds;
using ::testing::AllOf;
using ::testing::ElementsAre;

TEST(PluginSearchTest, LooksInTheGivenDirectoryOnlyWhereOneIsGiven) {
  EXPECT_THAT(PluginDirectories("/opt/strategies", "/usr/bin"), ElementsAre("/opt/strategies"));
}

TEST(PluginSearchTest, LooksBesideTheProgramAndThenWhereTheBuildPutsStrategies) {
  EXPECT_THAT(LibraryCandidates("libround_up.so", PluginDirectories("", "/w/out/bin/server/main")),
              ElementsAre("/w/out/bin/server/main/libround_up.so",
                          "/w/out/bin/server/main/round_up/libround_up.so",
                          "/w/out/bin/server/main/../../pricing_plugins/libround_up.so",
                          "/w/out/bin/server/main/../../pricing_plugins/round_up/libround_up.so"));
}

TEST(PluginSearchTest, TakesTheFirstThatIsThere) {
  const auto exists = [](const std::string& path) { return path != "/a/libx.so"; };
  EXPECT_THAT(FindLibrary("libx.so", {"/a", "/b"}, exists), IsOkAndHolds("/a/x/libx.so"));
  EXPECT_THAT(FindLibrary("odd.name", {"/a", "/b"}, exists), IsOkAndHolds("/a/odd.name"));
  EXPECT_THAT(FindLibrary("/z/libx.so", {"/a"}, exists), IsOkAndHolds("/z/libx.so"));
}

TEST(PluginSearchTest, SaysWhereItLookedInTheMetadataOnly) {
  const auto nothing = [](const std::string&) { return false; };
  const auto found = FindLibrary("libx.so", {"/a"}, nothing);
  EXPECT_THAT(found, AllOf(HasReason("STRATEGY_LOAD_FAILED"), HasMetadata("file", "libx.so"),
                           HasMetadata("step", "file"),
                           HasMetadata("searched", "/a/libx.so, /a/x/libx.so")));
  EXPECT_EQ(found.status().message().find('/'), absl::string_view::npos);
}

TEST(PluginSearchTest, KnowsNamesThatDependOnNoWorkingDirectory) {
  for (const char* good : {"libx.so", "/opt/libx.so", "x"})
    EXPECT_TRUE(IsLibraryName(good)) << good;
  for (const char* bad : {"", ".", "..", "../libx.so", "a/libx.so", "./libx.so", "/opt/"}) {
    EXPECT_FALSE(IsLibraryName(bad)) << bad;
  }
}

TEST(StrategyTextTest, TakesTextOfAllLanguagesAndNoOtherBytes) {
  for (const char* good :
       {"", "markup 5 %", "majoration \xc3\xa9", "\xd8\xb2", "\xf0\x9f\x93\xb1"}) {
    EXPECT_EQ(ReadStrategyText(good, 80), good);
  }
  for (const char* bad :
       {"a\nb", "a\x7f", "\x1b[31m", "\xc2\x80", "\xff", "\xc0\xaf", "\xe9", "\xed\xa0\x80",
        "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc3("}) {
    EXPECT_EQ(ReadStrategyText(bad, 80), std::nullopt);
  }
  EXPECT_EQ(ReadStrategyText("a\nb", 80, LineBreaks::kAllowed), "a\nb");
}

TEST(StrategyTextTest, WantsAnEndWithinTheSize) {
  const char endless[4] = {'a', 'b', 'c', 'd'};
  EXPECT_EQ(ReadStrategyText(endless, 4), std::nullopt);
  EXPECT_EQ(ReadStrategyText("abc", 4), "abc");
  EXPECT_EQ(ReadStrategyText(nullptr, 4), std::nullopt);
}

}  // namespace
}  // namespace topup::pricing
