#include "server/main/server.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/id.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"
#include "server/config/pricing_settings.h"
#include "server/pricing/plugin_search.h"
#include "server/store/open_store.h"
#include "server/upstream/build_provider.h"

namespace topup::server_main {
namespace {

constexpr int kDeploymentIdSize = 8;
constexpr int kTokenKeySize = 32;
// Reads of the store for callers: as many as it has connections for, and half a second of
// them in the queue.
constexpr int kReadThreads = 4;
constexpr int kReadQueueMax = 20000;
// What may wait of an owner's work on prices: a change each, or a walk through all top-ups.
constexpr int kPriceChangesMax = 64;
constexpr int kSimulationsMax = 4;
// Requests that wait for the shadow to price them: a second of calls, and half a megabyte or so.
constexpr int kShadowQueueMax = 1000;

// How long it may take until a start is given up that waits for the provider.
constexpr std::chrono::milliseconds kStopPace(50);

absl::Status StartGivenUp() { return absl::CancelledError("The start was given up."); }

std::string ExecutableDirectory() {
  std::string path(4096, '\0');
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  path.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return path.substr(0, path.rfind('/'));
}

// What the loader of libraries takes, whichever way a setting was given. Empty stays empty.
std::string AbsolutePath(const std::string& path) {
  if (path.empty() || path.front() == '/') return path;
  char working_directory[4096];
  if (getcwd(working_directory, sizeof working_directory) == nullptr) return path;
  return absl::StrCat(working_directory, "/", path);
}

}  // namespace

Server::Server(config::ServerConfig config)
    : config_(std::move(config)), log_(base::RealClock(), base::StandardErrorSink()) {
  config_.plugin_dir = AbsolutePath(config_.plugin_dir);
  config_.plugin_allow_list_file = AbsolutePath(config_.plugin_allow_list_file);
}

absl::Status Server::Start(const absl::Notification& stopping) {
  // Looked at before it is read: a key that is replaced while the start goes on is noticed.
  if (!config_.sandbox && !config_.provider_key_file.empty()) {
    key_file_ = std::make_unique<FileWatch>(config_.provider_key_file);
  }
  ASSIGN_OR_RETURN(NamedFiles files, ReadNamedFiles(config_));
  for (const std::vector<std::string>& doubts : {config_.doubts, files.doubts}) {
    for (const std::string& doubt : doubts) log_.Warning("settings.doubted", {{"reason", doubt}});
  }
  const std::function<absl::Status()> steps[] = {
      [&] { return LoadPricing(); },
      [&] { return StartShadow(files.pricing_shadow); },
      [&] { return OpenStore(); },
      [&] { return StartPricing(); },
      [&] { return StartSandbox(files.provider_key); },
      [&] { return BuildProvider(std::move(files.provider_key)); },
      [&] { return engine_->CountDelivered(); },
      [&] { return StartEdges(std::move(files.callers), std::move(files.tls)); },
      [&] { return StartEngine(stopping); },
  };
  for (const auto& step : steps) {
    if (stopping.HasBeenNotified()) return StartGivenUp();
    RETURN_IF_ERROR(step());
  }
  return absl::OkStatus();
}

absl::Status Server::LoadPricing() {
  pricing_ = std::make_unique<pricing::PluginHost>(
      pricing::PricingOptions{.plugin_directories = pricing::PluginDirectories(
                                  config_.plugin_dir, ExecutableDirectory()),
                              .allow_list_file = config_.plugin_allow_list_file,
                              .program_version = kVersion},
      log_, metrics_);
  if (store::StoreExists(config_.store)) return absl::OkStatus();
  // Tried before a store is made: a first start that fails leaves nothing behind.
  ASSIGN_OR_RETURN(const std::string text, ReadPricingText(config_));
  ASSIGN_OR_RETURN(const pricing::PricingConfiguration configuration, config::ParsePricing(text));
  const absl::Status loaded = pricing_->Load(configuration).status();
  return loaded.ok() ? loaded : PricingProblems(loaded, config_.pricing_config_file);
}

absl::Status Server::StartShadow(
    const std::optional<pricing::PricingConfiguration>& configuration) {
  shadow_pricing_ = std::make_unique<base::WorkerPool>("shadow", 1, kShadowQueueMax);
  shadow_ = std::make_unique<pricing::ShadowPricer>(*pricing_, *shadow_pricing_, metrics_);
  const absl::Status loaded = UseShadow(configuration);
  return loaded.ok() ? loaded : PricingProblems(loaded, config_.pricing_shadow_file);
}

// Where it cannot be loaded, the shadow stays as it is.
absl::Status Server::UseShadow(const std::optional<pricing::PricingConfiguration>& configuration) {
  if (!configuration.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::shared_ptr<const pricing::PricingSet> set,
                   pricing_->LoadAside(*configuration));
  shadow_->SetShadow(std::move(set));
  return absl::OkStatus();
}

absl::Status Server::StartPricing() {
  activations_ = std::make_unique<engine::PricingActivations>(
      base::RealClock(), log_, metrics_, *store_, *pricing_,
      engine::PricingSource{.read_file = [this] { return ReadPricingText(config_); },
                            .parse = &config::ParsePricing});
  absl::Status started = activations_->Start();
  if (!started.ok()) return PricingProblems(started, config_.pricing_config_file);
  price_changes_ = std::make_unique<base::WorkerPool>("prices", 1, kPriceChangesMax);
  simulations_ = std::make_unique<base::WorkerPool>("simulate", 1, kSimulationsMax);
  prices_ = std::make_unique<engine::PricingDesk>(engine::PricingDeskParts{
      log_, *price_changes_, *simulations_, *store_, *pricing_, *activations_});
  return absl::OkStatus();
}

absl::Status Server::OpenStore() {
  ASSIGN_OR_RETURN(store_, store::OpenStore(config_.store, base::RealClock(), metrics_));
  reads_ = std::make_unique<base::WorkerPool>("reads", kReadThreads, kReadQueueMax);
  feed_ = std::make_unique<watch::TopupFeed>(
      *store_, *reads_, watch::FeedOptions(), metrics_, [this](const absl::Status& reason) {
        // What is on disk is not known any more: only a new process may find out.
        log_.Error("store.failed", {{"reason", reason.message()}});
        std::_Exit(EXIT_FAILURE);
      });
  store_->SetListener(feed_.get());
  history_ = std::make_unique<watch::TopupHistory>(*store_, *reads_);
  base::RandomSource& random = base::SystemRandom();
  ASSIGN_OR_RETURN(config_.engine.deployment_id,
                   KeepSetting("deployment_id", base::MakeRandomName(kDeploymentIdSize, random)));
  ASSIGN_OR_RETURN(const std::string token_key,
                   KeepSetting("token_key", base::Sha256Hex(random.Bytes(kTokenKeySize))));
  signer_ = std::make_unique<base::Signer>(base::Secret(token_key));
  return absl::OkStatus();
}

absl::StatusOr<std::string> Server::KeepSetting(const std::string& name, const std::string& value) {
  std::promise<absl::StatusOr<std::string>> kept;
  store_->KeepSetting(name, value, [&kept](absl::StatusOr<std::string> in_force) {
    kept.set_value(std::move(in_force));
  });
  return kept.get_future().get();
}

absl::Status Server::StartSandbox(const base::Secret& key) {
  if (!config_.sandbox) return absl::OkStatus();
  sandbox::SandboxOptions options;
  options.api_keys = {std::string(key.Reveal())};
  // What it accepted has to outlive a restart, as the store does.
  constexpr char kSqlite[] = "sqlite:";
  if (absl::StartsWith(config_.store.location, kSqlite)) {
    options.ledger_path =
        absl::StrCat(config_.store.location.substr(sizeof kSqlite - 1), ".sandbox_ledger");
  }
  sandbox_ = std::make_unique<sandbox::Sandbox>(options, base::RealClock(), base::SystemRandom());
  RETURN_IF_ERROR(sandbox_->Start());
  config_.upstream.address = {.host = "127.0.0.1", .port = sandbox_->port(), .tls = false};
  return absl::OkStatus();
}

absl::Status Server::BuildProvider(base::Secret key) {
  ASSIGN_OR_RETURN(provider_, upstream::BuildProvider(config_.upstream, std::move(key),
                                                      base::RealClock(), metrics_));
  budget_ = std::make_unique<upstream::RequestBudget>(config_.provider_requests_per_minute);
  engine_loop_ = std::make_unique<base::ThreadTaskLoop>("engine", base::RealClock());
  timers_ = std::make_unique<base::ThreadTaskLoop>("timers", base::RealClock());
  engine_ = std::make_unique<engine::TopupEngine>(
      engine::EngineParts{base::RealClock(), base::SystemRandom(), log_, metrics_, *engine_loop_,
                          *reads_, *store_, *provider_, *budget_, *shadow_, *signer_},
      config_.engine);
  return absl::OkStatus();
}

absl::Status Server::StartEdges(api::CallerDirectory callers, std::optional<api::TlsMaterial> tls) {
  callers_ = std::make_unique<api::CallerDirectory>(std::move(callers));
  const api::ApiOptions options{
      .listen = config_.listen.ToString(), .tls = std::move(tls), .reflection = config_.reflection};
  ASSIGN_OR_RETURN(grpc_, api::GrpcServer::Start(
                              options, {*engine_, *prices_, *feed_, *history_, *callers_, *signer_,
                                        base::RealClock(), *timers_, metrics_, log_}));
  const auto ready = [this] {
    return ready_ ? absl::OkStatus() : absl::UnavailableError("starting or draining");
  };
  ASSIGN_OR_RETURN(ops_, ops::OpsServer::Start(config_.ops_listen.host, config_.ops_listen.port,
                                               {.metrics_text = [this] { return metrics_.Text(); },
                                                .live = [] { return absl::OkStatus(); },
                                                .ready = ready}));
  return absl::OkStatus();
}

absl::Status Server::StartEngine(const absl::Notification& stopping) {
  // Shared: it may be answered after the start was given up.
  auto started = std::make_shared<std::promise<absl::Status>>();
  engine_started_ = started->get_future().share();
  engine_->Start([started](absl::Status status) { started->set_value(std::move(status)); });
  while (engine_started_.wait_for(kStopPace) == std::future_status::timeout) {
    if (stopping.HasBeenNotified()) return StartGivenUp();
  }
  RETURN_IF_ERROR(engine_started_.get());
  ready_ = true;
  grpc_->SetServing(true);
  WatchProvider();
  log_.Info("server.started", {{"address", address()},
                               {"ops_port", ops_port()},
                               {"deployment_id", config_.engine.deployment_id},
                               {"version", kVersion}});
  return absl::OkStatus();
}

}  // namespace topup::server_main
