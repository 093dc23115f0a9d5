// A shop that sells at prices of real strategy libraries: the engine with its quote book and
// intake in virtual time over a store in memory, and everything that can come between a quote
// and its send: another pricing configuration, by a call or by its file, other costs, time, a
// crash.
#ifndef TOPUP_TESTS_INTEGRATION_QUOTE_WORLD_H_
#define TOPUP_TESTS_INTEGRATION_QUOTE_WORLD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "server/engine/price_control.h"
#include "server/engine/topup_engine.h"
#include "server/pricing/plugin_host.h"
#include "tests/fakes/captured_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_provider.h"
#include "tests/fakes/inline_executor.h"
#include "tests/fakes/manual_task_loop.h"
#include "tests/fakes/memory_topup_store.h"
#include "tests/fakes/seeded_random.h"

namespace topup::integration {

// What callers have bought, counted from the store's events and by nothing of the engine's.
class SeenDeliveries : public store::StoreListener {
 public:
  void OnCommitted(const std::vector<core::Event>& events) override;
  void OnFatal(const absl::Status&) override {}
  core::CallerVolume VolumeOf(const std::string& caller, absl::Time time) const;

 private:
  std::map<std::string, core::Topup> delivered_;  // by id
};

// Single-threaded. Every call that can be answered at once is.
class QuoteWorld {
 public:
  // `reference` prices what nobody quoted, from the same configurations: it outlives the world.
  // Ends the process where `pricing_text` cannot be put in force.
  QuoteWorld(uint64_t seed, pricing::PricingOptions pricing, pricing::PluginHost& reference,
             const std::string& pricing_text);
  ~QuoteWorld();

  // Writes the pricing file; nothing reads it before the next reload, start or activation.
  void WritePricing(std::string text) { file_ = std::move(text); }
  // What SIGHUP does. Refused: what was in force stays, as with the next two.
  absl::Status ReloadPricing();
  absl::Status ActivatePricing(const std::string& text);
  absl::Status RollBackPricing();
  // The process is gone in the middle of things, and another begins `later` with the same store,
  // key and pricing file.
  void CrashAndRestart(absl::Duration later = absl::ZeroDuration());

  // What has to be in force, and may happen: worked out from what was done, not from records.
  const std::string& in_force() const { return line_.back(); }
  bool CanRollBack() const { return line_.size() > 1; }
  bool FileIsNew() const { return file_ != seen_file_; }
  // True where this process has opened the libraries of all these.
  bool HasOpened(const std::vector<core::StrategyIdentity>& strategies) const;

  // The provider's plans from now on, read by us at once.
  void SetPlans(std::vector<core::Plan> plans);
  void Advance(absl::Duration duration);

  absl::StatusOr<engine::Quote> Quote(const engine::QuoteCommand& command);
  absl::StatusOr<engine::SendResult> Send(engine::SendCommand command);
  absl::StatusOr<engine::Explanation> Explain(const std::string& topup_id);
  // What the configuration in force says now, asked of another host.
  absl::StatusOr<core::PriceBreakdown> PriceInForce(const std::string& plan_code,
                                                    int64_t amount_dzd, const std::string& caller);

  uint64_t seed() const { return seed_; }
  const std::vector<core::Plan>& plans() const { return plans_; }
  absl::Time Now() const { return clock_.Now(); }
  fakes::MemoryTopupStore& store() { return store_; }
  fakes::FakeProvider& provider() { return provider_; }
  engine::TopupEngine& engine();

 private:
  struct Process;

  void StartProcess();
  // Nothing where it is refused.
  std::shared_ptr<const pricing::PricingSet> LoadReference(const std::string& text) const;
  void NoteFileRead();
  void NoteInForce(const std::string& text);
  void ExpectInForce();

  const uint64_t seed_;
  fakes::FakeClock clock_;
  fakes::SeededRandom random_;
  fakes::CapturedLog log_{clock_};
  base::Metrics metrics_;
  fakes::InlineExecutor reads_;
  fakes::ManualTaskLoop provider_loop_{clock_};
  fakes::MemoryTopupStore store_;
  SeenDeliveries deliveries_;
  fakes::FakeProvider provider_{provider_loop_, clock_};
  const base::Signer signer_{base::Secret("a key for tests")};
  const pricing::PricingOptions pricing_;
  pricing::PluginHost& reference_;
  std::shared_ptr<const pricing::PricingSet> expected_;  // of the configuration in force
  std::vector<core::Plan> plans_;
  std::string file_;
  std::string seen_file_;          // as it was when it was last looked at, and not refused
  std::vector<std::string> line_;  // what a rollback goes back to, and last what is in force
  std::set<std::string> opened_;   // digests of libraries that this process has certainly opened
  std::unique_ptr<Process> process_;
  // What is on its way to them must find them, and is dropped by their stopped loops.
  std::vector<std::unique_ptr<Process>> dead_;
};

// Where this build's strategy libraries are, as seen from its program or test.
pricing::PricingOptions PricingOfThisBuild();

}  // namespace topup::integration

#endif  // TOPUP_TESTS_INTEGRATION_QUOTE_WORLD_H_
