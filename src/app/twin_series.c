/* From the records of an opened release to PSA series with treatment. Every line becomes at most one fact; facts of one
 * record id replace each other; then the facts of each person are put in order of days. */
#include "twin_app_internal.h"

#include <math.h>
#include <stdlib.h>

#define DAY_S 86400
#define OPEN_END INT64_MAX

typedef enum { FACT_NONE, FACT_PSA, FACT_VISIT, FACT_TREATMENT } fact_kind;
typedef struct {
    uint8_t kind;     /* fact_kind */
    uint8_t rank;     /* a line of lower rank does not replace it */
    bool years_only;  /* no day is known */
    uint32_t person;
    int64_t from;     /* day */
    int64_t to;       /* of treatment, included */
    double value;     /* ug/L */
    tw_noise noise;
} fact;

enum { RANK_PLAIN = 1, RANK_CORRECTED, RANK_TAKEN_BACK };

typedef struct {
    fact *item;
    size_t count;
    size_t cap;
    tw_map *by_id;   /* Type/id -> position + 1 */
    tw_map *persons; /* id -> position + 1 */
    char (*name)[33];
    size_t person_count;
    tw_twin_people *out;
} reader;

/* ---------------------------------------------------------------- fields */

static bool has_code(const tw_json *d, uint32_t concept, const char *system, const char *code)
{
    uint32_t list = tw_json_get(d, concept, "coding");
    if (list == TW_JSON_NONE)
        return false;
    for (uint32_t c = tw_json_first(d, list); c != TW_JSON_NONE; c = tw_json_next(d, list, c))
        if (tw_json_is(d, tw_json_get(d, c, "system"), system) && tw_json_is(d, tw_json_get(d, c, "code"), code))
            return true;
    return false;
}

/* Day of a date or a time; false: absent, or a year only. */
static bool day_of(tw_ctx *cx, int64_t *day, const tw_json *d, uint32_t obj, const char *member)
{
    uint64_t s;
    tw_str text = tw_json_member_text(cx, d, obj, member);
    if (text.n < 10 || !tw_time_parse(&s, text))
        return false;
    *day = (int64_t)(s / DAY_S);
    return true;
}

static bool is_drug(const tw_json *d, uint32_t record)
{
    static const struct {
        const char *system;
        const char *code;
    } drug[] = {
        { "http://www.whocc.no/atc", "L02AE02" },                     /* leuprorelin */
        { "http://www.nlm.nih.gov/research/umls/rxnorm", "42375" },   /* leuprolide */
        { "http://www.whocc.no/atc", "G03HA01" },                     /* cyproterone */
        { "http://www.nlm.nih.gov/research/umls/rxnorm", "3014" },    /* cyproterone */
    };
    uint32_t concept = tw_json_get(d, record, "medicationCodeableConcept");
    for (size_t i = 0; i < TW_COUNT(drug); i++)
        if (has_code(d, concept, drug[i].system, drug[i].code))
            return true;
    return false;
}

/* Mass concentrations to ug/L. */
static bool quantity(tw_ctx *cx, double *ug_l, const tw_json *d, uint32_t q)
{
    static const struct {
        const char *unit;
        double factor;
    } units[] = { { "ng/mL", 1.0 },    { "ng/ml", 1.0 },    { "ug/L", 1.0 },    { "ug/l", 1.0 },  { "mg/L", 1000.0 },
                  { "ng/dL", 0.01 },   { "pg/mL", 0.001 },  { "ng/L", 0.001 },  { "ug/dL", 10.0 } };
    double v;
    tw_str sign = tw_json_member_text(cx, d, q, "comparator");
    if (q == TW_JSON_NONE || !tw_json_f64(d, tw_json_get(d, q, "value"), &v) || !(v >= 0.0) || v > 1e6)
        return false;
    if (sign.n > 0 && sign.p[0] != '<') /* below a limit: the limit stands for it; above one: unknown */
        return false;
    for (size_t i = 0; i < TW_COUNT(units); i++)
        if (tw_json_is(d, tw_json_get(d, q, "code"), units[i].unit)) {
            *ug_l = v * units[i].factor;
            return true;
        }
    return false;
}

