/* The series of a man under intermittent androgen suppression, as the hospitals that saw him hold it. Every result of
 * the series is there in the end; what is wrong or missing is added beside it. */
#include "sources/synth_internal.h"

#include <math.h>

#define NMOL_L_TO_NG_DL 28.842 /* testosterone, 288.42 g/mol */
#define ATC "http://www.whocc.no/atc"

static const tw_str none = { "", 0 };

/* Which of his hospitals saw a visit: six visits in a row at one place, the first of them more often than the others.
 */
static uint32_t place_of(const tw_desk *d, size_t visit)
{
    if (d->p->members == 1)
        return 0;
    tw_chance c = tw_chance_of(d->y->opts.seed, d->p->index, 1000 + visit / 6, TW_FOR_SERIES);
    return tw_chance_below(&c, 10) < 6 ? 0 : 1 + tw_chance_below(&c, d->p->members - 1);
}

static bool is_here(const tw_desk *d, size_t visit)
{
    return &d->p->member[place_of(d, visit)] == d->m;
}

static int64_t day_of(const tw_desk *d, size_t visit)
{
    return d->p->first_day + d->p->series.visit[visit].day - d->p->series.visit[0].day;
}

/* ---------------------------------------------------------------- the visit itself */

static tw_str encounter(tw_desk *d, tw_chance *c, int64_t day)
{
    tw_arena *a = tw_desk_arena(d);
    tw_jw *w = tw_desk_begin(d, "Encounter", none, 1, day);
    tw_jw_kv(w, "status", TW_STR("finished"));
    tw_jw_key(w, "class");
    tw_desk_coding(w, "http://terminology.hl7.org/CodeSystem/v3-ActCode", "AMB", NULL);
    tw_desk_subject(d, "subject", false);
    tw_desk_period(d, "period", day, 540, 25);
    tw_jw_key(w, "reasonCode");
    tw_jw_array(w);
    tw_jw_object(w);
    tw_jw_key(w, "coding");
    tw_jw_array(w);
    tw_desk_coding(w, TW_SNOMED, "399068003", NULL);
    tw_jw_array_end(w);
    if (tw_chance_one_in(c, 10))
        tw_jw_kv(w, "text", tw_strf(a, TW_FMT " f/u, call " TW_FMT, TW_ARG(d->m->family), TW_ARG(d->p->phone_plain)));
    tw_jw_object_end(w);
    tw_jw_array_end(w);
    if (tw_chance_one_in(c, 6)) {
        tw_jw_key(w, "serviceProvider");
        tw_jw_object(w);
        tw_jw_kv(w, "display", d->h->name);
        tw_jw_object_end(w);
    }
    tw_desk_end(d, TW_TO_BUNDLE);
    return d->id;
}

typedef struct {
    const char *loinc, *display, *unit;
    tw_str id, value, encounter;
    int64_t day;
    const char *status;
    uint32_t version;
    unsigned flags;
} result;

static void accession(tw_desk *d, tw_chance *c)
{
    tw_str number = tw_strf(tw_desk_arena(d), "ACC-%07uL", tw_chance_below(c, 10000000));
    tw_desk_plant(d, "accession", number, "Observation.identifier.value");
    tw_jw_key(&d->w, "identifier");
    tw_jw_array(&d->w);
    tw_jw_object(&d->w);
    tw_jw_kv(&d->w, "value", number);
    tw_jw_object_end(&d->w);
    tw_jw_array_end(&d->w);
}

static void remark(tw_desk *d)
{
    tw_jw_key(&d->w, "note");
    tw_jw_array(&d->w);
    tw_jw_object(&d->w);
    tw_jw_kv(&d->w, "text",
             tw_strf(tw_desk_arena(d), "discussed with " TW_FMT " and " TW_FMT, TW_ARG(d->p->kin),
                     TW_ARG(d->h->provider[2].name)));
    tw_jw_object_end(&d->w);
    tw_jw_array_end(&d->w);
}

