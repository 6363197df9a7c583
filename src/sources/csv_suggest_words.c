/* Names of columns and files as hospitals choose them: English, Spanish, German; and words for sex, class, type. */
#include "sources/csv_suggest.h"

static const struct {
    unsigned role;
    const char *names; /* normalised, parted by blanks */
} names[] = {
    { TW_EL_PATIENT,
      "patient patientid patientno patientnumber patnr patno pat mrn mrnumber medicalrecordnumber subject subjectid "
      "paciente idpaciente pacienteid nhc numerohistoria historiaclinica patientennr patientennummer patientenid "
      "patid" },
    { TW_ROLE_ENCOUNTER,
      "encounter encounterid visit visitid visitno visitnumber fallnr fallnummer fall fallid episodio idepisodio "
      "episodioid episode episodeid aufenthalt admissionid hadmid csn" },
    { TW_ROLE_RECORD, "id recordid record rowid key uid guid resultid orderid idregistro registro satzid lfdnr nr" },
    { TW_ROLE_CODE, "code codigo kode schluessel schlussel testcode itemcode diagnosiscode procedurecode drugcode" },
    { TW_ROLE_SYSTEM, "system codesystem codingsystem codesys sistema vocabulary terminology kodiersystem" },
    { TW_ROLE_DISPLAY,
      "description display name test testname diagnosis diagnose drug drugname descripcion nombreprueba bezeichnung "
      "text beschreibung prueba medikament medicamento wirkstoff" },
    { TW_ROLE_REASON, "reasoncode reason indicationcode motivocodigo" },
    { TW_ROLE_REASON_DISPLAY, "reasondescription indication motivo anlass" },
    { TW_ROLE_VALUE, "value result resultado valor wert ergebnis messwert resultvalue numericvalue valuenum" },
    { TW_ROLE_VALUE_TYPE, "type valuetype datatype resulttype tipo typ" },
    { TW_EL_UNIT, "unit units uom unidad unidades einheit valueuom resultunit" },
    { TW_EL_STATUS, "status estado state resultstatus clinicalstatus" },
    { TW_EL_CATEGORY, "category categoria kategorie class" },
    { TW_EL_CLASS, "encounterclass visittype class kind patientclass setting fallart clase visitclass" },
    { TW_EL_TIME,
      "date datetime time timestamp effective taken collected collectiontime charttime fecha fechahora fechatoma datum "
      "zeitpunkt given administered abnahme abnahmezeit" },
    { TW_EL_START, "start startdate starttime begin from since onset onsetdate arrived admitted admission admittime "
                   "fechainicio inicio "
                   "ingreso beginn von aufnahme startdatum prescribed" },
    { TW_EL_FINISH,
      "stop end enddate endtime stopdate to until left discharged discharge dischtime fechafin fin alta ende bis "
      "entlassung enddatum" },
    { TW_EL_RECORDED, "recorded recordeddate issued authoredon entered reported fecharegistro erfasst" },
    { TW_EL_BIRTH_DATE, "birthdate dob dateofbirth birth nacimiento fechanacimiento geburtsdatum gebdatum born" },
    { TW_EL_DEATH, "deathdate dod dateofdeath death fallecimiento fechafallecimiento defuncion sterbedatum" },
    { TW_EL_SEX, "sex gender sexo genero geschlecht" },
    { TW_EL_FAMILY, "last lastname familyname surname family apellidos apellido nachname familienname" },
    { TW_EL_GIVEN, "first firstname givenname given forename nombre nombres vorname" },
    { TW_EL_MIDDLE, "middle middlename zweitname segundonombre" },
    { TW_EL_PREFIX, "prefix title titel titulo" },
    { TW_EL_SUFFIX, "suffix" },
    { TW_EL_STREET, "address street addressline direccion calle strasse anschrift domicilio" },
    { TW_EL_CITY, "city town ciudad poblacion municipio stadt ort wohnort" },
    { TW_EL_DISTRICT, "county district kreis comarca" },
    { TW_EL_STATE, "state province region provincia bundesland" },
    { TW_EL_POSTAL_CODE, "zip zipcode postalcode postcode codigopostal cp plz postleitzahl" },
    { TW_EL_COUNTRY, "country pais land" },
    { TW_EL_PHONE, "phone telephone phonenumber mobile telefono telefon handy tel" },
    { TW_EL_EMAIL, "email mail correo correoelectronico" },
    { TW_EL_MARITAL, "marital maritalstatus estadocivil familienstand" },
    { TW_ROLE_IDENTIFIER, "ssn socialsecuritynumber drivers passport dni nif nie nationalid svnr versichertennummer" },
    { TW_EL_DOSE, "dose dosis dosage doseamount amount" },
    { TW_EL_DOSE_UNIT, "doseunit doseunits dosisunidad dosiseinheit" },
    { TW_EL_LOT, "lot lotnumber batch lote charge chargennummer" },
    { TW_EL_INTERPRETATION, "interpretation flag abnormalflag" },
    { TW_EL_CRITICALITY, "criticality" },
    { TW_EL_COMPARATOR, "comparator operator" },
    { TW_ROLE_LOINC, "loinc loinccode" },
    { TW_ROLE_SNOMED, "snomed snomedct snomedcode sct" },
    { TW_ROLE_ICD10, "icd10 icd icd10code icdcode cie10 icd10gm icd10cm" },
    { TW_ROLE_RXNORM, "rxnorm rxcui" },
    { TW_ROLE_ATC, "atc atccode" },
    { TW_ROLE_CVX, "cvx cvxcode" },
};

