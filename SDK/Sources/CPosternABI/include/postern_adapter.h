/* postern_adapter.h - a plugin that stands between the gateway and a backend: it takes what instances made of requests,
 * as records, and passes them on (reports), judges them (checks) or counts them (quotas).
 *
 * A handler is one configuration of an adapter. Nothing here says where it runs: in a proxy, in a central process or on
 * the node, with the same configuration. All state belongs to the handler. An adapter says whether its checks and quotas
 * may block:
 *   inline     `check`, `quota` and `generate` run on the threads that serve requests, several at a time, and never block
 *   blocking   they run on threads of the handler's own (as many as its configuration says), while the request waits
 * `report`, `tick` and `reopen` run on a thread of the handler's own, one call at a time, and may block in either case.
 *
 * Of the host's services, config, log, adapter and (but for what takes a stream) metrics are there wherever a handler
 * runs.
 */
#ifndef POSTERN_ADAPTER_H
#define POSTERN_ADAPTER_H
#include "postern_metrics.h"
#ifdef __cplusplus
extern "C" {
#endif

/* ---- Records ---- */

/* What an instance is made by. An unknown one in `templates` is not declared. */
typedef uint32_t postern_template;
enum {
  POSTERN_TEMPLATE_METRIC = 1,
  POSTERN_TEMPLATE_LOGENTRY = 2,
  POSTERN_TEMPLATE_TRACESPAN = 3,
  POSTERN_TEMPLATE_EDGE = 4,
  POSTERN_TEMPLATE_REPORTNOTHING = 5,
  POSTERN_TEMPLATE_CHECKNOTHING = 6,
  POSTERN_TEMPLATE_LISTENTRY = 7,
  POSTERN_TEMPLATE_AUTHORIZATION = 8,
  POSTERN_TEMPLATE_APIKEY = 9,
  POSTERN_TEMPLATE_QUOTA = 10,
  POSTERN_TEMPLATE_ATTRIBUTES = 11 /* makes attributes of attributes */
};
#define POSTERN_TEMPLATE_BIT(template_id) ((uint64_t)1 << (template_id))

/* A value of an unknown type is as absent. */
typedef uint32_t postern_value_type;
enum {
  POSTERN_VALUE_ABSENT = 0,     /* an attribute was not there */
  POSTERN_VALUE_STRING = 1,     /* `bytes` */
  POSTERN_VALUE_INT64 = 2,      /* `integer` */
  POSTERN_VALUE_DOUBLE = 3,     /* `number` */
  POSTERN_VALUE_BOOL = 4,       /* `integer`, 0 or 1 */
  POSTERN_VALUE_TIMESTAMP = 5,  /* `integer`, nanoseconds since 1970 */
  POSTERN_VALUE_DURATION = 6,   /* `integer`, nanoseconds */
  POSTERN_VALUE_IP_ADDRESS = 7, /* `bytes`, 4 or 16 of them, in network order */
  POSTERN_VALUE_LIST = 8,       /* reserved: no host makes one yet */
  POSTERN_VALUE_MAP = 9         /* reserved: no host makes one yet */
};

/* Only the member that `type` names may be read. An array of them never grows. */
typedef struct postern_value {
  postern_value_type type;
  uint32_t reserved;
  union {
    int64_t integer;
    double number;
    postern_bytes bytes;
  };
} postern_value;

/* One value of each record of an instance. */
typedef struct postern_column {
  postern_bytes name;
  postern_value_type type; /* of every value that is not absent; POSTERN_VALUE_ABSENT: of any type */
  uint32_t reserved;
} postern_column;

/* What the records of one instance look like: the template's own columns first, in the order of docs/reference/templates,
 * then those that the configuration names. Lives until the call returns; what is to be kept of it is kept by `number`. */
typedef struct postern_shape {
  size_t size;
  uint32_t number; /* in one handler always of the same shape, never used again for another */
  postern_template template_id; /* refuse the records of one that you do not know, and of a kind of metric */
  postern_bytes name; /* the instance's */
  const postern_column *columns;
  size_t column_bytes; /* from one column to the next */
  size_t column_count;
  /* Of a metric: its kind, what it means, its unit (such as "ms", may be empty), a histogram's upper bounds, ascending. */
  postern_metric_kind metric_kind;
  uint32_t reserved;
  postern_bytes help;
  postern_bytes unit;
  const double *bounds;
  size_t bound_count;
} postern_shape;

/* The value of a series since `start_ns`; what a record of a metric has beside its dimensions. */
typedef struct postern_series_value {
  size_t size;
  int64_t start_ns;        /* since 1970 */
  double value;            /* a counter's or gauge's; a histogram's sum */
  uint64_t count;          /* a histogram's observations */
  const uint64_t *buckets; /* a histogram's: how many fell into each, not summed; bound_count + 1 of them */
} postern_series_value;

typedef struct postern_record {
  size_t size;
  const postern_shape *shape;
  const postern_value *values; /* one a column */
  int64_t time_ns;             /* when it was made, since 1970 */
  const postern_series_value *series; /* of a metric; null otherwise */
  uint32_t flags;                     /* none yet */
  uint32_t reserved;
} postern_record;

/* ---- Reports ---- */

/* What became of a record. The host takes an unknown one as refused. */
typedef uint8_t postern_outcome;
enum {
  POSTERN_OUTCOME_DELIVERED = 0,
  POSTERN_OUTCOME_AGAIN = 1,  /* not now: give it again later */
  POSTERN_OUTCOME_REFUSED = 2 /* never: it is counted as lost */
};

/* Bits of postern_batch.flags. */
#define POSTERN_BATCH_LAST 1u /* the handler is closed after this; there may be no record in it */

/* Lives until the call returns. */
typedef struct postern_batch {
  size_t size;
  const postern_record *records; /* in the order in which they were made by each worker */
  size_t record_bytes;           /* from one record to the next */
  size_t count;
  uint32_t flags;
  uint32_t attempt;     /* how often the first of these was given before; others may be newer */
  uint64_t deadline_ns; /* on the monotonic clock: later, the host waits no longer; 0: it waits */
} postern_batch;

/* What the adapter says of a batch. Text lives until the thread's next call of the handler. */
typedef struct postern_report_answer {
  size_t size;
  postern_bytes problem_plug; /* with any status but POSTERN_OK: why */
  /* When records are to come again: how long the backend wants to be left alone; 0: as the host likes. The host may wait
   * longer, and shorter when that is long. */
  uint64_t retry_after_ns;
} postern_report_answer;

/* ---- Decisions ----
 *
 * Requests live until the call returns. After `deadline_ns` (on the monotonic clock; 0: none) nobody waits for the answer.
 * Text in answers lives until the thread's next call of the handler; `problem_plug` says why, with any status but
 * POSTERN_OK. */

typedef struct postern_check_request {
  size_t size;
  const postern_record *record;
  uint64_t deadline_ns;
} postern_check_request;

/* `code` is one of google.rpc.Code: 0 lets the request pass, 7 (PERMISSION_DENIED), 16 (UNAUTHENTICATED), 8
 * (RESOURCE_EXHAUSTED) and all others do not. */
typedef struct postern_verdict {
  size_t size;
  uint32_t code;
  uint32_t valid_uses;        /* how many requests alike may use it; 0: as many as like */
  uint64_t valid_ns;          /* how long; 0: for this request only */
  postern_bytes message_plug; /* for the client */
  postern_bytes problem_plug;
} postern_verdict;

/* Bits of postern_quota_request.flags. */
#define POSTERN_QUOTA_BEST_EFFORT 1u /* less than `amount` may be granted */

typedef struct postern_quota_request {
  size_t size;
  const postern_record *record;
  uint64_t deadline_ns;
  uint64_t amount;
  uint64_t deduplication_id; /* the same request again has the same; 0: none */
  uint32_t flags;
  uint32_t reserved;
} postern_quota_request;

typedef struct postern_quota_grant {
  size_t size;
  uint64_t amount;   /* granted; 0: none */
  uint64_t valid_ns; /* how long what is granted may be used; 0: now only */
  postern_bytes problem_plug;
} postern_quota_grant;

typedef struct postern_generate_request {
  size_t size;
  const postern_record *record;
  uint64_t deadline_ns;
} postern_generate_request;

typedef struct postern_generated {
  size_t size;
  postern_value *values_host; /* one for each of `outputs`, all absent at first; to be filled in */
  postern_bytes problem_plug;
} postern_generated;

/* ---- What the plugin offers ---- */

#define POSTERN_EXTENSION_ADAPTER 3u

/* Bits of postern_adapter.flags. */
#define POSTERN_ADAPTER_BLOCKING 1u /* see above */

typedef struct postern_adapter postern_adapter;

/* All but `size`, `templates` and `config_create` may be null, if no template needs the hook. */
struct postern_adapter {
  size_t size;
  uint64_t templates; /* a sum of POSTERN_TEMPLATE_BIT */
  uint32_t flags;
  uint32_t reserved;

  /* As those of postern_http_filter. `config` lives until config_destroy returns. */
  postern_status (*config_create)(const postern_adapter *adapter, postern_config_host *config, postern_bytes json_host,
                                  void **out_config_plug);
  void (*config_destroy)(void *config_plug);

  /* Takes `batch`. `outcomes_host` has a byte for each record, all POSTERN_OUTCOME_DELIVERED at first. Any status but
   * POSTERN_OK says that none was taken and that the same records should come again after a pause. */
  postern_status (*report)(void *config_plug, const postern_batch *batch, postern_outcome *outcomes_host,
                           postern_report_answer *out_host);
  /* Now and then between reports, at the latest a second after the last call; for what has to be done in time. */
  void (*tick)(void *config_plug);
  /* Open files again: they were moved away (SIGUSR1, logrotate). */
  void (*reopen)(void *config_plug);

  /* Any status but POSTERN_OK is a failure, and what the rule says of failures happens. */
  postern_status (*check)(void *config_plug, const postern_check_request *request, postern_verdict *out_host);
  postern_status (*quota)(void *config_plug, const postern_quota_request *request, postern_quota_grant *out_host);
  /* Of POSTERN_TEMPLATE_ATTRIBUTES: fills in one value for each of `outputs`. */
  postern_status (*generate)(void *config_plug, const postern_generate_request *request, postern_generated *out_host);
  /* What `generate` makes. Static. */
  const postern_column *outputs;
  size_t output_bytes; /* from one output to the next: sizeof(postern_column) */
  size_t output_count;
};
#define POSTERN_ADAPTER_SIZE_1_0 112

/* ---- What the host offers to handlers ---- */

/* Called for each series; `record_host` lives until it returns. */
typedef void (*postern_each_series)(void *user_plug, const postern_record *record_host);

#define POSTERN_INTERFACE_ADAPTER 13u
typedef struct postern_adapter_interface {
  size_t size;
  /* From any thread, while the configuration lives: every series of the handler's metric instances, as it is now. For
   * backends that ask (a scrape); others get them by `report`. */
  void (*collect)(postern_config_host *config, postern_each_series each, void *user_plug);
} postern_adapter_interface;

#ifdef __cplusplus
}
#endif
#endif
