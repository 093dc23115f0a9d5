// What a price is worth depends on this: the right strategies in the right order, no answer
// believed unchecked, no price below cost, and a new configuration whole or not at all.
#include "server/pricing/plugin_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "server/base/error.h"
#include "server/pricing/library/library_file.h"
#include "tests/fakes/captured_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/server/pricing/plugin_paths.h"
#include "tests/support/activate_pricing.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace topup::pricing {
namespace {

using support::HasMetadata;
using support::HasReason;
using support::IsOk;
using support::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

PricingConfiguration OneChain(std::vector<StrategyConfiguration> strategies) {
  return {.chains = {{.name = "default", .strategies = std::move(strategies)}},
          .default_chain = "default"};
}

PricingConfiguration OneStrategy(const std::string& library, const std::string& config = "") {
  return OneChain({{.library = library, .config = config}});
}

class PluginHostTest : public testing::Test {
 protected:
  absl::StatusOr<core::PriceBreakdown> Price(int64_t amount_dzd) const {
    return host_.Price({.plan = &plan_, .amount_dzd = amount_dzd, .caller = "shop", .time = time_});
  }

  core::Plan plan_ = {.code = "PREPAID_DJEZZY",
                      .op = core::Operator::kDjezzy,
                      .kind = core::PlanKind::kDynamic,
                      .cost_ppm = 980000};
  absl::Time time_ =
      absl::FromCivil(absl::CivilSecond(2026, 3, 31, 23, 30, 5), absl::UTCTimeZone());
  fakes::FakeClock clock_;
  fakes::CapturedLog log_{clock_};
  base::Metrics metrics_;
  PluginHost host_{OptionsOfThisBuild(), log_.log(), metrics_};
};

TEST_F(PluginHostTest, SellsAtFivePercentAboveCostByDefault) {
  ASSERT_THAT(support::ActivatePricing(host_, FivePercent()), IsOk());
  const auto price = Price(1000);
  ASSERT_THAT(price, IsOk());
  EXPECT_EQ(price->face_value, core::Money::Centimes(100000));
  EXPECT_EQ(price->cost, core::Money::Centimes(98000));
  EXPECT_EQ(price->price, core::Money::Centimes(102900));
  EXPECT_EQ(price->profit, core::Money::Centimes(4900));
  EXPECT_THAT(price->steps,
              ElementsAre(core::PriceStep{"markup 5 %", core::Money::Centimes(102900)}));
}

TEST_F(PluginHostTest, RoundsCostAndMarkupUpToTheCentime) {
  ASSERT_THAT(support::ActivatePricing(host_, FivePercent()), IsOk());
  plan_.cost_ppm = 992500;
  const auto price = Price(500);
  ASSERT_THAT(price, IsOk());
  EXPECT_EQ(price->cost, core::Money::Centimes(49625));
  EXPECT_EQ(price->price, core::Money::Centimes(52107));
}

TEST_F(PluginHostTest, NamesEachStrategySoThatItCanBeFoundAgain) {
  ASSERT_THAT(
      support::ActivatePricing(
          host_, OneChain({{.library = "libpercentage_markup.so", .config = R"({"percent": "5"})"},
                           {.library = "libround_up.so", .config = R"({"step_dzd": 5})"}})),
      IsOk());
  const auto price = Price(1000);
  ASSERT_THAT(price, IsOk());
  EXPECT_EQ(price->price, core::Money::Centimes(103000));
  EXPECT_EQ(price->profit, core::Money::Centimes(5000));
  EXPECT_THAT(price->steps,
              ElementsAre(core::PriceStep{"markup 5 %", core::Money::Centimes(102900)},
                          core::PriceStep{"round up to 5 DZD", core::Money::Centimes(103000)}));
  ASSERT_EQ(price->strategies.size(), 2u);
  EXPECT_EQ(price->strategies[0].strategy_id, "dz.topup.percentage_markup");
  EXPECT_EQ(price->strategies[0].version, "1.0.0");
  EXPECT_EQ(price->strategies[0].library_digest.size(), 64u);
  EXPECT_EQ(price->strategies[1].strategy_id, "dz.topup.round_up");
  // Of {"step_dzd": 5}, as sha256sum has it.
  EXPECT_EQ(price->strategies[1].config_digest,
            "b74ae2a1a890e0311c4b3f5432aaeff3c258841fc1792b4c710eb65ddb62ed09");
}

TEST_F(PluginHostTest, TellsTheHourOfAlgiers) {
  ASSERT_THAT(support::ActivatePricing(
                  host_, OneStrategy("libtime_window.so",
                                     R"({"from_hour": 0, "to_hour": 1, "percent": "1"})")),
              IsOk());
  EXPECT_EQ(Price(1000)->price, core::Money::Centimes(98980));  // 23:30 UTC is 0:30 there
  time_ -= absl::Hours(1);
  EXPECT_EQ(Price(1000)->price, core::Money::Centimes(98000));
}

TEST_F(PluginHostTest, HasNoPriceBeforeAConfigurationIsInForce) {
  EXPECT_THAT(Price(1000),
              AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("PRICING_UNAVAILABLE")));
}

