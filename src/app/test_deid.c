/* Files de-identified, format in = format out: nothing that was planted comes out, values do, one outcome for any number
 * of threads, and a bad unit costs itself alone. */
#include "test_life.h"

#include "test_planted.h"

static const char *const profiles[] = { "hipaa-safe-harbor", "hipaa-expert", "gdpr-research", "twin" };

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
    if (getenv("NOTEXT")) x->o.text = TW_DEID_TEXT_REMOVE;
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
    for (size_t i = 0; i < TW_COUNT(profiles); i++) {
        run_make(&x, &w, in);
        x.o.profile = profiles[i];
        if (strcmp(format, "csv") == 0)
            x.o.mapping = tw_path(cx, w.dir, "in/hospital-1.mapping.json");
        run_it(&x);
        assert_true(x.r.passed > 5);
        print_message("# %s %s: %llu units, %llu left out, %llu bytes\n", format, profiles[i],
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
    for (size_t i = 0; i < TW_COUNT(profiles); i++) {
        run_make(&x, &w, in);
        x.o.profile = profiles[i];
        x.o.mapping = mapping ? folder_mapping(&w, in) : NULL;
        run_it(&x);
        assert_true(x.r.passed > 5);
        print_message("# %s %s: %llu units, %llu left out, %llu bytes in, %llu out\n", folder, profiles[i],
                      (unsigned long long)x.r.units, (unsigned long long)x.r.dead, (unsigned long long)x.r.bytes_in,
                      (unsigned long long)x.r.bytes_out);
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

