/* No planted identifier is anywhere but where it came from: not in a file of the site, not in a log, not on stderr, not
 * in what is answered; neither as it is nor in a disguise. After a whole life, after kills, and on the Synthea files.
 */
#include "test_life.h"

#include <openssl/evp.h>

#include "test_planted.h"

#define BATCH_BYTES 8192

static const char *const each_format[] = { "fhir", "hl7v2", "ccda", "csv" };

/* ---------------------------------------------------------------- the scanner finds what is there */

static const char secret_value[] = "Maier-Vorfelder";
static const char secret_utf8[] = "Bj\xc3\xb6rn \xf0\x9f\x98\x80sen";

static leakscan *scanner_of(const char *value)
{
    leakscan *s = leakscan_new();
    leakscan_add(s, TW_STR("name"), tw_str_of(value));
    leakscan_build(s);
    return s;
}

/* Between other bytes, `before` of them. */
static size_t hits_in(const leakscan *s, tw_bytes what, size_t before)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    for (size_t i = 0; i < before; i++)
        tw_buf_u8(&b, (uint8_t)('!' + i % 7));
    tw_buf_add(&b, what.p, what.n);
    tw_buf_cstr(&b, "????????????");
    size_t n = leakscan_bytes(s, "self", tw_buf_view(&b), NULL, NULL);
    tw_buf_done(&b);
    return n;
}

static void assert_found(const leakscan *s, tw_bytes disguise)
{
    for (size_t before = 0; before < 9; before++)
        assert_true(hits_in(s, disguise, before) > 0);
    uint8_t *other = tw_arena_get(cx->arena, disguise.n + 1);
    memcpy(other, disguise.p, disguise.n);
    other[disguise.n / 2] ^= 1;
    assert_int_equal(0, hits_in(s, (tw_bytes){ other, disguise.n }, 3));
}

static tw_bytes upper(tw_str s)
{
    char *p = tw_cstr(cx->arena, s);
    for (size_t i = 0; i < s.n; i++)
        if (p[i] >= 'a' && p[i] <= 'z')
            p[i] = (char)(p[i] - 'a' + 'A');
    return (tw_bytes){ (const uint8_t *)p, s.n };
}

TEST(leakscan__finds_a_value_as_it_is_in_hex_and_in_base64_at_each_alignment)
{
    const char *const value[] = { secret_value, secret_utf8, "12345678" };
    for (size_t i = 0; i < TW_COUNT(value); i++) {
        leakscan *s = scanner_of(value[i]);
        tw_bytes raw = tw_bytes_of(tw_str_of(value[i]));
        assert_found(s, raw);
        assert_found(s, tw_bytes_of(tw_hex(cx->arena, raw)));
        assert_found(s, upper(tw_hex(cx->arena, raw)));
        for (size_t k = 0; k < 3; k++) {
            tw_str text = tw_strf(cx->arena, "%.*s%s and more", (int)k, "abc", value[i]);
            tw_str b64 = tw_base64(cx->arena, tw_bytes_of(text));
            assert_true(hits_in(s, tw_bytes_of(b64), 5) > 0);
        }
        leakscan_free(s);
    }
}

TEST(leakscan__finds_base64url_and_escapes)
{
    leakscan *s = scanner_of("\xfb\xff\xbe?>~\xc3\xbf>>>");
    assert_true(hits_in(s, tw_bytes_of(TW_STR("-_--Pz5-w78-Pj4")), 0) > 0);
    leakscan_free(s);
    s = scanner_of("Bj\xc3\xb6rn O'Hara");
    assert_true(hits_in(s, tw_bytes_of(TW_STR("Bj\\u00f6rn O'Hara")), 2) > 0);
    assert_true(hits_in(s, tw_bytes_of(TW_STR("Bj%C3%B6rn%20O%27Hara")), 2) > 0);
    leakscan_free(s);
}

