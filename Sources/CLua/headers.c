/* Header objects: the head or the trailers of a call's direction. */
#include "internal.h"
#include <ctype.h>
#include <stdio.h>

#define ANY_HEADERS (KINDS(KIND_HEADERS) | KINDS(KIND_TRAILERS) | KINDS(KIND_RESPONSE_HEADERS))

#define ANY_PAIRS                                                                                              \
  (ANY_HEADERS | KINDS(KIND_METADATA) | KINDS(KIND_HOST_METADATA) | KINDS(KIND_DYNAMIC) |                      \
   KINDS(KIND_CONNECTION_DYNAMIC))
#define ANY_GETTER (ANY_PAIRS | KINDS(KIND_FILTER_STATE))

static postern_lua_block block_of(const postern_lua_call *call, kind kind) {
  bool is_response = call->entry == POSTERN_LUA_ON_RESPONSE || kind == KIND_RESPONSE_HEADERS;
  if (kind == KIND_TRAILERS) return is_response ? POSTERN_LUA_RESPONSE_TRAILERS : POSTERN_LUA_REQUEST_TRAILERS;
  return is_response ? POSTERN_LUA_RESPONSE : POSTERN_LUA_REQUEST;
}

postern_lua_text text_argument(lua_State *L, int index) {
  size_t length;
  if (lua_type(L, index) == LUA_TNUMBER && !lua_isinteger(L, index)) {
    char text[48];
    lua_pushlstring(L, text, (size_t)snprintf(text, sizeof text, "%.14g", lua_tonumber(L, index)));
    lua_replace(L, index);
  }
  const char *text = luaL_checklstring(L, index, &length);
  return text_of(text, length);
}

/* The first value, or all of them joined by ",". */
static int headers_get(lua_State *L) {
  kind kind;
  postern_lua_call *call = check_object(L, ANY_GETTER, "get", &kind);
  if ((KINDS(kind) & ANY_HEADERS) == 0) return metadata_get(L, call, kind);
  postern_lua_block block = block_of(call, kind);
  const postern_lua_host *host = vm_of(L)->host;
  postern_lua_text name = text_argument(L, 2), value, next;
  int32_t place = host->header_get(call->stream, block, name, 0, &value);
  if (place == 0) {
    lua_pushnil(L);
    return 1;
  }
  if (place == INT32_MAX || (place = host->header_get(call->stream, block, name, place, &next)) == 0) {
    lua_pushlstring(L, value.start, value.length);
    return 1;
  }
  luaL_Buffer all;
  luaL_buffinit(L, &all);
  luaL_addlstring(&all, value.start, value.length);
  for (; place != 0; place = host->header_get(call->stream, block, name, place, &next)) {
    luaL_addchar(&all, ',');
    luaL_addlstring(&all, next.start, next.length);
  }
  luaL_pushresult(&all);
  return 1;
}

/* Envoy counts from 0. */
static int headers_get_at_index(lua_State *L) {
  kind kind;
  postern_lua_call *call = check_object(L, ANY_HEADERS, "getAtIndex", &kind);
  postern_lua_text name = text_argument(L, 2), value;
  lua_Integer wanted = luaL_checkinteger(L, 3);
  int32_t place = 0;
  for (lua_Integer index = 0; wanted >= 0 && index <= wanted; index++) {
    if (place == INT32_MAX) break;
    place = vm_of(L)->host->header_get(call->stream, block_of(call, kind), name, place, &value);
    if (place == 0) break;
    if (index == wanted) {
      lua_pushlstring(L, value.start, value.length);
      return 1;
    }
  }
  lua_pushnil(L);
  return 1;
}

static int headers_get_num_values(lua_State *L) {
  kind kind;
  postern_lua_call *call = check_object(L, ANY_HEADERS, "getNumValues", &kind);
  postern_lua_text name = text_argument(L, 2), value;
  lua_Integer count = 0;
  int32_t place = 0;
  while (place != INT32_MAX &&
         (place = vm_of(L)->host->header_get(call->stream, block_of(call, kind), name, place, &value)) != 0) {
    count++;
  }
  lua_pushinteger(L, count);
  return 1;
}

