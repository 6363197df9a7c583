/* HL7 v2 messages: what each segment becomes, identities, merges, corrections, dead letters. */
#include "test_hl7.h"

/* value[x] of a result. */
static const char *value(const char *type, const char *raw, const char *unit)
{
    decoded(tw_strf(cx->arena, MSH("ORU^R01") PID "OBR|1||F1|58410-2^CBC^LN\rOBX|1|%s|1-8^x^LN||%s|%s|||||F", type, raw,
                    unit)
                .p);
    const char *m = members("Observation", 0);
    const char *lead =
        "\"status\":\"final\"," WHO ",\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"1-8\","
        "\"display\":\"x\"}]}";
    assert_memory_equal(lead, m, strlen(lead));
    return m + strlen(lead);
}

/* A segment with some of its fields: pairs of number and text, ascending, then 0. */
static const char *seg(const char *name, ...)
{
    tw_buf b;
    va_list list;
    tw_buf_init(&b, TW_MIB);
    tw_buf_cstr(&b, name);
    va_start(list, name);
    int at = 0;
    for (int n = va_arg(list, int); n > 0; n = va_arg(list, int)) {
        for (; at < n; at++)
            tw_buf_cstr(&b, "|");
        tw_buf_cstr(&b, va_arg(list, const char *));
    }
    va_end(list);
    tw_buf_cstr(&b, "\r");
    const char *text = tw_cstr(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return text;
}

/* ---------------------------------------------------------------- the map */

#define V2(n) "\"system\":\"http://terminology.hl7.org/CodeSystem/v2-" n "\""
#define V3(n) "\"system\":\"http://terminology.hl7.org/CodeSystem/v3-" n "\""
#define TYPED(t) "\"type\":{\"coding\":[{" V2("0203") ",\"code\":\"" t "\"}]}"
#define AT(name) "\"system\":\"urn:twinward:authority:" name "\""
#define WHOM(number, name)                                                                                             \
    "{\"type\":\"Practitioner\",\"identifier\":{\"value\":\"" number "\"},\"display\":\"" name "\"}"
#define ROLE(code) "{\"type\":[{\"coding\":[{" V3("ParticipationType") ",\"code\":\"" code "\"}]}],\"individual\":"
#define CODED(system, code) "{\"coding\":[{\"system\":\"" system "\",\"code\":\"" code "\"}]}"

typedef struct {
    const char *segment;
    int field;
    const char *raw;
    const char *type; /* of the resource */
    const char *member;
} map_case;

static const map_case cases[] = {
    { "PID", 2, "5^^^X", "Patient", "{" AT("X") ",\"value\":\"5\"}" },
    { "PID", 3, "77^^^H&1.2.3&ISO^MR", "Patient",
      "\"identifier\":[{" TYPED("MR") ",\"system\":\"urn:oid:1.2.3\",\"value\":\"77\"}]" },
    { "PID", 3, "77^^^H~8^^^S^SS", "Patient", "{" TYPED("SS") "," AT("S") ",\"value\":\"8\"}" },
    { "PID", 3, "77^^^A B^MR^^20200101^2030", "Patient",
      AT("A%20B") ",\"value\":\"77\",\"period\":{\"start\":\"2020-01-01\",\"end\":\"2030\"}" },
    { "PID", 4, "6", "Patient", "{\"value\":\"6\"}" },
    { "PID", 5, "Roe^Jane^Q^Jr^Dr^MD^L", "Patient",
      "{\"family\":\"Roe\",\"given\":[\"Jane\",\"Q\"],\"prefix\":[\"Dr\"],\"suffix\":[\"Jr\",\"MD\"],\"use\":"
      "\"official\"}" },
    { "PID", 7, "198001021030", "Patient", "\"birthDate\":\"1980-01-02\"" },
    { "PID", 7, "1980", "Patient", "\"birthDate\":\"1980\"" },
    { "PID", 8, "F", "Patient", "\"gender\":\"female\"" },
    { "PID", 9, "Poe^Jane^^^^^M", "Patient", "{\"family\":\"Poe\",\"given\":[\"Jane\"],\"use\":\"maiden\"}" },
    { "PID", 10, "2106-3^White^CDCREC", "Patient",
      "us-core-race\",\"extension\":[{\"url\":\"ombCategory\",\"valueCoding\":{"
      "\"system\":\"urn:oid:2.16.840.1.113883.6.238\",\"code\":\"2106-3\",\"display\":\"White\"}}]}" },
    { "PID", 11, "1 St&1&St^Apt 2^Town^ST^123^US^H^^County", "Patient",
      "\"address\":[{\"line\":[\"1 St\",\"Apt 2\"],"
      "\"city\":\"Town\",\"district\":\"County\",\"state\":\"ST\",\"postalCode\":\"123\",\"country\":\"US\",\"use\":"
      "\"home\"}]" },
    { "PID", 13, "555~^NET^Internet^a@b.c", "Patient",
      "\"telecom\":[{\"system\":\"phone\",\"value\":\"555\",\"use\":\"home\"},{\"system\":\"email\",\"value\":\"a@b."
      "c\"}]" },
    { "PID", 13, "^PRN^CP^^1^20^333", "Patient", "{\"system\":\"phone\",\"value\":\"+1 20 333\",\"use\":\"mobile\"}" },
    { "PID", 14, "556^WPN^FX", "Patient", "{\"system\":\"fax\",\"value\":\"556\",\"use\":\"work\"}" },
    { "PID", 15, "de^^ISO639", "Patient", "\"communication\":[{\"language\":" CODED("urn:ietf:bcp:47", "de") "}]" },
    { "PID", 16, "G", "Patient", "\"maritalStatus\":{\"coding\":[{" V3("MaritalStatus") ",\"code\":\"T\"}]}" },
    { "PID", 19, "123", "Patient",
      "{" TYPED("SS") ",\"system\":\"http://hl7.org/fhir/sid/us-ssn\",\"value\":\"123\"}" },
    { "PID", 20, "D7^ST", "Patient", "{" TYPED("DL") "," AT("ST") ",\"value\":\"D7\"}" },
    { "PID", 22, "2186-5", "Patient", "us-core-ethnicity\",\"extension\":[{\"url\":\"ombCategory\"" },
    { "PID", 24, "Y", "Patient", "\"multipleBirthBoolean\":true" },
    { "PID", 25, "2", "Patient", "\"multipleBirthInteger\":2" },
    { "PID", 29, "20240101120000-0500", "Patient", "\"deceasedDateTime\":\"2024-01-01T12:00:00-05:00\"" },
    { "PID", 30, "N", "Patient", "\"deceasedBoolean\":false" },
    { "PID", 40, "557^PRS^CP", "Patient", "{\"system\":\"phone\",\"value\":\"557\",\"use\":\"mobile\"}" },
    { "PD1", 3, "Clinic^^1", "Patient", "\"generalPractitioner\":[{\"display\":\"Clinic\"}]" },
    { "PD1", 4, "9^Who^Doc", "Patient", "\"generalPractitioner\":[" WHOM("9", "Doc Who") "]" },
    { "NK1", 2, "Doe^John", "RelatedPerson", "\"name\":[{\"family\":\"Doe\",\"given\":[\"John\"]}]" },
    { "NK1", 3, "SPO^Spouse^HL70063", "RelatedPerson", V3("RoleCode") ",\"code\":\"SPS\",\"display\":\"Spouse\"" },
    { "NK1", 4, "1 St^^Town", "RelatedPerson", "\"address\":[{\"line\":[\"1 St\"],\"city\":\"Town\"}]" },
    { "NK1", 5, "558", "RelatedPerson", "\"telecom\":[{\"system\":\"phone\",\"value\":\"558\"}]" },
    { "NK1", 6, "559", "RelatedPerson", "{\"system\":\"phone\",\"value\":\"559\",\"use\":\"work\"}" },
    { "NK1", 7, "C", "RelatedPerson", V2("0131") ",\"code\":\"C\"" },
    { "NK1", 8, "20200101", "RelatedPerson", "\"period\":{\"start\":\"2020-01-01\"}" },
    { "NK1", 9, "2021", "RelatedPerson", "\"period\":{\"end\":\"2021\"}" },
    { "NK1", 15, "M", "RelatedPerson", "\"gender\":\"male\"" },
    { "NK1", 16, "19790101", "RelatedPerson", "\"birthDate\":\"1979-01-01\"" },
    { "NK1", 33, "N1^^^H", "RelatedPerson", "\"identifier\":[{" AT("H") ",\"value\":\"N1\"}]" },
    { "GT1", 2, "G7", "RelatedPerson", "\"identifier\":[{\"value\":\"G7\"}]" },
    { "GT1", 3, "Doe^Max", "RelatedPerson", "\"name\":[{\"family\":\"Doe\",\"given\":[\"Max\"]}]" },
    { "GT1", 11, "PAR", "RelatedPerson", V3("RoleCode") ",\"code\":\"PRN\"" },
    { "PV1", 2, "I", "Encounter", "\"class\":{" V3("ActCode") ",\"code\":\"IMP\"}" },
    { "PV1", 2, "R", "Encounter", "\"class\":{" V2("0004") ",\"code\":\"R\"}" },
    { "PV1", 2, "P", "Encounter", "\"status\":\"planned\"" },
    { "PV1", 3, "W1^101^A^H", "Encounter",
      "\"location\":[{\"location\":{\"display\":\"W1, 101, A, H\"},\"status\":\"active\"}]" },
    { "PV1", 4, "E", "Encounter", "\"type\":[{\"coding\":[{" V2("0007") ",\"code\":\"E\"}]}]" },
    { "PV1", 6, "W0", "Encounter", "{\"location\":{\"display\":\"W0\"},\"status\":\"completed\"}" },
    { "PV1", 7, "9^Att^A", "Encounter", "\"participant\":[" ROLE("ATND") WHOM("9", "A Att") "}]" },
    { "PV1", 8, "8^Ref^R", "Encounter", ROLE("REF") WHOM("8", "R Ref") "}" },
    { "PV1", 9, "7^Con^C", "Encounter", ROLE("CON") WHOM("7", "C Con") "}" },
    { "PV1", 17, "6^Adm^B", "Encounter", ROLE("ADM") WHOM("6", "B Adm") "}" },
    { "PV1", 10, "CAR", "Encounter", "\"serviceType\":{\"coding\":[{" V2("0069") ",\"code\":\"CAR\"}]}" },
    { "PV1", 14, "7", "Encounter",
      "\"hospitalization\":{\"admitSource\":{\"coding\":[{" V2("0023") ",\"code\":\"7\"}]}}" },
    { "PV1", 36, "01", "Encounter", "\"dischargeDisposition\":{\"coding\":[{" V2("0112") ",\"code\":\"01\"}]}" },
    { "PV1", 19, "V5^^^H", "Encounter", "\"identifier\":[{" TYPED("VN") "," AT("H") ",\"value\":\"V5\"}]" },
    { "PV1", 44, "202401011200", "Encounter", "\"period\":{\"start\":\"2024-01-01T12:00:00Z\"}" },
    { "PV1", 45, "202401051300+0100", "Encounter", "\"period\":{\"end\":\"2024-01-05T13:00:00+01:00\"}" },
    { "PV1", 45, "20240105", "Encounter", "\"status\":\"finished\"" },
    { "PV2", 3, "C61^Ca^I10C", "Encounter",
      "\"reasonCode\":[{\"coding\":[{\"system\":\"http://hl7.org/fhir/sid/icd-10-cm\",\"code\":\"C61\"" },
    { "PV2", 11, "5", "Encounter",
      "\"length\":{\"value\":5,\"unit\":\"d\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"d\"}" },
    { "PV2", 25, "2", "Encounter", "\"priority\":{\"coding\":[{" V2("0217") ",\"code\":\"2\"}]}" },
    { "DG1", 3, "C61^Ca^I10C", "Condition",
      "\"code\":{\"coding\":[{\"system\":\"http://hl7.org/fhir/sid/"
      "icd-10-cm\",\"code\":\"C61\",\"display\":\"Ca\"}]}" },
    { "DG1", 4, "only words", "Condition", "\"code\":{\"text\":\"only words\"}" },
    { "DG1", 5, "20231201", "Condition", "\"onsetDateTime\":\"2023-12-01\"" },
    { "DG1", 6, "F", "Encounter", "\"use\":" CODED("http://terminology.hl7.org/CodeSystem/diagnosis-role", "DD") },
    { "DG1", 15, "2", "Encounter", "\"diagnosis\":[{\"condition\":{\"reference\":\"Condition/ID\"},\"rank\":2}]" },
    { "DG1", 16, "9^Att^A", "Condition", "\"asserter\":" WHOM("9", "A Att") },
    { "DG1", 19, "20231202", "Condition", "\"recordedDate\":\"2023-12-02\"" },
    { "DG1", 20, "DX1^H", "Condition", "\"identifier\":[{" AT("H") ",\"value\":\"DX1\"}]" },
    { "DG1", 21, "D", "Condition",
      "\"verificationStatus\":" CODED("http://terminology.hl7.org/CodeSystem/condition-ver-status",
                                      "entered-in-error") },
    { "AL1", 2, "FA", "AllergyIntolerance", "\"type\":\"allergy\",\"category\":[\"food\"]" },
    { "AL1", 3, "70618^Penicillin^RXNORM", "AllergyIntolerance", "\"code\":\"70618\",\"display\":\"Penicillin\"" },
    { "AL1", 4, "SV", "AllergyIntolerance", "\"criticality\":\"high\"" },
    { "AL1", 5, "hives~rash", "AllergyIntolerance",
      "\"reaction\":[{\"manifestation\":[{\"text\":\"hives\"}]},{\"manifestation\":[{\"text\":\"rash\"}]}]" },
    { "AL1", 6, "2010", "AllergyIntolerance", "\"onsetDateTime\":\"2010\"" },
    { "IN1", 2, "P1", "Coverage", "\"identifier\":[{\"value\":\"P1\"}]" },
    { "IN1", 4, "Ins \\T\\ Co", "Coverage", "\"payor\":[{\"display\":\"Ins & Co\"}]" },
    { "IN1", 12, "20240101", "Coverage", "\"period\":{\"start\":\"2024-01-01\"}" },
    { "IN1", 13, "20241231", "Coverage", "\"period\":{\"end\":\"2024-12-31\"}" },
    { "IN1", 17, "SEL", "Coverage", "\"relationship\":{\"coding\":[{" V3("RoleCode") ",\"code\":\"ONESELF\"}]}" },
    { "IN1", 49, "ID9", "Coverage", "\"subscriberId\":\"ID9\"" },
    { "ORC", 2, "P1^A", "ServiceRequest", "\"identifier\":[{" TYPED("PLAC") "," AT("A") ",\"value\":\"P1\"}" },
    { "ORC", 3, "F9", "DiagnosticReport", "\"identifier\":[{" TYPED("FILL") ",\"value\":\"F9\"}]" },
    { "ORC", 5, "CM", "ServiceRequest", "\"status\":\"completed\"" },
    { "ORC", 12, "9^Ord^D", "ServiceRequest", "\"requester\":" WHOM("9", "D Ord") },
    { "OBR", 2, "P1", "ServiceRequest", "{" TYPED("PLAC") ",\"value\":\"P1\"}" },
    { "OBR", 3, "F2", "ServiceRequest", "{" TYPED("FILL") ",\"value\":\"F2\"}" },
    { "OBR", 4, "58410-2^CBC^LN", "DiagnosticReport", "\"code\":\"58410-2\",\"display\":\"CBC\"" },
    { "OBR", 5, "S", "ServiceRequest", "\"priority\":\"stat\"" },
    { "OBR", 6, "2024", "ServiceRequest", "\"occurrenceDateTime\":\"2024\"" },
    { "OBR", 7, "202401020900", "DiagnosticReport", "\"effectiveDateTime\":\"2024-01-02T09:00:00Z\"" },
    { "OBR", 7, "202401020900", "Observation", "\"effectiveDateTime\":\"2024-01-02T09:00:00Z\"" },
    { "OBR", 8, "20240103", "Observation", "\"effectivePeriod\":{\"end\":\"2024-01-03\"}" },
    { "OBR", 11, "G", "ServiceRequest", "\"intent\":\"reflex-order\"" },
    { "OBR", 15, "BLD", "Specimen", "\"type\":{\"coding\":[{" V2("0487") ",\"code\":\"BLD\"}]}" },
    { "OBR", 16, "9^Ord^D", "ServiceRequest", "\"requester\":" WHOM("9", "D Ord") },
    { "OBR", 22, "20240102110000", "DiagnosticReport", "\"issued\":\"2024-01-02T11:00:00Z\"" },
    { "OBR", 24, "LAB", "DiagnosticReport", "\"category\":[{\"coding\":[{" V2("0074") ",\"code\":\"LAB\"}]}]" },
    { "OBR", 25, "C", "DiagnosticReport", "\"status\":\"corrected\"" },
    { "OBR", 31, "R51^Headache^I10C", "ServiceRequest",
      "\"reasonCode\":[{\"coding\":[{\"system\":\"http://hl7.org/fhir/sid/icd-10-cm\"" },
    { "OBR", 32, "9&Int&I^20240101", "DiagnosticReport", "\"resultsInterpreter\":[" WHOM("9", "I Int") "]" },
    { "SPM", 12, "5^mL", "Specimen",
      "\"collection\":{\"quantity\":{\"value\":5,\"unit\":\"mL\",\"system\":\"http://"
      "unitsofmeasure.org\",\"code\":\"mL\"}}" },
    { "DG1", 6, "W^Working^HL70052", "Encounter", "\"use\":{\"coding\":[{" V2("0052") ",\"code\":\"W\"" },
    { "SPM", 4, "BLD", "Specimen", "\"type\":{\"coding\":[{" V2("0487") ",\"code\":\"BLD\"}]}" },
    { "SPM", 17, "20240102", "Specimen", "\"collection\":{\"collectedDateTime\":\"2024-01-02\"}" },
    { "OBX", 3, "718-7^Hgb^LN^H^Hb^L", "Observation",
      "\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"718-7\","
      "\"display\":\"Hgb\"},{\"code\":\"H\",\"display\":\"Hb\"}]}" },
    { "OBX", 7, "12.0-16", "Observation",
      "\"referenceRange\":[{\"low\":{\"value\":12.0},\"high\":{\"value\":16},\"text\":\"12.0-16\"}]" },
    { "OBX", 7, "<5", "Observation", "\"referenceRange\":[{\"high\":{\"value\":5},\"text\":\"<5\"}]" },
    { "OBX", 7, "neg-ative", "Observation", "\"referenceRange\":[{\"text\":\"neg-ative\"}]" },
    { "OBX", 8, "H~A^Abn^HL70078", "Observation",
      "\"interpretation\":[{\"coding\":[{" V3("ObservationInterpretation") ",\"code\":\"H\"}]},{\"coding\":[{" V3(
          "ObservationInterpretation") ",\"code\":\"A\",\"display\":\"Abn\"}]}]" },
    { "OBX", 11, "C", "Observation", "\"status\":\"corrected\"" },
    { "OBX", 11, "D", "Observation", "\"status\":\"entered-in-error\"" },
    { "OBX", 11, "W", "Observation", "\"status\":\"entered-in-error\"" },
    { "OBX", 11, "P", "Observation", "\"status\":\"preliminary\"" },
    { "OBX", 11, "X", "Observation", "\"status\":\"cancelled\"" },
    { "OBX", 11, "N", "Observation",
      "\"dataAbsentReason\":" CODED("http://terminology.hl7.org/CodeSystem/data-absent-reason", "not-asked") },
    { "OBX", 14, "20240102093000", "Observation", "\"effectiveDateTime\":\"2024-01-02T09:30:00Z\"" },
    { "OBX", 16, "9^Tech^T", "Observation", "\"performer\":[" WHOM("9", "T Tech") "]" },
    { "OBX", 17, "MTH", "Observation", "\"method\":{\"coding\":[{\"code\":\"MTH\"}]}" },
    { "OBX", 20, "ARM^^SCT", "Observation", "\"bodySite\":" CODED("http://snomed.info/sct", "ARM") },
    { "OBX", 21, "O1^H", "Observation", "\"identifier\":[{" TYPED("FILL") "," AT("H") ",\"value\":\"O1\"}]" },
    { "OBX", 23, "Lab", "Observation", "\"performer\":[{\"display\":\"Lab\"}]" },
    { "NTE", 3, "a~b\\.br\\c", "Observation", "\"note\":[{\"text\":\"a\\nb\\nc\"}]" },
    { "TXA", 2, "DS^Discharge^L", "DocumentReference",
      "\"type\":{\"coding\":[{\"code\":\"DS\",\"display\":\"Discharge\"}]}" },
    { "TXA", 6, "20240102030405", "DocumentReference", "\"date\":\"2024-01-02T03:04:05Z\"" },
    { "TXA", 9, "9^Au^T", "DocumentReference", "\"author\":[" WHOM("9", "T Au") "]" },
    { "TXA", 10, "8^Si^N", "DocumentReference", "\"authenticator\":" WHOM("8", "N Si") },
    { "TXA", 12, "D1^H", "DocumentReference", "\"masterIdentifier\":{" AT("H") ",\"value\":\"D1\"}" },
    { "TXA", 16, "f.txt", "DocumentReference", "\"identifier\":[{\"value\":\"f.txt\"}]" },
    { "TXA", 17, "LA", "DocumentReference", "\"docStatus\":\"final\"" },
    { "TXA", 18, "R", "DocumentReference",
      "\"securityLabel\":[{\"coding\":[{" V3("Confidentiality") ",\"code\":\"R\"}]}]" },
    { "TXA", 19, "OB", "DocumentReference", "\"status\":\"superseded\"" },
    { "TXA", 25, "Title", "DocumentReference", "\"description\":\"Title\"" },
};

/* The segment alone with one field, among what it needs around it. */
static const char *around(const map_case *c, const char *raw)
{
    const char *s = seg(c->segment, c->field, raw, 0);
    const char *visit = seg("PV1", 1, "1", 19, "V1", 0);
    if (strcmp(c->segment, "PID") == 0)
        return tw_strf(cx->arena, MSH("ADT^A01") "%s", s).p;
    if (strcmp(c->segment, "PV1") == 0)
        return tw_strf(cx->arena, MSH("ADT^A01") PID "%s",
                       c->field == 19 || c->field == 44
                           ? s
                           : seg("PV1", c->field < 19 ? c->field : 19, c->field < 19 ? raw : "V1",
                                 c->field < 19 ? 19 : c->field, c->field < 19 ? "V1" : raw, 0))
            .p;
    if (strcmp(c->segment, "ORC") == 0)
        return tw_strf(cx->arena, MSH("ORU^R01") PID "%sOBR|1|%s\r", s, c->field == 3 ? "" : "|F1").p;
    if (strcmp(c->segment, "OBR") == 0)
        return tw_strf(cx->arena, MSH("ORU^R01") PID "%sOBX|1|ST|x\r",
                       c->field < 4 ? s : seg("OBR", 3, "F1", c->field, raw, 0))
            .p;
    if (strcmp(c->segment, "TXA") == 0)
        return tw_strf(cx->arena, MSH("MDM^T02") PID "%s", s).p;
    if (strcmp(c->segment, "SPM") == 0 || strcmp(c->segment, "OBX") == 0 || strcmp(c->segment, "NTE") == 0)
        return tw_strf(cx->arena, MSH("ORU^R01") PID "OBR|1||F1\r%s%s", c->segment[0] == 'N' ? "OBX|1\r" : "", s).p;
    return tw_strf(cx->arena, MSH("ADT^A01") PID "%s%s", visit, s).p;
}

TEST(each_field_becomes_what_the_map_says)
{
    for (size_t i = 0; i < TW_COUNT(cases); i++) {
        const map_case *c = &cases[i];
        decoded(around(c, c->raw));
        if (!strstr(members(c->type, 0), c->member))
            fail_msg("%s-%d: %s\nis not in %s", c->segment, c->field, c->member, members(c->type, 0));
        decoded(around(c, "\"\"")); /* deleted: as if it were not there */
        tw_str r = resource(c->type, 0);
        if (r.p && strstr(members(c->type, 0), c->member))
            fail_msg("%s-%d: %s stands without the field", c->segment, c->field, c->member);
    }
    done();
}

TEST(results_are_written_by_their_type)
{
    static const char *const known[][4] = {
        { "NM", "13.2", "g/dL",
          "\"valueQuantity\":{\"value\":13.2,\"unit\":\"g/dL\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"g/"
          "dL\"}" },
        { "NM", "+007.50", "", "\"valueQuantity\":{\"value\":7.50}" },
        { "NM", "-.5", "", "\"valueQuantity\":{\"value\":-0.5}" },
        { "NM", "<0.01", "", "\"valueQuantity\":{\"value\":0.01,\"comparator\":\"<\"}" },
        { "NM", ">= 60", "", "\"valueQuantity\":{\"value\":60,\"comparator\":\">=\"}" },
        { "NM", "5", "mg^milligram^UCUM",
          "\"unit\":\"milligram\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"mg\"}" },
        { "NM", "5", "U^units^L", "\"valueQuantity\":{\"value\":5,\"unit\":\"units\"}}" },
        { "NM", "5.", "", "\"valueQuantity\":{\"value\":5}" },
        { "NM", "99999999999999999999", "", "\"valueString\":\"99999999999999999999\"" },
        { "NM", "see note", "", "\"valueString\":\"see note\"" },
        { "SN", ">^100", "mg", "\"valueQuantity\":{\"value\":100,\"comparator\":\">\",\"unit\":\"mg\"" },
        { "SN", "=^5", "", "\"valueQuantity\":{\"value\":5}" },
        { "SN", "^1^:^128", "", "\"valueRatio\":{\"numerator\":{\"value\":1},\"denominator\":{\"value\":128}}" },
        { "SN", "^2^-^5", "", "\"valueRange\":{\"low\":{\"value\":2},\"high\":{\"value\":5}}" },
        { "SN", ">^1^:^128", "",
          "\"valueRatio\":{\"numerator\":{\"value\":1,\"comparator\":\">\"},\"denominator\":{\"value\":128}}" },
        { "SN", "<^2^-^5", "mg", "\"valueString\":\"< 2 - 5 mg\"" },
        { "SN", "~>^2", "", "\"component\":[{" },
        { "SN", "><^2", "mg", "\"valueString\":\">< 2 mg\"" },
        { "SN", "<>^1", "x", "\"valueString\":\"<> 1 x\"" },
        { "SN", "^2^+", "", "\"valueString\":\"2 +\"" },
        { "ST", "a ^ b", "", "\"valueString\":\"a ^ b\"" },
        { "FT", "x\\.br\\y~z\\H\\q\\N\\", "", "\"valueString\":\"x\\ny\\nzq\"" },
        { "TX", "say \\\"a\\\"", "", "\"valueString\":\"say \\\\\\\"a\\\\\\\"\"" },
        { "CE", "1^A^SCT^B^Beta^L", "",
          "\"valueCodeableConcept\":{\"coding\":[{\"system\":\"http://snomed.info/sct\",\"code\":\"1\","
          "\"display\":\"A\"},{\"code\":\"B\",\"display\":\"Beta\"}]}" },
        { "CWE", "1^^SCT^^^^^^free", "", "{\"system\":\"http://snomed.info/sct\",\"code\":\"1\"}],\"text\":\"free\"}" },
        { "CWE", "^only words", "", "\"valueCodeableConcept\":{\"text\":\"only words\"}" },
        { "CWE", "1^^SCT~2^^SCT", "", "},\"valueCodeableConcept\":" CODED("http://snomed.info/sct", "2") "}]" },
        { "IS", "POS", "", "\"valueCodeableConcept\":{\"coding\":[{\"code\":\"POS\"}]}" },
        { "DT", "20240131", "", "\"valueDateTime\":\"2024-01-31\"" },
        { "TS", "202401311205+0200^D", "", "\"valueDateTime\":\"2024-01-31T12:05:00+02:00\"" },
        { "TM", "0930", "", "\"valueTime\":\"09:30:00\"" },
        { "DR", "20240101^20240102", "", "\"valuePeriod\":{\"start\":\"2024-01-01\",\"end\":\"2024-01-02\"}" },
        { "NR", "1^2", "", "\"valueRange\":{\"low\":{\"value\":1},\"high\":{\"value\":2}}" },
        { "ED", "a^TEXT^plain^A^hello", "",
          "\"valueAttachment\":{\"contentType\":\"text/plain; charset=utf-8\",\"data\":\"aGVsbG8=\"}" },
        { "ED", "a^AP^PDF^Base64^QUJD", "", "{\"contentType\":\"application/pdf\",\"data\":\"QUJD\"}" },
        { "ED", "a^AP^PDF^Base64^<no>", "", "\"valueAttachment\":{\"contentType\":\"application/pdf\"}" },
        { "RP", "http://h/x^^image^JPEG", "", "{\"contentType\":\"image/jpeg\",\"url\":\"http://h/x\"}" },
        { "XX", "a^b&c", "", "\"valueString\":\"a b c\"" },
    };
    for (size_t i = 0; i < TW_COUNT(known); i++)
        if (!strstr(value(known[i][0], known[i][1], known[i][2]), known[i][3]))
            fail_msg("%s %s: %s", known[i][0], known[i][1], value(known[i][0], known[i][1], known[i][2]));
    assert_string_equal("}", value("NM", "", "mg"));
    assert_string_equal("}", value("NM", "\"\"", "mg"));
    done();
}

TEST(times_without_an_offset_are_of_the_sources_clock)
{
    opened("CET-1CEST,M3.5.0,M10.5.0/3", "", TW_STR(MSH("ADT^A01")));
    decoded(
        tw_strf(cx->arena, MSH("ADT^A01") PID "%s", seg("PV1", 19, "V1", 44, "20240102030405", 45, "202407020304", 0))
            .p);
    assert_non_null(strstr(members("Encounter", 0),
                           "\"start\":\"2024-01-02T03:04:05+01:00\",\"end\":\"2024-07-02T03:04:00+02:00\""));
    const char *sent = tw_strf(cx->arena, "MSH|^~\\&|A|B|C|D|20240801120000+0530||ADT^A01|1|P|2.5\r" PID "%s",
                               seg("PV1", 19, "V1", 44, "20240102030405", 45, "202407020304-0300", 0))
                           .p;
    decoded(sent); /* the zone that was given goes before what the message says of itself */
    assert_non_null(strstr(members("Encounter", 0), "\"start\":\"2024-01-02T03:04:05+01:00\","));
    opened("", "", TW_STR(MSH("ADT^A01")));
    decoded(sent);
    assert_non_null(strstr(members("Encounter", 0),
                           "\"start\":\"2024-01-02T03:04:05+05:30\",\"end\":\"2024-07-02T03:04:00-03:00\""));
    decoded(tw_strf(cx->arena, MSH("ADT^A01") PID "%s", seg("PV1", 19, "V1", 44, "20240102030405", 0)).p);
    assert_non_null(strstr(members("Encounter", 0), "\"start\":\"2024-01-02T03:04:05Z\""));
    done();
}

/* ---------------------------------------------------------------- identity */

static const char *result(const char *tail)
{
    return tw_strf(cx->arena, MSH("ORU^R01") PID "OBR|1|P1|F1^L|58410-2^^LN\rOBX|1|NM|718-7^Hgb^LN|%s", tail).p;
}

static tw_str id_of_result(const char *tail)
{
    decoded(result(tail));
    return id_of("Observation", 0);
}

TEST(a_correction_bears_the_id_of_what_it_corrects)
{
    tw_str first = id_of_result("|13.2|g/dL|||||F");
    assert_true(tw_str_eq(first, id_of_result("|12.3|g/dL|||||C|||20240103")));
    assert_true(tw_str_eq(first, id_of_result("|||||||D")));
    assert_non_null(strstr(members("Observation", 0), "\"status\":\"entered-in-error\""));
    assert_false(tw_str_eq(first, id_of_result("1|13.2|g/dL|||||F")));
    decoded(MSH("ORU^R01") "PID|1||99^^^H^MR\rOBR|1||F1^L|58410-2^^LN\rOBX|1|NM|718-7^x^LN||13||||||F");
    assert_true(tw_str_eq(first, id_of("Observation", 0))); /* after a merge the order's number is still the same */
    decoded(MSH("ORU^R01") PID "ORC|RE||F1^L\rOBR|1|||58410-2^^LN\rOBX|7|NM|718-7^Hgb^LN||1||||||F");
    assert_true(tw_str_eq(first, id_of("Observation", 0)));
    decoded(MSH("ORU^R01") PID "OBR|1||F2^L|58410-2^^LN\rOBX|1|NM|718-7^Hgb^LN||1||||||F");
    assert_false(tw_str_eq(first, id_of("Observation", 0)));
    done();
}

TEST(without_an_order_the_time_is_part_of_the_name)
{
    decoded(MSH("ORU^R01") PID
            "OBR|1|||58410-2^^LN\rOBX|1|NM|718-7^^LN||1||||||F|||20240101\rOBX|2|NM|718-7^^LN||2||||||F|||20240102");
    assert_int_equal(2, count("Observation"));
    tw_str one = id_of("Observation", 0), two = id_of("Observation", 1);
    assert_false(tw_str_eq(one, two));
    assert_int_equal(0, count("ServiceRequest"));
    decoded(MSH("ORU^R01") PID "OBR|1|||58410-2^^LN\rOBX|1|NM|718-7^^LN||3||||||C|||20240102");
    assert_true(tw_str_eq(two, id_of("Observation", 0)));
    done();
}

TEST(two_results_of_one_name_in_a_message_are_two)
{
    decoded(result("|1|g|||||F|||20240101\rOBX|2|NM|718-7^Hgb^LN||2|g|||||F|||20240102\rOBX|3|NM|718-7^Hgb^LN||3|g|||||"
                   "F|||20240101"));
    assert_int_equal(3, count("Observation"));
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < i; k++)
            assert_false(tw_str_eq(id_of("Observation", i), id_of("Observation", k)));
    tw_str second = id_of("Observation", 1);
    decoded(result("|1|g|||||F|||20240101\rOBX|2|NM|718-7^Hgb^LN||2|g|||||F|||20240102"));
    assert_true(tw_str_eq(second, id_of("Observation", 1)));
    done();
}

