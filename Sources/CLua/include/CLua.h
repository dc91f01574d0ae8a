/* Lua virtual machines for filters, with budgets.
 *
 * The only code of Postern that calls functions of Lua which can raise. Swift sees no `lua_State`: it starts and resumes
 * calls, and answers the callbacks of postern_lua_host. A callback returns a status; the shim raises the Lua error after
 * the Swift frame is gone, so no longjmp crosses Swift.
 *
 * A VM and everything of it belongs to one thread. Sizes are bytes, times nanoseconds; text has a length and need not
 * end in NUL unless said otherwise.
 */
#ifndef POSTERN_CLUA_H
#define POSTERN_CLUA_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that somebody else owns. */
typedef struct postern_lua_text {
  const char *_Nullable start;
  size_t length;
} postern_lua_text;

/* Which fields of a stream a script works on. */
typedef enum postern_lua_block : int32_t {
  POSTERN_LUA_REQUEST = 0,
  POSTERN_LUA_RESPONSE = 1,
  POSTERN_LUA_REQUEST_TRAILERS = 2,
  POSTERN_LUA_RESPONSE_TRAILERS = 3,
  POSTERN_LUA_ANSWER = 4, /* to the call of a service that has just ended; for reading */
} postern_lua_block;

/* A change to a header block. */
typedef enum postern_lua_edit : int32_t {
  POSTERN_LUA_ADD = 0,
  POSTERN_LUA_REPLACE = 1,
  POSTERN_LUA_REMOVE = 2,
} postern_lua_edit;

/* What became of it. */
typedef enum postern_lua_edited : int32_t {
  POSTERN_LUA_DONE = 0,
  POSTERN_LUA_INVALID_NAME = 1,
  POSTERN_LUA_INVALID_VALUE = 2,
  POSTERN_LUA_TOO_LARGE = 3,
} postern_lua_edited;

typedef enum postern_lua_kind : int32_t {
  POSTERN_LUA_NONE = 0,
  POSTERN_LUA_TEXT = 1,
  POSTERN_LUA_INTEGER = 2,
  POSTERN_LUA_UNKNOWN = 3, /* no such attribute; `text` says what is allowed */
} postern_lua_kind;

/* The value of an attribute. */
typedef struct postern_lua_value {
  postern_lua_kind kind;
  postern_lua_text text; /* until the next callback */
  int64_t integer;
} postern_lua_value;

/* Whose metadata. */
typedef enum postern_lua_metadata : int32_t {
  POSTERN_LUA_RULE_METADATA = 0,
  POSTERN_LUA_ROUTE_METADATA = 1,
  POSTERN_LUA_STREAM_METADATA = 2,
} postern_lua_metadata;

typedef enum postern_lua_verified : int32_t {
  POSTERN_LUA_VERIFIED = 0,
  POSTERN_LUA_MISMATCH = 1,
  POSTERN_LUA_UNKNOWN_ALGORITHM = 2,
  POSTERN_LUA_BAD_KEY = 3,
} postern_lua_verified;

/* A request to a service, but for its fields. */
typedef struct postern_lua_callout {
  postern_lua_text body;
  uint64_t timeout_ns;
  bool is_asynchronous; /* nobody waits for the answer */
  bool sends_forwarded_for;
} postern_lua_callout;

/* What is done with a value of the store. */
typedef enum postern_lua_store_operation : int32_t {
  POSTERN_LUA_STORE_GET = 0,
  POSTERN_LUA_STORE_SET = 1,
  POSTERN_LUA_STORE_SWAP = 2,
  POSTERN_LUA_STORE_INCREMENT = 3,
  POSTERN_LUA_STORE_REMOVE = 4,
} postern_lua_store_operation;

typedef struct postern_lua_store_request {
  postern_lua_store_operation operation;
  postern_lua_text key, value;
  postern_lua_text expected; /* of a SWAP; null: no value */
  int64_t amount;
  uint64_t lifetime_ns;      /* 0: it stays */
} postern_lua_store_request;