TEST_F(PluginHostTest, SellsNothingBelowCost) {
  ASSERT_THAT(support::ActivatePricing(host_, OneStrategy("libbelow_cost.so")), IsOk());
  EXPECT_THAT(Price(1000),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("MARGIN_GUARDRAIL"),
                    HasMetadata("rule", "below_cost"), HasMetadata("price_centimes", "97999"),
                    HasMetadata("limit_centimes", "98000")));
  ASSERT_THAT(
      support::ActivatePricing(host_, OneStrategy("libfixed_fee.so", R"({"fee_centimes": 0})")),
      IsOk());
  EXPECT_EQ(Price(1000)->profit, core::Money());
}

TEST_F(PluginHostTest, PricesNoPlanWithoutACostAndNoAmountBeyondTheContract) {
  ASSERT_THAT(support::ActivatePricing(host_, FivePercent()), IsOk());
  EXPECT_THAT(Price(1000000001), HasReason("PRICING_UNAVAILABLE"));
  EXPECT_THAT(Price(INT64_MAX), HasReason("PRICING_UNAVAILABLE"));
  EXPECT_THAT(Price(-1), HasReason("PRICING_UNAVAILABLE"));
  plan_.cost_ppm.reset();
  EXPECT_THAT(Price(1000),
              AllOf(HasReason("PLAN_COST_UNKNOWN"), HasMetadata("plan_code", "PREPAID_DJEZZY")));
}

TEST_F(PluginHostTest, BelievesNoAnswerThatIsNotOne) {
  const struct {
    const char* library;
    const char* detail;
  } cases[] = {{"libprice_fails.so", "code 2: it will not price this"},
               {"libunknown_code.so", "code 77"},
               {"libnegative_price.so", "-1"},
               {"libhuge_price.so", "not within"},
               {"libno_steps.so", "0 steps"},
               {"libmany_steps.so", "9 steps"},
               {"libendless_text.so", "no text"},
               {"libodd_last_step.so", "last step"},
               {"libmoody.so", "two answers"}};
  for (const auto& broken : cases) {
    ASSERT_THAT(support::ActivatePricing(host_, OneStrategy(broken.library)), IsOk())
        << broken.library;
    EXPECT_THAT(Price(1000),
                AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("PRICING_UNAVAILABLE"),
                      HasMetadata("strategy_id", "test.broken"),
                      HasMetadata("detail", HasSubstr(broken.detail))))
        << broken.library;
  }
}

// It once reached gRPC, which answered UNIMPLEMENTED, and nobody was told.
TEST_F(PluginHostTest, AnExceptionThatALibraryLetsOutIsAFailureOfItsStrategy) {
  ASSERT_THAT(support::ActivatePricing(host_, OneStrategy("libthrows.so")), IsOk());
  EXPECT_THAT(Price(1000),
              AllOf(HasReason("PRICING_UNAVAILABLE"), HasMetadata("strategy_id", "test.throwing"),
                    HasMetadata("detail", HasSubstr("an exception"))));
  EXPECT_THAT(support::ActivatePricing(host_, OneStrategy("libthrows_in_create.so")),
              AllOf(HasMetadata("step", "create"), HasMetadata("found", "an exception")));
  EXPECT_THAT(support::ActivatePricing(host_, OneStrategy("libthrows_in_init.so")),
              AllOf(HasMetadata("step", "init"), HasMetadata("found", "an exception")));
  EXPECT_THAT(Price(1000), HasReason("PRICING_UNAVAILABLE")) << "what was in force stays";
}

