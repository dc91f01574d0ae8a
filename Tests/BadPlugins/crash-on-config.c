/* Traps when it is configured. */
#define HAS_CREATE
#include "plugin.h"

static postern_status test_create(const postern_http_filter *filter, postern_config_host *config, postern_bytes json,
                                  void **out) {
  (void)filter, (void)config, (void)json, (void)out;
  abort();
}
