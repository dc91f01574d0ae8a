/* postern_network_filter.h - a plugin that filters the bytes of TCP connections.
 *
 * A connection is a stream: everything that postern_stream.h, postern_metrics.h, postern_async.h and postern_store.h
 * offer for a postern_stream_host works with it; what speaks of heads, bodies and answers (postern_http_filter.h) is
 * POSTERN_WRONG_PHASE. The kinds of state and the rules for threads are as there.
 */
#ifndef POSTERN_NETWORK_FILTER_H
#define POSTERN_NETWORK_FILTER_H
#include "postern_async.h"
#ifdef __cplusplus
extern "C" {
#endif

/* ---- What the plugin offers ---- */

#define POSTERN_EXTENSION_NETWORK_FILTER 2u

/* What a hook wants to happen. The host takes an unknown value as POSTERN_NETWORK_FAILED. */
typedef uint32_t postern_network_action;
enum {
  POSTERN_NETWORK_CONTINUE = 0, /* pass it on */
  /* Keep it. From `new_connection`: no service is chosen before this filter has let bytes of the client pass, or has
   * resumed. From `data`: show these bytes again, with more behind them; at most 64 KiB, then the connection is closed. */
  POSTERN_NETWORK_MORE = 1,
  POSTERN_NETWORK_PAUSE = 2, /* keep it, and read nothing more in that direction, until `resume` passes it on */
  POSTERN_NETWORK_CLOSE = 3, /* close the connection, both sides */
  POSTERN_NETWORK_FAILED = 4 /* the filter failed: the connection is reset and the failure is counted */
};

typedef struct postern_network_filter postern_network_filter;

/* A null hook means "not interested" and costs no call. All but `size`, `connection_state_bytes` and `config_create` may
 * be null. What is said of the hooks of the same name in postern_http_filter.h holds here. */
struct postern_network_filter {
  size_t size;
  /* Memory the host supplies for each connection, 16-byte aligned and zeroed; at most 65,536. */
  size_t connection_state_bytes;

  postern_status (*config_create)(const postern_network_filter *filter, postern_config_host *config,
                                  postern_bytes json_host, void **out_config_plug);
  void (*config_destroy)(void *config_plug);
  postern_status (*worker_create)(void *config_plug, postern_worker_host *worker, uint32_t worker_index,
                                  void **out_worker_plug);
  void (*worker_destroy)(void *config_plug, void *worker_plug);

  void (*connection_open)(void *config_plug, void *worker_plug, postern_stream_host *connection, void *state_host);
  void (*connection_close)(void *config_plug, void *worker_plug, postern_stream_host *connection, void *state_host);

  /* A client has connected; what it is known by (addresses, and with TLS its name, protocols and certificate) can be read
   * as attributes. No service has been asked yet. */
  postern_network_action (*new_connection)(void *config_plug, void *worker_plug, postern_stream_host *connection,
                                           void *state_host);
  /* Bytes have come; see postern_network_interface.data. `flags` has POSTERN_END_OF_STREAM when that side sends nothing
   * more: then the bytes may be none, and POSTERN_NETWORK_MORE is as POSTERN_NETWORK_CONTINUE. */
  postern_network_action (*data)(void *config_plug, void *worker_plug, postern_stream_host *connection, void *state_host,
                                 postern_direction direction, uint32_t flags);
  /* The connection is over; its attributes can be read, nothing can be changed. */
  void (*complete)(void *config_plug, void *worker_plug, postern_stream_host *connection, void *state_host);
};

#define POSTERN_NETWORK_FILTER_SIZE_1_0 88

/* ---- What the host offers ---- */

#define POSTERN_INTERFACE_NETWORK 12u
typedef struct postern_network_interface {
  size_t size;
  /* In a `data` hook: the bytes shown to this filter. Otherwise POSTERN_WRONG_PHASE. */
  postern_status (*data)(postern_stream_host *connection, postern_bytes *out_host);
  /* In a `data` hook that passes them on: what is passed on instead; copied, of any length. */
  postern_status (*replace_data)(postern_stream_host *connection, postern_bytes data_plug);
  /* Sends bytes of the filter's own behind what has passed in that direction: POSTERN_FROM_SERVICE reaches the client.
   * No filter sees them. POSTERN_WRONG_PHASE when that direction has ended, or no service has been asked yet. */
  postern_status (*write)(postern_stream_host *connection, postern_direction direction, postern_bytes data_plug);
  /* Goes on after POSTERN_NETWORK_PAUSE, and after POSTERN_NETWORK_MORE of `new_connection`. */
  void (*resume)(postern_stream_host *connection, postern_direction direction);
  /* Closes the connection once the present hook has returned. `details_plug` says why, for the access log: lower-case
   * words joined by "_". */
  void (*close)(postern_stream_host *connection, postern_bytes details_plug);
  /* Sends the connection to that service (postern_callouts_interface.service) in place of the rule's; before one has been
   * asked. POSTERN_NOT_FOUND when it is gone. */
  postern_status (*choose_service)(postern_stream_host *connection, postern_service service);
} postern_network_interface;

#ifdef __cplusplus
}
#endif
#endif
