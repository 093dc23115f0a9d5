// One accepted socket: waits that a stop can end, buffered reads, and ends of every kind.
#ifndef TOPUP_SERVER_SANDBOX_HTTP_WIRE_CONNECTION_H_
#define TOPUP_SERVER_SANDBOX_HTTP_WIRE_CONNECTION_H_

#include <poll.h>
#include <sys/types.h>

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/sandbox/http/http_message.h"

namespace topup::sandbox {

// The status line, the headers and the body as they should be, but for
// wire.content_length_error.
std::string SerializeReply(const HttpReply& reply, bool is_head, bool closes);

// Used by one thread.
class WireConnection {
 public:
  // Owns `socket`. `stop_event` becomes readable when everything has to end; not owned.
  WireConnection(int socket, int stop_event);
  ~WireConnection();
  WireConnection(const WireConnection&) = delete;
  WireConnection& operator=(const WireConnection&) = delete;

  // False: nothing came in `timeout`, the peer is gone, or the server stops.
  bool WaitForBytes(absl::Duration timeout);

  // As recv: 0 at the end, -1 for an error, a timeout of 30 s, or a stop.
  ssize_t Read(char* into, size_t size);

  // False where the peer does not take it.
  bool Write(absl::string_view bytes);

  // Sends `bytes` in the way of `action`. False: nothing more may be sent on this connection,
  // which the destructor closes with FIN or RST.
  bool SendAs(const WireAction& action, std::string bytes);

  std::string PeerAddress() const;
  int socket() const { return socket_; }

 private:
  using PollEvents = decltype(pollfd::events);
  enum class Wait { kReady, kTimeout, kEnded };

  // Waits for `events` of the socket.
  Wait WaitFor(PollEvents events, absl::Duration timeout);
  // Passes the time, unless the peer leaves or the server stops: then false.
  bool Pause(absl::Duration duration);
  bool SendBytes(const WireAction& action, const std::string& bytes);

  const int socket_;
  const int stop_event_;
  std::string unread_;
  size_t unread_offset_ = 0;
  bool reset_at_end_ = false;
};

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_HTTP_WIRE_CONNECTION_H_
