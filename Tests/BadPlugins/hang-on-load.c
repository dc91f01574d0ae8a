/* Never comes back from its constructor. */
#include <unistd.h>
#include "plugin.h"

__attribute__((constructor)) static void hang(void) {
  for (;;) pause();
}
