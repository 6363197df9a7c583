#include "test.h"

#include "text/text_internal.h"
#include "text_test.h"

static void check(const char *text, const char *found)
{
    tw_bytes file = text_test_model(cx, 0.2, text_test_english, TW_COUNT(text_test_english), NULL, 0);
    assert_str(found, text_test_found(cx, file, text, TW_TEXT_CUES | TW_TEXT_PROPAGATION));
}

TEST(a_name_found_once_is_found_in_any_case)
{
    check("Dr. Ann Zhou. zhou was here. ZHOU's pain", "NAME:Ann Zhou|NAME:zhou|NAME:ZHOU");
}

TEST(a_family_is_found_by_its_plural)
{
    check("Dr. Zhoubert. The Zhouberts were here. Longs", "NAME:Zhoubert|NAME:Zhouberts");
}

TEST(words_of_the_vocabulary_count_only_with_a_capital)
{
    check("Dr. Long was here in pain. The pain is long. Seen Long today", "NAME:Long|NAME:Long");
}

TEST(frequent_words_do_not_count_where_a_sentence_begins)
{
    check("Dr. Will was here. Will follow up. Seen Will today", "NAME:Will|NAME:Will");
}

TEST(in_a_line_of_capitals_words_of_the_vocabulary_do_not_count)
{
    check("Dr. Long was here\nPAIN IS LONG TODAY", "NAME:Long");
}

TEST(names_of_two_letters_keep_their_case)
{
    check("Dr. Li was here. li, LI, Li", "NAME:Li|NAME:Li");
}

TEST(initials_of_a_pair_are_found)
{
    check("Dr. Ann Zhou. Seen by AZ today. A.Z. and A. B. Z. here", "NAME:Ann Zhou|NAME:AZ|NAME:A.Z|NAME:A. B. Z");
}

TEST(initials_of_a_name_that_is_turned_round_are_in_the_order_of_speech)
{
    check("Patient name: Zhou, Ann\nseen AZ, not ZA", "NAME:Zhou, Ann|NAME:AZ");
}

TEST(initials_that_are_a_word_or_a_cue_do_not_count)
{
    check("Dr. Mary Dobbs. MD here", "NAME:Mary Dobbs");
}

TEST(the_initial_before_a_name_goes_with_it)
{
    check("Dr. Zhou. Then A. Zhou was here", "NAME:Zhou|NAME:A. Zhou");
}

TEST(nothing_found_is_nothing_more)
{
    check("Zhou was here", "");
    check("", "");
}
