// A store that was put back: all that it holds is in doubt before the first POST.
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
using testing::Each;
using testing::HasSubstr;
using testing::SizeIs;
using Call = FakeProvider::Call;
using Mood = FakeProvider::Mood;

// Ten QUEUED top-ups of a store that stopped; the provider has the first five of them.
class RestoredTopupsTest : public testing::Test {
 protected:
  void SetUp() override {
    world_.provider.SetBehaviour(Call::kSend, {.mood = Mood::kDown});
    ASSERT_THAT(world_.Start(), IsOk());
    ids_ = world_.RecordMany(10);
    world_.provider.SetBehaviour(Call::kSend, {.mood = Mood::kWell});
    for (int i = 0; i < 5; ++i) {
      const core::Topup topup = world_.Stored(ids_[i]);
      world_.provider.Show({.id = absl::StrCat("id", i),
                            .ref = topup.provider_ref,
                            .status = core::ProviderTopup::Status::kFulfilled,
                            .status_word = "FULFILLED",
                            .plan_code = topup.plan_code,
                            .phone = topup.phone.National(),
                            .amount_dzd = topup.amount_dzd,
                            .charge = topup.price.cost});
    }
    posts_ = world_.provider.posts().size();
    world_.CrashAndRestart();
    world_.store.BecomeOlderCopy(world_.clock.Now());
  }

  std::vector<TopupStatus> Statuses() {
    std::vector<TopupStatus> statuses;
    for (const std::string& id : ids_) statuses.push_back(world_.Stored(id).status);
    return statuses;
  }

  static EngineOptions Options() {
    EngineOptions options = EngineWorld::DefaultOptions();
    options.rules.never_accepted_after = absl::Hours(1);
    return options;
  }

  EngineWorld world_{Options()};
  std::vector<std::string> ids_;
  size_t posts_ = 0;  // that were tried before
};

TEST_F(RestoredTopupsTest, NothingIsSentAndWhatTheProviderHasIsAdopted) {
  ASSERT_THAT(world_.Start(), IsOk());
  EXPECT_FALSE(world_.store.standing().older_copy);
  world_.Advance(absl::Hours(3));
  EXPECT_THAT(world_.provider.posts(), SizeIs(posts_));
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(world_.Stored(ids_[i]).status,
              i < 5 ? TopupStatus::kFulfilled : TopupStatus::kRejected);
  }
  EXPECT_EQ(world_.Stored(ids_[9]).rejection_reason, core::RejectionReason::kNeverAccepted);
  EXPECT_THAT(world_.Incidents(), SizeIs(0));
}

TEST_F(RestoredTopupsTest, ItIsSaidInTheLog) {
  ASSERT_THAT(world_.Start(), IsOk());
  EXPECT_THAT(world_.log.lines(), testing::Contains(HasSubstr("store.restored")));
}

TEST_F(RestoredTopupsTest, ACrashAnywhereInBetweenBeginsAnew) {
  for (int tasks = 1; tasks < 40; ++tasks) {
    world_.engine->Start([](absl::Status) {});
    world_.RunTasks(tasks);
    // Only when all is in doubt does the store forget that it is an older copy.
    if (!world_.store.standing().older_copy) {
      EXPECT_THAT(Statuses(), Each(TopupStatus::kSubmitting));
    }
    world_.CrashAndRestart();
    world_.store.BecomeOlderCopy(world_.clock.Now());
  }
  EXPECT_THAT(world_.provider.posts(), SizeIs(posts_));
}

TEST_F(RestoredTopupsTest, AStoreWithoutRoomIsWaitedForBeforeAnythingIsSent) {
  for (int i = 0; i < 3; ++i) world_.store.FailNextWrite(store::StorageFullError());
  ASSERT_THAT(world_.Start(), IsOk());
  for (const TopupStatus status : Statuses()) EXPECT_NE(status, TopupStatus::kQueued);
  EXPECT_THAT(world_.provider.posts(), SizeIs(posts_));
}

TEST_F(RestoredTopupsTest, WhatIsTakenAfterwardsIsSentAsEver) {
  ASSERT_THAT(world_.Start(), IsOk());
  const std::string id = world_.Record("new");
  EXPECT_TRUE(world_.AdvanceUntil(id, TopupStatus::kPending, absl::Minutes(5)));
}

}  // namespace
}  // namespace topup::engine
