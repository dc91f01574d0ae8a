/* postern_stream.h - what streams of every kind have: a request with its response, or a connection.
 *
 * Every function that takes a postern_stream_host belongs to the stream's own worker thread, between stream_open (or
 * connection_open) and stream_close. From other threads there is postern_stream_interface.post.
 */
#ifndef POSTERN_STREAM_H
#define POSTERN_STREAM_H
#include "postern_abi.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Whose bytes: those of the client (a request) or those of the service (its response). POSTERN_BAD_ARGUMENT for others. */
typedef uint32_t postern_direction;
enum { POSTERN_FROM_CLIENT = 0, POSTERN_FROM_SERVICE = 1 };

/* Bits of the `flags` that hooks are called with. */
#define POSTERN_END_OF_STREAM 1u /* nothing more follows in that direction */

/* A header or trailer field. An array of them never grows; bits of `flags` may come. */
typedef struct postern_field {
  postern_bytes name;
  postern_bytes value;
  uint32_t flags; /* 0 */
  uint32_t reserved;
} postern_field;

/* Work for the stream's own thread. `stream` and `state_host` are those of the filter that asked for it. */
typedef void (*postern_stream_work)(void *user_plug, postern_stream_host *stream, void *state_host);
typedef void (*postern_release)(void *user_plug);

#define POSTERN_INTERFACE_STREAM 14u
typedef struct postern_stream_interface {
  size_t size;
  /* A name for `post`, never used again while the process lives; never 0. */
  uint64_t (*id)(postern_stream_host *stream);
  /* From any thread: runs `work` on the stream's thread, soon. When the stream is over it does not run. `release` (may
   * be null) is called once in every case, last, from any thread. */
  void (*post)(uint64_t stream_id, postern_stream_work work, void *user_plug, postern_release release);
} postern_stream_interface;

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

/* ---- Token buckets ---- */

typedef uint32_t postern_token_buckets; /* a set of buckets by key, shared by all workers */

/* Whoever calls sets `size`. */
typedef struct postern_token_answer {
  size_t size;
  uint32_t is_allowed; /* 1 when the tokens were taken */
  uint32_t reserved;
  uint64_t remaining;      /* whole tokens left */
  uint64_t retry_after_ns; /* until the same call would be allowed; 0 when it was */
  uint64_t reset_ns;       /* until the bucket is full again */
} postern_token_answer;
#define POSTERN_TOKEN_ANSWER_SIZE_1_0 40

#define POSTERN_INTERFACE_TOKEN_BUCKETS 7u
typedef struct postern_token_buckets_interface {
  size_t size;
  /* From config_create only. The same name and numbers give the same buckets after a reload. An empty bucket of
   * `capacity` tokens fills up in `interval_ns`; at most `keys` are remembered. */
  postern_status (*create)(postern_config_host *config, postern_bytes name_plug, uint64_t capacity,
                           uint64_t interval_ns, size_t keys, postern_token_buckets *out);
  /* Takes all `tokens` or none. `out` may be null. */
  postern_status (*take)(postern_stream_host *stream, postern_token_buckets buckets, uint64_t tokens,
                         postern_bytes key_plug, postern_token_answer *out);
} postern_token_buckets_interface;

#ifdef __cplusplus
}
#endif
#endif
