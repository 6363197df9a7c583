/* Bad input, file by file: each case is a file that something is wrong with, between good records (in the same file, or
 * in files before and after it where a file is one document). The good ones are accepted, the bad ones are dead letters
 * that name file, place and rule, nothing else goes wrong, and the value that is planted in each bad part is found
 * in no file of the site. */
#include "leakscan.h"
#include "test_app.h"

#define PLANT "Kowalczyk-Sybilla"

#define MRN                                                                                                            \
    "\"identifier\":[{\"type\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/v2-0203\",\"code\":"   \
    "\"MR\"}]},\"system\":\"urn:mrn\",\"value\":\"a\"}]"
#define F_PATIENT "{\"resourceType\":\"Patient\",\"id\":\"a\"," MRN "}"
#define F_OBS(id, rest)                                                                                                \
    "{\"resourceType\":\"Observation\",\"id\":\"" id "\",\"status\":\"final\",\"code\":{\"coding\":[{\"system\":"      \
    "\"http://loinc.org\",\"code\":\"2857-1\"}]},\"subject\":{\"reference\":\"Patient/a\"}" rest "}"
#define F_BUNDLE(inner) "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[" inner "]}"

#define H_MSH "MSH|^~\\&|LAB|H|||20240102030405||ORU^R01|1|P|2.5\r"
#define H_PID "PID|1||a^^^H^MR||Doe^Jo||19600101|M\r"
#define H_OBR "OBR|1|o1|f1|2857-1^PSA^LN|||20240102\r"
#define H_OBX "OBX|1|NM|2857-1^PSA^LN||4.3|ng/mL|||||F|||20240102\r"
#define H_GOOD H_MSH H_PID H_OBR H_OBX

#define C_HEAD "mrn,birth_date,sex\n"
#define C_GOOD "a,1960-01-01,M\n"

#define X_TOP "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define X_DOC(more)                                                                                                    \
    "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><typeId root=\"2.16.840.1.113883.1.3\" "                               \
    "extension=\"POCD_HD000040\"/><id root=\"1.2.3\" extension=\"d1\"/><recordTarget><patientRole><id "                \
    "root=\"1.2.3.4\" extension=\"a\"/><patient><birthTime value=\"19600101\"/></patient></patientRole>"               \
    "</recordTarget>" more "</ClinicalDocument>"
#define X_GOOD X_TOP X_DOC("")

static const char mapping[] = "{\"format\":\"twinward-mapping/1\",\"patient_system\":\"urn:oid:1.2.3\",\"tables\":[{"
                              "\"name\":\"t\",\"files\":\"*.csv\",\"dates\":[\"iso\"],\"resources\":[{\"type\":"
                              "\"Patient\",\"patient\":\"mrn\",\"birth_date\":\"birth_date\",\"sex\":{\"column\":"
                              "\"sex\",\"map\":{\"M\":\"male\",\"F\":\"female\"}}}],\"ignore\":[]}]}";

typedef enum {
    ALONE = 1,  /* the bad part is a file of its own; good files stand before and after it */
    FINE = 2,   /* it looks odd and is to be accepted: no dead letter */
    SILENT = 4, /* nothing is in it: neither record nor dead letter */
    LAST = 8,   /* no good record after it in the same file: it swallows what follows */
} kind;

typedef struct {
    const char *name;
    const char *ext;
    const char *bad;
    size_t n;      /* 0: to the NUL */
    unsigned kind;
    uint32_t line; /* of the dead letter; 0: any */
    const char *rule; /* part of reason and detail */
} bad_case;

#define BYTES(lit) lit, sizeof(lit) - 1

