/* Coroutines made by scripts. They inherit the hook; a used-up budget ends them and whoever resumed them. */
#include "internal.h"

static lua_State *check_coroutine(lua_State *L) {
  lua_State *co = lua_tothread(L, 1);
  luaL_argexpected(L, co != NULL && co != vm_of(L)->main, 1, "coroutine");
  return co;
}

/* Whether `L` is no coroutine of the script's own, or is one that is being closed. */
static bool is_outermost(lua_State *L) {
  postern_lua_vm *vm = vm_of(L);
  return L == vm->main || L == vm->closing || (vm->current != NULL && vm->current->L == L);
}

/* Such a coroutine must never run again: hooks may be off in it. No script can get hold of the mark. */
static bool died_of_budget(lua_State *co) {
  return lua_status(co) != LUA_OK && lua_touserdata(co, -1) == (const void *)&expired_mark;
}

static const char *status_of(lua_State *L, lua_State *co) {
  if (L == co) return "running";
  if (died_of_budget(co)) return "dead";
  switch (lua_status(co)) {
  case LUA_YIELD:
    return "suspended";
  case LUA_OK: {
    lua_Debug at;
    if (lua_getstack(co, 0, &at)) return "normal";
    return lua_gettop(co) == 0 ? "dead" : "suspended";
  }
  default:
    return "dead";
  }
}

static int coroutine_create(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  charge(L, COROUTINE_COST);
  lua_State *co = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  return 1;
}

/* Ends `co` and then `L` because of the budget. */
static int raise_from(lua_State *L, lua_State *co) {
  if (lua_status(co) > LUA_YIELD) lua_pop(co, 1);
  lua_pushlightuserdata(co, (void *)&expired_mark);
  return raise_expired(L);
}

/* The count of results moved to `L`, or -1 with the error there. */
static int resume(lua_State *L, lua_State *co, int arguments) {
  postern_lua_vm *vm = vm_of(L);
  int results;
  if (died_of_budget(co)) {
    lua_pushliteral(L, "cannot resume dead coroutine");
    return -1;
  }
  if (!lua_checkstack(co, arguments)) {
    lua_pushliteral(L, "too many arguments to resume");
    return -1;
  }
  lua_xmove(L, co, arguments);
  /* The count goes on where it stopped: arming anew each time would let short turns go uncounted. */
  int step = lua_gethookcount(L);
  if (lua_gethookcount(co) != step) set_hook(co, step);
  bool was_alive = lua_status(co) <= LUA_YIELD;
  vm->running = co;
  int status = lua_resume(co, L, arguments, &results);
  vm->running = L;
  if (status != LUA_OK && is_final(vm, status)) return raise_from(L, co);
  if (status == LUA_OK || status == LUA_YIELD) {
    if (!lua_checkstack(L, results + 1)) {
      lua_pop(co, results);
      lua_pushliteral(L, "too many results to resume");
      return -1;
    }
    lua_xmove(co, L, results);
    return results;
  }
  /* An end by an error leaves a copy for coroutine.close. */
  if (was_alive && lua_status(co) > LUA_YIELD) lua_pushvalue(co, -1);
  lua_xmove(co, L, 1);
  return -1;
}

static int coroutine_resume(lua_State *L) {
  lua_State *co = check_coroutine(L);
  int results = resume(L, co, lua_gettop(L) - 1);
  lua_pushboolean(L, results >= 0);
  lua_insert(L, results >= 0 ? -(results + 1) : -2);
  return results >= 0 ? results + 1 : 2;
}

/* Closes `co`; when that fails, the error is on top of it. */
static int close_coroutine(lua_State *L, lua_State *co) {
  postern_lua_vm *vm = vm_of(L);
  lua_State *outer = vm->closing;
  int step = lua_gethookcount(L);
  if (lua_gethookcount(co) != step) set_hook(co, step);
  vm->closing = vm->running = co;
  int status = lua_resetthread(co);
  vm->closing = outer;
  vm->running = L;
  if (vm->expired != POSTERN_LUA_NO_LIMIT) {
    lua_settop(co, 0);
    raise_expired(L);
  }
  return status;
}

static int wrapped(lua_State *L) {
  lua_State *co = lua_tothread(L, lua_upvalueindex(1));
  int results = resume(L, co, lua_gettop(L));
  if (results >= 0) return results;
  if (lua_status(co) > LUA_YIELD) {
    int status = close_coroutine(L, co);
    if (status != LUA_OK) {
      lua_pop(L, 1);
      lua_xmove(co, L, 1);
    }
  }
  if (lua_type(L, -1) == LUA_TSTRING) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

static int coroutine_wrap(lua_State *L) {
  coroutine_create(L);
  lua_pushcclosure(L, wrapped, 1);
  return 1;
}

static int coroutine_yield(lua_State *L) {
  if (is_outermost(L)) return luaL_error(L, "attempt to yield from outside a coroutine of the script");
  return lua_yield(L, lua_gettop(L));
}

static int coroutine_status(lua_State *L) {
  lua_pushstring(L, status_of(L, check_coroutine(L)));
  return 1;
}

static int coroutine_isyieldable(lua_State *L) {
  lua_pushboolean(L, !is_outermost(L) && lua_isyieldable(L));
  return 1;
}

/* Outside of a script's own coroutine: the VM's main one, which cannot be resumed or closed. */
static int coroutine_running(lua_State *L) {
  if (vm_of(L)->current != NULL && vm_of(L)->current->L == L) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
    lua_pushboolean(L, 1);
  } else {
    lua_pushboolean(L, lua_pushthread(L));
  }
  return 2;
}

static int coroutine_close(lua_State *L) {
  lua_State *co = check_coroutine(L);
  const char *status = status_of(L, co);
  if (strcmp(status, "suspended") != 0 && strcmp(status, "dead") != 0) {
    return luaL_error(L, "cannot close a %s coroutine", status);
  }
  if (died_of_budget(co)) {
    /* Its hooks may be off, so its pending variables are not closed. */
    lua_pushboolean(L, 0);
    lua_pushliteral(L, "the coroutine was ended by its budget");
    return 2;
  }
  if (close_coroutine(L, co) == LUA_OK) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushboolean(L, 0);
  lua_xmove(co, L, 1);
  return 2;
}

void open_coroutine(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"create", coroutine_create},
      {"resume", coroutine_resume},
      {"wrap", coroutine_wrap},
      {"yield", coroutine_yield},
      {"status", coroutine_status},
      {"isyieldable", coroutine_isyieldable},
      {"running", coroutine_running},
      {"close", coroutine_close},
      {NULL, NULL},
  };
  luaL_newlib(L, functions);
  lua_setglobal(L, "coroutine");
}