TEST(a_status_alone_does_not_wipe_a_value)
{
    decoded(result("|||||||U"));
    assert_int_equal(0, count("Observation"));
    decoded(result("|1||||||U"));
    assert_int_equal(1, count("Observation"));
    done();
}

TEST(a_message_sent_twice_says_the_same_twice)
{
    decoded(MSH("ADT^A01") "EVN||20240101\r" PID "PV1|1|I|||||||||||||||||V1\rDG1|1||C61^^I10C||2023\r");
    char *first = tw_cstr(cx->arena, tw_str_of_bytes(tw_buf_view(&json)));
    decoded("MSH|^~\\&|X|Y|Z|Q|20250909||ADT^A01|OTHER|P|2.3\rEVN|A01|20250101\r" PID
            "PV1|1|I|||||||||||||||||V1\rDG1|1||C61^^I10C||2023\r");
    assert_string_equal(first, tw_cstr(cx->arena, tw_str_of_bytes(tw_buf_view(&json))));
    done();
}

TEST(the_local_number_is_chosen_by_system_type_and_order)
{
    decoded(MSH("ADT^A08") "PID|1||1^^^A^SS~2^^^B^PI~3^^^C~4^^^D^MR~5^^^E^MR\r");
    tw_str by_type = id_of("Patient", 0);
    decoded(MSH("ADT^A08") "PID|1||4^^^D^MR\r");
    assert_true(tw_str_eq(by_type, id_of("Patient", 0)));
    opened("", "urn:twinward:authority:B", TW_STR("MSH|^~\\&|"));
    decoded(MSH("ADT^A08") "PID|1||1^^^A^SS~2^^^B^PI~4^^^D^MR\r");
    tw_str by_system = id_of("Patient", 0);
    assert_false(tw_str_eq(by_type, by_system));
    opened("", "", TW_STR("MSH|^~\\&|"));
    decoded(MSH("ADT^A08") "PID|1||2^^^B^PI\r");
    assert_true(tw_str_eq(by_system, id_of("Patient", 0)));
    assert_non_null(strstr(members("Patient", 0), "{" V2("0203") ",\"code\":\"MR\"},{" V2("0203") ",\"code\":\"PI\"}"));
    decoded(MSH("ADT^A08") "PID|1||1^^^A^SS\r"); /* none that is local: no id */
    assert_true(tw_str_find(resource("Patient", 0), TW_STR("\"id\"")) == SIZE_MAX);
    done();
}

