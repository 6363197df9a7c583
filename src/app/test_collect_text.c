/* Free text of records: removed unless somebody asks for it, then searched for those whom the source knows; what was
 * done stands in the account, in each record and in what a release brings. */
#include "test_life.h"

#include "test_planted.h"

#define SUBJECT "\"subject\":{\"reference\":\"Patient/a\"}"
#define CODE(text)                                                                                                     \
    "\"status\":\"final\",\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"2857-1\"}]," text "}"

/* What the note says of people is in small letters, between words that hide it. */
static const char records[] =
    "{\"resourceType\":\"Observation\",\"id\":\"o1\"," CODE("\"text\":\"asked by quillfeather\"") "," SUBJECT
    ",\"note\":[{\"text\":\"zebrowhite came with quillfeather, number hx-778-899. Repeat the blood test.\"}]}\n"
    "{\"resourceType\":\"DiagnosticReport\",\"id\":\"d1\"," CODE("\"text\":\"PSA\"") "," SUBJECT
    ",\"presentedForm\":[{\"contentType\":\"text/plain\",\"data\":\"%s\"}]}\n";

/* The lines that name them come last. */
static const char naming[] =
    "{\"resourceType\":\"RelatedPerson\",\"id\":\"r1\",\"patient\":{\"reference\":\"Patient/a\"},"
    "\"name\":[{\"family\":\"Quillfeather\"}]}\n"
    "{\"resourceType\":\"Patient\",\"id\":\"a\",\"name\":[{\"family\":\"Zebrowhite\",\"given\":[\"Anselmund\"]}],"
    "\"identifier\":[{\"value\":\"HX778899\"}]}\n";

static const char letter[] = "we saw anselmund zebrowhite again. The prostate is smaller.\n";

/* between: bytes of other lines before those that name people, at least */
static tw_str source_text(size_t between)
{
    tw_buf b;
    char filler[1024];
    memset(filler, 'x', sizeof filler);
    tw_buf_init(&b, 64 * TW_MIB);
    tw_buf_str(&b, tw_strf(cx->arena, records, tw_base64(cx->arena, tw_bytes_of(TW_STR(letter))).p));
    for (size_t i = 0; i * sizeof filler < between; i++)
        tw_buf_str(&b, tw_strf(cx->arena, "{\"resourceType\":\"Organization\",\"id\":\"f%zu\",\"name\":\"%.*s\"}\n", i,
                               (int)sizeof filler, filler));
    tw_buf_cstr(&b, naming);
    tw_str all = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return all;
}

static void enrol_one(world *w)
{
    tw_enrol_report r;
    tw_policy hmb = policy_hmb();
    tw_enrol_line line = { TW_STR("w-a"), TW_STR("hospital-1"), TW_STR("a") };
    tw_app_enrol_opts o = { .line = &line, .count = 1, .policy = &hmb, .custodial = true };
    assert_ok(tw_app_enrol(cx, &r, w->site, &o));
}

static tw_collect_report collect_text(world *w, const char *source, const char *path, tw_collect_text text,
                                      unsigned jobs)
{
    tw_collect_report r;
    const char *const paths[] = { path };
    tw_collect_opts o = { .source = source, .path = paths, .path_count = 1, .text = text, .jobs = jobs };
    assert_ok(tw_app_collect(cx, &r, w->site, &o));
    assert_int_equal(r.read, r.accepted + r.refused + r.dead);
    return r;
}

static char *opened(world *w)
{
    tw_release_report r;
    tw_open_report *o = tw_new(cx->arena, tw_open_report);
    tw_id project = world_project(w, "lab", TW_PURPOSE_HMB, TW_CAT_ALL, 2);
    assert_ok(try_release(&r, w, "lab", &project, TW_HONEST));
    assert_ok(tw_app_open(cx, o, w->site, "lab", &r.release));
    return o->data_dir;
}

static tw_str file_of(const char *dir, const char *name)
{
    tw_bytes b;
    assert_ok(tw_file_read(cx, &b, tw_path(cx, dir, name), 64 * TW_MIB));
    return tw_str_of_bytes(b);
}

static bool has(tw_str text, const char *part)
{
    return tw_str_find(text, tw_str_of(part)) != SIZE_MAX;
}

static uint64_t counted(tw_str manifest, const char *name)
{
    tw_json d;
    uint64_t n = 0;
    assert_ok(tw_json_parse(cx, &d, manifest, NULL));
    assert_true(tw_json_u64(&d, tw_json_path(&d, 0, tw_strf(cx->arena, "gate.%s", name).p), &n));
    return n;
}

/* What came of the source's text. */
typedef struct {
    tw_str records; /* all that a reader sees of the two, the letter decoded */
    tw_str manifest, account;
} outcome;

static outcome collected(tw_collect_text text, size_t between)
{
    world w;
    tw_json d;
    tw_bytes letter_out = { NULL, 0 };
    world_make(&w);
    enrol_one(&w);
    char *in = tw_path(cx, w.dir, "a.ndjson");
    assert_ok(tw_file_write(cx, in, tw_bytes_of(source_text(between))));
    outcome out = { .account = collect_text(&w, "hospital-1", in, text, 1).account_json };
    char *data = opened(&w);
    out.manifest = file_of(data, "manifest.json");
    tw_str report = file_of(data, "DiagnosticReport.ndjson");
    assert_ok(tw_json_parse(cx, &d, report, NULL));
    uint32_t at = tw_json_path(&d, 0, "presentedForm.0.data");
    if (at != TW_JSON_NONE)
        assert_true(tw_unbase64(cx->arena, &letter_out, tw_json_text(cx, &d, at)));
    out.records = tw_strf(cx->arena, TW_FMT TW_FMT TW_FMT, TW_ARG(file_of(data, "Observation.ndjson")), TW_ARG(report),
                          TW_ARG(tw_str_of_bytes(letter_out)));
    world_end(&w);
    return out;
}

