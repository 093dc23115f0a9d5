#include "tests/integration/quote_interruptions.h"

#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace topup::integration {
namespace {

std::string MakeStrategy(sim::Dice& dice) {
  const auto percent = [&dice](int64_t most) {
    return absl::StrFormat("%d.%02d", dice.Between(0, most), dice.Between(0, 99));
  };
  const auto strategy = [](const char* name, const std::string& config) {
    return absl::StrCat("strategy { library: \"lib", name, ".so\" config: \"",
                        absl::StrReplaceAll(config, {{"\"", "\\\""}}), "\" }\n");
  };
  constexpr int kSteps[] = {1, 5, 10};
  switch (dice.Below(10)) {
    case 0:
      return strategy("fixed_fee", absl::StrCat("{\"fee_centimes\": ", dice.Between(0, 5000), "}"));
    case 1:
      return strategy("round_up", absl::StrCat("{\"step_dzd\": ", dice.OneOf(kSteps), "}"));
    case 2:
      return strategy("tiered",
                      absl::StrCat("{\"tiers\": [{\"up_to_dzd\": ", dice.Between(100, 3000),
                                   ", \"percent\": \"", percent(9), "\"}, {\"percent\": \"",
                                   percent(5), "\"}]}"));
    case 3:
      return strategy("time_window", absl::StrCat("{\"from_hour\": ", dice.Between(0, 11),
                                                  ", \"to_hour\": ", dice.Between(12, 23),
                                                  ", \"percent\": \"", percent(3), "\"}"));
    case 4:
      // May be below cost: then there is no price.
      return strategy("cap",
                      absl::StrCat("{\"percent_of_face_value\": \"", dice.Between(96, 110), "\"}"));
    case 5:
      return strategy("face_value", "{}");
    case 6:
      return strategy("tiered",
                      absl::StrCat("{\"by\": \"volume_today\", \"tiers\": [{\"up_to_dzd\": ",
                                   dice.Between(100, 30000), ", \"percent\": \"", percent(9),
                                   "\"}, {\"percent\": \"", percent(5), "\"}]}"));
    default:
      return strategy("percentage_markup", absl::StrCat("{\"percent\": \"", percent(12), "\"}"));
  }
}

// Refused by the reader, by the checks, by the search for a library, by a strategy's schema, by a
// strategy itself.
std::string MakeBadPricing(sim::Dice& dice) {
  const std::string bad[] = {
      "chain {", "chain { name: \"retail\" }",
      "chain { name: \"retail\" strategy { library: \"libnowhere.so\" } }",
      "chain { name: \"retail\" strategy { library: \"libpercentage_markup.so\" config: "
      "\"{\\\"percent\\\": 5}\" } }",
      "chain { name: \"retail\" strategy { library: \"libtiered.so\" config: "
      "'{\"tiers\": [{\"up_to_dzd\": 9, \"percent\": \"1\"}, {\"up_to_dzd\": 8, \"percent\": "
      "\"2\"}]}' } }"};
  return bad[dice.Below(std::size(bad))];
}

}  // namespace

std::string MakePricing(sim::Dice& dice) {
  std::string text = "chain {\nname: \"retail\"\n";
  for (int64_t left = dice.Between(1, 4); left > 0; --left) {
    absl::StrAppend(&text, MakeStrategy(dice));
  }
  return absl::StrCat(text, "}\n");
}

void Interruptions::Happen() {
  world_.Advance(dice_.Between(absl::ZeroDuration(), absl::Seconds(16)));
  if (dice_.Chance(1)) world_.Advance(dice_.Between(absl::Hours(1), absl::Hours(9)));
  if (dice_.Chance(40)) SwapPricing();
  if (dice_.Chance(4)) RefusePricing();
  if (dice_.Chance(20)) ChangePlans();
  if (dice_.Chance(2)) Restart();
}

void Interruptions::SwapPricing() {
  switch (dice_.Below(3)) {
    case 0:
      return ReloadFile();
    case 1:
      return RollBack();
    default:
      return Activate();
  }
}

void Interruptions::Activate() {
  const absl::Status activated = world_.ActivatePricing(MakePricing(dice_));
  if (!activated.ok()) return Breach(absl::StrCat("not activated: ", activated.ToString()));
  ++figures_.swaps;
  ++figures_.reached["activated"];
}

void Interruptions::RollBack() {
  const bool can = world_.CanRollBack();
  const absl::Status rolled_back = world_.RollBackPricing();
  if (rolled_back.ok() != can) Breach(absl::StrCat("a rollback: ", rolled_back.ToString()));
  ++figures_.reached[can ? "rolled back" : "nothing to roll back"];
  if (can) ++figures_.swaps;
}

void Interruptions::ReloadFile() {
  world_.WritePricing(MakePricing(dice_));
  const absl::Status reloaded = world_.ReloadPricing();
  if (!reloaded.ok()) return Breach(absl::StrCat("a good file: ", reloaded.ToString()));
  ++figures_.swaps;
  ++figures_.reached["file reloaded"];
}

// What is refused is no configuration, whichever way it comes: the one before stays in force.
void Interruptions::RefusePricing() {
  const std::string bad = MakeBadPricing(dice_);
  if (dice_.Chance(500)) {
    if (world_.ActivatePricing(bad).ok()) Breach("a bad configuration was activated");
    ++figures_.reached["activation refused"];
    return;
  }
  world_.WritePricing(bad);
  if (world_.ReloadPricing().ok()) Breach("a bad pricing file was put in force");
  ++figures_.reached["pricing file refused"];
  // The next start finds it, or what was mended by then.
  if (dice_.Chance(500)) Restart();
}

void Interruptions::ChangePlans() {
  std::vector<core::Plan> plans = world_.plans();
  for (core::Plan& plan : plans) {
    if (plan.cost_ppm.has_value() && dice_.Chance(500)) {
      plan.cost_ppm = dice_.Between(900'000, 999'999);
    }
  }
  world_.SetPlans(std::move(plans));
  ++figures_.reached["costs changed"];
}

// Now and then the file is another one by then.
void Interruptions::Restart() {
  if (dice_.Chance(300)) world_.WritePricing(MakePricing(dice_));
  const std::string before = world_.in_force();
  const bool file_is_new = world_.FileIsNew();
  world_.CrashAndRestart();
  ++figures_.restarts;
  if (before != world_.in_force()) {
    ++figures_.swaps;
    ++figures_.reached["started with a new file"];
  } else {
    ++figures_
          .reached[file_is_new ? "started beside a bad file" : "started with the last in force"];
  }
}

}  // namespace topup::integration
