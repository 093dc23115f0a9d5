// The provider's list fails while everything else works: what is delivered is still seen.
#include <algorithm>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/id.h"
#include "tests/support/engine_world.h"
#include "tests/support/status_matchers.h"

namespace topup::engine {
namespace {

using core::TopupStatus;
using fakes::FakeProvider;
using support::EngineWorld;
using support::IsOk;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using Call = FakeProvider::Call;
using Mood = FakeProvider::Mood;
using Shown = core::ProviderTopup::Status;

class ListFailureTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_THAT(world_.Start(), IsOk()); }

  // Recorded, sent and delivered; nothing has read it since.
  std::vector<std::string> Delivered(int count) {
    std::vector<std::string> ids = world_.RecordMany(count);
    world_.Advance(absl::Seconds(count));
    for (const std::string& id : ids) {
      world_.provider.SetStatus(world_.Stored(id).provider_ref, Shown::kFulfilled);
    }
    return ids;
  }

  int64_t CountOf(const std::vector<std::string>& ids, TopupStatus status) {
    return std::count_if(ids.begin(), ids.end(),
                         [&](const std::string& id) { return world_.Stored(id).status == status; });
  }

  EngineWorld world_;
};

TEST_F(ListFailureTest, WhileTheListAnswersWithErrorsEachIsReadByItself) {
  world_.provider.SetBehaviour(Call::kList, {.mood = Mood::kServerError});
  const std::vector<std::string> ids = Delivered(30);
  world_.Advance(absl::Minutes(2));
  EXPECT_EQ(CountOf(ids, TopupStatus::kFulfilled), 30);
  EXPECT_THAT(world_.log.lines(), Contains(HasSubstr("list.failing")));
}

TEST_F(ListFailureTest, WhileTheListDoesNotAnswerEachIsReadByItself) {
  world_.provider.SetBehaviour(Call::kList, {.mood = Mood::kLostAnswer});
  const std::vector<std::string> ids = Delivered(30);
  world_.Advance(absl::Minutes(3));
  EXPECT_EQ(CountOf(ids, TopupStatus::kFulfilled), 30);
}

TEST_F(ListFailureTest, WhileTheListIsThrottledOrLeadsElsewhereEachIsReadByItself) {
  for (const FakeProvider::Behaviour& behaviour :
       {FakeProvider::Refusal(429, "RATE_LIMITED"),
        FakeProvider::Behaviour{.refuse_status = 302, .bare = true}}) {
    world_.provider.SetBehaviour(Call::kList, behaviour);
    const std::vector<std::string> ids = Delivered(10);
    world_.Advance(absl::Minutes(10));
    EXPECT_EQ(CountOf(ids, TopupStatus::kFulfilled), 10) << behaviour.refuse_status;
  }
}

TEST_F(ListFailureTest, APageThatIsTooLongIsReadInSmallOnes) {
  world_.provider.SetPageMax(20);
  const std::vector<std::string> ids = Delivered(60);
  const int singles = world_.provider.calls(Call::kById);
  world_.Advance(absl::Seconds(30));
  EXPECT_EQ(CountOf(ids, TopupStatus::kFulfilled), 60);
  EXPECT_LE(world_.provider.calls(Call::kById), singles + 5);
}

TEST_F(ListFailureTest, AListThatFailedForAMomentServesWhatWaitsForSingleReads) {
  const std::vector<std::string> ids = world_.RecordMany(250);
  world_.Advance(absl::Minutes(4));
  ASSERT_EQ(CountOf(ids, TopupStatus::kPending), 250);
  world_.provider.SetBehaviour(Call::kList, {.mood = Mood::kServerError});
  world_.Advance(absl::Seconds(20));
  world_.provider.SetBehaviour(Call::kList, {});
  for (const std::string& id : ids) {
    world_.provider.SetStatus(world_.Stored(id).provider_ref, Shown::kFulfilled);
  }
  const int singles = world_.provider.calls(Call::kById);
  world_.Advance(absl::Minutes(1));
  EXPECT_EQ(CountOf(ids, TopupStatus::kFulfilled), 250);
  EXPECT_LE(world_.provider.calls(Call::kById), singles + 120);
}

