/* A good strategy that adds one dinar, with one bad habit for each library that is made from it:
 * BUILD.bazel sets the macro that says which. Without one it is good, and the checker has to say
 * so. */
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pricing_plugins/abi/draft/worked_examples.h"
#include "pricing_plugins/abi/topup_pricing.h"

#if defined(HAS_NO_SCHEMA)
#define SCHEMA "nothing"
#elif defined(HAS_A_LYING_SCHEMA) /* takes what create refuses */
#define SCHEMA                                                                 \
  "{\"type\": \"object\", \"properties\": {\"fee\": {\"type\": \"integer\"}}," \
  " \"required\": [\"fee\"], \"additionalProperties\": false}"
#else
#define SCHEMA "{\"type\": \"object\", \"additionalProperties\": false}"
#endif

typedef struct dinar_strategy {
  topup_pricing_strategy_t table;
  const char* config; /* only for who keeps it */
} dinar_strategy_t;

static volatile int64_t g_memory; /* only for who remembers */
static void* volatile g_leak;
static volatile int g_sink;

#ifdef EXPORTS_MORE
int spare_function(void);
int spare_function(void) { return 1; }
#endif

/* --- habits of price ------------------------------------------------------------------------- */

static void before_price(const dinar_strategy_t* self, const topup_pricing_request_t* request) {
  (void)self;
  (void)request;
#ifdef CRASHES_ON_ZERO
  if (request->face_value_centimes == 0) g_sink = *(volatile int*)(uintptr_t)8;
#endif
#ifdef HANGS_ON_MENUS
  while (request->plan_kind == TOPUP_PRICING_KIND_MENU) g_sink = 1;
#endif
#ifdef EXITS_ON_UNKNOWN
  if (request->plan_operator > TOPUP_PRICING_OPERATOR_PIXX) exit(0);
#endif
#ifdef KEEPS_CONFIG
  g_sink = self->config[0];
#endif
#ifdef WRITES_REQUEST
  ((topup_pricing_request_t*)request)->cost_centimes = 0;
#endif
#ifdef LEAKS_IN_PRICE
  g_leak = malloc(64);
#endif
#ifdef PRINTS
  puts("priced one");
  fflush(stdout);
#endif
#ifdef IS_SLOW
  for (int i = 0; i < 5000000; ++i) g_sink = i;
#endif
}

static int64_t price_of(const topup_pricing_strategy_t* strategy,
                        const topup_pricing_request_t* request) {
  int64_t price = request->price_so_far_centimes + 100;
  (void)strategy;
#ifdef READS_CLOCK
  price += time(NULL) % 60;
#endif
#ifdef IS_RANDOM
  price += rand() % 100;
#endif
#ifdef REMEMBERS
  if (g_memory == request->caller_volume_today_centimes) price += 100;
  g_memory = request->caller_volume_today_centimes;
#endif
#ifdef USES_ADDRESSES
  price += (int64_t)(((uintptr_t)&g_memory >> 12) & 0xffff);
#endif
#ifdef SHARES_A_VARIABLE
  g_memory = price;
  sched_yield();
  price = g_memory;
#endif
#ifdef READS_LOCALE
  price += setlocale(LC_CTYPE, NULL)[1] == '\0' ? 0 : 1;
#endif
#ifdef WRAPS_AROUND
  price = (int64_t)(uint32_t)(price * 105) / 100;
#endif
  return price;
}

static void after_price(topup_pricing_answer_t* answer) {
  (void)answer;
#ifdef WRITES_BESIDE
  ((char*)answer)[sizeof(*answer)] = 0;
#endif
#ifdef HAS_CONTROL_CHARACTERS
  answer->steps[0].description[0] = '\n';
#endif
#ifdef HAS_ANOTHER_CURRENCY
  answer->currency = 978;
#endif
#ifdef CHANGES_HEADERS
  answer->steps[5].struct_size = 0;
#endif
}

/* --- habits of loading and making --------------------------------------------------------------
 */

#ifdef CRASHES_WHEN_OPENED
__attribute__((constructor)) static void on_open(void) { abort(); }
#endif

#ifdef STARTS_A_THREAD
static void* sleep_on(void* nothing) {
  for (;;) pause();
  return nothing;
}
#endif

static void on_init(void) {
#ifdef STARTS_A_THREAD
  pthread_t thread;
  pthread_create(&thread, NULL, sleep_on, NULL);
#endif
#ifdef HANDLES_SIGNALS
  signal(SIGPIPE, SIG_IGN);
#endif
}

static topup_pricing_code_t refuse(const char* message, topup_pricing_error_t* error) {
#ifdef HAS_ENDLESS_MESSAGES
  (void)message;
  memset(error->message, 'x', sizeof(error->message));
#elif defined(HAS_NO_MESSAGES)
  (void)message;
  error->message[0] = '\0';
#else
  strcpy(error->message, message);
#endif
  return TOPUP_PRICING_INVALID_CONFIG;
}

