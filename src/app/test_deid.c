/* Files de-identified, format in = format out: nothing that was planted comes out, values do, one outcome for any
 * number of threads, and a bad unit costs itself alone. */
#include "test_life.h"

#include "test_planted.h"

static const char *const profiles[] = { "hipaa-safe-harbor", "hipaa-expert", "gdpr-research", "twin" };
static const char *const modes[] = { "removed", "strict" };

typedef struct {
    tw_deid_files_opts o;
    tw_deid_files_report r;
    const char *path[1];
    tw_buf said; /* messages */
} run;

static void on_dead(void *self, const tw_dead_letter *l)
{
    run *x = self;
    tw_buf_str(&x->said, l->label);
    tw_buf_fmt(&x->said, ":%u: %s ", l->line, tw_dead_text(l->reason));
    tw_buf_str(&x->said, l->detail);
    tw_buf_u8(&x->said, '\n');
}

static void run_make(run *x, world *w, const char *path)
{
    *x = (run){ .path = { path } };
    x->o = (tw_deid_files_opts){ .path = x->path,
                                 .path_count = 1,
                                 .out = tw_path(cx, w->dir, "out"),
                                 .key = tw_path(cx, w->dir, "key"),
                                 .reference_day = tw_days_from_civil(2026, 1, 1),
                                 .dead = on_dead,
                                 .self = x };
    tw_buf_init(&x->said, TW_MIB);
}

static void run_it(run *x)
{
    assert_ok(tw_app_deid(cx, &x->r, &x->o));
    assert_true(x->r.units == x->r.passed + x->r.dead);
}

static void run_end(run *x)
{
    tw_buf_done(&x->said);
    remove_tree(x->o.out);
}

static void assert_clean(const leakscan *s, const run *x)
{
    output o = { 0 };
    assert_int_equal(0, hits_below(s, x->o.out, true));
    assert_int_equal(0, leakscan_bytes(s, "account", tw_bytes_of(x->r.account_json), show, &o));
    assert_int_equal(0, leakscan_bytes(s, "messages", tw_buf_view(&x->said), show, &o));
}

/* ---------------------------------------------------------------- leaks */

static void planted(const char *format)
{
    world w;
    run x;
    life_make_in(&w, 10, format);
    leakscan *s = planted_of(&w);
    const char *in = tw_path(cx, w.dir, "in/hospital-1");
    assert_true(hits_below(s, in, false) > 50);
    for (size_t i = 0; i < 2 * TW_COUNT(profiles); i++) {
        run_make(&x, &w, in);
        x.o.profile = profiles[i / 2];
        x.o.text = i % 2 ? TW_DEID_TEXT_STRICT : TW_DEID_TEXT_REMOVE;
        x.o.tags = true; /* a surrogate may be the name of another patient, by chance */
        if (strcmp(format, "csv") == 0)
            x.o.mapping = tw_path(cx, w.dir, "in/hospital-1.mapping.json");
        run_it(&x);
        assert_true(x.r.passed > 5);
        print_message("# %s %s text %s: %llu units, %llu left out, %llu bytes\n", format, profiles[i / 2], modes[i % 2],
                      (unsigned long long)x.r.units, (unsigned long long)x.r.dead, (unsigned long long)x.r.bytes_out);
        assert_clean(s, &x);
        run_end(&x);
    }
    leakscan_free(s);
    world_end(&w);
}

TEST(deid__nothing_planted_in_fhir_comes_out)
{
    planted("fhir");
}

TEST(deid__nothing_planted_in_hl7v2_comes_out)
{
    planted("hl7v2");
}

TEST(deid__nothing_planted_in_ccda_comes_out)
{
    planted("ccda");
}

TEST(deid__nothing_planted_in_tables_comes_out)
{
    planted("csv");
}

