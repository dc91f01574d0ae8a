/* Claims to have no Swift in it, or a runtime of its own; the test links it with the host's. */
#include "plugin.h"
