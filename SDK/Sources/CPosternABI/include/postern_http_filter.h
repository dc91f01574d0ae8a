/* postern_http_filter.h - a plugin that filters HTTP requests and responses.
 *
 * Three kinds of state:
 *   config   made once by config_create for each place in the configuration that names the plugin, shared by all
 *            workers, alive until no request uses it
 *   worker   made by worker_create in every worker, used by that worker's thread alone
 *   stream   stream_state_bytes of zeroed memory from the host for each request, between stream_open and stream_close
 *
 * Hooks and every function that takes a postern_stream_host run on the stream's own worker thread, and only between
 * stream_open and stream_close. From other threads, use postern_stream_interface.post.
 */
#ifndef POSTERN_HTTP_FILTER_H
#define POSTERN_HTTP_FILTER_H
#include "postern_stream.h"
#ifdef __cplusplus
extern "C" {
#endif

/* ---- What the plugin offers ---- */

#define POSTERN_EXTENSION_HTTP_FILTER 1u

/* What a hook wants to happen. The host takes an unknown value as POSTERN_HTTP_FAILED. */
typedef uint32_t postern_http_action;
enum {
  POSTERN_HTTP_CONTINUE = 0, /* go on with the next filter */
  /* Stop in this direction until `resume`, at most as long as the listener lets a body pause. */
  POSTERN_HTTP_PAUSE = 1,
  /* From a head hook: show the body hook the whole body, in one call, before the head goes on. */
  POSTERN_HTTP_BUFFER = 2,
  POSTERN_HTTP_RESPONDED = 3, /* `respond` was called; the request goes no further */
  POSTERN_HTTP_FAILED = 4     /* the filter failed: the client gets 500 and the failure is counted */
};

typedef struct postern_http_filter postern_http_filter;

/* A null hook means "not interested" and costs no call. All but `size`, `stream_state_bytes` and `config_create` may be
 * null. `worker_plug` is null without worker_create. */
struct postern_http_filter {
  size_t size;
  /* Memory the host supplies for each stream, 16-byte aligned and zeroed; at most 65,536. */
  size_t stream_state_bytes;

  /* Reads and checks a configuration: JSON that the plugin's schema accepts, secrets resolved. Also called only to
   * check: then config_destroy follows at once. From any thread, one call of a plugin at a time.
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

  /* `flags` has POSTERN_END_OF_STREAM when nothing more follows in that direction. After `will_change_body` it is set at
   * the end of the body in any case, with trailers behind it in a call without bytes. */
  postern_http_action (*request_head)(void *config_plug, void *worker_plug, postern_stream_host *stream,
                                      void *state_host, uint32_t flags);
  postern_http_action (*request_body)(void *config_plug, void *worker_plug, postern_stream_host *stream,
                                      void *state_host, uint32_t flags);
  postern_http_action (*request_trailers)(void *config_plug, void *worker_plug, postern_stream_host *stream,
                                          void *state_host);
  postern_http_action (*response_head)(void *config_plug, void *worker_plug, postern_stream_host *stream,
                                       void *state_host, uint32_t flags);
  postern_http_action (*response_body)(void *config_plug, void *worker_plug, postern_stream_host *stream,
                                       void *state_host, uint32_t flags);
  postern_http_action (*response_trailers)(void *config_plug, void *worker_plug, postern_stream_host *stream,
                                           void *state_host);
  /* The exchange is over; its attributes can be read, nothing can be changed. */
  void (*complete)(void *config_plug, void *worker_plug, postern_stream_host *stream, void *state_host);
};

#define POSTERN_HTTP_FILTER_SIZE_1_0 120

/* ---- Header and trailer fields ---- */

typedef uint32_t postern_section; /* POSTERN_BAD_ARGUMENT for others */
enum {
  POSTERN_SECTION_REQUEST_HEADERS = 0,
  POSTERN_SECTION_RESPONSE_HEADERS = 1,
  POSTERN_SECTION_REQUEST_TRAILERS = 2,
  POSTERN_SECTION_RESPONSE_TRAILERS = 3
};

/* A field name as a number: one below, or what `intern` gave. No field has another number, and it is POSTERN_BAD_ARGUMENT
 * for a change. `intern` gives a number for every name in every version, those below included. */
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
 * section is POSTERN_WRONG_PHASE until its head is there, and so is a change of a head that has left; a request's method
 * cannot become, or stop being, CONNECT. */
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

typedef struct postern_local_response {
  size_t size;
  uint32_t status; /* 200...599 */
  uint32_t reserved;
  const postern_field *fields;
  size_t field_count;
  postern_bytes body;
  postern_bytes details; /* why, for the access log: lower-case words joined by "_" */
} postern_local_response;
#define POSTERN_LOCAL_RESPONSE_SIZE_1_0 64

#define POSTERN_INTERFACE_HTTP_STREAM 4u
typedef struct postern_http_stream_interface {
  size_t size;
  /* In a body hook: the bytes shown to this filter. Otherwise POSTERN_WRONG_PHASE. */
  postern_status (*body)(postern_stream_host *stream, postern_bytes *out_host);
  /* In a body hook: what is passed on instead; copied. The length may differ only after `will_change_body` in the head
   * hook, or POSTERN_HTTP_BUFFER. */
  postern_status (*replace_body)(postern_stream_host *stream, postern_bytes body_plug);
  postern_status (*will_change_body)(postern_stream_host *stream, postern_direction direction);
  /* Answers the request; then return POSTERN_HTTP_RESPONDED. The answer passes the response hooks of the filters that the
   * request has reached, in reverse. POSTERN_WRONG_PHASE once a response has begun to leave. */
  postern_status (*respond)(postern_stream_host *stream, const postern_local_response *response_plug);
  /* Goes on after POSTERN_HTTP_PAUSE of this filter; does nothing when it is not paused. */
  void (*resume)(postern_stream_host *stream, postern_direction direction);
  /* Resolves the route again, because what it depends on was changed. */
  void (*clear_route)(postern_stream_host *stream);
  /* In a head hook that returns POSTERN_HTTP_BUFFER: the most body that is collected; 1 MiB otherwise. A longer one is
   * answered 413, or 502 in a response. */
  postern_status (*limit_buffer)(postern_stream_host *stream, postern_direction direction, size_t bytes);
} postern_http_stream_interface;

#ifdef __cplusplus
}
#endif
#endif
