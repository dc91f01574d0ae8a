#include "internal.h"
#include <openssl/core_names.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
  uint8_t name[16], authentication[32], encryption[32];
  /* A file of 48 bytes has 16 bytes of each. */
  bool is_short;
} ticket_key;

struct postern_ticket_keys {
  pthread_mutex_t lock;
  ticket_key keys[POSTERN_TICKET_KEYS];
  unsigned count;
  /* Looked up once: a look-up by name takes OpenSSL longer than the encryption. */
  EVP_CIPHER *aes256, *aes128;
};

postern_ticket_keys *postern_ticket_keys_new(void) {
  postern_ticket_keys *keys = calloc(1, sizeof *keys);
  pthread_mutex_init(&keys->lock, NULL);
  keys->aes256 = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
  keys->aes128 = EVP_CIPHER_fetch(NULL, "AES-128-CBC", NULL);
  return keys;
}

bool postern_ticket_keys_rotate(postern_ticket_keys *keys, unsigned keep) {
  uint8_t fresh[POSTERN_TICKET_KEY_SIZE];
  if (RAND_priv_bytes(fresh, sizeof fresh) != 1) return false;
  if (keep > POSTERN_TICKET_KEYS - 1) keep = POSTERN_TICKET_KEYS - 1;
  pthread_mutex_lock(&keys->lock);
  memmove(&keys->keys[1], &keys->keys[0], keep * sizeof(ticket_key));
  memcpy(&keys->keys[0], fresh, sizeof fresh);
  keys->keys[0].is_short = false;
  keys->count = keys->count < keep ? keys->count + 1 : keep + 1;
  pthread_mutex_unlock(&keys->lock);
  OPENSSL_cleanse(fresh, sizeof fresh);
  return true;
}

void postern_ticket_keys_set(postern_ticket_keys *keys, const uint8_t *bytes, unsigned count) {
  if (count > POSTERN_TICKET_KEYS) count = POSTERN_TICKET_KEYS;
  pthread_mutex_lock(&keys->lock);
  for (unsigned index = 0; index < count; index++) {
    memcpy(&keys->keys[index], bytes + index * POSTERN_TICKET_KEY_SIZE, POSTERN_TICKET_KEY_SIZE);
    keys->keys[index].is_short = false;
  }
  keys->count = count;
  pthread_mutex_unlock(&keys->lock);
}

bool postern_ticket_keys_read(
    postern_ticket_keys *keys, const char *const *paths, unsigned count, char *why, size_t room) {
  ticket_key fresh[POSTERN_TICKET_KEYS];
  memset(fresh, 0, sizeof fresh);
  bool good = count > 0 && count <= POSTERN_TICKET_KEYS;
  for (unsigned index = 0; index < count && good; index++) {
    size_t length;
    char *bytes = postern_read_file(paths[index], &length, why, room);
    if (!bytes) {
      good = false;
      break;
    }
    ticket_key *key = &fresh[index];
    if (length == POSTERN_TICKET_KEY_SIZE) {
      memcpy(key, bytes, POSTERN_TICKET_KEY_SIZE);
    } else if (length == 48) {
      /* nginx's order: the name, then the AES key, then HMAC's, of which the longer form has the reverse. */
      memcpy(key->name, bytes, 16);
      memcpy(key->encryption, bytes + 16, 16);
      memcpy(key->authentication, bytes + 32, 16);
      key->is_short = true;
    } else {
      postern_say(why, room, "%s: must be 48 or 80 bytes, is %zu", paths[index], length);
      good = false;
    }
    OPENSSL_clear_free(bytes, length + 1);
  }
  if (good) {
    pthread_mutex_lock(&keys->lock);
    memcpy(keys->keys, fresh, sizeof fresh);
    keys->count = count;
    pthread_mutex_unlock(&keys->lock);
  }
  OPENSSL_cleanse(fresh, sizeof fresh);
  return good;
}

void postern_ticket_keys_free(postern_ticket_keys *keys) {
  if (!keys) return;
  EVP_CIPHER_free(keys->aes256);
  EVP_CIPHER_free(keys->aes128);
  pthread_mutex_destroy(&keys->lock);
  OPENSSL_cleanse(keys->keys, sizeof keys->keys);
  free(keys);
}

