/* One row of a table: what each role lets through, and what it does not. */
#include "test.h"

#include "deid/deid.h"

static const uint8_t key[32] = "a key of tests, known to anyone";

typedef struct {
    tw_profile *profile;
    tw_text_model *model;
    tw_doc_opts opts;
    tw_doc_work *work;
} bench;

static void begin(bench *b, const char *profile, bool text)
{
    *b = (bench){ .profile = NULL };
    assert_ok(tw_profile_builtin(cx, &b->profile, tw_str_of(profile)));
    if (text)
        assert_ok(tw_text_model_builtin(cx, &b->model, TW_STR("en")));
    b->opts = (tw_doc_opts){ .profile = b->profile,
                             .text = b->model,
                             .text_strict = true,
                             .text_tags = true,
                             .key = key,
                             .reference_day = tw_days_from_civil(2026, 1, 1) };
    assert_ok(tw_doc_work_new(cx, &b->work, &b->opts));
}

static void end(bench *b)
{
    tw_doc_work_free(b->work);
    tw_profile_free(b->profile);
    tw_text_model_free(b->model);
}

static const char *one(bench *b, tw_column c, const char *in)
{
    tw_str field = tw_str_of(in), out;
    c.name = TW_STR("x");
    assert_ok(tw_deid_csv_row(cx, &out, b->work, &field, &c, 1));
    return tw_cstr(cx->arena, out);
}

#define ROW(r, ...) { .role = TW_COLUMN_##r, __VA_ARGS__ }
#define AS(...) ((tw_column)ROW(__VA_ARGS__))

TEST(csv_row__a_role_passes_what_fits_and_nothing_else)
{
    static const struct {
        tw_column column;
        const char *in, *out;
    } rows[] = {
        { ROW(REMOVE, .pivot = 0), "4", "" },
        { ROW(KEEP, .pivot = 0), "Lung", "Lung" },
        { ROW(NAME, .pivot = 0), "Cresspahl", "" },
        { ROW(CONTACT, .pivot = 0), "a@b.example", "" },
        { ROW(ADDRESS, .pivot = 0), "Zwolle", "" },
        { ROW(NUMBER, .pivot = 0), "<4.50", "<4.50" },
        { ROW(NUMBER, .pivot = 0), "4,50", "4,50" },
        { ROW(NUMBER, .pivot = 0), "4.50 Cresspahl", "" },
        { ROW(NUMBER, .pivot = 0), "1234567890", "" },
        { ROW(NUMBER, .thousands = '.'), "1.234,5", "1.234,5" },
        { ROW(NUMBER, .thousands = '.'), "1.23.4", "" },
        { ROW(NUMBER, .thousands = '.'), "555.12", "" },
        { ROW(NUMBER, .pivot = 0), "1.234,5", "" },
        { ROW(UNIT, .pivot = 0), "ng/mL", "ng/mL" },
        { ROW(UNIT, .pivot = 0), "mg{Cresspahl}", "mg" },
        { ROW(UNIT, .pivot = 0), "Cresspahl", "" },
        { ROW(CODE, .system = { "http://loinc.org", 16 }), "2857-1", "2857-1" },
        { ROW(CODE, .system = { "http://loinc.org", 16 }), "2857-2", "" },
        { ROW(CODE, .system = { "", 0 }), "female", "female" },
        { ROW(CODE, .system = { "", 0 }), "Cresspahl", "" },
        { ROW(AGE, .pivot = 0), "89", "89" },
        { ROW(AGE, .pivot = 0), "90", "90" },
        { ROW(AGE, .pivot = 0), "103", "90" },
        { ROW(AGE, .pivot = 0), "old", "" },
        { ROW(ZIP, .pivot = 0), "10115-1234", "101" },
        { ROW(ZIP, .pivot = 0), "03601", "000" },
        { ROW(DATE, .pivot = 0), "2024-03-31", "2024" },
        { ROW(DATE, .pivot = 0), "31.3.2024", "" },
        { ROW(BIRTH, .pivot = 0), "19530303", "1953" },
        { ROW(BIRTH, .pivot = 0), "1931-03-03", "" },
        { ROW(TEXT, .pivot = 0), "seen by Cresspahl", "" },
        { ROW(TEXT, .pivot = 0), "4.5", "4.5" },
        { ROW(TEXT, .pivot = 0), "123456789", "" },
    };
    bench b;
    begin(&b, "hipaa-safe-harbor", false);
    for (size_t i = 0; i < TW_COUNT(rows); i++)
        assert_string_equal(rows[i].out, one(&b, rows[i].column, rows[i].in));
    end(&b);
}

TEST(csv_row__words_of_the_mapping_stay_but_not_in_every_column)
{
    static const tw_str word[] = { { "V", 1 } }, null[] = { { "n/d", 3 } };
    bench b;
    begin(&b, "twin", false);
    tw_column c = AS(CODE, .system = { "", 0 }, .word = word, .words = 1, .null = null, .nulls = 1);
    assert_string_equal("V", one(&b, c, "V"));
    assert_string_equal("", one(&b, c, "Qzw"));
    assert_string_equal("n/d", one(&b, c, "n/d"));
    c.role = TW_COLUMN_NAME;
    assert_string_equal("", one(&b, c, "V"));
    c.role = TW_COLUMN_REMOVE;
    assert_string_equal("", one(&b, c, "n/d"));
    end(&b);
}

