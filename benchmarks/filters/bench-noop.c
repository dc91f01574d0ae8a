/* A filter that does nothing: what one hook costs. */
#include "bench_filter.h"

POSTERN_BENCH_PLUGIN("bench-noop")

static postern_status bench_create(const postern_http_filter *filter, postern_config_host *config,
                                   postern_bytes json, void **out) {
  (void)filter, (void)config, (void)json;
  *out = NULL;
  return POSTERN_OK;
}

static postern_http_action bench_request_head(void *config, void *worker, postern_stream_host *stream, void *state,
                                              uint32_t flags) {
  (void)config, (void)worker, (void)stream, (void)state, (void)flags;
  return POSTERN_HTTP_CONTINUE;
}
