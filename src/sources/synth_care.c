/* What everybody has: conditions, allergies, vaccines, procedures, devices, images, notes, and visits for those without
 * a series. Codes are SNOMED CT, LOINC, CVX, ICD-10-CM and UCUM; free text and odd places carry identifiers. */
#include "sources/synth_internal.h"

static const tw_str none = { "", 0 };

static void status(tw_jw *w, const char *text)
{
    tw_jw_kv(w, "status", tw_str_of(text));
}

/* A sentence as it is dictated, with somebody's identifiers in it. */
static tw_str remark(tw_desk *d, tw_chance *c)
{
    tw_arena *a = tw_desk_arena(d);
    const tw_synth_person *p = d->p;
    switch (tw_chance_below(c, 4)) {
    case 0:
        return tw_strf(a, "Pt. " TW_FMT " (MRN " TW_FMT ") seen w/ " TW_FMT ".", TW_ARG(d->m->family),
                       TW_ARG(d->m->mrn), TW_ARG(p->kin));
    case 1:
        return tw_strf(a, "Results phoned to " TW_FMT " " TW_FMT ", " TW_FMT ".", TW_ARG(p->given), TW_ARG(p->family),
                       TW_ARG(p->phone_plain));
    case 2:
        return tw_strf(a, "lives at " TW_FMT ", " TW_FMT " " TW_FMT ", dob " TW_FMT, TW_ARG(p->street), TW_ARG(p->town),
                       TW_ARG(p->zip), TW_ARG(p->birth_us));
    default:
        return tw_strf(a, "cc " TW_FMT "; mail " TW_FMT, TW_ARG(d->h->provider[0].name), TW_ARG(p->email));
    }
}

/* ---------------------------------------------------------------- conditions */

static void contained_kin(tw_desk *d)
{
    tw_jw *w = &d->w;
    tw_jw_key(w, "contained");
    tw_jw_array(w);
    tw_jw_object(w);
    tw_jw_kv(w, "resourceType", TW_STR("RelatedPerson"));
    tw_jw_kv(w, "id", TW_STR("kin"));
    tw_desk_subject(d, "patient", false);
    tw_jw_key(w, "name");
    tw_jw_array(w);
    tw_jw_object(w);
    tw_jw_kv(w, "text", d->p->kin);
    tw_jw_object_end(w);
    tw_jw_array_end(w);
    tw_jw_object_end(w);
    tw_jw_array_end(w);
}

static void condition(tw_desk *d, tw_chance *c, const char *snomed, const char *icd, const char *display, int64_t day)
{
    tw_jw *w = tw_desk_begin(d, "Condition", none, 1, day);
    bool informed = tw_chance_one_in(c, 5);
    if (informed)
        contained_kin(d);
    tw_desk_concept(w, "clinicalStatus", "http://terminology.hl7.org/CodeSystem/condition-clinical", "active", NULL,
                    none);
    tw_desk_category(w, "http://terminology.hl7.org/CodeSystem/condition-category", "encounter-diagnosis");
    tw_jw_key(w, "code");
    tw_jw_object(w);
    tw_jw_key(w, "coding");
    tw_jw_array(w);
    tw_desk_coding(w, TW_SNOMED, snomed, display);
    tw_desk_coding(w, TW_ICD10, icd, NULL);
    tw_jw_array_end(w);
    tw_jw_kv(w, "text", tw_chance_one_in(c, 4) ? remark(d, c) : tw_str_of(display));
    tw_jw_object_end(w);
    tw_desk_subject(d, "subject", false);
    tw_jw_kv(w, "onsetDateTime", tw_date_text(tw_desk_arena(d), day));
    if (informed) {
        tw_jw_key(w, "asserter");
        tw_jw_object(w);
        tw_jw_kv(w, "reference", TW_STR("#kin"));
        tw_jw_object_end(w);
    }
    tw_desk_end(d, TW_TO_BUNDLE);
}

static void conditions(tw_desk *d, tw_chance *c)
{
    int64_t day = d->p->first_day;
    if (d->p->series.n > 0)
        condition(d, c, "399068003", "C61", "Malignant tumor of prostate", day - 60);
    if (tw_chance_one_in(c, 2))
        condition(d, c, "38341003", "I10", "Hypertensive disorder", day - 2000);
    if (tw_chance_one_in(c, 4))
        condition(d, c, "44054006", "E11.9", "Diabetes mellitus type 2", day - 1500);
}

/* ---------------------------------------------------------------- allergies, vaccines, procedures, devices, images */

