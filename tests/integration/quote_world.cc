#include "tests/integration/quote_world.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>

#include "server/config/pricing_settings.h"
#include "server/engine/pricing_activations.h"
#include "server/engine/pricing_desk.h"

namespace topup::integration {
namespace {

void Require(bool met, const char* what) {
  if (met) return;
  std::fprintf(stderr, "quote world: %s\n", what);
  std::abort();
}

engine::EngineOptions Options() {
  engine::EngineOptions options;
  options.deployment_id = "QUOTDEPL";
  return options;
}

}  // namespace

void SeenDeliveries::OnCommitted(const std::vector<core::Event>& events) {
  for (const core::Event& event : events) {
    if (event.topup.status == core::TopupStatus::kFulfilled) {
      delivered_.emplace(event.topup.id, event.topup);
    }
  }
}

core::CallerVolume SeenDeliveries::VolumeOf(const std::string& caller, absl::Time time) const {
  // The calendar of Algiers is that of UTC an hour later.
  const auto day_of = [](absl::Time when) {
    return absl::ToCivilDay(when + absl::Hours(1), absl::UTCTimeZone());
  };
  const absl::CivilDay today = day_of(time);
  int64_t centimes_today = 0;
  int64_t centimes_this_month = 0;
  core::CallerVolume volume;
  for (const auto& [id, topup] : delivered_) {
    const absl::CivilDay day = day_of(topup.create_time);
    if (topup.caller != caller || absl::CivilMonth(day) != absl::CivilMonth(today)) continue;
    ++volume.count_this_month;
    centimes_this_month += topup.amount_dzd * 100;
    if (day != today) continue;
    ++volume.count_today;
    centimes_today += topup.amount_dzd * 100;
  }
  volume.volume_today = core::Money::Centimes(centimes_today);
  volume.volume_this_month = core::Money::Centimes(centimes_this_month);
  return volume;
}

// What dies with a crash.
struct QuoteWorld::Process {
  explicit Process(QuoteWorld& world)
      : host(world.pricing_, world.log_.log(), world.metrics_),
        activations(
            world.clock_, world.log_.log(), world.metrics_, world.store_, host,
            {.read_file = [&world] { return world.file_; }, .parse = &config::ParsePricing}),
        desk({world.log_.log(), world.reads_, world.reads_, world.store_, host, activations}),
        loop(world.clock_),
        engine({world.clock_, world.random_, world.log_.log(), world.metrics_, loop, world.reads_,
                world.store_, world.provider_, budget, host, world.signer_},
               Options()) {}

