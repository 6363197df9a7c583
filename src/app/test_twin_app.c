/* From opened records to series: versions, units, treatment, times; and a study of hidden men whose truth is known. */
#include "test_app.h"
#include "twin_app_internal.h"

#include <math.h>

#define PERSON "00000000000000000000000000000001"
#define OTHER "00000000000000000000000000000002"

static char dir[64];
static tw_buf obs, statements, encounters, doses;

static void begin(void)
{
    snprintf(dir, sizeof dir, "/tmp/tw-test-XXXXXX");
    assert_non_null(mkdtemp(dir));
    static tw_env env;
    env = tw_io_env();
    cx->env = &env;
    tw_buf_init(&obs, TW_MIB);
    tw_buf_init(&statements, TW_MIB);
    tw_buf_init(&encounters, TW_MIB);
    tw_buf_init(&doses, TW_MIB);
}

static void put(const char *name, tw_buf *b)
{
    if (b->n)
        assert_ok(tw_file_write(cx, tw_path(cx, dir, name), tw_buf_view(b)));
    tw_buf_done(b);
}

static tw_twin_people read_people(void)
{
    tw_twin_people p;
    put("Observation.ndjson", &obs);
    put("MedicationStatement.ndjson", &statements);
    put("Encounter.ndjson", &encounters);
    put("MedicationAdministration.ndjson", &doses);
    assert_ok(tw_twin_people_read(cx, &p, dir));
    char *command = tw_cstr(cx->arena, tw_strf(cx->arena, "rm -rf %s", dir));
    assert_int_equal(0, system(command)); /* check: allow system: a test clears its own folder */
    cx->env = tw_test_env();
    return p;
}

static void psa(const char *person, const char *id, const char *status, const char *when, const char *value,
                const char *unit)
{
    tw_buf_fmt(&obs,
               "{\"resourceType\":\"Observation\",\"id\":\"%s\",\"status\":\"%s\",\"code\":{\"coding\":[{\"system\":"
               "\"http://loinc.org\",\"code\":\"2857-1\"}]},\"subject\":{\"reference\":\"Patient/%s\"},"
               "\"effectiveDateTime\":\"%s\",\"valueQuantity\":{\"value\":%s,\"system\":\"http://unitsofmeasure.org\","
               "\"code\":\"%s\"},\"meta\":{\"tag\":[{\"system\":\"urn:twinward:time\",\"code\":\"%s\"}]}}\n",
               id, status, person, when, value, unit, strlen(when) == 4 ? "year" : "constant-shift");
}

static void treated(const char *person, const char *code, const char *from, const char *to)
{
    tw_buf_fmt(&statements,
               "{\"resourceType\":\"MedicationStatement\",\"id\":\"%s-%s\",\"status\":\"completed\","
               "\"medicationCodeableConcept\":{\"coding\":[{\"system\":\"http://www.whocc.no/atc\",\"code\":\"%s\"}]},"
               "\"subject\":{\"reference\":\"Patient/%s\"},\"effectivePeriod\":{\"start\":\"%s\",\"end\":\"%s\"}}\n",
               code, from, code, person, from, to);
}

static void visit(const char *person, const char *id, const char *code, const char *when)
{
    tw_buf_fmt(&encounters,
               "{\"resourceType\":\"Encounter\",\"id\":\"%s\",\"status\":\"finished\",\"reasonCode\":[{\"coding\":[{"
               "\"system\":\"http://snomed.info/sct\",\"code\":\"%s\"}]}],\"subject\":{\"reference\":\"Patient/%s\"},"
               "\"period\":{\"start\":\"%s\"}}\n",
               id, code, person, when);
}

TEST(series__are_in_order_of_days_with_treatment_by_period)
{
    begin();
    psa(PERSON, "c", "final", "2025-03-01T09:00:00Z", "3.5", "ng/mL");
    psa(PERSON, "a", "final", "2025-01-01T23:59:00Z", "10", "ng/mL");
    psa(PERSON, "b", "final", "2025-02-01T00:00:00Z", "1", "ug/L");
    psa(OTHER, "d", "final", "2024-02-01", "7", "ng/mL");
    treated(PERSON, "L02AE02", "2025-01-01", "2025-02-01");
    treated(PERSON, "N02BE01", "2025-02-02", "2025-04-01"); /* a pain killer is no treatment */
    tw_twin_people p = read_people();
    assert_int_equal(2, p.count);
    const tw_twin_person *m = &p.person[0];
    assert_string_equal(PERSON, m->id);
    assert_int_equal(3, m->n_visit);
    assert_int_equal(3, m->n_psa);
    assert_true(m->visit[0].psa_ug_l == 10.0 && m->visit[1].psa_ug_l == 1.0 && m->visit[2].psa_ug_l == 3.5);
    assert_true(m->visit[1].day - m->visit[0].day == 31.0);
    assert_true(m->visit[0].on && m->visit[1].on); /* both ends are included */
    assert_false(m->visit[2].on);
    assert_true(m->noise.time_shift_constant);
    assert_false(p.person[1].treated);
}

