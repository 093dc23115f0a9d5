#include "server/pricing/strategy_records.h"

#include <cstddef>
#include <cstring>

namespace topup::pricing {
namespace {

// Volatile, so that the compiler calls memset: what it makes itself of a known size is several
// times slower, and this is most of what asking a strategy costs.
const volatile size_t kAnswerSize = sizeof(topup_pricing_answer_t);

}  // namespace

void Clear(topup_pricing_error_t& error) {
  error.struct_size = sizeof(error);
  error.abi_version = TOPUP_PRICING_ABI_VERSION;
  error.message[0] = '\0';
}

void Clear(topup_pricing_answer_t& answer) {
  std::memset(&answer, 0, kAnswerSize);
  answer.struct_size = sizeof(answer);
  answer.abi_version = TOPUP_PRICING_ABI_VERSION;
  answer.price_centimes = -1;
  answer.currency = TOPUP_PRICING_CURRENCY_DZD;
  for (topup_pricing_step_t& step : answer.steps) {
    step.struct_size = sizeof(step);
    step.abi_version = TOPUP_PRICING_ABI_VERSION;
  }
}

}  // namespace topup::pricing
