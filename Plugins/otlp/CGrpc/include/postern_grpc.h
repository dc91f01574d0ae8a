/* postern_grpc.h - unary gRPC calls, one at a time, on one HTTP/2 connection. It reads and writes nothing itself: the
 * caller moves bytes between it and a socket. Not thread-safe. */
#ifndef POSTERN_GRPC_H
#define POSTERN_GRPC_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct postern_grpc postern_grpc;

/* A request header: name in lower case, both ended by NUL. */
typedef struct postern_grpc_field {
  const char *name;
  const char *value;
} postern_grpc_field;

/* A connection that has sent nothing; an answer's message may have `limit` bytes. Null without memory. */
postern_grpc *postern_grpc_new(size_t limit);
/* Null is allowed. */
void postern_grpc_free(postern_grpc *grpc);

/* Begins a call; `message` is copied. False without memory, or when the connection takes no more calls. */
bool postern_grpc_begin(postern_grpc *grpc, bool is_secure, const char *authority, const char *path,
                        const postern_grpc_field *fields, size_t field_count, const uint8_t *message,
                        size_t message_length);

/* Bytes to be sent next, which live until the next call; 0 when there are none, -1 when the connection is broken. */
int64_t postern_grpc_output(postern_grpc *grpc, const uint8_t **bytes);
/* Takes what was received; false when it is no HTTP/2. */
bool postern_grpc_input(postern_grpc *grpc, const uint8_t *bytes, size_t length);

/* Whether the call is over; then what follows is of it. */
bool postern_grpc_is_over(const postern_grpc *grpc);
/* Whether another call may begin on the connection. */
bool postern_grpc_is_usable(const postern_grpc *grpc);
/* 0 when the stream was reset before a head came. */
int postern_grpc_http_status(const postern_grpc *grpc);
/* -1 when there was none. */
int postern_grpc_status(const postern_grpc *grpc);
/* `grpc-message`, percent-encoded, and `grpc-status-details-bin`, in base64; empty when there was none. */
const char *postern_grpc_message(const postern_grpc *grpc);
const char *postern_grpc_details(const postern_grpc *grpc);
/* The answer's message without its prefix; false when it is not a whole one, or compressed. */
bool postern_grpc_answer(const postern_grpc *grpc, const uint8_t **bytes, size_t *length);

#endif