TEST(leakscan__finds_utf16_of_both_byte_orders)
{
    leakscan *s = scanner_of("M\xc3\xbcller7");
    assert_found(s, TW_BYTES(((const uint8_t[]){ 'M', 0, 0xfc, 0, 'l', 0, 'l', 0, 'e', 0, 'r', 0, '7', 0 })));
    assert_found(s, TW_BYTES(((const uint8_t[]){ 0, 'M', 0, 0xfc, 0, 'l', 0, 'l', 0, 'e', 0, 'r', 0, '7' })));
    leakscan_free(s);
    s = scanner_of("\xf0\x9f\x98\x80z99");
    assert_found(s, TW_BYTES(((const uint8_t[]){ 0x3d, 0xd8, 0x00, 0xde, 'z', 0, '9', 0, '9', 0 })));
    leakscan_free(s);
}

TEST(leakscan__finds_plain_hashes)
{
    const EVP_MD *const md[] = { EVP_md5(), EVP_sha1(), EVP_sha256(), EVP_sha512() };
    const char *const value[] = { secret_value, "Ann" }; /* short ones too */
    for (size_t v = 0; v < TW_COUNT(value); v++) {
        leakscan *s = scanner_of(value[v]);
        for (size_t i = 0; i < TW_COUNT(md); i++) {
            uint8_t h[EVP_MAX_MD_SIZE];
            unsigned n = 0;
            assert_int_equal(1, EVP_Digest(value[v], strlen(value[v]), h, &n, md[i], NULL));
            tw_bytes hash = { h, n };
            assert_found(s, hash);
            assert_found(s, tw_bytes_of(tw_hex(cx->arena, hash)));
            assert_found(s, upper(tw_hex(cx->arena, hash)));
            assert_true(hits_in(s, tw_bytes_of(tw_base64(cx->arena, hash)), 1) > 0);
        }
        leakscan_free(s);
    }
}

TEST(leakscan__takes_short_values_as_words_in_text_only)
{
    leakscan *s = scanner_of("Anna");
    const char *const is_there[] = { "Anna", "to Anna", "\"Anna\"", "Anna's", "-Anna,", "x Anna\n", "Anna\tB" };
    const char *const is_not[] = { "Annab", "Hanna", "anna", "ANNA", "_Anna", "Anna7", "Anna\xc3\xa9", "Ann a" };
    for (size_t i = 0; i < TW_COUNT(is_there); i++)
        assert_int_equal(1, leakscan_bytes(s, "self", tw_bytes_of(tw_str_of(is_there[i])), NULL, NULL));
    for (size_t i = 0; i < TW_COUNT(is_not); i++)
        assert_int_equal(0, leakscan_bytes(s, "self", tw_bytes_of(tw_str_of(is_not[i])), NULL, NULL));
    assert_int_equal(0, leakscan_bytes(s, "self", TW_BYTES(((const uint8_t[]){ ' ', 'A', 'n', 'n', 'a', ' ', 0 })),
                                       NULL, NULL));
    leakscan_free(s);
}

/* ---------------------------------------------------------------- a whole life */

/* The scanner would have seen it: one planted value, in base64, at the end of a file of the site. */
static void assert_not_blind(const leakscan *s, const world *w, const char *site)
{
    tw_bytes tsv;
    tw_str rest;
    tw_str line;
    tw_str value = { NULL, 0 };
    assert_ok(tw_file_read(cx, &tsv, tw_path(cx, w->dir, "in/planted.tsv"), 16 * TW_MIB));
    rest = tw_str_of_bytes(tsv);
    while (tw_str_split(&line, &rest, '\n') && value.n < 8)
        if (tw_str_starts(line, "mrn\t")) {
            tw_str kind;
            tw_str_split(&kind, &line, '\t');
            tw_str_split(&value, &line, '\t');
        }
    assert_true(value.n >= 8);
    char *canary = tw_path(cx, site, "sources/hospital-1/canary");
    assert_ok(tw_file_write(cx, canary, tw_bytes_of(tw_base64(cx->arena, tw_bytes_of(value)))));
    assert_int_equal(1, hits_below(s, site, false));
    assert_int_equal(0, remove(canary));
}

static tw_status ask_source(tw_ctx *c, tw_buf *out, const life *l, tw_site *s, const char *source)
{
    tw_str json;
    tw_collect_opts o = life_collect_opts(c, l, source);
    const char *const paths[] = { tw_path(c, l->in, source) };
    o.path = paths;
    o.path_count = 1;
    TW_TRY(tw_app_source_status(c, &json, s, source));
    tw_buf_str(out, json);
    TW_TRY(tw_app_dead_letters(c, &json, s, source));
    tw_buf_str(out, json);
    TW_TRY(tw_app_collect_dry_run(c, &json, &o, 0));
    tw_buf_str(out, json);
    tw_buf_str(out, l->collected.account_json);
    return TW_OK;
}

