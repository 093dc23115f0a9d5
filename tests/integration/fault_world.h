// Useful for: the engine with everything real around it: SQLite on disk, HTTP on loopback, the
// provider's stand-in with its faults. Time passes kPace times faster, so that the steps of doubt
// are gone through in seconds; tests wait for what is committed, never for time.
#ifndef TOPUP_TESTS_INTEGRATION_FAULT_WORLD_H_
#define TOPUP_TESTS_INTEGRATION_FAULT_WORLD_H_

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "server/base/log.h"
#include "server/base/worker_pool.h"
#include "server/engine/topup_engine.h"
#include "server/sandbox/sandbox.h"
#include "server/store/topup_store.h"
#include "server/upstream/keyed_provider.h"
#include "tests/support/engine_world.h"
#include "tests/support/faster_time.h"
#include "tests/support/temp_dir.h"

namespace topup::integration {

// How much faster than the machine's this world's time passes.
inline constexpr int kPace = 10;

// The engine's rules, in that time. Nothing gives up because the machine is slow.
engine::EngineOptions FastOptions();

// Thread-safe where it says so; a world ends with its destructor.
class FaultWorld : private store::StoreListener {
 public:
  // `faults`: text of the stand-in's faults.
  explicit FaultWorld(const std::string& faults);
  ~FaultWorld() override;

  // Sends 100 DZD to `phone` under `ref`, without waiting for anything but the record. The
  // top-up's id; repeats while the balance is being read, fails the test where it is refused.
  std::string Send(const std::string& ref, const std::string& phone);

  // Returns once all of `ids` are settled, or after `patience`: what is not settled by then.
  std::set<std::string> AwaitSettled(const std::vector<std::string>& ids, absl::Duration patience);

  // Stops the engine; then the breaks of the invariants, one line each.
  std::vector<std::string> FindViolations();

  store::TopupStore& store() { return *store_; }
  sandbox::Sandbox& sandbox() { return *sandbox_; }

 private:
  void OnCommitted(const std::vector<core::Event>& events) override;
  void OnFatal(const absl::Status& reason) override;
  // On the stand-in's thread: every POST must be recorded by the time it arrives.
  void OnSend(const sandbox::ArrivedSend& send);
  void OnLog(absl::string_view line);
  int LogLines();
  void CheckEvents(const core::Topup& topup, std::vector<std::string>& violations);
  void CheckAgainstProvider(const core::Topup& topup,
                            const std::vector<sandbox::AcceptedTopup>& accepted,
                            std::vector<std::string>& violations);
  // One POST for each recorded attempt that is not proven unsent. One that was given up may
  // still be on its way into the stand-in, and is waited for.
  void CheckPosts(const core::Topup& topup, std::vector<std::string>& violations);
  void Stop();

  support::TempDir dir_;
  support::FasterClock clock_{kPace};
  base::Metrics metrics_;
  std::unique_ptr<sandbox::Sandbox> sandbox_;
  std::unique_ptr<store::TopupStore> store_;
  std::unique_ptr<upstream::KeyedProvider> provider_;
  std::unique_ptr<upstream::RequestBudget> budget_;
  std::unique_ptr<base::WorkerPool> reads_;
  std::unique_ptr<support::FasterTaskLoop> loop_;
  std::unique_ptr<base::Log> log_;
  support::FivePercentPricer pricer_;
  base::Signer signer_{base::Secret("a key for tests")};
  std::unique_ptr<engine::TopupEngine> engine_;

  std::mutex mutex_;  // guards the rest
  std::condition_variable changed_;
  std::map<std::string, std::vector<core::Topup>> events_;  // by top-up
  std::map<std::string, int> posts_;                        // that arrived, by provider ref
  int log_lines_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace topup::integration

#endif  // TOPUP_TESTS_INTEGRATION_FAULT_WORLD_H_