static void write_result(tw_desk *d, tw_chance *c, const result *r)
{
    tw_jw *w = tw_desk_begin(d, "Observation", r->id, r->version, r->day);
    bool late = (r->flags & TW_TO_LATE) != 0;
    if (tw_chance_one_in(c, 8))
        accession(d, c);
    tw_jw_kv(w, "status", tw_str_of(r->status));
    tw_desk_category(w, "http://terminology.hl7.org/CodeSystem/observation-category", "laboratory");
    tw_desk_concept(w, "code", TW_LOINC, r->loinc, r->display, none);
    tw_desk_subject(d, "subject", late);
    if (r->encounter.n)
        tw_desk_ref(d, "encounter", "Encounter", r->encounter, late);
    if (r->day)
        tw_desk_time(d, "effectiveDateTime", r->day, 550);
    if (r->value.n) {
        tw_jw_key(w, "valueQuantity");
        tw_desk_quantity(w, r->value, r->unit, r->unit);
    } else {
        tw_desk_concept(w, "dataAbsentReason", "http://terminology.hl7.org/CodeSystem/data-absent-reason", "error",
                        NULL, none);
    }
    if (tw_chance_one_in(c, 12))
        remark(d);
    tw_desk_end(d, r->flags);
}

static result psa_result(void)
{
    return (result){ .loinc = "2857-1",
                     .display = "Prostate specific Ag [Mass/volume] in Serum or Plasma",
                     .unit = "ng/mL",
                     .status = "final",
                     .version = 1,
                     .flags = TW_TO_BUNDLE };
}

/* In 100: 5 wrong at first and corrected later, 6 late, 4 sent twice. */
static void psa(tw_desk *d, tw_chance *c, double value, int64_t day, tw_str visit)
{
    tw_arena *a = tw_desk_arena(d);
    result r = psa_result();
    r.id = tw_desk_new_id(d);
    r.value = tw_synth_decimal(a, value, 3);
    r.encounter = visit;
    r.day = day;
    uint32_t fate = tw_chance_below(c, 100);
    if (fate < 5) {
        result wrong = r;
        wrong.value = tw_synth_decimal(a, value * 10 + 0.7, 3); /* a slip of the point */
        write_result(d, c, &wrong);
        r.status = "corrected";
        r.version = 2;
        r.flags = TW_TO_LATE;
    } else if (fate < 11) {
        r.flags = TW_TO_LATE;
    } else if (fate < 15) {
        r.flags = TW_TO_BUNDLE_TWICE;
    }
    write_result(d, c, &r);
}

static void pressure_part(tw_jw *w, const char *loinc, tw_str value)
{
    tw_jw_object(w);
    tw_desk_concept(w, "code", TW_LOINC, loinc, NULL, none);
    tw_jw_key(w, "valueQuantity");
    tw_desk_quantity(w, value, "mmHg", "mm[Hg]");
    tw_jw_object_end(w);
}

static void pressure(tw_desk *d, tw_chance *c, int64_t day, tw_str visit)
{
    tw_arena *a = tw_desk_arena(d);
    tw_jw *w = tw_desk_begin(d, "Observation", none, 1, day);
    tw_jw_kv(w, "status", TW_STR("final"));
    tw_desk_category(w, "http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs");
    tw_desk_concept(w, "code", TW_LOINC, "85354-9", "Blood pressure panel", none);
    tw_desk_subject(d, "subject", false);
    tw_desk_ref(d, "encounter", "Encounter", visit, false);
    tw_desk_time(d, "effectiveDateTime", day, 555);
    tw_jw_key(w, "component");
    tw_jw_array(w);
    pressure_part(w, "8480-6", tw_strf(a, "%u", 110 + tw_chance_below(c, 50)));
    pressure_part(w, "8462-4", tw_strf(a, "%u", 62 + tw_chance_below(c, 30)));
    tw_jw_array_end(w);
    tw_desk_end(d, TW_TO_BUNDLE);
}

/* ---------------------------------------------------------------- treatment */

static void drug(tw_jw *w, bool leuprolide)
{
    tw_jw_key(w, "medicationCodeableConcept");
    tw_jw_object(w);
    tw_jw_key(w, "coding");
    tw_jw_array(w);
    if (leuprolide) {
        tw_desk_coding(w, ATC, "L02AE02", "leuprorelin");
        tw_desk_coding(w, TW_RXNORM, "42375", "leuprolide");
    } else {
        tw_desk_coding(w, ATC, "G03HA01", "cyproterone");
    }
    tw_jw_array_end(w);
    tw_jw_object_end(w);
}

static void injection(tw_desk *d, double mg, int64_t day, tw_str visit)
{
    tw_jw *w = tw_desk_begin(d, "MedicationAdministration", none, 1, day);
    tw_jw_kv(w, "status", TW_STR("completed"));
    drug(w, true);
    tw_desk_subject(d, "subject", false);
    tw_desk_ref(d, "context", "Encounter", visit, false);
    tw_desk_time(d, "effectiveDateTime", day, 560);
    tw_jw_key(w, "dosage");
    tw_jw_object(w);
    tw_jw_key(w, "dose");
    tw_desk_quantity(w, tw_synth_decimal(tw_desk_arena(d), mg, 2), "mg", "mg");
    tw_jw_object_end(w);
    tw_desk_end(d, TW_TO_BUNDLE);
}

