// What happens to a top-up, in order. The front door of the engine room.
//
// Intake records a send, the dispatcher POSTs it, the reconciler asks about it until it is
// settled; the rules that they follow are core/protocol.h. The gRPC edge calls the methods
// below with well-formed values and turns what comes back into messages.
//
// Every error is made with base/error.h and carries a reason of docs/errors.md.
#ifndef TOPUP_SERVER_ENGINE_ENGINE_H_
#define TOPUP_SERVER_ENGINE_ENGINE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/core/topup.h"
#include "server/engine/cases.h"
#include "server/store/topup_store.h"

namespace topup::engine {

enum class WaitFor { kRecorded, kSubmitted, kSettled };

struct SendCommand {
  std::string caller;
  std::string ref;
  core::PhoneNumber phone;
  std::string plan_code;
  std::optional<int64_t> amount_dzd;
  std::string quote_id;  // empty: none
  std::optional<core::Money> max_price;
  bool allow_repeat = false;
  bool validate_only = false;
  std::map<std::string, std::string> labels;
  std::optional<absl::Time> send_before;
  WaitFor wait_for = WaitFor::kRecorded;
  // The answer comes at this time at the latest, with the state reached by then. The engine
  // itself waits 60 s at most.
  absl::Time answer_by = absl::InfiniteFuture();
};

struct SendResult {
  core::Topup topup;
  bool replayed = false;
};

// Names a top-up of `caller`: by `topup_id`, or by `ref` where that is empty.
struct TopupKey {
  std::string caller;
  std::string topup_id;
  std::string ref;
  // Where a send of `ref` is being recorded, its outcome is waited for until then, and for 60 s at
  // most.
  absl::Time answer_by = absl::InfiniteFuture();
};

struct QuoteCommand {
  std::string caller;
  core::PhoneNumber phone;
  std::string plan_code;
  std::optional<int64_t> amount_dzd;
};

struct Quote {
  std::string quote_id;
  core::PriceBreakdown price;
  absl::Time expire_time;
};

struct PlanQuery {
  std::string caller;
  std::optional<core::PhoneNumber> phone;        // keeps what this number can take
  core::Operator op = core::Operator::kUnknown;  // kUnknown: all
  std::optional<int64_t> amount_dzd;             // prices dynamic plans at it
  bool include_unsellable = false;
};

struct PricedPlan {
  core::Plan plan;
  std::optional<core::PriceBreakdown> price;
  bool sellable = false;
};

struct PlanListing {
  std::vector<PricedPlan> plans;  // by plan code
  absl::Time catalogue_time;
  bool stale = false;
};

struct OffersCommand {
  std::string caller;
  core::PhoneNumber phone;
  core::Operator op = core::Operator::kUnknown;  // kUnknown: the number's own
  absl::Time answer_by = absl::InfiniteFuture();
};

struct PricedOffer {
  core::SuggestedOffer offer;
  std::optional<core::PriceBreakdown> price;  // unset: not in the catalogue, or no cost
};

// The provider's account as last seen.
struct ProviderState {
  std::string account;
  std::optional<core::Money> balance;
  absl::Time balance_time;
  std::string key_type;
  std::map<std::string, bool> operator_up;
  int budget_per_minute = 0;
  int budget_used_last_minute = 0;
  std::string paused_reason;  // empty: sending
  absl::Time catalogue_time;
  // The provider answers and takes our key: what the health name `provider` says.
  bool serving = false;
};

struct RefreshResult {
  int plans = 0;
  std::vector<std::string> changes;  // one sentence each
};

// Thread-safe. Methods with `done` return at once and call it exactly once, on a thread of
// the engine or the store; it must not block. The others only compute.
class Engine : public Cases {
 public:
  template <typename T>
  using Done = std::function<void(absl::StatusOr<T>)>;

  virtual void Send(SendCommand command, Done<SendResult> done) = 0;
  virtual void Cancel(TopupKey key, Done<core::Topup> done) = 0;
  virtual absl::StatusOr<Quote> QuoteTopup(const QuoteCommand& command) = 0;
  virtual absl::StatusOr<PlanListing> ListPlans(const PlanQuery& query) = 0;
  virtual void ListOffers(OffersCommand command, Done<std::vector<PricedOffer>> done) = 0;

  // Reading an open top-up pulls its next status read forward, within --poll_interval.
  virtual void Get(TopupKey key, Done<core::Topup> done) = 0;
  virtual void List(store::ListFilter filter, Done<store::ListResult> done) = 0;

  // Prices the offers that a top-up carries, for its caller. Never fails: an offer that
  // cannot be priced has no price. Runs strategies, which may take long: a `done` that is given
  // offers is called where that keeps nobody but readers waiting.
  virtual std::vector<PricedOffer> PriceOffers(const core::Topup& topup) = 0;

  virtual ProviderState GetProvider() = 0;
  virtual void RefreshPlans(Done<RefreshResult> done) = 0;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_ENGINE_H_
