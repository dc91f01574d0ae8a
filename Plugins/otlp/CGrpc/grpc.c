#include "postern_grpc.h"

#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <string.h>

struct postern_grpc {
  nghttp2_session *session;
  size_t limit;
  int32_t stream;
  bool is_over;
  bool is_closing; /* the peer has sent GOAWAY, or an answer was too long */
  int http_status;
  int status;
  char message[512];
  char details[2048];
  uint8_t *request; /* the prefix and the message */
  size_t request_length;
  size_t request_sent;
  uint8_t *answer;
  size_t answer_length;
  size_t answer_room;
};

static void copy_text(char *to, size_t room, const uint8_t *text, size_t length) {
  if (length >= room) length = room - 1;
  memcpy(to, text, length);
  to[length] = 0;
}

static int number(const uint8_t *text, size_t length) {
  int value = 0;
  if (length == 0 || length > 3) return -1;
  for (size_t index = 0; index < length; index++) {
    if (text[index] < '0' || text[index] > '9') return -1;
    value = value * 10 + (text[index] - '0');
  }
  return value;
}

static bool is_named(const uint8_t *name, size_t length, const char *text) {
  return strlen(text) == length && memcmp(name, text, length) == 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_length,
                     const uint8_t *value, size_t value_length, uint8_t flags, void *user) {
  (void)session;
  (void)flags;
  postern_grpc *grpc = user;
  if (frame->hd.stream_id != grpc->stream) return 0;
  if (is_named(name, name_length, ":status")) {
    grpc->http_status = number(value, value_length);
  } else if (is_named(name, name_length, "grpc-status")) {
    grpc->status = number(value, value_length);
  } else if (is_named(name, name_length, "grpc-message")) {
    copy_text(grpc->message, sizeof grpc->message, value, value_length);
  } else if (is_named(name, name_length, "grpc-status-details-bin")) {
    /* Cut off it would be other data. */
    if (value_length < sizeof grpc->details) copy_text(grpc->details, sizeof grpc->details, value, value_length);
  }
  return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes, size_t length,
                   void *user) {
  (void)flags;
  postern_grpc *grpc = user;
  if (stream != grpc->stream || grpc->is_over) return 0;
  if (grpc->answer_length + length > grpc->limit + 5) {
    grpc->is_closing = true;
    return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL);
  }
  if (grpc->answer_length + length > grpc->answer_room) {
    size_t room = (grpc->answer_length + length) * 2;
    uint8_t *more = realloc(grpc->answer, room);
    if (more == NULL) return NGHTTP2_ERR_CALLBACK_FAILURE;
    grpc->answer = more;
    grpc->answer_room = room;
  }
  memcpy(grpc->answer + grpc->answer_length, bytes, length);
  grpc->answer_length += length;
  return 0;
}

static int on_close(nghttp2_session *session, int32_t stream, uint32_t code, void *user) {
  (void)session;
  (void)code;
  postern_grpc *grpc = user;
  if (stream == grpc->stream) grpc->is_over = true;
  return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user) {
  (void)session;
  postern_grpc *grpc = user;
  if (frame->hd.type == NGHTTP2_GOAWAY) grpc->is_closing = true;
  return 0;
}

static ssize_t read_request(nghttp2_session *session, int32_t stream, uint8_t *buffer, size_t room, uint32_t *flags,
                            nghttp2_data_source *source, void *user) {
  (void)session;
  (void)stream;
  (void)source;
  postern_grpc *grpc = user;
  size_t left = grpc->request_length - grpc->request_sent;
  if (left > room) left = room;
  memcpy(buffer, grpc->request + grpc->request_sent, left);
  grpc->request_sent += left;
  if (grpc->request_sent == grpc->request_length) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return (ssize_t)left;
}

