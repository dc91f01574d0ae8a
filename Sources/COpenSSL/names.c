#include "internal.h"
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

struct postern_names {
  GENERAL_NAMES *names;
};

/* What was printed into memory, as a text of its own. */
static char *text_of(BIO *printed) {
  char *start;
  long length = BIO_get_mem_data(printed, &start);
  char *copy = malloc((size_t)length + 1);
  if (copy) {
    memcpy(copy, start, (size_t)length);
    copy[length] = 0;
  }
  BIO_free(printed);
  return copy;
}

static char *name_text(const X509_NAME *name) {
  BIO *out = BIO_new(BIO_s_mem());
  /* RFC 2253, with UTF-8 as it is. */
  X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  return text_of(out);
}

char *postern_x509_subject(const X509 *certificate) { return name_text(X509_get_subject_name(certificate)); }
char *postern_x509_issuer(const X509 *certificate) { return name_text(X509_get_issuer_name(certificate)); }

char *postern_x509_serial(const X509 *certificate) {
  BIO *out = BIO_new(BIO_s_mem());
  const ASN1_INTEGER *serial = X509_get0_serialNumber(certificate);
  const unsigned char *bytes = ASN1_STRING_get0_data(serial);
  for (int index = 0; index < ASN1_STRING_length(serial); index++) BIO_printf(out, "%02x", bytes[index]);
  return text_of(out);
}

char *postern_x509_common_name(const X509 *certificate) {
  const X509_NAME *subject = X509_get_subject_name(certificate);
  int place = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (place < 0) return NULL;
  unsigned char *utf8 = NULL;
  int length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, place)));
  char *copy = NULL;
  if (length >= 0 && strlen((char *)utf8) == (size_t)length) copy = strdup((char *)utf8);
  OPENSSL_free(utf8);
  return copy;
}

char *postern_x509_pem(X509 *certificate) {
  BIO *out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, certificate);
  return text_of(out);
}

bool postern_x509_fingerprint(const X509 *certificate, uint8_t digest[32]) {
  unsigned length = 32;
  return X509_digest(certificate, EVP_sha256(), digest, &length) == 1;
}

postern_names *postern_names_of(const X509 *certificate) {
  postern_names *made = malloc(sizeof *made);
  made->names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
  return made;
}

int postern_names_count(const postern_names *names) {
  return names->names ? sk_GENERAL_NAME_num(names->names) : 0;
}

int postern_name_at(const postern_names *names, int index, const char **start, size_t *length) {
  const GENERAL_NAME *name = sk_GENERAL_NAME_value(names->names, index);
  int kind;
  switch (name->type) {
  case GEN_DNS: kind = POSTERN_NAME_DNS; break;
  case GEN_URI: kind = POSTERN_NAME_URI; break;
  case GEN_IPADD: kind = POSTERN_NAME_IP; break;
  default: *start = "", *length = 0; return POSTERN_NAME_OTHER;
  }
  *start = (const char *)ASN1_STRING_get0_data(name->d.ia5);
  *length = (size_t)ASN1_STRING_length(name->d.ia5);
  if (kind != POSTERN_NAME_IP && memchr(*start, 0, *length)) return POSTERN_NAME_OTHER;
  return kind;
}

void postern_names_free(postern_names *names) {
  GENERAL_NAMES_free(names->names);
  free(names);
}
