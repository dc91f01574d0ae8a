/* base64, digests and time for scripts: parts of `postern`. */
#include "internal.h"
#include "library.h"
#include <time.h>

void push_base64(lua_State *L, const uint8_t *in, size_t length, bool is_for_urls) {
  static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  static const char for_urls[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const char *digits = is_for_urls ? for_urls : standard;
  luaL_Buffer out;
  char *to = luaL_buffinitsize(L, &out, (length + 2) / 3 * 4 + 1);
  char *start = to;
  for (size_t i = 0; i < length; i += 3) {
    uint32_t word = (uint32_t)in[i] << 16;
    if (i + 1 < length) word |= (uint32_t)in[i + 1] << 8;
    if (i + 2 < length) word |= in[i + 2];
    *to++ = digits[word >> 18];
    *to++ = digits[word >> 12 & 63];
    if (i + 1 < length || !is_for_urls) *to++ = i + 1 < length ? digits[word >> 6 & 63] : '=';
    if (i + 2 < length || !is_for_urls) *to++ = i + 2 < length ? digits[word & 63] : '=';
  }
  luaL_pushresultsize(&out, (size_t)(to - start));
}

static int base64_encode(lua_State *L) {
  postern_lua_text text = text_argument(L, 1);
  charge(L, text.length / 8);
  push_base64(L, (const uint8_t *)text.start, text.length, false);
  return 1;
}

static int base64_encode_url(lua_State *L) {
  postern_lua_text text = text_argument(L, 1);
  charge(L, text.length / 8);
  push_base64(L, (const uint8_t *)text.start, text.length, true);
  return 1;
}

static int digit_of(unsigned char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

/* Both alphabets, with or without padding; nil for anything else. */
static int base64_decode(lua_State *L) {
  postern_lua_text text = text_argument(L, 1);
  charge(L, text.length / 8);
  size_t length = text.length;
  if (length % 4 == 0) {
    for (int i = 0; i < 2 && length > 0 && text.start[length - 1] == '='; i++) length--;
  }
  if (length % 4 == 1) return give_nil(L);
  luaL_Buffer out;
  char *to = luaL_buffinitsize(L, &out, length / 4 * 3 + 3), *start = to;
  uint32_t word = 0;
  for (size_t i = 0; i < length; i++) {
    int digit = digit_of((unsigned char)text.start[i]);
    if (digit < 0) return give_nil(L);
    word = word << 6 | (uint32_t)digit;
    if (i % 4 == 3) {
      *to++ = (char)(word >> 16);
      *to++ = (char)(word >> 8);
      *to++ = (char)word;
      word = 0;
    }
  }
  if (length % 4 == 2) {
    if (word & 15) return give_nil(L);
    *to++ = (char)(word >> 4);
  } else if (length % 4 == 3) {
    if (word & 3) return give_nil(L);
    *to++ = (char)(word >> 10);
    *to++ = (char)(word >> 2);
  }
  luaL_pushresultsize(&out, (size_t)(to - start));
  return 1;
}

void push_encoded(lua_State *L, int index, const uint8_t *bytes, size_t length) {
  static const char *const names[] = {"hex", "base64", "base64url", "raw", NULL};
  static const char digits[] = "0123456789abcdef";
  switch (luaL_checkoption(L, index, "hex", names)) {
  case 1: push_base64(L, bytes, length, false); return;
  case 2: push_base64(L, bytes, length, true); return;
  case 3: lua_pushlstring(L, (const char *)bytes, length); return;
  default: break;
  }
  char text[128];
  for (size_t i = 0; i < length && i < sizeof text / 2; i++) {
    text[i * 2] = digits[bytes[i] >> 4];
    text[i * 2 + 1] = digits[bytes[i] & 15];
  }
  lua_pushlstring(L, text, length * 2);
}

static int digest(lua_State *L, const char *algorithm) {
  postern_lua_text text = text_argument(L, 1);
  charge(L, 150 + text.length / 4);
  uint8_t bytes[64];
  size_t length = vm_of(L)->host->digest(text_of(algorithm, strlen(algorithm)), NULL, text, bytes);
  push_encoded(L, 2, bytes, length);
  return 1;
}

static int digest_sha256(lua_State *L) { return digest(L, "sha256"); }
static int digest_sha512(lua_State *L) { return digest(L, "sha512"); }
static int digest_sha1(lua_State *L) { return digest(L, "sha1"); }
static int digest_md5(lua_State *L) { return digest(L, "md5"); }

/* hmac(algorithm, key, text, encoding) */
static int library_hmac(lua_State *L) {
  postern_lua_text algorithm = text_argument(L, 1), key = text_argument(L, 2), text = text_argument(L, 3);
  charge(L, 400 + (key.length + text.length) / 4);
  uint8_t bytes[64];
  size_t length = vm_of(L)->host->digest(algorithm, &key, text, bytes);
  if (length == 0) {
    return luaL_error(L, "hmac: the algorithm must be sha256, sha384, sha512, sha1 or md5, got '%s'", algorithm.start);
  }
  push_encoded(L, 4, bytes, length);
  return 1;
}

/* In a time that tells nothing of where two texts differ. */
static int library_equals(lua_State *L) {
  postern_lua_text a = text_argument(L, 1), b = text_argument(L, 2);
  charge(L, (a.length + b.length) / 16);
  if (a.length != b.length) {
    lua_pushboolean(L, 0);
    return 1;
  }
  volatile unsigned char difference = 0;
  for (size_t i = 0; i < a.length; i++) difference |= (unsigned char)(a.start[i] ^ b.start[i]);
  lua_pushboolean(L, difference == 0);
  return 1;
}

/* The host's time, which a test moves; at the top level the machine's. */
static uint64_t wall_ns(lua_State *L) {
  postern_lua_vm *vm = vm_of(L);
  if (vm->current != NULL && vm->current->stream != NULL) return vm->host->wall_time_ns(vm->current->stream);
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int time_now(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)(wall_ns(L) / 1000000000u));
  return 1;
}

static int time_now_ms(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)(wall_ns(L) / 1000000u));
  return 1;
}

