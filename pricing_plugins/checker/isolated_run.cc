#include "pricing_plugins/checker/isolated_run.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace topup::checker {
namespace {

using Json = nlohmann::json;

constexpr size_t kPrintedMax = 300;

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

// What came through the pipe so far.
struct Conversation {
  std::string unread;
  std::string doing = "it was loaded";
  bool is_done = false;
};

void Interpret(const std::string& line, Conversation& talk, const Verdict& blank,
               Outcome& outcome) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return;  // the library wrote into our pipe
  if (json.contains("doing")) talk.doing = json.value("doing", "");
  if (json.contains("done")) talk.is_done = true;
  if (json.contains("keep")) outcome.kept[json.value("keep", "")] = json.value("value", "");
  if (json.contains("grade")) {
    Verdict verdict = blank;
    verdict.grade = static_cast<Grade>(json.value("grade", 0));
    verdict.found = json.value("found", "");
    verdict.remedy = json.value("remedy", "");
    outcome.verdicts.push_back(std::move(verdict));
  }
}

// Reads until the child is done, gone, or silent for too long. False for the last.
bool Listen(int fd, int patience_seconds, const Verdict& blank, Conversation& talk,
            Outcome& outcome) {
  while (!talk.is_done) {
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    const int ready = poll(&waiting, 1, patience_seconds * 1000);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    char bytes[4096];
    const ssize_t count = read(fd, bytes, sizeof(bytes));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return true;
    talk.unread.append(bytes, static_cast<size_t>(count));
    size_t end = 0;
    while ((end = talk.unread.find('\n')) != std::string::npos) {
      Interpret(talk.unread.substr(0, end), talk, blank, outcome);
      talk.unread.erase(0, end + 1);
    }
  }
  return true;
}

std::string DescribeEnd(int status) {
  if (WIFSIGNALED(status)) {
    return absl::StrCat("the process was ended by signal ", WTERMSIG(status), " (",
                        strsignal(WTERMSIG(status)), ")");
  }
  return absl::StrCat("the library ended the process with exit status ", WEXITSTATUS(status));
}

std::string ReadPrinted(int fd) {
  std::string printed(kPrintedMax, '\0');
  const ssize_t count = pread(fd, printed.data(), printed.size(), 0);
  printed.resize(count > 0 ? static_cast<size_t>(count) : 0);
  return printed;
}

[[noreturn]] void RunChild(int pipe_fd, int printed_fd, const std::function<void(Report&)>& body) {
  setpgid(0, 0);  // what it starts is ended with it
  dup2(printed_fd, STDOUT_FILENO);
  dup2(printed_fd, STDERR_FILENO);
  const struct rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  Report report(pipe_fd);
  try {
    body(report);
  } catch (const std::exception& e) {
    report.Bad(absl::StrCat("the check ended with an exception: ", e.what()),
               "see whether the library throws: no exception may leave it");
  }
  const std::string done = Dump({{"done", true}}) + "\n";
  if (write(pipe_fd, done.data(), done.size()) < 0) _exit(3);
  _exit(0);  // no exit handler: they belong to a library that may be broken
}

}  // namespace

void Report::WriteLine(const std::string& line) {
  absl::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t count = write(fd_, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) _exit(3);  // nobody listens any more
    rest.remove_prefix(static_cast<size_t>(count));
  }
}

void Report::Doing(const std::string& what) { WriteLine(Dump({{"doing", what}}) + "\n"); }

void Report::Keep(const std::string& name, const std::string& value) {
  WriteLine(Dump({{"keep", name}, {"value", value}}) + "\n");
}

void Report::Find(Grade grade, const std::string& found, const std::string& remedy) {
  has_bad_ = has_bad_ || grade == Grade::kBad;
  WriteLine(Dump({{"grade", static_cast<int>(grade)}, {"found", found}, {"remedy", remedy}}) +
            "\n");
}

Outcome RunIsolated(const std::string& check, const std::string& checked, int patience_seconds,
                    const std::function<void(Report&)>& body) {
  const Verdict blank = {.check = check, .checked = checked};
  const auto fail = [&blank](const std::string& found, const std::string& remedy) {
    Verdict verdict = blank;
    verdict.grade = Grade::kBad;
    verdict.found = found;
    verdict.remedy = remedy;
    return verdict;
  };
  Outcome outcome;
  int ends[2] = {-1, -1};
  const int printed_fd = memfd_create("printed", MFD_CLOEXEC);
  if (printed_fd < 0 || pipe2(ends, O_CLOEXEC) != 0) {
    outcome.verdicts.push_back(fail("no process could be prepared", "free some descriptors"));
    return outcome;
  }
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    RunChild(ends[1], printed_fd, body);
  }
  close(ends[1]);
  Conversation talk;
  const bool answered = child > 0 && Listen(ends[0], patience_seconds, blank, talk, outcome);
  int status = 0;
  if (child > 0) {
    if (!answered) kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    kill(-child, SIGKILL);  // whatever else it may have started
  }
  outcome.printed = ReadPrinted(printed_fd);
  close(ends[0]);
  close(printed_fd);
  if (child < 0) {
    outcome.verdicts.push_back(fail("no process could be started", "free some processes"));
  } else if (!answered) {
    outcome.verdicts.push_back(
        fail(absl::StrCat("it did not end within ", patience_seconds, " s while ", talk.doing),
             "find the loop or the wait: it would hold a thread of the service for ever"));
  } else if (!talk.is_done) {
    outcome.verdicts.push_back(fail(absl::StrCat(DescribeEnd(status), " while ", talk.doing),
                                    "run that call in a debugger: the same would end the service"));
  } else if (outcome.verdicts.empty()) {
    outcome.verdicts.push_back(fail("the check came to no verdict", "tell its authors"));
  }
  return outcome;
}

}  // namespace topup::checker
