/* CSV with a mapping: the worked example, mappings that are refused, rows cut at every byte, dates, dead rows, and the
 * tables of Synthea by a mapping that was proposed for them. */
#include "test.h"

#include "sources/csv_internal.h"

/* ---------------------------------------------------------------- helpers */

/* Units of a text by a mapping: Bundles and refusals, a line each. */
typedef struct {
    tw_buf out;
    size_t units;
    size_t bad;
} decoded;

static tw_mapping *mapping_of(const char *json)
{
    tw_mapping *m = NULL;
    assert_ok(tw_mapping_read(cx, &m, tw_str_of(json)));
    return m;
}

static void one_unit(decoded *d, const void *file, tw_str unit)
{
    tw_buf json;
    tw_place place;
    tw_buf_init(&json, TW_MIB);
    d->units++;
    if (tw_decoder_csv.bundle(cx, &json, &place, file, unit) == TW_OK) {
        tw_buf_str(&d->out, tw_str_of_bytes(tw_buf_view(&json)));
        tw_buf_cstr(&d->out, "\n");
    } else {
        d->bad++;
        tw_buf_fmt(&d->out, "! %u:%u " TW_FMT ": %s\n", place.line, place.column, TW_ARG(place.path), cx->err.msg);
        tw_err_clear(cx);
    }
    tw_buf_done(&json);
}

/* Windows grow by `step` bytes. */
static tw_status decode(decoded *d, const tw_mapping *m, tw_str name, tw_str text, size_t step)
{
    const tw_sources_opts opts = { .mapping = m };
    void *file;
    size_t at = 0;
    *d = (decoded){ .units = 0 };
    TW_TRY(tw_decoder_csv.open(cx, &file, &at, &opts, name, text));
    tw_buf_init(&d->out, 64 * TW_MIB);
    size_t end = TW_MIN(at + step, text.n);
    for (;;) {
        size_t skip = 0, size = 0;
        bool last = end == text.n;
        tw_str window = { text.p + at, end - at };
        tw_frame k = tw_decoder_csv.frame(file, &skip, &size, window, last);
        if (k == TW_FRAME_END)
            break;
        if (k == TW_FRAME_MORE) {
            assert_false(last);
            end = TW_MIN(end + step, text.n);
            continue;
        }
        if (k == TW_FRAME_UNIT)
            one_unit(d, file, (tw_str){ window.p + skip, size });
        at += skip + size;
    }
    tw_decoder_csv.close(file);
    return TW_OK;
}

static const char *text_of(decoded *d)
{
    const char *s = tw_cstr(cx->arena, tw_str_of_bytes(tw_buf_view(&d->out)));
    tw_buf_done(&d->out);
    return s;
}

/* What a table of this mapping makes of a text: all Bundles and refusals. */
static const char *made(const char *json, const char *name, const char *text)
{
    decoded d;
    tw_mapping *m = mapping_of(json);
    assert_ok(decode(&d, m, tw_str_of(name), tw_str_of(text), SIZE_MAX / 2));
    tw_mapping_free(m);
    return text_of(&d);
}

/* ---------------------------------------------------------------- the format page */

/* The n-th block of a language on the page. */
static tw_str block(tw_str page, const char *language, size_t n)
{
    tw_str fence = tw_strf(cx->arena, "\n```%s\n", language);
    for (;; n--) {
        size_t at = tw_str_find(page, fence);
        assert_true(at != SIZE_MAX);
        page = (tw_str){ page.p + at + fence.n, page.n - at - fence.n };
        if (n == 0)
            return (tw_str){ page.p, tw_str_find(page, TW_STR("\n```")) + 1 };
    }
}

static tw_str to_latin1(tw_str s)
{
    char *p = tw_arena_get(cx->arena, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if ((uint8_t)s.p[i] == 0xC3)
            p[n++] = (char)((uint8_t)s.p[++i] + 0x40);
        else
            p[n++] = s.p[i];
    return (tw_str){ p, n };
}

/* Every run of 40 hexadecimal digits becomes a word. */
static tw_str named(tw_str s, const char *word)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    for (size_t i = 0; i < s.n;) {
        size_t n = 0;
        while (i + n < s.n && n < 41 && strchr("0123456789abcdef", s.p[i + n]))
            n++;
        if (n == 40) {
            tw_buf_cstr(&b, word);
            i += 40;
        } else {
            tw_buf_u8(&b, (uint8_t)s.p[i++]);
        }
    }
    s = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return s;
}

TEST(the_worked_example_of_the_format_page_holds)
{
    static const struct {
        const char *name;
        const char *id;
    } file[] = { { "pacientes_2024.csv", "PATIENT" }, { "in/Lab-mayo.CSV", "RESULT" } };
    tw_str page = tw_test_source("docs/formats/csv-mapping.md");
    tw_mapping *m;
    assert_ok(tw_mapping_read(cx, &m, block(page, "json", 0)));
    for (size_t i = 0; i < TW_COUNT(file); i++) {
        tw_str text = to_latin1(block(page, "csv", i));
        for (size_t step = 1; step < text.n + 2; step++) {
            decoded d;
            tw_mark mark = tw_arena_mark(cx->arena);
            assert_ok(decode(&d, m, tw_str_of(file[i].name), text, step));
            assert_int_equal(d.units, 1);
            tw_str got = named(tw_str_of(text_of(&d)), file[i].id);
            assert_str(tw_cstr(cx->arena, block(page, "json", i + 1)), got);
            tw_arena_back(cx->arena, mark);
        }
    }
    tw_mapping_free(m);
}

/* ---------------------------------------------------------------- mappings that are refused */

#define HEAD "{\"format\":\"twinward-mapping/1\",\"patient_system\":\"urn:oid:1.2.3\","
#define TABLE HEAD "\"dates\":\"iso\",\"tables\":[{\"name\":\"t\",\"files\":\"*\","
#define OBS(more) TABLE "\"resources\":[{\"type\":\"Observation\",\"patient\":\"P\",\"id\":\"I\"," more "}]}]}"
#define CODE "\"code\":{\"column\":\"C\",\"system\":\"LOINC\"}"
#define FINAL "\"status\":{\"constant\":\"final\"}"
#define GOOD CODE "," FINAL

