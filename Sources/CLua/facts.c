/* Buffer objects, stream info and attributes. */
#include "internal.h"

static int body_length(lua_State *L) {
  postern_lua_call *call = check_object(L, KINDS(KIND_BODY), "length", NULL);
  lua_pushinteger(L, (lua_Integer)call->body.length);
  return 1;
}

/* From 0, as in Envoy. */
static int body_get_bytes(lua_State *L) {
  postern_lua_call *call = check_object(L, KINDS(KIND_BODY), "getBytes", NULL);
  lua_Integer size = (lua_Integer)call->body.length;
  lua_Integer index = luaL_checkinteger(L, 2);
  lua_Integer length = luaL_checkinteger(L, 3);
  if (index < 0 || length < 0 || index > size || length > size - index) {
    return luaL_error(L, "getBytes: index + length must be at most %I, got %I + %I", (LUAI_UACINT)size,
                      (LUAI_UACINT)index, (LUAI_UACINT)length);
  }
  charge(L, (uint64_t)length / 32);
  lua_pushlstring(L, size == 0 ? "" : call->body.start + index, (size_t)length);
  return 1;
}

/* The text is kept, so that the script reads back what it set. */
static int body_set_bytes(lua_State *L) {
  postern_lua_call *call = check_object(L, KINDS(KIND_BODY), "setBytes", NULL);
  postern_lua_text text = text_argument(L, 2);
  charge(L, text.length / 32);
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm_of(L)->anchors);
  lua_pushvalue(L, 2);
  lua_rawseti(L, -2, -((lua_Integer)call->place + 1));
  call->holds_body = true;
  call->body = text;
  vm_of(L)->host->replace_body(call->stream, call->body);
  lua_pushinteger(L, (lua_Integer)text.length);
  return 1;
}

const luaL_Reg body_methods[] = {
    {"length", body_length},
    {"getBytes", body_get_bytes},
    {"setBytes", body_set_bytes},
    {NULL, NULL},
};

bool push_attribute(lua_State *L, postern_lua_call *call, const char *name, size_t length) {
  postern_lua_value value;
  vm_of(L)->host->attribute(call->stream, text_of(name, length), &value);
  switch (value.kind) {
  case POSTERN_LUA_TEXT:
    lua_pushlstring(L, value.text.start, value.text.length);
    return true;
  case POSTERN_LUA_INTEGER:
    lua_pushinteger(L, value.integer);
    return true;
  case POSTERN_LUA_UNKNOWN:
    lua_pushlstring(L, value.text.start, value.text.length);
    luaL_error(L, "attribute: %s", lua_tostring(L, -1));
    return false;
  default:
    lua_pushnil(L);
    return false;
  }
}

static int info_text(lua_State *L, const char *method, const char *attribute) {
  postern_lua_call *call = check_object(L, KINDS(KIND_INFO), method, NULL);
  if (!push_attribute(L, call, attribute, strlen(attribute))) lua_pushliteral(L, "");
  return 1;
}

static int info_protocol(lua_State *L) { return info_text(L, "protocol", "request.protocol"); }
static int info_route_name(lua_State *L) { return info_text(L, "routeName", "route.name"); }

static int info_local_address(lua_State *L) {
  return info_text(L, "downstreamLocalAddress", "connection.local_address");
}

static int info_direct_local_address(lua_State *L) {
  return info_text(L, "downstreamDirectLocalAddress", "connection.local_address");
}

static int info_direct_remote_address(lua_State *L) {
  return info_text(L, "downstreamDirectRemoteAddress", "connection.remote_address");
}

/* Address and port, the way Envoy writes them. */
static int info_remote_address(lua_State *L) {
  postern_lua_call *call = check_object(L, KINDS(KIND_INFO), "downstreamRemoteAddress", NULL);
  if (!push_attribute(L, call, "source.address", strlen("source.address"))) {
    lua_pushliteral(L, "");
    return 1;
  }
  bool is_ipv6 = strchr(lua_tostring(L, -1), ':') != NULL;
  if (push_attribute(L, call, "source.port", strlen("source.port"))) {
    lua_pushfstring(L, is_ipv6 ? "[%s]:%s" : "%s:%s", lua_tostring(L, -2), lua_tostring(L, -1));
  } else {
    lua_pop(L, 1);
  }
  return 1;
}

static int info_requested_server_name(lua_State *L) {
  return info_text(L, "requestedServerName", "connection.requested_server_name");
}

/* Postern's own: any attribute by its name. */
static int info_attribute(lua_State *L) {
  postern_lua_call *call = check_object(L, KINDS(KIND_INFO), "attribute", NULL);
  size_t length;
  const char *name = luaL_checklstring(L, 2, &length);
  charge(L, 50 + length);
  push_attribute(L, call, name, length);
  return 1;
}

/* Postern has no virtual clusters; Envoy answers so where none matched. */
static int info_virtual_cluster(lua_State *L) {
  check_object(L, KINDS(KIND_INFO), "virtualClusterName", NULL);
  lua_pushliteral(L, "");
  return 1;
}

static int info_ssl(lua_State *L) {
  return push_ssl(L, check_object(L, KINDS(KIND_INFO), "downstreamSslConnection", NULL));
}

/* Nothing here is stored as protocol buffers. */
static int info_typed_metadata(lua_State *L) {
  check_object(L, KINDS(KIND_INFO) | KINDS(KIND_CONNECTION_INFO), "dynamicTypedMetadata", NULL);
  luaL_checkstring(L, 2);
  lua_pushnil(L);
  return 1;
}

static int info_dynamic_metadata(lua_State *L) {
  kind of;
  postern_lua_call *call =
      check_object(L, KINDS(KIND_INFO) | KINDS(KIND_CONNECTION_INFO), "dynamicMetadata", &of);
  push_object(L, call, of == KIND_INFO ? KIND_DYNAMIC : KIND_CONNECTION_DYNAMIC);
  return 1;
}

static int info_filter_state(lua_State *L) {
  push_object(L, check_object(L, KINDS(KIND_INFO), "filterState", NULL), KIND_FILTER_STATE);
  return 1;
}

static int info_drain(lua_State *L) {
  postern_lua_call *call = check_object(L, KINDS(KIND_INFO), "drainConnectionUponCompletion", NULL);
  vm_of(L)->host->close_afterwards(call->stream);
  return 0;
}

const luaL_Reg info_methods[] = {
    {"protocol", info_protocol},
    {"routeName", info_route_name},
    {"downstreamLocalAddress", info_local_address},
    {"downstreamDirectLocalAddress", info_direct_local_address},
    {"downstreamRemoteAddress", info_remote_address},
    {"downstreamDirectRemoteAddress", info_direct_remote_address},
    {"requestedServerName", info_requested_server_name},
    {"virtualClusterName", info_virtual_cluster},
    {"downstreamSslConnection", info_ssl},
    {"dynamicMetadata", info_dynamic_metadata},
    {"dynamicTypedMetadata", info_typed_metadata},
    {"filterState", info_filter_state},
    {"drainConnectionUponCompletion", info_drain},
    {"attribute", info_attribute},
    {NULL, NULL},
};
