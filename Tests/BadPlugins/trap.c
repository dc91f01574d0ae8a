/* Ends the process: by a trap, as Swift's checks do, and by a stack that runs out. */
#include <stdlib.h>
#include "hooks.h"

static volatile int goes_on = 1;

static int deeper(volatile char *above) {
  volatile char here[4096];
  here[0] = above[0];
  return goes_on ? deeper(here) + here[0] : 0;
}

HOOK(request_head) {
  UNUSED;
  volatile char start[1] = {0};
  if (has_path(stream, "/overflow")) return (postern_http_action)deeper(start);
  if (has_path(stream, "/abort")) abort();
  if (has_path(stream, "/trap")) __builtin_trap();
  return POSTERN_HTTP_CONTINUE;
}

#define FILTER_HOOKS .request_head = request_head
#include "plugin.h"
