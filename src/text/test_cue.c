#include "test.h"

#include "text/text_internal.h"
#include "text_test.h"

typedef struct {
    const char *text, *found;
} want_found;

static void check(const want_found *want, size_t count)
{
    tw_bytes file = text_test_model(cx, 0.2, text_test_english, TW_COUNT(text_test_english), NULL, 0);
    for (size_t i = 0; i < count; i++) {
        tw_str got = text_test_found(cx, file, want[i].text, TW_TEXT_CUES);
        if (!tw_str_is(got, want[i].found))
            fail_msg("\"%s\": " TW_FMT ", not %s", want[i].text, TW_ARG(got), want[i].found);
    }
}

TEST(titles_announce_names)
{
    static const want_found want[] = {
        { "Seen by Dr. Ann Lee today.", "NAME:Ann Lee" },
        { "Dr Long is here", "NAME:Long" },
        { "Dr. O'Neil-Smith was here", "NAME:O'Neil-Smith" },
        { "Dr. van der Berg", "NAME:van der Berg" },
        { "Dr. J. Q. Smith's pain", "NAME:J. Q. Smith" },
        { "seen by dr zhou today", "NAME:zhou" },
        { "dr will follow up", "" },
        { "dr to follow up", "" },
        { "DR ZHOU IS HERE TODAY", "NAME:ZHOU" },
        { "Drs. Lee and Smith, MD", "NAME:Lee|NAME:Smith" },
        { "Drs. Lee, Zhou & Smith were", "NAME:Lee|NAME:Zhou|NAME:Smith" },
        { "Dr. ", "" },
        { "Dr.\nLee", "" },
    };
    check(want, TW_COUNT(want));
}

TEST(degrees_follow_names)
{
    static const want_found want[] = {
        { "Ann B. Lee, MD", "NAME:Ann B. Lee" },
        { "Zhou Smith M.D.", "NAME:Zhou Smith" },
        { "The RN was here", "" },
        { "pain, rn", "" },
        { "MD", "" },
        { "Home. Lee RN", "NAME:Lee" },
    };
    check(want, TW_COUNT(want));
}

TEST(kin_patients_and_company)
{
    static const want_found want[] = {
        { "Daughter Susan here", "NAME:Susan" },
        { "her wife (Ann) is here", "NAME:Ann" },
        { "daughter is here", "" },
        { "daughter, Will, is here", "NAME:Will" },
        { "pt. smith seen w/ ann today", "NAME:smith|NAME:ann" },
        { "pt was here w/ pain", "" },
        { "pt w/ Parkinson's disease", "" },
        { "Pt Zhou's disease", "" },
    };
    check(want, TW_COUNT(want));
}

TEST(company_without_a_stroke_is_a_listed_given_name)
{
    static const want_found want[] = {
        { "here with Ann today", "NAME:Ann" },
        { "here with Zhou today", "" },
        { "here with May today", "" },
    };
    check(want, TW_COUNT(want));
}

TEST(capitals_among_small_letters_are_no_names_unless_listed)
{
    static const want_found want[] = {
        { "Mr. AVR was seen by ARR", "" },
        { "seen by LEE today", "NAME:LEE" },
        { "Dr. JS was here", "NAME:JS" },
    };
    check(want, TW_COUNT(want));
}

TEST(initials_that_begin_a_line_sign_it)
{
    static const want_found want[] = {
        { "pain is long\nPK RN", "NAME:PK" },
        { "was here\nkp, RN", "NAME:kp" },
        { "was here\nin RN", "" },
        { "home PK RN", "" },
    };
    check(want, TW_COUNT(want));
}

TEST(letters_begin_and_end_with_names)
{
    static const want_found want[] = {
        { "Dear Ann and John,", "NAME:Ann|NAME:John" },
        { "Dear Dr. Zhou:", "NAME:Zhou" },
        { "Sincerely,\n\nAnn Zhou", "NAME:Ann Zhou" },
        { "Sincerely,\nthe hospital", "" },
        { "seen by: Zhou", "NAME:Zhou" },
        { "seen by the wife", "" },
    };
    check(want, TW_COUNT(want));
}

TEST(header_lines_say_what_follows)
{
    static const want_found want[] = {
        { "Patient name: SMITH, ANN B    MRN: 123-45", "NAME:SMITH, ANN B|ID:123-45" },
        { "Patient Name: Zhou, Long\tDOB: 3/4/51", "NAME:Zhou, Long|DATE:3/4/51" },
        { "Attending: Ann Lee | Facility: Saint Mary", "NAME:Ann Lee|ORG:Saint Mary" },
        { "attending was here", "" },
        { "MRN #A12B34. Home", "ID:A12B34" },
        { "MRN is here", "" },
        { "mrn 12", "" },
        { "Phone 4471", "CONTACT:4471" },
        { "DOB: 1951", "" },
        { "Address: 12 Zhou Rd, Home; age: 92", "ADDRESS:12 Zhou Rd, Home|AGE:92" },
        { "Address: home", "" },
        { "Age: 89", "" },
        { "Age: 91", "AGE:91" },
    };
    check(want, TW_COUNT(want));
}

TEST(head_words_end_names_of_organisations)
{
    static const want_found want[] = {
        { "to Saint Mary's Hospital today", "ORG:Saint Mary's Hospital" },
        { "The Hospital was", "" },
        { "General Hospital", "" },
        { "in the Zhou General Hospital", "ORG:Zhou General Hospital" },
        { "zhou hospital", "" },
    };
    check(want, TW_COUNT(want));
}
