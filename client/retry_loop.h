// The loop around every unary call, and the frame around every stream. Internal to client/.
#ifndef TOPUP_CLIENT_RETRY_LOOP_H_
#define TOPUP_CLIENT_RETRY_LOOP_H_

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "client/cancellation.h"
#include "client/client_error.h"
#include "client/retry_policy.h"
#include "client/world.h"

namespace grpc {
class ClientContext;
class Status;
}  // namespace grpc

namespace topup::client {

struct CallFrame {
  // Of one try, not of all.
  absl::Duration timeout;
  std::string bearer_token;              // empty: none
  Cancellation* cancellation = nullptr;  // may be null
};

// Makes one try of `call`, with a fresh context that has deadline and token, and is cancelled with
// the cancellation.
std::optional<ClientError> TryOnce(const CallFrame& frame,
                                   absl::FunctionRef<grpc::Status(grpc::ClientContext&)> call);

// Repeats TryOnce as the policy says. The error returned is the last one; it knows the number of
// tries and whether any of them may have taken effect.
std::optional<ClientError> CallWithRetries(
    const RetryPolicy& policy, const World& world, const CallFrame& frame,
    absl::FunctionRef<grpc::Status(grpc::ClientContext&)> call);

}  // namespace topup::client

#endif  // TOPUP_CLIENT_RETRY_LOOP_H_
