#include "internal.h"
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How far clocks may differ, in seconds. */
#define CLOCK_SKEW 300

static bool ends_well(void) {
  /* The end of a PEM file is an error of this kind. */
  unsigned long code = ERR_peek_last_error();
  bool at_end = ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
  if (at_end) ERR_clear_error();
  return at_end;
}

postern_certificate *postern_certificate_read(const char *path, char *why, size_t room) {
  size_t length;
  char *bytes = postern_read_file(path, &length, why, room);
  if (!bytes) return NULL;
  ERR_clear_error();
  postern_certificate *made = calloc(1, sizeof *made);
  BIO *source = BIO_new_mem_buf(bytes, (int)length);
  made->chain = sk_X509_new_null();
  made->leaf = PEM_read_bio_X509_AUX(source, NULL, NULL, NULL);
  bool good = made->leaf != NULL;
  if (!good) {
    bool nothing = ends_well();
    if (nothing) postern_say(why, room, "%s: has no certificate in PEM", path);
    else postern_say(why, room, "%s: its first certificate cannot be read", path);
  }
  while (good) {
    X509 *next = PEM_read_bio_X509(source, NULL, NULL, NULL);
    if (next) {
      sk_X509_push(made->chain, next);
      continue;
    }
    good = ends_well();
    if (!good)
      postern_say(
          why, room, "%s: its certificate %d cannot be read", path, sk_X509_num(made->chain) + 2);
    break;
  }
  BIO_free(source);
  /* A key may stand in the same file. */
  OPENSSL_clear_free(bytes, length + 1);
  ERR_clear_error();
  if (good) return made;
  postern_certificate_free(made);
  return NULL;
}

/* An encrypted key asks for a word; nobody is there to give it. */
static int refuse_word(char *out, int room, int writing, void *asked) {
  (void)out, (void)room, (void)writing;
  *(bool *)asked = true;
  return -1;
}

bool postern_certificate_read_key(
    postern_certificate *certificate, const char *path, char *why, size_t room) {
  size_t length;
  char *bytes = postern_read_file(path, &length, why, room);
  if (!bytes) return false;
  ERR_clear_error();
  bool is_encrypted = false;
  BIO *source = BIO_new_mem_buf(bytes, (int)length);
  EVP_PKEY *key = PEM_read_bio_PrivateKey(source, NULL, refuse_word, &is_encrypted);
  BIO_free(source);
  OPENSSL_clear_free(bytes, length + 1);
  bool good = false;
  if (is_encrypted) {
    postern_say(why, room, "%s: the key is encrypted; write it without a password, for example with "
                           "`openssl pkey -in KEY -out PLAIN`", path);
  } else if (!key) {
    postern_say(why, room, "%s: has no private key in PEM", path);
  } else if (X509_check_private_key(certificate->leaf, key) != 1) {
    postern_say(why, room, "%s: the key does not belong to the certificate", path);
  } else {
    good = true;
  }
  ERR_clear_error();
  if (!good) {
    EVP_PKEY_free(key);
    return false;
  }
  EVP_PKEY_free(certificate->key);
  certificate->key = key;
  postern_forbid_core_dumps();
  return true;
}

/* Whether an answer is about the leaf, by the issuer too when that is known. */
static bool is_about(const postern_certificate *certificate, OCSP_SINGLERESP *answer) {
  const OCSP_CERTID *id = OCSP_SINGLERESP_get0_id(answer);
  ASN1_INTEGER *serial;
  ASN1_OBJECT *digest;
  if (!OCSP_id_get0_info(NULL, &digest, NULL, &serial, (OCSP_CERTID *)id)) return false;
  if (ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(certificate->leaf)) != 0) return false;
  X509 *issuer = sk_X509_value(certificate->chain, 0);
  const EVP_MD *type = EVP_get_digestbyobj(digest);
  if (!issuer || !type) return true;
  OCSP_CERTID *ours = OCSP_cert_to_id(type, certificate->leaf, issuer);
  bool same = ours && OCSP_id_cmp(ours, id) == 0;
  OCSP_CERTID_free(ours);
  return same;
}

int64_t postern_seconds(const ASN1_TIME *time) {
  struct tm parts;
  return time && ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) : 0;
}

static const char *judge(const postern_certificate *certificate, OCSP_BASICRESP *basic, int64_t *end) {
  for (int index = 0; index < OCSP_resp_count(basic); index++) {
    OCSP_SINGLERESP *answer = OCSP_resp_get0(basic, index);
    if (!is_about(certificate, answer)) continue;
    ASN1_GENERALIZEDTIME *from, *until;
    int status = OCSP_single_get0_status(answer, NULL, NULL, &from, &until);
    if (status == V_OCSP_CERTSTATUS_REVOKED) return "says that the certificate is revoked";
    if (status != V_OCSP_CERTSTATUS_GOOD) return "does not know the certificate";
    if (!OCSP_check_validity(from, until, CLOCK_SKEW, -1)) return "has expired, or is not valid yet";
    *end = until ? postern_seconds(until) : INT64_MAX;
    return NULL;
  }
  return "is not about the certificate";
}

bool postern_certificate_read_staple(
    postern_certificate *certificate, const char *path, char *why, size_t room) {
  size_t length;
  char *bytes = postern_read_file(path, &length, why, room);
  if (!bytes) return false;
  ERR_clear_error();
  const unsigned char *at = (const unsigned char *)bytes;
  OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &at, (long)length);
  OCSP_BASICRESP *basic = response ? OCSP_response_get1_basic(response) : NULL;
  const char *problem = NULL;
  if (!response) problem = "is no OCSP response in DER";
  else if (OCSP_response_status(response) != OCSP_RESPONSE_STATUS_SUCCESSFUL) problem = "tells of an error";
  else if (!basic) problem = "has no answer in it";
  else problem = judge(certificate, basic, &certificate->staple_end);
  OCSP_BASICRESP_free(basic);
  OCSP_RESPONSE_free(response);
  ERR_clear_error();
  if (problem) {
    postern_say(why, room, "%s: %s", path, problem);
    OPENSSL_free(bytes);
    return false;
  }
  OPENSSL_free(certificate->staple);
  certificate->staple = (uint8_t *)bytes;
  certificate->staple_length = (long)length;
  return true;
}

int64_t postern_certificate_staple_end(const postern_certificate *certificate) {
  return certificate->staple ? certificate->staple_end : 0;
}

X509 *postern_certificate_leaf(const postern_certificate *certificate) { return certificate->leaf; }

X509 *postern_certificate_chain(const postern_certificate *certificate, int index) {
  if (index < 0) return certificate->leaf;
  return index < sk_X509_num(certificate->chain) ? sk_X509_value(certificate->chain, index) : NULL;
}

const char *postern_certificate_key_type(const postern_certificate *certificate) {
  EVP_PKEY *key = X509_get0_pubkey(certificate->leaf);
  const char *name = key ? EVP_PKEY_get0_type_name(key) : NULL;
  return name ? name : "unknown";
}

void postern_certificate_free(postern_certificate *certificate) {
  if (!certificate) return;
  X509_free(certificate->leaf);
  sk_X509_pop_free(certificate->chain, X509_free);
  EVP_PKEY_free(certificate->key);
  OPENSSL_free(certificate->staple);
  free(certificate);
}

int64_t postern_x509_not_before(const X509 *certificate) { return postern_seconds(X509_get0_notBefore(certificate)); }
int64_t postern_x509_not_after(const X509 *certificate) { return postern_seconds(X509_get0_notAfter(certificate)); }
