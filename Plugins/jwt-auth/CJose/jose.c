#include "postern_jose.h"
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <string.h>

enum { LARGEST_POINT = 1 + 2 * 66, LARGEST_DER = 160 };

static const EVP_MD *digest(int bits) {
  switch (bits) {
  case 256: return EVP_sha256();
  case 384: return EVP_sha384();
  case 512: return EVP_sha512();
  default: return NULL;
  }
}

static EVP_PKEY *key_from(const char *type, OSSL_PARAM *params) {
  EVP_PKEY *key = NULL;
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
  if (context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
      EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
    key = NULL;
  }
  EVP_PKEY_CTX_free(context);
  ERR_clear_error();
  return key;
}

postern_key *postern_key_rsa(const uint8_t *n, size_t n_count, const uint8_t *e, size_t e_count) {
  EVP_PKEY *key = NULL;
  OSSL_PARAM *params = NULL;
  BIGNUM *modulus = BN_bin2bn(n, (int)n_count, NULL);
  BIGNUM *exponent = BN_bin2bn(e, (int)e_count, NULL);
  OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
  if (modulus != NULL && exponent != NULL && builder != NULL && BN_is_odd(modulus) && BN_is_odd(exponent) &&
      !BN_is_one(exponent) && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
      OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1) {
    params = OSSL_PARAM_BLD_to_param(builder);
  }
  if (params != NULL) key = key_from("RSA", params);
  OSSL_PARAM_free(params);
  OSSL_PARAM_BLD_free(builder);
  BN_free(modulus);
  BN_free(exponent);
  ERR_clear_error();
  return key;
}

postern_key *postern_key_ec(int curve, const uint8_t *x, const uint8_t *y, size_t count) {
  static const char *const groups[] = {"P-256", "P-384", "P-521"};
  if (curve < POSTERN_P256 || curve > POSTERN_P521 || count > 66) return NULL;
  uint8_t point[LARGEST_POINT];
  point[0] = 4; /* uncompressed */
  memcpy(point + 1, x, count);
  memcpy(point + 1 + count, y, count);
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)groups[curve], 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * count),
      OSSL_PARAM_construct_end(),
  };
  EVP_PKEY *key = key_from("EC", params);
  if (key == NULL) return NULL;
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
  if (context == NULL || EVP_PKEY_public_check(context) != 1) {
    EVP_PKEY_free(key);
    key = NULL;
  }
  EVP_PKEY_CTX_free(context);
  ERR_clear_error();
  return key;
}

postern_key *postern_key_ed25519(const uint8_t x[32]) {
  EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, x, 32);
  ERR_clear_error();
  return key;
}

void postern_key_free(postern_key *key) { EVP_PKEY_free(key); }

/* The signature as ECDSA_verify wants it; -1 when it is none. */
static int der_signature(const uint8_t *signature, size_t count, uint8_t *der) {
  ECDSA_SIG *pair = ECDSA_SIG_new();
  BIGNUM *r = BN_bin2bn(signature, (int)(count / 2), NULL);
  BIGNUM *s = BN_bin2bn(signature + count / 2, (int)(count / 2), NULL);
  int length = -1;
  if (pair != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(pair, r, s) == 1) {
    r = s = NULL; /* The pair's, now. */
    if (i2d_ECDSA_SIG(pair, NULL) <= LARGEST_DER) length = i2d_ECDSA_SIG(pair, &der);
  }
  BN_free(r);
  BN_free(s);
  ECDSA_SIG_free(pair);
  return length;
}

int postern_verify(int kind, int bits, postern_key *key, const uint8_t *data, size_t count, const uint8_t *signature,
                   size_t signature_count) {
  uint8_t der[LARGEST_DER];
  if (kind == POSTERN_ECDSA) {
    /* The length is the curve's, or leading zeros would give one signature many spellings. */
    size_t size = ((size_t)EVP_PKEY_get_bits(key) + 7) / 8;
    if (signature_count != 2 * size) return 0;
    int length = der_signature(signature, signature_count, der);
    if (length < 0) {
      ERR_clear_error();
      return 0;
    }
    signature = der;
    signature_count = (size_t)length;
  }
  const EVP_MD *hash = kind == POSTERN_EDDSA ? NULL : digest(bits);
  EVP_PKEY_CTX *parameters = NULL;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  int is_good = context != NULL && (hash != NULL || kind == POSTERN_EDDSA) &&
                EVP_DigestVerifyInit(context, &parameters, hash, NULL, key) == 1;
  if (is_good && kind == POSTERN_RSA_PSS) {
    /* The salt is as long as the hash (RFC 7518, 3.5). */
    is_good = EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
              EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  is_good = is_good && EVP_DigestVerify(context, signature, signature_count, data, count) == 1;
  EVP_MD_CTX_free(context);
  ERR_clear_error();
  return is_good;
}

int postern_verify_hmac(int bits, const uint8_t *secret, size_t secret_count, const uint8_t *data, size_t count,
                        const uint8_t *signature, size_t signature_count) {
  uint8_t made[EVP_MAX_MD_SIZE];
  unsigned int made_count = 0;
  if (HMAC(digest(bits), secret, (int)secret_count, data, count, made, &made_count) == NULL) {
    ERR_clear_error();
    return 0;
  }
  return made_count == signature_count && CRYPTO_memcmp(made, signature, made_count) == 0;
}
