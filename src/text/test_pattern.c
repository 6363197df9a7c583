#include "pattern_internal.h"

#include "test.h"

/* A note in which braces stand around what must be found, and nothing else may be. */
typedef struct {
    const char *text;
    tw_text_kind kind;
} row;

static const row dates[] = {
    { "seen {2021-03-04} for cough", TW_TEXT_DATE },
    { "seen {2021/3/4}.", TW_TEXT_DATE },
    { "\xe2\x86\x92{2021/3/4}\xe2\x80\xa6", TW_TEXT_DATE },
    { "DOB {03/04/1957}, male", TW_TEXT_DATE },
    { "DOB {3/4/57}", TW_TEXT_DATE },
    { "DOB {03-04-1957}", TW_TEXT_DATE },
    { "geb. {04.03.1957} in", TW_TEXT_DATE },
    { "on {25/12/2020}, well", TW_TEXT_DATE },
    { "({2.2.'57})", TW_TEXT_DATE },
    { "on {March 3rd, 2021} she", TW_TEXT_DATE },
    { "on {March 3, 2021} she", TW_TEXT_DATE },
    { "on {Mar 3 2021} she", TW_TEXT_DATE },
    { "on {3 March 2021} she", TW_TEXT_DATE },
    { "on {3 Mar 21}.", TW_TEXT_DATE },
    { "on {the 3rd of March, 2021} she", TW_TEXT_DATE },
    { "drawn {10OCT2022} and", TW_TEXT_DATE },
    { "drawn {2021-Mar-04} and", TW_TEXT_DATE },
    { "away {4-6 March 2021} and", TW_TEXT_DATE },
    { "away {4th and 6th of March} and", TW_TEXT_DATE },
    { "ended {4-6 March} and", TW_TEXT_DATE },
    { "seen on {the fifteenth}, well", TW_TEXT_DATE },
    { "drawn {10-Oct-2022} and", TW_TEXT_DATE },
    { "drawn {03-MAR-21}", TW_TEXT_DATE },
    { "last {Mar '21} with", TW_TEXT_DATE },
    { "last {Mar-21} with", TW_TEXT_DATE },
    { "last {March 2021} with", TW_TEXT_DATE },
    { "last {March of 2021} with", TW_TEXT_DATE },
    { "last {07/2014} with", TW_TEXT_DATE },
    { "last {2014-07} with", TW_TEXT_DATE },
    { "{Sept-Nov 2016} abroad", TW_TEXT_DATE },
    { "camp {Mar 15-19}.", TW_TEXT_DATE },
    { "on {March 3} she", TW_TEXT_DATE },
    { "on {Mar. 3rd} she", TW_TEXT_DATE },
    { "by {3 March} she", TW_TEXT_DATE },
    { "in {March} she", TW_TEXT_DATE },
    { "Since {May} she", TW_TEXT_DATE },
    { "back in {november}, then", TW_TEXT_DATE },
    { "RTC {next January}.", TW_TEXT_DATE },
    { "see {Tuesday, March 3} at", TW_TEXT_DATE },
    { "see {Tues 5 Nov} at", TW_TEXT_DATE },
    { "see {Sat 8 Mar} at", TW_TEXT_DATE },
    { "see {Fri 13th} at", TW_TEXT_DATE },
    { "seen {Sun 4/6}.", TW_TEXT_DATE },
    { "seen on {4/6}.", TW_TEXT_DATE },
    { "admitted {4/6} with", TW_TEXT_DATE },
    { "cx from {4/6} grew", TW_TEXT_DATE },
    { "labs {11/26}: Na", TW_TEXT_DATE },
    { "note {03/07} she", TW_TEXT_DATE },
    { "resulted {3/11}.", TW_TEXT_DATE },
    { "days ({9/20-22}) away", TW_TEXT_DATE },
    { "pain since {the 9th}, worse", TW_TEXT_DATE },
    { "on {the 2nd of June} she", TW_TEXT_DATE },
    { "on {the 2nd Saturday in June} she", TW_TEXT_DATE },
    { "from {the 1st of the year} on", TW_TEXT_DATE },
    { "since {Thanksgiving} she", TW_TEXT_DATE },
    { "since {Christmas Eve} she", TW_TEXT_DATE },
    { "fell {the day after Thanksgiving}.", TW_TEXT_DATE },
    { "until {Labor Day} he", TW_TEXT_DATE },
    { "{Labour Day weekend} trip", TW_TEXT_DATE },
    { "on {New Year's Eve} he", TW_TEXT_DATE },
    { "around {Valentine's Day} he", TW_TEXT_DATE },
    { "on {St Brigid's Day} he", TW_TEXT_DATE },
    { "on {St. Patrick's Day 2019} he", TW_TEXT_DATE },
    { "on {Madaraka Day} he", TW_TEXT_DATE },
    { "happy {halloween} to you", TW_TEXT_DATE },
    { "Exam: {04/26/2021 00:00} done", TW_TEXT_DATE },
    { "at {2021-03-04T12:30:00Z} it", TW_TEXT_DATE },
    { "at {2021-03-04 12:30:59.123} it", TW_TEXT_DATE },
    { "on {04/26/2021} 14:30 it", TW_TEXT_DATE },
    { "TS {20210304} end", TW_TEXT_DATE },
    { "TS {20210304121530} end", TW_TEXT_DATE },
    { "by {30.xi} to", TW_TEXT_DATE },
    { "signed {31-Jun} (sic)", TW_TEXT_DATE },
    { "ON {5 MAY 2020} THE", TW_TEXT_DATE },
};

