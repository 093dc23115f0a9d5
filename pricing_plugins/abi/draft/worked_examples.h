/* Draft: a strategy's own worked examples, for a checker to price and compare.
 *
 * A strategy that knows what a few requests must cost can prove itself in the place where it
 * is going to run. Asked of topup_pricing_strategy_t.get_extension. */
#ifndef TOPUP_PRICING_PLUGINS_ABI_DRAFT_WORKED_EXAMPLES_H_
#define TOPUP_PRICING_PLUGINS_ABI_DRAFT_WORKED_EXAMPLES_H_

#include <stdint.h>

#include "../strategy.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TOPUP_PRICING_EXT_WORKED_EXAMPLES "topup.pricing.worked_examples/1"
#define TOPUP_PRICING_WORKED_EXAMPLE_MAX 64

/* Owned by the strategy. */
typedef struct topup_pricing_worked_examples {
  uint32_t struct_size;
  uint32_t abi_version;

  /* How many there are, at most TOPUP_PRICING_WORKED_EXAMPLE_MAX.
   * [any-thread, concurrent; active; never-blocks] */
  uint32_t (*count)(const topup_pricing_strategy_t* strategy);

  /* Fills `request` (its texts are valid as long as the strategy) and the price that it must
   * get under the strategy's present configuration; `index` is below the count.
   * [any-thread, concurrent; active; never-blocks] */
  void (*get)(const topup_pricing_strategy_t* strategy, uint32_t index,
              topup_pricing_request_t* request, int64_t* price_centimes);
} topup_pricing_worked_examples_t;

#ifdef __cplusplus
}
#endif

#endif /* TOPUP_PRICING_PLUGINS_ABI_DRAFT_WORKED_EXAMPLES_H_ */
