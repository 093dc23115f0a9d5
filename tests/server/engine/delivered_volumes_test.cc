// What a caller has bought, by the calendar of Algiers.
#include "server/engine/delivered_volumes.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "server/store/storage_errors.h"
#include "tests/fakes/memory_topup_store.h"
#include "tests/sim/forwarding_store.h"
#include "tests/support/engine_world.h"
#include "tests/support/status_matchers.h"
#include "tests/support/topup_builder.h"

namespace topup::engine {
namespace {

using core::Money;
using core::TopupStatus;
using pricing::CallerVolume;
using support::IsOk;
using support::StatusIs;

absl::Time Utc(int year, int month, int day, int hour = 12, int minute = 0) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour, minute, 0), absl::UTCTimeZone());
}

core::Topup MakePending(const std::string& name, absl::Time time, int64_t face_dzd = 500,
                        const std::string& caller = "shop") {
  core::Topup topup = support::MakeQueuedTopup(name, caller, time);
  topup.price.face_value = *Money::Dinars(face_dzd);
  topup.status = TopupStatus::kPending;
  return topup;
}

core::Topup With(core::Topup topup, TopupStatus status) {
  topup.status = status;
  return topup;
}

CallerVolume Volume(int64_t count_today, int64_t dzd_today, int64_t count_month,
                    int64_t dzd_month) {
  return {count_today, *Money::Dinars(dzd_today), count_month, *Money::Dinars(dzd_month)};
}

class DeliveredVolumesTest : public testing::Test {
 protected:
  void Deliver(absl::Time time, int64_t face_dzd = 500, const std::string& caller = "shop") {
    const core::Topup topup = MakePending(absl::StrCat("n", ++made_), time, face_dzd, caller);
    volumes_.Changed(topup, With(topup, TopupStatus::kFulfilled));
  }

  // Is in the store as delivered before anything is counted.
  void Store(absl::Time time, int64_t face_dzd, const std::string& caller = "shop",
             TopupStatus status = TopupStatus::kFulfilled) {
    const core::Topup topup = MakePending(absl::StrCat("s", ++made_), time, face_dzd, caller);
    store_.Create({.topup = With(topup, status)},
                  [](const auto& created) { ASSERT_THAT(created, IsOk()); });
  }

  void Load(absl::Time now) { ASSERT_THAT(volumes_.Load(store_, now), IsOk()); }

  int made_ = 0;
  fakes::MemoryTopupStore store_;
  DeliveredVolumes volumes_;
};

TEST_F(DeliveredVolumesTest, CountsNobodyBeforeItHasReadWhatWasDelivered) {
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 5, 10)), std::nullopt);
  Load(Utc(2026, 5, 10));
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 5, 10)), CallerVolume());
}

TEST_F(DeliveredVolumesTest, FailsToLoadWhereTheStoreCannotBeRead) {
  store_.Die(store::StorageUnavailableError("the disk"));
  EXPECT_THAT(volumes_.Load(store_, Utc(2026, 5, 10)), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 5, 10)), std::nullopt);
}

TEST_F(DeliveredVolumesTest, AddsADeliveryToItsCallersDayAndMonth) {
  Load(Utc(2026, 5, 10));
  Deliver(Utc(2026, 5, 9), 100);
  Deliver(Utc(2026, 5, 10), 200);
  Deliver(Utc(2026, 5, 10), 400);
  Deliver(Utc(2026, 5, 10), 800, "kiosk");
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 5, 10)), Volume(2, 600, 3, 700));
  EXPECT_EQ(volumes_.VolumeOf("kiosk", Utc(2026, 5, 10)), Volume(1, 800, 1, 800));
  EXPECT_EQ(volumes_.VolumeOf("other", Utc(2026, 5, 10)), CallerVolume());
}

