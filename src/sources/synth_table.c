/* A hospital that exports tables: semicolons, ISO 8859-1, decimal commas, CRLF, times of the wall clock in two styles
 * (5/3/2024 9:10 in visits, ISO elsewhere). One row a record; a panel is a row a part. */
#include "sources/synth_other.h"

#define TABLE_MAX ((size_t)1 << 30)

typedef enum {
    PATIENTS,
    VISITS,
    CONDITIONS,
    RESULTS,
    DRUGS,
    DOSES,
    PROCEDURES,
    ALLERGIES,
    VACCINES
} table_name;

static const struct {
    const char *name, *header;
} tables[TW_SYNTH_TABLES] = {
    [PATIENTS] = { "patients", "patient_no;last_name;first_name;sex;birth_date;street;city;state;zip;phone;email;ssn" },
    [VISITS] = { "visits", "visit_no;patient_no;kind;arrived;left;reason" },
    [CONDITIONS] = { "conditions", "record;patient_no;snomed;icd10;name;since;remark" },
    [RESULTS] = { "results", "record;patient_no;visit_no;loinc;name;value;unit;answer;status;taken;class" },
    [DRUGS] = { "drugs", "record;patient_no;atc;rxnorm;name;from;to;dose;unit;status" },
    [DOSES] = { "doses", "record;patient_no;visit_no;atc;rxnorm;name;given;dose;unit" },
    [PROCEDURES] = { "procedures", "record;patient_no;snomed;name;start;end" },
    [ALLERGIES] = { "allergies", "record;patient_no;snomed;name" },
    [VACCINES] = { "vaccines", "record;patient_no;cvx;name;given;lot" },
};

/* ---------------------------------------------------------------- fields */

static void cell(tw_buf *b, tw_str s)
{
    bool quoted = false;
    for (size_t i = 0; i < s.n; i++)
        quoted |= s.p[i] == ';' || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r';
    if (b->n && b->p[b->n - 1] != '\n')
        tw_buf_u8(b, ';');
    if (quoted)
        tw_buf_u8(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            tw_buf_u8(b, '"');
        tw_buf_u8(b, (uint8_t)s.p[i]);
    }
    if (quoted)
        tw_buf_u8(b, '"');
}

static void number(tw_buf *b, tw_arena *a, tw_str s)
{
    char *p = tw_cstr(a, s);
    for (char *q = p; *q; q++)
        *q = (char)(*q == '.' ? ',' : *q);
    cell(b, (tw_str){ p, s.n });
}

/* 2024-05-03, 2024-05-03 09:10; with its offset in the hour that comes twice. */
static void iso(tw_buf *b, tw_arena *a, tw_str fhir)
{
    tw_when t = fhir.n ? tw_synth_when(fhir) : (tw_when){ .precision = TW_WHEN_NONE };
    tw_str s = fhir;
    if (t.precision >= TW_WHEN_MINUTE && t.hour == 1 && t.month == 11)
        s = tw_strf(a, "%04d-%02u-%02uT%02u:%02u:00%s", t.year, t.month, t.day, t.hour, t.minute,
                    tw_synth_offset(a, &t, ":").p);
    else if (t.precision >= TW_WHEN_MINUTE)
        s = tw_strf(a, "%04d-%02u-%02u %02u:%02u", t.year, t.month, t.day, t.hour, t.minute);
    cell(b, s);
}

static void us(tw_buf *b, tw_arena *a, tw_str fhir)
{
    tw_when t = fhir.n ? tw_synth_when(fhir) : (tw_when){ .precision = TW_WHEN_NONE };
    tw_str s = { "", 0 };
    if (t.precision >= TW_WHEN_MINUTE)
        s = tw_strf(a, "%u/%u/%04d %u:%02u", t.month, t.day, t.year, t.hour, t.minute);
    else if (t.precision == TW_WHEN_DAY)
        s = tw_strf(a, "%u/%u/%04d", t.month, t.day, t.year);
    cell(b, s);
}

static tw_str code_in(const tw_synth_record *r, const char *system)
{
    for (size_t i = 0; i < 2; i++)
        if (tw_str_is(r->code[i].system, system))
            return r->code[i].code;
    return (tw_str){ "", 0 };
}

/* ---------------------------------------------------------------- rows */

static void patient(tw_buf *b, tw_desk *d, const tw_synth_record *r)
{
    const tw_synth_person *p = d->p;
    const tw_str cells[] = { r->number, d->m->family, d->m->given, p->woman ? TW_STR("F") : TW_STR("M") };
    const tw_str rest[] = { p->street, p->town, p->state, p->zip, p->phone, p->email, p->ssn };
    for (size_t i = 0; i < TW_COUNT(cells); i++)
        cell(b, cells[i]);
    us(b, tw_desk_arena(d), p->birth);
    for (size_t i = 0; i < TW_COUNT(rest); i++)
        cell(b, rest[i]);
}

