/* Making and ending VMs. */
#include "internal.h"
#include <stdio.h>
#include <stdlib.h>

/* What opening needs, inside one protected call. */
typedef struct {
  postern_lua_vm *vm;
  const char *name;
  postern_lua_text source;
} opening;

static const char *const entry_names[POSTERN_LUA_ENTRIES][2] = {
    {"on_request", "envoy_on_request"},
    {"on_response", "envoy_on_response"},
    {"on_complete", NULL},
};

/* Raw, so that a metatable of the globals has no say; the plain name before Envoy's. */
static void find_entries(lua_State *L, postern_lua_vm *vm) {
  lua_pushglobaltable(L);
  for (int entry = 0; entry < POSTERN_LUA_ENTRIES; entry++) {
    for (int spelling = 0; spelling < 2 && vm->entries[entry] == LUA_NOREF; spelling++) {
      if (entry_names[entry][spelling] == NULL) continue;
      lua_pushstring(L, entry_names[entry][spelling]);
      if (lua_rawget(L, -2) == LUA_TFUNCTION) {
        vm->entries[entry] = luaL_ref(L, LUA_REGISTRYINDEX);
      } else {
        lua_pop(L, 1);
      }
    }
  }
  lua_pop(L, 1);
}

static int open_protected(lua_State *L) {
  opening *what = lua_touserdata(L, 1);
  postern_lua_vm *vm = what->vm;
  lua_settop(L, 0);
  open_base(L);
  open_coroutine(L);
  open_strings(L);
  open_patterns(L);
  open_tables(L);
  open_values(L);
  open_handles(L);
  lua_createtable(L, 16, 0);
  vm->anchors = luaL_ref(L, LUA_REGISTRYINDEX);
  if (luaL_loadbufferx(L, what->source.start, what->source.length, what->name, "t") != LUA_OK) return lua_error(L);
  budget_arm(vm, L);
  lua_call(L, 0, 0);
  find_entries(L, vm);
  return 0;
}

/* Cannot happen: whatever raises runs protected. Lua would abort after it anyway. */
static int panic(lua_State *L) {
  (void)L;
  fputs("postern: a Lua error outside of a protected call\n", stderr);
  abort();
}

postern_lua_vm *postern_lua_open(
    const postern_lua_host *host, void *context, const char *name, postern_lua_text source,
    postern_lua_budget budget, uint32_t may_wait, postern_lua_outcome *outcome) {
  postern_lua_vm *vm = calloc(1, sizeof *vm);
  if (vm == NULL) return NULL;
  vm->host = host;
  vm->context = context;
  vm->budget = budget;
  vm->may_wait = may_wait;
  for (int entry = 0; entry < POSTERN_LUA_ENTRIES; entry++) vm->entries[entry] = LUA_NOREF;
  budget_begin(vm);
  lua_State *L = lua_newstate(vm_allocate, vm);
  if (L == NULL) {
    free(vm);
    return NULL;
  }
  vm->main = L;
  *(postern_lua_vm **)lua_getextraspace(L) = vm;
  lua_atpanic(L, panic);
  vm->running = L;
  opening what = {.vm = vm, .name = name, .source = source};
  lua_pushcfunction(L, open_protected);
  lua_pushlightuserdata(L, &what);
  int status = lua_pcall(L, 1, 0, 0);
  vm->running = NULL;
  if (status == LUA_OK) {
    *outcome = POSTERN_LUA_FINISHED;
    return vm;
  }
  if (is_final(vm, status)) {
    *outcome = POSTERN_LUA_OVER_BUDGET;
    if (vm->message[0] == 0) {
      snprintf(vm->message, sizeof vm->message, "the budget of %zu bytes of memory is used up",
               vm->budget.memory_bytes);
    }
  } else {
    *outcome = POSTERN_LUA_FAILED;
    take_message(vm, L);
  }
  lua_settop(L, 0);
  return vm;
}

void postern_lua_close(postern_lua_vm *vm) {
  /* Without finalizers there is nothing of the script's that runs here. */
  vm->budget.memory_bytes = SIZE_MAX / 2;
  lua_close(vm->main);
  for (uint32_t place = 0; place < vm->call_count; place++) free(vm->calls[place]);
  free(vm->calls);
  free(vm);
}

bool postern_lua_has(const postern_lua_vm *vm, postern_lua_entry entry) { return vm->entries[entry] != LUA_NOREF; }

const char *postern_lua_message(const postern_lua_vm *vm) { return vm->message; }


int64_t postern_lua_instructions_used(const postern_lua_vm *vm) { return vm->budget.instructions - vm->left; }

size_t postern_lua_memory_used(const postern_lua_vm *vm) { return vm->used; }

uint32_t postern_lua_waiting(const postern_lua_vm *vm) { return vm->waiting; }

bool postern_lua_is_exhausted(postern_lua_vm *vm) {
  size_t most = vm->budget.memory_bytes / 4 * 3;
  if (vm->used <= most) return false;
  lua_gc(vm->main, LUA_GCCOLLECT);
  return vm->used > most;
}