static const bad_case cases[] = {
    /* FHIR documents */
    { "empty", "json", "", 0, ALONE, 1, "not valid JSON" },
    { "blank", "json", " \n\n ", 0, ALONE, 0, "not valid JSON" },
    { "truncated", "json", "{\"resourceType\":\"Patient\",\"id\":\"" PLANT, 0, ALONE, 1, "not valid JSON" },
    { "truncated bundle", "json", "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"resource\":"
      F_PATIENT "},\n{\"resource\":{\"x\":\"" PLANT "\"", 0, ALONE, 1, "line 2" },
    { "binary", "json", BYTES("\x00\x01\x02\xff\xfe" PLANT), ALONE, 1, "not valid JSON" },
    { "gzip", "json", BYTES("\x1f\x8b\x08\x00\x00" PLANT), ALONE, 1, "not valid JSON" },
    { "zip", "json", BYTES("PK\x03\x04\x14\x00" PLANT), ALONE, 1, "not valid JSON" },
    { "pdf", "json", "%PDF-1.7\n" PLANT, 0, ALONE, 1, "not valid JSON" },
    { "html", "json", "<html><body>" PLANT "</body></html>", 0, ALONE, 1, "not valid JSON" },
    { "UTF-8 BOM", "json", "\xEF\xBB\xBF" F_PATIENT, 0, ALONE | FINE, 0, "" },
    { "UTF-16LE", "json", BYTES("\xFF\xFE{\0\"\0a\0\"\0:\0\"\0K\0o\0w\0\"\0}\0"), ALONE, 1, "not valid JSON" },
    { "UTF-16BE", "json", BYTES("\xFE\xFF\0{\0\"\0a\0\"\0:\0\"\0K\0o\0\"\0}"), ALONE, 1, "not valid JSON" },
    { "UTF-32LE", "json", BYTES("\xFF\xFE\0\0{\0\0\0}\0\0\0"), ALONE, 1, "not valid JSON" },
    { "two BOMs", "json", "\xEF\xBB\xBF\xEF\xBB\xBF{\"n\":\"" PLANT "\"}", 0, ALONE, 1, "not valid JSON" },
    { "Latin-1", "json", "{\"resourceType\":\"Patient\",\"name\":\"" PLANT "\xe9\"}", 0, ALONE, 1, "not valid JSON" },
    { "overlong UTF-8", "json", "{\"resourceType\":\"Patient\",\"id\":\"\xc0\xaf" PLANT "\"}", 0, ALONE, 1,
      "not valid JSON" },
    { "lone surrogate", "json", "{\"resourceType\":\"Patient\",\"id\":\"\\ud800" PLANT "\"}", 0, ALONE, 1,
      "not valid JSON" },
    { "duplicate key", "json", "{\"resourceType\":\"Patient\",\"id\":\"a\",\n\"id\":\"" PLANT "\"}", 0, ALONE, 1,
      "line 2" },
    { "after the value", "json", F_PATIENT " " PLANT, 0, ALONE, 1, "not valid JSON" },
    { "comment", "json", "/* " PLANT " */ {}", 0, ALONE, 1, "not valid JSON" },
    { "NaN", "json", "{\"resourceType\":\"Observation\",\"valueQuantity\":{\"value\":NaN}}", 0, ALONE, 1,
      "not valid JSON" },
    { "NUL in a string", "json", BYTES("{\"resourceType\":\"Patient\",\"id\":\"a\0" PLANT "\"}"), ALONE, 1,
      "not valid JSON" },
    { "an array", "json", "[\"" PLANT "\"]", 0, ALONE, 1, "not a FHIR resource" },
    { "a text", "json", "\"" PLANT "\"", 0, ALONE, 1, "not a FHIR resource" },
    { "no type", "json", "{\"id\":\"" PLANT "\"}", 0, ALONE, 1, "not a FHIR resource" },
    { "unknown type", "json", "{\"resourceType\":\"" PLANT "\"}", 0, ALONE, 1, "not one of R4" },
    { "bundle of no type", "json", "{\"resourceType\":\"Bundle\",\"type\":\"" PLANT "\"}", 0, ALONE, 1, "Bundle" },
    { "entry without resource", "json", F_BUNDLE("{\"fullUrl\":\"" PLANT "\"}"), 0, ALONE, 1, "entry" },
    { "bundle in a bundle", "json", F_BUNDLE("{\"resource\":" F_BUNDLE("") "}"), 0, ALONE, 1, "Bundle" },
    { "entries are no list", "json", "{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":{\"a\":\"" PLANT
      "\"}}", 0, ALONE, 1, "Bundle" },
    { "CRLF", "json", "{\r\n\"resourceType\":\"Patient\",\r\n\"id\":\"a\"}\r\n", 0, ALONE | FINE, 0, "" },
    /* FHIR lines */
    { "half a line", "ndjson", "{\"resourceType\":\"Patient\",\"id\":\"" PLANT "\n", 0, 0, 3, "not valid JSON" },
    { "a stranger", "ndjson", "{\"resourceType\":\"Observation\",\"subject\":{\"reference\":\"Patient/" PLANT "\"}}\n",
      0, 0, 3, "not known" },
    { "nobody", "ndjson", "{\"resourceType\":\"Observation\",\"id\":\"1\",\"note\":\"" PLANT "\"}\n", 0, 0, 3,
      "no reference" },
    { "a bad reference", "ndjson", "{\"resourceType\":\"Observation\",\"subject\":{\"reference\":\"" PLANT "\"}}\n",
      0, 0,
      3, "malformed" },
    { "about a group", "ndjson", "{\"resourceType\":\"Condition\",\"subject\":{\"reference\":\"Group/"
      PLANT "\"}}\n", 0,
      0, 3, "something else" },
    { "two people", "ndjson", "{\"resourceType\":\"Patient\",\"id\":\"b\"}\n"
      "{\"resourceType\":\"Provenance\",\"target\":[{\"reference\":\"Patient/a\"},{\"reference\":\"Patient/b\"}],"
      "\"x\":\"" PLANT "\"}\n", 0, 0, 0, "" },
    { "a long id", "ndjson", "{\"resourceType\":\"Observation\",\"id\":\""
      PLANT PLANT PLANT PLANT PLANT PLANT PLANT PLANT
      PLANT "\",\"subject\":{\"reference\":\"Patient/a\"}}\n", 0, 0, 3, "id is malformed" },
    { "not enrolled", "ndjson", "{\"resourceType\":\"Patient\",\"id\":\"" PLANT "\"}\n", 0, 0, 3, "not enrolled" },
    { "no line ends", "ndjson", "{\"a\":\"" PLANT "\"}{\"b\":1}\n", 0, 0, 3, "not valid JSON" },
    { "binary line", "ndjson", BYTES("\x00\x9f\x92" PLANT "\n"), 0, 3, "not valid JSON" },
    { "blank lines", "ndjson", "\n\r\n   \n", 0, FINE, 0, "" },
    { "CR alone", "ndjson", F_OBS("cr", "") "\r" F_OBS("cr2", "") "\n", 0, 0, 3, "not valid JSON" },
    { "mixed", "ndjson", "{]\n" F_OBS("m1", "") "\n[}\n" F_OBS("m2", "") "\n\"" PLANT "\"\n", 0, 0, 3,
      "not valid JSON" },
    { "a number", "ndjson", "42\n", 0, 0, 3, "not a FHIR resource" },
    { "empty lines file", "ndjson", "", 0, ALONE | SILENT, 0, "" },
    /* HL7 v2 */
    { "empty", "hl7", "", 0, ALONE | SILENT, 0, "" },
    { "no message", "hl7", PLANT " is no message\r", 0, ALONE, 0, "" },
    { "binary", "hl7", BYTES("\x00\x01\xff" PLANT), ALONE, 0, "" },
    { "MSH too short", "hl7", "MSH|^~\r" H_PID, 0, 0, 0, "" },
    { "MSH alone", "hl7", "MSH|^~\\&|" PLANT "\r", 0, 0, 0, "" },
    { "doubled delimiters", "hl7", "MSH||||||||ORU^R01|1|P|2.5\rPID|1||" PLANT "\r", 0, 0, 0, "" },
    { "no PID", "hl7", H_MSH "OBX|1|ST|x^" PLANT "||1||||||F\r", 0, 0, 0, "" },
    { "no number in PID-3", "hl7", H_MSH "PID|1||||" PLANT "\r" H_OBR H_OBX, 0, 0, 0, "" },
    { "unknown charset", "hl7", "MSH|^~\\&|A|B|||20240102||ORU^R01|1|P|2.5||||||KLINGON\rPID|1||a^^^H^MR||"
      PLANT "\r", 0,
      0, 0, "" },
    { "Latin-1 said to be UTF-8", "hl7", "MSH|^~\\&|A|B|||20240102||ORU^R01|1|P|2.5||||||UNICODE UTF-8\r"
      "PID|1||a^^^H^MR||" PLANT "\xe9\r", 0, 0, 0, "" },
    { "bad date of birth", "hl7", H_MSH "PID|1||a^^^H^MR||" PLANT "||19601350|M\r" H_OBR H_OBX, 0, 0, 0, "" },
    { "batch count is wrong", "hl7", "FHS|^~\\&|A\rBHS|^~\\&|A\r" H_GOOD "BTS|7\rFTS|1\r", 0, ALONE, 7,
      "counts otherwise" },
    { "LF segments", "hl7", "MSH|^~\\&|A|B|||20240102||ORU^R01|1|P|2.5\nPID|1||a^^^H^MR||Doe^Jo\n", 0, ALONE | FINE, 0,
      "" },
    { "MLLP without end", "mllp", BYTES("\x0b" H_GOOD "\x0b" H_MSH "PID|1||" PLANT), ALONE, 0, "" },
    /* C-CDA */
    { "empty", "xml", "", 0, ALONE, 1, "" },
    { "truncated", "xml", X_TOP "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><title>" PLANT, 0, ALONE, 0, "" },
    { "no document", "xml", X_TOP "<note>" PLANT "</note>", 0, ALONE, 0, "" },
    { "no patient", "xml", X_TOP "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><title>"
      PLANT "</title></ClinicalDocument>",
      0, ALONE, 0, "" },
    { "wrong tags", "xml", X_TOP "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><a>" PLANT "</b></ClinicalDocument>", 0,
      ALONE, 0, "" },
    { "billion laughs", "xml", "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a \"" PLANT "\"><!ENTITY b "
      "\"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d "
      "\"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">]><ClinicalDocument xmlns=\"urn:hl7-org:v3\">&d;</ClinicalDocument>", 0,
      ALONE,
      0, "" },
    { "external entity", "xml", "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>"
      "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><title>&a;" PLANT "</title></ClinicalDocument>", 0, ALONE, 0, "" },
    { "unknown charset", "xml", "<?xml version=\"1.0\" encoding=\"KLINGON\"?><a>" PLANT "</a>", 0, ALONE, 0, "" },
    { "bad UTF-8", "xml", X_TOP "<ClinicalDocument xmlns=\"urn:hl7-org:v3\">" PLANT "\xff</ClinicalDocument>", 0, ALONE,
      0, "" },
    { "NUL", "xml", BYTES(X_TOP "<ClinicalDocument>\0" PLANT "</ClinicalDocument>"), ALONE, 0, "" },
    { "JSON", "xml", "{\"a\":\"" PLANT "\"}", 0, ALONE, 0, "" },
    { "UTF-8 BOM", "xml", "\xEF\xBB\xBF" X_GOOD, 0, ALONE | FINE, 0, "" },
    /* CSV */
    { "empty", "csv", "", 0, ALONE, 0, "" },
    { "unknown columns", "csv", "who,what\n" PLANT ",1\n", 0, ALONE, 0, "" },
    { "column missing", "csv", "mrn,sex\na,M\n", 0, ALONE, 0, "" },
    { "column twice", "csv", "mrn,mrn,birth_date,sex\na," PLANT ",1960-01-01,M\n", 0, ALONE, 0, "" },
    { "too few fields", "csv", "a\n", 0, 0, 3, "" },
    { "too many fields", "csv", "a,1960-01-01,M," PLANT "\n", 0, 0, 3, "" },
    { "bad date", "csv", "a," PLANT ",M\n", 0, 0, 3, "" },
    { "no number", "csv", ",1960-01-01," PLANT "\n", 0, 0, 3, "" },
    { "unknown code", "csv", "a,1960-01-01," PLANT "\n", 0, 0, 3, "" },
    { "quote in a field", "csv", "a,19\"60" PLANT ",M\n", 0, 0, 3, "" },
    { "quote never closed", "csv", "a,\"" PLANT "\n", 0, LAST, 3, "" },
    { "NUL", "csv", BYTES("a,1960-01-01,\0" PLANT "\n"), 0, 3, "" },
    { "Latin-1", "csv", "a,1960-01-01,M\xe9" PLANT "\n", 0, 0, 3, "" },
    { "binary", "csv", BYTES("\x1f\x8b\x08\x00" PLANT), ALONE, 0, "" },
    { "UTF-16", "csv", BYTES("\xFF\xFEm\0r\0n\0\n\0a\0\n\0"), ALONE, 0, "" },
    { "UTF-8 BOM and CRLF", "csv", "\xEF\xBB\xBFmrn,birth_date,sex\r\na,1960-01-01,M\r\n", 0, ALONE | FINE, 0, "" },
};

