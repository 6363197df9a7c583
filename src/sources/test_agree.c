/* The same people in four formats: what two formats both hold must be the same after decoding. The tables of
 * docs/formats/agreement.md are what this test finds. */
#include "test.h"

#include "sources/decode.h"

enum { FHIR, CCDA, V2, CSV, FORMATS };
static const char *const format_name[] = { "FHIR", "C-CDA", "v2", "CSV" };

enum { PATIENT, CONDITION, MEDICATION, RESULT, VITAL, PROCEDURE, ALLERGY, IMMUNIZATION, ENCOUNTER, KINDS };
static const char *const kind_name[] = { "demographics", "conditions", "medications",   "results",   "vital signs",
                                         "procedures",   "allergies",  "immunizations", "encounters" };

/* In FHIR, and so in all four; the eighth person has no FHIR. */
static const char *const people[] = {
    "Brady_Ryan_7894d4f6-f716-a720-28f5-6dcb5ee78af1",
    "Doug_Hessel_679850d9-258b-32e4-3704-5b05b63afe2a",
    "Mack_Pagac_efac0983-426b-d2a7-c55c-cfd788fcf396",
    "Natalie_Latosha_Herman_76f3ff0a-d369-f389-239a-b56cae477449",
    "Shaunda_Crysta_Weissnat_61373b61-2a9e-8c7d-5176-fd27cb5de830",
    "Woodrow_Armstrong_15f632ab-863c-145f-e5ae-efd8648c5bfc",
    "Zachery_Runolfsson_cebd9dbe-0c29-7fbf-6a8a-678c4841a6ac",
};
static const char *const messages[] = { "Ryan_Brady_7894d4f6",        "Hessel_Doug_679850d9",
                                        "Pagac_Mack_efac0983",        "Herman_Natalie_76f3ff0a",
                                        "Weissnat_Shaunda_61373b61",  "Armstrong_Woodrow_15f632ab",
                                        "Runolfsson_Zachery_cebd9dbe" };
static const char *const tables[] = { "allergies",   "conditions",   "encounters", "immunizations",
                                      "medications", "observations", "patients",   "procedures" };

static const char *const vitals[] = { "8302-2", "29463-7", "39156-5", "8480-6",  "8462-4",  "8867-4", "9279-1",
                                      "8310-5", "2708-6",  "59408-5", "72514-3", "59576-9", "9843-4" };

typedef struct fact {
    uint8_t kind;
    uint8_t person;
    struct fact *pair;
    tw_str code; /* "system|code" */
    tw_str time; /* as it stood */
    tw_str value, unit, end;
    tw_str word; /* display of a coded value */
    int64_t at;  /* UTC seconds; of a day, its first */
    bool is_day; /* no time of day */
} fact;

typedef struct {
    fact *fact;
    size_t n;
    tw_map *records; /* business id to its last version: record_facts */
    tw_map *numbers; /* local number to person, plus one */
    uint64_t dead;
} collection;

/* Facts of one record; a later version takes the place of an earlier one. */
typedef struct {
    fact fact[96];
    size_t n;
} record_facts;

/* ---------------------------------------------------------------- facts of a resource */

static tw_str first_code(const tw_json *d, uint32_t concept)
{
    uint32_t c = tw_json_path(d, concept, "coding.0");
    if (c == TW_JSON_NONE)
        return (tw_str){ "", 0 };
    return tw_strf(cx->arena, TW_FMT "|" TW_FMT, TW_ARG(tw_json_member_text(cx, d, c, "system")),
                   TW_ARG(tw_json_member_text(cx, d, c, "code")));
}

static tw_str text_at(const tw_json *d, uint32_t r, const char *path)
{
    uint32_t v = r == TW_JSON_NONE ? TW_JSON_NONE : tw_json_path(d, r, path);
    if (v == TW_JSON_NONE)
        return (tw_str){ "", 0 };
    return tw_str_dup(cx->arena, d->tok[v].type == TW_JSON_STRING ? tw_json_text(cx, d, v) : tw_json_raw(d, v));
}

