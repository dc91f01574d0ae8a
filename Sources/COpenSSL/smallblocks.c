#include "memory.h"
#include <pthread.h>
#include <sys/mman.h>

#define PAGE ((size_t)1 << SMALL_PAGE_BITS)

typedef struct block {
  struct block *next;
} block;

/* What no thread holds: blocks that were given back, and the rest of the newest page. */
typedef struct {
  block *first;
  char *fresh;
  size_t fresh_bytes;
} block_class;

uintptr_t postern_small_range;
uint8_t postern_small_classes[SMALL_PAGES];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static block_class classes[SMALL_CLASSES];
static size_t pages_used;

bool postern_small_begin(void) {
  void *start = mmap(NULL, SMALL_RANGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED) return false;
  postern_small_range = (uintptr_t)start;
  return true;
}

static bool add_page(unsigned class) {
  if (pages_used == SMALL_PAGES) return false;
  char *start = (char *)postern_small_range + pages_used * PAGE;
  if (mprotect(start, PAGE, PROT_READ | PROT_WRITE) != 0) return false;
  postern_small_classes[pages_used++] = (uint8_t)class;
  classes[class].fresh = start;
  classes[class].fresh_bytes = PAGE;
  return true;
}

unsigned postern_small_take(unsigned class, void **blocks, unsigned count) {
  block_class *from = &classes[class];
  size_t size = 16 * ((size_t)class + 1);
  unsigned taken = 0;
  pthread_mutex_lock(&lock);
  while (taken < count) {
    if (from->first) {
      blocks[taken++] = from->first;
      from->first = from->first->next;
    } else if (from->fresh_bytes >= size || add_page(class)) {
      blocks[taken++] = from->fresh;
      from->fresh += size;
      from->fresh_bytes -= size;
    } else {
      break;
    }
  }
  pthread_mutex_unlock(&lock);
  return taken;
}

void postern_small_give(unsigned class, void *const *blocks, unsigned count) {
  block_class *to = &classes[class];
  pthread_mutex_lock(&lock);
  for (unsigned index = 0; index < count; index++) {
    block *given = blocks[index];
    given->next = to->first;
    to->first = given;
  }
  pthread_mutex_unlock(&lock);
}
