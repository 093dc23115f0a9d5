/* What a strategy for tests needs beside its `price` and `create`, in C: it starts, ends without a
 * word, and offers no extensions. */
#ifndef TOPUP_TESTS_SUPPORT_PLAIN_STRATEGY_H_
#define TOPUP_TESTS_SUPPORT_PLAIN_STRATEGY_H_

#include <stddef.h>

#include "pricing_plugins/abi/topup_pricing.h"

static inline topup_pricing_code_t plain_init(const topup_pricing_host_t* host,
                                              topup_pricing_error_t* error) {
  (void)host;
  (void)error;
  return TOPUP_PRICING_OK;
}

static inline void plain_deinit(void) {}

static inline const void* plain_library_extension(const char* id) {
  (void)id;
  return NULL;
}

static inline const void* plain_strategy_extension(const topup_pricing_strategy_t* strategy,
                                                   const char* id) {
  (void)strategy;
  (void)id;
  return NULL;
}

/* The table of a strategy; DATA is its strategy_data. */
#define PLAIN_STRATEGY(DATA, DESTROY, PRICE)                                                   \
  {                                                                                            \
    .struct_size = sizeof(topup_pricing_strategy_t), .abi_version = TOPUP_PRICING_ABI_VERSION, \
    .strategy_data = (DATA), .destroy = (DESTROY), .price = (PRICE),                           \
    .get_extension = plain_strategy_extension                                                  \
  }

/* Defines the one symbol that the library exports. ID and SCHEMA are string literals. */
#define PLAIN_ENTRY(ID, SCHEMA, CREATE)                                                            \
  static const topup_pricing_descriptor_t kDescriptor = {.struct_size = sizeof(kDescriptor),       \
                                                         .abi_version = TOPUP_PRICING_ABI_VERSION, \
                                                         .id = (ID),                               \
                                                         .version = "1.0.0",                       \
                                                         .display_name = (ID),                     \
                                                         .vendor = "tests",                        \
                                                         .config_schema = (SCHEMA)};               \
  const topup_pricing_entry_t topup_pricing_entry = {.struct_size = sizeof(topup_pricing_entry),   \
                                                     .abi_version = TOPUP_PRICING_ABI_VERSION,     \
                                                     .descriptor = &kDescriptor,                   \
                                                     .init = plain_init,                           \
                                                     .deinit = plain_deinit,                       \
                                                     .create = (CREATE),                           \
                                                     .get_extension = plain_library_extension}

#endif /* TOPUP_TESTS_SUPPORT_PLAIN_STRATEGY_H_ */