static tw_str either(const tw_json *d, uint32_t r, const char *a, const char *b)
{
    tw_str s = text_at(d, r, a);
    return s.n > 0 ? s : text_at(d, r, b);
}

static fact *add(record_facts *r, int kind, tw_str code, tw_str time)
{
    tw_when t;
    assert_true(r->n < TW_COUNT(r->fact));
    fact *f = &r->fact[r->n++];
    *f = (fact){ .kind = (uint8_t)kind,
                 .code = code,
                 .time = time,
                 .value = { "", 0 },
                 .unit = { "", 0 },
                 .end = { "", 0 },
                 .word = { "", 0 } };
    if (time.n == 0 || !tw_when_iso(&t, time))
        return f;
    f->is_day = t.precision < TW_WHEN_MINUTE;
    f->at = tw_days_from_civil(t.year, TW_MAX(t.month, 1u), TW_MAX(t.day, 1u)) * 86400 + t.hour * 3600 + t.minute * 60 +
            t.second - t.offset_min * 60;
    return f;
}

static void put_value(fact *f, const tw_json *d, uint32_t o)
{
    uint32_t q = tw_json_get(d, o, "valueQuantity");
    uint32_t c = tw_json_get(d, o, "valueCodeableConcept");
    if (q != TW_JSON_NONE) {
        f->value = text_at(d, q, "value");
        f->unit = either(d, q, "code", "unit");
    } else if (c != TW_JSON_NONE) {
        f->value = first_code(d, c);
        f->word = either(d, c, "coding.0.display", "text");
    } else {
        f->value = either(d, o, "valueInteger", "valueString");
    }
}

static int observed(tw_str code)
{
    for (size_t i = 0; i < TW_COUNT(vitals); i++)
        if (tw_str_ends(code, vitals[i]))
            return VITAL;
    return RESULT;
}

static void observation(record_facts *r, const tw_json *d, uint32_t o)
{
    tw_str time = either(d, o, "effectiveDateTime", "effectivePeriod.start");
    uint32_t parts = tw_json_get(d, o, "component");
    if (tw_json_first(d, parts) == TW_JSON_NONE) {
        tw_str code = first_code(d, tw_json_get(d, o, "code"));
        put_value(add(r, observed(code), code, time), d, o);
        return;
    }
    for (uint32_t p = tw_json_first(d, parts); p != TW_JSON_NONE; p = tw_json_next(d, parts, p)) {
        tw_str code = first_code(d, tw_json_get(d, p, "code"));
        put_value(add(r, observed(code), code, time), d, p);
    }
}

/* A medication by code, or by reference to a resource of the same Bundle. */
static tw_str medication_code(const tw_json *d, uint32_t r)
{
    uint32_t concept = tw_json_get(d, r, "medicationCodeableConcept");
    tw_str ref = text_at(d, r, "medicationReference.reference");
    uint32_t all = tw_json_path(d, 0, "entry");
    if (concept != TW_JSON_NONE)
        return first_code(d, concept);
    for (uint32_t e = tw_json_first(d, all); e != TW_JSON_NONE; e = tw_json_next(d, all, e))
        if (tw_str_eq(text_at(d, e, "fullUrl"), ref))
            return first_code(d, tw_json_path(d, e, "resource.code"));
    return (tw_str){ "", 0 };
}

static void demographics(record_facts *r, const tw_json *d, uint32_t p)
{
    static const char *const members[] = { "gender", "birthDate", "name.0.family", "address.0.postalCode" };
    for (size_t i = 0; i < TW_COUNT(members); i++)
        if (text_at(d, p, members[i]).n > 0)
            add(r, PATIENT, tw_str_of(members[i]), (tw_str){ "", 0 })->value = text_at(d, p, members[i]);
}