TEST(collect_text__is_removed_when_nobody_asks_for_it)
{
    outcome out = collected(TW_COLLECT_TEXT_REMOVE, 0);
    assert_false(has(out.records, "Repeat"));
    assert_false(has(out.records, "prostate"));
    assert_false(has(out.records, "urn:twinward:text"));
    assert_int_equal(0, counted(out.manifest, "text_strict"));
    assert_true(has(out.account, "\"text\":\"remove\",\"records\""));
}

static void names_nobody(tw_str text)
{
    static const char *const gone[] = { "zebrowhite", "Zebrowhite", "quillfeather", "anselmund", "778-899" };
    for (size_t i = 0; i < TW_COUNT(gone); i++)
        assert_false(has(text, gone[i]));
}

TEST(collect_text__stays_without_those_whom_other_lines_name)
{
    outcome out = collected(TW_COLLECT_TEXT_STRICT, 0);
    names_nobody(out.records);
    assert_true(has(out.records, "Repeat the blood test."));
    assert_true(has(out.records, "The prostate is smaller."));
    assert_true(has(out.records, "{\"system\":\"urn:twinward:text\",\"code\":\"strict\"}"));
    assert_int_equal(2, counted(out.manifest, "text_strict"));
    assert_int_equal(0, counted(out.manifest, "text_normal"));
    assert_true(has(out.account, "\"text\":\"strict\",\"text_model_hash\":\""));
}

/* They are known from the reading before, which looks for patients. */
TEST(collect_text__stays_without_those_whom_lines_of_a_later_round_name)
{
    outcome out = collected(TW_COLLECT_TEXT_STRICT, 4 * TW_MIB); /* more than a round holds */
    names_nobody(out.records);
    assert_true(has(out.records, "Repeat the blood test."));
}

TEST(collect_text__in_normal_mode_says_so_in_account_records_and_release)
{
    outcome out = collected(TW_COLLECT_TEXT_NORMAL, 0);
    assert_false(has(out.records, "zebrowhite"));
    assert_true(has(out.records, "Repeat the blood test."));
    assert_true(has(out.records, "{\"system\":\"urn:twinward:text\",\"code\":\"normal\"}"));
    assert_int_equal(2, counted(out.manifest, "text_normal"));
    assert_true(has(out.account, "\"text\":\"normal\""));
}

/* ---------------------------------------------------------------- planted identifiers */

TEST(collect_text__in_strict_mode_brings_no_planted_identifier_into_a_release)
{
    world w;
    world_make(&w);
    world_enrol(&w, 12, NULL, false);
    for (int i = 1; i <= 2; i++) {
        char *name = tw_cstr(cx->arena, tw_strf(cx->arena, "hospital-%d", i));
        char *in = tw_path(cx, w.dir, tw_strf(cx->arena, "in/%s", name).p);
        assert_true(collect_text(&w, name, in, TW_COLLECT_TEXT_STRICT, 2).accepted > 100);
    }
    char *data = opened(&w);
    leakscan *s = planted_of(&w);
    assert_true(counted(file_of(data, "manifest.json"), "text_strict") > 100);
    assert_int_equal(0, hits_below(s, data, true));
    leakscan_free(s);
    world_end(&w);
}

TEST(collect_text__is_the_same_for_any_number_of_threads)
{
    tw_str first = { NULL, 0 };
    for (unsigned jobs = 1; jobs <= 4; jobs += 3) {
        world w;
        tw_bytes account;
        world_make(&w);
        world_enrol(&w, 4, NULL, false);
        tw_str said = collect_text(&w, "hospital-1", tw_path(cx, w.dir, "in/hospital-1"), TW_COLLECT_TEXT_STRICT, jobs)
                          .account_json;
        assert_ok(tw_file_read(cx, &account, tw_path(cx, site_dir(&w), "sources/hospital-1/account.json"), TW_MIB));
        assert_str(tw_cstr(cx->arena, said), tw_str_of_bytes(account));
        tw_str data = file_of(opened(&w), "manifest.json"); /* hashes of all files */
        if (jobs == 1)
            first = tw_strf(cx->arena, TW_FMT TW_FMT, TW_ARG(said), TW_ARG(data));
        else
            assert_str(first.p, tw_strf(cx->arena, TW_FMT TW_FMT, TW_ARG(said), TW_ARG(data)));
        world_end(&w);
    }
}

TEST(collect_text__of_a_dry_run_is_what_a_collection_would_do)
{
    world w;
    tw_str json;
    world_make(&w);
    char *in = tw_path(cx, w.dir, "a.ndjson");
    const char *const paths[] = { in };
    tw_collect_opts o = { .source = "hospital-1", .path = paths, .path_count = 1 };
    assert_ok(tw_file_write(cx, in, tw_bytes_of(source_text(0))));
    assert_ok(tw_app_collect_dry_run(cx, &json, &o, 0));
    assert_true(has(json, "\"text\":\"remove\""));
    assert_true(has(json, "{\"path\":\"Annotation.text\",\"rule\":\"text\",\"kept\":0,\"changed\":0,\"removed\":1"));
    o.text = TW_COLLECT_TEXT_STRICT;
    assert_ok(tw_app_collect_dry_run(cx, &json, &o, 0));
    assert_true(has(json, "\"text\":\"strict\""));
    assert_false(has(json, "{\"path\":\"Annotation.text\",\"rule\":\"text\",\"kept\":0,\"changed\":0,\"removed\":1"));
    world_end(&w);
}
