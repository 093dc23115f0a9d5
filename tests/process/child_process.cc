#include "tests/process/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace topup::process {
namespace {

absl::Status SystemError(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", strerror(errno)));
}

// What the new process does until it is the program. After a fork in a program of many threads
// only calls to the system are safe.
[[noreturn]] void BecomeProgram(char* const* arguments, const char* folder, int output, int log,
                                pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // it died before that
  const int input = open("/dev/null", O_RDONLY);
  const bool ready = chdir(folder) == 0 && dup2(input, STDIN_FILENO) >= 0 &&
                     dup2(output, STDOUT_FILENO) >= 0 && dup2(log, STDERR_FILENO) >= 0;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (ready) execv(arguments[0], arguments);
  _exit(127);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(const Program& program) {
  std::vector<char*> arguments = {const_cast<char*>(program.path.c_str())};
  for (const std::string& flag : program.flags)
    arguments.push_back(const_cast<char*>(flag.c_str()));
  arguments.push_back(nullptr);
  const int log = open(program.log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) return SystemError(program.log_path);
  int output[2];
  if (pipe2(output, O_CLOEXEC) != 0) {
    close(log);
    return SystemError("pipe");
  }
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    BecomeProgram(arguments.data(), program.folder.c_str(), output[1], log, parent);
  }
  close(output[1]);
  close(log);
  if (pid < 0) {
    close(output[0]);
    return SystemError("fork");
  }
  return std::unique_ptr<ChildProcess>(new ChildProcess(pid, output[0]));
}

ChildProcess::~ChildProcess() {
  Kill();
  close(output_);
}

bool ChildProcess::WaitForOutput(absl::Duration patience) const {
  pollfd polled{output_, POLLIN, 0};
  int count = 0;
  do {
    count = poll(&polled, 1, static_cast<int>(absl::ToInt64Milliseconds(patience)));
  } while (count < 0 && errno == EINTR);
  return count > 0;
}

absl::StatusOr<std::string> ChildProcess::ReadLine(absl::Duration patience) {
  for (;;) {
    const size_t end = unread_.find('\n');
    if (end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    if (!WaitForOutput(patience)) return absl::DeadlineExceededError("it says nothing");
    char bytes[4096];
    const ssize_t count = read(output_, bytes, sizeof(bytes));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return absl::UnavailableError("it has ended");
    unread_.append(bytes, static_cast<size_t>(count));
  }
}

bool ChildProcess::Kill() {
  if (pid_ == 0) return false;
  // Not waited for yet, so the number is still its own.
  kill(pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

absl::StatusOr<int> ChildProcess::Terminate(absl::Duration patience) {
  if (pid_ == 0) return absl::AbortedError("it has ended before");
  kill(pid_, SIGTERM);
  for (;;) {
    // Its end closes standard output.
    const absl::StatusOr<std::string> line = ReadLine(patience);
    if (line.ok()) continue;
    if (absl::IsDeadlineExceeded(line.status())) {
      Kill();
      return absl::DeadlineExceededError("it does not end");
    }
    break;
  }
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  if (!WIFEXITED(status)) return absl::AbortedError(absl::StrCat("wait status ", status));
  return WEXITSTATUS(status);
}

}  // namespace topup::process
