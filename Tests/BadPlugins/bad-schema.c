/* Its schema uses a keyword that the host does not know. */
#define PLUGIN_SCHEMA "{ \"tipe\": \"object\" }"
#include "plugin.h"
