// Useful for: tests of the owner's work on prices: real strategies, a store in memory, and a
// configured file that is a text.
#ifndef TOPUP_TESTS_SERVER_ENGINE_PRICING_WORLD_H_
#define TOPUP_TESTS_SERVER_ENGINE_PRICING_WORLD_H_

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/id.h"
#include "server/base/metrics.h"
#include "server/base/signer.h"
#include "server/config/pricing_settings.h"
#include "server/engine/pricing_activations.h"
#include "server/pricing/plugin_host.h"
#include "tests/fakes/captured_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_topup_store.h"
#include "tests/fakes/seeded_random.h"
#include "tests/support/topup_builder.h"

namespace topup::engine {

// So many percent on the cost, for everything; with `guardrails` as its text has them.
inline std::string PercentText(const std::string& percent, const std::string& guardrails = "") {
  return absl::StrCat(
      "chain { name: \"all\" strategy { library: \"libpercentage_markup.so\" config: "
      "\"{\\\"percent\\\": \\\"",
      percent, "\\\"}\" } }\n", guardrails);
}

class PricingWorld {
 public:
  PricingWorld() { Restart(); }

  // A new process on the same store and file. Not started yet.
  void Restart() {
    activations.reset();
    host = std::make_unique<pricing::PluginHost>(
        pricing::PricingOptions{.plugin_directories = {plugin_directory}}, log.log(), metrics);
    activations = std::make_unique<PricingActivations>(
        clock, log.log(), metrics, store, *host,
        PricingSource{.read_file = [this]() -> absl::StatusOr<std::string> {
                        if (!file_is_there) return absl::NotFoundError("no such file");
                        return file;
                      },
                      .parse = &config::ParsePricing});
  }

  absl::Status RestartAndStart() {
    Restart();
    return activations->Start();
  }

  absl::StatusOr<std::string> Activate(const std::string& text, const std::string& expected = "") {
    return activations->Activate(
        {.caller = "owner", .config = text, .expected_config_digest = expected});
  }
  absl::StatusOr<std::string> Rollback(const std::string& expected = "") {
    return activations->Rollback({.caller = "owner", .expected_config_digest = expected});
  }

  // What 1000 DZD sell for, at a cost of 980 DZD.
  absl::StatusOr<core::PriceBreakdown> Price() const {
    return host->Price({.plan = &plan, .amount_dzd = 1000, .caller = "shop", .time = clock.Now()});
  }
  int64_t PriceCentimes() const {
    const auto price = Price();
    return price.ok() ? price->price.centimes() : -1;
  }

  // Records a top-up at what the configuration in force sells it for.
  absl::Status Sell() {
    const auto price = Price();
    if (!price.ok()) return price.status();
    clock.Advance(absl::Seconds(1));
    core::Topup topup = support::MakeQueuedTopup(absl::StrCat("sold", ++sold), "shop", clock.Now());
    topup.id = base::MakeTimeOrderedId(clock.Now(), random);
    topup.price = *price;
    absl::Status recorded;
    store.Create({.topup = topup}, [&recorded](auto created) { recorded = created.status(); });
    return recorded;
  }

  store::PricingActivation Latest() { return store.LatestActivation()->value(); }

  core::Plan plan = {.code = "PREPAID_DJEZZY",
                     .op = core::Operator::kDjezzy,
                     .kind = core::PlanKind::kDynamic,
                     .cost_ppm = 980000};
  std::string plugin_directory = std::filesystem::current_path().string() + "/pricing_plugins";
  std::string file = PercentText("5");
  bool file_is_there = true;
  fakes::FakeClock clock;
  fakes::CapturedLog log{clock};
  base::Metrics metrics;
  fakes::SeededRandom random;
  fakes::MemoryTopupStore store;
  int sold = 0;
  std::unique_ptr<pricing::PluginHost> host;
  std::unique_ptr<PricingActivations> activations;
};

}  // namespace topup::engine

#endif  // TOPUP_TESTS_SERVER_ENGINE_PRICING_WORLD_H_
