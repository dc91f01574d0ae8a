/* A producer of librdkafka whose batches are over when they are over. Used by one thread at a time.
 *
 * A function that can fail writes into `why` what the user should read. */
#ifndef POSTERN_KAFKA_H
#define POSTERN_KAFKA_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct postern_kafka postern_kafka;

/* Whether librdkafka knows a property and this value of it. */
bool postern_kafka_knows(const char *name, const char *value, char *why, size_t room);

/* `settings` are names and values in turn, NULL at the end. Connects to nothing that is waited for. */
postern_kafka *postern_kafka_new(const char *const *settings, char *why, size_t room);
void postern_kafka_free(postern_kafka *);

enum { POSTERN_KAFKA_PENDING, POSTERN_KAFKA_DELIVERED, POSTERN_KAFKA_AGAIN, POSTERN_KAFKA_REFUSED };

/* Begins a batch of so many messages. */
bool postern_kafka_begin(postern_kafka *, size_t count);
/* Hands over a copy of message `index`. `key` may be NULL. */
void postern_kafka_add(
    postern_kafka *, size_t index, const char *topic, const uint8_t *key, size_t key_count, const uint8_t *payload,
    size_t payload_count, int64_t time_ms);
/* Waits for what becomes of all messages; takes back those of which nothing is known when the time is over. After
 * it each has one of the outcomes above but the first. `why` gets the last error, "" when there was none. */
void postern_kafka_finish(postern_kafka *, int timeout_ms, char *why, size_t room);
uint8_t postern_kafka_outcome(const postern_kafka *, size_t index);
#endif
