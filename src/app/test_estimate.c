/* Patients of a table are estimated: known parameters come back, the same bytes for any number of threads, and a bad
 * table names its place. */
#include "test_models.h"

#define CARD                                                                                                           \
    "kind\tname\tlaw\tlower\tupper\tmean\tsd\tsymbol\n"                                                                \
    "parameter\tk\tlog\t0.001\t10\t\t\t\n"                                                                             \
    "observable\tconc\tlognormal\t\t\t\t0.02\tS\n"

static tw_estimate_opts opts(const char *card, const char *data, const char *out, unsigned jobs)
{
    return (tw_estimate_opts){ .model = file("m.xml", SBML),
                               .card = file("card.tsv", card),
                               .data = file("data.csv", data),
                               .out = tw_path(cx, w.dir, out),
                               .to = (double)NAN,
                               .intervals = 20,
                               .draws = 200,
                               .seed = 3,
                               .svg = true,
                               .jobs = jobs };
}

/* Patients with k = 0.1, 0.2, ... and a start of 10; a dose of 5 at 3.5 for the second. */
static char *decays(size_t n)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    tw_buf_cstr(&b, "id,time,observable,value\n");
    for (size_t i = 0; i < n; i++) {
        double k = 0.1 * (double)(i + 1);
        if (i == 1)
            tw_buf_cstr(&b, "p2,3.5,+S,5\n");
        for (int t = 1; t <= 6; t++)
            tw_buf_fmt(&b, "p%zu,%d,conc,%.9g\n", i + 1, t,
                       (10 * exp(-k * t) + (i == 1 && t > 3 ? 5 * exp(-k * (t - 3.5)) : 0)) * (t % 2 ? 1.01 : 0.99));
    }
    char *text = tw_cstr(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return text;
}

TEST(estimate__known_parameters_come_back)
{
    tw_estimate_report r;
    folder_make();
    tw_estimate_opts o = opts(CARD, decays(4), "out", 1);
    assert_ok(tw_app_estimate(cx, &r, &o));
    assert_int_equal(4, r.patients);
    assert_int_equal(4, r.done);
    assert_int_equal(0, r.not_converged + r.untold + r.few);
    tw_str rest = text_in("out/estimates.csv"), line, cell;
    assert_true(tw_str_split(&line, &rest, '\n'));
    for (size_t i = 0; i < 4; i++) {
        double k = 0;
        double sd = 0;
        assert_true(tw_str_split(&line, &rest, '\n'));
        assert_true(tw_str_split(&cell, &line, ',') && tw_str_split(&cell, &line, ','));
        assert_true(tw_str_split(&cell, &line, ',') && tw_parse_f64(&k, cell));
        assert_true(tw_str_split(&cell, &line, ',') && tw_str_split(&cell, &line, ',') && tw_parse_f64(&sd, cell));
        assert_near(k, 0.1 * (double)(i + 1), 3 * sd * k);
        assert_true(sd < 0.05);
    }
    assert_true(tw_str_starts(text_in("out/fan-4-conc.svg"), "<"));
    assert_true(tw_str_starts(text_in("out/bands.csv"), "id,observable,time,q05,q25,q50,q75,q95\np1,conc,0,"));
    folder_end();
}

TEST(estimate__threads_do_not_change_a_byte)
{
    static const char *const name[] = { "estimates.csv", "bands.csv", "estimates.ndjson", "fan-2-conc.svg" };
    tw_estimate_report r;
    folder_make();
    char *data = decays(5);
    for (unsigned jobs = 1; jobs <= 16; jobs *= 4) {
        tw_estimate_opts o = opts(CARD, data, jobs == 1 ? "one" : "many", jobs);
        assert_ok(tw_app_estimate(cx, &r, &o));
        for (size_t i = 0; i < TW_COUNT(name); i++) {
            tw_str one = text_in(tw_strf(cx->arena, "one/%s", name[i]).p);
            assert_true(tw_str_eq(one, text_in(tw_strf(cx->arena, "%s/%s", jobs == 1 ? "one" : "many", name[i]).p)));
        }
    }
    folder_end();
}

TEST(estimate__what_nothing_tells_is_said)
{
    tw_estimate_report r;
    folder_make();
    tw_estimate_opts o = opts(CARD, "id,time,observable,value\na,0,conc,10\n", "out", 1);
    o.to = 5;
    assert_ok(tw_app_estimate(cx, &r, &o));
    assert_int_equal(1, r.untold);
    assert_true(tw_str_find(text_in("out/estimates.ndjson"), TW_STR("\"untold\":\"k (1.00)\"")) != SIZE_MAX);
    folder_end();
}

TEST(estimate__a_patient_that_cannot_be_estimated_is_counted_and_the_rest_go_on)
{
    tw_estimate_report r;
    folder_make();
    tw_estimate_opts o = opts(CARD, "id,time,observable,value\na,1,conc,-3\nb,1,conc,9\n", "out", 1);
    assert_ok(tw_app_estimate(cx, &r, &o));
    assert_int_equal(2, r.patients);
    assert_int_equal(1, r.done);
    assert_true(tw_str_find(r.first_failed, TW_STR("line 2")) != SIZE_MAX);
    folder_end();
}

TEST(estimate__a_bad_table_names_its_place)
{
    static const char *const bad[][2] = {
        { CARD, "id,time,observable,value\na,1,conc,x\n" },
        { CARD, "id,time,observable,value\na,1,nobody,2\n" },
        { CARD, "id,time,observable,value\na,1,conc,2\nb,1,conc,2\na,2,conc,2\n" },
        { CARD, "id,time,observable,value\na,2,conc,2\na,1,conc,2\n" },
        { CARD, "id,time,observable,value\na,,k,2\na,1,conc,2\n" },
        { "kind\tname\tlaw\tlower\tupper\tmean\tsd\nparameter\tk\tlog\t0\t1\t\t\nobservable\tS\tadditive\t\t\t\t1\n",
          "id,time,observable,value\na,1,S,2\n" },
        { "kind\tname\tlaw\tlower\tupper\tmean\tsd\nparameter\tk\tlog\t0.1\t1\t\t2\nobservable\tS\tadditive\t\t\t\t1\n",
          "id,time,observable,value\na,1,S,2\n" },
        { "kind\tname\tlaw\tlower\tupper\tmean\tsd\nparameter\tz\tlog\t0.1\t1\t\t\n", "id,time,observable,value\n" },
    };
    tw_estimate_report r;
    folder_make();
    for (size_t i = 0; i < TW_COUNT(bad); i++) {
        tw_estimate_opts o = opts(bad[i][0], bad[i][1], "out", 1);
        assert_status(TW_EPARSE, tw_app_estimate(cx, &r, &o));
        tw_err_clear(cx);
    }
    folder_end();
}
