#include "postern_codec.h"
#include <brotli/encode.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

struct postern_encoder {
  int format;
  z_stream gzip;
  BrotliEncoderState *brotli;
  ZSTD_CCtx *zstd;
  uint8_t *out;
  size_t count;
  size_t capacity;
};

/* 256 KiB: a response seldom has more that repeats itself, and every response in progress has a window. */
enum { WINDOW_BITS = 18, FIRST_CAPACITY = 16 << 10 };

postern_encoder *postern_encoder_make(int format, int level) {
  postern_encoder *encoder = calloc(1, sizeof *encoder);
  if (encoder == NULL) return NULL;
  encoder->format = format;
  int is_made = 0;
  switch (format) {
  case POSTERN_GZIP:
    /* 31: the largest window of 15 bits, and 16 for gzip's header and trailer. */
    is_made = deflateInit2(&encoder->gzip, level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    break;
  case POSTERN_BROTLI:
    encoder->brotli = BrotliEncoderCreateInstance(NULL, NULL, NULL);
    is_made = encoder->brotli != NULL &&
              BrotliEncoderSetParameter(encoder->brotli, BROTLI_PARAM_QUALITY, (uint32_t)level) &&
              BrotliEncoderSetParameter(encoder->brotli, BROTLI_PARAM_LGWIN, WINDOW_BITS);
    break;
  case POSTERN_ZSTD:
    encoder->zstd = ZSTD_createCCtx();
    is_made = encoder->zstd != NULL &&
              !ZSTD_isError(ZSTD_CCtx_setParameter(encoder->zstd, ZSTD_c_compressionLevel, level)) &&
              !ZSTD_isError(ZSTD_CCtx_setParameter(encoder->zstd, ZSTD_c_windowLog, WINDOW_BITS));
    break;
  default: break;
  }
  if (is_made) return encoder;
  /* What deflateInit2 did not make, deflateEnd leaves alone. */
  postern_encoder_free(encoder);
  return NULL;
}

void postern_encoder_free(postern_encoder *encoder) {
  if (encoder == NULL) return;
  if (encoder->format == POSTERN_GZIP) deflateEnd(&encoder->gzip);
  if (encoder->brotli != NULL) BrotliEncoderDestroyInstance(encoder->brotli);
  if (encoder->zstd != NULL) ZSTD_freeCCtx(encoder->zstd);
  free(encoder->out);
  free(encoder);
}

/* Room for at least one more byte. */
static int has_room(postern_encoder *encoder) {
  if (encoder->count < encoder->capacity) return 1;
  size_t capacity = encoder->capacity == 0 ? FIRST_CAPACITY : encoder->capacity * 2;
  uint8_t *out = realloc(encoder->out, capacity);
  if (out == NULL) return 0;
  encoder->out = out;
  encoder->capacity = capacity;
  return 1;
}

static int write_gzip(postern_encoder *encoder, const uint8_t *bytes, size_t count, int how) {
  static const int flushes[] = {Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FINISH};
  z_stream *stream = &encoder->gzip;
  stream->next_in = (Bytef *)bytes;
  stream->avail_in = (uInt)count;
  for (;;) {
    if (!has_room(encoder)) return -1;
    size_t room = encoder->capacity - encoder->count;
    stream->next_out = encoder->out + encoder->count;
    stream->avail_out = (uInt)room;
    int status = deflate(stream, flushes[how]);
    encoder->count += room - stream->avail_out;
    /* Z_BUF_ERROR: there was nothing to do. */
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) return -1;
    if (status == Z_STREAM_END || (how != POSTERN_FINISH && stream->avail_out > 0)) return 0;
  }
}

static int write_brotli(postern_encoder *encoder, const uint8_t *bytes, size_t count, int how) {
  static const BrotliEncoderOperation operations[] = {BROTLI_OPERATION_PROCESS, BROTLI_OPERATION_FLUSH,
                                                      BROTLI_OPERATION_FINISH};
  do {
    if (!has_room(encoder)) return -1;
    size_t room = encoder->capacity - encoder->count;
    uint8_t *out = encoder->out + encoder->count;
    size_t left = room;
    if (!BrotliEncoderCompressStream(encoder->brotli, operations[how], &count, &bytes, &left, &out, NULL)) return -1;
    encoder->count += room - left;
  } while (count > 0 || BrotliEncoderHasMoreOutput(encoder->brotli));
  return 0;
}

static int write_zstd(postern_encoder *encoder, const uint8_t *bytes, size_t count, int how) {
  static const ZSTD_EndDirective directives[] = {ZSTD_e_continue, ZSTD_e_flush, ZSTD_e_end};
  ZSTD_inBuffer in = {bytes, count, 0};
  for (;;) {
    if (!has_room(encoder)) return -1;
    ZSTD_outBuffer out = {encoder->out, encoder->capacity, encoder->count};
    size_t left = ZSTD_compressStream2(encoder->zstd, &out, &in, directives[how]);
    encoder->count = out.pos;
    if (ZSTD_isError(left)) return -1;
    if (how == POSTERN_GATHER ? in.pos == in.size : left == 0) return 0;
  }
}

int postern_encoder_write(postern_encoder *encoder, const uint8_t *bytes, size_t count, int how, const uint8_t **out,
                          size_t *out_count) {
  encoder->count = 0;
  int status = -1;
  switch (encoder->format) {
  case POSTERN_GZIP: status = write_gzip(encoder, bytes, count, how); break;
  case POSTERN_BROTLI: status = write_brotli(encoder, bytes, count, how); break;
  case POSTERN_ZSTD: status = write_zstd(encoder, bytes, count, how); break;
  default: break;
  }
  *out = encoder->out;
  *out_count = encoder->count;
  return status;
}