static void allergy(tw_desk *d, tw_chance *c)
{
    tw_jw *w = tw_desk_begin(d, "AllergyIntolerance", none, 1, d->p->first_day);
    tw_desk_concept(w, "clinicalStatus", "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active",
                    NULL, none);
    tw_desk_concept(w, "code", TW_SNOMED, tw_chance_one_in(c, 2) ? "91936005" : "300916003", NULL,
                    TW_STR("Allergy to penicillin or latex"));
    tw_desk_subject(d, "patient", false);
    tw_desk_end(d, TW_TO_BUNDLE);
}

static void vaccine(tw_desk *d, tw_chance *c, int64_t day)
{
    tw_str lot = tw_strf(tw_desk_arena(d), "LOT-%04uVX", tw_chance_below(c, 10000));
    tw_jw *w = tw_desk_begin(d, "Immunization", none, 1, day);
    tw_desk_plant(d, "lot-number", lot, "Immunization.lotNumber");
    status(w, "completed");
    tw_desk_concept(w, "vaccineCode", "http://hl7.org/fhir/sid/cvx", "140",
                    "Influenza, seasonal, injectable, preservative free", none);
    tw_desk_subject(d, "patient", false);
    tw_desk_time(d, "occurrenceDateTime", day, 600);
    tw_jw_kv(w, "lotNumber", lot);
    tw_desk_end(d, TW_TO_BUNDLE);
}

static void procedure(tw_desk *d, tw_chance *c, const char *code, const char *display, int64_t day)
{
    tw_jw *w = tw_desk_begin(d, "Procedure", none, 1, day);
    status(w, "completed");
    tw_desk_concept(w, "code", TW_SNOMED, code, display, none);
    tw_desk_subject(d, "subject", false);
    tw_desk_period(d, "performedPeriod", day, 540, 45);
    tw_jw_key(w, "performer");
    tw_jw_array(w);
    tw_jw_object(w);
    tw_desk_provider(d, "actor", c);
    tw_jw_object_end(w);
    tw_jw_array_end(w);
    tw_desk_end(d, TW_TO_BUNDLE);
}

static void device(tw_desk *d, tw_chance *c)
{
    tw_arena *a = tw_desk_arena(d);
    tw_str serial = tw_strf(a, "SN-%06u-PM", tw_chance_below(c, 1000000));
    tw_str udi = tw_strf(a, "(01)00844588003288(21)" TW_FMT, TW_ARG(serial));
    tw_jw *w = tw_desk_begin(d, "Device", none, 1, d->p->first_day);
    tw_desk_plant(d, "device-serial", serial, "Device.serialNumber, Device.udiCarrier.carrierHRF");
    tw_jw_key(w, "udiCarrier");
    tw_jw_array(w);
    tw_jw_object(w);
    tw_jw_kv(w, "carrierHRF", udi);
    tw_jw_object_end(w);
    tw_jw_array_end(w);
    status(w, "active");
    tw_jw_kv(w, "serialNumber", serial);
    tw_desk_concept(w, "type", TW_SNOMED, "14106009", "Cardiac pacemaker, device", none);
    tw_desk_subject(d, "patient", false);
    tw_desk_end(d, TW_TO_BUNDLE);
}

static void image(tw_desk *d, tw_chance *c, int64_t day)
{
    tw_arena *a = tw_desk_arena(d);
    tw_str uid = tw_strf(a, "1.2.826.0.1.3680043.10.%u.%u.%u", 100 + d->h->index, d->p->index + 1,
                         1000000 + tw_chance_below(c, 9000000));
    tw_str oid = tw_strf(a, "urn:oid:" TW_FMT, TW_ARG(uid));
    tw_jw *w = tw_desk_begin(d, "ImagingStudy", none, 1, day);
    tw_desk_plant(d, "study-uid", uid, "ImagingStudy.identifier.value");
    tw_jw_key(w, "identifier");
    tw_jw_array(w);
    tw_jw_object(w);
    tw_jw_kv(w, "system", TW_STR("urn:dicom:uid"));
    tw_jw_kv(w, "value", oid);
    tw_jw_object_end(w);
    tw_jw_array_end(w);
    status(w, "available");
    tw_jw_key(w, "modality");
    tw_jw_array(w);
    tw_desk_coding(w, "http://dicom.nema.org/resources/ontology/DCM", "MR", NULL);
    tw_jw_array_end(w);
    tw_desk_subject(d, "subject", false);
    tw_desk_time(d, "started", day, 700);
    tw_jw_kv(w, "description", remark(d, c));
    tw_desk_end(d, TW_TO_BUNDLE);
}

