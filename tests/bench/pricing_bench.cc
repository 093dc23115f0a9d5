// What a price costs: the whole of PluginHost::Price, with three strategies and with none.
//
// Each strategy is asked twice, and everything that it answers is checked and recorded: that is
// what the difference between the two is made of.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/base/metrics.h"
#include "server/pricing/plugin_host.h"
#include "tests/bench/strategies_of_this_build.h"
#include "tests/fakes/captured_log.h"
#include "tests/fakes/fake_clock.h"

namespace topup::bench {
namespace {

// Those that decide by something before they change the price.
const std::vector<pricing::StrategyConfiguration>& Conditional() {
  static const auto& strategies = *new std::vector<pricing::StrategyConfiguration>{
      {.library = "libtiered.so",
       .config = R"({"tiers": [{"up_to_dzd": 500, "percent": "6"}, {"percent": "5"}]})"},
      {.library = "libtime_window.so",
       .config = R"({"from_hour": 0, "to_hour": 23, "start": "2000-01-01T00:00",
                     "end": "2099-01-01T00:00", "percent": "1", "days": ["monday", "tuesday",
                     "wednesday", "thursday", "friday", "saturday", "sunday"]})"},
      {.library = "libcap.so",
       .config = R"({"percent_of_face_value": "105", "plus_centimes": 5000})"}};
  return strategies;
}

// A chain of the first `count` of these.
std::vector<pricing::StrategyConfiguration> Strategies(int64_t count) {
  std::vector<pricing::StrategyConfiguration> strategies = {
      {.library = "libpercentage_markup.so", .config = R"({"percent": "5"})"},
      {.library = "libfixed_fee.so", .config = R"({"fee_centimes": 50})"},
      {.library = "libround_up.so", .config = R"({"step_dzd": 5})"}};
  strategies.resize(static_cast<size_t>(count));
  return strategies;
}

class Pricing {
 public:
  explicit Pricing(std::vector<pricing::StrategyConfiguration> strategies) {
    if (strategies.empty()) {
      // No configuration can ask for this; it is what every chain costs at least.
      Use(std::make_shared<const pricing::PricingSet>(
          std::vector<pricing::PricingSet::Chain>{{.name = "all"}},
          pricing::PricingConfiguration{.chains = {{.name = "all"}}, .default_chain = "all"},
          std::string(64, '0')));
      return;
    }
    auto set = host_.Load(
        {.chains = {{.name = "all", .strategies = std::move(strategies)}}, .default_chain = "all"},
        std::string(64, '0'));
    if (!set.ok()) {
      std::fprintf(stderr, "%s\n", set.status().ToString().c_str());
      std::abort();
    }
    Use(*std::move(set));
  }

  absl::StatusOr<core::PriceBreakdown> Price() const {
    return host_.Price(
        {.plan = &plan_, .amount_dzd = 1000, .caller = "a shop", .time = clock_.Now()});
  }

 private:
  void Use(std::shared_ptr<const pricing::PricingSet> set) {
    host_.Use(host_.AsIfInForce(std::move(set)));
  }

  core::Plan plan_ = {.code = "PREPAID_DJEZZY",
                      .op = core::Operator::kDjezzy,
                      .kind = core::PlanKind::kDynamic,
                      .cost_ppm = 980000};
  fakes::FakeClock clock_;
  fakes::CapturedLog log_{clock_};
  base::Metrics metrics_;
  pricing::PluginHost host_{
      {.plugin_directories = {StrategiesOfThisBuild()}}, log_.log(), metrics_};
};

void PriceBy(const Pricing& pricing, benchmark::State& state) {
  for (auto _ : state) {
    auto price = pricing.Price();
    if (!price.ok()) state.SkipWithError(std::string(price.status().message()).c_str());
    benchmark::DoNotOptimize(price);
  }
}

void PriceByStrategies(benchmark::State& state) {
  PriceBy(Pricing(Strategies(state.range(0))), state);
}
BENCHMARK(PriceByStrategies)->Name("price/strategies")->Arg(0)->Arg(1)->Arg(3);

void PriceByConditions(benchmark::State& state) { PriceBy(Pricing(Conditional()), state); }
BENCHMARK(PriceByConditions)->Name("price/three_conditional_strategies");

}  // namespace
}  // namespace topup::bench

BENCHMARK_MAIN();
