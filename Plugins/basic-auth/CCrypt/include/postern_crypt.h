/* crypt(3) of libcrypt, without state that threads would share. */
#ifndef POSTERN_CRYPT_H
#define POSTERN_CRYPT_H
#include <stddef.h>

/* Hashes `phrase` as `setting`, which may be a whole hash, says. Blocks for as long as the method's cost.
 * Returns 0 with the hash and a NUL in `out`, else -1. Both texts end with NUL. */
int postern_crypt(const char *phrase, const char *setting, char *out, size_t capacity);

/* 1 when libcrypt knows the method and would hash with `setting` today, else 0. */
int postern_crypt_is_strong(const char *setting);

#endif
