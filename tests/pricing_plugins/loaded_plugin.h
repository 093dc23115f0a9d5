// Useful for: asking a strategy through its real library, without the service around it.
//
// A host as small as a host can be: it opens the library by its path, creates one strategy and
// asks it. The service's own checks are not here on purpose.
#ifndef TOPUP_TESTS_PRICING_PLUGINS_LOADED_PLUGIN_H_
#define TOPUP_TESTS_PRICING_PLUGINS_LOADED_PLUGIN_H_

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "pricing_plugins/abi/topup_pricing.h"

namespace topup {

// A library of this build: "round_up" is pricing_plugins/round_up/libround_up.so.
class LoadedPlugin {
 public:
  explicit LoadedPlugin(const std::string& name) {
    const std::string path = "./pricing_plugins/" + name + "/lib" + name + ".so";
    void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
      ADD_FAILURE() << dlerror();
      return;
    }
    entry_ = static_cast<const topup_pricing_entry_t*>(dlsym(handle, TOPUP_PRICING_ENTRY_SYMBOL));
    EXPECT_EQ(entry_->init(&host_, &error_), TOPUP_PRICING_OK) << error_.message;
  }

  ~LoadedPlugin() {
    if (strategy_ != nullptr) strategy_->destroy(strategy_);
    if (entry_ != nullptr) entry_->deinit();
  }
  LoadedPlugin(const LoadedPlugin&) = delete;
  LoadedPlugin& operator=(const LoadedPlugin&) = delete;

  const topup_pricing_entry_t& entry() const { return *entry_; }

  // Makes the strategy anew. Empty where that worked, or else what the strategy says.
  std::string Configure(const std::string& config) {
    if (strategy_ != nullptr) strategy_->destroy(strategy_);
    strategy_ = nullptr;
    error_.message[0] = '\0';
    const topup_pricing_code_t code =
        entry_->create(&host_, {config.c_str(), config.size()}, &strategy_, &error_);
    if (code == TOPUP_PRICING_OK) return "";
    EXPECT_EQ(code, TOPUP_PRICING_INVALID_CONFIG);
    EXPECT_STRNE(error_.message, "") << "a refusal has to say why";
    return error_.message;
  }

  // A request for `face_value` at `price_so_far`, both in centimes, to fill in further.
  static topup_pricing_request_t Request(int64_t price_so_far, int64_t face_value = 100000) {
    return {.struct_size = sizeof(topup_pricing_request_t),
            .abi_version = TOPUP_PRICING_ABI_VERSION,
            .plan_code = {"PREPAID_DJEZZY", 14},
            .caller = {"shop", 4},
            .plan_operator = TOPUP_PRICING_OPERATOR_DJEZZY,
            .plan_kind = TOPUP_PRICING_KIND_DYNAMIC,
            .face_value_centimes = face_value,
            .cost_centimes = price_so_far,
            .price_so_far_centimes = price_so_far};
  }

  // The price in centimes; the negative code where there is none.
  int64_t Price(const topup_pricing_request_t& request) {
    answer_ = {.struct_size = sizeof(answer_), .abi_version = TOPUP_PRICING_ABI_VERSION};
    const topup_pricing_code_t code = strategy_->price(strategy_, &request, &answer_, &error_);
    if (code != TOPUP_PRICING_OK) return -code;
    EXPECT_GE(answer_.step_count, 1u);
    EXPECT_EQ(answer_.steps[answer_.step_count - 1].price_after_centimes, answer_.price_centimes);
    return answer_.price_centimes;
  }
  int64_t Price(int64_t price_so_far) { return Price(Request(price_so_far)); }

  // The description of the last price's last step.
  std::string LastStep() const { return answer_.steps[answer_.step_count - 1].description; }

  // What the last call that failed said.
  std::string Error() const { return error_.message; }

  const topup_pricing_strategy_t* strategy() const { return strategy_; }

 private:
  static void Log(const topup_pricing_host_t*, int32_t, const char*) {}
  static const void* NoExtension(const topup_pricing_host_t*, const char*) { return nullptr; }

  topup_pricing_host_t host_ = {.struct_size = sizeof(host_),
                                .abi_version = TOPUP_PRICING_ABI_VERSION,
                                .name = "test",
                                .version = "0",
                                .log = &Log,
                                .get_extension = &NoExtension};
  topup_pricing_error_t error_ = {.struct_size = sizeof(error_),
                                  .abi_version = TOPUP_PRICING_ABI_VERSION};
  topup_pricing_answer_t answer_ = {};
  const topup_pricing_entry_t* entry_ = nullptr;
  const topup_pricing_strategy_t* strategy_ = nullptr;
};

}  // namespace topup

#endif  // TOPUP_TESTS_PRICING_PLUGINS_LOADED_PLUGIN_H_
