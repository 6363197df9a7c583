/* Forecasts as JSON and back, and one man's chart. */
#include "twin_app_internal.h"

#include <math.h>

#define DIGITS 5
#define WIDTH 720.0
#define HEIGHT 300.0
#define YEAR_DAY 365.25
#define POINTS_MAX 20000

/* ---------------------------------------------------------------- to JSON */

static void list(tw_jw *w, const char *name, const double *x, size_t n)
{
    tw_jw_key(w, name);
    tw_jw_array(w);
    for (size_t i = 0; i < n; i++)
        tw_jw_f64(w, x[i], DIGITS);
    tw_jw_array_end(w);
}

static void number(tw_jw *w, const char *name, double v)
{
    tw_jw_key(w, name);
    tw_jw_f64(w, v, DIGITS);
}

static const char *const quantile[TW_FORECAST_NQ] = { "q05", "q25", "q50", "q75", "q95" };
static const char *const fit_name[] = { "fit_q05", "fit_q50", "fit_q95" };

static void write_picture(tw_jw *w, const tw_twin_picture *p)
{
    tw_jw_object(w);
    tw_jw_kv(w, "person", p->person);
    number(w, "cut_day", p->cut_day);
    number(w, "end_day", p->end_day);
    tw_jw_key(w, "runs");
    tw_jw_array(w);
    for (size_t i = 0; i < p->n_run; i++) {
        tw_jw_object(w);
        number(w, "start", p->run[i].start_day);
        number(w, "end", p->run[i].end_day);
        tw_jw_key(w, "on");
        tw_jw_bool(w, p->run[i].on);
        tw_jw_object_end(w);
    }
    tw_jw_array_end(w);
    list(w, "past_day", p->past_day, p->n_past);
    list(w, "past_psa_ug_l", p->past_psa, p->n_past);
    list(w, "fit_day", p->fit_day, p->n_fit);
    for (size_t k = 0; k < TW_COUNT(fit_name); k++)
        list(w, fit_name[k], p->fit[k], p->n_fit);
    list(w, "forecast_day", p->day, p->n_day);
    for (size_t k = 0; k < TW_FORECAST_NQ; k++)
        list(w, quantile[k], p->q[k], p->n_day);
    list(w, "later_day", p->later_day, p->n_later);
    list(w, "later_psa_ug_l", p->later_psa, p->n_later);
    tw_jw_kv_u64(w, "inside50", p->inside50);
    tw_jw_kv_u64(w, "inside90", p->inside90);
    number(w, "crps", p->crps);
    number(w, "crps_population", p->crps_population);
    tw_jw_object_end(w);
}

void tw_twin_forecasts_write(tw_jw *w, const tw_twin_forecasts *f)
{
    tw_jw_object(w);
    tw_jw_kv_u64(w, "v", 1);
    tw_jw_kv(w, "what",
             TW_STR("the last cycle of each person with four values or more, forecast from the cycles before it on the "
                    "true days of "
                    "its switches; days since the first visit, PSA in ug/L"));
    tw_jw_kv(w, "population", f->population);
    tw_jw_kv_u64(w, "values", f->values);
    tw_jw_kv_u64(w, "inside50", f->inside50);
    tw_jw_kv_u64(w, "inside90", f->inside90);
    number(w, "crps", f->crps);
    number(w, "crps_population", f->crps_population);
    tw_jw_key(w, "persons");
    tw_jw_array(w);
    for (size_t i = 0; i < f->count; i++)
        write_picture(w, &f->picture[i]);
    tw_jw_array_end(w);
    tw_jw_object_end(w);
}

/* ---------------------------------------------------------------- from JSON */

typedef struct {
    tw_ctx *cx;
    const tw_json *d;
    uint32_t obj;
    bool bad;
} getter;

static double get_number(getter *g, const char *name)
{
    double v = 0.0;
    g->bad |= !tw_json_f64(g->d, tw_json_get(g->d, g->obj, name), &v);
    return v;
}

static uint64_t get_count(getter *g, const char *name)
{
    uint64_t v = 0;
    g->bad |= !tw_json_u64(g->d, tw_json_get(g->d, g->obj, name), &v);
    return v;
}