static void facts_of(record_facts *r, const tw_json *d, uint32_t o, tw_str type)
{
    if (tw_str_is(type, "Patient")) {
        demographics(r, d, o);
    } else if (tw_str_is(type, "Condition")) {
        fact *f = add(r, CONDITION, first_code(d, tw_json_get(d, o, "code")), text_at(d, o, "onsetDateTime"));
        f->end = text_at(d, o, "abatementDateTime");
    } else if (tw_str_is(type, "MedicationRequest") || tw_str_is(type, "MedicationStatement")) {
        tw_str start = either(d, o, "effectivePeriod.start", "effectiveDateTime");
        add(r, MEDICATION, medication_code(d, o), start.n > 0 ? start : text_at(d, o, "authoredOn"));
    } else if (tw_str_is(type, "Observation")) {
        observation(r, d, o);
    } else if (tw_str_is(type, "Procedure")) {
        add(r, PROCEDURE, first_code(d, tw_json_get(d, o, "code")),
            either(d, o, "performedPeriod.start", "performedDateTime"));
    } else if (tw_str_is(type, "AllergyIntolerance")) {
        tw_str start = either(d, o, "onsetDateTime", "onsetPeriod.start");
        add(r, ALLERGY, first_code(d, tw_json_get(d, o, "code")), start.n > 0 ? start : text_at(d, o, "recordedDate"));
    } else if (tw_str_is(type, "Immunization")) {
        add(r, IMMUNIZATION, first_code(d, tw_json_get(d, o, "vaccineCode")), text_at(d, o, "occurrenceDateTime"));
    } else if (tw_str_is(type, "Encounter")) {
        fact *f = add(r, ENCOUNTER, first_code(d, tw_json_path(d, o, "type.0")), text_at(d, o, "period.start"));
        f->end = text_at(d, o, "period.end");
    }
}

/* ---------------------------------------------------------------- collecting */

/* Everybody is known by the UUID of Synthea, one of his identifiers in every format. */
static void know(collection *c, const tw_json *d, uint32_t p, tw_str number)
{
    uint32_t all = tw_json_get(d, p, "identifier");
    for (uint32_t i = tw_json_first(d, all); i != TW_JSON_NONE; i = tw_json_next(d, all, i))
        for (size_t k = 0; k < TW_COUNT(people); k++)
            if (tw_str_ends(tw_str_of(people[k]), tw_cstr(cx->arena, tw_json_member_text(cx, d, i, "value"))) &&
                tw_json_member_text(cx, d, i, "value").n == 36) {
                uint8_t *who = tw_new(cx->arena, uint8_t);
                *who = (uint8_t)k;
                tw_map_put(c->numbers, tw_bytes_of(number), who);
            }
}

static tw_status take(void *self, tw_ctx *in, const tw_phi *phi)
{
    collection *c = self;
    const tw_phi_parts *v = tw_phi_view(phi);
    (void)in;
    if (tw_str_is(v->type, "Patient"))
        know(c, v->doc, v->resource, v->patient);
    const uint8_t *who = tw_map_get(c->numbers, tw_bytes_of(v->patient));
    if (!who)
        return TW_OK; /* the eighth */
    tw_bytes key = tw_bytes_of(tw_strf(cx->arena, "%d " TW_FMT, *who, TW_ARG(v->business_id)));
    record_facts *r = tw_map_get(c->records, key);
    if (!r) {
        r = tw_new(cx->arena, record_facts);
        assert_true(tw_map_put(c->records, key, r));
    }
    r->n = 0;
    facts_of(r, v->doc, v->resource, v->type);
    for (size_t i = 0; i < r->n; i++)
        r->fact[i].person = *who;
    return TW_OK;
}

static tw_status bury(void *self, tw_ctx *in, const tw_dead_letter *letter)
{
    collection *c = self;
    (void)in, (void)letter;
    c->dead++;
    return TW_OK;
}

