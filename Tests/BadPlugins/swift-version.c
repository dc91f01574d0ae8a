/* Built with a Swift that is not the host's. */
#define PLUGIN_SWIFT 50900
#include "plugin.h"
