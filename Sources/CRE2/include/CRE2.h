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

/* Null is allowed. */
void postern_pattern_free(postern_pattern *pattern);

#ifdef __cplusplus
}
#endif
#endif
