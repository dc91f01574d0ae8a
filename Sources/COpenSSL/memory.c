/* OpenSSL's memory from lists of the thread that asks.
 *
 * A handshake allocates 250 to 750 times, and frees as often, in sizes that the next one asks for again. Here
 * each costs a few instructions, and does not touch the block: malloc's own lists go through the blocks, which
 * are seldom in the first caches, hold seven of a size, and none above 1 KiB. */
#include "memory.h"
#include "internal.h"
#include <malloc.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Above 1 KiB there are four classes for each power of two, of malloc's blocks; what is larger than the last is
 * all malloc's. */
#define LARGE_CLASSES 20
#define LARGE_LIMIT (32 << 10)
/* What a thread keeps of one class at most: a burst of handshakes has dozens of one size each. */
#define KEPT_BYTES (1 << 20)
#define KEPT_MOST 1024
#define KEPT_LEAST 128
/* How many small blocks a thread exchanges at a time with those of all. */
#define EXCHANGED 32

typedef struct {
  void **blocks;
  unsigned count, kept;
} block_stack;

/* Small classes, then large ones. */
typedef struct {
  block_stack stacks[SMALL_CLASSES + LARGE_CLASSES];
} block_cache;

static _Thread_local block_cache *cache;
static _Thread_local bool has_ended;
static pthread_key_t at_thread_end;

/* --- Classes ----------------------------------------------------------------------------------------- */

/* The large class whose blocks have room for `size`, and how much they have. */
static unsigned large_class(size_t size, size_t *room) {
  unsigned power = 63u - (unsigned)__builtin_clzl(size - 1);
  size_t quarters = ((size - 1) >> (power - 2) & 3) + 1;
  *room = ((size_t)1 << power) + (quarters << (power - 2));
  return SMALL_CLASSES + 4 * (power - 10) + (unsigned)quarters - 1;
}

/* The largest class that a block of malloc's can be in; 0 when there is none. */
static unsigned class_of(size_t room) {
  if (room < SMALL_LIMIT + (SMALL_LIMIT >> 2) || room >= LARGE_LIMIT + (LARGE_LIMIT >> 2)) return 0;
  unsigned power = 63u - (unsigned)__builtin_clzl(room);
  return SMALL_CLASSES + 4 * (power - 10) + (unsigned)(room >> (power - 2) & 3) - 1;
}

static unsigned kept(unsigned class) {
  if (class >= SMALL_CLASSES) return KEPT_BYTES >> (11 + (class - SMALL_CLASSES) / 4);
  unsigned count = 16 * KEPT_LEAST / (class + 1);
  return count > KEPT_MOST ? KEPT_MOST : count < KEPT_LEAST ? KEPT_LEAST : count;
}

/* --- Threads ----------------------------------------------------------------------------------------- */

static void drop(unsigned class, block_stack *stack, unsigned count) {
  stack->count -= count;
  void **blocks = stack->blocks + stack->count;
  if (class < SMALL_CLASSES) postern_small_give(class, blocks, count);
  else while (count > 0) free(blocks[--count]);
}

static void end_thread(void *ours) {
  block_cache *ended = ours;
  has_ended = true;
  cache = NULL;
  for (unsigned class = 0; class < SMALL_CLASSES + LARGE_CLASSES; class++) {
    drop(class, &ended->stacks[class], ended->stacks[class].count);
    free(ended->stacks[class].blocks);
  }
  free(ended);
}

/* The calling thread's; NULL when it has none any more, or there is no memory. */
static block_cache *begin_thread(void) {
  if (has_ended) return NULL;
  cache = calloc(1, sizeof *cache);
  if (cache) pthread_setspecific(at_thread_end, cache);
  return cache;
}

static bool make_room(block_stack *stack, unsigned class) {
  stack->blocks = malloc(kept(class) * sizeof *stack->blocks);
  if (stack->blocks) stack->kept = kept(class);
  return stack->blocks;
}

/* The calling thread's blocks of a class; NULL when it can keep none. */
static inline block_stack *stack_of(unsigned class) {
  block_cache *ours = cache ? cache : begin_thread();
  if (!ours) return NULL;
  block_stack *stack = &ours->stacks[class];
  return stack->blocks || make_room(stack, class) ? stack : NULL;
}

/* --- Blocks ------------------------------------------------------------------------------------------ */

static void *take_small(unsigned class) {
  block_stack *stack = stack_of(class);
  if (!stack) {
    void *single = NULL;
    postern_small_take(class, &single, 1);
    return single;
  }
  if (stack->count == 0) stack->count = postern_small_take(class, stack->blocks, EXCHANGED);
  return stack->count > 0 ? stack->blocks[--stack->count] : NULL;
}

void *postern_memory_take(size_t size) {
  if (size - 1 < SMALL_LIMIT) return take_small((unsigned)((size - 1) >> 4));
  if (size == 0) return NULL;
  if (size > LARGE_LIMIT) return malloc(size);
  size_t room;
  block_stack *stack = stack_of(large_class(size, &room));
  return stack && stack->count > 0 ? stack->blocks[--stack->count] : malloc(room);
}

static inline bool is_small(const void *start) {
  return (uintptr_t)start - postern_small_range < SMALL_RANGE;
}

static unsigned small_class(const void *start) {
  return postern_small_classes[((uintptr_t)start - postern_small_range) >> SMALL_PAGE_BITS];
}

static void give_small(void *start) {
  unsigned class = small_class(start);
  block_stack *stack = stack_of(class);
  if (!stack) {
    postern_small_give(class, &start, 1);
    return;
  }
  if (stack->count == stack->kept) drop(class, stack, EXCHANGED);
  stack->blocks[stack->count++] = start;
}

void postern_memory_give(void *start) {
  if (!start) return;
  if (is_small(start)) {
    give_small(start);
    return;
  }
  unsigned class = class_of(malloc_usable_size(start));
  block_stack *stack = class ? stack_of(class) : NULL;
  if (stack && stack->count < stack->kept) stack->blocks[stack->count++] = start;
  else free(start);
}

void *postern_memory_resize(void *start, size_t size) {
  if (!start) return postern_memory_take(size);
  if (size == 0) {
    postern_memory_give(start);
    return NULL;
  }
  bool was_small = is_small(start);
  size_t room = was_small ? 16 * ((size_t)small_class(start) + 1) : malloc_usable_size(start);
  if (!was_small && size > LARGE_LIMIT) return realloc(start, size);
  if (size <= room && size >= room / 2) return start;
  void *moved = postern_memory_take(size);
  if (!moved) return NULL;
  memcpy(moved, start, size < room ? size : room);
  postern_memory_give(start);
  return moved;
}

/* --- OpenSSL's side ---------------------------------------------------------------------------------- */

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif

#ifndef IS_SANITIZED
static void *take(size_t size, const char *file, int line) {
  (void)file, (void)line;
  return postern_memory_take(size);
}

static void *resize(void *start, size_t size, const char *file, int line) {
  (void)file, (void)line;
  return postern_memory_resize(start, size);
}

static void give(void *start, const char *file, int line) {
  (void)file, (void)line;
  postern_memory_give(start);
}
#endif

static bool has_begun;

static void begin(void) {
  has_begun = pthread_key_create(&at_thread_end, end_thread) == 0 && postern_small_begin();
}

bool postern_memory_begin(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, begin);
  return has_begun;
}

bool postern_memory_use(void) {
#ifdef IS_SANITIZED
  /* Blocks that are kept would hide what is used after it was freed. */
  return false;
#else
  return postern_memory_begin() && CRYPTO_set_mem_functions(take, resize, give) == 1;
#endif
}