TEST(versions__the_corrected_or_later_one_counts_and_an_error_is_taken_back)
{
    begin();
    psa(PERSON, "a", "final", "2025-01-01", "100.7", "ng/mL");
    psa(PERSON, "a", "corrected", "2025-01-01", "10", "ng/mL");
    psa(PERSON, "a", "final", "2025-01-01", "100.7", "ng/mL"); /* the wrong one again, late */
    psa(PERSON, "b", "final", "2025-02-01", "1", "ng/mL");
    psa(PERSON, "b", "final", "2025-02-01", "2", "ng/mL");
    psa(PERSON, "c", "final", "2025-03-01", "50", "ng/mL");
    psa(PERSON, "c", "entered-in-error", "2025-03-01", "50", "ng/mL");
    psa(PERSON, "c", "final", "2025-03-01", "50", "ng/mL");
    psa(PERSON, "d", "amended", "2025-04-01", "4", "ng/mL");
    tw_twin_people p = read_people();
    const tw_twin_person *m = &p.person[0];
    assert_int_equal(3, m->n_visit);
    assert_true(m->visit[0].psa_ug_l == 10.0);
    assert_true(m->visit[1].psa_ug_l == 2.0);
    assert_true(m->visit[2].psa_ug_l == 4.0);
    assert_int_equal(5, p.superseded);
}

TEST(values__are_converted_or_left_out_and_counted)
{
    begin();
    psa(PERSON, "a", "final", "2025-01-01", "0.004", "mg/L");
    psa(PERSON, "b", "final", "2025-02-01", "500", "pg/mL");
    psa(PERSON, "c", "final", "2025-03-01", "1", "mmol/L");
    psa(PERSON, "d", "final", "2025-04-01", "-1", "ng/mL");
    psa(PERSON, "e", "final", "", "3.3", "ng/mL");
    psa(PERSON, "f", "final", "2025-05-01T08:00:00Z", "2", "ng/mL");
    psa(PERSON, "g", "final", "2025-05-01T15:00:00Z", "4", "ng/mL"); /* twice on one day: their mean */
    tw_twin_people p = read_people();
    const tw_twin_person *m = &p.person[0];
    assert_int_equal(3, m->n_visit);
    assert_true(m->visit[0].psa_ug_l == 4.0);
    assert_true(m->visit[1].psa_ug_l == 0.5);
    assert_true(m->visit[2].psa_ug_l == 3.0);
    assert_int_equal(2, p.bad_unit);
    assert_int_equal(1, p.no_time);
}

TEST(visits__without_a_value_tell_the_treatment_only_when_they_are_for_the_disease)
{
    begin();
    psa(PERSON, "a", "final", "2025-01-01", "10", "ng/mL");
    visit(PERSON, "e1", "399068003", "2025-02-01T09:00:00Z");
    visit(PERSON, "e2", "38341003", "2025-03-01T09:00:00Z"); /* for blood pressure */
    treated(PERSON, "G03HA01", "2025-01-01", "2025-02-01");
    tw_buf_cstr(&doses, "{\"resourceType\":\"MedicationAdministration\",\"id\":\"m\",\"status\":\"completed\","
                        "\"medicationCodeableConcept\":{\"coding\":[{\"system\":\"http://www.whocc.no/atc\",\"code\":"
                        "\"L02AE02\"}]},\"subject\":{\"reference\":\"Patient/" PERSON "\"},\"effectiveDateTime\":"
                        "\"2025-02-15T09:00:00Z\"}\n");
    tw_twin_people p = read_people();
    const tw_twin_person *m = &p.person[0];
    assert_int_equal(3, m->n_visit);
    assert_int_equal(1, m->n_psa);
    assert_true(isnan(m->visit[1].psa_ug_l) && m->visit[1].on);
    assert_true(isnan(m->visit[2].psa_ug_l) && !m->visit[2].on);
    assert_false(tw_twin_usable(m)); /* too few values */
}

