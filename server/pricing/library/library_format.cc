#include "server/pricing/library/library_format.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/pricing/library/load_error.h"

namespace topup::pricing {
namespace {

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#else
#error "Strategies are only known to work on x86-64 and AArch64."
#endif

// The system's, and the runtimes of the sanitizers for builds that are being tested.
constexpr absl::string_view kMayNeed[] = {
    "libc.so.",    "libm.so.",       "libstdc++.so.",       "libgcc_s.so.",
    "libdl.so.",   "libpthread.so.", "ld-linux-x86-64.so.", "ld-linux-aarch64.so.",
    "libasan.so.", "libubsan.so.",   "libtsan.so."};

constexpr size_t kNameSizeMax = 256;       // of a needed library
constexpr size_t kDynamicEntryMax = 4096;  // a library has some thirty

// Reads records out of bytes that nobody has vouched for.
class Bytes {
 public:
  explicit Bytes(absl::string_view bytes) : bytes_(bytes) {}

  template <typename Record>
  std::optional<Record> At(uint64_t offset) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(Record)) return std::nullopt;
    Record record;
    std::memcpy(&record, bytes_.data() + offset, sizeof(Record));  // may be unaligned
    return record;
  }

  // The text that begins at `offset`; nothing where it has no end.
  std::optional<std::string> TextAt(uint64_t offset) const {
    if (offset >= bytes_.size()) return std::nullopt;
    const absl::string_view rest = bytes_.substr(offset, kNameSizeMax);
    const size_t end = rest.find('\0');
    if (end == absl::string_view::npos) return std::nullopt;
    return std::string(rest.substr(0, end));
  }

 private:
  absl::string_view bytes_;
};

struct Linking {
  std::vector<std::string> needed;
  std::string search_path;  // RPATH or RUNPATH
};

// Where in the file the byte lies that gets `address` when loaded.
std::optional<uint64_t> OffsetOf(const std::vector<Elf64_Phdr>& segments, uint64_t address) {
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type != PT_LOAD || address < segment.p_vaddr) continue;
    if (address - segment.p_vaddr >= segment.p_filesz) continue;
    return segment.p_offset + (address - segment.p_vaddr);
  }
  return std::nullopt;
}

std::optional<std::vector<Elf64_Dyn>> ReadDynamic(const Bytes& bytes, const Elf64_Phdr& segment) {
  std::vector<Elf64_Dyn> entries;
  for (size_t i = 0; i < kDynamicEntryMax; ++i) {
    const auto entry = bytes.At<Elf64_Dyn>(segment.p_offset + i * sizeof(Elf64_Dyn));
    if (!entry.has_value()) return std::nullopt;
    if (entry->d_tag == DT_NULL) return entries;
    entries.push_back(*entry);
  }
  return std::nullopt;
}

// Nothing where the file contradicts itself.
std::optional<Linking> ReadLinking(const Bytes& bytes, const Elf64_Ehdr& header) {
  std::vector<Elf64_Phdr> segments;
  for (Elf64_Half i = 0; i < header.e_phnum; ++i) {
    const auto segment = bytes.At<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr));
    if (!segment.has_value()) return std::nullopt;
    segments.push_back(*segment);
  }
  const auto is_dynamic = [](const Elf64_Phdr& segment) { return segment.p_type == PT_DYNAMIC; };
  const auto dynamic = std::find_if(segments.begin(), segments.end(), is_dynamic);
  if (dynamic == segments.end()) return std::nullopt;
  const auto entries = ReadDynamic(bytes, *dynamic);
  if (!entries.has_value()) return std::nullopt;
  const auto is_names = [](const Elf64_Dyn& entry) { return entry.d_tag == DT_STRTAB; };
  const auto names = std::find_if(entries->begin(), entries->end(), is_names);
  if (names == entries->end()) return std::nullopt;
  const std::optional<uint64_t> names_at = OffsetOf(segments, names->d_un.d_ptr);
  if (!names_at.has_value()) return std::nullopt;

  Linking linking;
  for (const Elf64_Dyn& entry : *entries) {
    const bool is_path = entry.d_tag == DT_RPATH || entry.d_tag == DT_RUNPATH;
    if (entry.d_tag != DT_NEEDED && !is_path) continue;
    std::optional<std::string> name = bytes.TextAt(*names_at + entry.d_un.d_val);
    if (!name.has_value()) return std::nullopt;
    if (is_path) {
      linking.search_path = *std::move(name);
    } else {
      linking.needed.push_back(*std::move(name));
    }
  }
  return linking;
}

}  // namespace

absl::Status CheckLibraryFormat(const LibraryFile& file) {
  const auto refuse = [&file](absl::string_view expected, absl::string_view found) {
    return LoadRefused(file.path, kStepFormat, expected, found);
  };
  const Bytes bytes(file.bytes);
  const auto header = bytes.At<Elf64_Ehdr>(0);
  if (!header.has_value() || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
    return refuse("a shared library (ELF)", "another kind of file");
  }
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
      header->e_machine != kMachine) {
    return refuse(absl::StrCat("a 64-bit library for machine ", kMachine),
                  absl::StrCat("one for machine ", header->e_machine));
  }
  if (header->e_type != ET_DYN || header->e_phentsize != sizeof(Elf64_Phdr)) {
    return refuse(absl::StrCat("a shared library (type ", ET_DYN, ")"),
                  absl::StrCat("type ", header->e_type));
  }
  const std::optional<Linking> linking = ReadLinking(bytes, *header);
  if (!linking.has_value()) return refuse("a whole library", "one that is cut or damaged");
  if (!linking->search_path.empty()) {
    return refuse("no search path (RPATH, RUNPATH)", "one that it brings itself");
  }
  for (const std::string& name : linking->needed) {
    const auto is_start = [&name](absl::string_view start) {
      return absl::StartsWith(name, start);
    };
    if (std::any_of(std::begin(kMayNeed), std::end(kMayNeed), is_start)) continue;
    return refuse("a need for the system's C and C++ libraries only", absl::StrCat("also ", name));
  }
  return absl::OkStatus();
}

}  // namespace topup::pricing
