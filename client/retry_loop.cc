#include "client/retry_loop.h"

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include "absl/strings/str_cat.h"

namespace topup::client {

std::optional<ClientError> TryOnce(const CallFrame& frame,
                                   absl::FunctionRef<grpc::Status(grpc::ClientContext&)> call) {
  grpc::ClientContext context;
  // A time span counts from now on gRPC's own monotonic clock: a stepped wall clock moves nothing.
  context.set_deadline(gpr_time_from_nanos(absl::ToInt64Nanoseconds(frame.timeout), GPR_TIMESPAN));
  if (!frame.bearer_token.empty()) {
    context.AddMetadata("authorization", absl::StrCat("Bearer ", frame.bearer_token));
  }
  const Cancellation::Watcher watcher(frame.cancellation, [&context] { context.TryCancel(); });
  const grpc::Status status = call(context);
  if (status.ok()) return std::nullopt;
  return ErrorFromStatus(status);
}

std::optional<ClientError> CallWithRetries(
    const RetryPolicy& policy, const World& world, const CallFrame& frame,
    absl::FunctionRef<grpc::Status(grpc::ClientContext&)> call) {
  bool may_have_happened = false;
  for (int tries = 1;; ++tries) {
    std::optional<ClientError> error = TryOnce(frame, call);
    if (!error.has_value()) return std::nullopt;
    may_have_happened |= error->may_have_happened;
    error->may_have_happened = may_have_happened;
    error->tries = tries;
    const std::optional<absl::Duration> delay =
        NextDelay(policy, tries, *error, world.random_bits());
    if (!delay.has_value()) return error;
    world.sleep(*delay, frame.cancellation);
    if (frame.cancellation != nullptr && frame.cancellation->cancelled()) {
      error->code = absl::StatusCode::kCancelled;
      error->reason.clear();
      return error;
    }
  }
}

}  // namespace topup::client
