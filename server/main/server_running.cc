// What the server does once it has started: watches the provider, reloads, shuts down.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <future>
#include <thread>
#include <utility>

#include "server/base/clock.h"
#include "server/main/server.h"

namespace topup::server_main {
namespace {

constexpr absl::Duration kHealthPace = absl::Seconds(1);
// A price takes microseconds: what takes so long will not come back.
constexpr absl::Duration kStrategyGrace = absl::Seconds(5);

// Ends the process where what its scope does takes longer than `limit`: a call into a strategy that
// never returns holds its thread, and whatever waits for that, for ever.
class ShutdownLimit {
 public:
  ShutdownLimit(absl::Duration limit, base::Log& log)
      : thread_([this, limit, &log] {
          const auto waited = done_.get_future().wait_for(absl::ToChronoNanoseconds(limit));
          if (waited != std::future_status::timeout) return;
          log.Error("shutdown.abandoned");
          std::_Exit(EXIT_FAILURE);
        }) {}
  ~ShutdownLimit() {
    done_.set_value();
    thread_.join();
  }
  ShutdownLimit(const ShutdownLimit&) = delete;
  ShutdownLimit& operator=(const ShutdownLimit&) = delete;

 private:
  std::promise<void> done_;
  std::thread thread_;
};

bool IsReady(const std::shared_future<absl::Status>& future) {
  return future.valid() && future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

}  // namespace

Server::~Server() {
  if (shut_down_) return;
  config_.shutdown_grace = absl::ZeroDuration();
  const ShutdownLimit limit(2 * kStrategyGrace, log_);
  TakeApart();
  StopShadow(EXIT_FAILURE);
}

void Server::Shutdown() {
  const ShutdownLimit limit(config_.shutdown_grace + 2 * kStrategyGrace, log_);
  TakeApart();
  StopShadow(EXIT_SUCCESS);
  log_.Info("server.stopped");
}

// Also whether the key file was replaced: while sends are paused, that ends the pause.
void Server::WatchProvider() {
  const engine::ProviderState state = engine_->GetProvider();
  grpc_->SetProviderServing(state.serving);
  if (key_file_ != nullptr && !state.paused_reason.empty() && key_file_->HasChanged()) {
    const std::lock_guard<std::mutex> lock(reload_mutex_);
    if (!shut_down_) ReloadKey();
  }
  timers_->PostAfter(kHealthPace, [this] { WatchProvider(); });
}

void Server::ReloadKey() {
  absl::StatusOr<base::Secret> key = ReadProviderKey(config_);
  if (key.ok()) {
    engine_->KeyChanged([this, key = *std::move(key)] {
      const absl::Status replaced = provider_->SetKey(key);
      if (replaced.ok()) {
        log_.Info("key.reloaded");
      } else {
        log_.Error("key.not_reloaded", {{"reason", replaced.message()}});
      }
    });
  } else {
    log_.Error("key.not_reloaded", {{"reason", key.status().message()}});
  }
}

void Server::Reload() {
  const std::lock_guard<std::mutex> lock(reload_mutex_);
  if (shut_down_) return;
  ReloadKey();
  prices_->Reload();
  // Not here: loading may take as long as a strategy likes.
  if (!price_changes_->TryPost([this] { ReloadShadow(); })) {
    log_.Error("pricing_shadow.not_reloaded", {{"reason", "too many changes wait"}});
  }
}

void Server::ReloadShadow() {
  if (config_.pricing_shadow_file.empty()) return;
  const auto configuration = ReadPricingShadow(config_);
  const absl::Status used = configuration.ok() ? UseShadow(*configuration) : configuration.status();
  if (used.ok()) {
    log_.Info("pricing_shadow.reloaded");
  } else {
    log_.Error("pricing_shadow.not_reloaded", {{"reason", used.message()}});
  }
}

// What is left for the shadow is not priced any more. Its strategies are being tried out: one that
// never answers may not keep the process from ending, and no thread can be ended alone. So it comes
// last, when everything else is closed.
void Server::StopShadow(int status_where_abandoned) {
  if (shadow_ == nullptr) return;
  shadow_->SetShadow(nullptr);
  std::promise<void> stopped;
  std::thread stopping([this, &stopped] {
    shadow_pricing_->Stop();
    stopped.set_value();
  });
  const auto waited = stopped.get_future().wait_for(absl::ToChronoNanoseconds(kStrategyGrace));
  if (waited == std::future_status::timeout) {
    log_.Error("pricing_shadow.abandoned");
    std::_Exit(status_where_abandoned);
  }
  stopping.join();
}

void Server::TakeApart() {
  {
    const std::lock_guard<std::mutex> lock(reload_mutex_);
    shut_down_ = true;
  }
  ready_ = false;
  const absl::Duration end = base::RealClock().Elapsed() + config_.shutdown_grace;
  if (grpc_ != nullptr) grpc_->Drain();
  if (engine_ != nullptr) {
    auto drained = std::make_shared<std::promise<void>>();
    engine_->Drain([drained] { drained->set_value(); });
    drained->get_future().wait_for(absl::ToChronoNanoseconds(config_.shutdown_grace));
  }
  const absl::Duration left = end - base::RealClock().Elapsed();
  if (grpc_ != nullptr) grpc_->Shutdown(std::max(left, absl::ZeroDuration()));
  if (timers_ != nullptr) timers_->Stop();
  if (feed_ != nullptr) feed_->Stop();
  ops_.reset();
  grpc_.reset();
  if (price_changes_ != nullptr) price_changes_->Stop();
  if (simulations_ != nullptr) simulations_->Stop();
  // From the outside in: what still calls back finds a stopped loop, never a destroyed one. An
  // engine that is still starting has sent nothing, but would answer the provider's last word with
  // another question: its loop goes first.
  if (engine_loop_ != nullptr && !IsReady(engine_started_)) engine_loop_->Stop();
  provider_.reset();
  if (reads_ != nullptr) reads_->Stop();
  if (engine_loop_ != nullptr) engine_loop_->Stop();
  store_.reset();
  engine_.reset();
  feed_.reset();
  sandbox_.reset();
}

}  // namespace topup::server_main