static const struct {
    const char *json;
    const char *message; /* its end or middle */
} bad_mapping[] = {
    { "", "mapping" },
    { "[]", "line 1, column 1, whole: is no object" },
    { "{}", "format: is missing" },
    { "{\"format\":\"twinward-mapping/2\"}", "column 11, format: is not twinward-mapping/1" },
    { "{\"format\":1}", "format: is no text" },
    { "{\"format\":\"twinward-mapping/1\"}", "patient_system: is missing" },
    { "{\"format\":\"twinward-mapping/1\",\"patient_system\":\"ours\"}",
      "patient_system: is neither a URI nor an OID" },
    { "{\"format\":\"twinward-mapping/1\",\"patient_system\":\"\"}", "patient_system: is empty" },
    { HEAD "\"tabels\":[]}", "tabels: is no member that is known here" },
    { HEAD "\"zone\":\"UTC\"}", "zone: is no POSIX TZ text" },
    { HEAD "\"zone\":\"Madrid\"}", "zone: is no POSIX TZ text" },
    { HEAD "\"charset\":\"utf-16\"}", "charset: is no charset that is known" },
    { HEAD "\"delimiter\":\"::\"}", "delimiter: is none of" },
    { HEAD "\"decimal\":\"'\"}", "decimal: is neither . nor ," },
    { HEAD "\"decimal\":\",\",\"thousands\":\",\"}", "thousands: is the decimal sign too" },
    { HEAD "\"null\":[1]}", "null: holds something that is no text" },
    { HEAD "\"pivot\":100}", "pivot: is no number from 0 to 99" },
    { HEAD "\"dates\":[]}", "dates: is empty" },
    { HEAD "\"dates\":\"D/M\"}", "dates: the format has no year" },
    { HEAD "\"dates\":\"YYYY-DD\"}", "dates: a part of the time stands in the format without the greater part" },
    { HEAD "\"dates\":\"YYYY-MM-MM\"}", "dates: a part of the time stands twice" },
    { HEAD "\"dates\":\"YYYY/QQ\"}", "dates: the format has a letter of no meaning" },
    { HEAD "\"dates\":\"D/M/YY\"}", "dates: a year of two digits needs \"pivot\"" },
    { HEAD "\"dates\":[\"D/M/YYYY\",\"M/D/YYYY\"]}", "dates: two formats read one text as two different times" },
    { HEAD "\"dates\":[\"hl7\",\"DDMMYYYY\"]}", "dates: two formats read one text as two different times" },
    { HEAD "\"dates\":[\"iso\",\"YYYY-DD-MM\"]}", "dates: two formats read one text as two different times" },
    { HEAD "\"x\":0}", "x: is no member" },
    { HEAD "\"comment\":\"\"}", "tables: is missing" },
    { HEAD "\"tables\":[]}", "tables: is no array with items" },
    { HEAD "\"tables\":[{}]}", "tables.0.name: is missing" },
    { HEAD "\"tables\":[{\"name\":\"a b\"}]}", "tables.0.name: has signs besides" },
    { HEAD "\"tables\":[{\"name\":\"t\"}]}", "tables.0.files: is missing" },
    { HEAD "\"tables\":[{\"name\":\"t\",\"files\":[]}]}", "tables.0.files: is empty" },
    { HEAD "\"tables\":[{\"name\":\"t\",\"files\":\"*\"}]}", "tables.0.resources: is missing" },
    { HEAD "\"tables\":[{\"name\":\"t\",\"files\":\"*\",\"skip\":1}]}", "tables.0.skip: is neither true nor false" },
    { HEAD
      "\"tables\":[{\"name\":\"t\",\"files\":\"a\",\"skip\":true},{\"name\":\"t\",\"files\":\"b\",\"skip\":true}]}",
      "tables.1.name: is the name of another table too" },
    { TABLE "\"skip\":true,\"resources\":[]}]}", "tables.0: is skipped and has resources" },
    { TABLE "\"resources\":[]}]}", "tables.0.resources: is no array with items" },
    { TABLE "\"header\":false,\"resources\":[]}]}", "tables.0.columns: is missing where no header is" },
    { TABLE "\"columns\":[\"a\"],\"resources\":[]}]}", "tables.0.columns: stands beside a header" },
    { TABLE "\"header\":false,\"columns\":[\"a\",\"a\"],\"resources\":[]}]}", "columns: lists a column twice" },
    { TABLE "\"header\":false,\"columns\":[\"P\"],\"resources\":[{\"type\":\"Patient\",\"patient\":\"Q\"}]}]}",
      "resources.0.patient: names a column that \"columns\" does not list" },
    { TABLE "\"resources\":[{\"type\":\"Device\"}]}]}", "resources.0.type: is no type that rows can become" },
    { TABLE "\"resources\":[{\"type\":\"Patient\"}]}]}", "resources.0.patient: is missing" },
    { TABLE "\"resources\":[{\"type\":\"Patient\",\"patient\":\"P\",\"id\":\"I\"}]}]}", "id: is not for a Patient" },
    { TABLE "\"resources\":[{\"type\":\"Patient\",\"patient\":\"P\",\"unit\":\"U\"}]}]}",
      "resources.0.unit: is no element of this type" },
    { TABLE "\"resources\":[{\"type\":\"Patient\",\"patient\":{\"constant\":\"7\"}}]}]}",
      "patient: is a constant where only a column can be" },
    { TABLE "\"resources\":[{\"type\":\"Patient\",\"patient\":{\"column\":\"P\",\"system\":\"our\"}}]}]}",
      "patient: has a system that is neither" },
    { TABLE "\"resources\":[{\"type\":\"Patient\",\"patient\":\"P\",\"identifiers\":[{\"column\":\"S\"}]}]}]}",
      "identifiers.0.system: is missing" },
    { TABLE "\"resources\":[{\"type\":\"Patient\",\"patient\":\"P\"}],\"ignore\":[\"P\"]}]}",
      "tables.0.ignore: names a column that is used" },
    { TABLE "\"resources\":[{\"type\":\"Patient\",\"patient\":\"P\"}],\"ignore\":7}]}",
      "tables.0.ignore: holds something that is no text" },
    { TABLE "\"resources\":[{\"type\":\"Observation\",\"patient\":\"P\"," GOOD "}]}]}", "resources.0.id: is missing" },
    { OBS(FINAL), "resources.0.code: is missing" },
    { OBS(CODE), "resources.0.status: is missing" },
    { OBS(GOOD ",\"colour\":\"X\""), "colour: is no member that is known here" },
    { OBS("\"code\":\"C\"," FINAL), "code: is a code: write an object" },
    { OBS("\"code\":{\"column\":\"C\"}," FINAL), "code: needs either system or system_column" },
    { OBS("\"code\":{\"column\":\"C\",\"system\":\"LIONC\"}," FINAL), "code.system: is no code system that is known" },
    { OBS("\"code\":{\"system\":\"LOINC\"}," FINAL), "code: needs either a column or a constant" },
    { OBS(CODE ",\"status\":{\"constant\":\"done\"}"), "status: is none of: registered preliminary final" },
    { OBS(CODE ",\"status\":{\"column\":\"S\",\"map\":{\"F\":\"Final\"}}"), "status: is none of" },
    { OBS(CODE ",\"status\":{\"column\":\"S\",\"map\":{}}"), "status.map: is no object with members" },
    { OBS(CODE ",\"status\":{\"column\":\"S\",\"map\":{\"F\":1}}"), "map: holds something that is no text" },
    { OBS(CODE ",\"status\":{\"column\":\"S\",\"otherwise\":\"final\"}"), "otherwise: stands without a map" },
    { OBS(GOOD ",\"value\":{\"column\":\"V\",\"as\":\"float\"}"), "value.as: is none of number, text, code and auto" },
    { OBS(GOOD ",\"unit\":\"U\""), "unit: stands without a value" },
    { OBS(GOOD ",\"time\":\"T\",\"end\":\"E\""), "time: stands beside start or end" },
    { OBS(GOOD ",\"time\":{\"constant\":\"2020\"}"), "time: is a constant where only a column can be" },
    { OBS(GOOD ",\"when\":[{\"column\":\"X\"}]"), "when.0: needs either is or not" },
    { OBS(GOOD ",\"measures\":[]"), "measures: is no array with items" },
    { OBS(GOOD ",\"measures\":[{\"unit\":\"U\"}]"), "unit: stands without a value" },
    { OBS(GOOD ",\"measures\":[{\"value\":{\"constant\":\"1\"}}]"), "measures.0: is a measure without a column" },
    { OBS(GOOD ",\"measures\":[{\"value\":\"V\",\"sex\":\"S\"}]"), "sex: is no member that is known here" },
    { HEAD "\"tables\":[{\"name\":\"t\",\"files\":\"*\",\"resources\":[{\"type\":\"Condition\",\"patient\":\"P\","
           "\"id\":\"I\"," CODE ",\"start\":\"S\"}]}]}",
      "start: is a time, and no format of dates is declared" },
    { TABLE "\"resources\":[{\"type\":\"Condition\",\"patient\":\"P\",\"id\":\"I\"," CODE
            ",\"status_ended\":{\"constant\":\"resolved\"}}]}]}",
      "status_ended: stands without end" },
};

