/* What contexts of servers and of clients have in common. */
#include "internal.h"
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* SSL_CTX_get_app_data, which is a macro of index 0. */
postern_context_facts *postern_context_facts_of(const SSL_CTX *context) {
  return SSL_CTX_get_ex_data(context, 0);
}

static bool rule_matches(const postern_name_rule *rule, int kind, const char *text, size_t length) {
  if (kind != POSTERN_NAME_DNS && kind != POSTERN_NAME_URI) return false;
  if (rule->kind != POSTERN_NAME_OTHER && rule->kind != kind) return false;
  size_t wanted = strlen(rule->text);
  if (wanted > length || (rule->match == 0 && wanted != length)) return false;
  const char *part = rule->match == 2 ? text + length - wanted : text;
  return kind == POSTERN_NAME_DNS ? strncasecmp(part, rule->text, wanted) == 0
                                  : memcmp(part, rule->text, wanted) == 0;
}

bool postern_names_match(const X509 *certificate, const postern_name_rule *rules, unsigned count) {
  postern_names *names = postern_names_of(certificate);
  bool found = false;
  for (int index = 0; index < postern_names_count(names) && !found; index++) {
    const char *text;
    size_t length;
    int kind = postern_name_at(names, index, &text, &length);
    for (unsigned rule = 0; rule < count && !found; rule++)
      found = rule_matches(&rules[rule], kind, text, length);
  }
  postern_names_free(names);
  return found;
}

/* The authority that is trusted may stand below a root, whose list nobody has: what is trusted needs none. */
static int forgive(int good, X509_STORE_CTX *context) {
  if (good) return good;
  int error = X509_STORE_CTX_get_error(context);
  if (error != X509_V_ERR_UNABLE_TO_GET_CRL && error != X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER &&
      error != X509_V_ERR_CRL_SIGNATURE_FAILURE)
    return 0;
  int depth = X509_STORE_CTX_get_error_depth(context);
  STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(context);
  if (depth == 0 || depth != sk_X509_num(chain) - 1) return 0;
  if (X509_self_signed(sk_X509_value(chain, depth), 0) != 0) return 0;
  X509_STORE_CTX_set_error(context, X509_V_OK);
  return 1;
}

static int verify(X509_STORE_CTX *chain, void *argument) {
  const postern_context_facts *facts = argument;
  if (facts->has_revocations) X509_STORE_CTX_set_verify_cb(chain, forgive);
  if (X509_verify_cert(chain) <= 0) return 0;
  if (facts->rule_count == 0) return 1;
  if (postern_names_match(X509_STORE_CTX_get0_cert(chain), facts->rules, facts->rule_count)) return 1;
  X509_STORE_CTX_set_error(chain, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

static void trust(SSL_CTX *context, const postern_tls_options *options) {
  if (options->verify == POSTERN_VERIFY_NONE) {
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    return;
  }
  int mode = SSL_VERIFY_PEER;
  if (options->verify == POSTERN_VERIFY_REQUIRE) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context, mode, NULL);
  SSL_CTX_set1_cert_store(context, options->trust->store);
  /* Who names an authority trusts it, a root or not. */
  unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
  if (options->trust->has_revocations) flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), flags);
  SSL_CTX_set_cert_verify_callback(context, verify, postern_context_facts_of(context));
}

static postern_context_facts *facts_of(const postern_tls_options *options) {
  postern_context_facts *facts = calloc(1, sizeof *facts);
  facts->tickets = options->tickets;
  facts->ticket_lifetime_s = options->ticket_lifetime_s;
  facts->clock_ahead_s = options->clock_ahead_s;
  facts->has_revocations = options->trust && options->trust->has_revocations;
  facts->revocations_end = facts->has_revocations ? options->trust->revocations_end : INT64_MAX;
  facts->alpn_length = (unsigned)options->alpn_length;
  facts->alpn = malloc(options->alpn_length + 1);
  if (options->alpn_length) memcpy(facts->alpn, options->alpn, options->alpn_length);
  facts->rule_count = options->rule_count;
  facts->rules = calloc(options->rule_count + 1, sizeof *facts->rules);
  for (unsigned index = 0; index < options->rule_count; index++) {
    facts->rules[index] = options->rules[index];
    facts->rules[index].text = strdup(options->rules[index].text);
  }
  return facts;
}

