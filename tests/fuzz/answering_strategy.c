/* A strategy that answers with the bytes that its configuration, a JSON text of hexadecimal digits,
 * stands for, whatever they are. The first byte chooses:
 *   0  all of the answer's record, as it lies in memory, headers included
 *   1  the code, and the message of the error
 *   2  as 0, and the second time with its last byte changed
 *   3  a line for the log, and a good answer
 *   otherwise: a good answer first, then bytes over its price, steps and texts, each as
 *      PLACE (2 bytes), SIZE (1 byte), BYTES
 * Nothing here is checked but what would break this library itself. */
#include <stdlib.h>
#include <string.h>

#include "tests/support/plain_strategy.h"

typedef struct data {
  topup_pricing_strategy_t strategy;
  const topup_pricing_host_t* host;
  uint64_t size;
  unsigned char* bytes;
  unsigned calls;
} data_t;

static void copy(void* to, size_t room, const unsigned char* from, uint64_t size) {
  if (size > room) size = room;
  if (size > 0) memcpy(to, from, size);
}

static void answer_well(const topup_pricing_request_t* request, topup_pricing_answer_t* answer) {
  answer->price_centimes = request->price_so_far_centimes + 100;
  answer->step_count = 1;
  answer->steps[0].price_after_centimes = answer->price_centimes;
  strcpy(answer->steps[0].description, "one dinar more");
}

static void patch(const data_t* data, topup_pricing_answer_t* answer) {
  uint64_t at = 1;
  while (at + 3 <= data->size) {
    const unsigned char* entry = data->bytes + at;
    const size_t place = (entry[0] | (size_t)entry[1] << 8) % sizeof(*answer);
    uint64_t size = entry[2];
    if (size > data->size - at - 3) size = data->size - at - 3;
    copy((unsigned char*)answer + place, sizeof(*answer) - place, entry + 3, size);
    at += 3 + size;
  }
}

static topup_pricing_code_t price(const topup_pricing_strategy_t* strategy,
                                  const topup_pricing_request_t* request,
                                  topup_pricing_answer_t* answer, topup_pricing_error_t* error) {
  data_t* data = strategy->strategy_data;
  ++data->calls;
  answer_well(request, answer);
  if (data->size == 0) return TOPUP_PRICING_OK;
  const unsigned char* rest = data->bytes + 1;
  const uint64_t size = data->size - 1;
  switch (data->bytes[0]) {
    case 0:
    case 2:
      copy(answer, sizeof(*answer), rest, size);
      if (data->bytes[0] == 2 && data->calls % 2 == 0 && size > 0 && size <= sizeof(*answer)) {
        ((unsigned char*)answer)[size - 1] ^= 1;
      }
      return TOPUP_PRICING_OK;
    case 1:
      if (size == 0) return TOPUP_PRICING_FAILED;
      copy(error->message, sizeof(error->message), rest + 1, size - 1);
      return (topup_pricing_code_t)rest[0];
    case 3: {
      char* line = calloc(1, size + 1);
      if (line == NULL) return TOPUP_PRICING_FAILED;
      copy(line, size, rest, size);
      data->host->log(data->host, (int32_t)size, line);
      free(line);
      return TOPUP_PRICING_OK;
    }
    default:
      patch(data, answer);
      return TOPUP_PRICING_OK;
  }
}

static void destroy(const topup_pricing_strategy_t* strategy) {
  data_t* data = strategy->strategy_data;
  free(data->bytes);
  free(data);
}

static unsigned char digit(char c) { return (unsigned char)(c <= '9' ? c - '0' : c - 'a' + 10); }

static topup_pricing_code_t create(const topup_pricing_host_t* host, topup_pricing_text_t config,
                                   const topup_pricing_strategy_t** strategy,
                                   topup_pricing_error_t* error) {
  (void)error;
  data_t* data = calloc(1, sizeof(*data));
  if (data == NULL) return TOPUP_PRICING_FAILED;
  /* Two digits a byte, between two quotation marks. */
  data->size = config.size < 2 ? 0 : (config.size - 2) / 2;
  data->bytes = malloc(data->size + 1);
  if (data->bytes == NULL) {
    free(data);
    return TOPUP_PRICING_FAILED;
  }
  for (uint64_t i = 0; i < data->size; ++i) {
    const char* digits = config.data + 1 + 2 * i;
    data->bytes[i] = (unsigned char)(digit(digits[0]) << 4 | digit(digits[1]));
  }
  data->host = host;
  const topup_pricing_strategy_t made = PLAIN_STRATEGY(data, destroy, price);
  data->strategy = made;
  *strategy = &data->strategy;
  return TOPUP_PRICING_OK;
}

PLAIN_ENTRY("test.answering", "{}", create);