TEST(a_mapping_that_does_not_hold_is_refused_with_its_place_and_rule)
{
    for (size_t i = 0; i < TW_COUNT(bad_mapping); i++) {
        tw_mapping *m = NULL;
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_status st = tw_mapping_read(cx, &m, tw_str_of(bad_mapping[i].json));
        if (st != TW_EPARSE || !strstr(cx->err.msg, bad_mapping[i].message) || !strstr(cx->err.msg, "mapping"))
            fail_msg("mapping %zu: %s: \"%s\" instead of \"%s\"", i, tw_status_name(st), cx->err.msg,
                     bad_mapping[i].message);
        assert_null(m);
        tw_arena_back(cx->arena, mark);
    }
}

/* ---------------------------------------------------------------- files that no table fits */

TEST(a_file_that_no_table_fits_is_told_with_names_of_columns_only)
{
    static const struct {
        const char *name;
        const char *text;
        const char *message;
        tw_status status;
    } t[] = {
        { "x.txt", "P,I,C\n", "no table of the mapping is for a file of this name", TW_ENOTFOUND },
        { "a.csv", "", "no header row: the file is empty", TW_EPARSE },
        { "a.csv", "\n\n", "no header row: the file is empty", TW_EPARSE },
        { "a.csv", "P,I,C,V,colour,size of shoe\n", "columns that no table knows: colour, size of shoe", TW_EPARSE },
        { "a.csv", "P,I,C\n", "columns missing or twice: V", TW_EPARSE },
        { "a.csv", "P,I,C,V,V\n", "columns missing or twice: V", TW_EPARSE },
        { "a.csv", "P,I,C,X\n", "columns that no table knows: X; missing or twice: V", TW_EPARSE },
        { "a.csv", "P,I,C,V,1234567\n", "columns that no table knows: (name)", TW_EPARSE },
        { "a.csv", "Garcia,1956-02-03,7,8\n", "its first row has none of the columns", TW_EPARSE },
        { "a.csv", "P;I;C;V\n", "its first row has none of the columns", TW_EPARSE },
        { "a.csv", "P,I,C,\"V\n", "header row: a quote is not closed", TW_EPARSE },
        { "a.csv", "P,I,C,V\xFF\n", "header row: bytes are not UTF-8", TW_EPARSE },
        { "a.csv", "\xFF\xFEP\0", "the file is UTF-16", TW_EPARSE },
    };
    tw_mapping *m =
        mapping_of(HEAD "\"dates\":\"iso\",\"tables\":[{\"name\":\"t\",\"files\":\"*.csv\",\"resources\":[{"
                        "\"type\":\"Observation\",\"patient\":\"P\",\"id\":\"I\"," GOOD ",\"value\":\"V\"}]}]}");
    for (size_t i = 0; i < TW_COUNT(t); i++) {
        decoded d;
        tw_status st = decode(&d, m, tw_str_of(t[i].name), tw_str_of(t[i].text), SIZE_MAX / 2);
        if (st != t[i].status || !strstr(cx->err.msg, t[i].message) || strstr(cx->err.msg, "Garcia"))
            fail_msg("file %zu: %s: %s", i, tw_status_name(st), cx->err.msg);
    }
    tw_mapping_free(m);
    void *file;
    size_t n;
    const tw_sources_opts none = { .mapping = NULL };
    assert_status(TW_ENOTFOUND, tw_decoder_csv.open(cx, &file, &n, &none, TW_STR("a.csv"), TW_STR("P\n")));
}

/* ---------------------------------------------------------------- rows that are wrong */

#define ROWS                                                                                                           \
    HEAD                                                                                                               \
        "\"dates\":[\"D/M/YYYY h:mm\",\"D/M/YYYY\"],\"decimal\":\",\",\"null\":[\"n/d\"],\"tables\":[{\"name\":\"t\"," \
        "\"files\":\"*\",\"resources\":[{\"type\":\"Observation\",\"patient\":\"P\",\"id\":[\"I\"],"                   \
        "\"code\":{\"column\":\"C\",\"system_column\":\"S\"},\"status\":{\"column\":\"ST\",\"map\":{\"F\":\"final\","  \
        "\"C\":\"corrected\"}},\"interpretation\":\"H\",\"time\":\"T\",\"value\":\"V\",\"unit\":\"U\"}]}]}"
#define ROWS_HEAD "P,I,C,S,ST,H,T,V,U\n"

