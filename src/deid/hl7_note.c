/* Free text of a message: all of it is searched as one note, since reports come as a line a segment. Escapes are undone
 * for the search; what is not found stays as it stood, escapes and all. */
#include "deid/hl7_internal.h"

#define PIECES_MAX 200000
#define NOTE_BYTES TW_MIB /* searched at once */

/* ---------------------------------------------------------------- undone, with the way back */

static void give(hl7_note *n, tw_str text, uint32_t at, uint32_t end)
{
    for (size_t i = 0; i < text.n; i++) {
        hl7_origin o = { at, end };
        tw_buf_add(&n->origin, &o, sizeof o);
    }
    tw_buf_str(&n->text, text);
}

static void give_plain(hl7_note *n, tw_str raw, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        give(n, (tw_str){ raw.p + i, 1 }, (uint32_t)i, (uint32_t)i + 1);
}

/* Bytes of the escape at `from`, with those of \X..\ that follow it: a character may be parted. 0: no escape. */
static size_t escape_at(tw_str raw, size_t from, char escape)
{
    size_t n = 0;
    for (bool hex = true; hex && from + n + 1 < raw.n && raw.p[from + n] == escape;) {
        hex = raw.p[from + n + 1] == 'X';
        const char *end = memchr(raw.p + from + n + 1, escape, raw.n - from - n - 1);
        if (!end || (n > 0 && !hex))
            break;
        n = (size_t)(end - raw.p) + 1 - from;
    }
    return n;
}

/* false: escapes that are no text. */
static bool undo(hl7_walk *x, tw_str raw)
{
    hl7_note *n = &x->note;
    char escape = x->m.delims.escape;
    size_t from = 0, size;
    for (size_t i = 0; i < raw.n; i++) {
        tw_str text;
        if (raw.p[i] != escape || (size = escape_at(raw, i, escape)) == 0)
            continue;
        tw_str one = { raw.p + i, size };
        if (tw_hl7_text(x->cx, &text, &x->m, one) != TW_OK) {
            tw_err_clear(x->cx);
            return false;
        }
        if (tw_str_eq(text, one))
            continue;
        give_plain(n, raw, from, i);
        give(n, text, (uint32_t)i, (uint32_t)(i + size));
        from = i + size;
        i = from - 1;
    }
    give_plain(n, raw, from, raw.n);
    return true;
}

/* ---------------------------------------------------------------- gathering */

static tw_status piece_new(hl7_walk *x, hl7_piece **out)
{
    hl7_note *n = &x->note;
    if (n->pieces == PIECES_MAX)
        return tw_fail(x->cx, TW_ELIMIT, "more than %d texts", PIECES_MAX);
    if (n->pieces == n->piece_cap) {
        size_t cap = n->piece_cap ? 2 * n->piece_cap : 64;
        hl7_piece *p = tw_try_array(x->cx->arena, hl7_piece, cap);
        if (!p)
            return tw_fail(x->cx, TW_ELIMIT, "no memory left for texts");
        if (n->pieces)
            memcpy(p, n->piece, n->pieces * sizeof *p);
        n->piece = p;
        n->piece_cap = cap;
    }
    *out = &n->piece[n->pieces++];
    return TW_OK;
}

/* Observations of one name are lines of one text; another name begins a paragraph. */
static bool same_heading(const hl7_walk *x, const tw_hl7_segment *a, const tw_hl7_segment *b)
{
    return a && (a == b ||
                 (memcmp(a->name, b->name, 3) == 0 &&
                  (memcmp(a->name, "OBX", 3) != 0 || tw_str_eq(tw_hl7_field(&x->m, a, 3), tw_hl7_field(&x->m, b, 3)))));
}

/* It may stay as it stands, and needs no search: a short number, or a brief text that is clean alone and names nobody
 * of this message. */
static tw_status harmless(hl7_walk *x, bool *yes, const hl7_type *t, tw_str raw)
{
    hl7_coded v;
    tw_str none = { "", 0 };
    *yes = hl7_text_plain(raw);
    if (*yes || t->part[0].act != HL7_BRIEF || raw.n > HL7_CODE_BYTES)
        return TW_OK;
    TW_TRY(hl7_code(x, &v, none, raw, none, raw, 0));
    *yes = v.display;
    return TW_OK;
}

tw_status hl7_note_add(hl7_walk *x, const hl7_type *t, tw_str raw, const tw_hl7_segment *s)
{
    hl7_note *n = &x->note;
    hl7_piece *p = NULL;
    bool skip;
    TW_TRY(harmless(x, &skip, t, raw));
    if (skip)
        return TW_OK;
    TW_TRY(piece_new(x, &p));
    if (n->text.n)
        give(n, same_heading(x, n->last, s) ? TW_STR("\n") : TW_STR("\n\n"), 0, 0);
    n->last = s;
    *p = (hl7_piece){ .raw = raw.p, .raw_n = (uint32_t)raw.n, .from = (uint32_t)n->text.n };
    p->bad = raw.n > TW_TEXT_BYTES_MAX || !undo(x, raw);
    p->to = (uint32_t)n->text.n;
    TW_TRY(tw_buf_check(x->cx, &n->text, "text of a message"));
    return tw_buf_check(x->cx, &n->origin, "text of a message");
}

/* ---------------------------------------------------------------- searching */