/* ---------------------------------------------------------------- one case */

static const char *good_text(const char *ext)
{
    if (strcmp(ext, "json") == 0)
        return F_PATIENT;
    if (strcmp(ext, "ndjson") == 0)
        return F_PATIENT "\n" F_OBS("good", "") "\n";
    if (strcmp(ext, "csv") == 0)
        return C_GOOD;
    return strcmp(ext, "xml") == 0 ? X_GOOD : H_GOOD;
}

static void put_file_in(const char *dir, const char *name, tw_str before, tw_str text, tw_str after)
{
    tw_buf b;
    tw_buf_init(&b, 64 * TW_MIB);
    tw_buf_str(&b, before);
    tw_buf_str(&b, text);
    tw_buf_str(&b, after);
    assert_ok(tw_file_write(cx, tw_path(cx, dir, name), tw_buf_view(&b)));
    tw_buf_done(&b);
}

static char *lay_out(const world *w, const bad_case *c, size_t i)
{
    const tw_str none = { NULL, 0 };
    char *dir = tw_path(cx, w->dir, tw_strf(cx->arena, "case-%zu", i).p);
    tw_str bad = { c->bad, c->n ? c->n : strlen(c->bad) };
    bool table = strcmp(c->ext, "csv") == 0;
    tw_str head = table ? TW_STR(C_HEAD) : none;
    tw_str good = tw_str_of(good_text(c->ext));
    assert_ok(tw_dir_make(cx, dir));
    if (c->kind & ALONE) {
        put_file_in(dir, tw_strf(cx->arena, "1.%s", c->ext).p, head, good, none);
        put_file_in(dir, tw_strf(cx->arena, "2.%s", c->ext).p, none, bad, none);
        put_file_in(dir, tw_strf(cx->arena, "3.%s", c->ext).p, head, good, none);
        return dir;
    }
    tw_str before = tw_strf(cx->arena, TW_FMT TW_FMT, TW_ARG(head), TW_ARG(good));
    put_file_in(dir, tw_strf(cx->arena, "1.%s", c->ext).p, before, bad, good);
    return dir;
}