/* All units of a file as lines of Bundles. Units that do not decode are passed over: the decoders' own tests count
 * them. */
static void decoded(tw_buf *out, const tw_decoder *dec, const tw_sources_opts *opts, tw_str name, tw_str text)
{
    void *file;
    size_t skip;
    size_t size;
    assert_ok(dec->open(cx, &file, &skip, opts, name, text));
    text = (tw_str){ text.p + skip, text.n - skip };
    for (tw_frame f; (f = dec->frame(file, &skip, &size, text, true)) != TW_FRAME_END;) {
        tw_place place;
        size_t before = out->n;
        assert_int_not_equal(TW_FRAME_MORE, f);
        if (f == TW_FRAME_UNIT) {
            if (dec->bundle(cx, out, &place, file, (tw_str){ text.p + skip, size }) != TW_OK)
                out->n = before;
            else
                tw_buf_cstr(out, "\n");
            tw_err_clear(cx);
            skip += size;
        }
        text = (tw_str){ text.p + skip, text.n - skip };
    }
    dec->close(file);
}

static tw_mapping *mapping(tw_str *name, tw_str *text)
{
    tw_str json;
    tw_str why;
    tw_mapping *m;
    for (size_t i = 0; i < TW_COUNT(tables); i++) {
        name[i] = tw_strf(cx->arena, "%s.csv", tables[i]);
        text[i] = tw_test_read(tw_strf(cx->arena, "sources/csv/%s.csv", tables[i]).p);
    }
    assert_ok(tw_mapping_suggest(cx, &json, &why, name, text, TW_COUNT(tables)));
    assert_ok(tw_mapping_read(cx, &m, json));
    return m;
}

static void collect(collection *c, int format)
{
    tw_str name[TW_COUNT(tables)], text[TW_COUNT(tables)];
    tw_sources_opts opts = { 0 };
    tw_sources *s;
    tw_buf all;
    tw_mapping *m = NULL;
    *c = (collection){ .records = tw_map_new(100000), .numbers = tw_map_new(1000) };
    tw_buf_init(&all, 256 * TW_MIB);
    if (format == CSV)
        opts.mapping = m = mapping(name, text);
    tw_sources_sink sink = { take, bury, c };
    assert_ok(tw_sources_new(cx, &s, &opts, &sink));
    for (size_t i = 0; format == FHIR && i < TW_COUNT(people); i++)
        assert_ok(tw_sources_read(cx, s, TW_STR("file"),
                                  tw_test_read(tw_strf(cx->arena, "sources/fhir/%s.json", people[i]).p),
                                  TW_FORM_DOCUMENT));
    for (size_t i = 0; format == CCDA && i < TW_COUNT(people); i++)
        decoded(&all, &tw_decoder_ccda, &opts, TW_STR("x.xml"),
                tw_test_read(tw_strf(cx->arena, "sources/ccda/%s.xml", people[i]).p));
    for (size_t i = 0; format == V2 && i < TW_COUNT(messages); i++)
        decoded(&all, &tw_decoder_hl7v2, &opts, TW_STR("x.hl7"),
                tw_test_read(tw_strf(cx->arena, "sources/hl7v2/%s.hl7", messages[i]).p));
    for (size_t i = 0; format == CSV && i < TW_COUNT(tables); i++)
        decoded(&all, &tw_decoder_csv, &opts, name[i], text[i]);
    tw_str lines = tw_str_of_bytes(tw_buf_view(&all));
    assert_ok(tw_sources_learn(cx, s, lines, TW_FORM_NDJSON));
    if (format == CSV) /* who is who, before the rows of other tables */
        assert_ok(tw_sources_read(cx, s, TW_STR("file"), lines, TW_FORM_NDJSON));
    assert_ok(tw_sources_read(cx, s, TW_STR("file"), lines, TW_FORM_NDJSON));
    tw_sources_free(s);
    tw_mapping_free(m);
    tw_buf_done(&all);
    c->fact = tw_arena_get(cx->arena, 20000 * sizeof *c->fact);
    for (size_t i = 0; i < tw_map_count(c->records); i++) {
        const record_facts *r = tw_map_at(c->records, i, &(tw_bytes){ 0 });
        for (size_t k = 0; k < r->n; k++) {
            assert_true(c->n < 20000);
            c->fact[c->n++] = r->fact[k];
        }
    }
    tw_map_free(c->records);
    tw_map_free(c->numbers);
}

