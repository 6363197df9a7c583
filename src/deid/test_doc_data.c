/* Whole documents of published examples (TWINWARD_DATA): what a twin needs stays, with its links; who it is goes. */
#include "test.h"

#include "deid/doc_internal.h"

static const char *const bundles[] = {
    "codexrt-patient-5",
    "codexrt-patient-6",
    "codexrt-patient-xrts-01-22b",
    "codexrt-patient-xrts-02-22b",
    "codexrt-patient-xrts-04-22b",
    "codexrt-patient-xrts-06-22b",
    "mcode-cancer-patient-adam-everyman",
    "mcode-cancer-patient-eve-anyperson",
    "mcode-cancer-patient-jenny-m",
    "mcode-cancer-patient-john-anyperson",
};

static const uint8_t key[32] = { 7 };

/* References that go with the notes they stand in: there is no text model here. */
#define NOTE_AUTHORS 2

typedef struct {
    size_t extensions; /* of the guides of radiotherapy, by URL */
    size_t quantities; /* values in quantities */
    size_t uids;       /* identifiers of DICOM */
    size_t references; /* to a record of the Bundle */
    size_t dangling;   /* others */
} tally;

static bool starts(const tw_json *d, uint32_t i, const char *prefix)
{
    return tw_str_starts(tw_json_text(cx, d, i), prefix);
}

static tw_map *records_of(const tw_json *d)
{
    tw_map *m = tw_map_new(1000);
    uint32_t list = tw_json_get(d, 0, "entry");
    for (uint32_t e = tw_json_first(d, list); e != TW_JSON_NONE; e = tw_json_next(d, list, e)) {
        uint32_t r = tw_json_get(d, e, "resource");
        tw_str type = tw_json_member_text(cx, d, r, "resourceType"), id = tw_json_member_text(cx, d, r, "id");
        assert_true(tw_map_put(m, tw_bytes_of(tw_strf(cx->arena, TW_FMT "/" TW_FMT, TW_ARG(type), TW_ARG(id))), m));
    }
    return m;
}

static void count(tally *n, const tw_json *d)
{
    tw_map *records = records_of(d);
    for (uint32_t i = 0; i < d->n; i++) {
        if (!d->tok[i].is_key)
            continue;
        if (tw_json_is(d, i, "url"))
            n->extensions +=
                starts(d, i + 1, "http://hl7.org/fhir/us/codex") || starts(d, i + 1, "http://hl7.org/fhir/us/mcode");
        n->quantities += tw_json_is(d, i, "value") && d->tok[i + 1].type == TW_JSON_NUMBER;
        n->uids += tw_json_is(d, i, "system") && tw_json_is(d, i + 1, "urn:dicom:uid");
        if (!tw_json_is(d, i, "reference"))
            continue;
        if (tw_map_get(records, tw_bytes_of(tw_json_text(cx, d, i + 1))))
            n->references++;
        else
            n->dangling++;
    }
    tw_map_free(records);
}

static void listed(const tw_json *in, tw_str out)
{
    static const char *const names[] = { "family", "given", "text", "line", "city", "postalCode", "display" };
    for (uint32_t i = 0; i < in->n; i++) {
        bool named = false;
        for (size_t k = 0; in->tok[i].is_key && k < TW_COUNT(names); k++)
            named |= tw_json_is(in, i, names[k]);
        if (!named || in->tok[i + 1].type != TW_JSON_STRING)
            continue;
        tw_str value = tw_json_text(cx, in, i + 1);
        if (value.n > 4 && tw_str_find(out, value) != SIZE_MAX)
            fail_msg(TW_FMT " got through", TW_ARG(value));
    }
}

static void check(const char *profile_name)
{
    tw_profile *p = NULL;
    tw_doc_work *w = NULL;
    tally a = { 0 }, b = { 0 };
    assert_ok(tw_profile_builtin(cx, &p, tw_str_of(profile_name)));
    tw_doc_opts opts = { .profile = p, .key = key, .reference_day = tw_days_from_civil(2026, 1, 1) };
    assert_ok(tw_doc_work_new(cx, &w, &opts));
    for (size_t i = 0; i < TW_COUNT(bundles); i++) {
        tw_json in, back;
        tw_buf out;
        tw_str text = tw_test_read(tw_strf(cx->arena, "mcode/%s.bundle.json", bundles[i]).p);
        tw_buf_init(&out, 64 * TW_MIB);
        assert_ok(tw_json_parse(cx, &in, text, NULL));
        assert_ok(tw_deid_fhir(cx, &out, w, text));
        assert_ok(tw_json_parse(cx, &back, tw_str_of_bytes(tw_buf_view(&out)), NULL));
        count(&a, &in);
        count(&b, &back);
        listed(&in, tw_str_of_bytes(tw_buf_view(&out)));
        tw_buf_done(&out);
    }
    print_message(
        "# %s: %zu of %zu extensions, %zu of %zu quantities, %zu of %zu UIDs, %zu of %zu references inside and "
        "%zu of %zu outside the Bundle\n",
        profile_name, b.extensions, a.extensions, b.quantities, a.quantities, b.uids, a.uids, b.references,
        a.references, b.dangling, a.dangling);
    assert_int_equal(a.extensions, b.extensions);
    assert_int_equal(a.quantities, b.quantities);
    assert_int_equal(a.references, b.references + NOTE_AUTHORS);
    assert_int_equal(a.uids, b.uids);
    tw_doc_work_free(w);
    tw_profile_free(p);
}

TEST(data__radiotherapy_keeps_doses_links_and_uids)
{
    SKIP_WITHOUT_DATA();
    check("twin");
    check("hipaa-expert");
    check("gdpr-research");
}
