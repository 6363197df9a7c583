/* Collect as an operator meets it: any number of threads, a pipe, a kill, a merge, a watched folder, a dry run, a
 * second try. */
#include "test_life.h"

#include "app/source_internal.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define PATIENT(id) "{\"resourceType\":\"Patient\",\"id\":\"" id "\"}\n"
#define CODE "\"status\":\"final\",\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"2857-1\"}]}"
#define OBS(id, who)                                                                                                   \
    "{\"resourceType\":\"Observation\",\"id\":\"" id "\"," CODE ",\"subject\":{\"reference\":\"Patient/" who "\"}}\n"

static void put_text(const world *w, const char *name, tw_str text)
{
    char *path = tw_path(cx, w->dir, name);
    char *dir = tw_cstr(cx->arena, tw_str_of(path));
    *strrchr(dir, '/') = '\0';
    assert_ok(tw_dir_make(cx, dir));
    assert_ok(tw_file_write(cx, path, tw_bytes_of(text)));
}

static void enrol(world *w, const char *const *number, size_t count)
{
    tw_enrol_report r;
    tw_policy hmb = policy_hmb();
    tw_enrol_line *line = tw_arena_get(cx->arena, count * sizeof *line);
    for (size_t i = 0; i < count; i++)
        line[i] = (tw_enrol_line){ tw_strf(cx->arena, "w-%s", number[i]), TW_STR("hospital-1"), tw_str_of(number[i]) };
    tw_app_enrol_opts o = { .line = line, .count = count, .policy = &hmb, .custodial = true };
    assert_ok(tw_app_enrol(cx, &r, w->site, &o));
}

static tw_collect_report collect_with(world *w, tw_collect_opts o, const char *name)
{
    tw_collect_report r;
    const char *const paths[] = { tw_path(cx, w->dir, name) };
    o.source = "hospital-1";
    o.path = paths;
    o.path_count = 1;
    assert_ok(tw_app_collect(cx, &r, w->site, &o));
    assert_int_equal(r.read, r.accepted + r.refused + r.dead);
    return r;
}

static tw_collect_report collect(world *w, const char *name)
{
    return collect_with(w, (tw_collect_opts){ .jobs = 2 }, name);
}

/* Names and bytes of what a collection leaves that anyone may compare. */
static tw_str print_of(const world *w)
{
    static const char *const file[] = { "dead-letters.tsv", "account.json", "intake.json" };
    tw_buf b;
    tw_str *name;
    size_t count;
    uint8_t hash[TW_HASH];
    tw_buf_init(&b, 16 * TW_MIB);
    char *packs = tw_path(cx, site_dir(w), "vault/packs");
    assert_ok(tw_dir_list(cx, &name, &count, packs));
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        tw_bytes bytes;
        assert_ok(tw_file_read(cx, &bytes, tw_path(cx, packs, name[i].p), 64 * TW_MIB));
        tw_sha256_of(hash, bytes);
        tw_buf_fmt(&b, "%s %s\n", name[i].p, tw_hex(cx->arena, TW_BYTES(hash)).p);
    }
    for (size_t i = 0; i < TW_COUNT(file); i++) {
        tw_bytes bytes;
        char *path = tw_path(cx, site_dir(w), tw_strf(cx->arena, "sources/hospital-1/%s", file[i]).p);
        assert_ok(tw_file_read(cx, &bytes, path, 16 * TW_MIB));
        tw_buf_add(&b, bytes.p, bytes.n);
    }
    tw_str out = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return out;
}

/* ---------------------------------------------------------------- threads */

TEST(jobs__any_number_of_threads_gives_the_same_bytes)
{
    static const unsigned jobs[] = { 1, 2, 5 };
    tw_str first = { NULL, 0 };
    for (size_t i = 0; i < TW_COUNT(jobs); i++) {
        world w;
        world_make(&w);
        world_enrol(&w, 4, NULL, false);
        put_text(&w, "in/hospital-1/broken.ndjson", TW_STR("{\n" PATIENT("x") "[]\n"));
        tw_collect_report r = collect_with(&w, (tw_collect_opts){ .jobs = jobs[i], .batch_bytes = 8192 },
                                           "in/hospital-1");
        assert_true(r.batches > 2 && r.dead >= 2);
        tw_str print = print_of(&w);
        if (i == 0)
            first = print;
        assert_str(tw_cstr(cx->arena, first), print);
        world_end(&w);
    }
}

/* ---------------------------------------------------------------- a pipe */

typedef struct {
    tw_str rest;
    size_t step;
} drip;

static tw_status drip_read(void *self, TW_UNUSED tw_ctx *c, uint8_t *out, size_t n, size_t *got)
{
    drip *d = self;
    *got = TW_MIN(TW_MIN(n, d->rest.n), 1 + d->step++ % 7);
    if (*got)
        memcpy(out, d->rest.p, *got);
    d->rest = (tw_str){ d->rest.p + *got, d->rest.n - *got };
    return TW_OK;
}

