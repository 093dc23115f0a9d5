// topupd: flags to settings, settings to a server, a server to its end.
//
// Exit status: 0 after a drain, also of a start that was given up on SIGTERM or SIGINT; 2 where a
// setting or a file has to be changed; 1 where the world has to (the store is locked, the port is
// taken, the provider refuses the key).
#include <cstdio>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/synchronization/notification.h"
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

// Hands SIGHUP to a server that has started. One that comes before is kept until then.
class Reloads {
 public:
  void Ask() {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_asked_ = true;
    GoOn();
  }
  // `server`: null from the time when it may be gone.
  void Serve(Server* server) {
    const std::lock_guard<std::mutex> lock(mutex_);
    server_ = server;
    GoOn();
  }

 private:
  void GoOn() {
    if (server_ != nullptr && std::exchange(is_asked_, false)) server_->Reload();
  }

  std::mutex mutex_;
  Server* server_ = nullptr;
  bool is_asked_ = false;
};

int Serve(config::ServerConfig config) {
  absl::Notification stopping;
  Reloads reloads;
  // Before the start, which may take as long as a silent provider lets it.
  const ops::SignalWatcher signals(
      {.terminate = [&stopping] { stopping.Notify(); }, .reload = [&reloads] { reloads.Ask(); }});
  Server server(std::move(config));
  const absl::Status started = server.Start(stopping);
  if (!started.ok() && !absl::IsCancelled(started)) {
    PrintLines(absl::StrSplit(started.message(), '\n'));
    return absl::IsInvalidArgument(started) ? kBadSettings : 1;
  }
  if (started.ok()) {
    std::printf("listening on %s\n", server.address().c_str());
    std::fflush(stdout);
    reloads.Serve(&server);
    stopping.WaitForNotification();
    reloads.Serve(nullptr);
  }
  server.Shutdown();
  return 0;
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
  return Serve(std::move(config));
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
