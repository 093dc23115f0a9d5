#include "pricing_plugins/sdk/strategy.h"

#include <cstring>
#include <exception>
#include <new>

#include "pricing_plugins/sdk/text.h"

namespace topup::pricing_sdk {
namespace {

// What the host holds: the table first, so that its address is also the whole's.
struct ReleasedStrategy {
  topup_pricing_strategy_t table;
  std::unique_ptr<const Strategy> strategy;
};

const Strategy& Held(const topup_pricing_strategy_t* table) {
  return *static_cast<const ReleasedStrategy*>(table->strategy_data)->strategy;
}

// Copies what fits in front of a NUL, and no half character.
void CopyText(const char* text, char* to, size_t to_size) noexcept {
  size_t size = strnlen(text, to_size);
  if (size == to_size) {
    --size;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  }
  std::memcpy(to, text, size);
  to[size] = '\0';
}

// A message may hold keys and values as somebody wrote them: the service would take none with a
// control character, and then nobody would learn what is wrong.
void WriteMessage(const char* text, topup_pricing_error_t& error) noexcept {
  try {
    CopyText(OneLine(text).c_str(), error.message, sizeof(error.message));
  } catch (...) {
    CopyText("out of memory", error.message, sizeof(error.message));
  }
}

void Destroy(const topup_pricing_strategy_t* table) {
  delete static_cast<const ReleasedStrategy*>(table->strategy_data);
}

topup_pricing_code_t Price(const topup_pricing_strategy_t* table,
                           const topup_pricing_request_t* request, topup_pricing_answer_t* answer,
                           topup_pricing_error_t* error) {
  try {
    Answer steps(*answer);
    Held(table).Price(*request, steps);
    return TOPUP_PRICING_OK;
  } catch (...) {
    return ReportException(*error);
  }
}

const void* GetExtension(const topup_pricing_strategy_t* table, const char* extension_id) {
  try {
    return Held(table).GetExtension(extension_id);
  } catch (...) {
    return nullptr;
  }
}

}  // namespace

void Answer::AddStep(int64_t price_centimes, const std::string& description) {
  if (answer_.step_count >= TOPUP_PRICING_STEP_MAX) {
    throw PricingError(TOPUP_PRICING_FAILED, "the strategy has more steps than an answer can hold");
  }
  if (price_centimes < 0 || price_centimes > TOPUP_PRICING_AMOUNT_MAX) {
    throw PricingError(TOPUP_PRICING_OUT_OF_RANGE, "a price of " + std::to_string(price_centimes) +
                                                       " centimes is not within 0.." +
                                                       std::to_string(TOPUP_PRICING_AMOUNT_MAX));
  }
  topup_pricing_step_t& step = answer_.steps[answer_.step_count++];
  step.price_after_centimes = price_centimes;
  CopyText(description.c_str(), step.description, sizeof(step.description));
  answer_.price_centimes = price_centimes;
}

topup_pricing_code_t ReportException(topup_pricing_error_t& error) noexcept {
  try {
    throw;
  } catch (const ConfigError& e) {
    WriteMessage(e.what(), error);
    return TOPUP_PRICING_INVALID_CONFIG;
  } catch (const PricingError& e) {
    WriteMessage(e.what(), error);
    return e.code();
  } catch (const std::bad_alloc&) {
    CopyText("out of memory", error.message, sizeof(error.message));
  } catch (const std::exception& e) {
    WriteMessage(e.what(), error);
  } catch (...) {
    CopyText("an unknown exception", error.message, sizeof(error.message));
  }
  return TOPUP_PRICING_FAILED;
}

const topup_pricing_strategy_t* Release(std::unique_ptr<const Strategy> strategy) {
  auto released = std::make_unique<ReleasedStrategy>();
  released->strategy = std::move(strategy);
  released->table = {sizeof(topup_pricing_strategy_t),
                     TOPUP_PRICING_ABI_VERSION,
                     released.get(),
                     &Destroy,
                     &Price,
                     &GetExtension};
  return &released.release()->table;
}

topup_pricing_code_t CheckHost(const topup_pricing_host_t* host,
                               topup_pricing_error_t* error) noexcept {
  if (TOPUP_PRICING_ABI_MAJOR_OF(host->abi_version) == TOPUP_PRICING_ABI_MAJOR &&
      host->struct_size == sizeof(topup_pricing_host_t)) {
    return TOPUP_PRICING_OK;
  }
  CopyText("the host speaks another version of the contract", error->message,
           sizeof(error->message));
  return TOPUP_PRICING_UNSUPPORTED;
}

}  // namespace topup::pricing_sdk
