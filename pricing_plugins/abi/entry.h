/* The one symbol that a library exports.
 *
 * It is data, so that the host can look at version and size before any function of the library
 * runs. A library holds one strategy: what is loaded, listed, digested and rolled back is one
 * thing. */
#ifndef TOPUP_PRICING_PLUGINS_ABI_ENTRY_H_
#define TOPUP_PRICING_PLUGINS_ABI_ENTRY_H_

#include <stdint.h>

#include "host.h"
#include "strategy.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define TOPUP_PRICING_EXPORT __attribute__((visibility("default")))
#else
#define TOPUP_PRICING_EXPORT
#endif

#define TOPUP_PRICING_ENTRY_SYMBOL "topup_pricing_entry"

/* Static data of the library. No pointer in it is null. The host checks it in this order:
 * abi_version, struct_size, pointers, init, descriptor, and then creates strategies. */
typedef struct topup_pricing_entry {
  uint32_t struct_size;
  uint32_t abi_version;

  const topup_pricing_descriptor_t* descriptor;

  /* Makes the library ready, once, before anything else of it is called. May refuse, and is then
   * as if it had never been called. Compares the host's header with its own version.
   *
   * A process with several hosts calls it for each; a library that keeps something for the
   * whole process has to count, and deinit comes once for each init that was OK.
   * [one-thread; loaded; may-block] */
  topup_pricing_code_t (*init)(const topup_pricing_host_t* host, topup_pricing_error_t* error);

  /* Undoes one init, after all strategies of that host were destroyed. A host that lives as
   * long as its process never calls it: do not rely on it.
   * [one-thread; initialised; may-block] */
  void (*deinit)(void);

  /* Makes a strategy from its configuration, a JSON text of at most TOPUP_PRICING_CONFIG_SIZE - 1
   * bytes (empty where none is configured), which it does not keep. Whatever it does not know or
   * cannot use it refuses, with TOPUP_PRICING_INVALID_CONFIG and a message that names key, value
   * and remedy: a key that was overlooked is a wrong price.
   *
   * On TOPUP_PRICING_OK `*strategy` is set; on any other code it is ignored, and nothing of the
   * strategy is left. Other strategies of the library may be asked meanwhile.
   * [one-thread; initialised; may-block] */
  topup_pricing_code_t (*create)(const topup_pricing_host_t* host, topup_pricing_text_t config,
                                 const topup_pricing_strategy_t** strategy,
                                 topup_pricing_error_t* error);

  /* As topup_pricing_strategy_t.get_extension, for what belongs to the library and not to one
   * strategy; valid until deinit.
   * [any-thread, concurrent; initialised, active; never-blocks] */
  const void* (*get_extension)(const char* extension_id);
} topup_pricing_entry_t;

extern TOPUP_PRICING_EXPORT const topup_pricing_entry_t topup_pricing_entry;

#ifdef __cplusplus
}
#endif

#endif /* TOPUP_PRICING_PLUGINS_ABI_ENTRY_H_ */
