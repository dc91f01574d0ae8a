/* What is known of a session after its handshake. */
#include "internal.h"

const char *postern_tls_why(const postern_tls *session) { return session->why; }
int postern_tls_errno(const postern_tls *session) { return session->error; }

int postern_tls_version(const postern_tls *session) { return SSL_version(session->ssl); }

const char *postern_tls_cipher(const postern_tls *session) {
  /* As the standard calls it, in both versions. */
  const SSL_CIPHER *cipher = SSL_get_current_cipher(session->ssl);
  const char *name = cipher ? SSL_CIPHER_standard_name(cipher) : NULL;
  return name ? name : SSL_get_cipher_name(session->ssl);
}

const char *postern_tls_name(const postern_tls *session) {
  return SSL_get_servername(session->ssl, TLSEXT_NAMETYPE_host_name);
}

size_t postern_tls_alpn(const postern_tls *session, const uint8_t **start) {
  unsigned length;
  SSL_get0_alpn_selected(session->ssl, start, &length);
  return length;
}

bool postern_tls_is_resumed(const postern_tls *session) { return SSL_session_reused(session->ssl); }

X509 *postern_tls_peer(const postern_tls *session) { return SSL_get0_peer_certificate(session->ssl); }

X509 *postern_tls_peer_chain(const postern_tls *session, int index) {
  /* A client's list begins with the server's own certificate, a server's without the client's. */
  if (!session->is_client && index == 0) return postern_tls_peer(session);
  STACK_OF(X509) *chain = SSL_get_peer_cert_chain(session->ssl);
  int place = session->is_client ? index : index - 1;
  return place < sk_X509_num(chain) ? sk_X509_value(chain, place) : NULL;
}

X509 *postern_tls_own(const postern_tls *session) { return SSL_get_certificate(session->ssl); }
