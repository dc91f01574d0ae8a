/* postern_abi.h - what every Postern plugin and its host agree on.
 *
 * What a plugin extends has a header of its own beside this one: postern_http_filter.h, postern_network_filter.h and
 * postern_adapter.h. So has what the host offers: postern_stream.h (attributes, token buckets, work from other threads),
 * postern_metrics.h, postern_async.h (callouts, timers, blocking work), postern_store.h (shared table, metadata).
 *
 * Rules:
 *  - C11 or C++17 on 64-bit Linux, little-endian; <stdint.h> and <stddef.h> only. No exception and no longjmp leaves a
 *    function of either side.
 *  - Sizes are bytes, times are nanoseconds (`_ns`): moments of the calendar signed, since 1970; durations and the
 *    monotonic clock (CLOCK_MONOTONIC) unsigned. Text is UTF-8 with an explicit length unless it is said to end with a
 *    NUL; but what clients and services sent (fields, bodies, attributes, values of records) is passed on as it came, and
 *    may be any bytes.
 *  - `*_host` is made and freed by the host, `*_plug` by the plugin. A pointer to bytes lives until the call that it
 *    was passed to returns, unless its comment says otherwise.
 *  - Structs that begin with `size` grow at the end only; `size` is how many bytes of it its owner filled in, after
 *    setting all to zero. A reader looks at a field only when `size` covers it. Structs that the other side fills in
 *    (`out_host` and the like) have `size` set by the caller; the callee writes no further. Nothing is reordered, retyped
 *    or removed within a major version.
 *  - Elements of arrays lie as far apart as the struct that has the array says (`*_bytes`); where it says nothing, they
 *    never grow.
 *  - Numbers and bits may be added to each family. An unknown bit of `flags` is ignored; what an unknown number means
 *    stands with its family. `reserved` is 0.
 *
 * A plugin is a shared object that exports one symbol, POSTERN_PLUGIN_ENTRY. It is loaded once, never unloaded, and
 * its code runs inside the host's process: a trap or a wild pointer in it ends the process. SDK/COMPATIBILITY.md says
 * what is promised.
 */
#ifndef POSTERN_ABI_H
#define POSTERN_ABI_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

#define POSTERN_ABI_MAJOR 1u
#define POSTERN_ABI_MINOR 0u
#define POSTERN_ABI_VERSION ((POSTERN_ABI_MAJOR << 16) | POSTERN_ABI_MINOR)

/* Bytes that somebody else owns. `ptr` may be null when `len` is 0. */
typedef struct postern_bytes {
  const uint8_t *ptr;
  size_t len;
} postern_bytes;

/* How a call ended. An integer, not an enumeration: a value that one side does not know is data, not undefined. An unknown
 * one is a failure: nothing was done. */
typedef uint32_t postern_status;
enum {
  POSTERN_OK = 0,
  POSTERN_NOT_FOUND = 1,    /* no such field, attribute, stream */
  POSTERN_BAD_ARGUMENT = 2, /* malformed name or value, unknown handle */
  POSTERN_WRONG_PHASE = 3,  /* not in this hook, or the stream is over */
  POSTERN_TOO_LARGE = 4,    /* over a limit of the host */
  POSTERN_FAILURE = 5       /* anything else; details are in the log or in a reported problem */
};

typedef struct postern_config_host postern_config_host; /* one configuration: a place of a chain, or a handler */
typedef struct postern_worker_host postern_worker_host; /* one configured filter in one worker */
/* One request and its response, or one connection, at one place of a chain. */
typedef struct postern_stream_host postern_stream_host;

/* What the host passes to the entry. Lives as long as the process. */
typedef struct postern_host {
  size_t size;
  uint32_t version; /* POSTERN_ABI_VERSION of the host */
  uint32_t reserved;
  /* The table of services called `id` (POSTERN_INTERFACE_*), with all it had in the ABI's minor version `minor`; null
   * when this host lacks that. Every table begins with its size and lives as long as the process. From any thread. */
  const void *(*interface)(uint32_t id, uint32_t minor);
} postern_host;

typedef struct postern_plugin postern_plugin;

/* What the entry returns. Static: it and all text in it live as long as the process. */
struct postern_plugin {
  size_t size;
  uint32_t version; /* POSTERN_ABI_VERSION of the header the plugin was built with */
  /* The Swift compiler's version as major * 10000 + minor * 100 + patch, when the plugin uses the host's Swift runtime;
   * 0 when it has no Swift in it or brings its own runtime. */
  uint32_t swift_version;
  const char *name;           /* NUL-terminated, [a-z0-9-]{1,64} */
  const char *plugin_version; /* NUL-terminated, for people */
  const char *config_schema;  /* NUL-terminated JSON Schema (2020-12) of one configuration; an object */
  /* The plugin's table for the extension point `id` (POSTERN_EXTENSION_*), null when it has none. */
  const void *(*extension)(const postern_plugin *plugin, uint32_t id);
};

/* Bytes that a struct had in version 1.0: what the other side must have filled in. Later fields are optional. */
#define POSTERN_HOST_SIZE_1_0 24
#define POSTERN_PLUGIN_SIZE_1_0 48

/* The one exported symbol; its name has the major version. Returns null to refuse the host. No side effects; may be called
 * more than once, by one thread at a time. */
typedef const postern_plugin *(*postern_plugin_entry)(const postern_host *host);
#define POSTERN_PLUGIN_ENTRY "postern_plugin_entry_v1"

/* ---- Services for every kind of plugin ---- */

/* Reports what is wrong with a configuration. */
#define POSTERN_INTERFACE_CONFIG 1u
typedef struct postern_config_interface {
  size_t size;
  /* From the hook that checks a configuration only. `pointer_plug` is a JSON pointer (RFC 6901) to the value, empty for
   * the whole. May be called several times. Never put a secret into `message_plug`. */
  void (*problem)(postern_config_host *config, postern_bytes pointer_plug, postern_bytes message_plug);
} postern_config_interface;

typedef uint32_t postern_log_level; /* a line with an unknown one is not written */
enum {
  POSTERN_LOG_TRACE = 0,
  POSTERN_LOG_DEBUG = 1,
  POSTERN_LOG_INFO = 2,
  POSTERN_LOG_WARNING = 3,
  POSTERN_LOG_ERROR = 4,
  POSTERN_LOG_CRITICAL = 5
};

/* Lines in the host's log, with the name of the filter or handler. From any thread, while the configuration lives. */
#define POSTERN_INTERFACE_LOG 2u
typedef struct postern_log_interface {
  size_t size;
  /* 1 when a line of that level would be written: ask before building an expensive one. */
  uint32_t (*is_logged)(postern_config_host *config, postern_log_level level);
  void (*write)(postern_config_host *config, postern_log_level level, postern_bytes message_plug);
} postern_log_interface;

#ifdef __swift__
/* The version of the Swift compiler that imports this header, as in postern_plugin.swift_version. */
static inline uint32_t postern_swift_compiler_version(void) { return (uint32_t)(__swift__); }
#endif

#ifdef __cplusplus
}
#endif
#endif
