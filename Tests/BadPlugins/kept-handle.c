/* Keeps the handle of a request past its end, and uses it from a timer of the worker's. */
#include "hooks.h"

static postern_config_host *place;
static postern_worker_host *present;
static postern_stream_host *kept;
static uint64_t kept_id;
static int ran, released;

static void work(void *user, postern_stream_host *stream, void *state) {
  (void)user, (void)stream, (void)state;
  ran++;
}

static void release(void *user) {
  (void)user;
  released++;
}

static void fired(void *user, postern_stream_host *none, void *state) {
  (void)user, (void)none, (void)state;
  SERVICE(postern_stream_interface, POSTERN_INTERFACE_STREAM);
  const postern_log_interface *log = test_host->interface(POSTERN_INTERFACE_LOG, 0);
  service->post(kept_id, work, NULL, release);
  char text[96];
  snprintf(text, sizeof text, "kept handle: set %u, answer %u, id %u, posted work ran %d, released %d",
           set(kept, POSTERN_SECTION_REQUEST_HEADERS, "x-a", "1"), answer(kept, 500), service->id(kept) != 0, ran,
           released);
  log->write(place, POSTERN_LOG_ERROR, bytes(text));
}

HOOK(request_head) {
  UNUSED;
  SERVICE(postern_stream_interface, POSTERN_INTERFACE_STREAM);
  const postern_waiting_interface *waiting = test_host->interface(POSTERN_INTERFACE_WAITING, 0);
  kept = stream;
  kept_id = service->id(stream);
  postern_waiter waiter = {.size = sizeof waiter, .worker = present};
  return waiting->set_timer(&waiter, 50000000, fired, NULL) == POSTERN_OK ? POSTERN_HTTP_CONTINUE : POSTERN_HTTP_FAILED;
}

static postern_status worker_create(void *config, postern_worker_host *worker, uint32_t index, void **out) {
  (void)config, (void)index, (void)out;
  present = worker;
  return POSTERN_OK;
}

#define HAS_CREATE
#define FILTER_HOOKS .request_head = request_head, .worker_create = worker_create
#include "plugin.h"

static postern_status test_create(const postern_http_filter *filter, postern_config_host *config, postern_bytes json,
                                  void **out) {
  (void)filter, (void)json, (void)out;
  place = config;
  return POSTERN_OK;
}
