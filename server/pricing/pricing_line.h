// The configuration in force and those before it, which its prices are compared with.
#ifndef TOPUP_SERVER_PRICING_PRICING_LINE_H_
#define TOPUP_SERVER_PRICING_PRICING_LINE_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "server/core/price.h"
#include "server/pricing/pricer.h"
#include "server/pricing/pricing_set.h"

namespace topup::pricing {

// Thread-safe. Whoever holds it can go on pricing with it, whatever has come into force since.
class PricingLine : public Pricer {
 public:
  // So many configurations before the one in force are kept, to compare prices with.
  static constexpr size_t kBeforeMax = 3;

  // `set` in force, before what `old` holds (null: nothing). Of more than kBeforeMax, those that
  // never priced anything are forgotten first. With a configuration that is in force already, or
  // is one of those before, everything that came after it is forgotten: it is compared with what
  // it was compared with when it was new.
  static std::shared_ptr<const PricingLine> Extend(std::shared_ptr<const PricingSet> set,
                                                   const PricingLine* old);

  // A set and whether it priced anything while it was in force.
  struct Before {
    std::shared_ptr<const PricingSet> set;
    bool has_priced = false;
  };

  // `set` in force, compared with `before`, the latest first: as it was once, whatever has been
  // in force since. Of `before` kBeforeMax at most are taken.
  static std::shared_ptr<const PricingLine> Restore(Before in_force, std::vector<Before> before);

  const std::shared_ptr<const PricingSet>& in_force() const { return periods_.front().set; }

  // What the one in force is compared with, the latest first.
  std::vector<Before> before() const;

  // As the set in force decides. The price before is that of the latest of those before that
  // would have sold the request.
  PricingDecision Decide(const PricingRequest& request) const { return DecideAt(0, request); }

  absl::StatusOr<core::PriceBreakdown> Price(const PricingRequest& request) const override {
    return Decide(request).price;
  }

  // The set in force has priced something that counts.
  void NotePriced() const;

 private:
  struct Period {
    std::shared_ptr<const PricingSet> set;
    std::shared_ptr<std::atomic<bool>> has_priced;  // anything, while it was in force
  };

  explicit PricingLine(std::vector<Period> periods) : periods_(std::move(periods)) {}

  PricingDecision DecideAt(size_t at, const PricingRequest& request) const;

  const std::vector<Period> periods_;  // the latest first; never empty
};

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_PRICING_LINE_H_
