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

#define LOINC(code) "<code code=\"" code "\" codeSystem=\"2.16.840.1.113883.6.1\"/>"
#define ENTRY(x) "<entry><observation>" x "</observation></entry>"

TEST(ccda__a_template_has_no_number_or_date_of_a_person)
{
    bench b;
    begin(&b, "twin");
    tw_str out = clean(&b, TW_STR(HEAD ROLE("1") BODY(
        ENTRY("<templateId root=\"2.16.840.1.113883.10.20.22.4.2\" extension=\"2015-08-01\"/>")
        ENTRY("<templateId root=\"2.16.840.1.113883.10.20.22.4.1\" extension=\"1953-03-03\"/>")
        ENTRY("<templateId root=\"2.16.840.1.113883.10.20.22.4.5551234\"/>")
        ENTRY("<templateId root=\"2.16.840.1.113883.10.2012.1\"/>")) TAIL));
    assert_true(has(out, "root=\"2.16.840.1.113883.10.20.22.4.2\" extension=\"2015-08-01\"")
                || has(out, "extension=\"2015-08-01\" root=\"2.16.840.1.113883.10.20.22.4.2\""));
    assert_false(has(out, "1953-03-03"));
    assert_false(has(out, "5551234"));
    assert_false(has(out, "2012.1"));
    end(&b);
}

TEST(ccda__a_number_in_the_narrative_is_a_value_and_no_id)
{
    bench b;
    begin(&b, "twin");
    tw_str out = clean(&b, TW_STR(HEAD ROLE("4711") BODY(
        "<text><table><tbody><tr><td>4.5</td><td>4711</td><td> 4711</td><td>123456789</td><td>130</td></tr></tbody>"
        "</table></text>") TAIL));
    assert_true(has(out, ">4.5<"));
    assert_true(has(out, ">130<"));
    assert_false(has(out, "4711"));
    assert_false(has(out, "123456789"));
    end(&b);
}

TEST(ccda__ages_over_89_are_90_and_a_unit_loses_its_own_words)
{
    bench b;
    begin(&b, "hipaa-safe-harbor");
    tw_str out = clean(&b, TW_STR(HEAD ROLE("1") BODY(
        ENTRY(LOINC("2857-1") "<value xsi:type=\"PQ\" value=\"97\" unit=\"a\"/>")
        ENTRY(LOINC("30525-0") "<value xsi:type=\"INT\" value=\"98\"/>")
        ENTRY(LOINC("2857-1") "<value xsi:type=\"PQ\" value=\"1188\" unit=\"mo\"/>")
        ENTRY(LOINC("2857-1") "<value xsi:type=\"PQ\" value=\"89\" unit=\"a\"/>")
        ENTRY(LOINC("2857-1") "<value xsi:type=\"PQ\" value=\"96\" unit=\"ng/mL{Gesine}\"/>")
        ENTRY(LOINC("2857-1") "<value xsi:type=\"PQ\" value=\"95\" unit=\"Gesine\"/>")) TAIL));
    static const char *const go[] = { "\"97\"", "\"98\"", "\"1188\"", "\"95\"", "Gesine" };
    for (size_t i = 0; i < TW_COUNT(go); i++)
        assert_false(has(out, go[i]));
    assert_true(has(out, "value=\"90\" unit=\"a\""));
    assert_true(has(out, "value=\"89\" unit=\"a\""));
    assert_true(has(out, "value=\"96\" unit=\"ng/mL\""));
    end(&b);
}

TEST(ccda__what_an_attribute_loses_is_in_the_account)
{
    bench b;
    tw_doc_row row;
    uint64_t attributes = 0;
    begin(&b, "twin");
    (void)clean(&b, TW_STR(HEAD ROLE("1") "<title mediaType=\"Gesine\" x=\"Gesine\">1</title>" TAIL));
    for (size_t cursor = 0; tw_doc_account_next(b.work, &cursor, &row);) {
        assert_true(tw_str_find(row.path, TW_STR("Gesine")) == SIZE_MAX);
        if (tw_str_is(row.path, "ClinicalDocument/title/@"))
            attributes += row.removed;
    }
    assert_int_equal(2, attributes);
    end(&b);
}

TEST(ccda__the_first_id_that_says_something_names_the_patient)
{
    bench b;
    begin(&b, "twin");
#define TWO(first) "<recordTarget><patientRole>" first "<id extension=\"77\"/></patientRole></recordTarget>" \
                   "<effectiveTime value=\"20240110\"/>"
    tw_str one = clean(&b, TW_STR(HEAD TWO("<id nullFlavor=\"NI\"/>") TAIL));
    tw_str two = clean(&b, TW_STR(HEAD TWO("") TAIL));
    const char *a = strstr(one.p, "<effectiveTime"), *c = strstr(two.p, "<effectiveTime");
    assert_memory_equal(a, c, 32);
    end(&b);
}

/* ---------------------------------------------------------------- every place of real documents */

#define PLANT "Zwetschgenbaum"
#define SMALL "Diagnostic_Imaging_Report.xml"

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

