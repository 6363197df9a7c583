/* Code systems under the names that HL7 v2 and C-CDA give them. */
#include "sources/decode.h"

static const struct {
    const char *name; /* HL7 table 0396; several rows for several spellings */
    const char *oid;  /* "": none, or named by another row */
    const char *uri;
} table[] = {
    { "LN", "2.16.840.1.113883.6.1", "http://loinc.org" },
    { "LOINC", "", "http://loinc.org" },
    { "SCT", "2.16.840.1.113883.6.96", "http://snomed.info/sct" },
    { "SNM3", "", "http://snomed.info/sct" },
    { "SNOMED-CT", "", "http://snomed.info/sct" },
    { "SNOMED", "", "http://snomed.info/sct" },
    { "RXNORM", "2.16.840.1.113883.6.88", "http://www.nlm.nih.gov/research/umls/rxnorm" },
    { "CVX", "2.16.840.1.113883.12.292", "http://hl7.org/fhir/sid/cvx" },
    { "MVX", "2.16.840.1.113883.12.227", "http://hl7.org/fhir/sid/mvx" },
    { "NDC", "2.16.840.1.113883.6.69", "http://hl7.org/fhir/sid/ndc" },
    { "I10", "2.16.840.1.113883.6.3", "http://hl7.org/fhir/sid/icd-10" },
    { "I10C", "2.16.840.1.113883.6.90", "http://hl7.org/fhir/sid/icd-10-cm" },
    { "I10P", "2.16.840.1.113883.6.4", "http://www.cms.gov/Medicare/Coding/ICD10" },
    { "I9", "2.16.840.1.113883.6.42", "http://hl7.org/fhir/sid/icd-9-cm" },
    { "I9C", "2.16.840.1.113883.6.103", "http://hl7.org/fhir/sid/icd-9-cm" },
    { "I9CDX", "2.16.840.1.113883.6.103", "http://hl7.org/fhir/sid/icd-9-cm" },
    { "I9CP", "2.16.840.1.113883.6.104", "http://hl7.org/fhir/sid/icd-9-cm" },
    { "C4", "2.16.840.1.113883.6.12", "http://www.ama-assn.org/go/cpt" },
    { "CPT", "", "http://www.ama-assn.org/go/cpt" },
    { "HCPCS", "2.16.840.1.113883.6.285", "urn:oid:2.16.840.1.113883.6.285" },
    { "UCUM", "2.16.840.1.113883.6.8", "http://unitsofmeasure.org" },
    { "ATC", "2.16.840.1.113883.6.73", "http://www.whocc.no/atc" },
    { "WC", "", "http://www.whocc.no/atc" },
    { "UNII", "2.16.840.1.113883.4.9", "http://fdasis.nlm.nih.gov" },
    { "NDFRT", "2.16.840.1.113883.3.26.1.5", "http://hl7.org/fhir/ndfrt" },
    { "NCI", "2.16.840.1.113883.3.26.1.1", "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl" },
    { "CDCREC", "2.16.840.1.113883.6.238", "urn:oid:2.16.840.1.113883.6.238" },
    { "ICDO3", "2.16.840.1.113883.6.43.1", "http://terminology.hl7.org/CodeSystem/icd-o-3" },
    { "HL70001", "2.16.840.1.113883.12.1", "http://terminology.hl7.org/CodeSystem/v2-0001" },
    { "HL70004", "2.16.840.1.113883.12.4", "http://terminology.hl7.org/CodeSystem/v2-0004" },
    { "HL70078", "2.16.840.1.113883.12.78", "http://terminology.hl7.org/CodeSystem/v2-0078" },
    { "HL70203", "2.16.840.1.113883.12.203", "http://terminology.hl7.org/CodeSystem/v2-0203" },
    { "", "2.16.840.1.113883.5.1", "http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender" },
    { "", "2.16.840.1.113883.5.2", "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus" },
    { "", "2.16.840.1.113883.5.4", "http://terminology.hl7.org/CodeSystem/v3-ActCode" },
    { "", "2.16.840.1.113883.5.83", "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation" },
    { "", "2.16.840.1.113883.5.1008", "http://terminology.hl7.org/CodeSystem/v3-NullFlavor" },
};

tw_str tw_system_by_name(tw_str name)
{
    for (size_t i = 0; i < TW_COUNT(table) && name.n > 0; i++)
        if (tw_str_is(name, table[i].name))
            return tw_str_of(table[i].uri);
    return (tw_str){ "", 0 };
}

tw_str tw_system_by_oid(tw_str oid)
{
    if (tw_str_starts(oid, "urn:oid:"))
        oid = (tw_str){ oid.p + 8, oid.n - 8 };
    for (size_t i = 0; i < TW_COUNT(table) && oid.n > 0; i++)
        if (tw_str_is(oid, table[i].oid))
            return tw_str_of(table[i].uri);
    return (tw_str){ "", 0 };
}
