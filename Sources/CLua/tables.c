/* The table library. Counts come from scripts (`__len` may return anything), so they are charged before the loop. */
#include "internal.h"
#include <limits.h>

/* Anything with the metamethods a list needs will do, as in Lua's own. */
static void check_list(lua_State *L, int argument) {
  if (lua_type(L, argument) == LUA_TTABLE) return;
  if (!lua_getmetatable(L, argument)) luaL_checktype(L, argument, LUA_TTABLE);
  lua_pop(L, 1);
}

static uint64_t count_of(lua_Integer first, lua_Integer last) {
  return last < first ? 0 : (uint64_t)last - (uint64_t)first + 1;
}

static int table_insert(lua_State *L) {
  check_list(L, 1);
  lua_Integer end = (lua_Integer)((lua_Unsigned)luaL_len(L, 1) + 1);
  lua_Integer position = end;
  switch (lua_gettop(L)) {
  case 2:
    break;
  case 3:
    position = luaL_checkinteger(L, 2);
    luaL_argcheck(L, (lua_Unsigned)position - 1u < (lua_Unsigned)end, 2, "position out of bounds");
    charge(L, count_of(position, end) * 2);
    for (lua_Integer i = end; i > position; i--) {
      lua_geti(L, 1, i - 1);
      lua_seti(L, 1, i);
    }
    break;
  default:
    return luaL_error(L, "wrong number of arguments to 'insert'");
  }
  lua_seti(L, 1, position);
  return 0;
}

static int table_remove(lua_State *L) {
  check_list(L, 1);
  lua_Integer size = luaL_len(L, 1);
  lua_Integer position = luaL_optinteger(L, 2, size);
  if (position != size) {
    luaL_argcheck(L, (lua_Unsigned)position - 1u <= (lua_Unsigned)size, 2, "position out of bounds");
  }
  if (position < size) charge(L, count_of(position, size) * 2);
  lua_geti(L, 1, position);
  for (; position < size; position++) {
    lua_geti(L, 1, position + 1);
    lua_seti(L, 1, position);
  }
  lua_pushnil(L);
  lua_seti(L, 1, position);
  return 1;
}

static int table_move(lua_State *L) {
  lua_Integer from = luaL_checkinteger(L, 2);
  lua_Integer last = luaL_checkinteger(L, 3);
  lua_Integer to = luaL_checkinteger(L, 4);
  int target = lua_isnoneornil(L, 5) ? 1 : 5;
  check_list(L, 1);
  check_list(L, target);
  if (last >= from) {
    luaL_argcheck(L, from > 0 || last < LUA_MAXINTEGER + from, 3, "too many elements to move");
    lua_Integer count = last - from + 1;
    luaL_argcheck(L, to <= LUA_MAXINTEGER - count + 1, 4, "destination wrap around");
    uint64_t units;
    if (__builtin_mul_overflow((uint64_t)count, 2u, &units)) units = UINT64_MAX / 2;
    charge(L, units);
    bool forwards = to > last || to <= from || (target != 1 && !lua_compare(L, 1, target, LUA_OPEQ));
    for (lua_Integer i = 0; i < count; i++) {
      lua_Integer at = forwards ? i : count - 1 - i;
      lua_geti(L, 1, from + at);
      lua_seti(L, target, to + at);
    }
  }
  lua_pushvalue(L, target);
  return 1;
}