TEST(a_merge_leaves_the_old_number_with_the_survivor)
{
    static const char *const events[] = { "A18", "A30", "A34", "A36", "A39", "A40", "A47" };
    for (size_t i = 0; i < TW_COUNT(events); i++) {
        decoded(tw_strf(cx->arena, MSH("ADT^%s") PID "MRG|66^^^H^MR~65^^^H\r", events[i]).p);
        assert_non_null(strstr(members("Patient", 0),
                               "{\"use\":\"old\"," TYPED("MR") "," AT("H") ",\"value\":\"66\"},"
                                                                           "{\"use\":\"old\"," TYPED("MR") "," AT(
                                                                               "H") ",\"value\":\"65\"}"));
    }
    decoded(MSH("ADT^A40") PID "MRG|66^^^H^MR\rPID|2||88^^^H^MR\rMRG|87^^^H^MR\r");
    assert_int_equal(2, count("Patient"));
    assert_non_null(strstr(members("Patient", 1), "\"value\":\"87\""));
    assert_null(strstr(members("Patient", 0), "\"value\":\"87\""));
    dead("PID", MSH("ADT^A40") PID);
    decoded(MSH("ADT^A08") PID "MRG|66^^^H^MR\r");
    assert_null(strstr(members("Patient", 0), "\"value\":\"66\""));
    done();
}

