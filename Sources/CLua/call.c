/* Calls of a script's entry points: each runs in a coroutine, taken from a pool. */
#include "internal.h"
#include <stdio.h>
#include <stdlib.h>

#define MAX_CALLS 65536u
#define GENERATION_MASK ((UINT64_C(1) << 40) - 1)

/* The innermost line of the script, into `at`; false when there is none. */
static bool find_line(lua_State *L, lua_Debug *at) {
  for (int level = 0; level < 8 && lua_getstack(L, level, at); level++) {
    lua_getinfo(L, "Sl", at);
    if (at->currentline > 0) return true;
  }
  return false;
}

void take_message(postern_lua_vm *vm, lua_State *L) {
  char text[MESSAGE_SIZE];
  switch (lua_type(L, -1)) {
  case LUA_TSTRING:
    snprintf(text, sizeof text, "%s", lua_tostring(L, -1));
    break;
  case LUA_TNUMBER:
    snprintf(text, sizeof text, "%.14g", (double)lua_tonumber(L, -1));
    break;
  default:
    /* Its __tostring is the script's code and is not called: no budget is left for it. */
    snprintf(text, sizeof text, "the error is a %s, not a text", luaL_typename(L, -1));
  }
  lua_Debug at;
  bool has_line = find_line(L, &at);
  if (has_line && strncmp(text, at.short_src, strlen(at.short_src)) != 0) {
    snprintf(vm->message, sizeof vm->message, "%s:%d: ", at.short_src, at.currentline);
  } else {
    vm->message[0] = 0;
  }
  strncat(vm->message, text, sizeof vm->message - strlen(vm->message) - 1);
}

static int make_coroutine(lua_State *L) {
  postern_lua_call *call = lua_touserdata(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, call->vm->anchors);
  call->L = lua_newthread(L);
  lua_rawseti(L, -2, (lua_Integer)call->place + 1);
  /* The place of its body is taken now, so that emptying it later allocates nothing. */
  lua_pushboolean(L, 0);
  lua_rawseti(L, -2, -((lua_Integer)call->place + 1));
  return 0;
}

static void drop_coroutine(postern_lua_call *call) {
  lua_State *L = call->vm->main;
  lua_rawgeti(L, LUA_REGISTRYINDEX, call->vm->anchors);
  lua_pushboolean(L, 0); /* keeps the key: nothing is allocated when it is set again */
  lua_rawseti(L, -2, (lua_Integer)call->place + 1);
  lua_pop(L, 1);
  call->L = NULL;
}

/* A call with a coroutine that is ready to start, or null: no memory, or too many calls. */
static postern_lua_call *take_call(postern_lua_vm *vm) {
  postern_lua_call *call;
  if (vm->free_call != 0) {
    call = vm->calls[vm->free_call - 1];
  } else {
    if (vm->call_count == MAX_CALLS) return NULL;
    if (vm->call_count == vm->call_room) {
      uint32_t room = vm->call_room == 0 ? 4 : vm->call_room * 2;
      postern_lua_call **more = realloc(vm->calls, room * sizeof *more);
      if (more == NULL) return NULL;
      vm->calls = more;
      vm->call_room = room;
    }
    call = calloc(1, sizeof *call);
    if (call == NULL) return NULL;
    call->vm = vm;
    call->place = vm->call_count;
    vm->calls[vm->call_count++] = call;
    vm->free_call = call->place + 1;
  }
  if (call->L == NULL) {
    lua_pushcfunction(vm->main, make_coroutine);
    lua_pushlightuserdata(vm->main, call);
    if (lua_pcall(vm->main, 1, 0, 0) != LUA_OK) {
      lua_settop(vm->main, 0);
      call->L = NULL;
      return NULL;
    }
  }
  vm->free_call = call->next_free;
  return call;
}

/* Lets go of a body that the script made. */
static void forget_body(postern_lua_call *call) {
  call->has_body = false;
  call->body = text_of(NULL, 0);
  if (!call->holds_body) return;
  call->holds_body = false;
  lua_State *L = call->vm->main;
  lua_rawgeti(L, LUA_REGISTRYINDEX, call->vm->anchors);
  lua_pushboolean(L, 0);
  lua_rawseti(L, -2, -((lua_Integer)call->place + 1));
  lua_pop(L, 1);
}

/* The call is over: no handle of it is good any more. */
static void release(postern_lua_call *call) {
  forget_body(call);
  call->stream = NULL;
  call->generation = (call->generation + 1) & GENERATION_MASK;
  call->next_free = call->vm->free_call;
  call->vm->free_call = call->place + 1;
}

/* Unwinds a coroutine that stopped midway, closing what it has to close, so that it can be used again. */
static void unwind(postern_lua_call *call) {
  postern_lua_vm *vm = call->vm;
  lua_State *L = call->L;
  vm->running = vm->closing = L;
  budget_arm(vm, L);
  int status = lua_resetthread(L);
  vm->running = vm->closing = NULL;
  lua_settop(L, 0);
  if (status != LUA_OK || vm->expired != POSTERN_LUA_NO_LIMIT) drop_coroutine(call);
}