  pricing::PluginHost host;
  engine::PricingActivations activations;
  engine::PricingDesk desk;
  fakes::ManualTaskLoop loop;
  upstream::RequestBudget budget{1200};
  engine::TopupEngine engine;
};

QuoteWorld::QuoteWorld(uint64_t seed, pricing::PricingOptions pricing,
                       pricing::PluginHost& reference, const std::string& pricing_text)
    : seed_(seed),
      random_(seed),
      pricing_(std::move(pricing)),
      reference_(reference),
      file_(pricing_text) {
  store_.SetListener(&deliveries_);
  provider_.SetBalance(core::Money::Centimes(1'000'000'000'000));
  provider_.SetFulfilAfter(absl::Seconds(1));
  plans_ = fakes::FakeProvider::SomePlans();
  StartProcess();
}

QuoteWorld::~QuoteWorld() {
  process_->loop.Stop();
  provider_loop_.Stop();
}

engine::TopupEngine& QuoteWorld::engine() { return process_->engine; }

void QuoteWorld::StartProcess() {
  process_ = std::make_unique<Process>(*this);
  opened_.clear();
  Require(process_->activations.Start().ok(), "no prices can be put in force at the start");
  NoteFileRead();
  std::optional<absl::Status> started;
  process_->engine.Start([&started](absl::Status status) { started = std::move(status); });
  for (int seconds = 0; seconds < 60 && !started.has_value(); ++seconds) Advance(absl::Seconds(1));
  Require(started.has_value() && started->ok(), "the engine does not start");
}

void QuoteWorld::CrashAndRestart(absl::Duration later) {
  process_->loop.Stop();
  dead_.push_back(std::move(process_));
  clock_.Advance(later);
  StartProcess();
}

std::shared_ptr<const pricing::PricingSet> QuoteWorld::LoadReference(
    const std::string& text) const {
  const absl::StatusOr<pricing::PricingConfiguration> configuration = config::ParsePricing(text);
  if (!configuration.ok()) return nullptr;
  return reference_.Load(*configuration, base::Sha256Hex(text)).value_or(nullptr);
}

void QuoteWorld::NoteFileRead() {
  if (FileIsNew() && LoadReference(file_) != nullptr) {
    seen_file_ = file_;
    return NoteInForce(file_);
  }
  ExpectInForce();
}

void QuoteWorld::NoteInForce(const std::string& text) {
  if (line_.empty() || line_.back() != text) line_.push_back(text);
  ExpectInForce();
}

void QuoteWorld::ExpectInForce() {
  expected_ = LoadReference(in_force());
  Require(expected_ != nullptr, "the reference refuses what was put in force");
  for (const auto& chain : expected_->chains()) {
    for (const auto& strategy : chain.strategies) {
      opened_.insert(strategy->identity().library_digest);
    }
  }
}

absl::Status QuoteWorld::ReloadPricing() {
  const absl::Status reloaded = process_->activations.Reload();
  NoteFileRead();
  return reloaded;
}

absl::Status QuoteWorld::ActivatePricing(const std::string& text) {
  const absl::Status activated =
      process_->activations.Activate({.caller = "owner", .config = text}).status();
  if (!activated.ok()) return activated;
  seen_file_ = file_;
  NoteInForce(text);
  return activated;
}

absl::Status QuoteWorld::RollBackPricing() {
  const absl::Status rolled_back = process_->activations.Rollback({.caller = "owner"}).status();
  if (!rolled_back.ok() || !CanRollBack()) return rolled_back;
  seen_file_ = file_;
  line_.pop_back();
  ExpectInForce();
  return rolled_back;
}

bool QuoteWorld::HasOpened(const std::vector<core::StrategyIdentity>& strategies) const {
  return std::all_of(strategies.begin(), strategies.end(), [this](const auto& strategy) {
    return opened_.count(strategy.library_digest) > 0;
  });
}

void QuoteWorld::SetPlans(std::vector<core::Plan> plans) {
  plans_ = std::move(plans);
  provider_.SetPlans(plans_);
  bool is_read = false;
  process_->engine.RefreshPlans(
      [&is_read](const absl::StatusOr<engine::RefreshResult>& result) { is_read = result.ok(); });
  for (int seconds = 0; seconds < 60 && !is_read; ++seconds) Advance(absl::Seconds(1));
  Require(is_read, "the plans are not read");
}

void QuoteWorld::Advance(absl::Duration duration) {
  const absl::Duration end = clock_.Elapsed() + duration;
  for (;;) {
    // `|` and not `||`: each loop gets its turn.
    while (static_cast<int>(process_->loop.RunOne()) | static_cast<int>(provider_loop_.RunOne())) {
    }
    const absl::Duration next =
        std::min(process_->loop.NextTimer().value_or(absl::InfiniteDuration()),
                 provider_loop_.NextTimer().value_or(absl::InfiniteDuration()));
    if (next > end) break;
    clock_.Advance(std::max(next - clock_.Elapsed(), absl::ZeroDuration()));
  }
  clock_.Advance(end - clock_.Elapsed());
}

absl::StatusOr<engine::Quote> QuoteWorld::Quote(const engine::QuoteCommand& command) {
  return process_->engine.QuoteTopup(command);
}

absl::StatusOr<engine::SendResult> QuoteWorld::Send(engine::SendCommand command) {
  std::optional<absl::StatusOr<engine::SendResult>> answer;
  process_->engine.Send(std::move(command), [&answer](absl::StatusOr<engine::SendResult> result) {
    answer = std::move(result);
  });
  process_->loop.RunReady();
  Require(answer.has_value(), "a send is not answered");
  return *std::move(answer);
}

absl::StatusOr<engine::Explanation> QuoteWorld::Explain(const std::string& topup_id) {
  std::optional<absl::StatusOr<engine::Explanation>> answer;
  process_->desk.Explain(topup_id, [&answer](absl::StatusOr<engine::Explanation> explanation) {
    answer = std::move(explanation);
  });
  Require(answer.has_value(), "an explanation is not answered");
  return *std::move(answer);
}

absl::StatusOr<core::PriceBreakdown> QuoteWorld::PriceInForce(const std::string& plan_code,
                                                              int64_t amount_dzd,
                                                              const std::string& caller) {
  const auto plan = std::find_if(plans_.begin(), plans_.end(), [&](const core::Plan& candidate) {
    return candidate.code == plan_code;
  });
  Require(plan != plans_.end(), "there is no such plan");
  return expected_->Price({.plan = &*plan,
                           .amount_dzd = amount_dzd,
                           .caller = caller,
                           .time = clock_.Now(),
                           .caller_volume = deliveries_.VolumeOf(caller, clock_.Now())});
}

pricing::PricingOptions PricingOfThisBuild() {
  std::string program(4096, '\0');
  const ssize_t size = readlink("/proc/self/exe", program.data(), program.size());
  program.resize(size > 0 ? static_cast<size_t>(size) : 0);
  // A test runs in its runfiles; a program that was started by hand has them beside it.
  std::string root = std::filesystem::current_path().string();
  const std::string runfiles = program + ".runfiles/topup";
  if (std::filesystem::is_directory(runfiles)) root = runfiles;
  return {.plugin_directories = {root + "/pricing_plugins"}};
}

}  // namespace topup::integration