static tw_status ask_owner(tw_ctx *c, tw_buf *out, tw_site *s)
{
    tw_str json;
    tw_policy policy = policy_hmb();
    tw_scope scope = { .wallet = "person-002" };
    TW_TRY(tw_app_disclosures(c, &json, s, "person-002"));
    tw_buf_str(out, json);
    TW_TRY(tw_app_consent_dry_run(c, &json, s, &scope, &policy));
    tw_buf_str(out, json);
    return TW_OK;
}

static tw_status ask_all(tw_ctx *c, tw_buf *out, const life *l)
{
    tw_site *s;
    TW_TRY(tw_site_open(c, &s, l->site, true));
    tw_status st = ask_owner(c, out, s);
    if (st == TW_OK)
        st = ask_source(c, out, l, s, "hospital-1");
    if (st == TW_OK)
        st = ask_source(c, out, l, s, "hospital-2");
    tw_site_close(c, s);
    return st;
}

/* What is answered: disclosures, dry runs, status and dead letters of sources, findings of the audit. */
static void assert_answers_are_clean(const leakscan *s, const life *l)
{
    tw_buf b;
    output o = { 0 };
    tw_buf_init(&b, 16 * TW_MIB);
    assert_ok(ask_all(cx, &b, l));
    tw_audit_report r = life_audit(l->site);
    for (size_t i = 0; i < r.finding_count; i++) {
        tw_buf_str(&b, r.finding[i].file);
        tw_buf_str(&b, r.finding[i].what);
    }
    assert_ok(tw_buf_check(cx, &b, "answers"));
    assert_true(tw_buf_view(&b).n > 4000);
    assert_int_equal(0, leakscan_bytes(s, "answers", tw_buf_view(&b), show, &o));
    tw_buf_done(&b);
}

static void report(const leakscan *s, const char *site, const char *said)
{
    leakscan_total t = { .hits = 0 };
    output o = { 0 };
    assert_true(leakscan_tree(&t, s, site, show, &o));
    if (said)
        assert_true(leakscan_tree(&t, s, said, show, &o));
    print_message("# %zu values sought in %llu files, %llu bytes\n", leakscan_values(s), (unsigned long long)t.files,
                  (unsigned long long)t.bytes);
    assert_int_equal(0, t.hits);
}

static void whole_life(unsigned people, const char *formats)
{
    world w;
    life_make_in(&w, people, formats);
    char *said = tw_path(cx, w.dir, "said");
    life l = life_of(&w, site_dir(&w),
                     LIFE_ENROL | LIFE_COLLECT | LIFE_PROJECT | LIFE_RELEASE | LIFE_CONSENT | LIFE_STOP | LIFE_ERASE);
    l.orders = TW_CAT_BIT(TW_CAT_LABS);
    l.tells = true;
    child_plan calm = { .stderr_path = said };
    child_end e = child_run(&calm, life_run, &l);
    assert_int_equal(0, e.code);
    leakscan *s = planted_of(&w);
    assert_true(hits_below(s, tw_path(cx, l.in, "hospital-1"), false) > 10 * people);
    report(s, l.site, said);
    assert_answers_are_clean(s, &l);
    assert_not_blind(s, &w, l.site);
    leakscan_free(s);
    world_end(&w);
}

TEST(leak__a_whole_life_leaves_no_identifier_behind)
{
    whole_life(12, "fhir");
}

TEST(leak__a_whole_life_in_hl7v2_and_ccda_leaves_no_identifier_behind)
{
    whole_life(8, "hl7v2,ccda");
}

TEST(leak__a_whole_life_in_tables_leaves_no_identifier_behind)
{
    whole_life(8, "csv");
}

