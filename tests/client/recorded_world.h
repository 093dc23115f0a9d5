// A client::World in which no time passes.
//
// Useful for: asserting how long the client would have waited. Random bits count from zero:
// so small that backoffs are the shortest possible, yet refs differ.
#ifndef TOPUP_TESTS_CLIENT_RECORDED_WORLD_H_
#define TOPUP_TESTS_CLIENT_RECORDED_WORLD_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/time/time.h"
#include "client/world.h"

namespace topup::tests {

struct RecordedWorld {
  absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  std::vector<absl::Duration> sleeps;
  // Run before a wait "ends"; may be empty.
  std::function<void()> on_sleep;
  uint64_t next_bits = 0;

  client::World Make() {
    return {.now = [this] { return now; },
            .sleep =
                [this](absl::Duration duration, client::Cancellation*) {
                  sleeps.push_back(duration);
                  if (on_sleep) on_sleep();
                },
            .random_bits = [this] { return next_bits++; }};
  }
};

}  // namespace topup::tests

#endif  // TOPUP_TESTS_CLIENT_RECORDED_WORLD_H_
