// What may be sent, by what was seen of the account.
#include "server/engine/provider_account.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace topup::engine {
namespace {

using core::Money;
using core::SendMeaning;

constexpr absl::Duration kStart = absl::Hours(1);

class ProviderAccountTest : public testing::Test {
 protected:
  ProviderAccountTest() {
    account_.SetEnvironment("SANDBOX");
    EXPECT_TRUE(account_.KeyValidated("SANDBOX", kStart));
  }
  void Post(SendMeaning meaning, absl::Duration now) {
    account_.FirstPostStarted(cost_, now);
    account_.FirstPostEnded(cost_);
    account_.PostAnswered(meaning, now);
  }
  absl::Duration Next(absl::Duration now) { return account_.NextFirstPost(cost_, now); }
  core::Exchange Answer(int status) {
    return {.response_complete = true, .http_status = status, .error_code = "CODE"};
  }

  const Money cost_ = Money::Centimes(100);
  ProviderAccount account_{/*breaker_failures=*/3, /*provider_timeout=*/absl::Seconds(20)};
};

TEST_F(ProviderAccountTest, ValidateIsTriedAtGrowingStepsAfterAWrongUrl) {
  account_.PauseAfter("a send", Answer(404), /*from_read=*/false, kStart);
  EXPECT_TRUE(account_.paused());
  EXPECT_FALSE(account_.reads_paused());
  absl::Duration now = account_.NextValidate();
  EXPECT_EQ(now - kStart, absl::Seconds(15));
  for (const int seconds : {30, 60, 120, 300, 900, 900, 900}) {
    account_.ValidateFailed(now);
    EXPECT_EQ(account_.NextValidate() - now, absl::Seconds(seconds));
    now = account_.NextValidate();
  }
}

TEST_F(ProviderAccountTest, ValidateIsTriedEveryQuarterOfAnHourAfterTheKeyWasRefused) {
  for (const int status : {401, 403}) {
    account_.Resume();
    account_.PauseAfter("a read", Answer(status), /*from_read=*/true, kStart);
    EXPECT_TRUE(account_.reads_paused());
    EXPECT_EQ(account_.NextValidate() - kStart, absl::Minutes(15));
    account_.ValidateFailed(kStart + absl::Minutes(15));
    EXPECT_EQ(account_.NextValidate() - kStart, absl::Minutes(30));
  }
  // The provider answers a missing key with 400 in places; it locks out who keeps trying.
  account_.Resume();
  core::Exchange missing = Answer(400);
  missing.error_code = "MISSING_ACCESS_TOKEN";
  account_.PauseAfter("a read", missing, /*from_read=*/true, kStart);
  EXPECT_EQ(account_.NextValidate() - kStart, absl::Minutes(15));
}

TEST_F(ProviderAccountTest, ALaterPauseMayBeStricterAndNeverMilder) {
  account_.Pause("wrong url", /*key_refused=*/false, /*from_read=*/false, kStart);
  account_.Pause("refused", /*key_refused=*/true, /*from_read=*/true, kStart);
  EXPECT_EQ(account_.paused_reason(), "refused");
  account_.Pause("wrong url", /*key_refused=*/false, /*from_read=*/false, kStart);
  EXPECT_EQ(account_.paused_reason(), "refused");
  EXPECT_TRUE(account_.reads_paused());
}

TEST_F(ProviderAccountTest, AnotherKeyIsUnknownUntilItIsValidatedForThisEnvironment) {
  account_.NoteProof(kStart);
  const int before = account_.key_number();
  account_.KeyReplaced();
  EXPECT_NE(account_.key_number(), before);
  EXPECT_FALSE(account_.key_known());
  EXPECT_FALSE(account_.KeyProven(kStart));
  EXPECT_EQ(Next(kStart), absl::InfiniteDuration());
  EXPECT_FALSE(account_.KeyValidated("PRODUCTION", kStart));
  EXPECT_TRUE(account_.reads_paused());
  EXPECT_TRUE(account_.KeyValidated("SANDBOX", kStart));
}

TEST_F(ProviderAccountTest, AProofIsGoodForFiveMinutesAndEndsWithAPause) {
  EXPECT_FALSE(account_.KeyProven(kStart));
  account_.NoteProof(kStart);
  EXPECT_TRUE(account_.KeyProven(kStart + absl::Minutes(5)));
  EXPECT_FALSE(account_.KeyProven(kStart + absl::Minutes(5) + absl::Seconds(1)));
  account_.Pause("refused", /*key_refused=*/true, /*from_read=*/true, kStart);
  account_.Resume();
  EXPECT_FALSE(account_.KeyProven(kStart));
}

TEST_F(ProviderAccountTest, DoubtInARowMeansOneTrialEachFiveSecondsAndFiveGoodOnesEndIt) {
  for (int i = 0; i < 2; ++i) Post(SendMeaning::kInDoubt, kStart);
  Post(SendMeaning::kRefused, kStart);
  Post(SendMeaning::kThrottled, kStart);
  EXPECT_EQ(Next(kStart), kStart);
  Post(SendMeaning::kInDoubt, kStart);
  EXPECT_EQ(Next(kStart), kStart + absl::Seconds(5));
  absl::Duration now = kStart + absl::Seconds(5);
  // A trial that hangs does not hold up the next one.
  account_.FirstPostStarted(cost_, now);
  EXPECT_EQ(Next(now), now + absl::Seconds(5));
  for (int good = 0; good < 5; ++good) {
    EXPECT_FALSE(account_.serving());
    now += absl::Seconds(5);
    Post(SendMeaning::kAccepted, now);
    EXPECT_EQ(Next(now), now);
  }
  Post(SendMeaning::kAccepted, now);
  EXPECT_EQ(Next(now), now);
  EXPECT_TRUE(account_.serving());
}

TEST_F(ProviderAccountTest, ATrialIsNoFurtherAwayThanTheTimeout) {
  ProviderAccount account(1, absl::Milliseconds(300));
  account.SetEnvironment("SANDBOX");
  ASSERT_TRUE(account.KeyValidated("SANDBOX", kStart));
  account.FirstPostStarted(cost_, kStart);
  account.FirstPostEnded(cost_);
  account.PostAnswered(SendMeaning::kInDoubt, kStart);
  EXPECT_EQ(account.NextFirstPost(cost_, kStart), kStart + absl::Milliseconds(300));
}

TEST_F(ProviderAccountTest, ABalancePaysForAsManyAsItCovers) {
  account_.RanOutOfMoney(cost_, kStart);
  EXPECT_TRUE(account_.CannotPay(cost_));
  // Asked before the refusal: it does not know of it.
  account_.NoteBalance(Money::Centimes(1000), kStart - absl::Seconds(1));
  EXPECT_TRUE(account_.CannotPay(cost_));
  account_.NoteBalance(Money::Centimes(250), kStart + absl::Seconds(1));
  EXPECT_FALSE(account_.CannotPay(Money::Centimes(250)));
  account_.FirstPostStarted(cost_, kStart);
  account_.FirstPostStarted(cost_, kStart);
  EXPECT_EQ(Next(kStart), absl::InfiniteDuration());
  // What is under way is not counted twice.
  account_.NoteBalance(Money::Centimes(250), kStart + absl::Seconds(2));
  EXPECT_TRUE(account_.CannotPay(cost_));
  account_.FirstPostEnded(cost_);
  account_.PostAnswered(SendMeaning::kAccepted, kStart);
  EXPECT_TRUE(account_.out_of_money());
  account_.NoteBalance(Money::Centimes(100), kStart + absl::Seconds(3));
  EXPECT_FALSE(account_.out_of_money());
}

}  // namespace
}  // namespace topup::engine
