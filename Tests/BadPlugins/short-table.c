/* Its table ends before what ABI 0.1 needs. */
#define PLUGIN_SIZE 24
#include "plugin.h"
