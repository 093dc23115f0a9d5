// topupd: flags to settings, settings to a server, a server to its end.
//
// Exit status: 0 after a drain; 2 where a setting or a file has to be changed; 1 where the
// world has to (the store is locked, the port is taken, the provider refuses the key).
#include <cstdio>
#include <future>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "server/api/grpc_log.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/config/load_settings.h"
#include "server/config/server_config.h"
#include "server/main/server.h"
#include "server/ops/core_dumps.h"
#include "server/ops/signals.h"

namespace topup::server_main {
namespace {

constexpr int kBadSettings = 2;

void PrintLines(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) std::fprintf(stderr, "topupd: %s\n", line.c_str());
}

int Run(const std::vector<std::string>& arguments) {
  config::LoadedSettings loaded = config::LoadSettings(arguments, config::ReadFile);
  if (loaded.help) {
    std::printf("%s", config::SettingsHelp().c_str());
    return 0;
  }
  if (loaded.version) {
    std::printf("topupd %s\n", kVersion);
    return 0;
  }
  config::ServerConfig config = config::MakeServerConfig(loaded.settings, loaded.problems);
  if (!loaded.problems.empty()) {
    PrintLines(loaded.problems);
    return kBadSettings;
  }
  if (loaded.print_config) {
    std::printf("%s", config::PrintSettings(loaded.settings).c_str());
    return 0;
  }
  Server server(std::move(config));
  if (const absl::Status started = server.Start(); !started.ok()) {
    PrintLines(absl::StrSplit(started.message(), '\n'));
    return started.code() == absl::StatusCode::kInvalidArgument ? kBadSettings : 1;
  }
  std::printf("listening on %s\n", server.address().c_str());
  std::fflush(stdout);
  std::promise<void> terminated;
  const ops::SignalWatcher signals({.terminate = [&terminated] { terminated.set_value(); },
                                    .reload = [&server] { server.Reload(); }});
  terminated.get_future().wait();
  server.Shutdown();
  return 0;
}

}  // namespace
}  // namespace topup::server_main

int main(int argc, char** argv) {
  topup::ops::DisableCoreDumps();
  topup::ops::BlockSignals();
  topup::api::SendGrpcLogTo(
      *new topup::base::Log(topup::base::RealClock(), topup::base::StandardErrorSink()));
  return topup::server_main::Run(std::vector<std::string>(argv + 1, argv + argc));
}
