/* postern_store.h - what filters keep: a table shared by all workers, and metadata of one stream. */
#ifndef POSTERN_STORE_H
#define POSTERN_STORE_H
#include "postern_stream.h"
#ifdef __cplusplus
extern "C" {
#endif

/* ---- A table of keys and values, shared by all workers; every operation is atomic ---- */

typedef uint32_t postern_store;

/* Keys have at most 1,024 bytes, values 524,288. When the table is full, what has expired goes first, then what was not
 * used for longest, roughly. A counter is its decimal digits. `lifetime_ns` 0 keeps a value. */
#define POSTERN_INTERFACE_STORE 10u
typedef struct postern_store_interface {
  size_t size;
  /* From config_create only. The same name is the same table for every filter, and stays after a reload; empty: the
   * filter's own name. */
  postern_status (*open)(postern_config_host *config, postern_bytes name_plug, postern_store *out);
  /* The bytes live until the next call of this table by the same filter in this worker. */
  postern_status (*get)(postern_stream_host *stream, postern_store store, postern_bytes key_plug,
                        postern_bytes *out_host);
  postern_status (*set)(postern_stream_host *stream, postern_store store, postern_bytes key_plug,
                        postern_bytes value_plug, uint64_t lifetime_ns);
  /* Sets the value when the present one is `*expected_plug` (null: there is none); else POSTERN_NOT_FOUND. */
  postern_status (*compare_and_set)(postern_stream_host *stream, postern_store store, postern_bytes key_plug,
                                    const postern_bytes *expected_plug, postern_bytes value_plug,
                                    uint64_t lifetime_ns);
  /* Adds to a number, 0 when there is none; the lifetime counts from when it was made. POSTERN_BAD_ARGUMENT when the
   * value is no number or the sum overflows. */
  postern_status (*increment)(postern_stream_host *stream, postern_store store, postern_bytes key_plug, int64_t amount,
                              uint64_t lifetime_ns, int64_t *out);
  postern_status (*remove)(postern_stream_host *stream, postern_store store, postern_bytes key_plug);
} postern_store_interface;

/* ---- What filters of one stream leave for each other, and for attributes: metadata['space']['key'] ---- */

#define POSTERN_INTERFACE_METADATA 11u
typedef struct postern_metadata_interface {
  size_t size;
  /* The namespace is by convention the name of the filter that writes. */
  postern_status (*set_text)(postern_stream_host *stream, postern_bytes space_plug, postern_bytes key_plug,
                             postern_bytes value_plug);
  postern_status (*set_number)(postern_stream_host *stream, postern_bytes space_plug, postern_bytes key_plug,
                               double value);
  postern_status (*set_bool)(postern_stream_host *stream, postern_bytes space_plug, postern_bytes key_plug,
                             uint32_t value);
  /* Any value, as JSON; POSTERN_BAD_ARGUMENT when it is none. */
  postern_status (*set_json)(postern_stream_host *stream, postern_bytes space_plug, postern_bytes key_plug,
                             postern_bytes json_plug);
  postern_status (*remove)(postern_stream_host *stream, postern_bytes space_plug, postern_bytes key_plug);
  /* The value as JSON; the bytes live until the filter's next call of this table in this worker. */
  postern_status (*get_json)(postern_stream_host *stream, postern_bytes space_plug, postern_bytes key_plug,
                             postern_bytes *out_host);
} postern_metadata_interface;

#ifdef __cplusplus
}
#endif
#endif
