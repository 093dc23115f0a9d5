// Seeded choices: the only source of chance in a simulation.
#ifndef TOPUP_TESTS_SIM_DICE_H_
#define TOPUP_TESTS_SIM_DICE_H_

#include <cstdint>
#include <random>
#include <string>
#include <utility>

#include "absl/time/time.h"

namespace topup::sim {

// The same seed gives the same throws on every machine. Not thread-safe.
class Dice {
 public:
  // While there is something left of `script`, each throw but Turn takes as many bytes of it as
  // its bound needs, so that whoever writes the script decides what happens.
  explicit Dice(uint64_t seed, std::string script = "")
      : engine_(seed), script_(std::move(script)) {}

  // 0 to `bound` - 1; 0 where `bound` is 0.
  uint64_t Below(uint64_t bound) {
    if (bound == 0) return 0;
    return place_ < script_.size() ? FromScript(bound) : engine_() % bound;
  }
  // Whose turn it is, which is asked so often that it would use up any script.
  uint64_t Turn(uint64_t bound) { return bound == 0 ? 0 : engine_() % bound; }
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Below(static_cast<uint64_t>(high - low) + 1));
  }
  absl::Duration Between(absl::Duration low, absl::Duration high) {
    return absl::Microseconds(
        Between(absl::ToInt64Microseconds(low), absl::ToInt64Microseconds(high)));
  }
  // True `permille` times in a thousand. Throws in any case, so that a fault that is switched
  // off leaves the other throws as they were.
  bool Chance(int permille) { return static_cast<int>(Below(1000)) < permille; }
  template <typename T, int N>
  const T& OneOf(const T (&choices)[N]) {
    return choices[Below(N)];
  }

 private:
  // At most three bytes, as a fraction of `bound`: time in microseconds is not worth more.
  uint64_t FromScript(uint64_t bound) {
    uint64_t value = 0;
    uint64_t range = 1;
    do {
      value =
          value << 8 | static_cast<unsigned char>(place_ < script_.size() ? script_[place_] : 0);
      range <<= 8;
      ++place_;
    } while (range < bound && range < (uint64_t{1} << 24));
    return bound <= range ? value * bound / range : value * (bound / range);
  }

  std::mt19937_64 engine_;
  const std::string script_;
  size_t place_ = 0;
};

// A hash of everything that happened, in order: equal for equal runs.
class Trace {
 public:
  void Add(uint64_t value) {
    // FNV-1a over the value's bytes.
    for (int shift = 0; shift < 64; shift += 8) {
      hash_ = (hash_ ^ ((value >> shift) & 0xff)) * 1099511628211ULL;
    }
  }
  template <typename Text>
  void AddText(const Text& text) {
    for (const char c : text) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    Add(text.size());
  }
  uint64_t hash() const { return hash_; }

 private:
  uint64_t hash_ = 14695981039346656037ULL;
};

}  // namespace topup::sim

#endif  // TOPUP_TESTS_SIM_DICE_H_
