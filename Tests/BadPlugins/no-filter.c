/* Extends nothing that this host has. */
#define NO_FILTER
#include "plugin.h"
