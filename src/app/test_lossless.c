/* A process killed at any moment, and run again: what was accepted opens, each record once; receipts stay good; the
 * audit is clean. Kills come in the middle of a write (half of its bytes are on the disk), any write being as likely
 * as another; one in eight comes at a random time instead.
 * TWINWARD_KILLS: how many kills in all of the FHIR tests (quick: 20); each other format gets a fifth more. */
#include "test_life.h"

#define KILLS_QUICK 20
#define ROUNDS_MAX 2000
#define BATCH_BYTES 8192

typedef struct {
    uint64_t kills;
    uint64_t aimed; /* at a write */
    uint64_t torn;
    uint64_t rounds;
} toll;

static uint64_t kills_wanted(void)
{
    uint64_t n;
    const char *text = getenv("TWINWARD_KILLS");
    return text && tw_parse_u64(&n, tw_str_of(text)) && n ? n : KILLS_QUICK;
}

static child_plan random_kill(uint64_t writes, uint64_t run_us, const char *stderr_path)
{
    child_plan p = { .stderr_path = stderr_path };
    if (tw_test_below(8) == 0)
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
        child_plan p = random_kill(writes, run_us, stderr_path);
        child_end e = child_run(&p, life_run, l);
        if (!e.killed) {
            if (e.code)
                fail_msg("a run after %llu kills failed: see %s", (unsigned long long)t->kills, stderr_path);
            return;
        }
        t->kills++;
        t->aimed += p.write_at != 0;
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

/* A base folder after `before`; then `steps` without kills, for comparison. batch_bytes: see life. */
static life stage_make_in(stage *st, const char *formats, size_t batch_bytes, unsigned before, unsigned steps)
{
    *st = (stage){ .writes = 0 };
    life_make_in(&st->w, 2, formats);
    st->base = tw_path(cx, st->w.dir, "base");
    st->site = site_dir(&st->w);
    st->said = tw_path(cx, st->w.dir, "said");
    life l = life_of(&st->w, st->site, before);
    l.batch_bytes = batch_bytes;
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

static life stage_make(stage *st, unsigned before, unsigned steps)
{
    return stage_make_in(st, "fhir", 0, before, steps);
}

/* Every kill that was aimed at a write tore it, so that what the numbers say is what happened. */
static void stage_end(stage *st)
{
    print_message("# %llu kills, %llu of them in the middle of a write, %llu rounds of %llu writes\n",
                  (unsigned long long)st->toll.kills, (unsigned long long)st->toll.torn,
                  (unsigned long long)st->toll.rounds, (unsigned long long)st->writes);
    assert_true(st->toll.torn >= st->toll.aimed);
    world_end(&st->w);
}

static void next_round(stage *st, life *l)
{
    assert_true(st->toll.rounds++ < ROUNDS_MAX);
    copy_tree(st->base, st->site);
    run_until_done(&st->toll, l, st->writes, st->run_us, st->said);
}

/* ---------------------------------------------------------------- what there is to be opened */

/* Records of enrolled patients in the hospitals' folders, by a reader alone: no register, no batches, no seal. */
typedef struct {
    tw_map *number; /* "hospital-N number" that is enrolled */
    tw_map *record; /* "hospital-N id version" */
    const char *source;
} census;

static tw_bytes census_key(tw_arena *a, const char *source, tw_str one, tw_str two)
{
    return tw_bytes_of(tw_strf(a, "%s\n" TW_FMT "\n" TW_FMT, source, TW_ARG(one), TW_ARG(two)));
}

static tw_status census_record(void *self, TW_UNUSED tw_ctx *c, const tw_phi *phi)
{
    census *n = self;
    const tw_phi_parts *p = tw_phi_view(phi);
    tw_bytes key = census_key(cx->arena, n->source, p->business_id, p->version);
    if (tw_str_is(p->type, "RelatedPerson"))
        return TW_OK; /* the gate lets none of these through */
    if (tw_map_get(n->number, census_key(cx->arena, n->source, p->patient, TW_STR(""))))
        assert_true(tw_map_put(n->record, key, n));
    return TW_OK;
}

static void census_source(census *n, const life *l, const char *source)
{
    tw_sources *s;
    tw_bytes json;
    tw_mapping *mapping = NULL;
    tw_collect_opts o = life_collect_opts(cx, l, source);
    const tw_sources_sink sink = { .record = census_record, .self = n };
    if (o.mapping) {
        assert_ok(tw_file_read(cx, &json, o.mapping, TW_MIB));
        assert_ok(tw_mapping_read(cx, &mapping, tw_str_of_bytes(json)));
    }
    const tw_sources_opts so = { .zone = tw_str_of(o.zone), .mapping = mapping };
    n->source = source;
    size_t before = tw_map_count(n->record);
    assert_ok(tw_sources_new(cx, &s, &so, &sink));
    assert_ok(tw_sources_folder(cx, s, tw_path(cx, l->in, source)));
    assert_true(tw_map_count(n->record) > before + 10);
    tw_sources_free(s);
    tw_mapping_free(mapping);
}

/* How many distinct (source, business id, version). */
static size_t census_of(const life *l)
{
    tw_bytes people;
    tw_enrol_line *line;
    size_t count;
    census n = { .number = tw_map_new(1000), .record = tw_map_new(100000) };
    assert_ok(tw_file_read(cx, &people, tw_path(cx, l->in, "people.tsv"), TW_MIB));
    assert_ok(tw_enrol_lines_read(cx, &line, &count, tw_str_of_bytes(people)));
    for (size_t i = 0; i < count; i++) {
        tw_bytes key = census_key(cx->arena, tw_cstr(cx->arena, line[i].source), line[i].local_number, TW_STR(""));
        assert_true(tw_map_put(n.number, key, &n));
    }
    census_source(&n, l, "hospital-1");
    census_source(&n, l, "hospital-2");
    size_t records = tw_map_count(n.record);
    tw_map_free(n.number);
    tw_map_free(n.record);
    return records;
}

/* ---------------------------------------------------------------- the kills */

static void collect_under_kills(const char *formats, uint64_t wanted)
{
    stage st;
    life l = stage_make_in(&st, formats, BATCH_BYTES, LIFE_ENROL | LIFE_PROJECT, LIFE_COLLECT);
    size_t expected = census_of(&l);
    if (st.count != expected)
        fail_msg("%s: %zu records open, the files hold %zu", formats, st.count, expected);
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

TEST(lossless__collecting_survives_kills_without_losing_or_doubling_a_record)
{
    collect_under_kills("fhir", kills_wanted() * 2 / 5);
}

TEST(lossless__collecting_hl7v2_and_its_tables_survives_kills)
{
    collect_under_kills("hl7v2", kills_wanted() / 5);
}

TEST(lossless__collecting_ccda_survives_kills)
{
    collect_under_kills("ccda", kills_wanted() / 5);
}

TEST(lossless__collecting_csv_survives_kills)
{
    collect_under_kills("csv", kills_wanted() / 5);
}

/* ---------------------------------------------------------------- gone on with in the middle of a file */

#define UNITS 900 /* of a long file: several pieces of it */
#define LONG_BATCH_BYTES (64 * TW_KIB)

static void long_messages(tw_buf *b, tw_str number)
{
    for (unsigned i = 0; i < UNITS; i++)
        tw_buf_fmt(b,
                   "MSH|^~\\&|LAB|H|TW|HUB|20250302||ORU^R01^ORU_R01|M%u|P|2.5.1\rPID|1||" TW_FMT "^^^H^MR\r"
                   "OBR|1||F%u|2857-1^PSA^LN|||20250302\rOBX|1|NM|2857-1^PSA^LN||4.%u|ng/mL|||||F\r\n",
                   i, TW_ARG(number), i, i);
}

static void long_table(tw_buf *b, tw_str number)
{
    tw_buf_cstr(b, "record;patient_no;visit_no;loinc;name;value;unit;answer;status;taken;class\n");
    for (unsigned i = 0; i < UNITS; i++)
        tw_buf_fmt(b, "r%u;" TW_FMT ";;2857-1;Prostate specific Ag [Mass/volume] in Serum or Plasma;4,%u;ng/mL;;final;"
                      "2025-03-02 09:10;lab\n",
                   i, TW_ARG(number), i);
}

/* Hospital-2 gets this one file instead of its own, about one of its patients. */
static void put_long_file(const life *l, const char *name, void (*write)(tw_buf *b, tw_str number))
{
    tw_bytes people;
    tw_enrol_line *line;
    size_t count;
    size_t i = 0;
    tw_buf b;
    char *folder = tw_path(cx, l->in, "hospital-2");
    assert_ok(tw_file_read(cx, &people, tw_path(cx, l->in, "people.tsv"), TW_MIB));
    assert_ok(tw_enrol_lines_read(cx, &line, &count, tw_str_of_bytes(people)));
    while (i < count && !tw_str_is(line[i].source, "hospital-2"))
        i++;
    assert_true(i < count);
    remove_tree(folder);
    assert_ok(tw_dir_make(cx, folder));
    tw_buf_init(&b, 4 * TW_MIB);
    write(&b, line[i].local_number);
    assert_true(tw_buf_view(&b).n > 3 * TW_PIECE_BYTES / 8);
    assert_ok(tw_file_write(cx, tw_path(cx, folder, name), tw_buf_view(&b)));
    tw_buf_done(&b);
}

static uint64_t passes_of(const char *log, const char *point)
{
    tw_bytes text;
    tw_str line;
    uint64_t n = 0;
    assert_ok(tw_file_read(cx, &text, log, 64 * TW_MIB));
    tw_str rest = tw_str_of_bytes(text);
    while (tw_str_split(&line, &rest, '\n'))
        n += tw_str_is(line, point);
    return n;
}

/* Killed after each batch in turn. What comes after the last whole piece before it is read again. */
static void long_file(const char *format, size_t batch_bytes, const char *name,
                      void (*write)(tw_buf *b, tw_str number))
{
    world w;
    size_t want;
    uint64_t went_on = 0;
    life_make_in(&w, 2, format);
    char *base = tw_path(cx, w.dir, "base");
    char *log = tw_path(cx, w.dir, "passed");
    life l = life_of(&w, site_dir(&w), LIFE_ENROL | LIFE_PROJECT);
    l.batch_bytes = batch_bytes;
    put_long_file(&l, name, write);
    assert_int_equal(0, life_run(&l));
    copy_tree(l.site, base);
    l.steps = LIFE_COLLECT;
    child_plan plan = { .stderr_path = tw_path(cx, w.dir, "said"), .crash_log = log };
    assert_int_equal(0, child_run(&plan, life_run, &l).code);
    tw_str *line = open_all(&want, &l);
    assert_int_equal(census_of(&l), want);
    plan.crash_log = NULL;
    uint64_t batches = passes_of(log, "collect.anchored");
    for (uint64_t i = 1; i <= batches; i++) {
        size_t got;
        copy_tree(base, l.site);
        plan.crash_at = tw_strf(cx->arena, "collect.anchored:%llu", (unsigned long long)i).p;
        assert_true(child_run(&plan, life_run, &l).killed);
        assert_int_equal(0, life_run(&l));
        went_on += l.collected.resumed_bytes >= TW_PIECE_BYTES / 8 && l.collected.batches > 0;
        tw_str *after = open_all(&got, &l);
        assert_same_lines(line, want, after, got);
        life_audit(l.site);
    }
    print_message("# %s: after %llu of %llu kills in the middle of a file\n", format, (unsigned long long)went_on,
                  (unsigned long long)batches);
    assert_true(went_on >= 2);
    world_end(&w);
}

TEST(lossless__a_long_file_of_messages_is_gone_on_with_after_a_kill)
{
    long_file("hl7v2", 2 * LONG_BATCH_BYTES, "long.hl7", long_messages);
}

TEST(lossless__a_long_table_is_gone_on_with_after_a_kill)
{
    long_file("csv", LONG_BATCH_BYTES, "results.csv", long_table);
}

/* ---------------------------------------------------------------- other steps */

/* Keys differ from run to run, so the records are counted. */
TEST(lossless__enrolling_and_collecting_survive_kills)
{
    stage st;
    life l = stage_make(&st, 0, LIFE_ENROL | LIFE_COLLECT);
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
    life l = stage_make(&st, LIFE_ENROL | LIFE_COLLECT | LIFE_PROJECT, LIFE_RELEASE);
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
    life l = stage_make(&st, LIFE_ENROL | LIFE_COLLECT | LIFE_PROJECT | LIFE_RELEASE,
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
