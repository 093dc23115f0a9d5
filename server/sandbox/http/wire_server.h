// An HTTP/1.1 server whose answers may leave byte by byte, be cut off, or never come.
//
// cpp-httplib reads the requests; the answers are written here, because its server cannot
// write a wrong one.
#ifndef TOPUP_SERVER_SANDBOX_HTTP_WIRE_SERVER_H_
#define TOPUP_SERVER_SANDBOX_HTTP_WIRE_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "server/sandbox/http/http_message.h"

namespace topup::sandbox {

// Thread-safe but for Start, which is called once.
class WireServer {
 public:
  // Called on the connections' threads, several at once.
  using Handler = std::function<HttpReply(const HttpRequest&)>;

  explicit WireServer(Handler handler);
  // Stops.
  ~WireServer();

  // Listens on a numeric address and begins to serve: a thread for each connection, at most
  // 2,000 (further ones are closed at once), bodies of at most 1 MiB. Port 0 picks a free one.
  // InvalidArgument: no such address; Unavailable: it cannot be listened on.
  absl::Status Start(const std::string& host, int port);

  // The port that is listened on; 0 before Start.
  int port() const;

  // Ends every connection at once, also those that a fault holds, and returns when all threads
  // are gone. May be called again.
  void Stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_HTTP_WIRE_SERVER_H_
