/* Its table says another major version. */
#define PLUGIN_VERSION (3u << 16)
#include "plugin.h"