TEST_F(PluginHostTest, RefusesStrategiesThatCannotBeMade) {
  EXPECT_THAT(support::ActivatePricing(host_, OneStrategy("libcreate_fails.so")),
              AllOf(HasReason("STRATEGY_LOAD_FAILED"), HasMetadata("step", "create"),
                    HasMetadata("found", "code 1: it will not be made")));
  EXPECT_THAT(support::ActivatePricing(host_, OneStrategy("libwrong_strategy_size.so")),
              AllOf(HasMetadata("step", "sizes"), HasMetadata("found", "struct_size 4096")));
  EXPECT_THAT(support::ActivatePricing(host_, OneStrategy("libmissing_destroy.so")),
              HasMetadata("step", "functions"));
  // Its schema cannot say that tiers have to rise.
  EXPECT_THAT(support::ActivatePricing(host_, OneStrategy("libtiered.so", R"({"tiers": [
                  {"up_to_dzd": 500, "percent": "5"}, {"up_to_dzd": 100, "percent": "4"}]})")),
              AllOf(HasMetadata("step", "create"), HasMetadata("found", HasSubstr("up_to_dzd"))));
  EXPECT_THAT(
      support::ActivatePricing(host_, OneStrategy("libnot_there.so")),
      AllOf(HasMetadata("step", "file"), HasMetadata("searched", HasSubstr("/not_there/"))));
}

TEST_F(PluginHostTest, KeepsTheOldConfigurationWhereTheNewOneFailsAndListsAllThatFailed) {
  ASSERT_THAT(support::ActivatePricing(host_, FivePercent()), IsOk());
  EXPECT_THAT(
      support::ActivatePricing(host_, OneChain({{.library = "libround_up.so", .config = "{}"},
                                                {.library = "libcap.so", .config = "{}"},
                                                {.library = "libface_value.so"}})),
      AllOf(HasReason("CONFIG_INVALID"), HasMetadata("problems", "2")));
  EXPECT_EQ(Price(1000)->price, core::Money::Centimes(102900));
  EXPECT_EQ(log_.CountWith("strategy.refused"), 2);

  const std::vector<StrategyListing> listings = host_.ListStrategies();
  ASSERT_EQ(listings.size(), 3u);
  EXPECT_TRUE(listings[0].loaded);
  EXPECT_EQ(listings[0].identity.strategy_id, "dz.topup.percentage_markup");
  EXPECT_THAT(listings[0].chains, ElementsAre("default"));
  EXPECT_FALSE(listings[1].loaded);
  EXPECT_THAT(listings[1].load_error, HasSubstr("/step_dzd is missing: give one of 1, 5, 10"));
  EXPECT_EQ(listings[2].library, "libcap.so");
}

TEST_F(PluginHostTest, ListsAStrategyOnceWithAllChainsThatUseIt) {
  const StrategyConfiguration markup = {.library = "libpercentage_markup.so",
                                        .config = R"({"percent": "5"})"};
  ASSERT_THAT(support::ActivatePricing(host_, {.chains = {{.name = "a", .strategies = {markup}},
                                                          {.name = "b", .strategies = {markup}}},
                                               .default_chain = "b"}),
              IsOk());
  const std::vector<StrategyListing> listings = host_.ListStrategies();
  ASSERT_EQ(listings.size(), 1u);
  EXPECT_THAT(listings[0].chains, ElementsAre("a", "b"));
  EXPECT_THAT(listings[0].config_schema, HasSubstr("markup_ppm"));
}

TEST_F(PluginHostTest, ReportsEveryProblemOfAConfigurationAtOnce) {
  const absl::Status refused = support::ActivatePricing(
      host_,
      {.chains = {{.name = "A b"},
                  {.name = "x", .strategies = {{.library = "../libx.so"}}},
                  {.name = "x", .strategies = {{.library = "libx.so", .library_digest = "abc"}}}},
       .default_chain = "y"});
  EXPECT_THAT(refused, AllOf(StatusIs(absl::StatusCode::kInvalidArgument),
                             HasReason("CONFIG_INVALID"), HasMetadata("problems", "6")));
  EXPECT_EQ(base::GetErrorDetails(refused)->field_violations.size(), 6u);
}

TEST_F(PluginHostTest, SilencesAStrategyThatLogsWithoutEnd) {
  ASSERT_THAT(support::ActivatePricing(host_, OneStrategy("libchatty.so")), IsOk());
  EXPECT_EQ(log_.CountWith("I start"), 1) << "the host is there from init on";
  EXPECT_EQ(log_.CountWith("here I am"), 100);
  EXPECT_EQ(log_.CountWith("strategy.silenced"), 1);
}

