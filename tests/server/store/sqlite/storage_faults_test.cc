// The N-th operation on the disk fails, for N = 1, 2, 3... until a run meets no failure.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/store/sqlite/fault_loop.h"
#include "tests/support/temp_dir.h"

namespace topup::store::sqlite {
namespace {

using Operation = CrashDisk::Operation;
using Outcome = CrashDisk::Outcome;
using testing::IsEmpty;

class StorageFaultsTest : public testing::Test {
 protected:
  FaultTally FailEachUntilClean(Operation operation, Outcome outcome, bool lasting) {
    const FaultTally tally =
        FailEach(directory_.File("topup.db"), {operation, 0, outcome, lasting}, {});
    EXPECT_THAT(tally.problems, IsEmpty());
    EXPECT_TRUE(tally.clean);
    return tally;
  }

  support::TempDir directory_;
};

TEST_F(StorageFaultsTest, AfterAFailedSyncItAcknowledgesNothingAnyMore) {
  const FaultTally tally = FailEachUntilClean(Operation::kSync, Outcome::kIoError, false);
  EXPECT_GT(tally.dead, 5);
  EXPECT_EQ(tally.full, 0);
  EXPECT_EQ(tally.unnoticed, 0);
}

TEST_F(StorageFaultsTest, AWriteThatFailsIsNeverAcknowledged) {
  EXPECT_GT(FailEachUntilClean(Operation::kWrite, Outcome::kIoError, false).dead, 20);
}

TEST_F(StorageFaultsTest, AFullDiskRecordsNothingAndHeals) {
  const FaultTally tally = FailEachUntilClean(Operation::kWrite, Outcome::kFull, true);
  EXPECT_GT(tally.full, 20);
  EXPECT_EQ(tally.dead, 0);
}

TEST_F(StorageFaultsTest, AShortWriteIsAFullDisk) {
  const FaultTally tally = FailEachUntilClean(Operation::kWrite, Outcome::kShort, false);
  EXPECT_GT(tally.full, 20);
  EXPECT_EQ(tally.dead, 0);
}

TEST_F(StorageFaultsTest, ATruncationThatFailsLosesNothing) {
  EXPECT_GT(FailEachUntilClean(Operation::kTruncate, Outcome::kIoError, false).runs, 1);
}

}  // namespace
}  // namespace topup::store::sqlite
