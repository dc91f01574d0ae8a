/* Lua's string and utf8 libraries, charged for what they loop on. */
#include "internal.h"

static int standard(lua_State *L, std_function function) { return vm_of(L)->standard[function](L); }

/* Bytes between the positions in arguments 2 and 3 of a text of `length` bytes. */
static uint64_t span(lua_State *L, size_t length, lua_Integer first, lua_Integer last) {
  lua_Integer size = (lua_Integer)length;
  lua_Integer from = luaL_optinteger(L, 2, first);
  lua_Integer to = luaL_optinteger(L, 3, last == 0 ? from : last);
  if (from < 0) from = from < -size ? 1 : size + from + 1;
  if (to < 0) to = to < -size ? 0 : size + to + 1;
  if (from < 1) from = 1;
  if (to > size) to = size;
  return to >= from ? (uint64_t)(to - from) + 1 : 0;
}

static size_t length_of(lua_State *L, int argument) {
  size_t length;
  luaL_checklstring(L, argument, &length);
  return length;
}

static int string_byte(lua_State *L) {
  charge(L, span(L, length_of(L, 1), 1, 0));
  return standard(L, STD_BYTE);
}

static int string_sub(lua_State *L) {
  charge(L, span(L, length_of(L, 1), 1, -1) / 64);
  return standard(L, STD_SUB);
}

static int string_lower(lua_State *L) {
  charge(L, length_of(L, 1) / 16);
  return standard(L, STD_LOWER);
}

static int string_upper(lua_State *L) {
  charge(L, length_of(L, 1) / 16);
  return standard(L, STD_UPPER);
}

static int string_reverse(lua_State *L) {
  charge(L, length_of(L, 1) / 16);
  return standard(L, STD_REVERSE);
}

static int string_rep(lua_State *L) {
  uint64_t length = length_of(L, 1);
  lua_Integer count = luaL_checkinteger(L, 2);
  if (!lua_isnoneornil(L, 3)) length += length_of(L, 3);
  if (count <= 0 || length == 0) {
    /* Lua's own loops `count` times over nothing. */
    lua_pushliteral(L, "");
    return 1;
  }
  uint64_t bytes;
  if (__builtin_mul_overflow(length, (uint64_t)count, &bytes)) bytes = UINT64_MAX / 2;
  charge(L, bytes / 32 + (uint64_t)count / 8);
  return standard(L, STD_REP);
}

/* The lengths of all texts among the arguments from `first` on. */
static uint64_t lengths_from(lua_State *L, int first) {
  uint64_t sum = 0;
  for (int index = first; index <= lua_gettop(L); index++) {
    if (lua_type(L, index) == LUA_TSTRING) sum += lua_rawlen(L, index);
  }
  return sum;
}

static int string_format(lua_State *L) {
  charge(L, length_of(L, 1) + lengths_from(L, 2) / 32);
  return standard(L, STD_FORMAT);
}

/* What the numbers in a format of string.pack sum up to: `c1000000` is a million bytes. */
static uint64_t numbers_in(const char *format) {
  uint64_t sum = 0;
  while (*format != 0) {
    uint64_t number = 0;
    while (*format >= '0' && *format <= '9') {
      if (number < UINT32_MAX) number = number * 10 + (uint64_t)(*format - '0');
      format++;
    }
    sum += number;
    if (*format != 0) format++;
  }
  return sum;
}

static int string_pack(lua_State *L) {
  size_t length;
  const char *format = luaL_checklstring(L, 1, &length);
  charge(L, length + numbers_in(format) / 16 + lengths_from(L, 2) / 32);
  return standard(L, STD_PACK);
}

static int string_unpack(lua_State *L) {
  size_t length;
  const char *format = luaL_checklstring(L, 1, &length);
  bool copies = strpbrk(format, "csz") != NULL;
  charge(L, length + (copies ? length_of(L, 2) / 32 : 0));
  return standard(L, STD_UNPACK);
}

static int string_packsize(lua_State *L) {
  charge(L, length_of(L, 1));
  return standard(L, STD_PACKSIZE);
}

static int utf8_codepoint(lua_State *L) {
  charge(L, span(L, length_of(L, 1), 1, 0));
  return standard(L, STD_CODEPOINT);
}

static int utf8_len(lua_State *L) {
  charge(L, span(L, length_of(L, 1), 1, -1) / 2);
  return standard(L, STD_UTF8_LEN);
}

static int utf8_offset(lua_State *L) {
  charge(L, length_of(L, 1) / 16);
  return standard(L, STD_OFFSET);
}

static void replace(lua_State *L, const luaL_Reg *ours, const std_function *places) {
  for (; ours->name != NULL; ours++, places++) {
    keep_standard(L, *places, ours->name);
    lua_pushcfunction(L, ours->func);
    lua_setfield(L, -2, ours->name);
  }
}

void open_strings(lua_State *L) {
  static const luaL_Reg strings[] = {
      {"byte", string_byte},
      {"sub", string_sub},
      {"lower", string_lower},
      {"upper", string_upper},
      {"reverse", string_reverse},
      {"rep", string_rep},
      {"format", string_format},
      {"pack", string_pack},
      {"unpack", string_unpack},
      {"packsize", string_packsize},
      {NULL, NULL},
  };
  static const std_function string_places[] = {
      STD_BYTE, STD_SUB, STD_LOWER, STD_UPPER, STD_REVERSE, STD_REP, STD_FORMAT, STD_PACK, STD_UNPACK, STD_PACKSIZE,
  };
  static const luaL_Reg utf8s[] = {
      {"codepoint", utf8_codepoint},
      {"len", utf8_len},
      {"offset", utf8_offset},
      {NULL, NULL},
  };
  static const std_function utf8_places[] = {STD_CODEPOINT, STD_UTF8_LEN, STD_OFFSET};
  luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
  replace(L, strings, string_places);
  lua_pushnil(L);
  lua_setfield(L, -2, "dump");
  luaL_requiref(L, LUA_UTF8LIBNAME, luaopen_utf8, 1);
  replace(L, utf8s, utf8_places);
  lua_pop(L, 2);
}
