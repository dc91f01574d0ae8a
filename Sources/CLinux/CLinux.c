#define _GNU_SOURCE
#include "CLinux.h"
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int postern_accept(int descriptor) {
  return accept4(descriptor, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int postern_accept_from(int descriptor, postern_peer *peer) {
  union {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
  } address = {{0}};
  socklen_t length = sizeof address;
  int accepted = accept4(descriptor, &address.any, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  peer->family = address.any.sa_family;
  if (accepted < 0) return accepted;
  if (peer->family == AF_INET) {
    peer->port = ntohs(address.ipv4.sin_port);
    peer->ipv4 = ntohl(address.ipv4.sin_addr.s_addr);
  } else if (peer->family == AF_INET6) {
    peer->port = ntohs(address.ipv6.sin6_port);
    memcpy(peer->ipv6, &address.ipv6.sin6_addr, sizeof peer->ipv6);
  }
  return accepted;
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
