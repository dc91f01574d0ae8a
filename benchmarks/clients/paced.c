/* Requests at a fixed rate over kept connections, each with a path of its own, until SIGTERM.
 * paced PORT RATE CONNECTIONS PREFIX FILE asks for PREFIX0, PREFIX1 and so on; FILE gets a line for each: its number,
 * when it was due and how long after that its answer was there, in microseconds of the monotonic clock, and the status;
 * 0 stands for no answer. A request that finds all connections busy waits, and the wait is part of its time. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { events_at_once = 64, answer_bytes = 8192, most_connections = 1024, patience_us = 5000000 };

struct request {
  long long due;
  unsigned took;
  int status;
};

struct connection {
  int fd;
  long number; /* of the request under way; -1: none */
  size_t count;
  char answer[answer_bytes];
};

static struct sockaddr_in server = {.sin_family = AF_INET};
static struct connection connections[most_connections];
static struct connection *idle[most_connections];
static int idle_count, epoll;
static struct request *requests;
static long room, sent;
static const char *prefix;
static volatile sig_atomic_t is_over;

static void finish(int signal) {
  (void)signal;
  is_over = 1;
}

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000ll + time.tv_nsec / 1000;
}

static int open_connection(struct connection *connection) {
  int yes = 1;
  connection->fd = socket(AF_INET, SOCK_STREAM, 0);
  connection->number = -1;
  connection->count = 0;
  if (connect(connection->fd, (struct sockaddr *)&server, sizeof server)) return 0;
  setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
  epoll_ctl(epoll, EPOLL_CTL_ADD, connection->fd, &event);
  idle[idle_count++] = connection;
  return 1;
}

/* The request has no answer; the connection is made anew. */
static void fail(struct connection *connection) {
  if (connection->number < 0) /* idle: taken out of the list */
    for (int i = 0; i < idle_count; i++)
      if (idle[i] == connection) idle[i--] = idle[--idle_count];
  close(connection->fd);
  open_connection(connection);
}

static void ask(struct connection *connection, long number) {
  char text[512];
  int count = snprintf(text, sizeof text, "GET %s%ld HTTP/1.1\r\nHost: a\r\nUser-Agent: paced\r\n\r\n", prefix, number);
  connection->number = number;
  connection->count = 0;
  if (send(connection->fd, text, (size_t)count, MSG_NOSIGNAL | MSG_DONTWAIT) != count) fail(connection);
}

/* Whether the answer is whole. */
static int is_whole(struct connection *connection) {
  connection->answer[connection->count] = 0;
  char *end = strstr(connection->answer, "\r\n\r\n");
  if (!end) return 0;
  char *length = strcasestr(connection->answer, "\r\ncontent-length:");
  size_t body = length && length < end ? (size_t)atol(length + 17) : 0;
  return connection->count >= (size_t)(end + 4 - connection->answer) + body;
}

static void take(struct connection *connection) {
  ssize_t n = recv(
      connection->fd, connection->answer + connection->count, answer_bytes - 1 - connection->count, MSG_DONTWAIT);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0 || connection->number < 0) return fail(connection);
  connection->count += (size_t)n;
  if (!is_whole(connection)) return;
  struct request *request = &requests[connection->number];
  request->took = (unsigned)(now() - request->due);
  request->status = connection->count > 12 ? atoi(connection->answer + 9) : 0;
  connection->number = -1;
  connection->count = 0;
  idle[idle_count++] = connection;
}

static void await(long long until) {
  struct epoll_event events[events_at_once];
  long long left = until - now();
  struct timespec wait = {.tv_nsec = left > 0 ? (left < 100000 ? left : 100000) * 1000 : 0};
  int ready = epoll_pwait2(epoll, events, events_at_once, &wait, NULL);
  for (int i = 0; i < ready; i++) take(events[i].data.ptr);
}

static void run(double rate, int count) {
  long long start = now();
  long due = 0; /* how many have been due */
  while (!is_over) {
    long long next = start + (long long)(due * 1e6 / rate);
    while (next <= now()) {
      if (due == room) requests = realloc(requests, sizeof *requests * (size_t)(room = room * 2 + 1024));
      requests[due++] = (struct request){.due = next};
      next = start + (long long)(due * 1e6 / rate);
    }
    while (sent < due && idle_count > 0) ask(idle[--idle_count], sent++);
    await(next);
  }
  for (long long end = now() + patience_us; idle_count < count && now() < end;) await(end);
}

int main(int count, char **arguments) {
  if (count != 6) return fprintf(stderr, "paced PORT RATE CONNECTIONS PREFIX FILE\n"), 2;
  int wanted = atoi(arguments[3]);
  if (wanted < 1 || wanted > most_connections) return fprintf(stderr, "1 to %d connections\n", most_connections), 2;
  server.sin_port = htons((uint16_t)atoi(arguments[1]));
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  prefix = arguments[4];
  epoll = epoll_create1(0);
  signal(SIGTERM, finish);
  for (int i = 0; i < wanted; i++)
    if (!open_connection(&connections[i])) return perror("connect"), 1;
  run(atof(arguments[2]), wanted);
  FILE *file = fopen(arguments[5], "w");
  if (!file) return perror(arguments[5]), 1;
  for (long i = 0; i < sent; i++)
    fprintf(file, "%ld %lld %u %d\n", i, requests[i].due, requests[i].took, requests[i].status);
  return fclose(file) ? 1 : 0;
}
