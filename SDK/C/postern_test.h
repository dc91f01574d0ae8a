/* postern_test.h - a small host in the process of a C plugin's test: fields, bodies, answers, log lines, problems.
 *
 * Include it after the plugin's source. For callouts, timers, metrics and the store, test with the Swift kit,
 * PosternTestKit, or behind a gateway: `interface` gives no table for them here.
 */
#ifndef POSTERN_TEST_H
#define POSTERN_TEST_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "postern_http_filter.h"

#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                                \
    }                                                                         \
  } while (0)

#define POSTERN_TEST_FIELDS 64
#define POSTERN_TEST_TEXT 4096
#define POSTERN_TEST_UNUSED __attribute__((unused)) static

typedef struct postern_test_field {
  char name[256], value[1024];
} postern_test_field;

/* One filter and one stream. Nothing in it is for the plugin to see. */
typedef struct postern_test {
  const postern_http_filter *filter;
  void *config, *worker, *state;
  /* The four sections of postern_section; pseudo-fields of the request are fields called ":path" and so on. */
  postern_test_field fields[4][POSTERN_TEST_FIELDS];
  size_t counts[4];
  uint32_t status;
  const char *body;    /* what the body hook is shown */
  int in_body, is_open, is_resumed;
  char new_body[POSTERN_TEST_TEXT]; /* what it put in the place of that */
  int is_replaced;
  uint32_t answer_status; /* 0: the filter has not answered */
  char answer_body[POSTERN_TEST_TEXT], answer_details[256];
  char problem_pointer[256], problem_message[POSTERN_TEST_TEXT];
  char log[POSTERN_TEST_TEXT]; /* the last line */
} postern_test;

static char postern_test_names[POSTERN_TEST_FIELDS][256];
static const char *const postern_test_known[] = {
    "host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection", "upgrade", "te",
    "trailer", "http2-settings", "expect", "via", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host",
    "x-request-id", "traceparent", "tracestate", "authorization", "proxy-authorization", "cookie", "set-cookie",
    "user-agent", "accept", "accept-encoding", "accept-language", "content-type", "content-encoding", "cache-control",
    "date", "server", "location", "etag", "vary", "last-modified", "if-none-match", "if-modified-since", "range",
    "referer", "origin", "retry-after", "www-authenticate", "x-api-key"};
static const char *const postern_test_pseudo[] = {":method", ":scheme", ":authority", ":path"};
#define POSTERN_TEST_KNOWN (sizeof postern_test_known / sizeof *postern_test_known)

static void postern_test_copy(char *out, size_t size, postern_bytes bytes) {
  size_t count = bytes.len < size ? bytes.len : size - 1;
  if (count > 0) memcpy(out, bytes.ptr, count);
  out[count] = 0;
}

static const char *postern_test_name(postern_header number) {
  if (number >= POSTERN_HEADER_INTERNED) return postern_test_names[(number - POSTERN_HEADER_INTERNED) % 64];
  if (number >= POSTERN_PSEUDO_METHOD && number <= POSTERN_PSEUDO_PATH) return postern_test_pseudo[number - 256];
  return number >= 1 && number <= POSTERN_TEST_KNOWN ? postern_test_known[number - 1] : "";
}

static postern_status postern_test_intern(postern_bytes name, postern_header *out) {
  char text[256];
  postern_test_copy(text, sizeof text, name);
  for (size_t i = 0; i < POSTERN_TEST_KNOWN; i++)
    if (strcasecmp(postern_test_known[i], text) == 0) return *out = (postern_header)i + 1, POSTERN_OK;
  for (uint32_t i = 0; i < POSTERN_TEST_FIELDS; i++) {
    if (postern_test_names[i][0] == 0) strcpy(postern_test_names[i], text);
    if (strcasecmp(postern_test_names[i], text) == 0) return *out = POSTERN_HEADER_INTERNED + i, POSTERN_OK;
  }
  return POSTERN_TOO_LARGE;
}

