// The danger excluded here: a log that fills the disk, and then cannot be written back for want of
// room.
#include "server/store/sqlite/checkpoint_rule.h"

#include <gtest/gtest.h>

namespace topup::store::sqlite {
namespace {

constexpr StoreOptions kOptions;
constexpr int64_t kMiB = 1 << 20;

CheckpointMode Choose(const LogStanding& standing) { return ChooseCheckpoint(standing, kOptions); }

TEST(CheckpointRuleTest, LeavesASmallLogToItselfUntilItIsLarge) {
  EXPECT_EQ(Choose({.pages = 0}), CheckpointMode::kNone);
  EXPECT_EQ(Choose({.pages = 15'999}), CheckpointMode::kNone);
  EXPECT_EQ(Choose({.pages = 16'000}), CheckpointMode::kPassive);
}

TEST(CheckpointRuleTest, UsesAnIdleMomentForALogThatIsWorthIt) {
  EXPECT_EQ(Choose({.pages = 999, .is_idle = true}), CheckpointMode::kNone);
  EXPECT_EQ(Choose({.pages = 1000, .is_idle = true}), CheckpointMode::kPassive);
}

TEST(CheckpointRuleTest, WaitsForReadersOnceTheyHaveMadeItTooLarge) {
  EXPECT_EQ(Choose({.pages = 31'999}), CheckpointMode::kPassive);
  EXPECT_EQ(Choose({.pages = 32'000}), CheckpointMode::kTruncate);
}

TEST(CheckpointRuleTest, WritesBackWhileThereIsRoomForAllOfItInTheDatabase) {
  EXPECT_EQ(Choose({.pages = 256, .free_bytes = 2 * kMiB}), CheckpointMode::kNone);
  EXPECT_EQ(Choose({.pages = 256, .free_bytes = 2 * kMiB - 1}), CheckpointMode::kPassive);
  EXPECT_EQ(Choose({.pages = 1, .free_bytes = 0}), CheckpointMode::kPassive);
}

TEST(CheckpointRuleTest, DoesNothingForNothingOnAFullDisk) {
  EXPECT_EQ(Choose({.pages = 0, .free_bytes = 0}), CheckpointMode::kNone);
}

TEST(CheckpointRuleTest, GivesTheLogsRoomBackWhereACommitFoundNone) {
  EXPECT_EQ(Choose({.pages = 0, .free_bytes = 0, .found_no_room = true}),
            CheckpointMode::kTruncate);
}

TEST(CheckpointRuleTest, GoesByTheLogAloneWhereNobodyKnowsTheRoom) {
  EXPECT_EQ(Choose({.pages = 15'999, .free_bytes = std::nullopt}), CheckpointMode::kNone);
}

}  // namespace
}  // namespace topup::store::sqlite
