/* The handle and what hangs from it.
 *
 * All are light userdata: nothing is allocated, and a kept one is told by its generation instead of coming alive with the
 * next request. From the top: 4 bits kind, 4 bits number of the piece of body, 16 bits place of the call, 40 bits
 * generation. Light userdata share one metatable, so all methods stand in one table and check the kind.
 */
#include "internal.h"

const char config_key = 0;

void push_object(lua_State *L, const postern_lua_call *call, kind kind) {
  uint64_t chunk = kind == KIND_BODY ? call->chunk : 0;
  uint64_t bits = (uint64_t)kind << 60 | chunk << 56 | (uint64_t)call->place << 40 | call->generation;
  lua_pushlightuserdata(L, (void *)(uintptr_t)bits);
}

static const char *kind_name(unsigned kind) {
  static const char *const names[] = {
      "value", "handle", "headers object", "trailers object", "buffer", "stream info", "connection", "headers object",
      "metadata object", "metadata object", "dynamic metadata object", "connection stream info",
      "dynamic metadata object", "route object", "virtual host object", "filter state object"};
  return kind < sizeof names / sizeof *names ? names[kind] : "value";
}

postern_lua_call *check_object(lua_State *L, unsigned kinds, const char *method, kind *found) {
  postern_lua_vm *vm = vm_of(L);
  if (!lua_islightuserdata(L, 1)) {
    luaL_error(L, "%s: call it with ':' on its object, got a %s", method, luaL_typename(L, 1));
  }
  uint64_t bits = (uint64_t)(uintptr_t)lua_touserdata(L, 1);
  unsigned of = (unsigned)(bits >> 60);
  uint32_t place = (uint32_t)(bits >> 40) & 0xFFFF;
  if ((KINDS(of) & kinds) == 0) luaL_error(L, "%s is no method of a %s", method, kind_name(of));
  postern_lua_call *call = place < vm->call_count ? vm->calls[place] : NULL;
  if (call == NULL || call->stream == NULL || call->generation != (bits & ((UINT64_C(1) << 40) - 1))) {
    luaL_error(L, "%s: this %s belongs to a call that is over", method, kind_name(of));
  }
  if (call != vm->current) {
    luaL_error(L, "%s: this %s belongs to another request", method, kind_name(of));
  }
  if (of == KIND_BODY && (!call->has_body || ((bits >> 56) & 15) != call->chunk)) {
    luaL_error(L, "%s: these bytes of the body have been sent on", method);
  }
  if (found != NULL) *found = (kind)of;
  return call;
}

static postern_lua_call *check_handle(lua_State *L, const char *method) {
  return check_object(L, KINDS(KIND_HANDLE), method, NULL);
}

int wait_for(lua_State *L, postern_lua_call *call, postern_lua_outcome what, lua_KFunction then, lua_KContext context) {
  if (L != call->L || vm_of(L)->closing == L) {
    return luaL_error(L, "a call that waits is possible in the hook itself only, not in a coroutine of the script");
  }
  call->wait = what;
  return lua_yieldk(L, 0, context, then);
}

static int body_arrived(lua_State *L, int status, lua_KContext wrap) {
  (void)status;
  postern_lua_call *call = check_handle(L, "body");
  if (call->body.length == 0 && !wrap) {
    lua_pushnil(L);
  } else {
    push_object(L, call, KIND_BODY);
  }
  return 1;
}

static int handle_body(lua_State *L) {
  postern_lua_call *call = check_handle(L, "body");
  bool wrap = lua_toboolean(L, 2);
  switch (call->stage) {
  case STAGE_HEAD:
    if (call->end_of_stream && !wrap) {
      lua_pushnil(L);
      return 1;
    }
    if ((vm_of(L)->options & POSTERN_LUA_MAY_WAIT_FOR_BODY) == 0) return luaL_error(L, "body: the script must spell the method's name out");
    lua_settop(L, 1);
    return wait_for(L, call, POSTERN_LUA_WAITS_FOR_BODY, body_arrived, wrap);
  case STAGE_WHOLE_BODY:
    if (call->has_body) return body_arrived(L, LUA_OK, wrap);
    break;
  case STAGE_COMPLETE:
    return luaL_error(L, "body: not in on_complete");
  default:
    break;
  }
  return luaL_error(L, "body: the body has been sent on; call body() before bodyChunks() and trailers()");
}

static int chunk_wanted(lua_State *L, postern_lua_call *call);

