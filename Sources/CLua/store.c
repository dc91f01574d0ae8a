/* postern.store: values that all workers share. */
#include "library.h"
#include <math.h>

/* A lifetime in seconds at `index`; 0 and nil keep the value. */
static uint64_t lifetime_at(lua_State *L, int index) {
  lua_Number seconds = luaL_optnumber(L, index, 0);
  luaL_argcheck(L, seconds >= 0 && seconds <= 1e9, index, "must be 0...1e9 seconds");
  return (uint64_t)ceil(seconds * 1e9);
}

static bool ask(lua_State *L, const char *method, postern_lua_store_request *request, postern_lua_value *value) {
  postern_lua_vm *vm = vm_of(L);
  if (vm->current == NULL || vm->current->stream == NULL) {
    luaL_error(L, "store.%s: not at the top level of a script", method);
  }
  charge(L, 100 + (request->key.length + request->value.length) / 16);
  return vm->host->store(vm->current->stream, request, value);
}

static int store_get(lua_State *L) {
  postern_lua_store_request request = {.operation = POSTERN_LUA_STORE_GET, .key = text_argument(L, 1)};
  postern_lua_value value;
  if (!ask(L, "get", &request, &value)) return give_nil(L);
  charge(L, value.text.length / 32);
  lua_pushlstring(L, value.text.start, value.text.length);
  return 1;
}

static int put(lua_State *L, const char *method, postern_lua_store_request *request, bool may_fail) {
  postern_lua_value value;
  bool is_done = ask(L, method, request, &value);
  if (!is_done && !may_fail) {
    return luaL_error(L, "store.%s: a key has at most 1024 bytes, a value 512 KiB", method);
  }
  lua_pushboolean(L, is_done);
  return 1;
}

static int store_set(lua_State *L) {
  postern_lua_store_request request = {
      .operation = POSTERN_LUA_STORE_SET, .key = text_argument(L, 1), .value = text_argument(L, 2)};
  request.lifetime_ns = lifetime_at(L, 3);
  return put(L, "set", &request, false);
}

/* Only where there is no value yet. */
static int store_add(lua_State *L) {
  postern_lua_store_request request = {
      .operation = POSTERN_LUA_STORE_SWAP, .key = text_argument(L, 1), .value = text_argument(L, 2)};
  request.lifetime_ns = lifetime_at(L, 3);
  return put(L, "add", &request, true);
}

/* swap(key, expected, value, seconds): nil stands for no value. */
static int store_swap(lua_State *L) {
  postern_lua_store_request request = {.operation = POSTERN_LUA_STORE_SWAP, .key = text_argument(L, 1)};
  if (!lua_isnil(L, 2)) request.expected = text_argument(L, 2);
  request.value = text_argument(L, 3);
  request.lifetime_ns = lifetime_at(L, 4);
  return put(L, "swap", &request, true);
}

/* The sum; nil and a message when the value is no number. */
static int store_increment(lua_State *L) {
  postern_lua_store_request request = {.operation = POSTERN_LUA_STORE_INCREMENT, .key = text_argument(L, 1)};
  request.amount = luaL_optinteger(L, 2, 1);
  request.lifetime_ns = lifetime_at(L, 3);
  postern_lua_value value;
  if (!ask(L, "incr", &request, &value)) {
    lua_pushnil(L);
    lua_pushliteral(L, "the value is no number, or the sum would be too large");
    return 2;
  }
  lua_pushinteger(L, value.integer);
  return 1;
}

static int store_remove(lua_State *L) {
  postern_lua_store_request request = {.operation = POSTERN_LUA_STORE_REMOVE, .key = text_argument(L, 1)};
  return put(L, "remove", &request, true);
}

const luaL_Reg store_functions[] = {
    {"get", store_get},   {"set", store_set},         {"add", store_add},
    {"swap", store_swap}, {"incr", store_increment}, {"remove", store_remove}, {NULL, NULL}};
