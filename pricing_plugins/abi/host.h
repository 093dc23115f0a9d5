/* What the host offers to a library. */
#ifndef TOPUP_PRICING_PLUGINS_ABI_HOST_H_
#define TOPUP_PRICING_PLUGINS_ABI_HOST_H_

#include <stdint.h>

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Severities of a log line. One that is not listed here counts as ERROR. */
#define TOPUP_PRICING_LOG_INFO 0
#define TOPUP_PRICING_LOG_WARNING 1
#define TOPUP_PRICING_LOG_ERROR 2

/* Owned by the host; valid until the strategy that got it is destroyed, for the one given to
 * init until deinit returns. No function pointer is null. */
typedef struct topup_pricing_host {
  uint32_t struct_size;
  uint32_t abi_version;

  const char* name;    /* of the program, "topupd"; for messages only */
  const char* version; /* of the program; for messages only */
  void* host_data;     /* the host's; a library never reads it */

  /* Writes one line to the service's log, with the strategy's id. `message` is NUL-terminated
   * UTF-8, read during the call and cut at 1 KiB. Only the first 100 lines of a strategy are kept,
   * so that no strategy fills a disk: for loading and for surprises, not for every price.
   * [any-thread, concurrent; loaded (within init), initialised, active; never-blocks] */
  void (*log)(const struct topup_pricing_host* host, int32_t severity, const char* message);

  /* What this host can do beyond the contract: the struct that the header of `extension_id`
   * names, valid as long as the host table. Null for an id that it does not know, which is a
   * normal answer.
   * [any-thread, concurrent; loaded (within init), initialised, active; never-blocks] */
  const void* (*get_extension)(const struct topup_pricing_host* host, const char* extension_id);
} topup_pricing_host_t;

#ifdef __cplusplus
}
#endif

#endif /* TOPUP_PRICING_PLUGINS_ABI_HOST_H_ */