/* ---------------------------------------------------------------- one line */

static void read_psa(tw_ctx *cx, fact *f, reader *r, const tw_json *d)
{
    if (!has_code(d, tw_json_get(d, 0, "code"), "http://loinc.org", "2857-1"))
        return;
    if (!quantity(cx, &f->value, d, tw_json_get(d, 0, "valueQuantity"))) {
        r->out->bad_unit++;
        return;
    }
    tw_str when = tw_json_member_text(cx, d, 0, "effectiveDateTime");
    f->years_only = when.n == 4;
    if (!f->years_only && !day_of(cx, &f->from, d, 0, "effectiveDateTime")) {
        r->out->no_time++;
        return;
    }
    f->kind = FACT_PSA;
}

static void read_encounter(tw_ctx *cx, fact *f, const tw_json *d)
{
    uint32_t list = tw_json_get(d, 0, "reasonCode");
    uint32_t period = tw_json_get(d, 0, "period");
    if (list == TW_JSON_NONE || !day_of(cx, &f->from, d, period, "start"))
        return;
    for (uint32_t c = tw_json_first(d, list); c != TW_JSON_NONE; c = tw_json_next(d, list, c))
        if (has_code(d, c, "http://snomed.info/sct", "399068003") ||
            has_code(d, c, "http://hl7.org/fhir/sid/icd-10-cm", "C61"))
            f->kind = FACT_VISIT;
}

static void read_statement(tw_ctx *cx, fact *f, const tw_json *d)
{
    uint32_t period = tw_json_get(d, 0, "effectivePeriod");
    if (!is_drug(d, 0) || tw_json_is(d, tw_json_get(d, 0, "status"), "not-taken") ||
        !day_of(cx, &f->from, d, period, "start"))
        return;
    if (!day_of(cx, &f->to, d, period, "end"))
        f->to = OPEN_END;
    f->kind = FACT_TREATMENT;
}

static void read_administration(tw_ctx *cx, fact *f, const tw_json *d)
{
    if (is_drug(d, 0) && !tw_json_is(d, tw_json_get(d, 0, "status"), "not-done") &&
        day_of(cx, &f->from, d, 0, "effectiveDateTime"))
        f->kind = FACT_VISIT;
}

static uint8_t rank_of(const tw_json *d)
{
    uint32_t status = tw_json_get(d, 0, "status");
    if (tw_json_is(d, status, "entered-in-error") || tw_json_is(d, status, "cancelled"))
        return RANK_TAKEN_BACK;
    bool corrected = tw_json_is(d, status, "corrected") || tw_json_is(d, status, "amended");
    return corrected ? RANK_CORRECTED : RANK_PLAIN;
}

static tw_status person_of(tw_ctx *cx, uint32_t *index, reader *r, const tw_json *d)
{
    tw_str ref = tw_json_member_text(cx, d, tw_json_get(d, 0, "subject"), "reference");
    if (ref.n != 8 + 32 || !tw_str_starts(ref, "Patient/"))
        return tw_fail(cx, TW_EPARSE, "a record's subject is no person of a release");
    tw_bytes id = { (const uint8_t *)ref.p + 8, 32 };
    uintptr_t known = (uintptr_t)tw_map_get(r->persons, id);
    if (!known) {
        memcpy(r->name[r->person_count], id.p, 32);
        known = ++r->person_count;
        if (!tw_map_put(r->persons, id, (void *)known))
            return tw_fail(cx, TW_ELIMIT, "too many persons");
    }
    *index = (uint32_t)(known - 1);
    return TW_OK;
}

/* Of several lines with one id the last one stands, unless it is of lower rank. A line that is no fact of ours replaces
 * one that was: the record was changed into something else. */
