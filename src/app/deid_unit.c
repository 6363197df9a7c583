/* One unit of a file, by its format; the header of a table; what stands between units. */
#include "deid_internal.h"

#define FRAME_START 0x0b /* MLLP */
#define FRAME_END 0x1c

/* ---------------------------------------------------------------- tables */

static tw_column_role role_of(const tw_mapped *m)
{
    static const tw_column_role role[] = {
        [TW_MAPPED_UNUSED] = TW_COLUMN_REMOVE,   [TW_MAPPED_WORD] = TW_COLUMN_CODE,
        [TW_MAPPED_NUMBER] = TW_COLUMN_NUMBER,   [TW_MAPPED_UNIT] = TW_COLUMN_UNIT,
        [TW_MAPPED_CODE] = TW_COLUMN_CODE,       [TW_MAPPED_TIME] = TW_COLUMN_DATE,
        [TW_MAPPED_TEXT] = TW_COLUMN_TEXT,       [TW_MAPPED_PLACE] = TW_COLUMN_ADDRESS,
        [TW_MAPPED_ZIP] = TW_COLUMN_ZIP,         [TW_MAPPED_ADDRESS] = TW_COLUMN_ADDRESS,
        [TW_MAPPED_CONTACT] = TW_COLUMN_CONTACT, [TW_MAPPED_ID] = TW_COLUMN_ID,
        [TW_MAPPED_BIRTH] = TW_COLUMN_BIRTH,     [TW_MAPPED_NAME] = TW_COLUMN_NAME,
        [TW_MAPPED_PATIENT] = TW_COLUMN_PATIENT,
    };
    return role[m->use];
}

/* Which mark parts the columns, when nobody says: the one that is most frequent in the header. */
static char delimiter_of(tw_str header)
{
    static const char marks[] = { ',', ';', '\t', '|' };
    char best = ',';
    size_t most = 0;
    for (size_t k = 0; k < sizeof marks; k++) {
        size_t n = 0;
        for (size_t i = 0; i < header.n; i++)
            n += header.p[i] == marks[k];
        if (n > most) {
            most = n;
            best = marks[k];
        }
    }
    return best;
}

tw_status deid_table_open(tw_ctx *cx, deid_table *out, const deid_run *r, tw_str name, tw_str header)
{
    tw_str *field;
    tw_mapped *use;
    char delimiter;
    size_t count;
    if (!r->mapping) {
        tw_fail(cx, TW_EUSAGE, "what the columns of a table are is not known");
        return tw_hint(cx, "give --mapping FILE; twinward deid --suggest-mapping TABLE... proposes one");
    }
    if (tw_str_starts(header, "\xef\xbb\xbf"))
        header = (tw_str){ header.p + 3, header.n - 3 };
    out->csv = (tw_csv_opts){ .delimiter = delimiter_of(header) };
    TW_TRY(tw_csv_row(cx, &field, &count, NULL, header, &out->csv));
    TW_TRY(tw_mapping_columns(cx, &use, &delimiter, r->mapping, name, field, count));
    if (delimiter && delimiter != out->csv.delimiter)
        return tw_fail(cx, TW_EPARSE, "its header has another delimiter than the mapping says");
    out->column = tw_arena_get(cx->arena, count * sizeof *out->column);
    out->count = count;
    out->csv.columns = (uint32_t)count;
    for (size_t i = 0; i < count; i++)
        out->column[i] = (tw_column){ .name = field[i], .role = role_of(&use[i]), .system = use[i].system };
    return TW_OK;
}

static tw_status row(tw_ctx *cx, tw_buf *out, tw_doc_work *w, const deid_table *t, tw_str unit)
{
    tw_str *field;
    size_t count;
    TW_TRY(tw_csv_row(cx, &field, &count, NULL, unit, &t->csv));
    tw_str *clean = tw_arena_get(cx->arena, count * sizeof *clean);
    TW_TRY(tw_deid_csv_row(cx, clean, w, field, t->column, count));
    tw_csv_write(out, clean, count, &t->csv);
    return TW_OK;
}

/* ---------------------------------------------------------------- units */

static tw_status unit_of(tw_ctx *cx, tw_buf *out, deid_worker *me, const deid_kind *kind, tw_str unit)
{
    tw_doc_work *w = me->doc;
    if (me->config)
        return deid_by_config(cx, out, me, kind, unit);
    if (kind->note)
        return tw_deid_note(cx, out, w, unit);
    switch (kind->form) {
    case TW_FORM_DOCUMENT:
    case TW_FORM_NDJSON:
        return tw_deid_fhir(cx, out, w, unit);
    case TW_FORM_HL7V2:
        return tw_deid_hl7(cx, out, w, unit);
    case TW_FORM_CCDA:
        return tw_deid_ccda(cx, out, w, unit);
    case TW_FORM_CSV:
        return row(cx, out, w, kind->table, unit);
    case TW_FORM_COUNT:
        break;
    }
    return tw_fail(cx, TW_EUSAGE, "no format");
}

tw_status deid_unit(tw_ctx *cx, tw_buf *out, deid_worker *w, const deid_kind *kind, tw_str unit)
{
    size_t mark = out->n;
    tw_status s = unit_of(cx, out, w, kind, unit);
    if (s == TW_OK)
        s = tw_buf_check(cx, out, "what came of a piece of the file");
    if (s == TW_OK && kind->form == TW_FORM_NDJSON && !kind->note)
        tw_buf_u8(out, '\n');
    if (s != TW_OK && !out->failed)
        out->n = mark;
    return s;
}

/* ---------------------------------------------------------------- between units */

static bool is_frame(char c)
{
    return c == FRAME_START || c == FRAME_END || c == '\r' || c == '\n';
}

/* Frames and line ends stay; a line of a batch (FHS, BHS, BTS, FTS) goes through its rules. */
static tw_status envelope(tw_ctx *cx, tw_buf *out, tw_doc_work *w, tw_str bytes)
{
    while (bytes.n) {
        size_t n = 0;
        bool frame = is_frame(bytes.p[0]);
        while (n < bytes.n && is_frame(bytes.p[n]) == frame)
            n++;
        tw_str part = { bytes.p, n };
        if (frame)
            tw_buf_str(out, part);
        else
            TW_TRY(tw_deid_hl7_envelope(cx, out, w, part));
        bytes.p += n;
        bytes.n -= n;
    }
    return TW_OK;
}

tw_status deid_between(tw_ctx *cx, tw_buf *out, deid_worker *w, const deid_kind *kind, tw_str bytes)
{
    if (kind->form != TW_FORM_HL7V2 || kind->note)
        return TW_OK; /* what comes out has line ends of its own */
    return envelope(cx, out, w->doc, bytes);
}