TEST(a_specimen_has_one_collection_whatever_is_known_of_it)
{
    tw_json d;
    tw_str message = TW_STR(MSH("ORU^R01") PID "OBR|1|O1|F1|1^a^L|||20240101|20240102|5^mL||||||BLD\r"
                                               "OBX|1|NM|2^b^L||1||||||F\r");
    assert_ok(decode(message));
    tw_str text = tw_str_of_bytes(tw_buf_view(&json));
    assert_ok(tw_json_parse(cx, &d, text, NULL)); /* refuses a member that stands twice */
    assert_true(tw_str_find(text, TW_STR("\"collection\":{\"collectedPeriod\":{\"start\":\"2024-01-01\",\"end\":"
                                         "\"2024-01-02\"},\"quantity\":{\"value\":5,")) != SIZE_MAX);
    done();
}

TEST(each_specimen_has_the_results_that_follow_it)
{
#define OBX_OF(code, value) "OBX|1|NM|" code "^x^LN||" value "||||||F\r"
    decoded(MSH("ORU^R01") PID "OBR|1||F1|1^a^L\rSPM|1|S1||BLD\r" OBX_OF("1", "5") "SPM|2|S2||UR\r" OBX_OF("2", "6"));
    assert_int_equal(2, count("Specimen"));
    tw_str one = id_of("Specimen", 0), two = id_of("Specimen", 1);
    assert_false(tw_str_eq(one, two));
    assert_true(tw_str_find(resource("Observation", 0), one) != SIZE_MAX);
    assert_true(tw_str_find(resource("Observation", 1), two) != SIZE_MAX);
    decoded(MSH("ORU^R01") PID "OBR|1||F1|1^a^L|||||||||||BLD\rSPM|1|||BLD\rSPM|2|||UR\rSPM|3|||CSF\r");
    assert_int_equal(3, count("Specimen")); /* the first is that of OBR-15 */
    assert_true(tw_str_eq(one, id_of("Specimen", 0)));
    assert_false(tw_str_eq(id_of("Specimen", 1), id_of("Specimen", 2)));
    done();
}

