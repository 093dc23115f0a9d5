// What the provider has under our refs and the store does not know is reported, once.
#include "server/engine/orphan_sweep.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/id.h"
#include "tests/support/engine_world.h"
#include "tests/support/status_matchers.h"

namespace topup::engine {
namespace {

using fakes::FakeProvider;
using support::EngineWorld;
using support::IsOk;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using Call = FakeProvider::Call;
using Mood = FakeProvider::Mood;

class OrphanSweepTest : public testing::Test {
 protected:
  // Something that the provider took `age` ago under a ref of ours.
  std::string Orphan(absl::Duration age, const std::string& deployment = "TESTDEPL") {
    const absl::Time time = world_.clock.Now() - age;
    const std::string ref =
        absl::StrCat("S-", deployment, "-", base::MakeTimeOrderedId(time, world_.random));
    world_.provider.Show({.id = absl::StrCat("provider-", ++orphans_),
                          .ref = absl::StrCat("API-+213600000000-", ref),
                          .status = core::ProviderTopup::Status::kPending,
                          .status_word = "PENDING",
                          .plan_code = "PREPAID_MOBILIS",
                          .phone = "0661234567",
                          .amount_dzd = 700,
                          .create_time = time});
    return ref;
  }

  EngineWorld world_;
  int orphans_ = 0;
};

TEST_F(OrphanSweepTest, EveryOrphanSinceTheLastSweepIsAnIncidentWithAllThatAPersonNeeds) {
  std::vector<std::string> refs;
  for (int i = 0; i < 250; ++i) refs.push_back(Orphan(absl::Hours(20) + absl::Seconds(i)));
  world_.store.BecomeOlderCopy(world_.clock.Now() - absl::Hours(21));
  ASSERT_THAT(world_.Start(), IsOk());
  world_.Advance(absl::Minutes(1));
  const std::vector<core::Incident> incidents = world_.Incidents();
  ASSERT_THAT(incidents, SizeIs(250));
  EXPECT_EQ(incidents[0].kind, "UNKNOWN_PROVIDER_TOPUP");
  const std::string all = [&] {
    std::string text;
    for (const core::Incident& incident : incidents) absl::StrAppend(&text, incident.detail, "\n");
    return text;
  }();
  for (const std::string& ref : refs) EXPECT_THAT(all, HasSubstr(ref));
  EXPECT_THAT(all,
              HasSubstr("its id provider-1, 700 DZD of PREPAID_MOBILIS for 06******67, made "));
  EXPECT_THAT(all, Not(HasSubstr("0661234567")));
  EXPECT_EQ(world_.store.standing().swept_through.has_value(), true);
}

TEST_F(OrphanSweepTest, OtherDeploymentsAreNobodysBusiness) {
  Orphan(absl::Minutes(1), "OTHERDEP");
  world_.store.BecomeOlderCopy(world_.clock.Now() - absl::Hours(1));
  ASSERT_THAT(world_.Start(), IsOk());
  world_.Advance(absl::Hours(3));
  EXPECT_THAT(world_.Incidents(), SizeIs(0));
}

TEST_F(OrphanSweepTest, ARestartReportsNoneASecondTimeHoweverFarItHasCome) {
  const std::string ref = Orphan(absl::Minutes(1));
  world_.store.BecomeOlderCopy(world_.clock.Now() - absl::Hours(1));
  ASSERT_THAT(world_.Start(), IsOk());
  world_.Advance(absl::Minutes(1));
  ASSERT_THAT(world_.Incidents(), SizeIs(1));
  world_.provider.SetStatus(absl::StrCat("API-+213600000000-", ref),
                            core::ProviderTopup::Status::kFulfilled);
  world_.CrashAndRestart();
  ASSERT_THAT(world_.Start(), IsOk());
  world_.Advance(absl::Hours(3));
  EXPECT_THAT(world_.Incidents(), SizeIs(1));
  EXPECT_EQ(world_.log.CountWith("incident.found"), 1);
}

TEST_F(OrphanSweepTest, ItComparesEveryHourAndOnlyThen) {
  ASSERT_THAT(world_.Start(), IsOk());
  world_.Advance(absl::Minutes(59));
  EXPECT_EQ(world_.provider.calls(Call::kList), 0) << "nothing was sent before";
  Orphan(absl::Minutes(30));
  world_.Advance(absl::Minutes(2));
  EXPECT_EQ(world_.provider.calls(Call::kList), 1);
  EXPECT_THAT(world_.Incidents(), SizeIs(1));
  world_.Advance(absl::Hours(4));
  EXPECT_EQ(world_.provider.calls(Call::kList), 5);
}

TEST_F(OrphanSweepTest, APageThatIsNotAnsweredIsAskedForAgain) {
  Orphan(absl::Minutes(1));
  world_.store.BecomeOlderCopy(world_.clock.Now() - absl::Hours(1));
  world_.provider.Script(Call::kList, {.mood = Mood::kServerError});
  world_.provider.Script(Call::kList, {.mood = Mood::kLostAnswer});
  ASSERT_THAT(world_.Start(), IsOk());
  world_.Advance(absl::Minutes(3));
  EXPECT_THAT(world_.Incidents(), SizeIs(1));
}

TEST_F(OrphanSweepTest, BeyondAWeekItSaysThatItDoesNotLook) {
  Orphan(absl::Hours(24 * 8));
  world_.store.BecomeOlderCopy(absl::InfinitePast());
  ASSERT_THAT(world_.Start(), IsOk());
  world_.Advance(absl::Minutes(1));
  EXPECT_THAT(world_.Incidents(), SizeIs(0));
  EXPECT_THAT(world_.log.lines(), Contains(HasSubstr("sweep.limited")));
}

TEST_F(OrphanSweepTest, WhatTheListShowsFurtherThanWeAreIsApplied) {
  ASSERT_THAT(world_.Start(), IsOk());
  const std::string id = world_.Record("a");
  ASSERT_TRUE(world_.AdvanceUntil(id, core::TopupStatus::kPending, absl::Minutes(1)));
  // Nothing reads it singly.
  world_.provider.SetBehaviour(Call::kById, {.mood = Mood::kServerError});
  world_.provider.SetBehaviour(Call::kByRef, {.mood = Mood::kServerError});
  world_.provider.SetStatus(world_.Stored(id).provider_ref,
                            core::ProviderTopup::Status::kFulfilled);
  world_.Advance(absl::Minutes(62));
  EXPECT_EQ(world_.Stored(id).status, core::TopupStatus::kFulfilled);
}

}  // namespace
}  // namespace topup::engine
