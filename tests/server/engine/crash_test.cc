// A crash anywhere, and a store that fails at any write: nothing is lost, nothing sent twice.
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
using support::HasReason;
using support::IsOk;
using testing::SizeIs;
using Call = FakeProvider::Call;
using Mood = FakeProvider::Mood;

// Runs one send with a crash after `tasks` tasks, then lets the next process finish it.
void CrashAfter(int tasks, Mood mood) {
  SCOPED_TRACE(testing::Message() << "crash after " << tasks << " tasks");
  EngineWorld world;
  world.provider.SetFulfilAfter(absl::Seconds(6));
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.Script(Call::kSend, {.mood = mood});
  auto answered = std::make_shared<bool>(false);
  world.engine->Send(EngineWorld::Command("a"),
                     [answered](absl::StatusOr<SendResult> result) { *answered = result.ok(); });
  world.RunTasks(tasks);
  const bool acknowledged = *answered;
  world.CrashAndRestart();
  ASSERT_THAT(world.Start(), IsOk());
  if (acknowledged) {
    ASSERT_THAT(world.store.AllTopups(), SizeIs(1)) << "an acknowledged send is gone";
  }
  // A caller that has no answer repeats with the same ref.
  const std::string id = world.Record("a");
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kFulfilled, absl::Minutes(5)));
  EXPECT_EQ(world.provider.accepted_count(), 1);
  EXPECT_THAT(world.store.AllTopups(), SizeIs(1));
  const std::vector<core::Attempt> attempts = world.store.Attempts(id).value();
  for (const core::Attempt& attempt : attempts) {
    EXPECT_NE(attempt.evidence, core::Attempt::Evidence::kInFlight);
  }
}

TEST(CrashTest, AfterAnyTaskWithAGoodAnswerTheTopupIsSoldOnce) {
  for (int tasks = 1; tasks <= 200; ++tasks) CrashAfter(tasks, Mood::kWell);
}

TEST(CrashTest, AfterAnyTaskWithALostAnswerTheTopupIsSoldOnce) {
  for (int tasks = 1; tasks <= 200; ++tasks) CrashAfter(tasks, Mood::kLostAnswer);
}

TEST(CrashTest, AfterAnyTaskWithALostRequestTheTopupIsSoldOnce) {
  for (int tasks = 1; tasks <= 200; tasks += 3) CrashAfter(tasks, Mood::kLostBefore);
}

TEST(CrashTest, TwoCrashesInOneSendLoseNothing) {
  for (int first = 1; first <= 40; first += 2) {
    for (int second = 1; second <= 40; second += 3) {
      EngineWorld world;
      world.provider.SetFulfilAfter(absl::Seconds(6));
      ASSERT_THAT(world.Start(), IsOk());
      const std::string id = world.Record("a");
      world.RunTasks(first);
      world.CrashAndRestart();
      world.engine->Start([](absl::Status) {});
      world.RunTasks(second);
      world.CrashAndRestart();
      ASSERT_THAT(world.Start(), IsOk());
      ASSERT_TRUE(world.AdvanceUntil(id, TopupStatus::kFulfilled, absl::Minutes(5)))
          << first << " " << second;
      ASSERT_EQ(world.provider.accepted_count(), 1);
    }
  }
}