static tw_status keep(tw_ctx *cx, reader *r, const fact *f, tw_str type, tw_str id)
{
    tw_str name = tw_strf(cx->arena, TW_FMT "/" TW_FMT, TW_ARG(type), TW_ARG(id));
    uintptr_t at = (uintptr_t)tw_map_get(r->by_id, tw_bytes_of(name));
    if (at) {
        fact *old = &r->item[at - 1];
        r->out->superseded++;
        if (f->rank >= old->rank)
            *old = *f;
        return TW_OK;
    }
    if (f->kind == FACT_NONE && f->rank != RANK_TAKEN_BACK)
        return TW_OK;
    TW_ASSERT(r->count < r->cap);
    r->item[r->count++] = *f;
    return tw_map_put(r->by_id, tw_bytes_of(name), (void *)(uintptr_t)r->count)
               ? TW_OK
               : tw_fail(cx, TW_ELIMIT, "too many records");
}

static tw_status read_line(tw_ctx *cx, reader *r, tw_str line)
{
    tw_json d;
    fact f = { .kind = FACT_NONE };
    TW_TRY(tw_json_parse(cx, &d, line, NULL));
    tw_str type = tw_json_member_text(cx, &d, 0, "resourceType");
    f.rank = rank_of(&d);
    if (tw_str_is(type, "Observation"))
        read_psa(cx, &f, r, &d);
    else if (tw_str_is(type, "Encounter"))
        read_encounter(cx, &f, &d);
    else if (tw_str_is(type, "MedicationStatement"))
        read_statement(cx, &f, &d);
    else if (tw_str_is(type, "MedicationAdministration"))
        read_administration(cx, &f, &d);
    if (f.rank == RANK_TAKEN_BACK)
        f.kind = FACT_NONE;
    if (f.kind != FACT_NONE) {
        TW_TRY(person_of(cx, &f.person, r, &d));
        tw_deid_noise(&f.noise, &d, 0);
    }
    return keep(cx, r, &f, type, tw_json_member_text(cx, &d, 0, "id"));
}

/* ---------------------------------------------------------------- all files */

static const char *const type_file[] = { "Observation.ndjson", "Encounter.ndjson", "MedicationStatement.ndjson",
                                         "MedicationAdministration.ndjson" };

static tw_status read_texts(tw_ctx *cx, tw_str text[TW_COUNT(type_file)], size_t *lines, const char *dir)
{
    *lines = 0;
    for (size_t i = 0; i < TW_COUNT(type_file); i++) {
        tw_bytes file = { NULL, 0 };
        char *path = tw_path(cx, dir, type_file[i]);
        if (tw_path_exists(cx, path))
            TW_TRY(tw_file_read(cx, &file, path, TW_FILE_MAX));
        text[i] = tw_str_of_bytes(file);
        for (size_t k = 0; k < file.n; k++)
            *lines += file.p[k] == '\n';
        *lines += 1;
    }
    return TW_OK;
}

static tw_status read_files(tw_ctx *cx, reader *r, const char *dir)
{
    tw_str text[TW_COUNT(type_file)];
    tw_str line;
    TW_TRY(read_texts(cx, text, &r->cap, dir));
    r->item = tw_try_array(cx->arena, fact, r->cap);
    r->name = tw_arena_try(cx->arena, tw_array_size(r->cap, sizeof *r->name));
    if (!r->item || !r->name)
        return tw_fail(cx, TW_ELIMIT, "no memory left for %zu records", r->cap);
    r->by_id = tw_map_new(r->cap);
    r->persons = tw_map_new(r->cap);
    for (size_t i = 0; i < TW_COUNT(type_file); i++)
        for (size_t no = 1; tw_ndjson_next(&line, &text[i]); no++) {
            tw_mark mark = tw_arena_mark(cx->arena);
            if (line.n > 0 && read_line(cx, r, line) != TW_OK)
                return tw_wrap(cx, "%s, line %zu", type_file[i], no);
            tw_arena_back(cx->arena, mark);
        }
    return TW_OK;
}

/* ---------------------------------------------------------------- series */

