#include "CRE2.h"

#include <cstdio>
#include <exception>
#include <new>

#include <re2/re2.h>

struct postern_pattern {
  postern_pattern(re2::StringPiece text, const re2::RE2::Options &options)
      : compiled(text, options) {}
  re2::RE2 compiled;
};

namespace {

re2::StringPiece piece(const void *bytes, size_t length) {
  return re2::StringPiece(static_cast<const char *>(bytes), length);
}

void report(char *error, size_t capacity, const char *message) {
  if (capacity > 0) snprintf(error, capacity, "%s", message);
}

bool matches(const postern_pattern *pattern, const void *bytes, size_t length, re2::RE2::Anchor anchor) {
  try {
    return pattern->compiled.Match(piece(bytes, length), 0, length, anchor, nullptr, 0);
  } catch (...) {
    return false;  // Out of memory: a pattern that cannot be tried does not match.
  }
}

}  // namespace

postern_pattern *postern_pattern_compile(const void *text, size_t length, int64_t max_memory_bytes, char *error,
                                         size_t error_capacity) {
  try {
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_max_mem(max_memory_bytes);
    options.set_never_capture(true);
    postern_pattern *pattern = new postern_pattern(piece(text, length), options);
    if (pattern->compiled.ok()) return pattern;
    report(error, error_capacity, pattern->compiled.error().c_str());
    delete pattern;
  } catch (const std::exception &problem) {
    report(error, error_capacity, problem.what());
  } catch (...) {
    report(error, error_capacity, "the pattern could not be compiled");
  }
  return nullptr;
}

bool postern_pattern_matches_whole(const postern_pattern *pattern, const void *bytes, size_t length) {
  return matches(pattern, bytes, length, re2::RE2::ANCHOR_BOTH);
}

bool postern_pattern_matches_part(const postern_pattern *pattern, const void *bytes, size_t length) {
  return matches(pattern, bytes, length, re2::RE2::UNANCHORED);
}

void postern_pattern_free(postern_pattern *pattern) { delete pattern; }
