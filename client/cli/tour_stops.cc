#include "client/cli/tour_stops.h"

#include "absl/strings/str_cat.h"
#include "client/cli/topup_text.h"
#include "client/topup_watch.h"

namespace topup::cli {

const std::vector<TourStop>& TourStops() {
  static const auto& stops = *new std::vector<TourStop>{
      // The three numbers that the provider documents.
      {.phone_number = "0600000001",
       .plan_code = "PREPAID_MOBILIS",
       .amount_dzd = 1000,
       .end = v1::TOPUP_STATUS_REFUNDED,
       .advice = v1::REFUND_ADVICE_REFUND,
       .has_refund_message = true},
      {.phone_number = "0600000002",
       .plan_code = "PREPAID_MOBILIS",
       .amount_dzd = 500,
       .end = v1::TOPUP_STATUS_REFUNDED,
       .advice = v1::REFUND_ADVICE_REFUND,
       .has_refund_message = true,
       .suggests_offers = true},
      {.phone_number = "0600000003",
       .plan_code = "PREPAID_MOBILIS",
       .amount_dzd = 200,
       .end = v1::TOPUP_STATUS_UNKNOWN_ERROR,
       .advice = v1::REFUND_ADVICE_WAIT},
      // Every other number is delivered to.
      {.phone_number = "0550000001", .plan_code = "PREPAID_OOREDOO", .amount_dzd = 1000},
      {.phone_number = "0770000001", .plan_code = "PREPAID_DJEZZY", .amount_dzd = 500},
      // One of the stand-in's own: the provider refuses it.
      {.phone_number = "0600000130",
       .plan_code = "PREPAID_MOBILIS",
       .amount_dzd = 100,
       .end = v1::TOPUP_STATUS_REJECTED,
       .advice = v1::REFUND_ADVICE_REFUND,
       .rejection_reason = "PROVIDER_VALIDATION"},
  };
  return stops;
}

bool IsAtItsEnd(const v1::Topup& topup) {
  return client::IsSettled(topup) || topup.status() == v1::TOPUP_STATUS_UNKNOWN_ERROR;
}

std::vector<std::string> Differences(const TourStop& stop, const v1::Topup& topup) {
  std::vector<std::string> differences;
  const auto expect = [&differences](bool holds, const std::string& difference) {
    if (!holds) differences.push_back(difference);
  };
  expect(topup.status() == stop.end,
         absl::StrCat("is ", StatusWord(topup.status()), ", documented is ", StatusWord(stop.end)));
  expect(topup.refund_advice() == stop.advice,
         absl::StrCat("advises ", v1::RefundAdvice_Name(topup.refund_advice()), ", not ",
                      v1::RefundAdvice_Name(stop.advice)));
  expect(topup.rejection_reason() == stop.rejection_reason,
         absl::StrCat("was rejected for \"", topup.rejection_reason(), "\", not for \"",
                      stop.rejection_reason, "\""));
  expect(!topup.refund_message().empty() || !stop.has_refund_message,
         "has no message of the provider's");
  expect(topup.customer_message().count("ar") > 0, "has nothing to tell the customer in Arabic");
  expect(topup.suggested_offers_size() > 0 || !stop.suggests_offers, "suggests no offers");
  const v1::PriceBreakdown& price = topup.price();
  expect(price.face_value().centimes() == stop.amount_dzd * 100,
         absl::StrCat("has the face value ", MoneyText(price.face_value())));
  if (price.has_cost()) {
    expect(price.profit().centimes() == price.price().centimes() - price.cost().centimes(),
           "has a profit that is not price less cost");
  }
  return differences;
}

}  // namespace topup::cli
