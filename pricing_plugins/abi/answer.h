/* What a strategy answers: a price, and the steps that led to it, in words.
 *
 * An answer holds no pointer: it can be copied, compared and sent to another process. */
#ifndef TOPUP_PRICING_PLUGINS_ABI_ANSWER_H_
#define TOPUP_PRICING_PLUGINS_ABI_ANSWER_H_

#include <stdint.h>

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TOPUP_PRICING_STEP_MAX 8        /* steps of one strategy */
#define TOPUP_PRICING_STEP_TEXT_SIZE 80 /* bytes of a description, its NUL included */

/* One step, for example "markup 5 %". The description is shown with the price for as long as
 * the top-up is kept: NUL-terminated UTF-8, not empty, no control characters, no secret. */
typedef struct topup_pricing_step {
  uint32_t struct_size;
  uint32_t abi_version;
  int64_t price_after_centimes;
  char description[TOPUP_PRICING_STEP_TEXT_SIZE];
} topup_pricing_step_t;

/* Owned by the host, which fills the headers (those of all steps too) and the currency, sets
 * the price to -1 and everything else to 0; valid only during the call. A strategy leaves the
 * headers alone. */
typedef struct topup_pricing_answer {
  uint32_t struct_size;
  uint32_t abi_version;
  int64_t price_centimes; /* equals price_after_centimes of the last step */
  uint32_t step_count;    /* 1 to TOPUP_PRICING_STEP_MAX */
  /* TOPUP_PRICING_CURRENCY_DZD, as the host filled it in. A strategy that means another says so
   * here, and is refused. */
  uint32_t currency;
  topup_pricing_step_t steps[TOPUP_PRICING_STEP_MAX];
} topup_pricing_answer_t;

#ifdef __cplusplus
}
#endif

#endif /* TOPUP_PRICING_PLUGINS_ABI_ANSWER_H_ */
