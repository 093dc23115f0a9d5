// Follows top-ups for as long as it takes: streams that break are taken up again where they were.
//
// Both functions block, call back in the calling thread, and never pass one revision of a top-up
// on twice. They reconnect after whatever may pass by itself (UNAVAILABLE, a stream's lifetime, the
// CANCELLED of a server that cuts a stalled stream, RESOURCE_EXHAUSTED with RetryInfo, and the
// INTERNAL and UNKNOWN that proxies make), wait longer each time, and give up after `failures_max`
// failures without any progress between them.
//
// So CANCELLED alone does not say who ended a watch: it is the caller's doing where
// options.cancellation is cancelled, and otherwise the last of too many failures.
#ifndef TOPUP_CLIENT_TOPUP_WATCH_H_
#define TOPUP_CLIENT_TOPUP_WATCH_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "client/cancellation.h"
#include "client/client_error.h"
#include "client/retry_policy.h"
#include "client/topup_client.h"
#include "client/world.h"
#include "topup/v1/topup_service.pb.h"

namespace topup::client {

struct FollowOptions {
  // Between two streams. `tries_max` is not looked at.
  RetryPolicy backoff = {.delay_first = absl::Milliseconds(500), .delay_max = absl::Seconds(30)};
  // Failures in a row, without a message from the server between them; then the error is returned.
  int failures_max = 20;
  // May be null; must outlive the call.
  Cancellation* cancellation = nullptr;
  // Told of each failure that will be followed by another try; may be empty.
  std::function<void(const ClientError&, absl::Duration delay)> on_reconnect;
};

// Follows one top-up from `request.after_revision` on. `on_revision` gets each later revision,
// oldest first, and ends the watch by returning false.
//
// Returns the newest revision known: the settled one, or the one that `on_revision` stopped at.
// The error, where there is one, is what ended the watch: TOPUP_NOT_FOUND, CANCELLED (by
// options.cancellation), or the last of too many failures. Whoever keeps the last revision seen
// can go on from there.
Result<v1::Topup> FollowTopup(TopupClient& client, v1::WatchTopupRequest request,
                              absl::FunctionRef<bool(const v1::Topup&)> on_revision,
                              const World& world, const FollowOptions& options = {});

struct FollowEnd {
  // Nothing where the callback ended the watch.
  std::optional<ClientError> error;
  // Where to go on from. Empty where the server named no point yet.
  std::string resume_token;
};

// Follows all of the caller's top-ups. `on_event` gets each change with the token to keep after
// handling it, and each heartbeat (`topup` is null) with the token to keep meanwhile.
//
// A watch that starts at a token older than the kept history ends at once with
// RESUME_TOKEN_TOO_OLD: changes are lost to the stream, so the caller reads its open top-ups
// (ListTopups) and goes on from OldestResumeToken, or from ListTopups' own token.
FollowEnd FollowTopups(
    TopupClient& client, v1::WatchTopupsRequest request,
    absl::FunctionRef<bool(const v1::Topup* topup, const std::string& resume_token)> on_event,
    const World& world, const FollowOptions& options = {});

// The oldest usable token that a RESUME_TOKEN_TOO_OLD names; nothing for any other error.
std::optional<std::string> OldestResumeToken(const ClientError& error);

// FULFILLED, REFUNDED, REJECTED or CANCELLED: `settle_time` says so, also for a status that this
// program does not know.
bool IsSettled(const v1::Topup& topup);

}  // namespace topup::client

#endif  // TOPUP_CLIENT_TOPUP_WATCH_H_
