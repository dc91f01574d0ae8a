/* It has no schema. */
#define PLUGIN_SCHEMA NULL
#include "plugin.h"