/* Some names mean something else in some tables. */
static const struct {
    const char *name;
    tw_cm_type kind;
    unsigned role;
} special[] = {
    { "type", TW_CM_ALLERGY, TW_EL_ALLERGY_TYPE }, { "class", TW_CM_ENCOUNTER, TW_EL_CLASS },
    { "kind", TW_CM_OBSERVATION, TW_EL_CATEGORY }, { "state", TW_CM_PATIENT, TW_EL_STATE },
    { "from", TW_CM_OBSERVATION, TW_EL_START },    { "unit", TW_CM_REQUEST, TW_EL_DOSE_UNIT },
    { "unit", TW_CM_STATEMENT, TW_EL_DOSE_UNIT },  { "unit", TW_CM_ADMINISTRATION, TW_EL_DOSE_UNIT },
    { "id", TW_CM_PATIENT, TW_EL_PATIENT },        { "id", TW_CM_ENCOUNTER, TW_ROLE_ENCOUNTER },
    { "date", TW_CM_CONDITION, TW_EL_START },      { "date", TW_CM_ENCOUNTER, TW_EL_START },
    { "date", TW_CM_ALLERGY, TW_EL_START },        { "date", TW_CM_REQUEST, TW_EL_RECORDED },
    { "datum", TW_CM_CONDITION, TW_EL_START },     { "fecha", TW_CM_CONDITION, TW_EL_START },
    { "reason", TW_CM_ENCOUNTER, TW_ROLE_REASON }, { "name", TW_CM_PATIENT, TW_EL_FAMILY },
};

