#include "fhir/fhir.h"
#include "radio/radio.h"
#include "test_near.h"

static const tw_radio_stamp stamp = { .subject = { "Patient/ps-1", 12 }, .when = { "2026-01-02T03:04:05Z", 20 },
                                      .model = { "rt-dvr 1", 8 }, .model_digest = { "aa", 2 },
                                      .data_digest = { "bb", 2 } };

static tw_json parsed(const tw_buf *b)
{
    tw_json d;
    assert_false(b->failed);
    assert_ok(tw_json_parse(cx, &d, tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(b))), NULL));
    return d;
}

/** Every member stands in R4's table, every code in its required set. */
static void check_node(const tw_r4 *t, const tw_json *d, uint32_t obj, uint32_t node)
{
    for (uint32_t k = tw_json_first(d, obj); k != TW_JSON_NONE; k = tw_json_next(d, obj, k)) {
        tw_str name = tw_json_text(cx, d, k);
        const tw_r4_member *m = tw_r4_find(t, &t->node[node], name);
        if (tw_str_is(name, "resourceType"))
            continue;
        if (!m)
            fail_msg("no member %s", tw_cstr(cx->arena, name));
        uint32_t v = k + 1;
        bool list = d->tok[v].type == TW_JSON_ARRAY;
        assert_int_equal(list, m->many);
        for (uint32_t i = list ? tw_json_first(d, v) : v; i != TW_JSON_NONE;
             i = list ? tw_json_next(d, v, i) : TW_JSON_NONE) {
            if (m->codes != UINT32_MAX)
                assert_true(tw_r4_has_code(&t->codes[m->codes], tw_json_text(cx, d, i)));
            if (d->tok[i].type == TW_JSON_OBJECT)
                check_node(t, d, i, m->node);
        }
    }
}

static void check_r4(const tw_json *d)
{
    tw_r4 t;
    tw_r4_init(&t);
    check_node(&t, d, 0, tw_r4_node_of(&t, tw_json_member_text(cx, d, 0, "resourceType")));
    tw_r4_done(&t);
}

TEST(fhir__risk_assessment_says_probability_and_interval)
{
    double days[1001], p, v;
    for (size_t i = 0; i <= 1000; i++)
        days[1000 - i] = (double)i; /* falling: it sorts */
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    assert_ok(tw_radio_risk_fhir(cx, &b, days, 1001, 250, &stamp));
    tw_json d = parsed(&b);
    check_r4(&d);
    assert_str("RiskAssessment", tw_json_member_text(cx, &d, 0, "resourceType"));
    assert_str("Patient/ps-1", tw_json_member_text(cx, &d, tw_json_get(&d, 0, "subject"), "reference"));
    assert_true(tw_json_f64(&d, tw_json_path(&d, 0, "prediction.0.probabilityDecimal"), &p));
    assert_near(p, 251.0 / 1001, 5e-4);
    assert_true(tw_json_f64(&d, tw_json_path(&d, 0, "prediction.1.whenRange.low.value"), &v));
    assert_near(v, 50, 1e-9);
    assert_true(tw_json_f64(&d, tw_json_path(&d, 0, "prediction.1.whenRange.high.value"), &v));
    assert_near(v, 950, 1e-9);
    assert_int_equal(tw_json_get(&d, 0, "identifier"), TW_JSON_NONE);
    assert_status(TW_EUSAGE, tw_radio_risk_fhir(cx, &b, days, 0, 250, &stamp));
    tw_buf_done(&b);
}

TEST(fhir__care_plan_is_a_proposal)
{
    tw_choice chosen = { .plan = tw_plan_standard, .risk = 0.1, .bed3 = 105, .ntcp = 0.01 };
    tw_choice standard = { .plan = tw_plan_standard, .risk = 0.2, .bed3 = 100, .ntcp = 0.005 };
    chosen.plan.week[3] = (tw_week){ 0, 0 };
    chosen.plan.week[5] = (tw_week){ 3, 3 };
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    assert_ok(tw_radio_plan_fhir(cx, &b, &chosen, &standard, 365, &stamp));
    tw_json d = parsed(&b);
    check_r4(&d);
    assert_str("CarePlan", tw_json_member_text(cx, &d, 0, "resourceType"));
    assert_str("proposal", tw_json_member_text(cx, &d, 0, "intent"));
    assert_str("draft", tw_json_member_text(cx, &d, 0, "status"));
    assert_int_equal(d.tok[tw_json_get(&d, 0, "activity")].count, 6);
    assert_str("week 4: no fraction", tw_json_text(cx, &d, tw_json_path(&d, 0, "activity.3.detail.description")));
    assert_str("week 6: 3 fractions of 3 Gy",
               tw_json_text(cx, &d, tw_json_path(&d, 0, "activity.5.detail.description")));
    assert_int_equal(tw_json_get(&d, 0, "identifier"), TW_JSON_NONE);
    tw_buf_done(&b);
}
