#include "internal.h"
#include <stdlib.h>

struct postern_tls_client {
  SSL_CTX *context;
};

SSL_CTX *postern_tls_client_context(postern_tls_client *client) { return client->context; }

postern_tls_client *postern_tls_client_new(
    const postern_tls_options *options, postern_certificate *certificate, char *why, size_t room) {
  SSL_CTX *context = postern_context_new(TLS_client_method(), options, why, room);
  if (!context) return NULL;
  if (certificate && !postern_context_use(context, certificate, why, room)) {
    postern_context_free(context);
    return NULL;
  }
  if (options->alpn_length) SSL_CTX_set_alpn_protos(context, options->alpn, (unsigned)options->alpn_length);
  /* Whoever connects keeps the sessions, for each endpoint apart. */
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, postern_keep_session);
  postern_tls_client *client = calloc(1, sizeof *client);
  client->context = context;
  return client;
}

void postern_tls_client_free(postern_tls_client *client) {
  if (!client) return;
  postern_context_free(client->context);
  free(client);
}
