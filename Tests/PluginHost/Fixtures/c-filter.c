/* A C filter that does what the request's path says; the tests look at what the host made of it. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "postern_http_filter.h"
#include "postern_metrics.h"

#ifndef GENERATION
#define GENERATION "1"
#endif
#define REQUEST POSTERN_SECTION_REQUEST_HEADERS
#define TEXT(literal) ((postern_bytes){(const uint8_t *)(literal), sizeof(literal) - 1})

static const postern_http_headers_interface *headers;
static const postern_http_stream_interface *streams;
static const postern_stream_interface *any_streams;
static const postern_attributes_interface *attributes;
static const postern_metrics_interface *metrics;
static const postern_log_interface *logs;

/* Live objects of each kind, and posted work that ran and was released, for tests of lifetimes. */
int live_configs, live_workers, live_streams, ran, released;

typedef struct config {
  postern_config_host *host;
  postern_header generation, tag;
  postern_attribute user, code;
  postern_metric seen, size;
} config;

typedef struct state {
  uint32_t is_open;
  uint32_t body_bytes;
} state;

static postern_stream_host *stashed;

static int is(postern_bytes bytes, const char *text) {
  return bytes.len == strlen(text) && memcmp(bytes.ptr, text, bytes.len) == 0;
}

static postern_status config_create(const postern_http_filter *filter, postern_config_host *host, postern_bytes json,
                                    void **out) {
  (void)filter, (void)json;
  config *made = calloc(1, sizeof(config));
  made->host = host;
  if (headers->intern(TEXT("X-Generation"), &made->generation) || headers->intern(TEXT("x-tag"), &made->tag) ||
      attributes->compile(host, TEXT("request.headers['x-user']"), TEXT("/by"), &made->user) ||
      attributes->compile(host, TEXT("response.code"), TEXT(""), &made->code) ||
      metrics->define(host, POSTERN_METRIC_COUNTER, TEXT("seen_total"), TEXT("Seen."), NULL, 0, &made->seen) ||
      metrics->define(host, POSTERN_METRIC_HISTOGRAM, TEXT("size_bytes"), TEXT("Sizes."), (const double[]){1, 10}, 2,
                      &made->size)) {
    free(made);
    return POSTERN_FAILURE;
  }
  live_configs++;
  *out = made;
  return POSTERN_OK;
}

static void config_destroy(void *config) {
  live_configs--;
  free(config);
}

static postern_status worker_create(void *config, postern_worker_host *worker, uint32_t index, void **out) {
  (void)worker;
  (void)config, (void)index;
  live_workers++;
  *out = malloc(1);
  return POSTERN_OK;
}

static void worker_destroy(void *config, void *worker) {
  (void)config;
  live_workers--;
  free(worker);
}

static void stream_open(void *config, void *worker, postern_stream_host *stream, void *memory) {
  (void)config, (void)worker, (void)stream;
  ((state *)memory)->is_open = 1;
  live_streams++;
}

static void stream_close(void *config, void *worker, postern_stream_host *stream, void *memory) {
  (void)config, (void)worker, (void)stream;
  ((state *)memory)->is_open = 0;
  live_streams--;
}

static void posted(void *user, postern_stream_host *stream, void *memory) {
  (void)user;
  ran++;
  headers->set_named(stream, REQUEST, TEXT("x-posted"), ((state *)memory)->is_open ? TEXT("yes") : TEXT("no"));
  streams->resume(stream, POSTERN_FROM_CLIENT);
}

static void release(void *user) {
  (void)user;
  __atomic_add_fetch(&released, 1, __ATOMIC_SEQ_CST);
}

static void *post_from_thread(void *id) {
  any_streams->post((uint64_t)(uintptr_t)id, posted, NULL, release);
  return NULL;
}