static const row no_dates[] = {
    { "in 2019 she smoked", 0 },
    { "BP 120/80, HR 70", 0 },
    { "pain 7/10 today", 0 },
    { "2/6 systolic murmur", 0 },
    { "strength 5/5 in arms", 0 },
    { "3/4 of a tablet", 0 },
    { "1/2 tab daily", 0 },
    { "T2N1M0 disease", 0 },
    { "Gleason 3+4=7", 0 },
    { "ratio 1/2 seen", 0 },
    { "20/20 vision", 0 },
    { "she may go home", 0 },
    { "may need surgery", 0 },
    { "the march of time", 0 },
    { "every Monday he", 0 },
    { "last summer he", 0 },
    { "yesterday he", 0 },
    { "POD 2, doing well", 0 },
    { "at 14:30 he", 0 },
    { "0900-1000 clinic", 0 },
    { "1951-1988 worked", 0 },
    { "L4-5 disc", 0 },
    { "Apgar 9/10/10 at", 0 },
    { "dose 2.5 mg", 0 },
    { "sats 94% on 2 L", 0 },
    { "dec 5 mg to 2 mg", 0 },
    { "Christmas disease", 0 },
    { "2. Mar reviewed", 0 },
    { "HbA1c 7.2 today", 0 },
    { "x 3-4 days", 0 },
    { "5 of 12 cores", 0 },
    { "Berg 18/56", 0 },
    { "the 2nd rib", 0 },
    { "on the fifth metatarsal", 0 },
    { "4-6 may be needed", 0 },

    { "her 5th metatarsal", 0 },
    { "version 3.2.1 of", 0 },
    { "ICU Day 4", 0 },
    { "sun exposure", 0 },
    { "sat up in bed", 0 },
    { "oct of the macula", 0 },
    { "14/6 cm BiPAP", 0 },
    { "mar-", 0 },
    { "10 to 12 days", 0 },
};

static const row contacts[] = {
    { "call {(555) 123-4567} now", TW_TEXT_CONTACT },
    { "call {555-123-4567} now", TW_TEXT_CONTACT },
    { "call {555.123.4567} now", TW_TEXT_CONTACT },
    { "call {555 123 4567} now", TW_TEXT_CONTACT },
    { "call {401/555-1234} now", TW_TEXT_CONTACT },
    { "call {1-800-555-0199} now", TW_TEXT_CONTACT },
    { "call {+1 555 123 4567} now", TW_TEXT_CONTACT },
    { "call {555-0123} now", TW_TEXT_CONTACT },
    { "call {555-123-4567 x123} now", TW_TEXT_CONTACT },
    { "call {555-123-4567x4587} now", TW_TEXT_CONTACT },
    { "call {(555) 123-4567 ext. 12} now", TW_TEXT_CONTACT },
    { "at {+44 7700 900211} or", TW_TEXT_CONTACT },
    { "at {+44 (0)7700 900211} or", TW_TEXT_CONTACT },
    { "at {+353 (0)21 555 0133} or", TW_TEXT_CONTACT },
    { "at {+91 98450 55512} or", TW_TEXT_CONTACT },
    { "at {01632 960 066} or", TW_TEXT_CONTACT },
    { "at {020 7946 0417} or", TW_TEXT_CONTACT },
    { "at {07700 900 118} or", TW_TEXT_CONTACT },
    { "at {(02) 5550 0182} or", TW_TEXT_CONTACT },
    { "at {03.93.92.16.85} or", TW_TEXT_CONTACT },
    { "at {071 555 0142} or", TW_TEXT_CONTACT },
    { "{ext 4417}, please", TW_TEXT_CONTACT },
    { "{x4417}, please", TW_TEXT_CONTACT },
    { "pager {4417}.", TW_TEXT_CONTACT },
    { "pgr #{44170}.", TW_TEXT_CONTACT },
    { "bleep {0613}.", TW_TEXT_CONTACT },
    { "fax: {555 123 4567}", TW_TEXT_CONTACT },
    { "mail {j.doe@mail.example.com}.", TW_TEXT_CONTACT },
    { "mail {jdoe+x@mail.net}, or", TW_TEXT_CONTACT },
    { "see {https://www.example.org/a?b=1}.", TW_TEXT_CONTACT },
    { "see {www.example.org/a}.", TW_TEXT_CONTACT },
    { "from {54.199.56.246}.", TW_TEXT_CONTACT },
    { "from {10.0.0.1:8080} it", TW_TEXT_CONTACT },
    { "from {2001:db8:0:1::5} it", TW_TEXT_CONTACT },
};

