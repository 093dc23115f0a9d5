// Our errors on the wire: google.rpc details that every language's client reads.
#ifndef TOPUP_SERVER_API_GRPC_STATUS_H_
#define TOPUP_SERVER_API_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace topup::api {

// ErrorInfo (domain "topup.v1", reason, metadata) always, BadRequest and RetryInfo where they
// apply. Of wrong fields that are too many or too long for a client's limit on metadata, as many as
// fit, and how many more there are. Which directories of ours were searched is left out, and, for
// a caller that may not see costs, a guardrail's limit and what a strategy says of its having no
// price. An error that base::MakeError has not made
// is a bug of ours: it becomes INTERNAL, and its message stays here, since nobody has checked what
// is in it.
grpc::Status ToGrpcStatus(const absl::Status& status, bool see_cost);

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_GRPC_STATUS_H_
