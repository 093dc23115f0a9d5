#include "server/core/phone_number.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace topup::core {
namespace {

constexpr size_t kNationalSize = 10;

absl::string_view TrimSpaces(absl::string_view text) {
  while (absl::ConsumePrefix(&text, " ")) {
  }
  while (absl::ConsumeSuffix(&text, " ")) {
  }
  return text;
}

bool IsNational(absl::string_view text) {
  return text.size() == kNationalSize && text[0] == '0' && text[1] >= '5' && text[1] <= '7' &&
         std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

}  // namespace

std::optional<PhoneNumber> PhoneNumber::Parse(absl::string_view text) {
  absl::string_view rest = TrimSpaces(text);
  // No prefix is the start of another form, so that the first match is the only one.
  const bool international = absl::ConsumePrefix(&rest, "+213") ||
                             absl::ConsumePrefix(&rest, "00213") ||
                             absl::ConsumePrefix(&rest, "213");
  if (rest.size() > kNationalSize) return std::nullopt;
  std::string digits = international ? absl::StrCat("0", rest) : std::string(rest);
  if (!IsNational(digits)) return std::nullopt;
  return PhoneNumber(std::move(digits));
}

std::string PhoneNumber::Masked() const {
  if (empty()) return "";
  return absl::StrCat(digits_.substr(0, 2), "******", digits_.substr(kNationalSize - 2));
}

Operator PhoneNumber::NetworkOperator() const {
  if (empty()) return Operator::kUnknown;
  switch (digits_[1]) {
    case '5':
      return Operator::kOoredoo;
    case '6':
      return Operator::kMobilis;
    case '7':
      return Operator::kDjezzy;
    default:
      return Operator::kUnknown;
  }
}

}  // namespace topup::core
