// Whatever the provider answers about itself and our account: bounded values, or nothing.
#include "server/upstream/oneclickdz/oneclickdz_account.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/provider_reply.h"

namespace topup::fuzz {
namespace {

void CheckPlans(const core::PlansAnswer& answer) {
  for (size_t i = 0; i < answer.plans.size(); ++i) {
    const core::Plan& plan = answer.plans[i];
    Promise(!plan.code.empty(), "a plan has a code");
    Promise(i == 0 || answer.plans[i - 1].code < plan.code, "plans are sorted, each code once");
    Promise(plan.min_amount_dzd >= 0 && plan.min_amount_dzd <= plan.max_amount_dzd,
            "a plan's amounts are a range");
    Promise(!plan.cost_ppm.has_value() || *plan.cost_ppm >= 0, "no negative cost");
  }
}

}  // namespace
}  // namespace topup::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace topup::fuzz;                  // NOLINT(google-build-using-namespace)
  using namespace topup::upstream::oneclickdz;  // NOLINT(google-build-using-namespace)
  const auto reply = MakeReply(TextOf(data, size));
  const SecondOpinion opinion(reply.body);
  const auto plans = DecodePlans(reply);
  CheckExchange(plans.exchange, reply, opinion);
  CheckPlans(plans);
  const auto balance = DecodeBalance(reply);
  Promise(!balance.balance.has_value() || opinion.success(), "a balance is a success's");
  const auto ping = DecodePing(reply);
  Promise(!ping.api_up || opinion.success(), "up is what says so");
  const auto validate = DecodeValidate(reply);
  Promise(validate.decoded || !validate.key_enabled, "a key is proven by an answer only");
  Promise(!validate.key_enabled || opinion.success(), "and by a success only");
  return 0;
}
