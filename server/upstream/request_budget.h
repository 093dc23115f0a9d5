// How many requests the provider may be sent, and who may send the next one.
//
// The provider counts all requests of an account together and refuses what is above its
// ceiling. So all of ours come through here. Three rules, strongest first:
//
//  1. Limits. In no 60 s do more requests start than the ceiling allows, and in no 3 s more
//     than a twentieth of it (at least one). Windows slide, and include both their ends.
//  2. Settling doubt goes first: it decides about money that has perhaps moved.
//  3. What is left is shared by weight: sends 4, status reads 2, others 1. Where all three
//     want to go, sends get four of seven (more than half), status reads two of seven (more
//     than a quarter). A kind without work does not count, so its share is the others'. A
//     share that was not used is not saved up either: nobody is shut out to make up for it.
//
// One exception keeps the catalogue and the balance alive while doubt has no end: the others
// may go ahead of doubt once in 20 requests' time, or once a minute where that is longer.
//
// Time is passed in (Clock::Elapsed()), so that tests and the simulator own it.
#ifndef TOPUP_SERVER_UPSTREAM_REQUEST_BUDGET_H_
#define TOPUP_SERVER_UPSTREAM_REQUEST_BUDGET_H_

#include <array>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

#include "absl/time/time.h"

namespace topup::upstream {

// `kDoubt`: reads by ref that settle doubt, resends, and what proves the key for them.
// `kOther`: plans, balance, ping, validate, menu requests, looks at what is settled, sweeps.
enum class RequestKind { kDoubt = 0, kSend = 1, kStatus = 2, kOther = 3 };

// Which kinds have a request that would start right now if it were allowed to. A kind that is
// held up by anything else (a full pool, a pause) must not be named: others would wait for it.
struct BudgetDemand {
  bool doubt = false;
  bool send = false;
  bool status = false;
  bool other = false;
};

// Thread-safe. A `now` before the latest one seen is taken as that one.
class RequestBudget {
 public:
  // `requests_per_minute`: the ceiling, 1 to 1,000,000; values outside are moved to the nearest.
  explicit RequestBudget(int requests_per_minute);

  // True: one request of this kind is counted, and starts now. False: nothing is counted;
  // try again at NextChance(). `kind` counts as waiting whether or not `waiting` says so.
  [[nodiscard]] bool TryTake(RequestKind kind, absl::Duration now, const BudgetDemand& waiting);

  // When TryTake may succeed for `kind`, at the earliest; `now` where it would at once. Where
  // another kind is to go first this is a guess: one request's time from now.
  absl::Duration NextChance(RequestKind kind, absl::Duration now,
                            const BudgetDemand& waiting) const;

  // The provider said 429 or 503: no request of any kind starts for `retry_after` (1 s to
  // 15 min). Without one: 5 s, then twice as long with each such answer up to a minute,
  // until a minute went by without. Answers that arrive during a pause do not lengthen it,
  // unless they say so by themselves.
  void SlowDown(std::optional<absl::Duration> retry_after, absl::Duration now);

  int UsedLastMinute(absl::Duration now) const;
  int ceiling() const { return ceiling_; }
  // The most that may start in 3 s.
  int burst() const { return burst_; }

 private:
  static constexpr int kKindCount = 4;

  RequestKind FirstInLine(absl::Duration now, RequestKind kind, const BudgetDemand& waiting) const;
  absl::Duration LimitsAllowAt(absl::Duration now) const;
  void Count(RequestKind kind, absl::Duration now);

  const int ceiling_;
  const int burst_;
  // The others may go ahead of doubt when this has passed since their last request.
  const absl::Duration other_patience_;

  mutable std::mutex mutex_;  // guards everything below
  absl::Duration latest_;
  // When the requests of the last minute, and of the last 3 s, started; oldest first.
  std::deque<absl::Duration> minute_;
  std::deque<absl::Duration> moment_;
  std::optional<absl::Duration> last_other_;
  // Fair queueing: each request moves its kind ahead by the inverse of its weight, and the
  // kind that is furthest behind goes next. A kind that was idle starts at `turn_`.
  std::array<int64_t, kKindCount> ahead_{};
  int64_t turn_ = 0;
  absl::Duration pause_end_ = -absl::InfiniteDuration();
  absl::Duration next_pause_;
};

}  // namespace topup::upstream

#endif  // TOPUP_SERVER_UPSTREAM_REQUEST_BUDGET_H_
