/* Certificates, keys, and what is trusted. For the control thread, but for the facts of a peer.
 *
 * A function that can fail writes into `why` what the user should read, without a key's bytes. Texts that are
 * returned are malloc'ed, for the caller to free; NULL when there is none. */
#ifndef POSTERN_CERTIFICATE_H
#define POSTERN_CERTIFICATE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <openssl/x509.h>

/* A certificate with its chain, its key and what its authority says of it. */
typedef struct postern_certificate postern_certificate;

/* Reads the leaf and the chain behind it from a file in PEM. */
postern_certificate *postern_certificate_read(const char *path, char *why, size_t room);
/* Reads the private key from a file in PEM, which must fit the leaf. The file's bytes are zeroed after
 * use. */
bool postern_certificate_read_key(postern_certificate *, const char *path, char *why, size_t room);
/* Reads an OCSP response in DER, which must be about the leaf. */
bool postern_certificate_read_staple(postern_certificate *, const char *path, char *why, size_t room);
/* Seconds since 1970 after which the staple is no longer sent; 0: none. */
int64_t postern_certificate_staple_end(const postern_certificate *);
X509 *postern_certificate_leaf(const postern_certificate *);
/* The certificates behind the leaf; -1 as the index of the leaf itself. NULL past the last. */
X509 *postern_certificate_chain(const postern_certificate *, int index);
/* "RSA", "EC", "ED25519", … of the leaf's key. */
const char *postern_certificate_key_type(const postern_certificate *);
void postern_certificate_free(postern_certificate *);

/* Facts of one certificate. */
char *postern_x509_subject(const X509 *);
char *postern_x509_issuer(const X509 *);
/* In lower-case hexadecimal. */
char *postern_x509_serial(const X509 *);
char *postern_x509_common_name(const X509 *);
char *postern_x509_pem(X509 *);
int64_t postern_x509_not_before(const X509 *);
int64_t postern_x509_not_after(const X509 *);
/* SHA-256 of the DER form. */
bool postern_x509_fingerprint(const X509 *, uint8_t digest[32]);

/* Subject alternative names, in their order. */
typedef struct postern_names postern_names;
enum postern_name_kind { POSTERN_NAME_OTHER, POSTERN_NAME_DNS, POSTERN_NAME_URI, POSTERN_NAME_IP };
postern_names *postern_names_of(const X509 *);
int postern_names_count(const postern_names *);
/* The name at `index` and what it is. Addresses come as 4 or 16 bytes; names that hold a NUL are "other". */
int postern_name_at(const postern_names *, int index, const char **start, size_t *length);
void postern_names_free(postern_names *);

/* Authorities, and what they have revoked. Shared by reference: give each back. */
typedef struct postern_trust postern_trust;
/* What the system trusts. */
postern_trust *postern_trust_system(void);
/* The certificates of a file in PEM. */
postern_trust *postern_trust_read(const char *path, char *why, size_t room);
/* Adds the revocation lists of a file in PEM; from then on every certificate of a chain is looked up. */
bool postern_trust_add_revocations(postern_trust *, const char *path, char *why, size_t room);
/* The authorities read from a file, in their order; NULL past the last. */
X509 *postern_trust_authority(const postern_trust *, int index);
/* Changes with every byte of the files. */
void postern_trust_digest(const postern_trust *, uint8_t digest[32]);
void postern_trust_free(postern_trust *);
#endif
