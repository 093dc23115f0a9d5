// Memory for a library to write into, with known bytes on both sides.
#ifndef TOPUP_PRICING_PLUGINS_CHECKER_FENCED_H_
#define TOPUP_PRICING_PLUGINS_CHECKER_FENCED_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

namespace topup::checker {

// A T between two fences. What is written into a fence stays visible; what is written beyond
// it is seen by nobody.
template <typename T>
class Fenced {
 public:
  explicit Fenced(const T& value) : value_(value) {
    std::memset(before_, kByte, sizeof(before_));
    std::memset(behind_, kByte, sizeof(behind_));
  }

  T& value() { return value_; }

  // Where a fence was written into: "3 bytes before it"; nothing where none was.
  std::optional<std::string> Damage() const {
    const size_t before = CountDamaged(before_);
    if (before > 0) return std::to_string(before) + " bytes before it";
    const size_t behind = CountDamaged(behind_);
    if (behind > 0) return std::to_string(behind) + " bytes behind it";
    return std::nullopt;
  }

 private:
  static constexpr unsigned char kByte = 0xa5;
  static constexpr size_t kFenceSize = 1024;

  static size_t CountDamaged(const unsigned char (&fence)[kFenceSize]) {
    size_t count = 0;
    for (const unsigned char byte : fence) count += byte == kByte ? 0 : 1;
    return count;
  }

  unsigned char before_[kFenceSize];
  alignas(8) T value_;
  unsigned char behind_[kFenceSize];
};

}  // namespace topup::checker

#endif  // TOPUP_PRICING_PLUGINS_CHECKER_FENCED_H_
