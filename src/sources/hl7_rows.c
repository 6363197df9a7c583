/* The map: which field becomes which element, and when. Source: HL7, v2-to-FHIR segment maps
 * (github.com/HL7/v2-to-fhir, Apache-2.0): PID, PD1, NK1, PV1, PV2, AL1, DG1, IN1, ORC, OBR, OBX, TXA; GT1, MRG and SPM
 * from the guide's text and HL7 v2.8.2 chapters 3, 6 and 7. References (patient, visit, order, specimen) are written
 * with the resource. */
#include "sources/hl7_map.h"

#define PLAIN(name, slot, field, kind)                                                                                 \
    {                                                                                                                  \
        HL7_KEY(name), HL7_##slot, field, HL7_##kind, 0, 0, 0, false, NULL                                             \
    }
#define MANY(name, slot, field, kind, arg)                                                                             \
    {                                                                                                                  \
        HL7_KEY(name), HL7_##slot, field, HL7_##kind, 0, 0, 0, true, arg                                               \
    }
#define WORD(name, slot, field, kind, words)                                                                           \
    {                                                                                                                  \
        HL7_KEY(name), HL7_##slot, field, HL7_##kind, HL7_W_##words, 0, 0, false, NULL                                 \
    }
#define WORDS(name, slot, field, kind, words)                                                                          \
    {                                                                                                                  \
        HL7_KEY(name), HL7_##slot, field, HL7_##kind, HL7_W_##words, 0, 0, true, NULL                                  \
    }
#define COND(name, slot, field, kind, cond)                                                                            \
    {                                                                                                                  \
        HL7_KEY(name), HL7_##slot, field, HL7_##kind, 0, HL7_IF_##cond, 0, false, NULL                                 \
    }
#define MANY_IF(name, slot, field, kind, arg, cond)                                                                    \
    {                                                                                                                  \
        HL7_KEY(name), HL7_##slot, field, HL7_##kind, 0, HL7_IF_##cond, 0, true, arg                                   \
    }
#define INSIDE(group, name, slot, field, kind, words)                                                                  \
    {                                                                                                                  \
        HL7_KEY(name), HL7_##slot, field, HL7_##kind, HL7_##words, 0, HL7_##group, false, NULL                         \
    }
#define INSIDE_IF(group, name, slot, field, kind, cond)                                                                \
    {                                                                                                                  \
        HL7_KEY(name), HL7_##slot, field, HL7_##kind, 0, HL7_IF_##cond, HL7_##group, false, NULL                       \
    }
#define INSIDE_MANY(group, name, slot, field, kind, words)                                                             \
    {                                                                                                                  \
        HL7_KEY(name), HL7_##slot, field, HL7_##kind, HL7_##words, 0, HL7_##group, true, NULL                          \
    }
#define FIXED(name, slot, json)                                                                                        \
    {                                                                                                                  \
        HL7_KEY(name), HL7_##slot, 0, HL7_FIXED, 0, 0, 0, false, json                                                  \
    }
#define FIXED_IF(name, slot, json, cond)                                                                               \
    {                                                                                                                  \
        HL7_KEY(name), HL7_##slot, 0, HL7_FIXED, 0, HL7_IF_##cond, 0, false, json                                      \
    }

#define US_CORE "http://hl7.org/fhir/us/core/StructureDefinition/"

static const tw_hl7_row patient[] = {
    MANY("extension", PID, 10, GROUP_CODE, US_CORE "us-core-race"),
    MANY("extension", PID, 22, GROUP_CODE, US_CORE "us-core-ethnicity"),
    MANY("identifier", PID, 3, CX, NULL), /* the first: a reader takes the first MR for the local number */
    MANY("identifier", PID, 2, CX, NULL),
    MANY("identifier", PID, 4, CX, NULL),
    MANY("identifier", PID, 19, SSN, NULL),
    MANY("identifier", PID, 20, EI, "DL"),
    MANY_IF("identifier", MRG, 1, OLD_CX, NULL, MERGE),
    MANY("name", PID, 5, NAME, NULL),
    MANY("name", PID, 9, NAME, NULL),
    MANY("telecom", PID, 13, TELECOM, "home"),
    MANY("telecom", PID, 14, TELECOM, "work"),
    MANY("telecom", PID, 40, TELECOM, NULL),
    WORD("gender", PID, 8, CODE, SEX),
    PLAIN("birthDate", PID, 7, DATE),
    COND("deceasedBoolean", PID, 30, YES, NO_PID29),
    PLAIN("deceasedDateTime", PID, 29, WHEN),
    MANY("address", PID, 11, ADDRESS, NULL),
    WORD("maritalStatus", PID, 16, CONCEPT, MARITAL),
    COND("multipleBirthBoolean", PID, 24, YES, NO_PID25),
    PLAIN("multipleBirthInteger", PID, 25, COUNT),
    WORDS("communication", PID, 15, LANGUAGE, LANGUAGE),
    MANY("generalPractitioner", PD1, 3, ORG, NULL),
    MANY("generalPractitioner", PD1, 4, PERSON, NULL),
};

