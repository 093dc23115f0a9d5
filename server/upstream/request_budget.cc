#include "server/upstream/request_budget.h"

#include <algorithm>

namespace topup::upstream {
namespace {

constexpr absl::Duration kMinute = absl::Seconds(60);
constexpr absl::Duration kMoment = absl::Seconds(3);
constexpr int kCeilingMax = 1'000'000;

// Clocks of the two sides tick apart: a window is closed at both ends, so that a request
// counts until strictly more than the window has passed.
constexpr absl::Duration kTick = absl::Nanoseconds(1);

constexpr absl::Duration kPauseMin = absl::Seconds(1);
constexpr absl::Duration kPauseMax = absl::Minutes(15);
constexpr absl::Duration kFirstPause = absl::Seconds(5);
constexpr absl::Duration kGuessedPauseMax = absl::Seconds(60);

// Inverse weights of send 4, status 2, other 1; doubt is not in this queue.
constexpr int64_t kStep[] = {0, 1, 2, 4};

// Kinds that share what doubt leaves; earlier ones win ties.
constexpr RequestKind kSharing[] = {RequestKind::kSend, RequestKind::kStatus, RequestKind::kOther};

bool IsWaiting(RequestKind kind, const BudgetDemand& waiting) {
  switch (kind) {
    case RequestKind::kDoubt:
      return waiting.doubt;
    case RequestKind::kSend:
      return waiting.send;
    case RequestKind::kStatus:
      return waiting.status;
    case RequestKind::kOther:
      return waiting.other;
  }
  return false;
}

void DropOlder(absl::Duration now, absl::Duration window, std::deque<absl::Duration>& starts) {
  while (!starts.empty() && now - starts.front() > window) starts.pop_front();
}

// When a window that holds `starts` takes one more.
absl::Duration RoomAt(const std::deque<absl::Duration>& starts, absl::Duration window, int limit,
                      absl::Duration now) {
  const int used = static_cast<int>(starts.size());
  if (used < limit) return now;
  return std::max(now, starts[used - limit] + window + kTick);
}

}  // namespace

RequestBudget::RequestBudget(int requests_per_minute)
    : ceiling_(std::clamp(requests_per_minute, 1, kCeilingMax)),
      burst_(std::max(1, ceiling_ / 20)),
      other_patience_(std::max(kMinute, 20 * kMinute / ceiling_)),
      latest_(-absl::InfiniteDuration()),
      next_pause_(kFirstPause) {}

bool RequestBudget::TryTake(RequestKind kind, absl::Duration now, const BudgetDemand& waiting) {
  std::lock_guard<std::mutex> lock(mutex_);
  now = latest_ = std::max(now, latest_);
  DropOlder(now, kMinute, minute_);
  DropOlder(now, kMoment, moment_);
  if (LimitsAllowAt(now) > now || FirstInLine(now, kind, waiting) != kind) return false;
  Count(kind, now);
  return true;
}

absl::Duration RequestBudget::NextChance(RequestKind kind, absl::Duration now,
                                         const BudgetDemand& waiting) const {
  std::lock_guard<std::mutex> lock(mutex_);
  now = std::max(now, latest_);
  const absl::Duration allowed = LimitsAllowAt(now);
  if (FirstInLine(allowed, kind, waiting) == kind) return allowed;
  return std::max(allowed, now + kMoment / burst_);
}

void RequestBudget::SlowDown(std::optional<absl::Duration> retry_after, absl::Duration now) {
  std::lock_guard<std::mutex> lock(mutex_);
  now = latest_ = std::max(now, latest_);
  if (retry_after.has_value()) {
    const absl::Duration pause = std::clamp(*retry_after, kPauseMin, kPauseMax);
    pause_end_ = std::max(pause_end_, now + pause);
    return;
  }
  // Several requests are under way at once; their refusals are one event.
  if (now < pause_end_) return;
  if (now - pause_end_ > kMinute) next_pause_ = kFirstPause;
  pause_end_ = now + next_pause_;
  next_pause_ = std::min(2 * next_pause_, kGuessedPauseMax);
}

int RequestBudget::UsedLastMinute(absl::Duration now) const {
  std::lock_guard<std::mutex> lock(mutex_);
  now = std::max(now, latest_);
  return static_cast<int>(
      std::count_if(minute_.begin(), minute_.end(),
                    [now](absl::Duration start) { return now - start <= kMinute; }));
}

absl::Duration RequestBudget::LimitsAllowAt(absl::Duration now) const {
  return std::max({now, pause_end_, RoomAt(minute_, kMinute, ceiling_, now),
                   RoomAt(moment_, kMoment, burst_, now)});
}

RequestKind RequestBudget::FirstInLine(absl::Duration now, RequestKind kind,
                                       const BudgetDemand& waiting) const {
  const auto waits = [&](RequestKind other) { return other == kind || IsWaiting(other, waiting); };
  if (waits(RequestKind::kDoubt)) {
    const bool overdue = !last_other_.has_value() || now - *last_other_ > other_patience_;
    return overdue && waits(RequestKind::kOther) ? RequestKind::kOther : RequestKind::kDoubt;
  }
  RequestKind first = kind;
  int64_t least = ahead_[static_cast<int>(kind)];
  bool found = false;
  for (RequestKind candidate : kSharing) {
    if (!waits(candidate)) continue;
    const int64_t place = std::max(ahead_[static_cast<int>(candidate)], turn_);
    if (!found || place < least) {
      first = candidate;
      least = place;
      found = true;
    }
  }
  return first;
}

void RequestBudget::Count(RequestKind kind, absl::Duration now) {
  minute_.push_back(now);
  moment_.push_back(now);
  if (kind == RequestKind::kOther) last_other_ = now;
  if (kind == RequestKind::kDoubt) return;
  const int index = static_cast<int>(kind);
  turn_ = std::max(ahead_[index], turn_);
  ahead_[index] = turn_ + kStep[index];
}

}  // namespace topup::upstream
