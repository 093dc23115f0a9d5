#include "server/pricing/pricing_line.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace topup::pricing {

std::shared_ptr<const PricingLine> PricingLine::Extend(std::shared_ptr<const PricingSet> set,
                                                       const PricingLine* old) {
  std::vector<Period> periods = {
      {.set = set, .has_priced = std::make_shared<std::atomic<bool>>(false)}};
  if (old != nullptr) {
    const std::vector<Period>& before = old->periods_;
    const auto same = std::find_if(before.begin(), before.end(), [&set](const Period& period) {
      return period.set->IsSameAs(*set);
    });
    if (same != before.end()) periods.front().has_priced = same->has_priced;
    periods.insert(periods.end(), same == before.end() ? before.begin() : same + 1, before.end());
  }
  if (periods.size() > kBeforeMax + 1) {
    const auto unused = std::find_if(periods.rbegin(), periods.rend() - 1,
                                     [](const Period& period) { return !*period.has_priced; });
    periods.erase(unused == periods.rend() - 1 ? periods.end() - 1 : unused.base() - 1);
  }
  return std::shared_ptr<const PricingLine>(new PricingLine(std::move(periods)));
}

std::shared_ptr<const PricingLine> PricingLine::Restore(Before in_force,
                                                        std::vector<Before> before) {
  std::vector<Period> periods;
  const auto add = [&periods](Before period) {
    periods.push_back({.set = std::move(period.set),
                       .has_priced = std::make_shared<std::atomic<bool>>(period.has_priced)});
  };
  add(std::move(in_force));
  for (Before& period : before) {
    if (periods.size() <= kBeforeMax) add(std::move(period));
  }
  return std::shared_ptr<const PricingLine>(new PricingLine(std::move(periods)));
}

std::vector<PricingLine::Before> PricingLine::before() const {
  std::vector<Before> before;
  for (size_t i = 1; i < periods_.size(); ++i) {
    before.push_back({.set = periods_[i].set, .has_priced = *periods_[i].has_priced});
  }
  return before;
}

PricingDecision PricingLine::DecideAt(size_t at, const PricingRequest& request) const {
  return periods_[at].set->Decide(request, [&]() -> std::optional<core::Money> {
    for (size_t before = at + 1; before < periods_.size(); ++before) {
      const PricingDecision then = DecideAt(before, request);
      if (then.price.ok()) return then.price->price;
    }
    return std::nullopt;
  });
}

void PricingLine::NotePriced() const {
  // Written once and not for each price, so that threads do not wait for each other's cache.
  std::atomic<bool>& has_priced = *periods_.front().has_priced;
  if (!has_priced) has_priced = true;
}

}  // namespace topup::pricing
