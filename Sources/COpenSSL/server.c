#include "internal.h"
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A host name is at most 255 bytes (RFC 1035, 2.3.4). */
#define NAME_LIMIT 256

typedef struct {
  char *name;
  int group;
  /* The first to name it wins. */
  int order;
} known_name;

struct postern_tls_server {
  postern_tls_options options;
  SSL_CTX **groups;
  int group_count;
  known_name *names;
  int name_count;
};

SSL_CTX *postern_tls_server_context(postern_tls_server *server) { return server->groups[0]; }

static int by_name(const void *a, const void *b) {
  const known_name *first = a, *second = b;
  int order = strcmp(first->name, second->name);
  return order ? order : first->order - second->order;
}

static int look_up(const postern_tls_server *server, const char *name) {
  int low = 0, high = server->name_count;
  while (low < high) {
    int middle = (low + high) / 2;
    int order = strcmp(server->names[middle].name, name);
    if (order == 0) return server->names[middle].group;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return -1;
}

/* The whole name before "*." in place of its first label. */
static int group_of(const postern_tls_server *server, const char *asked) {
  char name[NAME_LIMIT + 2];
  size_t length = strlen(asked);
  if (length == 0 || length >= NAME_LIMIT) return -1;
  for (size_t index = 0; index <= length; index++) {
    char byte = asked[index];
    name[index + 1] = byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
  }
  if (name[length] == '.') name[length] = 0;
  int group = look_up(server, name + 1);
  char *dot = strchr(name + 1, '.');
  if (group >= 0 || !dot) return group;
  dot[-1] = '*';
  return look_up(server, dot - 1);
}

static int choose(SSL *ssl, int *alert, void *argument) {
  (void)alert;
  postern_tls_server *server = argument;
  const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (!name) return SSL_TLSEXT_ERR_NOACK;
  int group = group_of(server, name);
  if (group > 0) SSL_set_SSL_CTX(ssl, server->groups[group]);
  return SSL_TLSEXT_ERR_OK;
}

static int agree(
    SSL *ssl, const unsigned char **out, unsigned char *out_length, const unsigned char *offered,
    unsigned offered_length, void *argument) {
  (void)ssl;
  const postern_context_facts *facts = argument;
  unsigned char *chosen;
  int answer = SSL_select_next_proto(
      &chosen, out_length, facts->alpn, facts->alpn_length, offered, offered_length);
  *out = chosen;
  /* RFC 7301, 3.2: no_application_protocol, lest one protocol be taken for another. */
  return answer == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static int staple(SSL *ssl, void *unused) {
  (void)unused;
  const postern_context_facts *facts = postern_context_facts_of(SSL_get_SSL_CTX(ssl));
  const X509 *used = SSL_get_certificate(ssl);
  for (unsigned index = 0; index < facts->certificate_count; index++) {
    const postern_certificate *certificate = facts->certificates[index];
    if (certificate->leaf != used) continue;
    if (!certificate->staple || certificate->staple_end < (int64_t)time(NULL)) break;
    uint8_t *copy = OPENSSL_memdup(certificate->staple, (size_t)certificate->staple_length);
    if (!copy) break;
    SSL_set_tlsext_status_ocsp_resp(ssl, copy, certificate->staple_length);
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_NOACK;
}

static void offer_authorities(SSL_CTX *context, const postern_trust *trust) {
  X509 *authority;
  for (int index = 0; (authority = postern_trust_authority(trust, index)); index++)
    SSL_CTX_add_client_CA(context, authority);
}

static SSL_CTX *group_new(postern_tls_server *server, char *why, size_t room) {
  const postern_tls_options *options = &server->options;
  SSL_CTX *context = postern_context_new(TLS_server_method(), options, why, room);
  if (!context) return NULL;
  /* The strongest in our order, but ChaCha20 first for who puts it first: it has no AES in hardware. */
  SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_session_id_context(context, options->session_context, 32);
  if (options->tickets) {
    SSL_CTX_set_timeout(context, (long)options->ticket_lifetime_s);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, postern_ticket_key);
    SSL_CTX_set_session_ticket_cb(
        context, postern_ticket_making, postern_ticket_taking, postern_context_facts_of(context));
  } else {
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
  }
  if (options->verify != POSTERN_VERIFY_NONE) offer_authorities(context, options->trust);
  SSL_CTX_set_tlsext_servername_callback(context, choose);
  SSL_CTX_set_tlsext_servername_arg(context, server);
  if (options->alpn_length)
    SSL_CTX_set_alpn_select_cb(context, agree, postern_context_facts_of(context));
  SSL_CTX_set_tlsext_status_cb(context, staple);
  return context;
}

postern_tls_server *postern_tls_server_new(const postern_tls_options *options, char *why, size_t room) {
  postern_tls_server *server = calloc(1, sizeof *server);
  server->options = *options;
  /* Says now what is not known, whatever the certificates. */
  SSL_CTX *trial = postern_context_new(TLS_server_method(), options, why, room);
  postern_context_free(trial);
  if (trial) return server;
  free(server);
  return NULL;
}

int postern_tls_server_add(
    postern_tls_server *server, postern_certificate *const *certificates, unsigned count, char *why,
    size_t room) {
  SSL_CTX *context = group_new(server, why, room);
  if (!context) return -1;
  for (unsigned index = 0; index < count && index < POSTERN_GROUP_LIMIT; index++) {
    if (!postern_context_use(context, certificates[index], why, room)) {
      postern_context_free(context);
      return -1;
    }
  }
  server->groups = realloc(server->groups, (size_t)(server->group_count + 1) * sizeof *server->groups);
  server->groups[server->group_count] = context;
  return server->group_count++;
}

void postern_tls_server_name(postern_tls_server *server, const char *name, int group) {
  server->names = realloc(server->names, (size_t)(server->name_count + 1) * sizeof *server->names);
  server->names[server->name_count] = (known_name){strdup(name), group, server->name_count};
  server->name_count++;
}

void postern_tls_server_seal(postern_tls_server *server) {
  if (server->name_count == 0) return;
  qsort(server->names, (size_t)server->name_count, sizeof *server->names, by_name);
  int kept = 1;
  for (int index = 1; index < server->name_count; index++) {
    if (strcmp(server->names[index].name, server->names[kept - 1].name) == 0) free(server->names[index].name);
    else server->names[kept++] = server->names[index];
  }
  server->name_count = kept;
  /* What the options point at is the caller's, and may be gone after this. */
  server->options = (postern_tls_options){0};
}

void postern_tls_server_free(postern_tls_server *server) {
  if (!server) return;
  for (int index = 0; index < server->group_count; index++) postern_context_free(server->groups[index]);
  for (int index = 0; index < server->name_count; index++) free(server->names[index].name);
  free(server->groups);
  free(server->names);
  free(server);
}