static const tw_hl7_row encounter[] = {
    MANY("identifier", PV1, 19, CX, "VN"),
    MANY("identifier", PV1, 50, CX, NULL),
    WORD("class", PV1, 2, CODING, CLASS),
    WORDS("type", PV1, 4, CONCEPT, ADMISSION),
    WORD("serviceType", PV1, 10, CONCEPT, SERVICE),
    WORD("priority", PV2, 25, CONCEPT, ENCOUNTER_PRIORITY),
    MANY("participant", PV1, 7, PARTICIPANT, "ATND"),
    MANY("participant", PV1, 8, PARTICIPANT, "REF"),
    MANY("participant", PV1, 9, PARTICIPANT, "CON"),
    MANY("participant", PV1, 17, PARTICIPANT, "ADM"),
    MANY("participant", PV1, 52, PARTICIPANT, "PART"),
    MANY("participant", PV2, 13, PARTICIPANT, "REF"),
    INSIDE(PERIOD, "start", PV1, 44, WHEN, NO_WORDS),
    INSIDE_IF(PERIOD, "end", PV1, 45, WHEN, NOT_REOPENED),
    PLAIN("length", PV2, 11, LENGTH),
    MANY("reasonCode", PV2, 3, CONCEPT, NULL),
    INSIDE(STAY, "preAdmissionIdentifier", PV1, 5, CX, NO_WORDS),
    INSIDE(STAY, "admitSource", PV1, 14, CONCEPT, W_ADMIT_SOURCE),
    INSIDE(STAY, "reAdmission", PV1, 13, CONCEPT, W_READMIT),
    INSIDE_MANY(STAY, "dietPreference", PV1, 38, CONCEPT, W_DIET),
    INSIDE_MANY(STAY, "specialCourtesy", PV1, 16, CONCEPT, W_COURTESY),
    INSIDE_MANY(STAY, "specialArrangement", PV1, 15, CONCEPT, W_AMBULATORY),
    INSIDE(STAY, "destination", PV1, 37, NAMED, NO_WORDS),
    INSIDE(STAY, "dischargeDisposition", PV1, 36, CONCEPT, W_DISCHARGE),
    MANY_IF("location", PV1, 3, PLACE, "planned", PREADMIT),
    MANY_IF("location", PV1, 3, PLACE, "active", NOT_PREADMIT),
    MANY("location", PV1, 6, PLACE, "completed"),
    MANY("location", PV1, 11, PLACE, "active"),
    MANY("location", PV1, 42, PLACE, "reserved"),
    MANY("location", PV2, 1, PLACE, "planned"),
};

static const tw_hl7_row kin[] = {
    MANY("identifier", NK1, 12, CX, NULL),
    MANY("identifier", NK1, 33, CX, NULL),
    MANY("identifier", NK1, 37, SSN, NULL),
    WORDS("relationship", NK1, 3, CONCEPT, RELATION),
    WORDS("relationship", NK1, 7, CONCEPT, ROLE),
    MANY("name", NK1, 2, NAME, NULL),
    MANY("name", NK1, 30, NAME, NULL),
    MANY("telecom", NK1, 5, TELECOM, NULL),
    MANY("telecom", NK1, 6, TELECOM, "work"),
    MANY("telecom", NK1, 31, TELECOM, NULL),
    MANY("telecom", NK1, 40, TELECOM, NULL),
    MANY("telecom", NK1, 41, TELECOM, NULL),
    WORD("gender", NK1, 15, CODE, SEX),
    PLAIN("birthDate", NK1, 16, DATE),
    MANY("address", NK1, 4, ADDRESS, NULL),
    MANY("address", NK1, 32, ADDRESS, NULL),
    INSIDE(PERIOD, "start", NK1, 8, WHEN, NO_WORDS),
    INSIDE(PERIOD, "end", NK1, 9, WHEN, NO_WORDS),
    WORDS("communication", NK1, 20, LANGUAGE, LANGUAGE),
};

