/* Forms of codes and numbers: what a value must look like to pass. A form is as narrow as its system allows: where
 * there is a check digit it is checked, so that a local number does not pass as a code. */
#include "deid/deid_internal.h"

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool digits_only(tw_str s, size_t min, size_t max)
{
    if (s.n < min || s.n > max)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!tw_is_digit(s.p[i]))
            return false;
    return true;
}

/* LOINC Users' Guide, "Calculating Mod 10 check digits". Parts and answers begin with LP and LA; their letters count as
 * their distance from '0' in ASCII (found from published LA codes: LA32-8, LA33-6, LA13863-8). */
static bool loinc(tw_str s)
{
    bool letters = tw_str_starts(s, "LA") || tw_str_starts(s, "LP");
    size_t from = letters ? 2 : 0;
    if (s.n < from + 3 || s.n > from + 10 || s.p[s.n - 2] != '-' || !tw_is_digit(s.p[s.n - 1]) ||
        !digits_only((tw_str){ s.p + from, s.n - 2 - from }, 1, 8))
        return false;
    int sum = 0;
    for (size_t i = 0; i < s.n - 2; i++) {
        int d = s.p[s.n - 3 - i] - '0';
        sum += i % 2 ? d : 2 * d - d / 5 * 9;
    }
    return (10 - sum % 10) % 10 == s.p[s.n - 1] - '0';
}

/* SNOMED CT Technical Implementation Guide, "Check-digit": Verhoeff over all digits. */
static bool snomed(tw_str s)
{
    static const uint8_t d5[10][10] = {
        { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 }, { 1, 2, 3, 4, 0, 6, 7, 8, 9, 5 }, { 2, 3, 4, 0, 1, 7, 8, 9, 5, 6 },
        { 3, 4, 0, 1, 2, 8, 9, 5, 6, 7 }, { 4, 0, 1, 2, 3, 9, 5, 6, 7, 8 }, { 5, 9, 8, 7, 6, 0, 4, 3, 2, 1 },
        { 6, 5, 9, 8, 7, 1, 0, 4, 3, 2 }, { 7, 6, 5, 9, 8, 2, 1, 0, 4, 3 }, { 8, 7, 6, 5, 9, 3, 2, 1, 0, 4 },
        { 9, 8, 7, 6, 5, 4, 3, 2, 1, 0 },
    };
    static const uint8_t first[10] = { 1, 5, 7, 6, 2, 8, 3, 0, 9, 4 };
    if (!digits_only(s, 6, 18) || s.p[0] == '0')
        return false;
    uint8_t c = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t v = (uint8_t)(s.p[s.n - 1 - i] - '0');
        for (size_t k = 0; k < i % 8; k++)
            v = first[v];
        c = d5[c][v];
    }
    return c == 0;
}

static bool icd10(tw_str s)
{
    if (s.n < 3 || s.n > 8 || !is_upper(s.p[0]) || !tw_is_digit(s.p[1]) || !(tw_is_digit(s.p[2]) || is_upper(s.p[2])))
        return false;
    if (s.n == 3)
        return true;
    if (s.p[3] != '.' || s.n == 4)
        return false;
    for (size_t i = 4; i < s.n; i++)
        if (!tw_is_digit(s.p[i]) && !is_upper(s.p[i]))
            return false;
    return true;
}

static bool icd9(tw_str s)
{
    if (s.n > 0 && (s.p[0] == 'E' || s.p[0] == 'V'))
        s = (tw_str){ s.p + 1, s.n - 1 };
    tw_str head;
    if (!tw_str_split(&head, &s, '.') || !digits_only(head, 2, 3))
        return false;
    return !s.p || digits_only(s, 1, 2);
}

static bool icdo3(tw_str s)
{
    if (s.n >= 3 && s.p[0] == 'C')
        return icd10(s);
    tw_str head;
    return tw_str_split(&head, &s, '/') && digits_only(head, 4, 5) && s.p && digits_only(s, 1, 2);
}

static bool ncit(tw_str s)
{
    return s.n > 2 && s.p[0] == 'C' && digits_only((tw_str){ s.p + 1, s.n - 1 }, 2, 7);
}

/* A, A10, A10B, A10BA, A10BA02 */
static bool atc(tw_str s)
{
    static const char shape[] = "AddAAdd";
    if (s.n != 1 && s.n != 3 && s.n != 4 && s.n != 5 && s.n != 7)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (shape[i] == 'A' ? !is_upper(s.p[i]) : !tw_is_digit(s.p[i]))
            return false;
    return true;
}

static bool cdcrec(tw_str s)
{
    return s.n == 6 && digits_only((tw_str){ s.p, 4 }, 4, 4) && s.p[4] == '-' && tw_is_digit(s.p[5]);
}

