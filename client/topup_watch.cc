#include "client/topup_watch.h"

#include <deque>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace topup::client {
namespace {

// How many top-ups the second line of defence against repeats remembers. The first one is the
// resume token.
constexpr size_t kRememberedTopups = 10'000;

ClientError Cancelled() {
  ClientError error;
  error.code = absl::StatusCode::kCancelled;
  error.message = "The watch was cancelled.";
  return error;
}

// Of an error that this program did not make itself by cancelling.
bool MayPass(const ClientError& error) {
  switch (error.code) {
    case absl::StatusCode::kCancelled:  // the server cuts a stream that stalls
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
      return true;
    case absl::StatusCode::kResourceExhausted:
      return error.retry_after.has_value();
    default:
      return false;
  }
}

// Counts failures and waits between streams.
class Reconnects {
 public:
  Reconnects(const World& world, const FollowOptions& options) : world_(world), options_(options) {}

  void SeeProgress() { failures_ = 0; }

  // Waits for the next stream's turn. Returns why there is to be none.
  std::optional<ClientError> WaitAfter(const ClientError& error) {
    if (IsCancelled()) return Cancelled();
    if (!MayPass(error)) return error;
    // A stream that lived as long as streams may has not failed.
    const bool lifetime_over =
        error.code == absl::StatusCode::kDeadlineExceeded && error.reason.empty();
    failures_ = lifetime_over ? 1 : failures_ + 1;
    if (failures_ >= options_.failures_max) return error;
    const absl::Duration delay = error.retry_after.value_or(absl::ZeroDuration()) +
                                 Backoff(options_.backoff, failures_, world_.random_bits());
    if (options_.on_reconnect && !lifetime_over) options_.on_reconnect(error, delay);
    world_.sleep(delay, options_.cancellation);
    if (IsCancelled()) return Cancelled();
    return std::nullopt;
  }

 private:
  bool IsCancelled() const {
    return options_.cancellation != nullptr && options_.cancellation->cancelled();
  }

  const World& world_;
  const FollowOptions& options_;
  int failures_ = 0;
};

// The highest revision passed on, for the top-ups heard of last.
class SeenRevisions {
 public:
  // False where this revision, or a later one, was seen before.
  bool Add(const v1::Topup& topup) {
    const auto [entry, is_new] = revisions_.try_emplace(topup.topup_id(), topup.revision());
    if (is_new) {
      order_.push_back(topup.topup_id());
      if (order_.size() > kRememberedTopups) {
        revisions_.erase(order_.front());
        order_.pop_front();
      }
      return true;
    }
    if (topup.revision() <= entry->second) return false;
    entry->second = topup.revision();
    return true;
  }

 private:
  absl::flat_hash_map<std::string, int64_t> revisions_;
  std::deque<std::string> order_;
};

}  // namespace

bool IsSettled(const v1::Topup& topup) {
  switch (topup.status()) {
    case v1::TOPUP_STATUS_FULFILLED:
    case v1::TOPUP_STATUS_REFUNDED:
    case v1::TOPUP_STATUS_REJECTED:
    case v1::TOPUP_STATUS_CANCELLED:
      return true;
    default:
      return topup.has_settle_time();
  }
}

std::optional<std::string> OldestResumeToken(const ClientError& error) {
  if (error.reason != "RESUME_TOKEN_TOO_OLD") return std::nullopt;
  const auto token = error.metadata.find("oldest_resume_token");
  if (token == error.metadata.end()) return std::nullopt;
  return token->second;
}

Result<v1::Topup> FollowTopup(TopupClient& client, v1::WatchTopupRequest request,
                              absl::FunctionRef<bool(const v1::Topup&)> on_revision,
                              const World& world, const FollowOptions& options) {
  const CallOptions call{.cancellation = options.cancellation};
  Reconnects reconnects(world, options);
  v1::Topup newest;
  bool stopped = false;
  const auto take = [&](const v1::Topup& topup) {
    if (topup.revision() <= request.after_revision()) return;
    request.set_after_revision(topup.revision());
    newest = topup;
    stopped = !on_revision(topup);
  };
  while (true) {
    std::optional<ClientError> error = client.StreamTopup(
        request,
        [&](const v1::WatchTopupResponse& message) {
          reconnects.SeeProgress();
          take(message.topup());
          return !stopped;
        },
        call);
    if (stopped || IsSettled(newest)) return newest;
    if (!error.has_value()) {
      // Ended well, yet not settled as far as this watch has seen: the settled revision was seen
      // before it began, or somebody between closed the stream. The top-up itself knows.
      v1::GetTopupRequest key;
      if (request.has_ref()) key.set_ref(request.ref());
      if (request.has_topup_id()) key.set_topup_id(request.topup_id());
      Result<v1::GetTopupResponse> now = client.Get(key, call);
      if (now.ok()) {
        take(now->topup());
        if (stopped || IsSettled(now->topup())) return std::move(*now->mutable_topup());
        error.emplace();
        error->code = absl::StatusCode::kUnavailable;
        error->message = "The stream ended before the top-up was settled.";
      } else {
        error = now.error();
      }
    }
    if (std::optional<ClientError> end = reconnects.WaitAfter(*error)) return *std::move(end);
  }
}

FollowEnd FollowTopups(
    TopupClient& client, v1::WatchTopupsRequest request,
    absl::FunctionRef<bool(const v1::Topup* topup, const std::string& resume_token)> on_event,
    const World& world, const FollowOptions& options) {
  const CallOptions call{.cancellation = options.cancellation};
  Reconnects reconnects(world, options);
  SeenRevisions seen;
  bool stopped = false;
  while (true) {
    std::optional<ClientError> error = client.StreamTopups(
        request,
        [&](const v1::WatchTopupsResponse& message) {
          reconnects.SeeProgress();
          const bool is_repeat = message.has_topup() && !seen.Add(message.topup());
          if (!is_repeat) {
            stopped =
                !on_event(message.has_topup() ? &message.topup() : nullptr, message.resume_token());
          }
          // After the callback: what it threw away by stopping is not behind the token.
          if (!message.resume_token().empty()) {
            request.set_resume_token(message.resume_token());
            request.set_from_oldest(false);
          }
          return !stopped;
        },
        call);
    if (stopped) return {.error = std::nullopt, .resume_token = request.resume_token()};
    if (!error.has_value()) {
      error.emplace();
      error->code = absl::StatusCode::kUnavailable;
      error->message = "The stream ended by itself.";
    }
    if (std::optional<ClientError> end = reconnects.WaitAfter(*error)) {
      return {.error = *std::move(end), .resume_token = request.resume_token()};
    }
  }
}

}  // namespace topup::client