static int chunk_arrived(lua_State *L, int status, lua_KContext none) {
  (void)status;
  (void)none;
  postern_lua_call *call = check_handle(L, "bodyChunks");
  if (call->has_body && call->body.length > 0) {
    push_object(L, call, KIND_BODY);
    return 1;
  }
  return chunk_wanted(L, call);
}

static int chunk_wanted(lua_State *L, postern_lua_call *call) {
  if (call->end_of_stream || call->has_trailers || call->stage == STAGE_TRAILERS) {
    lua_pushnil(L);
    return 1;
  }
  lua_settop(L, 1);
  return wait_for(L, call, POSTERN_LUA_WAITS_FOR_CHUNK, chunk_arrived, false);
}

static int chunk_next(lua_State *L) { return chunk_wanted(L, check_handle(L, "bodyChunks")); }

static int handle_body_chunks(lua_State *L) {
  postern_lua_call *call = check_handle(L, "bodyChunks");
  if (call->stage == STAGE_COMPLETE) return luaL_error(L, "bodyChunks: not in on_complete");
  if (call->stage == STAGE_WHOLE_BODY) return luaL_error(L, "bodyChunks: body() has already taken the body");
  if ((vm_of(L)->options & POSTERN_LUA_MAY_WAIT_FOR_BODY) == 0) return luaL_error(L, "bodyChunks: the script must spell the method's name out");
  lua_pushcfunction(L, chunk_next);
  lua_pushvalue(L, 1);
  return 2;
}

static int trailers_arrived(lua_State *L, int status, lua_KContext none) {
  (void)status;
  (void)none;
  postern_lua_call *call = check_handle(L, "trailers");
  if (call->has_trailers) {
    push_object(L, call, KIND_TRAILERS);
  } else {
    lua_pushnil(L);
  }
  return 1;
}

static int handle_trailers(lua_State *L) {
  postern_lua_call *call = check_handle(L, "trailers");
  if (call->stage == STAGE_COMPLETE || call->has_trailers || call->end_of_stream) {
    return trailers_arrived(L, LUA_OK, 0);
  }
  if ((vm_of(L)->options & POSTERN_LUA_MAY_WAIT_FOR_TRAILERS) == 0) return luaL_error(L, "trailers: the script must spell the method's name out");
  lua_settop(L, 1);
  return wait_for(L, call, POSTERN_LUA_WAITS_FOR_TRAILERS, trailers_arrived, false);
}

static int handle_headers(lua_State *L) {
  push_object(L, check_handle(L, "headers"), KIND_HEADERS);
  return 1;
}

static int handle_response_headers(lua_State *L) {
  postern_lua_call *call = check_handle(L, "responseHeaders");
  if (call->entry == POSTERN_LUA_ON_REQUEST) return luaL_error(L, "responseHeaders: there is no response yet");
  push_object(L, call, KIND_RESPONSE_HEADERS);
  return 1;
}

static int handle_stream_info(lua_State *L) {
  push_object(L, check_handle(L, "streamInfo"), KIND_INFO);
  return 1;
}

static int handle_connection(lua_State *L) {
  push_object(L, check_handle(L, "connection"), KIND_CONNECTION);
  return 1;
}

static int connection_ssl(lua_State *L) {
  return push_ssl(L, check_object(L, KINDS(KIND_CONNECTION), "ssl", NULL));
}

static int handle_clear_route(lua_State *L) {
  postern_lua_call *call = check_handle(L, "clearRouteCache");
  if (call->entry != POSTERN_LUA_ON_REQUEST || call->stage > STAGE_WHOLE_BODY) {
    return luaL_error(L, "clearRouteCache: the request has been sent on");
  }
  vm_of(L)->host->clear_route(call->stream);
  return 0;
}

static int log_line(lua_State *L, const char *method, int32_t level) {
  check_handle(L, method);
  postern_lua_text text = text_argument(L, 2);
  charge(L, 100 + text.length / 4);
  vm_of(L)->host->log(vm_of(L)->context, level, text);
  return 0;
}

static int handle_log_trace(lua_State *L) { return log_line(L, "logTrace", 0); }
static int handle_log_debug(lua_State *L) { return log_line(L, "logDebug", 1); }
static int handle_log_info(lua_State *L) { return log_line(L, "logInfo", 2); }
static int handle_log_warn(lua_State *L) { return log_line(L, "logWarn", 3); }
static int handle_log_err(lua_State *L) { return log_line(L, "logErr", 4); }
static int handle_log_critical(lua_State *L) { return log_line(L, "logCritical", 5); }

