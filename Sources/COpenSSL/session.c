#include "internal.h"
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* What a record of `RECORD` bytes becomes at most: header, explicit nonce, padding, tag, and an answer to a
 * key update before it. */
#define RECORD SSL3_RT_MAX_PLAIN_LENGTH
#define RECORD_SPACE (RECORD + SSL3_RT_MAX_ENCRYPTED_OVERHEAD + 64)

/* Steps of OpenSSL's machine behind the handshake that may follow one another without data between them: a
 * change of keys has five with its answer, and 32 of them in a row are no honest peer's. */
#define STEPS_IN_A_ROW 160
/* Steps after which a read lets others of its worker have a turn. */
#define STEPS_OF_A_READ 160

void postern_watch(const SSL *ssl, int where, int value) {
  (void)value;
  postern_tls *session = SSL_get_ex_data(ssl, 0);
  if (!session->is_open || !(where & SSL_CB_LOOP)) return;
  session->steps_of_read++;
  if (++session->steps > STEPS_IN_A_ROW) session->is_flooded = true;
}

/* --- The session's own BIO: reads the descriptor, writes into the sink -------------------------------- */

static int take(BIO *bio, char *out, size_t room, size_t *got) {
  postern_tls *session = BIO_get_data(bio);
  BIO_clear_retry_flags(bio);
  if (session->is_flooded) return 0;
  if (session->lead_count > 0) {
    size_t count = room < session->lead_count ? room : session->lead_count;
    memcpy(out, session->lead, count);
    session->lead += count;
    session->lead_count -= count;
    *got = count;
    session->taken_by_read += count;
    return 1;
  }
  while (session->may_read) {
    ssize_t count = recv(session->descriptor, out, room, 0);
    if (count > 0) {
      /* After a short read there is no more, and the kernel will say so when there is; but not again that
       * the peer has ended, so then the end must be read now. */
      if ((size_t)count < room && !session->peer_ended) session->may_read = false;
      *got = (size_t)count;
      session->taken_by_read += (size_t)count;
      return 1;
    }
    if (count < 0 && errno == EINTR) continue;
    session->may_read = false;
    if (count == 0) session->at_end = true;
    else if (errno != EAGAIN) session->error = errno;
    if (count == 0 || errno != EAGAIN) return 0;
  }
  BIO_set_retry_read(bio);
  return 0;
}

static int put(BIO *bio, const char *bytes, size_t count, size_t *put) {
  postern_tls *session = BIO_get_data(bio);
  postern_tls_sink *sink = session->sink;
  BIO_clear_retry_flags(bio);
  if (session->is_flooded) return 0;
  size_t room = sink->capacity - sink->count;
  if (room == 0) {
    BIO_set_retry_write(bio);
    return 0;
  }
  if (count > room) count = room;
  memcpy(sink->base + sink->count, bytes, count);
  sink->count += count;
  *put = count;
  return 1;
}

static long control(BIO *bio, int command, long number, void *pointer) {
  (void)bio, (void)number, (void)pointer;
  return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *method;
static pthread_once_t method_once = PTHREAD_ONCE_INIT;

static void make_method(void) {
  method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "postern");
  BIO_meth_set_read_ex(method, take);
  BIO_meth_set_write_ex(method, put);
  BIO_meth_set_ctrl(method, control);
}

/* --- Making ------------------------------------------------------------------------------------------ */

static postern_tls *session_new(SSL_CTX *context, int descriptor, postern_tls_sink *sink) {
  pthread_once(&method_once, make_method);
  ERR_clear_error();
  postern_tls *session = calloc(1, sizeof *session);
  session->ssl = SSL_new(context);
  BIO *bio = BIO_new(method);
  if (!session->ssl || !bio) {
    BIO_free(bio);
    postern_tls_free(session);
    return NULL;
  }
  session->sink = sink;
  session->descriptor = descriptor;
  session->final = POSTERN_TLS_DONE;
  BIO_set_data(bio, session);
  BIO_set_init(bio, 1);
  SSL_set_bio(session->ssl, bio, bio);
  SSL_set_ex_data(session->ssl, 0, session);
  return session;
}

postern_tls *postern_tls_accept(postern_tls_server *server, int descriptor, postern_tls_sink *sink) {
  postern_tls *session = session_new(postern_tls_server_context(server), descriptor, sink);
  if (session) SSL_set_accept_state(session->ssl);
  return session;
}

