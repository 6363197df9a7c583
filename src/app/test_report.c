/* The demo, small: what its report says is what its files say, and no identifier that was planted is in it. */
#include "demo_internal.h"
#include "test_app.h"

#define PATIENTS 8

typedef struct {
    char dir[64];
    tw_env env;
    tw_str summary;
} run;

static void steps(TW_UNUSED void *self, TW_UNUSED const char *name, TW_UNUSED uint64_t done, TW_UNUSED uint64_t total)
{
}

static tw_demo_opts options(const run *r)
{
    return (tw_demo_opts){
        .dir = r->dir, .patients = PATIENTS, .seeded = true, .seed = 7, .force = true, .progress = { steps, NULL }
    };
}

static void run_demo(run *r)
{
    snprintf(r->dir, sizeof r->dir, "/tmp/tw-test-XXXXXX");
    assert_non_null(mkdtemp(r->dir));
    r->env = tw_io_env();
    cx->env = &r->env;
    tw_demo_opts o = options(r);
    assert_ok(tw_app_demo(cx, &r->summary, &o));
}

static void end_demo(run *r)
{
    char *command = tw_cstr(cx->arena, tw_strf(cx->arena, "rm -rf %s", r->dir));
    assert_int_equal(0, system(command)); /* check: allow system: a test clears its own folder */
    cx->env = tw_test_env();
}

static tw_str file(const run *r, const char *name)
{
    tw_bytes b;
    assert_ok(tw_file_read(cx, &b, tw_path(cx, r->dir, name), 256 * TW_MIB));
    return tw_str_of_bytes(b);
}

static void says(tw_str page, tw_str what)
{
    if (tw_str_find(page, what) == SIZE_MAX)
        fail_msg("the report does not say: " TW_FMT, TW_ARG(what));
}

static size_t times(tw_str page, const char *what)
{
    size_t n = 0;
    tw_str rest = page;
    for (size_t at; (at = tw_str_find(rest, tw_str_of(what))) != SIZE_MAX; n++)
        rest = (tw_str){ rest.p + at + 1, rest.n - at - 1 };
    return n;
}

/* ---------------------------------------------------------------- what files say */

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* Long values anywhere, short ones as words. */
static bool holds(tw_str text, tw_str value)
{
    tw_str rest = text;
    for (size_t at; (at = tw_str_find(rest, value)) != SIZE_MAX;) {
        const char *p = rest.p + at;
        bool before = p > text.p && is_word(p[-1]);
        bool after = p + value.n < text.p + text.n && is_word(p[value.n]);
        if (value.n >= 8 || (!before && !after))
            return true;
        rest = (tw_str){ p + 1, rest.n - at - 1 };
    }
    return false;
}

static void no_identifier(const run *r, tw_str page)
{
    tw_str rest = file(r, "hospitals/planted.tsv");
    tw_str line;
    size_t values = 0;
    assert_true(tw_ndjson_next(&line, &rest)); /* heading */
    while (tw_ndjson_next(&line, &rest)) {
        tw_str kind = { NULL, 0 };
        tw_str value = { NULL, 0 };
        assert_true(tw_str_split(&kind, &line, '\t') && tw_str_split(&value, &line, '\t'));
        values++;
        if (holds(page, value))
            fail_msg("a planted %.*s is in the page", TW_ARG(kind));
    }
    assert_true(values > 100);
}

static void sources_are_told(const run *r, tw_str page)
{
    static const char *const name[] = { "north", "river", "hill" };
    for (size_t i = 0; i < TW_COUNT(name); i++) {
        tw_json d;
        assert_ok(tw_json_parse(cx, &d, file(r, tw_strf(cx->arena, "sources/%s/intake.json", name[i]).p), NULL));
        uint64_t read = tw_fact_u64(&d, 0, "read");
        uint64_t used = tw_fact_u64(&d, 0, "accepted");
        assert_int_equal(read, used + tw_fact_u64(&d, 0, "refused") + tw_fact_u64(&d, 0, "dead"));
        assert_true(read > 0);
        says(page, tw_strf(cx->arena, "<td>%s</td>", name[i]));
        says(page, tw_strf(cx->arena, "<td class=\"r\">%s</td>", tw_thousands(cx, read).p));
        says(r->summary, tw_strf(cx->arena, "source %s: %s read", name[i], tw_thousands(cx, read).p));
    }
}