static int push_time(lua_State *L, const char *format) {
  lua_Integer seconds = lua_isnoneornil(L, 1) ? (lua_Integer)(wall_ns(L) / 1000000000u) : luaL_checkinteger(L, 1);
  luaL_argcheck(L, seconds >= 0 && seconds < 253402300800, 1, "must be seconds since 1970, before the year 10000");
  charge(L, 100);
  time_t when = (time_t)seconds;
  struct tm parts;
  char text[64];
  gmtime_r(&when, &parts);
  lua_pushlstring(L, text, strftime(text, sizeof text, format, &parts));
  return 1;
}

static int time_http(lua_State *L) { return push_time(L, "%a, %d %b %Y %H:%M:%S GMT"); }
static int time_iso(lua_State *L) { return push_time(L, "%Y-%m-%dT%H:%M:%SZ"); }

/* Seconds of an HTTP date or an ISO 8601 time in UTC; nil for anything else. */
static int time_parse(lua_State *L) {
  const char *text = luaL_checkstring(L, 1);
  static const char *const formats[] = {"%a, %d %b %Y %H:%M:%S GMT", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"};
  charge(L, 200);
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
    struct tm parts = {0};
    const char *end = strptime(text, formats[i], &parts);
    if (end == NULL || *end != 0) continue;
    lua_pushinteger(L, (lua_Integer)timegm(&parts));
    return 1;
  }
  return give_nil(L);
}

const luaL_Reg base64_functions[] = {
    {"encode", base64_encode}, {"encode_url", base64_encode_url}, {"decode", base64_decode}, {NULL, NULL}};
const luaL_Reg time_functions[] = {
    {"now", time_now}, {"now_ms", time_now_ms}, {"http", time_http}, {"iso", time_iso}, {"parse", time_parse},
    {NULL, NULL}};
const luaL_Reg digest_functions[] = {
    {"sha256", digest_sha256}, {"sha512", digest_sha512}, {"sha1", digest_sha1}, {"md5", digest_md5},
    {"hmac", library_hmac}, {"equals", library_equals}, {NULL, NULL}};
