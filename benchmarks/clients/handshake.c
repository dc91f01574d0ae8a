/* A client that makes TLS handshakes and sends nothing: what they cost the server is all that is left.
 * handshake PORT SECONDS AT_ONCE 1.2|1.3 full|resumed RATE; a RATE of 0 a second keeps AT_ONCE going all the time.
 * Each connection ends with close_notify and is counted once the server has closed it too. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { events_at_once = 64, most_samples = 1 << 20 };

struct connection {
  int fd;
  SSL *tls;
  int shaken; /* only waits for the server's end */
  long long began;
};

static SSL_CTX *context;
static SSL_SESSION *session; /* what connections resume, or none */
static struct sockaddr_in server = {.sin_family = AF_INET};
static int epoll, going;
static long done, resumed, failed;
static unsigned samples[most_samples]; /* microseconds from connect to the last message of the handshake */

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000ll + time.tv_nsec / 1000;
}

static int keep_session(SSL *tls, SSL_SESSION *offered) {
  (void)tls;
  if (session) return 0;
  session = offered;
  return 1;
}

static SSL_CTX *make_context(const char *version) {
  int number = !strcmp(version, "1.2") ? TLS1_2_VERSION : TLS1_3_VERSION;
  SSL_CTX *made = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(made, number);
  SSL_CTX_set_max_proto_version(made, number);
  SSL_CTX_set_ciphersuites(made, "TLS_AES_128_GCM_SHA256");
  SSL_CTX_set_cipher_list(made, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256");
  SSL_CTX_set1_groups_list(made, "X25519:P-256"); /* the second is for the key of the certificate, in TLS 1.2 */
  return made;
}

static SSL *make_tls(int fd) {
  SSL *tls = SSL_new(context);
  SSL_set_fd(tls, fd);
  SSL_set_tlsext_host_name(tls, "localhost");
  SSL_set_connect_state(tls);
  return tls;
}

/* One whole handshake for a session that others resume. */
static int fetch_session(void) {
  char byte;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr *)&server, sizeof server)) return 0;
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keep_session);
  SSL *tls = make_tls(fd);
  if (SSL_do_handshake(tls) == 1) {
    SSL_shutdown(tls);
    shutdown(fd, SHUT_WR);
    while (SSL_read(tls, &byte, 1) > 0) continue;
  }
  SSL_free(tls);
  close(fd);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  return session != NULL;
}

static void end(struct connection *connection, int well) {
  if (well) {
    resumed += SSL_session_reused(connection->tls);
    done++;
  } else {
    failed++;
  }
  SSL_free(connection->tls);
  close(connection->fd);
  free(connection);
  going--;
}

static void begin(void) {
  struct connection *connection = calloc(1, sizeof *connection);
  connection->began = now();
  connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  connection->tls = make_tls(connection->fd);
  if (session) SSL_set_session(connection->tls, session);
  going++;
  if (connect(connection->fd, (struct sockaddr *)&server, sizeof server) && errno != EINPROGRESS) {
    end(connection, 0);
    return;
  }
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = connection};
  epoll_ctl(epoll, EPOLL_CTL_ADD, connection->fd, &event);
}

static void go_on(struct connection *connection) {
  char rest[4096];
  if (!connection->shaken) {
    int result = SSL_do_handshake(connection->tls);
    if (result != 1) {
      int why = SSL_get_error(connection->tls, result);
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) end(connection, 0);
      return;
    }
    connection->shaken = 1;
    if (done < most_samples) samples[done] = (unsigned)(now() - connection->began);
    SSL_shutdown(connection->tls);
    shutdown(connection->fd, SHUT_WR);
  }
  for (;;) {
    ssize_t n = recv(connection->fd, rest, sizeof rest, 0);
    if (n > 0) continue;
    if (n < 0 && errno == EAGAIN) return;
    return end(connection, n == 0);
  }
}

static int by_size(const void *left, const void *right) {
  unsigned a = *(const unsigned *)left, b = *(const unsigned *)right;
  return (a > b) - (a < b);
}

static void run(double seconds, int at_once, double rate) {
  struct epoll_event events[events_at_once];
  long long start = now(), finish = start + (long long)(seconds * 1e6);
  long begun = 0;
  while (now() < finish + 5000000 && (going > 0 || now() < finish)) {
    while (now() < finish && going < at_once && (rate == 0 || begun < (now() - start) * rate / 1e6)) {
      begin();
      begun++;
    }
    int ready = epoll_wait(epoll, events, events_at_once, 1);
    for (int i = 0; i < ready; i++) go_on(events[i].data.ptr);
  }
  double took = (now() - start) / 1e6;
  long count = done < most_samples ? done : most_samples;
  qsort(samples, (size_t)count, sizeof *samples, by_size);
  printf("handshakes %ld\nresumed %ld\nfailed %ld\nunfinished %d\nseconds %.3f\n", done, resumed, failed, going, took);
  if (count) printf("p50_us %u\np99_us %u\n", samples[count / 2], samples[count * 99 / 100]);
}

int main(int count, char **arguments) {
  if (count != 7) return fprintf(stderr, "handshake PORT SECONDS AT_ONCE 1.2|1.3 full|resumed RATE\n"), 2;
  server.sin_port = htons((uint16_t)atoi(arguments[1]));
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  context = make_context(arguments[4]);
  epoll = epoll_create1(0);
  if (!strcmp(arguments[5], "resumed") && !fetch_session()) return fprintf(stderr, "the server gave no session\n"), 1;
  run(atof(arguments[2]), atoi(arguments[3]), atof(arguments[6]));
  return 0;
}