/* Every release folder of the exchange whose id the ledger knows is in the page; the checkpoint is, byte for byte. */
static void ledger_is_told(const run *r, tw_str page)
{
    tw_site *s;
    tw_str note;
    tw_facts *f = tw_new(cx->arena, tw_facts);
    says(page, TW_STR("everything verifies"));
    says(page, TW_STR("Witness: none."));
    says(page, TW_STR("Insecure site."));
    assert_ok(tw_site_open(cx, &s, r->dir, true)); /* adds a tick: the page's checkpoint is older */
    assert_ok(tw_facts_read(cx, f, s));
    for (size_t i = 0; i < f->releases; i++)
        says(page, tw_strf(cx->arena, "<td>%.12s</td>", tw_id_hex(cx, &f->release[i].id).p));
    assert_true(f->releases > 10);
    tw_bytes all;
    assert_ok(tw_file_read(cx, &all, tw_site_path(cx, s, "exchange/log/checkpoints"), 64 * TW_MIB));
    size_t at = tw_str_find(page, f->origin);
    assert_true(at != SIZE_MAX);
    note = (tw_str){ page.p + at, page.n - at };
    size_t end = tw_str_find(note, TW_STR("\n\n"));
    assert_true(end != SIZE_MAX);
    assert_true(tw_str_find(tw_str_of_bytes(all), (tw_str){ note.p, end }) != SIZE_MAX);
    tw_site_close(cx, s);
}

TEST(report__says_what_the_files_say_and_no_identifier)
{
    run r;
    tw_json d;
    run_demo(&r);
    tw_str page = file(&r, "report.html");
    no_identifier(&r, page);
    no_identifier(&r, r.summary);
    sources_are_told(&r, page);
    ledger_is_told(&r, page);
    assert_ok(tw_json_parse(cx, &d, file(&r, "attempts.json"), NULL));
    uint32_t attempts = tw_json_get(&d, 0, "attempts");
    assert_true(d.tok[attempts].count >= 20);
    assert_int_equal(d.tok[attempts].count, times(page, "as it must</span>"));
    assert_int_equal(0, times(page, "NOT as it must"));
    says(r.summary, tw_strf(cx->arena, "attempts: %u of %u ended as they must", d.tok[attempts].count,
                            d.tok[attempts].count));
    assert_true(times(page, "<figure>") >= 6);
    assert_int_equal(times(page, "<figure>"), times(page, "</figure>"));
    assert_int_equal(times(page, "<svg"), times(page, "</svg>"));
    assert_int_equal(times(page, "<td"), times(page, "</td>"));
    end_demo(&r);
}

/* Nothing is fetched and nothing runs. */
TEST(report__needs_no_network_and_no_script)
{
    static const char *const never[] = { "<script", "<link", "<img", "<iframe", "src=", "@import", "url(", "onload",
                                         "javascript:" };
    run r;
    run_demo(&r);
    tw_str page = file(&r, "report.html");
    for (size_t i = 0; i < TW_COUNT(never); i++)
        assert_int_equal(0, times(page, never[i]));
    assert_int_equal(times(page, "href="), times(page, "href=\"#"));
    end_demo(&r);
}

TEST(demo__gives_the_same_bytes_for_the_same_seed)
{
    run a;
    run b;
    run_demo(&a);
    tw_str first = file(&a, "report.html");
    tw_str log = file(&a, "exchange/log/segments");
    end_demo(&a);
    run_demo(&b);
    assert_true(tw_str_eq(first, file(&b, "report.html")));
    assert_true(tw_str_eq(log, file(&b, "exchange/log/segments")));
    end_demo(&b);
}

TEST(report__of_a_site_whose_audit_fails_says_so)
{
    run r;
    tw_str *name;
    size_t count;
    tw_site *s;
    tw_bytes pack;
    run_demo(&r);
    char *packs = tw_path(cx, r.dir, "vault/packs");
    assert_ok(tw_dir_list(cx, &name, &count, packs));
    char *path = NULL;
    for (size_t i = 0; i < count && !path; i++)
        if (tw_str_ends(name[i], ".pack"))
            path = tw_path(cx, packs, tw_cstr(cx->arena, name[i]));
    assert_non_null(path);
    assert_ok(tw_file_read(cx, &pack, path, 256 * TW_MIB));
    ((uint8_t *)(uintptr_t)pack.p)[pack.n / 2] ^= 1;
    assert_ok(tw_file_write(cx, path, pack));
    assert_ok(tw_site_open(cx, &s, r.dir, true));
    assert_ok(tw_app_report(cx, s, tw_path(cx, r.dir, "again.html")));
    tw_site_close(cx, s);
    tw_str page = file(&r, "again.html");
    says(page, TW_STR("the audit FAILED"));
    assert_int_equal(0, times(page, "everything verifies"));
    end_demo(&r);
}

