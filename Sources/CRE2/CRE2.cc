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

static postern_pattern *compile(const void *text, size_t length, int64_t max_memory_bytes, bool captures, char *error,
                                size_t error_capacity) {
  try {
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_max_mem(max_memory_bytes);
    options.set_never_capture(!captures);
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

postern_pattern *postern_pattern_compile(const void *text, size_t length, int64_t max_memory_bytes, char *error,
                                         size_t error_capacity) {
  return compile(text, length, max_memory_bytes, false, error, error_capacity);
}

postern_pattern *postern_pattern_compile_capturing(const void *text, size_t length, int64_t max_memory_bytes,
                                                   char *error, size_t error_capacity) {
  return compile(text, length, max_memory_bytes, true, error, error_capacity);
}

int32_t postern_pattern_program_size(const postern_pattern *pattern) { return pattern->compiled.ProgramSize(); }

int32_t postern_pattern_groups(const postern_pattern *pattern) { return pattern->compiled.NumberOfCapturingGroups(); }

bool postern_pattern_find(const postern_pattern *pattern, const void *bytes, size_t length, size_t from,
                          int64_t *offsets, int32_t groups) {
  try {
    const int most = 33;
    re2::StringPiece found[most];
    if (groups > most || from > length) return false;
    const re2::StringPiece text = piece(bytes, length);
    if (!pattern->compiled.Match(text, from, length, re2::RE2::UNANCHORED, found, groups)) return false;
    for (int32_t group = 0; group < groups; group++) {
      const bool took_part = found[group].data() != nullptr;
      offsets[group * 2] = took_part ? found[group].data() - text.data() : -1;
      offsets[group * 2 + 1] = took_part ? offsets[group * 2] + static_cast<int64_t>(found[group].size()) : -1;
    }
    return true;
  } catch (...) {
    return false;
  }
}

bool postern_pattern_matches_whole(const postern_pattern *pattern, const void *bytes, size_t length) {
  return matches(pattern, bytes, length, re2::RE2::ANCHOR_BOTH);
}

bool postern_pattern_matches_part(const postern_pattern *pattern, const void *bytes, size_t length) {
  return matches(pattern, bytes, length, re2::RE2::UNANCHORED);
}

void postern_pattern_free(postern_pattern *pattern) { delete pattern; }
