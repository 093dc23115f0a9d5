#include "client/cli/simulation_text.h"

#include <algorithm>
#include <limits>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/cli/topup_text.h"

namespace topup::cli {
namespace {

namespace v1admin = admin::v1;

constexpr int kBarWidth = 40;

std::string DinarText(int64_t centimes) {
  v1::Money money;
  money.set_centimes(centimes);
  return std::string(absl::StripSuffix(MoneyText(money), " DZD"));
}

Colour ColourOf(const v1::Money& from, const v1::Money& to) {
  if (from.centimes() == to.centimes()) return Colour::kPlain;
  return from.centimes() < to.centimes() ? Colour::kGreen : Colour::kRed;
}

void AddMoneyRow(const char* name, const v1::Money& from, const v1::Money& to, Table& table) {
  table.AddRow(
      {{name}, {MoneyText(from)}, {MoneyText(to)}, {DifferenceText(from, to), ColourOf(from, to)}});
}

void PrintTotals(const v1admin::PricingTotals& totals, const Style& style, std::ostream& out) {
  Table table({"", "OLD", "NEW", "DIFFERENCE"});
  for (size_t column = 1; column <= 3; ++column) table.AlignRight(column);
  AddMoneyRow("revenue", totals.old_revenue(), totals.new_revenue(), table);
  if (totals.has_old_profit() && totals.has_new_profit()) {
    AddMoneyRow("profit", totals.old_profit(), totals.new_profit(), table);
  }
  const bool has_failures = totals.failures() > 0;
  table.AddRow({{"top-ups"},
                {absl::StrCat(totals.topups())},
                {absl::StrCat(totals.topups() - totals.failures())},
                {absl::StrCat(-totals.failures()), has_failures ? Colour::kRed : Colour::kPlain}});
  table.AddRow({{"failures"},
                {""},
                {absl::StrCat(totals.failures()), has_failures ? Colour::kRed : Colour::kPlain}});
  table.Print(out, style);
  if (has_failures) {
    out << totals.failures() << " could not be priced: they are in the old sums only.\n";
  }
}

void PrintMovers(const std::vector<v1admin::PriceMove>& movers, const Style& style,
                 std::ostream& out) {
  if (movers.empty()) return;
  out << '\n' << style.Paint(Colour::kBold, "the biggest movers") << '\n';
  Table table({"TOP-UP", "OLD", "NEW", "DIFFERENCE"});
  for (size_t column = 1; column <= 3; ++column) table.AlignRight(column);
  for (const v1admin::PriceMove& move : movers) {
    table.AddRow({{move.topup_id()},
                  {MoneyText(move.old_price())},
                  {MoneyText(move.new_price())},
                  {DifferenceText(move.old_price(), move.new_price()),
                   ColourOf(move.old_price(), move.new_price())}});
  }
  table.Print(out, style);
}

void PrintFailures(const std::vector<v1admin::PriceMove>& failures, const Style& style,
                   std::ostream& out) {
  if (failures.empty()) return;
  out << '\n' << style.Paint(Colour::kBold, "not priced") << '\n';
  Table table({"TOP-UP", "OLD", "WHY"});
  table.AlignRight(1);
  for (const v1admin::PriceMove& move : failures) {
    table.AddRow({{move.topup_id()}, {MoneyText(move.old_price())}, {move.failure_reason()}});
  }
  table.Print(out, style);
}

void PrintHistogram(const v1admin::PricingTotals& totals, const Style& style, bool draws_blocks,
                    std::ostream& out) {
  int64_t count_max = 0;
  for (const v1admin::PriceMoveBucket& bucket : totals.histogram()) {
    count_max = std::max(count_max, bucket.topups());
  }
  if (count_max == 0) return;
  out << '\n' << style.Paint(Colour::kBold, "how far prices move, in DZD") << '\n';
  Table table({});
  table.AlignRight(0);
  table.AlignRight(1);
  for (const v1admin::PriceMoveBucket& bucket : totals.histogram()) {
    std::string bar;
    for (int i = 0; i < BarLength(bucket.topups(), count_max, kBarWidth); ++i) {
      bar += draws_blocks ? "\u2588" : "#";
    }
    table.AddRow({{BucketText(bucket)}, {absl::StrCat(bucket.topups())}, {bar}});
  }
  table.Print(out, style);
}

}  // namespace

void PrintSimulation(const SimulationAnswer& answer, const Style& style, bool draws_blocks,
                     std::ostream& out) {
  PrintTotals(answer.totals, style, out);
  PrintMovers(answer.movers, style, out);
  PrintFailures(answer.failures, style, out);
  PrintHistogram(answer.totals, style, draws_blocks, out);
}

std::string BucketText(const v1admin::PriceMoveBucket& bucket) {
  const int64_t min = bucket.min_centimes();
  const int64_t max = bucket.max_centimes();
  const bool is_open_below = min == std::numeric_limits<int64_t>::min();
  const bool is_open_above = max == std::numeric_limits<int64_t>::max();
  if (is_open_below && is_open_above) return "any";
  if (is_open_below) return absl::StrCat("below ", DinarText(max));
  if (is_open_above) return absl::StrCat(DinarText(min), " and more");
  if (min == 0 && max == 1) return "unchanged";
  return absl::StrCat(DinarText(min), " to ", DinarText(max));
}

int BarLength(int64_t count, int64_t count_max, int width) {
  if (count <= 0 || count_max <= 0) return 0;
  const absl::int128 length = absl::int128(std::min(count, count_max)) * width / count_max;
  return std::max(1, static_cast<int>(length));
}

std::string DifferenceText(const v1::Money& from, const v1::Money& to) {
  v1::Money difference = to;
  int64_t centimes = 0;
  if (__builtin_sub_overflow(to.centimes(), from.centimes(), &centimes)) return "out of range";
  difference.set_centimes(centimes);
  return absl::StrCat(centimes > 0 ? "+" : "", MoneyText(difference));
}

}  // namespace topup::cli
