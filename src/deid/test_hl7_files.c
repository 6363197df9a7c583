/* HL7 v2 files of TWINWARD_DATA: nothing that is listed of their people comes out, codes and numbers do. */
#include "test_hl7.h"

#include "hl7_messages.h"

static const char *const files[] = {
    "Armstrong_Woodrow_15f632ab.hl7",
    "Dare_Margart_78a421b7.hl7",
    "Herman_Natalie_76f3ff0a.hl7",
    "Hessel_Doug_679850d9.hl7",
    "Pagac_Mack_efac0983.hl7",
    "Runolfsson_Zachery_cebd9dbe.hl7",
    "Ryan_Brady_7894d4f6.hl7",
    "Weissnat_Shaunda_61373b61.hl7",
    "batch.hl7",
    "latin1.hl7",
    "stream.mllp",
    "v2-to-fhir_MDM_T02.hl7",
};

/* ---------------------------------------------------------------- looking for values */

static size_t looked, leaks;
static bool quiet; /* what is found is meant to be */

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static bool in_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Case-blind, as a word of its own. */
static bool holds(tw_str text, tw_str v)
{
    for (size_t i = 0; i + v.n <= text.n; i++) {
        size_t k = 0;
        while (k < v.n && lower(text.p[i + k]) == lower(v.p[k]))
            k++;
        if (k == v.n && (i == 0 || !in_word(text.p[i - 1])) && (i + k == text.n || !in_word(text.p[i + k])))
            return true;
    }
    return false;
}

static void absent(tw_str out, tw_str v, const char *what)
{
    v = tw_str_trim(v);
    if (v.n < 3)
        return;
    looked++;
    if (!holds(out, v))
        return;
    if (leaks++ < 20 && !quiet)
        print_error("%s: " TW_FMT "\n", what, TW_ARG(v));
}

/* Components of a field's repetitions that identify; 0 ends the list. */
typedef struct {
    const char *segment;
    unsigned field;
    unsigned part[8];
} identifying;

static const identifying fields[] = {
    { "PID", 3, { 1 } },        { "PID", 5, { 1, 2 } },    { "PID", 11, { 1 } },       { "PID", 13, { 1, 4, 7 } },
    { "PID", 14, { 1, 4, 7 } }, { "PID", 18, { 1 } },      { "PID", 23, { 1 } },       { "NK1", 2, { 1, 2 } },
    { "NK1", 4, { 1 } },        { "NK1", 5, { 1 } },       { "PV1", 3, { 1 } },        { "PV1", 7, { 1, 2, 3 } },
    { "PV1", 17, { 1, 2, 3 } }, { "PV1", 19, { 1 } },      { "IN1", 4, { 1 } },        { "IN1", 8, { 1 } },
    { "IN1", 16, { 1, 2 } },    { "IN1", 19, { 1 } },      { "IN1", 36, { 1 } },       { "EVN", 5, { 1, 2, 3 } },
    { "OBR", 16, { 1, 2, 3 } }, { "TXA", 5, { 1, 2, 3 } }, { "TXA", 9, { 1, 2, 3 } },  { "TXA", 12, { 1 } },
    { "MSH", 10, { 1 } },       { "MSH", 4, { 1 } },       { "ORC", 12, { 1, 2, 3 } },
};

static void absent_fields(tw_str out, const tw_hl7 *m)
{
    for (uint32_t i = 0; i < m->segments; i++)
        for (size_t k = 0; k < TW_COUNT(fields); k++) {
            if (strcmp(fields[k].segment, m->segment[i].name) != 0)
                continue;
            tw_str list = tw_hl7_field(m, &m->segment[i], fields[k].field), rep;
            while (tw_hl7_next(&rep, &list, m->delims.repetition))
                for (size_t p = 0; p < TW_COUNT(fields[k].part) && fields[k].part[p]; p++)
                    absent(out, tw_hl7_part(rep, m->delims.component, fields[k].part[p]), fields[k].segment);
        }
}

/* The day of the visit as texts write it. */
static void absent_days(tw_str out, const tw_hl7 *m)
{
    for (uint32_t i = 0; i < m->segments; i++) {
        tw_str day = tw_hl7_field(m, &m->segment[i], 44);
        if (strcmp(m->segment[i].name, "PV1") == 0 && day.n >= 8)
            absent(out, tw_strf(cx->arena, "%.4s-%.2s-%.2s", day.p, day.p + 4, day.p + 6), "PV1-44");
    }
}

/* ---------------------------------------------------------------- the list of patients */

static tw_str *row_of(size_t *count, tw_str id)
{
    tw_str text = tw_test_read("sources/csv/patients.csv"), line, *field;
    while (tw_str_split(&line, &text, '\n')) {
        assert_ok(tw_csv_row(cx, &field, count, NULL, tw_str_trim(line), NULL));
        if (*count > 17 && tw_str_eq(field[0], id))
            return field;
    }
    return NULL;
}

/* Id, BIRTHDATE, SSN, DRIVERS, PASSPORT, FIRST, MIDDLE, LAST, MAIDEN, ADDRESS, and the birth date without dashes. */
static bool absent_row(tw_str out, const tw_hl7 *m)
{
    static const size_t columns[] = { 0, 1, 3, 4, 5, 7, 8, 9, 11, 17 };
    size_t count = 0;
    tw_str rep, list = { "", 0 }, *row = NULL;
    for (uint32_t i = 0; i < m->segments; i++)
        if (strcmp(m->segment[i].name, "PID") == 0)
            list = tw_hl7_field(m, &m->segment[i], 3);
    while (!row && tw_hl7_next(&rep, &list, m->delims.repetition))
        row = row_of(&count, tw_hl7_part(rep, m->delims.component, 1));
    if (!row)
        return false;
    for (size_t k = 0; k < TW_COUNT(columns); k++)
        absent(out, row[columns[k]], "patients.csv");
    absent(out, tw_strf(cx->arena, "%.4s%.2s%.2s", row[1].p, row[1].p + 5, row[1].p + 8), "patients.csv BIRTHDATE");
    return true;
}

