#include "CCares.h"
#include <ares.h>
#include <ares_nameser.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

struct postern_dns {
  ares_channel channel;
  postern_dns_events events;
  struct ares_options used; /* the search list, as c-ares has read it */
  int used_mask;
};

typedef struct question {
  postern_dns *dns;
  uint64_t number;
  int is_ipv6;
} question;

/* What an answer over UDP may have without being cut into fragments (DNS flag day 2020). */
enum { EDNS_SIZE = 1232 };

static void sockets_changed(void *context, ares_socket_t descriptor, int readable, int writable) {
  const postern_dns *dns = context;
  dns->events.interest(dns->events.context, descriptor, readable, writable);
}

postern_dns *postern_dns_open(const char *servers, const char *resolver_file, int timeout_ms, int tries,
                              postern_dns_events events, const char **problem) {
  postern_dns *dns = calloc(1, sizeof *dns);
  char *path = strdup(resolver_file);
  int status = dns && path ? ares_library_init(ARES_LIB_INIT_ALL) : ARES_ENOMEM;
  if (status == ARES_SUCCESS) {
    struct ares_options options;
    memset(&options, 0, sizeof options);
    dns->events = events;
    options.flags = ARES_FLAG_EDNS;
    options.ednspsz = EDNS_SIZE;
    options.timeout = timeout_ms;
    options.tries = tries;
    options.sock_state_cb = sockets_changed;
    options.sock_state_cb_data = dns;
    options.resolvconf_path = path;
    status = ares_init_options(&dns->channel, &options,
                               ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                                   ARES_OPT_SOCK_STATE_CB | ARES_OPT_RESOLVCONF);
    if (status == ARES_SUCCESS && servers) status = ares_set_servers_ports_csv(dns->channel, servers);
    if (status == ARES_SUCCESS) status = ares_save_options(dns->channel, &dns->used, &dns->used_mask);
    if (status != ARES_SUCCESS && dns->channel) ares_destroy(dns->channel);
    if (status != ARES_SUCCESS) ares_library_cleanup();
  }
  free(path);
  if (status == ARES_SUCCESS) return dns;
  *problem = ares_strerror(status);
  free(dns);
  return NULL;
}

void postern_dns_close(postern_dns *dns) {
  ares_destroy(dns->channel);
  ares_destroy_options(&dns->used);
  ares_library_cleanup();
  free(dns);
}

const char *postern_dns_search_domain(const postern_dns *dns, int index) {
  return dns->used_mask & ARES_OPT_DOMAINS && index < dns->used.ndomains ? dns->used.domains[index] : NULL;
}

int postern_dns_dots(const postern_dns *dns) { return dns->used_mask & ARES_OPT_NDOTS ? dns->used.ndots : 1; }

/* RFC 2181, 8: a TTL with the highest bit set is 0. */
static uint32_t ttl(int seconds) { return seconds < 0 ? 0 : (uint32_t)seconds; }

static int parse_ipv4(const unsigned char *bytes, int size, postern_dns_address *out, size_t *count) {
  struct ares_addrttl found[POSTERN_DNS_ADDRESS_LIMIT];
  int number = POSTERN_DNS_ADDRESS_LIMIT;
  int status = ares_parse_a_reply(bytes, size, NULL, found, &number);
  for (int index = 0; status == ARES_SUCCESS && index < number; index++) {
    memcpy(out[index].bytes, &found[index].ipaddr, 4);
    out[index].ttl_s = ttl(found[index].ttl);
    *count = (size_t)index + 1;
  }
  return status;
}

static int parse_ipv6(const unsigned char *bytes, int size, postern_dns_address *out, size_t *count) {
  struct ares_addr6ttl found[POSTERN_DNS_ADDRESS_LIMIT];
  int number = POSTERN_DNS_ADDRESS_LIMIT;
  int status = ares_parse_aaaa_reply(bytes, size, NULL, found, &number);
  for (int index = 0; status == ARES_SUCCESS && index < number; index++) {
    memcpy(out[index].bytes, &found[index].ip6addr, 16);
    out[index].ttl_s = ttl(found[index].ttl);
    *count = (size_t)index + 1;
  }
  return status;
}

static int result(int status, size_t count) {
  switch (status) {
  case ARES_SUCCESS: return count ? POSTERN_DNS_FOUND : POSTERN_DNS_NO_DATA;
  case ARES_ENODATA: return POSTERN_DNS_NO_DATA;
  case ARES_ENOTFOUND: return POSTERN_DNS_NO_NAME;
  case ARES_EDESTRUCTION:
  case ARES_ECANCELLED: return POSTERN_DNS_CANCELLED;
  default: return POSTERN_DNS_FAILED;
  }
}

static void answered(void *context, int status, int timeouts, unsigned char *bytes, int size) {
  question asked = *(question *)context;
  postern_dns_address addresses[POSTERN_DNS_ADDRESS_LIMIT];
  size_t count = 0;
  (void)timeouts;
  free(context);
  memset(addresses, 0, sizeof addresses);
  if (status == ARES_SUCCESS)
    status = asked.is_ipv6 ? parse_ipv6(bytes, size, addresses, &count) : parse_ipv4(bytes, size, addresses, &count);
  asked.dns->events.answered(asked.dns->events.context, asked.number, result(status, count), ares_strerror(status),
                             addresses, count);
}

void postern_dns_ask(postern_dns *dns, const char *name, int is_ipv6, uint64_t number) {
  question *asked = malloc(sizeof *asked);
  if (!asked) {
    dns->events.answered(dns->events.context, number, POSTERN_DNS_FAILED, ares_strerror(ARES_ENOMEM), NULL, 0);
    return;
  }
  *asked = (question){dns, number, is_ipv6};
  ares_query(dns->channel, name, C_IN, is_ipv6 ? T_AAAA : T_A, answered, asked);
}

void postern_dns_process(postern_dns *dns, int readable, int writable) {
  ares_process_fd(dns->channel, readable < 0 ? ARES_SOCKET_BAD : readable,
                  writable < 0 ? ARES_SOCKET_BAD : writable);
}

int64_t postern_dns_wait_ms(const postern_dns *dns) {
  struct timeval wait;
  if (!ares_timeout(dns->channel, NULL, &wait)) return -1;
  return (int64_t)wait.tv_sec * 1000 + (wait.tv_usec + 999) / 1000;
}
