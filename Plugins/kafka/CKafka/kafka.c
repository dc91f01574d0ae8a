#include "postern_kafka.h"
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct postern_kafka {
  rd_kafka_t *producer;
  uint8_t *outcomes;
  size_t count;
  size_t room;
  size_t pending;
  uint32_t batch; /* what becomes of messages of an earlier one is not looked at */
  rd_kafka_resp_err_t last;
  char reason[256]; /* of the client: a broker that is away, a failed login */
};

/* What makes a message one that is never taken, however often it comes. */
static bool is_for_good(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || error == RD_KAFKA_RESP_ERR_INVALID_RECORD ||
         error == RD_KAFKA_RESP_ERR_INVALID_MSG;
}

/* Whose clock runs out first is chance: ours, after which we purge, or librdkafka's for a message or a request. */
static bool is_late(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__PURGE_QUEUE || error == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT ||
         error == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT || error == RD_KAFKA_RESP_ERR__TIMED_OUT ||
         error == RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE || error == RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT;
}

static void settle(postern_kafka *kafka, size_t index, rd_kafka_resp_err_t error) {
  if (index >= kafka->count || kafka->outcomes[index] != POSTERN_KAFKA_PENDING) return;
  kafka->pending--;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    kafka->outcomes[index] = POSTERN_KAFKA_DELIVERED;
  } else {
    kafka->outcomes[index] = is_for_good(error) ? POSTERN_KAFKA_REFUSED : POSTERN_KAFKA_AGAIN;
    kafka->last = error;
  }
}

static void *tag(const postern_kafka *kafka, size_t index) {
  return (void *)(uintptr_t)((uint64_t)kafka->batch << 32 | (uint32_t)index);
}

/* Called by rd_kafka_poll, on the thread that calls that. A message's own pointer is batch and index. */
static void on_delivery(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque) {
  (void)producer;
  postern_kafka *kafka = opaque;
  uint64_t own = (uint64_t)(uintptr_t)message->_private;
  if (own >> 32 == kafka->batch) settle(kafka, (uint32_t)own, message->err);
}

static void on_error(rd_kafka_t *producer, int error, const char *reason, void *opaque) {
  (void)producer;
  postern_kafka *kafka = opaque;
  /* It comes behind the reason why they are. */
  if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && kafka->reason[0] != 0) return;
  snprintf(kafka->reason, sizeof kafka->reason, "%s", reason);
}

/* Errors come by on_error; the rest is not of interest. */
static void on_log(const rd_kafka_t *producer, int level, const char *facility, const char *text) {
  (void)producer;
  (void)level;
  (void)facility;
  (void)text;
}

bool postern_kafka_knows(const char *name, const char *value, char *why, size_t room) {
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  bool known = rd_kafka_conf_set(conf, name, value, why, room) == RD_KAFKA_CONF_OK;
  rd_kafka_conf_destroy(conf);
  return known;
}

postern_kafka *postern_kafka_new(const char *const *settings, char *why, size_t room) {
  postern_kafka *kafka = calloc(1, sizeof *kafka);
  if (kafka == NULL) return NULL;
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  for (; settings[0] != NULL; settings += 2) {
    if (rd_kafka_conf_set(conf, settings[0], settings[1], why, room) != RD_KAFKA_CONF_OK) goto failed;
  }
  rd_kafka_conf_set_opaque(conf, kafka);
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_conf_set_error_cb(conf, on_error);
  rd_kafka_conf_set_log_cb(conf, on_log);
  kafka->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, room);
  if (kafka->producer == NULL) goto failed;
  return kafka;
failed:
  rd_kafka_conf_destroy(conf);
  free(kafka);
  return NULL;
}

void postern_kafka_free(postern_kafka *kafka) {
  if (kafka == NULL) return;
  rd_kafka_purge(kafka->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_destroy(kafka->producer);
  free(kafka->outcomes);
  free(kafka);
}

bool postern_kafka_begin(postern_kafka *kafka, size_t count) {
  if (count > kafka->room) {
    uint8_t *outcomes = realloc(kafka->outcomes, count);
    if (outcomes == NULL) return false;
    kafka->outcomes = outcomes;
    kafka->room = count;
  }
  memset(kafka->outcomes, POSTERN_KAFKA_PENDING, count);
  kafka->batch++;
  kafka->count = count;
  kafka->pending = count;
  kafka->last = RD_KAFKA_RESP_ERR_NO_ERROR;
  kafka->reason[0] = 0;
  return true;
}

void postern_kafka_add(
    postern_kafka *kafka, size_t index, const char *topic, const uint8_t *key, size_t key_count, const uint8_t *payload,
    size_t payload_count, int64_t time_ms) {
  rd_kafka_resp_err_t error = rd_kafka_producev(
      kafka->producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY(key, key_count),
      RD_KAFKA_V_VALUE((void *)(uintptr_t)payload, payload_count), RD_KAFKA_V_TIMESTAMP(time_ms),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE(tag(kafka, index)), RD_KAFKA_V_END);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) settle(kafka, index, error);
}

static int64_t now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void postern_kafka_finish(postern_kafka *kafka, int timeout_ms, char *why, size_t room) {
  int64_t end = now_ms() + timeout_ms;
  while (kafka->pending > 0) {
    int64_t left = end - now_ms();
    if (left <= 0) break;
    rd_kafka_poll(kafka->producer, left < 100 ? (int)left : 100);
  }
  if (kafka->pending > 0) {
    /* What is under way may arrive all the same: it comes twice then. The callbacks of all that was purged are
     * there at once, but for those of requests that a thread is just writing. */
    rd_kafka_purge(kafka->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    end = now_ms() + 1000;
    while (kafka->pending > 0 && now_ms() < end) rd_kafka_poll(kafka->producer, 10);
  }
  for (size_t index = 0; index < kafka->count; index++) {
    if (kafka->outcomes[index] == POSTERN_KAFKA_PENDING) settle(kafka, index, RD_KAFKA_RESP_ERR__TIMED_OUT);
  }
  const char *last = is_late(kafka->last) ? "no broker has taken it in time" : rd_kafka_err2str(kafka->last);
  if (kafka->last == RD_KAFKA_RESP_ERR_NO_ERROR) {
    snprintf(why, room, "%s", "");
  } else if (kafka->reason[0] != 0) {
    snprintf(why, room, "%s (%s)", last, kafka->reason);
  } else {
    snprintf(why, room, "%s", last);
  }
}

uint8_t postern_kafka_outcome(const postern_kafka *kafka, size_t index) {
  return index < kafka->count ? kafka->outcomes[index] : POSTERN_KAFKA_AGAIN;
}
