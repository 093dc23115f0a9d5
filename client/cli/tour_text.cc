#include "client/cli/tour_text.h"

#include <algorithm>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/cli/topup_text.h"

namespace topup::cli {
namespace {

// The currency is in the title.
std::string AmountText(const v1::Money& money) {
  return std::string(absl::StripSuffix(MoneyText(money), " DZD"));
}

std::string AgeText(absl::Duration age) { return absl::StrCat(absl::ToInt64Seconds(age), " s"); }

Cell StatusCell(const TourRow& row) {
  if (!row.topup.has_value()) return {"not sent", Colour::kDim};
  return {StatusWord(row.topup->status()), StatusColour(row.topup->status())};
}

}  // namespace

std::string TourTable(const std::vector<TourRow>& rows, const Style& style) {
  Table table({"NUMBER", "PLAN", "DZD", "COST", "PRICE", "PROFIT", "STATUS", "TIME"});
  for (const size_t column : {2, 3, 4, 5, 7}) table.AlignRight(column);
  for (const TourRow& row : rows) {
    const v1::PriceBreakdown price =
        row.topup.has_value() ? row.topup->price() : v1::PriceBreakdown();
    table.AddRow({{row.stop.phone_number},
                  {row.stop.plan_code},
                  {absl::StrCat(row.stop.amount_dzd)},
                  {price.has_cost() ? AmountText(price.cost()) : ""},
                  {price.has_price() ? AmountText(price.price()) : ""},
                  {price.has_profit() ? AmountText(price.profit()) : ""},
                  StatusCell(row),
                  {row.topup.has_value() ? AgeText(row.age) : ""}});
  }
  std::ostringstream text;
  table.Print(text, style);
  return text.str();
}

std::string DrawnOver(const std::string& text, int lines_before) {
  // Up to the first line, clear from there; no wrapping meanwhile.
  return absl::StrCat(lines_before > 0 ? absl::StrCat("\x1b[", lines_before, "A") : "",
                      "\x1b[J\x1b[?7l", text, "\x1b[?7h");
}

std::string TourLine(const TourRow& row, const Style& style) {
  const Cell status = StatusCell(row);
  std::string line = absl::StrCat(AgeText(row.age), "  ", row.stop.phone_number, "  ",
                                  style.Paint(status.colour, status.text));
  if (row.topup.has_value()) absl::StrAppend(&line, "  ", StatusMeaning(*row.topup));
  if (row.age < absl::Seconds(10)) line.insert(0, " ");
  return line;
}

void PrintTourStory(const std::vector<TourRow>& rows, absl::TimeZone zone, const Style& style,
                    std::ostream& out) {
  Table table({});
  for (const TourRow& row : rows) {
    if (!row.topup.has_value()) continue;
    const v1::Topup& topup = *row.topup;
    table.AddRow({{row.stop.phone_number, Colour::kBold},
                  {StatusWord(topup.status())},
                  {StatusMeaning(topup)}});
    const auto add = [&table](const std::string& name, const std::string& value) {
      if (!value.empty()) table.AddRow({{""}, {name}, {value}});
    };
    add("review", TimeText(topup.review_time(), zone));
    add("reason", topup.rejection_reason());
    add("provider", topup.refund_message());
    // French and English are there too; `topup get` shows all.
    const auto arabic = topup.customer_message().find("ar");
    if (arabic != topup.customer_message().end()) add("customer", arabic->second);
    for (const v1::Offer& offer : topup.suggested_offers()) {
      add("offer",
          absl::StrCat(offer.plan_code(), " ", offer.amount_dzd(), " DZD ", offer.display_name()));
    }
  }
  table.Print(out, style);
}

}  // namespace topup::cli
