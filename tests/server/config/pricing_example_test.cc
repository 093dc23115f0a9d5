// The worked example of docs/pricing.md: its configuration is loaded, and each row of its table
// is priced and compared, so that neither can drift from the other or from the code.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/error.h"
#include "server/base/metrics.h"
#include "server/config/pricing_settings.h"
#include "server/pricing/plugin_host.h"
#include "tests/fakes/captured_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/support/activate_pricing.h"
#include "tests/support/status_matchers.h"

namespace topup::config {
namespace {

constexpr char kExample[] = "docs/examples/pricing.textproto";

std::string Contents(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The cells of the table's rows, without its head.
std::vector<std::vector<std::string>> TableRows(const std::string& document) {
  std::vector<std::vector<std::string>> rows;
  bool inside = false;
  for (const absl::string_view line : absl::StrSplit(document, '\n')) {
    if (absl::StartsWith(line, "| caller | plan |")) {
      inside = true;
    } else if (!absl::StartsWith(line, "|")) {
      inside = false;
    } else if (inside && !absl::StartsWith(line, "| ---")) {
      std::vector<std::string> cells = absl::StrSplit(line, '|');
      for (std::string& cell : cells) absl::StripAsciiWhitespace(&cell);
      rows.emplace_back(cells.begin() + 1, cells.end() - 1);
    }
  }
  return rows;
}

// "1029.00" for 102900 centimes.
std::string Dinars(core::Money money) {
  const std::string text = money.ToString();
  return text.substr(0, text.find(' '));
}

core::PlanKind KindOf(absl::string_view word) {
  if (word == "fixed") return core::PlanKind::kFixed;
  return word == "dynamic" ? core::PlanKind::kDynamic : core::PlanKind::kUnknown;
}

std::string Outcome(const absl::StatusOr<core::PriceBreakdown>& price) {
  if (price.ok()) return absl::StrCat(Dinars(price->price), ", profit ", Dinars(price->profit));
  std::string outcome = "refused";
  const std::optional<base::ErrorDetails> details = base::GetErrorDetails(price.status());
  for (const auto& [name, value] : details->metadata) {
    if (name == "rule") absl::StrAppend(&outcome, ": `", value, "`");
    int64_t centimes = 0;
    if (name == "limit_centimes" && absl::SimpleAtoi(value, &centimes)) {
      absl::StrAppend(&outcome, ", ", Dinars(core::Money::Centimes(centimes)));
    }
  }
  return outcome;
}

TEST(PricingExampleTest, EveryRowOfTheDocumentIsWhatTheExampleSellsAt) {
  fakes::FakeClock clock;
  fakes::CapturedLog log(clock);
  base::Metrics metrics;
  pricing::PluginHost host(
      {.plugin_directories = {std::filesystem::current_path().string() + "/pricing_plugins"}},
      log.log(), metrics);
  const auto example = ParsePricing(Contents(kExample));
  ASSERT_THAT(example, support::IsOk());
  ASSERT_THAT(support::ActivatePricing(host, *example), support::IsOk());

  const auto rows = TableRows(Contents("docs/pricing.md"));
  ASSERT_GE(rows.size(), 9u);
  for (const std::vector<std::string>& row : rows) {
    // caller, plan, operator, kind, face value, multiplier, cost, what comes of it
    ASSERT_EQ(row.size(), 8u) << row[0];
    const core::Plan plan = {.code = row[1],
                             .op = core::ParseOperator(row[2]),
                             .kind = KindOf(row[3]),
                             .cost_ppm = core::ParseDecimalRatio(row[5])};
    int64_t amount_dzd = 0;
    ASSERT_TRUE(absl::SimpleAtoi(row[4], &amount_dzd)) << row[4];
    const auto price = host.Price({.plan = &plan, .amount_dzd = amount_dzd, .caller = row[0]});
    EXPECT_EQ(Outcome(price), row[7]) << row[0] << " " << row[1] << " " << row[4];
    const auto cost = core::MultiplyRoundedUp(*core::Money::Dinars(amount_dzd), *plan.cost_ppm);
    EXPECT_EQ(Dinars(*cost), row[6]);
  }
}

}  // namespace
}  // namespace topup::config
