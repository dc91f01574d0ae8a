/* Wants more memory a stream than a host gives. */
#define FILTER_STATE (1u << 20)
#include "plugin.h"
