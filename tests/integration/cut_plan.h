// Hands out the cuts, one to each POST, and keeps account of them.
#ifndef TOPUP_TESTS_INTEGRATION_CUT_PLAN_H_
#define TOPUP_TESTS_INTEGRATION_CUT_PLAN_H_

#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/support/chaos_proxy.h"

namespace topup::integration {

struct PlannedCut {
  enum class Where { kRequest, kReply, kNowhere };  // kNowhere: whole, one byte a segment
  Where where = Where::kNowhere;
  support::Cut cut;
};

// What was seen and done so far.
struct CutAccount {
  // By bytes that went through and whether the end was a reset.
  std::set<std::pair<int64_t, bool>> requests;
  std::set<std::pair<int64_t, bool>> replies;
  int in_segments = 0;
  size_t request_size_max = 0;
  size_t reply_size_max = 0;
};

// Thread-safe.
class CutPlan : public support::ChaosPlan {
 public:
  // `on_retry`: the first POST of each top-up is lost, and the second one meets the cut.
  explicit CutPlan(bool on_retry) : on_retry_(on_retry) {}

  // To be made next, in this order. POSTs for which there is none go through as they are.
  void Add(std::vector<PlannedCut> cuts);
  // Cuts that were not made: still waiting, or for an answer that was shorter than they want.
  std::vector<PlannedCut> TakeRest();
  CutAccount account() const;

  void OnRequest(absl::string_view request, support::ConnectionFate& fate) override;
  void OnReply(absl::string_view request, absl::string_view reply,
               support::ConnectionFate& fate) override;

 private:
  const bool on_retry_;
  mutable std::mutex mutex_;  // guards the rest
  std::deque<PlannedCut> waiting_;
  std::vector<PlannedCut> missed_;
  std::map<std::string, int> posts_;  // by the request's body
  CutAccount account_;
};

}  // namespace topup::integration

#endif  // TOPUP_TESTS_INTEGRATION_CUT_PLAN_H_
