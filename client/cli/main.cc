// `topup`, the command.
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "client/cli/run.h"
#include "client/cli/session.h"

namespace {

// Enough to tell that a file is too long; a device that never ends is not read to its end.
constexpr std::streamsize kReadBytesMax = topup::cli::kFileBytesMax + 1;

std::optional<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string content(kReadBytesMax, '\0');
  file.read(content.data(), kReadBytesMax);
  if (file.bad()) return std::nullopt;
  content.resize(static_cast<size_t>(file.gcount()));
  return content;
}

// Lets the first SIGINT or SIGTERM end calls and watches in good order, and the second one end the
// program.
void WatchSignals(topup::client::Cancellation* interrupt) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  // Before any other thread starts, so that all of them leave the signals to this one.
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([signals, interrupt] {
    int signal = 0;
    sigwait(&signals, &signal);
    interrupt->Cancel();
    sigwait(&signals, &signal);
    _exit(128 + signal);
  }).detach();
}

}  // namespace

int main(int argc, char** argv) {
  // Lives as long as the thread that waits for signals: for ever.
  static auto& interrupt = *new topup::client::Cancellation;
  WatchSignals(&interrupt);
  // gRPC's own log is not for users of a command; what matters comes back as an error.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  const char* no_color = getenv("NO_COLOR");
  topup::cli::Environment environment{.out = std::cout,
                                      .err = std::cerr,
                                      .out_is_terminal = isatty(STDOUT_FILENO) == 1,
                                      .no_color_is_set = no_color != nullptr && *no_color != '\0',
                                      .zone = absl::LocalTimeZone(),
                                      .world = topup::client::RealWorld(),
                                      .interrupt = &interrupt,
                                      .connect = topup::client::Connect,
                                      .read_file = ReadFile};
  return topup::cli::Run(std::vector<std::string>(argv + 1, argv + argc), environment);
}