/* Whatever stands on the disk in the middle of it: scanned after each kill, before anything is mended. */
static void killed_collecting(const char *format)
{
    world w;
    uint64_t torn = 0;
    life_make_in(&w, 3, format);
    char *said = tw_path(cx, w.dir, "said");
    char *base = tw_path(cx, w.dir, "base");
    life l = life_of(&w, site_dir(&w), LIFE_ENROL | LIFE_PROJECT);
    assert_int_equal(0, life_run(&l));
    copy_tree(l.site, base);
    l.steps = LIFE_COLLECT;
    l.batch_bytes = BATCH_BYTES;
    l.tells = true;
    child_plan calm = { .stderr_path = said };
    child_end whole = child_run(&calm, life_run, &l);
    assert_int_equal(0, whole.code);
    leakscan *s = planted_of(&w);
    assert_true(hits_below(s, tw_path(cx, l.in, "hospital-1"), false) > 30);
    report(s, l.site, said);
    for (unsigned i = 0; i < 8; i++) {
        copy_tree(base, l.site);
        child_plan kill = { .stderr_path = said };
        if (i % 4 == 3)
            kill.delay_us = 1 + tw_test_below(100000);
        else
            kill.write_at = 1 + tw_test_below(whole.writes);
        torn += child_run(&kill, life_run, &l).torn;
        assert_int_equal(0, hits_below(s, l.site, true));
    }
    assert_true(torn >= 5); /* of 6 aimed */
    report(s, l.site, said);
    leakscan_free(s);
    world_end(&w);
}

TEST(leak__collecting_that_is_killed_leaves_no_identifier_behind)
{
    for (size_t i = 0; i < TW_COUNT(each_format); i++)
        killed_collecting(each_format[i]);
}

/* ---------------------------------------------------------------- messages */

static void for_files(const char *folder, void (*change)(const char *path, tw_bytes content, size_t i))
{
    tw_str *name;
    size_t count;
    assert_ok(tw_dir_list(cx, &name, &count, folder));
    for (size_t i = 0; i < count; i++) {
        tw_bytes b;
        char *path = tw_path(cx, folder, name[i].p);
        assert_ok(tw_file_read(cx, &b, path, TW_MIB));
        change(path, b, i);
    }
}

/* One byte of each KiB, and one of a small file, is made something else. */
static void spoil(const char *path, tw_bytes content, size_t i)
{
    static const uint8_t wrong[] = { '"', '}', 'x', 0xff, ',', '{', '0', '|', '<', '\r', '^', 0 };
    uint8_t *bad = (uint8_t *)(uintptr_t)tw_bytes_dup(cx->arena, content).p;
    for (size_t at = i * 40; at < content.n; at += TW_KIB)
        bad[at] = wrong[tw_test_below(sizeof wrong)];
    if (content.n)
        bad[tw_test_below(content.n)] = wrong[tw_test_below(sizeof wrong)];
    assert_ok(tw_file_write(cx, path, (tw_bytes){ bad, content.n }));
}

static void drop_first_line(const char *path, tw_bytes content, TW_UNUSED size_t i)
{
    tw_str first;
    tw_str rest = tw_str_of_bytes(content);
    tw_str_split(&first, &rest, '\n');
    assert_ok(tw_file_write(cx, path, tw_bytes_of(rest)));
}

/* A site with everybody enrolled, by the files as they were. */
static life enrolled(world *w, unsigned people, const char *formats)
{
    life_make_in(w, people, formats);
    life l = life_of(w, site_dir(w), LIFE_ENROL | LIFE_PROJECT);
    assert_int_equal(0, life_run(&l));
    l.steps = LIFE_COLLECT;
    l.batch_bytes = BATCH_BYTES;
    l.tells = true;
    return l;
}

static size_t dead_lines(const char *site)
{
    tw_bytes text;
    size_t n = 0;
    assert_ok(tw_file_read(cx, &text, tw_path(cx, site, "sources/hospital-1/dead-letters.tsv"), 16 * TW_MIB));
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n - 1;
}

/* Input that is broken in every record still says nothing of anybody. */
TEST(leak__broken_input_says_where_and_never_who)
{
    for (size_t i = 0; i < TW_COUNT(each_format); i++) {
        world w;
        life l = enrolled(&w, 6, each_format[i]);
        char *said = tw_path(cx, w.dir, "said");
        leakscan *s = planted_of(&w);
        for_files(tw_path(cx, l.in, "hospital-1"), spoil);
        child_plan calm = { .stderr_path = said };
        child_end e = child_run(&calm, life_run, &l);
        assert_int_equal(0, e.code);
        assert_true(dead_lines(l.site) >= 5);
        report(s, l.site, said);
        leakscan_free(s);
        world_end(&w);
    }
}

