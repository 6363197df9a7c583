/* Lines around the messages of an HL7 v2 batch: the delimiters and the counts stay, senders, names, times and comments
 * go. A batch is of no patient, so that its times could not be shifted with anybody's. */
#include "deid/doc_internal.h"

static bool is(tw_str line, const char *name)
{
    return tw_str_starts(line, name);
}

static bool all_digits(tw_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0 && s.n <= 9;
}

tw_status tw_deid_hl7_envelope(tw_ctx *cx, tw_buf *out, tw_doc_work *w, tw_str line)
{
    bool head = is(line, "FHS") || is(line, "BHS");
    bool tail = is(line, "FTS") || is(line, "BTS");
    if (line.n < 4 || (!head && !tail)) {
        doc_count(w, TW_STR("(between messages)"), TW_STR("default-deny"), TW_DOC_REMOVED);
        return TW_OK;
    }
    char mark = line.p[3];
    tw_str second = tw_hl7_part((tw_str){ line.p + 4, line.n - 4 }, mark, 1);
    bool stays = head ? second.n >= 4 && second.n <= 5 : all_digits(second);
    for (size_t i = 0; head && i < second.n; i++)
        stays &= second.p[i] > ' ' && second.p[i] < 0x7f && !(second.p[i] >= '0' && second.p[i] <= '9') &&
                 !((second.p[i] | 32) >= 'a' && (second.p[i] | 32) <= 'z');
    tw_buf_add(out, line.p, 4);
    if (stays)
        tw_buf_str(out, second);
    doc_count(w, head ? TW_STR("FHS") : TW_STR("FTS"), TW_STR("envelope"),
              stays && second.n + 4 == line.n ? TW_DOC_KEPT : TW_DOC_CHANGED);
    return tw_buf_check(cx, out, "envelope");
}
