#include "internal.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* No certificate, key, list of authorities or of revocations is larger. */
#define FILE_LIMIT (16 << 20)

void postern_say(char *why, size_t room, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(why, room, format, arguments);
  va_end(arguments);
}

void postern_explain(char *why, size_t room, const char *otherwise) {
  unsigned long code = ERR_peek_last_error();
  const char *reason = code ? ERR_reason_error_string(code) : NULL;
  postern_say(why, room, "%s", reason ? reason : otherwise);
  ERR_clear_error();
}

/* The room doubles by copying, so that no copy of a key is left behind by realloc. */
static char *grow(char *bytes, size_t used, size_t *room) {
  char *larger = OPENSSL_malloc(*room * 2);
  if (larger) memcpy(larger, bytes, used);
  OPENSSL_clear_free(bytes, *room);
  *room *= 2;
  return larger;
}

char *postern_read_file(const char *path, size_t *length, char *why, size_t room) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    postern_say(why, room, "%s: %s", path, strerror(errno));
    return NULL;
  }
  struct stat status;
  size_t used = 0, capacity = 16 << 10;
  char *bytes = OPENSSL_malloc(capacity);
  if (fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
    postern_say(why, room, "%s: is a folder", path);
    goto failed;
  }
  while (bytes) {
    if (used == capacity && !(bytes = grow(bytes, used, &capacity))) break;
    ssize_t count = read(descriptor, bytes + used, capacity - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      postern_say(why, room, "%s: %s", path, strerror(errno));
      goto failed;
    }
    if (count == 0) {
      close(descriptor);
      /* Whoever frees it knows the length alone. */
      char *exact = OPENSSL_malloc(used + 1);
      if (exact) {
        memcpy(exact, bytes, used);
        exact[used] = 0;
      }
      OPENSSL_clear_free(bytes, capacity);
      *length = used;
      return exact;
    }
    used += (size_t)count;
    if (used > FILE_LIMIT) {
      postern_say(why, room, "%s: is larger than %d MiB", path, FILE_LIMIT >> 20);
      goto failed;
    }
  }
  postern_say(why, room, "%s: no memory", path);
failed:
  close(descriptor);
  if (bytes) OPENSSL_clear_free(bytes, capacity);
  return NULL;
}

void postern_forbid_core_dumps(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_CORE, &limit) != 0) return;
  limit.rlim_cur = 0;
  setrlimit(RLIMIT_CORE, &limit);
}
