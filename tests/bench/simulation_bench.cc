// How many past top-ups a second an owner's what-if prices, on one thread: read from SQLite, priced
// by a candidate, summed up.
//
// --topups=N sold top-ups are recorded first, in a database under TMPDIR.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "server/base/metrics.h"
#include "server/config/pricing_settings.h"
#include "server/engine/pricing_activations.h"
#include "server/engine/pricing_desk.h"
#include "server/pricing/plugin_host.h"
#include "server/store/sqlite/sqlite_topup_store.h"
#include "tests/bench/strategies_of_this_build.h"
#include "tests/fakes/captured_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/inline_executor.h"
#include "tests/support/topup_builder.h"

namespace topup::bench {
namespace {

int64_t topup_count = 200'000;

template <typename T>
T Require(absl::StatusOr<T> result) {
  if (result.ok()) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.status().ToString().c_str());
  std::abort();
}

std::string Percent(const std::string& percent) {
  return absl::StrCat(
      "strategy { library: \"libpercentage_markup.so\" config: \"{\\\"percent\\\": \\\"", percent,
      "\\\"}\" }\n");
}

std::string ConfigOf(int64_t strategies) {
  std::string text = absl::StrCat("chain { name: \"all\"\n", Percent("6"));
  if (strategies > 1) {
    absl::StrAppend(&text, "strategy { library: \"libfixed_fee.so\" config: ",
                    "\"{\\\"fee_centimes\\\": 50}\" }\n",
                    "strategy { library: \"libround_up.so\" config: \"{\\\"step_dzd\\\": 5}\" }\n");
  }
  return text + "}\n";
}

std::string MakeFolder() {
  std::string folder = (std::filesystem::temp_directory_path() / "topup_bench_XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) std::abort();
  return folder;
}

// A database of sold top-ups, removed with it.
class Sold {
 public:
  Sold() {
    if (!activations_.Start().ok()) std::abort();
    for (int64_t done = 0; done < topup_count; done += kAtOnce) Record(done);
  }
  ~Sold() {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  Sold(const Sold&) = delete;
  Sold& operator=(const Sold&) = delete;

  engine::Simulation Simulate(const std::string& config) {
    std::optional<absl::StatusOr<engine::Simulation>> answer;
    desk_.Simulate({.config = config}, [&answer](absl::StatusOr<engine::Simulation> done) {
      answer = std::move(done);
    });
    return Require(*std::move(answer));
  }

 private:
  static constexpr int64_t kAtOnce = 1000;

  void Record(int64_t first) {
    std::mutex mutex;
    std::condition_variable answered;
    int64_t left = kAtOnce;
    for (int64_t i = first; i < first + kAtOnce; ++i) {
      const std::string name = absl::StrCat(absl::Dec(i, absl::kZeroPad10));
      core::Topup topup =
          support::MakeQueuedTopup(name, absl::StrCat("caller ", i % 7), clock_.Now());
      topup.status = core::TopupStatus::kFulfilled;
      topup.settle_time = clock_.Now();
      topup.progress = {};
      topup.amount_dzd = 100 + i % 50 * 10;
      const core::Plan plan = {
          .code = topup.plan_code, .op = topup.op, .kind = topup.plan_kind, .cost_ppm = 980000};
      topup.price = Require(
          host_.Price({.plan = &plan,
                       .amount_dzd = topup.amount_dzd,
                       .caller = topup.caller,
                       .time = clock_.Now(),
                       .caller_volume = core::CallerVolume{i, core::Money::Centimes(i * 100), i,
                                                           core::Money::Centimes(i * 100)}}));
      store_->Create({.topup = std::move(topup)}, [&](absl::StatusOr<store::CreateResult> created) {
        Require(std::move(created));
        std::lock_guard<std::mutex> lock(mutex);
        if (--left == 0) answered.notify_one();
      });
    }
    std::unique_lock<std::mutex> lock(mutex);
    answered.wait(lock, [&left] { return left == 0; });
  }

  const std::string folder_ = MakeFolder();
  fakes::FakeClock clock_;
  fakes::CapturedLog log_{clock_};
  base::Metrics metrics_;
  std::unique_ptr<store::TopupStore> store_ =
      Require(store::sqlite::SqliteTopupStore::Open(folder_ + "/topup.db", {}, clock_, metrics_));
  pricing::PluginHost host_{
      {.plugin_directories = {StrategiesOfThisBuild()}}, log_.log(), metrics_};
  fakes::InlineExecutor executor_;
  engine::PricingActivations activations_{
      clock_,   log_.log(),
      metrics_, *store_,
      host_,    {.read_file = [] { return ConfigOf(1); }, .parse = &config::ParsePricing}};
  engine::PricingDesk desk_{{log_.log(), executor_, executor_, *store_, host_, activations_}};
};

Sold* sold = nullptr;  // main's

void Simulate(benchmark::State& state) {
  const std::string config = ConfigOf(state.range(0));
  for (auto _ : state) {
    const engine::Simulation simulation = sold->Simulate(config);
    if (simulation.topups != topup_count || simulation.failures != 0) {
      state.SkipWithError("not every top-up was priced");
    }
  }
  state.SetItemsProcessed(state.iterations() * topup_count);
}
BENCHMARK(Simulate)->Name("simulate/strategies")->Arg(1)->Arg(3)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace topup::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (!absl::ConsumePrefix(&argument, "--topups=") ||
        !absl::SimpleAtoi(argument, &topup::bench::topup_count) ||
        topup::bench::topup_count < 1000 || topup::bench::topup_count % 1000 != 0) {
      std::fprintf(stderr, "simulation_bench: %s: give --topups=N, whole thousands\n", argv[i]);
      return 2;
    }
  }
  const auto made = std::make_unique<topup::bench::Sold>();
  topup::bench::sold = made.get();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
