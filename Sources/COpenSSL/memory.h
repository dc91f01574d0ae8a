/* Small blocks of the whole process: cut from pages in one range of addresses, so that where a block lies tells
 * its class. Given back they are kept, for every thread. */
#ifndef POSTERN_COPENSSL_MEMORY_H
#define POSTERN_COPENSSL_MEMORY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Blocks of 16, 32, 48, ... bytes. */
#define SMALL_CLASSES 64
#define SMALL_LIMIT (16 * SMALL_CLASSES)
#define SMALL_RANGE ((size_t)16 << 30)
#define SMALL_PAGE_BITS 16
#define SMALL_PAGES (SMALL_RANGE >> SMALL_PAGE_BITS)

/* Where the range begins, and the class of each page that is in use. */
extern uintptr_t postern_small_range;
extern uint8_t postern_small_classes[SMALL_PAGES];

/* Reserves the addresses; false when the process may not have as many. */
bool postern_small_begin(void);
/* Up to `count` blocks of a class; returns how many, 0 when there is no memory. Takes a lock, as the next. */
unsigned postern_small_take(unsigned class, void **blocks, unsigned count);
void postern_small_give(unsigned class, void *const *blocks, unsigned count);
#endif
