/* postern_activity.h - what a worker's filter is doing, for whoever must say so: another thread, or a signal handler. */
#ifndef POSTERN_ACTIVITY_H
#define POSTERN_ACTIVITY_H
#include <stddef.h>
#include <stdint.h>

/* One a worker, never freed. Written by the worker's thread alone, with relaxed stores: plain moves. */
typedef struct postern_activity {
  const char *filter; /* lives for ever; null: no filter is being called */
  const void *exchange;
  uint64_t stream;
  uint32_t phase;
} postern_activity;

static inline void postern_activity_enter(postern_activity *activity, const char *filter, uint32_t phase,
                                          uint64_t stream, const void *exchange) {
  __atomic_store_n(&activity->exchange, exchange, __ATOMIC_RELAXED);
  __atomic_store_n(&activity->stream, stream, __ATOMIC_RELAXED);
  __atomic_store_n(&activity->phase, phase, __ATOMIC_RELAXED);
  __atomic_store_n(&activity->filter, filter, __ATOMIC_RELAXED);
}

static inline void postern_activity_leave(postern_activity *activity) {
  __atomic_store_n(&activity->filter, (const char *)0, __ATOMIC_RELAXED);
}

/* From any thread. The parts may be of two calls that follow each other. */
static inline postern_activity postern_activity_read(const postern_activity *activity) {
  postern_activity copy = {0, 0, 0, 0};
  copy.filter = __atomic_load_n(&activity->filter, __ATOMIC_RELAXED);
  copy.stream = __atomic_load_n(&activity->stream, __ATOMIC_RELAXED);
  copy.phase = __atomic_load_n(&activity->phase, __ATOMIC_RELAXED);
  return copy;
}

/* Writes the id of an exchange's request; how many bytes. Called within a signal handler, on the thread that crashed:
 * it may read memory, and nothing else. */
typedef size_t (*postern_request_id)(const void *exchange, uint8_t *out, size_t size);

/* From now on, a crash of the process is reported on standard error, with the filter that the thread was calling. Then
 * what was set before for the signal happens: the process ends, and leaves a core where it is asked to. */
void postern_report_crashes(postern_request_id request_id);

/* The calling thread is a worker's, whose filters' crashes are to be named; `activity` lives for ever. */
void postern_adopt_activity(postern_activity *activity);
#endif
