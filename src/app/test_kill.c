/* Named crash points: docs/crash-points.md lists those of the source, a whole life passes each, and a kill at each is
 * survived. TWINWARD_KILLS of 200 or more: in every step that passes a point, at two passes of it. */
#include "test_life.h"

#define POINTS_MAX 128
#define MANY_KILLS 200
#define BATCH_BYTES 8192

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

#define STEPS 7
#define COLLECT_STEP 1
#define PROJECT_STEP 2 /* from here on a release can be made */

/* What a fresh release opens, and what was erased. */
typedef struct {
    uint64_t records;
    uint64_t persons;
    uint64_t erased;
} outcome;

typedef struct {
    world w;
    char *said;
    life l;
    char *before[STEPS + 1]; /* the site before each step */
    tw_str passed[STEPS];    /* points that it passes, a line each */
    outcome after[STEPS];
    unsigned steps; /* of this life */
    uint64_t kills;
} stage;

static outcome outcome_of(stage *st)
{
    size_t count;
    life last = st->l;
    last.steps = LIFE_RELEASE;
    assert_int_equal(0, life_run(&last));
    assert_int_equal(0, last.opened.failed_capsules);
    life_lines(&count, last.opened.data_dir);
    return (outcome){ count, last.opened.persons, life_audit(st->l.site).erased };
}

static void calm_run(stage *st, unsigned steps, const char *crash_log, const char *after)
{
    child_plan calm = { .stderr_path = st->said, .crash_log = crash_log };
    st->l.steps = steps;
    child_end e = child_run(&calm, life_run, &st->l);
    if (e.killed || e.code)
        fail_msg("%s a run fails: %s", after, st->said);
}

/* A life without kills, step by step. batch_bytes: see life. */
static void stage_make(stage *st, const char *formats, size_t batch_bytes, unsigned steps)
{
    *st = (stage){ .steps = steps };
    life_make_in(&st->w, 2, formats);
    st->said = tw_path(cx, st->w.dir, "said");
    st->l = life_of(&st->w, site_dir(&st->w), 0);
    st->l.batch_bytes = batch_bytes;
    st->l.orders = TW_CAT_BIT(TW_CAT_LABS) | TW_CAT_BIT(TW_CAT_DEMOGRAPHICS);
    for (unsigned i = 0; i <= steps; i++)
        st->before[i] = tw_path(cx, st->w.dir, tw_strf(cx->arena, "before-%u", i).p);
    copy_tree(st->l.site, st->before[0]);
    for (unsigned i = 0; i < steps; i++) {
        tw_bytes log;
        char *passed = tw_path(cx, st->w.dir, tw_strf(cx->arena, "passed-%u", i).p);
        calm_run(st, 1u << i, passed, "at first");
        assert_ok(tw_file_read(cx, &log, passed, 64 * TW_MIB));
        st->passed[i] = tw_str_of_bytes(log);
        copy_tree(st->l.site, st->before[i + 1]);
        if (i < PROJECT_STEP)
            continue;
        st->after[i] = outcome_of(st);
        copy_tree(st->before[i + 1], st->l.site);
    }
    assert_true(st->after[steps - 1].records > 0);
}

static uint64_t passes(tw_str log, tw_str name)
{
    tw_str line;
    uint64_t n = 0;
    while (tw_str_split(&line, &log, '\n'))
        n += tw_str_eq(line, name);
    return n;
}

/* Killed at that pass of the step, run again, and on until a release can be made. */
static void kill_at(stage *st, tw_str name, unsigned step, uint64_t pass)
{
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_str at = tw_strf(cx->arena, TW_FMT ":%llu", TW_ARG(name), (unsigned long long)pass);
    tw_str after = tw_strf(cx->arena, "after a kill at %s in step %u", at.p, step);
    copy_tree(st->before[step], st->l.site);
    child_plan plan = { .stderr_path = st->said, .crash_at = at.p };
    st->l.steps = 1u << step;
    child_end e = child_run(&plan, life_run, &st->l);
    if (!e.killed)
        fail_msg("no kill at %s in step %u", at.p, step);
    st->kills++;
    calm_run(st, 1u << step, NULL, after.p);
    for (unsigned i = step + 1; i <= PROJECT_STEP; i++)
        calm_run(st, 1u << i, NULL, after.p);
    const outcome want = st->after[TW_MAX(step, (unsigned)PROJECT_STEP)];
    outcome got = outcome_of(st);
    if (got.records != want.records || got.persons != want.persons || got.erased != want.erased)
        fail_msg("%s: %llu records of %llu persons, %llu erased; %llu, %llu, %llu without it", after.p,
                 (unsigned long long)got.records, (unsigned long long)got.persons, (unsigned long long)got.erased,
                 (unsigned long long)want.records, (unsigned long long)want.persons, (unsigned long long)want.erased);
    tw_arena_back(cx->arena, mark);
}

static bool many_kills(void)
{
    uint64_t kills;
    const char *text = getenv("TWINWARD_KILLS");
    return text && tw_parse_u64(&kills, tw_str_of(text)) && kills >= MANY_KILLS;
}

TEST(crash_points__are_survived_each_by_going_on)
{
    stage st;
    points p = source_points();
    bool many = many_kills();
    stage_make(&st, "fhir", 0, STEPS);
    assert_true(st.after[STEPS - 1].erased > 0);
    for (size_t i = 0; i < p.count; i++) {
        bool passed = false;
        for (unsigned step = 0; step < STEPS; step++) {
            uint64_t n = passes(st.passed[step], p.name[i]);
            if (n == 0 || (passed && !many))
                continue;
            passed = true;
            kill_at(&st, p.name[i], step, 1);
            if (many && n > 1)
                kill_at(&st, p.name[i], step, 2 + tw_test_below(n - 1));
        }
        if (!passed)
            fail_msg("a whole life does not pass " TW_FMT, TW_ARG(p.name[i]));
    }
    print_message("# %llu kills at %zu points\n", (unsigned long long)st.kills, p.count);
    world_end(&st.w);
}

/* A hospital's folder in batches; a kill at any pass of each point that collecting passes. */
static void kill_collecting(const char *format)
{
    stage st;
    points p = source_points();
    size_t passed = 0;
    bool many = many_kills();
    stage_make(&st, format, BATCH_BYTES, PROJECT_STEP + 1);
    for (size_t i = 0; i < p.count; i++) {
        uint64_t n = passes(st.passed[COLLECT_STEP], p.name[i]);
        passed += n > 0;
        if (n > 0)
            kill_at(&st, p.name[i], COLLECT_STEP, 1 + tw_test_below(n));
        if (many && n > 1) {
            kill_at(&st, p.name[i], COLLECT_STEP, 1);
            kill_at(&st, p.name[i], COLLECT_STEP, n);
        }
    }
    print_message("# %s: %llu kills at %zu points\n", format, (unsigned long long)st.kills, passed);
    assert_true(passed >= 8);
    world_end(&st.w);
}

TEST(crash_points__of_collecting_hl7v2_and_its_tables_are_survived)
{
    kill_collecting("hl7v2");
}

TEST(crash_points__of_collecting_ccda_are_survived)
{
    kill_collecting("ccda");
}

TEST(crash_points__of_collecting_csv_are_survived)
{
    kill_collecting("csv");
}
