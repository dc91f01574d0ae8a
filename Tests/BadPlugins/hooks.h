/* For plugins that are wrong while they run: what their hooks need. They include plugin.h at their end. */
#include <stdio.h>
#include <string.h>
#include "postern_async.h"
#include "postern_http_filter.h"

static const postern_host *test_host;

#define HOOK(name) \
  static postern_http_action name(void *config, void *worker, postern_stream_host *stream, void *state, uint32_t flags)
#define UNUSED (void)config, (void)worker, (void)stream, (void)state, (void)flags
#define SERVICE(type, id) const type *service = test_host->interface(id, 0)

static inline postern_bytes bytes(const char *text) { return (postern_bytes){(const uint8_t *)text, strlen(text)}; }

static inline int has_path(postern_stream_host *stream, const char *path) {
  SERVICE(postern_http_headers_interface, POSTERN_INTERFACE_HTTP_HEADERS);
  postern_bytes found;
  if (service->get(stream, POSTERN_SECTION_REQUEST_HEADERS, POSTERN_PSEUDO_PATH, &found) != POSTERN_OK) return 0;
  return found.len == strlen(path) && memcmp(found.ptr, path, found.len) == 0;
}

static inline postern_status set(postern_stream_host *stream, postern_section section, const char *name,
                                 const char *value) {
  SERVICE(postern_http_headers_interface, POSTERN_INTERFACE_HTTP_HEADERS);
  return service->set_named(stream, section, bytes(name), bytes(value));
}

static inline postern_status answer(postern_stream_host *stream, uint32_t status) {
  SERVICE(postern_http_stream_interface, POSTERN_INTERFACE_HTTP_STREAM);
  postern_local_response response = {.size = sizeof response, .status = status, .details = bytes("bad_plugin")};
  return service->respond(stream, &response);
}
