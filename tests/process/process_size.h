// What a process takes of the machine, as the system sees it.
#ifndef TOPUP_TESTS_PROCESS_PROCESS_SIZE_H_
#define TOPUP_TESTS_PROCESS_PROCESS_SIZE_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace topup::process {

struct ProcessSize {
  int64_t resident_kib = 0;
  int libraries = 0;            // strategies' that are mapped, each once
  int library_mappings = 0;     // all parts of theirs
  int library_descriptors = 0;  // open files of theirs
  int strategies = 0;           // of holds_a_file.c that live: one for each set of prices
  int descriptors = 0;          // all other open files
};

// NotFound where there is no such process, or it may not be looked at.
absl::StatusOr<ProcessSize> ReadProcessSize(pid_t pid);

// How much a process may grow between two looks.
struct GrowthLimits {
  int libraries = 0;  // so many, exactly
  int strategies = 0;
  int descriptors = 0;
  int64_t resident_kib = 0;
};

// In words, what has grown by more than that. What libraries take may not grow at all.
std::vector<std::string> FindGrowth(const ProcessSize& before, const ProcessSize& after,
                                    const GrowthLimits& limits);

}  // namespace topup::process

#endif  // TOPUP_TESTS_PROCESS_PROCESS_SIZE_H_