static uint64_t good_records(const bad_case *c)
{
    uint64_t each = strcmp(c->ext, "ndjson") == 0 || strcmp(c->ext, "hl7") == 0 || strcmp(c->ext, "mllp") == 0 ? 2 : 1;
    return c->kind & LAST ? each : 2 * each;
}

static void fail_case(const bad_case *c, const char *why, const tw_collect_report *r, tw_str tsv)
{
    fail_msg("%s (%s): %s\n%llu read, %llu accepted, %llu refused, %llu dead\n" TW_FMT, c->name, c->ext, why,
             (unsigned long long)r->read, (unsigned long long)r->accepted, (unsigned long long)r->refused,
             (unsigned long long)r->dead, TW_ARG(tsv));
}

/* The first letter names the file, a place and the rule. */
static void check_letter(const bad_case *c, const tw_collect_report *r, tw_str tsv)
{
    tw_str rest = tsv;
    tw_str line;
    tw_str cell[6];
    uint64_t at = 0;
    if (!tw_str_split(&line, &rest, '\n') || !tw_str_split(&line, &rest, '\n'))
        fail_case(c, "no dead letter", r, tsv);
    for (size_t i = 0; i < 6; i++)
        if (!tw_str_split(&cell[i], &line, '\t'))
            fail_case(c, "a dead letter without all its cells", r, tsv);
    if (!tw_str_is(cell[0], c->kind & ALONE ? "file 2" : "file 1"))
        fail_case(c, "the wrong file", r, tsv);
    if (!tw_parse_u64(&at, cell[1]) || at == 0 || (c->line && at != c->line))
        fail_case(c, "the wrong line", r, tsv);
    if (cell[4].n == 0 || (c->rule[0] && tw_str_find(tsv, tw_str_of(c->rule)) == SIZE_MAX))
        fail_case(c, "no rule, or the wrong one", r, tsv);
}