TEST(pipe__is_read_once_and_knows_patients_of_the_same_piece)
{
    world w;
    tw_collect_report r;
    static const char *const number[] = { "a" };
    static const char *const paths[] = { "-" };
    drip d = { .rest = TW_STR(OBS("1", "a") PATIENT("a") OBS("2", "a") OBS("3", "stranger")) };
    tw_collect_opts o = { .source = "hospital-1", .path = paths, .path_count = 1 };
    world_make(&w);
    enrol(&w, number, 1);
    o.stream = (tw_input){ drip_read, &d };
    assert_status(TW_EUSAGE, tw_app_collect(cx, &r, w.site, &o)); /* of what form is it? */
    o.has_form = true;
    o.form = TW_FORM_NDJSON;
    assert_ok(tw_app_collect(cx, &r, w.site, &o));
    assert_int_equal(3, r.accepted);
    assert_int_equal(1, r.dead);
    world_end(&w);
}

static bool is_unfinished(world *w)
{
    tw_str json;
    assert_ok(tw_app_source_status(cx, &json, w->site, "hospital-1"));
    return tw_str_find(json, TW_STR("\"unfinished\":true")) != SIZE_MAX;
}

typedef struct {
    tw_str rest;
    volatile sig_atomic_t stop; /* set once the text was given */
} torn;

static tw_status torn_read(void *self, TW_UNUSED tw_ctx *c, uint8_t *out, size_t n, size_t *got)
{
    torn *t = self;
    *got = TW_MIN(n, t->rest.n);
    t->stop = *got == 0;
    if (*got)
        memcpy(out, t->rest.p, *got);
    t->rest = (tw_str){ t->rest.p + *got, t->rest.n - *got };
    return TW_OK;
}

TEST(pipe__that_is_stopped_seals_no_torn_unit_and_leaves_nothing_to_finish)
{
    world w;
    tw_collect_report r;
    uint64_t gone;
    static const char *const number[] = { "a" };
    static const char *const paths[] = { "-" };
    static const char whole[] = PATIENT("a") OBS("1", "a") OBS("2", "a");
    torn t = { .rest = { whole, sizeof whole - 20 } };
    tw_collect_opts o = { .source = "hospital-1", .path = paths, .path_count = 1, .has_form = true, .stop = &t.stop };
    world_make(&w);
    enrol(&w, number, 1);
    o.form = TW_FORM_NDJSON;
    o.stream = (tw_input){ torn_read, &t };
    assert_ok(tw_app_collect(cx, &r, w.site, &o));
    assert_true(r.stopped);
    assert_int_equal(0, r.dead);
    assert_false(is_unfinished(&w));
    assert_ok(tw_app_replay(cx, &r, &gone, w.site, &(tw_collect_opts){ .source = "hospital-1" }));
    drip d = { .rest = TW_STR(whole) };
    o.stop = NULL;
    o.stream = (tw_input){ drip_read, &d };
    assert_ok(tw_app_collect(cx, &r, w.site, &o));
    assert_int_equal(3, r.accepted);
    world_end(&w);
}

TEST(pipe__with_a_name_is_not_taken_for_a_file)
{
    world w;
    tw_collect_report r;
    static const char *const number[] = { "a" };
    world_make(&w);
    enrol(&w, number, 1);
    put_text(&w, "f/a.ndjson", TW_STR(PATIENT("a")));
    char *fifo = tw_path(cx, w.dir, "f/b.ndjson");
    assert_int_equal(0, mkfifo(fifo, 0600));
    const char *const paths[] = { fifo };
    tw_collect_opts o = { .source = "hospital-1", .path = paths, .path_count = 1 };
    assert_status(TW_EUSAGE, tw_app_collect(cx, &r, w.site, &o));
    r = collect(&w, "f");
    assert_int_equal(1, r.accepted);
    assert_int_equal(0, r.dead);
    world_end(&w);
}

/* ---------------------------------------------------------------- merges */

#define MR_CODING "{\"system\":\"http://terminology.hl7.org/CodeSystem/v2-0203\",\"code\":\"MR\"}"
#define MR "\"type\":{\"coding\":[" MR_CODING "]}"
#define MERGE                                                                                                          \
    "{\"resourceType\":\"Patient\",\"id\":\"new\",\"identifier\":["                                                    \
    "{" MR ",\"system\":\"urn:mrn\",\"value\":\"222\"},"                                                               \
    "{\"use\":\"old\"," MR ",\"system\":\"urn:mrn\",\"value\":\"111\"}]}\n"

TEST(merge__is_remembered_by_later_collections)
{
    static const char later[] = "{\"resourceType\":\"Patient\",\"id\":\"111\"}\n" OBS("9", "111");
    static const char *const number[] = { "222" };
    world w;
    world_make(&w);
    enrol(&w, number, 1);
    put_text(&w, "a.ndjson", TW_STR(later));
    tw_collect_report r = collect(&w, "a.ndjson");
    assert_int_equal(2, r.dead); /* 111 is nobody yet */
    put_text(&w, "b.ndjson", TW_STR(MERGE));
    r = collect(&w, "b.ndjson");
    assert_int_equal(1, r.accepted);
    r = collect(&w, "a.ndjson");
    assert_int_equal(0, r.dead);
    assert_int_equal(2, r.accepted - r.duplicates);
    world_reopen(&w);
    r = collect(&w, "a.ndjson"); /* the register remembers */
    assert_int_equal(2, r.duplicates);
    world_end(&w);
}

