/* JSON that came in with a member a line goes out so. */
#include "deid/doc_pass.h"

bool doc_is_indented(tw_str document)
{
    document = tw_str_trim(document);
    return document.n > 1 && (document.p[1] == '\n' || document.p[1] == '\r');
}

static tw_str bare_name(const tw_json *d, uint32_t key)
{
    tw_str s = tw_json_raw(d, key);
    return (tw_str){ s.p + 1, s.n - 2 }; /* our own: none has an escape */
}

static uint32_t write_value(tw_jw *w, const tw_json *d, uint32_t i)
{
    const tw_json_tok *t = &d->tok[i];
    bool object = t->type == TW_JSON_OBJECT;
    if (!object && t->type != TW_JSON_ARRAY) {
        tw_jw_raw(w, tw_json_raw(d, i));
        return i + 1;
    }
    if (object)
        tw_jw_object(w);
    else
        tw_jw_array(w);
    uint32_t end = t->next;
    for (i++; i < end;) {
        if (object)
            tw_jw_key_str(w, bare_name(d, i++));
        i = write_value(w, d, i);
    }
    if (object)
        tw_jw_object_end(w);
    else
        tw_jw_array_end(w);
    return end;
}

tw_status doc_indent(tw_ctx *cx, tw_buf *out, tw_doc_work *w, size_t from)
{
    tw_json d;
    tw_jw writer;
    TW_TRY(tw_json_parse(cx, &d, (tw_str){ (const char *)out->p + from, out->n - from }, NULL));
    tw_buf_clear(&w->scratch);
    tw_jw_init(&writer, &w->scratch, 2);
    write_value(&writer, &d, 0);
    out->n = from;
    tw_buf_str(out, tw_str_of_bytes(tw_buf_view(&w->scratch)));
    TW_TRY(tw_buf_check(cx, &w->scratch, "document"));
    return tw_buf_check(cx, out, "document");
}
