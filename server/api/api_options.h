// The gRPC edge's knobs, and what it works with.
#ifndef TOPUP_SERVER_API_API_OPTIONS_H_
#define TOPUP_SERVER_API_API_OPTIONS_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "server/api/caller_directory.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/metrics.h"
#include "server/base/secret.h"
#include "server/base/signer.h"
#include "server/base/task_loop.h"
#include "server/engine/engine.h"
#include "server/engine/price_control.h"
#include "server/watch/topup_feed.h"
#include "server/watch/topup_history.h"

namespace topup::api {

// PEM texts.
struct TlsMaterial {
  std::string certificate_chain;
  base::Secret private_key;
  std::string client_ca;  // not empty: client certificates are demanded and verified
};

struct ApiOptions {
  std::string listen = "127.0.0.1:50051";  // port 0 picks a free one
  std::optional<TlsMaterial> tls;          // without it only loopback can be listened on
  bool reflection = true;
  // See GateLimits.
  int call_limit = 10000;
  absl::Duration write_limit = absl::Seconds(30);

  // What gRPC does before a call reaches the gate.
  // Calls and streams of one connection; further ones wait at the client for one of them to end.
  // A caller with a thousand top-ups on watch opens a second connection; a stranger with one
  // connection takes a tenth of `call_limit`.
  int connection_streams = 1000;
  // A connection without calls and streams is told to go after this. Clients connect again by
  // themselves with the next call, which then takes a handshake longer; a watch is a stream, so
  // watchers are not concerned. What is forgotten or abandoned gives its place back.
  absl::Duration connection_idle = absl::Minutes(15);
  // What gRPC itself holds for all connections and calls together. It aims at this and does not
  // promise it: near it, idle connections are closed, then calls are ended. 50,000 idle watches
  // are below it.
  size_t memory_bytes = size_t{1} << 30;
};

// Everything is borrowed and outlives the server.
struct ApiParts {
  engine::Engine& engine;
  engine::PriceControl& prices;
  watch::TopupFeed& feed;
  watch::TopupHistory& history;
  const CallerDirectory& callers;
  const base::Signer& signer;
  const base::Clock& clock;
  base::TaskLoop& timers;  // heartbeats of the streams, and stalled writes
  base::Metrics& metrics;
  base::Log& log;
};

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_API_OPTIONS_H_
