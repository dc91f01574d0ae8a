/* Changes heads that have left: the request's in a response, the response's in its body. */
#include "hooks.h"

static postern_status in_head, in_body;

HOOK(response_head) {
  UNUSED;
  SERVICE(postern_http_stream_interface, POSTERN_INTERFACE_HTTP_STREAM);
  service->will_change_body(stream, POSTERN_FROM_SERVICE);
  in_head = set(stream, POSTERN_SECTION_REQUEST_HEADERS, "x-late", "1");
  set(stream, POSTERN_SECTION_RESPONSE_HEADERS, "x-early", "1");
  return POSTERN_HTTP_CONTINUE;
}

HOOK(response_body) {
  UNUSED;
  SERVICE(postern_http_stream_interface, POSTERN_INTERFACE_HTTP_STREAM);
  in_body = set(stream, POSTERN_SECTION_RESPONSE_HEADERS, "x-late", "1");
  char text[64];
  snprintf(text, sizeof text, "request %u, response %u", in_head, in_body);
  service->replace_body(stream, bytes(text));
  return POSTERN_HTTP_CONTINUE;
}

#define FILTER_HOOKS .response_head = response_head, .response_body = response_body
#include "plugin.h"
