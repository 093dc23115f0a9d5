// The engine's knobs, and what it is made of.
#ifndef TOPUP_SERVER_ENGINE_ENGINE_OPTIONS_H_
#define TOPUP_SERVER_ENGINE_ENGINE_OPTIONS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/metrics.h"
#include "server/base/random.h"
#include "server/base/signer.h"
#include "server/base/task_loop.h"
#include "server/base/worker_pool.h"
#include "server/core/protocol_rules.h"
#include "server/pricing/pricer.h"
#include "server/store/topup_store.h"
#include "server/upstream/provider.h"
#include "server/upstream/request_budget.h"

namespace topup::engine {

// Each is a flag of the same name; docs/operating.md says who should change it.
struct EngineOptions {
  core::ProtocolRules rules;
  int submit_concurrency = 8;    // POSTs in flight
  int breaker_failures = 20;     // POSTs in doubt in a row that stop first POSTs
  int64_t queue_limit = 100000;  // QUEUED top-ups; more are refused (OVERLOADED)
  int64_t menu_amount = 0;       // `amount` of a request for personal offers
  absl::Duration max_catalogue_age = absl::Hours(48);
  absl::Duration plan_refresh_interval = absl::Hours(6);
  absl::Duration repeat_window = absl::Minutes(2);  // 0 switches the duplicate guard off
  absl::Duration quote_ttl = absl::Minutes(10);
  absl::Duration event_retention = absl::Hours(720);
  // Costs of plans that the provider gives none for, by plan code.
  std::map<std::string, core::PartsPerMillion> plan_costs;
  // Made with the database; part of every provider ref.
  std::string deployment_id;
  std::string account = "main";
};

// Menu requests are sent within this time or not at all: offers that nobody waits for any more are
// not worth a POST. So many may be recorded within it; more are refused (OVERLOADED).
constexpr absl::Duration kMenuSendWindow = absl::Minutes(1);
constexpr int kMenusPerWindow = 100;

// What the engine works with. Everything is borrowed and outlives the engine.
struct EngineParts {
  const base::Clock& clock;
  base::RandomSource& random;
  base::Log& log;
  base::Metrics& metrics;
  base::TaskLoop& loop;       // the engine's own thread
  base::WorkExecutor& reads;  // for what a caller waits for: reads of the store, prices of offers
  store::TopupStore& store;
  upstream::Provider& provider;
  upstream::RequestBudget& budget;
  const pricing::Pricer& pricer;
  const base::Signer& signer;
};

}  // namespace topup::engine

#endif  // TOPUP_SERVER_ENGINE_ENGINE_OPTIONS_H_