static void visit(tw_buf *b, tw_desk *d, const tw_synth_record *r)
{
    cell(b, r->id);
    cell(b, r->number);
    cell(b, r->setting);
    us(b, tw_desk_arena(d), r->from);
    us(b, tw_desk_arena(d), r->to);
    cell(b, r->code[0].code);
}

static void condition(tw_buf *b, tw_desk *d, const tw_synth_record *r)
{
    cell(b, r->id);
    cell(b, r->number);
    cell(b, code_in(r, TW_SNOMED));
    cell(b, code_in(r, TW_ICD10));
    cell(b, r->code[0].display);
    iso(b, tw_desk_arena(d), r->from);
    cell(b, r->text);
}

static void result_row(tw_buf *b, tw_desk *d, const tw_synth_record *r, tw_str id, const tw_coded *code, tw_str value,
                       tw_str unit)
{
    static const char *const vitals[] = { "29463-7", "8867-4", "8480-6", "8462-4" };
    bool vital = false;
    for (size_t i = 0; i < TW_COUNT(vitals); i++)
        vital |= tw_str_is(code->code, vitals[i]);
    cell(b, id);
    cell(b, r->number);
    cell(b, r->visit);
    cell(b, code->code);
    cell(b, code->display);
    number(b, tw_desk_arena(d), value);
    cell(b, unit);
    cell(b, r->answer.code);
    cell(b, r->status);
    iso(b, tw_desk_arena(d), r->from);
    cell(b, vital ? TW_STR("vital") : TW_STR("lab"));
}

static void result(tw_buf *b, tw_desk *d, const tw_synth_record *r)
{
    for (size_t i = 0; i < r->parts; i++) {
        tw_str id = tw_strf(tw_desk_arena(d), TW_FMT "-%zu", TW_ARG(r->id), i + 1);
        if (i)
            tw_buf_cstr(b, "\r\n");
        result_row(b, d, r, id, &r->part[i].code, r->part[i].value, r->part[i].unit);
    }
    if (r->parts == 0)
        result_row(b, d, r, r->id, &r->code[0], r->value, r->unit);
}

static void drug_cells(tw_buf *b, const tw_synth_record *r)
{
    cell(b, code_in(r, "http://www.whocc.no/atc"));
    cell(b, code_in(r, TW_RXNORM));
    cell(b, r->code[0].display);
}

static void drug(tw_buf *b, tw_desk *d, const tw_synth_record *r)
{
    cell(b, r->id);
    cell(b, r->number);
    drug_cells(b, r);
    iso(b, tw_desk_arena(d), r->from);
    iso(b, tw_desk_arena(d), r->to);
    number(b, tw_desk_arena(d), r->value);
    cell(b, r->unit);
    cell(b, r->status);
}

static void dose(tw_buf *b, tw_desk *d, const tw_synth_record *r)
{
    cell(b, r->id);
    cell(b, r->number);
    cell(b, r->visit);
    drug_cells(b, r);
    iso(b, tw_desk_arena(d), r->from);
    number(b, tw_desk_arena(d), r->value);
    cell(b, r->unit);
}

static void procedure(tw_buf *b, tw_desk *d, const tw_synth_record *r)
{
    cell(b, r->id);
    cell(b, r->number);
    cell(b, r->code[0].code);
    cell(b, r->code[0].display);
    iso(b, tw_desk_arena(d), r->from);
    iso(b, tw_desk_arena(d), r->to);
}

static void allergy(tw_buf *b, TW_UNUSED tw_desk *d, const tw_synth_record *r)
{
    cell(b, r->id);
    cell(b, r->number);
    cell(b, r->code[0].code);
    cell(b, r->text);
}

static void vaccine(tw_buf *b, tw_desk *d, const tw_synth_record *r)
{
    cell(b, r->id);
    cell(b, r->number);
    cell(b, r->code[0].code);
    cell(b, r->code[0].display);
    iso(b, tw_desk_arena(d), r->from);
    cell(b, r->lot);
}

/* ---------------------------------------------------------------- tables */

static const struct {
    const char *type;
    table_name table;
    void (*say)(tw_buf *b, tw_desk *d, const tw_synth_record *r);
} rows[] = {
    { "Patient", PATIENTS, patient },
    { "Encounter", VISITS, visit },
    { "Condition", CONDITIONS, condition },
    { "Observation", RESULTS, result },
    { "MedicationStatement", DRUGS, drug },
    { "MedicationAdministration", DOSES, dose },
    { "Procedure", PROCEDURES, procedure },
    { "AllergyIntolerance", ALLERGIES, allergy },
    { "Immunization", VACCINES, vaccine },
};