TEST(demo__does_not_touch_a_folder_that_is_no_site)
{
    run r;
    run_demo(&r);
    tw_demo_opts o = options(&r);
    o.force = false;
    assert_status(TW_ECONFLICT, tw_app_demo(cx, &r.summary, &o));
    assert_true(tw_path_exists(cx, tw_path(cx, r.dir, "report.html")));
    o.force = true;
    o.patients = 1;
    assert_status(TW_EUSAGE, tw_app_demo(cx, &r.summary, &o));
    char *mine = tw_path(cx, r.dir, "mine");
    assert_ok(tw_dir_make(cx, mine));
    assert_ok(tw_file_write(cx, tw_path(cx, mine, "thesis.txt"), tw_bytes_of(TW_STR("years of work"))));
    o.patients = PATIENTS;
    o.dir = mine;
    assert_status(TW_ECONFLICT, tw_app_demo(cx, &r.summary, &o));
    assert_true(tw_path_exists(cx, tw_path(cx, mine, "thesis.txt")));
    end_demo(&r);
}

/* Whole synthetic patients of Synthea: every resource is accounted for, and no patient's name is in the page. */
TEST(demo__of_somebodys_own_files_accounts_for_everything)
{
    run r;
    tw_json d;
    tw_str *name;
    size_t count;
    SKIP_WITHOUT_DATA();
    char *input = tw_path(cx, tw_test_data(), "sources/fhir");
    snprintf(r.dir, sizeof r.dir, "/tmp/tw-test-XXXXXX");
    assert_non_null(mkdtemp(r.dir));
    r.env = tw_io_env();
    cx->env = &r.env;
    tw_demo_opts o = options(&r);
    o.input = input;
    assert_ok(tw_app_demo(cx, &r.summary, &o));
    tw_str page = file(&r, "report.html");
    assert_ok(tw_json_parse(cx, &d, file(&r, "sources/input/intake.json"), NULL));
    uint64_t read = tw_fact_u64(&d, 0, "read");
    uint64_t accepted = tw_fact_u64(&d, 0, "accepted");
    assert_int_equal(read, accepted + tw_fact_u64(&d, 0, "refused") + tw_fact_u64(&d, 0, "dead"));
    says(r.summary, tw_strf(cx->arena, "source input: %s read = %s accepted", tw_thousands(cx, read).p,
                            tw_thousands(cx, accepted).p));
    says(r.summary, tw_strf(cx->arena, "opened: %s records of", tw_thousands(cx, accepted).p));
    says(page, TW_STR("everything verifies"));
    assert_ok(tw_dir_list(cx, &name, &count, input));
    size_t names = 0;
    for (size_t i = 0; i < count; i++) { /* files are called Given_Family_uuid.json */
        tw_str part;
        tw_str rest = name[i];
        for (size_t k = 0; k < 2 && tw_str_split(&part, &rest, '_') && rest.n; k++, names++)
            assert_int_equal(0, times(page, tw_cstr(cx->arena, part)));
    }
    assert_true(names >= 14);
    end_demo(&r);
}

/* Half of eight people have a course: too few for five folds, and no fault of the data. */
TEST(score__of_too_few_men_says_how_many_it_wants)
{
    run r;
    tw_site *s;
    tw_str json;
    tw_str *name;
    size_t count;
    size_t asked = 0;
    run_demo(&r);
    assert_ok(tw_site_open(cx, &s, r.dir, true));
    const char *releases = tw_path(cx, r.dir, "grantees/tumour-lab/releases");
    assert_ok(tw_dir_list(cx, &name, &count, releases));
    for (size_t i = 0; i < count; i++) {
        if (!tw_path_exists(cx, tw_path(cx, tw_path(cx, releases, name[i].p), "twins")))
            continue;
        tw_twin_opts o = { .grantee = "tumour-lab", .seed = 1 };
        assert_true(tw_unhex(o.release.b, 32, (tw_str){ name[i].p, 64 }));
        assert_status(TW_EUSAGE, tw_app_twin_score(cx, &json, s, &o));
        says(tw_str_of(cx->err.msg), TW_STR("at least 10 men"));
        says(tw_str_of(cx->err.hint), TW_STR("more persons"));
        asked++;
    }
    assert_true(asked > 0);
    tw_site_close(cx, s);
    end_demo(&r);
}
