#ifndef POSTERN_CRE2_H
#define POSTERN_CRE2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A compiled RE2 pattern. Immutable: any number of threads may match with one at the same time. */
typedef struct postern_pattern postern_pattern;

/*
 * Compiles `length` bytes of UTF-8 in RE2's syntax. Captures are not recorded.
 *
 * `max_memory_bytes` bounds the program and the automaton that matching builds; a pattern that needs more is refused,
 * an automaton that needs more makes matching slower (still linear), never wrong.
 *
 * Returns null on failure, with a message of at most `error_capacity - 1` bytes, ended by NUL, in `error`.
 * The caller frees the result with postern_pattern_free. No C++ exception leaves any of these functions.
 */
postern_pattern *postern_pattern_compile(const void *text, size_t length, int64_t max_memory_bytes, char *error,
                                         size_t error_capacity);

/* Whether the whole of the `length` bytes at `bytes` matches. Linear in `length`. */
bool postern_pattern_matches_whole(const postern_pattern *pattern, const void *bytes, size_t length);

/* Whether some part of the bytes matches. Linear in `length`. */
bool postern_pattern_matches_part(const postern_pattern *pattern, const void *bytes, size_t length);

/* As postern_pattern_compile, for a pattern whose groups are wanted. */
postern_pattern *postern_pattern_compile_capturing(const void *text, size_t length, int64_t max_memory_bytes,
                                                   char *error, size_t error_capacity);

/* Instructions of the compiled program: matching takes at most so many steps a byte. */
int32_t postern_pattern_program_size(const postern_pattern *pattern);

/* Groups, the whole match not counted. */
int32_t postern_pattern_groups(const postern_pattern *pattern);

/*
 * The first match at or after `from`. `offsets` gets begin and end of the whole and of `groups - 1` groups, from the
 * text's beginning; -1 for a group that took no part. `groups` is 1...33.
 */
bool postern_pattern_find(const postern_pattern *pattern, const void *bytes, size_t length, size_t from,
                          int64_t *offsets, int32_t groups);

/* Null is allowed. */
void postern_pattern_free(postern_pattern *pattern);

#ifdef __cplusplus
}
#endif
#endif
