/* The basic functions: Lua's own where they are harmless, ours where they could escape the budget. */
#include "internal.h"

void keep_standard(lua_State *L, std_function function, const char *name) {
  lua_getfield(L, -1, name);
  vm_of(L)->standard[function] = lua_tocfunction(L, -1);
  lua_pop(L, 1);
}

static int pcall_done(lua_State *L, int status, lua_KContext extra) {
  if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - (int)extra;
  if (is_final(vm_of(L), status)) return raise_expired(L);
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  return 2;
}

/* As Lua's, but a used-up budget cannot be caught. */
static int base_pcall(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushboolean(L, 1);
  lua_insert(L, 1);
  int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, pcall_done);
  return pcall_done(L, status, 0);
}

static int handler_done(lua_State *L, int status, lua_KContext extra) {
  (void)extra;
  if (status != LUA_OK && status != LUA_YIELD && is_final(vm_of(L), status)) return raise_expired(L);
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  return 2;
}

static int xpcall_done(lua_State *L, int status, lua_KContext extra) {
  if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - (int)extra;
  if (is_final(vm_of(L), status)) return raise_expired(L);
  lua_pushvalue(L, 2);
  lua_insert(L, -2);
  status = lua_pcallk(L, 1, 1, 0, 0, handler_done);
  return handler_done(L, status, 0);
}

/* Lua calls the handler where the error is raised, which may be inside the hook with hooks off. Here it is called after
 * unwinding, as an ordinary function. */
static int base_xpcall(lua_State *L) {
  int arguments = lua_gettop(L) - 2;
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_pushboolean(L, 1);
  lua_pushvalue(L, 1);
  lua_rotate(L, 3, 2);
  int status = lua_pcallk(L, arguments, LUA_MULTRET, 0, 2, xpcall_done);
  return xpcall_done(L, status, 2);
}

/* Finalizers would run with hooks off. */
static int base_setmetatable(lua_State *L) {
  int type = lua_type(L, 2);
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
  if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) return luaL_error(L, "cannot change a protected metatable");
  if (type == LUA_TTABLE) {
    lua_pushliteral(L, "__gc");
    if (lua_rawget(L, 2) != LUA_TNIL) return luaL_error(L, "`__gc` is not available: no budget would hold in it");
  }
  lua_settop(L, 2);
  lua_setmetatable(L, 1);
  return 1;
}

static int base_collectgarbage(lua_State *L) {
  const char *option = luaL_optstring(L, 1, "collect");
  if (strcmp(option, "count") != 0) {
    return luaL_error(L, "collectgarbage: only \"count\" is available, got \"%s\"", option);
  }
  lua_pushnumber(L, (lua_Number)vm_of(L)->used / 1024);
  return 1;
}

/* Text only, from a string only. Four units a byte: the compiler looks labels and names up in lists. */
static int base_load(lua_State *L) {
  size_t length;
  luaL_argexpected(L, lua_type(L, 1) == LUA_TSTRING, 1, "string");
  const char *source = lua_tolstring(L, 1, &length);
  const char *name = luaL_optstring(L, 2, "=(load)");
  const char *mode = luaL_optstring(L, 3, "t");
  if (strchr(mode, 't') == NULL) return luaL_error(L, "load: mode must be \"t\" (text), got \"%s\"", mode);
  bool has_environment = !lua_isnone(L, 4);
  charge(L, 100 + 4 * (uint64_t)length);
  int status = luaL_loadbufferx(L, source, length, name, "t");
  if (status == LUA_OK) {
    if (has_environment) {
      lua_pushvalue(L, 4);
      if (lua_setupvalue(L, -2, 1) == NULL) lua_pop(L, 1);
    }
    return 1;
  }
  if (is_final(vm_of(L), status)) return raise_expired(L);
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}

static int base_print(lua_State *L) {
  postern_lua_vm *vm = vm_of(L);
  int count = lua_gettop(L);
  luaL_Buffer line;
  luaL_buffinit(L, &line);
  for (int index = 1; index <= count; index++) {
    if (index > 1) luaL_addchar(&line, '\t');
    luaL_tolstring(L, index, NULL);
    luaL_addvalue(&line);
  }
  luaL_pushresult(&line);
  size_t length;
  const char *text = lua_tolstring(L, -1, &length);
  charge(L, 100 + length / 4);
  vm->host->log(vm->context, 2, text_of(text, length));
  return 0;
}

static int base_tonumber(lua_State *L) {
  if (lua_type(L, 1) == LUA_TSTRING) charge(L, lua_rawlen(L, 1) / 16);
  return vm_of(L)->standard[STD_TONUMBER](L);
}

void open_base(lua_State *L) {
  static const luaL_Reg ours[] = {
      {"pcall", base_pcall},
      {"xpcall", base_xpcall},
      {"setmetatable", base_setmetatable},
      {"collectgarbage", base_collectgarbage},
      {"load", base_load},
      {"print", base_print},
      {"tonumber", base_tonumber},
      {"require", base_require},
      {"dofile", NULL},
      {"loadfile", NULL},
      {"warn", NULL},
      {NULL, NULL},
  };
  luaL_requiref(L, LUA_GNAME, luaopen_base, 1);
  keep_standard(L, STD_TONUMBER, "tonumber");
  for (const luaL_Reg *each = ours; each->name != NULL; each++) {
    if (each->func != NULL) {
      lua_pushcfunction(L, each->func);
    } else {
      lua_pushnil(L);
    }
    lua_setfield(L, -2, each->name);
  }
  lua_pop(L, 1);
}