postern_grpc *postern_grpc_new(size_t limit) {
  postern_grpc *grpc = calloc(1, sizeof *grpc);
  nghttp2_session_callbacks *callbacks = NULL;
  nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0}, {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 0}};
  if (grpc == NULL || nghttp2_session_callbacks_new(&callbacks) != 0) {
    free(grpc);
    return NULL;
  }
  grpc->limit = limit;
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
  int result = nghttp2_session_client_new(&grpc->session, callbacks, grpc);
  nghttp2_session_callbacks_del(callbacks);
  if (result != 0 || nghttp2_submit_settings(grpc->session, NGHTTP2_FLAG_NONE, settings, 2) != 0) {
    postern_grpc_free(grpc);
    return NULL;
  }
  return grpc;
}

void postern_grpc_free(postern_grpc *grpc) {
  if (grpc == NULL) return;
  if (grpc->session != NULL) nghttp2_session_del(grpc->session);
  free(grpc->request);
  free(grpc->answer);
  free(grpc);
}

static nghttp2_nv pair(const char *name, const char *value) {
  nghttp2_nv pair = {(uint8_t *)name, (uint8_t *)value, strlen(name), strlen(value), NGHTTP2_NV_FLAG_NONE};
  return pair;
}

bool postern_grpc_begin(postern_grpc *grpc, bool is_secure, const char *authority, const char *path,
                        const postern_grpc_field *fields, size_t field_count, const uint8_t *message,
                        size_t message_length) {
  if (!postern_grpc_is_usable(grpc) || message_length > UINT32_MAX) return false;
  uint8_t *request = malloc(message_length + 5);
  nghttp2_nv *head = calloc(field_count + 6, sizeof *head);
  if (request == NULL || head == NULL) {
    free(request);
    free(head);
    return false;
  }
  request[0] = 0;
  for (int index = 0; index < 4; index++) request[1 + index] = (uint8_t)(message_length >> (24 - 8 * index));
  if (message_length > 0) memcpy(request + 5, message, message_length);
  free(grpc->request);
  grpc->request = request;
  grpc->request_length = message_length + 5;
  grpc->request_sent = 0;
  grpc->answer_length = 0;
  grpc->is_over = false;
  grpc->http_status = 0;
  grpc->status = -1;
  grpc->message[0] = 0;
  grpc->details[0] = 0;
  head[0] = pair(":method", "POST");
  head[1] = pair(":scheme", is_secure ? "https" : "http");
  head[2] = pair(":path", path);
  head[3] = pair(":authority", authority);
  head[4] = pair("te", "trailers");
  head[5] = pair("content-type", "application/grpc");
  for (size_t index = 0; index < field_count; index++) head[6 + index] = pair(fields[index].name, fields[index].value);
  nghttp2_data_provider provider = {.read_callback = read_request};
  grpc->stream = nghttp2_submit_request(grpc->session, NULL, head, field_count + 6, &provider, NULL);
  free(head);
  return grpc->stream > 0;
}

int64_t postern_grpc_output(postern_grpc *grpc, const uint8_t **bytes) {
  return nghttp2_session_mem_send(grpc->session, bytes);
}

bool postern_grpc_input(postern_grpc *grpc, const uint8_t *bytes, size_t length) {
  return nghttp2_session_mem_recv(grpc->session, bytes, length) == (ssize_t)length;
}

bool postern_grpc_is_over(const postern_grpc *grpc) { return grpc->is_over; }

bool postern_grpc_is_usable(const postern_grpc *grpc) {
  return !grpc->is_closing && nghttp2_session_check_request_allowed(grpc->session) != 0;
}

int postern_grpc_http_status(const postern_grpc *grpc) { return grpc->http_status; }
int postern_grpc_status(const postern_grpc *grpc) { return grpc->status; }
const char *postern_grpc_message(const postern_grpc *grpc) { return grpc->message; }
const char *postern_grpc_details(const postern_grpc *grpc) { return grpc->details; }

bool postern_grpc_answer(const postern_grpc *grpc, const uint8_t **bytes, size_t *length) {
  if (grpc->answer_length < 5 || grpc->answer[0] != 0) return false;
  size_t told = (size_t)grpc->answer[1] << 24 | (size_t)grpc->answer[2] << 16 | (size_t)grpc->answer[3] << 8 |
                (size_t)grpc->answer[4];
  if (told != grpc->answer_length - 5) return false;
  *bytes = grpc->answer + 5;
  *length = told;
  return true;
}
