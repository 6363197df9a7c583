/* One seed, one virtual clock, one script of use cases: the same bytes, wherever the folder is and however often it is
 * run. And the same roots as below, by every compiler on every machine; only a change of a format or of a rule changes
 * them, knowingly: the failure prints the new ones. (That whole demos agree byte for byte among compilers is
 * scripts/ci/determinism.) */
#include "test_life.h"

#define EVERYTHING                                                                                                     \
    (LIFE_ENROL | LIFE_COLLECT | LIFE_PROJECT | LIFE_RELEASE | LIFE_CONSENT | LIFE_STOP | LIFE_ERASE)
#define FILES_MAX 4096

static const char golden_log_root[] = "5f873de10530bda66f961fcb862e68529e67762c34a401303433679a03b70cbf";
static const char golden_state_root[] = "21b79734c43291c5a8fd338f6b28b274bd3913d8176770d3c4275504e64299de";

static const char people[] = "wallet\thospital\tnumber\n"
                             "person-001\thospital-1\tA-1\n"
                             "person-001\thospital-2\tB-7\n"
                             "person-002\thospital-1\tA-2\n";

typedef struct {
    world w;
    char *site;
    tw_str file[FILES_MAX]; /* path below the site, sorted */
    size_t files;
} run;

static void list_files(run *r, const char *below)
{
    tw_str *name;
    size_t count;
    assert_ok(tw_dir_list(cx, &name, &count, below[0] ? tw_path(cx, r->site, below) : r->site));
    for (size_t i = 0; i < count; i++) {
        tw_str n = name[i];
        bool folder = tw_str_ends(n, "/");
        n.n -= folder;
        char *sub = tw_cstr(cx->arena, n);
        if (below[0])
            sub = tw_path(cx, below, sub);
        if (folder) {
            list_files(r, sub);
        } else if (!tw_str_ends(n, ".mdb") && !tw_str_ends(n, ".mdb-lock")) { /* pages of LMDB keep old bytes */
            assert_true(r->files < FILES_MAX);
            r->file[r->files++] = tw_str_of(sub);
        }
    }
}

/* batch_bytes, jobs: see life. */
static void run_make(run *r, const char *formats, size_t batch_bytes, unsigned jobs)
{
    *r = (run){ .files = 0 };
    life_make_in(&r->w, 3, formats);
    r->site = site_dir(&r->w);
    life l = life_of(&r->w, r->site, EVERYTHING);
    l.orders = TW_CAT_BIT(TW_CAT_LABS) | TW_CAT_BIT(TW_CAT_DEMOGRAPHICS);
    l.batch_bytes = batch_bytes;
    l.jobs = jobs;
    assert_int_equal(0, life_run(&l));
    list_files(r, "");
}

static tw_bytes content(const run *r, size_t i)
{
    tw_bytes b;
    assert_ok(tw_file_read(cx, &b, tw_path(cx, r->site, r->file[i].p), 64 * TW_MIB));
    return b;
}

static size_t count_below(const run *r, const char *prefix)
{
    size_t n = 0;
    for (size_t i = 0; i < r->files; i++)
        n += tw_str_starts(r->file[i], prefix);
    return n;
}

static void assert_same_bytes(const run *a, const run *b)
{
    assert_string_not_equal(a->site, b->site);
    assert_int_equal(a->files, b->files);
    assert_true(count_below(a, "exchange/log/") >= 3);
    assert_true(count_below(a, "vault/packs/") >= 8);
    assert_true(count_below(a, "exchange/releases/") >= 5);
    assert_true(count_below(a, "sources/hospital-2/") >= 4);
    for (size_t i = 0; i < a->files; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        if (!tw_str_eq(a->file[i], b->file[i]))
            fail_msg("one run has " TW_FMT ", the other " TW_FMT, TW_ARG(a->file[i]), TW_ARG(b->file[i]));
        if (!tw_bytes_eq(content(a, i), content(b, i)))
            fail_msg(TW_FMT " differs", TW_ARG(a->file[i]));
        tw_arena_back(cx->arena, mark);
    }
}

