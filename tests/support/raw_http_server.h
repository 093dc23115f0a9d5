// A server of raw bytes on a loopback port, for clients that must survive any peer.
//
// Every connection is handed to the test's script, one after the other, on the server's own
// thread. The script says byte by byte what happens; HTTP is only known well enough to read
// one request.
#ifndef TOPUP_TESTS_SUPPORT_RAW_HTTP_SERVER_H_
#define TOPUP_TESTS_SUPPORT_RAW_HTTP_SERVER_H_

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "absl/strings/string_view.h"
#include "tests/support/test_certificate.h"

struct ssl_ctx_st;
struct ssl_st;

namespace topup::support {

// One accepted connection. Closed when the script returns.
class RawPeer {
 public:
  RawPeer(int socket, ssl_st* tls) : socket_(socket), tls_(tls) {}

  // Head and body of one request (by its Content-Length); what came where it ends early.
  std::string ReadRequest();
  // True where that is a whole request, as far as its Content-Length says.
  static bool IsWhole(const std::string& request);
  // Waits until something of a request came, and reads it.
  std::string ReadSome();
  // False once the other side is gone.
  bool Send(absl::string_view bytes);
  // Waits until the other side closes.
  void AwaitEnd();
  // The connection ends with a reset instead of an orderly close.
  void Reset();

 private:
  int Read(char* data, int size);

  const int socket_;
  ssl_st* const tls_;
};

class RawHttpServer {
 public:
  using Script = std::function<void(RawPeer&)>;

  explicit RawHttpServer(Script script);
  // TLS with this certificate. Connections whose handshake fails never reach the script.
  RawHttpServer(const TestCertificate& certificate, Script script);
  ~RawHttpServer();

  // Reads the request, then sends `reply` and closes.
  static Script Replying(std::string reply);
  // "HTTP/1.1 <status> x" with Content-Length, JSON type and this body.
  static std::string Reply(int status, absl::string_view body, absl::string_view headers = "");

  int port() const { return port_; }
  int connections() const { return connections_; }

 private:
  void Listen();
  void Run();

  const Script script_;
  ssl_ctx_st* tls_ = nullptr;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

// A loopback port that refuses connections for as long as this lives.
class RefusingPort {
 public:
  RefusingPort();
  ~RefusingPort();
  int port() const { return port_; }

 private:
  int socket_ = -1;
  int port_ = 0;
};

}  // namespace topup::support

#endif  // TOPUP_TESTS_SUPPORT_RAW_HTTP_SERVER_H_
