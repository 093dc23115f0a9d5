// A program under test as a process of its own: started, read, ended.
#ifndef TOPUP_TESTS_PROCESS_CHILD_PROCESS_H_
#define TOPUP_TESTS_PROCESS_CHILD_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace topup::process {

struct Program {
  std::string path;
  std::vector<std::string> flags;
  std::string folder;    // where it runs
  std::string log_path;  // standard error goes there, added to what is there
};

// Not thread-safe. Does not outlive this object, nor the thread that has started it.
class ChildProcess {
 public:
  // Unavailable, with the reason, where no process came about. A program that cannot be run
  // ends at once with status 127.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(const Program& program);
  // Kills.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Its number; 0 once it is gone.
  pid_t pid() const { return pid_; }

  // The next line of standard output. Unavailable: it has ended; DeadlineExceeded.
  absl::StatusOr<std::string> ReadLine(absl::Duration patience);

  // As a power cut would: SIGKILL; returns when it is gone and its sockets are closed. False
  // where it had ended by itself.
  bool Kill();

  // SIGTERM; its exit status, or DeadlineExceeded, or Aborted where a signal has ended it.
  absl::StatusOr<int> Terminate(absl::Duration patience);

 private:
  ChildProcess(pid_t pid, int output) : pid_(pid), output_(output) {}
  // Waits until there is something to read, or the end.
  bool WaitForOutput(absl::Duration patience) const;

  pid_t pid_;  // 0: gone
  const int output_;
  std::string unread_;
};

}  // namespace topup::process

#endif  // TOPUP_TESTS_PROCESS_CHILD_PROCESS_H_
