#ifndef POSTERN_CFUZZER_H
#define POSTERN_CFUZZER_H
#include <stddef.h>
#include <stdint.h>

/* libFuzzer's loop (llvm.org/docs/LibFuzzer.html, "Using libFuzzer as a library"); returns the exit status. */
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*one_input)(const uint8_t *bytes, size_t count));

#endif
