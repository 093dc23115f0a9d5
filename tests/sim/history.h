// What one run left behind, told by everybody who was there: callers, the provider, the store,
// watchers, the log. The checkers judge it; the simulator and process tests fill it in.
//
// All logs are dated with one counter, `step`, that rises with everything that happens in the
// run: what has a lower step happened before. A process test takes its own monotonic clock.
#ifndef TOPUP_TESTS_SIM_HISTORY_H_
#define TOPUP_TESTS_SIM_HISTORY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/core/evidence.h"
#include "server/core/provider_answer.h"
#include "server/core/topup.h"

namespace topup::sim {

// One call of a caller, and what it was told.
struct Call {
  enum class Kind { kSend, kQuote, kGet, kCancel, kOffers };
  // As in Jepsen: what was not answered, or answered UNAVAILABLE, has perhaps taken place, for
  // ever.
  enum class Result { kMaybe, kOk, kRefused };

  Kind kind = Kind::kSend;
  Result result = Result::kMaybe;
  int64_t begin_step = 0;
  int64_t end_step = 0;  // 0: never answered
  std::string caller;
  std::string ref;
  std::string phone;
  std::string plan_code;
  std::optional<int64_t> amount_dzd;
  std::string quote_id;  // sent with the call, or what the quote was named
  std::string reason;    // of an error
  std::string error_text;
  std::optional<core::Topup> topup;
  bool replayed = false;  // the answer says that the top-up was there already
  std::optional<core::PriceBreakdown> quoted;
};

// What the answer of a call means for what was asked.
Call::Result ResultOf(const absl::Status& status);

// A POST that reached the provider, in the order of arrival.
struct LedgerPost {
  int64_t step = 0;
  std::string provider_ref;
  std::string phone;
  std::string plan_code;
  int64_t amount_dzd = 0;
  bool accepted = false;
  // A middlebox made this one of another: no attempt of ours belongs to it.
  bool copied_on_the_way = false;
  // What an independent reader of the store saw when it arrived: attempts under this ref.
  int committed_attempts = 0;
  // Of the key that came with it.
  std::string environment;
  // How long our end of it was open.
  absl::Duration begin;
  absl::Duration end;
};

// A top-up that the provider has taken. Appended, never removed.
struct LedgerTopup {
  int64_t step = 0;
  std::string id;
  std::string provider_ref;
  std::string phone;
  std::string plan_code;
  int64_t amount_dzd = 0;
  core::Money charge;  // taken at acceptance
  bool given_back = false;
  core::ProviderTopup::Status status = core::ProviderTopup::Status::kPending;  // at the end
  // Since the start of the run, in truth: when it was taken, and since when its status is the one
  // at the end.
  absl::Duration taken;
  absl::Duration final_from;
};

// What a read showed of a top-up, when it was asked and when it was answered.
struct LedgerRead {
  int64_t step = 0;
  std::string provider_ref;
  core::ProviderTopup::Status status = core::ProviderTopup::Status::kUnrecognised;
  absl::Duration begin;      // time since the start of the run, of no wall clock
  absl::Time provider_time;  // the provider's clock, as in the answer
};

struct LoggedEvent {
  int64_t step = 0;        // of its commit
  absl::Duration elapsed;  // since the start of the run
  core::Event event;
};

// One subscription, from its resume token to its end. A watcher that reconnects has several.
struct WatcherSession {
  struct Delivery {
    int64_t step = 0;
    core::Event event;
  };
  std::string caller;
  std::string topup_id;  // empty: all of the caller's
  std::vector<core::TopupStatus> statuses;
  int64_t after_sequence = 0;
  std::vector<Delivery> deliveries;
  // What it was told that everything up to here had been given.
  int64_t through_sequence = 0;
  bool open_at_end = false;
};

struct History {
  std::vector<Call> calls;

  std::vector<LedgerPost> posts;
  std::vector<LedgerTopup> accepted;
  std::vector<LedgerRead> reads;
  core::Money balance_before;
  core::Money balance_after;
  core::Money other_movements;  // in (positive) and out (negative), not by top-ups

  std::vector<LoggedEvent> events;  // in sequence order
  std::vector<core::Topup> topups;  // the final database
  std::map<std::string, std::vector<core::Attempt>> attempts;
  std::vector<core::Incident> incidents;

  std::vector<WatcherSession> watchers;
  // Since the start of the run, in truth: when somebody set the wall clock, when no process could
  // do anything (it was dead, starting, or its machine stood still), when faults ended, and when
  // the run did.
  struct Period {
    absl::Duration begin;
    absl::Duration end;
  };
  std::vector<absl::Duration> clock_settings;
  std::vector<Period> idle;
  int restarts = 0;
  int standstills = 0;  // of the machine, with both clocks
  absl::Duration faults_end;
  absl::Duration end;
  // Nothing went wrong with reads: what was asked was shown.
  bool reads_are_clean = false;
  // A call is with the engine as soon as it has begun, so that calls are taken in their order.
  bool calls_arrive_at_once = false;
  std::vector<std::string> log_lines;
  std::vector<std::string> secrets;  // numbers and keys that no line may hold

  // Faults ended, and then there was time for everything to end: the database has to agree
  // with the ledger.
  bool healed = false;
  // The rules that the run was under.
  absl::Duration poll_interval = absl::Seconds(5);
  absl::Duration unknown_review_after = absl::Hours(24);
  int submit_concurrency = 8;

  // Rows by their names. Valid as long as the history is not changed.
  std::map<std::string, const core::Topup*> RowsByProviderRef() const;
  std::map<std::pair<std::string, std::string>, const core::Topup*> RowsByRef() const;
  std::map<std::string, std::vector<const LoggedEvent*>> EventsByTopup() const;
  std::map<std::string, const LedgerTopup*> AcceptedByProviderRef() const;
};

// True where `call` asks for what `topup` is.
bool IsSameRequest(const Call& call, const core::Topup& topup);

}  // namespace topup::sim

#endif  // TOPUP_TESTS_SIM_HISTORY_H_
