/* The same patients as CSV and as FHIR: what both formats carry is the same fact after the reader. Known differences of
 * the exports: CSV rounds values to one decimal and has days where FHIR has times of conditions; FHIR names 13 drugs by
 * a Medication of its own; one patient has no FHIR; income (63586-2) is in FHIR alone. */
#include "test.h"

#include <dirent.h>
#include <math.h>

#include "format/format.h"
#include "sources/sources.h"

static const char *const tables[] = { "patients",    "encounters", "conditions", "observations",
                                      "medications", "procedures", "allergies",  "immunizations" };

typedef struct {
    size_t times;
    double value[8];
} fact;

typedef struct {
    tw_map *facts;
    size_t count[64]; /* by the first letter of the key, from '@' */
} facts;

static tw_str code_of(const tw_json *d, uint32_t concept)
{
    return tw_json_member_text(cx, d, tw_json_path(d, concept, "coding.0"), "code");
}

/* UTC seconds; "" when absent. */
static tw_str instant(const tw_json *d, uint32_t obj, const char *member)
{
    uint64_t s;
    tw_str text = tw_json_member_text(cx, d, obj, member);
    return tw_time_parse(&s, text) ? tw_strf(cx->arena, "%llu", (unsigned long long)s) : (tw_str){ "", 0 };
}

static void note(facts *f, tw_str key, double value)
{
    fact *known = tw_map_get(f->facts, tw_bytes_of(key));
    if (!known) {
        known = tw_new(cx->arena, fact);
        assert_true(tw_map_put(f->facts, tw_bytes_of(key), known));
    }
    assert_true(known->times < TW_COUNT(known->value));
    known->value[known->times++] = value;
    f->count[key.p[0] - '@']++;
}

static void note_value(facts *f, const tw_json *d, tw_str who, tw_str time, uint32_t code, uint32_t quantity)
{
    double v;
    if (quantity == TW_JSON_NONE || !tw_json_f64(d, tw_json_get(d, quantity, "value"), &v))
        return;
    note(f,
         tw_strf(cx->arena, "O|" TW_FMT "|" TW_FMT "|" TW_FMT "|" TW_FMT, TW_ARG(who), TW_ARG(code_of(d, code)),
                 TW_ARG(tw_json_member_text(cx, d, quantity, "code")), TW_ARG(time)),
         v);
}

static void note_observation(facts *f, const tw_json *d, uint32_t r, tw_str who)
{
    tw_str time = instant(d, r, "effectiveDateTime");
    uint32_t parts = tw_json_get(d, r, "component");
    note_value(f, d, who, time, tw_json_get(d, r, "code"), tw_json_get(d, r, "valueQuantity"));
    if (parts == TW_JSON_NONE)
        return;
    for (uint32_t c = tw_json_first(d, parts); c != TW_JSON_NONE; c = tw_json_next(d, parts, c))
        note_value(f, d, who, time, tw_json_get(d, c, "code"), tw_json_get(d, c, "valueQuantity"));
}

static void note_other(facts *f, const tw_json *d, uint32_t r, const char *kind, tw_str who, const char *code,
                       tw_str word, tw_str from, tw_str to)
{
    tw_str c = code_of(d, tw_json_path(d, r, code));
    if (c.n > 0)
        note(f,
             tw_strf(cx->arena, "%s|" TW_FMT "|" TW_FMT "|" TW_FMT "|" TW_FMT "|" TW_FMT, kind, TW_ARG(who), TW_ARG(c),
                     TW_ARG(word), TW_ARG(from), TW_ARG(to)),
             0);
}

static tw_status on_record(void *self, TW_UNUSED tw_ctx *c, const tw_phi *phi)
{
    const tw_phi_parts *p = tw_phi_view(phi);
    const tw_json *d = p->doc;
    uint32_t r = p->resource;
    tw_str who = tw_str_dup(cx->arena, p->patient);
    tw_str status = tw_json_member_text(cx, d, r, "status");
    const tw_str no = { "", 0 };
    if (tw_str_is(p->type, "Observation"))
        note_observation(self, d, r, who);
    else if (tw_str_is(p->type, "Encounter"))
        note_other(self, d, r, "E", who, "type.0", tw_json_member_text(cx, d, tw_json_get(d, r, "class"), "code"),
                   instant(d, tw_json_get(d, r, "period"), "start"), instant(d, tw_json_get(d, r, "period"), "end"));
    else if (tw_str_is(p->type, "Procedure"))
        note_other(self, d, r, "P", who, "code", status, instant(d, tw_json_get(d, r, "performedPeriod"), "start"),
                   instant(d, tw_json_get(d, r, "performedPeriod"), "end"));
    else if (tw_str_is(p->type, "MedicationRequest"))
        note_other(self, d, r, "M", who, "medicationCodeableConcept", status, instant(d, r, "authoredOn"), no);
    else if (tw_str_is(p->type, "Immunization"))
        note_other(self, d, r, "I", who, "vaccineCode", status, instant(d, r, "occurrenceDateTime"), no);
    else if (tw_str_is(p->type, "Condition"))
        note_other(self, d, r, "C", who, "code", code_of(d, tw_json_get(d, r, "clinicalStatus")), no, no);
    else if (tw_str_is(p->type, "AllergyIntolerance"))
        note_other(self, d, r, "A", who, "code", tw_json_member_text(cx, d, r, "type"), no, no);
    return TW_OK;
}

