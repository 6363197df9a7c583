/** What the fuzz targets share. A target is one LLVMFuzzerTestOneInput over one decoder; it ends normally for every
 *  input, and FUZZ_CHECK aborts when something that must hold does not. Same input, same run: entropy begins anew with
 *  each input, the clock stands still, and there is no disk unless a target brings one. */
#ifndef FUZZ_SUPPORT_H
#define FUZZ_SUPPORT_H

#include "base/base.h"
#include "format/format.h"

/** libFuzzer's entry; also what replay_main.c calls. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(cond) TW_ASSERT(cond)

/** A context for one input; its arena holds `bytes_max` at most: what needs more must be refused. End: tw_ctx_done. */
void fuzz_begin(tw_ctx *cx, size_t bytes_max);
/** The environment of fuzz_begin's contexts; a target may set its disk. */
tw_env *fuzz_env(void);

/** First byte of the input, which is taken off it; 0 at the end. */
uint8_t fuzz_take(tw_bytes *in);
/** Bytes up to n, taken off; the rest of `out` (n bytes) is zero. */
void fuzz_fill(uint8_t *out, size_t n, tw_bytes *in);

/** Values of the corpus hold this, and nothing else does: a message or a record that has it repeats a value. With a
 * blank, so that it is no name of a member, which messages may repeat. */
#define FUZZ_VALUE "Qux ley"
/** A message is printable ASCII, holds no FUZZ_VALUE and no number of six digits or more that stands in the input. */
void fuzz_message_clean(tw_str message, tw_bytes in);
/** The same for message and hint of cx->err. */
void fuzz_error_clean(const tw_ctx *cx, tw_bytes in);

/** The value at token i, written again, compact: strings decoded and escaped again, numbers as they stood. */
void fuzz_json_write(tw_ctx *cx, tw_jw *w, const tw_json *d, uint32_t i);
/** Both documents have the same shape, names, texts and numbers. */
bool fuzz_json_same(tw_ctx *cx, const tw_json *a, const tw_json *b);

/** Bytes of a buffer that did not fail, in the arena; the buffer is done. */
tw_bytes fuzz_taken(tw_ctx *cx, tw_buf *b);

#endif
