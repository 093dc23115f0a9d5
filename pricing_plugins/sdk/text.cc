#include "pricing_plugins/sdk/text.h"

#include <cstddef>

namespace topup::pricing_sdk {
namespace {

unsigned ByteAt(const std::string& text, size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

// How many bytes the character at `at` has; 0 where there is none, or one that cannot be shown.
size_t CharacterSize(const std::string& text, size_t at) {
  const unsigned lead = ByteAt(text, at);
  if (lead < 0x80) return lead < 0x20 || lead == 0x7f ? 0 : 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  for (size_t i = 1; i < size; ++i) {
    if ((ByteAt(text, at + i) & 0xc0) != 0x80) return 0;
  }
  const unsigned second = ByteAt(text, at + 1);
  const bool is_overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool is_beyond = (lead == 0xed && second > 0x9f) || (lead == 0xf4 && second > 0x8f);
  const bool is_control = lead == 0xc2 && second < 0xa0;
  return is_overlong || is_beyond || is_control ? 0 : size;
}

}  // namespace

std::string OneLine(const std::string& text) {
  std::string line;
  for (size_t at = 0; at < text.size();) {
    const size_t size = CharacterSize(text, at);
    line += size == 0 ? "?" : text.substr(at, size);
    at += size == 0 ? 1 : size;
  }
  return line;
}

}  // namespace topup::pricing_sdk
