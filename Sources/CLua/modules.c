/* require: modules beside the script, in the script's own sandbox. */
#include "internal.h"
#include <ctype.h>

static const char loaded_key = 0;

/* Words joined by dots, so that no name leads out of the script's folder. */
static bool is_module_name(postern_lua_text name) {
  bool is_word = false;
  if (name.length == 0 || name.length > 200) return false;
  for (size_t i = 0; i < name.length; i++) {
    unsigned char c = (unsigned char)name.start[i];
    if (isalnum(c) || c == '_' || c == '-') {
      is_word = true;
    } else if (c == '.' && is_word) {
      is_word = false;
    } else {
      return false;
    }
  }
  return is_word;
}

static void push_loaded(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &loaded_key) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &loaded_key);
}

/* What is marked so is being loaded. */
static const char loading_mark = 0;

int base_require(lua_State *L) {
  postern_lua_vm *vm = vm_of(L);
  postern_lua_text name = text_argument(L, 1);
  lua_settop(L, 1);
  charge(L, 20);
  push_loaded(L);
  lua_pushvalue(L, 1);
  if (lua_rawget(L, 2) != LUA_TNIL) {
    if (lua_touserdata(L, 3) != (const void *)&loading_mark) return 1;
    return luaL_error(L, "require: module '%s' requires itself", name.start);
  }
  lua_pop(L, 1);
  if (!is_module_name(name)) {
    return luaL_error(L, "require: a module's name is words of letters, digits, `_` and `-`, joined by dots, got '%s'",
                      name.start);
  }
  if (!vm->is_opening) {
    return luaL_error(L, "require: module '%s' must be required at the script's top level first", name.start);
  }
  postern_lua_text problem;
  postern_lua_text source = vm->host->module(vm->context, name, &problem);
  if (source.start == NULL) {
    lua_pushlstring(L, problem.start, problem.length);
    return luaL_error(L, "require: %s", lua_tostring(L, -1));
  }
  charge(L, 100 + 4 * (uint64_t)source.length);
  luaL_Buffer chunk;
  luaL_buffinit(L, &chunk);
  luaL_addchar(&chunk, '@');
  luaL_addgsub(&chunk, name.start, ".", "/");
  luaL_addstring(&chunk, ".lua");
  luaL_pushresult(&chunk);
  int status = luaL_loadbufferx(L, source.start, source.length, lua_tostring(L, -1), "t");
  if (status != LUA_OK) {
    if (is_final(vm, status)) return raise_expired(L);
    return lua_error(L);
  }
  lines_begin(L);
  lua_pushvalue(L, 1);
  lua_pushlightuserdata(L, (void *)&loading_mark);
  lua_rawset(L, 2);
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_pushboolean(L, 1);
  }
  lua_pushvalue(L, 1);
  lua_pushvalue(L, -2);
  lua_rawset(L, 2);
  return 1;
}
