/* math, and what of os tells the time. */
#include "internal.h"

static int os_date(lua_State *L) {
  size_t length;
  luaL_optlstring(L, 1, "", &length);
  charge(L, 20 + 20 * (uint64_t)length);
  return vm_of(L)->standard[STD_DATE](L);
}

void open_values(lua_State *L) {
  static const char *const kept[] = {"time", "clock", "difftime"};
  luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 1);
  lua_pop(L, 1);
  lua_pushcfunction(L, luaopen_os);
  lua_call(L, 0, 1);
  keep_standard(L, STD_DATE, "date");
  lua_newtable(L);
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
    lua_getfield(L, -2, kept[i]);
    lua_setfield(L, -2, kept[i]);
  }
  lua_pushcfunction(L, os_date);
  lua_setfield(L, -2, "date");
  lua_setglobal(L, LUA_OSLIBNAME);
  lua_pop(L, 1);
}
