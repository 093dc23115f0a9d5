// What is sold costs what was worked out beforehand: each row of prices/prices.tsv, through the
// real libraries and the host that loads them. The table is made by prices/make_prices.py, by hand
// and by exact fractions, which share no code with what is tested here.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "server/base/error.h"
#include "server/base/metrics.h"
#include "server/pricing/plugin_host.h"
#include "tests/fakes/captured_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/server/pricing/plugin_paths.h"
#include "tests/support/activate_pricing.h"

namespace topup::pricing {
namespace {

constexpr size_t kPriceMin = 200;  // that the table has to have

struct Row {
  int line = 0;
  std::string source;
  nlohmann::json chain;  // [[strategy, configuration], ...]
  core::Plan plan;
  int64_t amount_dzd = 0;
  absl::Time time;
  std::optional<CallerVolume> bought;  // nothing where it is not known
  int64_t cost = 0;
  std::string price;   // centimes, or the reason of a refusal
  std::string profit;  // centimes, or "-"
};

core::Operator OperatorOf(const std::string& name) {
  const std::map<std::string, core::Operator> operators = {{"MOBILIS", core::Operator::kMobilis},
                                                           {"DJEZZY", core::Operator::kDjezzy},
                                                           {"OOREDOO", core::Operator::kOoredoo},
                                                           {"PIXX", core::Operator::kPixx}};
  return operators.at(name);
}

std::vector<Row> ReadTable() {
  std::vector<Row> rows;
  std::ifstream file("tests/pricing_plugins/prices/prices.tsv");
  std::string text;
  for (int line = 1; std::getline(file, text); ++line) {
    if (text.empty() || text[0] == '#') continue;
    const std::vector<std::string> columns = absl::StrSplit(text, '\t');
    Row row = {.line = line, .source = columns.at(0)};
    row.chain = nlohmann::json::parse(columns.at(1));
    row.plan = {.code = "PREPAID_" + columns.at(5),
                .op = OperatorOf(columns.at(5)),
                .kind = core::PlanKind::kDynamic,
                .cost_ppm = std::stoll(columns.at(2))};
    row.amount_dzd = std::stoll(columns.at(3));
    std::string problem;
    EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, columns.at(4), &row.time, &problem)) << problem;
    EXPECT_EQ(columns.at(6), "DYNAMIC");
    if (columns.at(7) != "-") {
      row.bought = {.volume_today = core::Money::Centimes(std::stoll(columns.at(7))),
                    .volume_this_month = core::Money::Centimes(std::stoll(columns.at(8)))};
    }
    row.cost = std::stoll(columns.at(9));
    row.price = columns.at(10);
    row.profit = columns.at(11);
    rows.push_back(std::move(row));
  }
  return rows;
}

// False for a strategy whose compiler this machine does not have: its library is an empty file.
bool IsBuilt(const std::string& strategy) {
  return std::filesystem::file_size(GoodLibrary(strategy)) > 0;
}

class PricesTest : public testing::Test {
 protected:
  // The price and profit of a row, as its columns have them.
  std::pair<std::string, std::string> Price(const Row& row) {
    ChainConfiguration chain = {.name = "table"};
    for (const auto& strategy : row.chain) {
      StrategyConfiguration configuration;
      configuration.library = absl::StrCat("lib", strategy[0].get<std::string>(), ".so");
      configuration.config = strategy[1].dump();
      chain.strategies.push_back(configuration);
    }
    PricingConfiguration configuration;
    configuration.chains.push_back(chain);
    configuration.default_chain = "table";
    const absl::Status activated = support::ActivatePricing(host_, configuration);
    if (!activated.ok()) return {std::string(activated.message()), ""};
    const auto price = host_.Price({.plan = &row.plan,
                                    .amount_dzd = row.amount_dzd,
                                    .caller = "shop",
                                    .time = row.time,
                                    .caller_volume = row.bought});
    if (!price.ok()) return {base::ErrorReason(price.status()), "-"};
    EXPECT_EQ(price->cost.centimes(), row.cost);
    EXPECT_EQ(price->steps.back().price_after, price->price);
    return {absl::StrCat(price->price.centimes()), absl::StrCat(price->profit.centimes())};
  }

  fakes::FakeClock clock_;
  fakes::CapturedLog log_{clock_};
  base::Metrics metrics_;
  PluginHost host_{OptionsOfThisBuild(), log_.log(), metrics_};
};

TEST_F(PricesTest, AreThoseOfTheTable) {
  std::map<std::string, int> counts;
  std::map<std::string, int> strategies;
  int with_volumes = 0;
  for (const Row& row : ReadTable()) {
    const auto is_missing = [](const nlohmann::json& strategy) { return !IsBuilt(strategy[0]); };
    if (std::any_of(row.chain.begin(), row.chain.end(), is_missing)) {
      ++counts["skipped"];
      continue;
    }
    SCOPED_TRACE(absl::StrCat("prices.tsv:", row.line, ": ", row.chain.dump()));
    const auto [price, profit] = Price(row);
    EXPECT_EQ(price, row.price);
    EXPECT_EQ(profit, row.profit);
    ++counts[row.source];
    if (row.bought.has_value()) ++with_volumes;
    for (const auto& strategy : row.chain) ++strategies[strategy[0]];
  }
  const int compared = counts["by hand"] + counts["calculated"];
  EXPECT_GE(compared, kPriceMin);
  EXPECT_GE(counts["by hand"], 24);
  EXPECT_GE(with_volumes, 24) << "what callers have bought decides about prices, too";
  EXPECT_GE(strategies.size(), 9u) << "every strategy has its rows";
  std::cout << "prices: " << compared << " compared, " << counts["by hand"] << " by hand, "
            << counts["skipped"] << " skipped for want of a compiler, " << strategies.size()
            << " strategies\n";
}

}  // namespace
}  // namespace topup::pricing