TEST(events_set_the_state_of_a_visit)
{
    static const char *const known[][3] = {
        { "A01", "", "in-progress" },     { "A01", "2024", "finished" },     { "A03", "", "finished" },
        { "A04", "", "in-progress" },     { "A05", "", "planned" },          { "A11", "2024", "cancelled" },
        { "A13", "2024", "in-progress" }, { "A23", "", "entered-in-error" }, { "A21", "", "onleave" },
    };
    for (size_t i = 0; i < TW_COUNT(known); i++) {
        decoded(
            tw_strf(cx->arena, MSH("ADT^%s") PID "%s", known[i][0], seg("PV1", 2, "I", 19, "V1", 45, known[i][1], 0))
                .p);
        assert_non_null(strstr(members("Encounter", 0), tw_strf(cx->arena, "\"status\":\"%s\"", known[i][2]).p));
    }
    decoded(tw_strf(cx->arena, MSH("ADT^A13") PID "%s", seg("PV1", 19, "V1", 44, "2024", 45, "2024", 0)).p);
    assert_null(strstr(members("Encounter", 0), "\"end\""));
    decoded(MSH("ADT^A31") PID "PV1|1|N\r"); /* no visit at all */
    assert_int_equal(0, count("Encounter"));
    decoded(MSH("ORU^R01") PID "PV1|1|I|||||||||||||||||V1\rOBR|1||F1\rOBX|1|NM|1^^LN||1||||||F\r");
    assert_int_equal(0, count("Encounter")); /* a result names its visit and says no more of it */
    assert_non_null(strstr(members("Observation", 0), "\"encounter\":{\"reference\":\"Encounter/ID\"}"));
    done();
}

