/* Refuses every configuration, with a reason and a place. */
#define HAS_CREATE
#include "plugin.h"

static postern_bytes text(const char *text, size_t len) { return (postern_bytes){(const uint8_t *)text, len}; }

static postern_status test_create(const postern_http_filter *filter, postern_config_host *config, postern_bytes json,
                                  void **out) {
  (void)filter, (void)json, (void)out;
  const postern_config_interface *report = test_host->interface(POSTERN_INTERFACE_CONFIG, 0);
  report->problem(config, text("/color", 6), text("must be green", 13));
  return POSTERN_FAILURE;
}