/* Copies the key of that name, or the first. Returns its place, or -1. */
static int find(postern_ticket_keys *keys, const unsigned char *name, ticket_key *out) {
  int place = -1;
  pthread_mutex_lock(&keys->lock);
  for (unsigned index = 0; index < keys->count && place < 0; index++) {
    if (name && memcmp(keys->keys[index].name, name, 16) != 0) continue;
    *out = keys->keys[index];
    place = (int)index;
  }
  pthread_mutex_unlock(&keys->lock);
  return place;
}

static bool start_authentication(EVP_MAC_CTX *mac, const ticket_key *key) {
  char digest[] = "SHA256";
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
  return EVP_MAC_init(mac, key->authentication, key->is_short ? 16 : 32, parameters) == 1;
}

int postern_ticket_key(
    SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int encrypt) {
  postern_ticket_keys *keys = postern_context_facts_of(SSL_get_SSL_CTX(ssl))->tickets;
  ticket_key key;
  if (!keys) return encrypt ? -1 : 0;
  int place = find(keys, encrypt ? NULL : name, &key);
  if (place < 0) return 0;
  const EVP_CIPHER *type = key.is_short ? keys->aes128 : keys->aes256;
  bool good;
  if (encrypt) {
    memcpy(name, key.name, 16);
    good = RAND_bytes(iv, EVP_CIPHER_get_iv_length(type)) == 1 &&
           EVP_EncryptInit_ex2(cipher, type, key.encryption, iv, NULL) == 1;
  } else {
    good = EVP_DecryptInit_ex2(cipher, type, key.encryption, iv, NULL) == 1;
  }
  good = good && start_authentication(mac, &key);
  OPENSSL_cleanse(&key, sizeof key);
  if (!good) return -1;
  if (encrypt) return 1;
  /* 2: decrypted, and to be renewed, because the key will be forgotten, or because clients of TLS 1.3 use a
   * ticket once. */
  return place > 0 || SSL_version(ssl) == TLS1_3_VERSION ? 2 : 1;
}

/* --- What a ticket may carry on ---------------------------------------------------------------------- */

/* A ticket is renewed whenever it is used, and a session that is resumed does not look at the certificate of
 * its client again. So tickets say when the handshake was that has looked. */

static int64_t now(const postern_context_facts *facts) { return (int64_t)time(NULL) + facts->clock_ahead_s; }

int postern_ticket_making(SSL *ssl, void *facts) {
  SSL_SESSION *session = SSL_get_session(ssl);
  void *known;
  size_t length;
  if (SSL_SESSION_get0_ticket_appdata(session, &known, &length) == 1 && length == sizeof(int64_t)) return 1;
  uint8_t bytes[sizeof(int64_t)];
  uint64_t begun = (uint64_t)now(facts);
  for (size_t index = 0; index < sizeof bytes; index++) bytes[index] = (uint8_t)(begun >> (8 * index));
  return SSL_SESSION_set1_ticket_appdata(session, bytes, sizeof bytes);
}

static bool may_go_on(const postern_context_facts *facts, SSL_SESSION *session) {
  void *known;
  size_t length;
  if (SSL_SESSION_get0_ticket_appdata(session, &known, &length) != 1 || length != sizeof(int64_t)) return false;
  uint64_t begun = 0;
  for (size_t index = 0; index < length; index++) begun |= (uint64_t)((uint8_t *)known)[index] << (8 * index);
  int64_t time = now(facts);
  if (time - (int64_t)begun > facts->ticket_lifetime_s) return false;
  if (!SSL_SESSION_get0_peer(session)) return true;
  return time <= facts->revocations_end && !postern_session_has_expired(session, time);
}

SSL_TICKET_RETURN postern_ticket_taking(
    SSL *ssl, SSL_SESSION *session, const unsigned char *name, size_t name_length, SSL_TICKET_STATUS status,
    void *facts) {
  (void)ssl, (void)name, (void)name_length;
  bool is_read = status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW;
  /* Without it a whole handshake follows, and gives a new one. */
  if (!is_read || !may_go_on(facts, session)) return SSL_TICKET_RETURN_IGNORE_RENEW;
  return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}