/* ---------------------------------------------------------------- what stays */

static size_t codes, numbers, coded_values, odd;

/* LOINC and SNOMED CT codes whose check digit is right; Synthea makes a few up. */
static bool is_code(tw_str field, const tw_hl7 *m)
{
    tw_str code = tw_hl7_part(field, m->delims.component, 1), system = tw_hl7_part(field, m->delims.component, 3);
    bool named = tw_str_is(system, "LN") || tw_str_is(system, "SCT");
    bool right = named && form_code(tw_str_is(system, "LN") ? FORM_LOINC : FORM_SNOMED, code);
    odd += named && !right;
    return right;
}

static void same_code(const tw_hl7 *a, const tw_hl7 *b, uint32_t i, unsigned n, size_t *count)
{
    tw_str x = tw_hl7_field(a, &a->segment[i], n), y = tw_hl7_field(b, &b->segment[i], n);
    if (!is_code(x, a))
        return;
    ++*count;
    for (unsigned k = 1; k <= 3; k += 2)
        if (!tw_str_eq(tw_hl7_part(x, a->delims.component, k), tw_hl7_part(y, b->delims.component, k)))
            fail_msg("%s-%u: " TW_FMT " became " TW_FMT, a->segment[i].name, n, TW_ARG(x), TW_ARG(y));
}

static void still_there(const tw_hl7 *a, const tw_hl7 *b)
{
    assert_int_equal(a->segments, b->segments);
    for (uint32_t i = 0; i < a->segments; i++) {
        const tw_hl7_segment *s = &a->segment[i];
        assert_int_equal(s->count, b->segment[i].count); /* separators, empty fields at the end */
        same_code(a, b, i, strcmp(s->name, "OBR") == 0 ? 4 : 3, &codes);
        if (strcmp(s->name, "OBX") != 0)
            continue;
        tw_str type = tw_hl7_field(a, s, 2), x = tw_hl7_field(a, s, 5), y = tw_hl7_field(b, &b->segment[i], 5);
        same_code(a, b, i, 5, &coded_values);
        if (!tw_str_is(type, "NM"))
            continue;
        numbers++;
        if (!tw_str_eq(x, y))
            fail_msg("OBX-5: " TW_FMT " became " TW_FMT, TW_ARG(x), TW_ARG(y));
        tw_str u = tw_hl7_field(a, s, 6), v = tw_hl7_field(b, &b->segment[i], 6);
        if (!tw_str_eq(u, v))
            fail_msg("OBX-6: " TW_FMT " became " TW_FMT, TW_ARG(u), TW_ARG(v));
    }
}

static size_t messages, listed;

static void one_message(tw_str message)
{
    tw_hl7 a, b;
    tw_str out;
    assert_ok(tw_hl7_parse(cx, &a, NULL, message));
    assert_ok(try_message(&out, message));
    assert_ok(tw_hl7_parse(cx, &b, NULL, out));
    messages++;
    absent_fields(b.text, &a);
    absent_days(b.text, &a);
    listed += absent_row(b.text, &a);
    still_there(&a, &b);
}

static void all_files(const char *profile, bool text)
{
    messages = listed = looked = leaks = codes = numbers = coded_values = odd = 0;
    begin(profile, text);
    for (size_t i = 0; i < TW_COUNT(files); i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_str all = tw_test_read(tw_strf(cx->arena, "sources/hl7v2/%s", files[i]).p), message;
        while (hl7_next_message(&message, &all)) {
            tw_mark inner = tw_arena_mark(cx->arena);
            one_message(message);
            tw_arena_back(cx->arena, inner);
        }
        tw_arena_back(cx->arena, mark);
    }
    end();
    print_message(
        "%s%s: %zu messages, %zu with a row of patients.csv; %zu values looked for, %zu found; intact: %zu codes, "
        "%zu numbers with units, %zu coded values; %zu codes of no form\n",
        profile, text ? " with text" : "", messages, listed, looked, leaks, codes, numbers, coded_values, odd);
    assert_int_equal(0, leaks);
    assert_true(messages > 140 && listed > 140 && looked > 2000 && codes > 1000 && numbers > 500);
}

/* The same search in a message as it came finds nearly everything. */
TEST(the_search_finds_what_stands_there)
{
    SKIP_WITHOUT_DATA();
    tw_hl7 m;
    tw_str all = tw_test_read("sources/hl7v2/batch.hl7"), message;
    looked = leaks = 0;
    quiet = true;
    assert_true(hl7_next_message(&message, &all));
    assert_ok(tw_hl7_parse(cx, &m, NULL, message));
    absent_fields(m.text, &m);
    assert_true(absent_row(m.text, &m));
    quiet = false;
    assert_true(looked > 30 && leaks * 10 > looked * 8);
}

TEST(nobody_listed_comes_out_of_real_files_without_text)
{
    SKIP_WITHOUT_DATA();
    all_files("twin", false);
    all_files("hipaa-safe-harbor", false);
}

TEST(nobody_listed_comes_out_of_real_files_with_their_text)
{
    SKIP_WITHOUT_DATA();
    all_files("twin", true);
}
