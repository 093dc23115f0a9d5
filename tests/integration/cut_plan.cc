#include "tests/integration/cut_plan.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace topup::integration {

void CutPlan::Add(std::vector<PlannedCut> cuts) {
  const std::lock_guard<std::mutex> lock(mutex_);
  waiting_.insert(waiting_.end(), cuts.begin(), cuts.end());
}

std::vector<PlannedCut> CutPlan::TakeRest() {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<PlannedCut> rest(waiting_.begin(), waiting_.end());
  waiting_.clear();
  rest.insert(rest.end(), missed_.begin(), missed_.end());
  missed_.clear();
  return rest;
}

CutAccount CutPlan::account() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return account_;
}

void CutPlan::OnRequest(absl::string_view request, support::ConnectionFate& fate) {
  if (!absl::StartsWith(request, "POST ")) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  const size_t size = request.size();
  account_.request_size_max = std::max(account_.request_size_max, size);
  // The same top-up has the same body, and no other has.
  const int post = ++posts_[std::string(request.substr(request.find("\r\n\r\n")))];
  if (on_retry_ && post == 1) {
    fate.request = support::Cut{};
    return;
  }
  if (post > (on_retry_ ? 2 : 1) || waiting_.empty()) return;
  const PlannedCut next = waiting_.front();
  waiting_.pop_front();
  switch (next.where) {
    case PlannedCut::Where::kRequest:
      if (next.cut.after_bytes >= static_cast<int64_t>(size)) {
        missed_.push_back(next);
        return;
      }
      fate.request = next.cut;
      account_.requests.insert({next.cut.after_bytes, next.cut.reset});
      return;
    case PlannedCut::Where::kReply:
      fate.reply = next.cut;
      return;
    case PlannedCut::Where::kNowhere:
      fate.one_byte_segments = true;
      ++account_.in_segments;
      return;
  }
}

void CutPlan::OnReply(absl::string_view request, absl::string_view reply,
                      support::ConnectionFate& fate) {
  if (!absl::StartsWith(request, "POST ")) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  account_.reply_size_max = std::max(account_.reply_size_max, reply.size());
  if (!fate.reply.has_value()) return;
  if (fate.reply->after_bytes < static_cast<int64_t>(reply.size())) {
    account_.replies.insert({fate.reply->after_bytes, fate.reply->reset});
  } else {
    missed_.push_back({PlannedCut::Where::kReply, *fate.reply});
    fate.reply.reset();
  }
}

}  // namespace topup::integration
