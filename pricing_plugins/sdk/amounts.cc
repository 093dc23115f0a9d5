#include "pricing_plugins/sdk/amounts.h"

#include <algorithm>

#include "pricing_plugins/abi/types.h"
#include "pricing_plugins/sdk/errors.h"

namespace topup::pricing_sdk {
namespace {

constexpr int64_t kPpmPerPercent = TOPUP_PRICING_PPM / 100;
constexpr size_t kPercentDecimalsMax = 4;
constexpr size_t kPercentDigitsMax = 4;  // of the whole number: 1000

void RequireInRange(int64_t value, int64_t max, const char* what) {
  if (value >= 0 && value <= max) return;
  throw PricingError(TOPUP_PRICING_OUT_OF_RANGE, std::string(what) + " " + std::to_string(value) +
                                                     " is not within 0.." + std::to_string(max));
}

int64_t RequireAmount(int64_t centimes) {
  RequireInRange(centimes, TOPUP_PRICING_AMOUNT_MAX, "amount in centimes");
  return centimes;
}

// Fits: that is what the two limits are for.
int64_t Product(int64_t centimes, int64_t ratio_ppm) {
  RequireAmount(centimes);
  RequireInRange(ratio_ppm, TOPUP_PRICING_RATIO_MAX, "ratio in parts per million");
  return centimes * ratio_ppm;
}

bool IsDigits(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

int64_t MultiplyRoundedUp(int64_t centimes, int64_t ratio_ppm) {
  const int64_t product = Product(centimes, ratio_ppm);
  const int64_t whole = product / TOPUP_PRICING_PPM;
  return RequireAmount(product % TOPUP_PRICING_PPM == 0 ? whole : whole + 1);
}

int64_t MultiplyRoundedDown(int64_t centimes, int64_t ratio_ppm) {
  return std::min(Product(centimes, ratio_ppm) / TOPUP_PRICING_PPM, TOPUP_PRICING_AMOUNT_MAX);
}

int64_t Add(int64_t centimes, int64_t more_centimes) {
  return RequireAmount(RequireAmount(centimes) + RequireAmount(more_centimes));
}

int64_t RoundUpTo(int64_t centimes, int64_t step_centimes) {
  RequireAmount(centimes);
  if (step_centimes <= 0) throw PricingError(TOPUP_PRICING_FAILED, "a step has to be positive");
  const int64_t rest = centimes % step_centimes;
  return RequireAmount(rest == 0 ? centimes : centimes + (step_centimes - rest));
}

std::optional<int64_t> ParsePercent(const std::string& text) {
  const size_t point = text.find('.');
  const std::string whole = text.substr(0, point);
  if (!IsDigits(whole) || whole.size() > kPercentDigitsMax) return std::nullopt;
  if (whole.size() > 1 && whole[0] == '0') return std::nullopt;
  int64_t ratio_ppm = std::stoll(whole) * kPpmPerPercent;
  if (point != std::string::npos) {
    std::string decimals = text.substr(point + 1);
    if (!IsDigits(decimals) || decimals.size() > kPercentDecimalsMax) return std::nullopt;
    decimals.resize(kPercentDecimalsMax, '0');
    ratio_ppm += std::stoll(decimals);
  }
  if (ratio_ppm > TOPUP_PRICING_RATIO_MAX) return std::nullopt;
  return ratio_ppm;
}

std::string FormatPercent(int64_t ratio_ppm) {
  std::string decimals = std::to_string(kPpmPerPercent + ratio_ppm % kPpmPerPercent).substr(1);
  decimals.resize(decimals.find_last_not_of('0') + 1);
  const std::string whole = std::to_string(ratio_ppm / kPpmPerPercent);
  return whole + (decimals.empty() ? "" : "." + decimals) + " %";
}

std::string FormatDinars(int64_t centimes) {
  const std::string whole = std::to_string(centimes / 100);
  if (centimes % 100 == 0) return whole + " DZD";
  return whole + "." + std::to_string(100 + centimes % 100).substr(1) + " DZD";
}

}  // namespace topup::pricing_sdk
