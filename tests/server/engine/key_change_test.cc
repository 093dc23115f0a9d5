// A key of the wrong environment sells with somebody else's money, so the moments around its
// replacement are walked through one task at a time.
#include <string>

#include "gtest/gtest.h"
#include "tests/support/engine_world.h"
#include "tests/support/status_matchers.h"

namespace topup::engine {
namespace {

using core::TopupStatus;
using fakes::FakeProvider;
using support::EngineWorld;
using support::IsOk;

// Sends, and stops where the claim has been asked for and is not on disk yet.
std::string RecordUpToTheClaim(EngineWorld& world) {
  std::string id;
  world.engine->Send(EngineWorld::Command("a"), [&id](absl::StatusOr<SendResult> sent) {
    if (sent.ok()) id = sent->topup.id;
  });
  while (id.empty() && world.world_loop.RunOne()) {
  }
  while (world.loop->RunOne()) {
  }
  return id;
}

// Found by the simulator: the claim was made under the old key and POSTed under the new one.
TEST(KeyChangeTest, AClaimThatMeetsANewKeyOnItsWayToDiskIsNotSentWithIt) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const std::string id = RecordUpToTheClaim(world);
  ASSERT_EQ(world.Stored(id).status, TopupStatus::kQueued);
  world.engine->KeyChanged([&world] { world.provider.SetKeyType("PRODUCTION"); });
  while (world.loop->RunOne()) {
  }
  world.Advance(absl::Minutes(1));
  EXPECT_TRUE(world.provider.posts().empty());
  EXPECT_EQ(world.Stored(id).status, TopupStatus::kQueued);
  EXPECT_NE(world.engine->GetProvider().paused_reason, "");

  world.engine->KeyChanged([&world] { world.provider.SetKeyType("SANDBOX"); });
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Minutes(1)));
  EXPECT_EQ(world.provider.posts().size(), 1u);
}

TEST(KeyChangeTest, TheNewKeyIsGivenBetweenTwoStepsOfTheEngine) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  bool replaced = false;
  world.engine->KeyChanged([&replaced] { replaced = true; });
  EXPECT_FALSE(replaced);
  EXPECT_TRUE(world.loop->RunOne());
  EXPECT_TRUE(replaced);
}

// Found by the simulator: proving the key needs two requests. Where one became free at a time,
// each was taken and lost for want of the other, and nothing was sent or asked for any more.
TEST(KeyProofTest, GoesOnWhereTheBudgetFreesOneRequestAtATime) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.Advance(absl::Seconds(10));
  world.provider.Script(FakeProvider::Call::kSend, {.mood = FakeProvider::Mood::kLostBefore});
  const std::string id = world.Record("a");
  // The watchdog ends the POST after 20 s, and the first question is due 2 s later.
  world.Advance(absl::Seconds(19));
  for (int i = 0; i < world.budget->burst(); ++i) {
    while (!world.budget->TryTake(upstream::RequestKind::kDoubt, world.clock.Elapsed(), {})) {
      world.Advance(absl::Milliseconds(100));
    }
    world.Advance(absl::Milliseconds(500));
  }
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Minutes(5)));
}

// One top-up that the provider has and shows, settled long ago; then one that was lost on its
// way, with nothing recent to prove the key with.
std::string LoseOneAfterAKnownOne(EngineWorld& world) {
  const std::string known = world.Record("known");
  world.Advance(absl::Seconds(10));
  world.provider.SetStatus(world.Stored(known).provider_ref,
                           core::ProviderTopup::Status::kFulfilled);
  EXPECT_TRUE(world.AdvanceUntil(known, TopupStatus::kFulfilled, absl::Minutes(1)));
  world.Advance(absl::Minutes(6));
  world.provider.Script(FakeProvider::Call::kSend, {.mood = FakeProvider::Mood::kLostBefore});
  return world.Record("a");
}

// Found by the fault matrix: the answer about the only top-up that was known got lost, it was
// forgotten for that, and no not-found counted any more until another one was sold.
TEST(KeyProofTest, ALostAnswerIsNoReasonToForgetTheTopupThatProvesTheKey) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  world.provider.SetBehaviour(FakeProvider::Call::kList, FakeProvider::Refusal(404, "NOT_FOUND"));
  const std::string id = LoseOneAfterAKnownOne(world);
  world.provider.Script(FakeProvider::Call::kById, {.mood = FakeProvider::Mood::kLostAnswer});
  EXPECT_TRUE(world.AdvanceUntil(id, TopupStatus::kPending, absl::Minutes(10)));
}

// Found by the fault matrix: a key that was replaced during its proof cost ten seconds in which
// nothing counted, and the top-up that it would have been proven with.
TEST(KeyProofTest, AProofThatANewKeyInterruptsIsMadeAgainAtOnce) {
  EngineWorld world;
  ASSERT_THAT(world.Start(), IsOk());
  const std::string id = LoseOneAfterAKnownOne(world);
  const int before = world.provider.calls(FakeProvider::Call::kById);
  world.provider.Script(FakeProvider::Call::kById, {.latency = absl::Seconds(3)});
  for (int i = 0; i < 600 && world.provider.calls(FakeProvider::Call::kById) == before; ++i) {
    world.Advance(absl::Milliseconds(100));
  }
  world.engine->KeyChanged([] {});
  world.Advance(absl::Seconds(5));
  EXPECT_EQ(world.provider.calls(FakeProvider::Call::kById), before + 2);
  EXPECT_EQ(world.Stored(id).progress.valid_not_founds, 1);
}

}  // namespace
}  // namespace topup::engine
