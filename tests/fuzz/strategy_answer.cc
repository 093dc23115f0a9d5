// Whatever a strategy answers: a price that was checked, or an error that says why. Its library
// (answering_strategy.c) copies the input, which its configuration spells out, into what the host
// has to read.
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/metrics.h"
#include "server/pricing/plugin_host.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/activate_pricing.h"

namespace topup::fuzz {
namespace {

constexpr int64_t kAmountMax = 100'000'000'000;  // of the contract

std::string LibraryPath() {
  std::string path(4096, '\0');
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  path.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return path.substr(0, path.rfind('/')) + "/libanswering_strategy.so";
}

const core::Plan& SomePlan() {
  static const core::Plan& plan = *new core::Plan{.code = "PREPAID_DJEZZY",
                                                  .op = core::Operator::kDjezzy,
                                                  .kind = core::PlanKind::kDynamic,
                                                  .cost_ppm = 980000};
  return plan;
}

bool IsText(const std::string& text) {
  // What is no UTF-8 makes no JSON.
  const std::string json =
      nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  const auto back = nlohmann::json::parse(json, nullptr, false);
  if (back.is_discarded() || back.get<std::string>() != text) return false;
  for (const char c : text) {
    if ((c >= 0 && c < 0x20) || c == 0x7f) return false;
  }
  return true;
}

void CheckPrice(const core::PriceBreakdown& price) {
  Promise(price.face_value.centimes() == 100000 && price.cost.centimes() == 98000,
          "face value and cost are ours to say");
  Promise(price.price.centimes() <= kAmountMax, "a price is within the contract");
  Promise(price.price >= price.cost, "nothing is sold below its cost");
  Promise(price.profit.centimes() == price.price.centimes() - price.cost.centimes(),
          "profit is price less cost");
  Promise(price.strategies.size() == 2, "each strategy of the chain is named");
  Promise(!price.steps.empty() && price.steps.size() <= 16, "a price has its steps");
  Promise(price.steps.back().price_after == price.price, "the last of which is the price");
  for (const core::PriceStep& step : price.steps) {
    Promise(!step.description.empty() && step.description.size() < 80, "a step is described");
    Promise(IsText(step.description), "in text");
    Promise(step.price_after.centimes() >= 0 && step.price_after.centimes() <= kAmountMax,
            "and within the contract");
  }
}

void CheckRefusal(const absl::Status& status) {
  const std::string reason = base::ErrorReason(status);
  Promise(reason == "PRICING_UNAVAILABLE" || reason == "MARGIN_GUARDRAIL",
          "what is no price is refused as one");
  Promise(status.message().size() < 2048, "a refusal is short");
  Promise(IsText(std::string(status.message())), "a refusal is text");
}

}  // namespace
}  // namespace topup::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace topup::fuzz;  // NOLINT(google-build-using-namespace)
  namespace pricing = topup::pricing;
  // One host for all inputs: a library is opened once, and stays.
  static topup::fakes::FakeClock clock;
  static std::string last_line;
  static topup::base::Log& log =
      *new topup::base::Log(clock, [](absl::string_view line) { last_line = std::string(line); });
  static const std::string path = LibraryPath();
  static topup::base::Metrics& metrics = *new topup::base::Metrics();
  static pricing::PluginHost& host = *new pricing::PluginHost({}, log, metrics);

  const std::string config = absl::StrCat("\"", absl::BytesToHexString(TextOf(data, size)), "\"");
  const pricing::StrategyConfiguration strategy{.library = path, .config = config};
  const absl::Status activated = topup::support::ActivatePricing(
      host, {.chains = {{.name = "default", .strategies = {strategy, strategy}}},
             .default_chain = "default"});
  Promise(activated.ok(), "the library of this target is found, and takes any configuration");
  const auto price =
      host.Price({.plan = &SomePlan(), .amount_dzd = 1000, .caller = "shop", .time = clock.Now()});
  price.ok() ? CheckPrice(*price) : CheckRefusal(price.status());
  Promise(nlohmann::json::accept(last_line) && last_line.find('\n') == std::string::npos,
          "what a strategy logs is one line of JSON");
  return 0;
}
