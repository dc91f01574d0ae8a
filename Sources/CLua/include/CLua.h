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
  POSTERN_LUA_RESPONDED = 4,
  POSTERN_LUA_FAILED = 5,             /* the script's fault; see postern_lua_message */
  POSTERN_LUA_OVER_BUDGET = 6,        /* the same */
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
 * `context` is handed to `log`. `may_wait` says which waits the host can serve: bit 0 the body, bit 1 the trailers. */
postern_lua_vm *_Nullable postern_lua_open(
    const postern_lua_host *_Nonnull host, void *_Nullable context, const char *_Nonnull name,
    postern_lua_text source, postern_lua_budget budget, uint32_t may_wait, postern_lua_outcome *_Nonnull outcome);

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