postern_tls *postern_tls_connect(
    postern_tls_client *client, int descriptor, postern_tls_sink *sink, const char *name,
    const char *verified, SSL_SESSION *resumed) {
  postern_tls *session = session_new(postern_tls_client_context(client), descriptor, sink);
  if (!session) return NULL;
  session->is_client = true;
  SSL_set_connect_state(session->ssl);
  if (name) SSL_set_tlsext_host_name(session->ssl, name);
  if (verified) {
    X509_VERIFY_PARAM *parameters = SSL_get0_param(session->ssl);
    /* A common name is no host name (RFC 9525, 2). */
    X509_VERIFY_PARAM_set_hostflags(
        parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (X509_VERIFY_PARAM_set1_ip_asc(parameters, verified) != 1)
      X509_VERIFY_PARAM_set1_host(parameters, verified, 0);
    ERR_clear_error();
  }
  if (resumed) SSL_set_session(session->ssl, resumed);
  return session;
}

void postern_tls_offer(postern_tls *session, const uint8_t *name, size_t length) {
  uint8_t offer[256];
  if (length > 255) return;
  if (length == 0) {
    SSL_set_alpn_protos(session->ssl, NULL, 0);
    return;
  }
  offer[0] = (uint8_t)length;
  memcpy(offer + 1, name, length);
  SSL_set_alpn_protos(session->ssl, offer, (unsigned)length + 1);
}

void postern_tls_free(postern_tls *session) {
  if (!session) return;
  if (session->ssl) {
    /* A connection that ends without ceremony is no reason to forget its session. */
    SSL_set_shutdown(session->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(session->ssl);
  }
  while (session->session_count > 0) SSL_SESSION_free(session->sessions[--session->session_count]);
  free(session->why);
  free(session);
}

int postern_keep_session(SSL *ssl, SSL_SESSION *made) {
  postern_tls *session = SSL_get_ex_data(ssl, 0);
  if (session->session_count == POSTERN_SESSIONS) return 0;
  session->sessions[session->session_count++] = made;
  return 1; /* The reference is ours now. */
}

SSL_SESSION *postern_tls_take_session(postern_tls *session) {
  return session->session_count > 0 ? session->sessions[--session->session_count] : NULL;
}

bool postern_session_is_single(const SSL_SESSION *session) {
  return SSL_SESSION_get_protocol_version(session) >= TLS1_3_VERSION;
}

bool postern_session_has_expired(const SSL_SESSION *session, int64_t time) {
  const X509 *peer = SSL_SESSION_get0_peer((SSL_SESSION *)session);
  return peer && postern_x509_not_after(peer) < time;
}

void postern_session_free(SSL_SESSION *session) { SSL_SESSION_free(session); }

/* --- Bytes ------------------------------------------------------------------------------------------- */

void postern_tls_lead(postern_tls *session, const uint8_t *start, size_t count) {
  session->lead = start;
  session->lead_count = count;
}

void postern_tls_use(postern_tls *session, int descriptor) { session->descriptor = descriptor; }

size_t postern_tls_lead_count(const postern_tls *session) { return session->lead_count; }

void postern_tls_readable(postern_tls *session, bool ended) {
  session->may_read = true;
  session->peer_ended |= ended;
}

static void explain(postern_tls *session) {
  char text[256], why[320];
  unsigned long code = ERR_peek_last_error();
  bool is_verification =
      ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED;
  postern_explain(text, sizeof text, "protocol error");
  if (is_verification) {
    long result = SSL_get_verify_result(session->ssl);
    postern_say(
        why, sizeof why, "%s: %s", text,
        result == X509_V_ERR_APPLICATION_VERIFICATION ? "no subject alternative name is allowed"
                                                      : X509_verify_cert_error_string(result));
  } else {
    postern_say(why, sizeof why, "%s", text);
  }
  free(session->why);
  session->why = strdup(why);
}

/* What a call that did not succeed has said. SSL_get_error looks into the thread's queue of errors, so every
 * call begins with an empty one: others of the worker use libcrypto, too. */
static enum postern_tls_status settle(postern_tls *session, int answer) {
  if (session->is_flooded) {
    session->final = POSTERN_TLS_FAILED;
    free(session->why);
    session->why = strdup("too many changes of keys");
    ERR_clear_error();
    return session->final;
  }
  switch (SSL_get_error(session->ssl, answer)) {
  case SSL_ERROR_WANT_READ: return POSTERN_TLS_WANTS;
  case SSL_ERROR_WANT_WRITE: return POSTERN_TLS_FULL;
  case SSL_ERROR_ZERO_RETURN: session->final = POSTERN_TLS_CLOSED; break;
  case SSL_ERROR_SYSCALL:
    session->final = session->at_end ? POSTERN_TLS_TRUNCATED : POSTERN_TLS_FAILED;
    free(session->why);
    session->why = strdup(
        session->at_end ? "the peer has ended the connection without close_notify"
                        : strerror(session->error ? session->error : EPROTO));
    break;
  default:
    session->final = POSTERN_TLS_FAILED;
    explain(session);
  }
  ERR_clear_error();
  return session->final;
}

enum postern_tls_status postern_tls_handshake(postern_tls *session) {
  if (session->final != POSTERN_TLS_DONE) return session->final;
  ERR_clear_error();
  int answer = SSL_do_handshake(session->ssl);
  if (answer != 1) return settle(session, answer);
  session->is_open = true;
  return POSTERN_TLS_DONE;
}

enum postern_tls_status postern_tls_read(postern_tls *session, void *at, size_t room, size_t *got) {
  *got = 0;
  if (session->final != POSTERN_TLS_DONE) return session->final;
  session->taken_by_read = 0;
  session->steps_of_read = 0;
  while (*got < room) {
    size_t count;
    ERR_clear_error();
    int answer = SSL_read_ex(session->ssl, (char *)at + *got, room - *got, &count);
    if (answer != 1) return settle(session, answer);
    *got += count;
    session->steps = 0;
    /* Tiny records and changes of keys take longer than their bytes are worth. */
    if (session->taken_by_read > room + RECORD_SPACE || session->steps_of_read > STEPS_OF_A_READ) break;
  }
  return POSTERN_TLS_DONE;
}

enum postern_tls_status postern_tls_write(
    postern_tls *session, const void *bytes, size_t count, size_t *taken) {
  *taken = 0;
  if (session->final == POSTERN_TLS_FAILED || session->end_sent) return POSTERN_TLS_FAILED;
  size_t records = (session->sink->capacity - session->sink->count) / RECORD_SPACE;
  if (count > records * RECORD) count = records * RECORD;
  if (count == 0) return POSTERN_TLS_FULL;
  ERR_clear_error();
  int answer = SSL_write_ex(session->ssl, bytes, count, taken);
  return answer == 1 ? POSTERN_TLS_DONE : settle(session, answer);
}

void postern_tls_end(postern_tls *session) {
  if (session->final == POSTERN_TLS_FAILED || session->end_sent || SSL_in_init(session->ssl)) return;
  session->end_sent = true;
  ERR_clear_error();
  SSL_shutdown(session->ssl);
  ERR_clear_error();
}
