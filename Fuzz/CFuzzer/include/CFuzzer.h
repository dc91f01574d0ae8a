#ifndef POSTERN_CFUZZER_H
#define POSTERN_CFUZZER_H
#include <stddef.h>
#include <stdint.h>

/* Looks at one input; traps when it finds a fault. The bytes are gone when it returns. */
typedef void (*postern_fuzz_target)(const uint8_t *_Nullable bytes, size_t count);

/* libFuzzer's loop around `target`, with the arguments of `main`: its options, a corpus folder or single files. Ends the
 * process with libFuzzer's status. */
_Noreturn void postern_fuzz(int argument_count, char *_Nullable *_Nonnull arguments, postern_fuzz_target _Nonnull target);

#endif
