// The N-th operation on the disk fails, for N = 1, 2, 3... until a run meets no failure.
#include <gtest/gtest.h>

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/metrics.h"
#include "server/store/sqlite/sqlite_topup_store.h"
#include "tests/conformance/topup_store_await.h"
#include "tests/server/store/sqlite/crash_point.h"
#include "tests/server/store/sqlite/crash_vfs.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/topup_builder.h"

namespace topup::store::sqlite {
namespace {

using conformance::CreateAndWait;
using support::HasReason;
using support::IsOk;
using support::MakeQueuedTopup;
using Operation = CrashDisk::Operation;
using Outcome = CrashDisk::Outcome;

constexpr int64_t kCap = 300;
constexpr int kBursts = 3;

class StorageFaultsTest : public testing::Test {
 protected:
  // How the runs of one loop ended.
  struct Tally {
    int runs = 0;
    int opening = 0;  // the store did not open: it said so
    int dead = 0;
    int full = 0;
    int unnoticed = 0;  // by callers: the log could not be written back
    bool clean = false;
  };

  Tally FailEach(Operation operation, Outcome outcome, bool lasting) {
    Tally tally;
    for (int64_t nth = 1; nth <= kCap && !tally.clean && !HasFailure(); ++nth) {
      SCOPED_TRACE(absl::StrCat("N = ", nth));
      FailOne({operation, nth, outcome, lasting}, tally);
      ++tally.runs;
    }
    RecordProperty("runs", tally.runs);
    std::printf("runs %d: not opened %d, stopped %d, full %d, unnoticed %d\n", tally.runs,
                tally.opening, tally.dead, tally.full, tally.unnoticed);
    return tally;
  }

  void FailOne(const CrashDisk::Fault& fault, Tally& tally) {
    const std::string path = directory_.File("topup.db");
    CrashWorkload workload(7);
    CrashDisk disk(static_cast<uint64_t>(fault.nth));
    disk.SetFault(fault);
    const CrashVfs vfs(disk);
    conformance::RecordingListener listener;
    base::Metrics metrics;
    auto store = SqliteTopupStore::Open(path, CrashOptions(vfs.name()), base::RealClock(), metrics);
    if (store.ok()) {
      (*store)->SetListener(&listener);
      const absl::Status end = workload.Run(**store, kBursts);
      if (end.ok()) {
        tally.clean = disk.faults() == 0;
        if (!tally.clean) ++tally.unnoticed;
        EXPECT_EQ(workload.CheckNothingElse(**store), "");
      } else if (absl::IsUnavailable(end)) {
        ++tally.dead;
        ExpectDead(**store, disk, listener);
      } else {
        ++tally.full;
        EXPECT_THAT(end, HasReason("STORAGE_FULL"));
        ExpectHeals(**store, disk, workload);
        EXPECT_TRUE(listener.fatal.empty());
      }
      disk.Cut();
      store->reset();
    } else {
      ++tally.opening;
      EXPECT_GT(disk.faults(), 0) << store.status();
    }
    CrashResult result;
    CheckSurvivors(disk.Survivors(), path, Survey::kInMemory, workload, result);
    EXPECT_EQ(result.problem, "");
    EXPECT_FALSE(result.corrupt);
  }

  // A store that has failed answers nothing any more, even where the disk is well again.
  static void ExpectDead(TopupStore& store, CrashDisk& disk,
                         const conformance::RecordingListener& listener) {
    disk.SetFault({});
    for (int i = 0; i < 2; ++i) {
      const auto write = CreateAndWait(store, {MakeQueuedTopup("late"), std::nullopt, 0});
      EXPECT_THAT(write.status(), HasReason("STORAGE_UNAVAILABLE"));
      EXPECT_THAT(store.FindById("id-n0").status(), HasReason("STORAGE_UNAVAILABLE"));
    }
    EXPECT_EQ(listener.fatal.size(), 1u);
  }

  static void ExpectHeals(TopupStore& store, CrashDisk& disk, CrashWorkload& workload) {
    EXPECT_EQ(workload.CheckNothingElse(store), "");
    disk.SetFault({});
    EXPECT_THAT(workload.Run(store, 2), IsOk());
    EXPECT_EQ(workload.CheckNothingElse(store), "");
  }

  support::TempDir directory_;
};

TEST_F(StorageFaultsTest, AfterAFailedSyncItAcknowledgesNothingAnyMore) {
  const Tally tally = FailEach(Operation::kSync, Outcome::kIoError, false);
  EXPECT_TRUE(tally.clean);
  EXPECT_GT(tally.dead, 5);
  EXPECT_EQ(tally.full, 0);
  EXPECT_EQ(tally.unnoticed, 0);
}

TEST_F(StorageFaultsTest, AWriteThatFailsIsNeverAcknowledged) {
  const Tally tally = FailEach(Operation::kWrite, Outcome::kIoError, false);
  EXPECT_TRUE(tally.clean);
  EXPECT_GT(tally.dead, 20);
}

TEST_F(StorageFaultsTest, AFullDiskRecordsNothingAndHeals) {
  const Tally tally = FailEach(Operation::kWrite, Outcome::kFull, true);
  EXPECT_TRUE(tally.clean);
  EXPECT_GT(tally.full, 20);
  EXPECT_EQ(tally.dead, 0);
}

TEST_F(StorageFaultsTest, AShortWriteIsAFullDisk) {
  const Tally tally = FailEach(Operation::kWrite, Outcome::kShort, false);
  EXPECT_TRUE(tally.clean);
  EXPECT_GT(tally.full, 20);
  EXPECT_EQ(tally.dead, 0);
}

TEST_F(StorageFaultsTest, ATruncationThatFailsLosesNothing) {
  const Tally tally = FailEach(Operation::kTruncate, Outcome::kIoError, false);
  EXPECT_TRUE(tally.clean);
  EXPECT_GT(tally.runs, 1);
}

}  // namespace
}  // namespace topup::store::sqlite