/* What Swift answers for a stream. `stream` is what the call was started with. No callback may call back into the VM. */
typedef struct postern_lua_host {
  /* The first field called `name` at or after place `from`: its place + 1 and its value, or 0. INT32_MAX: there can be
   * no other. */
  int32_t (*_Nonnull header_get)(
      void *_Nonnull stream, postern_lua_block block, postern_lua_text name, int32_t from,
      postern_lua_text *_Nonnull value);
  /* Field number `index`, pseudo-fields first; false past the last. */
  bool (*_Nonnull header_at)(
      void *_Nonnull stream, postern_lua_block block, int32_t index, postern_lua_text *_Nonnull name,
      postern_lua_text *_Nonnull value);
  postern_lua_edited (*_Nonnull header_edit)(
      void *_Nonnull stream, postern_lua_block block, postern_lua_edit edit, postern_lua_text name,
      postern_lua_text value);
  /* In a body phase: other bytes in the place of those shown. Copied before it returns. */
  void (*_Nonnull replace_body)(void *_Nonnull stream, postern_lua_text bytes);
  /* Begins an answer; fields follow by respond_header, then respond_end. Not sent before the call has returned. */
  void (*_Nonnull respond_begin)(void *_Nonnull stream, int32_t status);
  void (*_Nonnull respond_header)(void *_Nonnull stream, postern_lua_text name, postern_lua_text value);
  void (*_Nonnull respond_end)(void *_Nonnull stream, postern_lua_text body);
  void (*_Nonnull clear_route)(void *_Nonnull stream);
  void (*_Nonnull attribute)(void *_Nonnull stream, postern_lua_text name, postern_lua_value *_Nonnull value);
  uint64_t (*_Nonnull wall_time_ns)(void *_Nonnull stream);
  /* JSON of a value of metadata, until the next callback; null when there is none. A null `space` stands for all, a null
   * `key` for all of the space. An empty space is the filter's own. */
  postern_lua_text (*_Nonnull metadata)(
      void *_Nonnull stream, postern_lua_metadata of, postern_lua_text space, postern_lua_text key);
  /* Sets a value of the stream's metadata from JSON; false when it is none. */
  bool (*_Nonnull metadata_set)(
      void *_Nonnull stream, postern_lua_text space, postern_lua_text key, postern_lua_text json);
  /* Begins a request to a service; fields follow, ":method", ":path" and ":authority" among them, then callout_send. */
  void (*_Nonnull callout_begin)(void *_Nonnull stream, postern_lua_text service);
  postern_lua_edited (*_Nonnull callout_header)(
      void *_Nonnull stream, postern_lua_text name, postern_lua_text value);
  /* False when no service has that name. */
  bool (*_Nonnull callout_send)(void *_Nonnull stream, const postern_lua_callout *_Nonnull callout);
  /* Where the request is to go; false when `address` is no IP address. */
  bool (*_Nonnull override_endpoint)(void *_Nonnull stream, postern_lua_text address, bool is_strict);
  bool (*_Nonnull set_reason)(void *_Nonnull stream, postern_lua_text reason);
  void (*_Nonnull close_afterwards)(void *_Nonnull stream);
  /* False: it could not. A value goes into `value`, until the next callback. */
  bool (*_Nonnull store)(
      void *_Nonnull stream, const postern_lua_store_request *_Nonnull request, postern_lua_value *_Nonnull value);

  /* The text of a module beside the script, with the VM's context; null: there is none, and `problem` says why. Both
   * until the next callback. */
  postern_lua_text (*_Nonnull module)(
      void *_Nullable context, postern_lua_text name, postern_lua_text *_Nonnull problem);
  /* Answers the tests of a script; null in a gateway. */
  postern_lua_text (*_Nullable command)(void *_Nullable context, postern_lua_text text);

  /* A digest, or with a key its HMAC, of at most 64 bytes into `out`; its length, or 0: no such algorithm. */
  size_t (*_Nonnull digest)(
      postern_lua_text algorithm, const postern_lua_text *_Nullable key, postern_lua_text data,
      uint8_t *_Nonnull out);
  bool (*_Nonnull is_public_key)(postern_lua_text der);
  postern_lua_verified (*_Nonnull verify)(
      postern_lua_text algorithm, postern_lua_text der, postern_lua_text signature, postern_lua_text data);

  /* A compiled expression, or null with the reason in `error`. */
  void *_Nullable (*_Nonnull regex_compile)(
      postern_lua_text pattern, char *_Nonnull error, size_t error_size);
  void (*_Nonnull regex_free)(void *_Nonnull regex);
  /* Instructions of its program and its groups. */
  void (*_Nonnull regex_facts)(
      const void *_Nonnull regex, int32_t *_Nonnull instructions, int32_t *_Nonnull groups);
  /* The first match at or after `from`: pairs of offsets, the whole first, -1 for a group that took no part. */
  bool (*_Nonnull regex_find)(
      const void *_Nonnull regex, postern_lua_text text, size_t from, int64_t *_Nonnull offsets, int32_t groups);
  /* A line of the script's log, with the VM's context. Levels as FilterLogLevel. */
  void (*_Nonnull log)(void *_Nullable context, int32_t level, postern_lua_text message);
} postern_lua_host;

/* What one call may use. */
typedef struct postern_lua_budget {
  int64_t instructions;
  uint64_t time_ns;     /* CPU time of the thread */
  size_t memory_bytes;  /* of the whole VM */
} postern_lua_budget;

/* The functions of a script that Postern calls. */
typedef enum postern_lua_entry : int32_t {
  POSTERN_LUA_ON_REQUEST = 0,
  POSTERN_LUA_ON_RESPONSE = 1,
  POSTERN_LUA_ON_COMPLETE = 2,
} postern_lua_entry;
#define POSTERN_LUA_ENTRIES 3

