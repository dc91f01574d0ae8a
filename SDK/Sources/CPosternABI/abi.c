/* Compiles the headers as C11 and pins what may never change within a major version. */
#include "postern_abi.h"
#include "postern_adapter.h"
#include "postern_async.h"
#include "postern_http_filter.h"
#include "postern_network_filter.h"
#include "postern_store.h"

_Static_assert(sizeof(postern_bytes) == sizeof(void *) + sizeof(size_t), "a view is a pointer and a length");
_Static_assert(offsetof(postern_plugin, size) == 0, "tables begin with their size");
_Static_assert(offsetof(postern_http_filter, size) == 0, "tables begin with their size");
_Static_assert(offsetof(postern_network_filter, size) == 0, "tables begin with their size");
_Static_assert(offsetof(postern_adapter, size) == 0, "tables begin with their size");
_Static_assert(offsetof(postern_host, interface) == 16 && offsetof(postern_plugin, name) == 16, "layout of ABI 0");
