/* Answers a request twice, and says what became of the second answer. */
#include "hooks.h"

static postern_status second;

HOOK(request_head) {
  UNUSED;
  answer(stream, 403);
  second = answer(stream, 200);
  return POSTERN_HTTP_CONTINUE; /* A hook that has answered has answered, whatever it returns. */
}

HOOK(response_head) {
  UNUSED;
  char text[16];
  snprintf(text, sizeof text, "%u", second);
  set(stream, POSTERN_SECTION_RESPONSE_HEADERS, "x-second", text);
  return POSTERN_HTTP_CONTINUE;
}

#define FILTER_HOOKS .request_head = request_head, .response_head = response_head
#include "plugin.h"
