/* A C filter that waits for what the request's path says; the tests look at what the host made of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include "postern_async.h"
#include "postern_http_filter.h"
#include "postern_store.h"

#define REQUEST POSTERN_SECTION_REQUEST_HEADERS
#define TEXT(literal) ((postern_bytes){(const uint8_t *)(literal), sizeof(literal) - 1})

static const postern_http_headers_interface *headers;
static const postern_http_stream_interface *streams;
static const postern_callouts_interface *callouts;
static const postern_waiting_interface *waiting;
static const postern_store_interface *stores;
static const postern_metadata_interface *metadata;

/* Callbacks that ran and what was released, for tests of lifetimes. */
int called, released, worker_ticks, ready_events;

typedef struct config {
  postern_service service;
  postern_store store;
} config;

static void release(void *user) {
  (void)user;
  released++;
}

static int is(postern_bytes bytes, const char *text) {
  return bytes.len == strlen(text) && memcmp(bytes.ptr, text, bytes.len) == 0;
}

static void set(postern_stream_host *stream, postern_bytes name, const char *value) {
  headers->set_named(stream, REQUEST, name, (postern_bytes){(const uint8_t *)value, strlen(value)});
}

static postern_status config_create(const postern_http_filter *filter, postern_config_host *host, postern_bytes json,
                                    void **out) {
  (void)filter, (void)json;
  config *made = calloc(1, sizeof(config));
  if (callouts->service(host, TEXT("auth"), TEXT("/service"), &made->service) || stores->open(host, TEXT(""), &made->store))
    return POSTERN_FAILURE;
  *out = made;
  return POSTERN_OK;
}

static void config_destroy(void *config) { free(config); }

static void tick(void *user, postern_stream_host *stream, void *state) {
  (void)user, (void)state;
  worker_ticks += stream == NULL ? 1 : 100;
}

static void ready(void *user, postern_descriptor_events events) {
  (void)user;
  ready_events |= (int)events;
}

static postern_status worker_create(void *config, postern_worker_host *worker, uint32_t index, void **out) {
  (void)config, (void)index;
  *out = worker;
  postern_waiter waiter = {.size = sizeof waiter, .worker = worker, .release = release};
  postern_status status = waiting->set_timer(&waiter, 1000, tick, NULL);
  return status ? status : waiting->watch(&waiter, eventfd(0, EFD_CLOEXEC), ready, NULL);
}

static void answered(void *user, postern_stream_host *stream, void *state, const postern_callout_result *result) {
  (void)state;
  called++;
  char text[64];
  snprintf(text, sizeof text, "%u %u %.*s %zu", result->failure, result->status, (int)result->body.len,
           (const char *)result->body.ptr, result->field_count);
  set(stream, TEXT("x-answer"), text);
  if (result->status == 403) {
    postern_local_response response = {
        .size = sizeof response, .status = 403, .body = result->body, .details = TEXT("denied")};
    streams->respond(stream, &response);
  } else {
    streams->resume(stream, POSTERN_FROM_CLIENT);
  }
  (void)user;
}

static void woken(void *user, postern_stream_host *stream, void *state) {
  (void)state;
  called++;
  set(stream, TEXT("x-woken"), user ? (const char *)user : "timer");
  streams->resume(stream, POSTERN_FROM_CLIENT);
}

static void hash(void *user) { strcpy(user, "hashed"); }

