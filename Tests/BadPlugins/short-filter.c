/* Its filter table ends before what ABI 1.0 needs. */
#define FILTER_SIZE 32
#include "plugin.h"
