#include "internal.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

/* Whether reading has ended because the file has, which PEM tells as an error. */
static bool is_at_end(void) {
  unsigned long code = ERR_peek_last_error();
  return ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
}

static void mix(postern_trust *trust, const char *bytes, size_t length) {
  EVP_MD_CTX *digest = EVP_MD_CTX_new();
  EVP_DigestInit_ex(digest, EVP_sha256(), NULL);
  EVP_DigestUpdate(digest, trust->digest, sizeof trust->digest);
  EVP_DigestUpdate(digest, bytes, length);
  EVP_DigestFinal_ex(digest, trust->digest, NULL);
  EVP_MD_CTX_free(digest);
}

void postern_trust_digest(const postern_trust *trust, uint8_t digest[32]) {
  memcpy(digest, trust->digest, sizeof trust->digest);
}

postern_trust *postern_trust_system(void) {
  postern_trust *trust = calloc(1, sizeof *trust);
  trust->revocations_end = INT64_MAX;
  trust->store = X509_STORE_new();
  X509_STORE_set_default_paths(trust->store);
  ERR_clear_error();
  return trust;
}

postern_trust *postern_trust_read(const char *path, char *why, size_t room) {
  size_t length;
  char *bytes = postern_read_file(path, &length, why, room);
  if (!bytes) return NULL;
  ERR_clear_error();
  postern_trust *trust = calloc(1, sizeof *trust);
  trust->store = X509_STORE_new();
  trust->revocations_end = INT64_MAX;
  trust->authorities = sk_X509_new_null();
  BIO *source = BIO_new_mem_buf(bytes, (int)length);
  X509 *next;
  while ((next = PEM_read_bio_X509(source, NULL, NULL, NULL))) {
    X509_STORE_add_cert(trust->store, next);
    sk_X509_push(trust->authorities, next);
  }
  int count = sk_X509_num(trust->authorities);
  bool at_end = is_at_end();
  BIO_free(source);
  mix(trust, bytes, length);
  OPENSSL_free(bytes);
  ERR_clear_error();
  if (at_end && count > 0) return trust;
  if (at_end) postern_say(why, room, "%s: has no certificate in PEM", path);
  else postern_say(why, room, "%s: its certificate %d cannot be read", path, count + 1);
  postern_trust_free(trust);
  return NULL;
}

bool postern_trust_add_revocations(postern_trust *trust, const char *path, char *why, size_t room) {
  size_t length;
  char *bytes = postern_read_file(path, &length, why, room);
  if (!bytes) return false;
  ERR_clear_error();
  BIO *source = BIO_new_mem_buf(bytes, (int)length);
  int count = 0;
  bool added = true;
  X509_CRL *next;
  while (added && (next = PEM_read_bio_X509_CRL(source, NULL, NULL, NULL))) {
    added = X509_STORE_add_crl(trust->store, next) == 1;
    int64_t end = postern_seconds(X509_CRL_get0_nextUpdate(next));
    if (end != 0 && end < trust->revocations_end) trust->revocations_end = end;
    X509_CRL_free(next);
    if (added) count++;
  }
  /* Half a file would let in whom the other half revokes. */
  bool at_end = added && is_at_end();
  BIO_free(source);
  mix(trust, bytes, length);
  OPENSSL_free(bytes);
  ERR_clear_error();
  if (!at_end || count == 0) {
    if (at_end) postern_say(why, room, "%s: has no revocation list in PEM", path);
    else postern_say(why, room, "%s: its revocation list %d cannot be read", path, count + 1);
    return false;
  }
  trust->has_revocations = true;
  return true;
}

X509 *postern_trust_authority(const postern_trust *trust, int index) {
  if (!trust->authorities || index >= sk_X509_num(trust->authorities)) return NULL;
  return sk_X509_value(trust->authorities, index);
}

void postern_trust_free(postern_trust *trust) {
  if (!trust) return;
  X509_STORE_free(trust->store);
  sk_X509_pop_free(trust->authorities, X509_free);
  free(trust);
}