/* *n: SIZE_MAX takes any length. */
static double *get_list(getter *g, const char *name, size_t *n)
{
    uint32_t a = tw_json_get(g->d, g->obj, name);
    size_t count = a == TW_JSON_NONE || g->d->tok[a].type != TW_JSON_ARRAY ? SIZE_MAX : g->d->tok[a].count;
    if (count > POINTS_MAX || (*n != SIZE_MAX && *n != count)) {
        g->bad = true;
        count = 0;
    }
    double *out = tw_arena_get(g->cx->arena, (count + 1) * sizeof *out);
    *n = count;
    if (count == 0)
        return out;
    size_t i = 0;
    for (uint32_t k = tw_json_first(g->d, a); k != TW_JSON_NONE; k = tw_json_next(g->d, a, k))
        g->bad |= !tw_json_f64(g->d, k, &out[i++]);
    return out;
}

static void read_runs(getter *g, tw_twin_picture *p)
{
    uint32_t a = tw_json_get(g->d, g->obj, "runs");
    if (a == TW_JSON_NONE || g->d->tok[a].count > POINTS_MAX) {
        g->bad = true;
        return;
    }
    p->run = tw_arena_get(g->cx->arena, ((size_t)g->d->tok[a].count + 1) * sizeof *p->run);
    for (uint32_t k = tw_json_first(g->d, a); k != TW_JSON_NONE; k = tw_json_next(g->d, a, k)) {
        getter r = { g->cx, g->d, k, false };
        uint32_t on = tw_json_get(g->d, k, "on");
        tw_psa_run *run = &p->run[p->n_run++];
        run->start_day = get_number(&r, "start");
        run->end_day = get_number(&r, "end");
        run->on = on != TW_JSON_NONE && g->d->tok[on].type == TW_JSON_TRUE;
        g->bad |= r.bad || on == TW_JSON_NONE;
    }
}

static void read_picture(getter *g, tw_twin_picture *p)
{
    p->person = tw_str_dup(g->cx->arena, tw_json_member_text(g->cx, g->d, g->obj, "person"));
    p->cut_day = get_number(g, "cut_day");
    p->end_day = get_number(g, "end_day");
    read_runs(g, p);
    p->n_past = p->n_fit = p->n_day = p->n_later = SIZE_MAX;
    p->past_day = get_list(g, "past_day", &p->n_past);
    p->past_psa = get_list(g, "past_psa_ug_l", &p->n_past);
    p->fit_day = get_list(g, "fit_day", &p->n_fit);
    for (size_t k = 0; k < TW_COUNT(fit_name); k++)
        p->fit[k] = get_list(g, fit_name[k], &p->n_fit);
    p->day = get_list(g, "forecast_day", &p->n_day);
    for (size_t k = 0; k < TW_FORECAST_NQ; k++)
        p->q[k] = get_list(g, quantile[k], &p->n_day);
    p->later_day = get_list(g, "later_day", &p->n_later);
    p->later_psa = get_list(g, "later_psa_ug_l", &p->n_later);
    p->inside50 = get_count(g, "inside50");
    p->inside90 = get_count(g, "inside90");
    p->crps = get_number(g, "crps");
    p->crps_population = get_number(g, "crps_population");
}

