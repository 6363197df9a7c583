/* Dates by pattern: read, and written in the form of another. */
#include "test.h"

#include "format/format.h"

TEST(dates__another_day_has_the_form_of_the_first)
{
    static const struct {
        const char *format, *as, *out; /* the fifth of January 2021 */
    } rows[] = {
        { "D/M/YYYY", "3/4/2024", "5/1/2021" },
        { "D/M/YYYY", "03/04/2024", "05/01/2021" },
        { "D/M/YYYY", "13/12/2024", "5/1/2021" },
        { "DD.MM.YY hh:mm:ss.f", "31.12.24 23:05:09.12", "05.01.21 23:05:09.12" },
        { "DD-MON-YYYY", "07-DEC-2024", "05-JAN-2021" },
        { "DD-MON-YYYY", "07-Ago-2024", "05-Ene-2021" },
        { "DD-MON-YYYY", "07-okt-2024", "05-jan-2021" },
        { "h:mm a, M/D/YY", "7:30 pm, 1/31/24", "7:30 pm, 1/5/21" },
        { "YYYYMMDDThhmm", "20241231T0102", "20210105T0102" },
        { "D/M/YYYY h:mm", "", "5/1/2021 0:00" },
    };
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        tw_date_format f;
        tw_date_parts p, day = { .year = 2021, .month = 1, .day = 5 };
        tw_buf out;
        tw_buf_init(&out, TW_KIB);
        assert_null(tw_date_format_read(&f, tw_str_of(rows[i].format)));
        if (rows[i].as[0])
            assert_true(tw_date_read(&p, &f, 30, tw_str_of(rows[i].as)));
        tw_date_write(&out, &f, tw_str_of(rows[i].as), &day);
        assert_true(tw_str_is(tw_str_of_bytes(tw_buf_view(&out)), rows[i].out));
        assert_true(tw_date_read(&p, &f, 30, tw_str_of_bytes(tw_buf_view(&out))));
        assert_true(p.year == 2021 && p.month == 1 && p.day == 5);
        tw_buf_done(&out);
    }
}

TEST(dates__what_is_no_date_of_the_pattern_is_not_read)
{
    static const char *const wrong[] = { "",          "3/4",         "30/2/2024", "3/4/24",      "3/4/2024 ",
                                         "3-4-2024",  "3/13/2024",   "x/4/2024",  "0/4/2024",    "3/4/0000",
                                         "3/4/20245", "123/4/2024" };
    tw_date_format f;
    tw_date_parts p;
    assert_null(tw_date_format_read(&f, TW_STR("D/M/YYYY")));
    for (size_t i = 0; i < TW_COUNT(wrong); i++)
        assert_false(tw_date_read(&p, &f, -1, tw_str_of(wrong[i])));
}
