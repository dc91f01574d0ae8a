/* Metadata of rules and routes, and what filters leave for each other. */
#include "json.h"

/* Pushes the value that the host has, nil when there is none. */
static int push_metadata(
    lua_State *L, postern_lua_call *call, postern_lua_metadata of, postern_lua_text space, postern_lua_text key) {
  char problem[128];
  postern_lua_text json = vm_of(L)->host->metadata(call->stream, of, space, key);
  if (json.start == NULL) {
    lua_pushnil(L);
    return 1;
  }
  if (!json_decode(L, json, false, problem, sizeof problem)) {
    return luaL_error(L, "metadata cannot be read: %s", problem);
  }
  return 1;
}

static postern_lua_metadata owner_of(kind kind) {
  switch (kind) {
  case KIND_METADATA: return POSTERN_LUA_RULE_METADATA;
  case KIND_HOST_METADATA: return POSTERN_LUA_ROUTE_METADATA;
  default: return POSTERN_LUA_STREAM_METADATA;
  }
}

int metadata_get(lua_State *L, postern_lua_call *call, kind kind) {
  postern_lua_text name = text_argument(L, 2);
  charge(L, 20);
  if (kind == KIND_FILTER_STATE || kind == KIND_CONNECTION_DYNAMIC) {
    lua_pushnil(L);
    return 1;
  }
  if (kind == KIND_DYNAMIC) return push_metadata(L, call, POSTERN_LUA_STREAM_METADATA, name, text_of(NULL, 0));
  return push_metadata(L, call, owner_of(kind), text_of("", 0), name);
}

/* `next` and a table: what changes meanwhile is not seen. */
int metadata_pairs(lua_State *L, postern_lua_call *call, kind kind) {
  charge(L, 20);
  lua_getglobal(L, "next");
  if (kind == KIND_CONNECTION_DYNAMIC) {
    lua_pushnil(L);
  } else {
    postern_lua_text space = kind == KIND_DYNAMIC ? text_of(NULL, 0) : text_of("", 0);
    push_metadata(L, call, owner_of(kind), space, text_of(NULL, 0));
  }
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_newtable(L);
  }
  return 2;
}

static int metadata_set(lua_State *L) {
  postern_lua_call *call = check_object(L, KINDS(KIND_DYNAMIC), "set", NULL);
  postern_lua_text space = text_argument(L, 2), key = text_argument(L, 3);
  lua_settop(L, 4);
  json_encode(L, 4, "dynamicMetadata:set");
  charge(L, 100 + lua_rawlen(L, -1) / 4);
  if (!vm_of(L)->host->metadata_set(call->stream, space, key, text_argument(L, lua_gettop(L)))) {
    return luaL_error(L, "dynamicMetadata:set: the value must be text, numbers, booleans and tables of them");
  }
  return 0;
}

const luaL_Reg metadata_methods[] = {
    {"set", metadata_set},
    {NULL, NULL},
};
