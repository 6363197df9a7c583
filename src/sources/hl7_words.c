/* Vocabularies of HL7 v2 in FHIR. Source: HL7, v2-to-FHIR concept maps (github.com/HL7/v2-to-fhir, Apache-2.0) and the
 * v2 tables they are about; where a concept map leaves a status open, the comment says what was chosen. */
#include "sources/hl7_map.h"

#define V2(n) "http://terminology.hl7.org/CodeSystem/v2-" n
#define V3(n) "http://terminology.hl7.org/CodeSystem/v3-" n

static const tw_hl7_word sex[] = {
    /* 0001 */
    { "F", "female", NULL }, { "M", "male", NULL },  { "O", "other", NULL }, { "U", "unknown", NULL },
    { "A", "other", NULL },  { "N", "other", NULL }, { "X", "other", NULL },
};
static const tw_hl7_word marital[] = {
    /* 0002 */
    { "A", "L", NULL },
    { "D", "D", NULL },
    { "M", "M", NULL },
    { "S", "S", NULL },
    { "W", "W", NULL },
    { "C", "C", NULL },
    { "G", "T", NULL },
    { "P", "T", NULL },
    { "R", "T", NULL },
    { "E", "L", NULL },
    { "N", "A", NULL },
    { "I", "I", NULL },
    { "B", "U", NULL },
    { "U", "UNK", V3("NullFlavor") },
    { "O", "OTH", V3("NullFlavor") },
};
static const tw_hl7_word relation[] = {
    /* 0063 */
    { "SEL", "ONESELF", NULL },   { "SPO", "SPS", NULL },     { "DOM", "SIGOTHR", NULL }, { "CHD", "CHILD", NULL },
    { "GCH", "GRNDCHILD", NULL }, { "NCH", "NCHILD", NULL },  { "SCH", "STPCHLD", NULL }, { "FCH", "CHLDFOST", NULL },
    { "PAR", "PRN", NULL },       { "MTH", "MTH", NULL },     { "FTH", "FTH", NULL },     { "GRP", "GRPRN", NULL },
    { "EXF", "EXT", NULL },       { "SIB", "SIB", NULL },     { "BRO", "BRO", NULL },     { "SIS", "SIS", NULL },
    { "FND", "FRND", NULL },      { "EMR", "E", V2("0131") }, { "EMC", "C", V2("0131") }, { "UNK", "U", V2("0131") },
    { "OTH", "O", V2("0131") },
};
static const tw_hl7_word patient_class[] = {
    /* 0004 */
    { "E", "EMER", NULL },
    { "I", "IMP", NULL },
    { "O", "AMB", NULL },
    { "P", "PRENC", NULL },
};
static const tw_hl7_word diagnosis_use[] = {
    /* 0052; W, a working diagnosis, has no role in FHIR */
    { "A", "AD", NULL },
    { "F", "DD", NULL },
};
static const tw_hl7_word allergy_category[] = {
    /* 0127 */
    { "DA", "medication", NULL }, { "FA", "food", NULL },        { "EA", "environment", NULL },
    { "AA", "biologic", NULL },   { "PA", "environment", NULL }, { "LA", "environment", NULL },
};
static const tw_hl7_word allergy_type[] = {
    /* 0127 */
    { "DA", "allergy", NULL }, { "FA", "allergy", NULL }, { "MA", "allergy", NULL }, { "EA", "allergy", NULL },
    { "AA", "allergy", NULL }, { "PA", "allergy", NULL }, { "LA", "allergy", NULL },
};
static const tw_hl7_word criticality[] = {
    /* 0128 */
    { "SV", "high", NULL },
    { "MI", "low", NULL },
};
static const tw_hl7_word order_status[] = {
    /* 0038; A, in part, is still active */
    { "CA", "revoked", NULL },          { "CM", "completed", NULL }, { "DC", "revoked", NULL },
    { "ER", "entered-in-error", NULL }, { "HD", "on-hold", NULL },   { "IP", "active", NULL },
    { "RP", "revoked", NULL },          { "SC", "active", NULL },    { "A", "active", NULL },
};
static const tw_hl7_word order_priority[] = {
    /* 0027, 0485 */
    { "S", "stat", NULL },
    { "A", "asap", NULL },
    { "R", "routine", NULL },
};
static const tw_hl7_word report_status[] = {
    /* 0123 */
    { "O", "registered", NULL }, { "I", "registered", NULL },  { "S", "registered", NULL },
    { "A", "partial", NULL },    { "P", "preliminary", NULL }, { "C", "corrected", NULL },
    { "M", "corrected", NULL },  { "R", "preliminary", NULL }, { "F", "final", NULL },
    { "X", "cancelled", NULL },  { "Y", "unknown", NULL },     { "Z", "unknown", NULL },
};
/* 0085; the concept map leaves B, N, O, R, U, V and X open. */
static const tw_hl7_word result_status[] = {
    { "F", "final", NULL },
    { "C", "corrected", NULL },
    { "P", "preliminary", NULL },
    { "D", "entered-in-error", NULL },
    { "W", "entered-in-error", NULL },
    { "A", "amended", NULL },
    { "B", "amended", NULL },
    { "I", "registered", NULL },
    { "N", "final", NULL },
    { "O", "registered", NULL },
    { "R", "preliminary", NULL },
    { "S", "preliminary", NULL },
    { "U", "final", NULL },
    { "V", "final", NULL },
    { "X", "cancelled", NULL },
};
static const tw_hl7_word document_status[] = {
    /* 0273 */
    { "AV", "current", NULL },
    { "CA", "entered-in-error", NULL },
    { "OB", "superseded", NULL },
    { "UN", "current", NULL },
};
static const tw_hl7_word completion[] = {
    /* 0271 */
    { "AU", "final", NULL },       { "LA", "final", NULL },       { "DI", "preliminary", NULL },
    { "DO", "preliminary", NULL }, { "IN", "preliminary", NULL }, { "IP", "preliminary", NULL },
    { "PA", "preliminary", NULL },
};
static const tw_hl7_word confidentiality[] = {
    /* 0272 */
    { "R", "R", NULL },
    { "U", "N", NULL },
    { "V", "V", NULL },
};
static const tw_hl7_word name_use[] = {
    /* 0200 */
    { "L", "official", NULL },  { "D", "usual", NULL }, { "M", "maiden", NULL }, { "N", "nickname", NULL },
    { "S", "anonymous", NULL }, { "C", "old", NULL },   { "T", "temp", NULL },   { "A", "nickname", NULL },
};
static const tw_hl7_word address_use[] = {
    /* 0190 */
    { "H", "home", NULL }, { "P", "home", NULL }, { "B", "work", NULL },
    { "O", "work", NULL }, { "C", "temp", NULL }, { "BA", "old", NULL },
};
static const tw_hl7_word telecom_use[] = {
    /* 0201 */
    { "PRN", "home", NULL }, { "ORN", "home", NULL },   { "VHN", "home", NULL },
    { "WPN", "work", NULL }, { "PRS", "mobile", NULL },
};