/* How a call came back to the host. */
typedef enum postern_lua_outcome : int32_t {
  POSTERN_LUA_FINISHED = 0,
  POSTERN_LUA_WAITS_FOR_BODY = 1,     /* the whole body */
  POSTERN_LUA_WAITS_FOR_CHUNK = 2,    /* the next bytes of it, or its end */
  POSTERN_LUA_WAITS_FOR_TRAILERS = 3, /* the trailers, or the end without any */
  POSTERN_LUA_WAITS_FOR_ANSWER = 4,   /* of a service */
  POSTERN_LUA_RESPONDED = 5,
  POSTERN_LUA_FAILED = 6,             /* the script's fault; see postern_lua_message */
  POSTERN_LUA_OVER_BUDGET = 7,        /* the same */
} postern_lua_outcome;

typedef enum postern_lua_limit : int32_t {
  POSTERN_LUA_NO_LIMIT = 0,
  POSTERN_LUA_INSTRUCTIONS = 1,
  POSTERN_LUA_TIME = 2,
  POSTERN_LUA_MEMORY = 3,
} postern_lua_limit;

typedef struct postern_lua_vm postern_lua_vm;
/* A call that waits. Belongs to its VM. */
typedef struct postern_lua_call postern_lua_call;

/* Makes a VM, compiles `source` (text only) and runs its top level within the budget.
 *
 * Returns null when the machine has no memory. On a script's fault the VM exists, postern_lua_message says why, and
 * `*outcome` is not FINISHED: only postern_lua_close may follow. `name` is NUL-terminated and goes into messages;
 * `context` is handed to `log` and `module`. `options` are the bits below. `config`: an object in JSON for postern.config. */
postern_lua_vm *_Nullable postern_lua_open(
    const postern_lua_host *_Nonnull host, void *_Nullable context, const char *_Nonnull name,
    postern_lua_text source, postern_lua_text config, postern_lua_budget budget, uint32_t options,
    postern_lua_outcome *_Nonnull outcome);
#define POSTERN_LUA_MAY_WAIT_FOR_BODY 1u
#define POSTERN_LUA_MAY_WAIT_FOR_TRAILERS 2u
/* Lines that run are counted; slow. */
#define POSTERN_LUA_COUNTS_LINES 4u

/* Whether that line of the chunk ("@name", as messages show it without the "@") can run, and how often it has. Numbered
 * in the order chunks were loaded; null past the last. Only with POSTERN_LUA_COUNTS_LINES. */
typedef struct postern_lua_lines {
  const char *_Nullable chunk;
  const uint32_t *_Nullable runs; /* by line, from 1; UINT32_MAX: nothing to run there */
  size_t count;
} postern_lua_lines;
bool postern_lua_lines_of(const postern_lua_vm *_Nonnull vm, size_t chunk, postern_lua_lines *_Nonnull lines);

/* Frees the VM and every call in it. */
void postern_lua_close(postern_lua_vm *_Nonnull vm);

/* Whether the script has that entry point. */
bool postern_lua_has(const postern_lua_vm *_Nonnull vm, postern_lua_entry entry);

/* Calls an entry point that the script has. When the outcome is a wait, `*waiting` is the call; otherwise it is over. */
postern_lua_outcome postern_lua_start(
    postern_lua_vm *_Nonnull vm, postern_lua_entry entry, void *_Nonnull stream, bool end_of_stream,
    postern_lua_call *_Nullable *_Nonnull waiting);

/* Goes on with a call that waits, within a new budget. `body` is shown to the script until the function returns.
 * `end_of_stream`: no more bytes come; `trailers`: they are there now. */
postern_lua_outcome postern_lua_resume(
    postern_lua_call *_Nonnull call, postern_lua_text body, bool end_of_stream, bool trailers);

/* Goes on with a call that waits for a service's answer, whose fields the host shows as POSTERN_LUA_ANSWER. `body` is what
 * is held of the stream's body, when the call waited with it. */
postern_lua_outcome postern_lua_answer(
    postern_lua_call *_Nonnull call, postern_lua_text answer, postern_lua_text body);

/* The VM of a call. */
postern_lua_vm *_Nonnull postern_lua_vm_of(const postern_lua_call *_Nonnull call);

/* Ends a call that waits; its pending to-be-closed variables are closed within a new budget. */
void postern_lua_abandon(postern_lua_call *_Nonnull call);

/* Why the last call failed, with file and line; until the next call. NUL-terminated. */
const char *_Nonnull postern_lua_message(const postern_lua_vm *_Nonnull vm);

/* Instructions charged to the last call, in steps of the hook. */
int64_t postern_lua_instructions_used(const postern_lua_vm *_Nonnull vm);
/* Bytes held by the VM. */
size_t postern_lua_memory_used(const postern_lua_vm *_Nonnull vm);
/* How many calls wait. */
uint32_t postern_lua_waiting(const postern_lua_vm *_Nonnull vm);

/* Whether the VM holds more than three quarters of its memory even after a full collection, and should be replaced.
 * Cheap while it holds less. */
bool postern_lua_is_exhausted(postern_lua_vm *_Nonnull vm);

#endif
