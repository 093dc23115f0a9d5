// A request and its answer as the stand-in sees them, and what may go wrong on the way out.
#ifndef TOPUP_SERVER_SANDBOX_HTTP_HTTP_MESSAGE_H_
#define TOPUP_SERVER_SANDBOX_HTTP_HTTP_MESSAGE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace topup::sandbox {

struct HttpRequest {
  std::string method;
  std::string path;  // decoded, without the query
  std::map<std::string, std::string> query;
  std::string body;
  std::optional<std::string> api_key;
  std::string remote_address;
};

// How the bytes of an answer leave. In this order: early_continue, delay, the bytes, the end.
struct WireAction {
  enum class End {
    kKeepOpen,  // or as HTTP demands
    kClose,     // FIN
    kReset,     // RST
    kHang,      // nothing more until the client gives up
  };

  bool early_continue = false;
  absl::Duration delay;
  bool twice = false;
  std::optional<int64_t> cut_after;             // bytes of all that would be sent
  std::optional<absl::Duration> byte_interval;  // one byte a segment, this far apart
  int64_t content_length_error = 0;             // added to the true length
  End end = End::kKeepOpen;
};

struct HttpReply {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  WireAction wire;
};

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_HTTP_HTTP_MESSAGE_H_
