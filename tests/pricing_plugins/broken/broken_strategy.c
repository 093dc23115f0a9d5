/* A strategy that sells at the price so far plus one dinar, with one defect for each library that
 * is made from it: BUILD.bazel sets the macro that says which. */
#include <string.h>

#include "pricing_plugins/abi/topup_pricing.h"

#ifndef BROKEN_ABI_VERSION
#define BROKEN_ABI_VERSION TOPUP_PRICING_ABI_VERSION
#endif
#ifndef BROKEN_ENTRY_SIZE
#define BROKEN_ENTRY_SIZE sizeof(topup_pricing_entry_t)
#endif
#ifndef BROKEN_DESCRIPTOR_SIZE
#define BROKEN_DESCRIPTOR_SIZE sizeof(topup_pricing_descriptor_t)
#endif
#ifndef BROKEN_STRATEGY_SIZE
#define BROKEN_STRATEGY_SIZE sizeof(topup_pricing_strategy_t)
#endif
#ifndef BROKEN_ID
#define BROKEN_ID "test.broken"
#endif
#ifndef BROKEN_VERSION
#define BROKEN_VERSION "1.0.0"
#endif
#ifndef BROKEN_NAME
#define BROKEN_NAME "Broken"
#endif
#ifndef BROKEN_DESCRIPTOR
#define BROKEN_DESCRIPTOR &kDescriptor
#endif
#ifndef BROKEN_INIT_CODE
#define BROKEN_INIT_CODE TOPUP_PRICING_OK
#endif
#ifndef BROKEN_CREATE_CODE
#define BROKEN_CREATE_CODE TOPUP_PRICING_OK
#endif
#ifndef BROKEN_CREATE
#define BROKEN_CREATE create
#endif
#ifndef BROKEN_DESTROY
#define BROKEN_DESTROY destroy
#endif
#ifndef BROKEN_PRICE_CODE
#define BROKEN_PRICE_CODE TOPUP_PRICING_OK
#endif
#ifndef BROKEN_STEP_COUNT
#define BROKEN_STEP_COUNT 1
#endif
#ifndef BROKEN_ANSWER /* spoils a good answer */
#define BROKEN_ANSWER
#endif

static topup_pricing_code_t say(topup_pricing_code_t code, const char* message,
                                topup_pricing_error_t* error) {
  if (code != TOPUP_PRICING_OK) strcpy(error->message, message);
  return code;
}

static void destroy(const topup_pricing_strategy_t* strategy) { (void)strategy; }

static topup_pricing_code_t price(const topup_pricing_strategy_t* strategy,
                                  const topup_pricing_request_t* request,
                                  topup_pricing_answer_t* answer, topup_pricing_error_t* error) {
  static int calls;
  (void)strategy;
  (void)calls;
  topup_pricing_step_t* step = &answer->steps[0];
  answer->price_centimes = request->price_so_far_centimes + 100;
  answer->step_count = BROKEN_STEP_COUNT;
  step->price_after_centimes = answer->price_centimes;
  strcpy(step->description, "one dinar more");
  BROKEN_ANSWER;
  return say(BROKEN_PRICE_CODE, "it will not price this", error);
}

static const void* strategy_extension(const topup_pricing_strategy_t* strategy, const char* id) {
  (void)strategy;
  (void)id;
  return NULL;
}

static const topup_pricing_strategy_t kStrategy = {.struct_size = BROKEN_STRATEGY_SIZE,
                                                   .abi_version = TOPUP_PRICING_ABI_VERSION,
                                                   .destroy = BROKEN_DESTROY,
                                                   .price = price,
                                                   .get_extension = strategy_extension};

static topup_pricing_code_t create(const topup_pricing_host_t* host, topup_pricing_text_t config,
                                   const topup_pricing_strategy_t** strategy,
                                   topup_pricing_error_t* error) {
  (void)config;
#ifdef BROKEN_CHATTY
  for (int i = 0; i < 1000; ++i) host->log(host, TOPUP_PRICING_LOG_INFO, "here I am");
#else
  (void)host;
#endif
  *strategy = &kStrategy;
  return say(BROKEN_CREATE_CODE, "it will not be made", error);
}

static topup_pricing_code_t init(const topup_pricing_host_t* host, topup_pricing_error_t* error) {
#ifdef BROKEN_CHATTY
  if (host->get_extension(host, "test.nobody_knows/1") == NULL) {
    host->log(host, TOPUP_PRICING_LOG_INFO, "I start");
  }
#else
  (void)host;
#endif
  return say(BROKEN_INIT_CODE, "it will not start", error);
}

static const topup_pricing_descriptor_t kDescriptor = {.struct_size = BROKEN_DESCRIPTOR_SIZE,
                                                       .abi_version = TOPUP_PRICING_ABI_VERSION,
                                                       .id = BROKEN_ID,
                                                       .version = BROKEN_VERSION,
                                                       .display_name = BROKEN_NAME,
                                                       .vendor = "tests",
                                                       .config_schema = "{}"};

/* Uses what some defects leave unused. */
static void deinit(void) {
  (void)destroy;
  (void)create;
  (void)kDescriptor;
}

static const void* library_extension(const char* id) {
  (void)id;
  return NULL;
}

#ifndef BROKEN_NO_ENTRY
const topup_pricing_entry_t topup_pricing_entry = {.struct_size = BROKEN_ENTRY_SIZE,
                                                   .abi_version = BROKEN_ABI_VERSION,
                                                   .descriptor = BROKEN_DESCRIPTOR,
                                                   .init = init,
                                                   .deinit = deinit,
                                                   .create = BROKEN_CREATE,
                                                   .get_extension = library_extension};
#else
const topup_pricing_entry_t* another_entry(void);
const topup_pricing_entry_t* another_entry(void) {
  static const topup_pricing_entry_t kEntry = {.descriptor = &kDescriptor,
                                               .init = init,
                                               .deinit = deinit,
                                               .create = create,
                                               .get_extension = library_extension};
  return &kEntry;
}
#endif
