/* Public keys and signatures of JSON Web Algorithms (RFC 7518, RFC 8037), by libcrypto. */
#ifndef POSTERN_JOSE_H
#define POSTERN_JOSE_H
#include <stddef.h>
#include <stdint.h>

/* Immutable: any number of threads may verify with one at the same time. */
typedef struct evp_pkey_st postern_key;

enum { POSTERN_P256 = 0, POSTERN_P384 = 1, POSTERN_P521 = 2 };
enum { POSTERN_RSA_PKCS1 = 0, POSTERN_RSA_PSS = 1, POSTERN_ECDSA = 2, POSTERN_EDDSA = 3 };

/* Null when the numbers are no key; the caller frees the result with postern_key_free. Numbers are big-endian. */
postern_key *postern_key_rsa(const uint8_t *n, size_t n_count, const uint8_t *e, size_t e_count);
/* `x` and `y` have `count` bytes each; the point must be on the curve. */
postern_key *postern_key_ec(int curve, const uint8_t *x, const uint8_t *y, size_t count);
postern_key *postern_key_ed25519(const uint8_t x[32]);
void postern_key_free(postern_key *key);

/* 1 when the signature is good, else 0. `bits` names SHA-2: 256, 384 or 512; EdDSA has none. An ECDSA signature is two
 * numbers of equal length (RFC 7518, 3.4). */
int postern_verify(int kind, int bits, postern_key *key, const uint8_t *data, size_t count, const uint8_t *signature,
                   size_t signature_count);

/* 1 when the signature is the HMAC of the data, compared in constant time, else 0. */
int postern_verify_hmac(int bits, const uint8_t *secret, size_t secret_count, const uint8_t *data, size_t count,
                        const uint8_t *signature, size_t signature_count);

#endif
