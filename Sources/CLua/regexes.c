/* postern.regex: expressions that match in linear time. Compiled ones are kept by their pattern. */
#include "library.h"

#define MAX_PATTERN 1024
#define MAX_GROUPS 16
#define MAX_KEPT 16
/* What a compiled expression may hold outside of the machine; the host sets the same limit. */
#define REGEX_MEMORY (128 * 1024)

typedef struct {
  void *compiled;
  int32_t instructions, groups;
} regex;

/* Ours, not a script's: it runs in any state of the machine and calls nothing back. */
static int regex_collect(lua_State *L) {
  regex *each = lua_touserdata(L, 1);
  if (each->compiled != NULL) {
    vm_of(L)->host->regex_free(each->compiled);
    vm_of(L)->used -= REGEX_MEMORY;
    each->compiled = NULL;
  }
  return 0;
}

static void reserve(lua_State *L) {
  postern_lua_vm *vm = vm_of(L);
  if (vm->used + REGEX_MEMORY > vm->budget.memory_bytes) lua_gc(L, LUA_GCCOLLECT);
  if (vm->used + REGEX_MEMORY > vm->budget.memory_bytes) luaL_error(L, "regex: no memory is left for the pattern");
}

/* The expression for the pattern in argument `index`. */
static regex *compiled(lua_State *L, int index) {
  postern_lua_vm *vm = vm_of(L);
  postern_lua_text pattern = text_argument(L, index);
  luaL_argcheck(L, pattern.length <= MAX_PATTERN, index, "a pattern has at most 1024 bytes");
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->regexes);
  lua_pushvalue(L, index);
  if (lua_rawget(L, -2) == LUA_TUSERDATA) {
    regex *known = lua_touserdata(L, -1);
    lua_remove(L, -2);
    return known;
  }
  lua_pop(L, 1);
  charge(L, 3000 + 20 * (uint64_t)pattern.length);
  if (vm->regex_count == MAX_KEPT) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, LUA_REGISTRYINDEX, vm->regexes);
    vm->regex_count = 0;
  }
  reserve(L);
  regex *made = lua_newuserdatauv(L, sizeof *made, 0);
  made->compiled = NULL;
  luaL_setmetatable(L, "postern.regex");
  char problem[256];
  made->compiled = vm->host->regex_compile(pattern, problem, sizeof problem);
  if (made->compiled == NULL) luaL_error(L, "regex: %s", problem);
  vm->used += REGEX_MEMORY;
  vm->host->regex_facts(made->compiled, &made->instructions, &made->groups);
  if (made->groups > MAX_GROUPS) luaL_error(L, "regex: a pattern has at most %d groups", MAX_GROUPS);
  lua_pushvalue(L, index);
  lua_pushvalue(L, -2);
  lua_rawset(L, -4);
  vm->regex_count++;
  lua_remove(L, -2);
  return made;
}

/* Finds from `from` on; charged for the steps that the worst text takes. */
static bool find(lua_State *L, const regex *with, postern_lua_text text, size_t from, int64_t *offsets) {
  uint64_t length = text.length - from;
  charge(L, 20 + length / 4 + length * (uint64_t)with->instructions / 32);
  return vm_of(L)->host->regex_find(with->compiled, text, from, offsets, with->groups + 1);
}

static void push_group(lua_State *L, postern_lua_text text, const int64_t *offsets, int group) {
  if (offsets[group * 2] < 0) {
    lua_pushboolean(L, 0); /* as string.match cannot: a group that took no part */
  } else {
    lua_pushlstring(L, text.start + offsets[group * 2], (size_t)(offsets[group * 2 + 1] - offsets[group * 2]));
  }
}

static size_t start_at(lua_State *L, int index, postern_lua_text text) {
  lua_Integer from = luaL_optinteger(L, index, 1);
  luaL_argcheck(L, from >= 1 && (uint64_t)from <= (uint64_t)text.length + 1, index, "must be 1...the text's length + 1");
  return (size_t)from - 1;
}

