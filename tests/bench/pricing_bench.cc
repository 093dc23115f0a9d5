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
  explicit Pricing(int64_t strategies) {
    if (strategies == 0) {
      // No configuration can ask for this; it is what every chain costs at least.
      Use(std::make_shared<const pricing::PricingSet>(
          std::vector<pricing::PricingSet::Chain>{{.name = "all"}},
          pricing::PricingConfiguration{.chains = {{.name = "all"}}, .default_chain = "all"},
          std::string(64, '0')));
      return;
    }
    auto set = host_.Load(
        {.chains = {{.name = "all", .strategies = Strategies(strategies)}}, .default_chain = "all"},
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

void PriceByStrategies(benchmark::State& state) {
  const Pricing pricing(state.range(0));
  for (auto _ : state) {
    auto price = pricing.Price();
    if (!price.ok()) state.SkipWithError(std::string(price.status().message()).c_str());
    benchmark::DoNotOptimize(price);
  }
}
BENCHMARK(PriceByStrategies)->Name("price/strategies")->Arg(0)->Arg(1)->Arg(3);

}  // namespace
}  // namespace topup::bench

BENCHMARK_MAIN();
