// A stand-in for the top-up provider: the same HTTP API under /v3, the documented test numbers
// and further ones, and every fault that a network or a provider can have, on demand.
//
// It moves no money, needs no account and tells what really happened (its ledger), so it is
// what the service is developed, tested and shown with. It shares no code with the client
// that talks to the provider: a mistake made twice would not show.
//
//   Sandbox sandbox(options, base::RealClock(), base::SystemRandom());
//   RETURN_IF_ERROR(sandbox.Start());
//   ... http://127.0.0.1:<sandbox.port()>/v3/...
#ifndef TOPUP_SERVER_SANDBOX_SANDBOX_H_
#define TOPUP_SERVER_SANDBOX_SANDBOX_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/base/random.h"

namespace topup::sandbox {

// A POST to /v3/mobile/send at the moment it arrives, before anything is decided about it.
// Empty: missing, or not text.
struct ArrivedSend {
  std::string ref;
  std::string phone;
  std::string plan_code;
  std::optional<int64_t> amount_dzd;
  int posts_of_ref = 0;  // with this one
};

// A request under /v3 once it is decided and in the ledger, before any of its answer leaves.
struct DecidedRequest {
  std::string endpoint;  // as in the ledger
  std::string fault;     // that the answer will meet; empty: none
  absl::Time time;       // by the stand-in's clock
  // Of a send.
  std::string ref;
  int posts_of_ref = 0;
  bool accepted = false;
  absl::Duration held_back;  // the answer leaves no sooner than this
  // What a read tells: of each top-up its ref and the documented word.
  struct Shown {
    std::string ref;
    std::string status;
  };
  std::vector<Shown> shown;
};

struct SandboxOptions {
  std::string host = "127.0.0.1";  // a numeric address
  int port = 0;                    // 0 picks a free one
  std::vector<std::string> api_keys = {"sandbox"};
  // 10 = a top-up runs through its life ten times faster. The request ceiling is not scaled.
  double time_scale = 1;
  int requests_per_minute = 0;  // 0: no ceiling
  std::string ledger_path;      // empty: kept in memory
  // Text of faults/faults.proto.
  std::string faults;
  int64_t balance_centimes = 1'000'000'000;  // of a new ledger
  // Called on a connection's thread; blocks that connection only.
  std::function<void(const ArrivedSend&)> on_send;
  // Likewise; may call the sandbox.
  std::function<void(const DecidedRequest&)> on_decided;
};

// A top-up as it was accepted, with its state now.
struct AcceptedTopup {
  std::string id;
  std::string ref;
  std::string phone;
  std::string plan_code;
  int64_t amount_dzd = 0;
  int64_t charge_centimes = 0;
  absl::Time accept_time;
  std::string status;       // the documented word
  bool given_back = false;  // the charge is on the account again
};

// Thread-safe but for Start.
class Sandbox {
 public:
  // `clock` and `random` must outlive the sandbox. A frozen clock freezes the top-ups' lives.
  Sandbox(SandboxOptions options, const base::Clock& clock, base::RandomSource& random);
  // Stops.
  ~Sandbox();

  // Serves from here on. InvalidArgument: an option, the faults or the ledger's content, every
  // problem on a line; Unavailable: the port or the ledger's file.
  absl::Status Start();

  // 0 before Start.
  int port() const;

  // Ends every connection and every thread. Another sandbox may then take the port and the
  // ledger. May be called again.
  void Stop();

  // --- while it runs: after a good Start only

  // Replaces rules and behaviour. InvalidArgument, nothing changed, with every problem.
  absl::Status SetFaults(absl::string_view text);
  absl::Status SetBalance(int64_t centimes);
  absl::Status SetPlanEnabled(absl::string_view code, bool enabled);
  // Makes a top-up read `status` (a documented word) from now on.
  absl::Status SetStatus(absl::string_view ref, absl::string_view status);
  // While down, every connection under /v3 is reset at its first request.
  void SetDown(bool down);

  // --- what happened

  // Oldest first.
  std::vector<AcceptedTopup> AcceptedTopups() const;
  int PostsOfRef(absl::string_view ref) const;
  // Requests since Start; `endpoint` as in the ledger: "send", "check_ref", "list", ...
  int64_t RequestCount(absl::string_view endpoint) const;
  // Requests since Start that met a fault; `kind` as in faults.proto: "HANG", ...
  int64_t FaultCount(absl::string_view kind) const;
  int64_t BalanceCentimes() const;
  absl::StatusOr<std::vector<std::string>> LedgerLines() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The numbers, the faults and the control paths in words.
std::string SandboxHelp();

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_SANDBOX_H_
