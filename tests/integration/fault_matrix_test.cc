// A sample of the fault matrix, whose whole is the program fault_matrix: for each request of the
// money path every eighth cell. Nothing is sold twice, lost, or refunded although it was sold;
// everything settles, or stays in doubt with a next step; each attempt is one POST.
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/run_fault_cells.h"

namespace topup::integration {
namespace {

using testing::IsEmpty;

constexpr int kEvery = 8;

std::vector<FaultCell> SampleOf(Call call) {
  std::vector<FaultCell> sample;
  int number = 0;
  for (const FaultCell& cell : AllFaultCells()) {
    if (cell.call == call && number++ % kEvery == 0) sample.push_back(cell);
  }
  return sample;
}

void ExpectNoViolation(Call call) {
  const FaultRun run{.topups_per_cell = 2, .worlds_at_once = 12};
  const FaultReport report = RunFaultCells(SampleOf(call), run);
  std::printf("%s\n", Figures(report, run).c_str());
  EXPECT_GE(report.cells, 20);
  EXPECT_THAT(report.violations, IsEmpty());
}

TEST(FaultMatrixTest, FaultsOfSends) { ExpectNoViolation(Call::kSend); }

TEST(FaultMatrixTest, FaultsOfTheReadsThatSettleDoubt) { ExpectNoViolation(Call::kCheckRef); }

TEST(FaultMatrixTest, FaultsOfSingleStatusReads) { ExpectNoViolation(Call::kCheckId); }

TEST(FaultMatrixTest, FaultsOfBatchReads) { ExpectNoViolation(Call::kList); }

TEST(FaultMatrixTest, HasAtLeast480CellsOfDifferentNames) {
  std::set<std::string> names;
  for (const FaultCell& cell : AllFaultCells()) names.insert(cell.name);
  EXPECT_EQ(names.size(), AllFaultCells().size());
  EXPECT_GE(names.size(), 480u);
}

// What the matrix would say if it were as it must not be.

class EverythingTwice : public support::ChaosPlan {
 public:
  support::ConnectionFate OnConnection() override { return {.twice = true}; }
};

TEST(FaultWorldTest, NoticesAPostThatIsMadeTwiceForOneAttempt) {
  EverythingTwice plan;
  FaultWorld world({.faults = "", .detour = Detour{.call = Call::kSend, .plan = &plan}});
  const std::string id = world.Send("a", "0661000000");
  EXPECT_THAT(world.AwaitEnd({id}, FaultWorld::Held::kAreOpen, absl::Minutes(5)), IsEmpty());
  EXPECT_THAT(world.FindViolations(),
              testing::Contains(testing::HasSubstr("1 of 1 attempts may have left, and 2 POSTs")));
}

TEST(FaultMatrixTest, NoticesAFaultThatDoesNotStrike) {
  const FaultCell cell{.name = "a fault that no rule makes", .kind = "HANG", .strikes = 1};
  const FaultReport report = RunFaultCells({cell}, {.topups_per_cell = 1, .worlds_at_once = 1});
  EXPECT_THAT(report.violations,
              testing::ElementsAre("[a fault that no rule makes] struck 0 times, not 1"));
}

}  // namespace
}  // namespace topup::integration
