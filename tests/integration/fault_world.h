// Useful for: the engine with everything real around it: SQLite on disk, HTTP on loopback, the
// provider's stand-in with its faults, and where it is asked for a proxy that breaks connections.
// Time passes kPace times faster, so that the steps of doubt are gone through in seconds; what
// is waited for is an event, never a time.
#ifndef TOPUP_TESTS_INTEGRATION_FAULT_WORLD_H_
#define TOPUP_TESTS_INTEGRATION_FAULT_WORLD_H_

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/base/log.h"
#include "server/base/worker_pool.h"
#include "server/engine/topup_engine.h"
#include "server/sandbox/sandbox.h"
#include "server/store/topup_store.h"
#include "server/upstream/keyed_provider.h"
#include "tests/integration/detour_provider.h"
#include "tests/support/chaos_proxy.h"
#include "tests/support/engine_world.h"
#include "tests/support/faster_time.h"
#include "tests/support/temp_dir.h"

namespace topup::integration {

// How much faster than the machine's this world's time passes.
inline constexpr int kPace = 10;

// A way to the stand-in for one kind of request, through a ChaosProxy.
struct Detour {
  Call call = Call::kSend;
  support::ChaosPlan* plan = nullptr;  // outlives the world
  bool tls = false;
};

struct WorldOptions {
  std::string faults;  // text of the stand-in's faults
  std::optional<Detour> detour;
};

// What was counted, for the figures of a proof.
struct WorldCounts {
  int64_t topups = 0;
  int64_t attempts = 0;       // recorded
  int64_t may_have_left = 0;  // those of them that are not proven unsent
  int64_t posts = 0;          // that arrived whole
  int64_t vanished = 0;       // that nobody saw: the client gave up before it was read
  int64_t cut_posts = 0;      // of which the proxy kept a part
  int64_t accepted = 0;       // by the stand-in

  void Add(const WorldCounts& other);
};

// Used by one thread; a world ends with its destructor.
class FaultWorld : private store::StoreListener {
 public:
  explicit FaultWorld(const WorldOptions& options);
  ~FaultWorld() override;

  // Sends 100 DZD to `phone` under `ref`, without waiting for anything but the record. The
  // top-up's id; repeats while the balance is being read. Empty, and a violation, where it is
  // refused.
  std::string Send(const std::string& ref, const std::string& phone);

  // How those that have to wait for a person are treated.
  enum class Held { kAreOpen, kAreDone };
  // Returns once all of `ids` are settled, or (kAreDone) held for a person and asked about
  // since, or after `patience` of the machine's time: what is still open by then.
  std::set<std::string> AwaitEnd(const std::vector<std::string>& ids, Held held,
                                 absl::Duration patience);

  // Returns when the proxy has no connection under way.
  void AwaitDetour() { proxy_->AwaitIdle(); }

  // As after a change of the key file to the same key: nothing is proven any more.
  void ReplaceKey() { engine_->KeyChanged(); }

  // Stops the engine; then the breaks of the invariants, one line each, beginning with a ref.
  std::vector<std::string> FindViolations();
  // After FindViolations.
  const WorldCounts& counts() const { return counts_; }

  store::TopupStore& store() { return *store_; }
  sandbox::Sandbox& sandbox() { return *sandbox_; }

 private:
  void OnCommitted(const std::vector<core::Event>& events) override;
  void OnFatal(const absl::Status& reason) override;
  // On the stand-in's thread: every POST must be recorded by the time it arrives.
  void OnSend(const sandbox::ArrivedSend& send);
  void OnLog(absl::string_view line);
  int64_t LogLines();
  int64_t QuestionsAsked() const;
  std::unique_ptr<upstream::Provider> BuildProvider(const std::optional<Detour>& detour);
  bool IsDone(const std::string& id, Held held);
  void CheckEvents(const core::Topup& topup, std::vector<std::string>& violations);
  void CheckAgainstProvider(const core::Topup& topup,
                            const std::vector<sandbox::AcceptedTopup>& accepted,
                            std::vector<std::string>& violations);
  // One POST for each recorded attempt that is not proven unsent, but for what the proxy cut, and
  // for those that were given up on a connection that the proxy had not read yet. Others that
  // were given up may still be on their way into the stand-in, and are waited for.
  void CheckPosts(const core::Topup& topup, std::vector<std::string>& violations);
  int CutPosts(const std::string& provider_ref) const;
  void Stop();

  support::TempDir dir_;
  support::FasterClock clock_{kPace};
  base::Metrics metrics_;
  std::unique_ptr<sandbox::Sandbox> sandbox_;
  std::unique_ptr<store::TopupStore> store_;
  std::unique_ptr<support::ProxyCertificates> certificates_;
  std::unique_ptr<support::ChaosProxy> proxy_;
  std::unique_ptr<upstream::Provider> provider_;
  std::unique_ptr<upstream::RequestBudget> budget_;
  std::unique_ptr<base::WorkerPool> reads_;
  std::unique_ptr<support::FasterTaskLoop> loop_;
  std::unique_ptr<base::Log> log_;
  support::FivePercentPricer pricer_;
  base::Signer signer_{base::Secret("a key for tests")};
  std::unique_ptr<engine::TopupEngine> engine_;
  bool posts_take_the_detour_ = false;
  std::vector<std::string> topup_ids_;
  WorldCounts counts_;

  std::mutex mutex_;  // guards the rest
  std::condition_variable changed_;
  std::map<std::string, std::vector<core::Topup>> events_;  // by top-up
  std::map<std::string, int> posts_;                        // that arrived, by provider ref
  // Top-ups that wait for a person, and how many questions had been asked when that was seen.
  std::map<std::string, int64_t> held_;
  int64_t log_lines_ = 0;
  bool key_validated_ = false;
  bool plans_read_ = false;
  std::vector<std::string> violations_;
};

}  // namespace topup::integration

#endif  // TOPUP_TESTS_INTEGRATION_FAULT_WORLD_H_
