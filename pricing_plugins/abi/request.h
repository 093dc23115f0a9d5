/* What a strategy is asked: everything a rule may need, and never the phone number, in no field and
 * no fact. */
#ifndef TOPUP_PRICING_PLUGINS_ABI_REQUEST_H_
#define TOPUP_PRICING_PLUGINS_ABI_REQUEST_H_

#include <stdint.h>

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* plan_operator. Numbers may be added: treat one you do not know as UNKNOWN. */
#define TOPUP_PRICING_OPERATOR_UNKNOWN 0
#define TOPUP_PRICING_OPERATOR_MOBILIS 1
#define TOPUP_PRICING_OPERATOR_DJEZZY 2
#define TOPUP_PRICING_OPERATOR_OOREDOO 3
#define TOPUP_PRICING_OPERATOR_PIXX 4

/* plan_kind. Numbers may be added: treat one you do not know as UNKNOWN. */
#define TOPUP_PRICING_KIND_UNKNOWN 0
#define TOPUP_PRICING_KIND_DYNAMIC 1 /* any amount in a range */
#define TOPUP_PRICING_KIND_FIXED 2   /* one amount */
#define TOPUP_PRICING_KIND_MENU 3    /* an offer made to one number */

/* Bits of `flags`. Bits that are not listed here are to be ignored. */

/* The caller's counts and volumes are known. A host that does not count this caller leaves it out,
 * and a strategy that cannot do without them answers TOPUP_PRICING_NOT_COVERED: a caller whose
 * volume is not known is not one that has bought nothing. */
#define TOPUP_PRICING_HAS_USAGE (UINT64_C(1) << 0)

/* Something more about a request, for what later hosts know. A name keeps its meaning for
 * ever, which says whether it has a text or a number; no name stands in a request twice, their
 * order means nothing, and names that you do not know are to be ignored. A value: never changes. */
typedef struct topup_pricing_fact {
  topup_pricing_text_t name;
  topup_pricing_text_t text; /* empty for a number */
  int64_t number;            /* 0 for a text */
} topup_pricing_fact_t;

/* One request. Owned by the host, read only; it and all it points to are valid only during the
 * call. */
typedef struct topup_pricing_request {
  uint32_t struct_size;
  uint32_t abi_version;

  topup_pricing_text_t plan_code; /* the provider's; case-sensitive */
  topup_pricing_text_t caller;    /* who buys from us, by its configured name */
  int32_t plan_operator;          /* TOPUP_PRICING_OPERATOR_... */
  int32_t plan_kind;              /* TOPUP_PRICING_KIND_... */

  int64_t face_value_centimes; /* what the number is credited with; whole dinars */
  int64_t cost_centimes;       /* what the provider takes from us, rounded up */

  /* What the strategies before this one made of it; the cost for the first in a chain. */
  int64_t price_so_far_centimes;

  /* The moment of the quote, which is the only time a strategy knows: three ways of writing one
   * second. */
  int64_t unix_seconds; /* since 1970-01-01T00:00:00Z, rounded down */
  topup_pricing_civil_time_t utc;
  /* Africa/Algiers, at present UTC+1 all year. To be read, not worked out from the other two. */
  topup_pricing_civil_time_t algiers;

  uint64_t flags; /* TOPUP_PRICING_HAS_... */

  /* What the caller has bought before this: its delivered top-ups, by the day of Algiers in which
   * they were recorded. Today and this month are those of `algiers`; today is part of this month.
   * Counted is what is known to be delivered at the moment of the quote: never the top-up that is
   * being priced, none that is still open, none that was refused, refunded or cancelled, and no
   * more what turned out not to be delivered, so that a number can become smaller, too. A volume
   * is the sum of their face values, not of what was paid. Each is 0 to TOPUP_PRICING_AMOUNT_MAX,
   * which also stands for whatever is more. All 0 without TOPUP_PRICING_HAS_USAGE. */
  int64_t caller_count_today;
  int64_t caller_volume_today_centimes;
  int64_t caller_count_this_month;
  int64_t caller_volume_this_month_centimes;

  const topup_pricing_fact_t* facts; /* null where fact_count is 0 */
  uint64_t fact_count;
} topup_pricing_request_t;

#ifdef __cplusplus
}
#endif

#endif /* TOPUP_PRICING_PLUGINS_ABI_REQUEST_H_ */
