# What the profiles share: shapes of datatypes, code systems, words and extensions that may pass. See README.md for the format.
# A line that is not here, and not in the profile, removes.

# ---- 45 CFR 164.514(b)(2)(i)(A) "Names;"
type HumanName remove names
# ---- (D) "Telephone numbers;" (E) "Fax numbers;" (F) "Electronic mail addresses;" (N) "Web Universal Resource Locators (URLs);"
type ContactPoint remove contacts
type ContactDetail remove contacts
type uri remove urls
type url remove urls
type canonical remove urls
# ---- (G) "Social security numbers;" (H) "Medical record numbers;" (I) "Health plan beneficiary numbers;" (J) "Account numbers;"
# ---- (K) "Certificate/license numbers;" (L) "Vehicle identifiers and serial numbers, including license plate numbers;"
# ---- (M) "Device identifiers and serial numbers;" (R) "Any other unique identifying number, characteristic, or code, ..."
type Identifier remove identifiers
type id remove identifiers
type oid remove identifiers
type uuid remove identifiers
type System.String remove identifiers
# ---- (P) "Biometric identifiers, including finger and voice prints;" (Q) "Full face photographic images and any comparable images;"
type Attachment attach attachments
type base64Binary remove attachments
type Signature remove attachments
# ---- Free text may hold any of them.
type string remove text
type markdown remove text
type Narrative remove text
type xhtml remove text
type Annotation descend text
# ---- Who wrote it, when it was stored, by which profile and tags of the source.
type Meta remove bookkeeping

# ---- Other people.
path Patient.contact remove relatives
path Patient.link remove relatives

# ---- Shapes: each member by its own rule.
type CodeableConcept descend codes
type Period descend dates
type Timing descend dates
type Range descend values
type Ratio descend values
type SampledData descend values
type Money descend values
type Dosage descend values
type BackboneElement descend structure
type Element descend structure
type Resource contained contained

# ---- Clinical text: through the text engine, where the caller has one, else it goes like all other text. Names of things (Organization.name,
# ---- Device.lotNumber ...) and what is shown beside references are no clinical text.
path CodeableConcept.text scrub text
path Coding.display scrub text
path Annotation.text scrub text
path Dosage.text scrub text
path Dosage.patientInstruction scrub text
path AllergyIntolerance.onsetString scrub text
path AllergyIntolerance.reaction.description scrub text
path Appointment.comment scrub text
path Appointment.description scrub text
path Appointment.patientInstruction scrub text
path AppointmentResponse.comment scrub text
path BodyStructure.description scrub text
path CarePlan.description scrub text
path CarePlan.title scrub text
path CarePlan.activity.detail.description scrub text
path CarePlan.activity.detail.scheduledString scrub text
path ClinicalImpression.description scrub text
path ClinicalImpression.summary scrub text
path ClinicalImpression.finding.basis scrub text
path Communication.payload.contentString scrub text
path CommunicationRequest.payload.contentString scrub text
path Composition.title scrub text
path Composition.section.title scrub text
path Condition.onsetString scrub text
path Condition.abatementString scrub text
path DetectedIssue.detail scrub text
path DiagnosticReport.conclusion scrub text
path DiagnosticReport.media.comment scrub text
path DocumentManifest.description scrub text
path DocumentReference.description scrub text
path FamilyMemberHistory.ageString scrub text
path FamilyMemberHistory.condition.onsetString scrub text
path FamilyMemberHistory.deceasedString scrub text
path Goal.statusReason scrub text
path Goal.target.detailString scrub text
path ImagingStudy.description scrub text
path ImagingStudy.series.description scrub text
path Immunization.protocolApplied.doseNumberString scrub text
path ImmunizationEvaluation.description scrub text
path ImmunizationRecommendation.recommendation.description scrub text
path List.title scrub text
path MedicationAdministration.dosage.text scrub text
path NutritionOrder.oralDiet.instruction scrub text
path NutritionOrder.supplement.instruction scrub text
path NutritionOrder.enteralFormula.administrationInstruction scrub text
path Observation.valueString scrub text
path Observation.component.valueString scrub text
path Observation.referenceRange.text scrub text
path Procedure.performedString scrub text
path QuestionnaireResponse.item.text scrub text
path QuestionnaireResponse.item.answer.valueString scrub text
path RiskAssessment.mitigation scrub text
path RiskAssessment.prediction.rationale scrub text
path ServiceRequest.patientInstruction scrub text
path Specimen.processing.description scrub text
path Specimen.container.description scrub text
path Substance.description scrub text
path Task.description scrub text
path RequestGroup.action.title scrub text
path RequestGroup.action.description scrub text

# ---- Bundles: every URL of a record is keyed like the record's id.
path Bundle.entry.fullUrl link structure
path Bundle.entry.request.url link structure
path Bundle.entry.request.ifNoneExist link structure
path Bundle.entry.response.location link structure
path Bundle.entry.response.status link structure

# ---- Values.
type boolean keep values
type integer keep values
type positiveInt keep values
type unsignedInt keep values
type decimal keep values
type code code codes
type Coding coding codes
type Quantity quantity values
type Age quantity values
type Count quantity values
type Distance quantity values
type Duration quantity values
type Reference reference references
type Extension extension extensions
path SampledData.data samples values
path Money.currency word values
path Extension.valueCode word codes

# ---- Code systems. "listed" takes every system whose codes stand in the R4 table.
systems listed codes
system http://loinc.org loinc codes
system http://snomed.info/sct snomed codes
system http://www.nlm.nih.gov/research/umls/rxnorm rxnorm codes
system http://hl7.org/fhir/sid/cvx cvx codes
system http://hl7.org/fhir/sid/icd-10-cm icd10 codes
system http://hl7.org/fhir/sid/icd-10 icd10 codes
system http://hl7.org/fhir/sid/icd-9-cm icd9 codes
system http://terminology.hl7.org/CodeSystem/icd-o-3 icd-o-3 codes
system http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl ncit codes
system http://www.whocc.no/atc atc codes
system http://www.genenames.org hgnc codes
system http://www.genenames.org/geneId hgnc codes
system http://nucc.org/provider-taxonomy nucc codes
system urn:ietf:rfc:3986 dicom-sop codes
system http://unitsofmeasure.org ucum codes
# Codes of a few people each.
system http://terminology.hl7.org/CodeSystem/v3-TribalEntityUS never small-groups
system http://terminology.hl7.org/CodeSystem/v3-AmericanIndianAlaskaNativeLanguages never small-groups
# Race and ethnicity: the categories of OMB Directive 15 only.
codes urn:oid:2.16.840.1.113883.6.238 1002-5 2028-9 2054-5 2076-8 2106-3 2131-1 2135-2 2186-5
codes urn:ietf:bcp:47 ar bn cs da de de-AT de-CH de-DE el en en-AU en-CA en-GB en-IN en-NZ en-SG en-US es es-AR es-ES es-UY fi fr fr-BE fr-CA fr-CH fr-FR fy fy-NL hi hr it it-CH it-IT ja ko nl nl-BE nl-NL no no-NO pa pl pt pt-BR ru ru-RU sr sr-RS sv sv-SE te vi zh zh-CN zh-HK zh-SG zh-TW
codes http://terminology.hl7.org/CodeSystem/v3-ActCode AMB EMER FLD HH IMP ACUTE NONAC OBSENC PRENC SS VR
codes http://terminology.hl7.org/CodeSystem/v3-ParticipationType ATND ADM CON DIS PPRF SPRF REF PART
codes http://dicom.nema.org/resources/ontology/DCM CR CT DX ES IO MG MR NM OCT OP PT PX RF RTDOSE RTIMAGE RTPLAN RTRECORD RTSTRUCT SC SEG SM SR US XA XC
codes http://dicom.nema.org/medical/dicom/current/output/chtml/part16/sect_CID_29.html CR CT DX ES IO MG MR NM OCT OP PT PX RF SM US XA
codes http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category clinical-note
codes http://hl7.org/fhir/us/core/CodeSystem/us-core-observation-category clinical-test
codes http://hl7.org/fhir/us/core/CodeSystem/us-core-provenance-participant-type transmitter
codes http://hl7.org/fhir/us/core/CodeSystem/careplan-category assess-plan
codes http://hl7.org/fhir/us/core/CodeSystem/condition-category problem health-concern
codes http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode urn:ihe:iti:xds:2017:mimeTypeSufficient
codes https://bluebutton.cms.gov/resources/codesystem/adjudication https://bluebutton.cms.gov/resources/variables/line_alowd_chrg_amt https://bluebutton.cms.gov/resources/variables/line_bene_ptb_ddctbl_amt https://bluebutton.cms.gov/resources/variables/line_coinsrnc_amt https://bluebutton.cms.gov/resources/variables/line_prcsg_ind_cd https://bluebutton.cms.gov/resources/variables/line_prvdr_pmt_amt https://bluebutton.cms.gov/resources/variables/line_sbmtd_chrg_amt
codes https://bluebutton.cms.gov/resources/variables/line_cms_type_srvc_cd 0 1 2 3 4 5 6 7 8 9
codes http://www.nubc.org/patient-discharge 1 01 02 03 04 05 06 07 20

words Extension.valueCode F M OTH UNK ASKU asked-declined unknown
# Why a value is not there: the code system data-absent-reason of FHIR R4.
words Extension.valueCode asked-unknown temp-unknown not-asked masked not-applicable unsupported as-text error not-a-number negative-infinity positive-infinity not-performed not-permitted
words Money.currency AUD BGN BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF IDR ILS INR ISK JPY KRW MXN NOK NZD PLN RON RUB SEK SGD THB TRY USD ZAR

# ---- An observation of one of these is an age.
age-code http://loinc.org 30525-0
age-code http://loinc.org 21612-7
age-code http://loinc.org 29553-5
age-code http://loinc.org 35659-2
age-code http://loinc.org 39016-1
age-code http://snomed.info/sct 397669002
age-code http://snomed.info/sct 424144002
age-code http://snomed.info/sct 445518008

# ---- Extensions: URL, member that holds the value ("extension": children, each with its own line URL#name).
extension http://hl7.org/fhir/StructureDefinition/data-absent-reason valueCode extensions
extension http://hl7.org/fhir/us/core/StructureDefinition/us-core-race extension extensions
extension http://hl7.org/fhir/us/core/StructureDefinition/us-core-race#ombCategory valueCoding extensions
extension http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity extension extensions
extension http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity#ombCategory valueCoding extensions
extension http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex valueCode extensions
extension http://hl7.org/fhir/StructureDefinition/condition-assertedDate valueDateTime extensions
extension http://hl7.org/fhir/StructureDefinition/condition-related valueReference extensions

# mCODE and CodeX radiation therapy: dose, fractions, modality, technique (CC0 implementation guides).
extension http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-procedure-intent valueCodeableConcept radiotherapy
extension http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-radiotherapy-modality-and-technique extension radiotherapy
extension http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-radiotherapy-modality-and-technique#http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-radiotherapy-modality valueCodeableConcept radiotherapy
extension http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-radiotherapy-modality-and-technique#http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-radiotherapy-technique valueCodeableConcept radiotherapy
extension http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-radiotherapy-modality-and-technique#http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-energy-or-isotope value[x] radiotherapy
extension http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-radiotherapy-dose-delivered-to-volume#http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-uniform-fractionation valueBoolean radiotherapy
extension http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-radiotherapy-modality-and-technique#http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-treatment-applicator-type valueCodeableConcept radiotherapy
extension http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-radiotherapy-modality valueCodeableConcept radiotherapy
extension http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-radiotherapy-technique valueCodeableConcept radiotherapy
extension http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-radiotherapy-sessions valueUnsignedInt radiotherapy
extension http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-radiotherapy-dose-delivered-to-volume extension radiotherapy
extension http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-radiotherapy-dose-delivered-to-volume#volume valueReference radiotherapy
extension http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-radiotherapy-dose-delivered-to-volume#totalDoseDelivered valueQuantity radiotherapy
extension http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-radiotherapy-dose-delivered-to-volume#fractionsDelivered valueUnsignedInt radiotherapy
extension http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-laterality-qualifier valueCodeableConcept radiotherapy
extension http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-body-location-qualifier valueCodeableConcept radiotherapy
extension http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-disease-status-evidence-type valueCodeableConcept extensions
extension http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior valueCodeableConcept extensions
extension http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-related-condition valueReference extensions
extension http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-related-condition-absent valueCodeableConcept extensions
extension http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-normalization-basis valueCodeableConcept extensions
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-energy-or-isotope value[x] radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-image-guided-radiotherapy-modality extension radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-image-guided-radiotherapy-modality#modality valueCodeableConcept radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-image-guided-radiotherapy-modality#energy valueCodeableConcept radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-dose-prescribed-to-volume extension radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-dose-prescribed-to-volume#volume valueReference radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-dose-prescribed-to-volume#totalDose valueQuantity radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-dose-prescribed-to-volume#fractionDose valueQuantity radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-dose-prescribed-to-volume#fractions valuePositiveInt radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-dose-planned-to-volume extension radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-dose-planned-to-volume#volume valueReference radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-dose-planned-to-volume#totalDose valueQuantity radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-dose-planned-to-volume#fractionDose valueQuantity radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-dose-planned-to-volume#fractions valuePositiveInt radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-fractions-prescribed valuePositiveInt radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-fractions-planned valuePositiveInt radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-fractions-delivered valueUnsignedInt radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-fraction-number-in-plan valuePositiveInt radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-fraction-number-in-phase valuePositiveInt radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-session-number valuePositiveInt radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-volume-extension valueReference radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-uniform-fractionation valueBoolean radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-course-involves-reirradiation valueBoolean radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-respiratory-motion-management valueCodeableConcept radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-free-breathing-motion-mgmt-technique valueCodeableConcept radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-treatment-applicator-type valueCodeableConcept radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-reason-for-revision-or-adaptation valueCodeableConcept radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-disease-progression-qualifier valueCodeableConcept radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-intrafraction-verification extension radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-intrafraction-verification#modality valueCodeableConcept radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-intrafraction-verification#procedure valueCodeableConcept radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-intrafraction-verification#qualifier valueCodeableConcept radiotherapy
