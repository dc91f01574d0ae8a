/* What the files of CLua share. See CLua.h for the contract. */
#ifndef POSTERN_CLUA_INTERNAL_H
#define POSTERN_CLUA_INTERNAL_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CLua.h"
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <string.h>

/* Instructions between two looks at the budget. */
#define HOOK_STEP 100
/* The same while the VM holds blocks so large that one instruction (a comparison, a concatenation) may cost much. */
#define HOOK_STEP_FINE 8
/* A block of memory that is large in that sense. */
#define BIG_BLOCK (128 * 1024)
/* Bytes allocated between two looks at the clock. */
#define ALLOCATION_STEP (256 * 1024)
/* What may be allocated past the limit while a broken call unwinds. */
#define UNWINDING_ROOM (1024 * 1024)
/* Refused allocations (each a full collection) after which a call is over. */
#define MAX_REFUSALS 6
/* Charged for a new coroutine: its making, and the instructions before its first look at the budget. */
#define COROUTINE_COST 300
#define MESSAGE_SIZE 512

/* Standard functions that cost little of themselves but loop on a count or size; called after charging. */
typedef enum {
  STD_BYTE, STD_FORMAT, STD_LOWER, STD_PACK, STD_PACKSIZE, STD_REP, STD_REVERSE, STD_SUB, STD_UNPACK,
  STD_UPPER, STD_CODEPOINT, STD_UTF8_LEN, STD_OFFSET, STD_DATE, STD_TIME, STD_TONUMBER,
  STD_COUNT
} std_function;

typedef enum { STAGE_HEAD, STAGE_WHOLE_BODY, STAGE_CHUNKS, STAGE_TRAILERS, STAGE_COMPLETE } call_stage;

struct postern_lua_call {
  postern_lua_vm *vm;
  lua_State *L;        /* its coroutine; null when it must be made anew */
  void *stream;        /* null while the call is not alive */
  uint64_t generation; /* of the handles that are good now; 40 bits count */
  uint32_t place;      /* in vm->calls, and of the coroutine in the table of anchors */
  uint32_t next_free;
  postern_lua_entry entry;
  call_stage stage;
  postern_lua_outcome wait;
  postern_lua_text body;
  uint8_t chunk;       /* number of the piece of body shown, modulo 16 */
  bool has_body;       /* `body` is shown now */
  bool end_of_stream;
  bool has_trailers;
  bool holds_body;     /* `body` is a string of the script's, kept in the table of anchors */
  uint32_t asked;      /* services, so far */
  bool keeps_lists;    /* the answer's fields of one name come as a list */
  postern_lua_text answer;
};

struct postern_lua_vm {
  lua_State *main;
  lua_State *running;
  lua_State *closing;        /* the coroutine whose to-be-closed variables are being closed: it cannot yield */
  const postern_lua_host *host;
  void *context;
  postern_lua_call *current;
  postern_lua_budget budget;
  uint32_t options;
  /* The call's budget. */
  int64_t left;
  int64_t uncounted;         /* charged since the last look at the clock */
  postern_lua_limit expired;
  uint64_t wall_start;       /* 0: the clock has not been read yet */
  uint64_t wall_next;        /* before this moment the CPU time cannot be used up */
  uint64_t cpu_start;        /* 0: the CPU clock has not been read yet */
  /* Memory. */
  size_t used;
  size_t since_look;
  int refusals;
  int big_blocks;
  /* Calls. */
  postern_lua_call **calls;
  uint32_t call_count;
  uint32_t call_room;
  uint32_t free_call;        /* place + 1; 0: none */
  uint32_t waiting;
  int entries[POSTERN_LUA_ENTRIES];
  int anchors;
  int regexes;               /* compiled ones, by their pattern */
  int regex_count;
  bool is_opening;           /* the top level runs: modules may be loaded */
  struct line_counts *lines; /* the last chunk first */
  lua_CFunction standard[STD_COUNT];
  char message[MESSAGE_SIZE];
};

static inline postern_lua_vm *vm_of(lua_State *L) { return *(postern_lua_vm **)lua_getextraspace(L); }

static inline postern_lua_text text_of(const char *start, size_t length) {
  return (postern_lua_text){.start = start, .length = length};
}

