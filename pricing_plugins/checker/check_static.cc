// What can be told from a library's bytes, without running anything of it.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "pricing_plugins/checker/checks.h"
#include "pricing_plugins/checker/elf_symbols.h"
#include "server/pricing/library/library_file.h"
#include "server/pricing/library/library_format.h"

namespace topup::checker {
namespace {

// Names that a rule has no use for. A language's runtime may bring some of them along.
constexpr const char* kSuspicious[] = {
    "accept",      "bind",      "clock_gettime", "connect",        "dlopen",    "execl",
    "execv",       "execve",    "exit",          "fopen",          "fopen64",   "fork",
    "getenv",      "getrandom", "gettimeofday",  "kill",           "listen",    "localtime",
    "localtime_r", "open",      "open64",        "pthread_create", "putenv",    "rand",
    "random",      "recv",      "send",          "setenv",         "setlocale", "sigaction",
    "signal",      "sleep",     "socket",        "srand",          "system",    "time",
    "unlink",      "usleep"};

std::optional<ElfView> Read(const Context& context, Report& report) {
  const auto file = pricing::ReadLibraryFile(AbsolutePath(context.path));
  auto view = file.ok() ? ReadElf(file->bytes) : std::nullopt;
  if (!view.has_value()) {
    report.Look(
        "its sections cannot be read: a library can be loaded without them, but not "
        "looked at",
        "do not strip the section headers");
  }
  return view;
}

}  // namespace

void CheckFile(const Context& context, Report& report) {
  const auto file = pricing::ReadLibraryFile(AbsolutePath(context.path));
  if (!file.ok()) {
    return report.Bad(std::string(file.status().message()),
                      "give the file the owner, mode and place that the message asks for");
  }
  if (const absl::Status format = pricing::CheckLibraryFormat(*file); !format.ok()) {
    return report.Bad(std::string(format.message()),
                      "link a shared library that needs the system's C and C++ libraries only");
  }
  report.Good(absl::StrCat(file->bytes.size(), " bytes, SHA-256 ", file->digest));
}

void CheckExports(const Context& context, Report& report) {
  const auto view = Read(context, report);
  if (!view.has_value()) return;
  std::vector<std::string> others;
  const ElfSymbol* entry = nullptr;
  for (const ElfSymbol& symbol : view->exported) {
    if (symbol.name == TOPUP_PRICING_ENTRY_SYMBOL) {
      entry = &symbol;
    } else {
      others.push_back(symbol.name);
    }
  }
  if (entry == nullptr) {
    return report.Bad("it does not export " TOPUP_PRICING_ENTRY_SYMBOL,
                      "define it with TOPUP_PRICING_EXPORT, in C++ as extern \"C\"");
  }
  if (!entry->is_data || entry->size < sizeof(topup_pricing_entry_t)) {
    return report.Bad(
        absl::StrCat(TOPUP_PRICING_ENTRY_SYMBOL " is ",
                     entry->is_data ? "data of " : "no data, and has ", entry->size, " bytes"),
        "define it as a constant of type topup_pricing_entry_t");
  }
  if (!others.empty()) {
    const size_t count = others.size();
    others.resize(std::min<size_t>(count, 5));
    return report.Bad(
        absl::StrCat("it also exports ", count, " other symbols: ", absl::StrJoin(others, ", ")),
        "hide them (-fvisibility=hidden, or an export list): two versions of it in "
        "one process would share them");
  }
  report.Good("one symbol, the entry");
}

void CheckImports(const Context& context, Report& report) {
  const auto view = Read(context, report);
  if (!view.has_value()) return;
  std::vector<std::string> odd;
  for (const std::string& name : view->imported) {
    const auto is_name = [&name](const char* suspicious) { return name == suspicious; };
    if (std::any_of(std::begin(kSuspicious), std::end(kSuspicious), is_name)) odd.push_back(name);
  }
  const std::string needs = absl::StrJoin(view->needed, ", ");
  if (odd.empty()) {
    return report.Good(absl::StrCat("nothing that a rule has no use for; it needs ", needs));
  }
  std::sort(odd.begin(), odd.end());
  odd.erase(std::unique(odd.begin(), odd.end()), odd.end());
  report.Look(absl::StrCat(absl::StrJoin(odd, ", "), "; it needs ", needs),
              "see in its source what for: a price needs no clock, file, network or thread; a "
              "language's runtime may bring such names along");
}

void CheckHardening(const Context& context, Report& report) {
  const auto view = Read(context, report);
  if (!view.has_value()) return;
  if (view->wants_executable_stack) {
    report.Bad("it asks for an executable stack, and every thread of the service would get one",
               "link with -z noexecstack");
  }
  if (view->writes_code_when_loaded) {
    report.Bad("its code is written to when it is loaded (text relocations)", "compile with -fPIC");
  }
  if (!report.has_bad()) report.Good("no executable stack, no text relocations");
}

}  // namespace topup::checker