#define WORDS(table, out, list)                                                                                        \
    {                                                                                                                  \
        table, out, list, TW_COUNT(list)                                                                               \
    }
#define OPEN(table)                                                                                                    \
    {                                                                                                                  \
        table, table, NULL, 0                                                                                          \
    } /* the codes themselves */

const tw_hl7_words tw_hl7_vocabularies[HL7_W_COUNT] = {
    [HL7_NO_WORDS] = { NULL, NULL, NULL, 0 },
    [HL7_W_SEX] = WORDS(NULL, NULL, sex),
    [HL7_W_MARITAL] = WORDS(V2("0002"), V3("MaritalStatus"), marital),
    [HL7_W_RELATION] = WORDS(V2("0063"), V3("RoleCode"), relation),
    [HL7_W_ROLE] = OPEN(V2("0131")),
    [HL7_W_CLASS] = WORDS(V2("0004"), V3("ActCode"), patient_class),
    [HL7_W_ADMISSION] = OPEN(V2("0007")),
    [HL7_W_SERVICE] = OPEN(V2("0069")),
    [HL7_W_DISCHARGE] = OPEN(V2("0112")),
    [HL7_W_READMIT] = OPEN(V2("0092")),
    [HL7_W_ADMIT_SOURCE] = OPEN(V2("0023")),
    [HL7_W_DIET] = OPEN(V2("0114")),
    [HL7_W_COURTESY] = OPEN(V2("0099")),
    [HL7_W_AMBULATORY] = OPEN(V2("0009")),
    [HL7_W_ENCOUNTER_PRIORITY] = OPEN(V2("0217")),
    [HL7_W_DIAGNOSIS_USE] = WORDS(V2("0052"), "http://terminology.hl7.org/CodeSystem/diagnosis-role", diagnosis_use),
    [HL7_W_ALLERGY_CATEGORY] = WORDS(NULL, NULL, allergy_category),
    [HL7_W_ALLERGY_TYPE] = WORDS(NULL, NULL, allergy_type),
    [HL7_W_CRITICALITY] = WORDS(NULL, NULL, criticality),
    [HL7_W_ORDER_STATUS] = WORDS(NULL, NULL, order_status),
    [HL7_W_ORDER_PRIORITY] = WORDS(NULL, NULL, order_priority),
    [HL7_W_REPORT_STATUS] = WORDS(NULL, NULL, report_status),
    [HL7_W_SECTION] = OPEN(V2("0074")),
    [HL7_W_RESULT_STATUS] = WORDS(NULL, NULL, result_status),
    [HL7_W_FLAG] = OPEN(V3("ObservationInterpretation")),
    [HL7_W_DOCUMENT_STATUS] = WORDS(NULL, NULL, document_status),
    [HL7_W_COMPLETION] = WORDS(NULL, NULL, completion),
    [HL7_W_CONFIDENTIALITY] = WORDS(V2("0272"), V3("Confidentiality"), confidentiality),
    [HL7_W_SPECIMEN] = OPEN(V2("0487")),
    [HL7_W_LANGUAGE] = OPEN("urn:ietf:bcp:47"),
    [HL7_W_NAME_USE] = WORDS(NULL, NULL, name_use),
    [HL7_W_ADDRESS_USE] = WORDS(NULL, NULL, address_use),
    [HL7_W_TELECOM_USE] = WORDS(NULL, NULL, telecom_use),
};

const tw_hl7_word *tw_hl7_word_find(tw_hl7_vocabulary v, tw_str code)
{
    const tw_hl7_words *w = &tw_hl7_vocabularies[v];
    for (size_t i = 0; i < w->count; i++)
        if (tw_str_is(code, w->word[i].from))
            return &w->word[i];
    return NULL;
}
