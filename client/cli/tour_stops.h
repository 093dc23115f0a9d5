// The tour: one top-up to each of the sandbox's numbers worth seeing, and how each has to end.
// Pure.
#ifndef TOPUP_CLIENT_CLI_TOUR_STOPS_H_
#define TOPUP_CLIENT_CLI_TOUR_STOPS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "topup/v1/topup_service.pb.h"

namespace topup::cli {

// One top-up of the tour, with what is documented about its end.
struct TourStop {
  std::string phone_number;
  std::string plan_code;
  int64_t amount_dzd = 0;
  v1::TopupStatus end = v1::TOPUP_STATUS_FULFILLED;
  v1::RefundAdvice advice = v1::REFUND_ADVICE_NONE;
  std::string rejection_reason = {};
  bool has_refund_message = false;  // the provider's own text, in Arabic
  bool suggests_offers = false;
};

const std::vector<TourStop>& TourStops();

// Nothing more will happen to it during a tour: settled, or UNKNOWN_ERROR, which may last for
// days.
bool IsAtItsEnd(const v1::Topup& topup);

// What is not as `stop` says, a phrase for each; empty where all is as documented. Costs and
// profits are looked at only where the caller may see them.
std::vector<std::string> Differences(const TourStop& stop, const v1::Topup& topup);

}  // namespace topup::cli

#endif  // TOPUP_CLIENT_CLI_TOUR_STOPS_H_