static postern_lua_outcome fail(postern_lua_call *call, int status) {
  postern_lua_vm *vm = call->vm;
  if (is_final(vm, status)) {
    if (vm->message[0] == 0) {
      snprintf(vm->message, sizeof vm->message, "the budget of %zu bytes of memory is used up",
               vm->budget.memory_bytes);
    }
    /* Nothing may run in this coroutine again: hooks may be off in it, and what it would close may loop. */
    drop_coroutine(call);
    return POSTERN_LUA_OVER_BUDGET;
  }
  take_message(vm, call->L);
  postern_lua_limit none = vm->expired;
  unwind(call);
  vm->expired = none; /* the outcome is the script's own error, whatever its closing did */
  return POSTERN_LUA_FAILED;
}

static postern_lua_outcome run(postern_lua_call *call, int arguments) {
  postern_lua_vm *vm = call->vm;
  lua_State *L = call->L;
  int results = 0;
  call->wait = POSTERN_LUA_FINISHED;
  vm->current = call;
  vm->running = L;
  budget_arm(vm, L);
  int status = lua_resume(L, vm->main, arguments, &results);
  vm->running = NULL;
  postern_lua_outcome outcome = POSTERN_LUA_FINISHED;
  if (status == LUA_YIELD && vm->expired != POSTERN_LUA_NO_LIMIT) {
    outcome = fail(call, status);
  } else if (status == LUA_YIELD) {
    outcome = call->wait;
    if (outcome != POSTERN_LUA_RESPONDED) {
      vm->current = NULL;
      forget_body(call);
      vm->waiting++;
      return outcome;
    }
    unwind(call);
  } else if (status == LUA_OK) {
    lua_settop(L, 0);
  } else {
    outcome = fail(call, status);
  }
  vm->current = NULL;
  release(call);
  return outcome;
}

postern_lua_outcome postern_lua_start(
    postern_lua_vm *vm, postern_lua_entry entry, void *stream, bool end_of_stream, postern_lua_call **waiting) {
  vm->message[0] = 0;
  budget_begin(vm);
  *waiting = NULL;
  postern_lua_call *call = take_call(vm);
  if (call == NULL) {
    vm->expired = POSTERN_LUA_MEMORY;
    snprintf(vm->message, sizeof vm->message, "no memory is left for another call, %u wait", vm->waiting);
    return POSTERN_LUA_OVER_BUDGET;
  }
  call->stream = stream;
  call->entry = entry;
  call->stage = entry == POSTERN_LUA_ON_COMPLETE ? STAGE_COMPLETE : STAGE_HEAD;
  call->end_of_stream = end_of_stream;
  call->has_trailers = false;
  call->asked = 0;
  call->chunk = 0;
  lua_rawgeti(call->L, LUA_REGISTRYINDEX, vm->entries[entry]);
  push_object(call->L, call, KIND_HANDLE);
  postern_lua_outcome outcome = run(call, 1);
  if (outcome >= POSTERN_LUA_WAITS_FOR_BODY && outcome <= POSTERN_LUA_WAITS_FOR_ANSWER) *waiting = call;
  return outcome;
}

postern_lua_outcome postern_lua_resume(
    postern_lua_call *call, postern_lua_text body, bool end_of_stream, bool trailers) {
  postern_lua_vm *vm = call->vm;
  vm->message[0] = 0;
  budget_begin(vm);
  vm->waiting--;
  call->end_of_stream = end_of_stream;
  call->has_trailers = trailers;
  call->body = body;
  switch (call->wait) {
  case POSTERN_LUA_WAITS_FOR_BODY:
    call->stage = STAGE_WHOLE_BODY;
    call->has_body = true;
    break;
  case POSTERN_LUA_WAITS_FOR_CHUNK:
    call->stage = trailers ? STAGE_TRAILERS : STAGE_CHUNKS;
    call->has_body = !trailers;
    /* An empty last piece goes by the last one's name, so that a script can put something at the end. */
    if (body.length > 0) call->chunk = (call->chunk + 1) & 15;
    break;
  default:
    call->stage = STAGE_TRAILERS;
  }
  return run(call, 0);
}

postern_lua_outcome postern_lua_answer(postern_lua_call *call, postern_lua_text answer, postern_lua_text body) {
  postern_lua_vm *vm = call->vm;
  vm->message[0] = 0;
  budget_begin(vm);
  vm->waiting--;
  call->answer = answer;
  if (call->stage == STAGE_WHOLE_BODY) {
    call->body = body;
    call->has_body = true;
  }
  return run(call, 0);
}

postern_lua_vm *postern_lua_vm_of(const postern_lua_call *call) { return call->vm; }

void postern_lua_abandon(postern_lua_call *call) {
  postern_lua_vm *vm = call->vm;
  vm->message[0] = 0;
  budget_begin(vm);
  vm->waiting--;
  call->stream = NULL;
  unwind(call);
  release(call);
}
