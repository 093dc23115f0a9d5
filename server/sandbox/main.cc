// topup_sandbox: the provider's stand-in as a program. See sandbox.h.
#include <csignal>
#include <iostream>
#include <string>
#include <vector>

#include "server/base/clock.h"
#include "server/base/random.h"
#include "server/sandbox/program_flags.h"
#include "server/sandbox/sandbox.h"

int main(int argc, char** argv) {
  using topup::sandbox::ProgramFlags;
  const ProgramFlags flags =
      topup::sandbox::ParseProgramFlags(std::vector<std::string>(argv + 1, argv + argc));
  if (flags.help) {
    std::cout << topup::sandbox::ProgramHelp();
    return 0;
  }
  if (!flags.problems.empty()) {
    for (const std::string& problem : flags.problems) std::cerr << problem << "\n";
    return 2;
  }

  // Blocked before any thread starts, so that no thread but this one takes them.
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  sigaddset(&stop_signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);

  topup::sandbox::Sandbox sandbox(flags.options, topup::base::RealClock(),
                                  topup::base::SystemRandom());
  if (const absl::Status status = sandbox.Start(); !status.ok()) {
    std::cerr << std::string(status.message()) << "\n";
    return status.code() == absl::StatusCode::kInvalidArgument ? 2 : 1;
  }
  const bool is_v6 = flags.options.host.find(':') != std::string::npos;
  std::cout << "listening on " << (is_v6 ? "[" : "") << flags.options.host << (is_v6 ? "]:" : ":")
            << sandbox.port() << std::endl;

  int signal_number = 0;
  sigwait(&stop_signals, &signal_number);
  sandbox.Stop();
  return 0;
}