static bool nucc(tw_str s)
{
    if (s.n != 10 || s.p[9] != 'X')
        return false;
    for (size_t i = 0; i < 9; i++)
        if (!tw_is_digit(s.p[i]) && (i < 3 || s.p[i] < 'A' || s.p[i] > 'Z'))
            return false;
    return true;
}

static bool hgnc(tw_str s)
{
    if (tw_str_starts(s, "HGNC:"))
        s = (tw_str){ s.p + 5, s.n - 5 };
    return digits_only(s, 1, 6);
}

/* Storage SOP classes of DICOM PS3.6: the root and a few short numbers. */
static bool dicom_sop(tw_str s)
{
    if (tw_str_starts(s, "urn:oid:"))
        s = (tw_str){ s.p + 8, s.n - 8 };
    static const char root[] = "1.2.840.10008.5.1.4.1.1.";
    if (!tw_str_starts(s, root) || s.n > sizeof root - 1 + 12)
        return false;
    tw_str rest = { s.p + sizeof root - 1, s.n - (sizeof root - 1) }, part;
    while (tw_str_split(&part, &rest, '.'))
        if (!digits_only(part, 1, 3))
            return false;
    return true;
}

bool form_code(code_form form, tw_str code)
{
    switch (form) {
    case FORM_LOINC:
        return loinc(code);
    case FORM_SNOMED:
        return snomed(code);
    case FORM_RXNORM:
        return digits_only(code, 1, 7);
    case FORM_CVX:
        return digits_only(code, 1, 3);
    case FORM_ICD10:
        return icd10(code);
    case FORM_ICD9:
        return icd9(code);
    case FORM_ICDO3:
        return icdo3(code);
    case FORM_NCIT:
        return ncit(code);
    case FORM_ATC:
        return atc(code);
    case FORM_CDCREC:
        return cdcrec(code);
    case FORM_HGNC:
        return hgnc(code);
    case FORM_NUCC:
        return nucc(code);
    case FORM_DICOM_SOP:
        return dicom_sop(code);
    case FORM_UCUM:
        return ucum_valid(code);
    case FORM_LISTED: /* the caller looks it up */
    case FORM_NEVER:
    case FORM_COUNT:
        return false;
    }
    return false;
}

/* Nine digits before the point and 32 characters in all: clinical numbers have fewer, long runs of digits are
 * identifiers. */
bool form_number(tw_r4_prim prim, tw_str raw)
{
    enum { WHOLE_MAX = 9, CHARS_MAX = 32 };
    bool minus = raw.n > 0 && raw.p[0] == '-';
    size_t i = minus, whole = 0;
    while (i < raw.n && tw_is_digit(raw.p[i])) {
        i++;
        whole++;
    }
    if (whole == 0 || whole > WHOLE_MAX || raw.n > CHARS_MAX)
        return false;
    if (prim == TW_PRIM_DECIMAL)
        return true; /* the reader has checked the rest */
    return i == raw.n && (prim == TW_PRIM_INTEGER || (!minus && (prim == TW_PRIM_UNSIGNED || raw.p[0] != '0')));
}

/* hh:mm:ss[.fff] */
bool form_time_of_day(tw_str s)
{
    static const char shape[] = "dd:dd:dd";
    if (s.n < 8 || s.n > 12 || (s.n > 8 && s.p[8] != '.') || s.n == 9)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        bool colon = i < 8 && shape[i] == ':';
        if (i != 8 && (colon ? s.p[i] != ':' : !tw_is_digit(s.p[i])))
            return false;
    }
    return s.p[0] < '2' || (s.p[0] == '2' && s.p[1] < '4');
}

/* FHIR R4 SampledData: "A series of data points which are decimal values separated by a single space ... 'E', 'L' and
 * 'U'" */
bool form_samples(tw_str s)
{
    tw_str part;
    if (s.n == 0)
        return false;
    while (tw_str_split(&part, &s, ' ')) {
        double v;
        bool letter = tw_str_is(part, "E") || tw_str_is(part, "L") || tw_str_is(part, "U");
        if (!letter && !(part.n <= 16 && tw_parse_f64(&v, part) && form_number(TW_PRIM_DECIMAL, part)))
            return false;
    }
    return true;
}

/* FHIR R4 id: "[A-Za-z0-9\-\.]{1,64}" */
bool form_id(tw_str s)
{
    if (s.n == 0 || s.n > 64)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!tw_is_digit(s.p[i]) && !is_upper(s.p[i]) && !is_lower(s.p[i]) && s.p[i] != '-' && s.p[i] != '.')
            return false;
    return true;
}

bool form_zip(tw_str s)
{
    if ((s.n != 5 && s.n != 9 && s.n != 10) || (s.n == 10 && s.p[5] != '-'))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!tw_is_digit(s.p[i]) && !(s.n == 10 && i == 5))
            return false;
    return true;
}
