/* postern_http_filter.h - a plugin that filters HTTP requests and responses.
 *
 * Three kinds of state:
 *   config   made once by config_create for each place in the configuration that names the plugin, shared by all
 *            workers, alive until no request uses it
 *   worker   made by worker_create in every worker, used by that worker's thread alone
 *   stream   stream_state_bytes of zeroed memory from the host for each request, between stream_open and stream_close
 *
 * Hooks and every function that takes a postern_stream_host run on the stream's own worker thread, and only between
 * stream_open and stream_close. From other threads, use postern_http_stream_interface.post.
 */
#ifndef POSTERN_HTTP_FILTER_H
#define POSTERN_HTTP_FILTER_H
#include "postern_abi.h"
#ifdef __cplusplus
extern "C" {
#endif

/* ---- What the plugin offers ---- */

#define POSTERN_EXTENSION_HTTP_FILTER 1u

/* What a hook wants to happen. The host takes an unknown value as POSTERN_FAILED. */
typedef uint32_t postern_action;
enum {
  POSTERN_CONTINUE = 0,  /* go on with the next filter */
  POSTERN_PAUSE = 1,     /* stop in this direction until `resume`; the peer feels it as backpressure */
  POSTERN_BUFFER = 2,    /* from a head hook: show the body hook the whole body, in one call, before the head goes on */
  POSTERN_RESPONDED = 3, /* `respond` was called; the request goes no further */
  POSTERN_FAILED = 4     /* the filter failed: the client gets 500 and the failure is counted */
};

typedef struct postern_http_filter postern_http_filter;
typedef struct postern_worker_host postern_worker_host; /* one configured filter in one worker */

/* A null hook means "not interested" and costs no call. All but `size`, `stream_state_bytes` and `config_create` may be
 * null. `worker_plug` is null without worker_create. */
struct postern_http_filter {
  size_t size;
  /* Memory the host supplies for each stream, 16-byte aligned and zeroed; at most 65,536. */
  size_t stream_state_bytes;

  /* Reads and checks a configuration: JSON that the plugin's schema accepts, secrets resolved. Also called only to
   * check: then config_destroy follows at once. From one control thread at a time.
   * Any status but POSTERN_OK refuses it; say why with postern_config_interface.problem.
   * `config` lives until config_destroy returns. */
  postern_status (*config_create)(const postern_http_filter *filter, postern_config_host *config,
                                  postern_bytes json_host, void **out_config_plug);
  /* After the last stream that used it; from any thread. */
  void (*config_destroy)(void *config_plug);

  /* `worker` lives until worker_destroy returns; postern_async.h says what it is good for. */
  postern_status (*worker_create)(void *config_plug, postern_worker_host *worker, uint32_t worker_index,
                                  void **out_worker_plug);
  void (*worker_destroy)(void *config_plug, void *worker_plug);

  void (*stream_open)(void *config_plug, void *worker_plug, postern_stream_host *stream, void *state_host);
  void (*stream_close)(void *config_plug, void *worker_plug, postern_stream_host *stream, void *state_host);

  /* `end_of_stream` is 1 when nothing more follows in that direction. */
  postern_action (*request_head)(void *config_plug, void *worker_plug, postern_stream_host *stream,
                                 void *state_host, uint32_t end_of_stream);
  postern_action (*request_body)(void *config_plug, void *worker_plug, postern_stream_host *stream,
                                 void *state_host, uint32_t end_of_stream);
  postern_action (*request_trailers)(void *config_plug, void *worker_plug, postern_stream_host *stream,
                                     void *state_host);
  postern_action (*response_head)(void *config_plug, void *worker_plug, postern_stream_host *stream,
                                  void *state_host, uint32_t end_of_stream);
  postern_action (*response_body)(void *config_plug, void *worker_plug, postern_stream_host *stream,
                                  void *state_host, uint32_t end_of_stream);
  postern_action (*response_trailers)(void *config_plug, void *worker_plug, postern_stream_host *stream,
                                      void *state_host);
  /* The exchange is over; its attributes can be read, nothing can be changed. */
  void (*complete)(void *config_plug, void *worker_plug, postern_stream_host *stream, void *state_host);
};

#define POSTERN_HTTP_FILTER_SIZE_0_1 (offsetof(postern_http_filter, complete) + sizeof(void (*)(void)))

/* ---- Header and trailer fields ---- */

typedef uint32_t postern_section;
enum {
  POSTERN_REQUEST_HEADERS = 0,
  POSTERN_RESPONSE_HEADERS = 1,
  POSTERN_REQUEST_TRAILERS = 2,
  POSTERN_RESPONSE_TRAILERS = 3
};

/* A field name as a number: one below, or what `intern` gave for another name. */
typedef uint32_t postern_header;
enum {
  POSTERN_HEADER_HOST = 1,
  POSTERN_HEADER_CONTENT_LENGTH = 2,
  POSTERN_HEADER_TRANSFER_ENCODING = 3,
  POSTERN_HEADER_CONNECTION = 4,
  POSTERN_HEADER_KEEP_ALIVE = 5,
  POSTERN_HEADER_PROXY_CONNECTION = 6,
  POSTERN_HEADER_UPGRADE = 7,
  POSTERN_HEADER_TE = 8,
  POSTERN_HEADER_TRAILER = 9,
  POSTERN_HEADER_HTTP2_SETTINGS = 10,
  POSTERN_HEADER_EXPECT = 11,
  POSTERN_HEADER_VIA = 12,
  POSTERN_HEADER_X_FORWARDED_FOR = 13,
  POSTERN_HEADER_X_FORWARDED_PROTO = 14,
  POSTERN_HEADER_X_FORWARDED_HOST = 15,
  POSTERN_HEADER_X_REQUEST_ID = 16,
  POSTERN_HEADER_TRACEPARENT = 17,
  POSTERN_HEADER_TRACESTATE = 18,
  POSTERN_HEADER_AUTHORIZATION = 19,
  POSTERN_HEADER_PROXY_AUTHORIZATION = 20,
  POSTERN_HEADER_COOKIE = 21,
  POSTERN_HEADER_SET_COOKIE = 22,
  POSTERN_HEADER_USER_AGENT = 23,
  POSTERN_HEADER_ACCEPT = 24,
  POSTERN_HEADER_ACCEPT_ENCODING = 25,
  POSTERN_HEADER_ACCEPT_LANGUAGE = 26,
  POSTERN_HEADER_CONTENT_TYPE = 27,
  POSTERN_HEADER_CONTENT_ENCODING = 28,
  POSTERN_HEADER_CACHE_CONTROL = 29,
  POSTERN_HEADER_DATE = 30,
  POSTERN_HEADER_SERVER = 31,
  POSTERN_HEADER_LOCATION = 32,
  POSTERN_HEADER_ETAG = 33,
  POSTERN_HEADER_VARY = 34,
  POSTERN_HEADER_LAST_MODIFIED = 35,
  POSTERN_HEADER_IF_NONE_MATCH = 36,
  POSTERN_HEADER_IF_MODIFIED_SINCE = 37,
  POSTERN_HEADER_RANGE = 38,
  POSTERN_HEADER_REFERER = 39,
  POSTERN_HEADER_ORIGIN = 40,
  POSTERN_HEADER_RETRY_AFTER = 41,
  POSTERN_HEADER_WWW_AUTHENTICATE = 42,
  POSTERN_HEADER_X_API_KEY = 43,
  /* Pseudo-fields of a request: set or read, never added or removed. */
  POSTERN_PSEUDO_METHOD = 256,
  POSTERN_PSEUDO_SCHEME = 257,
  POSTERN_PSEUDO_AUTHORITY = 258,
  POSTERN_PSEUDO_PATH = 259, /* path and query, normalised */
  POSTERN_HEADER_INTERNED = 4096 /* the first number that `intern` gives out */
};

/* Views that it hands out live until the section's next change, at most until the hook returns. Names compare without
 * case. Every name and value set is checked (RFC 9110, 5.1 and 5.5): POSTERN_BAD_ARGUMENT and no change. Framing
 * (`content-length`, `transfer-encoding`, `connection`) is the host's: those fields are for reading. The response's
 * section is POSTERN_WRONG_PHASE until its head is there; a request's method cannot become, or stop being, CONNECT. */
#define POSTERN_INTERFACE_HTTP_HEADERS 3u
typedef struct postern_http_headers_interface {
  size_t size;
  /* The number of `name_plug`, the same for the whole process. Call it while a configuration is made: a host gives out
   * at most 4,096 numbers (then POSTERN_TOO_LARGE). From any thread. */
  postern_status (*intern)(postern_bytes name_plug, postern_header *out);

  /* The first field with that name; POSTERN_NOT_FOUND leaves `out_host` untouched. */
  postern_status (*get)(postern_stream_host *stream, postern_section section, postern_header name,
                        postern_bytes *out_host);
  postern_status (*get_named)(postern_stream_host *stream, postern_section section, postern_bytes name_plug,
                              postern_bytes *out_host);
  /* Replaces the first and removes other fields of that name; adds it when there is none. */
  postern_status (*set)(postern_stream_host *stream, postern_section section, postern_header name,
                        postern_bytes value_plug);
  postern_status (*set_named)(postern_stream_host *stream, postern_section section, postern_bytes name_plug,
                              postern_bytes value_plug);
  postern_status (*add)(postern_stream_host *stream, postern_section section, postern_header name,
                        postern_bytes value_plug);
  postern_status (*add_named)(postern_stream_host *stream, postern_section section, postern_bytes name_plug,
                              postern_bytes value_plug);
  /* Removes all fields of that name; POSTERN_NOT_FOUND when there was none. */
  postern_status (*remove)(postern_stream_host *stream, postern_section section, postern_header name);
  postern_status (*remove_named)(postern_stream_host *stream, postern_section section, postern_bytes name_plug);

  /* How many fields, pseudo-fields not counted, and the one at `index`. */
  size_t (*count)(postern_stream_host *stream, postern_section section);
  postern_status (*at)(postern_stream_host *stream, postern_section section, size_t index,
                       postern_bytes *out_name_host, postern_bytes *out_value_host);

  /* The response's status, 0 before there is one. */
  uint32_t (*status)(postern_stream_host *stream);
  postern_status (*set_status)(postern_stream_host *stream, uint32_t status);
} postern_http_headers_interface;

/* ---- Bodies, answers, going on later ---- */

typedef struct postern_field {
  postern_bytes name;
  postern_bytes value;
} postern_field;

typedef struct postern_local_response {
  size_t size;
  uint32_t status; /* 200...599 */
  uint32_t reserved;
  const postern_field *fields;
  size_t field_count;
  postern_bytes body;
  postern_bytes details; /* why, for the access log: lower-case words joined by "_" */
} postern_local_response;

typedef uint32_t postern_direction;
enum { POSTERN_REQUEST = 0, POSTERN_RESPONSE = 1 };

/* Work for the stream's own thread. `stream` and `state_host` are those of the filter that asked for the id. */
typedef void (*postern_stream_work)(void *user_plug, postern_stream_host *stream, void *state_host);
typedef void (*postern_release)(void *user_plug);

#define POSTERN_INTERFACE_HTTP_STREAM 4u
typedef struct postern_http_stream_interface {
  size_t size;
  /* In a body hook: the bytes shown to this filter. Otherwise POSTERN_WRONG_PHASE. */
  postern_status (*body)(postern_stream_host *stream, postern_bytes *out_host);
  /* In a body hook: what is passed on instead; copied. The length may differ only after `will_change_body` in the head
   * hook, or POSTERN_BUFFER. */
  postern_status (*replace_body)(postern_stream_host *stream, postern_bytes body_plug);
  postern_status (*will_change_body)(postern_stream_host *stream, postern_direction direction);
  /* Answers the request; then return POSTERN_RESPONDED. The answer passes the response hooks of the filters that the
   * request has reached, in reverse. POSTERN_WRONG_PHASE once a response has begun to leave. */
  postern_status (*respond)(postern_stream_host *stream, const postern_local_response *response_plug);
  /* Goes on after POSTERN_PAUSE of this filter; does nothing when it is not paused. */
  void (*resume)(postern_stream_host *stream, postern_direction direction);
  /* Resolves the route again, because what it depends on was changed. */
  void (*clear_route)(postern_stream_host *stream);
  /* A name for `post`, never used again while the process lives; never 0. */
  uint64_t (*id)(postern_stream_host *stream);
  /* From any thread: runs `work` on the stream's thread, soon. When the stream is over it does not run. `release` (may
   * be null) is called once in every case, last, from any thread. */
  void (*post)(uint64_t stream_id, postern_stream_work work, void *user_plug, postern_release release);
  /* In a head hook that returns POSTERN_BUFFER: the most body that is collected; 1 MiB otherwise. A longer one is answered
   * 413, or 502 in a response. */
  postern_status (*limit_buffer)(postern_stream_host *stream, postern_direction direction, size_t bytes);
} postern_http_stream_interface;

/* ---- Attributes ---- */

typedef uint32_t postern_attribute; /* a compiled expression of one configuration */

/* Facts by name: `request.path`, `request.headers['x-user']`, `source.address`. */
#define POSTERN_INTERFACE_ATTRIBUTES 5u
typedef struct postern_attributes_interface {
  size_t size;
  /* From config_create only. On POSTERN_BAD_ARGUMENT the host has reported the problem already, for `pointer_plug`. */
  postern_status (*compile)(postern_config_host *config, postern_bytes expression_plug, postern_bytes pointer_plug,
                            postern_attribute *out);
  /* The value as text (a number in decimal, up to 20 bytes of host memory that the next call uses again).
   * POSTERN_NOT_FOUND when absent; empty text is present. */
  postern_status (*bytes)(postern_stream_host *stream, postern_attribute attribute, postern_bytes *out_host);
  /* POSTERN_NOT_FOUND when absent or no number. */
  postern_status (*integer)(postern_stream_host *stream, postern_attribute attribute, int64_t *out);
} postern_attributes_interface;

/* ---- Metrics ---- */

typedef uint32_t postern_metric;
typedef uint32_t postern_metric_kind;
enum { POSTERN_COUNTER = 0, POSTERN_GAUGE = 1, POSTERN_HISTOGRAM = 2 };

#define POSTERN_INTERFACE_METRICS 6u
typedef struct postern_metrics_interface {
  size_t size;
  /* From config_create only. `name_plug` is [a-z][a-z0-9_]*, exported as postern_filter_<name> with the label `filter`.
   * `bounds` are a histogram's upper bounds, ascending. POSTERN_BAD_ARGUMENT for a malformed name or one that a metric
   * of another kind has. */
  postern_status (*define)(postern_config_host *config, postern_metric_kind kind, postern_bytes name_plug,
                           postern_bytes help_plug, const uint64_t *bounds, size_t bound_count, postern_metric *out);
  void (*add)(postern_stream_host *stream, postern_metric counter, uint64_t value);
  void (*set)(postern_stream_host *stream, postern_metric gauge, uint64_t value);
  void (*observe)(postern_stream_host *stream, postern_metric histogram, uint64_t value);
} postern_metrics_interface;

/* ---- Token buckets ---- */

typedef uint32_t postern_token_buckets; /* a set of buckets by key, shared by all workers */

typedef struct postern_token_answer {
  uint32_t is_allowed; /* 1 when the tokens were taken */
  uint32_t reserved;
  uint64_t remaining;      /* whole tokens left */
  uint64_t retry_after_ns; /* until the same call would be allowed; 0 when it was */
  uint64_t reset_ns;       /* until the bucket is full again */
} postern_token_answer;

#define POSTERN_INTERFACE_TOKEN_BUCKETS 7u
typedef struct postern_token_buckets_interface {
  size_t size;
  /* From config_create only. The same name and numbers give the same buckets after a reload. An empty bucket of
   * `capacity` tokens fills up in `interval_ns`; at most `keys` are remembered. */
  postern_status (*create)(postern_config_host *config, postern_bytes name_plug, uint64_t capacity,
                           uint64_t interval_ns, size_t keys, postern_token_buckets *out);
  /* Takes all `tokens` or none. */
  postern_status (*take)(postern_stream_host *stream, postern_token_buckets buckets, uint64_t tokens,
                         postern_bytes key_plug, postern_token_answer *out);
} postern_token_buckets_interface;

#ifdef __cplusplus
}
#endif
#endif