TEST(a_row_that_is_wrong_is_told_by_column_and_rule_without_a_value)
{
    static const struct {
        const char *row;
        const char *says;
    } t[] = {
        { ",secret1,2857-1,LN,F,,1/2/2024,\"1,5\",ng/mL", "! 0:1 column P: no number of a patient" },
        { "n/d,secret1,2857-1,LN,F,,1/2/2024,\"1,5\",ng/mL", "! 0:1 column P: no number of a patient" },
        { "secret,,2857-1,LN,F,,1/2/2024,\"1,5\",ng/mL", "! 0:8 column I: no id of the record" },
        { "secret,1,,LN,F,,1/2/2024,\"1,5\",ng/mL", "! 0:10 column C: no code" },
        { "secret,1,2857-2,LN,F,,1/2/2024,\"1,5\",ng/mL", "! 0:10 column C: not a code of LOINC" },
        { "secret,1,73211010,SNOMED-CT,F,,1/2/2024,\"1,5\",ng/mL", "! 0:10 column C: not a code of SNOMED CT" },
        { "secret,1,2857-1,secret,F,,1/2/2024,\"1,5\",ng/mL", "! 0:17 column S: a code system that is not known" },
        { "secret,1,2857-1,LN,secret,,1/2/2024,\"1,5\",ng/mL", "! 0:20 column ST: a word that the map does not hold" },
        { "secret,1,2857-1,LN,,,1/2/2024,\"1,5\",ng/mL", "! 0:20 column ST: no status" },
        { "secret,1,2857-1,LN,F,secret,1/2/2024,\"1,5\",ng/mL",
          "! 0:22 column H: a word that the element does not have" },
        { "secret,1,2857-1,LN,F,H,2024-02-01,\"1,5\",ng/mL",
          "! 0:24 column T: a time in none of the declared formats" },
        { "secret,1,2857-1,LN,F,H,31/2/2024,\"1,5\",ng/mL", "! 0:24 column T: a time in none of the declared formats" },
        { "secret,1,2857-1,LN,F,H,1/2/2024,1.5,ng/mL", "! 0:33 column V: a point in a number with a decimal comma" },
        { "secret,1,2857-1,LN,F,H,1/2/2024,secret,ng/mL", "! 0:33 column V: a value that is no number" },
        { "secret,1,2857-1,LN,F,H,1/2/2024,\"1,5,6\",ng/mL", "! 0:33 column V: a value that is no number" },
        { "\"sec\nret\",1,2857-2,LN,F,,1/2/2024,\"1,5\",ng/mL", "! 1:8 column C: not a code of LOINC" },
        { "secret,1,2857-1,LN,F,H,1/2/2024,\"1,5\"", "! 0:0 column U: the row has 8 fields instead of 9" },
        { "secret,1,2857-1,LN,F,H,1/2/2024,\"1,5\",,", "! 0:0 row: the row has 10 fields instead of 9" },
        { "secret,1,2857-1,LN,F,H,1/2/2024,\"1,5\"x,", "! 0:38 column V: text after a closing quote" },
        { "secret,1,2857-1,LN,F,H,1/2/2024,1\"5,x", "! 0:34 column V: a quote inside a field" },
        { "secret,1,2857-1,LN,F,H,1/2/2024,\"1,5", "! 0:37 column V: a quote is not closed" },
        { "secr\xFF"
          "et,1,2857-1,LN,F,H,1/2/2024,1,x",
          "! 0:5 column P: bytes are not UTF-8" },
    };
    for (size_t i = 0; i < TW_COUNT(t); i++) {
        const char *text = tw_strf(cx->arena, ROWS_HEAD "%s\n1,2,2857-1,LN,F,,,,\n", t[i].row).p;
        const char *got = made(ROWS, "f.csv", text);
        if (!tw_str_starts(tw_str_of(got), t[i].says) || strstr(got, "secret") || !strstr(got, "\"Observation\""))
            fail_msg("row %zu: %s", i, got);
    }
}

TEST(values_numbers_and_times_are_taken_as_declared)
{
    static const struct {
        const char *cells; /* T,V,U */
        const char *has;
    } t[] = {
        { "3/4/2024 9:05,\"1,5\",ng/mL", "\"effectiveDateTime\":\"2024-04-03T09:05:00Z\"" },
        { "03/04/2024,7,ng/mL", "\"effectiveDateTime\":\"2024-04-03\"" },
        { ",\"0,50\",ng/mL", "\"valueQuantity\":{\"value\":0.50,\"unit\":\"ng/mL\"" },
        { ",\"<0,1\",ng/mL", "\"value\":0.1,\"comparator\":\"<\"" },
        { ",>= 7,ng/mL", "\"value\":7,\"comparator\":\">=\"" },
        { ",\xE2\x89\xA4 7,", "\"value\":7,\"comparator\":\"<=\"}" },
        { ", -3 ,", "\"valueQuantity\":{\"value\":-3}" },
        { ",n/d,x", "Patient?identifier=" },
    };
    for (size_t i = 0; i < TW_COUNT(t); i++) {
        const char *text = tw_strf(cx->arena, ROWS_HEAD "p1,1,2857-1,http://loinc.org,C,H,%s\n", t[i].cells).p;
        const char *got = made(ROWS, "f.csv", text);
        if (!strstr(got, t[i].has) || !strstr(got, "\"status\":\"corrected\"") || !strstr(got, "\"code\":\"H\""))
            fail_msg("row %zu: %s", i, got);
    }
    assert_null(strstr(made(ROWS, "f.csv", ROWS_HEAD "p,1,2857-1,LN,F,,,n/d,x\n"), "value\":0"));
}

/* Elements that are written in arrays and objects are no less strict. */
TEST(a_word_that_the_map_does_not_hold_is_an_error_wherever_it_stands)
{
    static const char map[] =
        TABLE "\"resources\":[{\"type\":\"AllergyIntolerance\","
              "\"patient\":\"P\",\"id\":\"I\"," CODE ",\"category\":{\"column\":\"V\",\"map\":{\"F\":\"food\"}}}]}]}";
    assert_non_null(strstr(made(map, "f.csv", "P,I,C,V\np,1,2857-1,F\n"), "\"category\":[\"food\"]"));
    assert_null(strstr(made(map, "f.csv", "P,I,C,V\np,1,2857-1,\n"), "category"));
    assert_non_null(strstr(made(map, "f.csv", "P,I,C,V\np,1,2857-1,X\n"), "! 0:12 column V: a word that the map"));
}

/* With thousands "," and decimal ".": what else it may mean is no number. */
TEST(signs_between_thousands_part_groups_of_three)
{
#define GROUPED                                                                                                        \
    HEAD "\"thousands\":\",\",\"tables\":[{\"name\":\"t\",\"files\":\"*\",\"resources\":[{\"type\":\"Observation\","   \
         "\"patient\":\"P\",\"id\":\"I\"," GOOD ",\"value\":\"V\"}]}]}"
    static const struct {
        const char *cell, *has;
    } t[] = {
        { "1,234.5", "\"value\":1234.5}" },
        { "-12,345,678", "\"value\":-12345678}" },
        { "<1,000", "\"value\":1000," },
        { "1234", "\"value\":1234}" },
        { "1,5", "! 0:12 column V: a sign between" },
        { "1,23,456", "! 0:12 column V" },
        { "1234,567", "! 0:12 column V" },
        { ",5", "! 0:12 column V" },
        { "1.5,000", "! 0:12 column V" },
        { "1,234,", "! 0:12 column V" },
    };
    for (size_t i = 0; i < TW_COUNT(t); i++) {
        const char *got = made(GROUPED, "f.csv", tw_strf(cx->arena, "P,I,C,V\np,1,2857-1,\"%s\"\n", t[i].cell).p);
        if (!strstr(got, t[i].has))
            fail_msg("%s: %s", t[i].cell, got);
    }
}

