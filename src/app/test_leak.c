/* No planted identifier is anywhere but where it came from: not in a file of the site, not in a log, not on stderr, not
 * in what is answered; neither as it is nor in a disguise. After a whole life, after kills, and on the Synthea files.
 */
#include "test_life.h"

#include <openssl/evp.h>

#include "leakscan.h"

#define SHOWN_MAX 20

typedef struct {
    size_t shown;
} output;

static void show(void *arg, const char *file, size_t offset, const char *kind, const char *how, size_t line)
{
    output *o = arg;
    if (o->shown++ < SHOWN_MAX)
        print_error("%s:%zu: %s (value %zu) %s\n", file, offset, kind, line - 1, how);
}

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

static leakscan *planted_of(const world *w)
{
    tw_bytes tsv;
    leakscan *s = leakscan_new();
    assert_ok(tw_file_read(cx, &tsv, tw_path(cx, w->dir, "in/planted.tsv"), 16 * TW_MIB));
    assert_true(leakscan_add_planted(s, tw_str_of_bytes(tsv)) > 50);
    leakscan_build(s);
    return s;
}

static uint64_t hits_below(const leakscan *s, const char *path, bool shown)
{
    leakscan_total t = { .hits = 0 };
    output o = { .shown = shown ? 0 : SHOWN_MAX };
    assert_true(leakscan_tree(&t, s, path, show, &o));
    assert_true(t.files > 0 && t.bytes > 0);
    return t.hits;
}

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

static tw_status ask_all(tw_ctx *c, tw_buf *out, const char *site)
{
    tw_site *s;
    tw_str json;
    tw_policy policy = policy_hmb();
    tw_scope scope = { .wallet = "person-002" };
    TW_TRY(tw_site_open(c, &s, site, true));
    tw_status st = tw_app_disclosures(c, &json, s, "person-002");
    if (st == TW_OK)
        tw_buf_str(out, json);
    if (st == TW_OK)
        st = tw_app_consent_dry_run(c, &json, s, &scope, &policy);
    if (st == TW_OK)
        tw_buf_str(out, json);
    tw_site_close(c, s);
    return st;
}

