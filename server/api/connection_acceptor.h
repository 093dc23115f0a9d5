// The listening sockets of the gRPC server, and the loop that accepts. gRPC's own loop (1.51) ends
// for good when descriptors run out once; this one refuses connections before that, and goes on
// after it.
#ifndef TOPUP_SERVER_API_CONNECTION_ACCEPTOR_H_
#define TOPUP_SERVER_API_CONNECTION_ACCEPTOR_H_

#include <grpcpp/server_builder.h>
#include <netdb.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/metrics.h"

namespace topup::api {

// The descriptors that connections may use where the process may have `limit`: all but a reserve
// for the store, the provider and the ops port, of 256 or a quarter of the limit.
int DescriptorsForConnections(int limit);

// Start and Stop are for one thread.
class ConnectionAcceptor {
 public:
  // Listens on every address that `host` ("" is any) stands for; port 0 picks a free one, the same
  // for all of them. kUnavailable where none can be listened on, or the port is taken on one.
  // A connection is refused (closed at once) where its descriptor's number is not below
  // DescriptorsForConnections of RLIMIT_NOFILE as it is now: the kernel gives the lowest free
  // number, so by then that many are open.
  static absl::StatusOr<std::unique_ptr<ConnectionAcceptor>> Listen(const std::string& host,
                                                                    int port,
                                                                    const base::Clock& clock,
                                                                    base::Log& log,
                                                                    base::Metrics& metrics);
  // Stops.
  ~ConnectionAcceptor();

  int port() const { return port_; }

  // Accepts from now on, on a thread of its own, and hands over to `server`, which is started.
  void Start(std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> server);

  // Accepts no more, and closes the listening sockets. Before the server shuts down: what is handed
  // over after that would stay open. May be called again.
  void Stop();

 private:
  ConnectionAcceptor(const base::Clock& clock, base::Log& log, base::Metrics& metrics);
  absl::Status ListenOn(const addrinfo& address);
  void Run();
  void AcceptAll(int listener);
  void Refuse(int descriptor);
  void Complain(absl::string_view event, int error);

  const base::Clock& clock_;
  base::Log& log_;
  base::Counter* const refused_;
  const int descriptor_max_;
  int port_ = 0;
  std::vector<int> listeners_;
  const int stop_;  // an eventfd: readable once Stop was called
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> server_;
  std::thread thread_;
  // The thread's own.
  bool is_paused_ = false;  // the next turn leaves connections in the backlog
  absl::Duration complained_ = -absl::InfiniteDuration();
};

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_CONNECTION_ACCEPTOR_H_
