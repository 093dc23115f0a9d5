/* A strategy: what it says about itself, and the one that was made from a configuration. */
#ifndef TOPUP_PRICING_PLUGINS_ABI_STRATEGY_H_
#define TOPUP_PRICING_PLUGINS_ABI_STRATEGY_H_

#include <stdint.h>

#include "answer.h"
#include "request.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Static data of the library, constant once init has returned. All texts are NUL-terminated UTF-8
 * without control characters (config_schema may have tabs and line breaks), none is null or empty,
 * and each is shorter than the size named beside it. */
typedef struct topup_pricing_descriptor {
  uint32_t struct_size;
  uint32_t abi_version;
  const char* id;            /* reverse domain, a-z 0-9 . _ ; TOPUP_PRICING_ID_SIZE */
  const char* version;       /* a version of the rule, "1.0.0"; TOPUP_PRICING_VERSION_SIZE */
  const char* display_name;  /* for people; TOPUP_PRICING_NAME_SIZE */
  const char* vendor;        /* for people; TOPUP_PRICING_NAME_SIZE */
  const char* config_schema; /* of the configuration, see README; TOPUP_PRICING_SCHEMA_SIZE */
} topup_pricing_descriptor_t;

/* A strategy that can be asked. Made by topup_pricing_entry_t.create; owned by the library
 * until destroy. No function pointer is null. */
typedef struct topup_pricing_strategy {
  uint32_t struct_size;
  uint32_t abi_version;

  void* strategy_data; /* the library's; the host never reads it */

  /* Frees the strategy and everything it owns. Called once, after the last other call on it
   * has returned.
   * [any-thread; active; never-blocks] */
  void (*destroy)(const struct topup_pricing_strategy* strategy);

  /* Prices one request.
   *
   * Pure: the answer follows from the request and the configuration alone. No clock, no
   * random number, no file, no memory of earlier calls. The host asks twice and refuses a
   * strategy that answers differently.
   *
   * On TOPUP_PRICING_OK `answer` holds a price of 0 to TOPUP_PRICING_AMOUNT_MAX and at least
   * one step. On any other code it is ignored and `error` says why; the top-up is then not
   * sold: no other price takes its place.
   * [any-thread, concurrent; active; never-blocks] */
  topup_pricing_code_t (*price)(const struct topup_pricing_strategy* strategy,
                                const topup_pricing_request_t* request,
                                topup_pricing_answer_t* answer, topup_pricing_error_t* error);

  /* What this strategy can do beyond the contract: the struct that the header of `extension_id`
   * names, valid as long as the strategy. Null for an id that it does not know, which is a
   * normal answer.
   * [any-thread, concurrent; active; never-blocks] */
  const void* (*get_extension)(const struct topup_pricing_strategy* strategy,
                               const char* extension_id);
} topup_pricing_strategy_t;

#ifdef __cplusplus
}
#endif

#endif /* TOPUP_PRICING_PLUGINS_ABI_STRATEGY_H_ */
