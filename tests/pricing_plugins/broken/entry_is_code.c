/* Exports the symbol as a function: reading it as data would read instructions. */
#include "pricing_plugins/abi/types.h"

__attribute__((visibility("default"))) int topup_pricing_entry(void);
int topup_pricing_entry(void) { return TOPUP_PRICING_FAILED; }
