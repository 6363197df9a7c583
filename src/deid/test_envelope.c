/* Lines around the messages of a batch. */
#include "test.h"

#include "deid/deid.h"

static const uint8_t key[32] = "a key of tests, known to anyone";

TEST(envelope__delimiters_and_counts_stay_and_nothing_else)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        { "FHS|^~\\&|NORTH|HIS|||20240101||Zwetschgenbaum", "FHS|^~\\&" },
        { "BHS|^~\\&#|NORTH", "BHS|^~\\&#" },
        { "BHS$%~*!$NORTH", "BHS$%~*!" },
        { "BHS|Zwet|x", "BHS|" },
        { "BTS|12|Zwetschgenbaum", "BTS|12" },
        { "FTS|Zwetschgenbaum", "FTS|" },
        { "FTS|1234567890", "FTS|" },
        { "FTS", "" },
        { "Zwetschgenbaum", "" },
        { "", "" },
    };
    tw_profile *p;
    tw_doc_work *w;
    tw_doc_row row;
    tw_buf out;
    uint64_t all = 0;
    assert_ok(tw_profile_builtin(cx, &p, TW_STR("twin")));
    tw_doc_opts o = { .profile = p, .key = key };
    assert_ok(tw_doc_work_new(cx, &w, &o));
    tw_buf_init(&out, TW_KIB);
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        tw_buf_clear(&out);
        assert_ok(tw_deid_hl7_envelope(cx, &out, w, tw_str_of(rows[i].in)));
        assert_true(tw_str_is(tw_str_of_bytes(tw_buf_view(&out)), rows[i].out));
    }
    for (size_t cursor = 0; tw_doc_account_next(w, &cursor, &row);)
        all += row.kept + row.changed + row.removed;
    assert_int_equal(TW_COUNT(rows), all);
    tw_buf_done(&out);
    tw_doc_work_free(w);
    tw_profile_free(p);
}
