// When each event was committed, as nearly as somebody outside can tell: between the last look
// that did not show it and the first one that did. Within these few milliseconds the time that
// the event itself bears is believed; a wall clock that was set moves nothing out of them.
#ifndef TOPUP_TESTS_PROCESS_COMMIT_WATCH_H_
#define TOPUP_TESTS_PROCESS_COMMIT_WATCH_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/process/step_clock.h"
#include "tests/process/store_reader.h"
#include "tests/sim/history.h"

namespace topup::process {

// Looks at the newest event every two milliseconds, on a thread of its own. Everything is
// borrowed and outlives the watch.
class CommitWatch {
 public:
  CommitWatch(const StepClock& clock, StoreReader& reader);
  // Stops.
  ~CommitWatch();

  // While it rests, nobody looks: between a kill and the next start.
  void Rest();
  void Resume();
  void Stop();

  // Somebody was shown this: looks whether it is committed. Where it is not, Date sets its date
  // to after this look.
  void Shown(const std::string& topup_id, int64_t revision);
  void ShownSequence(int64_t sequence);

  // After Stop. Dates `events`, which are in sequence order. No commit was before its date.
  void Date(std::vector<sim::LoggedEvent>& events) const;

 private:
  // What a look has shown for the first time.
  struct Mark {
    int64_t sequence = 0;   // the newest
    int64_t after = 0;      // the look before began then
    int64_t before = 0;     // this look had ended then
    size_t wall_clock = 0;  // which of wall_clocks_
  };
  // The start of the run by the wall clock, between two times: one reading leaves it open by as
  // long as the thread had to wait in between, many narrow it down.
  struct WallClock {
    absl::Time earliest;
    absl::Time latest;
  };
  // With every look. A wall clock that was set is another one.
  void ReadWallClock();
  void Look();

  const StepClock& clock_;
  StoreReader& reader_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool resting_ = true;      // by mutex_
  bool looking_ = false;     // by mutex_
  bool stopped_ = false;     // by mutex_
  int64_t last_look_ = 0;    // when it began
  std::vector<Mark> marks_;  // by sequence
  std::vector<WallClock> wall_clocks_;
  std::atomic<int64_t> newest_seen_{0};
  // Shown and not committed, with the step of the look. By mutex_:
  std::map<std::pair<std::string, int64_t>, int64_t> early_revisions_;
  std::map<int64_t, int64_t> early_sequences_;
  std::thread thread_;  // last: it uses the others
};

}  // namespace topup::process

#endif  // TOPUP_TESTS_PROCESS_COMMIT_WATCH_H_
