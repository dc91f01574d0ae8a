/* Writing JSON. Keys come in order, so that the same value has the same text everywhere. */
#include "json.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const char json_null = 0;
static const char array_key = 0;

void push_array_metatable(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &array_key) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "list");
  lua_setfield(L, -2, "__name");
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &array_key);
}

/* Grows in a userdata at the stack's place `slot`, which is counted and collected like all else. */
typedef struct {
  lua_State *L;
  const char *what;
  int slot;
  char *bytes;
  size_t length, room;
} writer;

static void write_value(writer *out, int index, int depth);

static void put(writer *out, const char *bytes, size_t count) {
  if (out->room - out->length < count) {
    size_t room = out->room;
    while (room - out->length < count) room *= 2;
    char *more = lua_newuserdatauv(out->L, room, 0);
    memcpy(more, out->bytes, out->length);
    lua_replace(out->L, out->slot);
    out->bytes = more;
    out->room = room;
  }
  memcpy(out->bytes + out->length, bytes, count);
  out->length += count;
}

static void put_text(writer *out, const char *text) { put(out, text, strlen(text)); }

static void put_string(writer *out, const char *text, size_t length) {
  static const char digits[] = "0123456789abcdef";
  charge(out->L, 2 + length / 8);
  put(out, "\"", 1);
  size_t run = 0;
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    put(out, text + run, i - run);
    run = i + 1;
    char escape[6] = {'\\', (char)c, 0, 0, 0, 0};
    size_t count = 2;
    switch (c) {
    case '"': case '\\': break;
    case '\b': escape[1] = 'b'; break;
    case '\f': escape[1] = 'f'; break;
    case '\n': escape[1] = 'n'; break;
    case '\r': escape[1] = 'r'; break;
    case '\t': escape[1] = 't'; break;
    default:
      memcpy(escape, "\\u00", 4);
      escape[4] = digits[c >> 4];
      escape[5] = digits[c & 15];
      count = 6;
    }
    put(out, escape, count);
  }
  put(out, text + run, length - run);
  put(out, "\"", 1);
}

/* Whole floats are written without a fraction: other readers do not tell them apart either. */
static void put_number(writer *out, int index) {
  char text[40];
  if (lua_isinteger(out->L, index)) {
    snprintf(text, sizeof text, "%lld", (long long)lua_tointeger(out->L, index));
  } else {
    double number = lua_tonumber(out->L, index);
    if (!isfinite(number)) luaL_error(out->L, "%s: a number is not finite", out->what);
    if (number == floor(number) && fabs(number) < 1e15) {
      snprintf(text, sizeof text, "%.0f", number);
    } else {
      snprintf(text, sizeof text, "%.17g", number);
      double back = strtod(text, NULL);
      for (int digits = 14; digits < 17; digits++) {
        char shorter[40];
        snprintf(shorter, sizeof shorter, "%.*g", digits, number);
        if (strtod(shorter, NULL) == back) {
          memcpy(text, shorter, sizeof text);
          break;
        }
      }
    }
  }
  put_text(out, text);
}

/* Whether the table's keys are 1...n; an empty one is a list when it came from one. */
static bool is_list(lua_State *L, int index, lua_Integer *count) {
  lua_Integer length = (lua_Integer)lua_rawlen(L, index), keys = 0;
  *count = length;
  if (length == 0) {
    if (lua_getmetatable(L, index) == 0) return false;
    push_array_metatable(L);
    bool is_marked = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    if (!is_marked) return false;
  }
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    charge(L, 1);
    if (!lua_isinteger(L, -2) || ++keys > length) {
      lua_pop(L, 2);
      return false;
    }
  }
  return keys == length;
}

typedef struct {
  const char *text;
  size_t length;
} name;

static int compare(const void *a, const void *b) {
  const name *x = a, *y = b;
  size_t common = x->length < y->length ? x->length : y->length;
  int order = memcmp(x->text, y->text, common);
  return order != 0 ? order : (x->length > y->length) - (x->length < y->length);
}

