#ifndef POSTERN_COPENSSL_INTERNAL_H
#define POSTERN_COPENSSL_INTERNAL_H
#include <openssl/ssl.h>
#include "COpenSSL.h"

struct postern_certificate {
  X509 *leaf;
  STACK_OF(X509) * chain;
  EVP_PKEY *key;
  uint8_t *staple;
  long staple_length;
  int64_t staple_end;
};

struct postern_trust {
  X509_STORE *store;
  STACK_OF(X509) * authorities;
  bool has_revocations;
  /* When the first of the lists is out of date, in seconds since 1970. */
  int64_t revocations_end;
  uint8_t digest[32];
};

/* Certificates with keys of different types for the same names. */
#define POSTERN_GROUP_LIMIT 4

/* What the callbacks of an SSL_CTX know. */
typedef struct {
  postern_ticket_keys *tickets;
  uint8_t *alpn;
  unsigned alpn_length;
  /* What a peer's certificate must match, besides a chain to an authority. */
  postern_name_rule *rules;
  unsigned rule_count;
  bool has_revocations;
  /* What ends a session that tickets carry on: its age, and lists that are out of date. */
  int64_t ticket_lifetime_s, revocations_end, clock_ahead_s;
  postern_certificate *certificates[POSTERN_GROUP_LIMIT];
  unsigned certificate_count;
} postern_context_facts;

/* Servers give two at a time, mostly. */
#define POSTERN_SESSIONS 4

struct postern_tls {
  SSL *ssl;
  postern_tls_sink *sink;
  int descriptor;
  /* The descriptor may have bytes; the kernel will not say again when more comes. */
  bool may_read, peer_ended;
  bool at_end, is_client, end_sent;
  /* The handshake is done; the peer changes keys again and again and sends nothing else. */
  bool is_open, is_flooded;
  /* Steps of handshakes since the last data; and of one read, with the bytes that it has taken. */
  unsigned steps, steps_of_read;
  size_t taken_by_read;
  /* What a read ended with for good. */
  enum postern_tls_status final;
  int error;
  char *why;
  const uint8_t *lead;
  size_t lead_count;
  /* Given by the server, and not taken yet. */
  SSL_SESSION *sessions[POSTERN_SESSIONS];
  unsigned session_count;
};

/* Writes what OpenSSL's queue says last, or `otherwise`. Empties the queue. */
void postern_explain(char *why, size_t room, const char *otherwise);
void postern_say(char *why, size_t room, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A file's bytes, to be freed with OPENSSL_clear_free; NULL and a reason when it cannot be read. */
char *postern_read_file(const char *path, size_t *length, char *why, size_t room);
/* A context with what servers and clients have in common; NULL and a reason when something is not known. */
SSL_CTX *postern_context_new(const SSL_METHOD *, const postern_tls_options *, char *why, size_t room);
bool postern_context_use(SSL_CTX *, postern_certificate *, char *why, size_t room);
postern_context_facts *postern_context_facts_of(const SSL_CTX *);
void postern_context_free(SSL_CTX *);
/* Whether a subject alternative name of the certificate matches one of the rules. */
bool postern_names_match(const X509 *, const postern_name_rule *, unsigned count);
int postern_ticket_key(
    SSL *, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *, EVP_MAC_CTX *, int encrypt);
/* For SSL_CTX_set_session_ticket_cb, with the context's facts. */
int postern_ticket_making(SSL *, void *facts);
SSL_TICKET_RETURN postern_ticket_taking(
    SSL *, SSL_SESSION *, const unsigned char *name, size_t name_length, SSL_TICKET_STATUS, void *facts);
/* Seconds since 1970; 0 for none. */
int64_t postern_seconds(const ASN1_TIME *);
/* For SSL_CTX_set_info_callback. */
void postern_watch(const SSL *, int where, int value);
/* For SSL_CTX_sess_set_new_cb. */
int postern_keep_session(SSL *, SSL_SESSION *);
SSL_CTX *postern_tls_server_context(postern_tls_server *);
SSL_CTX *postern_tls_client_context(postern_tls_client *);
#endif
