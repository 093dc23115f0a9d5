// What the client needs of the world outside: time, waiting, randomness. Tests pass their own.
#ifndef TOPUP_CLIENT_WORLD_H_
#define TOPUP_CLIENT_WORLD_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/time/time.h"
#include "client/cancellation.h"

namespace topup::client {

// Each member may be called from several threads at once.
struct World {
  std::function<absl::Time()> now;
  // Waits; ends at once where the cancellation, which may be null, is or becomes cancelled.
  std::function<void(absl::Duration, Cancellation*)> sleep;
  // 64 bits of the system's cryptographic randomness.
  std::function<uint64_t()> random_bits;
};

// The real one.
World RealWorld();

// Makes a ref for SendTopup: 26 characters of Crockford's base 32, 48 bits of milliseconds and
// 80 random ones, so that refs sort by time and never meet, across machines and forks too.
//
// Make the ref first, keep it where it survives a crash, then send: docs in client/README.md.
std::string MakeRef(const World& world);

}  // namespace topup::client

#endif  // TOPUP_CLIENT_WORLD_H_
