/* Compiles the headers as C11 and pins what may never change within a major version. */
#include "postern_abi.h"
#include "postern_adapter.h"
#include "postern_async.h"
#include "postern_http_filter.h"
#include "postern_metrics.h"
#include "postern_network_filter.h"
#include "postern_store.h"
#include "postern_stream.h"

_Static_assert(sizeof(postern_bytes) == 16 && sizeof(size_t) == 8, "64-bit: a view is a pointer and a length");
_Static_assert(sizeof(postern_value) == 24 && sizeof(postern_field) == 40, "elements of arrays never grow");
_Static_assert(offsetof(postern_host, interface) == 16 && offsetof(postern_plugin, name) == 16, "layout of ABI 1");

/* That a struct ended with that field in version 1.0. */
#define ENDED(type, last, bytes) \
  _Static_assert(offsetof(type, size) == 0 && offsetof(type, last) + sizeof(((type *)0)->last) == (bytes), #type)
ENDED(postern_host, interface, POSTERN_HOST_SIZE_1_0);
ENDED(postern_plugin, extension, POSTERN_PLUGIN_SIZE_1_0);
ENDED(postern_http_filter, complete, POSTERN_HTTP_FILTER_SIZE_1_0);
ENDED(postern_network_filter, complete, POSTERN_NETWORK_FILTER_SIZE_1_0);
ENDED(postern_adapter, output_count, POSTERN_ADAPTER_SIZE_1_0);
ENDED(postern_local_response, details, POSTERN_LOCAL_RESPONSE_SIZE_1_0);
ENDED(postern_token_answer, reset_ns, POSTERN_TOKEN_ANSWER_SIZE_1_0);
ENDED(postern_waiter, release, POSTERN_WAITER_SIZE_1_0);
ENDED(postern_callout, answer_limit_bytes, POSTERN_CALLOUT_SIZE_1_0);
