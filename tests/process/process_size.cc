#include "tests/process/process_size.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace topup::process {
namespace {

// The name under which topupd opens its sealed copies.
constexpr char kLibrary[] = "/memfd:topup_pricing_strategy";
// What holds_a_file.c opens.
constexpr char kHeld[] = "/memfd:held_by_a_strategy";

}  // namespace

absl::StatusOr<ProcessSize> ReadProcessSize(pid_t pid) {
  const std::string folder = absl::StrCat("/proc/", pid, "/");
  ProcessSize size;
  std::string line;
  for (std::ifstream status(folder + "status"); std::getline(status, line);) {
    // "VmRSS:     12345 kB"
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (words.size() > 1 && words[0] == "VmRSS:" &&
        !absl::SimpleAtoi(words[1], &size.resident_kib)) {
      return absl::NotFoundError(absl::StrCat("no size of memory: ", line));
    }
  }
  std::set<std::string> inodes;
  for (std::ifstream maps(folder + "maps"); std::getline(maps, line);) {
    if (!absl::StrContains(line, kLibrary)) continue;
    ++size.library_mappings;
    // Addresses, permissions, offset, device, inode, name.
    const std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (words.size() > 4) inodes.insert(words[4]);
  }
  size.libraries = static_cast<int>(inodes.size());
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "fd", error)) {
    std::error_code gone;
    const std::string target = std::filesystem::read_symlink(entry.path(), gone);
    if (absl::StartsWith(target, kHeld)) {
      ++size.strategies;
      continue;
    }
    ++size.descriptors;
    if (absl::StartsWith(target, kLibrary)) ++size.library_descriptors;
  }
  if (size.resident_kib == 0 || size.descriptors == 0) {
    return absl::NotFoundError(absl::StrCat("process ", pid, " cannot be looked at"));
  }
  return size;
}

std::vector<std::string> FindGrowth(const ProcessSize& before, const ProcessSize& after,
                                    const GrowthLimits& limits) {
  std::vector<std::string> growth;
  const auto look = [&growth](const char* what, int64_t from, int64_t to, int64_t by) {
    if (to <= from + by) return;
    growth.push_back(absl::StrCat(what, ": from ", from, " to ", to, ", more than ", by, " more"));
  };
  if (after.libraries != limits.libraries) {
    growth.push_back(absl::StrCat(after.libraries, " libraries, not ", limits.libraries));
  }
  look("libraries", before.libraries, after.libraries, 0);
  look("mappings of libraries", before.library_mappings, after.library_mappings, 0);
  look("open files of libraries", before.library_descriptors, after.library_descriptors, 0);
  look("living strategies", before.strategies, after.strategies, limits.strategies);
  look("open files", before.descriptors, after.descriptors, limits.descriptors);
  look("KiB of memory", before.resident_kib, after.resident_kib, limits.resident_kib);
  return growth;
}

}  // namespace topup::process
