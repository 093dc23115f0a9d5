#include "pricing_plugins/checker/elf_symbols.h"

#include <elf.h>

#include <cstring>

namespace topup::checker {
namespace {

// More than any strategy has; keeps a made-up header from holding us up.
constexpr uint64_t kSymbolMax = 100'000;

template <typename Record>
std::optional<Record> At(absl::string_view bytes, uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(Record)) return std::nullopt;
  Record record;
  std::memcpy(&record, bytes.data() + offset, sizeof(Record));
  return record;
}

std::string TextAt(absl::string_view bytes, uint64_t offset) {
  if (offset >= bytes.size()) return "";
  const absl::string_view rest = bytes.substr(offset, 1024);
  return std::string(rest.substr(0, rest.find('\0')));
}

std::optional<Elf64_Shdr> Section(absl::string_view bytes, const Elf64_Ehdr& header,
                                  uint32_t index) {
  if (index >= header.e_shnum) return std::nullopt;
  return At<Elf64_Shdr>(bytes, header.e_shoff + uint64_t{index} * sizeof(Elf64_Shdr));
}

void ReadSymbols(absl::string_view bytes, const Elf64_Shdr& table, const Elf64_Shdr& names,
                 ElfView& view) {
  const uint64_t count = std::min(table.sh_size / sizeof(Elf64_Sym), kSymbolMax);
  for (uint64_t i = 1; i < count; ++i) {
    const auto symbol = At<Elf64_Sym>(bytes, table.sh_offset + i * sizeof(Elf64_Sym));
    if (!symbol.has_value()) return;
    std::string name = TextAt(bytes, names.sh_offset + symbol->st_name);
    if (symbol->st_shndx == SHN_UNDEF) {
      view.imported.push_back(std::move(name));
      continue;
    }
    const unsigned visibility = ELF64_ST_VISIBILITY(symbol->st_other);
    if (ELF64_ST_BIND(symbol->st_info) == STB_LOCAL || symbol->st_shndx == SHN_ABS ||
        visibility == STV_HIDDEN || visibility == STV_INTERNAL) {
      continue;
    }
    view.exported.push_back({.name = std::move(name),
                             .is_data = ELF64_ST_TYPE(symbol->st_info) == STT_OBJECT,
                             .size = symbol->st_size});
  }
}

void ReadDynamic(absl::string_view bytes, const Elf64_Shdr& table, const Elf64_Shdr& names,
                 ElfView& view) {
  const uint64_t count = std::min(table.sh_size / sizeof(Elf64_Dyn), kSymbolMax);
  for (uint64_t i = 0; i < count; ++i) {
    const auto entry = At<Elf64_Dyn>(bytes, table.sh_offset + i * sizeof(Elf64_Dyn));
    if (!entry.has_value() || entry->d_tag == DT_NULL) return;
    if (entry->d_tag == DT_NEEDED) {
      view.needed.push_back(TextAt(bytes, names.sh_offset + entry->d_un.d_val));
    }
    const bool has_flag = entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0;
    if (entry->d_tag == DT_TEXTREL || has_flag) view.writes_code_when_loaded = true;
  }
}

}  // namespace

std::optional<ElfView> ReadElf(absl::string_view bytes) {
  const auto header = At<Elf64_Ehdr>(bytes, 0);
  if (!header.has_value() || header->e_shentsize != sizeof(Elf64_Shdr)) return std::nullopt;
  ElfView view;
  bool has_symbols = false;
  for (uint32_t i = 0; i < header->e_shnum; ++i) {
    const auto table = Section(bytes, *header, i);
    if (!table.has_value()) return std::nullopt;
    if (table->sh_type != SHT_DYNSYM && table->sh_type != SHT_DYNAMIC) continue;
    const auto names = Section(bytes, *header, table->sh_link);
    if (!names.has_value()) return std::nullopt;
    if (table->sh_type == SHT_DYNSYM) {
      has_symbols = true;
      ReadSymbols(bytes, *table, *names, view);
    } else {
      ReadDynamic(bytes, *table, *names, view);
    }
  }
  for (uint32_t i = 0; i < header->e_phnum; ++i) {
    const auto segment = At<Elf64_Phdr>(bytes, header->e_phoff + uint64_t{i} * sizeof(Elf64_Phdr));
    if (segment.has_value() && segment->p_type == PT_GNU_STACK && (segment->p_flags & PF_X) != 0) {
      view.wants_executable_stack = true;
    }
  }
  return has_symbols ? std::optional<ElfView>(std::move(view)) : std::nullopt;
}

}  // namespace topup::checker