TEST(patterns_of_dates_read_what_they_say)
{
    static const struct {
        const char *format;
        const char *text;
        const char *want; /* NULL: refused */
    } t[] = {
        { "iso", "2024-03", "2024-03" },
        { "iso", "2024-03-31T02:30:01+02:00", "2024-03-31T02:30:01+02:00" },
        { "hl7", "202403310230", "2024-03-31T02:30:00Z" },
        { "D.M.YYYY", "1.2.2024", "2024-02-01" },
        { "D.M.YYYY", "31.02.2024", NULL },
        { "DD.MM.YYYY", "1.2.2024", NULL },
        { "M/D/YYYY h:mm a", "12/31/2024 12:05 AM", "2024-12-31T00:05:00Z" },
        { "M/D/YYYY h:mm a", "12/31/2024 1:05 pm", "2024-12-31T13:05:00Z" },
        { "M/D/YYYY h:mm a", "12/31/2024 13:05 pm", NULL },
        { "D-MON-YYYY", "05-Ene-2024", "2024-01-05" },
        { "D MON YYYY", "5 dez 2024", "2024-12-05" },
        { "D MON YYYY", "5 xyz 2024", NULL },
        { "YYYYMMDDhhmmss", "20240331023001", "2024-03-31T02:30:01Z" },
        { "YYYY/MM/DDThh:mm:ss.f", "2024/03/31T02:30:01.123", "2024-03-31T02:30:01Z" },
        { "YYYY", "1956", "1956" },
        { "YYYY", "56", NULL },
        { "MM/YYYY", "02/1956", "1956-02" },
        { "D/M/YY", "1/2/30", "2030-02-01" },
        { "D/M/YY", "1/2/31", "1931-02-01" },
        { "D/M/YYYY", "1/2/2024 ", NULL },
        { "D/M/YYYY h:mm", "1/2/2024 24:00", NULL },
    };
    for (size_t i = 0; i < TW_COUNT(t); i++) {
        tw_date_format f;
        tw_when w;
        char room[TW_WHEN_TEXT + 1];
        tw_zone utc = { 0 };
        assert_null(tw_date_format_read(&f, tw_str_of(t[i].format)));
        const tw_cm_dates d = { &f, 1, 30 };
        bool ok = tw_cm_dates_take(&w, &d, tw_str_of(t[i].text));
        if (ok != (t[i].want != NULL))
            fail_msg("date %zu: %s", i, t[i].text);
        if (ok)
            assert_str(t[i].want, tw_when_text(room, &w, &utc));
    }
}

/* ---------------------------------------------------------------- types */

static const struct {
    const char *resource; /* after type, patient */
    const char *want;     /* after the subject's start */
} each_type[] = {
    { "\"Encounter\",\"id\":\"A\",\"status\":{\"constant\":\"finished\"},\"class\":{\"constant\":\"IMP\"},\"start\":"
      "\"T\","
      "\"end\":\"E\",\"reason\":{\"column\":\"S\",\"system\":\"SCT\"}",
      "\"status\":\"finished\",\"class\":{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ActCode\",\"code\":"
      "\"IMP\"},\"subject\":X,\"period\":{\"start\":\"2024-03-31\",\"end\":\"2024-04-01\"},\"reasonCode\":[{\"coding\":"
      "[{\"system\":\"http://snomed.info/sct\",\"code\":\"399068003\"}]}]" },
    { "\"Condition\",\"id\":\"A\",\"code\":[{\"column\":\"S\",\"system\":\"SCT\",\"display_column\":\"D\"},{"
      "\"constant\":"
      "\"C61\",\"system\":\"I10C\"}],\"status\":{\"constant\":\"active\"},\"status_ended\":{\"constant\":\"resolved\"},"
      "\"verification\":{\"constant\":\"confirmed\"},\"start\":\"T\",\"end\":\"E\",\"encounter\":\"V\"",
      "\"clinicalStatus\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/"
      "condition-clinical\",\"code\":"
      "\"resolved\"}]},\"verificationStatus\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/"
      "condition-ver-status\",\"code\":\"confirmed\"}]},\"code\":{\"coding\":[{\"system\":\"http://snomed.info/sct\","
      "\"code\":\"399068003\",\"display\":\"text\"},{\"system\":\"http://hl7.org/fhir/sid/"
      "icd-10-cm\",\"code\":\"C61\"}],"
      "\"text\":\"text\"},\"subject\":X,\"encounter\":{\"reference\":\"Encounter/"
      "ID\"},\"onsetDateTime\":\"2024-03-31\","
      "\"abatementDateTime\":\"2024-04-01\"" },
    { "\"MedicationRequest\",\"id\":\"A\",\"code\":{\"constant\":\"L02AE02\",\"system\":\"ATC\"},\"status\":{"
      "\"constant\":"
      "\"active\"},\"recorded\":\"T\",\"end\":\"E\",\"dose\":\"N\",\"dose_unit\":{\"constant\":\"mg\"}",
      "\"status\":\"active\",\"intent\":\"order\",\"medicationCodeableConcept\":{\"coding\":[{\"system\":"
      "\"http://www.whocc.no/atc\",\"code\":\"L02AE02\"}]},\"subject\":X,\"authoredOn\":\"2024-03-31\","
      "\"dosageInstruction\":[{\"timing\":{\"repeat\":{\"boundsPeriod\":{\"end\":\"2024-04-01\"}}},\"doseAndRate\":[{"
      "\"doseQuantity\":{\"value\":7.5,\"unit\":\"mg\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"mg\"}}]}]" },
    { "\"MedicationStatement\",\"id\":\"A\",\"code\":{\"constant\":\"3014\",\"system\":\"RXNORM\"},\"status\":{"
      "\"constant\":"
      "\"completed\"},\"start\":\"T\",\"end\":\"E\"",
      "\"status\":\"completed\",\"medicationCodeableConcept\":{\"coding\":[{\"system\":"
      "\"http://www.nlm.nih.gov/research/umls/"
      "rxnorm\",\"code\":\"3014\"}]},\"subject\":X,\"effectivePeriod\":{\"start\":"
      "\"2024-03-31\",\"end\":\"2024-04-01\"}" },
    { "\"MedicationAdministration\",\"id\":\"A\",\"code\":{\"constant\":\"3014\",\"system\":\"RXNORM\"},\"status\":{"
      "\"constant\":\"completed\"},\"time\":\"T\",\"dose\":\"N\",\"encounter\":\"V\",\"route\":{\"constant\":"
      "\"78421000\","
      "\"system\":\"SCT\"}",
      "\"status\":\"completed\",\"medicationCodeableConcept\":{\"coding\":[{\"system\":"
      "\"http://www.nlm.nih.gov/research/umls/rxnorm\",\"code\":\"3014\"}]},\"subject\":X,\"context\":{\"reference\":"
      "\"Encounter/ID\"},\"effectiveDateTime\":\"2024-03-31\",\"dosage\":{\"route\":{\"coding\":[{\"system\":"
      "\"http://snomed.info/sct\",\"code\":\"78421000\"}]},\"dose\":{\"value\":7.5}}" },
    { "\"Procedure\",\"id\":\"A\",\"code\":{\"column\":\"S\",\"system\":\"SCT\"},\"status\":{\"constant\":"
      "\"completed\"},"
      "\"time\":\"T\"",
      "\"status\":\"completed\",\"code\":{\"coding\":[{\"system\":\"http://snomed.info/sct\",\"code\":\"399068003\"}]},"
      "\"subject\":X,\"performedDateTime\":\"2024-03-31\"" },
    { "\"AllergyIntolerance\",\"id\":\"A\",\"code\":{\"column\":\"S\",\"system\":\"SCT\"},\"category\":{\"constant\":"
      "\"food\"},\"allergy_type\":{\"constant\":\"allergy\"},\"start\":\"T\"",
      "\"type\":\"allergy\",\"category\":[\"food\"],\"code\":{\"coding\":[{\"system\":\"http://snomed.info/"
      "sct\",\"code\":"
      "\"399068003\"}]},\"patient\":X,\"onsetDateTime\":\"2024-03-31\"" },
    { "\"Immunization\",\"id\":\"A\",\"code\":{\"constant\":\"140\",\"system\":\"CVX\"},\"status\":{\"constant\":"
      "\"completed\"},\"time\":\"T\",\"lot\":\"D\"",
      "\"status\":\"completed\",\"vaccineCode\":{\"coding\":[{\"system\":\"http://hl7.org/fhir/sid/"
      "cvx\",\"code\":\"140\"}]}"
      ",\"patient\":X,\"occurrenceDateTime\":\"2024-03-31\",\"lotNumber\":\"text\"" },
    { "\"Observation\",\"id\":\"A\",\"code\":{\"constant\":\"72166-2\",\"system\":\"LOINC\"},\"status\":{\"constant\":"
      "\"final\"},\"value\":{\"column\":\"S\",\"as\":\"code\",\"system\":\"SCT\"},\"recorded\":\"T\"",
      "\"status\":\"final\",\"code\":{\"coding\":[{\"system\":\"http://"
      "loinc.org\",\"code\":\"72166-2\"}]},\"subject\":X,"
      "\"valueCodeableConcept\":{\"coding\":[{\"system\":\"http://snomed.info/sct\",\"code\":\"399068003\"}]}" },
};

