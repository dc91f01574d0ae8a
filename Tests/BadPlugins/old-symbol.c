/* Exports the entry of version 0 of the ABI only. */
#define ENTRY postern_plugin_entry_v0
#include "plugin.h"
