/* A strategy that holds an open file for as long as it is there: from outside its process it can be
 * counted how many sets of prices are held. It sells at the price so far. */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/plain_strategy.h"

#define LIMIT 65536 /* descriptors */

static topup_pricing_code_t price(const topup_pricing_strategy_t* strategy,
                                  const topup_pricing_request_t* request,
                                  topup_pricing_answer_t* answer, topup_pricing_error_t* error) {
  (void)strategy;
  (void)error;
  answer->currency = TOPUP_PRICING_CURRENCY_DZD;
  answer->price_centimes = request->price_so_far_centimes;
  answer->step_count = 1;
  answer->steps[0].price_after_centimes = answer->price_centimes;
  strcpy(answer->steps[0].description, "as it was");
  return TOPUP_PRICING_OK;
}

static void destroy(const topup_pricing_strategy_t* strategy);

/* The one of each descriptor: of two that live no descriptor is the same. */
static topup_pricing_strategy_t held[LIMIT];

static void destroy(const topup_pricing_strategy_t* strategy) { close((int)(strategy - held)); }

static topup_pricing_code_t create(const topup_pricing_host_t* host, topup_pricing_text_t config,
                                   const topup_pricing_strategy_t** strategy,
                                   topup_pricing_error_t* error) {
  (void)host;
  (void)config;
  (void)error;
  const int file = memfd_create("held_by_a_strategy", MFD_CLOEXEC);
  if (file < 0 || file >= LIMIT) return TOPUP_PRICING_FAILED;
  const topup_pricing_strategy_t made = PLAIN_STRATEGY(NULL, destroy, price);
  held[file] = made;
  *strategy = &held[file];
  return TOPUP_PRICING_OK;
}

PLAIN_ENTRY("test.holds_a_file", "{}", create);
