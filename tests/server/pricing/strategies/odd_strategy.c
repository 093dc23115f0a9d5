/* A strategy that sells at the price so far, and says when it is made. BUILD.bazel sets what is
 * odd about it: its schema, the currency of its answers, or what it does before it answers. */
#include <string.h>
#include <unistd.h>

#include "pricing_plugins/abi/topup_pricing.h"

#ifdef ODD_SCHEMA /* a keyword that the host does not enforce */
#define SCHEMA "{\"properties\": {\"a\": {\"format\": \"date\"}}}"
#else
#define SCHEMA "{}"
#endif
#ifndef ODD_CURRENCY
#define ODD_CURRENCY TOPUP_PRICING_CURRENCY_DZD
#endif
#ifndef ODD_DELAY
#define ODD_DELAY
#endif

/* Of the strategy that was made last. */
static const topup_pricing_host_t* its_host;

static void destroy(const topup_pricing_strategy_t* strategy) { (void)strategy; }

static topup_pricing_code_t price(const topup_pricing_strategy_t* strategy,
                                  const topup_pricing_request_t* request,
                                  topup_pricing_answer_t* answer, topup_pricing_error_t* error) {
  (void)strategy;
  (void)error;
  ODD_DELAY;
  answer->currency = ODD_CURRENCY;
  answer->price_centimes = request->price_so_far_centimes;
  answer->step_count = 1;
  answer->steps[0].price_after_centimes = answer->price_centimes;
  strcpy(answer->steps[0].description, "as it was");
  return TOPUP_PRICING_OK;
}

static const void* strategy_extension(const topup_pricing_strategy_t* strategy, const char* id) {
  (void)strategy;
  (void)id;
  return NULL;
}

static const topup_pricing_strategy_t kStrategy = {.struct_size = sizeof(kStrategy),
                                                   .abi_version = TOPUP_PRICING_ABI_VERSION,
                                                   .destroy = destroy,
                                                   .price = price,
                                                   .get_extension = strategy_extension};

static topup_pricing_code_t create(const topup_pricing_host_t* host, topup_pricing_text_t config,
                                   const topup_pricing_strategy_t** strategy,
                                   topup_pricing_error_t* error) {
  (void)config;
  (void)error;
  its_host = host;
  host->log(host, TOPUP_PRICING_LOG_INFO, "create was called");
  *strategy = &kStrategy;
  return TOPUP_PRICING_OK;
}

static topup_pricing_code_t init(const topup_pricing_host_t* host, topup_pricing_error_t* error) {
  (void)host;
  (void)error;
  return TOPUP_PRICING_OK;
}

static void deinit(void) {}

static const void* library_extension(const char* id) {
  (void)id;
  return NULL;
}

static const topup_pricing_descriptor_t kDescriptor = {.struct_size = sizeof(kDescriptor),
                                                       .abi_version = TOPUP_PRICING_ABI_VERSION,
                                                       .id = "test.odd",
                                                       .version = "1.0.0",
                                                       .display_name = "Odd",
                                                       .vendor = "tests",
                                                       .config_schema = SCHEMA};

const topup_pricing_entry_t topup_pricing_entry = {.struct_size = sizeof(topup_pricing_entry),
                                                   .abi_version = TOPUP_PRICING_ABI_VERSION,
                                                   .descriptor = &kDescriptor,
                                                   .init = init,
                                                   .deinit = deinit,
                                                   .create = create,
                                                   .get_extension = library_extension};
