/* A process killed at any moment, and run again: what was accepted opens, each record once; receipts stay good; the
 * audit is clean. Kills come in the middle of writes (half of the bytes are on the disk), or at random times.
 * TWINWARD_KILLS: how many kills in all (quick: 20). */
#include "test_life.h"

#define KILLS_QUICK 20
#define ROUNDS_MAX 2000

typedef struct {
    uint64_t kills;
    uint64_t torn;
    uint64_t rounds;
} toll;

static uint64_t kills_wanted(void)
{
    uint64_t n;
    const char *text = getenv("TWINWARD_KILLS");
    return text && tw_parse_u64(&n, tw_str_of(text)) && n ? n : KILLS_QUICK;
}

/* One kill: mostly in the middle of a write, one in eight at a random time. */
static child_plan random_kill(const toll *t, uint64_t writes, uint64_t run_us, const char *stderr_path)
{
    child_plan p = { .stderr_path = stderr_path };
    if (t->kills % 8 == 7)
        p.delay_us = 1 + tw_test_below(run_us);
    else
        p.write_at = 1 + tw_test_below(writes);
    return p;
}

/* Receipts that are there: their names, sorted, in one string. */
static tw_str receipt_names(const char *site)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    for (unsigned h = 1; h <= 2; h++) {
        tw_str *name;
        size_t count;
        char *dir = tw_path(cx, site, tw_strf(cx->arena, "sources/hospital-%u/receipts", h).p);
        if (!tw_path_exists(cx, dir))
            continue;
        assert_ok(tw_dir_list(cx, &name, &count, dir));
        for (size_t i = 0; i < count; i++)
            if (tw_str_ends(name[i], ".tlog-proof"))
                tw_buf_fmt(&b, "%s/%s\n", dir, name[i].p);
    }
    tw_str out = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return out;
}

static void assert_kept(const char *site, tw_str receipts)
{
    tw_str line;
    tw_str what;
    while (tw_str_split(&line, &receipts, '\n'))
        if (line.n)
            assert_ok(tw_app_verify(cx, &what, tw_cstr(cx->arena, line), site, NULL));
}

/* Every batch entry of the ledger has its receipt. */
static uint64_t batches_on_ledger(const char *site)
{
    tw_solo *log;
    tw_batch_index ix = { .by_root = NULL };
    assert_ok(tw_solo_open(cx, &log, tw_path(cx, site, "exchange/log"), NULL));
    assert_ok(tw_batch_index_scan(cx, &ix, log));
    uint64_t n = ix.by_root ? tw_map_count(ix.by_root) : 0;
    tw_batch_index_done(&ix);
    tw_solo_close(log);
    return n;
}

static size_t lines_in(tw_str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n;
}

/* Runs, is killed, runs again, until one run reaches its end. */
static void run_until_done(toll *t, life *l, uint64_t writes, uint64_t run_us, const char *stderr_path)
{
    for (unsigned i = 0; i < 64; i++) {
        child_plan p = random_kill(t, writes, run_us, stderr_path);
        child_end e = child_run(&p, life_run, l);
        if (!e.killed) {
            if (e.code)
                fail_msg("a run after %llu kills failed: see %s", (unsigned long long)t->kills, stderr_path);
            return;
        }
        t->kills++;
        t->torn += e.torn;
        assert_kept(l->site, receipt_names(l->site));
    }
    child_plan calm = { .stderr_path = stderr_path };
    child_end e = child_run(&calm, life_run, l);
    assert_false(e.killed);
    assert_int_equal(0, e.code);
}

/* A fresh release of everything, opened. */
static tw_str *open_all(size_t *count, life *l)
{
    life last = *l;
    last.steps = LIFE_PROJECT | LIFE_RELEASE;
    assert_int_equal(0, life_run(&last));
    assert_int_equal(0, last.opened.failed_capsules);
    l->opened = last.opened;
    return life_lines(count, last.opened.data_dir);
}

static void assert_same_lines(const tw_str *want, size_t want_count, const tw_str *got, size_t got_count)
{
    for (size_t i = 0; i < TW_MIN(want_count, got_count); i++)
        if (!tw_str_eq(want[i], got[i]))
            fail_msg("record %zu of the sorted list differs from the run without kills", i);
    assert_int_equal(want_count, got_count);
}

/* How many (type, id) there are among the lines. A person's Patient comes once from each source, all under one id. */
static size_t distinct(const tw_str *line, size_t count)
{
    tw_map *seen = tw_map_new(count + 1);
    for (size_t i = 0; i < count; i++) {
        tw_json d;
        assert_ok(tw_json_parse(cx, &d, line[i], NULL));
        tw_str id = tw_strf(cx->arena, TW_FMT "/" TW_FMT, TW_ARG(tw_json_member_text(cx, &d, 0, "resourceType")),
                            TW_ARG(tw_json_member_text(cx, &d, 0, "id")));
        assert_true(tw_map_put(seen, tw_bytes_of(id), seen));
    }
    size_t n = tw_map_count(seen);
    tw_map_free(seen);
    return n;
}

typedef struct {
    world w;
    char *base;
    char *site;
    char *said;
    uint64_t writes;
    uint64_t run_us;
    tw_str *line; /* of a run without kills */
    size_t count;
    toll toll;
} stage;