TEST(a_row_becomes_each_type)
{
    static const char subject[] = "{\"reference\":\"Patient?identifier=urn:oid:1.2.3|p1\"}";
    for (size_t i = 0; i < TW_COUNT(each_type); i++) {
        tw_buf want;
        const char *json =
            tw_strf(cx->arena, TABLE "\"ignore\":\"*\",\"resources\":[{\"patient\":\"P\",\"type\":%s}]}]}",
                    each_type[i].resource)
                .p;
        tw_str got = named(tw_str_of(made(json, "f.csv",
                                          "P,A,V,S,D,T,E,N\n"
                                          "p1,a1,v1,399068003,text,2024-03-31,2024-04-01,7.5\n")),
                           "ID");
        tw_str rest = tw_str_of(each_type[i].want);
        size_t at = tw_str_find(rest, TW_STR(":X"));
        tw_buf_init(&want, TW_MIB);
        tw_buf_cstr(&want, "\"id\":\"ID\",");
        tw_buf_str(&want, (tw_str){ rest.p, at + 1 });
        tw_buf_cstr(&want, subject);
        tw_buf_str(&want, (tw_str){ rest.p + at + 2, rest.n - at - 2 });
        tw_buf_cstr(&want, "}}]}\n");
        tw_str tail = tw_str_of_bytes(tw_buf_view(&want));
        if (got.n < tail.n || !tw_str_eq((tw_str){ got.p + got.n - tail.n, tail.n }, tail))
            fail_msg("type %zu:\n" TW_FMT "\ninstead of\n" TW_FMT, i, TW_ARG(got), TW_ARG(tail));
        tw_buf_done(&want);
    }
}

TEST(a_patient_has_his_numbers_name_place_and_death)
{
    const char *got =
        made(TABLE "\"resources\":[{\"type\":\"Patient\",\"patient\":\"P\",\"identifiers\":[{\"column\":\"S\","
                   "\"system\":\"urn:oid:1.2.4\",\"type\":\"SS\"}],\"family\":\"F\",\"given\":\"G\",\"middle\":"
                   "\"M\",\"street\":\"ST\",\"city\":\"C\",\"phone\":\"PH\",\"sex\":{\"column\":\"X\",\"map\":{"
                   "\"H\":\"male\"},\"otherwise\":\"\"},\"birth_date\":\"B\",\"death\":\"D\",\"marital\":\"W\"}]}]}",
             "f.csv",
             "P,S,F,G,M,ST,C,PH,X,B,D,W\n7,8,Fa,Gi,,Street 1,City,123,H,1950-01-02,2020-02-03,M\n"
             "8,,,,,,,,Q,,,\n");
    tw_str line;
    tw_str rest = tw_str_of(got);
    assert_true(tw_ndjson_next(&line, &rest));
    assert_non_null(strstr(got, "\"value\":\"7\"},{\"type\":{\"coding\":[{\"system\":"
                                "\"http://terminology.hl7.org/CodeSystem/v2-0203\",\"code\":\"SS\"}]},\"system\":"
                                "\"urn:oid:1.2.4\",\"value\":\"8\"}],\"name\":[{\"family\":\"Fa\",\"given\":[\"Gi\"]}],"
                                "\"address\":[{\"line\":[\"Street 1\"],\"city\":\"City\"}],\"telecom\":[{\"system\":"
                                "\"phone\",\"value\":\"123\"}],\"gender\":\"male\",\"birthDate\":\"1950-01-02\","
                                "\"deceasedDateTime\":\"2020-02-03\",\"maritalStatus\":{\"coding\":[{\"system\":"
                                "\"http://terminology.hl7.org/CodeSystem/v3-MaritalStatus\",\"code\":\"M\"}]}}}]}"));
    assert_true(tw_str_ends(rest, "\"system\":\"urn:oid:1.2.3\",\"value\":\"8\"}]}}]}\n"));
}

TEST(one_ignored_column_may_stand_without_a_list)
{
    assert_non_null(strstr(made(TABLE "\"ignore\":\"X\",\"resources\":[{\"type\":\"Patient\",\"patient\":\"P\"}]}]}",
                                "f.csv", "P,X\n1,2\n"),
                           "\"value\":\"1\""));
}

TEST(conditions_choose_the_resource_and_a_skipped_table_has_no_rows)
{
    static const char json[] = HEAD
        "\"tables\":[{\"name\":\"s\",\"files\":\"skip*\",\"skip\":true},{\"name\":\"t\",\"files\":\"*\",\"header\":"
        "false,"
        "\"columns\":[\"P\",\"I\",\"K\",\"V\"],\"resources\":["
        "{\"type\":\"Observation\",\"patient\":\"P\",\"id\":\"I\",\"when\":[{\"column\":\"K\",\"is\":[\"n\"]}],"
        "\"code\":{"
        "\"constant\":\"2857-1\",\"system\":\"LOINC\"},\"status\":{\"constant\":\"final\"},\"value\":\"V\"},"
        "{\"type\":\"Observation\",\"patient\":\"P\",\"id\":\"I\",\"when\":[{\"column\":\"K\",\"not\":[\"n\",\"\"]}],"
        "\"code\":{\"constant\":\"2857-1\",\"system\":\"LOINC\"},\"status\":{\"constant\":\"final\"},\"value\":{"
        "\"column\":\"V\",\"as\":\"text\"}}]}]}";
    assert_string_equal(made(json, "skip.csv", "anything\n\"at all\n"), "");
    assert_non_null(strstr(made(json, "a", "1,2,n,3\n"), "\"valueQuantity\":{\"value\":3}"));
    assert_non_null(strstr(made(json, "a", "1,2,t,3\n"), "\"valueString\":\"3\""));
    assert_string_equal(made(json, "a", "1,2,,3\n"),
                        "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[]}\n");
}

/* ---------------------------------------------------------------- identity and the reader */

static tw_str id_in(const char *bundle)
{
    const char *at = strstr(bundle, "\"id\":\"");
    assert_non_null(at);
    return (tw_str){ at + 6, 40 };
}

