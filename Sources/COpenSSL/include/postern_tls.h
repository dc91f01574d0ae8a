/* TLS of a connection. A context is made by the control thread and then only read, by every worker; it must
 * outlive its sessions. A session belongs to one worker. */
#ifndef POSTERN_TLS_H
#define POSTERN_TLS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <openssl/types.h>
#include "postern_certificate.h"

/* --- Ticket keys ------------------------------------------------------------------------------------- */

/* Keys of session tickets: the first encrypts, all decrypt. Used by every worker, behind a lock. */
typedef struct postern_ticket_keys postern_ticket_keys;
#define POSTERN_TICKET_KEY_SIZE 80 /* name 16, HMAC key 32, AES key 32 */
#define POSTERN_TICKET_KEYS 8
postern_ticket_keys *postern_ticket_keys_new(void);
/* A new random key comes to the front; `keep` old ones stay. */
bool postern_ticket_keys_rotate(postern_ticket_keys *, unsigned keep);
/* Replaces all; `keys` are `count` (1...POSTERN_TICKET_KEYS) runs of POSTERN_TICKET_KEY_SIZE bytes. */
void postern_ticket_keys_set(postern_ticket_keys *, const uint8_t *keys, unsigned count);
/* Reads key files of 48 or 80 bytes, as nginx has them. */
bool postern_ticket_keys_read(
    postern_ticket_keys *, const char *const *paths, unsigned count, char *why, size_t room);
void postern_ticket_keys_free(postern_ticket_keys *);

/* --- Contexts ---------------------------------------------------------------------------------------- */

/* One way to match a subject alternative name. Names are compared without case for DNS. */
typedef struct {
  int kind;  /* POSTERN_NAME_DNS, POSTERN_NAME_URI, or POSTERN_NAME_OTHER for either */
  int match; /* 0: whole, 1: begins with, 2: ends with */
  const char *text;
} postern_name_rule;

enum postern_verify { POSTERN_VERIFY_NONE, POSTERN_VERIFY_OPTIONAL, POSTERN_VERIFY_REQUIRE };

typedef struct {
  int minimum, maximum;        /* 0x0303 for TLS 1.2, 0x0304 for TLS 1.3 */
  const char *ciphers;         /* of TLS 1.2, joined by ":" */
  const char *suites;          /* of TLS 1.3, joined by ":" */
  const char *groups;          /* joined by ":" */
  const uint8_t *alpn;         /* each with its length before it; for a server in order of preference */
  size_t alpn_length;
  enum postern_verify verify;
  postern_trust *trust;        /* NULL with POSTERN_VERIFY_NONE */
  const postern_name_rule *rules; /* copied; a peer must match one when there are any */
  unsigned rule_count;
  postern_ticket_keys *tickets; /* of a server; NULL: no tickets */
  unsigned ticket_lifetime_s;   /* from the first handshake, however often it is resumed */
  int64_t clock_ahead_s;        /* how far the time that tickets are judged by is ahead; for tests */
  const uint8_t *session_context; /* 32 bytes: tickets of another are not taken. Of a server. */
} postern_tls_options;

/* Whether OpenSSL knows all ciphers, suites or groups of a list joined by ":". */
bool postern_tls_knows_cipher(const char *name);
bool postern_tls_knows_suite(const char *name);
bool postern_tls_knows_group(const char *name);

typedef struct postern_tls_server postern_tls_server;
postern_tls_server *postern_tls_server_new(const postern_tls_options *, char *why, size_t room);
/* Certificates that serve the same names, with keys of different types.
 * Returns the group's number, or -1. The first is what clients without a known name get. */
int postern_tls_server_add(
    postern_tls_server *, postern_certificate *const *, unsigned count, char *why, size_t room);
/* `name` in lower case, or "*." and a domain, is served by `group`; the first to name it wins. */
void postern_tls_server_name(postern_tls_server *, const char *name, int group);
/* To be called once, after the last name. */
void postern_tls_server_seal(postern_tls_server *);
void postern_tls_server_free(postern_tls_server *);

typedef struct postern_tls_client postern_tls_client;
/* `certificate` may be NULL. */
postern_tls_client *postern_tls_client_new(
    const postern_tls_options *, postern_certificate *certificate, char *why, size_t room);
void postern_tls_client_free(postern_tls_client *);

/* --- Sessions ---------------------------------------------------------------------------------------- */

