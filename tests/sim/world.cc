#include "tests/sim/world.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "tests/sim/workload.h"

namespace topup::sim {
namespace {

constexpr int kEventsMax = 1'000'000;

// Whether every read is answered in time, with what there is, and its answer recorded.
bool AreReadsClean(const SimOptions& options) {
  for (const Fault fault :
       {Fault::kSlow, Fault::kThrottled, Fault::kConfiguration, Fault::kReadFaults,
        Fault::kLaggingReads, Fault::kWrongFields, Fault::kDown, Fault::kWrongKey,
        Fault::kStoreRefused, Fault::kStoreUnknown, Fault::kStoreReads, Fault::kStoreDeath}) {
    if (options.Has(fault)) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<core::PriceBreakdown> SimPricer::Price(
    const pricing::PricingRequest& request) const {
  core::PriceBreakdown price;
  price.face_value = *core::Money::Dinars(request.amount_dzd);
  price.cost = *core::MultiplyRoundedUp(price.face_value, *request.plan->cost_ppm);
  price.price = *core::MultiplyRoundedUp(price.cost, markup);
  price.profit = *core::Money::Subtract(price.price, price.cost);
  price.steps = {{"markup", price.price}};
  return price;
}

// The reading executor: its tasks wait for their turn like everybody's, and it can be full.
class World::ReadQueue : public base::WorkExecutor {
 public:
  ReadQueue(RunContext& run, fakes::ManualTaskLoop& loop) : run_(run), loop_(loop) {}
  [[nodiscard]] bool TryPost(base::Task task) override {
    if (run_.Happens(Fault::kBusyReads)) return false;
    loop_.Post(std::move(task));
    return true;
  }

 private:
  RunContext& run_;
  fakes::ManualTaskLoop& loop_;
};

// What dies with a crash. Members are destroyed last to first: who calls before who is called.
struct World::Process {
  explicit Process(World& world)
      : engine_loop(world.run_.clock),
        commit_loop(world.run_.clock),
        read_loop(world.run_.clock),
        reads(world.run_, read_loop),
        disk(world.disk_, commit_loop, world.run_.dice, world.run_.faults,
             [&world](const std::vector<core::Event>& events) { world.Committed(events); }),
        link(world.network_),
        key_read(world.network_.key_file) {
    const Decorations& decorations = world.decorations_;
    if (decorations.store) store_decoration = decorations.store(disk, world.run_);
    if (decorations.provider) provider_decoration = decorations.provider(link, world.run_);
    store::TopupStore& store = store_decoration ? *store_decoration : disk;
    upstream::Provider& provider = provider_decoration ? *provider_decoration : link;
    feed = std::make_unique<watch::TopupFeed>(
        store, reads, watch::FeedOptions{.ring_size = 40, .batch_size = 5}, metrics,
        [&world](const absl::Status&) { world.crash_countdown_ = 3; });
    store.SetListener(feed.get());
    engine::EngineOptions options;
    options.deployment_id = "SIMDEPL";
    options.plan_costs = {{"GROS_MOBILIS", SimProvider::kUnlistedCost}};
    if (decorations.options) decorations.options(options);
    engine = std::make_unique<engine::TopupEngine>(
        engine::EngineParts{world.run_.clock, world.random_, world.log_, metrics, engine_loop,
                            reads, store, provider, budget, world.pricer_, world.signer_},
        options);
  }
  ~Process() {
    feed->Stop();
    for (fakes::ManualTaskLoop* loop : {&engine_loop, &commit_loop, &read_loop}) loop->Stop();
  }

  fakes::ManualTaskLoop engine_loop;
  fakes::ManualTaskLoop commit_loop;
  fakes::ManualTaskLoop read_loop;
  ReadQueue reads;
  base::Metrics metrics;
  SimStore disk;
  SimLink link;
  std::unique_ptr<store::TopupStore> store_decoration;
  std::unique_ptr<upstream::Provider> provider_decoration;
  upstream::RequestBudget budget{120};
  std::unique_ptr<watch::TopupFeed> feed;
  std::unique_ptr<engine::TopupEngine> engine;
  const std::string key_read;
  bool serves = false;
};

World::World(const SimOptions& options, Decorations decorations)
    : run_(options),
      decorations_(std::move(decorations)),
      random_(options.seed + 1),
      log_(run_.clock,
           [this](absl::string_view line) { run_.history.log_lines.emplace_back(line); }),
      far_end_(run_, outside_,
               [this](const std::string& provider_ref) {
                 const auto topup = disk_.FindByProviderRef(provider_ref);
                 if (!topup.ok()) return 0;
                 return static_cast<int>(disk_.Attempts(topup->id)->size());
               }),
      network_{.run = run_, .loop = outside_, .far_end = far_end_} {
  workload_ = std::make_unique<Workload>(*this);
  // An earlier start has bound the database; with which key it was, is not what is tried here.
  disk_.KeepSetting("environment", SimProvider::kEnvironment,
                    [](const absl::StatusOr<std::string>&) {});
}

World::~World() = default;

engine::TopupEngine* World::engine() {
  const bool answers = process_ != nullptr && process_->serves && !run_.stands_still;
  return answers ? process_->engine.get() : nullptr;
}

watch::TopupFeed* World::feed() { return engine() == nullptr ? nullptr : process_->feed.get(); }

void World::StartProcess() {
  crash_countdown_ = -1;
  process_ = std::make_unique<Process>(*this);
  process_->engine->Start([this](const absl::Status& started) {
    process_->serves = started.ok();
    // Replaced since it was read: whoever serves watches the file.
    if (started.ok() && network_.key_file != process_->key_read) LoadKey(network_.key_file);
    // A server that may not start ends, and whoever looks after it starts it again.
    if (!started.ok()) crash_countdown_ = 1;
  });
}

void World::Crash(absl::Duration pause) {
  workload_->ProcessDied();
  process_.reset();
  GoOn();
  ++run_.history.restarts;
  crash_countdown_ = -1;
  clients_.PostAfter(pause, [this] { StartProcess(); });
}

void World::LoadKey(const std::string& environment) {
  network_.key_file = environment;
  if (process_ == nullptr || !process_->serves) return;
  process_->engine->KeyChanged(
      [link = &process_->link, key = network_.key_file] { link->SetKey(key); });
}

void World::Committed(const std::vector<core::Event>& events) {
  for (const core::Event& event : events) {
    run_.history.events.push_back({run_.NextStep(), run_.Elapsed(), event});
    run_.trace.AddText(event.topup.id);
    run_.trace.Add(static_cast<uint64_t>(event.sequence * 16) +
                   static_cast<uint64_t>(event.topup.status));
  }
}

void World::PlanTimes(Fault fault, std::function<void()> strike) {
  const int times = run_.options.Rate(fault);
  for (int i = 0; i < times; ++i) {
    clients_.PostAfter(run_.dice.Between(absl::Seconds(1), run_.options.fault_time), strike);
  }
}

void World::PlanTrouble() {
  PlanClockTrouble();
  PlanTimes(Fault::kCrashes, [this] { crash_countdown_ = static_cast<int>(run_.dice.Below(200)); });
  PlanTimes(Fault::kStoreDeath, [this] {
    if (process_ != nullptr) process_->disk.Die();
  });
  PlanTimes(Fault::kPriceChanges, [this] {
    pricer_.markup = 1'000'000 + run_.dice.Between(int64_t{0}, int64_t{90'000});
  });
  PlanTimes(Fault::kLowBalance, [this] {
    far_end_.Move(-far_end_.balance().centimes() + run_.dice.Between(int64_t{0}, int64_t{300'000}));
    clients_.PostAfter(run_.dice.Between(absl::Seconds(10), absl::Minutes(10)),
                       [this] { far_end_.Move(30'000'000); });
  });
  PlanTimes(Fault::kWrongKey, [this] {
    if (healed_) return;
    LoadKey(SimProvider::kOtherEnvironment);
    clients_.PostAfter(run_.dice.Between(absl::Seconds(1), absl::Minutes(6)),
                       [this] { LoadKey(SimProvider::kEnvironment); });
  });
  for (int i = 0; i < run_.options.Rate(Fault::kDown); ++i) {
    const absl::Duration begin = run_.dice.Between(absl::ZeroDuration(), run_.options.fault_time);
    const absl::Duration length = run_.dice.Between(absl::Seconds(5), absl::Minutes(15));
    network_.down.push_back({begin, begin + length, run_.dice.Chance(500)});
  }
}

void World::Heal() {
  healed_ = true;
  GoOn();
  run_.faults.faults.clear();
  network_.down.clear();
  LoadKey(SimProvider::kEnvironment);
  far_end_.Move(50'000'000);
}

bool World::RunOne() {
  std::array<fakes::ManualTaskLoop*, 5> loops = {&clients_, &outside_, nullptr, nullptr, nullptr};
  size_t count = 2;
  if (process_ != nullptr && !run_.stands_still) {
    loops[2] = &process_->engine_loop;
    loops[3] = &process_->commit_loop;
    loops[4] = &process_->read_loop;
    count = 5;
  }
  const size_t first = run_.dice.Turn(count);
  for (size_t i = 0; i < count; ++i) {
    if (!loops[(first + i) % count]->RunOne()) continue;
    if (crash_countdown_ >= 0 && crash_countdown_-- == 0 && process_ != nullptr) {
      Crash(run_.dice.Between(absl::Milliseconds(100), absl::Seconds(20)));
    }
    return true;
  }
  return false;
}

void World::Pass(absl::Duration time) {
  run_.truth.Advance(time);
  if (!run_.stands_still) run_.clock.Advance(time);
}

void World::RunUntil(absl::Duration end) {
  int tasks = 0;
  while (run_.Elapsed() < end && run_.history.events.size() < kEventsMax) {
    NoteIdle();
    if (RunOne()) {
      // Tasks that post each other without end would stop the clock for ever.
      if (++tasks % 2'000'000 == 0) Pass(absl::Seconds(1));
      continue;
    }
    absl::Duration wait = end - run_.Elapsed();
    const auto consider = [&wait](const fakes::ManualTaskLoop& loop, const base::Clock& clock) {
      if (const auto timer = loop.NextTimer()) wait = std::min(wait, *timer - clock.Elapsed());
    };
    consider(clients_, run_.truth);
    consider(outside_, run_.truth);
    if (process_ != nullptr && !run_.stands_still) {
      consider(process_->engine_loop, run_.clock);
      consider(process_->commit_loop, run_.clock);
      consider(process_->read_loop, run_.clock);
    }
    Pass(std::max(wait, absl::ZeroDuration()));
  }
}

void World::CloseBooks() {
  workload_->Finish();
  far_end_.CloseBooks();
  History& history = run_.history;
  history.topups = disk_.AllTopups();
  for (const core::Topup& topup : history.topups) {
    history.attempts[topup.id] = *disk_.Attempts(topup.id);
  }
  history.incidents = *disk_.Incidents(/*include_closed=*/true, "", 100'000);
  history.healed = run_.options.liveness;
  if (idle_since_.has_value()) history.idle.push_back({*idle_since_, run_.Elapsed()});
  history.faults_end = run_.options.fault_time;
  history.end = run_.Elapsed();
  history.reads_are_clean = AreReadsClean(run_.options);
  history.calls_arrive_at_once = true;
}

void World::Settle() {
  const absl::Duration end = run_.options.fault_time + run_.options.settle_time;
  // Most runs are over when everything is settled and the streams have told of it; every
  // fourth looks at what comes after that.
  const bool to_the_end = !run_.options.liveness || run_.options.seed % 4 == 0;
  while (run_.Elapsed() < end) {
    RunUntil(std::min(end, run_.Elapsed() + run_.options.settle_step));
    const std::vector<core::Topup> topups = disk_.AllTopups();
    const bool settled = std::all_of(topups.begin(), topups.end(), [](const core::Topup& topup) {
      return core::IsSettled(topup.status);
    });
    if (settled && !to_the_end) return;
  }
}

History World::Run() {
  StartProcess();
  PlanTrouble();
  workload_->Plan();
  RunUntil(run_.options.fault_time);
  if (run_.options.liveness) Heal();
  Settle();
  CloseBooks();
  workload_->ProcessDied();
  process_.reset();
  return std::move(run_.history);
}

}  // namespace topup::sim
