// "This ref names no top-up" stays true: nobody is told so, by a lookup or by a refusal, while a
// send of the ref waits for its commit.
#include <memory>
#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/storage_errors.h"
#include "tests/support/engine_world.h"
#include "tests/support/status_matchers.h"

namespace topup::engine {
namespace {

using core::TopupStatus;
using support::EngineWorld;
using support::HasReason;
using support::IsOk;
using testing::SizeIs;

// What has been answered so far; what is recorded waits for its commit until RunReady.
class RefBookTest : public testing::Test {
 protected:
  template <typename T>
  using Answer = std::shared_ptr<std::optional<absl::StatusOr<T>>>;

  void Start(EngineOptions options = EngineWorld::DefaultOptions()) {
    world_ = std::make_unique<EngineWorld>(std::move(options));
    ASSERT_THAT(world_->Start(), IsOk());
  }

  Answer<SendResult> Send(SendCommand command) {
    auto answer = std::make_shared<std::optional<absl::StatusOr<SendResult>>>();
    world_->engine->Send(std::move(command),
                         [answer](absl::StatusOr<SendResult> sent) { *answer = std::move(sent); });
    return answer;
  }
  TopupKey Key(const std::string& ref = "a") const {
    return {.caller = "shop",
            .topup_id = "",
            .ref = ref,
            .answer_by = world_->clock.Now() + absl::Seconds(2)};
  }
  Answer<core::Topup> Get(const TopupKey& key) {
    auto answer = std::make_shared<std::optional<absl::StatusOr<core::Topup>>>();
    world_->engine->Get(
        key, [answer](absl::StatusOr<core::Topup> topup) { *answer = std::move(topup); });
    return answer;
  }
  Answer<core::Topup> Cancel(const TopupKey& key) {
    auto answer = std::make_shared<std::optional<absl::StatusOr<core::Topup>>>();
    world_->engine->Cancel(
        key, [answer](absl::StatusOr<core::Topup> topup) { *answer = std::move(topup); });
    return answer;
  }
  // While the disk stands still.
  void LetTimePass(absl::Duration time) {
    world_->clock.Advance(time);
    world_->loop->RunReady();
  }
  static SendCommand Command(const std::string& ref = "a") { return EngineWorld::Command(ref); }

