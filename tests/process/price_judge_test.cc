// That what judges the prices of a soak, and the size of its process, notices what is wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/signer.h"
#include "tests/process/price_timeline.h"
#include "tests/process/pricing_variants.h"
#include "tests/process/process_size.h"

namespace topup::process {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class PricingVariantsTest : public testing::Test {
 protected:
  // 1000 DZD at 0.98 by variant 50: 1.5 %, 1.50 DZD and 1.5 %, worked out by hand.
  PricingVariantsTest() {
    price_.mutable_cost()->set_centimes(98000);
    price_.mutable_price()->set_centimes(101115);
    price_.mutable_profit()->set_centimes(3115);
    AddStrategy("a", "{\"markup_ppm\": 15000}", "markup 1.5 %", 99470);
    AddStrategy("b", "{\"fee_centimes\": 150}", "fee 1.50 DZD", 99620);
    AddStrategy("c", "{\"tiers\": [{\"markup_ppm\": 15000}]}", "markup 1.5 % up to 5 DZD", 101115);
    price_.mutable_inputs()->set_config_digest(variants_.digest(50));
  }

  void AddStrategy(const char* library, const char* config, const char* step, int64_t centimes) {
    v1::PricingStrategy& strategy = *price_.add_strategies();
    strategy.set_library_digest(library);
    strategy.set_config_digest(base::Sha256Hex(config));
    price_.add_steps()->set_description(step);
    price_.mutable_steps()->rbegin()->mutable_price_after()->set_centimes(centimes);
  }

  const PricingVariants variants_{100, {"a", "b", "c"}};
  v1::PriceBreakdown price_;
};

TEST_F(PricingVariantsTest, ThePriceOfOneConfigurationIsNoMixture) {
  EXPECT_EQ(variants_.Mixture(price_), "");
  EXPECT_EQ(variants_.Find(price_.inputs().config_digest()), 50);
}

TEST_F(PricingVariantsTest, AnyPartOfAnotherConfigurationIsAMixture) {
  const std::function<void(v1::PriceBreakdown&)> changes[] = {
      [this](auto& price) { price.mutable_inputs()->set_config_digest(variants_.digest(51)); },
      [](auto& price) { price.mutable_inputs()->clear_config_digest(); },
      [](auto& price) {
        price.mutable_strategies(0)->set_config_digest(base::Sha256Hex("{\"markup_ppm\": 15100}"));
      },
      [](auto& price) {
        price.mutable_strategies(2)->set_config_digest(price.strategies(1).config_digest());
      },
      [](auto& price) { price.mutable_strategies(1)->set_library_digest("a"); },
      [](auto& price) { price.mutable_steps(0)->set_description("markup 1.51 %"); },
      [](auto& price) { price.mutable_steps(1)->mutable_price_after()->set_centimes(99621); },
      [](auto& price) { price.mutable_steps()->RemoveLast(); },
      [](auto& price) { price.mutable_price()->set_centimes(101116); },
      [](auto& price) { price.mutable_profit()->set_centimes(3114); }};
  for (const auto& change : changes) {
    v1::PriceBreakdown changed = price_;
    change(changed);
    EXPECT_NE(variants_.Mixture(changed), "") << changed.ShortDebugString();
  }
}

// Otherwise a price would not tell what it is of.
TEST_F(PricingVariantsTest, NoPriceAndNoStepFitsTwoConfigurations) {
  for (int variant = 0; variant < variants_.count(); ++variant) {
    if (variant == 50) continue;
    price_.mutable_inputs()->set_config_digest(variants_.digest(variant));
    for (v1::PricingStrategy& strategy : *price_.mutable_strategies()) {
      strategy.clear_config_digest();
    }
    EXPECT_NE(variants_.Mixture(price_), "") << variant;
    EXPECT_NE(variants_.text(variant), variants_.text(50));
  }
}

// Variant 7 from the start, 8 from somewhere in 10..20 on, 9 from 30..40 on.
class PriceTimelineTest : public testing::Test {
 protected:
  std::vector<size_t> Misdated(int64_t start, int64_t end, int variant) {
    return FindMisdated({{0, 0, 7}, {10, 20, 8}, {30, 40, 9}}, {{start, end, variant}});
  }
};

TEST_F(PriceTimelineTest, WhileAChangeGoesOnBothAreInForce) {
  EXPECT_THAT(Misdated(12, 13, 7), IsEmpty());
  EXPECT_THAT(Misdated(12, 13, 8), IsEmpty());
  EXPECT_THAT(Misdated(20, 20, 7), IsEmpty());
  EXPECT_THAT(Misdated(5, 10, 8), IsEmpty());
}

TEST_F(PriceTimelineTest, ACallThatTakesLongMayBeOfAnyInBetween) {
  for (const int variant : {7, 8, 9}) EXPECT_THAT(Misdated(5, 50, variant), IsEmpty());
}

TEST_F(PriceTimelineTest, WhatIsNotYetOrNoLongerInForceIsNoticed) {
  EXPECT_THAT(Misdated(5, 9, 8), ElementsAre(0));
  EXPECT_THAT(Misdated(21, 25, 7), ElementsAre(0));
  EXPECT_THAT(Misdated(21, 25, 9), ElementsAre(0));
  EXPECT_THAT(Misdated(41, 50, 8), ElementsAre(0));
  EXPECT_THAT(Misdated(41, 50, 6), ElementsAre(0));
}

TEST_F(PriceTimelineTest, WhatIsInForceAgainIsGood) {
  const std::vector<PriceChange> back = {{0, 0, 7}, {10, 20, 8}, {30, 40, 7}};
  EXPECT_THAT(FindMisdated(back, {{41, 42, 7}, {22, 25, 7}}), ElementsAre(1));
}

TEST(FindGrowthTest, OfLibrariesNothingMayGrowAndOfTheRestWhatIsAllowed) {
  const ProcessSize size = {.resident_kib = 1000,
                            .libraries = 3,
                            .library_mappings = 11,
                            .library_descriptors = 3,
                            .strategies = 2,
                            .descriptors = 30};
  const GrowthLimits limits = {
      .libraries = 3, .strategies = 4, .descriptors = 5, .resident_kib = 100};
  ProcessSize larger = size;
  larger.resident_kib += 100;
  larger.strategies += 4;
  larger.descriptors += 5;
  EXPECT_THAT(FindGrowth(size, larger, limits), IsEmpty());
  ++larger.resident_kib;
  ++larger.strategies;
  ++larger.descriptors;
  ++larger.library_mappings;
  ++larger.library_descriptors;
  EXPECT_THAT(FindGrowth(size, larger, limits), SizeIs(5));
  ProcessSize none = size;
  none.libraries = 0;
  EXPECT_THAT(FindGrowth(none, none, limits), ElementsAre(HasSubstr("libraries")));
}

}  // namespace
}  // namespace topup::process
