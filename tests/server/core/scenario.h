// One top-up on its way through the rules, told step by step.
//
// Every step goes through the real functions of core/protocol.h and is held to what no step
// may break: versions count by one, revisions count visible changes without gaps, the provider
// ref never changes, settled is final, and the advice follows the status.
#ifndef TOPUP_TESTS_SERVER_CORE_SCENARIO_H_
#define TOPUP_TESTS_SERVER_CORE_SCENARIO_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/core/protocol.h"

namespace topup::core {

// Answers as an adapter would report them. Times are filled in by Scenario.
SendAnswer Accepted(std::string echoed_ref = "");  // empty: ours
SendAnswer Unsent();
SendAnswer TimedOut();
SendAnswer Refused(int http_status, std::string code, std::string message = "");
SendAnswer WithoutEnvelope(int http_status);

ReadAnswer NotFound();
ReadAnswer ReadFailed();
// What the provider shows of `topup`, true in every field.
ReadAnswer Shown(const Topup& topup, ProviderTopup::Status status);

class Scenario {
 public:
  explicit Scenario(Purpose purpose = Purpose::kSale);

  // --- steps; each returns the scenario for the next
  Scenario& After(absl::Duration time);
  Scenario& Claim();
  // The answer to the claim in flight, its socket closed now.
  Scenario& Answer(SendAnswer answer);
  Scenario& Post(SendAnswer answer) { return Claim().Answer(std::move(answer)); }
  Scenario& TakeOver();
  // The row is that of a store that was put back.
  Scenario& Restore();
  Scenario& Expire();
  Scenario& Cancel();
  // Reads begin and end now.
  Scenario& Doubt(ReadAnswer answer);
  Scenario& Status(ReadAnswer answer);
  Scenario& Status(ProviderTopup::Status status) { return Status(Shown(row, status)); }
  Scenario& Settled(ReadAnswer answer);
  // A read whose times are already set.
  Scenario& DoubtAsTimed(const ReadAnswer& answer);
  Scenario& StatusAsTimed(const ReadAnswer& answer);

  // In doubt since now: one POST that timed out.
  Scenario& InDoubt() { return Post(TimedOut()); }
  Scenario& InPending() { return Post(Accepted()); }
  Scenario& InUnknownError() { return InPending().Status(ProviderTopup::Status::kUnknownError); }

  // Kinds of the last step's incidents.
  std::vector<std::string> incidents() const;
  NextAction next_action() const { return row.progress.next_action; }
  // From now to the next action.
  absl::Duration wait() const { return row.progress.next_action_time - now; }

  Topup row;
  ProtocolRules rules;
  absl::Time now;
  // The provider's clock is this much ahead of ours; unset: it shows none.
  std::optional<absl::Duration> provider_clock = absl::ZeroDuration();
  bool key_proven = true;
  Decision last;

 private:
  Exchange Timed(Exchange exchange) const;
  Situation situation() const { return {.now = now, .key_proven = key_proven}; }
  Scenario& Commit(Decision decision);
};

}  // namespace topup::core

#endif  // TOPUP_TESTS_SERVER_CORE_SCENARIO_H_