TEST(csv_row__a_number_that_is_an_id_of_the_row_is_no_value)
{
    bench b;
    tw_str out[3];
    const tw_str field[] = { TW_STR("4711"), TW_STR("4711"), TW_STR("4712") };
    const tw_column column[] = { AS(PATIENT, .name = { "p", 1 }), AS(TEXT, .name = { "t", 1 }),
                                 AS(TEXT, .name = { "u", 1 }) };
    begin(&b, "twin", false);
    assert_ok(tw_deid_csv_row(cx, out, b.work, field, column, 3));
    assert_int_equal(32, out[0].n);
    assert_int_equal(0, out[1].n);
    assert_true(tw_str_is(out[2], "4712"));
    end(&b);
}

TEST(csv_row__a_code_has_the_form_of_the_system_beside_it)
{
    bench b;
    tw_str out[2];
    static const char *const rows[][4] = { { "http://loinc.org", "2857-1", "http://loinc.org", "2857-1" },
                                           { "http://loinc.org", "Gesine", "http://loinc.org", "" },
                                           { "http://gesine.example", "2857-1", "", "" },
                                           { "", "2857-1", "", "" } };
    const tw_column column[] = { AS(CODE, .name = { "s", 1 }, .system = { "", 0 }),
                                 AS(CODE, .name = { "c", 1 }, .system = { "", 0 }, .system_column = 1) };
    begin(&b, "twin", false);
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        const tw_str field[] = { tw_str_of(rows[i][0]), tw_str_of(rows[i][1]) };
        assert_ok(tw_deid_csv_row(cx, out, b.work, field, column, 2));
        assert_true(tw_str_is(out[0], rows[i][2]));
        assert_true(tw_str_is(out[1], rows[i][3]));
    }
    end(&b);
}

TEST(csv_row__dates_move_together_in_the_form_in_which_they_stood)
{
    tw_date_format f[3];
    static const char *const forms[] = { "D/M/YYYY", "DD-MON-YY h:mm a", "iso" };
    bench b;
    tw_str out[4];
    tw_date_parts p, q;
    for (size_t i = 0; i < TW_COUNT(forms); i++)
        assert_null(tw_date_format_read(&f[i], tw_str_of(forms[i])));
    tw_column date = AS(DATE, .name = { "d", 1 }, .dates = f, .date_count = 3, .pivot = 30);
    const tw_column column[] = { AS(PATIENT, .name = { "p", 1 }), date, date, date };
    const tw_str field[] = { TW_STR("4711"), TW_STR("05/03/2024"), TW_STR("12-MAR-24 9:05 PM"), TW_STR("2024-03-19") };
    begin(&b, "twin", false);
    assert_ok(tw_deid_csv_row(cx, out, b.work, field, column, 4));
    assert_true(tw_date_read(&p, &f[0], 30, out[1]));
    assert_true(tw_date_read(&q, &f[1], 30, out[2]));
    int64_t first = tw_days_from_civil(p.year, (unsigned)p.month, (unsigned)p.day);
    assert_int_not_equal(first, tw_days_from_civil(2024, 3, 5));
    assert_int_equal(0, (first - tw_days_from_civil(2024, 3, 5)) % 7);
    assert_int_equal(7, tw_days_from_civil(q.year, (unsigned)q.month, (unsigned)q.day) - first);
    assert_true(tw_str_ends(out[2], " 9:05 PM"));
    assert_true(out[2].p[3] >= 'A' && out[2].p[5] <= 'Z');
    assert_int_equal(10, out[3].n);
    end(&b);
    begin(&b, "hipaa-safe-harbor", false);
    assert_string_equal("2024", one(&b, date, "05/03/2024"));
    assert_string_equal("", one(&b, date, "05/03/1931"));
    assert_string_equal("", one(&b, date, "March the 5th"));
    end(&b);
}

TEST(csv_row__text_loses_what_the_row_says_of_the_patient)
{
    bench b;
    tw_str out[3];
    const tw_column column[] = { AS(PATIENT, .name = { "p", 1 }), AS(NAME, .name = { "n", 1 }),
                                 AS(TEXT, .name = { "t", 1 }) };
    const tw_str field[] = { TW_STR("77-1"), TW_STR("Zwetschgenbaum"),
                             TW_STR("prostate enlarged, zwetschgenbaum to return, file 771") };
    begin(&b, "twin", true);
    assert_ok(tw_deid_csv_row(cx, out, b.work, field, column, 3));
    assert_true(tw_str_find(out[2], TW_STR("prostate")) != SIZE_MAX);
    assert_true(tw_str_find(out[2], TW_STR("zwetschgenbaum")) == SIZE_MAX);
    assert_true(tw_str_find(out[2], TW_STR("771")) == SIZE_MAX);
    end(&b);
}

TEST(csv_row__what_goes_is_in_the_account)
{
    bench b;
    tw_doc_row row;
    uint64_t removed = 0, kept = 0, changed = 0;
    begin(&b, "twin", false);
    (void)one(&b, AS(NUMBER, .pivot = 0), "many");
    (void)one(&b, AS(NUMBER, .pivot = 0), "4");
    (void)one(&b, AS(ID, .pivot = 0), "4");
    for (size_t cursor = 0; tw_doc_account_next(b.work, &cursor, &row);) {
        removed += row.removed;
        kept += row.kept;
        changed += row.changed;
    }
    assert_int_equal(1, removed);
    assert_int_equal(1, kept);
    assert_int_equal(1, changed);
    end(&b);
}