typedef struct {
    life l;
    tw_sources_form form;
    const char *mapping; /* NULL: the hospital's */
    const char *profile;
    const char *zone;
} mistake;

/* A failure is fine, and is said. */
static int run_mistake(void *arg)
{
    mistake *m = arg;
    tw_ctx c;
    tw_site *s = NULL;
    tw_env env = tw_io_env();
    env.event = life_event;
    tw_ctx_init(&c, 512 * TW_MIB, &env);
    const char *const paths[] = { tw_path(&c, m->l.in, "hospital-1") };
    tw_collect_opts o = life_collect_opts(&c, &m->l, "hospital-1");
    o.path = paths;
    o.path_count = 1;
    o.has_form = m->form != TW_FORM_COUNT;
    o.form = m->form;
    o.profile = m->profile;
    if (m->mapping)
        o.mapping = m->mapping;
    if (m->zone)
        o.zone = m->zone;
    tw_status st = tw_site_open(&c, &s, m->l.site, true);
    if (st == TW_OK)
        st = tw_app_collect(&c, &m->l.collected, s, &o);
    fprintf(stderr, "%s: %s\n", tw_status_name(st), st == TW_OK ? "" : c.err.msg);
    tw_site_close(&c, s);
    tw_ctx_done(&c);
    return st == TW_OK ? 0 : 1;
}

static int said_of(mistake *m, const char *said)
{
    child_plan calm = { .stderr_path = said };
    child_end e = child_run(&calm, run_mistake, m);
    assert_true(!e.killed && e.code <= 1);
    return e.code;
}

/* A whole hospital given under each wrong form. */
TEST(leak__input_that_is_taken_for_another_form_says_nothing_of_anybody)
{
    static const char *const pair[] = { "hl7v2", "csv", "ccda", "fhir" };
    for (size_t i = 0; i < TW_COUNT(pair); i++) {
        world w;
        mistake m = { .l = enrolled(&w, 2, pair[i]) };
        char *said = tw_path(cx, w.dir, "said");
        leakscan *s = planted_of(&w);
        char *base = tw_path(cx, w.dir, "base");
        copy_tree(m.l.site, base);
        for (m.form = 0; m.form < TW_FORM_COUNT; m.form++) {
            said_of(&m, said);
            report(s, m.l.site, said);
            copy_tree(base, m.l.site);
        }
        leakscan_free(s);
        world_end(&w);
    }
}

/* First rows that are taken for headers; files of patients where a mapping, a profile or a clock should be. */
TEST(leak__mistakes_with_tables_are_told_without_a_value)
{
    world w;
    mistake m = { .l = enrolled(&w, 3, "csv"), .form = TW_FORM_COUNT };
    char *said = tw_path(cx, w.dir, "said");
    char *patients = tw_path(cx, m.l.in, "hospital-1/patients.csv");
    leakscan *s = planted_of(&w);
    tw_bytes table;
    assert_ok(tw_file_read(cx, &table, patients, TW_MIB));
    mistake wrong = m;
    wrong.mapping = patients;
    assert_int_equal(1, said_of(&wrong, said));
    wrong = m;
    wrong.profile = patients;
    assert_int_equal(1, said_of(&wrong, said));
    wrong = m;
    wrong.zone = tw_cstr(cx->arena, tw_str_of_bytes(table));
    assert_int_equal(1, said_of(&wrong, said));
    for_files(tw_path(cx, m.l.in, "hospital-1"), drop_first_line);
    said_of(&m, said);
    assert_true(dead_lines(m.l.site) >= 5);
    report(s, m.l.site, said);
    leakscan_free(s);
    world_end(&w);
}

