#include "client/cli/price_text.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/cli/display_width.h"
#include "client/cli/topup_text.h"

namespace topup::cli {
namespace {

// A name and what stands there; several for what there may be several of.
struct PriceLine {
  std::string name;
  std::vector<std::string> texts;
};

std::string VolumeText(const v1::CallerVolume& volume) {
  return absl::StrCat(volume.count_today(), " today, ", MoneyText(volume.volume_today()), "; ",
                      volume.count_this_month(), " this month, ",
                      MoneyText(volume.volume_this_month()));
}

std::string StrategyText(const v1::PricingStrategy& strategy) {
  return absl::StrCat(strategy.strategy_id(), " ", strategy.version(), ", library ",
                      ShortDigest(strategy.library_digest()), ", configuration ",
                      ShortDigest(strategy.config_digest()));
}

// The same names in the same order for every price.
std::vector<PriceLine> LinesOf(const v1::PriceBreakdown& price, absl::TimeZone zone) {
  std::vector<PriceLine> lines;
  const auto add = [&lines](const char* name, bool is_set, const std::string& text) {
    lines.push_back({name, {}});
    if (is_set) lines.back().texts.push_back(text);
  };
  const v1::PriceInputs& inputs = price.inputs();
  const bool has_inputs = price.has_inputs();
  add("configuration", has_inputs, ShortDigest(inputs.config_digest()));
  add("route", has_inputs, inputs.route());
  add("chain", has_inputs, inputs.chain());
  add("time", has_inputs, TimeText(inputs.time(), zone));
  add("cost ratio", has_inputs, RatioText(inputs.cost_ppm()));
  add("bought before", has_inputs,
      inputs.has_caller_volume() ? VolumeText(inputs.caller_volume()) : "not counted");
  add("face value", price.has_face_value(), MoneyText(price.face_value()));
  add("cost", price.has_cost(), MoneyText(price.cost()));
  PriceLine strategies{"strategy", {}};
  for (const v1::PricingStrategy& strategy : price.strategies()) {
    strategies.texts.push_back(StrategyText(strategy));
  }
  lines.push_back(std::move(strategies));
  PriceLine steps{"step", {}};
  for (const v1::PriceStep& step : price.steps()) {
    steps.texts.push_back(step.has_price_after() ? absl::StrCat(step.description(), ": ",
                                                                MoneyText(step.price_after()))
                                                 : step.description());
  }
  lines.push_back(std::move(steps));
  add("price", price.has_price(), MoneyText(price.price()));
  add("profit", price.has_profit(), MoneyText(price.profit()));
  return lines;
}

void AddRows(const PriceLine& recorded, const PriceLine& replayed, Table& table) {
  for (size_t i = 0; i < std::max(recorded.texts.size(), replayed.texts.size()); ++i) {
    const std::string left = i < recorded.texts.size() ? recorded.texts[i] : "";
    const std::string right = i < replayed.texts.size() ? replayed.texts[i] : "";
    table.AddRow({{recorded.name},
                  {left},
                  {right, left == right ? Colour::kPlain : Colour::kYellow},
                  {left == right ? "" : "differs", Colour::kYellow}});
  }
}

}  // namespace

std::string ShortDigest(absl::string_view digest) { return std::string(digest.substr(0, 12)); }

std::string RatioText(int64_t ppm) {
  constexpr int64_t kMillion = 1'000'000;
  std::string text = absl::StrFormat("%s%d.%06d", ppm < 0 ? "-" : "", std::abs(ppm / kMillion),
                                     std::abs(ppm % kMillion));
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

void PrintStrategies(const admin::v1::ListStrategiesResponse& response, const Style& style,
                     std::ostream& out) {
  out << "in force: " << Printable(response.config_digest()) << '\n';
  Table table({"STRATEGY", "VERSION", "LIBRARY", "STATE", "ROUTES"});
  for (const admin::v1::StrategyInfo& info : response.strategies()) {
    const v1::PricingStrategy& strategy = info.strategy();
    const std::string name = strategy.strategy_id().empty() ? "-" : strategy.strategy_id();
    table.AddRow({{name},
                  {strategy.version()},
                  {ShortDigest(strategy.library_digest())},
                  info.loaded() ? Cell{"loaded", Colour::kGreen} : Cell{"refused", Colour::kRed},
                  {absl::StrJoin(info.routes(), ", ")}});
    if (!info.load_error().empty()) table.AddNote({info.load_error(), Colour::kRed});
  }
  table.Print(out, style);
}

void PrintExplanation(const admin::v1::ExplainPriceResponse& response, absl::TimeZone zone,
                      const Style& style, std::ostream& out) {
  const std::vector<PriceLine> recorded = LinesOf(response.recorded(), zone);
  if (!response.has_replayed()) {
    Table table({"", "RECORDED"});
    for (const PriceLine& line : recorded) {
      for (const std::string& text : line.texts) table.AddRow({{line.name}, {text}});
    }
    table.Print(out, style);
    out << style.Paint(Colour::kYellow, "could not be priced again") << ": "
        << Isolated(response.detail()) << '\n';
    return;
  }
  const std::vector<PriceLine> replayed = LinesOf(response.replayed(), zone);
  Table table({"", "RECORDED", "PRICED AGAIN", ""});
  for (size_t i = 0; i < recorded.size(); ++i) AddRows(recorded[i], replayed[i], table);
  table.Print(out, style);
  if (response.same()) {
    out << style.Paint(Colour::kGreen, "same") << '\n';
  } else {
    out << style.Paint(Colour::kRed, "different") << ": " << Isolated(response.detail()) << '\n';
  }
}

}  // namespace topup::cli