SSL_CTX *postern_context_new(
    const SSL_METHOD *method, const postern_tls_options *options, char *why, size_t room) {
  ERR_clear_error();
  SSL_CTX *context = SSL_CTX_new(method);
  if (!context) {
    postern_explain(why, room, "OpenSSL makes no context");
    return NULL;
  }
  SSL_CTX_set_ex_data(context, 0, facts_of(options));
  SSL_CTX_set_min_proto_version(context, options->minimum);
  SSL_CTX_set_max_proto_version(context, options->maximum);
  SSL_CTX_clear_options(context, SSL_OP_LEGACY_SERVER_CONNECT);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  /* Idle connections keep no buffers; chains are sent as they are in the file. A record is read with one
   * call, what is behind it comes along. */
  SSL_CTX_set_mode(
      context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_info_callback(context, postern_watch);
  const char *problem = NULL;
  if (SSL_CTX_set_cipher_list(context, options->ciphers) != 1) problem = "no cipher of `ciphers` is known";
  else if (SSL_CTX_set_ciphersuites(context, options->suites) != 1) problem = "`cipherSuites` are not known";
  else if (SSL_CTX_set1_groups_list(context, options->groups) != 1) problem = "`groups` are not known";
  ERR_clear_error();
  if (problem) {
    postern_say(why, room, "%s", problem);
    postern_context_free(context);
    return NULL;
  }
  trust(context, options);
  return context;
}

bool postern_context_use(SSL_CTX *context, postern_certificate *certificate, char *why, size_t room) {
  ERR_clear_error();
  int added = SSL_CTX_use_cert_and_key(context, certificate->leaf, certificate->key, certificate->chain, 0);
  if (added != 1) {
    postern_explain(why, room, "the certificate cannot be used");
    return false;
  }
  postern_context_facts *facts = postern_context_facts_of(context);
  facts->certificates[facts->certificate_count++] = certificate;
  return true;
}

void postern_context_free(SSL_CTX *context) {
  if (!context) return;
  postern_context_facts *facts = postern_context_facts_of(context);
  SSL_CTX_free(context);
  for (unsigned index = 0; index < facts->rule_count; index++) free((char *)facts->rules[index].text);
  free(facts->rules);
  free(facts->alpn);
  free(facts);
}

/* --- What the options may name ----------------------------------------------------------------------- */

bool postern_tls_knows_cipher(const char *name) {
  SSL_CTX *context = SSL_CTX_new(TLS_method());
  bool found = false;
  if (context && SSL_CTX_set_cipher_list(context, name) == 1) {
    STACK_OF(SSL_CIPHER) *ciphers = SSL_CTX_get_ciphers(context);
    for (int index = 0; index < sk_SSL_CIPHER_num(ciphers) && !found; index++) {
      const SSL_CIPHER *cipher = sk_SSL_CIPHER_value(ciphers, index);
      /* One that neither encrypts nor authenticates is as good as none. */
      found = strcmp(SSL_CIPHER_get_name(cipher), name) == 0 && strncmp(name, "TLS_", 4) != 0 &&
              SSL_CIPHER_get_cipher_nid(cipher) != NID_undef &&
              SSL_CIPHER_get_auth_nid(cipher) != NID_auth_null;
    }
  }
  SSL_CTX_free(context);
  ERR_clear_error();
  return found;
}

bool postern_tls_knows_suite(const char *name) {
  SSL_CTX *context = SSL_CTX_new(TLS_method());
  bool found = context && *name && SSL_CTX_set_ciphersuites(context, name) == 1;
  SSL_CTX_free(context);
  ERR_clear_error();
  return found;
}

bool postern_tls_knows_group(const char *name) {
  SSL_CTX *context = SSL_CTX_new(TLS_method());
  bool found = context && SSL_CTX_set1_groups_list(context, name) == 1;
  SSL_CTX_free(context);
  ERR_clear_error();
  return found;
}
