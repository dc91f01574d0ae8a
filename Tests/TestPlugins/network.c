/* A network filter that does what the client's first line says; the rest passes. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "postern_metrics.h"
#include "postern_network_filter.h"

#define TEXT(literal) ((postern_bytes){(const uint8_t *)(literal), sizeof(literal) - 1})

static const postern_host *host;
static const postern_network_interface *network;
static const postern_waiting_interface *waiting;
static const postern_callouts_interface *callouts;
static const postern_attributes_interface *attributes;
static const postern_metrics_interface *metrics;

typedef struct config {
  postern_service other;
  postern_attribute source, name, bytes;
  postern_metric seen;
} config;

typedef struct state {
  int is_known, shouts;
} state;

static postern_status config_create(const postern_network_filter *filter, postern_config_host *place, postern_bytes json,
                                    void **out) {
  (void)filter, (void)json;
  network = host->interface(POSTERN_INTERFACE_NETWORK, 0);
  waiting = host->interface(POSTERN_INTERFACE_WAITING, 0);
  callouts = host->interface(POSTERN_INTERFACE_CALLOUTS, 0);
  attributes = host->interface(POSTERN_INTERFACE_ATTRIBUTES, 0);
  metrics = host->interface(POSTERN_INTERFACE_METRICS, 0);
  config *made = calloc(1, sizeof(config));
  *out = made;
  if (callouts->service(place, TEXT("other"), TEXT(""), &made->other)) return POSTERN_FAILURE;
  if (attributes->compile(place, TEXT("source.address"), TEXT(""), &made->source)) return POSTERN_FAILURE;
  if (attributes->compile(place, TEXT("connection.requested_server_name"), TEXT(""), &made->name)) return POSTERN_FAILURE;
  if (attributes->compile(place, TEXT("request.size"), TEXT(""), &made->bytes)) return POSTERN_FAILURE;
  return metrics->define(place, POSTERN_METRIC_COUNTER, TEXT("lines"), TEXT("Lines that were obeyed."), NULL, 0, &made->seen);
}

static void config_destroy(void *config) { free(config); }

static void wake(void *user, postern_stream_host *connection, void *state) {
  (void)user, (void)state;
  network->resume(connection, POSTERN_FROM_CLIENT);
}

static postern_network_action new_connection(void *config, void *worker, postern_stream_host *connection, void *state) {
  (void)config, (void)worker, (void)state;
  postern_bytes shown;
  /* Nothing is shown, and nobody can be written to but the client. */
  if (network->data(connection, &shown) != POSTERN_WRONG_PHASE) return POSTERN_NETWORK_FAILED;
  if (network->write(connection, POSTERN_FROM_CLIENT, TEXT("x")) != POSTERN_WRONG_PHASE) return POSTERN_NETWORK_FAILED;
  return POSTERN_NETWORK_MORE;
}

static int is(postern_bytes line, const char *text) {
  return line.len == strlen(text) && memcmp(line.ptr, text, line.len) == 0;
}

static postern_network_action obey(config *config, postern_stream_host *connection, state *state, postern_bytes line,
                                   postern_bytes rest) {
  postern_bytes value;
  metrics->add(connection, config->seen, 1);
  if (is(line, "close")) return POSTERN_NETWORK_CLOSE;
  if (is(line, "fail")) return 99;
  network->replace_data(connection, rest);
  if (is(line, "pause")) {
    postern_waiter waiter = {.size = sizeof waiter, .stream = connection};
    waiting->set_timer(&waiter, 50000000, wake, NULL);
    return POSTERN_NETWORK_PAUSE;
  }
  if (is(line, "shout")) state->shouts = 1;
  if (is(line, "greet")) network->write(connection, POSTERN_FROM_SERVICE, TEXT("greetings\n"));
  if (is(line, "other") && network->choose_service(connection, config->other)) return POSTERN_NETWORK_FAILED;
  if (is(line, "source") && !attributes->bytes(connection, config->source, &value))
    network->write(connection, POSTERN_FROM_SERVICE, value);
  if (is(line, "name") && attributes->bytes(connection, config->name, &value) == POSTERN_NOT_FOUND)
    network->write(connection, POSTERN_FROM_SERVICE, TEXT("none"));
  if (is(line, "bye")) network->close(connection, TEXT("said_bye"));
  return POSTERN_NETWORK_CONTINUE;
}

static postern_network_action data(void *config, void *worker, postern_stream_host *connection, void *memory,
                                   postern_direction direction, uint32_t flags) {
  (void)worker;
  state *state = memory;
  postern_bytes shown;
  if (network->data(connection, &shown)) return POSTERN_NETWORK_FAILED;
  if (direction == POSTERN_FROM_SERVICE) {
    if (!state->shouts) return POSTERN_NETWORK_CONTINUE;
    uint8_t *copy = malloc(shown.len + 1);
    for (size_t index = 0; index < shown.len; index++) copy[index] = (uint8_t)toupper(shown.ptr[index]);
    network->replace_data(connection, (postern_bytes){copy, shown.len});
    free(copy);
    return POSTERN_NETWORK_CONTINUE;
  }
  if (state->is_known) return POSTERN_NETWORK_CONTINUE;
  const uint8_t *end = shown.len ? memchr(shown.ptr, '\n', shown.len) : NULL;
  if (!end) return flags & POSTERN_END_OF_STREAM ? POSTERN_NETWORK_CLOSE : POSTERN_NETWORK_MORE;
  state->is_known = 1;
  size_t length = (size_t)(end - shown.ptr);
  return obey(config, connection, state, (postern_bytes){shown.ptr, length},
              (postern_bytes){end + 1, shown.len - length - 1});
}

static const postern_network_filter filter = {.size = sizeof filter,
                                              .connection_state_bytes = sizeof(state),
                                              .config_create = config_create,
                                              .config_destroy = config_destroy,
                                              .new_connection = new_connection,
                                              .data = data};

static const void *extension(const postern_plugin *plugin, uint32_t id) {
  (void)plugin;
  return id == POSTERN_EXTENSION_NETWORK_FILTER ? &filter : NULL;
}

static const postern_plugin plugin = {.size = sizeof plugin,
                                      .version = POSTERN_ABI_VERSION,
                                      .name = "test",
                                      .plugin_version = "1.0.0",
                                      .config_schema = "{\"type\":\"object\",\"additionalProperties\":false}",
                                      .extension = extension};

const postern_plugin *postern_plugin_entry_v1(const postern_host *given);
const postern_plugin *postern_plugin_entry_v1(const postern_host *given) {
  host = given;
  return &plugin;
}
