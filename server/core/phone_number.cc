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

// The size of the whole number that begins at `start`; 0 where there is none.
size_t NumberSizeAt(absl::string_view text, size_t start) {
  if (start > 0 && absl::ascii_isalnum(text[start - 1])) return 0;
  for (const absl::string_view prefix : {"+213", "00213", "213", "0"}) {
    absl::string_view rest = text.substr(start);
    if (!absl::ConsumePrefix(&rest, prefix)) continue;
    const absl::string_view subscriber = rest.substr(0, kNationalSize - 1);
    const bool touched =
        rest.size() > subscriber.size() && absl::ascii_isalnum(rest[subscriber.size()]);
    if (!touched && IsNational(absl::StrCat("0", subscriber))) {
      return prefix.size() + subscriber.size();
    }
  }
  return 0;
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

std::string MaskNumbers(absl::string_view text) {
  std::string masked(text);
  for (size_t start = 0; start < text.size(); ++start) {
    const size_t size = NumberSizeAt(text, start);
    // The subscriber's digits but for the first one and the last two.
    if (size > 0) masked.replace(start + size - 8, 6, 6, '*');
  }
  return masked;
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