static const tw_hl7_row guarantor[] = {
    MANY("identifier", GT1, 2, CX, NULL),
    MANY("identifier", GT1, 12, SSN, NULL),
    WORDS("relationship", GT1, 11, CONCEPT, RELATION),
    MANY("name", GT1, 3, NAME, NULL),
    MANY("telecom", GT1, 6, TELECOM, "home"),
    MANY("telecom", GT1, 7, TELECOM, "work"),
    WORD("gender", GT1, 9, CODE, SEX),
    PLAIN("birthDate", GT1, 8, DATE),
    MANY("address", GT1, 5, ADDRESS, NULL),
    INSIDE(PERIOD, "start", GT1, 13, WHEN, NO_WORDS),
    INSIDE(PERIOD, "end", GT1, 14, WHEN, NO_WORDS),
};

static const tw_hl7_row coverage[] = {
    MANY("identifier", IN1, 2, CX, NULL),
    FIXED("status", IN1, "\"active\""),
    PLAIN("type", IN1, 15, CONCEPT),
    PLAIN("subscriberId", IN1, 49, TEXT),
    WORD("relationship", IN1, 17, CONCEPT, RELATION),
    INSIDE(PERIOD, "start", IN1, 12, WHEN, NO_WORDS),
    INSIDE(PERIOD, "end", IN1, 13, WHEN, NO_WORDS),
    MANY("payor", IN1, 4, NAMED, NULL),
};

#define CLINICAL                                                                                                       \
    "{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical\","                  \
    "\"code\":\"active\"}]}"
static const tw_hl7_row allergy[] = {
    FIXED("clinicalStatus", AL1, CLINICAL),
    WORD("type", AL1, 2, CODE, ALLERGY_TYPE),
    WORDS("category", AL1, 2, CODE, ALLERGY_CATEGORY),
    WORD("criticality", AL1, 4, CODE, CRITICALITY),
    PLAIN("code", AL1, 3, CONCEPT),
    PLAIN("onsetDateTime", AL1, 6, WHEN),
    MANY("reaction", AL1, 5, REACTION, NULL),
};

#define IN_ERROR                                                                                                       \
    "{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/condition-ver-status\","                         \
    "\"code\":\"entered-in-error\"}]}"
static const tw_hl7_row condition[] = {
    MANY("identifier", DG1, 20, EI, NULL), FIXED_IF("verificationStatus", DG1, IN_ERROR, DELETED),
    PLAIN("code", DG1, 3, CONCEPT),        PLAIN("onsetDateTime", DG1, 5, WHEN),
    PLAIN("recordedDate", DG1, 19, WHEN),  PLAIN("asserter", DG1, 16, PERSON),
};

static const tw_hl7_row request[] = {
    MANY("identifier", ORC, 2, EI, "PLAC"),
    MANY_IF("identifier", OBR, 2, EI, "PLAC", NO_ORC2),
    MANY("identifier", ORC, 3, EI, "FILL"),
    MANY_IF("identifier", OBR, 3, EI, "FILL", NO_ORC3),
    MANY("identifier", OBR, 53, CX, "PLAC"),
    FIXED_IF("intent", OBR, "\"reflex-order\"", REFLEX),
    FIXED_IF("intent", OBR, "\"order\"", NOT_REFLEX),
    WORD("priority", OBR, 5, CODE, ORDER_PRIORITY),
    PLAIN("code", OBR, 4, CONCEPT),
    MANY("orderDetail", OBR, 46, CONCEPT, NULL),
    MANY("orderDetail", OBR, 47, CONCEPT, NULL),
    PLAIN("occurrenceDateTime", OBR, 6, WHEN),
    PLAIN("requester", ORC, 12, PERSON),
    COND("requester", OBR, 16, PERSON, NO_ORC12),
    MANY("reasonCode", OBR, 31, CONCEPT, NULL),
};

static const tw_hl7_row report[] = {
    MANY("identifier", ORC, 2, EI, "PLAC"),
    MANY_IF("identifier", OBR, 2, EI, "PLAC", NO_ORC2),
    MANY("identifier", ORC, 3, EI, "FILL"),
    MANY_IF("identifier", OBR, 3, EI, "FILL", NO_ORC3),
    WORDS("category", OBR, 24, CONCEPT, SECTION),
    PLAIN("code", OBR, 4, CONCEPT),
    COND("effectiveDateTime", OBR, 7, WHEN, NO_OBR8),
    INSIDE_IF(EFFECTIVE, "start", OBR, 7, WHEN, OBR8),
    INSIDE(EFFECTIVE, "end", OBR, 8, WHEN, NO_WORDS),
    PLAIN("issued", OBR, 22, INSTANT),
    MANY("resultsInterpreter", OBR, 32, NDL, NULL),
    MANY("performer", OBR, 34, NDL, NULL),
    MANY("performer", OBR, 35, NDL, NULL),
};

