/* A complete strategy in C11, to copy and change: adds a fee to the price so far.
 *
 * Configuration: {"fee_centimes": 250}. Everything that the contract asks of a library is
 * here once, in the order in which the host calls it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pricing_plugins/abi/topup_pricing.h"

#define FEE_MAX INT64_C(100000) /* a thousand dinars */

/* The table first: its address is then also the strategy's. */
typedef struct fee_strategy {
  topup_pricing_strategy_t table;
  int64_t fee_centimes;
} fee_strategy_t;

static const topup_pricing_descriptor_t kDescriptor = {
    .struct_size = sizeof(topup_pricing_descriptor_t),
    .abi_version = TOPUP_PRICING_ABI_VERSION,
    .id = "com.example.template",
    .version = "1.0.0",
    .display_name = "Template: a fee",
    .vendor = "Example",
    .config_schema =
        "{\"type\": \"object\", \"properties\": {\"fee_centimes\": {\"type\": \"integer\","
        " \"minimum\": 0, \"maximum\": 100000}}, \"required\": [\"fee_centimes\"],"
        " \"additionalProperties\": false}",
};

/* --- configuration ---------------------------------------------------------------------- */

static const char* skip_space(const char* at) { return at + strspn(at, " \t\r\n"); }

/* Messages are UTF-8 in one line, and a configuration may be anything: what is not printable
 * ASCII becomes '?', so that nothing is cut within a character. */
static void copy_printable(const char* from, char* to, size_t to_size) {
  size_t i = 0;
  for (; i + 1 < to_size && from[i] != '\0'; ++i) {
    to[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
  }
  to[i] = '\0';
}

static topup_pricing_code_t refuse_config(topup_pricing_text_t config,
                                          topup_pricing_error_t* error) {
  char shown[200]; /* the message has room, and a configuration may be long */
  copy_printable(config.data, shown, sizeof(shown));
  snprintf(error->message, sizeof(error->message),
           "the configuration is %s: use {\"fee_centimes\": N} with N from 0 to %" PRId64
           " and no other key",
           shown, FEE_MAX);
  return TOPUP_PRICING_INVALID_CONFIG;
}

/* Reads exactly {"fee_centimes": N}. A strategy with more keys wants a JSON reader, or the C++
 * kit beside this folder. */
static topup_pricing_code_t read_fee(topup_pricing_text_t config, int64_t* fee,
                                     topup_pricing_error_t* error) {
  static const char kKey[] = "\"fee_centimes\"";
  const char* at = skip_space(config.data);
  if (*at != '{') return refuse_config(config, error);
  at = skip_space(at + 1);
  if (strncmp(at, kKey, strlen(kKey)) != 0) return refuse_config(config, error);
  at = skip_space(at + strlen(kKey));
  if (*at != ':') return refuse_config(config, error);
  at = skip_space(at + 1);
  const size_t digits = strspn(at, "0123456789");
  if (digits == 0 || digits > 6 || (digits > 1 && *at == '0')) return refuse_config(config, error);
  *fee = strtoll(at, NULL, 10);
  at = skip_space(at + digits);
  if (*at != '}' || *skip_space(at + 1) != '\0') return refuse_config(config, error);
  /* A NUL inside the text would have ended the reading early. */
  if (strlen(config.data) != config.size || *fee > FEE_MAX) return refuse_config(config, error);
  return TOPUP_PRICING_OK;
}

/* --- the strategy ----------------------------------------------------------------------- */

static void destroy(const topup_pricing_strategy_t* strategy) { free(strategy->strategy_data); }

static topup_pricing_code_t price(const topup_pricing_strategy_t* strategy,
                                  const topup_pricing_request_t* request,
                                  topup_pricing_answer_t* answer, topup_pricing_error_t* error) {
  const fee_strategy_t* self = strategy->strategy_data;
  const int64_t price_so_far = request->price_so_far_centimes;
  /* Compared before it is added to: what is in range cannot overflow. */
  if (price_so_far < 0 || price_so_far > TOPUP_PRICING_AMOUNT_MAX - self->fee_centimes) {
    snprintf(error->message, sizeof(error->message),
             "a price of %" PRId64 " centimes cannot have %" PRId64 " added", price_so_far,
             self->fee_centimes);
    return TOPUP_PRICING_OUT_OF_RANGE;
  }
  const int64_t result = price_so_far + self->fee_centimes;
  topup_pricing_step_t* step = &answer->steps[0];
  step->price_after_centimes = result;
  snprintf(step->description, sizeof(step->description), "fee %" PRId64 ".%02" PRId64 " DZD",
           self->fee_centimes / 100, self->fee_centimes % 100);
  answer->step_count = 1;
  answer->price_centimes = result;
  return TOPUP_PRICING_OK;
}

static const void* strategy_extension(const topup_pricing_strategy_t* strategy,
                                      const char* extension_id) {
  (void)strategy;
  (void)extension_id;
  return NULL; /* no extension is a normal answer */
}

/* --- the library ------------------------------------------------------------------------ */

static topup_pricing_code_t init(const topup_pricing_host_t* host, topup_pricing_error_t* error) {
  if (TOPUP_PRICING_ABI_MAJOR_OF(host->abi_version) != TOPUP_PRICING_ABI_MAJOR) {
    snprintf(error->message, sizeof(error->message), "host has contract version %u, not %u",
             TOPUP_PRICING_ABI_MAJOR_OF(host->abi_version), TOPUP_PRICING_ABI_MAJOR);
    return TOPUP_PRICING_UNSUPPORTED;
  }
  return TOPUP_PRICING_OK;
}

static void deinit(void) {}

static topup_pricing_code_t create(const topup_pricing_host_t* host, topup_pricing_text_t config,
                                   const topup_pricing_strategy_t** strategy,
                                   topup_pricing_error_t* error) {
  int64_t fee = 0;
  const topup_pricing_code_t code = read_fee(config, &fee, error);
  if (code != TOPUP_PRICING_OK) return code;
  fee_strategy_t* self = malloc(sizeof(*self));
  if (self == NULL) {
    snprintf(error->message, sizeof(error->message), "out of memory");
    return TOPUP_PRICING_FAILED;
  }
  self->fee_centimes = fee;
  self->table = (topup_pricing_strategy_t){
      .struct_size = sizeof(topup_pricing_strategy_t),
      .abi_version = TOPUP_PRICING_ABI_VERSION,
      .strategy_data = self,
      .destroy = destroy,
      .price = price,
      .get_extension = strategy_extension,
  };
  host->log(host, TOPUP_PRICING_LOG_INFO, "the template strategy is for copying, not for selling");
  *strategy = &self->table;
  return TOPUP_PRICING_OK;
}

static const void* library_extension(const char* extension_id) {
  (void)extension_id;
  return NULL;
}

/* The only symbol that this library exports. */
const topup_pricing_entry_t topup_pricing_entry = {
    .struct_size = sizeof(topup_pricing_entry_t),
    .abi_version = TOPUP_PRICING_ABI_VERSION,
    .descriptor = &kDescriptor,
    .init = init,
    .deinit = deinit,
    .create = create,
    .get_extension = library_extension,
};
