// The gRPC server: both services, health, reflection and channelz on one address. The front
// door of the api room.
#ifndef TOPUP_SERVER_API_GRPC_SERVER_H_
#define TOPUP_SERVER_API_GRPC_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/api/api_options.h"

namespace topup::api {

// True for 127.0.0.0/8, ::1 and localhost, with or without a port.
bool IsLoopback(absl::string_view address);

// Thread-safe. Takes calls from Start to Shutdown; nobody is told that it serves before
// SetServing.
class GrpcServer {
 public:
  // kInvalidArgument: an address other than loopback without TLS, or for callers that need not
  // prove who they are; an address without a port. kUnavailable: the address cannot be
  // listened on, or the TLS material is not accepted. `parts` outlive the server.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(const ApiOptions& options,
                                                           const ApiParts& parts);
  // Shuts down at once.
  ~GrpcServer();

  // Where it listens, with the port that was picked: "127.0.0.1:50051".
  const std::string& address() const;

  // What the health service says: of "", "topup.v1.TopupService" and
  // "topup.admin.v1.AdminService"; of "provider".
  void SetServing(bool serving);
  void SetProviderServing(bool serving);

  // New sends are refused with DRAINING, streams end with DRAINING and a resume token, health
  // says NOT_SERVING; calls under way go on, and reads are still answered. For good.
  void Drain();

  // Takes no more calls, waits `grace` for those under way, cancels the rest, and returns when
  // all are gone and all connections closed, whether or not their clients look at them. Drains
  // first. May be called again.
  void Shutdown(absl::Duration grace);

 private:
  struct State;
  explicit GrpcServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_GRPC_SERVER_H_
