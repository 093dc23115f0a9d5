#include "server/api/call_gate.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/api/call_metadata.h"
#include "server/api/grpc_status.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace topup::api {
namespace {

constexpr absl::Duration kAnswerBeforeDeadline = absl::Seconds(1);
constexpr absl::Duration kWaitMax = absl::Seconds(60);

std::string ToString(grpc::string_ref text) { return std::string(text.data(), text.size()); }

absl::string_view ShortName(const MethodRule& rule) {
  return rule.name.substr(rule.name.find('/') + 1);
}

// Operators see to it that the others' calls end: theirs find a place when all others are taken.
int AdminReserve(int calls) { return std::min(calls / 10, 100); }

int CallerShare(const CallerDirectory& callers, int calls) {
  return callers.size() > 1 ? std::max(calls / 2, 1) : calls;
}

absl::Status DrainingError() {
  return base::MakeError(absl::StatusCode::kUnavailable,
                         "The server is stopping: connect again and repeat.",
                         {.reason = "DRAINING", .retry_after = absl::Seconds(1)});
}

absl::Status TooManyCallsError() {
  return base::OverloadedError("calls", "Too many calls are under way (calls).");
}

}  // namespace

CallGate::CallGate(const CallerDirectory& callers, const GateLimits& limits,
                   const base::Clock& clock, base::TaskLoop& timers, base::Metrics& metrics)
    : callers_(callers),
      call_limit_(limits.calls),
      admin_reserve_(AdminReserve(limits.calls)),
      caller_share_(CallerShare(callers, limits.calls)),
      clock_(clock),
      metrics_(metrics),
      watchdog_(limits.write, clock, timers),
      cut_answers_(metrics.GetCounter("topup_api_cut_answers_total",
                                      "Unary answers cut because their client took nothing.")),
      cut_streams_(metrics.GetCounter("topup_api_cut_streams_total",
                                      "Streams cut because their client took nothing.")) {
  for (size_t i = 0; i < kMethods.size(); ++i) {
    durations_[i] =
        metrics.GetDurationHistogram("topup_api_call_seconds", "Unary calls, admission to answer.",
                                     {{"method", std::string(ShortName(kMethods[i]))}});
  }
}

absl::StatusOr<core::Caller> CallGate::Admit(const grpc::CallbackServerContext& context,
                                             Method method) const {
  Credentials credentials;
  ASSIGN_OR_RETURN(credentials.authorizations, ReadAuthorizations(context.client_metadata()));
  if (!callers_.is_local()) {
    const std::shared_ptr<const grpc::AuthContext> auth = context.auth_context();
    if (auth != nullptr && auth->IsPeerAuthenticated()) {
      for (const grpc::string_ref& san :
           auth->FindPropertyValues("x509_subject_alternative_name")) {
        credentials.certificate_sans.push_back(ToString(san));
      }
    }
  }
  return callers_.Admit(credentials, method);
}

absl::Status CallGate::CheckOpen() const { return draining_ ? DrainingError() : absl::OkStatus(); }

void CallGate::CountEnd(Method method, absl::StatusCode code) {
  const size_t index = std::min<size_t>(static_cast<size_t>(code), kCodes - 1);
  std::atomic<base::Counter*>& slot = ends_[static_cast<size_t>(method)][index];
  base::Counter* counter = slot.load(std::memory_order_acquire);
  if (counter == nullptr) {
    // Two threads that come here at once are given the same counter.
    counter = metrics_.GetCounter("topup_api_calls_total", "Calls and streams that have ended.",
                                  {{"method", std::string(ShortName(RuleOf(method)))},
                                   {"code", absl::StatusCodeToString(code)}});
    slot.store(counter, std::memory_order_release);
  }
  counter->Increment();
}

void CallGate::EnterStream() {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++streams_;
}

void CallGate::LeaveStream() {
  const std::lock_guard<std::mutex> lock(mutex_);
  --streams_;
  TellIfIdle();
}

void CallGate::EnterCall() {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++calls_;
}

bool CallGate::TakePlace(Method method, const std::string& caller) {
  const bool is_admin = RuleOf(method).role == &core::Roles::admin;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (places_ >= call_limit_ - (is_admin ? 0 : admin_reserve_)) return false;
  const auto [own, added] = places_of_caller_.try_emplace(caller, 0);
  if (!is_admin && own->second >= caller_share_) return false;
  ++own->second;
  ++places_;
  return true;
}

