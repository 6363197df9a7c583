#include "pattern_internal.h"

void tw_text_replace(tw_buf *out, const tw_text_model *m, tw_str text, const tw_text_span *span, size_t count,
                     const tw_text_replace_opts *opts)
{
    size_t at_byte = 0;
    for (size_t i = 0; i < count; i++) {
        TW_ASSERT(span[i].start >= at_byte && span[i].end >= span[i].start && span[i].end <= text.n);
        tw_str old = { text.p + span[i].start, span[i].end - span[i].start };
        tw_buf_add(out, text.p + at_byte, span[i].start - at_byte);
        if (opts->style != TW_TEXT_SURROGATES || !surrogate_write(out, m, old, (tw_text_kind)span[i].kind, opts)) {
            tw_buf_u8(out, '[');
            tw_buf_cstr(out, tw_text_kind_name((tw_text_kind)span[i].kind));
            tw_buf_u8(out, ']');
        }
        at_byte = span[i].end;
    }
    tw_buf_add(out, text.p + at_byte, text.n - at_byte);
}