TEST(merge__of_two_enrolled_numbers_makes_no_old_record_new)
{
    static const char *const number[] = { "111", "222" };
    world w;
    world_make(&w);
    enrol(&w, number, 2);
    put_text(&w, "a.ndjson", TW_STR(PATIENT("111") OBS("9", "111")));
    tw_collect_report r = collect(&w, "a.ndjson");
    assert_int_equal(2, r.accepted - r.duplicates);
    put_text(&w, "b.ndjson", TW_STR(MERGE));
    r = collect(&w, "b.ndjson");
    assert_int_equal(1, r.accepted);
    put_text(&w, "c.ndjson", TW_STR(PATIENT("111") OBS("9", "111") OBS("10", "111")));
    r = collect(&w, "c.ndjson");
    assert_int_equal(0, r.dead);
    assert_int_equal(2, r.duplicates);
    assert_int_equal(3, r.accepted);
    world_end(&w);
}

/* ---------------------------------------------------------------- erased, and enrolled again */

/* Records that open for a project over everything, none of them twice. */
static size_t opened(world *w, const tw_id *project)
{
    tw_release_report r;
    tw_open_report o;
    size_t count;
    assert_ok(try_release(&r, w, "lab", project, TW_HONEST));
    assert_ok(tw_app_open(cx, &o, w->site, "lab", &r.release));
    tw_str *line = life_lines(&count, o.data_dir);
    for (size_t i = 1; i < count; i++)
        assert_false(tw_str_eq(line[i - 1], line[i]));
    return count;
}

TEST(erase__after_a_new_enrolment_the_same_records_are_sealed_anew)
{
    static const unsigned jobs[] = { 1, 3 };
    static const char *const number[] = { "a", "b" };
    for (size_t i = 0; i < TW_COUNT(jobs); i++) {
        world w;
        tw_owner_report gone;
        tw_scope a = { .wallet = "w-a" };
        tw_collect_opts o = { .jobs = jobs[i] };
        world_make(&w);
        enrol(&w, number, 2);
        put_text(&w, "f/one.ndjson", TW_STR(PATIENT("a") OBS("1", "a") PATIENT("b") OBS("2", "b") OBS("3", "a")));
        put_text(&w, "f/two.ndjson", TW_STR(OBS("4", "a") OBS("5", "b")));
        tw_collect_report r = collect_with(&w, o, "f");
        assert_int_equal(7, r.accepted - r.duplicates);
        tw_id project = world_project(&w, "lab", TW_PURPOSE_HMB, TW_CAT_ALL, 2);
        assert_int_equal(7, opened(&w, &project));
        assert_ok(tw_app_erase(cx, &gone, w.site, &a));
        r = collect_with(&w, o, "f"); /* of nobody now */
        assert_int_equal(4, r.dead);
        assert_int_equal(3, r.duplicates);
        enrol(&w, number, 1);
        r = collect_with(&w, o, "f");
        assert_int_equal(0, r.dead);
        assert_int_equal(4, r.accepted - r.duplicates);
        assert_int_equal(3, r.duplicates);
        r = collect_with(&w, o, "f");
        assert_int_equal(7, r.duplicates);
        assert_int_equal(0, r.batches);
        assert_int_equal(7, opened(&w, &project));
        world_end(&w);
    }
}

/* ---------------------------------------------------------------- a kill, and on */

typedef struct {
    const char *site;
    const char *path;
    tw_collect_report report;
} job;

static int job_run(void *arg)
{
    job *j = arg;
    tw_ctx c;
    tw_site *s = NULL;
    tw_env env = tw_io_env();
    const char *const paths[] = { j->path };
    tw_collect_opts o = { .source = "hospital-1", .path = paths, .path_count = 1, .jobs = 2, .batch_bytes = 20000 };
    tw_io_crash_hook(&env);
    tw_ctx_init(&c, 512 * TW_MIB, &env);
    tw_status st = tw_site_open(&c, &s, j->site, true);
    if (st == TW_OK)
        st = tw_app_collect(&c, &j->report, s, &o);
    if (st != TW_OK)
        fprintf(stderr, "%s: %s\n", tw_status_name(st), c.err.msg);
    tw_site_close(&c, s);
    tw_ctx_done(&c);
    return st == TW_OK ? 0 : 1;
}

