// Takes an input apart from its front: numbers and texts. What is used up gives zeros.
#ifndef TOPUP_TESTS_FUZZ_FUZZ_INPUT_H_
#define TOPUP_TESTS_FUZZ_FUZZ_INPUT_H_

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace topup::fuzz {

// A value: the bytes are the caller's and outlive it.
class FuzzInput {
 public:
  FuzzInput(const uint8_t* data, size_t size) : bytes_(reinterpret_cast<const char*>(data), size) {}
  explicit FuzzInput(absl::string_view bytes) : bytes_(bytes) {}

  bool AtEnd() const { return bytes_.empty(); }

  uint8_t Byte() { return static_cast<uint8_t>(Number(1)); }

  // Little-endian, of 8 bytes at most.
  uint64_t Number(int size) {
    uint64_t number = 0;
    for (int i = 0; i < size && !bytes_.empty(); ++i) {
      number |= static_cast<uint64_t>(static_cast<unsigned char>(bytes_[0])) << (8 * i);
      bytes_.remove_prefix(1);
    }
    return number;
  }

  // As much of `size` as there is.
  std::string Text(size_t size) {
    const std::string text(bytes_.substr(0, size));
    bytes_.remove_prefix(text.size());
    return text;
  }

  std::string Rest() { return Text(bytes_.size()); }

 private:
  absl::string_view bytes_;
};

}  // namespace topup::fuzz

#endif  // TOPUP_TESTS_FUZZ_FUZZ_INPUT_H_
