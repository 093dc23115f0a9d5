// Pricing configurations of which each price tells what it is of: in a chain of three strategies,
// all three are configured otherwise in each.
#ifndef TOPUP_TESTS_PROCESS_PRICING_VARIANTS_H_
#define TOPUP_TESTS_PROCESS_PRICING_VARIANTS_H_

#include <array>
#include <map>
#include <string>
#include <vector>

#include "topup/v1/topup_service.pb.h"

namespace topup::process {

// The libraries of the chain, in its order.
constexpr std::array<const char*, 3> kChainLibraries = {"libpercentage_markup.so",
                                                        "libfixed_fee.so", "libtiered.so"};

// Of a chain that no request is routed to: as many of its strategies live as sets of prices do.
constexpr char kCountingLibrary[] = "libholds_a_file.so";

// Thread-safe: constant after construction.
class PricingVariants {
 public:
  static constexpr int kNone = -1;
  // Below it two of them may give one price.
  static constexpr int64_t kAmountMinDzd = 1000;

  // `library_digests`: of kChainLibraries.
  PricingVariants(int count, std::array<std::string, 3> library_digests);

  int count() const { return static_cast<int>(variants_.size()); }
  const std::string& text(int variant) const { return variants_[size_t(variant)].text; }
  const std::string& digest(int variant) const { return variants_[size_t(variant)].digest; }

  // By the digest of a configuration; kNone where it is of none.
  int Find(const std::string& digest) const;

  // What in `price` is not what the configuration that it names makes of its cost: the price, a
  // step, a strategy's identity. Reckoned here, by nothing of the product's. Empty: nothing.
  std::string Mixture(const v1::PriceBreakdown& price) const;

 private:
  struct Variant {
    std::string text;
    std::string digest;
    std::array<std::string, 3> config_digests;
  };

  const std::array<std::string, 3> library_digests_;
  std::vector<Variant> variants_;
  std::map<std::string, int> by_digest_;
};

}  // namespace topup::process

#endif  // TOPUP_TESTS_PROCESS_PRICING_VARIANTS_H_
