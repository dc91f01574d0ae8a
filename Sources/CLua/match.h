/* Lua's patterns (manual, 6.4.1), matched with every step charged to the budget: Lua's own matcher backtracks without
 * bound inside one instruction. */
#ifndef POSTERN_CLUA_MATCH_H
#define POSTERN_CLUA_MATCH_H
#include "internal.h"

#define MAX_CAPTURES 32

typedef struct {
  lua_State *L;
  const char *text, *text_end;
  const char *pattern_end;
  int captures;
  int depth;
  unsigned steps; /* not charged yet */
  struct {
    const char *start;
    ptrdiff_t length; /* or OPEN, or POSITION */
  } capture[MAX_CAPTURES];
} matcher;

/* The end of the match of `pattern` at `at`, or null. Captures are those of the match. */
const char *match_at(matcher *m, const char *at, const char *pattern);
/* Charges what is left. */
void match_settle(matcher *m);
/* Pushes capture `index`, or the whole match from `start` to `end` when there are none and `index` is 0. */
void match_push(matcher *m, int index, const char *start, const char *end);
/* Pushes all captures, or the whole match when there are none and `start` is not null; returns how many. */
int match_push_all(matcher *m, const char *start, const char *end);

#endif
