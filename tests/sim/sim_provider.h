// The far end: what the provider does with a request that has reached it, and its books.
//
// It keeps what the real one promises: a ref is taken once, money leaves the balance when a
// top-up is taken and comes back when it is REFUNDED. Everything that it does not promise goes
// wrong by seed. The network between it and us is sim_link.h.
#ifndef TOPUP_TESTS_SIM_SIM_PROVIDER_H_
#define TOPUP_TESTS_SIM_SIM_PROVIDER_H_

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/base/task_loop.h"
#include "server/upstream/provider.h"
#include "tests/sim/run_context.h"

namespace topup::sim {

// What the provider, or a proxy before it, does with a POST. A copy of it is treated alike.
struct Treatment {
  enum class Kind {
    kTake,
    kFailBefore,  // 500 without an envelope; nothing done
    kFailAfter,   // the same, with the work done
    kRefuse,      // `http_status` and `code`, in the envelope; nothing done
    kRefuseBare,  // `http_status` without an envelope; nothing done
    kHtml,        // taken, and answered 200 with a page
    kCut,         // taken, and answered half
    kWrongEcho,   // taken, and answered with another ref
  };
  Kind kind = Kind::kTake;
  int http_status = 0;
  std::string code;
};

// Lives as long as the world; single-threaded.
class SimProvider {
 public:
  using Status = core::ProviderTopup::Status;

  // Reads the store itself when a POST arrives.
  using CountAttempts = std::function<int(const std::string& provider_ref)>;
  SimProvider(RunContext& run, base::TaskLoop& loop, CountAttempts count_attempts);

  static constexpr const char* kEnvironment = "SANDBOX";
  static constexpr const char* kOtherEnvironment = "PRODUCTION";
  static constexpr core::PartsPerMillion kUnlistedCost = 985'000;
  static std::vector<core::Plan> Plans();

  Treatment ChooseTreatment();
  // A POST arrives. Appends to the ledger.
  core::SendAnswer Receive(const upstream::SendRequest& request, const Treatment& treatment,
                           const std::string& environment, LedgerPost post);

  core::ReadAnswer Read(const std::string& name, bool by_ref, const std::string& environment,
                        absl::Duration asked);
  core::ListAnswer List(const upstream::ListRequest& request, const std::string& environment,
                        absl::Duration asked);
  // A well-formed success with nothing in it.
  core::Exchange Success() const;
  core::Exchange Failure(int http_status, const std::string& code) const;
  core::Exchange Bare(int http_status) const;

  core::Money balance() const { return balance_; }
  // Somebody else spends, or pays in.
  void Move(int64_t centimes);
  // The provider's own clock: it never jumps.
  absl::Time Now() const;

  // Writes into the history how things are now.
  void CloseBooks();

 private:
  struct Entry {
    size_t place = 0;  // in the history's list of accepted top-ups
    upstream::SendRequest request;
    std::string environment;
    core::Money charge;
    absl::Duration accepted;  // since the start of the run
    // What it is from when on, oldest first.
    std::vector<std::pair<absl::Duration, Status>> statuses;
    bool flaps = false;
  };

  // Answered as accepted, and not taken yet.
  struct Queued {
    upstream::SendRequest request;
    std::string environment;
    bool taken = false;
  };

  void Take(const upstream::SendRequest& request, const std::string& environment);
  void TakeQueued(size_t place);
  void PlanStatuses(Entry& entry, bool is_menu);
  core::Money CostOf(const upstream::SendRequest& request) const;
  std::optional<Status> StatusAt(const Entry& entry, absl::Duration time) const;
  // What a read shows of it now; nothing where the copy that is read does not know it yet.
  std::optional<core::ProviderTopup> Show(Entry& entry, absl::Duration lag, absl::Duration asked);
  absl::Duration ChooseLag();

  RunContext& run_;
  base::TaskLoop& loop_;
  const CountAttempts count_attempts_;
  const absl::Duration skew_;
  core::Money balance_;
  std::map<std::string, Entry> entries_;  // by ref
  std::vector<Queued> queue_;
  std::set<std::string> too_poor_;  // refs that were once refused for want of money
};

}  // namespace topup::sim

#endif  // TOPUP_TESTS_SIM_SIM_PROVIDER_H_
