// Useful for: tests whose code needs randomness and whose outcome must not. The same seed
// gives the same bytes on every machine; different seeds give unlike ids.
#ifndef TOPUP_TESTS_FAKES_SEEDED_RANDOM_H_
#define TOPUP_TESTS_FAKES_SEEDED_RANDOM_H_

#include <cstdint>
#include <mutex>
#include <random>
#include <string>

#include "server/base/random.h"

namespace topup::fakes {

// Thread-safe; which thread gets which bytes is up to the threads.
class SeededRandom : public base::RandomSource {
 public:
  explicit SeededRandom(uint64_t seed = 1) : engine_(seed) {}

  std::string Bytes(int size) override {
    std::lock_guard<std::mutex> lock(mutex_);
    std::string bytes(size, '\0');
    // The engine's output is laid down by the C++ standard, unlike that of distributions.
    for (char& byte : bytes) byte = static_cast<char>(engine_() >> 56);
    return bytes;
  }

 private:
  std::mutex mutex_;  // guards engine_
  std::mt19937_64 engine_;
};

}  // namespace topup::fakes

#endif  // TOPUP_TESTS_FAKES_SEEDED_RANDOM_H_
