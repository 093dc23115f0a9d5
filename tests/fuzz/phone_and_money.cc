// Numbers and amounts are read exactly or not at all, and read back as they were written.
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/core/money.h"
#include "server/core/phone_number.h"
#include "tests/fuzz/fuzz_target.h"

namespace topup::fuzz {
namespace {

void CheckPhone(const std::string& text) {
  const auto phone = core::PhoneNumber::Parse(text);
  if (!phone.has_value()) return;
  const std::string& national = phone->National();
  Promise(national.size() == 10 && national[0] == '0', "a number has ten digits");
  Promise(national[1] >= '5' && national[1] <= '7', "a mobile number begins 05, 06 or 07");
  Promise(national.find_first_not_of("0123456789") == std::string::npos, "digits only");
  Promise(core::PhoneNumber::Parse(national) == phone, "the national form is the number");
  Promise(core::PhoneNumber::Parse("+213" + national.substr(1)) == phone, "so is +213");
  Promise(phone->Masked().find(national.substr(2, 6)) == std::string::npos, "masked is masked");
  Promise(phone->NetworkOperator() != core::Operator::kUnknown, "each prefix has an operator");
}

void CheckMoney(const std::string& text) {
  const auto money = core::ParseDecimalDinars(text);
  if (money.has_value()) {
    const std::string shown = money->ToString();
    Promise(core::ParseDecimalDinars(absl::StripSuffix(shown, " DZD")) == money,
            "an amount reads back as it was written");
    const auto product = core::MultiplyRoundedUp(*money, 1000000);
    Promise(!product.has_value() || *product == *money, "times one changes nothing");
  }
  const auto ratio = core::ParseDecimalRatio(text);
  Promise(!ratio.has_value() || (*ratio >= 0 && *ratio <= 10000000), "a ratio is 0 to 10");
}

}  // namespace
}  // namespace topup::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text = topup::fuzz::TextOf(data, size);
  topup::fuzz::CheckPhone(text);
  topup::fuzz::CheckMoney(text);
  return 0;
}
