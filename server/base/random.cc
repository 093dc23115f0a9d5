#include "server/base/random.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace topup::base {
namespace {

class KernelRandom final : public RandomSource {
 public:
  std::string Bytes(int size) override {
    std::string bytes(size > 0 ? size : 0, '\0');
    size_t filled = 0;
    while (filled < bytes.size()) {
      const ssize_t count = getrandom(bytes.data() + filled, bytes.size() - filled, 0);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) {
        // Ids and keys that can be guessed are worse than a process that ends.
        std::fputs("The system gives no random bytes (getrandom failed).\n", stderr);
        std::abort();
      }
      filled += static_cast<size_t>(count);
    }
    return bytes;
  }
};

}  // namespace

RandomSource& SystemRandom() {
  // Never destroyed, like the clock.
  static auto* const random = new KernelRandom;
  return *random;
}

uint64_t UniformBelow(RandomSource& random, uint64_t bound) {
  if (bound <= 1) return 0;
  // 2^64 modulo `bound`: values below it would make the low results likelier, so they are
  // drawn again.
  const uint64_t unfair = (0 - bound) % bound;
  while (true) {
    const std::string bytes = random.Bytes(sizeof(uint64_t));
    uint64_t value = 0;
    std::memcpy(&value, bytes.data(), sizeof(value));
    if (value >= unfair) return value % bound;
  }
}

}  // namespace topup::base