static void synthea_folder(const char *folder, const char *mapping)
{
    world w;
    run x;
    world_make(&w);
    leakscan *s = synthea_values();
    const char *in = tw_path(cx, tw_test_data(), folder);
    assert_true(hits_below(s, in, false) > 50);
    for (size_t i = 0; i < 2 * TW_COUNT(profiles); i++) {
        run_make(&x, &w, in);
        x.o.profile = profiles[i / 2];
        x.o.text = i % 2 ? TW_DEID_TEXT_STRICT : TW_DEID_TEXT_REMOVE;
        x.o.tags = true; /* a surrogate may be the name of another patient, by chance */
        x.o.mapping = mapping ? folder_mapping(&w, in) : NULL;
        run_it(&x);
        assert_true(x.r.passed > 5);
        print_message("# %s %s text %s: %llu units, %llu left out, %llu bytes in, %llu out\n", folder, profiles[i / 2],
                      modes[i % 2], (unsigned long long)x.r.units, (unsigned long long)x.r.dead,
                      (unsigned long long)x.r.bytes_in, (unsigned long long)x.r.bytes_out);
        assert_clean(s, &x);
        run_end(&x);
    }
    leakscan_free(s);
    world_end(&w);
}

TEST(deid__no_identifier_of_synthea_comes_out_of_fhir)
{
    SKIP_WITHOUT_DATA();
    synthea_folder("sources/fhir", NULL);
}

TEST(deid__no_identifier_of_synthea_comes_out_of_hl7v2)
{
    SKIP_WITHOUT_DATA();
    synthea_folder("sources/hl7v2", NULL);
}

TEST(deid__no_identifier_of_synthea_comes_out_of_ccda)
{
    SKIP_WITHOUT_DATA();
    synthea_folder("sources/ccda", NULL);
}

TEST(deid__no_identifier_of_synthea_comes_out_of_tables)
{
    SKIP_WITHOUT_DATA();
    synthea_folder("sources/csv", "proposed");
}

/* ---------------------------------------------------------------- one outcome */

static tw_bytes whole(const char *folder, tw_str name)
{
    tw_bytes b;
    assert_ok(tw_file_read(cx, &b, tw_path(cx, folder, name.p), 64 * TW_MIB));
    return b;
}

static void assert_same_folders(const char *a, const char *b)
{
    tw_str *name;
    tw_str *other;
    size_t count;
    size_t others;
    assert_ok(tw_dir_list(cx, &name, &count, a));
    assert_ok(tw_dir_list(cx, &other, &others, b));
    assert_int_equal(count, others);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        tw_bytes one = whole(a, name[i]);
        tw_bytes two = whole(b, name[i]);
        assert_true(tw_str_eq(name[i], other[i]));
        assert_int_equal(one.n, two.n);
        assert_memory_equal(one.p, two.p, one.n);
    }
}

TEST(deid__threads_do_not_change_what_comes_out)
{
    static const char *const formats[] = { "fhir", "hl7v2", "ccda", "csv" };
    for (size_t i = 0; i < TW_COUNT(formats); i++) {
        world w;
        run one;
        run many;
        life_make_in(&w, 6, formats[i]);
        const char *in = tw_path(cx, w.dir, "in/hospital-1");
        run_make(&one, &w, in);
        run_make(&many, &w, in);
        one.o.mapping = many.o.mapping =
            strcmp(formats[i], "csv") == 0 ? tw_path(cx, w.dir, "in/hospital-1.mapping.json") : NULL;
        one.o.jobs = 1;
        many.o.jobs = 5;
        many.o.out = tw_path(cx, w.dir, "out-5");
        run_it(&one);
        run_it(&many);
        assert_same_folders(one.o.out, many.o.out);
        assert_string_equal(one.r.account_json.p, many.r.account_json.p);
        run_end(&one);
        run_end(&many);
        world_end(&w);
    }
}

/* ---------------------------------------------------------------- bad units */

