// The provider behind the wire: takes requests, keeps the books, writes the ledger.
//
// One lock, held for the short time that a request takes in memory; whatever a fault delays
// happens afterwards, on the connection.
#ifndef TOPUP_SERVER_SANDBOX_HTTP_SIMULATED_PROVIDER_H_
#define TOPUP_SERVER_SANDBOX_HTTP_SIMULATED_PROVIDER_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/clock.h"
#include "server/base/random.h"
#include "server/base/secret.h"
#include "server/sandbox/faults/fault_book.h"
#include "server/sandbox/faults/fault_settings.h"
#include "server/sandbox/http/answers.h"
#include "server/sandbox/http/gatekeeper.h"
#include "server/sandbox/http/http_message.h"
#include "server/sandbox/http/route.h"
#include "server/sandbox/world/ledger.h"
#include "server/sandbox/world/provider_world.h"

namespace topup::sandbox {

// A POST to /v3/mobile/send, at the moment it arrives. Empty: missing or of the wrong type.
struct SeenSend {
  std::string ref;
  std::string phone;
  std::string plan_code;
  std::optional<int64_t> amount_dzd;
  int posts_of_ref = 0;  // with this one
};
using SendObserver = std::function<void(const SeenSend&)>;

// A request as it was decided and written down, before any of its answer leaves.
struct SeenDecision {
  RequestEntry entry;
  bool accepted = false;
  absl::Duration held_back;
  std::vector<TopupView> shown;  // by a read
};
using DecisionObserver = std::function<void(const SeenDecision&)>;

struct SimulatedProviderOptions {
  std::vector<base::Secret> keys;
  double time_scale = 1;
  int requests_per_minute = 0;
  int64_t balance_centimes = 0;
  // Called for each send before anything is decided, on the connection's thread.
  SendObserver on_send;
  // Likewise, without the provider's lock.
  DecisionObserver on_decided;
};

// Thread-safe.
class SimulatedProvider {
 public:
  // Continues what `ledger` holds. `clock` and `random` must outlive the provider. Errors: the
  // ledger's.
  static absl::StatusOr<std::unique_ptr<SimulatedProvider>> Make(SimulatedProviderOptions options,
                                                                 FaultSettings settings,
                                                                 std::unique_ptr<Ledger> ledger,
                                                                 const base::Clock& clock,
                                                                 base::RandomSource& random);

  // Answers one request for a path under /v3, or any that nobody else takes.
  HttpReply Handle(const HttpRequest& request);

  // --- from outside the provider's world
  void SetFaults(FaultSettings settings);
  absl::Status SetBalance(int64_t centimes);
  void PutPlan(CataloguePlan plan);
  // NotFound for a code that is not in the catalogue.
  absl::StatusOr<CataloguePlan> FindPlan(absl::string_view code);
  // NotFound: no such ref. FailedPrecondition: its money went back already.
  absl::Status ForceState(absl::string_view ref, TopupState state);
  // While down, every request's connection is reset before it is looked at.
  void SetDown(bool down);

  // --- what happened
  absl::StatusOr<std::vector<std::string>> LedgerLines();
  std::vector<TopupRecord> AcceptedTopups();
  int PostsOfRef(absl::string_view ref);
  int64_t RequestCount(Endpoint endpoint);
  // Requests that met a fault; by its name in faults.proto.
  int64_t FaultCount(absl::string_view name);
  int64_t BalanceCentimes();

 private:
  struct Visit;

  SimulatedProvider(SimulatedProviderOptions options, FaultSettings settings,
                    std::unique_ptr<Ledger> ledger, const base::Clock& clock,
                    base::RandomSource& random);

  HttpReply Decide(const HttpRequest& request, const Route& route, const ParsedSend& send,
                   SeenDecision& seen) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpReply Admit(Visit& visit) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpReply Serve(Visit& visit) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpReply Send(Visit& visit) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpReply ReadOne(Visit& visit, const TopupRecord* record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpReply ReadPage(Visit& visit) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  const TopupRecord* FindTopup(const Visit& visit) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void DamageShown(const Visit& visit, TopupView& view) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const SimulatedProviderOptions options_;
  const base::Clock& clock_;
  std::mutex mu_;
  ProviderRules rules_ ABSL_GUARDED_BY(mu_);
  ProviderWorld world_ ABSL_GUARDED_BY(mu_);
  FaultBook faults_ ABSL_GUARDED_BY(mu_);
  Gatekeeper gate_ ABSL_GUARDED_BY(mu_);
  const std::unique_ptr<Ledger> ledger_ ABSL_GUARDED_BY(mu_);
  bool down_ ABSL_GUARDED_BY(mu_) = false;
  int64_t request_count_ ABSL_GUARDED_BY(mu_) = 0;
  std::array<int64_t, 10> endpoint_counts_ ABSL_GUARDED_BY(mu_){};  // by Endpoint
  std::unordered_map<std::string, int> posts_of_ref_ ABSL_GUARDED_BY(mu_);
  std::unordered_map<std::string, int64_t> fault_counts_ ABSL_GUARDED_BY(mu_);
};

}  // namespace topup::sandbox

#endif  // TOPUP_SERVER_SANDBOX_HTTP_SIMULATED_PROVIDER_H_