static postern_http_action request_head(void *config_plug, void *worker, postern_stream_host *stream, void *memory,
                                        uint32_t flags) {
  config *self = config_plug;
  postern_bytes path = {0}, value = {0};
  (void)worker, (void)memory, (void)flags;
  metrics->add(stream, self->seen, 2);
  headers->get(stream, REQUEST, POSTERN_PSEUDO_PATH, &path);
  headers->set(stream, REQUEST, self->generation, TEXT(GENERATION));
  if (is(path, "/fields")) {
    headers->add(stream, REQUEST, self->tag, TEXT("a"));
    headers->add(stream, REQUEST, self->tag, TEXT("b"));
    if (headers->get(stream, REQUEST, self->tag, &value) || !is(value, "a")) return POSTERN_HTTP_FAILED;
    headers->set(stream, REQUEST, self->tag, TEXT("c"));
    headers->remove(stream, REQUEST, POSTERN_HEADER_COOKIE);
    headers->set(stream, REQUEST, POSTERN_PSEUDO_PATH, TEXT("/changed"));
    return headers->count(stream, REQUEST) == 2 ? POSTERN_HTTP_CONTINUE : POSTERN_HTTP_FAILED;
  }
  if (is(path, "/split")) {
    postern_status status = headers->set_named(stream, REQUEST, TEXT("x-bad"), TEXT("a\r\nb: c"));
    return status == POSTERN_BAD_ARGUMENT ? POSTERN_HTTP_CONTINUE : POSTERN_HTTP_FAILED;
  }
  if (is(path, "/attribute")) {
    if (attributes->bytes(stream, self->user, &value) != POSTERN_OK) return POSTERN_HTTP_FAILED;
    headers->set(stream, REQUEST, self->tag, value);
    return attributes->bytes(stream, 99, &value) == POSTERN_NOT_FOUND ? POSTERN_HTTP_CONTINUE : POSTERN_HTTP_FAILED;
  }
  if (is(path, "/post")) {
    pthread_t thread;
    uint64_t id = any_streams->id(stream);
    if (id == 0 || any_streams->id(stream) != id) return POSTERN_HTTP_FAILED;
    pthread_create(&thread, NULL, post_from_thread, (void *)(uintptr_t)id);
    pthread_join(thread, NULL);
    return POSTERN_HTTP_PAUSE;
  }
  if (is(path, "/respond")) {
    postern_field field = {.name = TEXT("x-a"), .value = TEXT("1")};
    postern_local_response response = {.size = sizeof response, .status = 418, .fields = &field, .field_count = 1,
                                       .body = TEXT("tea"), .details = TEXT("test")};
    return streams->respond(stream, &response) == POSTERN_OK ? POSTERN_HTTP_CONTINUE : POSTERN_HTTP_FAILED;
  }
  if (is(path, "/respond-badly")) {
    postern_local_response response = {.size = sizeof response, .status = 99};
    return streams->respond(stream, &response) == POSTERN_BAD_ARGUMENT ? POSTERN_HTTP_CONTINUE : POSTERN_HTTP_FAILED;
  }
  if (is(path, "/responded")) return POSTERN_HTTP_RESPONDED;
  if (is(path, "/unknown")) return 1234;
  if (is(path, "/buffer")) return POSTERN_HTTP_BUFFER;
  if (is(path, "/log")) logs->write(self->host, POSTERN_LOG_WARNING, TEXT("from C"));
  if (is(path, "/body-in-head"))
    return streams->body(stream, &value) == POSTERN_WRONG_PHASE ? POSTERN_HTTP_CONTINUE : POSTERN_HTTP_FAILED;
  if (is(path, "/stash")) stashed = stream;
  if (is(path, "/use-stash"))
    return headers->get(stashed, REQUEST, self->tag, &value) == POSTERN_WRONG_PHASE ? POSTERN_HTTP_CONTINUE
                                                                                                 : POSTERN_HTTP_FAILED;
  return POSTERN_HTTP_CONTINUE;
}

static postern_http_action request_body(void *config_plug, void *worker, postern_stream_host *stream, void *memory,
                                        uint32_t flags) {
  postern_bytes body = {0};
  uint8_t upper[64];
  (void)worker;
  if (streams->body(stream, &body) != POSTERN_OK || body.len > sizeof upper) return POSTERN_HTTP_FAILED;
  ((state *)memory)->body_bytes += (uint32_t)body.len;
  metrics->observe(stream, ((config *)config_plug)->size, ((state *)memory)->body_bytes);
  for (size_t i = 0; i < body.len; i++) upper[i] = body.ptr[i] & 0xDF;
  streams->replace_body(stream, (postern_bytes){upper, body.len});
  return flags & POSTERN_END_OF_STREAM ? POSTERN_HTTP_CONTINUE : POSTERN_HTTP_BUFFER; /* not allowed here */
}

static postern_http_action response_head(void *config_plug, void *worker, postern_stream_host *stream, void *memory,
                                         uint32_t flags) {
  int64_t code = 0;
  (void)worker, (void)memory, (void)flags;
  if (attributes->integer(stream, ((config *)config_plug)->code, &code) != POSTERN_OK) return POSTERN_HTTP_FAILED;
  if (headers->status(stream) != (uint32_t)code) return POSTERN_HTTP_FAILED;
  return headers->set_status(stream, 299) == POSTERN_OK ? POSTERN_HTTP_CONTINUE : POSTERN_HTTP_FAILED;
}

static const postern_http_filter filter = {.size = sizeof filter,
                                           .stream_state_bytes = sizeof(state),
                                           .config_create = config_create,
                                           .config_destroy = config_destroy,
                                           .worker_create = worker_create,
                                           .worker_destroy = worker_destroy,
                                           .stream_open = stream_open,
                                           .stream_close = stream_close,
                                           .request_head = request_head,
                                           .request_body = request_body,
                                           .response_head = response_head};

static const void *extension(const postern_plugin *plugin, uint32_t id) {
  (void)plugin;
  return id == POSTERN_EXTENSION_HTTP_FILTER ? &filter : NULL;
}

static const postern_plugin plugin = {.size = sizeof plugin,
                                      .version = POSTERN_ABI_VERSION,
                                      .name = "test",
                                      .plugin_version = GENERATION ".0",
                                      .config_schema = "{ \"type\": \"object\" }",
                                      .extension = extension};

const postern_plugin *postern_plugin_entry_v1(const postern_host *host);
const postern_plugin *postern_plugin_entry_v1(const postern_host *host) {
  headers = host->interface(POSTERN_INTERFACE_HTTP_HEADERS, 0);
  streams = host->interface(POSTERN_INTERFACE_HTTP_STREAM, 0);
  any_streams = host->interface(POSTERN_INTERFACE_STREAM, 0);
  attributes = host->interface(POSTERN_INTERFACE_ATTRIBUTES, 0);
  metrics = host->interface(POSTERN_INTERFACE_METRICS, 0);
  logs = host->interface(POSTERN_INTERFACE_LOG, 0);
  if (host->interface(POSTERN_INTERFACE_LOG, 9000) || host->interface(9000, 0)) return NULL;
  return headers && streams && any_streams && attributes && metrics && logs ? &plugin : NULL;
}
