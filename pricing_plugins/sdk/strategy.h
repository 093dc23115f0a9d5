// Writes the C side of a strategy, so that a strategy in C++ is its rule and nothing else.
//
//   class FixedFee final : public pricing_sdk::Strategy {
//    public:
//     static constexpr pricing_sdk::About kAbout = {.id = "dz.topup.fixed_fee", ...};
//     explicit FixedFee(const pricing_sdk::Config& config);
//     void Price(const topup_pricing_request_t& request, pricing_sdk::Answer& answer) const
//     override;
//   };
//   TOPUP_PRICING_STRATEGY(FixedFee)
//
// Exceptions are allowed inside a strategy and stop here: ConfigError and PricingError become
// their codes with their message, everything else TOPUP_PRICING_FAILED.
#ifndef TOPUP_PRICING_PLUGINS_SDK_STRATEGY_H_
#define TOPUP_PRICING_PLUGINS_SDK_STRATEGY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "pricing_plugins/abi/topup_pricing.h"
#include "pricing_plugins/sdk/amounts.h"
#include "pricing_plugins/sdk/config.h"
#include "pricing_plugins/sdk/errors.h"

namespace topup::pricing_sdk {

// See topup_pricing_descriptor_t.
struct About {
  const char* id;
  const char* version;
  const char* display_name;
  const char* vendor;
  const char* config_schema;
};

// The answer that is being written.
class Answer {
 public:
  explicit Answer(topup_pricing_answer_t& answer) : answer_(answer) {}

  // Makes `price_centimes` the price, and says by which step. At most TOPUP_PRICING_STEP_MAX
  // of them, at least one; a description that is too long is cut. Throws PricingError
  // (OUT_OF_RANGE) for a price that the contract does not allow.
  void AddStep(int64_t price_centimes, const std::string& description);

 private:
  topup_pricing_answer_t& answer_;
};

// Constant after construction: asked by several threads at once.
class Strategy {
 public:
  virtual ~Strategy() = default;

  // Adds the steps that lead to the price, or throws PricingError. Pure, as entry.h says.
  virtual void Price(const topup_pricing_request_t& request, Answer& answer) const = 0;

  // As topup_pricing_strategy_t.get_extension.
  virtual const void* GetExtension(const char* /*extension_id*/) const { return nullptr; }
};

// Turns the exception in flight into its code and message. For use in a catch block only.
topup_pricing_code_t ReportException(topup_pricing_error_t& error) noexcept;

// Hands `strategy` over to the host.
const topup_pricing_strategy_t* Release(std::unique_ptr<const Strategy> strategy);

// OK where the host's tables are as large as this library was built for.
topup_pricing_code_t CheckHost(const topup_pricing_host_t* host,
                               topup_pricing_error_t* error) noexcept;

// The entry of a library whose strategy is T, made by T(config).
template <typename T>
struct Entry {
  static constexpr topup_pricing_descriptor_t kDescriptor = {sizeof(topup_pricing_descriptor_t),
                                                             TOPUP_PRICING_ABI_VERSION,
                                                             T::kAbout.id,
                                                             T::kAbout.version,
                                                             T::kAbout.display_name,
                                                             T::kAbout.vendor,
                                                             T::kAbout.config_schema};

  static void Deinit() noexcept {}
  static const void* GetExtension(const char* /*extension_id*/) noexcept { return nullptr; }

  static topup_pricing_code_t Create(const topup_pricing_host_t* /*host*/,
                                     topup_pricing_text_t config,
                                     const topup_pricing_strategy_t** strategy,
                                     topup_pricing_error_t* error) noexcept {
    try {
      *strategy = Release(std::make_unique<const T>(Config(std::string(config.data, config.size))));
      return TOPUP_PRICING_OK;
    } catch (...) {
      return ReportException(*error);
    }
  }
};

}  // namespace topup::pricing_sdk

// Exports `Type` as this library's strategy. Once in a library, outside of any namespace.
#define TOPUP_PRICING_STRATEGY(Type)                             \
  extern "C" const topup_pricing_entry_t topup_pricing_entry = { \
      sizeof(topup_pricing_entry_t),                             \
      TOPUP_PRICING_ABI_VERSION,                                 \
      &::topup::pricing_sdk::Entry<Type>::kDescriptor,           \
      &::topup::pricing_sdk::CheckHost,                          \
      &::topup::pricing_sdk::Entry<Type>::Deinit,                \
      &::topup::pricing_sdk::Entry<Type>::Create,                \
      &::topup::pricing_sdk::Entry<Type>::GetExtension};

#endif  // TOPUP_PRICING_PLUGINS_SDK_STRATEGY_H_
