// The loop around every stream that is read. Internal to client/.
#ifndef TOPUP_CLIENT_READ_STREAM_H_
#define TOPUP_CLIENT_READ_STREAM_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>

#include "absl/functional/function_ref.h"

namespace topup::client {

// Passes each message on in the calling thread, until the stream ends or `on_message` returns
// false: then the call is cancelled, and that is OK.
template <typename Response>
grpc::Status ReadStream(grpc::ClientContext& context, grpc::ClientReaderInterface<Response>& reader,
                        absl::FunctionRef<bool(const Response&)> on_message) {
  Response message;
  while (reader.Read(&message)) {
    if (on_message(message)) continue;
    context.TryCancel();
    while (reader.Read(&message)) {
    }
    reader.Finish();
    return grpc::Status::OK;
  }
  return reader.Finish();
}

}  // namespace topup::client

#endif  // TOPUP_CLIENT_READ_STREAM_H_