static postern_test_field *postern_test_find(postern_test *test, postern_section section, const char *name) {
  for (size_t i = 0; i < test->counts[section]; i++)
    if (strcasecmp(test->fields[section][i].name, name) == 0) return &test->fields[section][i];
  return NULL;
}

/* The value of the first field called `name`; null when there is none. */
POSTERN_TEST_UNUSED const char *postern_test_get(postern_test *test, postern_section section, const char *name) {
  postern_test_field *found = postern_test_find(test, section, name);
  return found ? found->value : NULL;
}

POSTERN_TEST_UNUSED void postern_test_add(postern_test *test, postern_section section, const char *name,
                                          const char *value) {
  CHECK(test->counts[section] < POSTERN_TEST_FIELDS);
  postern_test_field *field = &test->fields[section][test->counts[section]++];
  snprintf(field->name, sizeof field->name, "%s", name);
  snprintf(field->value, sizeof field->value, "%s", value);
}

static postern_status postern_test_remove_all(postern_test *test, postern_section section, const char *name) {
  size_t kept = 0, before = test->counts[section];
  for (size_t i = 0; i < before; i++)
    if (strcasecmp(test->fields[section][i].name, name) != 0) test->fields[section][kept++] = test->fields[section][i];
  test->counts[section] = kept;
  return kept < before ? POSTERN_OK : POSTERN_NOT_FOUND;
}

#define POSTERN_TEST_OF(stream) ((postern_test *)(void *)(stream))
#define POSTERN_TEST_TEXT_OF(bytes, text) \
  char text[1024];                        \
  postern_test_copy(text, sizeof text, bytes)

static postern_status postern_test_h_get_text(postern_stream_host *s, postern_section section, const char *name,
                                              postern_bytes *out) {
  postern_test_field *found = postern_test_find(POSTERN_TEST_OF(s), section, name);
  if (found == NULL) return POSTERN_NOT_FOUND;
  *out = (postern_bytes){(const uint8_t *)found->value, strlen(found->value)};
  return POSTERN_OK;
}

static postern_status postern_test_h_change(postern_stream_host *s, postern_section section, const char *name,
                                            postern_bytes value, int replaces) {
  for (size_t i = 0; i < value.len; i++)
    if ((value.ptr[i] < 0x20 && value.ptr[i] != '\t') || value.ptr[i] == 0x7F) return POSTERN_BAD_ARGUMENT;
  if (name[0] == 0 || strpbrk(name + 1, " :\t\r\n")) return POSTERN_BAD_ARGUMENT;
  POSTERN_TEST_TEXT_OF(value, text);
  if (replaces) postern_test_remove_all(POSTERN_TEST_OF(s), section, name);
  postern_test_add(POSTERN_TEST_OF(s), section, name, text);
  return POSTERN_OK;
}

