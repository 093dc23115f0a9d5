#include "server/core/money.h"

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace topup::core {
namespace {

constexpr int64_t kMillion = 1'000'000;
constexpr PartsPerMillion kRatioMax = 10 * kMillion;

constexpr size_t kNumberSizeMax = 64;  // longer texts are no sums of money
constexpr int kExponentMax = 1000;     // far beyond what any sum can use

// A decimal number as JSON writes it, taken apart: `digits` times ten to the `exponent`.
struct Decimal {
  bool negative = false;
  std::string digits;
  int exponent = 0;
};

std::string TakeDigits(absl::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), absl::ascii_isdigit);
  std::string digits(text.begin(), end);
  text.remove_prefix(digits.size());
  return digits;
}

// Reads "e+12" and the like from the front. False where it is malformed.
bool TakeExponent(absl::string_view& text, int& exponent) {
  exponent = 0;
  if (!absl::ConsumePrefix(&text, "e") && !absl::ConsumePrefix(&text, "E")) return true;
  const bool negative = absl::ConsumePrefix(&text, "-");
  if (!negative) absl::ConsumePrefix(&text, "+");
  const std::string digits = TakeDigits(text);
  if (digits.empty()) return false;
  for (char c : digits) exponent = std::min(exponent * 10 + (c - '0'), kExponentMax);
  if (negative) exponent = -exponent;
  return true;
}

std::optional<Decimal> ReadDecimal(absl::string_view text) {
  if (text.size() > kNumberSizeMax) return std::nullopt;
  Decimal decimal;
  decimal.negative = absl::ConsumePrefix(&text, "-");
  decimal.digits = TakeDigits(text);
  if (decimal.digits.empty()) return std::nullopt;
  if (decimal.digits.size() > 1 && decimal.digits[0] == '0') return std::nullopt;
  size_t decimals = 0;
  if (absl::ConsumePrefix(&text, ".")) {
    const std::string fraction = TakeDigits(text);
    if (fraction.empty()) return std::nullopt;
    decimals = fraction.size();
    decimal.digits += fraction;
  }
  if (!TakeExponent(text, decimal.exponent) || !text.empty()) return std::nullopt;
  decimal.exponent -= static_cast<int>(decimals);
  return decimal;
}

// The number in `text` times ten to the `scale`; nothing where that is no whole number or
// does not fit.
std::optional<int64_t> ReadScaled(absl::string_view text, int scale) {
  std::optional<Decimal> decimal = ReadDecimal(text);
  if (!decimal.has_value()) return std::nullopt;
  std::string& digits = decimal->digits;
  int zeros = decimal->exponent + scale;  // to append, or to take away where negative
  while (!digits.empty() && digits.back() == '0') {
    digits.pop_back();
    ++zeros;
  }
  if (digits.empty()) return 0;
  if (zeros < 0) return std::nullopt;
  if (zeros > std::numeric_limits<int64_t>::digits10) return std::nullopt;
  digits.append(zeros, '0');
  int64_t value = 0;
  for (char c : digits) {
    if (__builtin_mul_overflow(value, 10, &value)) return std::nullopt;
    if (__builtin_add_overflow(value, c - '0', &value)) return std::nullopt;
  }
  return decimal->negative ? -value : value;
}

}  // namespace

std::optional<Money> Money::Dinars(int64_t dinars) {
  int64_t centimes = 0;
  if (__builtin_mul_overflow(dinars, 100, &centimes)) return std::nullopt;
  return Money(centimes);
}

std::optional<Money> Money::Add(Money a, Money b) {
  int64_t sum = 0;
  if (__builtin_add_overflow(a.centimes_, b.centimes_, &sum)) return std::nullopt;
  return Money(sum);
}

std::optional<Money> Money::Subtract(Money a, Money b) {
  int64_t difference = 0;
  if (__builtin_sub_overflow(a.centimes_, b.centimes_, &difference)) return std::nullopt;
  return Money(difference);
}

std::string Money::ToString() const {
  const bool negative = centimes_ < 0;
  // Unsigned, because the smallest int64 has no positive counterpart.
  const uint64_t size = negative ? -static_cast<uint64_t>(centimes_) : centimes_;
  return absl::StrFormat("%s%d.%02d DZD", negative ? "-" : "", size / 100, size % 100);
}

std::optional<Money> MultiplyRoundedUp(Money amount, PartsPerMillion ratio) {
  if (amount.centimes() < 0 || ratio < 0) return std::nullopt;
  const __int128 product = static_cast<__int128>(amount.centimes()) * ratio;
  const __int128 centimes = (product + kMillion - 1) / kMillion;
  if (centimes > std::numeric_limits<int64_t>::max()) return std::nullopt;
  return Money::Centimes(static_cast<int64_t>(centimes));
}

std::optional<Money> ParseDecimalDinars(absl::string_view text) {
  const std::optional<int64_t> centimes = ReadScaled(text, 2);
  if (!centimes.has_value()) return std::nullopt;
  return Money::Centimes(*centimes);
}

std::optional<PartsPerMillion> ParseDecimalRatio(absl::string_view text) {
  const std::optional<int64_t> ratio = ReadScaled(text, 6);
  if (!ratio.has_value() || *ratio < 0 || *ratio > kRatioMax) return std::nullopt;
  return ratio;
}

}  // namespace topup::core
