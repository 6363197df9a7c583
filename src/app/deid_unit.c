/* One unit of a file, by its format; the header of a table; what stands between units. */
#include "deid_internal.h"

#define FRAME_START 0x0b /* MLLP */
#define FRAME_END 0x1c
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

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

/* Names of columns that the mapping has go out; others may be anything, even a person's. */
static tw_status write_head(tw_ctx *cx, deid_table *t, const tw_mapped_table *m, bool mark)
{
    tw_buf b;
    tw_str *name = tw_arena_get(cx->arena, (m->count + 1) * sizeof *name);
    tw_csv_opts utf8 = { .delimiter = m->csv.delimiter };
    for (size_t i = 0; i < m->count; i++)
        name[i] = m->column[i].name.n ? m->column[i].name : tw_strf(cx->arena, "column_%zu", i + 1);
    tw_buf_init(&b, TW_MIB);
    if (mark)
        tw_buf_cstr(&b, BYTE_ORDER_MARK);
    tw_csv_write(&b, name, m->count, &utf8);
    t->head = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_status s = tw_buf_check(cx, &b, "header of a table");
    tw_buf_done(&b);
    return s;
}

static tw_column column_of(const tw_mapped *m, const tw_mapped_table *t)
{
    return (tw_column){ .name = m->name.n ? m->name : TW_STR("(other)"),
                        .role = role_of(m),
                        .system = m->system,
                        .system_column = m->system_at == UINT32_MAX ? 0 : (size_t)m->system_at + 1,
                        .system_of = tw_mapping_system,
                        .word = m->word,
                        .words = m->words,
                        .null = t->null,
                        .nulls = t->nulls,
                        .dates = m->dates,
                        .date_count = m->date_count,
                        .pivot = m->pivot,
                        .may_be_number = m->may_be_number,
                        .thousands = t->thousands };
}

tw_status deid_table_open(tw_ctx *cx, deid_table *out, const deid_run *r, tw_str name, tw_str first_row)
{
    tw_mapped_table m;
    if (!r->mapping) {
        tw_fail(cx, TW_EUSAGE, "what the columns of a table are is not known");
        return tw_hint(cx, "give --mapping FILE; twinward deid --suggest-mapping TABLE... proposes one");
    }
    TW_TRY(tw_mapping_columns(cx, &m, r->mapping, name, first_row));
    *out = (deid_table){ .csv = m.csv, .count = m.count, .header = m.header, .head = { "", 0 } };
    out->column = tw_arena_get(cx->arena, (m.count + 1) * sizeof *out->column);
    for (size_t i = 0; i < m.count; i++)
        out->column[i] = column_of(&m.column[i], &m);
    return m.header ? write_head(cx, out, &m, tw_str_starts(first_row, BYTE_ORDER_MARK)) : TW_OK;
}

static tw_status row(tw_ctx *cx, tw_buf *out, tw_doc_work *w, const deid_table *t, tw_str unit)
{
    tw_str *field;
    size_t count;
    if (tw_str_starts(unit, BYTE_ORDER_MARK)) /* of a table without a header */
        unit = (tw_str){ unit.p + 3, unit.n - 3 };
    TW_TRY(tw_csv_row(cx, &field, &count, NULL, unit, &t->csv));
    tw_str *clean = tw_arena_get(cx->arena, count * sizeof *clean);
    TW_TRY(tw_deid_csv_row(cx, clean, w, field, t->column, count));
    tw_csv_write(out, clean, count, &t->csv); /* UTF-8 */
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
    if (s == TW_OK && (kind->form == TW_FORM_NDJSON || kind->form == TW_FORM_DOCUMENT) && !kind->note)
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