/* 1.6 MB of lines, every hundredth broken. */
static tw_str many_lines(void)
{
    tw_buf b;
    tw_buf_init(&b, 16 * TW_MIB);
    tw_buf_cstr(&b, PATIENT("a") PATIENT("b"));
    for (unsigned i = 0; i < 10000; i++) {
        if (i % 100 == 99)
            tw_buf_fmt(&b, "{\"resourceType\":\"Observation\",\"id\":\"%u\",\n", i);
        else
            tw_buf_fmt(&b,
                       "{\"resourceType\":\"Observation\",\"id\":\"o%u\"," CODE
                       ",\"subject\":{\"reference\":\"Patient/%c\"}}\n",
                       i, i % 3 ? 'a' : 'b');
    }
    tw_str out = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return out;
}

static size_t files_in(const char *dir, const char *end)
{
    tw_str *name;
    size_t count;
    size_t n = 0;
    if (!tw_path_exists(cx, dir))
        return 0;
    assert_ok(tw_dir_list(cx, &name, &count, dir));
    for (size_t i = 0; i < count; i++)
        n += tw_str_ends(name[i], end);
    return n;
}

static uint64_t dead_lines(const world *w)
{
    tw_bytes text;
    uint64_t n = 0;
    assert_ok(tw_file_read(cx, &text, tw_path(cx, site_dir(w), "sources/hospital-1/dead-letters.tsv"), 64 * TW_MIB));
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n - 1;
}

static void kill_and_go_on(const char *point, uint64_t at_least)
{
    world w;
    static const char *const number[] = { "a", "b" };
    world_make(&w);
    enrol(&w, number, 2);
    put_text(&w, "many.ndjson", many_lines());
    tw_site_close(cx, w.site);
    w.site = NULL;
    job j = { .site = site_dir(&w), .path = tw_path(cx, w.dir, "many.ndjson") };
    child_plan plan = { .crash_at = point, .stderr_path = tw_path(cx, w.dir, "said") };
    child_end e = child_run(&plan, job_run, &j);
    assert_true(e.killed);
    assert_int_equal(0, job_run(&j));
    assert_int_equal(10002, j.report.read);
    assert_int_equal(100, j.report.dead);
    assert_int_equal(9902, j.report.accepted);
    assert_true(j.report.resumed_bytes >= at_least);
    assert_int_equal(at_least > 0, j.report.resumed_files);
    assert_int_equal(100, dead_lines(&w));
    char *packs = tw_path(cx, site_dir(&w), "vault/packs");
    assert_int_equal(files_in(packs, ".pack"), files_in(packs, ".idx"));
    assert_int_equal(files_in(packs, ".pack"),
                     files_in(tw_path(cx, site_dir(&w), "sources/hospital-1/receipts"), ".tlog-proof"));
    assert_int_equal(0, files_in(packs, ".tmp"));
    assert_int_equal(0, job_run(&j)); /* from the start again: nothing is new */
    assert_int_equal(0, j.report.resumed_bytes);
    assert_int_equal(0, j.report.batches);
    assert_int_equal(9902, j.report.duplicates);
    world_end(&w);
}

TEST(kill__after_some_batches_the_file_is_gone_on_with)
{
    kill_and_go_on("collect.anchored:60", 256 * TW_KIB);
}

TEST(kill__between_pack_and_journal_leaves_no_orphan)
{
    kill_and_go_on("collect.packed:60", 256 * TW_KIB);
}

TEST(kill__before_the_first_batch_starts_over)
{
    kill_and_go_on("vault.pack-written:1", 0);
}

static void lines_of(tw_buf *b, const char *prefix, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        tw_buf_fmt(b,
                   "{\"resourceType\":\"Observation\",\"id\":\"%s%06u\"," CODE
                   ",\"subject\":{\"reference\":\"Patient/%c\"}}\n",
                   prefix, i, i % 3 ? 'a' : 'b');
}

