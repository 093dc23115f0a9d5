// The machine's clocks: who sets the one that can be set, and what stops both.
#include <cstdint>
#include <utility>

#include "tests/sim/world.h"

namespace topup::sim {

void World::SetClock(absl::Time now) {
  run_.clock.SetNow(now);
  run_.history.clock_settings.push_back(run_.Elapsed());
}

void World::PlanClockTrouble() {
  // The last second of 32 bits, in the middle of which some clocks fall over.
  const absl::Time end_of_time = absl::FromUnixSeconds(INT32_MAX);
  PlanTimes(Fault::kClockJumps, [this, end_of_time] {
    const absl::Duration jumps[] = {absl::Hours(1),   -absl::Hours(1),   absl::Hours(25),
                                    -absl::Hours(25), absl::Seconds(90), -absl::Seconds(90)};
    const absl::Duration jump = run_.dice.OneOf(jumps);
    const absl::Duration anywhere = absl::Seconds(run_.dice.Between(-3600, 3600));
    const absl::Duration wrong = run_.clock.Now() - run_.wall_start - run_.Elapsed();
    const bool is_wrong = absl::AbsDuration(wrong) > absl::Seconds(1);
    switch (run_.dice.Below(8)) {
      case 0:
        return SetClock(end_of_time + anywhere);
      case 1:
        return SetClock(run_.clock.Now() + anywhere);
      default:
        // A clock that is wrong is put right more often than not.
        return SetClock(run_.clock.Now() + (is_wrong && run_.dice.Chance(600) ? -wrong : jump));
    }
  });
  PlanTimes(Fault::kStandstills, [this] {
    const bool is_long = run_.dice.Chance(200);
    const absl::Duration time =
        run_.dice.Between(absl::Seconds(1), is_long ? absl::Hours(1) : absl::Minutes(2));
    StandStill(time, /*counted=*/run_.dice.Chance(500));
  });
}

void World::StandStill(absl::Duration time, bool counted) {
  if (run_.stands_still || process_ == nullptr) return;
  run_.stands_still = true;
  ++run_.history.standstills;
  const absl::Duration begin = run_.Elapsed();
  after_standstill_ = [this, begin, counted] {
    const absl::Duration lost = run_.Elapsed() - begin;
    if (counted) {
      run_.clock.Advance(lost);
    } else if (run_.dice.Chance(700)) {
      // Both clocks stood still, and the one that can be is set right.
      SetClock(run_.clock.Now() + lost);
    }
  };
  clients_.PostAfter(time, [this] { GoOn(); });
}

void World::GoOn() {
  if (!run_.stands_still) return;
  run_.stands_still = false;
  std::exchange(after_standstill_, nullptr)();
  for (const base::Task& task : std::exchange(run_.waiting, {})) task();
}

void World::NoteIdle() {
  const bool is_idle = engine() == nullptr;
  if (is_idle == idle_since_.has_value()) return;
  if (is_idle) {
    idle_since_ = run_.Elapsed();
  } else {
    run_.history.idle.push_back({*idle_since_, run_.Elapsed()});
    idle_since_.reset();
  }
}

}  // namespace topup::sim
