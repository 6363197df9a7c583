#include "test_psa_data.h"

static tw_psa_twin small_twin(tw_psa_series *s)
{
    tw_psa_population pop = test_population();
    tw_psa_synthetic truth;
    tw_psa_twin t = { .noise = { .value_round_width = 0.1, .time_shift_constant = true },
                      .release_log_index = 77,
                      .seed = 1 };
    synthetic_men(s, &truth, 1, &pop, 12);
    t.data_hash[31] = 0xab;
    assert_ok(tw_psa_fit(cx, &t.posterior, s, &pop, &t.noise, 50, t.seed));
    return t;
}

static tw_str written(tw_buf *b, const tw_psa_twin *t)
{
    tw_buf_init(b, TW_MIB);
    assert_ok(tw_psa_twin_write(cx, b, t));
    return tw_str_of_bytes(tw_buf_view(b));
}

TEST(twin__is_written_and_read_to_the_same_bytes)
{
    tw_psa_series s;
    tw_psa_twin t = small_twin(&s), back;
    tw_buf a, b;
    tw_str text = written(&a, &t);
    assert_ok(tw_psa_twin_read(cx, &back, text));
    assert_true(tw_str_eq(text, written(&b, &back)));
    assert_memory_equal(back.data_hash, t.data_hash, 32);
    assert_int_equal(back.release_log_index, 77);
    assert_true(back.noise.time_shift_constant);
    assert_int_equal(back.posterior.dim, t.posterior.dim);
    tw_buf_done(&a);
    tw_buf_done(&b);
}

TEST(twin__forecasts_after_reading_as_before)
{
    tw_psa_series s;
    tw_psa_twin t = small_twin(&s), back;
    tw_psa_forecast f, g;
    tw_buf a;
    assert_ok(tw_psa_twin_read(cx, &back, written(&a, &t)));
    tw_psa_run *plan = tw_try_array(cx->arena, tw_psa_run, s.n_run);
    memcpy(plan, s.run, s.n_run * sizeof *plan);
    plan[s.n_run - 1].end_day += 100.0;
    const tw_psa_at at = { t.posterior.last_day + 60.0, s.n_run - 1 };
    assert_ok(tw_psa_forecast_make(cx, &f, &t.posterior, plan, s.n_run, &at, 1, NULL, 3));
    assert_ok(tw_psa_forecast_make(cx, &g, &back.posterior, plan, s.n_run, &at, 1, NULL, 3));
    for (size_t i = 0; i < f.n_draw; i++)
        assert_near(f.x[i], g.x[i], 1e-6);
    tw_buf_done(&a);
}

/** The document with one part replaced; NULL when it does not hold `from`. */
static tw_str changed(tw_str text, const char *from, const char *to)
{
    size_t at = tw_str_find(text, tw_str_of(from));
    assert_true(at != SIZE_MAX);
    size_t after = at + strlen(from);
    return tw_strf(cx->arena, "%.*s%s%.*s", (int)at, text.p, to, (int)(text.n - after), text.p + after);
}

TEST(twin__refuses_what_is_not_such_a_twin)
{
    static const char *const edit[][2] = {
        { "\"model\":\"psa-ias\"", "\"model\":\"psa-xyz\"" },
        { "\"version\":1", "\"version\":2" },
        { "\"data_hash\":\"00", "\"data_hash\":\"0" },
        { "\"runs\":[{\"start\":0,", "\"runs\":[{\"start\":-5," },
        { "\"cycle\":0,\"on\":true", "\"cycle\":1,\"on\":true" },
        { "\"map\":[", "\"map\":[1," },
        { "\"ou_var\":", "\"ou_var\":-" },
        { "\"white_sd\":", "\"white_sd\":-" },
        { "\"ou_mean\":[", "\"ou_mean\":[null," },
        { "\"noise\":", "\"noises\":" },
        { "\"release_log_index\":77", "\"release_log_index\":-1" },
    };
    tw_psa_series s;
    tw_psa_twin t = small_twin(&s), back;
    tw_buf a;
    tw_str text = written(&a, &t);
    for (size_t i = 0; i < TW_COUNT(edit); i++)
        assert_status(TW_EPARSE, tw_psa_twin_read(cx, &back, changed(text, edit[i][0], edit[i][1])));
    assert_status(TW_EPARSE, tw_psa_twin_read(cx, &back, TW_STR("[]")));
    tw_buf_done(&a);
}
