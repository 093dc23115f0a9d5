/* Freezes the contract: a size, an offset or a number that moves breaks every library that is
 * out there. A failure here is a change of the major version, not of this file.
 *
 * Nearly everything is checked while compiling, as C11. */
#include <stddef.h>
#include <string.h>

#include "pricing_plugins/abi/draft/worked_examples.h"
#include "pricing_plugins/abi/topup_pricing.h"

#define SIZE(type, size) _Static_assert(sizeof(type) == (size), #type " has another size")
#define AT(type, field, offset) \
  _Static_assert(offsetof(type, field) == (offset), #type "." #field " moved")
#define NUMBER(name, value) _Static_assert((name) == (value), #name " has another value")
#define FIELD_SIZE(type, field) sizeof(((type*)0)->field)
/* `last` ends where the struct does: with all offsets below, there is no padding at its end. */
#define ENDS_WITH(type, last)                                                   \
  _Static_assert(offsetof(type, last) + FIELD_SIZE(type, last) == sizeof(type), \
                 #type " has padding behind " #last)
/* Every record begins alike, and may lie wherever 8 bytes may. */
#define RECORD(type, size)                                           \
  SIZE(type, size);                                                  \
  AT(type, struct_size, 0);                                          \
  AT(type, abi_version, 4);                                          \
  _Static_assert(FIELD_SIZE(type, struct_size) == 4, "struct_size"); \
  _Static_assert(FIELD_SIZE(type, abi_version) == 4, "abi_version"); \
  _Static_assert(_Alignof(type) <= 8, #type " wants more than 8 bytes")

_Static_assert(sizeof(void*) == 8 && _Alignof(void*) == 8 && _Alignof(int64_t) == 8,
               "another machine than those of the contract");
_Static_assert(sizeof(void (*)(void)) == 8, "another machine than those of the contract");

NUMBER(TOPUP_PRICING_ABI_VERSION, 0x00010000u);
NUMBER(TOPUP_PRICING_ABI_MAJOR_OF(0x00020003u), 2);
NUMBER(TOPUP_PRICING_ABI_MINOR_OF(0x00020003u), 3);

NUMBER(TOPUP_PRICING_OK, 0);
NUMBER(TOPUP_PRICING_INVALID_CONFIG, 1);
NUMBER(TOPUP_PRICING_NOT_COVERED, 2);
NUMBER(TOPUP_PRICING_OUT_OF_RANGE, 3);
NUMBER(TOPUP_PRICING_UNSUPPORTED, 4);
NUMBER(TOPUP_PRICING_FAILED, 5);
SIZE(topup_pricing_code_t, 4);

NUMBER(TOPUP_PRICING_AMOUNT_MAX, 100000000000);
NUMBER(TOPUP_PRICING_RATIO_MAX, 10000000);
NUMBER(TOPUP_PRICING_PPM, 1000000);
NUMBER(TOPUP_PRICING_CURRENCY_DZD, 12);
/* What the two limits promise to libraries without 128-bit integers. */
_Static_assert(TOPUP_PRICING_AMOUNT_MAX <= INT64_MAX / TOPUP_PRICING_RATIO_MAX,
               "an amount times a ratio overflows");
NUMBER(TOPUP_PRICING_ERROR_SIZE, 512);
NUMBER(TOPUP_PRICING_ID_SIZE, 65);
NUMBER(TOPUP_PRICING_VERSION_SIZE, 33);
NUMBER(TOPUP_PRICING_NAME_SIZE, 129);
NUMBER(TOPUP_PRICING_SCHEMA_SIZE, 65536);
NUMBER(TOPUP_PRICING_CONFIG_SIZE, 65536);
NUMBER(TOPUP_PRICING_STEP_MAX, 8);
NUMBER(TOPUP_PRICING_STEP_TEXT_SIZE, 80);

NUMBER(TOPUP_PRICING_OPERATOR_UNKNOWN, 0);
NUMBER(TOPUP_PRICING_OPERATOR_MOBILIS, 1);
NUMBER(TOPUP_PRICING_OPERATOR_DJEZZY, 2);
NUMBER(TOPUP_PRICING_OPERATOR_OOREDOO, 3);
NUMBER(TOPUP_PRICING_OPERATOR_PIXX, 4);
NUMBER(TOPUP_PRICING_KIND_UNKNOWN, 0);
NUMBER(TOPUP_PRICING_KIND_DYNAMIC, 1);
NUMBER(TOPUP_PRICING_KIND_FIXED, 2);
NUMBER(TOPUP_PRICING_KIND_MENU, 3);
NUMBER(TOPUP_PRICING_HAS_USAGE, 1);
NUMBER(TOPUP_PRICING_LOG_INFO, 0);
NUMBER(TOPUP_PRICING_LOG_WARNING, 1);
NUMBER(TOPUP_PRICING_LOG_ERROR, 2);

SIZE(topup_pricing_text_t, 16);
AT(topup_pricing_text_t, data, 0);
AT(topup_pricing_text_t, size, 8);
ENDS_WITH(topup_pricing_text_t, size);

SIZE(topup_pricing_civil_time_t, 32);
AT(topup_pricing_civil_time_t, year, 0);
AT(topup_pricing_civil_time_t, month, 4);
AT(topup_pricing_civil_time_t, day, 8);
AT(topup_pricing_civil_time_t, weekday, 12);
AT(topup_pricing_civil_time_t, hour, 16);
AT(topup_pricing_civil_time_t, minute, 20);
AT(topup_pricing_civil_time_t, second, 24);
AT(topup_pricing_civil_time_t, reserved, 28);
ENDS_WITH(topup_pricing_civil_time_t, reserved);

SIZE(topup_pricing_fact_t, 40);
AT(topup_pricing_fact_t, name, 0);
AT(topup_pricing_fact_t, text, 16);
AT(topup_pricing_fact_t, number, 32);
ENDS_WITH(topup_pricing_fact_t, number);

RECORD(topup_pricing_error_t, 520);
AT(topup_pricing_error_t, message, 8);
ENDS_WITH(topup_pricing_error_t, message);

RECORD(topup_pricing_request_t, 200);
AT(topup_pricing_request_t, plan_code, 8);
AT(topup_pricing_request_t, caller, 24);
AT(topup_pricing_request_t, plan_operator, 40);
AT(topup_pricing_request_t, plan_kind, 44);
AT(topup_pricing_request_t, face_value_centimes, 48);
AT(topup_pricing_request_t, cost_centimes, 56);
AT(topup_pricing_request_t, price_so_far_centimes, 64);
AT(topup_pricing_request_t, unix_seconds, 72);
AT(topup_pricing_request_t, utc, 80);
AT(topup_pricing_request_t, algiers, 112);
AT(topup_pricing_request_t, flags, 144);
AT(topup_pricing_request_t, caller_count_today, 152);
AT(topup_pricing_request_t, caller_volume_today_centimes, 160);
AT(topup_pricing_request_t, caller_count_this_month, 168);
AT(topup_pricing_request_t, caller_volume_this_month_centimes, 176);
AT(topup_pricing_request_t, facts, 184);
AT(topup_pricing_request_t, fact_count, 192);
ENDS_WITH(topup_pricing_request_t, fact_count);

RECORD(topup_pricing_step_t, 96);
AT(topup_pricing_step_t, price_after_centimes, 8);
AT(topup_pricing_step_t, description, 16);
ENDS_WITH(topup_pricing_step_t, description);

RECORD(topup_pricing_answer_t, 792);
AT(topup_pricing_answer_t, price_centimes, 8);
AT(topup_pricing_answer_t, step_count, 16);
AT(topup_pricing_answer_t, currency, 20);
AT(topup_pricing_answer_t, steps, 24);
ENDS_WITH(topup_pricing_answer_t, steps);

RECORD(topup_pricing_descriptor_t, 48);
AT(topup_pricing_descriptor_t, id, 8);
AT(topup_pricing_descriptor_t, version, 16);
AT(topup_pricing_descriptor_t, display_name, 24);
AT(topup_pricing_descriptor_t, vendor, 32);
AT(topup_pricing_descriptor_t, config_schema, 40);
ENDS_WITH(topup_pricing_descriptor_t, config_schema);

RECORD(topup_pricing_strategy_t, 40);
AT(topup_pricing_strategy_t, strategy_data, 8);
AT(topup_pricing_strategy_t, destroy, 16);
AT(topup_pricing_strategy_t, price, 24);
AT(topup_pricing_strategy_t, get_extension, 32);
ENDS_WITH(topup_pricing_strategy_t, get_extension);

RECORD(topup_pricing_host_t, 48);
AT(topup_pricing_host_t, name, 8);
AT(topup_pricing_host_t, version, 16);
AT(topup_pricing_host_t, host_data, 24);
AT(topup_pricing_host_t, log, 32);
AT(topup_pricing_host_t, get_extension, 40);
ENDS_WITH(topup_pricing_host_t, get_extension);

RECORD(topup_pricing_entry_t, 48);
AT(topup_pricing_entry_t, descriptor, 8);
AT(topup_pricing_entry_t, init, 16);
AT(topup_pricing_entry_t, deinit, 24);
AT(topup_pricing_entry_t, create, 32);
AT(topup_pricing_entry_t, get_extension, 40);
ENDS_WITH(topup_pricing_entry_t, get_extension);

/* A draft may change; that it does should be seen. */
RECORD(topup_pricing_worked_examples_t, 24);
AT(topup_pricing_worked_examples_t, count, 8);
AT(topup_pricing_worked_examples_t, get, 16);
NUMBER(TOPUP_PRICING_WORKED_EXAMPLE_MAX, 64);

/* What C cannot compare while it compiles. */
int main(void) {
  if (strcmp(TOPUP_PRICING_ENTRY_SYMBOL, "topup_pricing_entry") != 0) return 1;
  return strcmp(TOPUP_PRICING_EXT_WORKED_EXAMPLES, "topup.pricing.worked_examples/1") == 0 ? 0 : 2;
}
