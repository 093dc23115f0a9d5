// Which page of the provider's list is asked for next, and what an answer says about one.
#include "server/engine/list_walk.h"

#include "gtest/gtest.h"

namespace topup::engine {
namespace {

core::ListAnswer Answered(int http_status, bool enveloped, bool success, std::string code = "") {
  core::ListAnswer answer;
  answer.exchange.response_complete = true;
  answer.exchange.http_status = http_status;
  answer.exchange.enveloped = enveloped;
  answer.exchange.success = success;
  answer.exchange.error_code = std::move(code);
  answer.decoded = success;
  return answer;
}

TEST(ListWalkTest, PagesThatAreReadFollowEachOtherLarge) {
  ListWalk walk;
  walk.Begin(absl::ZeroDuration());
  EXPECT_EQ(walk.page(), 1);
  EXPECT_EQ(walk.page_size(), 100);
  walk.GoOn(absl::ZeroDuration());
  EXPECT_EQ(walk.page(), 2);
  EXPECT_EQ(walk.reach(), 200);
}

TEST(ListWalkTest, AFailedPageIsAskedForInSmallOnesFromTheSamePlace) {
  ListWalk walk;
  walk.Begin(absl::ZeroDuration());
  walk.GoOn(absl::ZeroDuration());
  ASSERT_TRUE(walk.Shrink(absl::ZeroDuration()));
  EXPECT_EQ(walk.page_size(), 10);
  EXPECT_EQ(walk.page(), 11) << "after the hundred that were read";
  EXPECT_EQ(walk.reach(), 110);
  EXPECT_FALSE(walk.Shrink(absl::ZeroDuration())) << "there is no smaller one";
  EXPECT_EQ(walk.page(), 11);
}

TEST(ListWalkTest, SmallPagesGrowAfterTenMinutesWhereALargeOneBegins) {
  ListWalk walk;
  walk.Begin(absl::ZeroDuration());
  ASSERT_TRUE(walk.Shrink(absl::ZeroDuration()));
  for (int page = 2; page <= 20; ++page) {
    walk.GoOn(absl::Minutes(9));
    ASSERT_EQ(walk.page(), page);
    ASSERT_EQ(walk.page_size(), 10);
  }
  walk.GoOn(absl::Minutes(10));
  EXPECT_EQ(walk.page(), 3);
  EXPECT_EQ(walk.page_size(), 100) << "two hundred have been read";
  walk.Begin(absl::Minutes(10));
  EXPECT_EQ(walk.page(), 1);
  EXPECT_EQ(walk.page_size(), 100);
}

TEST(ListWalkTest, TheNextWalkBeginsSmallUntilThen) {
  ListWalk walk;
  walk.Begin(absl::ZeroDuration());
  ASSERT_TRUE(walk.Shrink(absl::ZeroDuration()));
  walk.Begin(absl::Minutes(9));
  EXPECT_EQ(walk.page_size(), 10);
}

TEST(ListWalkTest, AnErrorOfTheirsOrAnAnswerThatIsNoPageIsTheFaultOfThePage) {
  EXPECT_EQ(JudgePage(Answered(200, true, true)), PageOutcome::kRead);
  EXPECT_EQ(JudgePage(Answered(500, false, false)), PageOutcome::kFailed);
  EXPECT_EQ(JudgePage(Answered(502, true, false, "INTERNAL")), PageOutcome::kFailed);
  core::ListAnswer strange = Answered(200, true, true);
  strange.decoded = false;
  EXPECT_EQ(JudgePage(strange), PageOutcome::kFailed);
  // As an answer that is too long, or that does not come in time.
  EXPECT_EQ(JudgePage({}), PageOutcome::kFailed);
}

TEST(ListWalkTest, WhatWouldHaveMetAnyRequestSaysNothingAboutThePage) {
  core::ListAnswer unsent;
  unsent.exchange.request_left = false;
  EXPECT_EQ(JudgePage(unsent), PageOutcome::kUnanswered);
  EXPECT_EQ(JudgePage(Answered(429, true, false)), PageOutcome::kUnanswered);
  EXPECT_EQ(JudgePage(Answered(401, true, false)), PageOutcome::kUnanswered);
}

TEST(ListWalkTest, AWhole404IsAProviderWithoutAList) {
  EXPECT_EQ(JudgePage(Answered(404, false, false)), PageOutcome::kAbsent);
  EXPECT_EQ(JudgePage(Answered(404, true, false, "NOT_FOUND")), PageOutcome::kAbsent);
}

}  // namespace
}  // namespace topup::engine
