#include "client/retry_policy.h"

#include <gtest/gtest.h>

#include <limits>

namespace topup::client {
namespace {

constexpr uint64_t kLowest = 0;
constexpr uint64_t kHighest = std::numeric_limits<uint64_t>::max();

ClientError ErrorOf(absl::StatusCode code) {
  ClientError error;
  error.code = code;
  return error;
}

TEST(RetryPolicyTest, BackoffDoublesFromTheFirstDelayToTheLongest) {
  const RetryPolicy policy{.delay_first = absl::Seconds(1), .delay_max = absl::Seconds(5)};
  EXPECT_EQ(Backoff(policy, 1, kLowest), absl::Milliseconds(500));
  EXPECT_EQ(Backoff(policy, 2, kLowest), absl::Seconds(1));
  EXPECT_EQ(Backoff(policy, 3, kLowest), absl::Seconds(2));
  EXPECT_EQ(Backoff(policy, 4, kLowest), absl::Milliseconds(2500));
  EXPECT_EQ(Backoff(policy, 1000, kLowest), absl::Milliseconds(2500));
}

TEST(RetryPolicyTest, JitterFillsTheUpperHalfOfTheBackoffAndNoMore) {
  const RetryPolicy policy{.delay_first = absl::Seconds(1)};
  EXPECT_LT(Backoff(policy, 1, kHighest), absl::Seconds(1));
  EXPECT_GT(Backoff(policy, 1, kHighest), absl::Milliseconds(999));
}

TEST(RetryPolicyTest, RepeatsWhatMayPassByItself) {
  const RetryPolicy policy;
  EXPECT_TRUE(NextDelay(policy, 1, ErrorOf(absl::StatusCode::kUnavailable), kLowest));
  EXPECT_TRUE(NextDelay(policy, 1, ErrorOf(absl::StatusCode::kDeadlineExceeded), kLowest));
}

TEST(RetryPolicyTest, NeverRepeatsARefusal) {
  const RetryPolicy policy;
  for (const absl::StatusCode code :
       {absl::StatusCode::kInvalidArgument, absl::StatusCode::kNotFound,
        absl::StatusCode::kAlreadyExists, absl::StatusCode::kPermissionDenied,
        absl::StatusCode::kFailedPrecondition, absl::StatusCode::kUnauthenticated,
        absl::StatusCode::kCancelled, absl::StatusCode::kInternal}) {
    ClientError error = ErrorOf(code);
    error.retry_after = absl::Seconds(1);
    EXPECT_FALSE(NextDelay(policy, 1, error, kLowest)) << static_cast<int>(code);
  }
}

TEST(RetryPolicyTest, RepeatsAnExhaustedResourceOnlyWhereTheServerSaysWhen) {
  const RetryPolicy policy;
  ClientError error = ErrorOf(absl::StatusCode::kResourceExhausted);
  EXPECT_FALSE(NextDelay(policy, 1, error, kLowest));
  error.retry_after = absl::Seconds(3);
  EXPECT_GE(NextDelay(policy, 1, error, kLowest), absl::Seconds(3));
}

TEST(RetryPolicyTest, WaitsForTheWholeRetryInfoWithTheBackoffOnTop) {
  const RetryPolicy policy{.delay_first = absl::Seconds(1)};
  ClientError error = ErrorOf(absl::StatusCode::kUnavailable);
  error.retry_after = absl::Seconds(7);
  EXPECT_EQ(NextDelay(policy, 1, error, kLowest), absl::Milliseconds(7500));
}

TEST(RetryPolicyTest, GivesUpWhereTheServerAsksForTooMuchPatience) {
  const RetryPolicy policy{.retry_after_max = absl::Seconds(60)};
  ClientError error = ErrorOf(absl::StatusCode::kUnavailable);
  error.retry_after = absl::Seconds(61);
  EXPECT_FALSE(NextDelay(policy, 1, error, kLowest));
}

TEST(RetryPolicyTest, GivesUpAfterTheLastTry) {
  const RetryPolicy policy{.tries_max = 3};
  const ClientError error = ErrorOf(absl::StatusCode::kUnavailable);
  EXPECT_TRUE(NextDelay(policy, 2, error, kLowest));
  EXPECT_FALSE(NextDelay(policy, 3, error, kLowest));
}

}  // namespace
}  // namespace topup::client