TEST(deid__a_bad_line_costs_itself_alone)
{
    static const char lines[] = "{\"resourceType\":\"Patient\",\"id\":\"a\",\"gender\":\"female\"}\n"
                                "{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"Zwetschgenbaum\"}]\n"
                                "{\"resourceType\":\"Zwetschgenbaum\"}\n"
                                "{\"resourceType\":\"Patient\",\"id\":\"b\",\"gender\":\"male\"}\n";
    world w;
    run x;
    world_make(&w);
    const char *in = tw_path(cx, w.dir, "x.ndjson");
    assert_ok(tw_file_write(cx, in, tw_bytes_of(tw_str_of(lines))));
    run_make(&x, &w, in);
    x.o.keep_names = true;
    run_it(&x);
    assert_int_equal(4, x.r.units);
    assert_int_equal(2, x.r.passed);
    tw_str out = tw_str_of_bytes(whole(x.o.out, TW_STR("x.ndjson")));
    assert_non_null(strstr(out.p, "\"female\""));
    assert_non_null(strstr(out.p, "\"male\""));
    tw_buf_u8(&x.said, 0);
    assert_non_null(strstr((const char *)x.said.p, "path 1:2: "));
    assert_non_null(strstr((const char *)x.said.p, "path 1:3: "));
    assert_null(strstr((const char *)x.said.p, "Zwetschgenbaum"));
    run_end(&x);
    world_end(&w);
}

TEST(deid__a_key_is_made_once_and_decides_ids)
{
    static const char line[] = "{\"resourceType\":\"Patient\",\"id\":\"a\",\"gender\":\"female\"}\n";
    world w;
    run x;
    run y;
    run other;
    world_make(&w);
    const char *in = tw_path(cx, w.dir, "x.ndjson");
    assert_ok(tw_file_write(cx, in, tw_bytes_of(tw_str_of(line))));
    run_make(&x, &w, in);
    run_it(&x);
    run_make(&y, &w, in);
    y.o.out = tw_path(cx, w.dir, "again");
    run_it(&y);
    assert_same_folders(x.o.out, y.o.out);
    run_make(&other, &w, in);
    other.o.out = tw_path(cx, w.dir, "other");
    other.o.key = tw_path(cx, w.dir, "other-key");
    run_it(&other);
    tw_bytes a = whole(x.o.out, TW_STR("000001.ndjson"));
    tw_bytes b = whole(other.o.out, TW_STR("000001.ndjson"));
    assert_false(tw_bytes_eq(a, b));
    assert_ok(tw_file_write(cx, x.o.key, tw_bytes_of(TW_STR("no key\n"))));
    assert_status(TW_EPARSE, tw_app_deid(cx, &x.r, &x.o));
    run_end(&x);
    run_end(&y);
    run_end(&other);
    world_end(&w);
}

/* ---------------------------------------------------------------- tables */

#define MAPPING(settings, table) \
    "{\"format\":\"twinward-mapping/1\",\"patient_system\":\"urn:x\"," settings "\"tables\":[{\"name\":\"lab\"," \
    "\"files\":\"lab*.csv\"," table "\"resources\":[{\"type\":\"Observation\",\"patient\":\"Nr\"," \
    "\"id\":[\"Nr\",\"Datum\"]," \
    "\"status\":{\"column\":\"Art\",\"map\":{\"V\":\"final\"}},\"time\":\"Datum\"," \
    "\"code\":{\"constant\":\"2857-1\",\"system\":\"LOINC\"},\"value\":\"PSA\",\"unit\":{\"constant\":\"ng/mL\"}}]}]}"

