#define _GNU_SOURCE
#include "CLinux.h"
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

int postern_accept(int descriptor) {
  return accept4(descriptor, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int postern_pipe(int *read_end, int *write_end, int capacity) {
  int ends[2];
  if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return -1;
  /* Past what the system lets one user have in pipes it stays as it is. */
  (void)fcntl(ends[1], F_SETPIPE_SZ, capacity);
  *read_end = ends[0];
  *write_end = ends[1];
  return 0;
}

long postern_splice(int from, int to, size_t count) {
  return splice(from, NULL, to, NULL, count, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

void postern_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }
