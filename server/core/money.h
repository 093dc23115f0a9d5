// Money: whole centimes of the Algerian dinar, in a type that only adds up with itself.
//
// 1 DZD = 100 centimes. No floating point comes near it. Arithmetic that could overflow is
// checked and says so; the provider's largest plan is 300,000 DZD, nine orders of magnitude
// below the limit.
#ifndef TOPUP_SERVER_CORE_MONEY_H_
#define TOPUP_SERVER_CORE_MONEY_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace topup::core {

// A value. May be negative (a loss).
class Money {
 public:
  constexpr Money() = default;
  static constexpr Money Centimes(int64_t centimes) { return Money(centimes); }
  // `dinars` times 100; nothing where that overflows.
  static std::optional<Money> Dinars(int64_t dinars);

  constexpr int64_t centimes() const { return centimes_; }

  friend constexpr auto operator<=>(Money a, Money b) = default;

  // Nothing on overflow.
  static std::optional<Money> Add(Money a, Money b);
  static std::optional<Money> Subtract(Money a, Money b);

  // For people and logs: "1029.00 DZD".
  std::string ToString() const;

 private:
  explicit constexpr Money(int64_t centimes) : centimes_(centimes) {}
  int64_t centimes_ = 0;
};

// A ratio in parts per million: the provider's cost of a plan (0.98 is 980000), or a markup.
using PartsPerMillion = int64_t;

// `amount` times `ratio`, rounded up to the centime. Nothing where `amount` or `ratio` is
// negative or the product overflows. 500 DZD at 0.9925 is 496.25 DZD exactly.
std::optional<Money> MultiplyRoundedUp(Money amount, PartsPerMillion ratio);

// Reads a decimal number as the provider writes money ("496.25", "980", "1.2E3" as JSON has
// it), without floating point. More than two decimals are an error unless they are zeros;
// nothing for whatever is not a number in range.
std::optional<Money> ParseDecimalDinars(absl::string_view text);

// Reads a decimal ratio ("0.9925") as parts per million. Nothing for more than six
// significant decimals, a negative number or one above 10.
std::optional<PartsPerMillion> ParseDecimalRatio(absl::string_view text);

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_MONEY_H_