static tw_status know(hl7_walk *x)
{
    hl7_room *r = x->room;
    uint8_t h[32];
    tw_buf b;
    tw_buf_init(&b, TW_HL7_BYTES_MAX);
    for (size_t i = 0; i < x->facts.n; i++) {
        tw_buf_u8(&b, (uint8_t)x->facts.fact[i].field);
        tw_buf_var(&b, tw_bytes_of(x->facts.fact[i].value));
    }
    tw_sha256_of(h, tw_buf_view(&b));
    bool failed = b.failed;
    tw_buf_done(&b);
    if (!failed && r->known_ready && memcmp(h, r->known_hash, sizeof h) == 0)
        return TW_OK;
    r->known_ready = false;
    doc_known_reset(&r->known);
    for (size_t i = 0; i < x->facts.n; i++)
        TW_TRY(doc_known_add(x->cx, &r->known, x->facts.fact[i].field, x->facts.fact[i].value));
    TW_TRY(doc_known_ready(x->cx, &r->known));
    memcpy(r->known_hash, h, sizeof h);
    r->known_ready = !failed;
    return TW_OK;
}

/* Pieces from `first` up to the next NOTE_BYTES; returns the one after them. */
static size_t search(hl7_walk *x, size_t first)
{
    hl7_note *n = &x->note;
    const tw_doc_opts *o = x->w->opts;
    size_t last = first + 1, count = 0, k = 0;
    uint32_t from = n->piece[first].from;
    while (last < n->pieces && n->piece[last].to - from <= NOTE_BYTES)
        last++;
    tw_str text = { n->text.n ? (const char *)n->text.p + from : "", n->piece[last - 1].to - from };
    tw_text_span *span = NULL;
    tw_text_opts opts = { .model = o->text,
                          .known = doc_known_text(&x->room->known),
                          .threshold = o->text_threshold,
                          .strict = o->text_strict };
    bool found = tw_text_find(x->cx, &span, &count, x->w->text, text, &opts) == TW_OK;
    if (!found)
        tw_err_clear(x->cx); /* a text that cannot be searched is removed */
    for (size_t i = first; i < last; i++) {
        hl7_piece *p = &n->piece[i];
        p->bad |= !found;
        while (k < count && span[k].end + from <= p->from)
            k++;
        p->span = span + k;
        for (size_t j = k; j < count && span[j].start + from < p->to; j++)
            p->spans++;
        p->base = from;
    }
    return last;
}

tw_status hl7_note_search(hl7_walk *x)
{
    TW_TRY(know(x));
    for (size_t i = 0; i < x->note.pieces;)
        i = search(x, i);
    return TW_OK;
}

/* ---------------------------------------------------------------- replacing */

static void replacement(hl7_walk *x, tw_buf *out, tw_str value, tw_text_span span)
{
    const tw_doc_opts *o = x->w->opts;
    char plain[DOC_ID_BYTES_MAX], id[TW_ID_HEX + 1];
    tw_bytes key = { (const uint8_t *)plain, doc_plain(plain, value) };
    if (span.kind == TW_TEXT_ID && !o->text_tags && tw_map_get(x->room->known.idents, key)) {
        doc_ident(id, x->w, value);
        tw_buf_add(out, id, TW_ID_HEX);
        return;
    }
    tw_text_replace_opts how = { .style = o->text_tags ? TW_TEXT_TAGS : TW_TEXT_SURROGATES,
                                 .key = x->who->surrogate_key,
                                 .shift_days = o->profile->times == TIMES_SHIFT ? 7 * x->who->shift_weeks : 0 };
    span.start = 0;
    span.end = (uint32_t)value.n;
    tw_text_replace(out, o->text, value, &span, 1, &how);
}

static tw_status splice_span(hl7_walk *x, const hl7_piece *p, const tw_text_span *s)
{
    const hl7_note *n = &x->note;
    const hl7_origin *origin = (const hl7_origin *)(const void *)n->origin.p;
    uint32_t from = TW_MAX(s->start + p->base, p->from), to = TW_MIN(s->end + p->base, p->to);
    if (from >= to)
        return TW_OK;
    tw_str value = { (const char *)n->text.p + from, to - from };
    tw_buf *room = &x->w->scratch;
    tw_buf_clear(room);
    replacement(x, room, value, *s);
    size_t plain = room->n;
    if (!room->failed) {
        tw_str text = tw_str_dup(x->cx->arena, tw_str_of_bytes(tw_buf_view(room)));
        tw_hl7_escape(room, &x->m.delims, text);
    }
    TW_TRY(tw_buf_check(x->cx, room, "text"));
    const char *at = p->raw + origin[from].at, *end = p->raw + origin[to - 1].end;
    if (at < x->from) /* two spans in one escape: the first took it away */
        at = x->from;
    hl7_splice(x, at, end > at ? (size_t)(end - at) : 0, (tw_str){ (const char *)room->p + plain, room->n - plain });
    return TW_OK;
}

tw_status hl7_text(hl7_walk *x, hl7_text_fate *fate, const hl7_type *t, tw_str raw)
{
    bool keep;
    *fate = HL7_TEXT_KEPT;
    TW_TRY(harmless(x, &keep, t, raw));
    if (keep)
        return TW_OK;
    TW_TRY(hl7_gather(x));
    hl7_note *n = &x->note;
    hl7_piece *p = n->next < n->pieces && n->piece[n->next].raw == raw.p ? &n->piece[n->next++] : NULL;
    if (!p || p->bad) {
        *fate = HL7_TEXT_REMOVED;
        hl7_splice(x, raw.p, raw.n, (tw_str){ NULL, 0 });
        return TW_OK;
    }
    for (size_t i = 0; i < p->spans; i++)
        TW_TRY(splice_span(x, p, &p->span[i]));
    *fate = p->spans ? HL7_TEXT_CHANGED : HL7_TEXT_KEPT;
    return TW_OK;
}
