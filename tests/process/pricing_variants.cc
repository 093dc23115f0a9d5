#include "tests/process/pricing_variants.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/signer.h"

namespace topup::process {
namespace {

constexpr int64_t kPpm = 1'000'000;

// From 960 DZD of cost on, each of them moves the price by some centimes from one to the next.
int64_t MarkupPpm(int variant) { return 10'000 + 100 * int64_t{variant}; }
int64_t FeeCentimes(int variant) { return 100 + int64_t{variant}; }
int64_t TierPpm(int variant) { return 5'000 + 200 * int64_t{variant}; }

int64_t MarkUp(int64_t centimes, int64_t ppm) {
  return (centimes * (kPpm + ppm) + kPpm - 1) / kPpm;
}

// 12500 is "1.25 %".
std::string PercentText(int64_t ppm) {
  std::string text = absl::StrFormat("%d.%04d", ppm / 10'000, ppm % 10'000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + " %";
}

std::array<std::string, 3> Configs(int variant) {
  return {absl::StrCat("{\"markup_ppm\": ", MarkupPpm(variant), "}"),
          absl::StrCat("{\"fee_centimes\": ", FeeCentimes(variant), "}"),
          absl::StrCat("{\"tiers\": [{\"markup_ppm\": ", TierPpm(variant), "}]}")};
}

struct Step {
  std::string begins;  // what it says, or how that begins
  int64_t price_after;
};

std::array<Step, 3> Steps(int variant, int64_t cost) {
  const int64_t marked_up = MarkUp(cost, MarkupPpm(variant));
  const int64_t with_fee = marked_up + FeeCentimes(variant);
  const int64_t fee = FeeCentimes(variant);
  return {{{"markup " + PercentText(MarkupPpm(variant)), marked_up},
           {fee % 100 == 0 ? absl::StrCat("fee ", fee / 100, " DZD")
                           : absl::StrFormat("fee %d.%02d DZD", fee / 100, fee % 100),
            with_fee},
           {absl::StrCat("markup ", PercentText(TierPpm(variant)), " up to "),
            MarkUp(with_fee, TierPpm(variant))}}};
}

}  // namespace

PricingVariants::PricingVariants(int count, std::array<std::string, 3> library_digests)
    : library_digests_(std::move(library_digests)) {
  for (int variant = 0; variant < count; ++variant) {
    Variant made;
    made.text = absl::StrCat(
        "default_chain: 'all'\nchain {\n  name: 'held'\n  strategy { library: '", kCountingLibrary,
        "' config: '{\"of\": ", variant, "}' }\n}\nchain {\n  name: 'all'\n");
    const std::array<std::string, 3> configs = Configs(variant);
    for (size_t i = 0; i < configs.size(); ++i) {
      absl::StrAppend(&made.text, "  strategy { library: '", kChainLibraries[i], "' config: '",
                      configs[i], "' }\n");
      made.config_digests[i] = base::Sha256Hex(configs[i]);
    }
    made.text += "}\n";
    made.digest = base::Sha256Hex(made.text);
    by_digest_.emplace(made.digest, variant);
    variants_.push_back(std::move(made));
  }
}

int PricingVariants::Find(const std::string& digest) const {
  const auto found = by_digest_.find(digest);
  return found == by_digest_.end() ? kNone : found->second;
}

std::string PricingVariants::Mixture(const v1::PriceBreakdown& price) const {
  const int variant = Find(price.inputs().config_digest());
  if (variant == kNone) {
    return absl::StrCat("the configuration is none: ", price.inputs().config_digest());
  }
  if (price.strategies_size() != 3 || price.steps_size() != 3) {
    return absl::StrCat(price.strategies_size(), " strategies and ", price.steps_size(), " steps");
  }
  const std::array<Step, 3> steps = Steps(variant, price.cost().centimes());
  for (int i = 0; i < 3; ++i) {
    const auto at = static_cast<size_t>(i);
    const v1::PricingStrategy& strategy = price.strategies(i);
    if (strategy.config_digest() != variants_[size_t(variant)].config_digests[at]) {
      return absl::StrCat("strategy ", i, " is not configured as in variant ", variant);
    }
    if (strategy.library_digest() != library_digests_[at]) {
      return absl::StrCat("strategy ", i, " is of library ", strategy.library_digest());
    }
    const v1::PriceStep& step = price.steps(i);
    if (step.price_after().centimes() != steps[at].price_after ||
        step.description().rfind(steps[at].begins, 0) != 0) {
      return absl::StrCat("step ", i, " is \"", step.description(), "\" to ",
                          step.price_after().centimes(), ", not \"", steps[at].begins, "\" to ",
                          steps[at].price_after);
    }
  }
  if (price.price().centimes() != steps[2].price_after ||
      price.profit().centimes() != price.price().centimes() - price.cost().centimes()) {
    return absl::StrCat("the price is ", price.price().centimes(), ", not ", steps[2].price_after);
  }
  return "";
}

}  // namespace topup::process
