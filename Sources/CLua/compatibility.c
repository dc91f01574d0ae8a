/* What scripts for LuaJIT and Lua 5.1 use and Lua 5.4 has no more. */
#include "internal.h"
#include <math.h>

/* An argument as 32 bits, the way LuaJIT's `bit` takes numbers. */
static uint32_t bits(lua_State *L, int index) {
  int is_integer;
  lua_Integer integer = lua_tointegerx(L, index, &is_integer);
  if (is_integer) return (uint32_t)integer;
  double number = luaL_checknumber(L, index);
  return (uint32_t)(int64_t)fmod(nearbyint(number), 4294967296.0);
}

static int give(lua_State *L, uint32_t value) {
  lua_pushinteger(L, (int32_t)value);
  return 1;
}

static int bit_tobit(lua_State *L) { return give(L, bits(L, 1)); }
static int bit_bnot(lua_State *L) { return give(L, ~bits(L, 1)); }

static int bit_band(lua_State *L) {
  uint32_t value = bits(L, 1);
  for (int i = lua_gettop(L); i > 1; i--) value &= bits(L, i);
  return give(L, value);
}

static int bit_bor(lua_State *L) {
  uint32_t value = bits(L, 1);
  for (int i = lua_gettop(L); i > 1; i--) value |= bits(L, i);
  return give(L, value);
}

static int bit_bxor(lua_State *L) {
  uint32_t value = bits(L, 1);
  for (int i = lua_gettop(L); i > 1; i--) value ^= bits(L, i);
  return give(L, value);
}

static int bit_lshift(lua_State *L) { return give(L, bits(L, 1) << (bits(L, 2) & 31)); }
static int bit_rshift(lua_State *L) { return give(L, bits(L, 1) >> (bits(L, 2) & 31)); }

static int bit_arshift(lua_State *L) {
  uint32_t value = bits(L, 1), count = bits(L, 2) & 31;
  uint32_t sign = value >> 31 ? ~(UINT32_MAX >> count) : 0;
  return give(L, value >> count | sign);
}

static uint32_t rotated(uint32_t value, uint32_t count) {
  count &= 31;
  return count == 0 ? value : value << count | value >> (32 - count);
}

static int bit_rol(lua_State *L) { return give(L, rotated(bits(L, 1), bits(L, 2))); }
static int bit_ror(lua_State *L) { return give(L, rotated(bits(L, 1), 32 - (bits(L, 2) & 31))); }
static int bit_bswap(lua_State *L) { return give(L, __builtin_bswap32(bits(L, 1))); }

static int bit_tohex(lua_State *L) {
  uint32_t value = bits(L, 1);
  lua_Integer count = luaL_optinteger(L, 2, 8);
  const char *digits = count < 0 ? "0123456789ABCDEF" : "0123456789abcdef";
  if (count < 0) count = count < -8 ? 8 : -count;
  if (count > 8) count = 8;
  char text[8];
  for (lua_Integer i = count - 1; i >= 0; i--, value >>= 4) text[i] = digits[value & 15];
  lua_pushlstring(L, text, (size_t)count);
  return 1;
}

static int table_getn(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_pushinteger(L, (lua_Integer)lua_rawlen(L, 1));
  return 1;
}

static int table_maxn(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Number most = 0;
  for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
    charge(L, 1);
    if (lua_type(L, -2) == LUA_TNUMBER && lua_tonumber(L, -2) > most) most = lua_tonumber(L, -2);
  }
  if (most == floor(most)) {
    lua_pushinteger(L, (lua_Integer)most);
  } else {
    lua_pushnumber(L, most);
  }
  return 1;
}

static int math_pow(lua_State *L) {
  lua_pushnumber(L, pow(luaL_checknumber(L, 1), luaL_checknumber(L, 2)));
  return 1;
}

static int math_log10(lua_State *L) {
  lua_pushnumber(L, log10(luaL_checknumber(L, 1)));
  return 1;
}

static int math_ldexp(lua_State *L) {
  lua_pushnumber(L, ldexp(luaL_checknumber(L, 1), (int)luaL_checkinteger(L, 2)));
  return 1;
}

static int math_frexp(lua_State *L) {
  int exponent;
  lua_pushnumber(L, frexp(luaL_checknumber(L, 1), &exponent));
  lua_pushinteger(L, exponent);
  return 2;
}

/* Gives `to.as` of a global table the value of `from.name`. */
static void alias(lua_State *L, const char *from, const char *name, const char *to, const char *as) {
  lua_getglobal(L, to);
  lua_getglobal(L, from);
  lua_getfield(L, -1, name);
  lua_setfield(L, -3, as);
  lua_pop(L, 2);
}

void open_compatibility(lua_State *L) {
  static const luaL_Reg bit_functions[] = {
      {"tobit", bit_tobit},   {"tohex", bit_tohex},     {"bnot", bit_bnot},     {"band", bit_band},
      {"bor", bit_bor},       {"bxor", bit_bxor},       {"lshift", bit_lshift}, {"rshift", bit_rshift},
      {"arshift", bit_arshift}, {"rol", bit_rol},       {"ror", bit_ror},       {"bswap", bit_bswap},
      {NULL, NULL},
  };
  static const luaL_Reg table_functions[] = {{"getn", table_getn}, {"maxn", table_maxn}, {NULL, NULL}};
  static const luaL_Reg math_functions[] = {
      {"pow", math_pow}, {"log10", math_log10}, {"ldexp", math_ldexp}, {"frexp", math_frexp}, {NULL, NULL}};
  luaL_newlib(L, bit_functions);
  lua_setglobal(L, "bit");
  lua_getglobal(L, LUA_TABLIBNAME);
  luaL_setfuncs(L, table_functions, 0);
  lua_getglobal(L, LUA_MATHLIBNAME);
  luaL_setfuncs(L, math_functions, 0);
  lua_pop(L, 2);
  alias(L, LUA_GNAME, "load", LUA_GNAME, "loadstring");
  alias(L, LUA_TABLIBNAME, "unpack", LUA_GNAME, "unpack");
  alias(L, LUA_STRLIBNAME, "gmatch", LUA_STRLIBNAME, "gfind");
}
