/* Requests to services: httpCall. */
#include "internal.h"

#define DEFAULT_TIMEOUT_MS 15000
#define MAX_TIMEOUT_MS 3600000
/* How often one call of an entry point may ask services: each wait has a budget of its own, so nothing else ends a script
 * that asks for ever. */
#define MAX_ASKED 64

/* What a script may say besides fields and body. */
typedef struct {
  lua_Integer timeout_ms;
  bool is_asynchronous, keeps_lists, sends_forwarded_for;
} options;

static bool flag(lua_State *L, const char *key) {
  if (!lua_isboolean(L, -1)) luaL_error(L, "httpCall: `%s` must be a boolean, got a %s", key, luaL_typename(L, -1));
  return lua_toboolean(L, -1);
}

static lua_Integer timeout_at(lua_State *L, int index) {
  int is_number;
  lua_Integer timeout = lua_tointegerx(L, index, &is_number);
  if (!is_number || timeout < 0) {
    luaL_error(L, "httpCall: the timeout must be 0 or more milliseconds, got %s", luaL_tolstring(L, index, NULL));
  }
  return timeout;
}

static void read_options(lua_State *L, options *given) {
  for (lua_pushnil(L); lua_next(L, 5); lua_pop(L, 1)) {
    charge(L, 4);
    const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
    if (strcmp(key, "timeout_ms") == 0) {
      given->timeout_ms = timeout_at(L, -1);
    } else if (strcmp(key, "asynchronous") == 0) {
      given->is_asynchronous = flag(L, key);
    } else if (strcmp(key, "return_duplicate_headers") == 0) {
      given->keeps_lists = flag(L, key);
    } else if (strcmp(key, "send_xff") == 0) {
      given->sends_forwarded_for = flag(L, key);
    } else if (strcmp(key, "trace_sampled") == 0) {
      flag(L, key); /* nothing is traced yet */
    } else {
      luaL_error(L,
                 "httpCall: the options are asynchronous, timeout_ms, trace_sampled, return_duplicate_headers and "
                 "send_xff, got '%s'", key);
    }
  }
}

static const char *take_field(lua_State *L, void *stream, postern_lua_text name, postern_lua_text value) {
  switch (vm_of(L)->host->callout_header(stream, name, value)) {
  case POSTERN_LUA_DONE: return NULL;
  case POSTERN_LUA_INVALID_NAME: return "is no header's name here";
  case POSTERN_LUA_INVALID_VALUE: return "has a value that a header may not have";
  default: return "does not fit";
  }
}

/* The answer's fields as a table: the last value of a name, or the list of several. */
static void push_fields(lua_State *L, postern_lua_call *call) {
  const postern_lua_host *host = vm_of(L)->host;
  postern_lua_text name, value;
  lua_newtable(L);
  for (int32_t index = 0; host->header_at(call->stream, POSTERN_LUA_ANSWER, index, &name, &value); index++) {
    charge(L, 20 + value.length / 32);
    push_lowercase(L, name);
    if (!call->keeps_lists) {
      lua_pushlstring(L, value.start, value.length);
      lua_rawset(L, -3);
      continue;
    }
    lua_pushvalue(L, -1);
    switch (lua_rawget(L, -3)) {
    case LUA_TNIL:
      lua_pop(L, 1);
      lua_pushlstring(L, value.start, value.length);
      lua_rawset(L, -3);
      break;
    case LUA_TTABLE:
      lua_pushlstring(L, value.start, value.length);
      lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
      lua_pop(L, 2);
      break;
    default:
      lua_createtable(L, 2, 0);
      lua_insert(L, -2);
      lua_rawseti(L, -2, 1);
      lua_pushlstring(L, value.start, value.length);
      lua_rawseti(L, -2, 2);
      lua_rawset(L, -3);
    }
  }
}

static int answer_arrived(lua_State *L, int status, lua_KContext none) {
  (void)status;
  (void)none;
  postern_lua_call *call = check_object(L, KINDS(KIND_HANDLE), "httpCall", NULL);
  lua_settop(L, 1);
  postern_lua_text answer = call->answer;
  call->answer = text_of(NULL, 0);
  charge(L, answer.length / 32);
  push_fields(L, call);
  if (answer.length == 0) {
    lua_pushnil(L);
  } else {
    lua_pushlstring(L, answer.start, answer.length);
  }
  return 2;
}

static void require_field(lua_State *L, const char *name) {
  lua_pushstring(L, name);
  if (lua_rawget(L, 3) != LUA_TSTRING) luaL_error(L, "httpCall: '%s' must be among the headers, as a string", name);
  lua_pop(L, 1);
}

static int handle_http_call(lua_State *L) {
  postern_lua_call *call = check_object(L, KINDS(KIND_HANDLE), "httpCall", NULL);
  const postern_lua_host *host = vm_of(L)->host;
  options given = {.sends_forwarded_for = true};
  postern_lua_text service = text_argument(L, 2);
  luaL_checktype(L, 3, LUA_TTABLE);
  postern_lua_text body = lua_isnoneornil(L, 4) ? text_of(NULL, 0) : text_argument(L, 4);
  if (lua_istable(L, 5)) {
    read_options(L, &given);
  } else {
    given.timeout_ms = timeout_at(L, 5);
    if (!lua_isnoneornil(L, 6) && !lua_isboolean(L, 6)) {
      return luaL_error(L, "httpCall: the asynchronous flag must be a boolean, got a %s", luaL_typename(L, 6));
    }
    given.is_asynchronous = lua_toboolean(L, 6);
  }
  if (given.timeout_ms == 0) given.timeout_ms = DEFAULT_TIMEOUT_MS;
  if (given.timeout_ms > MAX_TIMEOUT_MS) given.timeout_ms = MAX_TIMEOUT_MS;
  if (!given.is_asynchronous && call->stage == STAGE_COMPLETE) {
    return luaL_error(L, "httpCall: only asynchronous calls are possible in on_complete");
  }
  if (!given.is_asynchronous && (L != call->L || vm_of(L)->closing == L)) {
    return luaL_error(L, "a call that waits is possible in the hook itself only, not in a coroutine of the script");
  }
  if (call->asked == MAX_ASKED) {
    return luaL_error(L, "httpCall: one call of a script may ask services %d times at most", MAX_ASKED);
  }
  check_fields(L, 3, "httpCall");
  require_field(L, ":method");
  require_field(L, ":path");
  require_field(L, ":authority");
  charge(L, 2000 + body.length / 16);
  host->callout_begin(call->stream, service);
  each_field(L, 3, call->stream, "httpCall", take_field);
  postern_lua_callout callout = {
      .body = body,
      .timeout_ns = (uint64_t)given.timeout_ms * 1000000u,
      .is_asynchronous = given.is_asynchronous,
      .sends_forwarded_for = given.sends_forwarded_for,
  };
  if (!host->callout_send(call->stream, &callout)) {
    return luaL_error(L, "httpCall: no service of the configuration is called '%s'", service.start);
  }
  call->asked++;
  if (given.is_asynchronous) return 0;
  call->keeps_lists = given.keeps_lists;
  lua_settop(L, 1);
  return wait_for(L, call, POSTERN_LUA_WAITS_FOR_ANSWER, answer_arrived, 0);
}

const luaL_Reg call_methods[] = {
    {"httpCall", handle_http_call},
    {NULL, NULL},
};
