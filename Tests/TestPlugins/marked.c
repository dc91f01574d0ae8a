/* Says in `x-generation` which build of it a response has passed: MARK, which a test replaces in the file. */
#include "postern_http_filter.h"

#ifndef MARK
#define MARK "generation-00000"
#endif

/* Not static and not const: the compiler must read it, wherever it is used. */
char marked_text[] = MARK;
static const postern_host *marked_host;
static const postern_http_headers_interface *marked_headers;

static postern_status marked_create(const postern_http_filter *filter, postern_config_host *config, postern_bytes json,
                                    void **out) {
  (void)filter, (void)config, (void)json, (void)out;
  marked_headers = marked_host->interface(POSTERN_INTERFACE_HTTP_HEADERS, 0);
  return marked_headers ? POSTERN_OK : POSTERN_FAILURE;
}

static postern_http_action marked_response_head(void *config, void *worker, postern_stream_host *stream, void *state,
                                                uint32_t flags) {
  (void)config, (void)worker, (void)state, (void)flags;
#ifdef FAILS
  return POSTERN_HTTP_FAILED;
#endif
  postern_bytes name = {(const uint8_t *)"x-generation", 12};
  postern_bytes value = {(const uint8_t *)marked_text, sizeof marked_text - 1};
  marked_headers->add_named(stream, POSTERN_SECTION_RESPONSE_HEADERS, name, value);
  return POSTERN_HTTP_CONTINUE;
}

static const postern_http_filter marked_filter = {
    .size = sizeof marked_filter, .config_create = marked_create, .response_head = marked_response_head};

static const void *marked_extension(const postern_plugin *plugin, uint32_t id) {
  (void)plugin;
  return id == POSTERN_EXTENSION_HTTP_FILTER ? &marked_filter : NULL;
}

static const postern_plugin marked_plugin = {.size = sizeof marked_plugin,
                                             .version = POSTERN_ABI_VERSION,
                                             .name = "test",
                                             .plugin_version = "1.0.0",
                                             .config_schema = "{\"type\":\"object\",\"additionalProperties\":false}",
                                             .extension = marked_extension};

const postern_plugin *postern_plugin_entry_v1(const postern_host *host);
const postern_plugin *postern_plugin_entry_v1(const postern_host *host) {
  marked_host = host;
  return &marked_plugin;
}
