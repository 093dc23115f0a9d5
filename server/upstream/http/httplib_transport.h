// HttpTransport with cpp-httplib: it makes connections, verifies certificates and speaks HTTP.
//
// cpp-httplib 0.11.4 by itself repeats no request unless redirects or digest authentication
// are on, and both are off here. Its bytes go through a BoundedChannel and its sockets are on
// a SocketWatchdog: see there for what it cannot promise alone.
//
// Every request has a connection of its own. At two requests a second a handshake costs less
// than the doubt whether a kept connection still lives.
#ifndef TOPUP_SERVER_UPSTREAM_HTTP_HTTPLIB_TRANSPORT_H_
#define TOPUP_SERVER_UPSTREAM_HTTP_HTTPLIB_TRANSPORT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/upstream/http/http_transport.h"
#include "server/upstream/http/socket_watchdog.h"
#include "server/upstream/upstream_options.h"

namespace topup::upstream::http {

class HttplibTransport : public HttpTransport {
 public:
  // InvalidArgument where the CA file cannot be read or holds no certificate. `clock` must
  // outlive the transport.
  static absl::StatusOr<std::unique_ptr<HttplibTransport>> Create(const UpstreamOptions& options,
                                                                  const base::Clock& clock);

  HttpReply Exchange(const HttpRequest& request, const base::Secret& key,
                     absl::Duration deadline) override;
  void CutReads() override;

 private:
  HttplibTransport(const UpstreamOptions& options, const base::Clock& clock);

  const ProviderAddress address_;
  const std::string ca_file_;
  const absl::Duration connect_timeout_;
  const base::Clock& clock_;
  SocketWatchdog watchdog_;
};

}  // namespace topup::upstream::http

#endif  // TOPUP_SERVER_UPSTREAM_HTTP_HTTPLIB_TRANSPORT_H_
