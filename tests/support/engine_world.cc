#include "tests/support/engine_world.h"

#include <algorithm>
#include <map>
#include <utility>

#include "gtest/gtest.h"

namespace topup::support {

absl::StatusOr<core::PriceBreakdown> FivePercentPricer::Price(
    const pricing::PricingRequest& request) const {
  if (const std::function<void()> hook = on_price) hook();
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
  budget = std::make_unique<upstream::RequestBudget>(requests_per_minute);
  loop = std::make_unique<fakes::ManualTaskLoop>(clock);
  engine = std::make_unique<engine::TopupEngine>(
      engine::EngineParts{clock, random, log.log(), metrics, *loop, reads, store, provider, *budget,
                          pricer, signer},
      options);
}

EngineWorld::~EngineWorld() {
  std::map<std::string, size_t> posts;
  for (const fakes::FakeProvider::Post& post : provider.posts()) {
    ++posts[post.request.provider_ref];
  }
  for (const core::Topup& topup : store.AllTopups()) {
    const absl::StatusOr<std::vector<core::Attempt>> attempts = store.Attempts(topup.id);
    if (!attempts.ok()) return;  // the test has ended the store
    const size_t sent = posts[topup.provider_ref];
    EXPECT_LE(sent, attempts->size()) << "unrecorded POST of " << topup.ref;
    const size_t unsent =
        std::count_if(attempts->begin(), attempts->end(), [](const core::Attempt& attempt) {
          return attempt.evidence == core::Attempt::Evidence::kUnsent;
        });
    if (every_claim_posts) {
      EXPECT_GE(sent + unsent, attempts->size()) << "attempts without a POST of " << topup.ref;
    }
    posts.erase(topup.provider_ref);
  }
  EXPECT_TRUE(posts.empty()) << "a POST of no top-up";
}

void EngineWorld::CrashAndRestart() {
  every_claim_posts = false;
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

std::vector<std::string> EngineWorld::RecordMany(int count, const std::string& prefix) {
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) ids.push_back(Record(prefix + std::to_string(i)));
  return ids;
}

void EngineWorld::RunTasks(int count) {
  for (bool loops_turn = true; count > 0; --count, loops_turn = !loops_turn) {
    fakes::ManualTaskLoop& first = loops_turn ? *loop : world_loop;
    fakes::ManualTaskLoop& second = loops_turn ? world_loop : *loop;
    if (first.RunOne() || second.RunOne()) continue;
    const absl::Duration next = std::min(loop->NextTimer().value_or(absl::InfiniteDuration()),
                                         world_loop.NextTimer().value_or(absl::InfiniteDuration()));
    if (next == absl::InfiniteDuration()) return;
    clock.Advance(std::max(next - clock.Elapsed(), absl::ZeroDuration()));
  }
}

bool EngineWorld::AdvanceUntil(const std::string& id, core::TopupStatus status,
                               absl::Duration patience) {
  const absl::Duration end = clock.Elapsed() + patience;
  const absl::Duration step = std::max(absl::Milliseconds(100), patience / 1000);
  while (Stored(id).status != status) {
    if (clock.Elapsed() >= end) return false;
    Advance(step);
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