TEST_F(PluginHostTest, PricesWithAWholeConfigurationWhileAnotherTakesItsPlace) {
  const PricingConfiguration five = FivePercent();
  const PricingConfiguration ten = OneStrategy("libpercentage_markup.so", R"({"percent": "10"})");
  ASSERT_THAT(support::ActivatePricing(host_, five), IsOk());
  std::atomic<bool> stop = false;
  std::atomic<int> fives = 0;
  std::atomic<int> tens = 0;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      while (!stop) {
        const auto price = Price(1000);
        const bool is_five = price.ok() && price->price == core::Money::Centimes(102900) &&
                             price->steps.back().description == "markup 5 %";
        const bool is_ten = price.ok() && price->price == core::Money::Centimes(107800) &&
                            price->steps.back().description == "markup 10 %";
        ++(is_five ? fives : is_ten ? tens : wrong);
      }
    });
  }
  // Goes on until both have been seen often while they take each other's place.
  for (int i = 0; (i < 50 || fives < 100 || tens < 100) && wrong == 0 && !HasFailure(); ++i) {
    EXPECT_THAT(support::ActivatePricing(host_, i % 2 == 0 ? ten : five), IsOk());
  }
  stop = true;
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(PluginHostTest, LetsAHolderGoOnWithTheSetThatWasReplaced) {
  ASSERT_THAT(support::ActivatePricing(host_, FivePercent()), IsOk());
  const std::shared_ptr<const PricingSet> old = host_.InForce();
  ASSERT_THAT(support::ActivatePricing(host_, OneStrategy("libface_value.so")), IsOk());
  const PricingRequest request = {.plan = &plan_, .amount_dzd = 1000, .caller = "shop"};
  EXPECT_EQ(old->Price(request)->price, core::Money::Centimes(102900));
  EXPECT_EQ(host_.Price(request)->price, core::Money::Centimes(100000));
  host_.Use(host_.AsIfInForce(old));
  EXPECT_EQ(host_.Price(request)->price, core::Money::Centimes(102900));
}

class PluginHostAllowListTest : public PluginHostTest {
 protected:
  PricingOptions Options() {
    PricingOptions options = OptionsOfThisBuild();
    options.allow_list_file = path_;
    return options;
  }

  void Allow(std::vector<std::string> libraries) {
    std::ofstream list(path_);
    list << "# Allowed.\n";
    for (const std::string& library : libraries) {
      list << ReadLibraryFile(GoodLibrary(library))->digest << "  lib" << library << ".so\n";
    }
    list.close();
    chmod(path_.c_str(), 0644);
  }

  support::TempDir directory_;
  const std::string path_ = directory_.File("allowed.sha256");
  PluginHost strict_{Options(), log_.log(), metrics_};
  const PricingConfiguration face_value_ = OneStrategy("libface_value.so");
};

TEST_F(PluginHostAllowListTest, LoadsWhatTheListAllowsAndTakesANewListWithoutARestart) {
  Allow({"percentage_markup"});
  ASSERT_THAT(support::ActivatePricing(strict_, FivePercent()), IsOk());
  EXPECT_THAT(support::ActivatePricing(strict_, face_value_),
              AllOf(HasReason("STRATEGY_LOAD_FAILED"), HasMetadata("step", "allow list"),
                    HasMetadata("file", "libface_value.so"), HasMetadata("chain", "default")));
  EXPECT_EQ(strict_.ListStrategies().size(), 2u);  // one in force, one refused
  Allow({"face_value"});
  EXPECT_THAT(support::ActivatePricing(strict_, face_value_), IsOk());
  EXPECT_THAT(support::ActivatePricing(strict_, FivePercent()), HasMetadata("step", "allow list"));
}

TEST_F(PluginHostAllowListTest, LoadsNothingWhileTheListCannotBeTrustedAndKeepsWhatIsInForce) {
  Allow({"percentage_markup"});
  ASSERT_THAT(support::ActivatePricing(strict_, FivePercent()), IsOk());
  const auto in_force = strict_.InForce();
  ASSERT_EQ(chmod(path_.c_str(), 0666), 0);
  EXPECT_THAT(support::ActivatePricing(strict_, FivePercent()),
              AllOf(HasReason("STRATEGY_LOAD_FAILED"), HasMetadata("file", "allowed.sha256"),
                    HasMetadata("found", "mode 0666")));
  std::ofstream(path_) << "libpercentage_markup.so\n";
  chmod(path_.c_str(), 0644);
  EXPECT_THAT(support::ActivatePricing(strict_, FivePercent()),
              HasMetadata("found", HasSubstr("line 1")));
  ASSERT_TRUE(std::filesystem::remove(path_));
  EXPECT_THAT(support::ActivatePricing(strict_, FivePercent()),
              HasMetadata("expected", "a file that exists"));
  EXPECT_EQ(strict_.InForce(), in_force);
}

}  // namespace
}  // namespace topup::pricing
