// Useful for: tests of what a server does with connections that nobody uses.
#ifndef TOPUP_TESTS_SERVER_API_INATTENTIVE_CLIENT_H_
#define TOPUP_TESTS_SERVER_API_INATTENTIVE_CLIENT_H_

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace topup::api {

// Connects as an HTTP/2 client, and then neither reads nor writes anything, as a client does whose
// program is busy elsewhere.
class InattentiveClient {
 public:
  // `address` is of IPv4 loopback, or only its port counts.
  explicit InattentiveClient(const std::string& address)
      : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<uint16_t>(std::atoi(&address[address.rfind(':') + 1])));
    is_connected_ = connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    const std::string hello =
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string("\0\0\0\4\0\0\0\0\0", 9);
    send(socket_, hello.data(), hello.size(), MSG_NOSIGNAL);
  }
  ~InattentiveClient() {
    if (socket_ >= 0) close(socket_);
  }
  InattentiveClient(const InattentiveClient&) = delete;
  InattentiveClient& operator=(const InattentiveClient&) = delete;

  // False where this process has no descriptor left, or nobody listens.
  bool is_connected() const { return is_connected_; }

  // Waits for the server's first byte; false where it closes the connection instead.
  bool IsTaken() const {
    char first = 0;
    return recv(socket_, &first, 1, 0) == 1;
  }

 private:
  const int socket_;
  bool is_connected_ = false;
};

}  // namespace topup::api

#endif  // TOPUP_TESTS_SERVER_API_INATTENTIVE_CLIENT_H_