/* A base folder after `before`; then `steps` without kills, for comparison. */
static life stage_make(stage *st, unsigned people, unsigned before, unsigned steps)
{
    *st = (stage){ .writes = 0 };
    life_make(&st->w, people);
    st->base = tw_path(cx, st->w.dir, "base");
    st->site = site_dir(&st->w);
    st->said = tw_path(cx, st->w.dir, "said");
    life l = life_of(&st->w, st->site, before);
    if (before)
        assert_int_equal(0, life_run(&l));
    copy_tree(st->site, st->base);
    l.steps = steps;
    child_plan calm = { .stderr_path = st->said };
    child_end e = child_run(&calm, life_run, &l);
    assert_int_equal(0, e.code);
    assert_true(e.writes > 10);
    st->writes = e.writes;
    st->run_us = 150000;
    st->line = open_all(&st->count, &l);
    assert_true(st->count > 0);
    return l;
}

static void stage_end(stage *st)
{
    print_message("# %llu kills, %llu of them in the middle of a write, %llu rounds of %llu writes\n",
                  (unsigned long long)st->toll.kills, (unsigned long long)st->toll.torn,
                  (unsigned long long)st->toll.rounds, (unsigned long long)st->writes);
    assert_true(st->toll.torn * 4 >= st->toll.kills * 3);
    world_end(&st->w);
}

static void next_round(stage *st, life *l)
{
    assert_true(st->toll.rounds++ < ROUNDS_MAX);
    copy_tree(st->base, st->site);
    run_until_done(&st->toll, l, st->writes, st->run_us, st->said);
}

TEST(lossless__collecting_survives_kills_without_losing_or_doubling_a_record)
{
    stage st;
    life l = stage_make(&st, 2, LIFE_ENROL | LIFE_PROJECT, LIFE_COLLECT);
    uint64_t wanted = kills_wanted() * 2 / 5;
    while (st.toll.kills < wanted) {
        tw_mark mark = tw_arena_mark(cx->arena);
        size_t count;
        next_round(&st, &l);
        tw_str *line = open_all(&count, &l);
        assert_same_lines(st.line, st.count, line, count);
        assert_int_equal(batches_on_ledger(l.site), lines_in(receipt_names(l.site)));
        life_audit(l.site);
        tw_arena_back(cx->arena, mark);
    }
    stage_end(&st);
}

/* Keys differ from run to run, so the records are counted. */
TEST(lossless__enrolling_and_collecting_survive_kills)
{
    stage st;
    life l = stage_make(&st, 2, 0, LIFE_ENROL | LIFE_COLLECT);
    tw_open_report whole = l.opened;
    uint64_t wanted = kills_wanted() / 5;
    while (st.toll.kills < wanted) {
        tw_mark mark = tw_arena_mark(cx->arena);
        size_t count;
        next_round(&st, &l);
        tw_str *line = open_all(&count, &l);
        assert_int_equal(st.count, count);
        assert_int_equal(whole.persons, l.opened.persons);
        assert_int_equal(distinct(st.line, st.count), distinct(line, count));
        life_audit(l.site);
        tw_arena_back(cx->arena, mark);
    }
    stage_end(&st);
}

TEST(lossless__releases_and_openings_survive_kills)
{
    stage st;
    life l = stage_make(&st, 2, LIFE_ENROL | LIFE_COLLECT | LIFE_PROJECT, LIFE_RELEASE);
    uint64_t wanted = kills_wanted() / 5;
    while (st.toll.kills < wanted) {
        tw_mark mark = tw_arena_mark(cx->arena);
        size_t count;
        next_round(&st, &l);
        tw_str *line = open_all(&count, &l);
        assert_same_lines(st.line, st.count, line, count);
        life_audit(l.site);
        tw_arena_back(cx->arena, mark);
    }
    stage_end(&st);
}

static uint64_t objects_of_erased(const char *site)
{
    tw_audit_report r = life_audit(site);
    uint64_t n = 0;
    for (size_t i = 0; i < r.finding_count; i++)
        n += tw_str_find(r.finding[i].what, TW_STR("of an erased compartment is still here")) != SIZE_MAX;
    return n;
}

TEST(lossless__orders_and_erasure_survive_kills_and_touch_nobody_else)
{
    stage st;
    life l = stage_make(&st, 2, LIFE_ENROL | LIFE_COLLECT | LIFE_PROJECT | LIFE_RELEASE,
                        LIFE_CONSENT | LIFE_STOP | LIFE_ERASE);
    uint64_t erased = life_audit(l.site).erased;
    uint64_t wanted = kills_wanted() / 5;
    assert_true(erased > 0);
    while (st.toll.kills < wanted) {
        tw_mark mark = tw_arena_mark(cx->arena);
        size_t count;
        next_round(&st, &l);
        tw_str *line = open_all(&count, &l);
        assert_same_lines(st.line, st.count, line, count);
        assert_int_equal(erased, life_audit(l.site).erased);
        assert_int_equal(0, objects_of_erased(l.site));
        tw_arena_back(cx->arena, mark);
    }
    stage_end(&st);
}