TEST(times__that_a_release_kept_as_years_make_no_series)
{
    begin();
    for (int i = 0; i < 8; i++) {
        char id[8];
        snprintf(id, sizeof id, "y%d", i);
        psa(PERSON, id, "final", "2025", "1", "ng/mL");
    }
    tw_twin_people p = read_people();
    assert_int_equal(1, p.count);
    assert_true(p.person[0].years_only);
    assert_true(p.person[0].noise.time_dropped);
    assert_false(tw_twin_usable(&p.person[0]));
}

TEST(records__of_no_person_of_the_release_are_refused)
{
    begin();
    psa("self", "a", "final", "2025-01-01", "1", "ng/mL");
    put("Observation.ndjson", &obs);
    tw_twin_people p;
    assert_status(TW_EPARSE, tw_twin_people_read(cx, &p, dir));
    assert_non_null(strstr(cx->err.msg, "Observation.ndjson, line 1"));
    tw_buf_done(&statements);
    tw_buf_done(&encounters);
    tw_buf_done(&doses);
    char *command = tw_cstr(cx->arena, tw_strf(cx->arena, "rm -rf %s", dir));
    assert_int_equal(0, system(command)); /* check: allow system: a test clears its own folder */
    cx->env = tw_test_env();
}

/* ---------------------------------------------------------------- forecasts as a document */

static tw_twin_picture picture(void)
{
    static double day[] = { 700, 707 };
    static double value[] = { 1.5, 2.25 };
    static double past[] = { 0, 300, 600 };
    static tw_psa_run run[] = { { 0, 250, 0, true }, { 250, 700, 0, false }, { 700, 707, 1, true } };
    tw_twin_picture p = { .person = TW_STR(PERSON), .cut_day = 700, .end_day = 707, .run = run, .n_run = 3 };
    p.past_day = p.fit_day = past;
    p.past_psa = past;
    p.n_past = p.n_fit = 3;
    for (size_t k = 0; k < 3; k++)
        p.fit[k] = past;
    p.day = p.later_day = day;
    p.n_day = p.n_later = 2;
    for (size_t k = 0; k < TW_FORECAST_NQ; k++)
        p.q[k] = value;
    p.later_psa = value;
    p.inside50 = 1;
    p.inside90 = 2;
    p.crps = 0.25;
    p.crps_population = 0.5;
    return p;
}

static tw_str written(const tw_twin_forecasts *f)
{
    tw_buf b;
    tw_jw w;
    tw_buf_init(&b, TW_MIB);
    tw_jw_init(&w, &b, 0);
    tw_twin_forecasts_write(&w, f);
    assert_false(b.failed);
    tw_str s = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return s;
}

TEST(forecasts__read_back_as_they_were_written)
{
    tw_twin_picture one = picture();
    tw_twin_forecasts f = { .picture = &one, .count = 1, .population = TW_STR("given"), .values = 2, .inside90 = 2 };
    tw_twin_forecasts back;
    tw_str json = written(&f);
    assert_ok(tw_twin_forecasts_read(cx, &back, json));
    assert_int_equal(1, back.count);
    assert_int_equal(3, back.picture[0].n_run);
    assert_true(back.picture[0].run[2].on);
    assert_true(back.picture[0].later_psa[1] == 2.25);
    assert_true(tw_str_eq(json, written(&back)));
    tw_str cut = { json.p, json.n - 40 };
    assert_status(TW_EPARSE, tw_twin_forecasts_read(cx, &back, cut));
    assert_status(TW_EPARSE, tw_twin_forecasts_read(cx, &back, TW_STR("{\"persons\":[{}]}")));
}

TEST(picture__shows_every_value_once)
{
    tw_buf b;
    tw_twin_picture p = picture();
    tw_buf_init(&b, TW_MIB);
    tw_twin_draw(cx, &b, &p, false);
    tw_str svg = tw_str_of_bytes(tw_buf_view(&b));
    size_t dots = 0;
    for (size_t i = 0; i + 7 < svg.n; i++)
        dots += memcmp(svg.p + i, "<circle", 7) == 0;
    assert_int_equal(3 + 2 + 2, dots); /* and two in the legend */
    tw_buf_done(&b);
}
