/* Budgets: instructions by a count hook, CPU time by looks at the clock, memory by the allocator. */
#include "internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

const char expired_mark = 0;

static uint64_t clock_ns(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void budget_begin(postern_lua_vm *vm) {
  vm->left = vm->budget.instructions;
  vm->uncounted = 0;
  vm->expired = POSTERN_LUA_NO_LIMIT;
  vm->wall_start = 0;
  vm->cpu_start = 0;
  vm->since_look = 0;
  vm->refusals = 0;
}

void set_hook(lua_State *L, int step) {
  int lines = vm_of(L)->options & POSTERN_LUA_COUNTS_LINES ? LUA_MASKLINE : 0;
  lua_sethook(L, budget_hook, LUA_MASKCOUNT | lines, step);
}

/* Setting a hook walks the stack of calls, so only when something changes. */
static void arm(lua_State *L, int step) {
  if (lua_gethookcount(L) != step) set_hook(L, step);
}

/* Marks the call as over. From now on the hook fires at every instruction, so neither pcall nor a coroutine goes on. */
static void expire(postern_lua_vm *vm, postern_lua_limit limit) {
  if (vm->expired == POSTERN_LUA_NO_LIMIT) vm->expired = limit;
  if (vm->running != NULL) arm(vm->running, 1);
}

/* Reads the CPU clock (a system call, 250 ns) only when the wall clock (20 ns) says that it may matter. */
static void look_at_clock(postern_lua_vm *vm) {
  uint64_t wall = clock_ns(CLOCK_MONOTONIC);
  vm->uncounted = 0;
  vm->since_look = 0;
  if (vm->wall_start == 0) {
    /* What ran before this first look is at most one step; it is not counted. */
    vm->wall_start = wall;
    vm->wall_next = wall + vm->budget.time_ns / 8;
    return;
  }
  if (wall < vm->wall_next) return;
  uint64_t cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  if (vm->cpu_start == 0) {
    /* An eighth of the budget has gone by at most: the CPU's time is counted from here. */
    vm->cpu_start = cpu;
    vm->wall_next = wall + vm->budget.time_ns;
    return;
  }
  uint64_t spent = cpu - vm->cpu_start;
  if (spent >= vm->budget.time_ns) {
    expire(vm, POSTERN_LUA_TIME);
  } else {
    vm->wall_next = wall + (vm->budget.time_ns - spent);
  }
}

void budget_arm(postern_lua_vm *vm, lua_State *L) {
  int step = vm->expired != POSTERN_LUA_NO_LIMIT ? 1 : vm->big_blocks > 0 ? HOOK_STEP_FINE : HOOK_STEP;
  set_hook(L, step);
}

void budget_hook(lua_State *L, lua_Debug *at) {
  postern_lua_vm *vm = vm_of(L);
  if (at->event == LUA_HOOKLINE) {
    lines_count(L, at);
    return;
  }
  if (vm->expired == POSTERN_LUA_NO_LIMIT) {
    vm->left -= lua_gethookcount(L);
    if (vm->left <= 0) {
      expire(vm, POSTERN_LUA_INSTRUCTIONS);
    } else {
      look_at_clock(vm);
    }
  }
  if (vm->expired != POSTERN_LUA_NO_LIMIT) {
    raise_expired(L);
    return;
  }
  arm(L, vm->big_blocks > 0 ? HOOK_STEP_FINE : HOOK_STEP);
}

void charge(lua_State *L, uint64_t units) {
  postern_lua_vm *vm = vm_of(L);
  if (vm->expired == POSTERN_LUA_NO_LIMIT) {
    if (units >= (uint64_t)INT64_MAX || vm->left <= (int64_t)units) {
      vm->left = 0;
      expire(vm, POSTERN_LUA_INSTRUCTIONS);
    } else {
      vm->left -= (int64_t)units;
      vm->uncounted += (int64_t)units;
      if (vm->uncounted >= 10 * HOOK_STEP) look_at_clock(vm);
    }
  }
  if (vm->expired != POSTERN_LUA_NO_LIMIT) raise_expired(L);
}

/* Where the script is, without allocating. */
static void describe(postern_lua_vm *vm, lua_State *L, const char *what) {
  lua_Debug at;
  for (int level = 0; level < 8 && lua_getstack(L, level, &at); level++) {
    lua_getinfo(L, "Sl", &at);
    if (at.currentline > 0) {
      snprintf(vm->message, sizeof vm->message, "%s:%d: %s", at.short_src, at.currentline, what);
      return;
    }
  }
  snprintf(vm->message, sizeof vm->message, "%s", what);
}

/* Where the coroutine can yield, it does, and is never resumed: an error would be unwound through each pcall, which
 * costs the depth of the stack every time. Elsewhere (in a callback of gsub, in a metamethod called from C) it is an error,
 * which pcall passes on. In the hook, the yield takes place after the return. */
int raise_expired(lua_State *L) {
  postern_lua_vm *vm = vm_of(L);
  if (vm->message[0] == 0) {
    char what[128];
    switch (vm->expired) {
    case POSTERN_LUA_TIME:
      snprintf(what, sizeof what, "the budget of %llu us CPU time is used up",
               (unsigned long long)vm->budget.time_ns / 1000);
      break;
    case POSTERN_LUA_MEMORY:
      snprintf(what, sizeof what, "the budget of %zu bytes of memory is used up", vm->budget.memory_bytes);
      break;
    default:
      snprintf(what, sizeof what, "the budget of %lld instructions is used up",
               (long long)vm->budget.instructions);
    }
    describe(vm, L, what);
  }
  if (L != vm->closing && lua_isyieldable(L)) return lua_yield(L, 0);
  arm(L, 1);
  lua_pushlightuserdata(L, (void *)&expired_mark);
  return lua_error(L);
}

bool is_final(postern_lua_vm *vm, int status) {
  if (status == LUA_ERRMEM && vm->expired == POSTERN_LUA_NO_LIMIT) expire(vm, POSTERN_LUA_MEMORY);
  return vm->expired != POSTERN_LUA_NO_LIMIT;
}

/* Runs inside Lua's own allocations, where nothing may be raised: a spent budget shows at the next instruction. */
void *vm_allocate(void *context, void *block, size_t old_size, size_t new_size) {
  postern_lua_vm *vm = context;
  if (block == NULL) old_size = 0; /* then it is a type's number */
  if (new_size == 0) {
    vm->used -= old_size;
    if (old_size >= BIG_BLOCK) vm->big_blocks--;
    free(block);
    return NULL;
  }
  if (new_size > old_size) {
    size_t growth = new_size - old_size;
    size_t limit = vm->budget.memory_bytes;
    bool unwinding = vm->expired != POSTERN_LUA_NO_LIMIT && growth <= 4096;
    if (vm->used + growth > limit + (unwinding ? UNWINDING_ROOM : 0)) {
      if (vm->main != NULL && ++vm->refusals > MAX_REFUSALS) expire(vm, POSTERN_LUA_MEMORY);
      return NULL;
    }
    vm->since_look += new_size;
    if (vm->since_look >= ALLOCATION_STEP && vm->running != NULL && vm->expired == POSTERN_LUA_NO_LIMIT) {
      look_at_clock(vm);
    }
  }
  void *moved = realloc(block, new_size);
  if (moved == NULL) return new_size <= old_size ? block : NULL;
  vm->used += new_size - old_size;
  bool was_big = old_size >= BIG_BLOCK, is_big = new_size >= BIG_BLOCK;
  if (is_big && !was_big) {
    vm->big_blocks++;
    if (vm->running != NULL && vm->expired == POSTERN_LUA_NO_LIMIT) {
      arm(vm->running, HOOK_STEP_FINE);
    }
  } else if (was_big && !is_big) {
    vm->big_blocks--;
  }
  return moved;
}
