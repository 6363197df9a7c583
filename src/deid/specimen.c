/* The specimen: an invented person whose records carry every kind of identifier that the gate knows, for
 * before-and-after pictures. Nothing here is of a real person: names are common nouns, numbers are from ranges kept
 * free for fiction or examples (555-01xx telephone numbers, example.org, 078-05-1120 as the best-known void social
 * security number). */
#include "deid/deid_internal.h"

static const char *const specimen[] = {
    "{\"resourceType\":\"Patient\",\"id\":\"4711\",\"meta\":{\"versionId\":\"3\",\"lastUpdated\":\"2025-06-01T08:00:"
    "00Z\","
    "\"source\":\"https://ehr.example.org/feed\"},"
    "\"text\":{\"status\":\"generated\",\"div\":\"<div>Arno Beispiel, born 17 March 1934</div>\"},"
    "\"extension\":[{\"url\":\"http://hl7.org/fhir/StructureDefinition/"
    "patient-mothersMaidenName\",\"valueString\":\"Muster\"},"
    "{\"url\":\"http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex\",\"valueCode\":\"M\"}],"
    "\"identifier\":[{\"system\":\"http://hospital.example.org/mrn\",\"value\":\"MRN-0004711\"},"
    "{\"system\":\"http://hl7.org/fhir/sid/us-ssn\",\"value\":\"078-05-1120\"}],"
    "\"name\":[{\"use\":\"official\",\"family\":\"Beispiel\",\"given\":[\"Arno\",\"Example\"],\"prefix\":[\"Mr.\"]}],"
    "\"telecom\":[{\"system\":\"phone\",\"value\":\"(212) "
    "555-0147\"},{\"system\":\"email\",\"value\":\"arno.beispiel@example.org\"}],"
    "\"gender\":\"male\",\"birthDate\":\"1934-03-17\","
    "\"address\":[{\"line\":[\"12 Sample "
    "Street\"],\"city\":\"Anytown\",\"state\":\"NY\",\"postalCode\":\"10115\",\"country\":\"US\"}],"
    "\"maritalStatus\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/"
    "v3-MaritalStatus\",\"code\":\"W\","
    "\"display\":\"Widowed\"}],\"text\":\"widower of Ottilie Beispiel\"},"
    "\"contact\":[{\"relationship\":[{\"text\":\"daughter\"}],\"name\":{\"family\":\"Beispiel\",\"given\":[\"Erika\"]}}"
    "],"
    "\"photo\":[{\"contentType\":\"image/png\",\"data\":\"iVBORw0KGgo=\"}],"
    "\"generalPractitioner\":[{\"reference\":\"Practitioner/77\",\"display\":\"Dr. Prototype\"}]}",

    "{\"resourceType\":\"Encounter\",\"id\":\"enc-9\",\"status\":\"finished\","
    "\"class\":{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ActCode\",\"code\":\"AMB\"},"
    "\"subject\":{\"reference\":\"Patient/4711\",\"display\":\"Arno Beispiel\"},"
    "\"participant\":[{\"individual\":{\"reference\":\"Practitioner/77\",\"display\":\"Dr. Prototype\"}}],"
    "\"period\":{\"start\":\"2025-05-06T09:30:00+02:00\",\"end\":\"2025-05-06T10:05:00+02:00\"},"
    "\"serviceProvider\":{\"display\":\"Anytown General Hospital\"}}",

    "{\"resourceType\":\"Condition\",\"id\":\"cond-3\",\"clinicalStatus\":{\"coding\":[{\"system\":"
    "\"http://terminology.hl7.org/CodeSystem/condition-clinical\",\"code\":\"active\"}]},"
    "\"code\":{\"coding\":[{\"system\":\"http://snomed.info/sct\",\"code\":\"399068003\",\"display\":\"Malignant tumor "
    "of prostate\"},"
    "{\"system\":\"http://hl7.org/fhir/sid/icd-10-cm\",\"code\":\"C61\"}],\"text\":\"prostate cancer, like the father "
    "of Mr. Beispiel\"},"
    "\"subject\":{\"reference\":\"Patient/4711\"},\"encounter\":{\"reference\":\"Encounter/enc-9\"},"
    "\"onsetAge\":{\"value\":91,\"unit\":\"years\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"a\"},"
    "\"recordedDate\":\"2025-05-06\",\"note\":[{\"text\":\"Lives with daughter Erika, call 555-0147\"}]}",

    "{\"resourceType\":\"Observation\",\"id\":\"obs-21\",\"status\":\"final\","
    "\"category\":[{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/"
    "observation-category\",\"code\":\"laboratory\"}]}],"
    "\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"2857-1\",\"display\":\"PSA "
    "[Mass/volume]\"}],\"text\":\"PSA\"},"
    "\"subject\":{\"reference\":\"Patient/4711\"},\"encounter\":{\"reference\":\"Encounter/enc-9\"},"
    "\"effectiveDateTime\":\"2025-05-06T09:41:07.250+02:00\",\"performer\":[{\"reference\":\"Practitioner/77\"}],"
    "\"valueQuantity\":{\"value\":4.30,\"unit\":\"ng/mL\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"ng/mL\"},"
    "\"specimen\":{\"reference\":\"Specimen/sp-5\"},"
    "\"note\":[{\"text\":\"repeat in three months, A. Beispiel informed\"}]}",

    "{\"resourceType\":\"DocumentReference\",\"id\":\"doc-1\",\"status\":\"current\","
    "\"type\":{\"coding\":[{\"system\":\"http://"
    "loinc.org\",\"code\":\"34117-2\"}]},\"subject\":{\"reference\":\"Patient/4711\"},"
    "\"date\":\"2025-05-06T10:00:00Z\",\"description\":\"letter to Dr. Prototype about Mr. Beispiel\","
    "\"content\":[{\"attachment\":{\"contentType\":\"text/plain\",\"data\":\"QXJubyBCZWlzcGllbA==\",\"title\":\"Arno "
    "Beispiel\"}}]}",
};

const char *tw_deid_specimen(size_t i)
{
    return i < TW_COUNT(specimen) ? specimen[i] : NULL;
}

tw_status tw_deid_specimen_gate(tw_ctx *cx, tw_deid **out, tw_account *account, size_t i, const tw_profile *profile)
{
    static const uint8_t key[33] = "specimen key, known to everybody";
    tw_json *d = tw_new(cx->arena, tw_json);
    *out = NULL;
    if (i >= TW_COUNT(specimen))
        return tw_fail(cx, TW_ENOTFOUND, "the specimen has %zu resources", TW_COUNT(specimen));
    TW_TRY(tw_json_parse(cx, d, tw_str_of(specimen[i]), NULL));
    tw_phi_parts parts = { .doc = d, .patient = TW_STR("4711"), .type = tw_json_member_text(cx, d, 0, "resourceType") };
    tw_gate_opts opts = { .profile = profile, .id_key = key, .shift_weeks = -3 };
    opts.reference_day = tw_days_from_civil(2026, 1, 1);
    for (size_t k = 0; k < TW_HANDLE; k++)
        opts.handle[k] = 0x11;
    return tw_deid_gate(cx, out, NULL, account, tw_phi_make(cx, &parts), &opts);
}