static postern_http_action request_head(void *config_plug, void *worker, postern_stream_host *stream, void *state,
                                        uint32_t flags) {
  (void)worker, (void)state, (void)flags;
  config *config = config_plug;
  postern_waiter waiter = {.size = sizeof waiter, .stream = stream, .release = release};
  postern_bytes path, value;
  postern_pending pending;
  headers->get(stream, REQUEST, POSTERN_PSEUDO_PATH, &path);
  if (is(path, "/callout") || is(path, "/cancel")) {
    postern_field field = {.name = TEXT("x-asked"), .value = TEXT("yes")};
    postern_callout callout = {.size = sizeof callout, .service = config->service, .method = TEXT("POST"),
                               .path = TEXT("/check"), .fields = &field, .field_count = 1, .body = TEXT("who"),
                               .timeout_ns = 1000000000};
    if (callouts->call(&waiter, &callout, answered, &pending)) return POSTERN_HTTP_FAILED;
    if (!is(path, "/cancel")) return POSTERN_HTTP_PAUSE;
    waiting->cancel(&waiter, pending);
    return POSTERN_HTTP_CONTINUE;
  }
  if (is(path, "/bad-callout")) {
    postern_callout callout = {.size = sizeof callout, .service = config->service, .method = TEXT("G T"),
                               .path = TEXT("/check"), .timeout_ns = 1};
    return callouts->call(&waiter, &callout, answered, NULL) == POSTERN_BAD_ARGUMENT ? POSTERN_HTTP_CONTINUE
                                                                                     : POSTERN_HTTP_FAILED;
  }
  if (is(path, "/both")) {
    waiter.worker = worker;
    return waiting->set_timer(&waiter, 1, woken, NULL) == POSTERN_BAD_ARGUMENT ? POSTERN_HTTP_CONTINUE
                                                                               : POSTERN_HTTP_FAILED;
  }
  if (is(path, "/timer"))
    return waiting->set_timer(&waiter, 5000000, woken, NULL) ? POSTERN_HTTP_FAILED : POSTERN_HTTP_PAUSE;
  if (is(path, "/offload")) {
    static char word[16];
    waiter.user_plug = word;
    return waiting->offload(&waiter, hash, woken) ? POSTERN_HTTP_FAILED : POSTERN_HTTP_PAUSE;
  }
  if (is(path, "/store")) {
    int64_t sum = 0;
    char text[32];
    stores->increment(stream, config->store, TEXT("n"), 2, 0, &sum);
    snprintf(text, sizeof text, "%lld", (long long)sum);
    set(stream, TEXT("x-sum"), text);
    postern_bytes two = TEXT("2"), other = TEXT("other");
    if (stores->compare_and_set(stream, config->store, TEXT("n"), &other, TEXT("9"), 0) != POSTERN_NOT_FOUND ||
        stores->compare_and_set(stream, config->store, TEXT("n"), &two, TEXT("9"), 0) != POSTERN_OK ||
        stores->get(stream, config->store, TEXT("n"), &value) != POSTERN_OK || !is(value, "9") ||
        stores->remove(stream, config->store, TEXT("n")) || stores->get(stream, config->store, TEXT("n"), &value) != POSTERN_NOT_FOUND)
      return POSTERN_HTTP_FAILED;
    return POSTERN_HTTP_CONTINUE;
  }
  if (is(path, "/metadata")) {
    if (metadata->set_json(stream, TEXT("async"), TEXT("who"), TEXT("{\"b\": [1, true, null], \"a\": \"x\"}")) ||
        metadata->set_json(stream, TEXT("async"), TEXT("bad"), TEXT("{")) != POSTERN_BAD_ARGUMENT ||
        metadata->set_text(stream, TEXT("async"), TEXT("user"), TEXT("jason")) ||
        metadata->get_json(stream, TEXT("async"), TEXT("who"), &value))
      return POSTERN_HTTP_FAILED;
    headers->set_named(stream, REQUEST, TEXT("x-json"), value);
    return POSTERN_HTTP_CONTINUE;
  }
  return POSTERN_HTTP_CONTINUE;
}

static const postern_http_filter filter = {.size = sizeof filter,
                                           .config_create = config_create,
                                           .config_destroy = config_destroy,
                                           .worker_create = worker_create,
                                           .request_head = request_head};

static const void *extension(const postern_plugin *plugin, uint32_t id) {
  (void)plugin;
  return id == POSTERN_EXTENSION_HTTP_FILTER ? &filter : NULL;
}

static const postern_plugin plugin = {.size = sizeof plugin,
                                      .version = POSTERN_ABI_VERSION,
                                      .name = "test",
                                      .plugin_version = "1",
                                      .config_schema = "{\"type\": \"object\"}",
                                      .extension = extension};

const postern_plugin *postern_plugin_entry_v1(const postern_host *host) {
  headers = host->interface(POSTERN_INTERFACE_HTTP_HEADERS, 0);
  streams = host->interface(POSTERN_INTERFACE_HTTP_STREAM, 0);
  callouts = host->interface(POSTERN_INTERFACE_CALLOUTS, 0);
  waiting = host->interface(POSTERN_INTERFACE_WAITING, 0);
  stores = host->interface(POSTERN_INTERFACE_STORE, 0);
  metadata = host->interface(POSTERN_INTERFACE_METADATA, 0);
  return headers && streams && callouts && waiting && stores && metadata ? &plugin : NULL;
}
