#include "server/pricing/loaded_strategy.h"

#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/signer.h"
#include "server/base/status_macros.h"
#include "server/pricing/library/load_error.h"
#include "server/pricing/strategy_records.h"
#include "server/pricing/strategy_text.h"

namespace topup::pricing {
namespace {

// `answer` was checked, so that its descriptions end; `again` may be anything.
bool IsSameAnswer(const topup_pricing_answer_t& answer, const topup_pricing_answer_t& again) {
  if (again.price_centimes != answer.price_centimes || again.currency != answer.currency ||
      again.step_count != answer.step_count) {
    return false;
  }
  for (uint32_t i = 0; i < answer.step_count; ++i) {
    const topup_pricing_step_t& step = answer.steps[i];
    if (again.steps[i].price_after_centimes != step.price_after_centimes ||
        std::strncmp(again.steps[i].description, step.description, sizeof(step.description)) != 0) {
      return false;
    }
  }
  return true;
}

std::string Describe(topup_pricing_code_t code, const topup_pricing_error_t& error) {
  return absl::StrCat(
      "code ", code, ": ",
      ReadStrategyText(error.message, sizeof(error.message)).value_or("(no usable message)"));
}

absl::Status CheckTable(const std::string& path, const topup_pricing_strategy_t* strategy) {
  if (strategy == nullptr) return LoadRefused(path, kStepCreate, "a strategy", "none");
  if (strategy->struct_size != sizeof(*strategy) ||
      TOPUP_PRICING_ABI_MAJOR_OF(strategy->abi_version) != TOPUP_PRICING_ABI_MAJOR) {
    return LoadRefused(path, kStepSizes,
                       absl::StrCat("a strategy of ", sizeof(*strategy), " bytes"),
                       absl::StrCat("struct_size ", strategy->struct_size));
  }
  if (strategy->destroy == nullptr || strategy->price == nullptr ||
      strategy->get_extension == nullptr) {
    return LoadRefused(path, kStepFunctions, "every function of the strategy", "a null pointer");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status PricingUnavailable(absl::string_view strategy_id, absl::string_view detail) {
  return base::MakeError(
      absl::StatusCode::kUnavailable,
      absl::StrCat("The pricing strategy ", strategy_id, " could not price this: ", detail, "."),
      {.reason = "PRICING_UNAVAILABLE",
       .metadata = {{"strategy_id", std::string(strategy_id)}, {"detail", std::string(detail)}}});
}

LoadedStrategy::LoadedStrategy(std::shared_ptr<const PluginLibrary> library,
                               const std::string& config, const PricingOptions& options,
                               base::Log& log)
    : library_(std::move(library)),
      identity_{.strategy_id = library_->description().id,
                .version = library_->description().version,
                .library_digest = library_->digest(),
                .config_digest = base::Sha256Hex(config)},
      services_(options, identity_.strategy_id, log) {}

LoadedStrategy::~LoadedStrategy() {
  if (strategy_ != nullptr) strategy_->destroy(strategy_);
}

absl::StatusOr<std::shared_ptr<const LoadedStrategy>> LoadedStrategy::Create(
    std::shared_ptr<const PluginLibrary> library, const std::string& config,
    const PricingOptions& options, base::Log& log) {
  std::shared_ptr<LoadedStrategy> loaded(
      new LoadedStrategy(std::move(library), config, options, log));
  const std::string& path = loaded->library_->path();
  topup_pricing_error_t error;
  Clear(error);
  const topup_pricing_strategy_t* strategy = nullptr;
  const auto refuse = [&path](absl::string_view found) {
    return LoadRefused(path, kStepCreate, "a configuration that the strategy takes", found);
  };
  topup_pricing_code_t code = TOPUP_PRICING_FAILED;
  try {
    code = loaded->library_->entry().create(loaded->services_.table(),
                                            {config.c_str(), config.size()}, &strategy, &error);
  } catch (...) {
    return refuse(kException);
  }
  if (code != TOPUP_PRICING_OK) return refuse(Describe(code, error));
  RETURN_IF_ERROR(CheckTable(path, strategy));
  loaded->strategy_ = strategy;
  return loaded;
}

absl::Status LoadedStrategy::CheckAnswer(const topup_pricing_answer_t& answer) const {
  const auto refuse = [this](absl::string_view detail) {
    return PricingUnavailable(identity_.strategy_id, detail);
  };
  if (!IsAmount(answer.price_centimes)) {
    return refuse(absl::StrCat("its price of ", answer.price_centimes,
                               " centimes is not within 0..", TOPUP_PRICING_AMOUNT_MAX));
  }
  if (answer.currency != TOPUP_PRICING_CURRENCY_DZD) {
    return refuse(absl::StrCat("its price is in currency ", answer.currency, ", not ",
                               TOPUP_PRICING_CURRENCY_DZD, " (DZD)"));
  }
  if (answer.step_count < 1 || answer.step_count > TOPUP_PRICING_STEP_MAX) {
    return refuse(absl::StrCat("it answered with ", answer.step_count, " steps, not 1 to ",
                               TOPUP_PRICING_STEP_MAX));
  }
  for (uint32_t i = 0; i < answer.step_count; ++i) {
    const topup_pricing_step_t& step = answer.steps[i];
    const auto description = ViewStrategyText(step.description, sizeof(step.description));
    if (!description.has_value() || description->empty()) {
      return refuse(absl::StrCat("the description of step ", i + 1, " is no text"));
    }
    if (!IsAmount(step.price_after_centimes)) {
      return refuse(absl::StrCat("the price after step ", i + 1, " is out of range"));
    }
  }
  if (answer.steps[answer.step_count - 1].price_after_centimes != answer.price_centimes) {
    return refuse("its last step has another price than its answer");
  }
  return absl::OkStatus();
}

absl::Status LoadedStrategy::Ask(const topup_pricing_request_t& request,
                                 topup_pricing_answer_t& answer) const {
  Clear(answer);
  topup_pricing_error_t error;
  Clear(error);
  topup_pricing_code_t code = TOPUP_PRICING_FAILED;
  try {
    code = strategy_->price(strategy_, &request, &answer, &error);
  } catch (...) {
    // Against the contract, but who let it out can be named here and nowhere above.
    return PricingUnavailable(identity_.strategy_id, absl::StrCat("it let ", kException, " out"));
  }
  if (code == TOPUP_PRICING_OK) return absl::OkStatus();
  return PricingUnavailable(identity_.strategy_id, Describe(code, error));
}

absl::StatusOr<core::Money> LoadedStrategy::Price(const topup_pricing_request_t& request,
                                                  std::vector<core::PriceStep>& steps) const {
  topup_pricing_answer_t answer;
  RETURN_IF_ERROR(Ask(request, answer));
  RETURN_IF_ERROR(CheckAnswer(answer));
  // A price that cannot be repeated cannot be explained later. Asking again is cheap beside the
  // commit that a sale waits for, and finds a clock, a counter or a race inside a strategy.
  topup_pricing_answer_t again;
  RETURN_IF_ERROR(Ask(request, again));
  if (!IsSameAnswer(answer, again)) {
    return PricingUnavailable(identity_.strategy_id, "asked twice, it gave two answers");
  }
  for (uint32_t i = 0; i < answer.step_count; ++i) {
    const topup_pricing_step_t& step = answer.steps[i];
    steps.push_back({.description = step.description,
                     .price_after = core::Money::Centimes(step.price_after_centimes)});
  }
  return core::Money::Centimes(answer.price_centimes);
}

}  // namespace topup::pricing
