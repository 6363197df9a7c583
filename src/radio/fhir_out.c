/* Forecast and plan as FHIR R4. What goes out holds no identifier but the reference that the caller gives. */
#include "radio/radio.h"

#include "stat/stat.h"

static void quantity(tw_jw *w, const char *name, double value, const char *code, int digits)
{
    tw_jw_key(w, name);
    tw_jw_object(w);
    tw_jw_key(w, "value");
    tw_jw_f64(w, value, digits);
    tw_jw_kv(w, "system", TW_STR("http://unitsofmeasure.org"));
    tw_jw_kv(w, "code", tw_str_of(code));
    tw_jw_object_end(w);
}

static void concept_text(tw_jw *w, const char *name, tw_str text)
{
    tw_jw_key(w, name);
    tw_jw_object(w);
    tw_jw_kv(w, "text", text);
    tw_jw_object_end(w);
}

static void reference(tw_jw *w, const char *name, const char *member, tw_str value)
{
    if (name)
        tw_jw_key(w, name);
    tw_jw_object(w);
    tw_jw_kv(w, member, value);
    tw_jw_object_end(w);
}

static void note(tw_jw *w, tw_str text)
{
    tw_jw_key(w, "note");
    tw_jw_array(w);
    reference(w, NULL, "text", text);
    tw_jw_array_end(w);
}

static void meta(tw_jw *w, const char *type)
{
    tw_jw_kv(w, "resourceType", tw_str_of(type));
    tw_jw_key(w, "meta");
    tw_jw_object(w);
    tw_jw_key(w, "security");
    tw_jw_array(w);
    tw_jw_object(w); /* the data behind it are pseudonymised */
    tw_jw_kv(w, "system", TW_STR("http://terminology.hl7.org/CodeSystem/v3-ObservationValue"));
    tw_jw_kv(w, "code", TW_STR("PSEUDED"));
    tw_jw_object_end(w);
    tw_jw_array_end(w);
    tw_jw_object_end(w);
}

static tw_str digests(tw_ctx *cx, const tw_radio_stamp *s)
{
    return tw_strf(cx->arena, TW_FMT ", model sha256:" TW_FMT ", data sha256:" TW_FMT, TW_ARG(s->model),
                   TW_ARG(s->model_digest), TW_ARG(s->data_digest));
}

static void prediction(tw_ctx *cx, tw_jw *w, const double *days, size_t n, double horizon)
{
    double by = 0.0;
    for (size_t i = 0; i < n; i++)
        by += days[i] <= horizon ? 1.0 / (double)n : 0.0;
    tw_jw_key(w, "prediction");
    tw_jw_array(w);
    tw_jw_object(w);
    concept_text(w, "outcome", tw_strf(cx->arena, "Progression within %.0f days of the first fraction", horizon));
    tw_jw_key(w, "probabilityDecimal");
    tw_jw_f64(w, by, 3);
    tw_jw_object_end(w);
    tw_jw_object(w);
    concept_text(w, "outcome", TW_STR("Days from the first fraction to progression: 90 % interval"));
    tw_jw_key(w, "probabilityDecimal");
    tw_jw_f64(w, 0.9, 3);
    tw_jw_key(w, "whenRange");
    tw_jw_object(w);
    quantity(w, "low", tw_score_quantile(days, n, 0.05), "d", 4);
    quantity(w, "high", tw_score_quantile(days, n, 0.95), "d", 4);
    tw_jw_object_end(w);
    tw_jw_kv(w, "rationale", tw_strf(cx->arena, "median %.0f days", tw_score_quantile(days, n, 0.5)));
    tw_jw_object_end(w);
    tw_jw_array_end(w);
}

