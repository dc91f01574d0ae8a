/* A C adapter that does what the records' text says; the tests look at what the host made of it. */
#include <stdlib.h>
#include <string.h>
#include "postern_adapter.h"

#define TEXT(literal) ((postern_bytes){(const uint8_t *)(literal), sizeof(literal) - 1})

static const postern_metrics_interface *metrics;
static const postern_adapter_interface *adapters;

typedef struct handler {
  postern_config_host *host;
  postern_metric asked, level, sizes;
} handler;

static postern_status config_create(const postern_adapter *adapter, postern_config_host *host, postern_bytes json,
                                    void **out) {
  (void)adapter, (void)json;
  handler *made = calloc(1, sizeof *made);
  made->host = host;
  const double bounds[] = {1, 10}, fraction[] = {0.5};
  if (metrics->define(host, POSTERN_METRIC_COUNTER, TEXT("asked_total"), TEXT("Asked."), NULL, 0, &made->asked) ||
      metrics->define(host, POSTERN_METRIC_GAUGE, TEXT("level"), TEXT("Level."), NULL, 0, &made->level) ||
      metrics->define(host, POSTERN_METRIC_HISTOGRAM, TEXT("sizes"), TEXT("Sizes."), bounds, 2, &made->sizes) ||
      metrics->define(host, POSTERN_METRIC_HISTOGRAM, TEXT("parts"), TEXT("Parts."), fraction, 1, &made->sizes) !=
          POSTERN_BAD_ARGUMENT ||
      metrics->define(host, POSTERN_METRIC_NONE, TEXT("none"), TEXT("None."), NULL, 0, &made->level) !=
          POSTERN_BAD_ARGUMENT) {
    free(made);
    return POSTERN_FAILURE;
  }
  *out = made;
  return POSTERN_OK;
}

static void config_destroy(void *made) { free(made); }

static int says(const postern_record *record, const char *text) {
  const postern_value *value = &record->values[0];
  return value->type == POSTERN_VALUE_STRING && value->bytes.len == strlen(text) &&
         memcmp(value->bytes.ptr, text, value->bytes.len) == 0;
}

/* Records called "again" and "refuse" are; one called "busy" fails the whole. */
static postern_status report(void *made, const postern_batch *batch, postern_outcome *outcomes,
                             postern_report_answer *answer) {
  handler *self = made;
  for (size_t i = 0; i < batch->count; i++) {
    const postern_record *record = (const void *)((const char *)batch->records + i * batch->record_bytes);
    if (says(record, "busy")) {
      answer->problem_plug = TEXT("too many requests");
      answer->retry_after_ns = 7000000000;
      return POSTERN_FAILURE;
    }
    if (says(record, "again")) outcomes[i] = POSTERN_OUTCOME_AGAIN;
    if (says(record, "refuse")) outcomes[i] = POSTERN_OUTCOME_REFUSED;
    metrics->config_add(self->host, self->asked, 1);
  }
  metrics->config_set(self->host, self->level, batch->flags & POSTERN_BATCH_LAST ? 0 : batch->count);
  metrics->config_observe(self->host, self->sizes, batch->count);
  return POSTERN_OK;
}

static postern_status check(void *made, const postern_check_request *request, postern_verdict *out) {
  (void)made;
  if (says(request->record, "fail")) {
    out->problem_plug = TEXT("no idea");
    return POSTERN_FAILURE;
  }
  if (says(request->record, "deny")) {
    out->code = 7;
    out->message_plug = TEXT("not you");
    return POSTERN_OK;
  }
  out->valid_ns = request->deadline_ns;
  out->valid_uses = (uint32_t)request->record->shape->column_count;
  return POSTERN_OK;
}

static postern_status quota(void *made, const postern_quota_request *request, postern_quota_grant *out) {
  (void)made;
  if (request->record->shape->template_id != POSTERN_TEMPLATE_QUOTA) return POSTERN_FAILURE;
  out->amount = request->flags & POSTERN_QUOTA_BEST_EFFORT ? request->amount / 2 : request->amount;
  out->valid_ns = request->deduplication_id;
  return POSTERN_OK;
}

static postern_status generate(void *made, const postern_generate_request *request, postern_generated *out) {
  (void)made;
  out->values_host[0] = request->record->values[0];
  out->values_host[1].type = POSTERN_VALUE_DOUBLE;
  out->values_host[1].number = 0.5;
  return POSTERN_OK;
}

/* As a later version might have them: longer than this one's. */
static const struct later_column {
  postern_column column;
  uint64_t more;
} outputs[] = {{{{(const uint8_t *)"same", 4}, POSTERN_VALUE_STRING, 0}, 1},
               {{{(const uint8_t *)"half", 4}, POSTERN_VALUE_DOUBLE, 0}, 2}};

static const postern_adapter adapter = {
    .size = sizeof adapter,
    .templates = POSTERN_TEMPLATE_BIT(POSTERN_TEMPLATE_LOGENTRY) | POSTERN_TEMPLATE_BIT(POSTERN_TEMPLATE_LISTENTRY) |
                 POSTERN_TEMPLATE_BIT(POSTERN_TEMPLATE_QUOTA) | POSTERN_TEMPLATE_BIT(POSTERN_TEMPLATE_ATTRIBUTES) |
                 POSTERN_TEMPLATE_BIT(63),
    .flags = POSTERN_ADAPTER_BLOCKING | 1u << 31,
    .config_create = config_create,
    .config_destroy = config_destroy,
    .report = report,
    .check = check,
    .quota = quota,
    .generate = generate,
    .outputs = &outputs[0].column,
    .output_bytes = sizeof *outputs,
    .output_count = 2,
};

static const void *extension(const postern_plugin *plugin, uint32_t id) {
  (void)plugin;
  return id == POSTERN_EXTENSION_ADAPTER ? &adapter : NULL;
}

static const postern_plugin plugin = {.size = sizeof plugin,
                                      .version = POSTERN_ABI_VERSION,
                                      .name = "test",
                                      .plugin_version = "1.0",
                                      .config_schema = "{ \"type\": \"object\" }",
                                      .extension = extension};

const postern_plugin *postern_plugin_entry_v1(const postern_host *host);
const postern_plugin *postern_plugin_entry_v1(const postern_host *host) {
  metrics = host->interface(POSTERN_INTERFACE_METRICS, 0);
  adapters = host->interface(POSTERN_INTERFACE_ADAPTER, 0);
  return metrics && adapters ? &plugin : NULL;
}