static void on_create(topup_pricing_text_t config) {
  (void)config;
#ifdef CHANGES_LOCALE
  setlocale(LC_ALL, "C.UTF-8");
#endif
#ifdef STARTS_A_PROCESS
  static int started; /* one is enough to be found */
  if (started++ == 0 && fork() == 0) {
    for (;;) pause();
  }
#endif
#ifdef KEEPS_A_FILE_OPEN
  g_sink = open("/dev/null", O_RDONLY);
#endif
#ifdef CHANGES_DIRECTORY
  g_sink = chdir("/");
#endif
#ifdef CHANGES_ENVIRONMENT
  setenv("PRICING", "1", 1);
#endif
#ifdef READS_PAST_CONFIG
  g_sink = config.data[config.size + 1];
#endif
}

/* An empty text and {} only. */
static int is_config(topup_pricing_text_t config) {
#ifdef TAKES_ANYTHING
  (void)config;
  return 1;
#else
  if (strlen(config.data) != config.size) return 0;
  return strcmp(config.data, "") == 0 || strcmp(config.data, "{}") == 0;
#endif
}

/* --- the contract --------------------------------------------------------------------------- */

static void destroy(const topup_pricing_strategy_t* strategy) {
#ifdef LEAKS_STRATEGIES
  (void)strategy;
#else
  free(strategy->strategy_data);
#endif
  g_memory = 0;
}

static topup_pricing_code_t price(const topup_pricing_strategy_t* strategy,
                                  const topup_pricing_request_t* request,
                                  topup_pricing_answer_t* answer, topup_pricing_error_t* error) {
  before_price(strategy->strategy_data, request);
  if (request->price_so_far_centimes < 0 ||
      request->price_so_far_centimes > TOPUP_PRICING_AMOUNT_MAX - 100000) {
    strcpy(error->message, "the price so far leaves no room");
    return TOPUP_PRICING_OUT_OF_RANGE;
  }
  answer->price_centimes = price_of(strategy, request);
  answer->step_count = 1;
  answer->steps[0].price_after_centimes = answer->price_centimes;
  strcpy(answer->steps[0].description, "one dinar more");
  after_price(answer);
  return TOPUP_PRICING_OK;
}

#ifdef HAS_WRONG_EXAMPLES
static uint32_t count_examples(const topup_pricing_strategy_t* strategy) {
  (void)strategy;
  return 1;
}
static void get_example(const topup_pricing_strategy_t* strategy, uint32_t index,
                        topup_pricing_request_t* request, int64_t* price_centimes) {
  (void)strategy;
  (void)index;
  *price_centimes = request->price_so_far_centimes + 200;
}
static const topup_pricing_worked_examples_t kExamples = {
    sizeof(kExamples), TOPUP_PRICING_ABI_VERSION, count_examples, get_example};
#endif

static const void* strategy_extension(const topup_pricing_strategy_t* strategy, const char* id) {
  (void)strategy;
#ifdef CLAIMS_EXTENSIONS
  return id;
#elif defined(HAS_WRONG_EXAMPLES)
  return strcmp(id, TOPUP_PRICING_EXT_WORKED_EXAMPLES) == 0 ? &kExamples : NULL;
#else
  (void)id;
  return NULL;
#endif
}

static topup_pricing_code_t create(const topup_pricing_host_t* host, topup_pricing_text_t config,
                                   const topup_pricing_strategy_t** strategy,
                                   topup_pricing_error_t* error) {
  (void)host;
  on_create(config);
  if (!is_config(config)) return refuse("the configuration has to be {}", error);
#ifdef ALLOWS_ONE_STRATEGY
  if (g_memory++ > 0) return refuse("there is one already", error);
#endif
  dinar_strategy_t* self = malloc(sizeof(*self));
  if (self == NULL) return refuse("out of memory", error);
  self->config = config.data;
  self->table = (topup_pricing_strategy_t){
      sizeof(self->table), TOPUP_PRICING_ABI_VERSION, self, destroy, price, strategy_extension};
  *strategy = &self->table;
  return TOPUP_PRICING_OK;
}

static topup_pricing_code_t init(const topup_pricing_host_t* host, topup_pricing_error_t* error) {
  (void)host;
  (void)error;
  on_init();
  return TOPUP_PRICING_OK;
}

static void deinit(void) {}

static const void* library_extension(const char* id) {
  (void)id;
  return NULL;
}

static const topup_pricing_descriptor_t kDescriptor = {sizeof(kDescriptor),
                                                       TOPUP_PRICING_ABI_VERSION,
                                                       "test.misbehaving",
                                                       "1.0.0",
                                                       "Misbehaving",
                                                       "tests",
                                                       SCHEMA};

TOPUP_PRICING_EXPORT const topup_pricing_entry_t topup_pricing_entry = {sizeof(topup_pricing_entry),
                                                                        TOPUP_PRICING_ABI_VERSION,
                                                                        &kDescriptor,
                                                                        init,
                                                                        deinit,
                                                                        create,
                                                                        library_extension};
