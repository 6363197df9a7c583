#include "radio/radio.h"
#include "stat/stat.h"
#include "test_near.h"

static tw_study run(tw_truth truth, tw_toxicity toxicity, bool average, size_t patients)
{
    static tw_study s;
    tw_study_opts o = { .patients = patients, .draws = 200, .truth = truth, .toxicity = toxicity,
                        .average = average, .seed = 5, .bootstraps = 300 };
    assert_ok(tw_radio_study(cx, &s, &o));
    return s;
}

TEST(study__equal_toxicity_and_an_oracle_that_nobody_beats)
{
    tw_study s = run(TW_TRUTH_DVR, TW_TOXICITY_BED3, false, 120);
    assert_near(s.fixed.bed3, s.adapted.bed3, 1e-5);
    assert_true(s.adapted.bed3 <= 100 + 1e-9 && s.adapted.bed3 > 99.5);
    assert_true(s.oracle.bed3 <= s.adapted.bed3 + 1e-6);
    assert_true(s.oracle.risk <= s.adapted.risk && s.oracle.risk <= s.fixed.risk);
    assert_near(s.gain.mean, s.fixed.risk - s.adapted.risk, 1e-12);
    assert_near(s.regret.mean, s.adapted.risk - s.oracle.risk, 1e-12);
    assert_true(s.gain.lo <= s.gain.mean && s.gain.mean <= s.gain.hi);
    for (size_t i = 0; i < s.curve_n; i++)
        assert_true(s.curve_oracle[i] <= s.curve_fixed[i] + 1e-3 && s.curve_oracle[i] <= s.curve_adapted[i] + 1e-3);
    assert_true(s.curve_n >= 10);
}

TEST(study__forecast_covers_and_beats_the_prior)
{
    tw_study s = run(TW_TRUTH_DVR, TW_TOXICITY_BED3, false, 120);
    assert_true(s.cover90 > 0.80 && s.cover90 < 0.98); /* 0.9 less and plus four sds, about */
    assert_true(s.crps_skill > 0.15);
    assert_true(s.prior_ess_min < 10); /* of 2,000: why there is a mode in it */
    assert_true(s.ess_min > 0.05);
    assert_true(s.gain.mean > 0 && s.share.mean > 0.2);
}

TEST(study__equal_ntcp_and_a_wrong_law)
{
    tw_study s = run(TW_TRUTH_DVR, TW_TOXICITY_NTCP, false, 60);
    assert_near(s.fixed.ntcp, s.adapted.ntcp, 1e-7);
    assert_true(s.adapted.ntcp <= s.standard.ntcp + 1e-12);
    tw_study w = run(TW_TRUTH_CCR, TW_TOXICITY_BED3, true, 40);
    assert_near(w.fixed.bed3, w.adapted.bed3, 1e-5);
    assert_true(w.oracle.risk <= w.fixed.risk);
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    tw_study_svg(&b, &s, true);
    assert_false(b.failed);
    tw_buf_done(&b);
}

TEST(study__averaging_laws_mends_a_wrong_one)
{
    tw_study alone = run(TW_TRUTH_PSI, TW_TOXICITY_BED3, false, 120);
    tw_study both = run(TW_TRUTH_PSI, TW_TOXICITY_BED3, true, 120);
    assert_true(both.cover90 > 0.80 && both.cover90 < 0.98);
    assert_true(alone.cover90 < 0.75);
    assert_true(both.share.mean > alone.share.mean);
    assert_true(both.crps < alone.crps);
    assert_true(both.psi_weight > 0.7);
}

TEST(study__refuses_what_is_no_cohort)
{
    tw_study s;
    assert_status(TW_EUSAGE, tw_radio_study(cx, &s, &(tw_study_opts){ .patients = 1, .draws = 100 }));
    assert_status(TW_EUSAGE, tw_radio_study(cx, &s, &(tw_study_opts){ .patients = 10, .draws = 1 }));
}
