/* Public keys and signatures, as Envoy's handle has them. */
#include "internal.h"

/* What a signature's check costs, about 60 microseconds. */
#define VERIFY_COST 15000

/* The first `count` bytes of the text in argument `index`, `count` in the one behind it. */
static postern_lua_text part_argument(lua_State *L, int index) {
  postern_lua_text text = text_argument(L, index);
  lua_Integer count = luaL_checkinteger(L, index + 1);
  luaL_argcheck(L, count >= 0 && (uint64_t)count <= text.length, index + 1, "must be 0...the text's length");
  return text_of(text.start, (size_t)count);
}

static int key_get(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_rawgeti(L, 1, 1);
  return 1;
}

/* An object whose `get` gives the key, or nil when it is none. */
static int handle_import_key(lua_State *L) {
  check_object(L, KINDS(KIND_HANDLE), "importPublicKey", NULL);
  postern_lua_text der = part_argument(L, 2);
  charge(L, 2000 + der.length);
  lua_createtable(L, 1, 1);
  lua_pushcfunction(L, key_get);
  lua_setfield(L, -2, "get");
  if (vm_of(L)->host->is_public_key(der)) {
    lua_pushlstring(L, der.start, der.length);
    lua_rawseti(L, -2, 1);
  }
  return 1;
}

static int handle_verify(lua_State *L) {
  check_object(L, KINDS(KIND_HANDLE), "verifySignature", NULL);
  postern_lua_text algorithm = text_argument(L, 2);
  if (lua_istable(L, 3)) {
    lua_rawgeti(L, 3, 1);
    lua_replace(L, 3);
  }
  postern_lua_text key = text_argument(L, 3);
  postern_lua_text signature = part_argument(L, 4), data = part_argument(L, 6);
  charge(L, VERIFY_COST + data.length / 8);
  switch (vm_of(L)->host->verify(algorithm, key, signature, data)) {
  case POSTERN_LUA_VERIFIED:
    lua_pushboolean(L, 1);
    lua_pushnil(L);
    return 2;
  case POSTERN_LUA_UNKNOWN_ALGORITHM:
    lua_pushboolean(L, 0);
    lua_pushfstring(L, "%s is not supported.", algorithm.start);
    return 2;
  case POSTERN_LUA_BAD_KEY:
    return luaL_error(L, "verifySignature: the key is no public key in DER");
  default:
    lua_pushboolean(L, 0);
    lua_pushliteral(L, "the signature does not fit");
    return 2;
  }
}

const luaL_Reg crypto_methods[] = {
    {"importPublicKey", handle_import_key},
    {"verifySignature", handle_verify},
    {NULL, NULL},
};
