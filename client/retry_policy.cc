#include "client/retry_policy.h"

#include <algorithm>

namespace topup::client {
namespace {

bool MayHelp(const ClientError& error) {
  return error.code == absl::StatusCode::kUnavailable ||
         error.code == absl::StatusCode::kDeadlineExceeded ||
         (error.code == absl::StatusCode::kResourceExhausted && error.retry_after.has_value());
}

}  // namespace

absl::Duration Backoff(const RetryPolicy& policy, int failures, uint64_t random_bits) {
  absl::Duration whole = policy.delay_first;
  for (int i = 1; i < failures && whole < policy.delay_max; ++i) whole *= 2;
  whole = std::min(whole, policy.delay_max);
  // 2^20 steps are fine enough, and the product cannot overflow.
  constexpr int64_t kSteps = 1 << 20;
  const int64_t step = static_cast<int64_t>(random_bits >> 44);
  return whole / 2 + whole / 2 * step / kSteps;
}

std::optional<absl::Duration> NextDelay(const RetryPolicy& policy, int failures,
                                        const ClientError& error, uint64_t random_bits) {
  if (failures >= policy.tries_max || !MayHelp(error)) return std::nullopt;
  const absl::Duration asked = error.retry_after.value_or(absl::ZeroDuration());
  if (asked > policy.retry_after_max) return std::nullopt;
  return asked + Backoff(policy, failures, random_bits);
}

}  // namespace topup::client