TEST(determinism__two_runs_of_one_seed_leave_the_same_bytes)
{
    run *a = tw_new(cx->arena, run);
    run *b = tw_new(cx->arena, run);
    run_make(a, "fhir", 0, 0);
    run_make(b, "fhir", 0, 0);
    assert_same_bytes(a, b);
    world_end(&b->w);
    cx->env = &a->w.env;
    world_end(&a->w);
}

/* Whole sites: log, packs, receipts, accounts, dead letters, what opens. */
TEST(determinism__any_number_of_threads_leaves_the_same_bytes_in_each_format)
{
    static const char *const formats[] = { "hl7v2,ccda", "csv,fhir" };
    static const unsigned jobs[] = { 2, 5 };
    for (size_t f = 0; f < TW_COUNT(formats); f++) {
        run *one = tw_new(cx->arena, run);
        run *many = tw_new(cx->arena, run);
        run_make(one, formats[f], 8192, 1);
        for (size_t j = 0; j < TW_COUNT(jobs); j++) {
            run_make(many, formats[f], 8192, jobs[j]);
            assert_same_bytes(one, many);
            world_end(&many->w);
        }
        cx->env = &one->w.env;
        world_end(&one->w);
    }
}

/* Another seed gives other bytes: what is compared above is not empty. */
TEST(determinism__another_seed_gives_other_roots)
{
    uint8_t root[2][32];
    static const uint64_t seed[] = { 7, 8 };
    for (size_t i = 0; i < 2; i++) {
        world w = { .env = tw_io_env() };
        static const char *const source[] = { "hospital-1" };
        static const char *const grantee[] = { "lab" };
        snprintf(w.dir, sizeof w.dir, "/tmp/tw-test-XXXXXX");
        assert_non_null(mkdtemp(w.dir));
        cx->env = &w.env;
        tw_init_opts o = { .source = source, .source_count = 1, .grantee = grantee, .grantee_count = 1, .seeded = true,
                           .seed = seed[i] };
        assert_ok(tw_site_create(cx, site_dir(&w), &o));
        assert_ok(tw_site_open(cx, &w.site, site_dir(&w), true));
        tw_ledger_log_root(root[i], tw_site_state(w.site));
        world_end(&w);
    }
    assert_memory_not_equal(root[0], root[1], 32);
}

static void assert_golden(const char *what, const char *want, const uint8_t got[32])
{
    const char *hex = tw_hex(cx->arena, (tw_bytes){ got, 32 }).p;
    if (strcmp(want, hex) != 0)
        fail_msg("%s is %s, not %s", what, hex, want);
}

/* Enrolment, a project, consents, stops and an erasure: no input whose reader or profile may change. */
TEST(determinism__roots_are_those_of_every_compiler)
{
    world w;
    uint8_t log_root[32];
    uint8_t state_root[32];
    tw_solo *log;
    world_make(&w);
    tw_site_close(cx, w.site);
    w.site = NULL;
    life l = life_of(&w, site_dir(&w), LIFE_ENROL | LIFE_PROJECT | LIFE_CONSENT | LIFE_STOP | LIFE_ERASE);
    l.orders = TW_CAT_BIT(TW_CAT_LABS) | TW_CAT_BIT(TW_CAT_DEMOGRAPHICS);
    assert_ok(tw_dir_make(cx, l.in));
    assert_ok(tw_file_write(cx, tw_path(cx, l.in, "people.tsv"), tw_bytes_of(TW_STR(people))));
    assert_int_equal(0, life_run(&l));
    assert_ok(tw_solo_open(cx, &log, tw_path(cx, l.site, "exchange/log"), NULL));
    assert_true(tw_ledger_size(tw_solo_ledger(log)) > 30);
    tw_ledger_log_root(log_root, tw_solo_ledger(log));
    tw_ledger_state_root(state_root, tw_solo_ledger(log));
    tw_solo_close(log);
    world_end(&w);
    assert_golden("the log root", golden_log_root, log_root);
    assert_golden("the state root", golden_state_root, state_root);
}
