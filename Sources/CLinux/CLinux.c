#define _GNU_SOURCE
#include "CLinux.h"
#include <pthread.h>
#include <stddef.h>
#include <sys/socket.h>

int postern_accept(int descriptor) {
  return accept4(descriptor, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

void postern_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }
