# For profiles whose records stay linked to each other: identifiers and UIDs become keyed ones, the same for the same value wherever it
# stands. Who has the key can link, nobody can read them; so the result is pseudonymised personal data (GDPR Art. 4(5)).

# ---- Identifiers: {"system": "urn:twinward:id", "value": <32 hex digits>}. In whole documents all of them; in records that pass the gate those
# ---- by which snapshots of one course, phase, plan or volume of radiotherapy are told to be the same, and those of imaging studies.
type Identifier link identifiers
path Procedure.identifier ident identifiers
path ServiceRequest.identifier ident identifiers
path BodyStructure.identifier ident identifiers
path ImagingStudy.identifier ident identifiers

# ---- UIDs of DICOM: 2.25.<128 bits>.
path ImagingStudy.series.uid uid identifiers
path ImagingStudy.series.instance.uid uid identifiers
path Extension.valueId uid identifiers
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-dicom-reference extension radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-dicom-reference#instanceUid valueId radiotherapy
extension http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-dicom-reference#sopClass valueCoding radiotherapy