static void statement(tw_desk *d, bool leuprolide, double mg, int64_t from, int64_t to, bool going_on)
{
    tw_arena *a = tw_desk_arena(d);
    tw_jw *w = tw_desk_begin(d, "MedicationStatement", none, 1, to);
    tw_jw_kv(w, "status", going_on ? TW_STR("active") : TW_STR("completed"));
    drug(w, leuprolide);
    tw_desk_subject(d, "subject", false);
    tw_jw_key(w, "effectivePeriod");
    tw_jw_object(w);
    tw_jw_kv(w, "start", tw_date_text(a, from));
    tw_jw_kv(w, "end", tw_date_text(a, to));
    tw_jw_object_end(w);
    if (mg > 0) {
        tw_jw_key(w, "dosage");
        tw_jw_array(w);
        tw_jw_object(w);
        tw_jw_key(w, "doseAndRate");
        tw_jw_array(w);
        tw_jw_object(w);
        tw_jw_key(w, "doseQuantity");
        tw_desk_quantity(w, tw_synth_decimal(a, mg, 2), "mg", "mg");
        tw_jw_object_end(w);
        tw_jw_array_end(w);
        tw_jw_object_end(w);
        tw_jw_array_end(w);
    }
    tw_desk_end(d, TW_TO_BUNDLE);
}

/* The run of visits on treatment that begins at `from`; returns the visit after it. */
static size_t treatment_run(tw_desk *d, size_t from)
{
    const tw_synth_visit *v = d->p->series.visit;
    size_t end = from;
    double cyproterone = 0;
    for (; end < d->p->series.n && v[end].on_treatment; end++)
        if (v[end].cyproterone_mg > cyproterone)
            cyproterone = v[end].cyproterone_mg;
    if (!is_here(d, from))
        return end;
    bool going_on = end == d->p->series.n;
    statement(d, true, 0, day_of(d, from), day_of(d, end - 1), going_on);
    if (cyproterone > 0)
        statement(d, false, cyproterone, day_of(d, from), day_of(d, end - 1), going_on);
    return end;
}

static void write_visit(tw_desk *d, tw_chance *c, size_t i)
{
    const tw_synth_visit *v = &d->p->series.visit[i];
    int64_t day = day_of(d, i);
    tw_str visit = encounter(d, c, day);
    if (!isnan(v->psa_ug_l)) {
        psa(d, c, v->psa_ug_l, day, visit);
    } else if (tw_chance_one_in(c, 5)) {
        result failed = psa_result();
        failed.encounter = visit;
        failed.day = day;
        write_result(d, c, &failed);
    }
    if (!isnan(v->testosterone_nmol_l)) {
        result r = { .loinc = "2986-8",
                     .display = "Testosterone [Mass/volume] in Serum or Plasma",
                     .unit = "ng/dL",
                     .status = "final",
                     .version = 1,
                     .flags = TW_TO_BUNDLE,
                     .encounter = visit,
                     .day = day };
        r.value = tw_synth_decimal(tw_desk_arena(d), v->testosterone_nmol_l * NMOL_L_TO_NG_DL, 1);
        write_result(d, c, &r);
    }
    if (v->leuprolide_mg > 0)
        injection(d, v->leuprolide_mg, day, visit);
    if (tw_chance_one_in(c, 4))
        tw_synth_write_weight(d, c, day, visit, "final", TW_TO_BUNDLE, none);
    if (tw_chance_one_in(c, 8))
        pressure(d, c, day, visit);
}

void tw_synth_write_series(tw_desk *d)
{
    const tw_synth_series *s = &d->p->series;
    for (size_t i = 0; i < s->n;)
        i = s->visit[i].on_treatment ? treatment_run(d, i) : i + 1;
    for (size_t i = 0; i < s->n; i++) {
        tw_chance c = tw_chance_of(d->y->opts.seed, d->p->index, 2000000 + i, TW_FOR_SERIES);
        if (is_here(d, i))
            write_visit(d, &c, i);
    }
    tw_chance c = tw_chance_of(d->y->opts.seed, d->p->index, 1 + d->h->index, TW_FOR_SERIES);
    if (s->n > 0 && tw_chance_one_in(&c, 6)) { /* a result that nobody can place in time */
        result r = psa_result();
        r.value = TW_STR("3.3");
        write_result(d, &c, &r);
    }
}
