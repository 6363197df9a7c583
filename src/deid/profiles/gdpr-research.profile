# Regulation (EU) 2016/679 (GDPR), Article 89(1): processing for "scientific or historical research purposes [...] shall be subject to
# appropriate safeguards [...]. Those safeguards shall ensure that technical and organisational measures are in place in particular in order to
# ensure respect for the principle of data minimisation. Those measures may include pseudonymisation provided that those purposes can be
# fulfilled in that manner." The result is pseudonymised personal data (Article 4(5), recital 26: "to be considered to be information on an
# identifiable natural person"), not anonymous data; the keys are the "additional information" that Article 4(5) wants "kept separately".
profile gdpr-research
include common
include linked

# ---- Article 5(1)(c), data minimisation, "limited to what is necessary in relation to the purposes": intervals are needed, days are not. One
# ---- keyed whole-week shift for all of a person's times.
times shift
type date time dates(Art.5(1)(c))
type dateTime time dates(Art.5(1)(c))
type instant time dates(Art.5(1)(c))
type time remove dates(Art.5(1)(c))
# A year of birth is enough for an age; over 89 few are left (recital 26, "all the means reasonably likely to be used").
path Patient.birthDate birth-year birth(Rec.26)
path FamilyMemberHistory.bornDate birth-year birth(Rec.26)
path FamilyMemberHistory.bornPeriod remove birth(Rec.26)

# ---- Article 4(1), "an identifier such as a name, an identification number, location data": the country alone stays.
type Address remove places(Art.4(1))
path Patient.address descend places(Art.4(1))
path Address.country word places(Art.4(1))
words Address.country AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK US AUT BEL BGR CHE CYP CZE DEU DNK EST ESP FIN FRA GBR GRC HRV HUN IRL ISL ITA LIE LTU LUX LVA MLT NLD NOR POL PRT ROU SWE SVN SVK USA

# ---- Article 4(1), "factors specific to the [...] economic, cultural or social identity of that natural person".
path Patient.maritalStatus remove identity(Art.4(1))
path Patient.multipleBirthBoolean remove identity(Art.4(1))
path Patient.multipleBirthInteger remove identity(Art.4(1))
path Patient.communication remove identity(Art.4(1))

# ---- Article 9(1), special categories other than health that a study of health has no ground for by itself: "racial or ethnic origin". A study
# ---- that needs them loads an edited copy of this file.
extension http://hl7.org/fhir/us/core/StructureDefinition/us-core-race none origin(Art.9(1))
extension http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity none origin(Art.9(1))
