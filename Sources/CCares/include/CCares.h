/* What Postern uses of c-ares: questions for addresses, answered in an event loop. c-ares' macros and structures stay
 * behind this header. One thread uses a resolver; nothing here blocks. */
#ifndef POSTERN_CCARES_H
#define POSTERN_CCARES_H
#include <stddef.h>
#include <stdint.h>

typedef struct postern_dns postern_dns;

typedef struct postern_dns_address {
  uint8_t bytes[16]; /* in network order; an IPv4 address has the first four */
  uint32_t ttl_s;    /* CNAMEs on the way included */
} postern_dns_address;

/* How a question ended; a plain integer. */
enum {
  POSTERN_DNS_FOUND = 0,
  POSTERN_DNS_NO_NAME = 1,  /* NXDOMAIN */
  POSTERN_DNS_NO_DATA = 2,  /* the name has no address of this family */
  POSTERN_DNS_FAILED = 3,   /* nobody could tell: `reason` says why */
  POSTERN_DNS_CANCELLED = 4 /* the resolver is being closed */
};

typedef struct postern_dns_events {
  void *context;
  /* `descriptor` is to be watched for these, level-triggered; for neither: it is about to be closed. */
  void (*interest)(void *context, int descriptor, int readable, int writable);
  /* `reason` lives for ever, `addresses` until this returns. May be called within postern_dns_ask. */
  void (*answered)(void *context, uint64_t question, int result, const char *reason,
                   const postern_dns_address *addresses, size_t count);
} postern_dns_events;

/* The most addresses of one answer; further ones are left out. */
enum { POSTERN_DNS_ADDRESS_LIMIT = 512 };

/* `servers` is "address:port,[address]:port", or null for those of `resolver_file` (as /etc/resolv.conf). Returns null
 * and a problem, which lives for ever, when there is no memory or a server is no address. */
postern_dns *postern_dns_open(const char *servers, const char *resolver_file, int timeout_ms, int tries,
                              postern_dns_events events, const char **problem);
/* Ends every question as cancelled. Not within `answered`. */
void postern_dns_close(postern_dns *dns);

/* The search list, by index; null at its end. */
const char *postern_dns_search_domain(const postern_dns *dns, int index);
/* A name with so many dots is tried as it is first. */
int postern_dns_dots(const postern_dns *dns);

/* Asks for the addresses of exactly this name. */
void postern_dns_ask(postern_dns *dns, const char *name, int is_ipv6, uint64_t question);
/* The descriptors can be read or written; -1 for none. Also looks for questions whose time is over. */
void postern_dns_process(postern_dns *dns, int readable, int writable);
/* Milliseconds until postern_dns_process is to be called even without events; -1: not at all. */
int64_t postern_dns_wait_ms(const postern_dns *dns);
#endif
