// Randomness, as an interface: ids, secrets and jitter come from here and nowhere else.
#ifndef TOPUP_SERVER_BASE_RANDOM_H_
#define TOPUP_SERVER_BASE_RANDOM_H_

#include <cstdint>
#include <string>

namespace topup::base {

// Thread-safe.
class RandomSource {
 public:
  virtual ~RandomSource() = default;

  // Returns `size` bytes.
  virtual std::string Bytes(int size) = 0;
};

// The system's cryptographic source (getrandom). Lives for ever.
RandomSource& SystemRandom();

// A uniform value in [0, bound). `bound` must be positive.
uint64_t UniformBelow(RandomSource& random, uint64_t bound);

}  // namespace topup::base

#endif  // TOPUP_SERVER_BASE_RANDOM_H_
