// What the upstream room can be told: where the provider is, and how much is asked of it.
#ifndef TOPUP_SERVER_UPSTREAM_UPSTREAM_OPTIONS_H_
#define TOPUP_SERVER_UPSTREAM_UPSTREAM_OPTIONS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/upstream/provider.h"

namespace topup::upstream {

// A base URL in parts: what stands before "/v3".
struct ProviderAddress {
  std::string host;  // a name or an address; an IPv6 address without its brackets
  int port = 443;
  bool tls = true;
  std::string path_prefix;  // empty, or begins with '/' and does not end with one
};

// Reads "https://host[:port][/prefix]". Plain http is taken for loopback addresses only: the
// key would travel in the clear. InvalidArgument, in words, for anything else: no user
// information, query, fragment, or characters outside of what names and paths need.
absl::StatusOr<ProviderAddress> ParseProviderUrl(absl::string_view url);

struct UpstreamOptions {
  ProviderAddress address;
  // PEM file with the certificates that the provider's may be signed by; empty: the system's.
  std::string ca_file;

  // Of one request, from its start to its last byte. The provider answers a send within a
  // few seconds; its own clients wait 15 to 30 s.
  absl::Duration request_timeout = absl::Seconds(20);
  // Of name look-up, connect and TLS; never longer than what is left of the request's time.
  absl::Duration connect_timeout = absl::Seconds(10);

  // POSTs in flight, each with a thread. As many more may wait for one.
  int submit_concurrency = 8;
  // Reads in flight, each with a thread.
  int read_concurrency = kReadsAtOnce;
  // Reads that may wait for a thread; the engine lets none wait. More are answered as unsent.
  int read_queue_limit = 64;
};

// A page of 100 top-ups with their Arabic texts is about 150 KiB. Requests for offers come on top,
// with some 13 KiB each where they have the 50 offers that we take: 20 of them fit in as well.
// Whatever is larger is not read to its end, and counts as an incomplete answer; a list is then
// asked for in small pages (engine/list_walk.h), of which one of such requests alone is 150 KiB.
inline constexpr int64_t kReplyBodyMax = int64_t{512} * 1024;
// Status line and headers. Cloudflare's are below 2 KiB.
inline constexpr int64_t kReplyHeadMax = int64_t{16} * 1024;
// The documented answers nest five deep.
inline constexpr int kReplyDepthMax = 16;

}  // namespace topup::upstream

#endif  // TOPUP_SERVER_UPSTREAM_UPSTREAM_OPTIONS_H_