/* ---------------------------------------------------------------- comparing */

/* How two facts agree, from the best to the worst; of several ways the worst counts. */
#define WAYS(X)                                                                                                        \
    X(EQUAL, "equal")                                                                                                  \
    X(DAY, "day alone")                                                                                                \
    X(NO_TIME, "no time")                                                                                              \
    X(END, "no end")                                                                                                   \
    X(ROUNDED, "rounded")                                                                                              \
    X(WORD, "word for a code")                                                                                         \
    X(NO_UNIT, "no unit")                                                                                              \
    X(NO_CODE, "no code")                                                                                              \
    X(UNIT, "other unit")                                                                                              \
    X(VALUE, "other value")                                                                                            \
    X(TIME, "other time")                                                                                              \
    X(ONLY_A, "only the first")                                                                                        \
    X(ONLY_B, "only the second")
enum {
#define X(name, text) name,
    WAYS(X)
#undef X
        WAY_COUNT
};
static const char *const way_name[] = {
#define X(name, text) text,
    WAYS(X)
#undef X
};

typedef struct {
    size_t count[KINDS][WAY_COUNT];
    size_t a[KINDS], b[KINDS];
} comparison;

static int64_t day_of(const fact *f)
{
    return (f->at >= 0 ? f->at : f->at - 86399) / 86400;
}

/* Digits after the point. */
static int decimals(tw_str s)
{
    size_t point = tw_str_find(s, TW_STR("."));
    return point == SIZE_MAX ? 0 : (int)(s.n - point - 1);
}

static int values(const fact *a, const fact *b)
{
    double x;
    double y;
    if (tw_str_eq(a->value, b->value))
        return EQUAL;
    if ((a->word.n > 0 && tw_str_eq(a->word, b->value)) || (b->word.n > 0 && tw_str_eq(b->word, a->value)))
        return WORD;
    if (!tw_parse_f64(&x, a->value) || !tw_parse_f64(&y, b->value))
        return VALUE;
    if (!(x < y) && !(x > y))
        return EQUAL;
    double step = 1;
    for (int i = TW_MIN(decimals(a->value), decimals(b->value)); i > 0; i--)
        step /= 10;
    return (x > y ? x - y : y - x) <= step * 0.500001 ? ROUNDED : VALUE;
}

static int units(const fact *a, const fact *b)
{
    if (tw_str_eq(a->unit, b->unit))
        return EQUAL;
    return a->unit.n == 0 || b->unit.n == 0 ? NO_UNIT : UNIT;
}

static int times(const fact *a, const fact *b)
{
    if (a->time.n == 0 || b->time.n == 0)
        return a->time.n == b->time.n ? EQUAL : NO_TIME;
    if (a->is_day == b->is_day)
        return a->at == b->at ? EQUAL : TIME;
    return day_of(a) == day_of(b) ? DAY : TIME;
}

static int ends(const fact *a, const fact *b)
{
    tw_when s;
    tw_when t;
    if (a->end.n == 0 || b->end.n == 0)
        return a->end.n == b->end.n ? EQUAL : END;
    if (!tw_when_iso(&s, a->end) || !tw_when_iso(&t, b->end) || s.year != t.year || s.month != t.month ||
        s.day != t.day)
        return TIME;
    return EQUAL; /* to the day: a table holds no more */
}

static int codes(const fact *a, const fact *b)
{
    if (tw_str_eq(a->code, b->code))
        return EQUAL;
    return a->code.n == 0 || b->code.n == 0 ? NO_CODE : WAY_COUNT;
}

