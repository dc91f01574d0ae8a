/* What the benchmark's filters share: a plugin with one hook on the request's head and no configuration. */
#ifndef POSTERN_BENCH_FILTER_H
#define POSTERN_BENCH_FILTER_H
#include "postern_http_filter.h"
#include <string.h>

static const postern_host *bench_host;

static postern_http_action bench_request_head(void *config, void *worker, postern_stream_host *stream, void *state,
                                              uint32_t flags);

static postern_status bench_create(const postern_http_filter *filter, postern_config_host *config,
                                   postern_bytes json, void **out);

static const postern_http_filter bench_filter = {
    .size = sizeof bench_filter,
    .config_create = bench_create,
    .request_head = bench_request_head,
};

static const void *bench_extension(const postern_plugin *plugin, uint32_t id) {
  (void)plugin;
  return id == POSTERN_EXTENSION_HTTP_FILTER ? &bench_filter : NULL;
}

#define POSTERN_BENCH_PLUGIN(plugin_name)                                                                             \
  static const postern_plugin bench_plugin = {                                                                        \
      .size = sizeof bench_plugin,                                                                                    \
      .version = POSTERN_ABI_VERSION,                                                                                 \
      .name = plugin_name,                                                                                            \
      .plugin_version = "1.0.0",                                                                                      \
      .config_schema = "{\"type\":\"object\",\"additionalProperties\":false}",                                        \
      .extension = bench_extension,                                                                                   \
  };                                                                                                                  \
  __attribute__((visibility("default"))) const postern_plugin *postern_plugin_entry_v1(const postern_host *host) {    \
    bench_host = host;                                                                                                \
    return &bench_plugin;                                                                                             \
  }
#endif