TEST(documents_hold_their_texts)
{
    decoded(MSH("MDM^T10") PID
            "TXA|1|DS||||||||||D2^H|D1^H\rOBX|1|TX|x||a~b||||||F\rOBX|2|ED|x||s^AP^PDF^Base64^QUJD||||||F\r");
    assert_int_equal(0, count("Observation"));
    assert_non_null(
        strstr(members("DocumentReference", 0),
               "\"relatesTo\":[{\"code\":\"replaces\",\"target\":{\"reference\":\"DocumentReference/ID\"}}],"
               "\"content\":[{\"attachment\":{\"contentType\":\"text/plain; charset=utf-8\",\"data\":\"YQpi\"}},"
               "{\"attachment\":{\"contentType\":\"application/pdf\",\"data\":\"QUJD\"}}]"));
    decoded(MSH("MDM^T02") PID "TXA|1|DS||||||||||D2^H\rOBX|1|TX|x||a||||||F\rTXA|2|DS||||||||||D3^H\rOBX|1|TX|x||b\r");
    assert_null(strstr(members("DocumentReference", 0), "\"Yg==\"")); /* that is the other's text */
    assert_non_null(strstr(members("DocumentReference", 1), "\"Yg==\""));
    decoded(MSH("MDM^T11") PID "TXA|1|DS||||||||||D2^H\r");
    assert_non_null(strstr(members("DocumentReference", 0), "\"status\":\"entered-in-error\""));
    done();
}