static int handle_timestamp(lua_State *L) {
  postern_lua_call *call = check_handle(L, "timestamp");
  uint64_t now = vm_of(L)->host->wall_time_ns(call->stream);
  lua_Integer unit = luaL_optinteger(L, 2, 1000000);
  luaL_argcheck(L, unit == 1000000 || unit == 1000, 2, "must be one of EnvoyTimestampResolution");
  lua_pushinteger(L, (lua_Integer)(now / (uint64_t)unit));
  return 1;
}

static int handle_timestamp_string(lua_State *L) {
  handle_timestamp(L);
  lua_tolstring(L, -1, NULL);
  return 1;
}

static int handle_base64(lua_State *L) {
  check_handle(L, "base64Escape");
  postern_lua_text text = text_argument(L, 2);
  charge(L, text.length / 8);
  push_base64(L, (const uint8_t *)text.start, text.length, false);
  return 1;
}

static int handle_metadata(lua_State *L) {
  kind of;
  postern_lua_call *call =
      check_object(L, KINDS(KIND_HANDLE) | KINDS(KIND_ROUTE) | KINDS(KIND_VIRTUAL_HOST), "metadata", &of);
  push_object(L, call, of == KIND_VIRTUAL_HOST ? KIND_HOST_METADATA : KIND_METADATA);
  return 1;
}

static int handle_route(lua_State *L) {
  push_object(L, check_handle(L, "route"), KIND_ROUTE);
  return 1;
}

static int handle_virtual_host(lua_State *L) {
  push_object(L, check_handle(L, "virtualHost"), KIND_VIRTUAL_HOST);
  return 1;
}

static int handle_connection_info(lua_State *L) {
  push_object(L, check_handle(L, "connectionStreamInfo"), KIND_CONNECTION_INFO);
  return 1;
}

/* A table of the script's own: the configuration of this place of the chain. */
static int handle_filter_context(lua_State *L) {
  check_handle(L, "filterContext");
  lua_rawgetp(L, LUA_REGISTRYINDEX, &config_key);
  return 1;
}

/* Envoy's form: an IP address, with or without a port. */
static int handle_override_host(lua_State *L) {
  postern_lua_call *call = check_handle(L, "setUpstreamOverrideHost");
  postern_lua_text host = text_argument(L, 2);
  if (!lua_isnoneornil(L, 3)) luaL_checktype(L, 3, LUA_TBOOLEAN);
  if (call->entry != POSTERN_LUA_ON_REQUEST) {
    return luaL_error(L, "setUpstreamOverrideHost: possible in on_request only");
  }
  if (!vm_of(L)->host->override_endpoint(call->stream, host, lua_toboolean(L, 3))) {
    return luaL_error(L, "setUpstreamOverrideHost: the host must be an IP address with a port, got '%s'", host.start);
  }
  return 0;
}

static postern_lua_text text_at(lua_State *L, int index) {
  size_t length;
  const char *text = lua_tolstring(L, index, &length);
  return text_of(text, length);
}

/* The answer's status, from the key ":status" of the table in argument 2. */
static int32_t answer_status(lua_State *L) {
  lua_pushliteral(L, ":status");
  lua_rawget(L, 2);
  int is_number;
  lua_Integer status = lua_tointegerx(L, -1, &is_number);
  if (!is_number || status < 200 || status > 599) {
    luaL_error(L, "respond: `:status` must be 200...599, got %s", luaL_tolstring(L, -1, NULL));
  }
  lua_pop(L, 1);
  return (int32_t)status;
}

void check_fields(lua_State *L, int index, const char *method) {
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    charge(L, 4);
    if (lua_type(L, -2) != LUA_TSTRING) {
      luaL_error(L, "%s: a header's name must be a string, got a %s", method, luaL_typename(L, -2));
    }
    if (!lua_isstring(L, -1) && !lua_istable(L, -1)) {
      luaL_error(L, "%s: the value of '%s' must be a string or a table of strings, got a %s", method,
                 lua_tostring(L, -2), luaL_typename(L, -1));
    }
  }
}