static const row no_contacts[] = {
    { "800-1000 kcal", 0 }, { "150-200 mL", 0 },          { "NDC 0409-1207-03", 0 }, { "call at 0715", 0 },
    { "1.2.3 of the", 0 },  { "Na 138 K 4.1 Cl 102", 0 }, { "ext rotation 40", 0 },  { "120 80 72 98 vitals", 0 },
    { "12:30:45 h", 0 },    { "call 911 if", 0 },         { "a b@ c", 0 },           { "x 10 reps", 0 },
};

static const row ids[] = {
    { "MRN {12345678}, seen", TW_TEXT_ID },
    { "MRN: {MR-066759}", TW_TEXT_ID },
    { "MRN # {123}", TW_TEXT_ID },
    { "mrn={417}", TW_TEXT_ID },
    { "Acct# {V00912844}", TW_TEXT_ID },
    { "Acc#: {S22-59819}", TW_TEXT_ID },
    { "Accession {CT24097725}", TW_TEXT_ID },
    { "SSN {123-45-6789}", TW_TEXT_ID },
    { "paid {123-45-6789} in", TW_TEXT_ID },
    { "SSN {xxx-xx-6789}", TW_TEXT_ID },
    { "NHS {943 476 5919}", TW_TEXT_ID },
    { "DL {B4853735}", TW_TEXT_ID },
    { "policy {XQH55858757}", TW_TEXT_ID },
    { "serial {SN32260874} ok", TW_TEXT_ID },
    { "S/N {ABC-12345} ok", TW_TEXT_ID },
    { "DEA {BS1234563}", TW_TEXT_ID },
    { "NPI {1234567893}", TW_TEXT_ID },
    { "drives {1HGCM82633A004352} red", TW_TEXT_ID },
    { "plate {7ABC123}", TW_TEXT_ID },
    { "plate {JM10 UXB}", TW_TEXT_ID },
    { "a {KX19 WVB} parked", TW_TEXT_ID },
    { "login {kpark7} used", TW_TEXT_ID },
    { "login: {jsmith}, then", TW_TEXT_ID },
    { "by {kpark7}", TW_TEXT_ID },
    { "card {4111 1111 1111 1111} ok", TW_TEXT_ID },
    { "card {4992819677820891} ok", TW_TEXT_ID },
    { "to {GB82WEST12345698765432} ok", TW_TEXT_ID },
    { "id {123e4567-e89b-12d3-a456-426614174000} ok", TW_TEXT_ID },
    { "see {06398057} there", TW_TEXT_ID },
    { "see {BCBS00713117} there", TW_TEXT_ID },
    { "study id {022-417}", TW_TEXT_ID },
    { "Aadhaar {4417 0902 8816} seen", TW_TEXT_ID },
    { "UID {1.2.826.0.1.3680043.8.498.77120934418} sent", TW_TEXT_ID },
};

