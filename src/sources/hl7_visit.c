/* A patient and what is known of him and of a visit: PID, PV1, DG1, AL1, NK1, GT1, IN1. Identity: what the sender calls
 * a record; see the functions *_id. */
#include "sources/hl7_map.h"

/* ---------------------------------------------------------------- Patient */

/* How well a number of PID-3 serves as the local one; 0 not at all. */
static unsigned rank_of(tw_hl7_x *x, tw_str rep)
{
    tw_str type = tw_hl7_plain(x, rep, 5);
    if (tw_hl7_plain(x, rep, 1).n == 0)
        return 0;
    if (x->file->mrn_system.n > 0) {
        tw_str hd = tw_hl7_part(rep, x->m.delims.component, 4);
        if (tw_str_eq(tw_hl7_authority(x, hd, x->m.delims.sub), x->file->mrn_system))
            return 4;
    }
    if (tw_str_is(type, "MR"))
        return 3;
    if (type.n == 0)
        return 2;
    return tw_str_is(type, "PI") || tw_str_is(type, "PT");
}

static void patient_id(tw_hl7_x *x)
{
    tw_str rest = tw_hl7_get(x, HL7_PID, 3), rep;
    unsigned best = 0;
    x->number = (tw_str){ NULL, 0 };
    *x->patient = '\0';
    while (tw_hl7_next(&rep, &rest, x->m.delims.repetition)) {
        unsigned rank = rank_of(x, rep);
        if (rank > best)
            x->number = rep;
        best = rank > best ? rank : best;
    }
    if (best == 0)
        return;
    const tw_str part[] = { tw_hl7_authority(x, tw_hl7_part(x->number, x->m.delims.component, 4), x->m.delims.sub),
                            tw_hl7_plain(x, x->number, 1) };
    tw_local_id(x->patient, "hl7v2 Patient", part, TW_COUNT(part));
}

/* A visit is called by its number; without one by patient and time of admission. */
static void encounter_id(tw_hl7_x *x)
{
    *x->encounter = '\0';
    tw_str visit = tw_hl7_first(x, HL7_PV1, 19);
    tw_str number = tw_hl7_plain(x, visit, 1);
    tw_str begin = tw_hl7_of(x, HL7_PV1, 44, 1);
    if (number.n > 0) {
        const tw_str part[] = { number, tw_hl7_part(visit, x->m.delims.component, 4) };
        tw_local_id(x->encounter, "hl7v2 Encounter", part, TW_COUNT(part));
    } else if (begin.n > 0 && *x->patient) {
        const tw_str part[] = { tw_str_of(x->patient), begin, TW_STR("PV1-44") };
        tw_local_id(x->encounter, "hl7v2 Encounter", part, TW_COUNT(part));
    }
}

void tw_hl7_on_pid(tw_hl7_x *x, uint32_t at)
{
    static const tw_hl7_slot fresh[] = { HL7_PV1, HL7_PV2, HL7_ORC, HL7_OBR, HL7_OBX, HL7_TXA, HL7_SPM };
    tw_hl7_use(x, HL7_PID, at);
    for (size_t i = 0; i < TW_COUNT(fresh); i++)
        x->slot_no[fresh[i]] = 0;
    x->slot_no[HL7_PD1] = tw_hl7_ahead(x, at, HL7_PD1);
    x->slot_no[HL7_MRG] = tw_hl7_ahead(x, at, HL7_MRG);
    x->slot_no[HL7_PV1] = tw_hl7_ahead(x, at, HL7_PV1);
    if (x->merges && tw_hl7_get(x, HL7_MRG, 1).n == 0) {
        tw_hl7_bad(x, HL7_PID, 0, "a merge without a number to be merged (MRG-1)");
        return;
    }
    patient_id(x);
    encounter_id(x);
    tw_hl7_open_resource(x, "Patient", x->patient);
    tw_hl7_write_rows(x, &tw_hl7_patient);
    tw_hl7_close_resource(x);
}

/* ---------------------------------------------------------------- Encounter and what hangs on it */

