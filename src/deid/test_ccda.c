/* C-CDA in, C-CDA out: what is planted in any attribute or text does not come through, codes and values do, the output
 * is a document again, and references still lead somewhere. */
#include "test.h"

#include <dirent.h>

#include "deid/deid.h"
#include "format/format.h"

static const uint8_t key[32] = "a key of tests, known to anyone";

typedef struct {
    tw_profile *profile;
    tw_doc_opts opts;
    tw_doc_work *work;
    tw_buf out;
} bench;

static void begin(bench *b, const char *profile)
{
    assert_ok(tw_profile_builtin(cx, &b->profile, tw_str_of(profile)));
    b->opts = (tw_doc_opts){ .profile = b->profile, .key = key, .reference_day = tw_days_from_civil(2026, 1, 1) };
    assert_ok(tw_doc_work_new(cx, &b->work, &b->opts));
    tw_buf_init(&b->out, 64 * TW_MIB);
}

static void end(bench *b)
{
    tw_buf_done(&b->out);
    tw_doc_work_free(b->work);
    tw_profile_free(b->profile);
}

static tw_str clean(bench *b, tw_str in)
{
    tw_buf_clear(&b->out);
    assert_ok(tw_deid_ccda(cx, &b->out, b->work, in));
    return tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b->out)));
}

static bool has(tw_str text, const char *what)
{
    return text.p && strstr(text.p, what) != NULL;
}

#define HEAD "<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">"
#define TAIL "</ClinicalDocument>"
#define ROLE(id)                                                                                                       \
    "<recordTarget><patientRole><id root=\"1.2.3\" extension=\"" id "\"/>"                                            \
    "<addr><city>Zwolle</city></addr><patient><name><given>Gesine</given><family>Cresspahl</family></name>"          \
    "<administrativeGenderCode code=\"F\" codeSystem=\"2.16.840.1.113883.5.1\"/><birthTime value=\"19530303\"/>"     \
    "</patient></patientRole></recordTarget>"
#define BODY(x)                                                                                                        \
    "<component><structuredBody><component><section>" x "</section></component></structuredBody></component>"

TEST(ccda__people_go_and_codes_and_values_stay)
{
    bench b;
    begin(&b, "twin");
    tw_str out = clean(
        &b, TW_STR(HEAD ROLE("77-1") BODY(
                "<entry><observation classCode=\"OBS\" moodCode=\"EVN\"><code code=\"2857-1\" "
                "codeSystem=\"2.16.840.1.113883.6.1\" "
                "displayName=\"PSA of Cresspahl\"/><statusCode code=\"completed\"/><effectiveTime value=\"20240102\"/>"
                "<value xsi:type=\"PQ\" value=\"4.50\" unit=\"ng/mL\"/></observation></entry>") TAIL));
    static const char *const stay[] = { "code=\"F\"", "code=\"2857-1\"", "value=\"4.50\"", "unit=\"ng/mL\"",
                                        "code=\"completed\"", "moodCode=\"EVN\"", "value=\"1953\"" };
    static const char *const go[] = { "Cresspahl", "Gesine", "Zwolle", "77-1", "19530303", "20240102", "1.2.3\"" };
    for (size_t i = 0; i < TW_COUNT(stay); i++)
        assert_true(has(out, stay[i]));
    for (size_t i = 0; i < TW_COUNT(go); i++)
        assert_false(has(out, go[i]));
    end(&b);
}

TEST(ccda__what_went_is_said_to_be_masked)
{
    bench b;
    begin(&b, "hipaa-safe-harbor");
    tw_str out = clean(&b, TW_STR(HEAD ROLE("x") BODY(
        "<entry><observation><code code=\"GESINE\" codeSystem=\"2.16.840.1.113883.6.1\"/>"
        "<effectiveTime value=\"next Tuesday\"/><value xsi:type=\"PQ\" value=\"many\"/></observation></entry>") TAIL));
    assert_true(has(out, "<code nullFlavor=\"MSK\">"));
    assert_true(has(out, "<effectiveTime nullFlavor=\"MSK\">"));
    assert_true(has(out, "nullFlavor=\"MSK\"></value>"));
    assert_true(has(out, "<name nullFlavor=\"MSK\">"));
    end(&b);
}

TEST(ccda__two_documents_of_one_patient_have_one_id_and_one_shift)
{
    bench b;
    begin(&b, "twin");
    tw_str one = clean(&b, TW_STR(HEAD ROLE("77") "<effectiveTime value=\"20240110120000+0100\"/>" TAIL));
    tw_str two = clean(&b, TW_STR(HEAD ROLE("77") "<effectiveTime value=\"20240117\"/>" TAIL));
    tw_str other = clean(&b, TW_STR(HEAD ROLE("78") "<effectiveTime value=\"20240110\"/>" TAIL));
    const char *a = strstr(one.p, "extension=\"");
    const char *c = strstr(two.p, "extension=\"");
    assert_memory_equal(a, c, 43);
    assert_memory_not_equal(a, strstr(other.p, "extension=\""), 43);
    const char *t1 = strstr(one.p, "<effectiveTime value=\"") + 22;
    const char *t2 = strstr(two.p, "<effectiveTime value=\"") + 22;
    int64_t d1;
    int64_t d2;
    int y;
    unsigned m;
    unsigned d;
    assert_int_equal(3, sscanf(t1, "%4d%2u%2u", &y, &m, &d));
    d1 = tw_days_from_civil(y, m, d);
    assert_int_equal(3, sscanf(t2, "%4d%2u%2u", &y, &m, &d));
    d2 = tw_days_from_civil(y, m, d);
    assert_int_equal(7, d2 - d1);
    assert_memory_equal("120000+0100\"", t1 + 8, 12);
    end(&b);
}