void CallGate::LeaveCall(const std::optional<std::string>& place) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (place.has_value()) {
    --places_;
    const auto own = places_of_caller_.find(*place);
    if (--own->second == 0) places_of_caller_.erase(own);
  }
  --calls_;
  TellIfIdle();
}

void CallGate::TellIfIdle() {
  if (calls_ + streams_ == 0) idle_.notify_all();
}

bool CallGate::WaitUntilIdle(absl::Duration limit) {
  std::unique_lock<std::mutex> lock(mutex_);
  return idle_.wait_for(lock, absl::ToChronoNanoseconds(limit),
                        [this] { return calls_ + streams_ == 0; });
}

// What gRPC holds of a unary call. Owns itself until OnDone.
class UnaryCall::Reactor final : public grpc::ServerUnaryReactor {
 public:
  Reactor(CallGate& gate, grpc::CallbackServerContext* context) : gate_(gate), context_(context) {
    gate_.EnterCall();
  }

  // Before Answer. False where there is no place for it.
  bool TakePlace(Method method, const std::string& caller) {
    if (!gate_.TakePlace(method, caller)) return false;
    place_ = caller;
    return true;
  }

  // Once. It may be gone when this returns.
  void Answer(grpc::Status status) {
    write_ = gate_.watchdog_.Begin(context_, gate_.cut_answers_);
    Finish(std::move(status));
  }

  void OnDone() override {
    gate_.watchdog_.End(write_);
    gate_.LeaveCall(place_);
    delete this;
  }

 private:
  CallGate& gate_;
  grpc::CallbackServerContext* const context_;
  std::optional<std::string> place_;  // the caller whose place it has
  WriteWatchdog::WriteId write_ = 0;
};

struct UnaryCall::State {
  State(CallGate& gate, grpc::CallbackServerContext* context, Method method)
      : gate(gate),
        method(method),
        start(gate.clock_.Elapsed()),
        answer_by(AnswerTime(absl::FromChrono(context->deadline()), gate.clock_.Now())),
        reactor(new Reactor(gate, context)) {}
  // Once answered it may outlive the server, on the thread that answered.
  ~State() {
    if (!answered) Answer(DrainingError());
  }

  void Answer(const absl::Status& status) {
    if (answered.exchange(true)) return;
    const grpc::Status on_wire = ToGrpcStatus(status, caller.roles.see_cost);
    gate.durations_[static_cast<size_t>(method)]->Observe(gate.clock_.Elapsed() - start);
    gate.CountEnd(method, static_cast<absl::StatusCode>(on_wire.error_code()));
    reactor->Answer(on_wire);
  }

  CallGate& gate;
  const Method method;
  const absl::Duration start;
  const absl::Time answer_by;
  Reactor* const reactor;
  core::Caller caller;
  bool admitted = false;
  std::atomic<bool> answered{false};
};

UnaryCall::UnaryCall(CallGate& gate, grpc::CallbackServerContext* context, Method method)
    : state_(std::make_shared<State>(gate, context, method)) {
  absl::StatusOr<core::Caller> caller = gate.Admit(*context, method);
  if (!caller.ok()) {
    state_->Answer(caller.status());
    return;
  }
  if (!state_->reactor->TakePlace(method, caller->name)) {
    state_->Answer(TooManyCallsError());
    return;
  }
  state_->caller = *std::move(caller);
  state_->admitted = true;
}

bool UnaryCall::admitted() const { return state_->admitted; }
const core::Caller& UnaryCall::caller() const { return state_->caller; }
absl::Time UnaryCall::AnswerBy() const { return state_->answer_by; }
grpc::ServerUnaryReactor* UnaryCall::reactor() const { return state_->reactor; }

grpc::ServerUnaryReactor* UnaryCall::Finish(const absl::Status& status) const {
  state_->Answer(status);
  return state_->reactor;
}

absl::Status ClientGoneError() {
  return base::MakeError(absl::StatusCode::kCancelled, "The client has gone.",
                         {.reason = "CANCELLED"});
}

absl::Time AnswerTime(absl::Time deadline, absl::Time now) {
  return std::min(deadline - kAnswerBeforeDeadline, now + kWaitMax);
}

}  // namespace topup::api
