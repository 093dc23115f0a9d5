// Rows that cannot be read: everything else goes on, and people are told.
#include "server/engine/due_reader.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/storage_errors.h"
#include "tests/support/engine_world.h"
#include "tests/support/status_matchers.h"

namespace topup::engine {
namespace {

using core::TopupStatus;
using fakes::FakeProvider;
using support::EngineWorld;
using support::IsOk;
using testing::AllOf;
using testing::Ge;
using testing::Le;
using Call = FakeProvider::Call;
using Mood = FakeProvider::Mood;

class DueReaderTest : public testing::Test {
 protected:
  // More than a round takes, each of them due for longer than all others, and not one readable.
  void RecordDamaged(int count) {
    world_.provider.SetBehaviour(Call::kSend, {.mood = Mood::kDown});
    ASSERT_THAT(world_.Start(), IsOk());
    for (const std::string& id : world_.RecordMany(count, "damaged")) world_.store.Damage(id);
    world_.provider.SetBehaviour(Call::kSend, {.mood = Mood::kWell});
  }

  int64_t Unreadable() {
    return world_.metrics.GetCounter("topup_engine_unreadable_topups_total", "")->Value();
  }
  int64_t Failures() {
    return world_.metrics.GetCounter("topup_engine_due_read_failures_total", "")->Value();
  }

  EngineWorld world_;
};

TEST_F(DueReaderTest, WhatIsDueAfterADamagedRowIsSentAllTheSame) {
  RecordDamaged(50);
  const std::string id = world_.Record("well");
  EXPECT_TRUE(world_.AdvanceUntil(id, TopupStatus::kPending, absl::Minutes(2)));
  EXPECT_EQ(Unreadable(), 50);
}

TEST_F(DueReaderTest, ADamagedRowIsToldOfOnceInAnHourAndWithoutItsNumber) {
  RecordDamaged(1);
  world_.Advance(absl::Minutes(50));
  EXPECT_EQ(world_.log.CountWith("topup.unreadable"), 1);
  world_.Advance(absl::Minutes(20));
  EXPECT_EQ(world_.log.CountWith("topup.unreadable"), 2);
  EXPECT_EQ(Unreadable(), 2);
  EXPECT_EQ(world_.log.CountWith(EngineWorld::Command("x").phone.National()), 0);
}

TEST_F(DueReaderTest, AStartWithADamagedRowServesTheOthers) {
  RecordDamaged(1);
  const std::string id = world_.Record("well");
  world_.CrashAndRestart();
  ASSERT_THAT(world_.Start(), IsOk());
  EXPECT_EQ(world_.log.CountWith("topup.unreadable"), 1);
  EXPECT_TRUE(world_.AdvanceUntil(id, TopupStatus::kPending, absl::Minutes(5)));
}

// Repaired by a person it may be QUEUED, and its caller may have been told that it was cancelled.
TEST_F(DueReaderTest, ARestoredStoreWithADamagedRowStaysAnOlderCopy) {
  RecordDamaged(1);
  world_.provider.SetBehaviour(Call::kSend, {.mood = Mood::kDown});
  const std::string id = world_.Record("well");
  world_.CrashAndRestart();
  world_.store.BecomeOlderCopy(world_.clock.Now());
  ASSERT_THAT(world_.Start(), IsOk());
  EXPECT_EQ(world_.Stored(id).status, TopupStatus::kSubmitting);
  EXPECT_TRUE(world_.store.standing().older_copy);
}

TEST_F(DueReaderTest, ReadsThatFailAreCountedAndLoggedAtABoundedRate) {
  ASSERT_THAT(world_.Start(), IsOk());
  world_.Advance(absl::Seconds(1));
  EXPECT_EQ(Failures(), 0);
  world_.store.Die(store::StorageUnavailableError("a test said so"));
  world_.Advance(absl::Minutes(1));
  EXPECT_THAT(Failures(), Ge(60));
  EXPECT_THAT(world_.log.CountWith("due.not_read"), AllOf(Ge(6), Le(7)));
}

}  // namespace
}  // namespace topup::engine