/* The first whose part stands in a file's name. */
static const struct {
    const char *part;
    tw_cm_type kind;
} kinds[] = {
    { "allerg", TW_CM_ALLERGY },
    { "alerg", TW_CM_ALLERGY },
    { "immuni", TW_CM_IMMUNIZATION },
    { "vaccin", TW_CM_IMMUNIZATION },
    { "vacuna", TW_CM_IMMUNIZATION },
    { "impf", TW_CM_IMMUNIZATION },
    { "administration", TW_CM_ADMINISTRATION },
    { "doses", TW_CM_ADMINISTRATION },
    { "medication", TW_CM_REQUEST },
    { "prescri", TW_CM_REQUEST },
    { "medicament", TW_CM_REQUEST },
    { "medikament", TW_CM_REQUEST },
    { "verordnung", TW_CM_REQUEST },
    { "receta", TW_CM_REQUEST },
    { "drug", TW_CM_REQUEST },
    { "procedure", TW_CM_PROCEDURE },
    { "prozedur", TW_CM_PROCEDURE },
    { "procedimiento", TW_CM_PROCEDURE },
    { "eingriff", TW_CM_PROCEDURE },
    { "surger", TW_CM_PROCEDURE },
    { "condition", TW_CM_CONDITION },
    { "diagnos", TW_CM_CONDITION },
    { "problem", TW_CM_CONDITION },
    { "observation", TW_CM_OBSERVATION },
    { "lab", TW_CM_OBSERVATION },
    { "result", TW_CM_OBSERVATION },
    { "vital", TW_CM_OBSERVATION },
    { "messwert", TW_CM_OBSERVATION },
    { "befund", TW_CM_OBSERVATION },
    { "mediciones", TW_CM_OBSERVATION },
    { "encounter", TW_CM_ENCOUNTER },
    { "visit", TW_CM_ENCOUNTER },
    { "episodio", TW_CM_ENCOUNTER },
    { "aufenthalt", TW_CM_ENCOUNTER },
    { "admission", TW_CM_ENCOUNTER },
    { "faelle", TW_CM_ENCOUNTER },
    { "organization", TW_CM_ORGANIZATION },
    { "payer", TW_CM_ORGANIZATION },
    { "provider", TW_CM_PRACTITIONER },
    { "practitioner", TW_CM_PRACTITIONER },
    { "patient", TW_CM_PATIENT },
    { "paciente", TW_CM_PATIENT },
    { "stammdaten", TW_CM_PATIENT },
    { "demograph", TW_CM_PATIENT },
    { "person", TW_CM_PATIENT },
};

static const char *const role_name[] = {
    [TW_ROLE_NONE - TW_EL_COUNT] = "nothing",
    [TW_ROLE_RECORD - TW_EL_COUNT] = "id of the record",
    [TW_ROLE_ENCOUNTER - TW_EL_COUNT] = "encounter",
    [TW_ROLE_CODE - TW_EL_COUNT] = "code",
    [TW_ROLE_SYSTEM - TW_EL_COUNT] = "code system",
    [TW_ROLE_DISPLAY - TW_EL_COUNT] = "display of the code",
    [TW_ROLE_REASON - TW_EL_COUNT] = "reason",
    [TW_ROLE_REASON_DISPLAY - TW_EL_COUNT] = "display of the reason",
    [TW_ROLE_VALUE - TW_EL_COUNT] = "value",
    [TW_ROLE_VALUE_TYPE - TW_EL_COUNT] = "type of the value",
    [TW_ROLE_IDENTIFIER - TW_EL_COUNT] = "another identifier",
    [TW_ROLE_MEASURE - TW_EL_COUNT] = "measure",
    [TW_ROLE_LOINC - TW_EL_COUNT] = "code of LOINC",
    [TW_ROLE_SNOMED - TW_EL_COUNT] = "code of SNOMED CT",
    [TW_ROLE_ICD10 - TW_EL_COUNT] = "code of ICD-10",
    [TW_ROLE_RXNORM - TW_EL_COUNT] = "code of RxNorm",
    [TW_ROLE_ATC - TW_EL_COUNT] = "code of ATC",
    [TW_ROLE_CVX - TW_EL_COUNT] = "code of CVX",
};

const char *tw_sug_role_name(unsigned role)
{
    return role < TW_EL_COUNT ? tw_el_name((tw_el)role) : role_name[role - TW_EL_COUNT];
}

/* U+00C0 to U+00FF without their accents; '?': a sign. */
static const char folded[] = "aaaaaaaceeeeiiiidnooooo?ouuuuytsaaaaaaaceeeeiiiidnooooo?ouuuuyty";