static const tw_hl7_row specimen[] = {
    WORD("type", OBR, 15, CONCEPT, SPECIMEN),
    PLAIN("receivedTime", OBR, 14, WHEN),
    INSIDE_IF(COLLECTED, "start", OBR, 7, WHEN, OBR8),
    INSIDE(COLLECTED, "end", OBR, 8, WHEN, NO_WORDS),
    INSIDE_IF(COLLECTION, "collectedDateTime", OBR, 7, WHEN, NO_OBR8),
    INSIDE(COLLECTION, "quantity", OBR, 9, AMOUNT, NO_WORDS),
};

static const tw_hl7_row specimen_segment[] = {
    MANY("identifier", SPM, 2, EI, NULL),
    WORD("type", SPM, 4, CONCEPT, SPECIMEN),
    PLAIN("receivedTime", SPM, 18, WHEN),
    INSIDE(COLLECTION, "collectedDateTime", SPM, 17, WHEN, NO_WORDS),
    INSIDE(COLLECTION, "quantity", SPM, 12, AMOUNT, NO_WORDS),
    INSIDE(COLLECTION, "method", SPM, 7, CONCEPT, NO_WORDS),
    INSIDE(COLLECTION, "bodySite", SPM, 8, CONCEPT, NO_WORDS),
};

#define NOT_ASKED                                                                                                      \
    "{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/data-absent-reason\","                           \
    "\"code\":\"not-asked\"}]}"
static const tw_hl7_row observation[] = {
    MANY("identifier", OBX, 21, EI, "FILL"),
    PLAIN("code", OBX, 3, CONCEPT),
    PLAIN("effectiveDateTime", OBX, 14, WHEN),
    COND("effectiveDateTime", OBR, 7, WHEN, NO_OBX14),
    INSIDE_IF(EFFECTIVE, "start", OBR, 7, WHEN, NO_OBX14_OBR8),
    INSIDE_IF(EFFECTIVE, "end", OBR, 8, WHEN, NO_OBX14_OBR8),
    MANY("performer", OBX, 16, PERSON, NULL),
    MANY("performer", OBX, 23, ORG, NULL),
    FIXED_IF("dataAbsentReason", OBX, NOT_ASKED, NOT_ASKED),
    WORDS("interpretation", OBX, 8, CONCEPT, FLAG),
    PLAIN("bodySite", OBX, 20, CONCEPT),
    PLAIN("method", OBX, 17, CONCEPT),
    MANY("referenceRange", OBX, 7, RANGE, NULL),
};

static const tw_hl7_row document[] = {
    PLAIN("masterIdentifier", TXA, 12, EI),
    MANY("identifier", TXA, 16, EI, NULL),
    WORD("docStatus", TXA, 17, CODE, COMPLETION),
    PLAIN("type", TXA, 2, CONCEPT),
    PLAIN("date", TXA, 6, INSTANT),
    MANY("author", TXA, 9, PERSON, NULL),
    PLAIN("authenticator", TXA, 10, PERSON),
    PLAIN("description", TXA, 25, TEXT),
    WORDS("securityLabel", TXA, 18, CONCEPT, CONFIDENTIALITY),
};

#define ROWS(list)                                                                                                     \
    {                                                                                                                  \
        list, TW_COUNT(list)                                                                                           \
    }
const tw_hl7_rows tw_hl7_patient = ROWS(patient);
const tw_hl7_rows tw_hl7_encounter = ROWS(encounter);
const tw_hl7_rows tw_hl7_kin = ROWS(kin);
const tw_hl7_rows tw_hl7_guarantor = ROWS(guarantor);
const tw_hl7_rows tw_hl7_coverage = ROWS(coverage);
const tw_hl7_rows tw_hl7_allergy = ROWS(allergy);
const tw_hl7_rows tw_hl7_condition = ROWS(condition);
const tw_hl7_rows tw_hl7_request = ROWS(request);
const tw_hl7_rows tw_hl7_report = ROWS(report);
const tw_hl7_rows tw_hl7_specimen = ROWS(specimen);
const tw_hl7_rows tw_hl7_specimen_segment = ROWS(specimen_segment);
const tw_hl7_rows tw_hl7_observation = ROWS(observation);
const tw_hl7_rows tw_hl7_document = ROWS(document);
