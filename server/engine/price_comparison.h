// What two breakdowns of one price differ in. Pure.
#ifndef TOPUP_SERVER_ENGINE_PRICE_COMPARISON_H_
#define TOPUP_SERVER_ENGINE_PRICE_COMPARISON_H_

#include <string>

#include "server/core/price.h"

namespace topup::engine {

// In words, the most important difference first; empty where there is none. Bases are left aside.
std::string DescribeDifference(const core::PriceBreakdown& recorded,
                               const core::PriceBreakdown& replayed);

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_PRICE_COMPARISON_H_
