/* Its schema is no JSON. */
#define PLUGIN_SCHEMA "{ type: "
#include "plugin.h"
