/* Its table ends before what ABI 1.0 needs. */
#define PLUGIN_SIZE 24
#include "plugin.h"
