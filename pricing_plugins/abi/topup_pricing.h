/* Everything that is stable, in the order of reading. The conventions are in README.md. */
#ifndef TOPUP_PRICING_PLUGINS_ABI_TOPUP_PRICING_H_
#define TOPUP_PRICING_PLUGINS_ABI_TOPUP_PRICING_H_

/* clang-format off */
#include "version.h"
#include "types.h"
#include "request.h"
#include "answer.h"
#include "strategy.h"
#include "host.h"
#include "entry.h"
/* clang-format on */

#endif /* TOPUP_PRICING_PLUGINS_ABI_TOPUP_PRICING_H_ */