static void condition_id(tw_hl7_x *x, char id[TW_LOCAL_ID])
{
    tw_str given = tw_hl7_first(x, HL7_DG1, 20), code[2];
    tw_hl7_code_parts(x, code, HL7_DG1, 3);
    tw_str when = tw_hl7_of(x, HL7_DG1, 5, 1);
    if (given.n > 0) {
        const tw_str part[] = { given };
        tw_local_id(id, "hl7v2 Condition", part, 1);
        return;
    }
    if (code[0].n == 0)
        code[0] = tw_hl7_undone(x, tw_hl7_get(x, HL7_DG1, 4));
    const tw_str part[] = { tw_str_of(x->patient), code[0], code[1], when.n > 0 ? when : tw_str_of(x->encounter) };
    tw_local_id(id, "hl7v2 Condition", part, TW_COUNT(part));
}

static const char *encounter_status(tw_hl7_x *x)
{
    if (tw_hl7_listed("A11 A27 A38", x->event))
        return "cancelled";
    if (tw_str_is(x->event, "A23"))
        return "entered-in-error";
    if (tw_hl7_listed("A05 A14", x->event))
        return "planned";
    if (!x->reopens && (tw_str_is(x->event, "A03") || tw_hl7_get(x, HL7_PV1, 45).n > 0))
        return "finished";
    if (tw_str_is(x->event, "A21"))
        return "onleave";
    return tw_str_is(tw_hl7_of(x, HL7_PV1, 2, 1), "P") ? "planned" : "in-progress";
}

/* Encounter.diagnosis: the DG1 that follow. */
static void write_diagnoses(tw_hl7_x *x, uint32_t at)
{
    bool any = false;
    for (uint32_t i = tw_hl7_ahead(x, at, HL7_DG1); i; i = tw_hl7_ahead(x, i - 1, HL7_DG1)) {
        char id[TW_LOCAL_ID];
        x->slot_no[HL7_DG1] = i;
        condition_id(x, id);
        tw_hl7_cstr(x, any ? ",{\"condition\":{\"reference\":\"Condition/"
                           : ",\"diagnosis\":[{\"condition\":{\"reference\":\"Condition/");
        tw_hl7_raw(x, id, TW_LOCAL_ID - 1);
        HL7_PUT(x, "\"}");
        tw_str use_code = tw_hl7_first(x, HL7_DG1, 6);
        size_t mark = x->out->n;
        HL7_PUT(x, ",\"use\":");
        if (use_code.n == 0 || !tw_hl7_write_concept(x, use_code, HL7_W_DIAGNOSIS_USE))
            x->out->n = mark;
        mark = x->out->n;
        HL7_PUT(x, ",\"rank\":");
        tw_str rank = tw_hl7_of(x, HL7_DG1, 15, 1);
        if (rank.n == 0 || rank.p[0] < '1' || rank.p[0] > '9' || !tw_hl7_write_number(x, rank))
            x->out->n = mark;
        HL7_PUT(x, "}");
        any = true;
    }
    x->slot_no[HL7_DG1] = 0;
    if (any)
        HL7_PUT(x, "]");
}

/* Results and documents carry a visit only to name it: they must not replace what ADT says of it. */
void tw_hl7_on_pv1(tw_hl7_x *x, uint32_t at)
{
    tw_hl7_use(x, HL7_PV1, at);
    x->slot_no[HL7_PV2] = tw_hl7_ahead(x, at, HL7_PV2);
    encounter_id(x);
    if (x->kind != HL7_ADT || !*x->encounter)
        return;
    tw_hl7_open_resource(x, "Encounter", x->encounter);
    tw_hl7_status(x, encounter_status(x));
    tw_hl7_refer(x, HL7_REFERENCE("subject", "Patient"), x->patient);
    tw_hl7_write_rows(x, &tw_hl7_encounter);
    write_diagnoses(x, at);
    tw_hl7_close_resource(x);
}