static const row no_ids[] = {
    { "T2N1M0 HER2 3+", 0 },
    { "HbA1c and CD34", 0 },
    { "ICD J96.01, CPT 99291", 0 },
    { "SNOMED 73211009; 38341003", 0 },
    { "Plt 250000 today", 0 },
    { "10000 units sc", 0 },
    { "COVID19 vaccine", 0 },
    { "page 3 of 4", 0 },
    { "No. 4 Shiley", 0 },
    { "WBC 12.3", 0 },
    { "account of events", 0 },
    { "user friendly", 0 },
    { "lot of pain", 0 },
    { "120 mg q12h", 0 },
    { "chart review 10 min", 0 },
    { "Oxford M1E0S0T1C0", 0 },
    { "L1 to S1", 0 },
    { "reg rate, no murmur", 0 },
};

static const row places[] = {
    { "at {12 Long Rd Apt 4} since", TW_TEXT_ADDRESS },
    { "at {902 Pearson Plain Suite 750}, then", TW_TEXT_ADDRESS },
    { "at {714 Burton Square}, {Mcintoshbury}, AR {71609}.", TW_TEXT_ADDRESS },
    { "at {14b Harrow Lane}, then", TW_TEXT_ADDRESS },
    { "at {350 W 42nd St}, then", TW_TEXT_ADDRESS },
    { "at {PO Box 90417}, then", TW_TEXT_ADDRESS },
    { "at {4512 County Road 12}, then", TW_TEXT_ADDRESS },
    { "at {4512 Hwy 61}, then", TW_TEXT_ADDRESS },
    { "lives on {Marl Street} now", TW_TEXT_ADDRESS },
    { "at {P.O. Box 12}, then", TW_TEXT_ADDRESS },
    { "in {Yumouth}, IN {70655-1234}.", TW_TEXT_ADDRESS },
    { "in {San Rafe}, OH {45750} now", TW_TEXT_ADDRESS },
    { "zip {10903}.", TW_TEXT_ADDRESS },
    { "my zip code is {2200}.", TW_TEXT_ADDRESS },
    { "code {SW1A 1AA} is", TW_TEXT_ADDRESS },
    { "code {K1A 0B1} is", TW_TEXT_ADDRESS },
    { "{apt 4b}, rear", TW_TEXT_ADDRESS },
};

static const row no_places[] = {
    { "2 hours with the dr", 0 }, { "B12 1 mg daily", 0 }, { "unit 4 west", 0 },
    { "12 lead run", 0 },         { "15 min walk", 0 },    { "3 place setting", 0 },
};

static const row ages[] = {
    { "a {94}-year-old man", TW_TEXT_AGE },
    { "a {94} y/o man", TW_TEXT_AGE },
    { "a {101}yo man", TW_TEXT_AGE },
    { "aged {101} now", TW_TEXT_AGE },
    { "Age: {97}, well", TW_TEXT_AGE },
    { "a {ninety-four}-year-old", TW_TEXT_AGE },
    { "she is {ninety-four}, well", TW_TEXT_AGE },
    { "{one hundred and two} years old", TW_TEXT_AGE },
    { "she is {95} and well", TW_TEXT_AGE },
};

static const row no_ages[] = {
    { "a 45-year-old man", 0 }, { "HR 96, sat 94%", 0 }, { "temp 99 F at noon", 0 }, { "weighs 95 kg", 0 },
    { "Tc-99m scan", 0 },       { "ninety minutes", 0 }, { "one hundred mg", 0 },    { "aged 89 now", 0 },
};

static const row orgs[] = {
    { "seen at {Harbor Point Hospital} today", TW_TEXT_ORG },
    { "to {St. Mary's Hospital} and", TW_TEXT_ORG },
    { "at {Northfield Clinic}.", TW_TEXT_ORG },
    { "at {Lakeside Medical Center}.", TW_TEXT_ORG },
    { "to {Mercy General} by", TW_TEXT_ORG },
    { "at the {University of Eastmarch} then", TW_TEXT_ORG },
    { "from {Okafor Pharmacy}.", TW_TEXT_ORG },
    { "at {Riverbend Elementary}.", TW_TEXT_ORG },
    { "at {st brannoc's hospital} now", TW_TEXT_ORG },
};

static const row no_orgs[] = {
    { "to the hospital today", 0 },    { "Hospital course: stable", 0 },  { "Wound Care Clinic visit", 0 },
    { "in the Pain Clinic today", 0 }, { "General appearance: well", 0 }, { "Medical School rotation", 0 },
    { "Follow up in clinic", 0 },
};