static int edit(lua_State *L, const char *method, postern_lua_edit edit) {
  kind kind;
  postern_lua_call *call = check_object(L, ANY_HEADERS, method, &kind);
  postern_lua_text name = text_argument(L, 2);
  postern_lua_text value = edit == POSTERN_LUA_REMOVE ? text_of(NULL, 0) : text_argument(L, 3);
  if (call->stage == STAGE_COMPLETE || kind == KIND_RESPONSE_HEADERS) {
    return luaL_error(L, "%s: these headers are for reading", method);
  }
  if (kind == KIND_HEADERS && call->stage > STAGE_WHOLE_BODY) {
    return luaL_error(L, "%s: the headers have been sent on", method);
  }
  charge(L, value.length / 32);
  switch (vm_of(L)->host->header_edit(call->stream, block_of(call, kind), edit, name, value)) {
  case POSTERN_LUA_DONE:
    return 0;
  case POSTERN_LUA_INVALID_NAME:
    return luaL_error(L, "%s: '%s' is no header's name here", method, lua_tostring(L, 2));
  case POSTERN_LUA_INVALID_VALUE:
    return luaL_error(L, "%s: the value of '%s' holds what a header may not", method, lua_tostring(L, 2));
  default:
    return luaL_error(L, "%s: no room is left for '%s'", method, lua_tostring(L, 2));
  }
}

static int headers_add(lua_State *L) { return edit(L, "add", POSTERN_LUA_ADD); }
static int headers_replace(lua_State *L) { return edit(L, "replace", POSTERN_LUA_REPLACE); }
static int headers_remove(lua_State *L) { return edit(L, "remove", POSTERN_LUA_REMOVE); }

/* Names come in lower case, as in Envoy, whatever the client's spelling. */
void push_lowercase(lua_State *L, postern_lua_text name) {
  char small[128];
  if (name.length <= sizeof small) {
    for (size_t i = 0; i < name.length; i++) small[i] = (char)tolower((unsigned char)name.start[i]);
    lua_pushlstring(L, small, name.length);
    return;
  }
  luaL_Buffer out;
  char *to = luaL_buffinitsize(L, &out, name.length);
  for (size_t i = 0; i < name.length; i++) to[i] = (char)tolower((unsigned char)name.start[i]);
  luaL_pushresultsize(&out, name.length);
}

/* Upvalues: the headers object, the number of the next field. */
static int headers_next(lua_State *L) {
  kind kind;
  lua_settop(L, 0);
  lua_pushvalue(L, lua_upvalueindex(1));
  postern_lua_call *call = check_object(L, ANY_HEADERS, "pairs", &kind);
  lua_Integer index = lua_tointeger(L, lua_upvalueindex(2));
  postern_lua_text name, value;
  if (!vm_of(L)->host->header_at(call->stream, block_of(call, kind), (int32_t)index, &name, &value)) return 0;
  lua_pushinteger(L, index + 1);
  lua_replace(L, lua_upvalueindex(2));
  push_lowercase(L, name);
  lua_pushlstring(L, value.start, value.length);
  return 2;
}

int object_pairs(lua_State *L) {
  kind kind;
  postern_lua_call *call = check_object(L, ANY_PAIRS, "pairs", &kind);
  if ((KINDS(kind) & ANY_HEADERS) == 0) return metadata_pairs(L, call, kind);
  lua_settop(L, 1);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, headers_next, 2);
  return 1;
}

/* Of the response that the client sees; HTTP/1 only has such a thing. In on_request it has no effect, as in Envoy. */
static int headers_set_reason(lua_State *L) {
  kind kind;
  postern_lua_call *call = check_object(L, ANY_HEADERS, "setHttp1ReasonPhrase", &kind);
  postern_lua_text reason = text_argument(L, 2);
  if (call->entry != POSTERN_LUA_ON_RESPONSE || kind != KIND_HEADERS) return 0;
  if (call->stage > STAGE_WHOLE_BODY) return luaL_error(L, "setHttp1ReasonPhrase: the headers have been sent on");
  if (!vm_of(L)->host->set_reason(call->stream, reason)) {
    return luaL_error(L, "setHttp1ReasonPhrase: the phrase holds what a status line may not");
  }
  return 0;
}

const luaL_Reg header_methods[] = {
    {"get", headers_get},
    {"getAtIndex", headers_get_at_index},
    {"getNumValues", headers_get_num_values},
    {"add", headers_add},
    {"replace", headers_replace},
    {"remove", headers_remove},
    {"setHttp1ReasonPhrase", headers_set_reason},
    {NULL, NULL},
};