static void gene(tw_desk *d, int64_t day)
{
    tw_jw *w = tw_desk_begin(d, "Observation", none, 1, day);
    status(w, "final");
    tw_desk_category(w, "http://terminology.hl7.org/CodeSystem/observation-category", "laboratory");
    tw_desk_concept(w, "code", TW_LOINC, "21636-6", "BRCA1 gene mutations found [Identifier] in Blood or Tissue", none);
    tw_desk_subject(d, "subject", false);
    tw_desk_time(d, "effectiveDateTime", day, 610);
    tw_desk_concept(w, "valueCodeableConcept", TW_LOINC, "LA9634-2", "Absent", none);
    tw_desk_end(d, TW_TO_BUNDLE);
}

/* ---------------------------------------------------------------- notes */

static tw_str note_text(tw_desk *d, tw_chance *c, int64_t day)
{
    tw_arena *a = tw_desk_arena(d);
    const tw_synth_person *p = d->p;
    tw_str date = tw_date_text(a, day);
    tw_str first = remark(d, c);
    tw_str second = remark(d, c);
    tw_str head =
        tw_strf(a, "PROGRESS NOTE\nPatient: " TW_FMT " " TW_FMT " " TW_FMT "   MRN: " TW_FMT "   DOB: " TW_FMT,
                TW_ARG(p->given), TW_ARG(p->middle), TW_ARG(p->family), TW_ARG(d->m->mrn), TW_ARG(p->birth_us));
    tw_str body = tw_strf(a, "Date: " TW_FMT "\nSeen by " TW_FMT " at " TW_FMT ".\n" TW_FMT, TW_ARG(date),
                          TW_ARG(d->h->provider[1].name), TW_ARG(d->h->name), TW_ARG(first));
    tw_str tail =
        tw_strf(a, "Next of kin " TW_FMT ", " TW_FMT ". SSN " TW_FMT ", tel " TW_FMT ", " TW_FMT, TW_ARG(p->kin),
                TW_ARG(p->kin_phone), TW_ARG(p->ssn), TW_ARG(p->phone_plain), TW_ARG(p->email));
    return tw_strf(a, TW_FMT "\n" TW_FMT "\n" TW_FMT "\n" TW_FMT "\n", TW_ARG(head), TW_ARG(body), TW_ARG(tail),
                   TW_ARG(second));
}

static void attachment(tw_desk *d, tw_chance *c, int64_t day)
{
    tw_arena *a = tw_desk_arena(d);
    tw_jw *w = &d->w;
    tw_jw_key(w, "attachment");
    tw_jw_object(w);
    tw_jw_kv(w, "contentType", TW_STR("text/plain; charset=utf-8"));
    tw_jw_kv(w, "data", tw_base64(a, tw_bytes_of(note_text(d, c, day))));
    tw_jw_kv(w, "url",
             tw_strf(a, "https://" TW_FMT "/docs/" TW_FMT "/%u", TW_ARG(d->h->host), TW_ARG(d->m->mrn), d->next_id));
    tw_jw_kv(w, "title", tw_strf(a, TW_FMT "_" TW_FMT ".txt", TW_ARG(d->m->family), TW_ARG(d->m->mrn)));
    tw_jw_object_end(w);
}

static void note(tw_desk *d, tw_chance *c, int64_t day)
{
    tw_jw *w = tw_desk_begin(d, "DocumentReference", none, 1, day);
    status(w, "current");
    tw_desk_concept(w, "type", TW_LOINC, "11506-3", "Progress note", none);
    tw_desk_subject(d, "subject", false);
    tw_desk_time(d, "date", day, 720);
    tw_jw_kv(w, "description", remark(d, c));
    tw_jw_key(w, "content");
    tw_jw_array(w);
    tw_jw_object(w);
    attachment(d, c, day);
    tw_jw_object_end(w);
    tw_jw_array_end(w);
    tw_desk_end(d, TW_TO_BUNDLE);
}

/* ---------------------------------------------------------------- visits of those without a series */

void tw_synth_write_weight(tw_desk *d, tw_chance *c, int64_t day, tw_str encounter, const char *state, unsigned flags,
                           tw_str other_mrn)
{
    tw_arena *a = tw_desk_arena(d);
    bool late = (flags & TW_TO_LATE) != 0;
    tw_jw *w = tw_desk_begin(d, "Observation", none, 1, day);
    if (state)
        status(w, state);
    tw_desk_category(w, "http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs");
    tw_desk_concept(w, "code", TW_LOINC, "29463-7", "Body weight", none);
    if (other_mrn.n) {
        tw_jw_key(w, "subject");
        tw_jw_object(w);
        tw_jw_kv(w, "reference",
                 tw_strf(a, "Patient?identifier=" TW_FMT "|" TW_FMT, TW_ARG(d->h->mrn_system), TW_ARG(other_mrn)));
        tw_jw_object_end(w);
    } else if (!(flags & TW_IS_DEAD)) {
        tw_desk_subject(d, "subject", late);
    }
    if (encounter.n)
        tw_desk_ref(d, "encounter", "Encounter", encounter, late);
    if (day)
        tw_desk_time(d, "effectiveDateTime", day, 560);
    tw_jw_key(w, "valueQuantity");
    tw_desk_quantity(w, tw_chance_tenths(a, c, 581, 499), "kg", "kg");
    tw_desk_end(d, flags);
}

