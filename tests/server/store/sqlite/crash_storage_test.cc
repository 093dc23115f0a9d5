#include <gtest/gtest.h>

#include "tests/server/store/sqlite/crash_disk.h"
#include "tests/server/store/sqlite/crash_point.h"
#include "tests/support/temp_dir.h"

namespace topup::store::sqlite {
namespace {

constexpr uint64_t kPoints = 200;

TEST(CrashStorageTest, EveryAcknowledgedWriteIsThereAfterThePowerWasCutAtAnyMoment) {
  const support::TempDir directory;
  int64_t acknowledged = 0;
  uint64_t under_way = 0;
  for (uint64_t seed = 1; seed <= kPoints; ++seed) {
    const CrashResult result = RunCrashPoint(seed, directory.File("topup.db"));
    EXPECT_EQ(result.problem, "") << "seed " << seed;
    EXPECT_FALSE(result.corrupt) << "seed " << seed;
    acknowledged += result.acknowledged;
    under_way += result.cut_under_way ? 1 : 0;
  }
  // Else it would prove little.
  EXPECT_GT(acknowledged, 1000);
  EXPECT_GT(under_way, kPoints / 3);
}

TEST(CrashStorageTest, TheSameSeedCutsTheSameOperations) {
  const support::TempDir directory;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const CrashResult first = RunCrashPoint(seed, directory.File("topup.db"));
    const CrashResult again = RunCrashPoint(seed, directory.File("topup.db"));
    EXPECT_EQ(first.operations, again.operations) << "seed " << seed;
    EXPECT_EQ(first.acknowledged, again.acknowledged) << "seed " << seed;
  }
}

TEST(CrashStorageTest, ADiskThatLiesAboutItsSyncsIsFoundOut) {
  const support::TempDir directory;
  int found = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const CrashResult result = RunCrashPoint(seed, directory.File("topup.db"), true);
    found += result.corrupt || !result.problem.empty() ? 1 : 0;
  }
  EXPECT_GT(found, 10);
}

// The proof is only as good as the disk's forgetfulness.
TEST(CrashDiskTest, ForgetsWhatWasNotSynced) {
  int kept_all = 0;
  int kept_none = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    CrashDisk disk(seed);
    bool created = false;
    auto file = disk.Open("a", true, &created);
    ASSERT_TRUE(created);
    disk.Write(*file, 0, std::string(512, 's'));
    disk.Sync(*file, /*directory=*/true);
    disk.Write(*file, 512, std::string(512, 'u'));
    const std::string left = disk.Survivors().at("a");
    ASSERT_EQ(left.substr(0, 512), std::string(512, 's'));
    kept_all += left == std::string(512, 's') + std::string(512, 'u') ? 1 : 0;
    kept_none += left.size() == 512 ? 1 : 0;
  }
  EXPECT_GT(kept_all, 20);
  EXPECT_GT(kept_none, 20);
  EXPECT_LT(kept_all + kept_none, 200) << "no sector was ever torn";
}

TEST(CrashDiskTest, LosesANameUntilItsDirectoryIsSynced) {
  int lost = 0;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    CrashDisk disk(seed);
    bool created = false;
    disk.Sync(*disk.Open("a", true, &created), /*directory=*/false);
    lost += disk.Survivors().empty() ? 1 : 0;
  }
  EXPECT_GT(lost, 10);
  EXPECT_LT(lost, 40);
}

TEST(CrashDiskTest, WhatAFailedSyncDroppedNoLaterSyncBringsBack) {
  int lost = 0;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    CrashDisk disk(seed);
    bool created = false;
    auto file = disk.Open("a", true, &created);
    disk.SetFault({CrashDisk::Operation::kSync, 1, CrashDisk::Outcome::kIoError, false});
    disk.Write(*file, 0, "bytes");
    EXPECT_EQ(disk.Sync(*file, true), CrashDisk::Outcome::kIoError);
    EXPECT_EQ(disk.Read(*file, 0, 5), "bytes");
    EXPECT_EQ(disk.Sync(*file, true), CrashDisk::Outcome::kDone);
    lost += disk.Survivors().at("a") != "bytes" ? 1 : 0;
  }
  EXPECT_GT(lost, 10);
}

}  // namespace
}  // namespace topup::store::sqlite