// Midnight in Algiers is 23:00 UTC.
TEST_F(DeliveredVolumesTest, BeginsTheDayAndTheMonthAtMidnightInAlgiers) {
  Load(Utc(2026, 5, 30));
  Deliver(Utc(2026, 5, 31, 22, 59), 100);
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 5, 31, 22, 59)), Volume(1, 100, 1, 100));
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 5, 31, 23, 0)), Volume(0, 0, 0, 0));
  Deliver(Utc(2026, 5, 31, 23, 0), 200);
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 5, 31, 22, 59)), Volume(1, 100, 1, 100));
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 6, 1, 22, 59)), Volume(1, 200, 1, 200));
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 6, 1, 23, 0)), Volume(0, 0, 1, 200));
}

// Recorded yesterday, delivered today: its day is yesterday, as after a restart.
TEST_F(DeliveredVolumesTest, CountsTheDayInWhichATopupWasRecorded) {
  Load(Utc(2026, 5, 10));
  core::Topup topup = MakePending("a", Utc(2026, 5, 9));
  core::Topup delivered = With(topup, TopupStatus::kFulfilled);
  delivered.update_time = Utc(2026, 5, 10);
  volumes_.Changed(topup, delivered);
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 5, 10)), Volume(0, 0, 1, 500));
}

TEST_F(DeliveredVolumesTest, CountsOnlyWhatBecomesDelivered) {
  Load(Utc(2026, 5, 10));
  const core::Topup topup = MakePending("a", Utc(2026, 5, 10));
  for (const TopupStatus status : {TopupStatus::kRejected, TopupStatus::kRefunded,
                                   TopupStatus::kCancelled, TopupStatus::kUnknownError}) {
    volumes_.Changed(topup, With(topup, status));
  }
  core::Topup menu = topup;
  menu.purpose = core::Purpose::kMenu;
  volumes_.Changed(menu, With(menu, TopupStatus::kFulfilled));
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 5, 10)), CallerVolume());
  const core::Topup delivered = With(topup, TopupStatus::kFulfilled);
  volumes_.Changed(topup, delivered);
  volumes_.Changed(delivered, delivered);
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 5, 10)), Volume(1, 500, 1, 500));
}

TEST_F(DeliveredVolumesTest, TakesBackWhatIsNoLongerDelivered) {
  Load(Utc(2026, 5, 10));
  const core::Topup topup = With(MakePending("a", Utc(2026, 5, 10)), TopupStatus::kFulfilled);
  volumes_.Changed(topup, With(topup, TopupStatus::kRefunded));
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 5, 10)), CallerVolume()) << "was not counted";
  Deliver(Utc(2026, 5, 10), 300);
  Deliver(Utc(2026, 5, 10));
  volumes_.Changed(topup, With(topup, TopupStatus::kRefunded));
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 5, 10)), Volume(1, 300, 1, 300));
  const core::Topup older = With(MakePending("b", Utc(2026, 5, 9)), TopupStatus::kFulfilled);
  volumes_.Changed(older, With(older, TopupStatus::kRefunded));
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 5, 10)), Volume(1, 300, 1, 300))
      << "nothing of that day was counted";
}

TEST_F(DeliveredVolumesTest, StartsFromWhatTheStoreHasOfThisMonthAndTheLast) {
  Store(Utc(2026, 3, 31, 22, 59), 1);
  Store(Utc(2026, 3, 31, 23), 20);
  Store(Utc(2026, 5, 9), 100);
  Store(Utc(2026, 5, 10), 400);
  Store(Utc(2026, 5, 10), 800, "kiosk");
  Store(Utc(2026, 5, 10), 1000, "shop", TopupStatus::kRejected);
  Deliver(Utc(2026, 5, 10), 5000);  // forgotten by the loading
  Load(Utc(2026, 5, 10));
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 5, 10)), Volume(1, 400, 2, 500));
  EXPECT_EQ(volumes_.VolumeOf("kiosk", Utc(2026, 5, 10)), Volume(1, 800, 1, 800));
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 4, 1)), Volume(1, 20, 1, 20));
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 3, 31)), std::nullopt);
  Deliver(Utc(2026, 5, 10), 600);
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 5, 10)), Volume(2, 1000, 3, 1100));
}

