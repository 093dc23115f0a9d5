#include "tests/support/raw_http_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace topup::support {
namespace {

// Bound to a free loopback port. The port comes back in `port`.
int BoundSocket(int& port) {
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(made, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(made, reinterpret_cast<sockaddr*>(&address), &size), 0);
  port = ntohs(address.sin_port);
  return made;
}

size_t BodySize(absl::string_view head) {
  constexpr absl::string_view kName = "Content-Length: ";
  const size_t begin = head.find(kName);
  if (begin == absl::string_view::npos) return 0;
  const absl::string_view rest = head.substr(begin + kName.size());
  uint64_t size = 0;
  return absl::SimpleAtoi(rest.substr(0, rest.find('\r')), &size) ? size : 0;
}

}  // namespace

int RawPeer::Read(char* data, int size) {
  if (tls_ != nullptr) return SSL_read(tls_, data, size);
  return static_cast<int>(recv(socket_, data, size, 0));
}

std::string RawPeer::ReadRequest() {
  std::string text;
  size_t wanted = std::string::npos;
  while (text.size() < wanted) {
    const std::string chunk = ReadSome();
    if (chunk.empty()) break;
    text += chunk;
    const size_t head_end = text.find("\r\n\r\n");
    if (head_end != std::string::npos) wanted = head_end + 4 + BodySize(text.substr(0, head_end));
  }
  return text;
}

bool RawPeer::IsWhole(const std::string& request) {
  const size_t head_end = request.find("\r\n\r\n");
  return head_end != std::string::npos &&
         request.size() >= head_end + 4 + BodySize(absl::string_view(request).substr(0, head_end));
}

std::string RawPeer::ReadSome() {
  char chunk[4096];
  const int count = Read(chunk, sizeof(chunk));
  return count > 0 ? std::string(chunk, count) : std::string();
}

bool RawPeer::Send(absl::string_view bytes) {
  if (tls_ != nullptr) {
    return bytes.empty() || SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size())) > 0;
  }
  while (!bytes.empty()) {
    const ssize_t count = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(count);
  }
  return true;
}

void RawPeer::AwaitEnd() {
  char ignored[4096];
  while (Read(ignored, sizeof(ignored)) > 0) {
  }
}

void RawPeer::Reset() {
  const linger at_once = {1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

RawHttpServer::RawHttpServer(Script script) : script_(std::move(script)) { Listen(); }

RawHttpServer::RawHttpServer(const TestCertificate& certificate, Script script)
    : script_(std::move(script)) {
  // OpenSSL's writes know no MSG_NOSIGNAL.
  signal(SIGPIPE, SIG_IGN);
  tls_ = SSL_CTX_new(TLS_server_method());
  EXPECT_EQ(SSL_CTX_use_certificate(tls_, certificate.certificate()), 1);
  EXPECT_EQ(SSL_CTX_use_PrivateKey(tls_, certificate.key()), 1);
  Listen();
}

void RawHttpServer::Listen() {
  listener_ = BoundSocket(port_);
  EXPECT_EQ(listen(listener_, 64), 0);
  thread_ = std::thread([this] { Run(); });
}

RawHttpServer::~RawHttpServer() {
  stopping_ = true;
  shutdown(listener_, SHUT_RDWR);  // wakes accept
  thread_.join();
  close(listener_);
  SSL_CTX_free(tls_);
}

void RawHttpServer::Run() {
  while (!stopping_) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    ++connections_;
    if (tls_ == nullptr) {
      RawPeer peer(socket, nullptr);
      script_(peer);
    } else {
      SSL* tls = SSL_new(tls_);
      SSL_set_fd(tls, socket);
      if (SSL_accept(tls) == 1) {
        RawPeer peer(socket, tls);
        script_(peer);
        SSL_shutdown(tls);
      }
      SSL_free(tls);
    }
    close(socket);
  }
}

RawHttpServer::Script RawHttpServer::Replying(std::string reply) {
  return [reply = std::move(reply)](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send(reply);
  };
}

std::string RawHttpServer::Reply(int status, absl::string_view body, absl::string_view headers) {
  return absl::StrCat("HTTP/1.1 ", status, " x\r\nContent-Type: application/json\r\n", headers,
                      "Content-Length: ", body.size(), "\r\n\r\n", body);
}

RefusingPort::RefusingPort() : socket_(BoundSocket(port_)) {}

RefusingPort::~RefusingPort() { close(socket_); }

}  // namespace topup::support
