/* TLS of a client over a non-blocking socket, for plugins. Sessions write without SIGPIPE.
 *
 * A function that can fail writes into `why` what the user should read, without a key's bytes. */
#ifndef POSTERN_NET_TLS_H
#define POSTERN_NET_TLS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What clients trust and show; only read once it is made, by any thread. */
typedef struct postern_net_tls postern_net_tls;
/* Texts are PEM. `authorities` may be NULL: what the system trusts. `certificate` with its chain and `key` are both
 * NULL or both given. */
postern_net_tls *postern_net_tls_new(
    const char *authorities, const char *certificate, const char *key, bool verifies, char *why, size_t room);
/* Offers one application protocol (RFC 7301), such as "h2": connections made later; at most 255 bytes. */
void postern_net_tls_offer(postern_net_tls *tls, const char *protocol);
void postern_net_tls_free(postern_net_tls *);

/* A connection; used by one thread at a time. The socket stays the caller's. */
typedef struct postern_net_session postern_net_session;
/* `name` is what the certificate must be for, a DNS name or an address. NULL without memory. */
postern_net_session *postern_net_session_new(const postern_net_tls *, int socket, const char *name);
void postern_net_session_free(postern_net_session *);

enum { POSTERN_NET_WANT_READ = -1, POSTERN_NET_WANT_WRITE = -2, POSTERN_NET_FAILED = -3 };
/* 1 when done, or one of the above. */
int postern_net_session_handshake(postern_net_session *, char *why, size_t room);
/* Bytes, 0 when the peer has closed (read), or one of the above. */
long postern_net_session_read(postern_net_session *, uint8_t *bytes, size_t count, char *why, size_t room);
long postern_net_session_write(postern_net_session *, const uint8_t *bytes, size_t count, char *why, size_t room);
/* Tells the peer that nothing more comes; does not wait. */
void postern_net_session_close(postern_net_session *);

/* SHA-512 of some bytes. */
bool postern_net_sha512(const uint8_t *bytes, size_t count, uint8_t digest[64]);
#endif
