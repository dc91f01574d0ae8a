/* math, and what of os tells the time. */
#include "internal.h"

static int os_date(lua_State *L) {
  size_t length;
  luaL_optlstring(L, 1, "", &length);
  charge(L, 20 + 20 * (uint64_t)length);
  return vm_of(L)->standard[STD_DATE](L);
}

/* Without a table, the host's time: a test moves it. */
static int os_time(lua_State *L) {
  postern_lua_vm *vm = vm_of(L);
  if (!lua_isnoneornil(L, 1) || vm->current == NULL) return vm->standard[STD_TIME](L);
  lua_pushinteger(L, (lua_Integer)(vm->host->wall_time_ns(vm->current->stream) / 1000000000u));
  return 1;
}

void open_values(lua_State *L) {
  static const char *const kept[] = {"clock", "difftime"};
  luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 1);
  lua_pop(L, 1);
  lua_pushcfunction(L, luaopen_os);
  lua_call(L, 0, 1);
  keep_standard(L, STD_DATE, "date");
  keep_standard(L, STD_TIME, "time");
  lua_newtable(L);
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
    lua_getfield(L, -2, kept[i]);
    lua_setfield(L, -2, kept[i]);
  }
  lua_pushcfunction(L, os_date);
  lua_setfield(L, -2, "date");
  lua_pushcfunction(L, os_time);
  lua_setfield(L, -2, "time");
  lua_setglobal(L, LUA_OSLIBNAME);
  lua_pop(L, 1);
}
