// What the owner does with prices: sees, changes, takes back, tries and explains them.
//
// Every error is made with base/error.h and carries a reason of docs/errors.md.
#ifndef TOPUP_SERVER_ENGINE_PRICE_CONTROL_H_
#define TOPUP_SERVER_ENGINE_PRICE_CONTROL_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/core/price.h"

namespace topup::engine {

// A strategy that is in force, or that was refused when a configuration was last loaded.
struct StrategyEntry {
  core::StrategyIdentity identity;  // empty where it was refused
  std::string display_name;
  std::string vendor;
  std::string config_schema;
  bool loaded = false;
  std::string load_error;  // why it was refused: file, step, what differs
  std::vector<std::string> routes;
};

struct StrategyDirectory {
  std::vector<StrategyEntry> strategies;
  std::string config_digest;  // of the configuration in force
};

struct ActivateCommand {
  std::string caller;
  std::optional<std::string> config;  // its text; nothing: the configured file
  bool validate_only = false;
  std::string expected_config_digest;  // empty: whatever is in force
};

struct RollbackCommand {
  std::string caller;
  std::string expected_config_digest;  // empty: whatever is in force
};

struct SimulateCommand {
  std::optional<std::string> config;  // its text; nothing: the configured file
  absl::Time start_time = absl::InfinitePast();
  absl::Time end_time = absl::InfiniteFuture();
  int movers = 20;
  // Asked now and then; true ends the work early, with CANCELLED. Any thread.
  std::function<bool()> is_cancelled;
};

struct PriceMove {
  std::string topup_id;
  core::Money old_price;
  std::optional<core::Money> new_price;
  // Why there is no new price: an error of pricing::Pricer, or NotFound in our own words.
  absl::Status failure;
};

// Top-ups whose price moves by at least `min` and less than `max` centimes. The outermost are
// open to their side.
struct PriceMoveBucket {
  int64_t min_centimes = std::numeric_limits<int64_t>::min();
  int64_t max_centimes = std::numeric_limits<int64_t>::max();
  int64_t topups = 0;
};

struct Simulation {
  // The biggest movers, the biggest first, then as many that could not be priced.
  std::vector<PriceMove> moves;
  int64_t topups = 0;
  int64_t failures = 0;  // in the old sums only
  core::Money old_revenue;
  core::Money new_revenue;
  core::Money old_profit;
  core::Money new_profit;
  std::vector<PriceMoveBucket> histogram;  // of what could be priced; from the lowest
};

struct Explanation {
  core::PriceBreakdown recorded;
  std::optional<core::PriceBreakdown> replayed;
  // Why it could not be priced again: as PriceMove::failure, or of whoever read or built what that
  // takes.
  absl::Status failure;
  std::string detail;  // what differs; empty where both are the same, or nothing was replayed
};

// Thread-safe. Each method returns at once and calls `done` exactly once, on a thread that may
// not be held for long. OVERLOADED (limit "pricing") where too many wait.
class PriceControl {
 public:
  template <typename T>
  using Done = std::function<void(absl::StatusOr<T>)>;

  virtual ~PriceControl() = default;

  virtual void ListStrategies(Done<StrategyDirectory> done) = 0;

  // Answers the digest of the configuration that is in force then, or would be. What is in force
  // already is not activated again. CONFIG_INVALID, STRATEGY_LOAD_FAILED, CONFIG_CHANGED: the
  // old one stays in force.
  virtual void Activate(ActivateCommand command, Done<std::string> done) = 0;

  // Back to what was in force before the last activation; again, to what was before that.
  // NOTHING_TO_ROLL_BACK; otherwise as Activate.
  virtual void Rollback(RollbackCommand command, Done<std::string> done) = 0;

  // Changes nothing. CONFIG_INVALID, STRATEGY_LOAD_FAILED.
  virtual void Simulate(SimulateCommand command, Done<Simulation> done) = 0;

  // TOPUP_NOT_FOUND. Of every caller's top-ups.
  virtual void Explain(std::string topup_id, Done<Explanation> done) = 0;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_PRICE_CONTROL_H_
