/* Category of a resource: the unit of consent that its record belongs to.
 *
 *   demographics    Patient
 *   encounters      Encounter, EpisodeOfCare
 *   conditions      Condition, FamilyMemberHistory, AdverseEvent, DetectedIssue, ClinicalImpression, Goal,
 * RiskAssessment, QuestionnaireResponse, Flag; Observation of category survey or social-history allergies
 * AllergyIntolerance immunizations   Immunization, ImmunizationEvaluation, ImmunizationRecommendation medications
 * Medication, MedicationRequest, -Administration, -Statement, -Dispense radiotherapy    Procedure, ServiceRequest,
 * BodyStructure with a radiotherapy profile or code procedures      the others of them; CarePlan, NutritionOrder;
 * Observation of category procedure or therapy genomics        MolecularSequence; Observation and DiagnosticReport with
 * a genomic profile, code or category labs            Specimen; Observation of category laboratory or of none known;
 * DiagnosticReport unless below vitals          Observation of category vital-signs, exam or activity imaging
 * ImagingStudy, Media; Observation and DiagnosticReport of an imaging category notes           DocumentReference,
 * Composition; DiagnosticReport whose category is a note type of LOINC devices         Device, DeviceUseStatement,
 * DeviceRequest, SupplyDelivery, VisionPrescription administrative  Claim, ClaimResponse, ExplanationOfBenefit,
 * Coverage, Account, ChargeItem, Invoice, CareTeam, Provenance, Task, Appointment All other types are no patient
 * records here. */
#include "deid/deid_internal.h"

#define DEPENDS 0 /* on content */

static const struct {
    const char *type;
    uint8_t category;
} table[] = {
    { "Account", TW_CAT_ADMINISTRATIVE },
    { "AdverseEvent", TW_CAT_CONDITIONS },
    { "AllergyIntolerance", TW_CAT_ALLERGIES },
    { "Appointment", TW_CAT_ADMINISTRATIVE },
    { "BodyStructure", DEPENDS },
    { "CarePlan", TW_CAT_PROCEDURES },
    { "CareTeam", TW_CAT_ADMINISTRATIVE },
    { "ChargeItem", TW_CAT_ADMINISTRATIVE },
    { "Claim", TW_CAT_ADMINISTRATIVE },
    { "ClaimResponse", TW_CAT_ADMINISTRATIVE },
    { "ClinicalImpression", TW_CAT_CONDITIONS },
    { "Composition", TW_CAT_NOTES },
    { "Condition", TW_CAT_CONDITIONS },
    { "Coverage", TW_CAT_ADMINISTRATIVE },
    { "DetectedIssue", TW_CAT_CONDITIONS },
    { "Device", TW_CAT_DEVICES },
    { "DeviceRequest", TW_CAT_DEVICES },
    { "DeviceUseStatement", TW_CAT_DEVICES },
    { "DiagnosticReport", DEPENDS },
    { "DocumentReference", TW_CAT_NOTES },
    { "Encounter", TW_CAT_ENCOUNTERS },
    { "EpisodeOfCare", TW_CAT_ENCOUNTERS },
    { "ExplanationOfBenefit", TW_CAT_ADMINISTRATIVE },
    { "FamilyMemberHistory", TW_CAT_CONDITIONS },
    { "Flag", TW_CAT_CONDITIONS },
    { "Goal", TW_CAT_CONDITIONS },
    { "ImagingStudy", TW_CAT_IMAGING },
    { "Immunization", TW_CAT_IMMUNIZATIONS },
    { "ImmunizationEvaluation", TW_CAT_IMMUNIZATIONS },
    { "ImmunizationRecommendation", TW_CAT_IMMUNIZATIONS },
    { "Invoice", TW_CAT_ADMINISTRATIVE },
    { "Media", TW_CAT_IMAGING },
    { "Medication", TW_CAT_MEDICATIONS },
    { "MedicationAdministration", TW_CAT_MEDICATIONS },
    { "MedicationDispense", TW_CAT_MEDICATIONS },
    { "MedicationRequest", TW_CAT_MEDICATIONS },
    { "MedicationStatement", TW_CAT_MEDICATIONS },
    { "MolecularSequence", TW_CAT_GENOMICS },
    { "NutritionOrder", TW_CAT_PROCEDURES },
    { "Observation", DEPENDS },
    { "Patient", TW_CAT_DEMOGRAPHICS },
    { "Procedure", DEPENDS },
    { "Provenance", TW_CAT_ADMINISTRATIVE },
    { "QuestionnaireResponse", TW_CAT_CONDITIONS },
    { "RiskAssessment", TW_CAT_CONDITIONS },
    { "ServiceRequest", DEPENDS },
    { "Specimen", TW_CAT_LABS },
    { "SupplyDelivery", TW_CAT_DEVICES },
    { "Task", TW_CAT_ADMINISTRATIVE },
    { "VisionPrescription", TW_CAT_DEVICES },
};

/* Row of a type; -1 when it is no patient record. The table is sorted. */
static int row_of(tw_str type)
{
    size_t lo = 0, hi = TW_COUNT(table);
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = tw_str_cmp(tw_str_of(table[mid].type), type);
        if (c == 0)
            return (int)mid;
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return -1;
}

int category_of_type(tw_str type)
{
    int row = row_of(type);
    return row < 0 ? 0 : table[row].category;
}

/* ---------------------------------------------------------------- content */

