// The whole of topupd in one process: built in the order in which its parts depend on each
// other, drained from the edge inwards, and taken apart in the reverse order.
#ifndef TOPUP_SERVER_MAIN_SERVER_H_
#define TOPUP_SERVER_MAIN_SERVER_H_

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "server/api/grpc_server.h"
#include "server/base/log.h"
#include "server/base/metrics.h"
#include "server/base/signer.h"
#include "server/base/task_loop.h"
#include "server/base/worker_pool.h"
#include "server/config/server_config.h"
#include "server/engine/pricing_activations.h"
#include "server/engine/pricing_desk.h"
#include "server/engine/topup_engine.h"
#include "server/main/file_watch.h"
#include "server/main/named_files.h"
#include "server/ops/ops_server.h"
#include "server/pricing/plugin_host.h"
#include "server/pricing/shadow_pricer.h"
#include "server/sandbox/sandbox.h"
#include "server/store/topup_store.h"
#include "server/upstream/keyed_provider.h"
#include "server/watch/topup_feed.h"
#include "server/watch/topup_history.h"

namespace topup::server_main {

inline constexpr char kVersion[] = "0.1.0";

class Server {
 public:
  // Does nothing yet.
  explicit Server(config::ServerConfig config);

  // Shuts down without a grace where Shutdown has not been called. Nothing runs, listens or is
  // locked any more afterwards. As in Shutdown, the process may end in here, with exit status 1:
  // whoever has something to say of a start that failed says it before.
  ~Server();

  // Reads the files that the settings name, opens the store, asks the provider about the key,
  // and listens. Once; where it fails, there is nothing left to do but to destroy the server. What
  // it had written to disk by then stays: a first start that fails on a file of the settings or on
  // the pricing configuration has made no store; one that fails later (a port is taken, the key is
  // refused) leaves a store that the next start goes on with. kInvalidArgument where a setting or a
  // file has to be changed (a line for each problem), any other code where the world has to.
  //
  // kCancelled soon after `stopping` is notified: Shutdown takes apart what there is by then. Not
  // while a strategy is being made or the store is read; what waits for the provider is given up.
  absl::Status Start(const absl::Notification& stopping);

  // "127.0.0.1:50051".
  const std::string& address() const { return grpc_->address(); }
  int ops_port() const { return ops_->port(); }

  // Takes no new sends, finishes answers and POSTs, ends streams with a resume token, then
  // takes everything apart; within the configured grace. Once. Where a strategy never returns, the
  // process ends in here: with exit status 0 where it is one of the shadow, and 1 ten seconds after
  // the grace where something else waits for it ("shutdown.abandoned").
  void Shutdown();

  // Reads the provider key, the pricing configuration and its shadow again; what cannot be read
  // stays. Any thread; nothing happens once Shutdown has begun.
  void Reload();

 private:
  absl::Status LoadPricing();
  absl::Status StartShadow(const std::optional<pricing::PricingConfiguration>& configuration);
  absl::Status UseShadow(const std::optional<pricing::PricingConfiguration>& configuration);
  absl::Status OpenStore();
  absl::Status StartPricing();
  absl::Status StartSandbox(const base::Secret& key);
  absl::Status BuildProvider(base::Secret key);
  absl::Status StartEdges(api::CallerDirectory callers, std::optional<api::TlsMaterial> tls);
  absl::Status StartEngine(const absl::Notification& stopping);
  absl::StatusOr<std::string> KeepSetting(const std::string& name, const std::string& value);
  void ReloadKey();
  void ReloadShadow();
  void TakeApart();
  void StopShadow(int status_where_abandoned);
  void WatchProvider();

  config::ServerConfig config_;
  base::Log log_;
  base::Metrics metrics_;
  std::unique_ptr<sandbox::Sandbox> sandbox_;
  std::unique_ptr<store::TopupStore> store_;
  std::unique_ptr<base::Signer> signer_;
  std::unique_ptr<pricing::PluginHost> pricing_;
  std::unique_ptr<engine::PricingActivations> activations_;
  std::unique_ptr<base::WorkerPool> price_changes_;
  std::unique_ptr<base::WorkerPool> simulations_;
  std::unique_ptr<engine::PricingDesk> prices_;
  std::unique_ptr<pricing::ShadowPricer> shadow_;     // in front of pricing_
  std::unique_ptr<base::WorkerPool> shadow_pricing_;  // what the shadow has to price: goes first
  std::unique_ptr<upstream::KeyedProvider> provider_;
  std::unique_ptr<upstream::RequestBudget> budget_;
  std::unique_ptr<base::WorkerPool> reads_;
  std::unique_ptr<base::ThreadTaskLoop> engine_loop_;
  std::unique_ptr<base::ThreadTaskLoop> timers_;
  std::unique_ptr<watch::TopupFeed> feed_;
  std::unique_ptr<watch::TopupHistory> history_;
  std::unique_ptr<engine::TopupEngine> engine_;
  std::unique_ptr<api::CallerDirectory> callers_;
  std::unique_ptr<api::GrpcServer> grpc_;
  std::unique_ptr<ops::OpsServer> ops_;
  std::shared_future<absl::Status> engine_started_;  // how its start ended; not valid before it
  std::unique_ptr<FileWatch> key_file_;              // null where the key is not in a file
  std::atomic<bool> ready_{false};
  std::mutex reload_mutex_;  // held while something is reloaded
  bool shut_down_ = false;   // by reload_mutex_
};

}  // namespace topup::server_main

#endif  // TOPUP_SERVER_MAIN_SERVER_H_
