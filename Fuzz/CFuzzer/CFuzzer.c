#include "CFuzzer.h"
#include <stdlib.h>

/* llvm.org/docs/LibFuzzer.html, "Using libFuzzer as a library"; the library has no header for it. */
int LLVMFuzzerRunDriver(int *argument_count, char ***arguments, int (*one_input)(const uint8_t *bytes, size_t count));

static postern_fuzz_target chosen;

static int one_input(const uint8_t *bytes, size_t count) {
  chosen(bytes, count);
  return 0;
}

void postern_fuzz(int argument_count, char **arguments, postern_fuzz_target target) {
  chosen = target;
  exit(LLVMFuzzerRunDriver(&argument_count, &arguments, one_input));
}
