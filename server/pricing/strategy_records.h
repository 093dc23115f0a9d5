// The records that the host lends to a strategy, as the contract wants them to be before a call.
#ifndef TOPUP_SERVER_PRICING_STRATEGY_RECORDS_H_
#define TOPUP_SERVER_PRICING_STRATEGY_RECORDS_H_

#include <cstdint>

#include "pricing_plugins/abi/topup_pricing.h"

namespace topup::pricing {

// The header, and an empty message.
void Clear(topup_pricing_error_t& error);
// The headers, a price of -1 in dinars, and nothing else.
void Clear(topup_pricing_answer_t& answer);

// Whether the contract takes it for a price.
inline bool IsAmount(int64_t centimes) {
  return centimes >= 0 && centimes <= TOPUP_PRICING_AMOUNT_MAX;
}

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_STRATEGY_RECORDS_H_
