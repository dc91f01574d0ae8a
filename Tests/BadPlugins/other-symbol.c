/* Exports the entry of another major version only. */
#define ENTRY postern_plugin_entry_v7
#include "plugin.h"
