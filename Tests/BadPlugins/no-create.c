/* Its filter cannot be configured. */
#define NO_CREATE
#include "plugin.h"
