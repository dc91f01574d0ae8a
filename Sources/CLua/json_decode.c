/* Reading JSON (RFC 8259). Every byte and value is charged; nothing is kept outside of the stack. */
#include "json.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  lua_State *L;
  const unsigned char *start, *at, *end;
  bool keeps_null;
  const char *problem;
} reader;

static bool read_value(reader *in, int depth);

static bool fail(reader *in, const char *problem) {
  in->problem = problem;
  return false;
}

static void skip_space(reader *in) {
  while (in->at < in->end && (*in->at == ' ' || *in->at == '\t' || *in->at == '\n' || *in->at == '\r')) in->at++;
}

static bool read_hex(reader *in, uint32_t *unit) {
  if (in->end - in->at < 4) return fail(in, "\\u needs four hexadecimal digits");
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) {
    unsigned char c = *in->at++;
    uint32_t digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10u : 16;
    if (digit > 15) return fail(in, "\\u needs four hexadecimal digits");
    value = value << 4 | digit;
  }
  *unit = value;
  return true;
}

static void add_utf8(luaL_Buffer *out, uint32_t code) {
  if (code < 0x80) {
    luaL_addchar(out, (char)code);
  } else if (code < 0x800) {
    luaL_addchar(out, (char)(0xC0 | code >> 6));
    luaL_addchar(out, (char)(0x80 | (code & 63)));
  } else if (code < 0x10000) {
    luaL_addchar(out, (char)(0xE0 | code >> 12));
    luaL_addchar(out, (char)(0x80 | (code >> 6 & 63)));
    luaL_addchar(out, (char)(0x80 | (code & 63)));
  } else {
    luaL_addchar(out, (char)(0xF0 | code >> 18));
    luaL_addchar(out, (char)(0x80 | (code >> 12 & 63)));
    luaL_addchar(out, (char)(0x80 | (code >> 6 & 63)));
    luaL_addchar(out, (char)(0x80 | (code & 63)));
  }
}

/* Behind the backslash. Half a surrogate pair becomes U+FFFD. */
static bool read_escape(reader *in, luaL_Buffer *out) {
  if (in->at == in->end) return fail(in, "the text ends within a string");
  unsigned char c = *in->at++;
  switch (c) {
  case '"': case '\\': case '/': luaL_addchar(out, (char)c); return true;
  case 'b': luaL_addchar(out, '\b'); return true;
  case 'f': luaL_addchar(out, '\f'); return true;
  case 'n': luaL_addchar(out, '\n'); return true;
  case 'r': luaL_addchar(out, '\r'); return true;
  case 't': luaL_addchar(out, '\t'); return true;
  case 'u': break;
  default: return fail(in, "unknown escape in a string");
  }
  uint32_t unit, low;
  if (!read_hex(in, &unit)) return false;
  if (unit >= 0xD800 && unit < 0xDC00) {
    if (in->end - in->at >= 6 && in->at[0] == '\\' && in->at[1] == 'u') {
      const unsigned char *before = in->at;
      in->at += 2;
      if (!read_hex(in, &low)) return false;
      if (low >= 0xDC00 && low < 0xE000) {
        add_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
        return true;
      }
      in->at = before;
    }
    unit = 0xFFFD;
  } else if (unit >= 0xDC00 && unit < 0xE000) {
    unit = 0xFFFD;
  }
  add_utf8(out, unit);
  return true;
}

/* Behind the quote; pushes the string. On failure something may be left on the stack. */
static bool read_string(reader *in) {
  const unsigned char *run = in->at;
  while (in->at < in->end && *in->at != '"' && *in->at != '\\' && *in->at >= 0x20) in->at++;
  charge(in->L, 2 + (uint64_t)(in->at - run) / 16);
  if (in->at < in->end && *in->at == '"') {
    lua_pushlstring(in->L, (const char *)run, (size_t)(in->at++ - run));
    return true;
  }
  luaL_Buffer out;
  luaL_buffinit(in->L, &out);
  luaL_addlstring(&out, (const char *)run, (size_t)(in->at - run));
  while (in->at < in->end) {
    unsigned char c = *in->at++;
    if (c == '"') {
      luaL_pushresult(&out);
      charge(in->L, (uint64_t)(in->at - run) / 4);
      return true;
    }
    if (c < 0x20) return fail(in, "a control character within a string");
    if (c == '\\') {
      if (!read_escape(in, &out)) return false;
    } else {
      luaL_addchar(&out, (char)c);
    }
  }
  return fail(in, "the text ends within a string");
}

static bool is_digit(const reader *in) { return in->at < in->end && *in->at >= '0' && *in->at <= '9'; }