static void put_object(writer *out, int index, int depth) {
  lua_State *L = out->L;
  size_t count = 0, bytes = 0;
  lua_newtable(L); /* the values by their names as texts */
  int values = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, index); ) {
    charge(L, 4);
    int type = lua_type(L, -2);
    if (type != LUA_TSTRING && type != LUA_TNUMBER) {
      luaL_error(L, "%s: a key must be a string or a number, got a %s", out->what, luaL_typename(L, -2));
    }
    lua_pushvalue(L, -2);
    if (type == LUA_TNUMBER) lua_tolstring(L, -1, NULL);
    lua_insert(L, -2);
    bytes += lua_rawlen(L, -2);
    lua_rawset(L, values);
    count++;
  }
  uint64_t rounds = 1;
  while (((size_t)1 << rounds) < count) rounds++;
  charge(L, (count * 4 + bytes / 16) * rounds);
  name *names = lua_newuserdatauv(L, (count + 1) * sizeof *names, 0);
  size_t found = 0;
  for (lua_pushnil(L); lua_next(L, values) && found <= count; lua_pop(L, 1)) {
    names[found].text = lua_tolstring(L, -2, &names[found].length);
    found++;
  }
  qsort(names, found, sizeof *names, compare);
  put(out, "{", 1);
  for (size_t i = 0; i < found; i++) {
    if (i > 0) put(out, ",", 1);
    put_string(out, names[i].text, names[i].length);
    put(out, ":", 1);
    lua_pushlstring(L, names[i].text, names[i].length);
    lua_rawget(L, values);
    write_value(out, lua_gettop(L), depth);
    lua_pop(L, 1);
  }
  put(out, "}", 1);
  lua_settop(L, values - 1);
}

static void write_value(writer *out, int index, int depth) {
  lua_State *L = out->L;
  charge(L, 4);
  luaL_checkstack(L, 12, "JSON");
  switch (lua_type(L, index)) {
  case LUA_TNIL:
    put_text(out, "null");
    return;
  case LUA_TBOOLEAN:
    put_text(out, lua_toboolean(L, index) ? "true" : "false");
    return;
  case LUA_TNUMBER:
    put_number(out, index);
    return;
  case LUA_TSTRING: {
    size_t length;
    const char *text = lua_tolstring(L, index, &length);
    put_string(out, text, length);
    return;
  }
  case LUA_TLIGHTUSERDATA:
    if (lua_touserdata(L, index) == (const void *)&json_null) {
      put_text(out, "null");
      return;
    }
    break;
  case LUA_TTABLE: {
    if (depth == JSON_DEPTH) luaL_error(L, "%s: nested deeper than %d, or within itself", out->what, JSON_DEPTH);
    lua_Integer count;
    if (!is_list(L, index, &count)) {
      put_object(out, index, depth + 1);
      return;
    }
    put(out, "[", 1);
    for (lua_Integer i = 1; i <= count; i++) {
      if (i > 1) put(out, ",", 1);
      lua_rawgeti(L, index, i);
      write_value(out, lua_gettop(L), depth + 1);
      lua_pop(L, 1);
    }
    put(out, "]", 1);
    return;
  }
  default:
    break;
  }
  luaL_error(L, "%s: a %s has no place in JSON", out->what, luaL_typename(L, index));
}

void json_encode(lua_State *L, int index, const char *what) {
  index = lua_absindex(L, index);
  charge(L, 10);
  writer out = {.L = L, .what = what, .room = 256};
  out.bytes = lua_newuserdatauv(L, out.room, 0);
  out.slot = lua_gettop(L);
  write_value(&out, index, 0);
  charge(L, out.length / 32);
  lua_pushlstring(L, out.bytes, out.length);
  lua_replace(L, out.slot);
  lua_settop(L, out.slot);
}
