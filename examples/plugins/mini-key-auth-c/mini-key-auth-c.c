#include <stdlib.h>
#include <string.h>
#include "postern_http_filter.h"

#define TEXT(literal) ((postern_bytes){(const uint8_t *)(literal), sizeof(literal) - 1})
static const postern_http_headers_interface *headers;
static const postern_http_stream_interface *streams;

/* The configuration's JSON, whose keys are looked for in place: "alice:a-secret", … */
typedef struct config {
  postern_header consumer;
  size_t len;
  uint8_t json[];
} config;

static postern_status config_create(const postern_http_filter *filter, postern_config_host *host, postern_bytes json,
                                    void **out) {
  config *made = calloc(1, sizeof *made + json.len);
  if (made == NULL || headers->intern(TEXT("x-consumer"), &made->consumer)) return free(made), POSTERN_FAILURE;
  memcpy(made->json, json.ptr, made->len = json.len);
  return *out = made, POSTERN_OK;
}

static void config_destroy(void *made) { free(made); }

static postern_http_action request_head(void *made, void *worker, postern_stream_host *stream, void *state,
                                        uint32_t flags) {
  const config *self = made;
  postern_bytes key = {NULL, 0};
  headers->get(stream, POSTERN_SECTION_REQUEST_HEADERS, POSTERN_HEADER_X_API_KEY, &key);
  if (key.len > 0 && memchr(key.ptr, '"', key.len)) key.len = 0; /* No key has one: the schema's pattern. */
  for (size_t i = 0, colon = 0, quote = 0; i + 1 + key.len < self->len && key.len > 0; i++) {
    if (self->json[i] == '"') quote = i;
    if (self->json[i] == ':') colon = i;
    if (colon != i || colon < quote || self->json[i + 1 + key.len] != '"') continue;
    if (memcmp(self->json + i + 1, key.ptr, key.len) != 0) continue;
    headers->remove(stream, POSTERN_SECTION_REQUEST_HEADERS, POSTERN_HEADER_X_API_KEY);
    postern_bytes name = {self->json + quote + 1, colon - quote - 1};
    postern_status status = headers->set(stream, POSTERN_SECTION_REQUEST_HEADERS, self->consumer, name);
    return status == POSTERN_OK ? POSTERN_HTTP_CONTINUE : POSTERN_HTTP_FAILED;
  }
  postern_local_response answer = {.size = sizeof answer, .status = 401, .body = TEXT("an API key is needed\n"),
                                   .details = TEXT("no_key")};
  return streams->respond(stream, &answer) ? POSTERN_HTTP_FAILED : POSTERN_HTTP_RESPONDED;
}

static const postern_http_filter filter = {.size = sizeof filter, .config_create = config_create,
                                           .config_destroy = config_destroy, .request_head = request_head};
static const void *extension(const postern_plugin *plugin, uint32_t id) { return id == 1 ? &filter : NULL; }
static const postern_plugin plugin = {
    .size = sizeof plugin, .version = POSTERN_ABI_VERSION, .name = "mini-key-auth-c", .plugin_version = "1.0.0",
    .config_schema = "{\"type\":\"object\",\"required\":[\"keys\"],\"properties\":{\"keys\":{\"type\":\"array\",\"items\":"
                     "{\"type\":\"string\",\"writeOnly\":true,\"pattern\":\"^[a-z]+:[A-Za-z0-9-]+$\"}}}}",
    .extension = extension};
const postern_plugin *postern_plugin_entry_v1(const postern_host *host) {
  headers = host->interface(POSTERN_INTERFACE_HTTP_HEADERS, 0);
  streams = host->interface(POSTERN_INTERFACE_HTTP_STREAM, 0);
  return headers && streams ? &plugin : NULL;
}