static tw_str plain_text(const tw_json *d, uint32_t i)
{
    if (i >= d->n || d->tok[i].type != TW_JSON_STRING || d->tok[i].escaped)
        return (tw_str){ "", 0 };
    return (tw_str){ d->text.p + d->tok[i].off + 1, d->tok[i].len - 2 };
}

static bool profile_has(const tw_json *d, uint32_t resource, const char *part)
{
    uint32_t list = tw_json_get(d, tw_json_get(d, resource, "meta"), "profile");
    for (uint32_t i = tw_json_first(d, list); i != TW_JSON_NONE; i = tw_json_next(d, list, i))
        if (tw_str_find(plain_text(d, i), tw_str_of(part)) != SIZE_MAX)
            return true;
    return false;
}

/* `test` over the codings of a CodeableConcept. */
static bool concept_has(const tw_json *d, uint32_t concept, bool (*test)(tw_str code))
{
    uint32_t list = tw_json_get(d, concept, "coding");
    for (uint32_t i = tw_json_first(d, list); i != TW_JSON_NONE; i = tw_json_next(d, list, i))
        if (test(plain_text(d, tw_json_get(d, i, "code"))))
            return true;
    return false;
}

/* ... of member `name`, one concept or an array of them. */
static bool member_has(const tw_json *d, uint32_t resource, const char *name, bool (*test)(tw_str code))
{
    uint32_t at = tw_json_get(d, resource, name);
    if (at == TW_JSON_NONE || d->tok[at].type != TW_JSON_ARRAY)
        return concept_has(d, at, test);
    for (uint32_t i = tw_json_first(d, at); i != TW_JSON_NONE; i = tw_json_next(d, at, i))
        if (concept_has(d, i, test))
            return true;
    return false;
}

static bool one_of(tw_str code, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (tw_str_is(code, list[i]))
            return true;
    return false;
}

#define TEST_OF(name, ...)                                                                                             \
    static bool name(tw_str code)                                                                                      \
    {                                                                                                                  \
        static const char *const list[] = { __VA_ARGS__ };                                                             \
        return one_of(code, list, TW_COUNT(list));                                                                     \
    }

TEST_OF(is_lab, "laboratory", "LAB", "CH", "HM", "MB", "SR", "URN", "CP", "SP")
TEST_OF(is_vital, "vital-signs", "exam", "activity")
TEST_OF(is_imaging, "imaging", "RAD", "RUS", "CT", "NMR", "NMS", "CUS", "RX", "VUS", "MRI", "18748-4")
TEST_OF(is_survey, "survey", "social-history")
TEST_OF(is_procedure, "procedure", "therapy")
TEST_OF(is_genetic, "GE", "CG", "69548-6", "48018-6", "81247-9", "51969-4", "82810-3", "53034-5", "69547-8")
TEST_OF(is_note, "34117-2", "51847-2", "11488-4", "11506-3", "18842-5", "28570-0", "34133-9", "clinical-note")
/* SNOMED CT: radiation oncology, course, phase and plan of radiotherapy, teletherapy, brachytherapy; target volumes. */
TEST_OF(is_radiotherapy, "108290001", "1217123003", "1222565005", "1255724003", "1287742003", "33195004", "152198000",
        "228793007", "228791009", "228792002")

static tw_category observation(const tw_json *d, uint32_t r)
{
    if (profile_has(d, r, "genomic") || member_has(d, r, "code", is_genetic) ||
        member_has(d, r, "category", is_genetic))
        return TW_CAT_GENOMICS;
    if (member_has(d, r, "category", is_lab))
        return TW_CAT_LABS;
    if (member_has(d, r, "category", is_vital))
        return TW_CAT_VITALS;
    if (member_has(d, r, "category", is_imaging))
        return TW_CAT_IMAGING;
    if (member_has(d, r, "category", is_survey))
        return TW_CAT_CONDITIONS;
    return member_has(d, r, "category", is_procedure) ? TW_CAT_PROCEDURES : TW_CAT_LABS;
}

static tw_category report(const tw_json *d, uint32_t r)
{
    if (profile_has(d, r, "genomic") || member_has(d, r, "code", is_genetic) ||
        member_has(d, r, "category", is_genetic))
        return TW_CAT_GENOMICS;
    if (member_has(d, r, "category", is_imaging))
        return TW_CAT_IMAGING;
    return member_has(d, r, "category", is_note) ? TW_CAT_NOTES : TW_CAT_LABS;
}

static tw_category treatment(const tw_json *d, uint32_t r)
{
    bool rt = profile_has(d, r, "radiotherapy") || member_has(d, r, "code", is_radiotherapy) ||
              member_has(d, r, "category", is_radiotherapy) || member_has(d, r, "morphology", is_radiotherapy);
    return rt ? TW_CAT_RADIOTHERAPY : TW_CAT_PROCEDURES;
}

bool tw_category_of(tw_category *out, const tw_json *d, uint32_t resource)
{
    tw_str type = plain_text(d, tw_json_get(d, resource, "resourceType"));
    int row = row_of(type);
    if (row < 0)
        return false;
    if (table[row].category != DEPENDS)
        *out = (tw_category)table[row].category;
    else if (STR_IS(type, "Observation"))
        *out = observation(d, resource);
    else if (STR_IS(type, "DiagnosticReport"))
        *out = report(d, resource);
    else
        *out = treatment(d, resource);
    return true;
}