/* find(text, pattern, from): first and last place and the groups; nil when there is none. */
static int regex_find(lua_State *L) {
  postern_lua_text text = text_argument(L, 1);
  size_t from = start_at(L, 3, text);
  lua_settop(L, 3);
  const regex *with = compiled(L, 2);
  int64_t offsets[(MAX_GROUPS + 1) * 2];
  if (!find(L, with, text, from, offsets)) return give_nil(L);
  luaL_checkstack(L, MAX_GROUPS + 2, "regex");
  lua_pushinteger(L, offsets[0] + 1);
  lua_pushinteger(L, offsets[1]);
  for (int group = 1; group <= with->groups; group++) push_group(L, text, offsets, group);
  return 2 + with->groups;
}

/* match(text, pattern, from): the groups, or the whole when there are none. */
static int regex_match(lua_State *L) {
  postern_lua_text text = text_argument(L, 1);
  size_t from = start_at(L, 3, text);
  lua_settop(L, 3);
  const regex *with = compiled(L, 2);
  int64_t offsets[(MAX_GROUPS + 1) * 2];
  if (!find(L, with, text, from, offsets)) return give_nil(L);
  luaL_checkstack(L, MAX_GROUPS + 2, "regex");
  if (with->groups == 0) push_group(L, text, offsets, 0);
  for (int group = 1; group <= with->groups; group++) push_group(L, text, offsets, group);
  return with->groups == 0 ? 1 : with->groups;
}

static int regex_test(lua_State *L) {
  postern_lua_text text = text_argument(L, 1);
  lua_settop(L, 2);
  const regex *with = compiled(L, 2);
  int64_t offsets[(MAX_GROUPS + 1) * 2];
  lua_pushboolean(L, find(L, with, text, 0, offsets));
  return 1;
}

/* `%1` in a replacement is a group, `%0` the whole, `%%` a percent sign, as in string.gsub. */
static void add_replacement(
    lua_State *L, luaL_Buffer *out, postern_lua_text with, postern_lua_text text, const int64_t *offsets, int groups) {
  for (size_t i = 0; i < with.length; i++) {
    char c = with.start[i];
    if (c != '%') {
      luaL_addchar(out, c);
      continue;
    }
    char which = i + 1 < with.length ? with.start[++i] : 0;
    if (which == '%') {
      luaL_addchar(out, '%');
    } else if (which >= '0' && which <= '9' && which - '0' <= groups) {
      int group = which - '0';
      if (offsets[group * 2] < 0) continue;
      luaL_addlstring(out, text.start + offsets[group * 2], (size_t)(offsets[group * 2 + 1] - offsets[group * 2]));
    } else {
      luaL_error(L, "regex.gsub: the replacement has a %%%c that is no group of the pattern", which);
    }
  }
}

/* gsub(text, pattern, replacement, most): the text and how many were replaced. */
static int regex_gsub(lua_State *L) {
  postern_lua_text text = text_argument(L, 1), replacement = text_argument(L, 3);
  lua_Integer most = luaL_optinteger(L, 4, LUA_MAXINTEGER), count = 0;
  lua_settop(L, 4);
  const regex *with = compiled(L, 2);
  int64_t offsets[(MAX_GROUPS + 1) * 2];
  size_t at = 0;
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  while (count < most && at <= text.length && find(L, with, text, at, offsets)) {
    size_t first = (size_t)offsets[0], last = (size_t)offsets[1];
    charge(L, 10 + replacement.length / 4 + (last - at) / 32);
    luaL_addlstring(&out, text.start + at, first - at);
    add_replacement(L, &out, replacement, text, offsets, with->groups);
    count++;
    at = last;
    if (first == last) {
      if (at < text.length) luaL_addchar(&out, text.start[at]);
      at++;
    }
  }
  if (at < text.length) luaL_addlstring(&out, text.start + at, text.length - at);
  luaL_pushresult(&out);
  lua_pushinteger(L, count);
  return 2;
}

const luaL_Reg regex_functions[] = {
    {"find", regex_find}, {"match", regex_match}, {"test", regex_test}, {"gsub", regex_gsub}, {NULL, NULL}};

void open_regexes(lua_State *L) {
  luaL_newmetatable(L, "postern.regex");
  lua_pushcfunction(L, regex_collect);
  lua_setfield(L, -2, "__gc");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
  lua_newtable(L);
  vm_of(L)->regexes = luaL_ref(L, LUA_REGISTRYINDEX);
}