/* What comes of one table under the twin profile; NULL: nothing. */
static const char *table_out(const char *mapping, const char *table)
{
    world w;
    run x;
    tw_bytes b;
    world_make(&w);
    const char *in = tw_path(cx, w.dir, "lab1.csv"), *out;
    assert_ok(tw_file_write(cx, in, tw_bytes_of(tw_str_of(table))));
    run_make(&x, &w, in);
    x.o.mapping = tw_path(cx, w.dir, "mapping.json");
    assert_ok(tw_file_write(cx, x.o.mapping, tw_bytes_of(tw_str_of(mapping))));
    x.o.profile = "twin";
    run_it(&x);
    out = tw_path(cx, x.o.out, "000001.csv");
    if (!tw_path_exists(cx, out)) {
        run_end(&x);
        world_end(&w);
        return NULL;
    }
    assert_ok(tw_file_read(cx, &b, out, TW_MIB));
    const char *text = tw_cstr(cx->arena, tw_str_of_bytes(b));
    assert_true(tw_utf8_valid(tw_str_of(text)));
    run_end(&x);
    world_end(&w);
    return text;
}

TEST(deid__a_table_of_another_charset_and_delimiter_comes_out_in_utf8)
{
    static const char mapping[] = MAPPING("\"charset\":\"windows-1252\",\"delimiter\":\";\",\"decimal\":\",\","
                                          "\"dates\":\"D/M/YYYY\",\"null\":[\"n/d\"],",
                                          "\"ignore\":[\"Gr\xc3\xb6\xc3\x9f" "e, cm\"],");
    const char *out = table_out(mapping, "Nr;Datum;Art;PSA;Gr\xf6\xdf" "e, cm\r\n"
                                         "4711;5/3/2024;V;4,50;M\xfcller\r\n4711;05/03/2024;Qzw;n/d;\r\n");
    assert_non_null(out);
    assert_true(tw_str_starts(tw_str_of(out), "Nr;Datum;Art;PSA;Gr\xc3\xb6\xc3\x9f" "e, cm\n"));
    assert_non_null(strstr(out, ";V;4,50;\n"));
    assert_non_null(strstr(out, ";;n/d;\n")); /* Qzw is no word of the mapping */
    assert_null(strstr(out, "4711"));
    assert_null(strstr(out, "5/3/2024"));
    assert_null(strstr(out, "ller"));
    assert_non_null(strstr(out, "/202"));
}

TEST(deid__a_table_without_a_header_has_no_row_that_passes_as_one)
{
    static const char bare[] =
        MAPPING("\"dates\":\"iso\",",
                "\"header\":false,\"columns\":[\"Nr\",\"Datum\",\"Art\",\"PSA\",\"Name\"],\"ignore\":[\"Name\"],");
    static const char rest[] = MAPPING("\"dates\":\"iso\",", "\"ignore\":\"*\",");
    const char *out = table_out(bare, "4711,2024-03-05,V,4.5,Zwetschgenbaum\n4711,2024-03-06,V,5.5,Zwetschgenbaum\n");
    assert_non_null(out);
    assert_null(strstr(out, "Zwetschgenbaum"));
    assert_null(strstr(out, "4711"));
    assert_non_null(strstr(out, "V,4.5,\n"));
    assert_non_null(strstr(out, "V,5.5,\n"));
    assert_null(table_out(rest, "4711,2024-03-05,V,4.5,Zwetschgenbaum\n4711,2024-03-06,V,5.5,Zwetschgenbaum\n"));
    out = table_out(rest, "Nr,Datum,Art,PSA,Zwetschgenbaum\n4711,2024-03-06,V,5.5,x\n");
    assert_true(tw_str_starts(tw_str_of(out), "Nr,Datum,Art,PSA,column_5\n"));
}

TEST(deid__kept_names_take_no_other_files_place)
{
    static const char line[] = "{\"resourceType\":\"Patient\",\"id\":\"a\"}\n";
    world w;
    run x;
    world_make(&w);
    const char *in = tw_path(cx, w.dir, "x.ndjson");
    assert_ok(tw_file_write(cx, in, tw_bytes_of(tw_str_of(line))));
    run_make(&x, &w, in);
    x.o.keep_names = true;
    x.o.out = w.dir;
    assert_status(TW_EUSAGE, tw_app_deid(cx, &x.r, &x.o));
    tw_str still = tw_str_of_bytes(whole(w.dir, TW_STR("x.ndjson")));
    assert_true(tw_str_eq(still, tw_str_of(line)));
    tw_buf_done(&x.said);
    world_end(&w);
}

