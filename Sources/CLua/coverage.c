/* Which lines of a script run, for its tests. A chunk's lines come from its compiled form, so that functions which nobody
 * calls count too. */
#include "internal.h"
#include <stdlib.h>

struct line_counts {
  struct line_counts *earlier;
  char *chunk;
  uint32_t *runs;
  size_t count;
};

/* A compiled chunk as lua_dump writes it (Lua 5.4). */
typedef struct {
  char *bytes;
  size_t length, room, at;
  struct line_counts *lines;
  bool is_broken;
} dump;

static int collect(lua_State *L, const void *bytes, size_t length, void *context) {
  (void)L;
  dump *out = context;
  if (out->length + length > out->room) {
    size_t room = (out->length + length) * 2;
    char *more = realloc(out->bytes, room);
    if (more == NULL) return 1;
    out->bytes = more;
    out->room = room;
  }
  memcpy(out->bytes + out->length, bytes, length);
  out->length += length;
  return 0;
}

static void skip(dump *in, size_t count) {
  if (in->length - in->at < count) {
    in->is_broken = true;
    in->at = in->length;
  } else {
    in->at += count;
  }
}

static uint8_t read_byte(dump *in) {
  if (in->at >= in->length) {
    in->is_broken = true;
    return 0;
  }
  return (uint8_t)in->bytes[in->at++];
}

/* Seven bits a byte, the last one marked. */
static size_t read_count(dump *in) {
  size_t value = 0;
  for (;;) {
    uint8_t byte = read_byte(in);
    value = value << 7 | (byte & 127);
    if (byte & 128 || in->is_broken) return value;
  }
}

static void skip_string(dump *in) {
  size_t size = read_count(in);
  if (size > 0) skip(in, size - 1);
}

static void add_line(struct line_counts *lines, size_t line) {
  if (line >= lines->count) {
    size_t count = (line + 1) * 2;
    uint32_t *more = realloc(lines->runs, count * sizeof *more);
    if (more == NULL) return;
    memset(more + lines->count, 0xFF, (count - lines->count) * sizeof *more);
    lines->runs = more;
    lines->count = count;
  }
  if (lines->runs[line] == UINT32_MAX) lines->runs[line] = 0;
}

static void skip_constants(dump *in) {
  for (size_t count = read_count(in); count > 0 && !in->is_broken; count--) {
    switch (read_byte(in)) {
    case 0x03: case 0x13: skip(in, 8); break;
    case 0x04: case 0x14: skip_string(in); break;
    default: break;
    }
  }
}

/* Every instruction's line, but for the function's last: the return that the compiler adds at `end`. */
static void read_lines(dump *in, size_t first_line, bool is_vararg) {
  size_t count = read_count(in), at = in->at;
  skip(in, count);
  size_t absolutes = read_count(in), line = first_line;
  size_t next_pc = SIZE_MAX, next_line = 0;
  if (absolutes > 0) {
    next_pc = read_count(in);
    next_line = read_count(in);
    absolutes--;
  }
  for (size_t pc = 0; pc < count && !in->is_broken; pc++) {
    int8_t step = (int8_t)in->bytes[at + pc];
    if (step == -128) {
      line = pc == next_pc ? next_line : line;
      next_pc = SIZE_MAX;
      if (absolutes > 0) {
        next_pc = read_count(in);
        next_line = read_count(in);
        absolutes--;
      }
    } else {
      line = (size_t)((long long)line + step);
    }
    if (pc + 1 < count && !(pc == 0 && is_vararg)) add_line(in->lines, line);
  }
  while (absolutes-- > 0 && !in->is_broken) {
    read_count(in);
    read_count(in);
  }
}

static void read_function(dump *in, int depth) {
  skip_string(in);
  size_t first_line = read_count(in);
  read_count(in);
  read_byte(in);
  bool is_vararg = read_byte(in) != 0;
  read_byte(in);
  skip(in, read_count(in) * 4);
  skip_constants(in);
  skip(in, read_count(in) * 3);
  for (size_t count = read_count(in); count > 0 && !in->is_broken && depth < 250; count--) {
    read_function(in, depth + 1);
  }
  read_lines(in, first_line, is_vararg);
  for (size_t count = read_count(in); count > 0 && !in->is_broken; count--) {
    skip_string(in);
    read_count(in);
    read_count(in);
  }
  for (size_t count = read_count(in); count > 0 && !in->is_broken; count--) skip_string(in);
}

/* Takes in the chunk on top of the stack. */
void lines_begin(lua_State *L) {
  postern_lua_vm *vm = vm_of(L);
  if ((vm->options & POSTERN_LUA_COUNTS_LINES) == 0) return;
  lua_Debug at;
  lua_pushvalue(L, -1);
  lua_getinfo(L, ">S", &at);
  dump chunk = {0};
  struct line_counts *lines = calloc(1, sizeof *lines);
  if (lines == NULL) return;
  lines->chunk = strdup(at.source);
  lines->earlier = vm->lines;
  vm->lines = lines;
  chunk.lines = lines;
  if (lua_dump(L, collect, &chunk, 0) == 0) {
    /* Signature, version, format, test bytes, three sizes, an integer, a number, the count of upvalues. */
    chunk.at = 4 + 1 + 1 + 6 + 3 + 8 + 8 + 1;
    read_function(&chunk, 0);
  }
  free(chunk.bytes);
}

void lines_count(lua_State *L, lua_Debug *at) {
  lua_getinfo(L, "S", at);
  for (struct line_counts *lines = vm_of(L)->lines; lines != NULL; lines = lines->earlier) {
    if (lines->chunk == NULL || strcmp(lines->chunk, at->source) != 0) continue;
    size_t line = (size_t)at->currentline;
    if (at->currentline > 0 && line < lines->count && lines->runs[line] < UINT32_MAX - 1) lines->runs[line]++;
    return;
  }
}

bool postern_lua_lines_of(const postern_lua_vm *vm, size_t chunk, postern_lua_lines *found) {
  struct line_counts *lines = vm->lines;
  for (; lines != NULL && chunk > 0; chunk--) lines = lines->earlier;
  if (lines == NULL || lines->chunk == NULL || lines->runs == NULL) return false;
  *found = (postern_lua_lines){.chunk = lines->chunk, .runs = lines->runs, .count = lines->count};
  return true;
}

void lines_free(postern_lua_vm *vm) {
  while (vm->lines != NULL) {
    struct line_counts *lines = vm->lines;
    vm->lines = lines->earlier;
    free(lines->chunk);
    free(lines->runs);
    free(lines);
  }
}