void tw_hl7_on_dg1(tw_hl7_x *x, uint32_t at)
{
    char id[TW_LOCAL_ID];
    tw_hl7_use(x, HL7_DG1, at);
    condition_id(x, id);
    tw_hl7_open_resource(x, "Condition", id);
    tw_hl7_refer(x, HL7_REFERENCE("subject", "Patient"), x->patient);
    tw_hl7_refer(x, HL7_REFERENCE("encounter", "Encounter"), x->encounter);
    tw_hl7_write_rows(x, &tw_hl7_condition);
    if (tw_hl7_get(x, HL7_DG1, 3).n == 0 && tw_hl7_get(x, HL7_DG1, 4).n > 0) {
        HL7_PUT(x, ",\"code\":{\"text\":");
        tw_hl7_string(x, tw_hl7_undone(x, tw_hl7_get(x, HL7_DG1, 4)));
        HL7_PUT(x, "}");
    }
    tw_hl7_close_resource(x);
}

void tw_hl7_on_al1(tw_hl7_x *x, uint32_t at)
{
    char id[TW_LOCAL_ID];
    tw_str code[2];
    tw_hl7_use(x, HL7_AL1, at);
    tw_hl7_code_parts(x, code, HL7_AL1, 3);
    const tw_str part[] = { tw_str_of(x->patient), code[0], code[1] };
    tw_local_id(id, "hl7v2 AllergyIntolerance", part, TW_COUNT(part));
    tw_hl7_open_resource(x, "AllergyIntolerance", id);
    tw_hl7_refer(x, HL7_REFERENCE("patient", "Patient"), x->patient);
    tw_hl7_write_rows(x, &tw_hl7_allergy);
    tw_hl7_close_resource(x);
}

static void related(tw_hl7_x *x, tw_hl7_slot slot, uint32_t name, uint32_t relation, const tw_hl7_rows *rows)
{
    char id[TW_LOCAL_ID];
    tw_str rep = tw_hl7_first(x, slot, name);
    const tw_str part[] = { tw_str_of(x->patient), tw_hl7_plain(x, rep, 1), tw_hl7_plain(x, rep, 2),
                            tw_hl7_of(x, slot, relation, 1), slot == HL7_GT1 ? TW_STR("GT1") : TW_STR("NK1") };
    tw_local_id(id, "hl7v2 RelatedPerson", part, TW_COUNT(part));
    tw_hl7_open_resource(x, "RelatedPerson", id);
    tw_hl7_refer(x, HL7_REFERENCE("patient", "Patient"), x->patient);
    tw_hl7_write_rows(x, rows);
    tw_hl7_close_resource(x);
}

void tw_hl7_on_nk1(tw_hl7_x *x, uint32_t at)
{
    tw_hl7_use(x, HL7_NK1, at);
    related(x, HL7_NK1, 2, 3, &tw_hl7_kin);
}

void tw_hl7_on_gt1(tw_hl7_x *x, uint32_t at)
{
    tw_hl7_use(x, HL7_GT1, at);
    related(x, HL7_GT1, 3, 11, &tw_hl7_guarantor);
}

void tw_hl7_on_in1(tw_hl7_x *x, uint32_t at)
{
    char id[TW_LOCAL_ID];
    tw_hl7_use(x, HL7_IN1, at);
    const tw_str part[] = { tw_str_of(x->patient), tw_hl7_of(x, HL7_IN1, 2, 1), tw_hl7_of(x, HL7_IN1, 3, 1),
                            tw_hl7_of(x, HL7_IN1, 36, 1) };
    tw_local_id(id, "hl7v2 Coverage", part, TW_COUNT(part));
    tw_hl7_open_resource(x, "Coverage", id);
    tw_hl7_refer(x, HL7_REFERENCE("beneficiary", "Patient"), x->patient);
    tw_hl7_write_rows(x, &tw_hl7_coverage);
    if (tw_hl7_get(x, HL7_IN1, 4).n == 0)
        HL7_PUT(x, ",\"payor\":[{\"display\":\"not named\"}]");
    tw_hl7_close_resource(x);
}
