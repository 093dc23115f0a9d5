// A strategy made from a library and a configuration, and what its answers are checked for.
#ifndef TOPUP_SERVER_PRICING_LOADED_STRATEGY_H_
#define TOPUP_SERVER_PRICING_LOADED_STRATEGY_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "pricing_plugins/abi/topup_pricing.h"
#include "server/base/log.h"
#include "server/core/price.h"
#include "server/pricing/host_services.h"
#include "server/pricing/plugin_library.h"
#include "server/pricing/pricing_options.h"

namespace topup::pricing {

// Thread-safe: constant after construction, like the strategy by its contract. Destroys the
// strategy with itself, on whichever thread lets go of it last.
class LoadedStrategy {
 public:
  // Makes the strategy. Not concurrent with other calls to the same library; may block. `log`
  // has to outlive the result. STRATEGY_LOAD_FAILED, step "create", with the strategy's own
  // words under `found`, or step "sizes" or "functions".
  static absl::StatusOr<std::shared_ptr<const LoadedStrategy>> Create(
      std::shared_ptr<const PluginLibrary> library, const std::string& config,
      const PricingOptions& options, base::Log& log);
  ~LoadedStrategy();
  LoadedStrategy(const LoadedStrategy&) = delete;
  LoadedStrategy& operator=(const LoadedStrategy&) = delete;

  const core::StrategyIdentity& identity() const { return identity_; }
  const PluginLibrary& library() const { return *library_; }

  // Asks the strategy, twice, and appends its steps to `steps`. Returns the new price.
  //
  // PRICING_UNAVAILABLE (metadata strategy_id, detail) where it fails, where its two answers
  // differ, and for an answer that is not one: a price out of range or in another currency, a
  // wrong number of steps, a last step with another price, a description that is no text.
  absl::StatusOr<core::Money> Price(const topup_pricing_request_t& request,
                                    std::vector<core::PriceStep>& steps) const;

 private:
  LoadedStrategy(std::shared_ptr<const PluginLibrary> library, const std::string& config,
                 const PricingOptions& options, base::Log& log);

  absl::Status Ask(const topup_pricing_request_t& request, topup_pricing_answer_t& answer) const;
  absl::Status CheckAnswer(const topup_pricing_answer_t& answer) const;

  const std::shared_ptr<const PluginLibrary> library_;  // outlives strategy_
  const core::StrategyIdentity identity_;
  HostServices services_;
  const topup_pricing_strategy_t* strategy_ = nullptr;
};

// PRICING_UNAVAILABLE by the strategy of this id; `detail` says why.
absl::Status PricingUnavailable(absl::string_view strategy_id, absl::string_view detail);

}  // namespace topup::pricing

#endif  // TOPUP_SERVER_PRICING_LOADED_STRATEGY_H_
