// Each planted bug has to be noticed by the checker that is there for it, within a few seeds.
// Prints which checkers noticed which bug, and how many seeds it took.
#include "tests/sim/planted_bugs.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/sim/campaign.h"

namespace topup::sim {
namespace {

constexpr int kSeedsMax = 60;

class PlantedBugsTest : public testing::TestWithParam<PlantedBug> {};

TEST_P(PlantedBugsTest, IsNoticedByItsChecker) {
  const Hunt hunt = HuntBug(GetParam(), kSeedsMax);
  const std::string row = HuntTableRow(GetParam(), hunt);
  std::printf("%s", row.c_str());
  EXPECT_TRUE(hunt.found) << row;
}

std::string TestName(const testing::TestParamInfo<PlantedBug>& info) {
  std::string name;
  for (const char c : info.param.name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += c;
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, PlantedBugsTest, testing::ValuesIn(PlantedBugs()), TestName);

TEST(PlantedBugsTest, TheFourteenAreAmongThem) {
  const std::vector<PlantedBug>& bugs = PlantedBugs();
  EXPECT_EQ(std::count_if(bugs.begin(), bugs.end(),
                          [](const PlantedBug& bug) { return !bug.known_as.empty(); }),
            14);
}

TEST(PlantedBugsTest, TheSameSeedsAreCleanWithoutThem) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const SimOptions options = OptionsOfSeed(seed, /*liveness=*/false);
    const Outcome outcome = RunOnce(options);
    EXPECT_TRUE(outcome.violations.empty()) << Report(options, outcome);
  }
}

// What tests/fuzz/program runs: short, and decided by bytes. Bytes that nobody has chosen find most
// of the bugs, so that a fuzzing engine, which chooses them, has something to find.
TEST(PlantedBugsTest, ShortProgramsOfRandomBytesNoticeMostOfThem) {
  constexpr int kProgramsMax = 40;
  constexpr int kNoticedMin = 18;
  std::mt19937_64 random(1);
  std::vector<SimOptions> programs;
  for (int i = 0; i < kProgramsMax; ++i) {
    std::string bytes(500, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    programs.push_back(OptionsOfProgram(bytes));
    const Outcome outcome = RunOnce(programs.back());
    EXPECT_TRUE(outcome.violations.empty()) << Report(programs.back(), outcome);
  }
  int noticed = 0;
  for (const PlantedBug& bug : PlantedBugs()) {
    int tried = 0;
    bool is_noticed = false;
    for (; tried < kProgramsMax && !is_noticed; ++tried) {
      SimOptions options = programs[static_cast<size_t>(tried)];
      for (const auto& [fault, rate] : bug.faults) options.faults[fault] = rate;
      is_noticed = !RunOnce(options, bug.decorations).violations.empty();
    }
    std::printf("| %-38s | %s |\n", bug.name.c_str(),
                is_noticed ? std::to_string(tried).c_str() : "not");
    noticed += is_noticed ? 1 : 0;
  }
  EXPECT_GE(noticed, kNoticedMin);
}

}  // namespace
}  // namespace topup::sim