static void lab(tw_desk *d, const char *loinc, const char *display, tw_str value, const char *unit, int64_t day,
                tw_str encounter)
{
    tw_jw *w = tw_desk_begin(d, "Observation", none, 1, day);
    status(w, "final");
    tw_desk_category(w, "http://terminology.hl7.org/CodeSystem/observation-category", "laboratory");
    tw_desk_concept(w, "code", TW_LOINC, loinc, display, none);
    tw_desk_subject(d, "subject", false);
    tw_desk_ref(d, "encounter", "Encounter", encounter, false);
    tw_desk_time(d, "effectiveDateTime", day, 570);
    tw_jw_key(w, "valueQuantity");
    tw_desk_quantity(w, value, unit, unit);
    tw_desk_end(d, TW_TO_BUNDLE);
}

static void plain_visit(tw_desk *d, tw_chance *c, int64_t day)
{
    tw_arena *a = tw_desk_arena(d);
    tw_jw *w = tw_desk_begin(d, "Encounter", none, 1, day);
    tw_str encounter = d->id;
    status(w, "finished");
    tw_jw_key(w, "class");
    tw_desk_coding(w, "http://terminology.hl7.org/CodeSystem/v3-ActCode", "AMB", NULL);
    tw_desk_subject(d, "subject", false);
    tw_desk_period(d, "period", day, 540, 30);
    tw_desk_end(d, TW_TO_BUNDLE);
    tw_synth_write_weight(d, c, day, encounter, "final", TW_TO_BUNDLE, none);
    lab(d, "2160-0", "Creatinine [Mass/volume] in Serum or Plasma", tw_strf(a, "0.%u", 60 + tw_chance_below(c, 40)),
        "mg/dL", day, encounter);
    if (tw_chance_one_in(c, 2))
        lab(d, "4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", tw_chance_tenths(a, c, 51, 29), "%", day,
            encounter);
}

static void report(tw_desk *d, tw_chance *c, int64_t day)
{
    tw_jw *w = tw_desk_begin(d, "DiagnosticReport", none, 1, day);
    status(w, "final");
    tw_desk_category(w, "http://terminology.hl7.org/CodeSystem/v2-0074", "LAB");
    tw_desk_concept(w, "code", TW_LOINC, "11502-2", "Laboratory report", none);
    tw_desk_subject(d, "subject", false);
    tw_desk_time(d, "effectiveDateTime", day, 580);
    tw_jw_kv(w, "conclusion", remark(d, c));
    tw_desk_end(d, TW_TO_BUNDLE);
}

void tw_synth_write_care(tw_desk *d)
{
    tw_chance c = tw_chance_of(d->y->opts.seed, d->p->index, d->h->index, TW_FOR_CARE);
    int64_t first = d->p->first_day;
    uint32_t length = (uint32_t)(d->p->last_day - first) + 1;
    conditions(d, &c);
    if (tw_chance_one_in(&c, 3))
        allergy(d, &c);
    for (uint32_t n = tw_chance_below(&c, 3); n > 0; n--)
        vaccine(d, &c, first + tw_chance_below(&c, length));
    if (d->p->series.n > 0)
        procedure(d, &c, "65575008", "Biopsy of prostate", first - 50);
    else if (tw_chance_one_in(&c, 3))
        procedure(d, &c, "73761001", "Colonoscopy", first + tw_chance_below(&c, length));
    if (d->p->series.n > 0 && tw_chance_one_in(&c, 4))
        procedure(d, &c, "108290001", "Radiation oncology AND/OR radiotherapy", first - 400);
    if (tw_chance_one_in(&c, 8))
        device(d, &c);
    if (tw_chance_one_in(&c, 4))
        image(d, &c, first + tw_chance_below(&c, length));
    if (tw_chance_one_in(&c, 9))
        gene(d, first + tw_chance_below(&c, length));
    note(d, &c, first + tw_chance_below(&c, length));
    report(d, &c, first + tw_chance_below(&c, length));
    if (d->p->series.n == 0)
        for (uint32_t n = 3 + tw_chance_below(&c, 5); n > 0; n--)
            plain_visit(d, &c, first + tw_chance_below(&c, length));
}
