/* Its constructor traps. */
#include "plugin.h"

__attribute__((constructor)) static void trap(void) { abort(); }