bool tw_synth_say_row(tw_desk *d, const tw_synth_record *r, unsigned flags)
{
    size_t i = 0;
    while (i < TW_COUNT(rows) && !tw_str_is(r->type, rows[i].type))
        i++;
    if (i == TW_COUNT(rows))
        return false;
    tw_buf row;
    tw_buf_init(&row, 16 * TW_MIB);
    rows[i].say(&row, d, r);
    tw_buf_cstr(&row, "\r\n");
    tw_buf wire;
    tw_buf_init(&wire, 16 * TW_MIB);
    tw_synth_latin1(&wire, tw_str_of_bytes(tw_buf_view(&row)));
    tw_str bytes = tw_str_of_bytes(tw_buf_view(&wire));
    bool late = (flags & TW_TO_LATE) && rows[i].table == RESULTS;
    if (late)
        tw_desk_late(d, tw_str_dup(tw_desk_arena(d), bytes));
    for (unsigned n = flags & TW_TO_BUNDLE_TWICE ? 2 : 1; n > 0; n--) {
        if (!late)
            tw_buf_str(&d->h->table[rows[i].table], bytes);
        d->y->report.units += r->parts ? r->parts : 1;
        d->y->report.dead_units += (flags & TW_IS_DEAD) != 0;
    }
    tw_buf_done(&row);
    tw_buf_done(&wire);
    return true;
}

void tw_synth_start_tables(tw_synth_hospital *h)
{
    for (size_t i = 0; i < TW_SYNTH_TABLES; i++)
        tw_buf_init(&h->table[i], TABLE_MAX);
}

static tw_status put(tw_synth *y, tw_synth_hospital *h, const char *name, const char *header, tw_bytes body)
{
    tw_buf b;
    tw_buf_init(&b, TABLE_MAX);
    tw_buf_fmt(&b, "%s\r\n", header);
    tw_buf_add(&b, body.p, body.n);
    tw_str path = tw_strf(y->in.arena, TW_FMT "/%s.csv", TW_ARG(h->folder), name);
    tw_status s = tw_buf_check(y->cx, &b, "a table");
    if (s == TW_OK)
        s = y->sink.file(y->sink.self, y->cx, path.p, tw_buf_view(&b));
    y->report.files++;
    y->report.bytes += b.n;
    tw_buf_done(&b);
    return s;
}

/* ---------------------------------------------------------------- the mapping (docs/formats/csv-mapping.md) */

#define RECORD "\"id\": \"record\", \"patient\": \"patient_no\""
#define VISIT ", \"encounter\": \"visit_no\""
#define DRUG                                                                                                           \
    "\"code\": [{\"column\": \"atc\", \"system\": \"ATC\", \"display_column\": \"name\"}, "                          \
    "{\"column\": \"rxnorm\", "                                                                                       \
    "\"system\": \"RXNORM\"}], \"dose\": \"dose\", \"dose_unit\": \"unit\""
#define SNOMED_CODE "\"code\": {\"column\": \"snomed\", \"system\": \"SCT\", \"display_column\": \"name\"}"
#define RESULT                                                                                                         \
    "{\"type\": \"Observation\", " RECORD VISIT ", \"time\": \"taken\",\n" \
    "      \"category\": {\"column\": \"class\", \"map\": {\"lab\": \"laboratory\", \"vital\": \"vital-signs\"}},\n" \
    "      \"status\": {\"column\": \"status\", \"map\": {\"final\": \"final\", \"corrected\": \"corrected\", " \
    "\"\": \"unknown\"}},\n" \
    "      \"code\": {\"column\": \"loinc\", \"system\": \"LOINC\", \"display_column\": \"name\"},\n      "