/* budget.c */
void *vm_allocate(void *vm, void *block, size_t old_size, size_t new_size);
void budget_begin(postern_lua_vm *vm);
void budget_hook(lua_State *L, lua_Debug *at);
/* Sets the hook of a coroutine that is about to run. */
void budget_arm(postern_lua_vm *vm, lua_State *L);
/* Takes `units` (an instruction each, about 4 ns) off the budget; raises when it is used up. */
void charge(lua_State *L, uint64_t units);
/* Lua's own `lua_sethook` with what the VM wants to see besides the count. */
void set_hook(lua_State *L, int step);
/* Ends the running coroutine `L` in a way that no script can catch; write `return raise_expired(L)`. */
int raise_expired(lua_State *L);
/* Whether an error may not be caught: the budget is used up, or memory is. */
bool is_final(postern_lua_vm *vm, int status);
/* What raise_expired raises where it cannot yield; also on top of coroutines that it ended. */
extern const char expired_mark;

/* call.c: keeps the error on top of the stack of `L` as the message, without calling back into the script. */
void take_message(postern_lua_vm *vm, lua_State *L);

/* The libraries. Each leaves the stack as it was. */
void open_base(lua_State *L);
void open_coroutine(lua_State *L);
void open_strings(lua_State *L);
void open_patterns(lua_State *L);
void open_tables(lua_State *L);
void open_handles(lua_State *L);
void open_values(lua_State *L);
void open_postern(lua_State *L, postern_lua_text config);
void open_compatibility(lua_State *L);

/* library.c: of an encoding's name in argument `index`, pushes the bytes so. */
void push_encoded(lua_State *L, int index, const uint8_t *bytes, size_t length);
void push_base64(lua_State *L, const uint8_t *bytes, size_t length, bool is_for_urls);
/* The fields of the library, set on the table on top of the stack. */
extern const luaL_Reg store_functions[];
extern const luaL_Reg regex_functions[];
void open_regexes(lua_State *L);
int base_require(lua_State *L);

/* coverage.c */
void lines_begin(lua_State *L);
void lines_count(lua_State *L, lua_Debug *at);
void lines_free(postern_lua_vm *vm);

/* headers.c: a name as Envoy has it. */
void push_lowercase(lua_State *L, postern_lua_text name);

/* Where the registry has the table of the configuration. */
extern const char config_key;

/* Argument `index` as a text; a whole float without its fraction, as LuaJIT has it. */
postern_lua_text text_argument(lua_State *L, int index);

/* Keeps a standard function of the table on top of the stack, to be called after charging. */
void keep_standard(lua_State *L, std_function function, const char *name);

/* handle.c: what a light userdata of ours names. */
typedef enum {
  KIND_HANDLE = 1, KIND_HEADERS, KIND_TRAILERS, KIND_BODY, KIND_INFO, KIND_CONNECTION, KIND_RESPONSE_HEADERS,
  KIND_METADATA, KIND_HOST_METADATA, KIND_DYNAMIC, KIND_CONNECTION_INFO, KIND_CONNECTION_DYNAMIC, KIND_ROUTE,
  KIND_VIRTUAL_HOST, KIND_FILTER_STATE,
} kind;
void push_object(lua_State *L, const postern_lua_call *call, kind kind);
/* The call that argument 1 belongs to; raises when it is over or the object is of another kind. */
postern_lua_call *check_object(lua_State *L, unsigned kinds, const char *method, kind *found);
#define KINDS(kind) (1u << (kind))

extern const luaL_Reg header_methods[];
extern const luaL_Reg body_methods[];
extern const luaL_Reg info_methods[];
extern const luaL_Reg ssl_methods[];
extern const luaL_Reg metadata_methods[];
extern const luaL_Reg call_methods[];
extern const luaL_Reg crypto_methods[];
/* `get` and `pairs` of the kinds that are no headers; argument 1 has been looked at. */
int metadata_get(lua_State *L, postern_lua_call *call, kind kind);
int metadata_pairs(lua_State *L, postern_lua_call *call, kind kind);
int object_pairs(lua_State *L);
/* facts.c: pushes the attribute; false, and nil, when it has no value now. */
bool push_attribute(lua_State *L, postern_lua_call *call, const char *name, size_t length);
/* ssl.c: the client's TLS, or nil. */
int push_ssl(lua_State *L, postern_lua_call *call);
/* handle.c: leaves the script until the host has what it asked for. */
int wait_for(lua_State *L, postern_lua_call *call, postern_lua_outcome what, lua_KFunction then, lua_KContext context);
/* Every value of the table `index` is a text or a list of texts; raised before anything is made of it. */
void check_fields(lua_State *L, int index, const char *method);
/* Calls `take` for each of them, pseudo-fields too, until it gives a message. */
typedef const char *(*field_taker)(lua_State *L, void *stream, postern_lua_text name, postern_lua_text value);
void each_field(lua_State *L, int index, void *stream, const char *method, field_taker take);

#endif