static void run_case(world *w, const bad_case *c, size_t i)
{
    tw_collect_report r;
    tw_bytes tsv;
    char *map = tw_path(cx, w->dir, "mapping.json");
    const char *const paths[] = { lay_out(w, c, i) };
    tw_collect_opts o = { .source = "hospital-1", .path = paths, .path_count = 1, .mapping = map, .jobs = 2 };
    tw_status s = tw_app_collect(cx, &r, w->site, &o);
    if (s != TW_OK)
        fail_msg("%s (%s): %s: %s", c->name, c->ext, tw_status_name(s), cx->err.msg);
    assert_ok(tw_file_read(cx, &tsv, tw_path(cx, site_dir(w), "sources/hospital-1/dead-letters.tsv"), TW_MIB));
    tw_str text = tw_str_of_bytes(tsv);
    if (r.read != r.accepted + r.refused + r.dead)
        fail_case(c, "not everything is accounted for", &r, text);
    if (r.accepted < good_records(c))
        fail_case(c, "a good record was lost", &r, text);
    if ((c->kind & (FINE | SILENT)) ? r.dead != 0 : r.dead == 0)
        fail_case(c, c->kind & (FINE | SILENT) ? "a dead letter that should not be" : "no dead letter", &r, text);
    if (!(c->kind & (FINE | SILENT)))
        check_letter(c, &r, text);
    if (tw_str_find(text, TW_STR(PLANT)) != SIZE_MAX)
        fail_case(c, "a value in a dead letter", &r, text);
}

