#include "server/engine/price_comparison.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace topup::engine {
namespace {

void CompareMoney(absl::string_view name, core::Money recorded, core::Money replayed,
                  std::vector<std::string>& differences) {
  if (recorded == replayed) return;
  differences.push_back(
      absl::StrCat(name, " was ", recorded.ToString(), " and is ", replayed.ToString()));
}

std::string DescribeStep(const core::PriceStep& step) {
  return absl::StrCat("\"", step.description, "\" to ", step.price_after.ToString());
}

}  // namespace

std::string DescribeDifference(const core::PriceBreakdown& recorded,
                               const core::PriceBreakdown& replayed) {
  std::vector<std::string> differences;
  CompareMoney("the price", recorded.price, replayed.price, differences);
  CompareMoney("the cost", recorded.cost, replayed.cost, differences);
  CompareMoney("the profit", recorded.profit, replayed.profit, differences);
  CompareMoney("the face value", recorded.face_value, replayed.face_value, differences);
  if (recorded.strategies != replayed.strategies) {
    differences.emplace_back("the strategies are not the same");
  }
  const size_t steps = std::min(recorded.steps.size(), replayed.steps.size());
  for (size_t i = 0; i < steps; ++i) {
    if (recorded.steps[i] == replayed.steps[i]) continue;
    differences.push_back(absl::StrCat("step ", i + 1, " was ", DescribeStep(recorded.steps[i]),
                                       " and is ", DescribeStep(replayed.steps[i])));
  }
  if (recorded.steps.size() != replayed.steps.size()) {
    differences.push_back(absl::StrCat("there were ", recorded.steps.size(), " steps and are ",
                                       replayed.steps.size()));
  }
  return absl::StrJoin(differences, "; ");
}

}  // namespace topup::engine