/* The proposal quotes names of columns; rows give nothing to it but words of code lists. */
TEST(leak__a_proposed_mapping_holds_no_value)
{
    world w;
    tw_str *name;
    tw_str json;
    tw_str reasons;
    size_t count;
    output o = { 0 };
    life_make_in(&w, 6, "csv");
    leakscan *s = planted_of(&w);
    char *folder = tw_path(cx, w.dir, "in/hospital-1");
    assert_ok(tw_dir_list(cx, &name, &count, folder));
    const char **path = tw_arena_get(cx->arena, count * sizeof *path);
    for (size_t i = 0; i < count; i++)
        path[i] = tw_path(cx, folder, name[i].p);
    assert_ok(tw_app_suggest_mapping(cx, &json, &reasons, path, count));
    assert_true(json.n > 1000 && reasons.n > 1000);
    assert_int_equal(0, leakscan_bytes(s, "mapping", tw_bytes_of(json), show, &o));
    assert_int_equal(0, leakscan_bytes(s, "reasons", tw_bytes_of(reasons), show, &o));
    leakscan_free(s);
    world_end(&w);
}

/* ---------------------------------------------------------------- Synthea */

typedef struct {
    life l;
    const char *mapping;
} synthea;

static tw_status collect_synthea(tw_ctx *c, synthea *y, tw_site *s)
{
    life *l = &y->l;
    const char *const paths[] = { l->in };
    tw_str json;
    tw_enrol_report r;
    tw_enrol_line *line;
    tw_app_enrol_opts eo = { .policy = &l->policy, .custodial = true };
    TW_TRY(folder_lines(c, &line, &eo.count, l->in, y->mapping));
    eo.line = line;
    TW_TRY(tw_app_enrol(c, &r, s, &eo));
    tw_collect_opts co = { .source = "hospital-1", .path = paths, .path_count = 1, .mapping = y->mapping };
    co.progress.step = life_tell;
    TW_TRY(tw_app_collect(c, &l->collected, s, &co));
    if (l->collected.read < 1000 ||
        l->collected.read != l->collected.accepted + l->collected.refused + l->collected.dead)
        return tw_fail(c, TW_EFAILED, "not everything that was read is accounted for");
    TW_TRY(tw_app_collect_dry_run(c, &json, &co, 0));
    fprintf(stderr, TW_FMT "\n", TW_ARG(json));
    return TW_OK;
}

static int run_synthea(void *arg)
{
    synthea *y = arg;
    tw_ctx c;
    tw_site *s = NULL;
    tw_id project;
    tw_env env = tw_io_env();
    env.event = life_event;
    tw_ctx_init(&c, 1024 * TW_MIB, &env);
    tw_status st = tw_site_open(&c, &s, y->l.site, true);
    if (st == TW_OK)
        st = collect_synthea(&c, y, s);
    if (st == TW_OK)
        st = life_project(&c, &project, s);
    if (st == TW_OK)
        st = life_release(&c, &y->l, s, &project);
    if (st != TW_OK)
        fprintf(stderr, "%s: %s\n", tw_status_name(st), c.err.msg);
    tw_site_close(&c, s);
    tw_ctx_done(&c);
    return st == TW_OK ? 0 : 1;
}

static void synthea_folder(const char *folder, bool tables)
{
    world w;
    life_make(&w, 1);
    char *said = tw_path(cx, w.dir, "said");
    synthea y = { .l = life_of(&w, site_dir(&w), 0) };
    y.l.in = tw_path(cx, tw_test_data(), folder);
    y.mapping = tables ? folder_mapping(&w, y.l.in) : NULL;
    child_plan calm = { .stderr_path = said };
    child_end e = child_run(&calm, run_synthea, &y);
    assert_int_equal(0, e.code);
    leakscan *s = synthea_values();
    assert_true(leakscan_values(s) > 100);
    assert_true(hits_below(s, y.l.in, false) > 50);
    report(s, y.l.site, said);
    if (tables)
        assert_int_equal(0, hits_below(s, y.mapping, true));
    leakscan_free(s);
    world_end(&w);
}

TEST(leak__synthea_patients_leave_no_identifier_behind)
{
    SKIP_WITHOUT_DATA();
    synthea_folder("sources/fhir", false);
}

TEST(leak__synthea_patients_in_hl7v2_leave_no_identifier_behind)
{
    SKIP_WITHOUT_DATA();
    synthea_folder("sources/hl7v2", false);
}

TEST(leak__synthea_patients_in_ccda_leave_no_identifier_behind)
{
    SKIP_WITHOUT_DATA();
    synthea_folder("sources/ccda", false);
}

TEST(leak__synthea_patients_in_tables_leave_no_identifier_behind)
{
    SKIP_WITHOUT_DATA();
    synthea_folder("sources/csv", true);
}
