// What is around it stays as it is: locale, environment, signals, threads, descriptors.
#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cfenv>
#include <clocale>
#include <csignal>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "pricing_plugins/checker/checks.h"

namespace topup::checker {
namespace {

using Property = std::pair<std::string, std::string>;  // what it is, and how it stands

std::string ReadEnvironment() {
  std::string all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    absl::StrAppend(&all, *entry, "\n");
  }
  return all;
}

// Handlers and flags of every signal, and what is blocked.
std::string ReadSignals() {
  std::string all;
  for (int number = 1; number < 65; ++number) {
    struct sigaction action = {};
    if (sigaction(number, nullptr, &action) != 0) continue;
    absl::StrAppend(&all, number, "=", absl::Hex(reinterpret_cast<uintptr_t>(action.sa_handler)),
                    "/", action.sa_flags, " ");
  }
  sigset_t blocked;
  pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  for (int number = 1; number < 65; ++number) {
    if (sigismember(&blocked, number) == 1) absl::StrAppend(&all, "blocked ", number, " ");
  }
  return all;
}

size_t CountThreads() {
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator("/proc/self/task")) {
    ++count;
  }
  return count;
}

// But for the sealed copies that opening makes.
std::string ReadDescriptors() {
  std::vector<std::string> targets;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;  // the directory's own
    const std::string target = std::filesystem::read_symlink(entry.path(), gone).string();
    if (gone || absl::StrContains(target, "topup_pricing_strategy") ||
        absl::StartsWith(target, "/proc/")) {
      continue;
    }
    targets.push_back(target);
  }
  return absl::StrJoin(targets, " ");
}

std::vector<Property> ReadProcess() {
  const mode_t mask = umask(0);
  umask(mask);
  return {{"the locale", setlocale(LC_ALL, nullptr)},
          {"the environment", ReadEnvironment()},
          {"the file mode mask", absl::StrCat(mask)},
          {"the working directory", std::filesystem::current_path().string()},
          {"the handling of signals", ReadSignals()},
          {"the number of threads", absl::StrCat(CountThreads())},
          {"the open files", ReadDescriptors()},
          {"the rounding of floating point", absl::StrCat(fegetround())}};
}

bool Compare(const std::vector<Property>& before, const std::string& when, Report& report) {
  const std::vector<Property> after = ReadProcess();
  bool is_same = true;
  for (size_t i = 0; i < before.size(); ++i) {
    if (before[i].second == after[i].second) continue;
    is_same = false;
    report.Bad(absl::StrCat("it changed ", before[i].first, " ", when),
               "leave the process as it is (pricing_plugins/abi/README.md, convention 9)");
  }
  if (waitpid(-1, nullptr, WNOHANG) >= 0) {
    is_same = false;
    report.Bad(absl::StrCat("it started a process ", when), "start no process");
  }
  return is_same;
}

}  // namespace

void CheckManners(const Context& context, Report& report) {
  const std::vector<Property> before = ReadProcess();
  {
    const Opened opened = Open(context, report);
    if (opened.instance == nullptr) return;
    if (!Compare(before, "while it was loaded", report)) return;
    for (const auto& drafts : {OrdinaryRequests(), ExtremeRequests()}) {
      for (const RequestDraft& draft : drafts) opened.instance->Price(draft);
    }
    if (!Compare(before, "while it priced", report)) return;
    report.Doing("the strategy was destroyed and deinit called");
  }
  if (!Compare(before, "while it was destroyed", report)) return;
  report.Good(
      "locale, environment, working directory, file mode mask, signals, threads, "
      "processes, open files and rounding are as before");
}

}  // namespace topup::checker