/* Where a worker's sessions put what is to be sent; empty between two of its handlers. */
typedef struct {
  uint8_t *base;
  size_t count, capacity;
} postern_tls_sink;

typedef struct postern_tls postern_tls;
/* SSL_SESSION. */
typedef struct ssl_session_st postern_session;

enum postern_tls_status {
  POSTERN_TLS_DONE,    /* went as far as was asked */
  POSTERN_TLS_WANTS,   /* bytes of the peer are needed */
  POSTERN_TLS_FULL,    /* the sink has no room: send, and call again */
  POSTERN_TLS_CLOSED,  /* the peer has said that it will send no more */
  POSTERN_TLS_TRUNCATED, /* the connection has ended without that */
  POSTERN_TLS_FAILED,
};

postern_tls *postern_tls_accept(postern_tls_server *, int descriptor, postern_tls_sink *);
/* - name: for SNI, NULL for none. - verified: the name or address that the certificate must have; NULL: any.
 * - resumed: a session taken from `postern_tls_take_session`, still the caller's; NULL: none. */
postern_tls *postern_tls_connect(
    postern_tls_client *, int descriptor, postern_tls_sink *, const char *name, const char *verified,
    postern_session *resumed);
/* Offers one protocol by ALPN instead of the context's; before the handshake. */
void postern_tls_offer(postern_tls *, const uint8_t *name, size_t length);
void postern_tls_free(postern_tls *);

/* Another descriptor than the one it was made for; before the handshake. */
void postern_tls_use(postern_tls *, int descriptor);
/* Bytes that were read from the descriptor before; they must live until `postern_tls_lead_count` is 0. */
void postern_tls_lead(postern_tls *, const uint8_t *start, size_t count);
size_t postern_tls_lead_count(const postern_tls *);
/* The descriptor has something to read. With `ended` the kernel says nothing again when more comes. */
void postern_tls_readable(postern_tls *, bool ended);

enum postern_tls_status postern_tls_handshake(postern_tls *);
/* Reads up to `room` bytes, over as many records as come; `got` says how many, also when the status is
 * another than DONE. With DONE there may be more, also when there was room for it. */
enum postern_tls_status postern_tls_read(postern_tls *, void *at, size_t room, size_t *got);
/* Encrypts all of `bytes` into the sink, or nothing of what does not fit; `taken` says how many. */
enum postern_tls_status postern_tls_write(postern_tls *, const void *bytes, size_t count, size_t *taken);
/* Says that we shall send no more. */
void postern_tls_end(postern_tls *);

/* Why it failed; NULL when it did not. */
const char *postern_tls_why(const postern_tls *);
/* `errno` of the descriptor's failure; 0 when TLS itself has failed. */
int postern_tls_errno(const postern_tls *);

/* After the handshake. */
int postern_tls_version(const postern_tls *);
const char *postern_tls_cipher(const postern_tls *);
const char *postern_tls_name(const postern_tls *);
size_t postern_tls_alpn(const postern_tls *, const uint8_t **start);
bool postern_tls_is_resumed(const postern_tls *);
/* The peer's certificate, as long as the session lives; NULL when it has none. */
X509 *postern_tls_peer(const postern_tls *);
/* Those behind it as the peer sent them, its own first; NULL past the last. */
X509 *postern_tls_peer_chain(const postern_tls *, int index);
/* Our own certificate. */
X509 *postern_tls_own(const postern_tls *);
/* A session that can be resumed, once for each that the server gives; the caller's. NULL: none. */
postern_session *postern_tls_take_session(postern_tls *);
/* Whether it may be resumed once only. */
bool postern_session_is_single(const postern_session *);
/* Whether the peer's certificate is past its end at `time`, in seconds since 1970. */
bool postern_session_has_expired(const postern_session *, int64_t time);
void postern_session_free(postern_session *);

/* --- Memory ------------------------------------------------------------------------------------------ */

/* Memory from lists of the calling thread; what one thread has taken another may give back.
 * Begins once, before the first block; false when the process may not have the addresses. */
bool postern_memory_begin(void);
void *postern_memory_take(size_t size);
void postern_memory_give(void *);
void *postern_memory_resize(void *, size_t size);
/* Has OpenSSL use these, which it allows before its first allocation only. Returns whether it does; not under
 * sanitizers, from which kept blocks would hide errors. */
bool postern_memory_use(void);

/* No core files from now on: they would hold keys. A pattern that is a pipe gets them all the same. */
void postern_forbid_core_dumps(void);
#endif