/* WAY_COUNT: not the same thing at all. */
static int way(const fact *a, const fact *b)
{
    if (a->kind != b->kind || a->person != b->person || codes(a, b) == WAY_COUNT)
        return WAY_COUNT;
    int w = TW_MAX(TW_MAX(times(a, b), codes(a, b)), TW_MAX(values(a, b), units(a, b)));
    w = TW_MAX(w, ends(a, b));
    if (times(a, b) == TIME) /* then all else has to be equal */
        return day_of(a) == day_of(b) && codes(a, b) == EQUAL && values(a, b) == EQUAL ? TIME : WAY_COUNT;
    return w;
}

/* The most alike first, so that a fact that stands twice finds its own. */
static void compare(comparison *out, const collection *ca, const collection *cb)
{
    *out = (comparison){ 0 };
    for (size_t i = 0; i < ca->n; i++) {
        ca->fact[i].pair = NULL;
        out->a[ca->fact[i].kind]++;
    }
    for (size_t i = 0; i < cb->n; i++) {
        cb->fact[i].pair = NULL;
        out->b[cb->fact[i].kind]++;
    }
    for (int best = EQUAL; best < ONLY_A; best++)
        for (size_t i = 0; i < ca->n; i++)
            for (size_t k = 0; k < cb->n && !ca->fact[i].pair; k++)
                if (!cb->fact[k].pair && way(&ca->fact[i], &cb->fact[k]) == best) {
                    ca->fact[i].pair = &cb->fact[k];
                    cb->fact[k].pair = &ca->fact[i];
                    out->count[ca->fact[i].kind][best]++;
                }
    for (size_t i = 0; i < ca->n; i++)
        out->count[ca->fact[i].kind][ONLY_A] += !ca->fact[i].pair;
    for (size_t i = 0; i < cb->n; i++)
        out->count[cb->fact[i].kind][ONLY_B] += !cb->fact[i].pair;
}

/* ---------------------------------------------------------------- the page */

static size_t lines_starting(tw_str page, tw_str start)
{
    tw_str line;
    size_t n = 0;
    while (tw_str_split(&line, &page, '\n'))
        n += line.n >= start.n && tw_str_eq((tw_str){ line.p, start.n }, start);
    return n;
}

/* A row of the page that begins so; what is missing is told of as it has to be. */
static void expect(size_t *missing, tw_str page, tw_str start)
{
    tw_str empty = tw_strf(cx->arena, TW_FMT "|", TW_ARG(start)); /* a difference without a reason */
    if (lines_starting(page, start) == 1 && lines_starting(page, empty) == 0)
        return;
    print_message("not in agreement.md: " TW_FMT "\n", TW_ARG(start));
    ++*missing;
}

static void held(size_t *missing, tw_str page, const collection all[FORMATS])
{
    for (int k = 0; k < KINDS; k++) {
        size_t n[FORMATS] = { 0 };
        for (int f = 0; f < FORMATS; f++)
            for (size_t i = 0; i < all[f].n; i++)
                n[f] += all[f].fact[i].kind == k;
        expect(missing, page,
               tw_strf(cx->arena, "| %s | %zu | %zu | %zu | %zu |", kind_name[k], n[FHIR], n[CCDA], n[V2], n[CSV]));
    }
}

/* Rows of a pair: how many both hold and are equal in; then each way of differing, with a reason. */
static void paired(size_t *missing, size_t *reasons, tw_str page, const comparison *c, const char *pair)
{
    for (int k = 0; k < KINDS; k++) {
        size_t both = c->a[k] - c->count[k][ONLY_A];
        size_t equal = c->count[k][EQUAL];
        assert_int_equal(both, c->b[k] - c->count[k][ONLY_B]);
        if (both > 0)
            expect(missing, page,
                   tw_strf(cx->arena, "| %s | %s | %zu | %zu | %zu |", pair, kind_name[k], both, equal, both - equal));
        for (int w = EQUAL + 1; w < WAY_COUNT; w++) {
            if (c->count[k][w] == 0)
                continue;
            ++*reasons;
            expect(missing, page,
                   tw_strf(cx->arena, "| %s | %s | %s | %zu | ", pair, kind_name[k], way_name[w], c->count[k][w]));
        }
    }
}

