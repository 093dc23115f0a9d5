// Words of the provider in texts for people: they may hold anything, of any length.
#ifndef TOPUP_SERVER_CORE_PROVIDER_WORDS_H_
#define TOPUP_SERVER_CORE_PROVIDER_WORDS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace topup::core {

// `text` where it is a name: 1 to 64 letters, digits, '-' and '_', and no phone number. Otherwise
// "?".
std::string PlainName(absl::string_view text);

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_PROVIDER_WORDS_H_
