/* The service behind every proxy: answers GET with a fixed body, kept ready in memory, on connections it keeps.
 * backend PORT; /100, /10k, /1m and /64m choose the body, /echo sends the request's head back. */
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

enum { head_bytes = 16384, events_at_once = 256 };

struct answer {
  const char *path;
  size_t body_bytes;
  char *text; /* head and body */
  size_t count;
};

static struct answer answers[] = {
    {"/100 ", 100, 0, 0}, {"/10k ", 10 * 1024, 0, 0}, {"/1m ", 1 << 20, 0, 0}, {"/64m ", 64 << 20, 0, 0}};
static struct answer not_found = {"", 0, 0, 0};

struct connection {
  int fd;
  const char *left; /* of an answer, not yet sent */
  size_t left_count;
  char *echo;
  size_t count;
  char head[head_bytes];
};

static void prepare(struct answer *answer, const char *status) {
  answer->text = malloc(answer->body_bytes + 256);
  int head = sprintf(
      answer->text, "HTTP/1.1 %s\r\nServer: backend\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n",
      status, answer->body_bytes);
  memset(answer->text + head, 'x', answer->body_bytes);
  answer->count = (size_t)head + answer->body_bytes;
}

static void hang_up(struct connection *connection) {
  close(connection->fd);
  free(connection->echo);
  free(connection);
}

/* Sends what is left: 0 all gone, 1 would block, -1 broken. */
static int flush(struct connection *connection) {
  while (connection->left_count > 0) {
    ssize_t n = send(connection->fd, connection->left, connection->left_count, MSG_NOSIGNAL);
    if (n < 0) return errno == EAGAIN ? 1 : -1;
    connection->left += n;
    connection->left_count -= (size_t)n;
  }
  return 0;
}

static void choose(struct connection *connection, size_t head) {
  const char *path = memchr(connection->head, ' ', head);
  const struct answer *found = &not_found;
  if (path && !strncmp(path + 1, "/echo ", 6)) {
    free(connection->echo);
    connection->echo = malloc(head + 128);
    int start = sprintf(connection->echo, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", head);
    memcpy(connection->echo + start, connection->head, head);
    connection->left = connection->echo;
    connection->left_count = (size_t)start + head;
    return;
  }
  for (size_t i = 0; path && i < sizeof answers / sizeof *answers; i++)
    if (!strncmp(path + 1, answers[i].path, strlen(answers[i].path))) found = &answers[i];
  connection->left = found->text;
  connection->left_count = found->count;
}

/* Answers every whole request that was read; 1 when it waits for room, -1 when it is over. */
static int answer_all(struct connection *connection) {
  for (;;) {
    int blocked = flush(connection);
    if (blocked) return blocked;
    char *end = memmem(connection->head, connection->count, "\r\n\r\n", 4);
    if (!end) return connection->count == head_bytes ? -1 : 0;
    size_t head = (size_t)(end + 4 - connection->head);
    choose(connection, head);
    connection->count -= head;
    memmove(connection->head, connection->head + head, connection->count);
  }
}

static void serve(struct connection *connection) {
  for (;;) {
    int state = answer_all(connection);
    if (state < 0) return hang_up(connection);
    if (state > 0) return;
    size_t room = head_bytes - connection->count;
    ssize_t n = recv(connection->fd, connection->head + connection->count, room, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN)) return hang_up(connection);
    if (n < 0) return;
    connection->count += (size_t)n;
    if ((size_t)n < room && answer_all(connection) == 0) return;
  }
}

int main(int count, char **arguments) {
  if (count != 2) return fprintf(stderr, "backend PORT\n"), 2;
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) prepare(&answers[i], "200 OK");
  prepare(&not_found, "404 Not Found");
  struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[1]))};
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int yes = 1, epoll = epoll_create1(0), listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&own, sizeof own) || listen(listener, 4096)) return perror("backend"), 1;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[events_at_once];
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    int ready = epoll_wait(epoll, events, events_at_once, -1);
    for (int i = 0; i < ready; i++) {
      if (events[i].data.ptr) {
        serve(events[i].data.ptr);
        continue;
      }
      int fd;
      while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct connection *connection = calloc(1, sizeof *connection);
        connection->fd = fd;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        event = (struct epoll_event){.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = connection};
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
      }
    }
  }
}
