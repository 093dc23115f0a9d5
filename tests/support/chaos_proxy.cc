#include "tests/support/chaos_proxy.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "tests/support/raw_http_server.h"

namespace topup::support {
namespace {

constexpr int kBacklog = 1024;

// Records of TLS: an alert, fatal, handshake_failure (40) or internal_error (80).
constexpr absl::string_view kHandshakeAlert("\x15\x03\x01\x00\x02\x02\x28", 7);
constexpr absl::string_view kInternalErrorAlert("\x15\x03\x03\x00\x02\x02\x50", 7);

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

int NewSocket() { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

void SendAtOnce(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

ssl_ctx_st* ServerContext(const TestCertificate& certificate) {
  // OpenSSL's writes know no MSG_NOSIGNAL.
  signal(SIGPIPE, SIG_IGN);
  ssl_ctx_st* const context = SSL_CTX_new(TLS_server_method());
  EXPECT_EQ(SSL_CTX_use_certificate(context, certificate.certificate()), 1);
  EXPECT_EQ(SSL_CTX_use_PrivateKey(context, certificate.key()), 1);
  return context;
}

bool SendBytes(RawPeer& peer, absl::string_view bytes, bool one_by_one) {
  if (!one_by_one) return peer.Send(bytes);
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (!peer.Send(bytes.substr(i, 1))) return false;
  }
  return true;
}

// As far as the cut, which is prepared: what is left is to close.
bool SendCut(RawPeer& peer, absl::string_view bytes, const std::optional<Cut>& cut,
             bool one_by_one) {
  if (!cut.has_value()) return SendBytes(peer, bytes, one_by_one);
  const bool sent = SendBytes(peer, bytes.substr(0, cut->after_bytes), one_by_one);
  if (cut->reset) peer.Reset();
  return sent;
}

std::string ReadToTheEnd(RawPeer& peer) {
  std::string text;
  for (std::string some = peer.ReadSome(); !some.empty(); some = peer.ReadSome()) text += some;
  return text;
}

}  // namespace

// The client's side of one exchange, and what is said to the server for it.
class ChaosProxy::Connection {
 public:
  Connection(ChaosProxy& proxy, int socket) : proxy_(proxy), socket_(socket) {}
  ~Connection() { SSL_free(tls_); }

  void Run() {
    ConnectionFate fate = proxy_.plan_.OnConnection();
    const bool shaken = ShakeHands(fate.handshake);
    if (fate.handshake != ConnectionFate::Handshake::kGood) return;
    RawPeer client(socket_, tls_);
    const std::string request = shaken ? client.ReadRequest() : "";
    if (!RawPeer::IsWhole(request)) {
      const std::lock_guard<std::mutex> lock(proxy_.mutex_);
      ++proxy_.without_request_;
      return;
    }
    proxy_.plan_.OnRequest(request, fate);
    if (fate.twice) Forward(request, {});
    const std::string reply = Forward(request, fate);
    if (fate.request.has_value()) {
      if (fate.request->reset) client.Reset();
      if (fate.alert_as_reply) Alert();
      return;
    }
    proxy_.plan_.OnReply(request, reply, fate);
    if (fate.alert_as_reply) {
      Alert();
      return;
    }
    SendCut(client, reply, fate.reply, fate.one_byte_segments);
    if (tls_ != nullptr && !fate.reply.has_value()) SSL_shutdown(tls_);
  }

 private:
  bool ShakeHands(ConnectionFate::Handshake handshake) {
    if (proxy_.good_tls_ == nullptr) return true;
    if (handshake == ConnectionFate::Handshake::kAlert) {
      RawPeer(socket_, nullptr).ReadSome();
      RawPeer(socket_, nullptr).Send(kHandshakeAlert);
      return false;
    }
    const bool expired = handshake == ConnectionFate::Handshake::kExpiredCertificate;
    tls_ = SSL_new(expired ? proxy_.expired_tls_ : proxy_.good_tls_);
    SSL_set_fd(tls_, socket_);
    return SSL_accept(tls_) == 1;
  }

  // Past TLS, as somebody would who breaks in.
  void Alert() { RawPeer(socket_, nullptr).Send(kInternalErrorAlert); }

  // The server's whole answer; empty where the request is cut.
  std::string Forward(const std::string& request, const ConnectionFate& fate) {
    const int socket = NewSocket();
    if (!proxy_.Register(socket)) return "";
    RawPeer server(socket, nullptr);
    const sockaddr_in address = Loopback(proxy_.server_port_);
    bool sent = connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    SendAtOnce(socket);
    sent = sent && SendCut(server, request, fate.request, fate.one_byte_segments);
    const bool whole = sent && (!fate.request.has_value() ||
                                fate.request->after_bytes >= static_cast<int64_t>(request.size()));
    if (!whole) {
      const std::lock_guard<std::mutex> lock(proxy_.mutex_);
      proxy_.undelivered_.push_back(request);
    }
    const std::string reply = fate.request.has_value() ? "" : ReadToTheEnd(server);
    proxy_.Close(socket);
    return reply;
  }

  ChaosProxy& proxy_;
  const int socket_;
  ssl_st* tls_ = nullptr;
};

ChaosProxy::ChaosProxy(int server_port, ChaosPlan& plan, const ProxyCertificates* certificates)
    : server_port_(server_port), plan_(plan) {
  if (certificates != nullptr) {
    good_tls_ = ServerContext(certificates->good);
    expired_tls_ = ServerContext(certificates->expired);
  }
  listener_ = NewSocket();
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
  EXPECT_EQ(listen(listener_, kBacklog), 0);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { AcceptUntilStopped(); });
}

ChaosProxy::~ChaosProxy() {
  {
    std::unique_lock<std::mutex> lock(mutex_);
    stopping_ = true;
    for (int socket : sockets_) shutdown(socket, SHUT_RDWR);
    shutdown(listener_, SHUT_RDWR);  // wakes accept
    ended_.wait(lock, [this] { return connections_ == 0; });
  }
  acceptor_.join();
  close(listener_);
  SSL_CTX_free(good_tls_);
  SSL_CTX_free(expired_tls_);
}

std::vector<std::string> ChaosProxy::undelivered() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return undelivered_;
}

int ChaosProxy::without_request() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return without_request_;
}

void ChaosProxy::AwaitIdle() {
  std::unique_lock<std::mutex> lock(mutex_);
  ended_.wait(lock, [this] { return connections_ == 0; });
}

bool ChaosProxy::Register(int socket) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stopping_) {
    close(socket);
    return false;
  }
  sockets_.insert(socket);
  return true;
}

void ChaosProxy::Close(int socket) {
  const std::lock_guard<std::mutex> lock(mutex_);
  sockets_.erase(socket);
  close(socket);
}

void ChaosProxy::AcceptUntilStopped() {
  for (;;) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) {
      if (socket >= 0) close(socket);
      return;
    }
    if (socket < 0) continue;
    sockets_.insert(socket);
    ++connections_;
    std::thread([this, socket] { Serve(socket); }).detach();
  }
}

void ChaosProxy::Serve(int socket) {
  SendAtOnce(socket);
  Connection(*this, socket).Run();
  Close(socket);
  const std::lock_guard<std::mutex> lock(mutex_);
  --connections_;
  ended_.notify_all();
}

}  // namespace topup::support
