/* Stops a request, a response, or the body of one, and never goes on. */
#include "hooks.h"

HOOK(request_head) {
  UNUSED;
  return has_path(stream, "/request") ? POSTERN_HTTP_PAUSE : POSTERN_HTTP_CONTINUE;
}

HOOK(response_head) {
  UNUSED;
  return has_path(stream, "/response") ? POSTERN_HTTP_PAUSE : POSTERN_HTTP_CONTINUE;
}

HOOK(response_body) {
  UNUSED;
  return has_path(stream, "/body") ? POSTERN_HTTP_PAUSE : POSTERN_HTTP_CONTINUE;
}

#define FILTER_HOOKS .request_head = request_head, .response_head = response_head, .response_body = response_body
#include "plugin.h"
