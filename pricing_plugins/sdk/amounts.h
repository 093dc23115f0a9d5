// Exact arithmetic with centimes and ratios, in integers only.
#ifndef TOPUP_PRICING_PLUGINS_SDK_AMOUNTS_H_
#define TOPUP_PRICING_PLUGINS_SDK_AMOUNTS_H_

#include <cstdint>
#include <optional>
#include <string>

namespace topup::pricing_sdk {

// Each of these throws PricingError (TOPUP_PRICING_OUT_OF_RANGE) where an argument or the
// result is not 0 to TOPUP_PRICING_AMOUNT_MAX, or a ratio not 0 to TOPUP_PRICING_RATIO_MAX.

// `centimes` times `ratio_ppm`, rounded up to the centime: 49625 and 1050000 give 52107.
int64_t MultiplyRoundedUp(int64_t centimes, int64_t ratio_ppm);

// As above, rounded down, and TOPUP_PRICING_AMOUNT_MAX where that is less: for limits that must
// not be passed. A limit beyond every amount forbids nothing.
int64_t MultiplyRoundedDown(int64_t centimes, int64_t ratio_ppm);

int64_t Add(int64_t centimes, int64_t more_centimes);

// The next multiple of `step_centimes` (positive), or `centimes` itself where it is one.
int64_t RoundUpTo(int64_t centimes, int64_t step_centimes);

// Reads "5", "2.5", "0.0625" as parts per million (a per cent is 10000 of them): digits, and at
// most four decimals behind a point. Nothing for anything else, and above 1000 per cent.
std::optional<int64_t> ParsePercent(const std::string& text);

// "5 %", "2.5 %".
std::string FormatPercent(int64_t ratio_ppm);

// "5 DZD", "2.50 DZD".
std::string FormatDinars(int64_t centimes);

}  // namespace topup::pricing_sdk

#endif  // TOPUP_PRICING_PLUGINS_SDK_AMOUNTS_H_
