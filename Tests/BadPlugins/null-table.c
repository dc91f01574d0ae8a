/* Its entry refuses every host. */
#define REFUSES_HOST
#include "plugin.h"