static postern_status postern_test_h_get(postern_stream_host *s, postern_section c, postern_header n,
                                         postern_bytes *out) {
  return postern_test_h_get_text(s, c, postern_test_name(n), out);
}
static postern_status postern_test_h_get_named(postern_stream_host *s, postern_section c, postern_bytes n,
                                               postern_bytes *out) {
  POSTERN_TEST_TEXT_OF(n, name);
  return postern_test_h_get_text(s, c, name, out);
}
static postern_status postern_test_h_set(postern_stream_host *s, postern_section c, postern_header n, postern_bytes v) {
  return postern_test_h_change(s, c, postern_test_name(n), v, 1);
}
static postern_status postern_test_h_set_named(postern_stream_host *s, postern_section c, postern_bytes n,
                                               postern_bytes v) {
  POSTERN_TEST_TEXT_OF(n, name);
  return postern_test_h_change(s, c, name, v, 1);
}
static postern_status postern_test_h_add(postern_stream_host *s, postern_section c, postern_header n, postern_bytes v) {
  return postern_test_h_change(s, c, postern_test_name(n), v, 0);
}
static postern_status postern_test_h_add_named(postern_stream_host *s, postern_section c, postern_bytes n,
                                               postern_bytes v) {
  POSTERN_TEST_TEXT_OF(n, name);
  return postern_test_h_change(s, c, name, v, 0);
}
static postern_status postern_test_h_remove(postern_stream_host *s, postern_section c, postern_header n) {
  return postern_test_remove_all(POSTERN_TEST_OF(s), c, postern_test_name(n));
}
static postern_status postern_test_h_remove_named(postern_stream_host *s, postern_section c, postern_bytes n) {
  POSTERN_TEST_TEXT_OF(n, name);
  return postern_test_remove_all(POSTERN_TEST_OF(s), c, name);
}
static size_t postern_test_h_count(postern_stream_host *s, postern_section c) {
  size_t count = 0;
  for (size_t i = 0; i < POSTERN_TEST_OF(s)->counts[c]; i++) count += POSTERN_TEST_OF(s)->fields[c][i].name[0] != ':';
  return count;
}
static postern_status postern_test_h_at(postern_stream_host *s, postern_section c, size_t index, postern_bytes *name,
                                        postern_bytes *value) {
  for (size_t i = 0; i < POSTERN_TEST_OF(s)->counts[c]; i++) {
    postern_test_field *field = &POSTERN_TEST_OF(s)->fields[c][i];
    if (field->name[0] == ':' || index-- > 0) continue;
    *name = (postern_bytes){(const uint8_t *)field->name, strlen(field->name)};
    *value = (postern_bytes){(const uint8_t *)field->value, strlen(field->value)};
    return POSTERN_OK;
  }
  return POSTERN_NOT_FOUND;
}
static uint32_t postern_test_h_status(postern_stream_host *s) { return POSTERN_TEST_OF(s)->status; }
static postern_status postern_test_h_set_status(postern_stream_host *s, uint32_t status) {
  if (POSTERN_TEST_OF(s)->status == 0) return POSTERN_WRONG_PHASE;
  if (status < 200 || status > 599) return POSTERN_BAD_ARGUMENT;
  POSTERN_TEST_OF(s)->status = status;
  return POSTERN_OK;
}

static postern_status postern_test_s_body(postern_stream_host *s, postern_bytes *out) {
  if (!POSTERN_TEST_OF(s)->in_body) return POSTERN_WRONG_PHASE;
  const char *body = POSTERN_TEST_OF(s)->body;
  *out = (postern_bytes){(const uint8_t *)body, strlen(body)};
  return POSTERN_OK;
}
static postern_status postern_test_s_replace(postern_stream_host *s, postern_bytes bytes) {
  if (!POSTERN_TEST_OF(s)->in_body) return POSTERN_WRONG_PHASE;
  postern_test_copy(POSTERN_TEST_OF(s)->new_body, POSTERN_TEST_TEXT, bytes);
  POSTERN_TEST_OF(s)->is_replaced = 1;
  return POSTERN_OK;
}
static postern_status postern_test_s_will_change(postern_stream_host *s, postern_direction d) {
  (void)s;
  return d > POSTERN_FROM_SERVICE ? POSTERN_BAD_ARGUMENT : POSTERN_OK;
}
static postern_status postern_test_s_limit(postern_stream_host *s, postern_direction d, size_t bytes) {
  (void)bytes;
  return postern_test_s_will_change(s, d);
}
static postern_status postern_test_s_respond(postern_stream_host *s, const postern_local_response *r) {
  postern_test *test = POSTERN_TEST_OF(s);
  if (test->answer_status != 0) return POSTERN_WRONG_PHASE;
  if (r->size < POSTERN_LOCAL_RESPONSE_SIZE_1_0 || r->status < 200 || r->status > 599) return POSTERN_BAD_ARGUMENT;
  test->answer_status = r->status;
  postern_test_copy(test->answer_body, sizeof test->answer_body, r->body);
  postern_test_copy(test->answer_details, sizeof test->answer_details, r->details);
  return POSTERN_OK;
}
static void postern_test_s_resume(postern_stream_host *s, postern_direction d) {
  (void)d;
  POSTERN_TEST_OF(s)->is_resumed = 1;
}
static void postern_test_s_clear_route(postern_stream_host *s) { (void)s; }
static uint64_t postern_test_s_id(postern_stream_host *s) { return (uint64_t)(uintptr_t)s; }
/* At once, here: a test has one thread. */
static void postern_test_s_post(uint64_t id, postern_stream_work work, void *user, postern_release release) {
  postern_test *test = (postern_test *)(uintptr_t)id;
  if (test->is_open) work(user, (postern_stream_host *)(void *)test, test->state);
  if (release) release(user);
}

