/* Its filter table ends before what ABI 0.1 needs. */
#define FILTER_SIZE 32
#include "plugin.h"