static const row spanish[] = {
    { "el {15 de marzo de 2020} con", TW_TEXT_DATE },
    { "en {Junio de 2003} con", TW_TEXT_DATE },
    { "el {05/06/2018}, con", TW_TEXT_DATE },
    { "el {13-noviembre-2017}, con", TW_TEXT_DATE },
    { "NHC: {2748903}.", TW_TEXT_ID },
    { "NASS: {26 37482910 04}.", TW_TEXT_ID },
    { "N\xc2\xba"
      "Col: {28 28 35489}.",
      TW_TEXT_ID },
    { "en {Calle Losada Mart\xc3\xad 23, 5 B}.", TW_TEXT_ADDRESS },
    { "en {Avda. de Elvas s/n}.", TW_TEXT_ADDRESS },
    { "{28016 Madrid}.", TW_TEXT_ADDRESS },
    { "el {Hospital Universitario de Getafe}.", TW_TEXT_ORG },
    { "tel. {948 255 400}.", TW_TEXT_CONTACT },
    { "mail {m84@hotmail.com}", TW_TEXT_CONTACT },
    { "de 37 a\xc3\xb1os, con 3 hijos", 0 },
    { "mayor dolor en marcha", 0 },
};

/* ---------------------------------------------------------------- running */

typedef struct {
    text_patterns *patterns;
    hs_scratch_t *scratch;
} finder;

static finder open_finder(const char *language)
{
    finder f = { 0 };
    assert_ok(patterns_open(cx, &f.patterns, tw_str_of(language)));
    assert_int_equal(HS_SUCCESS, hs_alloc_scratch(patterns_database(f.patterns), &f.scratch));
    return f;
}

static void close_finder(finder *f)
{
    hs_free_scratch(f->scratch);
    patterns_free(f->patterns);
}

/* The row's text without braces; want[i]: byte i stands between them. */
static tw_str unbrace(const char *text, uint8_t *want)
{
    char *out = tw_arena_get(cx->arena, strlen(text) + 1);
    size_t n = 0;
    uint8_t in = 0;
    for (const char *p = text; *p; p++) {
        if (*p == '{' || *p == '}') {
            in = *p == '{';
            continue;
        }
        want[n] = in;
        out[n++] = *p;
    }
    return (tw_str){ out, n };
}

static void check_row(const finder *f, const row *r)
{
    uint8_t want[256] = { 0 }, got[256] = { 0 };
    text_marks marks = { 0 };
    text_note note;
    tw_str text = unbrace(r->text, want);
    assert_ok(note_make(cx, &note, text));
    assert_ok(patterns_find(cx, &marks, f->patterns, f->scratch, &note));
    for (uint32_t i = 0; i < marks.n; i++) {
        assert_true(marks.p[i].start < marks.p[i].end && marks.p[i].end <= note.norm.n);
        assert_int_equal(TW_TEXT_PATTERNS, marks.p[i].finder);
        if (!marks.p[i].sure)
            continue;
        if (!strchr(r->text, '{'))
            fail_msg("'%s': %s is marked", r->text, pattern_name(marks.p[i].pattern));
        bool kind = marks.p[i].kind == r->kind;
        if (!kind)
            fail_msg("'%s': a %s", r->text, tw_text_kind_name((tw_text_kind)marks.p[i].kind));
        memset(got + marks.p[i].start, 1, marks.p[i].end - marks.p[i].start);
    }
    for (size_t i = 0; i < text.n; i++)
        if (ch_word(text.p[i]) && want[i] != got[i])
            fail_msg("'%s': byte %zu, %s", r->text, i, got[i] ? "marked" : "not marked");
}

static size_t check_rows(const char *language, const row *rows, size_t count)
{
    finder f = open_finder(language);
    for (size_t i = 0; i < count; i++)
        check_row(&f, &rows[i]);
    close_finder(&f);
    return count;
}

TEST(dates_are_found_in_every_written_form)
{
    check_rows("en", dates, TW_COUNT(dates));
}

TEST(ratios_scores_words_and_times_are_no_dates)
{
    check_rows("en", no_dates, TW_COUNT(no_dates));
}

TEST(telephones_and_addresses_of_nets_are_found)
{
    check_rows("en", contacts, TW_COUNT(contacts));
}

TEST(measures_and_codes_are_no_telephones)
{
    check_rows("en", no_contacts, TW_COUNT(no_contacts));
}

TEST(numbers_of_records_are_found)
{
    check_rows("en", ids, TW_COUNT(ids));
}

TEST(codes_of_medicine_are_no_numbers_of_records)
{
    check_rows("en", no_ids, TW_COUNT(no_ids));
}

TEST(streets_and_postal_codes_are_found)
{
    check_rows("en", places, TW_COUNT(places));
    check_rows("en", no_places, TW_COUNT(no_places));
}

