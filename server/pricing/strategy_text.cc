#include "server/pricing/strategy_text.h"

#include <cstring>

namespace topup::pricing {
namespace {

unsigned char ByteAt(absl::string_view text, size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

// How many bytes the character at the front has; 0 where it is none. Overlong forms, halves of
// pairs and what lies beyond Unicode are none: whoever reads the text later refuses them too.
size_t CharacterSize(absl::string_view text) {
  const unsigned char lead = ByteAt(text, 0);
  if (lead < 0x80) return 1;
  const size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((ByteAt(text, i) & 0xc0) != 0x80) return 0;
  }
  const unsigned char second = ByteAt(text, 1);
  if (lead == 0xe0 && second < 0xa0) return 0;
  if (lead == 0xed && second > 0x9f) return 0;
  if (lead == 0xf0 && second < 0x90) return 0;
  if (lead == 0xf4 && second > 0x8f) return 0;
  return size;
}

bool IsControl(absl::string_view character, LineBreaks line_breaks) {
  const unsigned char lead = ByteAt(character, 0);
  if (lead == '\n' || lead == '\t' || lead == '\r') return line_breaks == LineBreaks::kForbidden;
  if (lead < 0x20 || lead == 0x7f) return true;
  return lead == 0xc2 && ByteAt(character, 1) < 0xa0;  // U+0080 to U+009F
}

}  // namespace

std::optional<absl::string_view> ViewStrategyText(const char* data, size_t size_max,
                                                  LineBreaks line_breaks) {
  if (data == nullptr) return std::nullopt;
  const size_t size = strnlen(data, size_max);
  if (size == size_max) return std::nullopt;
  absl::string_view rest(data, size);
  while (!rest.empty()) {
    if (rest.front() >= 0x20 && rest.front() < 0x7f) {  // most of what there is
      rest.remove_prefix(1);
      continue;
    }
    const size_t character_size = CharacterSize(rest);
    if (character_size == 0) return std::nullopt;
    if (IsControl(rest.substr(0, character_size), line_breaks)) return std::nullopt;
    rest.remove_prefix(character_size);
  }
  return absl::string_view(data, size);
}

std::optional<std::string> ReadStrategyText(const char* data, size_t size_max,
                                            LineBreaks line_breaks) {
  const std::optional<absl::string_view> text = ViewStrategyText(data, size_max, line_breaks);
  if (!text.has_value()) return std::nullopt;
  return std::string(*text);
}

}  // namespace topup::pricing
