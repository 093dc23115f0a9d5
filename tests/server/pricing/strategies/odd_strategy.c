/* A strategy that sells at the price so far, and says when it is made. BUILD.bazel sets what is
 * odd about it: its schema, the currency of its answers, or what it does before it answers. */
#include <string.h>
#include <unistd.h>

#include "tests/support/plain_strategy.h"

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

static const topup_pricing_strategy_t kStrategy = PLAIN_STRATEGY(NULL, destroy, price);

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

PLAIN_ENTRY("test.odd", SCHEMA, create);
