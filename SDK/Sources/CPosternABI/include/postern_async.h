/* postern_async.h - what a filter may wait for: an answer of a service, a timer, a descriptor, blocking work.
 *
 * Every call comes in two forms. With a stream, what was asked for is forgotten when that stream ends, and its callback
 * gets the stream and its state. With a worker (see worker_create), it lasts until it happens, is cancelled or the
 * filter leaves the worker; `stream` and `state_host` are null then. Callbacks run on the worker's thread, never before
 * the present hook has returned. `release` (may be null) is called once in every case, last, from any thread; also when
 * the call is refused.
 */
#ifndef POSTERN_ASYNC_H
#define POSTERN_ASYNC_H
#include "postern_stream.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef uint64_t postern_pending; /* something waited for; never 0, never used again */

/* Exactly one of `stream` and `worker` is set: on whose behalf something is waited for. Nothing of one without its `size` is
 * read, and nothing is released. */
typedef struct postern_waiter {
  size_t size;
  postern_stream_host *stream;
  postern_worker_host *worker;
  void *user_plug;
  postern_release release;
} postern_waiter;
#define POSTERN_WAITER_SIZE_1_0 40

/* ---- Requests to services of the configuration ---- */

typedef uint32_t postern_service; /* a service that one configuration names */

typedef struct postern_callout {
  size_t size;
  postern_service service;
  uint32_t reserved;
  postern_bytes method;    /* a token, such as GET */
  postern_bytes path;      /* path and query, beginning with "/" */
  postern_bytes authority; /* host and port; empty: the service's name */
  const postern_field *fields; /* framing and the connection's fields are the host's and left out */
  size_t field_count;
  postern_bytes body;
  uint64_t timeout_ns;       /* for the whole answer; 1 or more */
  size_t answer_limit_bytes; /* 0: 1 MiB */
} postern_callout;
#define POSTERN_CALLOUT_SIZE_1_0 112

typedef uint32_t postern_callout_failure; /* with an unknown one, there is no answer */
enum {
  POSTERN_CALLOUT_ANSWERED = 0,
  POSTERN_CALLOUT_UNREACHABLE = 1,
  POSTERN_CALLOUT_TIMED_OUT = 2,
  POSTERN_CALLOUT_RESET = 3,      /* the connection ended before the whole answer */
  POSTERN_CALLOUT_BAD_ANSWER = 4, /* the answer is no HTTP */
  POSTERN_CALLOUT_TOO_LARGE = 5,  /* the body is over its limit */
  POSTERN_CALLOUT_OVERFLOW = 6    /* every connection of the service is in use */
};

/* Lives until the callback returns. */
typedef struct postern_callout_result {
  size_t size;
  postern_callout_failure failure;
  uint32_t status; /* 0 without an answer */
  const postern_field *fields;
  size_t field_count;
  postern_bytes body;
  const postern_field *trailers;
  size_t trailer_count;
} postern_callout_result;

typedef void (*postern_callout_done)(void *user_plug, postern_stream_host *stream, void *state_host,
                                     const postern_callout_result *result_host);

#define POSTERN_INTERFACE_CALLOUTS 8u
typedef struct postern_callouts_interface {
  size_t size;
  /* From config_create only: names a service that the filter will call. One that is not configured refuses the
   * configuration, then and whenever the services change; `pointer_plug` is where the name stands. */
  postern_status (*service)(postern_config_host *config, postern_bytes name_plug, postern_bytes pointer_plug,
                            postern_service *out);
  /* POSTERN_BAD_ARGUMENT for malformed parts, POSTERN_NOT_FOUND when the service is gone. `out` may be null. */
  postern_status (*call)(const postern_waiter *waiter, const postern_callout *callout_plug, postern_callout_done done,
                         postern_pending *out);
} postern_callouts_interface;

/* ---- Timers, descriptors, blocking work ---- */

typedef uint32_t postern_descriptor_events; /* a sum; an unknown bit is ignored */
enum { POSTERN_EVENT_READABLE = 1, POSTERN_EVENT_WRITABLE = 2, POSTERN_EVENT_CLOSED = 4 };
typedef void (*postern_descriptor_ready)(void *user_plug, postern_descriptor_events events);

#define POSTERN_INTERFACE_WAITING 9u
typedef struct postern_waiting_interface {
  size_t size;
  /* Calls `wake` once, at the earliest after `delay_ns`; the clock's step is about 8 ms. */
  postern_status (*set_timer)(const postern_waiter *waiter, uint64_t delay_ns, postern_stream_work wake,
                              postern_pending *out);
  /* With a worker only: calls `ready` whenever the state of `descriptor` changes (edge triggered) until cancelled. The
   * descriptor stays the plugin's: cancel, then close it. */
  postern_status (*watch)(const postern_waiter *waiter, int32_t descriptor, postern_descriptor_ready ready,
                          postern_pending *out);
  /* Forgets a callout, a timer or a watch of this stream's or worker's filter; nothing when it has happened. */
  void (*cancel)(const postern_waiter *waiter, postern_pending pending);
  /* With a stream only: runs `work`, which may block, on a thread of a small pool, then `done` (may be null) on the
   * stream's thread unless the stream is over. POSTERN_TOO_LARGE when too much waits already. */
  postern_status (*offload)(const postern_waiter *waiter, void (*work)(void *user_plug), postern_stream_work done);
  /* The monotonic clock, and the time since 1970, as read when the present event began. */
  uint64_t (*now_ns)(const postern_waiter *waiter);
  int64_t (*wall_time_ns)(const postern_waiter *waiter);
} postern_waiting_interface;

#ifdef __cplusplus
}
#endif
#endif
