// What every fuzz target has: the entry point that libFuzzer and the replay call, and a check
// that ends the process, so that both take a broken promise for a crash.
#ifndef TOPUP_TESTS_FUZZ_FUZZ_TARGET_H_
#define TOPUP_TESTS_FUZZ_FUZZ_TARGET_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace topup::fuzz {

// The input as text; empty inputs have a data pointer too.
inline std::string TextOf(const uint8_t* data, size_t size) {
  return size == 0 ? "" : std::string(reinterpret_cast<const char*>(data), size);
}

// Takes the first byte off, to choose by; 0 where there is none.
inline uint8_t TakeByte(std::string& input) {
  if (input.empty()) return 0;
  const uint8_t first = static_cast<uint8_t>(input[0]);
  input.erase(0, 1);
  return first;
}

inline void Promise(bool kept, const char* promise) {
  if (kept) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

}  // namespace topup::fuzz

#endif  // TOPUP_TESTS_FUZZ_FUZZ_TARGET_H_