tw_str tw_sug_norm(tw_arena *a, tw_str name)
{
    char *p = tw_arena_get(a, name.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++) {
        uint8_t c = (uint8_t)name.p[i];
        if (c >= 'A' && c <= 'Z')
            c = (uint8_t)(c - 'A' + 'a');
        if (c == 0xC3 && i + 1 < name.n && folded[(uint8_t)name.p[i + 1] & 0x3F] != '?')
            c = (uint8_t)folded[(uint8_t)name.p[++i] & 0x3F];
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            p[n++] = (char)c;
    }
    return (tw_str){ p, n };
}

unsigned tw_sug_role(bool *exact, tw_str norm, tw_cm_type kind)
{
    *exact = true;
    for (size_t i = 0; i < TW_COUNT(special); i++)
        if (special[i].kind == kind && tw_str_is(norm, special[i].name))
            return special[i].role;
    for (size_t i = 0; i < TW_COUNT(names); i++)
        if (tw_cm_word_in(names[i].names, norm))
            return names[i].role;
    *exact = false;
    for (size_t i = 0; i < TW_COUNT(names); i++) { /* "lab_result_value": the name ends in one that is long enough */
        tw_str rest = tw_str_of(names[i].names);
        tw_str one;
        while (tw_str_split(&one, &rest, ' '))
            if (one.n >= 5 && norm.n > one.n && tw_str_eq((tw_str){ norm.p + norm.n - one.n, one.n }, one))
                return names[i].role;
    }
    return TW_ROLE_NONE;
}

tw_cm_type tw_sug_kind(tw_str file_norm)
{
    for (size_t i = 0; i < TW_COUNT(kinds); i++)
        if (tw_str_find(file_norm, tw_str_of(kinds[i].part)) != SIZE_MAX)
            return kinds[i].kind;
    return TW_CM_TYPES;
}

/* LOINC codes fix the property (mass or substance), so each goes with its units. */
static const struct {
    const char *names;
    const char *loinc;
    const char *units;
} measures[] = {
    { "psa psatotal", "2857-1", "ng/mL ug/L" },
    { "testosterone testosterona testosteron", "2986-8", "ng/dL ng/mL" },
    { "hemoglobin haemoglobin hemoglobina hamoglobin haemoglobina hb", "718-7", "g/dL g/L" },
    { "hba1c", "4548-4", "%" },
    { "glucose glucosa glukose", "2345-7", "mg/dL" },
    { "creatinine creatinina kreatinin", "2160-0", "mg/dL" },
    { "cholesterol colesterol cholesterin", "2093-3", "mg/dL" },
    { "potassium potasio kalium", "2823-3", "mmol/L" },
    { "sodium sodio natrium", "2951-2", "mmol/L" },
    { "weight bodyweight peso gewicht", "29463-7", "kg g" },
    { "height bodyheight talla altura grosse groesse", "8302-2", "cm m" },
    { "systolic systolicbp sbp sistolica systolisch", "8480-6", "mm[Hg]" },
    { "diastolic diastolicbp dbp diastolica diastolisch", "8462-4", "mm[Hg]" },
    { "pulse heartrate pulso puls herzfrequenz", "8867-4", "/min" },
    { "temperature bodytemperature temperatura temperatur", "8310-5", "Cel" },
};

static const tw_sug_pair unit_in_name[] = {
    { "ngml", "ng/mL" }, { "ugl", "ug/L" },     { "ngdl", "ng/dL" },  { "mgdl", "mg/dL" }, { "gdl", "g/dL" },
    { "gl", "g/L" },     { "mmoll", "mmol/L" }, { "kg", "kg" },       { "g", "g" },        { "cm", "cm" },
    { "m", "m" },        { "mmhg", "mm[Hg]" },  { "bpm", "/min" },    { "min", "/min" },   { "pct", "%" },
    { "percent", "%" },  { "c", "Cel" },        { "celsius", "Cel" },
};

