/* The encoders of zlib, libbrotli and libzstd behind one face. */
#ifndef POSTERN_CODEC_H
#define POSTERN_CODEC_H
#include <stddef.h>
#include <stdint.h>

enum { POSTERN_GZIP = 0, POSTERN_BROTLI = 1, POSTERN_ZSTD = 2 };
enum { POSTERN_GATHER = 0, POSTERN_FLUSH = 1, POSTERN_FINISH = 2 };

typedef struct postern_encoder postern_encoder;

/* Null without memory. The caller frees it with postern_encoder_free. */
postern_encoder *postern_encoder_make(int format, int level);

/* Encodes `count` bytes. POSTERN_FLUSH makes all of them readable for the other end, POSTERN_FINISH ends the text.
 * `out` is the encoder's and lives until the next call. Returns 0, or -1 after which it can only be freed. */
int postern_encoder_write(postern_encoder *encoder, const uint8_t *bytes, size_t count, int how, const uint8_t **out,
                          size_t *out_count);

/* Null is allowed. */
void postern_encoder_free(postern_encoder *encoder);

#endif