/* One copy of the document a place, all else as it was: structure keeps its meaning around the plant. */
static uint64_t plant_one(bench *b, tw_str in, const char *plant)
{
    tw_xml d;
    tw_buf doc;
    uint64_t places = 0;
    assert_ok(tw_xml_parse(cx, &d, NULL, in, NULL));
    tw_xml_elem *elem = tw_arena_get(cx->arena, d.n * sizeof *elem);
    tw_xml_attr *attr = tw_arena_get(cx->arena, (d.attr_n + 1) * sizeof *attr);
    memcpy(elem, d.elem, d.n * sizeof *elem);
    memcpy(attr, d.attr, d.attr_n * sizeof *attr);
    tw_buf_init(&doc, 256 * TW_MIB);
    for (uint32_t i = 0; i < d.n + d.attr_n; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_str *at = i < d.n ? &elem[i].text : &attr[i - d.n].value;
        tw_str was = *at;
        *at = tw_str_of(plant);
        tw_buf_clear(&doc);
        tw_xml_write(&doc, &(tw_xml){ .elem = elem, .n = d.n, .attr = attr, .attr_n = d.attr_n });
        if (has(clean(b, tw_str_of_bytes(tw_buf_view(&doc))), plant))
            fail_msg("%s passes: line %u, element " TW_FMT, plant, i < d.n ? elem[i].line : 0,
                     TW_ARG(i < d.n ? elem[i].name : attr[i - d.n].name));
        *at = was;
        places++;
        tw_arena_back(cx->arena, mark);
    }
    tw_buf_done(&doc);
    return places;
}

TEST(ccda__nothing_planted_in_one_place_at_a_time_gets_through)
{
    static const char *const plants[] = { PLANT, "078-05-1120", "5551234567", "1.2.840.99.5551234567" };
    uint64_t places = 0;
    bench b;
    SKIP_WITHOUT_DATA();
    begin(&b, "twin");
    tw_str in = tw_test_read("sources/ccda-hl7/" SMALL);
    for (size_t i = 0; i < TW_COUNT(plants); i++)
        places += plant_one(&b, in, plants[i]);
    print_message("# %llu places planted, one at a time\n", (unsigned long long)places);
    end(&b);
}

/* ---------------------------------------------------------------- values */

/* "value unit" or "code system" of each element that has both, in order. */
static void list_values(tw_buf *out, tw_str document, bool codes)
{
    static const char *const systems[] = { "2.16.840.1.113883.6.1", "2.16.840.1.113883.6.96", "2.16.840.1.113883.6.88",
                                           "2.16.840.1.113883.12.292" };
    tw_xml d;
    assert_ok(tw_xml_parse(cx, &d, NULL, document, NULL));
    for (uint32_t i = 0; i < d.n; i++) {
        tw_str a = tw_xml_value(&d, i, codes ? "code" : "value");
        tw_str c = tw_xml_value(&d, i, codes ? "codeSystem" : "unit");
        bool counts = a.n && c.n && !codes;
        for (size_t k = 0; k < TW_COUNT(systems) && codes; k++)
            counts |= a.n && tw_str_is(c, systems[k]);
        if (counts)
            tw_buf_fmt(out, TW_FMT " " TW_FMT "\n", TW_ARG(a), TW_ARG(c));
    }
}

TEST(ccda__codes_and_quantities_of_real_documents_are_all_there)
{
    bench b;
    struct dirent *e;
    uint64_t lines[2] = { 0 };
    SKIP_WITHOUT_DATA();
    DIR *dir = opendir(tw_strf(cx->arena, "%s/sources/ccda", tw_test_data()).p);
    assert_non_null(dir);
    begin(&b, "twin");
    while ((e = readdir(dir)) != NULL) {
        tw_mark mark = tw_arena_mark(cx->arena);
        if (!tw_str_ends(tw_str_of(e->d_name), ".xml"))
            continue;
        tw_str in = tw_test_read(tw_strf(cx->arena, "sources/ccda/%s", e->d_name).p), out = clean(&b, in);
        for (int codes = 0; codes < 2; codes++) {
            tw_buf before, after;
            tw_buf_init(&before, 16 * TW_MIB);
            tw_buf_init(&after, 16 * TW_MIB);
            list_values(&before, in, codes);
            list_values(&after, out, codes);
            for (size_t i = 0; i < before.n; i++)
                lines[codes] += before.p[i] == '\n';
            if (!tw_bytes_eq(tw_buf_view(&before), tw_buf_view(&after))) {
                size_t at = 0;
                while (at < before.n && at < after.n && before.p[at] == after.p[at])
                    at++;
                while (at && before.p[at - 1] != '\n')
                    at--;
                fail_msg("%d: %.60s | %.60s", codes, before.p + at, after.p + at);
            }
            tw_buf_done(&before);
            tw_buf_done(&after);
        }
        tw_arena_back(cx->arena, mark);
    }
    closedir(dir);
    print_message("# %llu quantities, %llu codes\n", (unsigned long long)lines[0], (unsigned long long)lines[1]);
    assert_true(lines[0] > 100 && lines[1] > 500);
    end(&b);
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
