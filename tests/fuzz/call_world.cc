#include "tests/fuzz/call_world.h"

#include <utility>

#include "tests/fuzz/fuzz_target.h"

namespace topup::fuzz {
namespace {

engine::EngineOptions Options() {
  engine::EngineOptions options;
  options.deployment_id = "FUZZDEPL";
  return options;
}

}  // namespace

absl::StatusOr<core::PriceBreakdown> MarkupPricer::Price(
    const pricing::PricingRequest& request) const {
  core::PriceBreakdown price;
  price.face_value = *core::Money::Dinars(request.amount_dzd);
  price.cost = *core::MultiplyRoundedUp(price.face_value, *request.plan->cost_ppm);
  price.price = *core::MultiplyRoundedUp(price.cost, 1'050'000);
  price.profit = *core::Money::Subtract(price.price, price.cost);
  price.steps = {{"markup 5 %", price.price}};
  return price;
}

CallWorld::CallWorld()
    : engine_({clock_, random_, log_.log(), metrics_, loop_, reads_, store_, provider_, budget_,
               pricer_, signer_},
              Options()),
      feed_(store_, reads_, {}, metrics_, [](const absl::Status&) {}),
      topup_service_({},
                     {engine_, prices_, feed_, history_, callers_, signer_, clock_, loop_, metrics_,
                      log_.log()},
                     gate_) {
  store_.SetListener(&feed_);
  bool is_started = false;
  engine_.Start([&](const absl::Status& status) { is_started = status.ok(); });
  loop_.AdvanceBy(absl::Seconds(1));
  Promise(is_started, "the world of the calls starts");
  for (const char* ref : {"sent-1", "sent-2"}) Record(ref);
  loop_.AdvanceBy(absl::Seconds(1));
  built_at_ = clock_.Elapsed();
  writes_built_ = store_.WriteCount();
}

bool CallWorld::IsUntouched() const {
  return clock_.Elapsed() == built_at_ && store_.WriteCount() == writes_built_ &&
         loop_.pending_tasks() == 0;
}

CallWorld::~CallWorld() {
  feed_.Stop();
  loop_.Stop();
}

void CallWorld::Record(const std::string& ref) {
  engine::SendCommand command;
  command.caller = "local";
  command.ref = ref;
  command.phone = *core::PhoneNumber::Parse("0661234567");
  command.plan_code = "PREPAID_MOBILIS";
  command.amount_dzd = 1000;
  command.allow_repeat = true;
  engine_.Send(std::move(command), [](const absl::StatusOr<engine::SendResult>& result) {
    Promise(result.ok(), "the world of the calls has top-ups");
  });
}

void CallWorld::RunUntilAnswered(const UnaryEnd& end) {
  loop_.RunReady();
  for (int seconds = 0; seconds < 62 && !end.answer().has_value(); ++seconds) {
    loop_.AdvanceBy(absl::Seconds(1));
  }
  Promise(end.answer().has_value(), "every call is answered within a minute");
}

}  // namespace topup::fuzz
