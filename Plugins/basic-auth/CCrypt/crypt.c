#define _GNU_SOURCE
#include "postern_crypt.h"
#include <crypt.h>
#include <stdlib.h>
#include <string.h>

int postern_crypt(const char *phrase, const char *setting, char *out, size_t capacity) {
  /* Too large for the stack of a thread that somebody else made. */
  struct crypt_data *data = calloc(1, sizeof *data);
  if (data == NULL) return -1;
  const char *hash = crypt_r(phrase, setting, data);
  int status = -1;
  if (hash != NULL && hash[0] != '*' && strlen(hash) < capacity) {
    memcpy(out, hash, strlen(hash) + 1);
    status = 0;
  }
  explicit_bzero(data, sizeof *data);
  free(data);
  return status;
}

int postern_crypt_is_strong(const char *setting) { return crypt_checksalt(setting) == CRYPT_SALT_OK; }