TEST(all_versions_of_2_are_read)
{
    static const char *const versions[] = { "",    "2.3", "2.3.1", "2.4", "2.5",      "2.5.1",
                                            "2.6", "2.7", "2.7.1", "2.8", "2.8.2^DEU" };
    for (size_t i = 0; i < TW_COUNT(versions); i++) {
        decoded(tw_strf(cx->arena,
                        "MSH|^~\\&%s|||||||ORU^R01|1|P|%s\r" PID "OBR|1||F1\rOBX|1|CE|1^x^LN||2^y^SCT||||||F\r",
                        i > 6 ? "#" : "", versions[i])
                    .p);
        assert_int_equal(1, count("Observation"));
    }
    decoded("MSH|^~\\&|||||||ORU|1|P|2.2\r" PID "OBR|1||F1\rOBX|1|NM|1^x^LN||2||||||F\r");
    assert_int_equal(1, count("Observation"));
    decoded("MSH$%*!+$$$$$$$ORU%R01$1$P$2.5\rPID$1$$77%%%H%MR\rOBR$1$$F1\rOBX$1$ST$1%x%LN$$a!S!b|^c$$$$$$F\r");
    assert_non_null(strstr(members("Observation", 0), "\"valueString\":\"a%b|^c\""));
    done();
}