/* Cells of a column of codes, units or numbers, in the order of rows. Not those of no code system: QALY, DALY and QOLS
 * stand among the LOINC codes there, and go. */
static void list_cells(tw_buf *out, tw_str text, const char *column)
{
    tw_str *field;
    size_t skip, size, count, at = SIZE_MAX, row = 0;
    while (tw_csv_cut(&skip, &size, text, true, NULL) == TW_CSV_ROW) {
        tw_mark mark = tw_arena_mark(cx->arena);
        assert_ok(tw_csv_row(cx, &field, &count, NULL, (tw_str){ text.p + skip, size }, NULL));
        for (size_t i = 0; i < count && row == 0; i++)
            at = tw_str_is(field[i], column) ? i : at;
        double number;
        bool counts = row++ && at < count && field[at].n &&
                      (strcmp(column, "VALUE") != 0 || tw_parse_f64(&number, field[at])) &&
                      (strcmp(column, "CODE") != 0 || (field[at].p[0] >= '0' && field[at].p[0] <= '9'));
        if (counts)
            tw_buf_fmt(out, TW_FMT "\n", TW_ARG(field[at]));
        text = (tw_str){ text.p + skip + size, text.n - skip - size };
        tw_arena_back(cx->arena, mark);
    }
}

static void first_other(const char *file, const char *column, const tw_buf *before, const tw_buf *after)
{
    size_t at = 0;
    while (at < before->n && at < after->n && before->p[at] == after->p[at])
        at++;
    while (at && before->p[at - 1] != '\n')
        at--;
    fail_msg("%s %s: %.40s became %.40s", file, column, (const char *)before->p + at, (const char *)after->p + at);
}

TEST(deid__codes_units_and_numbers_of_real_tables_are_all_there)
{
    static const char *const files[] = { "observations.csv", "conditions.csv",    "procedures.csv",
                                         "medications.csv",  "immunizations.csv", "encounters.csv" };
    static const char *const columns[] = { "CODE", "UNITS", "VALUE" };
    world w;
    run x;
    uint64_t cells[TW_COUNT(columns)] = { 0 };
    SKIP_WITHOUT_DATA();
    world_make(&w);
    const char *in = tw_path(cx, tw_test_data(), "sources/csv");
    run_make(&x, &w, in);
    x.o.profile = "twin";
    x.o.mapping = folder_mapping(&w, in);
    x.o.text = TW_DEID_TEXT_REMOVE;
    x.o.keep_names = true;
    run_it(&x);
    for (size_t i = 0; i < TW_COUNT(files); i++)
        for (size_t k = 0; k < TW_COUNT(columns); k++) {
            tw_buf before, after;
            tw_buf_init(&before, 16 * TW_MIB);
            tw_buf_init(&after, 16 * TW_MIB);
            list_cells(&before, tw_str_of_bytes(whole(in, tw_str_of(files[i]))), columns[k]);
            list_cells(&after, tw_str_of_bytes(whole(x.o.out, tw_str_of(files[i]))), columns[k]);
            for (size_t n = 0; n < before.n; n++)
                cells[k] += before.p[n] == '\n';
            if (!tw_bytes_eq(tw_buf_view(&before), tw_buf_view(&after)))
                first_other(files[i], columns[k], &before, &after);
            tw_buf_done(&before);
            tw_buf_done(&after);
        }
    print_message("# %llu codes, %llu units, %llu numbers\n", (unsigned long long)cells[0],
                  (unsigned long long)cells[1], (unsigned long long)cells[2]);
    assert_true(cells[0] > 500 && cells[2] > 300);
    run_end(&x);
    world_end(&w);
}
