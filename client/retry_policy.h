// Whether a failed call is repeated, and when. Pure.
//
// Every unary call of topup.v1 is safe to repeat: the reads read, a send is named by its ref, a
// cancelled top-up stays cancelled. What is repeated is what a repeat can help:
//
//   UNAVAILABLE          yes
//   DEADLINE_EXCEEDED    yes
//   RESOURCE_EXHAUSTED   where the server says when (RetryInfo); STORAGE_FULL does not
//   anything else        no
#ifndef TOPUP_CLIENT_RETRY_POLICY_H_
#define TOPUP_CLIENT_RETRY_POLICY_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "client/client_error.h"

namespace topup::client {

struct RetryPolicy {
  // Tries of one call, the first included. 1 switches repeats off.
  int tries_max = 6;
  // The delay before the second try; doubles from there.
  absl::Duration delay_first = absl::Milliseconds(200);
  absl::Duration delay_max = absl::Seconds(10);
  // Where the server asks for more patience than this, the call ends with its error instead.
  absl::Duration retry_after_max = absl::Seconds(60);
};

// How long to wait after the `failures`-th failure in a row (from 1); nothing where the call must
// not be repeated. Half of the backoff is random, so that callers do not come back together; a
// RetryInfo is waited for in full, with the backoff on top. `random_bits` is any 64 random bits.
std::optional<absl::Duration> NextDelay(const RetryPolicy& policy, int failures,
                                        const ClientError& error, uint64_t random_bits);

// The backoff alone: between half of min(delay_first * 2^(failures - 1), delay_max) and all of it.
absl::Duration Backoff(const RetryPolicy& policy, int failures, uint64_t random_bits);

}  // namespace topup::client

#endif  // TOPUP_CLIENT_RETRY_POLICY_H_