static tw_sources *reader_of(facts *f, const tw_mapping *m)
{
    tw_sources *s;
    const tw_sources_opts opts = { .mapping = m };
    const tw_sources_sink sink = { .record = on_record, .self = f };
    *f = (facts){ .facts = tw_map_new(100000) };
    assert_ok(tw_sources_new(cx, &s, &opts, &sink));
    return s;
}

static void from_csv(facts *f)
{
    tw_str name[TW_COUNT(tables)], text[TW_COUNT(tables)], json, why;
    tw_mapping *m;
    for (size_t i = 0; i < TW_COUNT(tables); i++) {
        name[i] = tw_strf(cx->arena, "%s.csv", tables[i]);
        text[i] = tw_test_read(tw_strf(cx->arena, "sources/csv/%s.csv", tables[i]).p);
    }
    assert_ok(tw_mapping_suggest(cx, &json, &why, name, text, TW_COUNT(tables)));
    assert_ok(tw_mapping_read(cx, &m, json));
    tw_sources *s = reader_of(f, m);
    for (size_t i = 0; i < TW_COUNT(tables); i++)
        assert_ok(tw_sources_read(cx, s, name[i], text[i], TW_FORM_CSV));
    const tw_sources_tally *t = tw_sources_tally_view(s);
    assert_int_equal(t->all.accepted, 1954);
    assert_int_equal(t->all.refused, 0);
    assert_int_equal(t->all.dead, 23); /* codes of the generator's own beside LOINC */
    assert_int_equal(t->dead[TW_DEAD_DECODE], 23);
    tw_sources_free(s);
    tw_mapping_free(m);
}

static void from_fhir(facts *f)
{
    tw_sources *s = reader_of(f, NULL);
    DIR *dir = opendir(tw_strf(cx->arena, "%s/sources/fhir", tw_test_data()).p);
    assert_non_null(dir);
    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        if (!tw_str_ends(tw_str_of(e->d_name), ".json"))
            continue;
        tw_str text = tw_test_read(tw_strf(cx->arena, "sources/fhir/%s", e->d_name).p);
        assert_ok(tw_sources_read(cx, s, TW_STR("bundle"), text, TW_FORM_DOCUMENT));
    }
    closedir(dir);
    tw_sources_free(s);
}

static bool has_value(const fact *f, double v)
{
    for (size_t i = 0; i < f->times; i++)
        if (fabs(f->value[i] - v) <= 0.0501)
            return true;
    return false;
}

TEST(facts_of_synthea_are_the_same_from_csv_and_from_fhir)
{
    SKIP_WITHOUT_DATA();
    static const struct {
        char kind;
        size_t csv, fhir, both;
    } want[] = { { 'E', 139, 113, 113 }, { 'P', 269, 194, 194 }, { 'M', 105, 51, 51 },  { 'I', 17, 14, 14 },
                 { 'C', 140, 107, 107 }, { 'A', 1, 1, 1 },       { 'O', 722, 430, 416 } };
    facts csv, fhir;
    size_t both[64] = { 0 };
    from_csv(&csv);
    from_fhir(&fhir);
    for (size_t i = 0; i < tw_map_count(fhir.facts); i++) {
        tw_bytes key;
        const fact *f = tw_map_at(fhir.facts, i, &key);
        const fact *c = tw_map_get(csv.facts, key);
        for (size_t k = 0; c && k < f->times && k < c->times; k++)
            both[key.p[0] - '@'] += has_value(c, f->value[k]);
    }
    for (size_t i = 0; i < TW_COUNT(want); i++) {
        size_t k = (size_t)(want[i].kind - '@');
        if (csv.count[k] != want[i].csv || fhir.count[k] != want[i].fhir || both[k] != want[i].both)
            fail_msg("%c: %zu in CSV, %zu in FHIR, %zu in both", want[i].kind, csv.count[k], fhir.count[k], both[k]);
    }
    tw_map_free(csv.facts);
    tw_map_free(fhir.facts);
}
