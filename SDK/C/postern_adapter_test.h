/* postern_adapter_test.h - a small host in the process of a C adapter's test: reports, checks, quotas, attributes,
 * counters, series to collect.
 *
 * Include it after the plugin's source. One thread, and one handler at a time.
 */
#ifndef POSTERN_ADAPTER_TEST_H
#define POSTERN_ADAPTER_TEST_H
#include "postern_adapter.h"
#include "postern_test.h"

#define POSTERN_TEST_RECORDS 4096
#define POSTERN_TEST_COUNTERS 16

typedef struct postern_adapter_test {
  postern_test host; /* problem_pointer, problem_message, log */
  const postern_adapter *adapter;
  void *config;
  postern_outcome outcomes[POSTERN_TEST_RECORDS]; /* of the last report */
  char problem[POSTERN_TEST_TEXT];                /* of the last call that failed */
  uint64_t retry_after_ns;                        /* that the last report wished */
  char counter_names[POSTERN_TEST_COUNTERS][256];
  uint64_t counters[POSTERN_TEST_COUNTERS];
  size_t counter_count;
  const postern_record *series; /* what `collect` finds */
  size_t series_count;
} postern_adapter_test;

#define POSTERN_ADAPTER_TEST_OF(config) ((postern_adapter_test *)(void *)(config))

static postern_status postern_adapter_test_define(postern_config_host *config, postern_metric_kind kind,
                                                  postern_bytes name, postern_bytes help, const double *bounds,
                                                  size_t bound_count, postern_metric *out) {
  postern_adapter_test *test = POSTERN_ADAPTER_TEST_OF(config);
  (void)help, (void)bounds, (void)bound_count;
  if (kind != POSTERN_METRIC_COUNTER || test->counter_count == POSTERN_TEST_COUNTERS) return POSTERN_BAD_ARGUMENT;
  postern_test_copy(test->counter_names[test->counter_count], 256, name);
  *out = (postern_metric)test->counter_count++;
  return POSTERN_OK;
}
static void postern_adapter_test_add(postern_config_host *config, postern_metric counter, uint64_t value) {
  if (counter < POSTERN_ADAPTER_TEST_OF(config)->counter_count)
    POSTERN_ADAPTER_TEST_OF(config)->counters[counter] += value;
}
/* Only counters are defined. */
static void postern_adapter_test_ignore(postern_config_host *config, postern_metric metric, uint64_t value) {
  (void)config, (void)metric, (void)value;
}
static void postern_adapter_test_collect(postern_config_host *config, postern_each_series each, void *user) {
  postern_adapter_test *test = POSTERN_ADAPTER_TEST_OF(config);
  for (size_t i = 0; i < test->series_count; i++) each(user, &test->series[i]);
}

static const void *postern_adapter_test_interface(uint32_t id, uint32_t minor) {
  static const postern_metrics_interface metrics = {
      .size = sizeof metrics, .define = postern_adapter_test_define, .config_add = postern_adapter_test_add,
      .config_set = postern_adapter_test_ignore, .config_observe = postern_adapter_test_ignore};
  static const postern_adapter_interface adapter = {sizeof adapter, postern_adapter_test_collect};
  if (minor > POSTERN_ABI_MINOR) return NULL;
  switch (id) {
    case POSTERN_INTERFACE_METRICS: return &metrics;
    case POSTERN_INTERFACE_ADAPTER: return &adapter;
    case POSTERN_INTERFACE_CONFIG:
    case POSTERN_INTERFACE_LOG: return postern_test_interface(id, minor);
    default: return NULL;
  }
}

/* Takes a configuration into use; host.problem_pointer and host.problem_message say what the plugin reported. */
POSTERN_TEST_UNUSED postern_status postern_adapter_test_configure(postern_adapter_test *test,
                                                                  postern_plugin_entry entry, const char *json) {
  static const postern_host host = {sizeof host, POSTERN_ABI_VERSION, 0, postern_adapter_test_interface};
  memset(test, 0, sizeof *test);
  const postern_plugin *plugin = entry(&host);
  CHECK(plugin != NULL);
  test->adapter = (const postern_adapter *)plugin->extension(plugin, POSTERN_EXTENSION_ADAPTER);
  CHECK(test->adapter != NULL && test->adapter->templates != 0);
  postern_bytes text = {(const uint8_t *)json, strlen(json)};
  return test->adapter->config_create(test->adapter, (postern_config_host *)(void *)test, text, &test->config);
}

