#include "tests/support/engine_world.h"

#include <algorithm>
#include <utility>

#include "gtest/gtest.h"

namespace topup::support {

absl::StatusOr<core::PriceBreakdown> FivePercentPricer::Price(
    const pricing::PricingRequest& request) const {
  core::PriceBreakdown price;
  price.face_value = *core::Money::Dinars(request.amount_dzd);
  price.cost = *core::MultiplyRoundedUp(price.face_value, *request.plan->cost_ppm);
  price.price = *core::MultiplyRoundedUp(price.cost, 1'050'000);
  price.profit = *core::Money::Subtract(price.price, price.cost);
  price.steps = {{"markup 5 %", price.price}};
  return price;
}

engine::EngineOptions EngineWorld::DefaultOptions() {
  engine::EngineOptions options;
  options.deployment_id = "TESTDEPL";
  options.plan_costs = {{"GROS_MOBILIS", 985'000}};
  return options;
}

EngineWorld::EngineWorld(engine::EngineOptions engine_options)
    : options(std::move(engine_options)) {
  Build();
}

void EngineWorld::Build() {
  budget = std::make_unique<upstream::RequestBudget>(120);
  loop = std::make_unique<fakes::ManualTaskLoop>(clock);
  engine = std::make_unique<engine::TopupEngine>(
      engine::EngineParts{clock, random, log.log(), metrics, *loop, reads, store, provider, *budget,
                          pricer, signer},
      options);
}

void EngineWorld::CrashAndRestart() {
  loop->Stop();
  dead_loops_.push_back(std::move(loop));
  dead_engines_.push_back(std::move(engine));
  Build();
}

absl::Status EngineWorld::Start() {
  absl::Status status = absl::UnknownError("the engine has not called back");
  engine->Start([&status](absl::Status started) { status = std::move(started); });
  for (int seconds = 0; seconds < 60 && absl::IsUnknown(status); ++seconds) {
    Advance(absl::Seconds(1));
  }
  return status;
}

void EngineWorld::RunReady() {
  // `|` and not `||`: each loop gets its turn.
  while (static_cast<int>(loop->RunOne()) | static_cast<int>(world_loop.RunOne())) {
  }
}

void EngineWorld::Advance(absl::Duration duration) {
  const absl::Duration end = clock.Elapsed() + duration;
  for (;;) {
    RunReady();
    const absl::Duration next = std::min(loop->NextTimer().value_or(absl::InfiniteDuration()),
                                         world_loop.NextTimer().value_or(absl::InfiniteDuration()));
    if (next > end) break;
    clock.Advance(std::max(next - clock.Elapsed(), absl::ZeroDuration()));
  }
  clock.Advance(end - clock.Elapsed());
  RunReady();
}

engine::SendCommand EngineWorld::Command(const std::string& ref) {
  engine::SendCommand command;
  command.caller = "shop";
  command.ref = ref;
  command.phone = *core::PhoneNumber::Parse("0661234567");
  command.plan_code = "PREPAID_MOBILIS";
  command.amount_dzd = 1000;
  command.allow_repeat = true;
  return command;
}

std::optional<absl::StatusOr<engine::SendResult>> EngineWorld::Send(engine::SendCommand command) {
  auto result = std::make_shared<std::optional<absl::StatusOr<engine::SendResult>>>();
  engine->Send(std::move(command),
               [result](absl::StatusOr<engine::SendResult> sent) { *result = std::move(sent); });
  RunReady();
  return *result;
}

std::string EngineWorld::Record(const std::string& ref) { return Record(Command(ref)); }

std::string EngineWorld::Record(engine::SendCommand command) {
  const auto sent = Send(std::move(command));
  if (!sent.has_value() || !sent->ok()) {
    ADD_FAILURE() << "not recorded: "
                  << (sent.has_value() ? sent->status().ToString() : "no answer");
    return "";
  }
  return (*sent)->topup.id;
}

bool EngineWorld::AdvanceUntil(const std::string& id, core::TopupStatus status,
                               absl::Duration patience) {
  const absl::Duration end = clock.Elapsed() + patience;
  while (Stored(id).status != status) {
    if (clock.Elapsed() >= end) return false;
    Advance(absl::Milliseconds(100));
  }
  return true;
}

core::Topup EngineWorld::Stored(const std::string& id) {
  absl::StatusOr<core::Topup> topup = store.FindById(id);
  return topup.ok() ? *std::move(topup) : core::Topup();
}

std::vector<core::Incident> EngineWorld::Incidents() {
  return store.Incidents(/*include_closed=*/true, "", 1000).value();
}

}  // namespace topup::support