static void on_hit(TW_UNUSED void *arg, const char *file, TW_UNUSED size_t offset, TW_UNUSED const char *what,
                   const char *how, TW_UNUSED size_t line)
{
    print_error("%s: the planted value, %s\n", file, how);
}

static void world_of_cases(world *w)
{
    tw_enrol_report r;
    tw_policy hmb = policy_hmb();
    tw_enrol_line line = { TW_STR("ann"), TW_STR("hospital-1"), TW_STR("a") };
    tw_app_enrol_opts o = { .line = &line, .count = 1, .policy = &hmb, .custodial = true };
    world_make(w);
    assert_ok(tw_app_enrol(cx, &r, w->site, &o));
    assert_ok(tw_file_write(cx, tw_path(cx, w->dir, "mapping.json"), tw_bytes_of(TW_STR(mapping))));
}

TEST(bad_input__is_told_by_place_and_rule_and_stops_nothing)
{
    world w;
    leakscan *s = leakscan_new();
    leakscan_total total = { 0 };
    const char *only = getenv("TWINWARD_CASE");
    world_of_cases(&w);
    for (size_t i = 0; i < TW_COUNT(cases); i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        if (!only || strstr(cases[i].name, only))
            run_case(&w, &cases[i], i);
        tw_arena_back(cx->arena, mark);
    }
    leakscan_add(s, TW_STR("planted"), TW_STR(PLANT));
    leakscan_build(s);
    assert_true(leakscan_tree(&total, s, site_dir(&w), on_hit, NULL));
    assert_int_equal(0, total.hits);
    print_message("# %zu bad files, %llu files of the site looked through\n", TW_COUNT(cases),
                  (unsigned long long)total.files);
    assert_true(TW_COUNT(cases) >= 60);
    leakscan_free(s);
    world_end(&w);
}

