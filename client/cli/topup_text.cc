#include "client/cli/topup_text.h"

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace topup::cli {

std::string MoneyText(const v1::Money& money) {
  // Unsigned, so that the smallest amount has an opposite.
  const uint64_t centimes = money.centimes() < 0 ? -static_cast<uint64_t>(money.centimes())
                                                 : static_cast<uint64_t>(money.centimes());
  return absl::StrFormat("%s%d.%02d %s", money.centimes() < 0 ? "-" : "", centimes / 100,
                         centimes % 100,
                         money.currency_code().empty() ? "DZD" : money.currency_code());
}

std::string TimeText(const google::protobuf::Timestamp& time, absl::TimeZone zone) {
  if (time.seconds() == 0 && time.nanos() == 0) return "";
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixSeconds(time.seconds()), zone);
}

std::string StatusWord(v1::TopupStatus status) {
  const std::string& name = v1::TopupStatus_Name(status);
  if (name.empty()) return absl::StrCat("STATUS ", static_cast<int>(status));
  return std::string(absl::StripPrefix(name, "TOPUP_STATUS_"));
}

Colour StatusColour(v1::TopupStatus status) {
  switch (status) {
    case v1::TOPUP_STATUS_FULFILLED:
      return Colour::kGreen;
    case v1::TOPUP_STATUS_REFUNDED:
    case v1::TOPUP_STATUS_REJECTED:
    case v1::TOPUP_STATUS_CANCELLED:
      return Colour::kRed;
    default:
      return Colour::kYellow;
  }
}

std::string OperatorWord(v1::Operator op) {
  if (op == v1::OPERATOR_UNSPECIFIED) return "";
  return absl::AsciiStrToLower(absl::StripPrefix(v1::Operator_Name(op), "OPERATOR_"));
}

std::string StatusMeaning(const v1::Topup& topup) {
  switch (topup.status()) {
    case v1::TOPUP_STATUS_QUEUED:
      return "recorded, not sent yet";
    case v1::TOPUP_STATUS_SUBMITTING:
      return "sent; not known yet whether the provider took it";
    case v1::TOPUP_STATUS_PENDING:
      return "taken by the provider, waiting";
    case v1::TOPUP_STATUS_HANDLING:
      return "the operator is working on it";
    case v1::TOPUP_STATUS_UNKNOWN_ERROR:
      return topup.refund_advice() == v1::REFUND_ADVICE_REVIEW
                 ? "may or may not have been delivered; a person has to decide"
                 : "may or may not have been delivered; do not refund yet";
    case v1::TOPUP_STATUS_FULFILLED:
      return "delivered";
    case v1::TOPUP_STATUS_REFUNDED:
      return "not delivered; refund the customer";
    case v1::TOPUP_STATUS_REJECTED:
      return "the provider never took it; refund the customer";
    case v1::TOPUP_STATUS_CANCELLED:
      return "cancelled before it was sent; refund the customer";
    default:
      return topup.has_settle_time() ? "settled" : "not settled";
  }
}

void AddPriceRows(const v1::PriceBreakdown& price, Table& table) {
  if (price.has_face_value()) table.AddRow({{"face value"}, {MoneyText(price.face_value())}});
  if (price.has_price()) table.AddRow({{"price"}, {MoneyText(price.price()), Colour::kBold}});
  if (price.has_cost()) table.AddRow({{"cost"}, {MoneyText(price.cost())}});
  if (price.has_profit()) table.AddRow({{"profit"}, {MoneyText(price.profit())}});
  for (const v1::PriceStep& step : price.steps()) {
    table.AddRow({{"  step"},
                  {step.has_price_after()
                       ? absl::StrCat(step.description(), ": ", MoneyText(step.price_after()))
                       : step.description()}});
  }
}

void PrintTopup(const v1::Topup& topup, absl::TimeZone zone, const Style& style,
                std::ostream& out) {
  Table table({});
  const auto add = [&table](const std::string& name, const std::string& value) {
    if (!value.empty()) table.AddRow({{name}, {value}});
  };
  add("top-up", topup.topup_id());
  add("ref", topup.ref());
  table.AddRow({{"status"},
                {absl::StrCat(StatusWord(topup.status()), " (", StatusMeaning(topup), ")"),
                 StatusColour(topup.status())}});
  const std::string op = OperatorWord(topup.operator_());
  add("number", op.empty() ? topup.phone_number() : absl::StrCat(topup.phone_number(), " ", op));
  add("plan", topup.plan_code());
  AddPriceRows(topup.price(), table);
  add("review", TimeText(topup.review_time(), zone));
  add("rejected", topup.rejection_reason());
  add("  detail", topup.rejection_detail());
  add("refund text", topup.refund_message());
  for (const char* language : {"ar", "fr", "en"}) {
    const auto message = topup.customer_message().find(language);
    if (message != topup.customer_message().end()) {
      add(absl::StrCat("customer ", language), message->second);
    }
  }
  for (const v1::Offer& offer : topup.suggested_offers()) {
    add("offer",
        absl::StrCat(offer.plan_code(), " ", offer.amount_dzd(), " DZD ", offer.display_name()));
  }
  add("provider id", topup.provider_topup_id());
  add("provider ref", topup.provider_ref());
  if (topup.has_provider_charge()) add("charged", MoneyText(topup.provider_charge()));
  add("created", TimeText(topup.create_time(), zone));
  add("settled", TimeText(topup.settle_time(), zone));
  add("revision", absl::StrCat(topup.revision()));
  for (const auto& [name, value] : topup.labels()) {
    add(absl::StrCat("label ", name), value.empty() ? "(empty)" : value);
  }
  table.Print(out, style);
}

}  // namespace topup::cli