static int table_concat(lua_State *L) {
  check_list(L, 1);
  lua_Integer size = luaL_len(L, 1);
  size_t separator_length;
  const char *separator = luaL_optlstring(L, 2, "", &separator_length);
  lua_Integer first = luaL_optinteger(L, 3, 1);
  lua_Integer last = luaL_optinteger(L, 4, size);
  uint64_t count = count_of(first, last);
  charge(L, count > UINT64_MAX / 4 ? UINT64_MAX / 2 : count * 2);
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  for (uint64_t i = 0; i < count; i++) {
    lua_Integer index = first + (lua_Integer)i;
    lua_geti(L, 1, index);
    if (!lua_isstring(L, -1)) {
      return luaL_error(L, "invalid value (at index %I) in table for 'concat'", (LUAI_UACINT)index);
    }
    size_t length = lua_rawlen(L, -1);
    if (length + separator_length >= 64) charge(L, (length + separator_length) / 32);
    luaL_addvalue(&out);
    if (i + 1 < count) luaL_addlstring(&out, separator, separator_length);
  }
  luaL_pushresult(&out);
  return 1;
}

static int table_unpack(lua_State *L) {
  lua_Integer first = luaL_optinteger(L, 2, 1);
  lua_Integer last = luaL_opt(L, luaL_checkinteger, 3, luaL_len(L, 1));
  uint64_t count = count_of(first, last);
  if (count == 0) return 0;
  charge(L, count);
  if (count >= INT_MAX || !lua_checkstack(L, (int)count)) return luaL_error(L, "too many results to unpack");
  for (uint64_t i = 0; i < count; i++) lua_geti(L, 1, first + (lua_Integer)i);
  return (int)count;
}

/* Whether the value at `a` sorts before that at `b`; both are positions from the top, the comparator is argument 2. */
static bool sorts_before(lua_State *L, int a, int b) {
  if (lua_isnil(L, 2)) {
    uint64_t units = 4;
    if (lua_type(L, a) == LUA_TSTRING && lua_type(L, b) == LUA_TSTRING) units += lua_rawlen(L, a) / 64;
    charge(L, units);
    return lua_compare(L, a, b, LUA_OPLT);
  }
  charge(L, 4);
  lua_pushvalue(L, 2);
  lua_pushvalue(L, a - 1);
  lua_pushvalue(L, b - 2);
  lua_call(L, 2, 1);
  bool is_before = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return is_before;
}

/* Lets the element at `root` sink in the heap of the first `count`. */
static void sink(lua_State *L, lua_Integer root, lua_Integer count) {
  lua_rawgeti(L, 1, root);
  for (lua_Integer child; (child = root * 2) <= count; root = child) {
    lua_rawgeti(L, 1, child);
    if (child < count) {
      lua_rawgeti(L, 1, child + 1);
      if (sorts_before(L, -2, -1)) {
        child++;
        lua_remove(L, -2);
      } else {
        lua_pop(L, 1);
      }
    }
    if (!sorts_before(L, -2, -1)) {
      lua_pop(L, 1);
      break;
    }
    lua_rawseti(L, 1, root);
  }
  lua_rawseti(L, 1, root);
}

/* A heap sort, because Lua's own sort cannot be charged between comparisons that call no Lua code; it also ends after
 * n log n of them whatever the comparator says. */
static int table_sort(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  if (lua_getmetatable(L, 1)) {
    lua_getfield(L, -1, "__len");
    lua_getfield(L, -2, "__index");
    if (!lua_isnil(L, -1) || !lua_isnil(L, -2)) {
      return luaL_error(L, "table.sort takes no table with `__len` or `__index`");
    }
  }
  if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  lua_Integer count = (lua_Integer)lua_rawlen(L, 1);
  for (lua_Integer root = count / 2; root >= 1; root--) sink(L, root, count);
  for (lua_Integer last = count; last > 1; last--) {
    lua_rawgeti(L, 1, last);
    lua_rawgeti(L, 1, 1);
    lua_rawseti(L, 1, last);
    lua_rawseti(L, 1, 1);
    sink(L, 1, last - 1);
  }
  return 0;
}

void open_tables(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"insert", table_insert},
      {"remove", table_remove},
      {"move", table_move},
      {"concat", table_concat},
      {"unpack", table_unpack},
      {"sort", table_sort},
      {NULL, NULL},
  };
  luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 1);
  luaL_setfuncs(L, functions, 0);
  lua_pop(L, 1);
}