// A clock that ran ahead for a while leaves nothing that counts today, and takes nothing away.
TEST_F(DeliveredVolumesTest, CountsNothingOfLaterDays) {
  Load(Utc(2026, 5, 10));
  Deliver(Utc(2026, 5, 10), 100);
  Deliver(Utc(2026, 5, 11), 200);
  Deliver(Utc(2099, 1, 1), 400);
  Deliver(Utc(2026, 5, 9), 800);
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 5, 10)), Volume(1, 100, 2, 900));
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 5, 11)), Volume(1, 200, 3, 1100));
}

TEST_F(DeliveredVolumesTest, KeepsTheDaysOfTwoMonthsAndForgetsOlderOnes) {
  Load(Utc(2026, 1, 1));
  for (int day = 0; day < 200; ++day) Deliver(Utc(2026, 1, 1) + day * absl::Hours(24));
  // The last day is the 19th of July.
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 7, 19)), Volume(1, 500, 19, 9500));
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 6, 30)), Volume(1, 500, 30, 15000));
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 5, 18)), CallerVolume());
}

TEST_F(DeliveredVolumesTest, SaysThatACallerBeyondTheLimitIsNotCounted) {
  Load(Utc(2026, 5, 10));
  for (size_t i = 0; i < DeliveredVolumes::kCallersMax; ++i) {
    EXPECT_NE(volumes_.VolumeOf("one more", Utc(2026, 5, 10)), std::nullopt);
    Deliver(Utc(2026, 5, 10), 100, absl::StrCat("caller ", i));
  }
  Deliver(Utc(2026, 5, 10), 100, "one more");
  EXPECT_EQ(volumes_.VolumeOf("one more", Utc(2026, 5, 10)), std::nullopt);
  EXPECT_EQ(volumes_.VolumeOf("caller 7", Utc(2026, 5, 10)), Volume(1, 100, 1, 100));
}

TEST_F(DeliveredVolumesTest, StaysWithinItsTypeWhateverIsDelivered) {
  Load(Utc(2026, 5, 10));
  core::Topup topup = MakePending("a", Utc(2026, 5, 10));
  topup.price.face_value = Money::Centimes(INT64_MAX - 1);
  for (int i = 0; i < 3; ++i) volumes_.Changed(topup, With(topup, TopupStatus::kFulfilled));
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 5, 10))->volume_today,
            Money::Centimes(INT64_MAX - 1));
}

class UncountableStore : public sim::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  absl::StatusOr<std::vector<store::DeliveredVolume>> SumDelivered(absl::Time,
                                                                   absl::Duration) override {
    return store::StorageUnavailableError("the disk");
  }
};

// Nothing may be sold at the price of somebody who has bought nothing.
TEST(DeliveredVolumesOfTheEngineTest, AnEngineThatCannotReadWhatWasDeliveredDoesNotStart) {
  support::EngineWorld world;
  UncountableStore store(world.store);
  fakes::ManualTaskLoop loop(world.clock);
  upstream::RequestBudget budget(1200);
  TopupEngine engine({world.clock, world.random, world.log.log(), world.metrics, loop, world.reads,
                      store, world.provider, budget, world.pricer, world.signer},
                     world.options);
  absl::Status started;
  engine.Start([&started](absl::Status status) { started = std::move(status); });
  loop.RunReady();
  EXPECT_THAT(started, StatusIs(absl::StatusCode::kUnavailable));
  loop.Stop();
}

TEST_F(DeliveredVolumesTest, WhatWasCountedByAClockFarAheadIsNotBelievedAfterwards) {
  Store(Utc(2026, 5, 10), 500);
  Load(Utc(2027, 1, 1));
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 5, 10, 13)), std::nullopt);
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 11, 30)), std::nullopt);
  EXPECT_EQ(volumes_.VolumeOf("shop", Utc(2026, 12, 1)), Volume(0, 0, 0, 0));
}

}  // namespace
}  // namespace topup::engine