/* ---------------------------------------------------------------- dead letters */

TEST(what_is_wrong_has_a_place_and_a_rule)
{
    static const char *const known[][2] = {
        { "MSH-9", MSH("SIU^S12") PID },
        { "MSH-9", MSH("ADT^A43") PID },
        { "MSH-9", MSH("ADT") PID },
        { "MSH-9", "MSH|^~\\&|\r" PID },
        { "MSH-12", "MSH|^~\\&|||||||ADT^A01|1|P|3.0\r" PID },
        { "MSH-11", "MSH|^~\\&|||||||ADT^A01|1|T|2.5\r" PID },
        { "MSH-14", "MSH|^~\\&|||||||ADT^A01|1|P|2.5||C1\r" PID },
        { "MSH-18", "MSH|^~\\&|||||||ADT^A01|1|P|2.5||||||EBCDIC\r" PID },
        { "MSH-2", "MSH|^~|ADT^A01\r" },
        { "MSH-2", "hello" },
        { "MLLP", "\x0b" MSH("ADT^A01") PID },
        { "BTS-1", "BTS|7\r" },
        { "FTS-1", "FTS|7\r" },
        { "DSC-1", MSH("ORU^R01") PID "DSC|1\r" },
        { "PID", MSH("ORU^R01") "OBR|1||F1\r" },
        { "PID", MSH("ADT^A01") "EVN||2024\r" },
        { "segment", MSH("ADT^A01") PID "ob|1\r" },
        { "PID-7", MSH("ADT^A01") "PID|1||77||Doe||1980XX\r" },
        { "PV1-44", MSH("ADT^A01") PID "PV1|1|I|||||||||||||||||V1|||||||||||||||||||||||||20240230\r" },
        { "OBX-14", MSH("ORU^R01") PID "OBR|1||F1\rOBX|1|NM|1^^LN||1||||||F|||yesterday\r" },
        { "OBX-5", MSH("ORU^R01") PID "OBR|1||F1\rOBX|1|TM|1^^LN||2500||||||F\r" },
        { "OBX-5", MSH("ORU^R01") PID "OBR|1||F1\rOBX|1|TS|1^^LN||2024-01-01||||||F\r" },
        { "PID-5", MSH("ADT^A01") "PID|1||77||D\\M244242\\e\r" },
        { "NK1-16", MSH("ADT^A01") PID "NK1|1|Doe||||||||||||||x\r" },
    };
    for (size_t i = 0; i < TW_COUNT(known); i++) {
        dead(known[i][0], known[i][1]);
        assert_null(strstr(cx->err.msg, "Doe"));
        assert_null(strstr(cx->err.msg, "1980XX"));
    }
    dead("OBX-14", MSH("ORU^R01") PID "\rOBR|1||F1\rOBX|1|NM|1^^LN||1||||||F|||yesterday\r");
    assert_int_equal(3, place.line);
    decoded("MSH|^~\\&|||||||ADT\rEVN|A01\r" PID); /* 2.1: the event stands in EVN */
    decoded(MSH("ADT^A01") PID "ZDM|1|x\rQQQ|1\r");
    assert_int_equal(1, count("Patient"));
    done();
}

TEST(a_full_memory_is_an_error_and_no_more)
{
    const char *message =
        MSH("ADT^A01") "PID|1||77^^^H H^MR||Doe|||M|||1 "
                       "St|^PRN^PH^^1^20^333||||\\T\\\rPV1|1|I|W^1^2||||9^Att^A||||||||||||V\\T\\1|"
                       "\rOBX|1|ED|1^^HL70001||a^TX^x^A^hello||||||F\rNTE|1||a~b\\.br\\c\rOBX|2|SN|1||<>^1|x|||||F\r";
    tw_ctx *all = cx;
    bool whole = false;
    size_t refusals = 0;
    decoded(message);
    for (size_t room = 0; !whole; room += 16) {
        tw_ctx less;
        tw_ctx_init(&less, room, NULL);
        cx = &less;
        tw_status s = decode(tw_str_of(message));
        cx = all;
        assert_true(s == TW_OK || s == TW_ELIMIT);
        whole = s == TW_OK;
        refusals += !whole;
        tw_ctx_done(&less);
    }
    for (size_t room = 1; room < 3000; room += 97) { /* and of the buffer */
        tw_buf small;
        tw_buf_init(&small, room);
        tw_status s = hl7->bundle(cx, &small, &place, file, tw_str_of(message));
        assert_true(s == TW_OK || s == TW_ELIMIT);
        refusals += s != TW_OK;
        tw_buf_done(&small);
    }
    assert_true(refusals > 20);
    done();
}

/* ---------------------------------------------------------------- the page that describes it */

TEST(the_worked_example_is_true)
{
    tw_str page = tw_test_source("docs/formats/hl7v2.md");
    size_t from = tw_str_find(page, TW_STR("```hl7\n"));
    assert_true(from != SIZE_MAX);
    page = (tw_str){ page.p + from + 7, page.n - from - 7 };
    size_t end = tw_str_find(page, TW_STR("```"));
    assert_ok(decode((tw_str){ page.p, end }));
    page = (tw_str){ page.p + end, page.n - end };
    int shown = 0;
    while ((from = tw_str_find(page, TW_STR("```json\n"))) != SIZE_MAX) {
        page = (tw_str){ page.p + from + 8, page.n - from - 8 };
        end = tw_str_find(page, TW_STR("\n```"));
        tw_str one = { page.p, end };
        assert_true(tw_str_find(tw_str_of_bytes(tw_buf_view(&json)), one) != SIZE_MAX);
        page = (tw_str){ page.p + end + 4, page.n - end - 4 };
        shown++;
    }
    assert_true(shown >= 3);
    done();
}