static void postern_test_c_problem(postern_config_host *c, postern_bytes pointer, postern_bytes message) {
  postern_test *test = (postern_test *)(void *)c;
  postern_test_copy(test->problem_pointer, sizeof test->problem_pointer, pointer);
  postern_test_copy(test->problem_message, sizeof test->problem_message, message);
}
static uint32_t postern_test_l_is_logged(postern_config_host *c, postern_log_level level) {
  (void)c;
  return level <= POSTERN_LOG_CRITICAL;
}
static void postern_test_l_write(postern_config_host *c, postern_log_level level, postern_bytes message) {
  (void)level;
  postern_test_copy(((postern_test *)(void *)c)->log, POSTERN_TEST_TEXT, message);
}

static const void *postern_test_interface(uint32_t id, uint32_t minor) {
  static const postern_config_interface config = {sizeof config, postern_test_c_problem};
  static const postern_log_interface log = {sizeof log, postern_test_l_is_logged, postern_test_l_write};
  static const postern_http_headers_interface headers = {
      sizeof headers, postern_test_intern, postern_test_h_get, postern_test_h_get_named, postern_test_h_set,
      postern_test_h_set_named, postern_test_h_add, postern_test_h_add_named, postern_test_h_remove,
      postern_test_h_remove_named, postern_test_h_count, postern_test_h_at, postern_test_h_status,
      postern_test_h_set_status};
  static const postern_http_stream_interface stream = {
      sizeof stream, postern_test_s_body, postern_test_s_replace, postern_test_s_will_change, postern_test_s_respond,
      postern_test_s_resume, postern_test_s_clear_route, postern_test_s_limit};
  static const postern_stream_interface any_stream = {sizeof any_stream, postern_test_s_id, postern_test_s_post};
  if (minor > POSTERN_ABI_MINOR) return NULL;
  switch (id) {
    case POSTERN_INTERFACE_CONFIG: return &config;
    case POSTERN_INTERFACE_LOG: return &log;
    case POSTERN_INTERFACE_HTTP_HEADERS: return &headers;
    case POSTERN_INTERFACE_HTTP_STREAM: return &stream;
    case POSTERN_INTERFACE_STREAM: return &any_stream;
    default: return NULL;
  }
}

/* Takes a configuration into use; problem_pointer and problem_message say what the plugin reported. */
POSTERN_TEST_UNUSED postern_status postern_test_configure(postern_test *test, postern_plugin_entry entry,
                                                          const char *json) {
  static const postern_host host = {sizeof host, POSTERN_ABI_VERSION, 0, postern_test_interface};
  memset(test, 0, sizeof *test);
  const postern_plugin *plugin = entry(&host);
  CHECK(plugin != NULL);
  test->filter = (const postern_http_filter *)plugin->extension(plugin, POSTERN_EXTENSION_HTTP_FILTER);
  CHECK(test->filter != NULL);
  postern_bytes text = {(const uint8_t *)json, strlen(json)};
  postern_status status =
      test->filter->config_create(test->filter, (postern_config_host *)(void *)test, text, &test->config);
  if (status == POSTERN_OK && test->filter->worker_create)
    status = test->filter->worker_create(test->config, (postern_worker_host *)(void *)test, 0, &test->worker);
  return status;
}