TEST(agree__facts_of_two_formats_are_the_same_but_for_what_the_page_lists)
{
    collection all[FORMATS];
    size_t missing = 0;
    size_t reasons = 0;
    SKIP_WITHOUT_DATA();
    tw_str page = tw_test_source("docs/formats/agreement.md");
    for (int f = 0; f < FORMATS; f++)
        collect(&all[f], f);
    held(&missing, page, all);
    for (int a = 0; a < FORMATS; a++)
        for (int b = a + 1; b < FORMATS; b++) {
            comparison c;
            compare(&c, &all[a], &all[b]);
            for (int k = 0; k < KINDS; k++) { /* of what both hold, nothing has another time, code or unit */
                assert_int_equal(0, c.count[k][TIME]);
                assert_int_equal(0, c.count[k][UNIT]);
            }
            paired(&missing, &reasons, page, &c, tw_strf(cx->arena, "%s, %s", format_name[a], format_name[b]).p);
        }
    assert_int_equal(0, missing);
    /* No row stands there that is not so any more: headings, rules and the rows of three tables. */
    size_t from = tw_str_find(page, TW_STR("## Differences"));
    assert_int_equal(reasons + 2, lines_starting((tw_str){ page.p + from, page.n - from }, TW_STR("| ")));
}

static fact made(const char *time, const char *value, const char *unit)
{
    record_facts r = { .n = 0 };
    fact *f = add(&r, RESULT, TW_STR("s|c"), tw_str_of(time));
    f->value = tw_str_of(value);
    f->unit = tw_str_of(unit);
    return *f;
}

TEST(agree__two_facts_agree_as_far_as_their_times_values_and_units_do)
{
    static const struct {
        const char *a[3], *b[3];
        int way;
    } c[] = {
        { { "2024-01-02T10:00:00Z", "4.5", "g" }, { "2024-01-02T12:00:00+02:00", "4.50", "g" }, EQUAL },
        { { "2024-01-02T10:00:00Z", "4.5", "g" }, { "2024-01-02", "4.5", "g" }, DAY },
        { { "2024-01-02T23:30:00Z", "4.5", "g" }, { "2024-01-03", "4.5", "g" }, WAY_COUNT },
        { { "2024-01-02T10:00:00Z", "4.5", "g" }, { "2024-01-02T11:00:00Z", "4.5", "g" }, TIME },
        { { "2024-01-02T10:00:00Z", "4.5", "g" }, { "2024-01-02T11:00:00Z", "4.6", "g" }, WAY_COUNT },
        { { "2024-01-02", "4.46", "g" }, { "2024-01-02", "4.5", "g" }, ROUNDED },
        { { "2024-01-02", "4.44", "g" }, { "2024-01-02", "4.5", "g" }, VALUE },
        { { "2024-01-02", "4.5", "g" }, { "2024-01-02", "4.5", "mg" }, UNIT },
        { { "2024-01-02", "4.5", "g" }, { "2024-01-02", "4.5", "" }, NO_UNIT },
        { { "2024-01-02", "4.5", "g" }, { "", "4.5", "g" }, NO_TIME },
    };
    for (size_t i = 0; i < TW_COUNT(c); i++) {
        fact a = made(c[i].a[0], c[i].a[1], c[i].a[2]);
        fact b = made(c[i].b[0], c[i].b[1], c[i].b[2]);
        assert_int_equal(c[i].way, way(&a, &b));
        assert_int_equal(c[i].way, way(&b, &a));
    }
}
