#include "server/engine/topup_waiters.h"

#include <utility>

#include "server/core/protocol.h"

namespace topup::engine {

bool HasReached(const core::Topup& topup, WaitFor wait_for) {
  if (wait_for == WaitFor::kRecorded || core::IsSettled(topup.status) || core::IsInDoubt(topup)) {
    return true;
  }
  if (topup.status == core::TopupStatus::kUnknownError) {
    return true;
  }
  return wait_for == WaitFor::kSubmitted && (topup.status == core::TopupStatus::kPending ||
                                             topup.status == core::TopupStatus::kHandling);
}

void TopupWaiters::Wait(const core::Topup& topup, Enough enough, absl::Duration patience,
                        Answer answer) {
  if (closed_ || enough(topup) || patience <= absl::ZeroDuration()) {
    answer(topup);
    return;
  }
  const uint64_t waiter_id = next_waiter_id_++;
  Waiter& waiter = waiters_[topup.id][waiter_id];
  waiter.enough = std::move(enough);
  waiter.latest = topup;
  waiter.answer = std::move(answer);
  waiter.timer = loop_.PostAfter(
      patience, [this, topup_id = topup.id, waiter_id] { TimeUp(topup_id, waiter_id); });
}

void TopupWaiters::Committed(const core::Topup& topup) {
  const auto found = waiters_.find(topup.id);
  if (found == waiters_.end()) {
    return;
  }
  for (auto entry = found->second.begin(); entry != found->second.end();) {
    Waiter& waiter = entry->second;
    if (topup.version > waiter.latest.version) waiter.latest = topup;
    if (!waiter.enough(waiter.latest)) {
      ++entry;
      continue;
    }
    loop_.Cancel(waiter.timer);
    waiter.answer(waiter.latest);
    entry = found->second.erase(entry);
  }
  if (found->second.empty()) waiters_.erase(found);
}

void TopupWaiters::AnswerAll() {
  closed_ = true;
  for (auto& [topup_id, waiters] : waiters_) {
    for (auto& [waiter_id, waiter] : waiters) {
      loop_.Cancel(waiter.timer);
      waiter.answer(waiter.latest);
    }
  }
  waiters_.clear();
}

void TopupWaiters::TimeUp(const std::string& topup_id, uint64_t waiter_id) {
  const auto found = waiters_.find(topup_id);
  if (found == waiters_.end()) return;
  const auto entry = found->second.find(waiter_id);
  if (entry == found->second.end()) return;
  const Waiter waiter = std::move(entry->second);
  found->second.erase(entry);
  if (found->second.empty()) waiters_.erase(found);
  waiter.answer(waiter.latest);
}

}  // namespace topup::engine
