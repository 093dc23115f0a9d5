// What both streams share: one write in flight, one question to the feed, an end.
//
// A stream owns itself from its start to OnDone. Everything that calls back later (the feed, a
// timer, the engine) holds a weak reference, and finds nothing once the stream is gone. The
// mutex is held while gRPC is told something: its reactions never run inside such a call.
// Lock order: the stream's mutex, then the feed's.
#ifndef TOPUP_SERVER_API_WATCH_STREAM_H_
#define TOPUP_SERVER_API_WATCH_STREAM_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/api/call_gate.h"
#include "server/api/grpc_status.h"
#include "server/api/watch_reactors.h"
#include "server/watch/topup_feed.h"

namespace topup::api {

template <typename Response>
class WatchStream : public grpc::ServerWriteReactor<Response>,
                    public std::enable_shared_from_this<WatchStream<Response>> {
 public:
  WatchStream(WatchParts& parts, grpc::CallbackServerContext* context, Method method)
      : parts_(parts), method_(method), context_(context) {}

  // Admits the caller and begins. The stream lives until OnDone.
  void Start() {
    self_ = this->shared_from_this();
    parts_.gate.EnterStream();
    absl::StatusOr<core::Caller> caller = parts_.gate.Admit(*context_, method_);
    const absl::Status admitted = caller.status();
    if (admitted.ok()) {
      caller_ = *std::move(caller);
      Begin();
    }
    std::lock_guard<std::mutex> lock(mutex_);
    if (!admitted.ok()) End(admitted);
    if (timer_ == 0) Arm(parts_.write_limit / 2);
  }

  void OnWriteDone(bool ok) final {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      in_flight_.reset();
      busy_since_.reset();
      if (ended()) return FinishNow();
      if (!ok) return End(ClientGoneError());
    }
    Proceed();
  }

  void OnCancel() final {
    std::lock_guard<std::mutex> lock(mutex_);
    End(ClientGoneError());
  }

  void OnDone() final {
    std::shared_ptr<WatchStream> self;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      parts_.timers.Cancel(timer_);
      context_ = nullptr;
      self = std::move(self_);
    }
    parts_.gate.LeaveStream();
    // The last reference, unless somebody is calling back right now.
  }

 protected:
  // Called once, without the mutex: the caller is known.
  virtual void Begin() = 0;
  // The next three: with the mutex held.
  // What to write next; null where there is nothing.
  virtual std::shared_ptr<const Response> NextMessage() = 0;
  virtual void Take(watch::FeedBatch batch) = 0;
  // Told at its time; says in how long it wants to be told again.
  virtual absl::Duration Tick(absl::Duration now) = 0;
  // What the feed's error means to this stream's client.
  virtual absl::Status Translate(absl::Status error) { return error; }
  // Where the client can go on; empty where a token makes no sense.
  virtual std::string ResumeToken() { return ""; }

  // Writes, asks the feed, or lets things take their course. Without the mutex.
  void Proceed() {
    std::shared_ptr<watch::Subscription> subscription;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (ended() || in_flight_ != nullptr) return;
      if (std::shared_ptr<const Response> message = NextMessage()) return Write(message);
      if (ended() || subscription_ == nullptr || asked_) return;
      asked_ = true;
      subscription = subscription_;
    }
    subscription->Next([weak = this->weak_from_this()](absl::StatusOr<watch::FeedBatch> batch) {
      if (auto self = weak.lock()) self->OnBatch(std::move(batch));
    });
  }

  // The rest: with the mutex held.
  void Write(std::shared_ptr<const Response> message) {
    in_flight_ = std::move(message);
    last_write_ = parts_.clock.Elapsed();
    busy_since_ = last_write_;
    this->StartWrite(in_flight_.get());
  }

  // Ends the stream, after the write in flight. Only the first end counts.
  void End(absl::Status status) {
    if (ended()) return;
    ending_ = std::move(status);
    if (subscription_ != nullptr) subscription_->Cancel();
    if (in_flight_ == nullptr) FinishNow();
  }

  // Whoever was asked something before the end may answer after it.
  bool ended() const { return ending_.has_value(); }

  bool Subscribe(watch::FeedFilter filter, int64_t after_sequence) {
    if (ended()) return false;
    auto subscription = parts_.feed.Subscribe(std::move(filter), after_sequence);
    if (!subscription.ok()) {
      End(subscription.status());
      return false;
    }
    subscription_ = *std::move(subscription);
    return true;
  }

  // Tick is called after `delay`, or earlier.
  void Arm(absl::Duration delay) {
    if (timer_ != 0) parts_.timers.Cancel(timer_);
    delay = std::min(delay, parts_.write_limit / 2);
    timer_ = parts_.timers.PostAfter(delay, [weak = this->weak_from_this()] {
      if (auto self = weak.lock()) self->OnTimer();
    });
  }

  // Nothing to write, and the feed knows that we wait.
  bool idle() const { return !ended() && in_flight_ == nullptr && asked_; }

  WatchParts& parts_;
  core::Caller caller_;  // constant from Begin on
  std::mutex mutex_;     // guards everything below
  std::shared_ptr<watch::Subscription> subscription_;
  absl::Duration last_write_ = absl::ZeroDuration();

 private:
  void OnBatch(absl::StatusOr<watch::FeedBatch> batch) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      asked_ = false;
      if (ended()) return;
      if (!batch.ok()) return End(Translate(batch.status()));
      Take(*std::move(batch));
    }
    Proceed();
  }

  void FinishNow() {
    absl::Status status = *ending_;
    if (!status.ok()) {
      const std::string token = ResumeToken();
      if (!token.empty()) context_->AddTrailingMetadata("topup-resume-token", token);
    }
    const grpc::Status on_wire = ToGrpcStatus(status, caller_.roles.see_cost);
    parts_.gate.CountEnd(method_, static_cast<absl::StatusCode>(on_wire.error_code()));
    busy_since_ = parts_.clock.Elapsed();
    this->Finish(on_wire);
  }

  void OnTimer() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (context_ == nullptr) return;
    const absl::Duration now = parts_.clock.Elapsed();
    if (busy_since_.has_value() && now - *busy_since_ >= parts_.write_limit) {
      // The client takes nothing. There is no polite way: an end would wait behind the write.
      parts_.cut_streams->Increment();
      context_->TryCancel();
    }
    Arm(ended() ? absl::InfiniteDuration() : Tick(now));
  }

  const Method method_;
  std::shared_ptr<WatchStream> self_;
  grpc::CallbackServerContext* context_;       // null once the call is over
  std::shared_ptr<const Response> in_flight_;  // must live until OnWriteDone
  // Since when gRPC has owed us the end of a write, or of the stream.
  std::optional<absl::Duration> busy_since_;
  std::optional<absl::Status> ending_;
  bool asked_ = false;  // a Next is on its way
  base::TaskLoop::TimerId timer_ = 0;
};

}  // namespace topup::api

#endif  // TOPUP_SERVER_API_WATCH_STREAM_H_