tw_status tw_twin_forecasts_read(tw_ctx *cx, tw_twin_forecasts *out, tw_str json)
{
    tw_json *d = tw_new(cx->arena, tw_json);
    *out = (tw_twin_forecasts){ .count = 0 };
    TW_TRY(tw_json_parse(cx, d, json, NULL));
    getter g = { cx, d, 0, false };
    uint32_t a = tw_json_get(d, 0, "persons");
    out->population = tw_json_member_text(cx, d, 0, "population");
    out->values = get_count(&g, "values");
    out->inside50 = get_count(&g, "inside50");
    out->inside90 = get_count(&g, "inside90");
    out->crps = get_number(&g, "crps");
    out->crps_population = get_number(&g, "crps_population");
    if (a == TW_JSON_NONE || g.bad)
        return tw_fail(cx, TW_EPARSE, "forecasts: a member is missing or no number");
    out->picture = tw_try_array(cx->arena, tw_twin_picture, (size_t)d->tok[a].count + 1);
    if (!out->picture)
        return tw_fail(cx, TW_ELIMIT, "no memory left for %u forecasts", d->tok[a].count);
    for (uint32_t k = tw_json_first(d, a); k != TW_JSON_NONE; k = tw_json_next(d, a, k)) {
        getter one = { cx, d, k, false };
        read_picture(&one, &out->picture[out->count++]);
        if (one.bad)
            return tw_fail(cx, TW_EPARSE, "forecasts: persons.%zu: a member is missing or no number", out->count - 1);
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- chart */

/* The axis shows ln(PSA + 0.1) as values do that go down to zero: all heights are PSA + 0.1. */
static double *years(tw_ctx *cx, const double *day, size_t n)
{
    double *out = tw_arena_get(cx->arena, (n + 1) * sizeof *out);
    for (size_t i = 0; i < n; i++)
        out[i] = day[i] / YEAR_DAY;
    return out;
}

static double *heights(tw_ctx *cx, const double *psa, size_t n, double *most)
{
    double *out = tw_arena_get(cx->arena, (n + 1) * sizeof *out);
    for (size_t i = 0; i < n; i++) {
        out[i] = psa[i] + TW_PSA_OFFSET;
        *most = TW_MAX(*most, out[i]);
    }
    return out;
}

static void draw_layers(tw_ctx *cx, tw_svg *s, const tw_twin_picture *p)
{
    double unused = 0.0;
    double *fit_x = years(cx, p->fit_day, p->n_fit);
    double *x = years(cx, p->day, p->n_day);
    double *q[TW_FORECAST_NQ];
    double *fit[3];
    for (size_t i = 0; i < p->n_run; i++)
        if (p->run[i].on)
            tw_svg_span(s, p->run[i].start_day / YEAR_DAY, p->run[i].end_day / YEAR_DAY, TW_SVG_GREY);
    for (size_t k = 0; k < 3; k++)
        fit[k] = heights(cx, p->fit[k], p->n_fit, &unused);
    for (size_t k = 0; k < TW_FORECAST_NQ; k++)
        q[k] = heights(cx, p->q[k], p->n_day, &unused);
    tw_svg_band(s, fit_x, fit[0], fit[2], p->n_fit, TW_SVG_A, 1);
    tw_svg_line(s, fit_x, fit[1], p->n_fit, TW_SVG_A, false);
    tw_svg_band(s, x, q[TW_FORECAST_Q05], q[TW_FORECAST_Q95], p->n_day, TW_SVG_B, 1);
    tw_svg_band(s, x, q[TW_FORECAST_Q25], q[TW_FORECAST_Q75], p->n_day, TW_SVG_B, 2);
    tw_svg_line(s, x, q[TW_FORECAST_Q50], p->n_day, TW_SVG_B, false);
    tw_svg_rule(s, p->cut_day / YEAR_DAY, "forecast from here");
    tw_svg_points(s, years(cx, p->past_day, p->n_past), heights(cx, p->past_psa, p->n_past, &unused), p->n_past,
                  TW_SVG_A, false);
    tw_svg_points(s, years(cx, p->later_day, p->n_later), heights(cx, p->later_psa, p->n_later, &unused), p->n_later,
                  TW_SVG_INK, true);
}

void tw_twin_draw(tw_ctx *cx, tw_buf *out, const tw_twin_picture *p, bool standalone)
{
    static const double tick[] = { 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000 };
    static const tw_svg_key key[] = { { "on treatment", TW_SVG_GREY, TW_SVG_WASH },
                                      { "measured before", TW_SVG_A, TW_SVG_DOT },
                                      { "twin's fit", TW_SVG_A, TW_SVG_LINE },
                                      { "forecast", TW_SVG_B, TW_SVG_LINE },
                                      { "50 % and 90 %", TW_SVG_B, TW_SVG_BOX },
                                      { "what came", TW_SVG_INK, TW_SVG_RING } };
    double most = 10.0;
    double unused = 0.0;
    tw_svg s;
    tw_mark mark = tw_arena_mark(cx->arena);
    heights(cx, p->past_psa, p->n_past, &most);
    heights(cx, p->later_psa, p->n_later, &most);
    heights(cx, p->q[TW_FORECAST_Q95], p->n_day, &unused);
    tw_svg_opts o = { .title = "PSA measured, fitted and forecast", .width = WIDTH, .height = HEIGHT };
    o.standalone = standalone;
    o.x = (tw_svg_axis){ .min = 0, .max = TW_MAX(p->end_day, 1.0) / YEAR_DAY, .label = "years since the first visit" };
    o.y = (tw_svg_axis){ .min = 0.1, .max = TW_MIN(TW_MAX(most, TW_MIN(unused, 4.0 * most)) * 1.1, 2000.0), .log = true,
                         .label = "PSA + 0.1, ug/L (log scale)" };
    size_t ticks = 0;
    while (ticks < TW_COUNT(tick) && tick[ticks] <= o.y.max)
        ticks++;
    o.y.tick = tick;
    o.y.tick_count = ticks;
    tw_svg_begin(&s, out, &o);
    draw_layers(cx, &s, p);
    tw_svg_legend(&s, key, TW_COUNT(key));
    tw_svg_end(&s);
    tw_arena_back(cx->arena, mark);
}