/* What is answered: disclosures, a dry run, findings of the audit, the account of the gate. */
static void assert_answers_are_clean(const leakscan *s, const char *site)
{
    tw_buf b;
    output o = { 0 };
    tw_buf_init(&b, 16 * TW_MIB);
    assert_ok(ask_all(cx, &b, site));
    tw_audit_report r = life_audit(site);
    for (size_t i = 0; i < r.finding_count; i++) {
        tw_buf_str(&b, r.finding[i].file);
        tw_buf_str(&b, r.finding[i].what);
    }
    assert_ok(tw_buf_check(cx, &b, "answers"));
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

TEST(leak__a_whole_life_leaves_no_identifier_behind)
{
    world w;
    life_make(&w, 12);
    char *said = tw_path(cx, w.dir, "said");
    life l = life_of(&w, site_dir(&w),
                     LIFE_ENROL | LIFE_COLLECT | LIFE_PROJECT | LIFE_RELEASE | LIFE_CONSENT | LIFE_STOP | LIFE_ERASE);
    l.orders = TW_CAT_BIT(TW_CAT_LABS);
    child_plan calm = { .stderr_path = said };
    child_end e = child_run(&calm, life_run, &l);
    assert_int_equal(0, e.code);
    leakscan *s = planted_of(&w);
    assert_true(hits_below(s, l.in, false) > 1000);
    report(s, l.site, said);
    assert_answers_are_clean(s, l.site);
    assert_not_blind(s, &w, l.site);
    leakscan_free(s);
    world_end(&w);
}

/* Whatever stands on the disk in the middle of it: scanned after each kill, before anything is mended. */
TEST(leak__collecting_that_is_killed_leaves_no_identifier_behind)
{
    world w;
    life_make(&w, 3);
    char *said = tw_path(cx, w.dir, "said");
    char *base = tw_path(cx, w.dir, "base");
    life l = life_of(&w, site_dir(&w), LIFE_ENROL | LIFE_PROJECT);
    assert_int_equal(0, life_run(&l));
    copy_tree(l.site, base);
    l.steps = LIFE_COLLECT;
    child_plan calm = { .stderr_path = said };
    child_end whole = child_run(&calm, life_run, &l);
    assert_int_equal(0, whole.code);
    leakscan *s = planted_of(&w);
    for (unsigned i = 0; i < 20; i++) {
        copy_tree(base, l.site);
        child_plan kill = { .stderr_path = said, .write_at = 1 + tw_test_below(whole.writes) };
        child_end e = child_run(&kill, life_run, &l);
        assert_true(e.killed);
        assert_int_equal(0, hits_below(s, l.site, true));
    }
    report(s, l.site, said);
    leakscan_free(s);
    world_end(&w);
}

/* ---------------------------------------------------------------- messages */

/* Input that is broken in every record still says nothing of anybody. */
TEST(leak__broken_input_says_where_and_never_who)
{
    world w;
    life_make(&w, 6);
    char *said = tw_path(cx, w.dir, "said");
    life l = life_of(&w, site_dir(&w), LIFE_ENROL | LIFE_PROJECT);
    assert_int_equal(0, life_run(&l));
    static const uint8_t wrong[] = { '"', '}', 'x', 0xff, ',', '{', '0' };
    tw_str *name;
    size_t count;
    char *folder = tw_path(cx, l.in, "hospital-1");
    assert_ok(tw_dir_list(cx, &name, &count, folder));
    for (size_t i = 0; i < count; i++) { /* one byte of each KiB is made something else */
        tw_bytes b;
        char *path = tw_path(cx, folder, name[i].p);
        assert_ok(tw_file_read(cx, &b, path, TW_MIB));
        uint8_t *bad = (uint8_t *)(uintptr_t)tw_bytes_dup(cx->arena, b).p;
        for (size_t at = i * 40; at < b.n; at += TW_KIB)
            bad[at] = wrong[tw_test_below(sizeof wrong)];
        assert_ok(tw_file_write(cx, path, (tw_bytes){ bad, b.n }));
    }
    l.steps = LIFE_COLLECT;
    child_plan calm = { .stderr_path = said };
    child_end e = child_run(&calm, life_run, &l);
    assert_false(e.killed);
    leakscan *s = planted_of(&w);
    report(s, l.site, tw_path_exists(cx, said) ? said : NULL);
    leakscan_free(s);
    world_end(&w);
}

/* ---------------------------------------------------------------- Synthea */

/* Columns of a CSV file of Synthea by their names, separated by blanks. */
static void add_columns(leakscan *s, const char *file, const char *columns)
{
    tw_str rest = tw_test_read(tw_strf(cx->arena, "sources/csv/%s", file).p);
    tw_str header;
    tw_str line;
    assert_true(tw_str_split(&header, &rest, '\n'));
    while (tw_str_split(&line, &rest, '\n')) {
        tw_str names = tw_str_trim(header);
        tw_str cells = tw_str_trim(line);
        tw_str name;
        tw_str cell;
        while (tw_str_split(&name, &names, ',') && tw_str_split(&cell, &cells, ',')) {
            tw_str want = tw_str_of(columns);
            tw_str one;
            cell = tw_str_trim(cell);
            while (tw_str_split(&one, &want, ' '))
                if (tw_str_eq(one, name) && cell.n)
                    leakscan_add(s, name, cell);
        }
    }
}

static void add_identifiers(leakscan *s, const char *file)
{
    tw_json d;
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_str text = tw_test_read(tw_strf(cx->arena, "sources/fhir/%s", file).p);
    assert_ok(tw_json_parse(cx, &d, text, NULL));
    for (uint32_t i = 0; i + 1 < d.n; i++) {
        if (!d.tok[i].is_key || !tw_json_is(&d, i, "identifier"))
            continue;
        uint32_t v = i + 1;
        bool list = d.tok[v].type == TW_JSON_ARRAY;
        for (uint32_t at = list ? tw_json_first(&d, v) : v; at != TW_JSON_NONE;
             at = list ? tw_json_next(&d, v, at) : TW_JSON_NONE) {
            tw_str value = tw_json_member_text(cx, &d, at, "value");
            if (value.n)
                leakscan_add(s, TW_STR("identifier.value"), value);
        }
    }
    tw_arena_back(cx->arena, mark);
}

static leakscan *synthea_values(void)
{
    tw_str *name;
    size_t count;
    leakscan *s = leakscan_new();
    add_columns(s, "patients.csv",
                "BIRTHDATE SSN DRIVERS PASSPORT FIRST MIDDLE LAST MAIDEN ADDRESS ZIP");
    add_columns(s, "providers.csv", "NAME ADDRESS");
    add_columns(s, "organizations.csv", "NAME ADDRESS PHONE");
    assert_ok(tw_dir_list(cx, &name, &count, tw_path(cx, tw_test_data(), "sources/fhir")));
    for (size_t i = 0; i < count; i++)
        if (tw_str_ends(name[i], ".json"))
            add_identifiers(s, name[i].p);
    leakscan_build(s);
    return s;
}

static tw_status collect_synthea(tw_ctx *c, life *l, tw_site *s)
{
    const char *const paths[] = { l->in };
    tw_str *number;
    size_t count;
    tw_enrol_report r;
    TW_TRY(tw_app_patients(c, &number, &count, paths, 1));
    tw_enrol_line *line = tw_arena_get(c->arena, (count + 1) * sizeof *line);
    for (size_t i = 0; i < count; i++)
        line[i] = (tw_enrol_line){ tw_strf(c->arena, "person-%03zu", i + 1), TW_STR("hospital-1"), number[i] };
    tw_app_enrol_opts eo = { .line = line, .count = count, .policy = &l->policy, .custodial = true };
    TW_TRY(tw_app_enrol(c, &r, s, &eo));
    tw_collect_opts co = { .source = "hospital-1", .path = paths, .path_count = 1 };
    TW_TRY(tw_app_collect(c, &l->collected, s, &co));
    if (l->collected.read < 1000 ||
        l->collected.read != l->collected.accepted + l->collected.refused + l->collected.dead)
        return tw_fail(c, TW_EFAILED, "not everything that was read is accounted for");
    return TW_OK;
}

static int run_synthea(void *arg)
{
    life *l = arg;
    tw_ctx c;
    tw_site *s = NULL;
    tw_id project;
    tw_env env = tw_io_env();
    env.event = life_event;
    tw_ctx_init(&c, 1024 * TW_MIB, &env);
    tw_status st = tw_site_open(&c, &s, l->site, true);
    if (st == TW_OK)
        st = collect_synthea(&c, l, s);
    if (st == TW_OK)
        st = life_project(&c, &project, s);
    if (st == TW_OK)
        st = life_release(&c, l, s, &project);
    if (st != TW_OK)
        fprintf(stderr, "%s: %s\n", tw_status_name(st), c.err.msg);
    tw_site_close(&c, s);
    tw_ctx_done(&c);
    return st == TW_OK ? 0 : 1;
}

TEST(leak__synthea_patients_leave_no_identifier_behind)
{
    world w;
    SKIP_WITHOUT_DATA();
    life_make(&w, 1);
    char *said = tw_path(cx, w.dir, "said");
    life l = life_of(&w, site_dir(&w), 0);
    l.in = tw_path(cx, tw_test_data(), "sources/fhir");
    child_plan calm = { .stderr_path = said };
    child_end e = child_run(&calm, run_synthea, &l);
    assert_int_equal(0, e.code);
    leakscan *s = synthea_values();
    assert_true(leakscan_values(s) > 100);
    assert_true(hits_below(s, l.in, false) > 1000);
    report(s, l.site, said);
    leakscan_free(s);
    world_end(&w);
}