TEST(a_correction_bears_the_id_of_what_it_corrects_and_no_other_record_does)
{
    tw_str first = id_in(made(ROWS, "f.csv", ROWS_HEAD "p,1,2857-1,LN,F,,1/2/2024,7,x\n"));
    tw_str corrected = id_in(made(ROWS, "g.csv", ROWS_HEAD "p,1,2857-1,LN,C,,1/2/2024,8,x\n"));
    tw_str other = id_in(made(ROWS, "f.csv", ROWS_HEAD "p,2,2857-1,LN,F,,1/2/2024,7,x\n"));
    assert_true(tw_str_eq(first, corrected));
    assert_false(tw_str_eq(first, other));
}

typedef struct {
    size_t records;
    char patient[32];
} sink_state;

static tw_status on_record(void *self, TW_UNUSED tw_ctx *c, const tw_phi *phi)
{
    sink_state *s = self;
    tw_str number = tw_phi_view(phi)->patient;
    s->records++;
    snprintf(s->patient, sizeof s->patient, TW_FMT, TW_ARG(number));
    return TW_OK;
}

/* Bundles, a line each, through the reader. */
static tw_sources *read_all(sink_state *s, const tw_mapping *m, const char *bundles)
{
    tw_sources *reader;
    const tw_sources_opts opts = { .mapping = m };
    const tw_sources_sink sink = { .record = on_record, .self = s };
    *s = (sink_state){ .records = 0 };
    assert_ok(tw_sources_new(cx, &reader, &opts, &sink));
    assert_ok(tw_sources_read(cx, reader, TW_STR("rows"), tw_str_of(bundles), TW_FORM_NDJSON));
    return reader;
}

TEST(a_patient_without_a_row_of_his_own_is_known_by_his_number)
{
    sink_state s;
    tw_mapping *m = mapping_of(ROWS);
    tw_sources *reader = read_all(&s, m, made(ROWS, "f.csv", ROWS_HEAD "p 7|7%,1,2857-1,LN,F,,1/2/2024,7,x\n"));
    assert_int_equal(s.records, 1);
    assert_string_equal(s.patient, "p 7|7%");
    assert_int_equal(tw_sources_tally_view(reader)->all.dead, 0);
    tw_sources_free(reader);
    tw_mapping_free(m);
}

/* ---------------------------------------------------------------- any bytes */

TEST(any_cells_become_one_sound_bundle_or_one_refusal)
{
    static const char *const part[] = { "2857-1",   "LN",   "F",  "C",   "H",  "1/2/2024", "31/12/1999 9:59",
                                        "1,5",      "<",    "-7", "ng",  "\"", "\n",       ",",
                                        "\xC3\xB1", "\xFF", "\\", "n/d", "p",  "",         "9999999999999999",
                                        "1e9" };
    tw_mapping *m = mapping_of(ROWS);
    size_t good = 0;
    for (int round = 0; round < 4000; round++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_buf b;
        decoded d;
        tw_buf_init(&b, TW_MIB);
        tw_buf_cstr(&b, ROWS_HEAD);
        for (size_t i = 0; i < 9; i++) {
            static const char *const usual[] = { "p", "1", "2857-1", "LN", "F", "", "1/2/2024", "7", "ng" };
            tw_buf_cstr(&b, i ? "," : "");
            tw_buf_cstr(&b, tw_test_below(4) ? usual[i] : part[tw_test_below(TW_COUNT(part))]);
        }
        assert_ok(decode(&d, m, TW_STR("f.csv"), tw_str_of_bytes(tw_buf_view(&b)), SIZE_MAX / 2));
        tw_buf_done(&b);
        tw_str out = tw_str_of(text_of(&d));
        tw_str line;
        size_t lines = 0;
        while (tw_ndjson_next(&line, &out)) {
            tw_json j;
            lines++;
            if (line.p[0] == '!')
                continue;
            assert_ok(tw_json_parse(cx, &j, line, NULL));
            good++;
        }
        assert_int_equal(lines, d.units);
        tw_arena_back(cx->arena, mark);
    }
    assert_true(good > 400);
    tw_mapping_free(m);
}

/* ---------------------------------------------------------------- proposals */

static tw_str propose(tw_str *reasons, const tw_str *name, const tw_str *head, size_t n)
{
    tw_str json;
    tw_mapping *m;
    assert_ok(tw_mapping_suggest(cx, &json, reasons, name, head, n));
    assert_ok(tw_mapping_read(cx, &m, json));
    tw_mapping_free(m);
    return json;
}

static bool holds(tw_str s, const char *part)
{
    return tw_str_find(s, tw_str_of(part)) != SIZE_MAX;
}

TEST(a_proposal_tells_two_styles_of_dates_apart_and_says_when_it_cannot)
{
    const tw_str name[] = { TW_STR("in/pacientes.csv"), TW_STR("Laborwerte.csv"), TW_STR("visits.csv") };
    const tw_str head[] = {
        TW_STR("NHC;Apellidos;Nombre;Sexo;Fecha "
               "nacimiento\n1001;Zuzunaga;Ernesto;H;23/11/1956\n1002;Quispe;Ana;M;01/02/1960\n"),
        TW_STR("Patienten-Nr;Datum;LOINC;Wert;Einheit\n1001;24.12.2023 9:05;2857-1;0,5;ng/mL\n1002;1.2.2024 "
               "10:00;2986-8;410,5;"
               "ng/dL\n"),
        TW_STR("visit_no,patient_no,kind,arrived,left\nv1,1001,ward,1/2/2024 9:10,2/2/2024 "
               "9:10\nv2,1002,clinic,3/4/2024 8:00,"
               "3/4/2024 9:00\n"),
    };
    tw_str why;
    tw_str json = propose(&why, name, head, 3);
    decoded d;
    tw_mapping *m = mapping_of(tw_cstr(cx->arena, json));
    assert_ok(decode(&d, m, name[0], head[0], SIZE_MAX / 2));
    const char *text = text_of(&d);
    assert_non_null(strstr(text, "\"gender\":\"male\",\"birthDate\":\"1956-11-23\""));
    assert_non_null(strstr(text, "\"gender\":\"female\",\"birthDate\":\"1960-02-01\""));
    assert_ok(decode(&d, m, name[1], head[1], SIZE_MAX / 2));
    text = text_of(&d);
    assert_non_null(strstr(text, "\"effectiveDateTime\":\"2023-12-24T09:05:00Z\",\"valueQuantity\":{\"value\":0.5,"));
    assert_non_null(strstr(text, "\"effectiveDateTime\":\"2024-02-01T10:00:00Z\",\"valueQuantity\":{\"value\":410.5,"));
    assert_ok(decode(&d, m, name[2], head[2], SIZE_MAX / 2));
    text = text_of(&d);
    assert_non_null(strstr(text, "\"code\":\"IMP\""));
    assert_true(holds(why, "visits.csv, column arrived: start (NOT SURE): no value tells day from month in this file"));
    assert_true(holds(why, "Laborwerte.csv, column Datum: time (sure)"));
    assert_true(holds(why, "pacientes.csv, column NHC: patient (sure): other files hold its values"));
    assert_true(holds(why, "Laborwerte.csv: decimal commas"));
    assert_true(holds(why, "visits.csv: NOT SURE: times have no offset"));
    assert_false(holds(why, "Zuzunaga") || holds(why, "1001") || holds(json, "Zuzunaga") || holds(json, "1001"));
    tw_mapping_free(m);
}

