// An Algerian mobile number in national form: 0[567] and eight digits.
#ifndef TOPUP_SERVER_CORE_PHONE_NUMBER_H_
#define TOPUP_SERVER_CORE_PHONE_NUMBER_H_

#include <compare>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "server/core/plan.h"

namespace topup::core {

// A value that is always valid, or empty (default-constructed). It has no stream operator:
// logs and errors get Masked(), and only a request to the provider or an answer to the
// number's own caller gets National().
class PhoneNumber {
 public:
  PhoneNumber() = default;

  // Takes the national form and +213, 00213 and 213 forms; spaces at either end are trimmed.
  // Nothing for anything else.
  static std::optional<PhoneNumber> Parse(absl::string_view text);

  // Ten digits.
  const std::string& National() const { return digits_; }

  // First two and last two digits: "06******01".
  std::string Masked() const;

  // The operator whose prefix it has: 05 Ooredoo, 06 Mobilis, 07 Djezzy.
  Operator NetworkOperator() const;

  bool empty() const { return digits_.empty(); }

  friend bool operator==(const PhoneNumber&, const PhoneNumber&) = default;
  friend auto operator<=>(const PhoneNumber&, const PhoneNumber&) = default;

 private:
  explicit PhoneNumber(std::string digits) : digits_(std::move(digits)) {}
  std::string digits_;
};

// `text` with every whole number in it masked, in any form that Parse takes: one that no letter
// and no other digit touches. For texts that repeat what somebody wrote.
std::string MaskNumbers(absl::string_view text);

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_PHONE_NUMBER_H_
