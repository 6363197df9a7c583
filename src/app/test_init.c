/* Making a site: refused before anything is made, and finished by the same command after a kill at any moment. */
#include "child.h"
#include "test_app.h"

static const char *const source[] = { "hospital-1", "hospital-2" };
static const char *const grantee[] = { "lab", "other" };

static tw_init_opts options(void)
{
    return (tw_init_opts){
        .source = source, .source_count = 2, .grantee = grantee, .grantee_count = 2, .seeded = true, .seed = 7
    };
}

typedef struct {
    char dir[64];
    char *site;
    tw_env env;
} place;

static void place_make(place *p)
{
    snprintf(p->dir, sizeof p->dir, "/tmp/tw-test-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    p->site = tw_path(cx, p->dir, "site");
    p->env = tw_io_env();
    cx->env = &p->env;
}

static void place_end(const place *p)
{
    char *command = tw_cstr(cx->arena, tw_strf(cx->arena, "rm -rf %s", p->dir));
    assert_int_equal(0, system(command)); /* check: allow system: a test clears its own folder */
    cx->env = tw_test_env();
}

TEST(init__refuses_names_and_numbers_before_it_makes_anything)
{
    static const char *const wrong[] = { "", ".hidden", "a/b", "hospital-1" };
    place p;
    place_make(&p);
    for (size_t i = 0; i < TW_COUNT(wrong); i++) {
        const char *const two[] = { "hospital-1", wrong[i] };
        tw_init_opts o = options();
        o.source = two;
        assert_status(TW_EUSAGE, tw_site_create(cx, p.site, &o));
        o = options();
        o.grantee = two;
        o.grantee_count = 2;
        assert_status(TW_EUSAGE, tw_site_create(cx, p.site, &o));
    }
    tw_init_opts o = options();
    o.threshold = 5;
    assert_status(TW_EUSAGE, tw_site_create(cx, p.site, &o));
    assert_false(tw_path_exists(cx, p.site));
    place_end(&p);
}

/* In a child: 0 done, 1 refused. */
static int make(void *arg)
{
    place *p = arg;
    tw_ctx mine;
    tw_init_opts o = options();
    p->env = tw_io_env();
    tw_ctx_init(&mine, (size_t)1 << 30, &p->env);
    tw_status s = tw_site_create(&mine, p->site, &o);
    if (s != TW_OK)
        fprintf(stderr, "%s\n", mine.err.msg);
    tw_ctx_done(&mine);
    return s != TW_OK;
}

static bool usable(const place *p)
{
    tw_site *s;
    tw_party party;
    assert_ok(tw_site_open(cx, &s, p->site, true));
    assert_ok(tw_party_load(cx, &party, s, TW_ROLE_SOURCE, "hospital-2"));
    bool whole = tw_ledger_keeper_set(tw_site_state(s))->n == 4 &&
                 tw_ledger_party(tw_site_state(s), &party.id) != NULL;
    tw_site_close(cx, s);
    return whole;
}

/* In the middle of every ninth write: of keys, logs, stores, the description of the site. */
TEST(init__killed_at_any_write_is_finished_by_the_same_command)
{
    place p;
    unsigned kills = 0;
    bool killed = true;
    place_make(&p);
    for (uint64_t write = 1; killed; write += 9) {
        child_plan plan = { .write_at = write };
        child_plan calm = { .stderr_path = tw_path(cx, p.dir, "said") };
        killed = child_run(&plan, make, &p).killed;
        kills += killed;
        if (killed) {
            tw_site *s;
            bool done = tw_path_exists(cx, tw_path(cx, p.site, "site.json"));
            assert_true(done || tw_site_open(cx, &s, p.site, true) == TW_ENOTFOUND);
            assert_int_equal(done, child_run(&calm, make, &p).code);
        }
        assert_true(usable(&p));
        assert_false(tw_path_exists(cx, tw_path(cx, p.site, "init.unfinished")));
        assert_ok(tw_folder_remove(cx, p.site));
    }
    print_message("# %u kills\n", kills);
    assert_true(kills > 5);
    place_end(&p);
}

TEST(init__leaves_a_folder_alone_that_it_did_not_begin)
{
    place p;
    tw_init_opts o = options();
    place_make(&p);
    assert_ok(tw_dir_make(cx, tw_path(cx, p.site, "exchange/log")));
    assert_ok(tw_file_write(cx, tw_path(cx, p.site, "exchange/log/mine"), tw_bytes_of(TW_STR("x"))));
    assert_status(TW_ECONFLICT, tw_site_create(cx, p.site, &o));
    assert_true(tw_path_exists(cx, tw_path(cx, p.site, "exchange/log/mine")));
    place_end(&p);
}
