#include "server/core/provider_words.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "server/core/phone_number.h"

namespace topup::core {
namespace {

constexpr size_t kNameSizeMax = 64;

}  // namespace

std::string PlainName(absl::string_view text) {
  const bool plain = !text.empty() && text.size() <= kNameSizeMax &&
                     std::all_of(text.begin(), text.end(), [](char c) {
                       return absl::ascii_isalnum(c) || c == '-' || c == '_';
                     });
  return plain && !PhoneNumber::Parse(text).has_value() ? std::string(text) : "?";
}

}  // namespace topup::core
