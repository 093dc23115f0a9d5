// What a stored time is worth after somebody has set the wall clock.
//
// Rows are dated by the wall clock, since that is the only one that outlives a process. When it
// is set, the time between two dates is not the time that has passed. This record knows how the
// clock went since the process began, and reckons old dates by the clock of now; the rules of
// core/protocol.h compare only those.
#ifndef TOPUP_SERVER_CORE_CLOCK_RECORD_H_
#define TOPUP_SERVER_CORE_CLOCK_RECORD_H_

#include <vector>

#include "absl/time/time.h"

namespace topup::core {

// A value; small. An empty one takes every date as it stands.
class ClockRecord {
 public:
  // Both clocks as they were read at one moment: the wall clock, and the time since some start,
  // which nobody can set and which counts suspension. Moments are noted in their order.
  void Note(absl::Time now, absl::Duration elapsed);

  // What the clock of now would have shown at the moment when the wall clock showed `date`.
  // Where that is not certain (it has shown it more than once, or before this process began),
  // the latest of what may be: rather too little time has passed than too much. A date that is
  // still to come stays.
  absl::Time Redate(absl::Time date) const;

  // What the clock of now would have shown at `elapsed`.
  absl::Time At(absl::Duration elapsed) const;

  // The first moment noted, by the clock of now: what comes after it is certain, what was before
  // is hearsay. InfinitePast where nothing was noted.
  absl::Time begin() const;

  bool empty() const { return stretches_.empty(); }

 private:
  // A time in which the wall clock went evenly.
  struct Stretch {
    absl::Time zero;       // what it showed, or would have shown, at elapsed 0
    absl::Duration begin;  // it may have begun as early as this
    absl::Duration end;    // and have ended as late as this
  };

  std::vector<Stretch> stretches_;  // the oldest first; the last one is under way
};

}  // namespace topup::core

#endif  // TOPUP_SERVER_CORE_CLOCK_RECORD_H_