TEST(ccda__references_into_the_narrative_still_lead_there)
{
    bench b;
    begin(&b, "twin");
    tw_str out = clean(&b, TW_STR(HEAD ROLE("1") BODY(
        "<text><table><tbody><tr><td ID=\"gesine\">7</td></tr></tbody></table></text><entry><act><code code=\"2857-1\" "
        "codeSystem=\"2.16.840.1.113883.6.1\"><originalText><reference value=\"#gesine\"/></originalText></code></act>"
        "</entry>") TAIL));
    const char *id = strstr(out.p, "ID=\"");
    const char *ref = strstr(out.p, "value=\"#");
    assert_non_null(id);
    assert_non_null(ref);
    assert_memory_equal(id + 4, ref + 8, 17);
    assert_false(has(out, "gesine"));
    assert_true(has(out, ">7</td>"));
    end(&b);
}

/* ---------------------------------------------------------------- every place of real documents */

#define PLANT "Zwetschgenbaum"

/* One copy of the document a place: an attribute's value or an element's text is the plant. */
static uint64_t plant_each(bench *b, tw_str in)
{
    tw_xml d;
    uint64_t places = 0;
    assert_ok(tw_xml_parse(cx, &d, NULL, in, NULL));
    tw_xml_elem *elem = tw_arena_get(cx->arena, d.n * sizeof *elem);
    tw_xml_attr *attr = tw_arena_get(cx->arena, (d.attr_n + 1) * sizeof *attr);
    for (uint32_t i = 0; i < d.n; i++) {
        elem[i] = d.elem[i];
        elem[i].text = TW_STR(PLANT);
        places++;
    }
    for (uint32_t i = 0; i < d.attr_n; i++) {
        attr[i] = d.attr[i];
        bool shapes = tw_str_is(attr[i].name, "root") || tw_str_is(attr[i].name, "codeSystem") ||
                      tw_str_is(attr[i].name, "type");
        if (!shapes || i % 2)
            attr[i].value = TW_STR(PLANT);
        places++;
    }
    tw_buf doc;
    tw_buf_init(&doc, 256 * TW_MIB);
    tw_xml_write(&doc, &(tw_xml){ .elem = elem, .n = d.n, .attr = attr, .attr_n = d.attr_n });
    tw_str out = clean(b, tw_str_of_bytes(tw_buf_view(&doc)));
    assert_true(out.n > 500);
    assert_false(has(out, PLANT));
    tw_xml back;
    assert_ok(tw_xml_parse(cx, &back, NULL, out, NULL));
    tw_buf_done(&doc);
    return places;
}

static void each_document(const char *folder)
{
    static const char *const profiles[] = { "hipaa-safe-harbor", "hipaa-expert", "gdpr-research", "twin" };
    uint64_t places = 0;
    for (size_t p = 0; p < TW_COUNT(profiles); p++) {
        bench b;
        struct dirent *e;
        DIR *dir = opendir(tw_strf(cx->arena, "%s/%s", tw_test_data(), folder).p);
        assert_non_null(dir);
        begin(&b, profiles[p]);
        while ((e = readdir(dir)) != NULL) {
            tw_mark mark = tw_arena_mark(cx->arena);
            if (tw_str_ends(tw_str_of(e->d_name), ".xml"))
                places += plant_each(&b, tw_test_read(tw_strf(cx->arena, "%s/%s", folder, e->d_name).p));
            tw_arena_back(cx->arena, mark);
        }
        closedir(dir);
        end(&b);
    }
    print_message("# %llu places planted\n", (unsigned long long)places);
    assert_true(places > 1000);
}

TEST(ccda__nothing_planted_in_any_place_of_a_document_gets_through)
{
    SKIP_WITHOUT_DATA();
    each_document("sources/ccda");
    each_document("sources/ccda-hl7");
}

/* ---------------------------------------------------------------- bad documents */

TEST(ccda__what_is_no_document_is_refused_without_a_value)
{
    bench b;
    begin(&b, "twin");
    assert_status(TW_EREFUSED, tw_deid_ccda(cx, &b.out, b.work, TW_STR("<" PLANT " xmlns=\"urn:hl7-org:v3\"/>")));
    assert_null(strstr(cx->err.msg, PLANT));
    assert_status(TW_EPARSE, tw_deid_ccda(cx, &b.out, b.work, TW_STR(HEAD "<" PLANT ">" TAIL)));
    assert_null(strstr(cx->err.msg, PLANT));
    assert_status(TW_EPARSE, tw_deid_ccda(cx, &b.out, b.work, TW_STR("<!DOCTYPE x><x/>")));
    end(&b);
}