TEST_F(ListFailureTest, ManyThatTheListDoesNotShowKeepNoneWaitingThatItShows) {
  const std::vector<std::string> hidden = world_.RecordMany(250, "hidden");
  world_.Advance(absl::Minutes(4));
  ASSERT_EQ(CountOf(hidden, TopupStatus::kPending), 250);
  for (const std::string& id : hidden) world_.provider.HideFromList(world_.Stored(id).provider_ref);
  const std::vector<std::string> shown = world_.RecordMany(20);
  world_.Advance(absl::Seconds(40));
  ASSERT_EQ(CountOf(shown, TopupStatus::kPending), 20);
  for (const std::vector<std::string>& ids : {hidden, shown}) {
    for (const std::string& id : ids) {
      world_.provider.SetStatus(world_.Stored(id).provider_ref, Shown::kFulfilled);
    }
  }
  world_.Advance(absl::Seconds(20));
  EXPECT_EQ(CountOf(shown, TopupStatus::kFulfilled), 20);
  // Neither do the batches keep those waiting.
  EXPECT_GE(CountOf(hidden, TopupStatus::kFulfilled), 10);
  world_.Advance(absl::Minutes(6));
  EXPECT_EQ(CountOf(hidden, TopupStatus::kFulfilled), 250);
}

TEST_F(ListFailureTest, SingleReadsInsteadOfTheListKeepTheCeiling) {
  world_.provider.SetBehaviour(Call::kList, {.mood = Mood::kServerError});
  Delivered(100);
  world_.Advance(absl::Minutes(3));
  std::vector<absl::Time> times;
  for (int call = 0; call <= static_cast<int>(Call::kValidate); ++call) {
    const std::vector<absl::Time> some = world_.provider.times(static_cast<Call>(call));
    times.insert(times.end(), some.begin(), some.end());
  }
  std::sort(times.begin(), times.end());
  for (size_t i = 120; i < times.size(); ++i) {
    EXPECT_GT(times[i] - times[i - 120], absl::Seconds(60));
  }
}

// What the provider took under refs of ours, and a copy of the store that knows none of it.
class FailingSweepTest : public testing::Test {
 protected:
  void MakeOrphans(int count) {
    for (int i = 0; i < count; ++i) {
      const absl::Time time = world_.clock.Now() - absl::Minutes(30) - absl::Seconds(i);
      refs_.push_back(absl::StrCat("S-TESTDEPL-", base::MakeTimeOrderedId(time, world_.random)));
      world_.provider.Show({.id = absl::StrCat("provider-", i),
                            .ref = refs_.back(),
                            .status = Shown::kPending,
                            .status_word = "PENDING",
                            .create_time = time});
    }
    world_.store.BecomeOlderCopy(world_.clock.Now() - absl::Hours(1));
  }

  EngineWorld world_;
  std::vector<std::string> refs_;
};

TEST_F(FailingSweepTest, ASweepWhosePagesAreTooLongGoesOnWithSmallOnes) {
  world_.provider.SetPageMax(20);
  MakeOrphans(130);
  ASSERT_THAT(world_.Start(), IsOk());
  world_.Advance(absl::Minutes(2));
  EXPECT_THAT(world_.Incidents(), SizeIs(130));
  EXPECT_THAT(world_.log.lines(), Contains(HasSubstr("sweep.ended")));
}

TEST_F(FailingSweepTest, ATopupThatNoPageCanShowDoesNotHideTheOthers) {
  MakeOrphans(250);
  const std::string spoiler = refs_[120];
  world_.provider.SpoilPages(spoiler);
  ASSERT_THAT(world_.Start(), IsOk());
  world_.Advance(absl::Minutes(14));
  EXPECT_THAT(world_.Incidents(), SizeIs(240)) << "all but one small page";
  EXPECT_THAT(world_.log.lines(), Contains(HasSubstr("sweep.page_given_up")));
  EXPECT_THAT(world_.log.lines(), Not(Contains(HasSubstr("sweep.ended"))));
  world_.provider.SpoilPages(spoiler, false);
  world_.Advance(absl::Hours(1));
  EXPECT_THAT(world_.Incidents(), SizeIs(250)) << "the next sweep began where that one had";
}

TEST_F(FailingSweepTest, ASweepThatGetsNoPageSaysSo) {
  world_.provider.SetBehaviour(Call::kList, {.mood = Mood::kServerError});
  MakeOrphans(1);
  ASSERT_THAT(world_.Start(), IsOk());
  world_.Advance(absl::Minutes(35));
  const std::vector<std::string> lines = world_.log.lines();
  const auto said = std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
    return line.find("list.failing") != std::string::npos;
  });
  EXPECT_GE(said, 2);
  EXPECT_LE(said, 6);
  EXPECT_THAT(lines, Not(Contains(HasSubstr("sweep.ended"))));
}

}  // namespace
}  // namespace topup::engine
