/* The parts of the table `postern`. */
#ifndef POSTERN_CLUA_LIBRARY_H
#define POSTERN_CLUA_LIBRARY_H
#include "internal.h"

/* The one result nil. */
static inline int give_nil(lua_State *L) {
  lua_pushnil(L);
  return 1;
}

extern const luaL_Reg base64_functions[];
extern const luaL_Reg time_functions[];
extern const luaL_Reg digest_functions[];
extern const luaL_Reg store_functions[];
extern const luaL_Reg regex_functions[];
void open_regexes(lua_State *L);
#endif
