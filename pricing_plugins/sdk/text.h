// Text that is fit to be shown: UTF-8, in one line.
#ifndef TOPUP_PRICING_PLUGINS_SDK_TEXT_H_
#define TOPUP_PRICING_PLUGINS_SDK_TEXT_H_

#include <string>

namespace topup::pricing_sdk {

// `text` with a '?' for every control character and every byte that is not part of a UTF-8
// character. Unchanged where the contract takes it as it is. Pure.
std::string OneLine(const std::string& text);

}  // namespace topup::pricing_sdk

#endif  // TOPUP_PRICING_PLUGINS_SDK_TEXT_H_