static bool read_number(reader *in) {
  const unsigned char *start = in->at;
  if (*in->at == '-') in->at++;
  if (!is_digit(in)) return fail(in, "a value is missing");
  if (*in->at == '0') {
    in->at++;
  } else {
    while (is_digit(in)) in->at++;
  }
  if (in->at < in->end && *in->at == '.') {
    in->at++;
    if (!is_digit(in)) return fail(in, "digits are missing in a number");
    while (is_digit(in)) in->at++;
  }
  if (in->at < in->end && (*in->at | 32) == 'e') {
    in->at++;
    if (in->at < in->end && (*in->at == '+' || *in->at == '-')) in->at++;
    if (!is_digit(in)) return fail(in, "digits are missing in a number");
    while (is_digit(in)) in->at++;
  }
  char text[64];
  size_t length = (size_t)(in->at - start);
  charge(in->L, 2 + (uint64_t)length);
  if (length >= sizeof text) return fail(in, "a number has more than 63 characters");
  memcpy(text, start, length);
  text[length] = 0;
  /* What does not fit into an integer becomes a float by itself. */
  if (lua_stringtonumber(in->L, text) == 0) return fail(in, "a number is malformed");
  if (!isfinite(lua_tonumber(in->L, -1))) return fail(in, "a number is out of range");
  return true;
}

static bool read_list(reader *in, int depth) {
  lua_newtable(in->L);
  skip_space(in);
  if (in->at < in->end && *in->at == ']') {
    in->at++;
    push_array_metatable(in->L);
    lua_setmetatable(in->L, -2);
    return true;
  }
  for (lua_Integer index = 1;; index++) {
    if (!read_value(in, depth)) return false;
    lua_rawseti(in->L, -2, index);
    skip_space(in);
    if (in->at == in->end) return fail(in, "the text ends within a list");
    unsigned char c = *in->at++;
    if (c == ']') return true;
    if (c != ',') return fail(in, "`,` or `]` is missing in a list");
  }
}

static bool read_object(reader *in, int depth) {
  lua_newtable(in->L);
  skip_space(in);
  if (in->at < in->end && *in->at == '}') {
    in->at++;
    return true;
  }
  for (;;) {
    skip_space(in);
    if (in->at == in->end || *in->at != '"') return fail(in, "a key is missing in an object");
    in->at++;
    if (!read_string(in)) return false;
    skip_space(in);
    if (in->at == in->end || *in->at++ != ':') return fail(in, "`:` is missing behind a key");
    if (!read_value(in, depth)) return false;
    lua_rawset(in->L, -3);
    skip_space(in);
    if (in->at == in->end) return fail(in, "the text ends within an object");
    unsigned char c = *in->at++;
    if (c == '}') return true;
    if (c != ',') return fail(in, "`,` or `}` is missing in an object");
  }
}

static bool read_word(reader *in, const char *word) {
  size_t length = strlen(word);
  if ((size_t)(in->end - in->at) < length || memcmp(in->at, word, length) != 0) return fail(in, "a value is missing");
  in->at += length;
  return true;
}

static bool read_value(reader *in, int depth) {
  skip_space(in);
  if (in->at == in->end) return fail(in, "a value is missing");
  charge(in->L, 4);
  luaL_checkstack(in->L, 8, "JSON");
  switch (*in->at) {
  case '{':
  case '[':
    if (depth == JSON_DEPTH) return fail(in, "nested deeper than 64");
    return *in->at++ == '{' ? read_object(in, depth + 1) : read_list(in, depth + 1);
  case '"':
    in->at++;
    return read_string(in);
  case 't':
    lua_pushboolean(in->L, 1);
    return read_word(in, "true");
  case 'f':
    lua_pushboolean(in->L, 0);
    return read_word(in, "false");
  case 'n':
    if (in->keeps_null) {
      lua_pushlightuserdata(in->L, (void *)&json_null);
    } else {
      lua_pushnil(in->L);
    }
    return read_word(in, "null");
  default:
    return read_number(in);
  }
}

bool json_decode(lua_State *L, postern_lua_text text, bool keeps_null, char *error, size_t error_size) {
  const unsigned char *start = (const unsigned char *)(text.length == 0 ? "" : text.start);
  reader in = {.L = L, .start = start, .at = start, .end = start + text.length, .keeps_null = keeps_null};
  int top = lua_gettop(L);
  charge(L, 10);
  bool is_read = read_value(&in, 0);
  if (is_read) {
    skip_space(&in);
    if (in.at != in.end) is_read = fail(&in, "something follows the value");
  }
  if (is_read) return true;
  lua_settop(L, top);
  snprintf(error, error_size, "at byte %lld: %s", (long long)(in.at - in.start) + 1, in.problem);
  return false;
}
