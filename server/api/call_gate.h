// What every call passes before any work is done for it: how many are under way, how much
// metadata it brings, who is calling and whether they may. And what a server that stops waits for.
#ifndef TOPUP_SERVER_API_CALL_GATE_H_
#define TOPUP_SERVER_API_CALL_GATE_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/api/caller_directory.h"
#include "server/api/methods.h"
#include "server/api/write_watchdog.h"
#include "server/base/clock.h"
#include "server/base/metrics.h"
#include "server/base/task_loop.h"
#include "server/core/caller.h"

namespace topup::api {

struct GateLimits {
  // Unary calls of known callers under way; more are refused (OVERLOADED). At 10,000 a second of
  // commits this is a second of work. A tenth, 100 at most, is kept for AdminService. Where there
  // are several callers, one has at most half of it.
  int calls = 10000;
  // A call or stream whose client has not taken what was written after this is cut; looked at
  // twice in that time.
  absl::Duration write = absl::Seconds(30);
};

// Thread-safe. Outlives the calls that passed it. A call is under way until gRPC is done with its
// answer: its client has taken it, or has gone.
class CallGate {
 public:
  // One unary call too many is OVERLOADED with limit=calls.
  CallGate(const CallerDirectory& callers, const GateLimits& limits, const base::Clock& clock,
           base::TaskLoop& timers, base::Metrics& metrics);

  // Who is calling. UNAUTHENTICATED, PERMISSION_DENIED; INVALID_ARGUMENT for more than 8 KiB
  // of metadata.
  absl::StatusOr<core::Caller> Admit(const grpc::CallbackServerContext& context,
                                     Method method) const;

  // From now on CheckOpen answers DRAINING.
  void Drain() { draining_ = true; }
  absl::Status CheckOpen() const;

  // Counts the end of a call or stream.
  void CountEnd(Method method, absl::StatusCode code);

  // A stream is under way between the two.
  void EnterStream();
  void LeaveStream();

  // What cuts writes at the limit, and what counts the streams among them.
  WriteWatchdog& watchdog() { return watchdog_; }
  base::Counter* cut_streams() { return cut_streams_; }

  // Waits until no call and no stream is under way, `limit` at most; says whether it is so.
  bool WaitUntilIdle(absl::Duration limit);

 private:
  friend class UnaryCall;
  static constexpr int kCodes = 17;

  void EnterCall();
  // A known caller's call takes one of the limited places. False where none is left for it.
  bool TakePlace(Method method, const std::string& caller);
  // The call is over: the caller's whose place it had, if it had one.
  void LeaveCall(const std::optional<std::string>& place);
  // Told with the lock held: whoever waits may destroy all this as soon as it can take the lock.
  void TellIfIdle();

  const CallerDirectory& callers_;
  const int call_limit_;
  const int admin_reserve_;
  const int caller_share_;
  const base::Clock& clock_;
  base::Metrics& metrics_;
  WriteWatchdog watchdog_;
  base::Counter* const cut_answers_;
  base::Counter* const cut_streams_;
  std::atomic<bool> draining_{false};
  std::mutex mutex_;              // guards the next five
  std::condition_variable idle_;  // neither call nor stream is under way
  int calls_ = 0;
  int streams_ = 0;
  int places_ = 0;                                         // taken
  std::unordered_map<std::string, int> places_of_caller_;  // above 0
  // Made when first needed: most pairs never happen.
  std::array<std::array<std::atomic<base::Counter*>, kCodes>, kMethods.size()> ends_{};
  std::array<base::DurationHistogram*, kMethods.size()> durations_;
};

// One unary call from its admission to its answer. Copies are the same call. An answer that
// never comes (whoever held the last copy dropped it) becomes DRAINING: that happens only when
// the engine is torn down, and a repeat with the same ref is right then.
class UnaryCall {
 public:
  UnaryCall(CallGate& gate, grpc::CallbackServerContext* context, Method method);

  // False: it has been refused and answered; there is nothing left to do but to return
  // reactor().
  bool admitted() const;
  const core::Caller& caller() const;

  // When its answer has to be there: a second before the caller's deadline, and 60 s from
  // now at the latest.
  absl::Time AnswerBy() const;

  grpc::ServerUnaryReactor* reactor() const;

  // Answers, once. The response message must not be touched any more. Returns reactor(), for
  // the method to return: gRPC is done with it no earlier than that.
  grpc::ServerUnaryReactor* Finish(const absl::Status& status) const;

 private:
  class Reactor;
  struct State;
  std::shared_ptr<State> state_;
};

// How a stream ends whose client went first: CANCELLED.
absl::Status ClientGoneError();

// When a call with this deadline has to be answered; see UnaryCall::AnswerBy.
absl::Time AnswerTime(absl::Time deadline, absl::Time now);

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_CALL_GATE_H_
