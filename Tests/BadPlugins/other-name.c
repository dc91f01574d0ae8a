/* Its name is not that of its file. */
#define PLUGIN_NAME "somebody-else"
#include "plugin.h"
