// A proxy for HTTP exchanges of one request that breaks them where it is told to: at any byte
// of the request or of the answer, or in the TLS handshake before them.
//
// It stands between a client and a server on loopback, ends TLS where it has a certificate, and
// speaks plain HTTP to the server. It knows HTTP well enough to read one request; the answer
// ends where the server closes. A request goes on only once it is there as a whole.
#ifndef TOPUP_TESTS_SUPPORT_CHAOS_PROXY_H_
#define TOPUP_TESTS_SUPPORT_CHAOS_PROXY_H_

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/support/test_certificate.h"

struct ssl_ctx_st;
struct ssl_st;

namespace topup::support {

// This many bytes go through, then the connection ends: with FIN, or with RST.
struct Cut {
  int64_t after_bytes = 0;
  bool reset = false;
};

// What happens to one connection.
struct ConnectionFate {
  enum class Handshake {
    kGood,
    kExpiredCertificate,
    kAlert,  // a fatal alert in place of the server's hello
  };
  Handshake handshake = Handshake::kGood;  // TLS only
  std::optional<Cut> request;              // both sides are cut; nothing comes back
  std::optional<Cut> reply;
  bool alert_as_reply = false;  // TLS: a fatal alert instead of the answer
  bool one_byte_segments = false;
  // The server gets the request twice, as from a library that repeats what it believes lost.
  bool twice = false;
};

// Decides about each connection, on the thread of that connection; thread-safe.
class ChaosPlan {
 public:
  virtual ~ChaosPlan() = default;
  // Before the first byte.
  virtual ConnectionFate OnConnection() { return {}; }
  // The request is there, and none of it has gone on.
  virtual void OnRequest(absl::string_view request, ConnectionFate& fate) {
    static_cast<void>(request);
    static_cast<void>(fate);
  }
  // The server has answered all that it will, and none of it has gone on.
  virtual void OnReply(absl::string_view request, absl::string_view reply, ConnectionFate& fate) {
    static_cast<void>(request);
    static_cast<void>(reply);
    static_cast<void>(fate);
  }
};

// The two certificates of a proxy that ends TLS.
struct ProxyCertificates {
  TestCertificate good{"IP:127.0.0.1"};
  TestCertificate expired{"IP:127.0.0.1", -1};
};

// Thread-safe. A thread for each connection.
class ChaosProxy {
 public:
  // Listens on a free loopback port. `plan` and `certificates` (null: no TLS) outlive it.
  ChaosProxy(int server_port, ChaosPlan& plan, const ProxyCertificates* certificates);
  // Ends every connection.
  ~ChaosProxy();

  int port() const { return port_; }

  // The requests so far of which the server cannot have got the last byte.
  std::vector<std::string> undelivered() const;
  // Connections that ended before a whole request was there: where the client gives up, TLS may
  // take with it what had left already. Handshakes that were to fail do not count.
  int without_request() const;

  // Returns when no connection is under way.
  void AwaitIdle();

 private:
  class Connection;

  void AcceptUntilStopped();
  void Serve(int socket);
  // Keeps a socket that Stop has to wake; false where it is stopping already.
  bool Register(int socket);
  void Close(int socket);

  const int server_port_;
  ChaosPlan& plan_;
  ssl_ctx_st* good_tls_ = nullptr;
  ssl_ctx_st* expired_tls_ = nullptr;
  int listener_ = -1;
  int port_ = 0;

  mutable std::mutex mutex_;  // guards the next ones
  std::condition_variable ended_;
  bool stopping_ = false;
  int connections_ = 0;
  std::set<int> sockets_;
  std::vector<std::string> undelivered_;
  int without_request_ = 0;

  std::thread acceptor_;  // last: runs on all of the above
};

}  // namespace topup::support

#endif  // TOPUP_TESTS_SUPPORT_CHAOS_PROXY_H_
