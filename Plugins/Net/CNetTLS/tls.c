#include "postern_net_tls.h"
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct postern_net_tls {
  SSL_CTX *context;
  BIO_METHOD *method;
};

struct postern_net_session {
  SSL *ssl;
};

static void say(char *why, size_t room, const char *text) {
  unsigned long code = ERR_peek_last_error();
  const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);
  if (reason != NULL) {
    snprintf(why, room, "%s: %s", text, reason);
  } else {
    snprintf(why, room, "%s", text);
  }
  ERR_clear_error();
}

/* ---- A socket that raises no SIGPIPE ---- */

static int socket_write(BIO *bio, const char *bytes, int count) {
  int socket = (int)(intptr_t)BIO_get_data(bio);
  BIO_clear_retry_flags(bio);
  ssize_t done = send(socket, bytes, (size_t)count, MSG_NOSIGNAL);
  if (done < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return (int)done;
}

static int socket_read(BIO *bio, char *bytes, int room) {
  int socket = (int)(intptr_t)BIO_get_data(bio);
  BIO_clear_retry_flags(bio);
  ssize_t done = recv(socket, bytes, (size_t)room, 0);
  if (done < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  if (done == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return (int)done;
}

static long socket_control(BIO *bio, int command, long number, void *pointer) {
  (void)number;
  (void)pointer;
  switch (command) {
  case BIO_CTRL_FLUSH: return 1;
  case BIO_CTRL_EOF: return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
  default: return 0;
  }
}

static int socket_create(BIO *bio) {
  BIO_set_init(bio, 1);
  return 1;
}

/* ---- What clients trust and show ---- */

static BIO *text_bio(const char *text) { return BIO_new_mem_buf(text, -1); }

static bool add_authorities(SSL_CTX *context, const char *text) {
  BIO *bio = text_bio(text);
  X509_STORE *store = SSL_CTX_get_cert_store(context);
  int count = 0;
  X509 *each;
  while (bio != NULL && (each = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
    if (X509_STORE_add_cert(store, each) == 1) count++;
    X509_free(each);
  }
  BIO_free(bio);
  ERR_clear_error(); /* The end of the text is an error to PEM_read. */
  return count > 0;
}

static bool use_certificate(SSL_CTX *context, const char *text) {
  BIO *bio = text_bio(text);
  X509 *leaf = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);
  bool done = leaf != NULL && SSL_CTX_use_certificate(context, leaf) == 1;
  X509_free(leaf);
  X509 *each;
  while (done && (each = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
    if (SSL_CTX_add_extra_chain_cert(context, each) != 1) {
      X509_free(each);
      done = false;
    }
  }
  BIO_free(bio);
  if (done) ERR_clear_error();
  return done;
}

static int no_password(char *buffer, int size, int writes, void *data) {
  (void)buffer;
  (void)size;
  (void)writes;
  (void)data;
  return -1;
}

static bool use_key(SSL_CTX *context, const char *text) {
  BIO *bio = text_bio(text);
  EVP_PKEY *key = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
  bool done = key != NULL && SSL_CTX_use_PrivateKey(context, key) == 1;
  EVP_PKEY_free(key);
  BIO_free(bio);
  return done;
}

postern_net_tls *postern_net_tls_new(
    const char *authorities, const char *certificate, const char *key, bool verifies, char *why, size_t room) {
  ERR_clear_error();
  postern_net_tls *tls = calloc(1, sizeof *tls);
  if (tls == NULL) return NULL;
  tls->context = SSL_CTX_new(TLS_client_method());
  tls->method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "postern socket");
  if (tls->context == NULL || tls->method == NULL) {
    say(why, room, "OpenSSL has no context");
    goto failed;
  }
  BIO_meth_set_write(tls->method, socket_write);
  BIO_meth_set_read(tls->method, socket_read);
  BIO_meth_set_ctrl(tls->method, socket_control);
  BIO_meth_set_create(tls->method, socket_create);
  SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION);
  SSL_CTX_set_mode(tls->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                     SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(tls->context, verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
  if (authorities == NULL) {
    SSL_CTX_set_default_verify_paths(tls->context);
  } else if (!add_authorities(tls->context, authorities)) {
    say(why, room, "the trusted authorities hold no certificate in PEM");
    goto failed;
  }
  if (certificate != NULL && !use_certificate(tls->context, certificate)) {
    say(why, room, "the certificate cannot be used");
    goto failed;
  }
  if (key != NULL && !use_key(tls->context, key)) {
    say(why, room, "the key cannot be used");
    goto failed;
  }
  if (certificate != NULL && SSL_CTX_check_private_key(tls->context) != 1) {
    say(why, room, "the key does not fit the certificate");
    goto failed;
  }
  return tls;
failed:
  postern_net_tls_free(tls);
  return NULL;
}

void postern_net_tls_offer(postern_net_tls *tls, const char *protocol) {
  unsigned char list[256];
  size_t length = strlen(protocol);
  if (length == 0 || length > 255) return;
  list[0] = (unsigned char)length;
  memcpy(list + 1, protocol, length);
  SSL_CTX_set_alpn_protos(tls->context, list, (unsigned)length + 1);
}

void postern_net_tls_free(postern_net_tls *tls) {
  if (tls == NULL) return;
  SSL_CTX_free(tls->context);
  BIO_meth_free(tls->method);
  free(tls);
}

/* ---- Sessions ---- */

postern_net_session *postern_net_session_new(const postern_net_tls *tls, int socket, const char *name) {
  ERR_clear_error();
  postern_net_session *session = calloc(1, sizeof *session);
  BIO *bio = BIO_new(tls->method);
  if (session != NULL) session->ssl = SSL_new(tls->context);
  if (session == NULL || bio == NULL || session->ssl == NULL) {
    BIO_free(bio);
    postern_net_session_free(session);
    return NULL;
  }
  BIO_set_data(bio, (void *)(intptr_t)socket);
  SSL_set_bio(session->ssl, bio, bio);
  SSL_set_connect_state(session->ssl);
  X509_VERIFY_PARAM *parameters = SSL_get0_param(session->ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, name) != 1) {
    ERR_clear_error();
    /* A common name is no host name (RFC 9525, 2). */
    SSL_set_hostflags(
        session->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    SSL_set1_host(session->ssl, name);
    SSL_set_tlsext_host_name(session->ssl, name);
  }
  return session;
}

void postern_net_session_free(postern_net_session *session) {
  if (session == NULL) return;
  SSL_free(session->ssl);
  free(session);
}

/* What a call that returned `result` waits for, or why it failed. */
static int judged(postern_net_session *session, int result, int error, char *why, size_t room) {
  switch (SSL_get_error(session->ssl, result)) {
  case SSL_ERROR_WANT_READ: return POSTERN_NET_WANT_READ;
  case SSL_ERROR_WANT_WRITE: return POSTERN_NET_WANT_WRITE;
  case SSL_ERROR_ZERO_RETURN: return 0;
  case SSL_ERROR_SYSCALL:
    snprintf(why, room, "%s", error == 0 ? "the connection was cut off" : strerror(error));
    ERR_clear_error();
    return POSTERN_NET_FAILED;
  default: {
    long verified = SSL_get_verify_result(session->ssl);
    if (verified != X509_V_OK && !SSL_is_init_finished(session->ssl)) {
      snprintf(why, room, "its certificate is not accepted: %s", X509_verify_cert_error_string(verified));
      ERR_clear_error();
    } else {
      say(why, room, "TLS failed");
    }
    return POSTERN_NET_FAILED;
  }
  }
}

int postern_net_session_handshake(postern_net_session *session, char *why, size_t room) {
  ERR_clear_error();
  errno = 0;
  int result = SSL_do_handshake(session->ssl);
  if (result == 1) return 1;
  int outcome = judged(session, result, errno, why, room);
  if (outcome != 0) return outcome;
  snprintf(why, room, "the connection was closed");
  return POSTERN_NET_FAILED;
}

long postern_net_session_read(postern_net_session *session, uint8_t *bytes, size_t count, char *why, size_t room) {
  ERR_clear_error();
  errno = 0;
  size_t done = 0;
  int result = SSL_read_ex(session->ssl, bytes, count, &done);
  return result == 1 ? (long)done : judged(session, result, errno, why, room);
}

long postern_net_session_write(
    postern_net_session *session, const uint8_t *bytes, size_t count, char *why, size_t room) {
  ERR_clear_error();
  errno = 0;
  size_t done = 0;
  int result = SSL_write_ex(session->ssl, bytes, count, &done);
  if (result == 1) return (long)done;
  int outcome = judged(session, result, errno, why, room);
  if (outcome != 0) return outcome;
  snprintf(why, room, "the connection was closed");
  return POSTERN_NET_FAILED;
}

void postern_net_session_close(postern_net_session *session) {
  if (SSL_is_init_finished(session->ssl)) SSL_shutdown(session->ssl);
  ERR_clear_error();
}

bool postern_net_sha512(const uint8_t *bytes, size_t count, uint8_t digest[64]) {
  return EVP_Digest(bytes, count, digest, NULL, EVP_sha512(), NULL) == 1;
}
