/* What a script sees of the client's TLS, by the names of Envoy's object. */
#include "internal.h"
#include <string.h>

/* The connection, which has these methods, or nil in plain text. */
int push_ssl(lua_State *L, postern_lua_call *call) {
  if (push_attribute(L, call, "connection.tls_version", strlen("connection.tls_version"))) {
    push_object(L, call, KIND_CONNECTION);
  }
  return 1;
}

static int text(lua_State *L, const char *method, const char *attribute) {
  postern_lua_call *call = check_object(L, KINDS(KIND_CONNECTION), method, NULL);
  charge(L, 100);
  if (!push_attribute(L, call, attribute, strlen(attribute))) lua_pushliteral(L, "");
  return 1;
}

/* A list, as Envoy has it: of the lines of one attribute, or of another's text, as a script's test gives it. */
static int names(lua_State *L, const char *method, const char *all, const char *first) {
  postern_lua_call *call = check_object(L, KINDS(KIND_CONNECTION), method, NULL);
  charge(L, 100);
  lua_createtable(L, 1, 0);
  if (!push_attribute(L, call, all, strlen(all))) {
    lua_pop(L, 1);
    if (push_attribute(L, call, first, strlen(first))) lua_rawseti(L, -2, 1);
    else lua_pop(L, 1);
    return 1;
  }
  size_t length;
  const char *at = lua_tolstring(L, -1, &length);
  const char *end = at + length;
  for (lua_Integer index = 1; at < end; index++) {
    const char *line = memchr(at, '\n', (size_t)(end - at));
    if (line == NULL) line = end;
    charge(L, 10);
    lua_pushlstring(L, at, (size_t)(line - at));
    lua_rawseti(L, -3, index);
    at = line < end ? line + 1 : end;
  }
  lua_pop(L, 1);
  return 1;
}

static int is_mutual(lua_State *L, const char *method) {
  text(L, method, "connection.mtls");
  lua_pushboolean(L, strcmp(lua_tostring(L, -1), "true") == 0);
  return 1;
}

static int ssl_presented(lua_State *L) { return is_mutual(L, "peerCertificatePresented"); }
static int ssl_validated(lua_State *L) { return is_mutual(L, "peerCertificateValidated"); }

#define TEXT(function, method, attribute) \
  static int function(lua_State *L) { return text(L, method, attribute); }
#define NAMES(function, method, all, first) \
  static int function(lua_State *L) { return names(L, method, "connection." all, "connection." first); }

TEXT(ssl_digest, "sha256PeerCertificateDigest", "connection.sha256_peer_certificate_digest")
TEXT(ssl_serial, "serialNumberPeerCertificate", "connection.serial_number_peer_certificate")
TEXT(ssl_subject, "subjectPeerCertificate", "connection.subject_peer_certificate")
TEXT(ssl_own_subject, "subjectLocalCertificate", "connection.subject_local_certificate")
TEXT(ssl_version, "tlsVersion", "connection.tls_version")
TEXT(ssl_cipher, "ciphersuiteString", "connection.tls_cipher")
NAMES(ssl_uris, "uriSanPeerCertificate", "uri_sans_peer_certificate", "uri_san_peer_certificate")
NAMES(ssl_own_uris, "uriSanLocalCertificate", "uri_sans_local_certificate", "uri_san_local_certificate")
NAMES(ssl_names, "dnsSansPeerCertificate", "dns_sans_peer_certificate", "dns_san_peer_certificate")
NAMES(ssl_own_names, "dnsSansLocalCertificate", "dns_sans_local_certificate", "dns_san_local_certificate")

const luaL_Reg ssl_methods[] = {
    {"peerCertificatePresented", ssl_presented},
    {"peerCertificateValidated", ssl_validated},
    {"sha256PeerCertificateDigest", ssl_digest},
    {"serialNumberPeerCertificate", ssl_serial},
    {"subjectPeerCertificate", ssl_subject},
    {"subjectLocalCertificate", ssl_own_subject},
    {"tlsVersion", ssl_version},
    {"ciphersuiteString", ssl_cipher},
    {"uriSanPeerCertificate", ssl_uris},
    {"uriSanLocalCertificate", ssl_own_uris},
    {"dnsSansPeerCertificate", ssl_names},
    {"dnsSansLocalCertificate", ssl_own_names},
    {NULL, NULL},
};