bool tw_sug_measure(const char **loinc, const char **unit, tw_str norm)
{
    for (size_t i = 0; i < TW_COUNT(measures); i++) {
        if (tw_cm_word_in(measures[i].names, norm)) {
            *loinc = measures[i].loinc;
            *unit = NULL;
            return true;
        }
        for (size_t k = 0; k < TW_COUNT(unit_in_name); k++) {
            size_t n = strlen(unit_in_name[k].from);
            if (norm.n <= n || memcmp(norm.p + norm.n - n, unit_in_name[k].from, n) != 0 ||
                !tw_cm_word_in(measures[i].names, (tw_str){ norm.p, norm.n - n }) ||
                !tw_cm_word_in(measures[i].units, tw_str_of(unit_in_name[k].to)))
                continue;
            *loinc = measures[i].loinc;
            *unit = unit_in_name[k].to;
            return true;
        }
    }
    return false;
}

bool tw_sug_is_null_word(tw_str s)
{
    static const char *const word[] = {
        "NULL", "null", "NA", "N/A", "n/a", "n/d", "NaN", "nan", "None", "\\N", "-", "."
    };
    for (size_t i = 0; i < TW_COUNT(word); i++)
        if (tw_str_is(s, word[i]))
            return true;
    return false;
}

const tw_sug_pair *tw_sug_classes(size_t *n)
{
    static const tw_sug_pair pair[] = {
        { "ambulatory", "AMB" },
        { "outpatient", "AMB" },
        { "wellness", "AMB" },
        { "urgentcare", "AMB" },
        { "emergency", "EMER" },
        { "inpatient", "IMP" },
        { "home", "HH" },
        { "virtual", "VR" },
        { "hospice", "IMP" },
        { "snf", "IMP" },
        { "ambulant", "AMB" },
        { "stationaer", "IMP" },
        { "notfall", "EMER" },
        { "ambulatorio", "AMB" },
        { "consulta", "AMB" },
        { "urgencias", "EMER" },
        { "hospitalizacion", "IMP" },
        { "ingreso", "IMP" },
        { "ward", "IMP" },
        { "clinic", "AMB" },
        { "AMB", "AMB" },
        { "EMER", "EMER" },
        { "IMP", "IMP" },
    };
    *n = TW_COUNT(pair);
    return pair;
}

static bool has_value(const tw_sug_column *c, const char *a, const char *b)
{
    for (size_t i = 0; i < c->distinct; i++)
        if (tw_str_is(c->value[i], a) || tw_str_is(c->value[i], b))
            return true;
    return false;
}

const tw_sug_pair *tw_sug_sexes(size_t *n, bool *sure, const tw_sug_column *c)
{
    static const tw_sug_pair usual[] = { { "M", "male" },    { "m", "male" },        { "F", "female" },
                                         { "f", "female" },  { "W", "female" },      { "w", "female" },
                                         { "male", "male" }, { "female", "female" }, { "D", "other" },
                                         { "d", "other" },   { "Male", "male" },     { "Female", "female" },
                                         { "U", "unknown" }, { "O", "other" } };
    static const tw_sug_pair spanish[] = { { "H", "male" },       { "h", "male" },      { "V", "male" },
                                           { "M", "female" },     { "m", "female" },    { "Hombre", "male" },
                                           { "Mujer", "female" }, { "hombre", "male" }, { "mujer", "female" } };
    bool is_spanish = has_value(c, "H", "h") || has_value(c, "V", "V") || has_value(c, "Mujer", "mujer");
    const tw_sug_pair *pair = is_spanish ? spanish : usual;
    *n = is_spanish ? TW_COUNT(spanish) : TW_COUNT(usual);
    for (size_t i = 0; i < c->distinct; i++) {
        bool known = false;
        for (size_t k = 0; k < *n && !known; k++)
            known = tw_str_is(c->value[i], pair[k].from);
        if (!known)
            return NULL;
    }
    /* M alone is a man here and a woman there. */
    *sure = is_spanish || has_value(c, "F", "f") || has_value(c, "W", "w") || has_value(c, "female", "Female");
    return pair;
}

bool tw_sug_type_word(bool *numeric, tw_str s)
{
    *numeric = tw_cm_word_in("numeric number num NM nm SN numerical N", s);
    return *numeric || tw_cm_word_in("text string TX ST FT txt char CE CWE coded T", s);
}
