#include "server/api/watch_reactors.h"

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "server/api/request_checks.h"
#include "server/api/watch_stream.h"
#include "server/base/error.h"

namespace topup::api {
namespace {

// One top-up. The place in the feed is taken before the top-up is read, so that nothing can
// happen unseen between the two; what both show is recognised by its revision.
class TopupStream final : public WatchStream<v1::WatchTopupResponse> {
 public:
  TopupStream(WatchParts& parts, grpc::CallbackServerContext* context,
              const v1::WatchTopupRequest& request)
      : WatchStream(parts, context, Method::kWatchTopup), request_(request) {}

 private:
  void Begin() override {
    absl::StatusOr<WatchTopupCommand> command = CheckWatchTopup(request_, caller_.name);
    if (!command.ok()) {
      std::lock_guard<std::mutex> lock(mutex_);
      return End(command.status());
    }
    last_revision_ = command->after_revision;
    start_sequence_ = parts_.feed.LatestSequence();
    parts_.engine.Get(std::move(command->key), [self = Weak()](absl::StatusOr<core::Topup> topup) {
      if (auto stream = self.lock()) stream->OnTopup(std::move(topup));
    });
  }

  void OnTopup(absl::StatusOr<core::Topup> topup) {
    bool read_revisions = false;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (ended()) return;
      if (!topup.ok()) return End(topup.status());
      present_ = *std::move(topup);
      // With nothing seen, the past is of no interest: only its result.
      read_revisions = last_revision_ > 0 && last_revision_ < present_.revision;
      if (!read_revisions) {
        Push(present_);
        if (core::IsSettled(present_.status) && pending_.empty()) return End(absl::OkStatus());
        if (!FollowLive()) return;
      }
    }
    if (read_revisions) return ReadRevisions();
    Proceed();
  }

  void ReadRevisions() {
    int64_t after = 0;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      after = last_revision_;
    }
    parts_.history.ReadRevisions(present_.id, after,
                                 [self = Weak()](absl::StatusOr<std::vector<core::Event>> events) {
                                   if (auto stream = self.lock())
                                     stream->OnRevisions(std::move(events));
                                 });
  }

  void OnRevisions(absl::StatusOr<std::vector<core::Event>> events) {
    bool more = false;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (ended()) return;
      if (!events.ok()) return End(events.status());
      for (const core::Event& event : *events) Push(event.topup);
      more = static_cast<int>(events->size()) == watch::TopupHistory::kPageSize &&
             last_revision_ < present_.revision;
      if (!more) {
        // The present state is kept even where all events before it are not.
        Push(present_);
        if (!FollowLive()) return;
      }
    }
    if (more) return ReadRevisions();
    Proceed();
  }

  bool FollowLive() {
    if (core::IsSettled(present_.status)) return true;  // nothing can come any more
    return Subscribe({.caller = caller_.name, .statuses = {}, .topup_id = present_.id},
                     start_sequence_);
  }

  void Push(const core::Topup& topup) {
    if (topup.revision <= last_revision_) return;
    last_revision_ = topup.revision;
    pending_.push_back(topup);
  }

  std::shared_ptr<const v1::WatchTopupResponse> NextMessage() override {
    if (settled_shown_) {
      End(absl::OkStatus());
      return nullptr;
    }
    if (pending_.empty()) return nullptr;
    auto message = std::make_shared<v1::WatchTopupResponse>();
    ShowTopup(parts_.engine, pending_.front(), caller_.roles.see_cost, *message->mutable_topup());
    settled_shown_ = core::IsSettled(pending_.front().status);
    pending_.pop_front();
    return message;
  }

  void Take(watch::FeedBatch batch) override {
    for (const auto& event : batch.events) Push(event->topup);
  }

  absl::Duration Tick(absl::Duration) override { return absl::InfiniteDuration(); }

  std::weak_ptr<TopupStream> Weak() {
    return std::static_pointer_cast<TopupStream>(shared_from_this());
  }

  const v1::WatchTopupRequest request_;
  int64_t start_sequence_ = 0;
  core::Topup present_;  // constant once read
  // By the mutex:
  int64_t last_revision_ = 0;  // shown, or in `pending_`
  std::deque<core::Topup> pending_;
  bool settled_shown_ = false;
};

// All of a caller's changes, with heartbeats.
class TopupsStream final : public WatchStream<v1::WatchTopupsResponse> {
 public:
  TopupsStream(WatchParts& parts, grpc::CallbackServerContext* context,
               const v1::WatchTopupsRequest& request)
      : WatchStream(parts, context, Method::kWatchTopups), request_(request) {}