  std::unique_ptr<EngineWorld> world_;
};

TEST_F(RefBookTest, NobodyIsToldThatARefIsUnknownWhileItsSendIsBeingRecorded) {
  Start();
  const auto sent = Send(Command());
  const auto got = Get(Key());
  const auto cancelled = Cancel(Key());
  EXPECT_FALSE(got->has_value());
  EXPECT_FALSE(cancelled->has_value());
  // Of others it is known that they name nothing.
  EXPECT_THAT(Get(Key("b"))->value(), HasReason("TOPUP_NOT_FOUND"));
  TopupKey of_another = Key();
  of_another.caller = "kiosk";
  EXPECT_THAT(Get(of_another)->value(), HasReason("TOPUP_NOT_FOUND"));
  world_->RunReady();
  ASSERT_THAT(sent->value(), IsOk());
  EXPECT_EQ(got->value()->id, (*sent)->value().topup.id);
  ASSERT_TRUE(cancelled->has_value());
  EXPECT_FALSE(absl::IsNotFound((*cancelled)->status()));
}

TEST_F(RefBookTest, ASendIsUnderWayFromBeforeItsPriceOn) {
  Start();
  Answer<core::Topup> got;
  world_->pricer.on_price = [&] {
    world_->pricer.on_price = nullptr;
    got = Get(Key());
    EXPECT_FALSE(got->has_value());
  };
  const auto sent = Send(Command());
  world_->RunReady();
  EXPECT_EQ(got->value()->id, (*sent)->value().topup.id);
}

TEST_F(RefBookTest, WhatChangesWithTimeDoesNotRefuseASendThatIsBeingRecorded) {
  SendCommand late = Command();
  late.send_before = absl::UnixEpoch();
  SendCommand quoted = Command();
  quoted.quote_id = "of another day";
  SendCommand capped = Command();
  capped.max_price = core::Money::Centimes(1);
  // The guard, which speaks before the price, does not find the send itself.
  SendCommand guarded = capped;
  guarded.allow_repeat = false;
  for (const SendCommand& repeated : {late, quoted, capped, guarded}) {
    Start();
    const auto sent = Send(Command());
    const auto again = Send(repeated);
    EXPECT_FALSE(again->has_value());
    world_->RunReady();
    ASSERT_THAT(again->value(), IsOk());
    EXPECT_TRUE((*again)->value().replayed);
    EXPECT_EQ((*again)->value().topup.id, (*sent)->value().topup.id);
  }
}

TEST_F(RefBookTest, ASendWithoutRoomIsAnsweredWithTheOneThatHadSome) {
  Start();
  const auto without_room = Send(Command());
  const auto recorded = Send(Command());
  world_->store.FailNextWrite(store::CommitQueueFullError());
  world_->RunReady();
  ASSERT_THAT(without_room->value(), IsOk());
  EXPECT_TRUE((*without_room)->value().replayed);
  EXPECT_FALSE((*recorded)->value().replayed);
  EXPECT_THAT(world_->store.AllTopups(), SizeIs(1));
}

TEST_F(RefBookTest, ADuplicateIsNotRefusedBeforeAnotherSendOfItsRefHasEnded) {
  Start();
  SendCommand first = Command("first");
  first.send_before = world_->clock.Now() + absl::Seconds(5);
  world_->Record(first);
  SendCommand guarded = Command();
  guarded.allow_repeat = false;
  const auto duplicate = Send(guarded);
  const auto recorded = Send(Command());
  world_->RunReady();
  ASSERT_THAT(duplicate->value(), IsOk());
  EXPECT_EQ((*duplicate)->value().topup.id, (*recorded)->value().topup.id);
}

TEST_F(RefBookTest, AfterASendThatWasNotRecordedItsRefIsFree) {
  Start();
  world_->store.FailNextWrite(store::StorageFullError());
  const auto sent = Send(Command());
  const auto got = Get(Key());
  SendCommand capped = Command();
  capped.max_price = core::Money::Centimes(1);
  const auto refused = Send(capped);
  world_->RunReady();
  EXPECT_THAT(sent->value(), HasReason("STORAGE_FULL"));
  EXPECT_THAT(got->value(), HasReason("TOPUP_NOT_FOUND"));
  EXPECT_THAT(refused->value(), HasReason("PRICE_ABOVE_CAP"));
  EXPECT_THAT(world_->store.AllTopups(), SizeIs(0));
  EXPECT_THAT(Get(Key())->value(), HasReason("TOPUP_NOT_FOUND"));
}

TEST_F(RefBookTest, SendsThatAreRefusedDoNotWaitForEachOther) {
  Start();
  SendCommand capped = Command();
  capped.max_price = core::Money::Centimes(1);
  Answer<SendResult> inner;
  world_->pricer.on_price = [&] {
    world_->pricer.on_price = nullptr;
    inner = Send(capped);
    EXPECT_FALSE(inner->has_value());
  };
  EXPECT_THAT(Send(capped)->value(), HasReason("PRICE_ABOVE_CAP"));
  EXPECT_THAT(inner->value(), HasReason("PRICE_ABOVE_CAP"));
}

TEST_F(RefBookTest, WhatIsNotKnownInTimeIsNotDenied) {
  Start();
  const auto sent = Send(Command());
  const auto got = Get(Key());
  const auto cancelled = Cancel(Key());
  SendCommand capped = Command();
  capped.max_price = core::Money::Centimes(1);
  capped.answer_by = world_->clock.Now() + absl::Seconds(2);
  const auto refused = Send(capped);
  TopupKey without_end = Key();
  without_end.answer_by = absl::InfiniteFuture();
  const auto patient = Get(without_end);
  LetTimePass(absl::Milliseconds(1999));
  EXPECT_FALSE(got->has_value());
  LetTimePass(absl::Milliseconds(1));
  EXPECT_THAT(got->value(), HasReason("STORAGE_UNAVAILABLE"));
  EXPECT_THAT(cancelled->value(), HasReason("STORAGE_UNAVAILABLE"));
  EXPECT_THAT(refused->value(), HasReason("STORAGE_UNAVAILABLE"));
  LetTimePass(absl::Seconds(57));
  EXPECT_FALSE(patient->has_value());
  LetTimePass(absl::Seconds(1));
  EXPECT_THAT(patient->value(), HasReason("STORAGE_UNAVAILABLE"));
  world_->RunReady();
  EXPECT_THAT(sent->value(), IsOk());
  EXPECT_THAT(Get(Key())->value(), IsOk());
}

TEST_F(RefBookTest, WhatIsThereAlreadyIsFoundWhileItIsSentAgain) {
  Start();
  const std::string id = world_->Record(Command());
  const auto again = Send(Command());
  EXPECT_EQ(Get(Key())->value()->id, id);
  EXPECT_FALSE(again->has_value());
  world_->RunReady();
  EXPECT_TRUE((*again)->value().replayed);
}

TEST_F(RefBookTest, WithoutAReaderForTheSecondLookNothingIsDenied) {
  Start();
  const auto sent = Send(Command());
  const auto got = Get(Key());
  world_->reads.SetFull(true);
  world_->RunReady();
  EXPECT_THAT(sent->value(), IsOk());
  EXPECT_THAT(got->value(), HasReason("STORAGE_UNAVAILABLE"));
}

TEST_F(RefBookTest, AShutdownDoesNotWaitForTheDisk) {
  Start();
  const auto sent = Send(Command());
  const auto got = Get(Key());
  bool drained = false;
  world_->engine->Drain([&] { drained = true; });
  world_->loop->RunReady();
  EXPECT_TRUE(drained);
  EXPECT_THAT(got->value(), HasReason("STORAGE_UNAVAILABLE"));
  const auto later = Get(Key());
  world_->loop->RunReady();
  EXPECT_THAT(later->value(), HasReason("STORAGE_UNAVAILABLE"));
  world_->RunReady();
  EXPECT_THAT(sent->value(), IsOk());
}

TEST_F(RefBookTest, ACommitInDoubtIsLookedAtOnceItHasBeenAnswered) {
  Start();
  for (const bool recorded : {true, false}) {
    const std::string ref = recorded ? "a" : "b";
    world_->store.FailNextWrite(store::StorageUnavailableError("lost"), recorded);
    const auto sent = Send(Command(ref));
    const auto got = Get(Key(ref));
    world_->RunReady();
    EXPECT_THAT(sent->value(), HasReason("STORAGE_UNAVAILABLE"));
    EXPECT_EQ(got->value().ok(), recorded);
  }
}

}  // namespace
}  // namespace topup::engine
