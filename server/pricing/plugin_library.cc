#include "server/pricing/plugin_library.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "server/base/status_macros.h"
#include "server/pricing/library/load_error.h"
#include "server/pricing/strategy_text.h"

namespace topup::pricing {
namespace {

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U  // newer than this C library's headers
#endif

constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

int MakeMemoryFile() {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const int fd = memfd_create("topup_pricing_strategy", kFlags | MFD_EXEC);
  if (fd >= 0 || errno != EINVAL) return fd;
  return memfd_create("topup_pricing_strategy", kFlags);  // before Linux 6.3
}

absl::Status WriteAll(int fd, absl::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t count = write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return LoadRefused(path, kStepOpen, "memory for a copy", strerror(errno));
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return absl::OkStatus();
}

absl::StatusOr<void*> FillAndOpen(int fd, const LibraryFile& file) {
  RETURN_IF_ERROR(WriteAll(fd, file.bytes, file.path));
  if (fcntl(fd, F_ADD_SEALS, kSeals) != 0) {
    return LoadRefused(file.path, kStepOpen, "a sealed copy", strerror(errno));
  }
  const std::string copy = absl::StrCat("/proc/self/fd/", fd);
  void* handle = dlopen(copy.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle != nullptr) return handle;
  const char* problem = dlerror();
  const std::string found = problem == nullptr ? "nothing" : problem;
  return LoadRefused(file.path, kStepOpen, "a library that can be linked",
                     absl::StrReplaceAll(found, {{copy, "the library"}}));
}

// The entry, its version and size checked, as far as the library's own tables allow to look.
absl::StatusOr<const topup_pricing_entry_t*> FindEntry(LinkedLibrary linked,
                                                       const std::string& path) {
  void* address = dlsym(linked.handle, TOPUP_PRICING_ENTRY_SYMBOL);
  if (address == nullptr) {
    return LoadRefused(path, kStepEntry, TOPUP_PRICING_ENTRY_SYMBOL, "no such symbol");
  }
  Dl_info where = {};
  ElfW(Sym)* symbol = nullptr;
  void** extra = reinterpret_cast<void**>(&symbol);
  if (dladdr1(address, &where, extra, RTLD_DL_SYMENT) == 0 || symbol == nullptr ||
      ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT) {
    return LoadRefused(path, kStepEntry, TOPUP_PRICING_ENTRY_SYMBOL " as data",
                       "a symbol that is no data");
  }
  if (symbol->st_size < 2 * sizeof(uint32_t)) {
    return LoadRefused(path, kStepEntry, "a record with struct_size and abi_version",
                       absl::StrCat(symbol->st_size, " bytes"));
  }
  const auto* entry = static_cast<const topup_pricing_entry_t*>(address);
  const uint32_t major = TOPUP_PRICING_ABI_MAJOR_OF(entry->abi_version);
  if (major != TOPUP_PRICING_ABI_MAJOR) {
    return LoadRefused(path, kStepVersion, absl::StrCat(TOPUP_PRICING_ABI_MAJOR, ".x"),
                       absl::StrCat(major, ".", TOPUP_PRICING_ABI_MINOR_OF(entry->abi_version)));
  }
  if (entry->struct_size != sizeof(*entry) || symbol->st_size < sizeof(*entry)) {
    return LoadRefused(
        path, kStepSizes, absl::StrCat("an entry of ", sizeof(*entry), " bytes"),
        absl::StrFormat("struct_size %d in %d bytes", entry->struct_size, symbol->st_size));
  }
  if (entry->descriptor == nullptr || entry->init == nullptr || entry->deinit == nullptr ||
      entry->create == nullptr || entry->get_extension == nullptr) {
    return LoadRefused(path, kStepFunctions, "every pointer of the entry", "a null pointer");
  }
  return entry;
}

bool IsStrategyId(const std::string& id) {
  return !id.empty() &&
         id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._") == std::string::npos;
}

}  // namespace

PluginLibrary::PluginLibrary(const LibraryFile& file, const PricingOptions& options, base::Log& log)
    : path_(file.path),
      digest_(file.digest),
      services_(options, path_.substr(path_.rfind('/') + 1), log) {}

PluginLibrary::~PluginLibrary() {
  if (initialised_) entry_->deinit();
}

// Opens what was hashed, not what the path leads to by now: a copy in memory that nobody can
// change any more.
absl::StatusOr<LinkedLibrary> PluginLibrary::Link(const LibraryFile& file) {
  const int fd = MakeMemoryFile();
  if (fd < 0) return LoadRefused(file.path, kStepOpen, "a file in memory", strerror(errno));
  const absl::StatusOr<void*> handle = FillAndOpen(fd, file);
  if (handle.ok()) return LinkedLibrary{*handle};
  // Of an opened library the descriptor stays open for ever: the linker knows libraries by their
  // names, and would take a later one under the same number for this one.
  close(fd);
  return handle.status();
}

absl::StatusOr<std::shared_ptr<const PluginLibrary>> PluginLibrary::Open(
    LinkedLibrary linked, const LibraryFile& file, const PricingOptions& options, base::Log& log) {
  std::shared_ptr<PluginLibrary> library(new PluginLibrary(file, options, log));
  ASSIGN_OR_RETURN(library->entry_, FindEntry(linked, file.path));
  RETURN_IF_ERROR(library->Initialise());
  RETURN_IF_ERROR(library->ReadDescriptor());
  return library;
}

absl::Status PluginLibrary::Initialise() {
  topup_pricing_error_t error = {.struct_size = sizeof(error),
                                 .abi_version = TOPUP_PRICING_ABI_VERSION};
  topup_pricing_code_t code = TOPUP_PRICING_FAILED;
  try {
    code = entry_->init(services_.table(), &error);
  } catch (...) {
    return LoadRefused(path_, kStepInit, "OK", kException);
  }
  if (code != TOPUP_PRICING_OK) {
    return LoadRefused(path_, kStepInit, "OK",
                       absl::StrCat("code ", code, ": ",
                                    ReadStrategyText(error.message, sizeof(error.message))
                                        .value_or("(no usable message)")));
  }
  initialised_ = true;
  return absl::OkStatus();
}

absl::Status PluginLibrary::ReadDescriptor() {
  const topup_pricing_descriptor_t& descriptor = *entry_->descriptor;
  if (TOPUP_PRICING_ABI_MAJOR_OF(descriptor.abi_version) != TOPUP_PRICING_ABI_MAJOR ||
      descriptor.struct_size != sizeof(descriptor)) {
    return LoadRefused(path_, kStepSizes,
                       absl::StrCat("a descriptor of ", sizeof(descriptor), " bytes"),
                       absl::StrCat("struct_size ", descriptor.struct_size));
  }
  const struct {
    const char* name;
    const char* text;
    size_t size_max;
    LineBreaks line_breaks;
    std::string& copy;
  } texts[] = {
      {"id", descriptor.id, TOPUP_PRICING_ID_SIZE, LineBreaks::kForbidden, description_.id},
      {"version", descriptor.version, TOPUP_PRICING_VERSION_SIZE, LineBreaks::kForbidden,
       description_.version},
      {"display_name", descriptor.display_name, TOPUP_PRICING_NAME_SIZE, LineBreaks::kForbidden,
       description_.display_name},
      {"vendor", descriptor.vendor, TOPUP_PRICING_NAME_SIZE, LineBreaks::kForbidden,
       description_.vendor},
      {"config_schema", descriptor.config_schema, TOPUP_PRICING_SCHEMA_SIZE, LineBreaks::kAllowed,
       description_.config_schema}};
  for (const auto& text : texts) {
    std::optional<std::string> copy = ReadStrategyText(text.text, text.size_max, text.line_breaks);
    if (!copy.has_value() || copy->empty()) {
      return LoadRefused(path_, kStepDescriptor,
                         absl::StrCat(text.name, " of 1 to ", text.size_max - 1, " bytes of UTF-8"),
                         copy.has_value() ? "an empty one" : "something else");
    }
    text.copy = *std::move(copy);
  }
  if (!IsStrategyId(description_.id)) {
    return LoadRefused(path_, kStepDescriptor, "an id of a-z 0-9 . _", description_.id);
  }
  return ReadSchema();
}

absl::Status PluginLibrary::ReadSchema() {
  std::vector<JsonProblem> problems;
  schema_ = ConfigSchema::Parse(description_.config_schema, problems);
  if (schema_ != nullptr) return absl::OkStatus();
  return LoadRefused(path_, kStepDescriptor, "a config_schema of keywords that topupd enforces",
                     absl::StrJoin(problems, "; ", [](std::string* out, const auto& problem) {
                       out->append(DescribeProblem(problem));
                     }));
}

}  // namespace topup::pricing
