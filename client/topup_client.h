// The C++ client of topup.v1.TopupService: deadlines, repeats and errors, done once.
//
//   const std::string ref = MakeRef(RealWorld());
//   Keep(ref);                                   // before sending: it outlives a crash
//   v1::SendTopupRequest request;
//   request.set_ref(ref);
//   ...
//   Result<v1::SendTopupResponse> sent = client->Send(request);
//
// Why not the generated stub: it repeats nothing, has no deadline unless told, and hides the
// reason of an error in bytes. To make one, see channel.h; to follow a top-up to its end, see
// topup_watch.h. This header needs no gRPC, and the class is an interface: a program that uses it
// tests itself with a fake of its own.
#ifndef TOPUP_CLIENT_TOPUP_CLIENT_H_
#define TOPUP_CLIENT_TOPUP_CLIENT_H_

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "client/cancellation.h"
#include "client/client_error.h"
#include "client/retry_policy.h"
#include "topup/v1/topup_service.pb.h"

namespace topup::client {

struct ClientOptions {
  RetryPolicy retry;
  // Deadlines of one try.
  absl::Duration call_timeout = absl::Seconds(10);
  // For what waits for the provider, a send or RefreshPlans: the server waits 60 s at most, and
  // answers a second before the deadline.
  absl::Duration waiting_timeout = absl::Seconds(65);
  // ListOffers: the operator itself has to answer.
  absl::Duration offers_timeout = absl::Seconds(65);
  // ActivatePricing and RollbackPricing: libraries are read, checked and opened.
  absl::Duration pricing_timeout = absl::Seconds(60);
  // SimulatePricing: minutes, where there are millions of top-ups or a strategy is slow.
  absl::Duration simulation_timeout = absl::Minutes(10);
  // A stream is taken up anew after this, so that one that hangs does not hang for ever.
  absl::Duration stream_lifetime = absl::Hours(1);
  // Sent as `authorization: Bearer ...` with every call; empty: nothing is sent.
  std::string bearer_token;
};

struct CallOptions {
  // Takes the place of the timeout above.
  std::optional<absl::Duration> timeout;
  // May be null; must outlive the call. A cancelled call ends with CANCELLED.
  Cancellation* cancellation = nullptr;
};

// Thread-safe. Every call blocks until it is answered, its tries are used up, or it is cancelled;
// ClientOptions bounds how long that can be.
class TopupClient {
 public:
  virtual ~TopupClient() = default;

  virtual Result<v1::ListPlansResponse> ListPlans(const v1::ListPlansRequest& request,
                                                  const CallOptions& options = {}) = 0;
  virtual Result<v1::ListOffersResponse> ListOffers(const v1::ListOffersRequest& request,
                                                    const CallOptions& options = {}) = 0;
  virtual Result<v1::QuoteTopupResponse> Quote(const v1::QuoteTopupRequest& request,
                                               const CallOptions& options = {}) = 0;

  // Every try carries the same ref, so it sells once at most. A request without a ref is refused
  // here (INVALID_ARGUMENT): a ref that nobody kept would be lost with this process. A top-up
  // that was REJECTED is a value; an error with `may_have_happened` means "not known yet".
  virtual Result<v1::SendTopupResponse> Send(const v1::SendTopupRequest& request,
                                             const CallOptions& options = {}) = 0;

  // Also succeeds where an earlier try had cancelled it and its answer was lost.
  virtual Result<v1::CancelTopupResponse> Cancel(const v1::CancelTopupRequest& request,
                                                 const CallOptions& options = {}) = 0;
  virtual Result<v1::GetTopupResponse> Get(const v1::GetTopupRequest& request,
                                           const CallOptions& options = {}) = 0;
  virtual Result<v1::ListTopupsResponse> List(const v1::ListTopupsRequest& request,
                                              const CallOptions& options = {}) = 0;

  // One stream, once: not taken up again when it breaks (topup_watch.h does that). Passes each
  // message on in the calling thread, until the stream ends or `on_message` returns false.
  // Returns nothing where the server ended it with OK or `on_message` returned false.
  virtual std::optional<ClientError> StreamTopup(
      const v1::WatchTopupRequest& request,
      absl::FunctionRef<bool(const v1::WatchTopupResponse&)> on_message,
      const CallOptions& options = {}) = 0;
  virtual std::optional<ClientError> StreamTopups(
      const v1::WatchTopupsRequest& request,
      absl::FunctionRef<bool(const v1::WatchTopupsResponse&)> on_message,
      const CallOptions& options = {}) = 0;
};

}  // namespace topup::client

#endif  // TOPUP_CLIENT_TOPUP_CLIENT_H_
