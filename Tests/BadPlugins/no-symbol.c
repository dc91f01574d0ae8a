/* Exports no entry. */
#define ENTRY test_entry
#include "plugin.h"
