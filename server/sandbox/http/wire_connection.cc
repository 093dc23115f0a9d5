#include "server/sandbox/http/wire_connection.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"

namespace topup::sandbox {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);
// A hang ends by itself some day, so that a forgotten client does not hold a thread for ever.
constexpr absl::Duration kHangMax = absl::Hours(1);
constexpr size_t kReadSize = 16'384;

absl::string_view ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return "Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 413:
      return "Payload Too Large";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Status";
  }
}

}  // namespace

std::string SerializeReply(const HttpReply& reply, bool is_head, bool closes) {
  std::string bytes =
      absl::StrCat("HTTP/1.1 ", reply.status, " ", ReasonPhrase(reply.status), "\r\n");
  absl::StrAppend(&bytes, "Content-Type: ", reply.content_type, "\r\n");
  for (const auto& [name, value] : reply.headers) {
    absl::StrAppend(&bytes, name, ": ", value, "\r\n");
  }
  if (reply.status != 204) {
    const auto true_length = static_cast<int64_t>(reply.body.size());
    const int64_t length = std::max<int64_t>(0, true_length + reply.wire.content_length_error);
    absl::StrAppend(&bytes, "Content-Length: ", length, "\r\n");
  }
  absl::StrAppend(&bytes, "Connection: ", closes ? "close" : "keep-alive", "\r\n\r\n");
  if (!is_head && reply.status != 204) bytes += reply.body;
  return bytes;
}

WireConnection::WireConnection(int socket, int stop_event)
    : socket_(socket), stop_event_(stop_event) {
  // Without it an answer waits for the peer's delayed acknowledgement: 40 ms each.
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

WireConnection::~WireConnection() {
  if (reset_at_end_) {
    const linger at_once{1, 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  } else {
    // Bytes that nobody has read turn a close into a reset: take them first.
    shutdown(socket_, SHUT_WR);
    char rest[4096];
    while (recv(socket_, rest, sizeof(rest), MSG_DONTWAIT) > 0) {
    }
  }
  close(socket_);
}

bool WireConnection::WaitForBytes(absl::Duration timeout) {
  if (unread_offset_ < unread_.size()) return true;
  if (WaitFor(POLLIN, timeout) != Wait::kReady) return false;
  char byte;
  return recv(socket_, &byte, 1, MSG_PEEK) == 1;
}

ssize_t WireConnection::Read(char* into, size_t size) {
  if (unread_offset_ == unread_.size()) {
    if (WaitFor(POLLIN, kPatience) != Wait::kReady) return -1;
    unread_.resize(kReadSize);
    const ssize_t count = recv(socket_, unread_.data(), unread_.size(), 0);
    unread_.resize(std::max<ssize_t>(0, count));
    unread_offset_ = 0;
    if (count <= 0) return count;
  }
  const size_t count = std::min(size, unread_.size() - unread_offset_);
  std::copy_n(unread_.data() + unread_offset_, count, into);
  unread_offset_ += count;
  return static_cast<ssize_t>(count);
}

bool WireConnection::Write(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) {
      bytes.remove_prefix(count);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (WaitFor(POLLOUT, kPatience) != Wait::kReady) return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

bool WireConnection::SendAs(const WireAction& action, std::string bytes) {
  if (action.early_continue && !Write("HTTP/1.1 100 Continue\r\n\r\n")) return false;
  if (action.delay > absl::ZeroDuration() && !Pause(action.delay)) return false;
  if (action.twice) bytes += std::string(bytes);
  if (action.cut_after && *action.cut_after < bytes.size()) bytes.resize(*action.cut_after);
  if (!SendBytes(action, bytes)) return false;
  switch (action.end) {
    case WireAction::End::kKeepOpen:
      return true;
    case WireAction::End::kClose:
      return false;
    case WireAction::End::kReset:
      reset_at_end_ = true;
      return false;
    case WireAction::End::kHang:
      Pause(kHangMax);
      return false;
  }
  return false;
}

bool WireConnection::SendBytes(const WireAction& action, const std::string& bytes) {
  if (!action.byte_interval) return Write(bytes);
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0 && !Pause(*action.byte_interval)) return false;
    if (!Write(absl::string_view(bytes).substr(i, 1))) return false;
  }
  return true;
}

std::string WireConnection::PeerAddress() const {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  char host[INET6_ADDRSTRLEN] = "";
  if (getpeername(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      getnameinfo(reinterpret_cast<sockaddr*>(&address), size, host, sizeof(host), nullptr, 0,
                  NI_NUMERICHOST) != 0) {
    return "unknown";
  }
  return host;
}

WireConnection::Wait WireConnection::WaitFor(PollEvents events, absl::Duration timeout) {
  pollfd polled[2] = {{socket_, events, 0}, {stop_event_, POLLIN, 0}};
  const int64_t milliseconds = absl::ToInt64Milliseconds(timeout);
  const int count = poll(polled, 2, static_cast<int>(milliseconds));
  if (count < 0 && errno != EINTR) return Wait::kEnded;
  if (polled[1].revents != 0) return Wait::kEnded;
  if (count <= 0) return Wait::kTimeout;
  return polled[0].revents & (POLLERR | POLLNVAL) ? Wait::kEnded : Wait::kReady;
}

bool WireConnection::Pause(absl::Duration duration) {
  // POLLRDHUP: the peer has closed its side. Bytes that it sends meanwhile are left alone.
  return WaitFor(POLLRDHUP, duration) == Wait::kTimeout;
}

}  // namespace topup::sandbox
