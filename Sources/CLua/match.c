#include "match.h"
#include <ctype.h>

#define MAX_DEPTH 200
#define OPEN (-1)
#define POSITION (-2)
#define ESCAPE '%'
/* Steps that cost as much as an instruction. */
#define STEPS_PER_UNIT 4

static inline void step(matcher *m, size_t steps) {
  m->steps += (unsigned)steps;
  if (m->steps >= 1024) match_settle(m);
}

void match_settle(matcher *m) {
  unsigned units = m->steps / STEPS_PER_UNIT;
  m->steps = 0;
  charge(m->L, units);
}

/* The place behind the single-character class that begins at `p`. */
static const char *class_end(matcher *m, const char *p) {
  if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (missing class)");
  char first = *p++;
  if (first == ESCAPE) {
    if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (ends with '%%')");
    return p + 1;
  }
  if (first != '[') return p;
  if (p < m->pattern_end && *p == '^') p++;
  /* A ']' that comes first stands for itself. */
  for (bool isFirst = true;; isFirst = false) {
    if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (missing ']')");
    if (*p == ']' && !isFirst) return p + 1;
    if (*p++ == ESCAPE) {
      if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (missing ']')");
      p++;
    }
  }
}

static bool in_class(int c, int class) {
  bool is;
  switch (tolower(class)) {
  case 'a': is = isalpha(c) != 0; break;
  case 'c': is = iscntrl(c) != 0; break;
  case 'd': is = isdigit(c) != 0; break;
  case 'g': is = isgraph(c) != 0; break;
  case 'l': is = islower(c) != 0; break;
  case 'p': is = ispunct(c) != 0; break;
  case 's': is = isspace(c) != 0; break;
  case 'u': is = isupper(c) != 0; break;
  case 'w': is = isalnum(c) != 0; break;
  case 'x': is = isxdigit(c) != 0; break;
  default: return class == c;
  }
  return isupper(class) ? !is : is;
}

/* Whether `c` is in the set from '[' at `p` to its ']' at `last`. */
static bool in_set(int c, const char *p, const char *last) {
  bool wanted = true;
  p++;
  if (*p == '^') {
    wanted = false;
    p++;
  }
  while (p < last) {
    if (*p == ESCAPE) {
      if (in_class(c, (unsigned char)p[1])) return wanted;
      p += 2;
    } else if (p + 2 < last && p[1] == '-') {
      if ((unsigned char)p[0] <= c && c <= (unsigned char)p[2]) return wanted;
      p += 3;
    } else {
      if ((unsigned char)*p == c) return wanted;
      p++;
    }
  }
  return !wanted;
}

/* Whether the character at `s` is in the class from `p` to `end`. */
static bool matches_one(matcher *m, const char *s, const char *p, const char *end) {
  if (s >= m->text_end) return false;
  int c = (unsigned char)*s;
  switch (*p) {
  case '.': return true;
  case ESCAPE: return in_class(c, (unsigned char)p[1]);
  case '[':
    step(m, (size_t)(end - p) / 2);
    return in_set(c, p, end - 1);
  default: return (unsigned char)*p == c;
  }
}

/* %bxy: the end of the balanced run at `s`. */
static const char *match_balance(matcher *m, const char *s, const char *p) {
  if (p + 1 >= m->pattern_end) luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
  if (s >= m->text_end || *s != *p) return NULL;
  char open = p[0], shut = p[1];
  int depth = 1;
  const char *start = s;
  while (++s < m->text_end) {
    if (*s == shut) {
      if (--depth == 0) {
        step(m, (size_t)(s - start));
        return s + 1;
      }
    } else if (*s == open) {
      depth++;
    }
  }
  step(m, (size_t)(s - start));
  return NULL;
}

static int capture_index(matcher *m, int digit) {
  int index = digit - '1';
  if (index < 0 || index >= m->captures || m->capture[index].length == OPEN) {
    return luaL_error(m->L, "invalid capture index %%%d", index + 1);
  }
  return index;
}

static const char *match_reference(matcher *m, const char *s, int digit) {
  int index = capture_index(m, digit);
  if (m->capture[index].length == POSITION) return s;
  size_t length = (size_t)m->capture[index].length;
  step(m, length / 8);
  bool is_same = (size_t)(m->text_end - s) >= length && memcmp(m->capture[index].start, s, length) == 0;
  return is_same ? s + length : NULL;
}

static const char *match_run(matcher *m, const char *s, const char *p, const char *end, bool atLeastOne) {
  ptrdiff_t count = 0;
  while (matches_one(m, s + count, p, end)) {
    count++;
    step(m, 1);
  }
  for (ptrdiff_t least = atLeastOne ? 1 : 0; count >= least; count--) {
    const char *found = match_at(m, s + count, end + 1);
    if (found != NULL) return found;
  }
  return NULL;
}

