#include "server/engine/ref_book.h"

#include <algorithm>
#include <vector>

#include "server/base/error.h"

namespace topup::engine {
namespace {

constexpr absl::Duration kPatienceMax = absl::Seconds(60);

absl::Status NotKnown() {
  return base::MakeError(absl::StatusCode::kUnavailable,
                         "A send with this ref is being recorded: repeat with the same ref.",
                         {.reason = "STORAGE_UNAVAILABLE", .retry_after = absl::Seconds(1)});
}

}  // namespace

void RefBook::BeginSend(const std::string& caller, const std::string& ref) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++sends_[{caller, ref}].under_way;
}

void RefBook::EndSend(const std::string& caller, const std::string& ref) {
  const Key key(caller, ref);
  std::map<uint64_t, Waiter> waiters;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto sends = sends_.find(key);
    if (--sends->second.under_way > 0) return;
    waiters.swap(sends->second.waiters);
    sends_.erase(sends);
  }
  for (const auto& [id, waiter] : waiters) {
    parts_.loop.Cancel(waiter.timer);
    FindAgain(key, waiter.found);
  }
}

bool RefBook::Find(const std::string& caller, const std::string& ref, absl::Time answer_by,
                   Found found) {
  return parts_.reads.TryPost([this, key = Key(caller, ref), answer_by, found = std::move(found)] {
    // In this order: a send that ends in between has been seen by one of the two.
    const bool under_way = IsUnderWay(key);
    absl::StatusOr<core::Topup> topup = Read(key);
    if (!under_way || !absl::IsNotFound(topup.status())) {
      found(std::move(topup));
    } else if (!WaitForSends(key, answer_by, found)) {
      found(Read(key));
    }
  });
}

void RefBook::StopWaiting() {
  std::vector<Waiter> waiting;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
    for (auto& [key, sends] : sends_) {
      for (auto& [id, waiter] : sends.waiters) waiting.push_back(std::move(waiter));
      sends.waiters.clear();
    }
  }
  for (const Waiter& waiter : waiting) {
    parts_.loop.Cancel(waiter.timer);
    waiter.found(NotKnown());
  }
}

bool RefBook::IsUnderWay(const Key& key) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return sends_.contains(key);
}

absl::StatusOr<core::Topup> RefBook::Read(const Key& key) const {
  return parts_.store.FindByRef(key.first, key.second);
}

bool RefBook::WaitForSends(const Key& key, absl::Time answer_by, const Found& found) {
  const absl::Duration time_left = std::min(answer_by - parts_.clock.Now(), kPatienceMax);
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto sends = sends_.find(key);
  if (sends == sends_.end()) return false;
  const uint64_t id = next_waiter_id_++;
  const absl::Duration patience =
      closed_ ? absl::ZeroDuration() : std::max(time_left, absl::ZeroDuration());
  const base::TaskLoop::TimerId timer =
      parts_.loop.PostAfter(patience, [this, key, id] { TimeUp(key, id); });
  sends->second.waiters[id] = {.found = found, .timer = timer};
  return true;
}

void RefBook::FindAgain(const Key& key, const Found& found) {
  if (!parts_.reads.TryPost([this, key, found] { found(Read(key)); })) found(NotKnown());
}

void RefBook::TimeUp(const Key& key, uint64_t waiter_id) {
  Found found;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto sends = sends_.find(key);
    if (sends == sends_.end()) return;
    const auto waiter = sends->second.waiters.find(waiter_id);
    if (waiter == sends->second.waiters.end()) return;
    found = std::move(waiter->second.found);
    sends->second.waiters.erase(waiter);
  }
  found(NotKnown());
}

}  // namespace topup::engine