/* ---------------------------------------------------------------- very long ones */

typedef struct {
    uint64_t fill; /* bytes of the bad unit that are left */
    char byte;
    tw_str before;
    tw_str begin; /* of the bad unit */
    tw_str after;
} giant;

static void take(tw_str *from, uint8_t *out, size_t n, size_t *got)
{
    size_t part = TW_MIN(n - *got, from->n);
    if (part)
        memcpy(out + *got, from->p, part);
    *from = (tw_str){ from->p + part, from->n - part };
    *got += part;
}

static tw_status giant_read(void *self, TW_UNUSED tw_ctx *c, uint8_t *out, size_t n, size_t *got)
{
    giant *g = self;
    *got = 0;
    take(&g->before, out, n, got);
    take(&g->begin, out, n, got);
    size_t part = g->before.n + g->begin.n ? 0 : (size_t)TW_MIN(n - *got, g->fill);
    if (part)
        memset(out + *got, g->byte, part);
    g->fill -= part;
    *got += part;
    if (g->fill == 0)
        take(&g->after, out, n, got);
    return TW_OK;
}

static void run_giant(world *w, tw_sources_form form, giant g, uint64_t good)
{
    tw_collect_report r;
    tw_bytes tsv;
    static const char *const paths[] = { "-" };
    char *map = tw_path(cx, w->dir, "mapping.json");
    tw_collect_opts o = { .source = "hospital-1", .path = paths, .path_count = 1, .has_form = true, .mapping = map };
    o.form = form;
    o.stream = (tw_input){ giant_read, &g };
    assert_ok(tw_app_collect(cx, &r, w->site, &o));
    assert_ok(tw_file_read(cx, &tsv, tw_path(cx, site_dir(w), "sources/hospital-1/dead-letters.tsv"), TW_MIB));
    if (r.accepted < good || r.dead != 1 || tw_str_find(tw_str_of_bytes(tsv), TW_STR("over a limit")) == SIZE_MAX)
        fail_msg("%s: %llu accepted, %llu dead\n" TW_FMT, tw_sources_form_name(form), (unsigned long long)r.accepted,
                 (unsigned long long)r.dead, (int)tsv.n, (const char *)tsv.p);
}

TEST(bad_input__of_a_gigabyte_in_one_line_is_passed_over)
{
    world w;
    const uint64_t gib = (uint64_t)1 << 30;
    world_of_cases(&w);
    run_giant(&w, TW_FORM_NDJSON,
              (giant){ gib, 'x', TW_STR(F_PATIENT "\n"), TW_STR("{\"a\":\"" PLANT), TW_STR("\"}\n" F_OBS("g",
                      "") "\n") },
              2);
    world_end(&w);
}

TEST(bad_input__of_a_very_long_message_or_document_is_passed_over)
{
    world w;
    const uint64_t much = 100 * TW_MIB;
    world_of_cases(&w);
    run_giant(&w, TW_FORM_HL7V2,
              (giant){ much, 'x', TW_STR(H_GOOD), TW_STR(H_MSH "PID|1||" PLANT), TW_STR("\r" H_GOOD) }, 4);
    run_giant(&w, TW_FORM_CSV, (giant){ much, 'x', TW_STR(C_HEAD C_GOOD), TW_STR("a," PLANT), TW_STR("\n" C_GOOD) }, 2);
    run_giant(&w, TW_FORM_DOCUMENT, (giant){ much, ' ', TW_STR("{"), TW_STR(""), TW_STR("}") }, 0);
    run_giant(&w, TW_FORM_NDJSON,
              (giant){ 1000, '[', TW_STR(F_PATIENT "\n"), TW_STR(""), TW_STR("\n" F_OBS("n", "") "\n") }, 2);
    world_end(&w);
}
