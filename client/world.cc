#include "client/world.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

#include "absl/time/clock.h"

namespace topup::client {
namespace {

constexpr char kAlphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

// Asks the kernel each time: a generator in memory would repeat itself after fork().
uint64_t SystemBits() {
  uint64_t bits = 0;
  ssize_t got;
  do {
    got = getrandom(&bits, sizeof(bits), 0);
  } while (got < 0 && errno == EINTR);
  // A ref that is not random could name somebody else's top-up: better no program.
  if (got != sizeof(bits)) std::abort();
  return bits;
}

// Appends the lowest `count` groups of five bits, highest first.
void AppendBase32(uint64_t bits, int count, std::string& text) {
  for (int group = count - 1; group >= 0; --group) {
    text.push_back(kAlphabet[(bits >> (5 * group)) & 31]);
  }
}

}  // namespace

World RealWorld() {
  return {.now = [] { return absl::Now(); },
          .sleep =
              [](absl::Duration duration, Cancellation* cancellation) {
                if (cancellation != nullptr) {
                  cancellation->WaitFor(duration);
                } else {
                  absl::SleepFor(duration);
                }
              },
          .random_bits = SystemBits};
}

std::string MakeRef(const World& world) {
  std::string ref;
  AppendBase32(static_cast<uint64_t>(absl::ToUnixMillis(world.now())), 10, ref);
  AppendBase32(world.random_bits(), 8, ref);
  AppendBase32(world.random_bits(), 8, ref);
  return ref;
}

}  // namespace topup::client
