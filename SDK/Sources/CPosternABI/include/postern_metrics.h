/* postern_metrics.h - numbers that a plugin counts for operators.
 *
 * A filter's are exported as postern_filter_<name> with the label `filter`, a handler's as postern_adapter_<name> with the
 * label `handler`.
 */
#ifndef POSTERN_METRICS_H
#define POSTERN_METRICS_H
#include "postern_abi.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t postern_metric_kind;
enum {
  POSTERN_METRIC_NONE = 0, /* of a shape that is no metric's */
  POSTERN_METRIC_COUNTER = 1,
  POSTERN_METRIC_GAUGE = 2,
  POSTERN_METRIC_HISTOGRAM = 3
};

typedef uint32_t postern_metric; /* a metric that one configuration has defined */

/* Counting neither locks nor allocates. With a stream it belongs to the stream's thread and costs least; with a
 * configuration it may be done from any thread, while that lives. */
#define POSTERN_INTERFACE_METRICS 6u
typedef struct postern_metrics_interface {
  size_t size;
  /* From config_create only. `name_plug` is [a-z][a-z0-9_]*. `bounds` are a histogram's upper bounds, ascending, at most
   * 64, and whole numbers from 0 to 2^53. POSTERN_BAD_ARGUMENT for a malformed name or bound, and for a name that a metric
   * of another kind has. */
  postern_status (*define)(postern_config_host *config, postern_metric_kind kind, postern_bytes name_plug,
                           postern_bytes help_plug, const double *bounds, size_t bound_count, postern_metric *out);
  void (*add)(postern_stream_host *stream, postern_metric counter, uint64_t value);
  /* A gauge is shown as the sum of what its threads have set. */
  void (*set)(postern_stream_host *stream, postern_metric gauge, uint64_t value);
  void (*observe)(postern_stream_host *stream, postern_metric histogram, uint64_t value);
  void (*config_add)(postern_config_host *config, postern_metric counter, uint64_t value);
  void (*config_set)(postern_config_host *config, postern_metric gauge, uint64_t value);
  void (*config_observe)(postern_config_host *config, postern_metric histogram, uint64_t value);
} postern_metrics_interface;

#ifdef __cplusplus
}
#endif
#endif
