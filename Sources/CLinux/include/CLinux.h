/* What Swift's Glibc overlay lacks: epoll, eventfd, inotify, signalfd, and calls that want _GNU_SOURCE.
 * Without _GNU_SOURCE here, so that shared declarations stay the same as in the overlay. */
#ifndef POSTERN_CLINUX_H
#define POSTERN_CLINUX_H
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>
#include "postern_activity.h"

/* accept4(2) with SOCK_NONBLOCK and SOCK_CLOEXEC; the address is not asked for. */
int postern_accept(int descriptor);
/* The other end of an IP connection. */
typedef struct {
  int family; /* AF_INET, AF_INET6, or something else, without what follows */
  uint16_t port;
  uint32_t ipv4;      /* 127.0.0.1 is 0x7F000001 */
  uint64_t ipv6[2];   /* in network order */
} postern_peer;
/* As postern_accept, with the address. */
int postern_accept_from(int descriptor, postern_peer *peer);
/* Names the calling thread as ps and gdb show it; at most 15 characters. */
void postern_name_thread(const char *name);
/* A non-blocking pipe that holds `capacity` bytes, where the system lets it. 0, or -1 and errno. */
int postern_pipe(int *read_end, int *write_end, int capacity);
/* Moves up to `count` bytes between two descriptors, one of which is a pipe, without waiting; or -1 and errno. */
long postern_splice(int from, int to, size_t count);
#endif
