/* A filter that reads two fields and sets one, as header.lua does. */
#include "bench_filter.h"

POSTERN_BENCH_PLUGIN("bench-headers")

static const postern_http_headers_interface *headers;
static postern_header x_bench;

static postern_status bench_create(const postern_http_filter *filter, postern_config_host *config,
                                   postern_bytes json, void **out) {
  (void)filter, (void)config, (void)json;
  *out = NULL;
  headers = bench_host->interface(POSTERN_INTERFACE_HTTP_HEADERS, 0);
  if (!headers) return POSTERN_FAILURE;
  return headers->intern((postern_bytes){(const uint8_t *)"x-bench", 7}, &x_bench);
}

static postern_http_action bench_request_head(void *config, void *worker, postern_stream_host *stream, void *state,
                                              uint32_t flags) {
  (void)config, (void)worker, (void)state, (void)flags;
  postern_bytes agent = {0}, language = {0};
  headers->get(stream, POSTERN_SECTION_REQUEST_HEADERS, POSTERN_HEADER_USER_AGENT, &agent);
  headers->get(stream, POSTERN_SECTION_REQUEST_HEADERS, POSTERN_HEADER_ACCEPT_LANGUAGE, &language);
  headers->set(stream, POSTERN_SECTION_REQUEST_HEADERS, x_bench, agent.len > language.len ? agent : language);
  return POSTERN_HTTP_CONTINUE;
}