tw_status tw_radio_risk_fhir(tw_ctx *cx, tw_buf *out, double *days, size_t n, double horizon_days,
                             const tw_radio_stamp *stamp)
{
    tw_jw w;
    if (n == 0)
        return tw_fail(cx, TW_EUSAGE, "a forecast without draws");
    tw_score_sort(days, n);
    tw_jw_init(&w, out, 2);
    tw_jw_object(&w);
    meta(&w, "RiskAssessment");
    tw_jw_kv(&w, "status", TW_STR("preliminary"));
    concept_text(&w, "method", tw_strf(cx->arena, "Digital twin, " TW_FMT, TW_ARG(digests(cx, stamp))));
    reference(&w, "subject", "reference", stamp->subject);
    tw_jw_kv(&w, "occurrenceDateTime", stamp->when);
    tw_jw_key(&w, "basis");
    tw_jw_array(&w);
    reference(&w, NULL, "display", TW_STR("tumour volumes and delivered fractions"));
    tw_jw_array_end(&w);
    prediction(cx, &w, days, n, horizon_days);
    note(&w, TW_STR("Research forecast. Holds only as far as the model does; no medical device."));
    tw_jw_object_end(&w);
    return tw_buf_check(cx, out, "a RiskAssessment");
}

static void activity(tw_ctx *cx, tw_jw *w, size_t week, const tw_week *k)
{
    tw_str text = k->fractions == 0
                      ? tw_strf(cx->arena, "week %zu: no fraction", week)
                      : tw_strf(cx->arena, "week %zu: %u fractions of %.4g Gy", week, k->fractions, k->dose_gy);
    tw_jw_object(w);
    tw_jw_key(w, "detail");
    tw_jw_object(w);
    tw_jw_kv(w, "kind", TW_STR("ServiceRequest"));
    tw_jw_key(w, "code");
    tw_jw_object(w);
    tw_jw_key(w, "coding");
    tw_jw_array(w);
    tw_jw_object(w);
    tw_jw_kv(w, "system", TW_STR("http://snomed.info/sct"));
    tw_jw_kv(w, "code", TW_STR("1222565005")); /* radiotherapy treatment phase */
    tw_jw_object_end(w);
    tw_jw_array_end(w);
    tw_jw_object_end(w);
    tw_jw_kv(w, "status", TW_STR("not-started"));
    tw_jw_kv(w, "description", text);
    tw_jw_object_end(w);
    tw_jw_object_end(w);
}

tw_status tw_radio_plan_fhir(tw_ctx *cx, tw_buf *out, const tw_choice *chosen, const tw_choice *standard,
                             double horizon_days, const tw_radio_stamp *stamp)
{
    tw_jw w;
    tw_jw_init(&w, out, 2);
    tw_jw_object(&w);
    meta(&w, "CarePlan");
    tw_jw_kv(&w, "status", TW_STR("draft"));
    tw_jw_kv(&w, "intent", TW_STR("proposal"));
    tw_jw_kv(&w, "title", TW_STR("Radiotherapy: weekly doses proposed by a digital twin"));
    tw_jw_kv(&w, "description",
             tw_strf(cx->arena, TW_FMT ": risk %.3f, BED3 %.1f Gy, NTCP %.2f %%. 30 x 2 Gy: risk %.3f, BED3 %.1f Gy, "
                                "NTCP %.2f %%. Risk: superquantile of the share of %.0f days after progression.",
                     TW_ARG(tw_plan_text(cx, &chosen->plan)), chosen->risk, chosen->bed3, 100.0 * chosen->ntcp,
                     standard->risk, standard->bed3, 100.0 * standard->ntcp, horizon_days));
    reference(&w, "subject", "reference", stamp->subject);
    tw_jw_kv(&w, "created", stamp->when);
    tw_jw_key(&w, "activity");
    tw_jw_array(&w);
    for (size_t k = 0; k < chosen->plan.weeks; k++)
        activity(cx, &w, k + 1, &chosen->plan.week[k]);
    tw_jw_array_end(&w);
    note(&w, tw_strf(cx->arena, "A proposal to discuss, not an order. " TW_FMT, TW_ARG(digests(cx, stamp))));
    tw_jw_object_end(&w);
    return tw_buf_check(cx, out, "a CarePlan");
}
