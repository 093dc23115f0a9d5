// What a library exports and imports, told from its bytes.
#ifndef TOPUP_PRICING_PLUGINS_CHECKER_ELF_SYMBOLS_H_
#define TOPUP_PRICING_PLUGINS_CHECKER_ELF_SYMBOLS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace topup::checker {

struct ElfSymbol {
  std::string name;
  bool is_data = false;
  uint64_t size = 0;
};

struct ElfView {
  std::vector<ElfSymbol> exported;    // defined here and visible to others
  std::vector<std::string> imported;  // names
  std::vector<std::string> needed;    // libraries
  bool wants_executable_stack = false;
  bool writes_code_when_loaded = false;  // text relocations
};

// Reads the sections of a 64-bit little-endian library whose format the service takes. Nothing
// where they are missing or contradict themselves. Pure; copes with any bytes.
std::optional<ElfView> ReadElf(absl::string_view bytes);

}  // namespace topup::checker

#endif  // TOPUP_PRICING_PLUGINS_CHECKER_ELF_SYMBOLS_H_
