/* Never returns from a hook. */
#include "hooks.h"

HOOK(response_head) {
  UNUSED;
  volatile int goes_on = 1;
  while (goes_on) {
  }
  return POSTERN_HTTP_CONTINUE;
}

#define FILTER_HOOKS .response_head = response_head
#include "plugin.h"
