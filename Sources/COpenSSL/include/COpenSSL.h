/* OpenSSL 3 as Postern uses it: libcrypto's digests and keys as they are, and TLS behind functions of our
 * own, because half of libssl's interface is macros, which Swift does not import. */
#ifndef POSTERN_COPENSSL_H
#define POSTERN_COPENSSL_H
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include "postern_certificate.h"
#include "postern_tls.h"
#endif
