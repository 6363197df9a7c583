/* A row of a table by roles: the first byte says where in the list of roles the first column is, the rest is the row.
 * Must hold: the same row gives the same cells; they read back as they were written; without a text engine no value
 * of the corpus passes, whatever a column is; a date of a declared form comes out in it, as a year, or not at all. */
#include "documents.h"

static const tw_column_role roles[] = { TW_COLUMN_PATIENT, TW_COLUMN_NAME, TW_COLUMN_DATE,   TW_COLUMN_CODE,
                                        TW_COLUMN_NUMBER,  TW_COLUMN_UNIT, TW_COLUMN_TEXT,   TW_COLUMN_BIRTH,
                                        TW_COLUMN_ZIP,     TW_COLUMN_AGE,  TW_COLUMN_CONTACT, TW_COLUMN_ADDRESS,
                                        TW_COLUMN_ID,      TW_COLUMN_REMOVE };
static const char *const patterns[] = { "iso", "D/M/YYYY", "DD-MON-YY h:mm a", "YYYYMMDD", "M.YYYY" };
static const tw_str nulls[] = { { "NULL", 4 } };
static const tw_str words[] = { { "V", 1 }, { "P", 1 } };
static tw_date_format formats[TW_COUNT(patterns)];

static bool ready;

static void setup(void)
{
    ready = true;
    for (size_t i = 0; i < TW_COUNT(patterns); i++)
        FUZZ_CHECK(!tw_date_format_read(&formats[i], tw_str_of(patterns[i])));
    (void)fuzz_work(0);
}

static tw_column *columns_of(tw_ctx *cx, size_t count, size_t first)
{
    tw_column *c = tw_arena_get(cx->arena, count * sizeof *c);
    for (size_t i = 0; i < count; i++)
        c[i] = (tw_column){ .name = TW_STR("column"),
                            .role = roles[(first + i) % TW_COUNT(roles)],
                            .system = i % 2 ? TW_STR("http://loinc.org") : TW_STR(""),
                            .word = words,
                            .words = TW_COUNT(words),
                            .null = nulls,
                            .nulls = TW_COUNT(nulls),
                            .dates = formats,
                            .date_count = first % 2 ? TW_COUNT(formats) : 0,
                            .pivot = 30,
                            .thousands = first % 3 == 0 ? '.' : '\0' };
    return c;
}

static void check_dates(const tw_column *c, const tw_str *cell, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        tw_date_parts p;
        bool date = c[i].role == TW_COLUMN_DATE || c[i].role == TW_COLUMN_BIRTH;
        bool fits = !date || cell[i].n == 0 || cell[i].n == 4 || !c[i].date_count || tw_str_is(cell[i], "V") ||
                    tw_str_is(cell[i], "P");
        for (size_t k = 0; k < c[i].date_count && !fits; k++)
            fits = formats[k].kind == TW_DATE_ISO || tw_date_read(&p, &formats[k], 30, cell[i]);
        FUZZ_CHECK(fits);
    }
}

static void check_cells(tw_ctx *cx, const tw_str *cell, size_t count, bool text)
{
    tw_buf b;
    tw_str *back;
    size_t n;
    tw_buf_init(&b, TW_MIB * 8);
    tw_csv_write(&b, cell, count, NULL);
    tw_str row = { (const char *)b.p, b.n - 1 };
    if (count > 1) {
        FUZZ_CHECK(tw_csv_row(cx, &back, &n, NULL, row, NULL) == TW_OK && n == count);
        for (size_t i = 0; i < count; i++)
            FUZZ_CHECK(tw_str_eq(back[i], cell[i]));
    }
    FUZZ_CHECK(text || tw_str_find(row, TW_STR(FUZZ_VALUE)) == SIZE_MAX);
    tw_buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    tw_str *field;
    size_t count;
    if (!ready)
        setup();
    if (size < 2)
        return 0;
    fuzz_begin(&cx, 64 * TW_MIB);
    if (tw_csv_row(&cx, &field, &count, NULL, (tw_str){ (const char *)data + 1, size - 1 }, NULL) != TW_OK) {
        tw_ctx_done(&cx);
        return 0;
    }
    const tw_column *c = columns_of(&cx, count, data[0]);
    for (size_t k = 0; k < FUZZ_WORKS; k++) {
        tw_str *one = tw_arena_get(cx.arena, count * sizeof *one);
        tw_str *two = tw_arena_get(cx.arena, count * sizeof *two);
        FUZZ_CHECK(tw_deid_csv_row(&cx, one, fuzz_work(k), field, c, count) == TW_OK);
        FUZZ_CHECK(tw_deid_csv_row(&cx, two, fuzz_work(k), field, c, count) == TW_OK);
        for (size_t i = 0; i < count; i++)
            FUZZ_CHECK(tw_str_eq(one[i], two[i]));
        check_cells(&cx, one, count, fuzz_work_has_text(k));
        check_dates(c, one, count);
    }
    tw_ctx_done(&cx);
    return 0;
}