TEST(a_wide_table_is_proposed_as_measures)
{
    const tw_str name[] = { TW_STR("patients.csv"), TW_STR("lab_values.csv") };
    const tw_str head[] = {
        TW_STR("mrn,dob\n7001,1956-01-02\n7002,1957-01-02\n"),
        TW_STR("mrn,taken,PSA (ng/mL),testosterone_ng_dl,creatinine,shoe size\n"
               "7001,2024-01-02,0.5,410,1.1,42\n7002,2024-01-02,7,,0.9,43\n"),
    };
    tw_str why;
    decoded d;
    tw_mapping *m = mapping_of(tw_cstr(cx->arena, propose(&why, name, head, 2)));
    assert_ok(decode(&d, m, name[1], head[1], SIZE_MAX / 2));
    assert_int_equal(d.bad, 0);
    const char *text = text_of(&d);
    assert_non_null(strstr(text, "\"code\":\"2857-1\"}]},\"subject\":{\"reference\":\"Patient?identifier="
                                 "urn:twinward:source:patients|7001\"},\"effectiveDateTime\":\"2024-01-02\","
                                 "\"valueQuantity\":{\"value\":0.5,\"unit\":\"ng/mL\""));
    assert_non_null(strstr(text, "\"valueQuantity\":{\"value\":410,\"unit\":\"ng/dL\""));
    assert_non_null(strstr(text, "\"code\":\"2160-0\""));
    assert_true(holds(why, "column creatinine: measure (NOT SURE): by its name; no unit is told"));
    assert_true(holds(why, "column shoe size: ignored"));
    tw_mapping_free(m);
}

TEST(what_cannot_be_told_is_not_proposed)
{
    tw_str json, why;
    const tw_str name[] = { TW_STR("a.csv"), TW_STR("patients.csv"), TW_STR("labs.csv") };
    const tw_str head[] = {
        TW_STR("Zuzunaga,1956-11-23,4111111111\nQuispe,1960-02-01,4222222222\n"),
        TW_STR("id,dob\n1,1956-01-02\n2,1957-01-02\n"),
        TW_STR("patient,code,value\n1,HBX,7\n2,HBY,8\n"),
    };
    assert_status(TW_ENOTFOUND, tw_mapping_suggest(cx, &json, &why, name, head, 1));
    assert_null(strstr(cx->err.msg, "Zuzunaga"));
    json = propose(&why, name, head, 3);
    assert_true(holds(why, "a.csv: skipped: its first row does not look like names of columns"));
    assert_true(holds(why, "labs.csv: skipped: no column has codes of a system that can be told"));
    assert_false(holds(why, "Zuzunaga") || holds(json, "Zuzunaga") || holds(why, "4111111111"));
}

static const struct {
    const char *name;
    size_t units, bad; /* rows; rows that are refused by the decoder */
} synthea[] = {
    { "allergies", 1, 0 },         { "careplans", 0, 0 },      { "claims", 0, 0 },
    { "conditions", 140, 0 },      { "devices", 0, 0 },        { "encounters", 139, 0 },
    { "imaging_studies", 0, 0 },   { "immunizations", 17, 0 }, { "medications", 105, 0 },
    { "observations", 1298, 23 },  { "organizations", 35, 0 }, { "patients", 8, 0 },
    { "payer_transitions", 0, 0 }, { "payers", 10, 0 },        { "procedures", 269, 0 },
    { "providers", 35, 0 },        { "supplies", 0, 0 },
};

static void assert_type(const tw_sources *s, const char *type, uint64_t accepted, uint64_t refused)
{
    const tw_sources_tally *t = tw_sources_tally_view(s);
    for (size_t i = 0; i < t->type_count; i++)
        if (strcmp(t->type[i].name, type) == 0) {
            assert_int_equal(t->type[i].count.accepted, accepted);
            assert_int_equal(t->type[i].count.refused, refused);
            return;
        }
    fail_msg("no type %s", type);
}

/* No value of a patient that is long enough to be his stands in the text. */
static void assert_no_value(tw_str text, tw_str csv)
{
    tw_str line, rest = csv;
    assert_true(tw_ndjson_next(&line, &rest));
    while (tw_ndjson_next(&line, &rest)) {
        tw_str *f;
        size_t n;
        assert_ok(tw_csv_row(cx, &f, &n, NULL, line, NULL));
        for (size_t i = 0; i < n; i++)
            assert_true(f[i].n < 9 || tw_str_find(text, f[i]) == SIZE_MAX);
    }
}

TEST(synthea_is_read_by_the_mapping_that_is_proposed_for_it)
{
    SKIP_WITHOUT_DATA();
    tw_str name[TW_COUNT(synthea)], text[TW_COUNT(synthea)], why;
    tw_buf all;
    sink_state s;
    for (size_t i = 0; i < TW_COUNT(synthea); i++) {
        name[i] = tw_strf(cx->arena, "%s.csv", synthea[i].name);
        text[i] = tw_test_read(tw_strf(cx->arena, "sources/csv/%s.csv", synthea[i].name).p);
    }
    tw_str json = propose(&why, name, text, TW_COUNT(synthea));
    tw_mapping *m = mapping_of(tw_cstr(cx->arena, json));
    tw_buf_init(&all, 64 * TW_MIB);
    for (size_t i = 0; i < TW_COUNT(synthea); i++) {
        decoded d;
        assert_ok(decode(&d, m, name[i], text[i], 4096));
        if (d.units != synthea[i].units || d.bad != synthea[i].bad)
            fail_msg("%s: %zu rows, %zu refused", synthea[i].name, d.units, d.bad);
        tw_str line, rest = tw_str_of_bytes(tw_buf_view(&d.out));
        while (tw_ndjson_next(&line, &rest))
            if (line.n > 0 && line.p[0] != '!') {
                tw_buf_str(&all, line);
                tw_buf_cstr(&all, "\n");
            }
        tw_buf_done(&d.out);
    }
    tw_sources *reader = read_all(&s, m, tw_cstr(cx->arena, tw_str_of_bytes(tw_buf_view(&all))));
    tw_buf_done(&all);
    const tw_sources_tally *t = tw_sources_tally_view(reader);
    assert_int_equal(t->all.read, 2034);
    assert_int_equal(t->all.accepted, 1954);
    assert_int_equal(t->all.refused, 80);
    assert_int_equal(t->all.dead, 0);
    assert_type(reader, "Patient", 8, 0);
    assert_type(reader, "Encounter", 139, 0);
    assert_type(reader, "Condition", 140, 0);
    assert_type(reader, "Observation", 1275, 0);
    assert_type(reader, "MedicationRequest", 105, 0);
    assert_type(reader, "Procedure", 269, 0);
    assert_type(reader, "AllergyIntolerance", 1, 0);
    assert_type(reader, "Immunization", 17, 0);
    assert_type(reader, "Organization", 0, 45);
    assert_type(reader, "Practitioner", 0, 35);
    for (size_t i = 0; i < TW_COUNT(synthea); i++)
        if (strcmp(synthea[i].name, "patients") == 0)
            assert_no_value(why, text[i]);
    tw_sources_free(reader);
    tw_mapping_free(m);
}
