/* The global table `postern`. */
#include "library.h"
#include "json.h"

static int library_decode(lua_State *L) {
  char problem[128];
  if (json_decode(L, text_argument(L, 1), true, problem, sizeof problem)) return 1;
  lua_pushnil(L);
  lua_pushstring(L, problem);
  return 2;
}

static int library_encode(lua_State *L) {
  luaL_checkany(L, 1);
  json_encode(L, 1, "json.encode");
  return 1;
}

/* Marks a table, so that it is written as a list even when it is empty. */
static int library_list(lua_State *L) {
  if (lua_isnoneornil(L, 1)) {
    lua_settop(L, 0);
    lua_newtable(L);
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  push_array_metatable(L);
  lua_setmetatable(L, 1);
  lua_settop(L, 1);
  return 1;
}

/* For the tests of a script only. */
static int library_command(lua_State *L) {
  postern_lua_vm *vm = vm_of(L);
  postern_lua_text answer = vm->host->command(vm->context, text_argument(L, 1));
  lua_pushlstring(L, answer.start, answer.length);
  return 1;
}

static void add_functions(lua_State *L, const char *name, const luaL_Reg *functions) {
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  lua_setfield(L, -2, name);
}

/* Envoy's filter context has `get`; here it is a table that has it too, unless it has a key of that name. */
static int context_get(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_pushvalue(L, 2);
  lua_rawget(L, 1);
  return 1;
}

static void push_config(lua_State *L, postern_lua_text config) {
  char problem[128];
  if (config.start == NULL || !json_decode(L, config, false, problem, sizeof problem)) lua_newtable(L);
  lua_createtable(L, 0, 2);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, context_get);
  lua_setfield(L, -2, "get");
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &config_key);
}

void open_postern(lua_State *L, postern_lua_text config) {
  static const luaL_Reg json_functions[] = {
      {"decode", library_decode}, {"encode", library_encode}, {"list", library_list}, {NULL, NULL}};
  open_regexes(L);
  lua_newtable(L);
  luaL_setfuncs(L, digest_functions, 0);
  add_functions(L, "json", json_functions);
  lua_getfield(L, -1, "json");
  lua_pushlightuserdata(L, (void *)&json_null);
  lua_setfield(L, -2, "null");
  lua_pop(L, 1);
  add_functions(L, "base64", base64_functions);
  add_functions(L, "time", time_functions);
  add_functions(L, "store", store_functions);
  add_functions(L, "regex", regex_functions);
  push_config(L, config);
  lua_setfield(L, -2, "config");
  if (vm_of(L)->host->command != NULL) {
    lua_pushcfunction(L, library_command);
    lua_setfield(L, -2, "command");
  }
  lua_setglobal(L, "postern");
}