static void take_field(lua_State *L, void *stream, const char *method, field_taker take) {
  charge(L, 50);
  lua_pushvalue(L, -1); /* a number becomes text in the copy, not in the table */
  if (!lua_isstring(L, -1)) luaL_error(L, "%s: a list of values holds a %s", method, luaL_typename(L, -1));
  postern_lua_text value = text_argument(L, lua_gettop(L));
  size_t length;
  const char *name = lua_tolstring(L, lua_gettop(L) - 2 - (lua_istable(L, -3) ? 1 : 0), &length);
  const char *problem = take(L, stream, text_of(name, length), value);
  if (problem != NULL) luaL_error(L, "%s: '%s' %s", method, name, problem);
  lua_pop(L, 1);
}

void each_field(lua_State *L, int index, void *stream, const char *method, field_taker take) {
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    if (!lua_istable(L, -1)) {
      take_field(L, stream, method, take);
      continue;
    }
    for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++, lua_pop(L, 1)) {
      take_field(L, stream, method, take);
    }
    lua_pop(L, 1);
  }
}

static const char *take_answer_field(lua_State *L, void *stream, postern_lua_text name, postern_lua_text value) {
  if (name.length == 0 || name.start[0] != ':') vm_of(L)->host->respond_header(stream, name, value);
  return NULL;
}

static int handle_respond(lua_State *L) {
  postern_lua_call *call = check_handle(L, "respond");
  const postern_lua_host *host = vm_of(L)->host;
  luaL_checktype(L, 2, LUA_TTABLE);
  if (!lua_isnoneornil(L, 3)) luaL_checkstring(L, 3);
  if (call->entry != POSTERN_LUA_ON_REQUEST) return luaL_error(L, "respond: possible in on_request only");
  if (call->stage > STAGE_WHOLE_BODY) return luaL_error(L, "respond: the request's head has been sent on");
  if (L != call->L || vm_of(L)->closing == L) {
    return luaL_error(L, "respond: possible in the hook itself only, not in a coroutine of the script");
  }
  int32_t status = answer_status(L);
  check_fields(L, 2, "respond");
  host->respond_begin(call->stream, status);
  each_field(L, 2, call->stream, "respond", take_answer_field);
  postern_lua_text body = lua_isnoneornil(L, 3) ? text_of(NULL, 0) : text_at(L, 3);
  charge(L, body.length / 32);
  host->respond_end(call->stream, body);
  call->wait = POSTERN_LUA_RESPONDED;
  return lua_yield(L, 0);
}

static const luaL_Reg handle_methods[] = {
    {"headers", handle_headers},
    {"responseHeaders", handle_response_headers},
    {"body", handle_body},
    {"bodyChunks", handle_body_chunks},
    {"trailers", handle_trailers},
    {"respond", handle_respond},
    {"streamInfo", handle_stream_info},
    {"connection", handle_connection},
    {"ssl", connection_ssl},
    {"clearRouteCache", handle_clear_route},
    {"logTrace", handle_log_trace},
    {"logDebug", handle_log_debug},
    {"logInfo", handle_log_info},
    {"logWarn", handle_log_warn},
    {"logErr", handle_log_err},
    {"logCritical", handle_log_critical},
    {"timestamp", handle_timestamp},
    {"timestampString", handle_timestamp_string},
    {"base64Escape", handle_base64},
    {"metadata", handle_metadata},
    {"route", handle_route},
    {"virtualHost", handle_virtual_host},
    {"connectionStreamInfo", handle_connection_info},
    {"filterContext", handle_filter_context},
    {"setUpstreamOverrideHost", handle_override_host},
    {NULL, NULL},
};

void open_handles(lua_State *L) {
  lua_pushlightuserdata(L, NULL);
  lua_createtable(L, 0, 4);
  lua_createtable(L, 0, 80);
  luaL_setfuncs(L, handle_methods, 0);
  luaL_setfuncs(L, header_methods, 0);
  luaL_setfuncs(L, body_methods, 0);
  luaL_setfuncs(L, info_methods, 0);
  luaL_setfuncs(L, ssl_methods, 0);
  luaL_setfuncs(L, metadata_methods, 0);
  luaL_setfuncs(L, call_methods, 0);
  luaL_setfuncs(L, crypto_methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, object_pairs);
  lua_setfield(L, -2, "__pairs");
  lua_pushliteral(L, "postern");
  lua_setfield(L, -2, "__name");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_pop(L, 1);
  lua_createtable(L, 0, 2);
  lua_pushinteger(L, 1000000);
  lua_setfield(L, -2, "MILLISECOND");
  lua_pushinteger(L, 1000);
  lua_setfield(L, -2, "MICROSECOND");
  lua_setglobal(L, "EnvoyTimestampResolution");
}
