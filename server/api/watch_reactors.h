// The two streams: one top-up from revision to revision, and all of a caller's changes.
// docs/watching.md says what a client may rely on.
#ifndef TOPUP_SERVER_API_WATCH_REACTORS_H_
#define TOPUP_SERVER_API_WATCH_REACTORS_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include "absl/time/time.h"
#include "server/api/api_options.h"
#include "server/api/call_gate.h"
#include "server/api/page_token.h"
#include "server/api/topup_view.h"
#include "topup/v1/topup_service.pb.h"

namespace topup::api {

// What all streams of a server share. Outlives them.
struct WatchParts {
  WatchParts(const ApiOptions& options, const ApiParts& parts, CallGate& gate)
      : engine(parts.engine),
        feed(parts.feed),
        history(parts.history),
        clock(parts.clock),
        timers(parts.timers),
        gate(gate),
        resume_tokens(parts.signer),
        messages(parts.engine, resume_tokens),
        write_limit(options.write_limit),
        cut_streams(gate.cut_streams()) {}

  engine::Engine& engine;
  watch::TopupFeed& feed;
  watch::TopupHistory& history;
  const base::Clock& clock;
  base::TaskLoop& timers;
  CallGate& gate;
  const ResumeTokens resume_tokens;
  EventMessages messages;
  const absl::Duration write_limit;
  base::Counter* const cut_streams;
};

// Each starts a stream that owns itself. `request` is needed during the call only.
grpc::ServerWriteReactor<v1::WatchTopupResponse>* StartWatchTopup(
    WatchParts& parts, grpc::CallbackServerContext* context, const v1::WatchTopupRequest& request);
grpc::ServerWriteReactor<v1::WatchTopupsResponse>* StartWatchTopups(
    WatchParts& parts, grpc::CallbackServerContext* context, const v1::WatchTopupsRequest& request);

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_WATCH_REACTORS_H_
