/* string.find, match, gmatch and gsub on the charged matcher. */
#include "match.h"

/* Where `position` (from 1; from the end when negative) lies, from 0; past the end is length + 1. */
static size_t start_of(lua_Integer position, size_t length) {
  if (position > 0) return (uint64_t)position > length ? length + 1 : (size_t)position - 1;
  if (position == 0 || position < -(lua_Integer)length) return 0;
  return length - (size_t)-position;
}

static matcher prepare(lua_State *L, const char *text, size_t length, const char *pattern, size_t pattern_length) {
  matcher m;
  m.L = L;
  m.text = text;
  m.text_end = text + length;
  m.pattern_end = pattern + pattern_length;
  m.captures = 0;
  m.depth = 0;
  m.steps = 0;
  return m;
}

static const char *match_from_start(matcher *m, const char *at, const char *pattern) {
  m->captures = 0;
  m->depth = 0;
  return match_at(m, at, pattern);
}

/* Matching from right to left could be asked for a place at a time, so an end is worth as much as a match. */
static int find_or_match(lua_State *L, bool find) {
  size_t length, pattern_length;
  const char *text = luaL_checklstring(L, 1, &length);
  const char *pattern = luaL_checklstring(L, 2, &pattern_length);
  size_t start = start_of(luaL_optinteger(L, 3, 1), length);
  if (start > length) {
    lua_pushnil(L);
    return 1;
  }
  if (find && (lua_toboolean(L, 4) || memchr(pattern, 0, pattern_length) == NULL) &&
      (lua_toboolean(L, 4) || strpbrk(pattern, "^$*+?.([%-") == NULL)) {
    charge(L, (length - start) / 32);
    const char *found = pattern_length == 0
                            ? text + start
                            : memmem(text + start, length - start, pattern, pattern_length);
    if (found == NULL) {
      lua_pushnil(L);
      return 1;
    }
    lua_pushinteger(L, found - text + 1);
    lua_pushinteger(L, found - text + (lua_Integer)pattern_length);
    return 2;
  }
  bool is_anchored = pattern_length > 0 && *pattern == '^';
  matcher m = prepare(L, text, length, pattern, pattern_length);
  if (is_anchored) pattern++;
  for (const char *at = text + start; at <= m.text_end; at++) {
    const char *end = match_from_start(&m, at, pattern);
    if (end != NULL) {
      match_settle(&m);
      if (!find) return match_push_all(&m, at, end);
      lua_pushinteger(L, at - text + 1);
      lua_pushinteger(L, end - text);
      return match_push_all(&m, NULL, NULL) + 2;
    }
    if (is_anchored) break;
  }
  match_settle(&m);
  lua_pushnil(L);
  return 1;
}

static int string_find(lua_State *L) { return find_or_match(L, true); }

static int string_match(lua_State *L) { return find_or_match(L, false); }

/* Upvalues: text, pattern, where to go on, end of the last match (from 1; 0: none). */
static int gmatch_next(lua_State *L) {
  size_t length, pattern_length;
  const char *text = lua_tolstring(L, lua_upvalueindex(1), &length);
  const char *pattern = lua_tolstring(L, lua_upvalueindex(2), &pattern_length);
  size_t start = (size_t)lua_tointeger(L, lua_upvalueindex(3));
  const char *last = text - 1 + lua_tointeger(L, lua_upvalueindex(4));
  matcher m = prepare(L, text, length, pattern, pattern_length);
  for (size_t at = start; at <= length; at++) {
    const char *end = match_from_start(&m, text + at, pattern);
    if (end == NULL || end == last) continue;
    match_settle(&m);
    lua_pushinteger(L, end - text);
    lua_replace(L, lua_upvalueindex(3));
    lua_pushinteger(L, end - text + 1);
    lua_replace(L, lua_upvalueindex(4));
    return match_push_all(&m, text + at, end);
  }
  match_settle(&m);
  return 0;
}

static int string_gmatch(lua_State *L) {
  size_t length;
  luaL_checklstring(L, 1, &length);
  luaL_checkstring(L, 2);
  size_t start = start_of(luaL_optinteger(L, 3, 1), length);
  lua_settop(L, 2);
  lua_pushinteger(L, (lua_Integer)start);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, gmatch_next, 4);
  return 1;
}

/* Appends the replacement text with %0 to %9 filled in. */
static void add_text(matcher *m, luaL_Buffer *out, const char *start, const char *end) {
  size_t length;
  const char *text = lua_tolstring(m->L, 3, &length);
  m->steps += (unsigned)(length / 8);
  for (size_t i = 0; i < length; i++) {
    if (text[i] != '%') {
      luaL_addchar(out, text[i]);
      continue;
    }
    char next = i + 1 < length ? text[++i] : 0;
    if (next == '%') {
      luaL_addchar(out, '%');
    } else if (next == '0') {
      luaL_addlstring(out, start, (size_t)(end - start));
    } else if (next >= '1' && next <= '9') {
      match_push(m, next - '1', start, end);
      luaL_tolstring(m->L, -1, NULL);
      lua_remove(m->L, -2);
      luaL_addvalue(out);
    } else {
      luaL_error(m->L, "invalid use of '%%' in replacement string");
    }
  }
}

/* Appends what argument 3 makes of the match. */
static void add_replacement(matcher *m, luaL_Buffer *out, const char *start, const char *end, int type) {
  lua_State *L = m->L;
  if (type == LUA_TFUNCTION) {
    lua_pushvalue(L, 3);
    lua_call(L, match_push_all(m, start, end), 1);
  } else if (type == LUA_TTABLE) {
    match_push(m, 0, start, end);
    lua_gettable(L, 3);
  } else {
    add_text(m, out, start, end);
    return;
  }
  if (!lua_toboolean(L, -1)) {
    lua_pop(L, 1);
    luaL_addlstring(out, start, (size_t)(end - start));
  } else if (!lua_isstring(L, -1)) {
    luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  } else {
    luaL_addvalue(out);
  }
}

static int string_gsub(lua_State *L) {
  size_t length, pattern_length;
  const char *text = luaL_checklstring(L, 1, &length);
  const char *pattern = luaL_checklstring(L, 2, &pattern_length);
  int type = lua_type(L, 3);
  luaL_argexpected(
      L, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
      "string/function/table");
  lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)length + 1);
  if (type == LUA_TNUMBER) lua_tolstring(L, 3, NULL);
  matcher m = prepare(L, text, length, pattern, pattern_length);
  bool is_anchored = pattern_length > 0 && *pattern == '^';
  if (is_anchored) pattern++;
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  const char *at = text, *last = NULL;
  lua_Integer count = 0;
  while (count < most) {
    const char *end = match_from_start(&m, at, pattern);
    if (end != NULL && end != last) {
      count++;
      add_replacement(&m, &out, at, end, type);
      at = last = end;
    } else if (at < m.text_end) {
      luaL_addchar(&out, *at);
      at++;
    } else {
      break;
    }
    if (is_anchored) break;
  }
  luaL_addlstring(&out, at, (size_t)(m.text_end - at));
  luaL_pushresult(&out);
  match_settle(&m);
  lua_pushinteger(L, count);
  return 2;
}

void open_patterns(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"find", string_find},
      {"match", string_match},
      {"gmatch", string_gmatch},
      {"gsub", string_gsub},
      {NULL, NULL},
  };
  lua_getglobal(L, LUA_STRLIBNAME);
  luaL_setfuncs(L, functions, 0);
  lua_pop(L, 1);
}