static const char *match_shortest(matcher *m, const char *s, const char *p, const char *end) {
  for (;; s++) {
    const char *found = match_at(m, s, end + 1);
    if (found != NULL) return found;
    if (!matches_one(m, s, p, end)) return NULL;
  }
}

static const char *open_capture(matcher *m, const char *s, const char *p, ptrdiff_t kind) {
  if (m->captures >= MAX_CAPTURES) luaL_error(m->L, "too many captures");
  m->capture[m->captures].start = s;
  m->capture[m->captures].length = kind;
  m->captures++;
  const char *found = match_at(m, s, p);
  if (found == NULL) m->captures--;
  return found;
}

static const char *close_capture(matcher *m, const char *s, const char *p) {
  int index = m->captures - 1;
  while (index >= 0 && m->capture[index].length != OPEN) index--;
  if (index < 0) luaL_error(m->L, "invalid pattern capture");
  m->capture[index].length = s - m->capture[index].start;
  const char *found = match_at(m, s, p);
  if (found == NULL) m->capture[index].length = OPEN;
  return found;
}

/* %f[set]: between a character outside of the set and one in it; both ends of the text count as NUL. */
static bool at_frontier(matcher *m, const char *s, const char *set, const char *end, const char *text) {
  int before = s == text ? 0 : (unsigned char)s[-1];
  int after = s < m->text_end ? (unsigned char)*s : 0;
  step(m, (size_t)(end - set));
  return !in_set(before, set, end - 1) && in_set(after, set, end - 1);
}

const char *match_at(matcher *m, const char *s, const char *p) {
  if (++m->depth > MAX_DEPTH) luaL_error(m->L, "pattern too complex");
  const char *found = NULL;
  for (;;) {
    step(m, 1);
    if (p == m->pattern_end) {
      found = s;
      break;
    }
    if (*p == '(') {
      bool is_position = p + 1 < m->pattern_end && p[1] == ')';
      found = is_position ? open_capture(m, s, p + 2, POSITION) : open_capture(m, s, p + 1, OPEN);
      break;
    }
    if (*p == ')') {
      found = close_capture(m, s, p + 1);
      break;
    }
    if (*p == '$' && p + 1 == m->pattern_end) {
      found = s == m->text_end ? s : NULL;
      break;
    }
    if (*p == ESCAPE && p + 1 < m->pattern_end) {
      char kind = p[1];
      if (kind == 'b') {
        s = match_balance(m, s, p + 2);
        if (s == NULL) break;
        p += 4;
        continue;
      }
      if (kind == 'f') {
        const char *set = p + 2;
        if (set >= m->pattern_end || *set != '[') luaL_error(m->L, "missing '[' after '%%f' in pattern");
        const char *end = class_end(m, set);
        if (!at_frontier(m, s, set, end, m->text)) break;
        p = end;
        continue;
      }
      if (isdigit((unsigned char)kind)) {
        s = match_reference(m, s, (unsigned char)kind);
        if (s == NULL) break;
        p += 2;
        continue;
      }
    }
    const char *end = class_end(m, p);
    char suffix = end < m->pattern_end ? *end : 0;
    if (suffix == '*' || suffix == '+') {
      found = match_run(m, s, p, end, suffix == '+');
      break;
    }
    if (suffix == '-') {
      found = match_shortest(m, s, p, end);
      break;
    }
    bool matches = matches_one(m, s, p, end);
    if (suffix == '?') {
      if (matches && (found = match_at(m, s + 1, end + 1)) != NULL) break;
      p = end + 1;
      continue;
    }
    if (!matches) break;
    s++;
    p = end;
  }
  m->depth--;
  return found;
}

void match_push(matcher *m, int index, const char *start, const char *end) {
  if (index >= m->captures) {
    if (index != 0) luaL_error(m->L, "invalid capture index %%%d", index + 1);
    lua_pushlstring(m->L, start, (size_t)(end - start));
    return;
  }
  ptrdiff_t length = m->capture[index].length;
  if (length == OPEN) luaL_error(m->L, "unfinished capture");
  if (length == POSITION) {
    lua_pushinteger(m->L, m->capture[index].start - m->text + 1);
  } else {
    lua_pushlstring(m->L, m->capture[index].start, (size_t)length);
  }
}

int match_push_all(matcher *m, const char *start, const char *end) {
  int count = m->captures == 0 && start != NULL ? 1 : m->captures;
  luaL_checkstack(m->L, count, "too many captures");
  for (int index = 0; index < count; index++) match_push(m, index, start, end);
  return count;
}
