/* Values that several records use: codes, limits, text, civil time, the error buffer.
 *
 * Money is int64_t centimes of the Algerian dinar everywhere (100 centimes = 1 DZD), ratios
 * are int64_t parts per million. Nothing here is, or becomes, floating point. */
#ifndef TOPUP_PRICING_PLUGINS_ABI_TYPES_H_
#define TOPUP_PRICING_PLUGINS_ABI_TYPES_H_

#include <stdint.h>

#include "version.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a call ended. A code that is not listed here counts as TOPUP_PRICING_FAILED; so does one that
 * does not belong to the function which answers it. */
typedef int32_t topup_pricing_code_t;

#define TOPUP_PRICING_OK 0
/* create: the configuration is wrong; the message names key, value and remedy. */
#define TOPUP_PRICING_INVALID_CONFIG 1
/* price: the rule has no answer for such a request, and says so on purpose. */
#define TOPUP_PRICING_NOT_COVERED 2
/* price: the result would leave 0..TOPUP_PRICING_AMOUNT_MAX. */
#define TOPUP_PRICING_OUT_OF_RANGE 3
/* init, create: this host lacks something that the library cannot do without. Any function: a
 * record has another size than the one that the library was built for. */
#define TOPUP_PRICING_UNSUPPORTED 4
/* Anything else. */
#define TOPUP_PRICING_FAILED 5

/* Every amount in a request or an answer is 0 to this, inclusive: a milliard dinars. */
#define TOPUP_PRICING_AMOUNT_MAX INT64_C(100000000000)

/* A ratio up to this times an amount fits int64_t: ten times the amount. */
#define TOPUP_PRICING_RATIO_MAX INT64_C(10000000)

#define TOPUP_PRICING_PPM INT64_C(1000000) /* a ratio of one */

#define TOPUP_PRICING_CURRENCY_DZD 12u /* by its number in ISO 4217 */

/* Bytes, their terminating NUL included. */
#define TOPUP_PRICING_ERROR_SIZE 512
#define TOPUP_PRICING_ID_SIZE 65
#define TOPUP_PRICING_VERSION_SIZE 33
#define TOPUP_PRICING_NAME_SIZE 129
#define TOPUP_PRICING_SCHEMA_SIZE 65536
#define TOPUP_PRICING_CONFIG_SIZE 65536

/* Text that the host gives: UTF-8, `size` bytes, and a NUL at data[size]. `data` is never
 * null. A value: never changes, and so has no header. */
typedef struct topup_pricing_text {
  const char* data;
  uint64_t size;
} topup_pricing_text_t;

/* A moment as a calendar (the Gregorian one) shows it in one place. A value: never changes. */
typedef struct topup_pricing_civil_time {
  int32_t year;
  int32_t month;    /* 1 to 12 */
  int32_t day;      /* 1 to 31 */
  int32_t weekday;  /* 1 Monday to 7 Sunday */
  int32_t hour;     /* 0 to 23 */
  int32_t minute;   /* 0 to 59 */
  int32_t second;   /* 0 to 59 */
  int32_t reserved; /* 0 */
} topup_pricing_civil_time_t;

/* Where a call that fails says why. The host owns it, fills the header and empties the
 * message; it is valid only during the call. The library writes one sentence, NUL-terminated UTF-8
 * without control characters and without a secret. It is read only where the code is not
 * TOPUP_PRICING_OK, logged, and shown to operators; what `price` says, to callers too. */
typedef struct topup_pricing_error {
  uint32_t struct_size;
  uint32_t abi_version;
  char message[TOPUP_PRICING_ERROR_SIZE];
} topup_pricing_error_t;

#ifdef __cplusplus
}
#endif

#endif /* TOPUP_PRICING_PLUGINS_ABI_TYPES_H_ */
