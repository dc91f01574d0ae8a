/* The floor: passes bytes from each client connection to an upstream connection of its own and back, and looks
 * at none of them. relay LISTEN_PORT UPSTREAM_PORT, both on 127.0.0.1. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { buffer_bytes = 65536, events_at_once = 256 };

/* One of the two sockets of a pair. */
struct end {
  int fd;
  struct end *other;
  char *left; /* read from `other`, not yet written here */
  size_t left_at, left_count;
  int saw_end; /* the peer has sent its last byte */
};

static char scratch[buffer_bytes];
static struct end *closed[2 * events_at_once]; /* freed after the batch: later events may name them */
static int closed_count;

static struct sockaddr_in loopback(const char *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void close_pair(struct end *end) {
  if (end->fd < 0) return;
  struct end *ends[] = {end, end->other};
  for (int i = 0; i < 2; i++) {
    close(ends[i]->fd);
    ends[i]->fd = -1;
    closed[closed_count++] = ends[i];
  }
}

/* Writes what is left for `end`; returns 0 when nothing is left any more. */
static int flush(struct end *end) {
  while (end->left_count > 0) {
    ssize_t n = send(end->fd, end->left + end->left_at, end->left_count, MSG_NOSIGNAL);
    if (n < 0) return errno == EAGAIN ? 1 : -1;
    end->left_at += (size_t)n;
    end->left_count -= (size_t)n;
  }
  return 0;
}

/* Moves bytes from `from` to the other end until one of them would block. */
static void pass(struct end *from) {
  struct end *to = from->other;
  for (;;) {
    if (from->fd < 0 || from->saw_end) return;
    int blocked = flush(to);
    if (blocked < 0) return close_pair(from);
    if (blocked) return;
    ssize_t n = recv(from->fd, scratch, buffer_bytes, 0);
    if (n < 0) {
      if (errno != EAGAIN) close_pair(from);
      return;
    }
    if (n == 0) {
      from->saw_end = 1;
      if (to->saw_end) return close_pair(from);
      shutdown(to->fd, SHUT_WR);
      return;
    }
    ssize_t sent = send(to->fd, scratch, (size_t)n, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN) return close_pair(from);
      sent = 0;
    }
    if (sent < n) {
      if (!to->left) to->left = malloc(buffer_bytes);
      to->left_at = 0;
      to->left_count = (size_t)(n - sent);
      memcpy(to->left, scratch + sent, to->left_count);
    }
    if (n < buffer_bytes) return; /* short: the next edge will tell */
  }
}

static void watch(int epoll, struct end *end) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = end};
  int yes = 1;
  setsockopt(end->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  epoll_ctl(epoll, EPOLL_CTL_ADD, end->fd, &event);
}

static void accept_all(int epoll, int listener, const struct sockaddr_in *upstream) {
  int fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    struct end *client = calloc(1, sizeof *client), *server = calloc(1, sizeof *server);
    client->fd = fd;
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    client->other = server;
    server->other = client;
    connect(server->fd, (const struct sockaddr *)upstream, sizeof *upstream);
    watch(epoll, server);
    watch(epoll, client);
  }
}

int main(int count, char **arguments) {
  if (count != 3) return fprintf(stderr, "relay LISTEN_PORT UPSTREAM_PORT\n"), 2;
  struct sockaddr_in own = loopback(arguments[1]), upstream = loopback(arguments[2]);
  int yes = 1, epoll = epoll_create1(0), listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&own, sizeof own) || listen(listener, 4096)) return perror("relay"), 1;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[events_at_once];
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    int ready = epoll_wait(epoll, events, events_at_once, -1);
    for (int i = 0; i < ready; i++) {
      struct end *end = events[i].data.ptr;
      if (!end) {
        accept_all(epoll, listener, &upstream);
        continue;
      }
      if (end->fd >= 0 && events[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) pass(end);
      if (end->fd >= 0 && end->left_count > 0) pass(end->other);
    }
    while (closed_count > 0) {
      struct end *end = closed[--closed_count];
      free(end->left);
      free(end);
    }
  }
}
