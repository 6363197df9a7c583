/* A note of plain text, on its own: nothing is known of whom it is about. */
#include "deid/doc_internal.h"

tw_status tw_deid_note(tw_ctx *cx, tw_buf *out, tw_doc_work *w, tw_str note)
{
    doc_person nobody;
    tw_str clean;
    if (!w->opts->text)
        return tw_fail(cx, TW_EREFUSED, "free text is removed, and a note is nothing else");
    doc_person_of(&nobody, w, (tw_str){ "", 0 });
    TW_TRY(doc_text(cx, &clean, w, note, NULL, &nobody));
    if (note.n && !clean.n)
        return tw_fail(cx, TW_EPARSE, "not UTF-8, or longer than a note may be");
    tw_buf_str(out, clean);
    doc_count(w, TW_STR("note"), TW_STR("text"), tw_str_eq(clean, note) ? TW_DOC_KEPT : TW_DOC_CHANGED);
    doc_act(w, TW_STR("note"), TW_STR("text"), TW_DOC_CHANGED, note, clean);
    return tw_buf_check(cx, out, "note");
}
