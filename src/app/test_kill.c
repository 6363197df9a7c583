/* Named crash points: docs/crash-points.md lists those of the source, a whole life passes each, and a kill at each is
 * survived. TWINWARD_KILLS of 200 or more: five passes of each point instead of the first. */
#include "test_life.h"

#define POINTS_MAX 128
#define MANY_KILLS 200
#define EVERYTHING                                                                                                     \
    (LIFE_ENROL | LIFE_COLLECT | LIFE_PROJECT | LIFE_RELEASE | LIFE_CONSENT | LIFE_STOP | LIFE_ERASE)

typedef struct {
    tw_str name[POINTS_MAX];
    size_t count;
} points;

static void add_point(points *p, tw_str name)
{
    for (size_t i = 0; i < p->count; i++)
        if (tw_str_eq(p->name[i], name))
            return;
    assert_true(p->count < POINTS_MAX);
    p->name[p->count++] = name;
}

/* Names between `before` and a closing mark in a text. */
static void find_points(points *p, tw_str text, tw_str before, char end)
{
    for (size_t at = tw_str_find(text, before); at != SIZE_MAX; at = tw_str_find(text, before)) {
        text.p += at + before.n;
        text.n -= at + before.n;
        tw_str rest = text;
        tw_str name;
        if (tw_str_split(&name, &rest, end) && name.n < 64)
            add_point(p, name);
    }
}

static points source_points(void)
{
    points p = { .count = 0 };
    tw_env env = tw_io_env();
    const tw_env *outer = cx->env;
    tw_str *room;
    size_t rooms;
    cx->env = &env;
    assert_ok(tw_dir_list(cx, &room, &rooms, TW_SOURCE_DIR "/src"));
    for (size_t i = 0; i < rooms; i++) {
        tw_str *file;
        size_t files;
        char *dir = tw_path(cx, TW_SOURCE_DIR "/src", room[i].p);
        if (!tw_str_ends(room[i], "/"))
            continue;
        assert_ok(tw_dir_list(cx, &file, &files, dir));
        for (size_t j = 0; j < files; j++) {
            tw_bytes text;
            if (!tw_str_ends(file[j], ".c") || tw_str_starts(file[j], "test_"))
                continue;
            assert_ok(tw_file_read(cx, &text, tw_path(cx, dir, file[j].p), TW_MIB));
            find_points(&p, tw_str_of_bytes(text), TW_STR("tw_crash_point(cx, \""), '"');
        }
    }
    cx->env = outer;
    assert_true(p.count > 10);
    return p;
}

static bool has_point(const points *p, tw_str name)
{
    for (size_t i = 0; i < p->count; i++)
        if (tw_str_eq(p->name[i], name))
            return true;
    return false;
}

TEST(crash_points__are_all_listed_in_the_document)
{
    points source = source_points();
    points doc = { .count = 0 };
    find_points(&doc, tw_test_source("docs/crash-points.md"), TW_STR("\n| `"), '`');
    for (size_t i = 0; i < source.count; i++)
        if (!has_point(&doc, source.name[i]))
            fail_msg("docs/crash-points.md does not list " TW_FMT, TW_ARG(source.name[i]));
    for (size_t i = 0; i < doc.count; i++)
        if (!has_point(&source, doc.name[i]))
            fail_msg("docs/crash-points.md lists " TW_FMT ", which the source does not have", TW_ARG(doc.name[i]));
}

/* ---------------------------------------------------------------- a kill at each */

typedef struct {
    world w;
    char *base;
    char *said;
    char *passed; /* log of passed points */
    life l;
    size_t records; /* opened at the end */
    uint64_t persons;
    uint64_t erased;
    uint64_t kills;
} stage;

static tw_str *open_all(size_t *count, life *l)
{
    life last = *l;
    last.progress = NULL;
    last.steps = LIFE_PROJECT | LIFE_RELEASE;
    assert_int_equal(0, life_run(&last));
    assert_int_equal(0, last.opened.failed_capsules);
    l->opened = last.opened;
    return life_lines(count, last.opened.data_dir);
}

static void begin_again(stage *st)
{
    copy_tree(st->base, st->l.site);
    (void)remove(st->l.progress);
}

static void stage_make(stage *st)
{
    *st = (stage){ .kills = 0 };
    life_make(&st->w, 2);
    st->base = tw_path(cx, st->w.dir, "base");
    st->said = tw_path(cx, st->w.dir, "said");
    st->passed = tw_path(cx, st->w.dir, "passed");
    st->l = life_of(&st->w, site_dir(&st->w), EVERYTHING);
    st->l.orders = TW_CAT_BIT(TW_CAT_LABS) | TW_CAT_BIT(TW_CAT_DEMOGRAPHICS);
    st->l.progress = tw_path(cx, st->w.dir, "progress");
    copy_tree(st->l.site, st->base);
    child_plan calm = { .stderr_path = st->said, .crash_log = st->passed };
    child_end e = child_run(&calm, life_run, &st->l);
    assert_false(e.killed);
    assert_int_equal(0, e.code);
    open_all(&st->records, &st->l);
    st->persons = st->l.opened.persons;
    st->erased = life_audit(st->l.site).erased;
    assert_true(st->records > 0 && st->erased > 0);
}

static uint64_t passes(tw_str log, tw_str name)
{
    tw_str line;
    uint64_t n = 0;
    while (tw_str_split(&line, &log, '\n'))
        n += tw_str_eq(line, name);
    return n;
}

static void kill_at(stage *st, tw_str name, uint64_t pass)
{
    size_t count;
    tw_mark mark = tw_arena_mark(cx->arena);
    begin_again(st);
    tw_str at = tw_strf(cx->arena, TW_FMT ":%llu", TW_ARG(name), (unsigned long long)pass);
    child_plan plan = { .stderr_path = st->said, .crash_at = at.p };
    child_end e = child_run(&plan, life_run, &st->l);
    if (!e.killed)
        fail_msg("no kill at %s", at.p);
    st->kills++;
    child_plan calm = { .stderr_path = st->said };
    e = child_run(&calm, life_run, &st->l);
    if (e.killed || e.code)
        fail_msg("after a kill at %s the next run fails: %s", at.p, st->said);
    open_all(&count, &st->l);
    if (count != st->records || st->l.opened.persons != st->persons)
        fail_msg("after a kill at %s %zu records open, not %zu", at.p, count, st->records);
    assert_int_equal(st->erased, life_audit(st->l.site).erased);
    tw_arena_back(cx->arena, mark);
}

TEST(crash_points__are_survived_each_by_going_on)
{
    stage st;
    points p = source_points();
    uint64_t kills = 0;
    tw_bytes log;
    stage_make(&st);
    const char *text = getenv("TWINWARD_KILLS");
    bool many = text && tw_parse_u64(&kills, tw_str_of(text)) && kills >= MANY_KILLS;
    assert_ok(tw_file_read(cx, &log, st.passed, 64 * TW_MIB));
    for (size_t i = 0; i < p.count; i++) {
        uint64_t n = passes(tw_str_of_bytes(log), p.name[i]);
        if (n == 0)
            fail_msg("a whole life does not pass " TW_FMT, TW_ARG(p.name[i]));
        kill_at(&st, p.name[i], 1);
        for (unsigned j = 0; j < (many ? 4 : 0) && n > 1; j++)
            kill_at(&st, p.name[i], 2 + tw_test_below(n - 1));
    }
    print_message("# %llu kills at %zu points\n", (unsigned long long)st.kills, p.count);
    world_end(&st.w);
}
