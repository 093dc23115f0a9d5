// The bytes of one exchange, over a connected socket with or without TLS: counted, bounded,
// and over when the watch is.
//
// The HTTP library reads and writes through this. So it is known for certain whether a write
// of the request was tried, and a peer can neither fill the memory nor reach the library's
// regular expression for status lines, which recurses, with a line of any length.
#ifndef TOPUP_SERVER_UPSTREAM_HTTP_BOUNDED_CHANNEL_H_
#define TOPUP_SERVER_UPSTREAM_HTTP_BOUNDED_CHANNEL_H_

#include <poll.h>
#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "server/upstream/http/socket_watchdog.h"

struct ssl_st;

namespace topup::upstream::http {

// Looks at an answer's bytes as they come, up to the end of its head.
class ReplyHeadGuard {
 public:
  // False where the answer must not be read on: a first line that is not a final HTTP/1.0 or
  // HTTP/1.1 status (interim ones, 1xx, were not asked for), or a head without an end.
  bool Admit(absl::string_view bytes);
  bool head_done() const { return head_done_; }

 private:
  std::string first_line_;
  bool first_line_done_ = false;
  bool head_done_ = false;
  int64_t head_size_ = 0;
  int line_ends_ = 0;  // in a row
};

// For one thread at a time. Owns nothing; socket, TLS and watch must outlive it.
class BoundedChannel {
 public:
  // `tls`: null for plain TCP. The socket becomes non-blocking.
  BoundedChannel(int socket, ssl_st* tls, const SocketWatchdog::Watch& watch);

  // Bytes written, all of them, or -1.
  ssize_t Write(const char* data, size_t size);
  // Bytes read, 0 at the orderly end, or -1.
  ssize_t Read(char* data, size_t size);

  bool write_tried() const { return write_tried_; }
  // Why Read or Write gave -1, for people.
  const std::string& trouble() const { return trouble_; }

 private:
  using PollEvents = decltype(pollfd::events);

  ssize_t Fill();
  ssize_t Fail(absl::string_view trouble);
  // Waits until the socket is ready for `events`. False where the time is over first.
  bool Await(PollEvents events);
  // What the last TLS call waits for: POLLIN, POLLOUT, or 0 where it failed.
  PollEvents TlsWantsEvents(int result) const;

  const int socket_;
  ssl_st* const tls_;
  const SocketWatchdog::Watch& watch_;
  bool write_tried_ = false;
  ReplyHeadGuard head_guard_;
  int64_t total_read_ = 0;
  std::array<char, size_t{16} * 1024> buffer_;
  size_t buffer_begin_ = 0;
  size_t buffer_end_ = 0;
  std::string trouble_;
};

}  // namespace topup::upstream::http

#endif  // TOPUP_SERVER_UPSTREAM_HTTP_BOUNDED_CHANNEL_H_