static void postern_test_close(postern_test *test) {
  postern_stream_host *stream = (postern_stream_host *)(void *)test;
  if (!test->is_open) return;
  if (test->filter->complete) test->filter->complete(test->config, test->worker, stream, test->state);
  if (test->filter->stream_close) test->filter->stream_close(test->config, test->worker, stream, test->state);
  test->is_open = 0;
  free(test->state);
}

/* Begins another exchange; the one before is over. */
POSTERN_TEST_UNUSED void postern_test_request(postern_test *test, const char *method, const char *path) {
  postern_stream_host *stream = (postern_stream_host *)(void *)test;
  postern_test_close(test);
  memset(test->counts, 0, sizeof test->counts);
  test->status = test->answer_status = 0;
  test->answer_body[0] = test->answer_details[0] = 0;
  test->is_resumed = 0;
  test->is_open = 1;
  test->state = calloc(1, test->filter->stream_state_bytes + 16);
  CHECK(test->state != NULL);
  postern_test_add(test, POSTERN_SECTION_REQUEST_HEADERS, ":method", method);
  postern_test_add(test, POSTERN_SECTION_REQUEST_HEADERS, ":scheme", "http");
  postern_test_add(test, POSTERN_SECTION_REQUEST_HEADERS, ":authority", "example.com");
  postern_test_add(test, POSTERN_SECTION_REQUEST_HEADERS, ":path", path);
  if (test->filter->stream_open) test->filter->stream_open(test->config, test->worker, stream, test->state);
}

POSTERN_TEST_UNUSED void postern_test_response(postern_test *test, uint32_t status) {
  test->counts[POSTERN_SECTION_RESPONSE_HEADERS] = 0;
  test->status = status;
}

/* What the hook wants; one that has answered has responded. A null hook goes on. */
static postern_http_action postern_test_done(postern_test *test, postern_http_action action) {
  return test->answer_status != 0 ? POSTERN_HTTP_RESPONDED : action;
}

POSTERN_TEST_UNUSED postern_http_action postern_test_request_head(postern_test *test, uint32_t flags) {
  if (!test->filter->request_head) return POSTERN_HTTP_CONTINUE;
  return postern_test_done(test, test->filter->request_head(test->config, test->worker,
                                                            (postern_stream_host *)(void *)test, test->state, flags));
}
POSTERN_TEST_UNUSED postern_http_action postern_test_response_head(postern_test *test, uint32_t flags) {
  test->answer_status = 0;
  if (!test->filter->response_head) return POSTERN_HTTP_CONTINUE;
  return postern_test_done(test, test->filter->response_head(test->config, test->worker,
                                                             (postern_stream_host *)(void *)test, test->state, flags));
}
/* Shows `body`; what is passed on is in new_body. */
POSTERN_TEST_UNUSED postern_http_action postern_test_body(postern_test *test, postern_direction direction,
                                                          const char *body, uint32_t flags) {
  postern_http_action (*hook)(void *, void *, postern_stream_host *, void *, uint32_t) =
      direction == POSTERN_FROM_CLIENT ? test->filter->request_body : test->filter->response_body;
  test->body = body;
  test->is_replaced = 0;
  test->in_body = 1;
  postern_http_action action = POSTERN_HTTP_CONTINUE;
  if (hook) action = hook(test->config, test->worker, (postern_stream_host *)(void *)test, test->state, flags);
  test->in_body = 0;
  if (!test->is_replaced) snprintf(test->new_body, sizeof test->new_body, "%s", body);
  return postern_test_done(test, action);
}

/* Gives everything back to the plugin. */
POSTERN_TEST_UNUSED void postern_test_end(postern_test *test) {
  postern_test_close(test);
  if (test->filter->worker_destroy) test->filter->worker_destroy(test->config, test->worker);
  if (test->filter->config_destroy) test->filter->config_destroy(test->config);
}
#endif