// Fails the n-th write of a run from the send to its end.
void FailWrite(int n, const absl::Status& status, bool recorded, Mood mood) {
  SCOPED_TRACE(testing::Message() << "write " << n << ": " << status << ", recorded " << recorded);
  EngineWorld world;
  world.every_claim_posts = false;
  world.provider.SetFulfilAfter(absl::Seconds(6));
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.Script(Call::kSend, {.mood = mood});
  const int64_t before = world.store.WriteCount();
  auto answer = std::make_shared<std::optional<absl::Status>>();
  world.engine->Send(EngineWorld::Command("a"),
                     [answer](absl::StatusOr<SendResult> result) { *answer = result.status(); });
  while (world.store.WriteCount() < before + n - 1 && world.clock.Elapsed() < absl::Hours(2)) {
    world.RunTasks(1);
  }
  for (int i = 0; i < 3; ++i) world.store.FailNextWrite(status, recorded && i == 0);
  world.Advance(absl::Minutes(1));
  ASSERT_TRUE(answer->has_value());
  // The caller repeats what was not answered well, under the same ref.
  std::string id;
  for (int tries = 0; tries < 4 && id.empty(); ++tries) {
    const auto sent = world.Send(EngineWorld::Command("a"));
    if (sent->ok()) id = (*sent)->topup.id;
  }
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kFulfilled, absl::Minutes(10)));
  EXPECT_EQ(world.provider.accepted_count(), 1);
  EXPECT_THAT(world.Incidents(), SizeIs(0));
}

TEST(CrashTest, AFullDiskAtAnyWriteLosesNoAnswer) {
  for (int n = 1; n <= 8; ++n) {
    FailWrite(n, store::StorageFullError(), false, Mood::kWell);
    FailWrite(n, store::StorageFullError(), false, Mood::kLostAnswer);
  }
}

TEST(CrashTest, AWriteWhoseOutcomeIsUnknownIsNeitherLostNorDoneTwice) {
  for (int n = 1; n <= 8; ++n) {
    for (const bool recorded : {false, true}) {
      FailWrite(n, store::StorageUnavailableError("lost"), recorded, Mood::kWell);
      FailWrite(n, store::StorageUnavailableError("lost"), recorded, Mood::kLostAnswer);
    }
  }
}

TEST(CrashTest, WhileTheDiskIsFullNothingIsSentAndNothingIsForgotten) {
  EngineWorld world;
  world.every_claim_posts = false;
  ASSERT_THAT(world.Start(), IsOk());
  world.Advance(absl::Seconds(10));
  world.provider.SetLatency(absl::Seconds(2));
  const std::vector<std::string> ids = world.RecordMany(3);
  world.Advance(absl::Seconds(1));
  for (int i = 0; i < 200; ++i) world.store.FailNextWrite(store::StorageFullError());
  world.Advance(absl::Seconds(20));
  EXPECT_THAT(*world.Send(EngineWorld::Command("b")), HasReason("STORAGE_FULL"));
  EXPECT_THAT(world.provider.posts(), SizeIs(3));
  world.Advance(absl::Minutes(5));
  for (const std::string& id : ids) EXPECT_EQ(world.Stored(id).status, TopupStatus::kPending);
  EXPECT_THAT(world.provider.posts(), SizeIs(3));
}

TEST(CrashTest, AnIncidentThatFoundNoRoomIsRecordedLater) {
  EngineWorld world;
  world.every_claim_posts = false;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetFulfilAfter(absl::Seconds(6));
  const std::string id = world.Record("a");
  ASSERT_TRUE(world.AdvanceUntil(id, TopupStatus::kFulfilled, absl::Minutes(1)));
  world.provider.SetFulfilAfter(absl::InfiniteDuration());
  world.RecordMany(3);
  world.Advance(absl::Seconds(1));
  core::ProviderTopup stranger = *world.provider.Held(world.Stored(id).provider_ref);
  stranger.ref.back() = stranger.ref.back() == '0' ? '1' : '0';
  stranger.create_time = world.clock.Now();
  world.provider.Show(stranger);
  world.provider.SetStatus(world.Stored(id).provider_ref, core::ProviderTopup::Status::kRefunded);
  for (int i = 0; i < 40; ++i) world.store.FailNextWrite(store::StorageFullError());
  world.Advance(absl::Minutes(5));
  std::vector<std::string> kinds;
  for (const core::Incident& incident : world.Incidents()) kinds.push_back(incident.kind);
  EXPECT_THAT(kinds, testing::UnorderedElementsAre("LATE_REVERSAL", "UNKNOWN_PROVIDER_TOPUP"));
}

}  // namespace
}  // namespace topup::engine