 private:
  void Begin() override {
    absl::StatusOr<WatchTopupsCommand> command = CheckWatchTopups(request_);
    if (!command.ok()) return Refuse(command.status());
    command_ = *std::move(command);
    statuses_ = MakeStatusSet(command_.statuses);
    if (command_.resume_token.empty() && !command_.from_oldest) {
      return Follow(parts_.feed.LatestSequence());
    }
    if (!command_.resume_token.empty()) {
      const absl::StatusOr<int64_t> resumed =
          parts_.resume_tokens.Open(caller_.name, command_.resume_token, statuses_);
      if (!resumed.ok()) return Refuse(resumed.status());
      resumed_ = *resumed;
    }
    parts_.history.FindRange([self = Weak()](absl::StatusOr<watch::TopupHistory::Range> range) {
      if (auto stream = self.lock()) stream->OnRange(std::move(range));
    });
  }

  void OnRange(absl::StatusOr<watch::TopupHistory::Range> range) {
    if (!range.ok()) return Refuse(range.status());
    if (!resumed_.has_value()) return Follow(range->oldest);
    if (*resumed_ < range->oldest) return Refuse(TooOldError(range->oldest));
    // The store has been put back to an earlier day: what the token stands for is not there.
    if (*resumed_ > range->latest) return Refuse(ResumeTokenInvalidError());
    Follow(*resumed_);
  }

  // From the event after `sequence` on.
  void Follow(int64_t sequence) {
    std::lock_guard<std::mutex> lock(mutex_);
    through_ = sequence;
    has_place_ = true;
    if (!Subscribe({.caller = caller_.name, .statuses = command_.statuses, .topup_id = ""},
                   sequence)) {
      return;
    }
    WriteHeartbeat();
    Arm(command_.heartbeat_interval);
  }

  void WriteHeartbeat() {
    auto message = std::make_shared<v1::WatchTopupsResponse>();
    message->mutable_heartbeat();
    message->set_resume_token(Token(through_));
    Write(std::move(message));
  }

  std::shared_ptr<const v1::WatchTopupsResponse> NextMessage() override {
    if (pending_.empty()) return nullptr;
    const std::shared_ptr<const core::Event> event = std::move(pending_.front());
    pending_.pop_front();
    through_ = event->sequence;
    return parts_.messages.For(*event, caller_.roles.see_cost, statuses_);
  }

  void Take(watch::FeedBatch batch) override {
    pending_.insert(pending_.end(), batch.events.begin(), batch.events.end());
  }

  absl::Duration Tick(absl::Duration now) override {
    const absl::Duration due = last_write_ + command_.heartbeat_interval;
    if (!idle()) return command_.heartbeat_interval;
    if (now < due) return due - now;
    through_ = subscription_->through_sequence();
    WriteHeartbeat();
    return command_.heartbeat_interval;
  }

  absl::Status Translate(absl::Status error) override {
    const std::optional<base::ErrorDetails> details = base::GetErrorDetails(error);
    if (!details.has_value() || details->reason != "RESUME_TOKEN_TOO_OLD") return error;
    int64_t oldest = 0;
    for (const auto& [name, value] : details->metadata) {
      if (name == "oldest_sequence" && !absl::SimpleAtoi(value, &oldest)) return error;
    }
    return TooOldError(oldest);
  }

  std::string ResumeToken() override { return has_place_ ? Token(through_) : ""; }

  std::string Token(int64_t sequence) const {
    return parts_.resume_tokens.Make(caller_.name, sequence, statuses_);
  }

  absl::Status TooOldError(int64_t oldest) const {
    const std::string token = Token(oldest);
    return base::MakeError(
        absl::StatusCode::kOutOfRange,
        "The events after this resume token are kept no longer: resume from the oldest token.",
        {.reason = "RESUME_TOKEN_TOO_OLD", .metadata = {{"oldest_resume_token", token}}});
  }

  void Refuse(absl::Status status) {
    std::lock_guard<std::mutex> lock(mutex_);
    End(std::move(status));
  }

  std::weak_ptr<TopupsStream> Weak() {
    return std::static_pointer_cast<TopupsStream>(shared_from_this());
  }

  const v1::WatchTopupsRequest request_;
  // Constant from Begin on:
  WatchTopupsCommand command_;
  StatusSet statuses_ = 0;
  std::optional<int64_t> resumed_;
  // By the mutex:
  std::deque<std::shared_ptr<const core::Event>> pending_;
  bool has_place_ = false;
  int64_t through_ = 0;  // everything up to here has been written, or is being written
};

template <typename Stream, typename Request>
Stream* StartStream(WatchParts& parts, grpc::CallbackServerContext* context,
                    const Request& request) {
  auto stream = std::make_shared<Stream>(parts, context, request);
  stream->Start();
  // gRPC calls OnDone only after it has been given the stream, which lives until then.
  return stream.get();
}

}  // namespace

grpc::ServerWriteReactor<v1::WatchTopupResponse>* StartWatchTopup(
    WatchParts& parts, grpc::CallbackServerContext* context, const v1::WatchTopupRequest& request) {
  return StartStream<TopupStream>(parts, context, request);
}

grpc::ServerWriteReactor<v1::WatchTopupsResponse>* StartWatchTopups(
    WatchParts& parts, grpc::CallbackServerContext* context,
    const v1::WatchTopupsRequest& request) {
  return StartStream<TopupsStream>(parts, context, request);
}

}  // namespace topup::api