static const char *const mapping_of[TW_SYNTH_TABLES] = {
    [PATIENTS] = "{\"type\": \"Patient\", \"patient\": \"patient_no\", \"family\": \"last_name\", \"given\": "
                 "\"first_name\",\n      \"sex\": {\"column\": \"sex\", \"map\": {\"F\": \"female\", \"M\": \"male\"}},"
                 "\n      \"birth_date\": {\"column\": \"birth_date\", \"dates\": \"M/D/YYYY\"},\n      \"street\": "
                 "\"street\", \"city\": \"city\", \"state\": \"state\", \"postal_code\": \"zip\", \"phone\": "
                 "\"phone\",\n      \"email\": \"email\", \"identifiers\": [{\"column\": \"ssn\", \"system\": "
                 "\"http://hl7.org/fhir/sid/us-ssn\", \"type\": \"SS\"}]}",
    [VISITS] = "{\"type\": \"Encounter\", \"id\": \"visit_no\", \"patient\": \"patient_no\", \"class\": \"kind\", "
               "\"status\": {\"constant\": \"finished\"},\n      \"start\": {\"column\": \"arrived\", \"dates\": "
               "\"M/D/YYYY h:mm\"}, \"end\": {\"column\": \"left\", \"dates\": \"M/D/YYYY h:mm\"},\n      "
               "\"reason\": {\"column\": \"reason\", \"system\": \"SCT\"}}",
    [CONDITIONS] = "{\"type\": \"Condition\", " RECORD ", \"status\": {\"constant\": \"active\"}, \"start\": \"since\""
                   ",\n      \"code\": [{\"column\": \"snomed\", \"system\": \"SCT\", \"display_column\": \"name\"}, "
                   "{\"column\": \"icd10\", \"system\": \"I10C\"}]}",
    [RESULTS] = RESULT "\"when\": [{\"column\": \"answer\", \"is\": [\"\"]}], \"value\": \"value\", \"unit\": "
                       "\"unit\"},\n    " RESULT "\"when\": [{\"column\": \"answer\", \"not\": [\"\"]}], "
                       "\"value\": {\"column\": \"answer\", \"as\": \"code\", \"system\": \"LOINC\"}}",
    [DRUGS] = "{\"type\": \"MedicationStatement\", " RECORD ", \"status\": \"status\", \"start\": \"from\", \"end\": "
              "\"to\",\n      " DRUG "}",
    [DOSES] = "{\"type\": \"MedicationAdministration\", " RECORD VISIT ", \"status\": {\"constant\": \"completed\"}, "
              "\"time\": \"given\",\n      " DRUG "}",
    [PROCEDURES] = "{\"type\": \"Procedure\", " RECORD ", \"status\": {\"constant\": \"completed\"}, \"start\": "
                   "\"start\", \"end\": \"end\",\n      " SNOMED_CODE "}",
    [ALLERGIES] = "{\"type\": \"AllergyIntolerance\", " RECORD ", \"status\": {\"constant\": \"active\"}, " SNOMED_CODE
                  "}",
    [VACCINES] = "{\"type\": \"Immunization\", " RECORD ", \"status\": {\"constant\": \"completed\"}, \"time\": "
                 "\"given\", \"lot\": \"lot\",\n      \"code\": {\"column\": \"cvx\", \"system\": \"CVX\", "
                 "\"display_column\": \"name\"}}",
};

static tw_status put_mapping(tw_synth *y, tw_synth_hospital *h)
{
    tw_buf b;
    bool any = false;
    tw_buf_init(&b, TW_MIB);
    tw_buf_fmt(&b,
               "{\n\"format\": \"twinward-mapping/1\",\n\"patient_system\": \"" TW_FMT "\",\n"
               "\"zone\": \"" TW_SYNTH_ZONE "\", \"delimiter\": \";\", \"charset\": \"iso-8859-1\", \"decimal\": "
               "\",\", \"dates\": \"iso\",\n\"tables\": [",
               TW_ARG(h->mrn_system));
    for (size_t i = 0; i < TW_SYNTH_TABLES; i++) {
        if (h->table[i].n == 0 && h->format != TW_SYNTH_CSV)
            continue;
        tw_buf_fmt(&b, "%s\n  {\"name\": \"%s\", \"files\": \"%s*.csv\", %s\"resources\": [\n    %s]}", any ? "," : "",
                   tables[i].name, tables[i].name, i == CONDITIONS ? "\"ignore\": \"remark\", " : "", mapping_of[i]);
        any = true;
    }
    tw_buf_cstr(&b, "\n]\n}\n");
    tw_str path = tw_strf(y->in.arena, TW_FMT ".mapping.json", TW_ARG(h->folder));
    tw_status s = tw_buf_check(y->cx, &b, "a mapping");
    if (s == TW_OK && any)
        s = y->sink.file(y->sink.self, y->cx, path.p, tw_buf_view(&b));
    y->report.files += any;
    y->report.bytes += any ? b.n : 0;
    tw_buf_done(&b);
    return s;
}

tw_status tw_synth_put_tables(tw_synth *y, tw_synth_hospital *h)
{
    for (size_t i = 0; i < TW_SYNTH_TABLES; i++)
        if (h->table[i].n || h->format == TW_SYNTH_CSV)
            TW_TRY(put(y, h, tables[i].name, tables[i].header, tw_buf_view(&h->table[i])));
    if (h->format == TW_SYNTH_CSV)
        TW_TRY(put(y, h, "results-late", tables[RESULTS].header, tw_buf_view(&h->late)));
    return put_mapping(y, h);
}
