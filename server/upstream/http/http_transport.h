// One HTTP exchange with the provider: the seam below which there are sockets.
//
// An exchange is one request on a connection of its own, and at most one answer. Nothing is
// repeated, redirected, cached, decompressed or sent through a proxy. What matters most is
// told first: whether the request may have left this machine.
#ifndef TOPUP_SERVER_UPSTREAM_HTTP_HTTP_TRANSPORT_H_
#define TOPUP_SERVER_UPSTREAM_HTTP_HTTP_TRANSPORT_H_

#include <string>

#include "absl/time/time.h"
#include "server/base/secret.h"

namespace topup::upstream::http {

struct HttpRequest {
  enum class Method { kGet, kPost };

  Method method = Method::kGet;
  // Path and query, percent-encoded, without the address's prefix: "/v3/ping".
  std::string target;
  std::string json_body;  // POST only
};

struct HttpReply {
  // False only where no write of the request was even tried.
  bool request_left = true;
  // A whole answer came: its framing is unambiguous and its body as long as it claims. Only
  // then the fields below say anything.
  bool complete = false;
  int status = 0;
  std::string body;
  // Header fields, as given; empty where there were none.
  std::string request_id;   // X-Request-Id
  std::string retry_after;  // Retry-After
  std::string date;         // Date
  // Why there is no complete answer, for people. Holds neither key nor body.
  std::string error;
};

// Thread-safe.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;

  // Blocks until the answer came, something broke, or `deadline` (on Clock::Elapsed()) has
  // passed; from then on nothing more is sent. Name look-up alone may outlast the deadline,
  // by the resolver's own timeout; the request is then not sent.
  // `key` goes into X-Access-Token, once the certificate has been verified.
  virtual HttpReply Exchange(const HttpRequest& request, const base::Secret& key,
                             absl::Duration deadline) = 0;

  // Ends GETs under way, and refuses later ones. POSTs go on: cutting one makes a doubt.
  virtual void CutReads() = 0;
};

}  // namespace topup::upstream::http

#endif  // TOPUP_SERVER_UPSTREAM_HTTP_HTTP_TRANSPORT_H_