static void put_lines(const world *w, const char *name, unsigned same, const char *prefix, unsigned count)
{
    tw_buf b;
    tw_buf_init(&b, 64 * TW_MIB);
    tw_buf_cstr(&b, PATIENT("a") PATIENT("b"));
    lines_of(&b, "same", same);
    lines_of(&b, prefix, count);
    put_text(w, name, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
}

static void begin_life(world *w)
{
    static const char *const number[] = { "a", "b" };
    world_make(w);
    enrol(w, number, 2);
}

static void kill_at(world *w, job *j, const char *point)
{
    tw_site_close(cx, w->site);
    w->site = NULL;
    child_plan plan = { .crash_at = point, .stderr_path = tw_path(cx, w->dir, "said") };
    assert_true(child_run(&plan, job_run, j).killed);
}

TEST(kill__files_of_one_size_that_begin_alike_are_told_apart)
{
    uint64_t batches = 0;
    for (int kill = 0; kill < 2; kill++) {
        world w;
        begin_life(&w);
        put_lines(&w, "f/one.ndjson", 600, "x", 300);
        put_lines(&w, "f/two.ndjson", 600, "y", 300);
        job j = { .site = site_dir(&w), .path = tw_path(cx, w.dir, "f") };
        if (kill) /* when file 1 is done, and file 2 is not */
            kill_at(&w, &j, tw_strf(cx->arena, "collect.journaled:%llu", (unsigned long long)batches - 1).p);
        else
            tw_site_close(cx, w.site);
        w.site = NULL;
        assert_int_equal(0, job_run(&j));
        batches = j.report.batches;
        if (kill)
            assert_int_equal(1, j.report.resumed_files);
        assert_int_equal(0, job_run(&j));
        assert_int_equal(0, j.report.batches);
        assert_int_equal(1804, j.report.duplicates);
        world_end(&w);
    }
}

static size_t rows_of(world *w, tw_reg_kind kind, const char *instead)
{
    tw_register r;
    tw_reg_row *row;
    size_t count;
    world_reopen(w);
    assert_ok(tw_register_open(cx, &r, w->site, "hospital-1"));
    assert_ok(tw_register_begin(cx, &r, true));
    tw_status s = tw_register_rows(cx, &row, &count, &r, kind);
    for (size_t i = 0; instead && i < count && s == TW_OK; i++)
        s = instead[0] ? tw_register_put_at(cx, &r, row[i].key, tw_bytes_of(tw_str_of(instead)))
                       : tw_register_del_at(cx, &r, row[i].key);
    assert_ok(tw_register_end(cx, &r, s));
    tw_register_close(&r);
    tw_site_close(cx, w->site);
    w->site = NULL;
    return count;
}

TEST(kill__while_a_run_is_forgotten_leaves_no_place_for_the_next_one)
{
    world w;
    begin_life(&w);
    put_lines(&w, "f/one.ndjson", 0, "x", 300);
    put_lines(&w, "f/two.ndjson", 0, "y", 600);
    job j = { .site = site_dir(&w), .path = tw_path(cx, w.dir, "f") };
    kill_at(&w, &j, "collect.journaled:5");
    assert_int_equal(1, rows_of(&w, TW_REG_RUN, "")); /* gone, its places are not */
    assert_true(rows_of(&w, TW_REG_FILE, NULL) > 0);
    kill_at(&w, &j, "collect.sealed:1");
    assert_int_equal(0, rows_of(&w, TW_REG_FILE, NULL));
    assert_int_equal(0, job_run(&j));
    assert_int_equal(904, j.report.read);
    world_end(&w);
}

TEST(kill__of_another_version_is_not_gone_on_with)
{
    world w;
    begin_life(&w);
    put_lines(&w, "f/one.ndjson", 0, "x", 300);
    put_lines(&w, "f/two.ndjson", 0, "y", 600);
    job j = { .site = site_dir(&w), .path = tw_path(cx, w.dir, "f") };
    kill_at(&w, &j, "collect.journaled:5");
    assert_int_equal(1, rows_of(&w, TW_REG_RUN, "some other run, whose first byte is no version"));
    assert_int_equal(0, job_run(&j));
    assert_int_equal(0, j.report.resumed_files);
    assert_int_equal(904, j.report.read);
    world_end(&w);
}

TEST(kill__and_an_erasure_since_then_start_over)
{
    static const char *const number[] = { "a" };
    world w;
    tw_owner_report gone;
    tw_scope a = { .wallet = "w-a" };
    begin_life(&w);
    put_lines(&w, "f/one.ndjson", 0, "x", 300);
    put_lines(&w, "f/two.ndjson", 0, "y", 600);
    job j = { .site = site_dir(&w), .path = tw_path(cx, w.dir, "f") };
    kill_at(&w, &j, "collect.journaled:5");
    world_reopen(&w);
    assert_ok(tw_app_erase(cx, &gone, w.site, &a));
    enrol(&w, number, 1);
    tw_site_close(cx, w.site);
    w.site = NULL;
    assert_int_equal(0, job_run(&j));
    assert_int_equal(0, j.report.resumed_files);
    assert_int_equal(0, j.report.dead);
    assert_int_equal(0, job_run(&j));
    assert_int_equal(904, j.report.duplicates);
    assert_int_equal(0, j.report.batches);
    world_end(&w);
}

static void take_away(void *self, const char *name, TW_UNUSED uint64_t done, TW_UNUSED uint64_t total)
{
    if (strncmp(name, "collect", 7) == 0)
        unlink(self);
}

TEST(file__that_is_moved_away_meanwhile_is_read_to_its_end)
{
    world w;
    begin_life(&w);
    put_lines(&w, "long.ndjson", 0, "x", 40000);
    tw_collect_opts o = { .batch_bytes = TW_MIB, .progress = { take_away, tw_path(cx, w.dir, "long.ndjson") } };
    tw_collect_report r = collect_with(&w, o, "long.ndjson");
    assert_int_equal(40002, r.accepted);
    assert_true(r.batches > 4);
    world_end(&w);
}

/* ---------------------------------------------------------------- a watched folder */

typedef struct {
    const char *site;
    const char *folder;
    int said; /* a byte a batch, one when ready */
    int stop;
    char *fleeting; /* taken back while it is collected */
} watcher;

static void watch_say(void *self)
{
    const watcher *w = self;
    if (write(w->said, "r", 1) != 1)
        _exit(3);
}

static void watch_batch(void *self, TW_UNUSED const tw_collect_report *r)
{
    watch_say(self);
}

static _Noreturn void watch_child(watcher *w)
{
    tw_ctx c;
    tw_env env = tw_io_env();
    const char *const paths[] = { w->folder };
    tw_collect_opts o = { .source = "hospital-1", .path = paths, .path_count = 1, .append = true, .jobs = 1 };
    o.progress = (tw_progress){ take_away, w->fleeting };
    tw_watch_opts wo = {
        .site = w->site, .allow_insecure = true, .stop_fd = w->stop, .batch = watch_batch, .ready = watch_say, .self = w
    };
    tw_ctx_init(&c, 512 * TW_MIB, &env);
    tw_status s = tw_app_watch(&c, &wo, &o);
    if (s != TW_OK)
        fprintf(stderr, "%s\n", c.err.msg);
    tw_ctx_done(&c);
    _exit(s == TW_OK ? 0 : 1);
}

/* Waits for the child's byte; a minute is for a machine that is very busy. */
static void wait_said(int fd)
{
    char byte;
    struct pollfd p = { .fd = fd, .events = POLLIN };
    assert_int_equal(1, poll(&p, 1, 60000));
    assert_int_equal(1, read(fd, &byte, 1));
}

static void deliver(const world *w, const char *name, tw_str text)
{
    char *tmp = tw_path(cx, w->dir, "outside");
    assert_ok(tw_file_write(cx, tmp, tw_bytes_of(text)));
    assert_int_equal(0, rename(tmp, tw_path(cx, tw_path(cx, w->dir, "box"), name)));
}

static bool is_there(const world *w, const char *path)
{
    return tw_path_exists(cx, tw_path(cx, tw_path(cx, w->dir, "box"), path));
}

TEST(watch__takes_what_is_renamed_into_the_folder_and_moves_it_on)
{
    world w;
    int said[2];
    int stop[2];
    int status;
    static const char *const number[] = { "a" };
    world_make(&w);
    enrol(&w, number, 1);
    put_text(&w, "box/there.ndjson", TW_STR(PATIENT("a")));
    put_text(&w, "box/half.ndjson.part", TW_STR("{"));
    put_text(&w, "box/.hidden.ndjson", TW_STR("{"));
    tw_site_close(cx, w.site);
    w.site = NULL;
    assert_int_equal(0, pipe(said));
    assert_int_equal(0, pipe(stop));
    watcher me = { site_dir(&w), tw_path(cx, w.dir, "box"), said[1], stop[0], tw_path(cx, w.dir, "box/back.ndjson") };
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        watch_child(&me);
    wait_said(said[0]); /* ready */
    wait_said(said[0]); /* what was there */
    assert_true(is_there(&w, "done/there.ndjson") && !is_there(&w, "there.ndjson"));
    deliver(&w, "late.ndjson", TW_STR(PATIENT("a") OBS("7", "a") "{\n"));
    wait_said(said[0]);
    assert_true(is_there(&w, "done/late.ndjson"));
    deliver(&w, "junk.json", TW_STR("\x1f\x8b gzip"));
    wait_said(said[0]);
    assert_true(is_there(&w, "dead/junk.json"));
    deliver(&w, "late.ndjson", TW_STR(PATIENT("a")));
    wait_said(said[0]);
    assert_true(is_there(&w, "done/late.ndjson.2"));
    deliver(&w, "back.ndjson", TW_STR(PATIENT("a")));
    wait_said(said[0]);
    assert_false(is_there(&w, "back.ndjson") || is_there(&w, "done/back.ndjson"));
    assert_true(is_there(&w, "half.ndjson.part") && is_there(&w, ".hidden.ndjson"));
    assert_int_equal(1, write(stop[1], "s", 1));
    assert_int_equal(pid, waitpid(pid, &status, 0));
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(2, dead_lines(&w)); /* of all batches */
    close(said[0]);
    close(said[1]);
    close(stop[0]);
    close(stop[1]);
    world_end(&w);
}

/* ---------------------------------------------------------------- a dry run */

TEST(dry_run__writes_nothing_and_tells_no_value)
{
    world w;
    tw_str json;
    tw_json d;
    uint64_t n;
    world_make(&w);
    world_enrol(&w, 2, NULL, false);
    tw_site_close(cx, w.site);
    w.site = NULL;
    const char *const paths[] = { tw_path(cx, w.dir, "in/hospital-1") };
    tw_collect_opts o = { .source = "hospital-1", .path = paths, .path_count = 1 };
    tw_str sum = tw_strf(cx->arena, "cd %s && find . -type f -exec sha256sum {} + | sort >/tmp/tw-dry-%d-", w.dir,
                         (int)getpid());
    assert_int_equal(0, system(tw_strf(cx->arena, "%sa", sum.p).p)); /* check: allow system: hashes a test's folder */
    assert_ok(tw_app_collect_dry_run(cx, &json, &o, 0));
    assert_int_equal(0, system(tw_strf(cx->arena, "%sb", sum.p).p)); /* check: allow system: the same */
    tw_str same = tw_strf(cx->arena, "cd /tmp && cmp tw-dry-%d-a tw-dry-%d-b; s=$?; rm tw-dry-%d-?; exit $s",
                          (int)getpid(), (int)getpid(), (int)getpid());
    assert_int_equal(0, system(same.p)); /* check: allow system: compares and removes them */
    assert_ok(tw_json_parse(cx, &d, json, NULL));
    assert_true(tw_json_u64(&d, tw_json_get(&d, 0, "accepted"), &n) && n > 10);
    tw_bytes planted;
    assert_ok(tw_file_read(cx, &planted, tw_path(cx, w.dir, "in/planted.tsv"), TW_MIB));
    tw_str rest = tw_str_of_bytes(planted);
    tw_str line;
    size_t sought = 0;
    assert_true(tw_str_split(&line, &rest, '\n')); /* names of columns */
    while (tw_str_split(&line, &rest, '\n')) {
        tw_str kind;
        tw_str value;
        if (!tw_str_split(&kind, &line, '\t') || !tw_str_split(&value, &line, '\t') || value.n < 5)
            continue;
        sought++;
        if (tw_str_find(json, value) != SIZE_MAX)
            fail_msg("a dry run tells a value of kind " TW_FMT, TW_ARG(kind));
    }
    assert_true(sought > 20);
    assert_ok(tw_app_collect_dry_run(cx, &json, &o, 5));
    assert_ok(tw_json_parse(cx, &d, json, NULL));
    assert_true(tw_json_u64(&d, tw_json_get(&d, 0, "accepted"), &n) && n == 5);
    world_end(&w);
}

/* ---------------------------------------------------------------- a second try */

static size_t letters(world *w)
{
    tw_str json;
    tw_json d;
    assert_ok(tw_app_dead_letters(cx, &json, w->site, "hospital-1"));
    assert_ok(tw_json_parse(cx, &d, json, NULL));
    return d.tok[0].count;
}

TEST(replay__reads_only_what_failed_and_keeps_what_still_fails)
{
    world w;
    tw_collect_report r;
    uint64_t gone;
    static const char *const a[] = { "a" };
    static const char *const b[] = { "b" };
    world_make(&w);
    enrol(&w, a, 1);
    put_text(&w, "f/one.ndjson", TW_STR(PATIENT("a") OBS("1", "a") "{]\n" OBS("2", "b") OBS("3", "a")));
    put_text(&w, "f/two.ndjson", TW_STR(PATIENT("b") OBS("4", "b")));
    put_text(&w, "f/three.json", TW_STR(PATIENT("b")));
    r = collect(&w, "f");
    assert_int_equal(5, r.dead);
    assert_int_equal(5, letters(&w));
    tw_collect_opts o = { .source = "hospital-1" };
    assert_ok(tw_app_replay(cx, &r, &gone, w.site, &o));
    assert_int_equal(5, r.read);
    assert_int_equal(5, letters(&w)); /* nothing has changed */
    enrol(&w, b, 1);
    assert_ok(tw_file_write(cx, tw_path(cx, w.dir, "f/three.json"), tw_bytes_of(TW_STR(PATIENT("c")))));
    assert_ok(tw_app_replay(cx, &r, &gone, w.site, &o));
    assert_int_equal(4, r.read); /* the broken line, 2, b, 4 */
    assert_int_equal(3, r.accepted);
    assert_int_equal(1, gone); /* three.json is another file now */
    assert_int_equal(2, letters(&w));
    r = collect(&w, "f");
    assert_int_equal(6, r.duplicates);
    assert_int_equal(2, r.dead);
    world_end(&w);
}

TEST(replay__that_is_stopped_keeps_every_letter)
{
    world w;
    tw_collect_report r;
    uint64_t gone;
    volatile sig_atomic_t stop = 1;
    static const char *const number[] = { "a" };
    world_make(&w);
    enrol(&w, number, 1);
    put_text(&w, "one.ndjson", TW_STR(PATIENT("a") OBS("2", "b") "{]\n"));
    r = collect(&w, "one.ndjson");
    assert_int_equal(2, letters(&w));
    tw_collect_opts o = { .source = "hospital-1", .stop = &stop };
    assert_ok(tw_app_replay(cx, &r, &gone, w.site, &o));
    assert_true(r.stopped);
    assert_int_equal(2, letters(&w));
    o.stop = NULL;
    assert_ok(tw_app_replay(cx, &r, &gone, w.site, &o));
    assert_int_equal(2, r.read);
    world_end(&w);
}

TEST(dead_letters__of_before_leave_no_path_in_the_register)
{
    world w;
    static const char *const number[] = { "a" };
    world_make(&w);
    enrol(&w, number, 1);
    put_text(&w, "one.ndjson", TW_STR(PATIENT("a") "{]\n"));
    put_text(&w, "two.ndjson", TW_STR(PATIENT("a")));
    collect(&w, "one.ndjson");
    assert_int_equal(1, rows_of(&w, TW_REG_PATH, NULL));
    world_reopen(&w);
    collect(&w, "two.ndjson");
    assert_int_equal(0, rows_of(&w, TW_REG_PATH, NULL));
    world_end(&w);
}

/* ---------------------------------------------------------------- memory */

typedef struct {
    uint64_t left; /* lines */
    tw_str line;
    size_t at;
    char text[512];
    uint64_t number;
} flood;

/* Every third line is a patient of its own, every third one is broken. */
static tw_status flood_read(void *self, TW_UNUSED tw_ctx *c, uint8_t *out, size_t n, size_t *got)
{
    flood *f = self;
    *got = 0;
    while (*got < n && (f->left || f->at < f->line.n)) {
        if (f->at == f->line.n) {
            f->left--;
            f->number++;
            int len = f->number % 3 == 0
                          ? snprintf(f->text, sizeof f->text, "{\"resourceType\":\"Patient\",\"id\":\"p%llu\"}\n",
                                     (unsigned long long)f->number)
                      : f->number % 3 == 1
                          ? snprintf(f->text, sizeof f->text, OBS("%llu", "a"), (unsigned long long)f->number)
                          : snprintf(f->text, sizeof f->text, "{\"resourceType\":\"Observation\",%0200llu\n",
                                     (unsigned long long)f->number);
            f->line = (tw_str){ f->text, (size_t)len };
            f->at = 0;
        }
        size_t part = TW_MIN(n - *got, f->line.n - f->at);
        memcpy(out + *got, f->line.p + f->at, part);
        f->at += part;
        *got += part;
    }
    return TW_OK;
}

static int flood_run(void *arg)
{
    world *w = arg;
    tw_ctx c;
    tw_site *s = NULL;
    tw_env env = tw_io_env();
    struct rusage before;
    struct rusage after;
    static const char *const paths[] = { "-" };
    flood f = { .left = 300000, .line = TW_STR(PATIENT("a")) };
    tw_collect_report r;
    tw_collect_opts o = { .source = "hospital-1", .path = paths, .path_count = 1, .has_form = true };
    o.form = TW_FORM_NDJSON;
    o.jobs = 2;
    o.stream = (tw_input){ flood_read, &f };
    tw_ctx_init(&c, 128 * TW_MIB, &env);
    getrusage(RUSAGE_SELF, &before);
    tw_status st = tw_site_open(&c, &s, site_dir(w), true);
    if (st == TW_OK)
        st = tw_app_collect(&c, &r, s, &o);
    getrusage(RUSAGE_SELF, &after);
    bool fine = st == TW_OK && r.read == 300001 && r.accepted == 100001;
    print_message("# %llu read, %llu dead; %ld MiB more than before\n", (unsigned long long)r.read,
                  (unsigned long long)r.dead, (after.ru_maxrss - before.ru_maxrss) / 1024);
    if (!fine)
        fprintf(stderr, "%s\n", c.err.msg);
    tw_site_close(&c, s);
    tw_ctx_done(&c);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* their shadow memory counts */
    fine = fine && after.ru_maxrss - before.ru_maxrss < 200 * 1024;
#endif
    return fine ? 0 : 1;
}

TEST(memory__is_bounded_over_many_patients_records_and_dead_letters)
{
    world w;
    static const char *const number[] = { "a" };
    world_make(&w);
    enrol(&w, number, 1);
    put_text(&w, "a.ndjson", TW_STR(PATIENT("a")));
    tw_site_close(cx, w.site);
    w.site = NULL;
    child_plan plan = { .stderr_path = NULL };
    assert_int_equal(0, child_run(&plan, flood_run, &w).code);
    world_end(&w);
}

static int settle_run(void *arg)
{
    world *w = arg;
    tw_ctx c;
    tw_ctx small;
    tw_site *s = NULL;
    tw_party me;
    tw_enrol_report r = { .wallets = 0 };
    tw_env env = tw_io_env();
    tw_ctx_init(&c, 128 * TW_MIB, &env);
    tw_status st = tw_site_open(&c, &s, site_dir(w), true);
    if (st == TW_OK)
        st = tw_party_load(&c, &me, s, TW_ROLE_SOURCE, "hospital-1");
    tw_ctx_init(&small, 192 * TW_KIB, s ? &s->env : &env);
    if (st == TW_OK)
        st = tw_source_settle(&small, &r, s, &me);
    if (st != TW_OK)
        fprintf(stderr, "%s: %s; %s\n", tw_status_name(st), c.err.msg, small.err.msg);
    tw_ctx_done(&small);
    tw_site_close(&c, s);
    tw_ctx_done(&c);
    return st == TW_OK ? 0 : 1;
}

TEST(memory__of_settling_does_not_grow_with_patients_of_whom_nothing_is_owed)
{
    world w;
    static const char *const number[] = { "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12" };
    world_make(&w);
    enrol(&w, number, TW_COUNT(number));
    tw_site_close(cx, w.site);
    w.site = NULL;
    child_plan plan = { .stderr_path = NULL };
    assert_int_equal(0, child_run(&plan, settle_run, &w).code);
    world_end(&w);
}
