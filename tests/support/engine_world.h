// Useful for: tests of the whole engine in virtual time: a memory store, a provider without a
// network, five percent of markup, and one loop that runs as far as the test says.
#ifndef TOPUP_TESTS_SUPPORT_ENGINE_WORLD_H_
#define TOPUP_TESTS_SUPPORT_ENGINE_WORLD_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/engine/topup_engine.h"
#include "tests/fakes/captured_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_provider.h"
#include "tests/fakes/inline_executor.h"
#include "tests/fakes/manual_task_loop.h"
#include "tests/fakes/memory_topup_store.h"
#include "tests/fakes/seeded_random.h"

namespace topup::support {

// Cost plus five percent, rounded up; no library is loaded.
class FivePercentPricer : public pricing::Pricer {
 public:
  absl::StatusOr<core::PriceBreakdown> Price(const pricing::PricingRequest& request) const override;

  // Called first, where it is set: what happens while a strategy works.
  std::function<void()> on_price;
};

class EngineWorld {
 public:
  explicit EngineWorld(engine::EngineOptions options = DefaultOptions());
  // Fails the test where a POST was made that no attempt records; or, while `every_claim_posts`,
  // an attempt that has none and is not proven unsent.
  ~EngineWorld();

  static engine::EngineOptions DefaultOptions();

  // The same `count` times; refs are `prefix` and a number from 0.
  std::vector<std::string> RecordMany(int count, const std::string& prefix = "r");

  // Runs at most `count` tasks, wherever they are, without letting time pass but to the next
  // timer; to stop in the middle of things.
  void RunTasks(int count);

  // A second engine on the same store and provider, as after a crash: the old one forgets
  // everything that was not committed.
  void CrashAndRestart();

  // Starts the engine; its status.
  absl::Status Start();

  // A valid command for an ordinary Mobilis number: PREPAID_MOBILIS, 1000 DZD.
  static engine::SendCommand Command(const std::string& ref);
  // Sends and runs what is ready; the answer, or nothing where there is none yet.
  std::optional<absl::StatusOr<engine::SendResult>> Send(engine::SendCommand command);
  // The same; the top-up's id. Fails the test where it was not recorded.
  std::string Record(const std::string& ref);
  std::string Record(engine::SendCommand command);

  // Runs what is ready everywhere; time stands still.
  void RunReady();
  // Lets time pass, timer by timer.
  void Advance(absl::Duration duration);
  // Lets time pass in small steps until `id` has `status`; false after `patience`.
  bool AdvanceUntil(const std::string& id, core::TopupStatus status, absl::Duration patience);
  core::Topup Stored(const std::string& id);
  std::vector<core::Incident> Incidents();

  engine::EngineOptions options;
  int requests_per_minute = 120;  // of the next start
  // False after a crash; to be set by tests in which a claim is not written as it seems.
  bool every_claim_posts = true;
  fakes::FakeClock clock;
  fakes::SeededRandom random;
  fakes::CapturedLog log{clock};
  base::Metrics metrics;
  fakes::InlineExecutor reads;
  // The far end and the disk outlive a crash of the engine, and so does their loop.
  fakes::ManualTaskLoop world_loop{clock};
  fakes::MemoryTopupStore store{&world_loop};
  fakes::FakeProvider provider{world_loop, clock};
  FivePercentPricer pricer;
  base::Signer signer{base::Secret("a key for tests")};
  std::unique_ptr<upstream::RequestBudget> budget;
  std::unique_ptr<fakes::ManualTaskLoop> loop;
  std::unique_ptr<engine::TopupEngine> engine;

 private:
  void Build();

  // Engines that crashed: what is still on its way to them must find them, and is dropped by
  // their stopped loops.
  std::vector<std::unique_ptr<fakes::ManualTaskLoop>> dead_loops_;
  std::vector<std::unique_ptr<engine::TopupEngine>> dead_engines_;
};

}  // namespace topup::support

#endif  // TOPUP_TESTS_SUPPORT_ENGINE_WORLD_H_