static int by_person_and_day(const void *x, const void *y)
{
    const fact *a = x;
    const fact *b = y;
    if (a->person != b->person)
        return a->person < b->person ? -1 : 1;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return a->value < b->value ? -1 : a->value > b->value; /* equal ones are alike */
}

static bool on_treatment(const fact *f, size_t n, int64_t day)
{
    for (size_t i = 0; i < n; i++)
        if (f[i].kind == FACT_TREATMENT && day >= f[i].from && day <= f[i].to)
            return true;
    return false;
}

/* One day of a person's facts; the next position. */
static size_t take_day(tw_twin_person *p, const fact *f, size_t n, size_t at)
{
    int64_t day = f[at].from;
    double sum = 0.0;
    size_t values = 0;
    bool visit = false;
    for (; at < n && f[at].from == day; at++) {
        visit |= f[at].kind == FACT_PSA || f[at].kind == FACT_VISIT;
        if (f[at].kind != FACT_PSA)
            continue;
        sum += f[at].value;
        values++;
    }
    if (!visit)
        return at;
    tw_psa_visit *v = &p->visit[p->n_visit++];
    *v = (tw_psa_visit){ .day = (double)day, .psa_ug_l = values ? sum / (double)values : (double)NAN };
    v->on = on_treatment(f, n, day);
    p->treated |= v->on;
    p->n_psa += values > 0;
    return at;
}

static tw_status make_person(tw_ctx *cx, tw_twin_person *p, const fact *f, size_t n)
{
    bool any = false;
    p->visit = tw_try_array(cx->arena, tw_psa_visit, n);
    if (!p->visit)
        return tw_fail(cx, TW_ELIMIT, "no memory left for a series");
    for (size_t i = 0; i < n; i++) {
        if (f[i].kind != FACT_PSA)
            continue;
        if (!any)
            p->noise = f[i].noise;
        p->years_only |= f[i].years_only;
        any = true;
    }
    if (p->years_only)
        p->noise.time_dropped = true;
    for (size_t i = 0; i < n && !p->years_only;)
        i = take_day(p, f, n, i);
    return TW_OK;
}

static int by_id(const void *x, const void *y)
{
    return memcmp(((const tw_twin_person *)x)->id, ((const tw_twin_person *)y)->id, 32);
}

static tw_status make_people(tw_ctx *cx, reader *r)
{
    tw_twin_people *out = r->out;
    size_t n = 0;
    for (size_t i = 0; i < r->count; i++) /* what was taken back is gone */
        if (r->item[i].kind != FACT_NONE)
            r->item[n++] = r->item[i];
    qsort(r->item, n, sizeof *r->item, by_person_and_day);
    out->person = tw_try_array(cx->arena, tw_twin_person, r->person_count + 1);
    if (!out->person)
        return tw_fail(cx, TW_ELIMIT, "no memory left for %zu persons", r->person_count);
    for (size_t i = 0; i < n;) {
        size_t end = i;
        bool psa = false;
        for (; end < n && r->item[end].person == r->item[i].person; end++)
            psa |= r->item[end].kind == FACT_PSA;
        if (psa) {
            tw_twin_person *p = &out->person[out->count++];
            memcpy(p->id, r->name[r->item[i].person], sizeof p->id);
            TW_TRY(make_person(cx, p, r->item + i, end - i));
        }
        i = end;
    }
    qsort(out->person, out->count, sizeof *out->person, by_id);
    return TW_OK;
}

tw_status tw_twin_people_read(tw_ctx *cx, tw_twin_people *out, const char *data_dir)
{
    reader r = { .out = out };
    *out = (tw_twin_people){ .count = 0 };
    tw_status s = read_files(cx, &r, data_dir);
    if (s == TW_OK)
        s = make_people(cx, &r);
    tw_map_free(r.by_id);
    tw_map_free(r.persons);
    return s;
}

bool tw_twin_usable(const tw_twin_person *p)
{
    return !p->years_only && p->treated && p->n_psa >= TW_TWIN_VALUES_MIN && p->n_visit <= TW_PSA_VISITS_MAX;
}