/* The counter of that name. */
POSTERN_TEST_UNUSED uint64_t postern_adapter_test_counter(postern_adapter_test *test, const char *name) {
  for (size_t i = 0; i < test->counter_count; i++)
    if (strcmp(test->counter_names[i], name) == 0) return test->counters[i];
  return 0;
}

/* Gives the adapter records as one batch; `flags` may be POSTERN_BATCH_LAST. `outcomes`, `problem` and `retry_after_ns` say
 * what became of it. */
POSTERN_TEST_UNUSED postern_status postern_adapter_test_report(postern_adapter_test *test,
                                                               const postern_record *records, size_t count,
                                                               uint32_t flags) {
  postern_batch batch = {
      .size = sizeof batch, .records = records, .record_bytes = sizeof *records, .count = count, .flags = flags};
  postern_report_answer answer = {.size = sizeof answer};
  CHECK(count <= POSTERN_TEST_RECORDS && test->adapter->report != NULL);
  memset(test->outcomes, POSTERN_OUTCOME_DELIVERED, sizeof test->outcomes);
  postern_status status = test->adapter->report(test->config, &batch, test->outcomes, &answer);
  postern_test_copy(test->problem, sizeof test->problem, answer.problem_plug);
  test->retry_after_ns = answer.retry_after_ns;
  return status;
}

POSTERN_TEST_UNUSED void postern_adapter_test_tick(postern_adapter_test *test) {
  if (test->adapter->tick) test->adapter->tick(test->config);
}
POSTERN_TEST_UNUSED void postern_adapter_test_reopen(postern_adapter_test *test) {
  if (test->adapter->reopen) test->adapter->reopen(test->config);
}

/* `out->message_plug` lives until the next call. */
POSTERN_TEST_UNUSED postern_status postern_adapter_test_check(postern_adapter_test *test, const postern_record *record,
                                                              postern_verdict *out) {
  postern_check_request request = {.size = sizeof request, .record = record};
  CHECK(test->adapter->check != NULL);
  memset(out, 0, sizeof *out);
  out->size = sizeof *out;
  postern_status status = test->adapter->check(test->config, &request, out);
  postern_test_copy(test->problem, sizeof test->problem, out->problem_plug);
  return status;
}

/* What is granted of `amount`; `flags` may be POSTERN_QUOTA_BEST_EFFORT. `problem` says why nothing is when the adapter
 * fails. */
POSTERN_TEST_UNUSED uint64_t postern_adapter_test_quota(postern_adapter_test *test, const postern_record *record,
                                                        uint64_t amount, uint32_t flags) {
  postern_quota_request request = {.size = sizeof request, .record = record, .amount = amount, .flags = flags};
  postern_quota_grant grant = {.size = sizeof grant};
  CHECK(test->adapter->quota != NULL);
  postern_status status = test->adapter->quota(test->config, &request, &grant);
  postern_test_copy(test->problem, sizeof test->problem, grant.problem_plug);
  return status == POSTERN_OK ? grant.amount : 0;
}

/* `values` has room for the adapter's outputs. */
POSTERN_TEST_UNUSED postern_status postern_adapter_test_generate(postern_adapter_test *test,
                                                                 const postern_record *record, postern_value *values) {
  postern_generate_request request = {.size = sizeof request, .record = record};
  postern_generated made = {.size = sizeof made, .values_host = values};
  CHECK(test->adapter->generate != NULL);
  memset(values, 0, test->adapter->output_count * sizeof *values);
  postern_status status = test->adapter->generate(test->config, &request, &made);
  postern_test_copy(test->problem, sizeof test->problem, made.problem_plug);
  return status;
}

/* Gives everything back to the plugin. */
POSTERN_TEST_UNUSED void postern_adapter_test_end(postern_adapter_test *test) {
  if (test->adapter->config_destroy) test->adapter->config_destroy(test->config);
}
#endif
