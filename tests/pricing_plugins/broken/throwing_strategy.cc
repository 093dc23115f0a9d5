// Lets a C++ exception out of price, as nobody who writes without the kit may; or, where
// BUILD.bazel says so, out of init or create.
#include <stdexcept>

#include "pricing_plugins/abi/topup_pricing.h"

namespace {

topup_pricing_code_t Price(const topup_pricing_strategy_t*, const topup_pricing_request_t*,
                           topup_pricing_answer_t*, topup_pricing_error_t*) {
  throw std::runtime_error("no price today");
}

void Destroy(const topup_pricing_strategy_t*) {}
const void* NoExtension(const topup_pricing_strategy_t*, const char*) { return nullptr; }
const void* NoLibraryExtension(const char*) { return nullptr; }
void Deinit() {}

constexpr topup_pricing_strategy_t kStrategy = {
    sizeof(kStrategy), TOPUP_PRICING_ABI_VERSION, nullptr, &Destroy, &Price, &NoExtension};

topup_pricing_code_t Init(const topup_pricing_host_t*, topup_pricing_error_t*) {
#ifdef THROWS_IN_INIT
  throw std::runtime_error("no start today");
#endif
  return TOPUP_PRICING_OK;
}

topup_pricing_code_t Create(const topup_pricing_host_t*, topup_pricing_text_t,
                            const topup_pricing_strategy_t** strategy, topup_pricing_error_t*) {
#ifdef THROWS_IN_CREATE
  throw std::runtime_error("no strategy today");
#endif
  *strategy = &kStrategy;
  return TOPUP_PRICING_OK;
}

constexpr topup_pricing_descriptor_t kDescriptor = {
    sizeof(kDescriptor),
    TOPUP_PRICING_ABI_VERSION,
    "test.throwing",
    "1.0.0",
    "Throwing",
    "tests",
    "{\"type\": \"object\", \"additionalProperties\": false}"};

}  // namespace

extern "C" const topup_pricing_entry_t topup_pricing_entry = {
    sizeof(topup_pricing_entry), TOPUP_PRICING_ABI_VERSION, &kDescriptor, &Init, &Deinit, &Create,
    &NoLibraryExtension};