TEST(ages_over_89_are_found)
{
    check_rows("en", ages, TW_COUNT(ages));
    check_rows("en", no_ages, TW_COUNT(no_ages));
}

TEST(organisations_are_found_by_their_head_words)
{
    check_rows("en", orgs, TW_COUNT(orgs));
    check_rows("en", no_orgs, TW_COUNT(no_orgs));
}

TEST(spanish_has_its_own_words)
{
    check_rows("es", spanish, TW_COUNT(spanish));
}

TEST(a_fraction_that_may_be_a_date_is_a_hint)
{
    finder f = open_finder("en");
    text_marks marks = { 0 };
    text_note note;
    assert_ok(note_make(cx, &note, TW_STR("ratio 1/2 here")));
    assert_ok(patterns_find(cx, &marks, f.patterns, f.scratch, &note));
    assert_int_equal(1, marks.n);
    assert_false(marks.p[0].sure);
    assert_string_equal("ratio", pattern_name(marks.p[0].pattern));
    close_finder(&f);
}

/* How far back a checker looks may end inside a character. */
TEST(a_character_of_several_bytes_at_the_edge_of_what_is_looked_at_ends_the_search)
{
    finder f = open_finder("en");
    for (int blanks = 0; blanks < 40; blanks++) {
        text_marks marks = { 0 };
        text_note note;
        tw_str text =
            tw_strf(cx->arena,
                    "\xf0\x9f\x8c\xb8then i called all of Upper Thorn Ward [3-27-16, 8:05 PM] to ask:%*sand so on "
                    "to me; 41770B",
                    blanks, "");
        assert_ok(note_make(cx, &note, text));
        assert_ok(patterns_find(cx, &marks, f.patterns, f.scratch, &note));
        assert_true(marks.n >= 1);
    }
    close_finder(&f);
}

TEST(a_language_without_patterns_is_refused)
{
    text_patterns *p;
    assert_status(TW_ENOTFOUND, patterns_open(cx, &p, TW_STR("xx")));
    assert_null(p);
}

TEST(every_hit_has_a_name)
{
    for (size_t i = 1; i < HIT_KINDS; i++)
        assert_non_null(pattern_name(i));
    assert_null(pattern_name(HIT_KINDS));
}

TEST(an_empty_note_and_one_of_marks_alone_have_nothing)
{
    finder f = open_finder("en");
    const row rows[] = { { "", 0 }, { " .,;:/-()[]#@", 0 }, { "\xc3\xa9", 0 } };
    for (size_t i = 0; i < TW_COUNT(rows); i++)
        check_row(&f, &rows[i]);
    close_finder(&f);
}

static void count_name(void *arg, tw_str name)
{
    (void)name;
    ++*(unsigned *)arg;
}

static unsigned forms_of(const char *name)
{
    unsigned n = 0;
    nicknames_of(tw_str_of(name), count_name, &n);
    return n;
}

TEST(words_are_found_in_lists_by_their_first_letter)
{
    static const char *const list[26] = { ['a' - 'a'] = "ab abc", ['z' - 'a'] = "z" };
    assert_true(word_in_letter(TW_STR("ab"), list) && word_in_letter(TW_STR("abc"), list));
    assert_true(word_in_letter(TW_STR("z"), list));
    assert_false(word_in_letter(TW_STR("a"), list) || word_in_letter(TW_STR("abcd"), list));
    assert_false(word_in_letter(TW_STR("b"), list) || word_in_letter(TW_STR(""), list));
    assert_false(word_in_letter(TW_STR("\xc3\xa9"), list));
    assert_true(word_title(TW_STR("dr")) && word_title(TW_STR("mbbs")) && !word_title(TW_STR("d")));
    assert_true(word_particle(TW_STR("van")) && word_particle(TW_STR("y")) && !word_particle(TW_STR("vans")));
    assert_true(word_common(TW_STR("young")) && !word_common(TW_STR("youngs")));
}

TEST(names_have_their_other_forms_whatever_letter_these_begin_with)
{
    assert_int_equal(forms_of("william"), 5);
    assert_int_equal(forms_of("liam"), 1);
    assert_int_equal(forms_of("gail"), 1);
    assert_int_equal(forms_of("peggy"), 1);
    assert_int_equal(forms_of("zack"), 1);
    assert_int_equal(forms_of("nobody"), 0);
    assert_int_equal(forms_of(""), 0);
}
