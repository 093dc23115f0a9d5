#include "server/upstream/http/bounded_channel.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "server/upstream/upstream_options.h"

namespace topup::upstream::http {
namespace {

constexpr size_t kFirstLineMax = 1024;
// Chunk sizes and trailers come on top of the body: as much again is more than enough.
constexpr int64_t kTotalMax = kReplyHeadMax + 2 * kReplyBodyMax;
// The watchdog wakes a waiting poll; this is only how often the clock is looked at anyway.
constexpr int kPollMillis = 1000;

// "HTTP/1.1 200": what follows the code is for people.
bool IsFinalStatusLine(absl::string_view line) {
  return line.size() >= 12 &&
         (absl::StartsWith(line, "HTTP/1.1 ") || absl::StartsWith(line, "HTTP/1.0 ")) &&
         line[9] >= '2' && line[9] <= '5' && absl::ascii_isdigit(line[10]) &&
         absl::ascii_isdigit(line[11]);
}

}  // namespace

bool ReplyHeadGuard::Admit(absl::string_view bytes) {
  for (char c : bytes) {
    if (head_done_) return true;
    if (++head_size_ > kReplyHeadMax) return false;
    if (!first_line_done_) {
      first_line_.push_back(c);
      if (first_line_.size() > kFirstLineMax) return false;
      if (c == '\n') {
        if (!IsFinalStatusLine(first_line_)) return false;
        first_line_done_ = true;
      }
    }
    if (c == '\n') {
      ++line_ends_;
    } else if (c != '\r') {
      line_ends_ = 0;
    }
    head_done_ = line_ends_ == 2;
  }
  return true;
}

BoundedChannel::BoundedChannel(int socket, ssl_st* tls, const SocketWatchdog::Watch& watch)
    : socket_(socket), tls_(tls), watch_(watch) {
  const int flags = fcntl(socket_, F_GETFL, 0);
  fcntl(socket_, F_SETFL, flags | O_NONBLOCK);
}

ssize_t BoundedChannel::Fail(absl::string_view trouble) {
  if (trouble_.empty()) trouble_ = std::string(trouble);
  return -1;
}

bool BoundedChannel::Await(PollEvents events) {
  while (!watch_.over()) {
    pollfd waiting = {socket_, events, 0};
    const int ready = poll(&waiting, 1, kPollMillis);
    if (ready > 0) return !watch_.over();
    if (ready < 0 && errno != EINTR) return false;
  }
  return false;
}

BoundedChannel::PollEvents BoundedChannel::TlsWantsEvents(int result) const {
  switch (SSL_get_error(tls_, result)) {
    case SSL_ERROR_WANT_READ:
      return POLLIN;
    case SSL_ERROR_WANT_WRITE:
      return POLLOUT;
    default:
      return 0;
  }
}

ssize_t BoundedChannel::Write(const char* data, size_t size) {
  size_t written = 0;
  while (written < size) {
    if (watch_.over()) return Fail("its time was over before the request was written");
    // From here on nobody can know what the kernel or the network did with it.
    write_tried_ = true;
    PollEvents wanted = 0;
    ssize_t count;
    if (tls_ != nullptr) {
      ERR_clear_error();
      count = SSL_write(tls_, data + written, static_cast<int>(size - written));
      if (count <= 0) wanted = TlsWantsEvents(static_cast<int>(count));
    } else {
      count = send(socket_, data + written, size - written, MSG_NOSIGNAL);
      if (count < 0 && (errno == EAGAIN || errno == EINTR)) wanted = POLLOUT;
    }
    if (count > 0) {
      written += static_cast<size_t>(count);
    } else if (wanted == 0) {
      return Fail("the connection broke while the request was written");
    } else if (!Await(wanted)) {
      return Fail("its time was over while the request was written");
    }
  }
  return static_cast<ssize_t>(written);
}

ssize_t BoundedChannel::Fill() {
  while (true) {
    if (watch_.over()) return Fail("no complete answer in time");
    PollEvents wanted = 0;
    ssize_t count;
    if (tls_ != nullptr) {
      ERR_clear_error();
      count = SSL_read(tls_, buffer_.data(), static_cast<int>(buffer_.size()));
      if (count <= 0) {
        // An end without TLS's own good-bye may be anybody's.
        if (SSL_get_error(tls_, static_cast<int>(count)) == SSL_ERROR_ZERO_RETURN) return 0;
        wanted = TlsWantsEvents(static_cast<int>(count));
      }
    } else {
      count = recv(socket_, buffer_.data(), buffer_.size(), 0);
      if (count == 0) return watch_.over() ? Fail("no complete answer in time") : 0;
      if (count < 0 && (errno == EAGAIN || errno == EINTR)) wanted = POLLIN;
    }
    if (count > 0) return count;
    if (wanted == 0) return Fail("the connection broke before the answer was complete");
    if (!Await(wanted)) return Fail("no complete answer in time");
  }
}

ssize_t BoundedChannel::Read(char* data, size_t size) {
  if (!trouble_.empty()) return -1;
  if (buffer_begin_ == buffer_end_) {
    const ssize_t count = Fill();
    if (count <= 0) return count;
    buffer_begin_ = 0;
    buffer_end_ = static_cast<size_t>(count);
    total_read_ += count;
    if (total_read_ > kTotalMax) return Fail("the answer is too long");
    if (!head_guard_.Admit(absl::string_view(buffer_.data(), buffer_end_))) {
      return Fail("the answer does not begin as an HTTP answer does");
    }
  }
  const size_t count = std::min(size, buffer_end_ - buffer_begin_);
  std::memcpy(data, buffer_.data() + buffer_begin_, count);
  buffer_begin_ += count;
  return static_cast<ssize_t>(count);
}

}  // namespace topup::upstream::http
