/* Its name is no plugin name. */
#define PLUGIN_NAME "Not A Name"
#include "plugin.h"
