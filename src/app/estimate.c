/* Parameters of every patient of a table under one model: threads estimate, files are written in order. */
#include "app/app_internal.h"

#include <math.h>

#include "app/collect_internal.h"
#include "estimate/estimate.h"

#define TABLE_BYTES_MAX (256 * TW_MIB)
#define ROWS_MAX 4000000u
#define OUT_BYTES_MAX (2048 * TW_MIB)
#define BLOCK 64 /* patients between two looks at `stop` */
#define DIGITS 7

/* ---------------------------------------------------------------- tables */

typedef struct {
    const char *path;
    tw_csv_table t; /* fields without blanks around them */
} table;

static tw_status table_fail(tw_ctx *cx, const table *t, size_t row, const char *rule)
{
    return tw_fail(cx, TW_EPARSE, "%s: line %zu: %s", t->path, row < t->t.n ? t->t.line[row] : 1, rule);
}

static tw_status read_table(tw_ctx *cx, table *t, const char *path, char delimiter)
{
    tw_bytes file;
    t->path = path;
    TW_TRY(tw_file_read(cx, &file, path, TABLE_BYTES_MAX));
    if (tw_csv_table_read(cx, &t->t, tw_str_of_bytes(file), ROWS_MAX, &(tw_csv_opts){ .delimiter = delimiter }) !=
        TW_OK)
        return tw_wrap(cx, "%s", path);
    for (size_t k = 0; k < t->t.columns; k++)
        t->t.name[k] = tw_str_trim(t->t.name[k]);
    for (size_t i = 0; i < t->t.n * t->t.columns; i++) {
        tw_str *field = &t->t.row[i / t->t.columns][i % t->t.columns];
        *field = tw_str_trim(*field);
    }
    return t->t.n ? TW_OK : tw_fail(cx, TW_EPARSE, "%s: a line of names, then rows", path);
}

/* "" where the table has no such column. */
static tw_str cell(const table *t, size_t row, const char *name)
{
    for (size_t i = 0; i < t->t.columns; i++)
        if (tw_str_is(t->t.name[i], name))
            return t->t.row[row][i];
    return tw_str_of("");
}

static tw_status number(tw_ctx *cx, double *out, const table *t, size_t row, const char *name, double otherwise)
{
    tw_str text = cell(t, row, name);
    *out = otherwise;
    if (text.n && (!tw_parse_f64(out, text) || !isfinite(*out)))
        return tw_fail(cx, TW_EPARSE, "%s: line %zu, %s: not a number", t->path, t->t.line[row], name);
    if (text.n == 0 && !isfinite(otherwise) && !isnan(otherwise))
        return tw_fail(cx, TW_EPARSE, "%s: line %zu, %s: a number stands here", t->path, t->t.line[row], name);
    return TW_OK;
}

/* ---------------------------------------------------------------- what is known of all */

typedef struct {
    tw_str id;
    size_t first_line;
    tw_estimate_datum *datum;
    size_t n_datum;
    tw_sim_action *action;
    size_t n_action;
    uint32_t *fixed;
    double *fixed_value;
    uint32_t n_fixed;
} person;

/* What is written: three files over all patients, and drawings of one patient, an observable each. */
enum { SVG_MAX = 8 };
enum { ESTIMATES, BANDS, JSON, FILES, SVG = FILES, BUFFERS = SVG + SVG_MAX };

typedef struct {
    tw_buf buf[BUFFERS];
    tw_status status;
    char why[sizeof(((tw_err *)0)->msg)];
    bool not_converged, untold, few;
} person_result;

typedef struct {
    const tw_estimate_opts *o;
    const tw_sbml_model *model;
    tw_estimate_par *par;
    uint32_t *symbol;
    size_t dim;
    tw_estimate_observable *seen;
    tw_sim_output *output;
    uint32_t n_seen;
    person *who;
    size_t n;
    size_t block; /* first patient of the block at hand */
    person_result result[BLOCK];
    tw_buf file[FILES];
    tw_estimate_report *report;
} estimation;

static bool is_plain(tw_str id)
{
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return id.n > 0 && id.n < 64;
}

static tw_status card_symbol(tw_ctx *cx, uint32_t *out, const estimation *e, const table *t, size_t i)
{
    tw_str name = cell(t, i, "symbol");
    name = name.n ? name : cell(t, i, "name");
    *out = tw_sbml_find(e->model, name);
    if (*out == TW_NO_SYMBOL)
        return table_fail(cx, t, i, "the model has no symbol of this name");
    return is_plain(cell(t, i, "name")) ? TW_OK : table_fail(cx, t, i, "a name is letters, digits and _");
}

static tw_status card_parameter(tw_ctx *cx, estimation *e, const table *t, size_t i)
{
    tw_estimate_par *p = &e->par[e->dim];
    if (e->dim == TW_ESTIMATE_PAR_MAX)
        return tw_fail(cx, TW_ELIMIT, "%s: at most %d parameters", t->path, TW_ESTIMATE_PAR_MAX);
    TW_TRY(card_symbol(cx, &e->symbol[e->dim], e, t, i));
    p->name = tw_cstr(cx->arena, cell(t, i, "name"));
    p->log = tw_str_is(cell(t, i, "law"), "log");
    if (!p->log && !tw_str_is(cell(t, i, "law"), "lin"))
        return table_fail(cx, t, i, "the law of a parameter is lin or log");
    TW_TRY(number(cx, &p->lower, t, i, "lower", (double)INFINITY));
    TW_TRY(number(cx, &p->upper, t, i, "upper", (double)INFINITY));
    TW_TRY(number(cx, &p->prior_mean, t, i, "mean", (double)NAN));
    TW_TRY(number(cx, &p->prior_sd, t, i, "sd", (double)NAN));
    if (isnan(p->prior_mean) != isnan(p->prior_sd))
        return table_fail(cx, t, i, "a prior has mean and sd, or neither");
    for (size_t k = 0; k < e->dim; k++)
        if (e->symbol[k] == e->symbol[e->dim])
            return table_fail(cx, t, i, "a symbol stands twice");
    e->dim++;
    return TW_OK;
}

static tw_status card_observable(tw_ctx *cx, estimation *e, const table *t, size_t i)
{
    static const char *const law[] = { "additive", "proportional", "lognormal" };
    tw_estimate_observable *o = &e->seen[e->n_seen];
    uint32_t symbol;
    size_t k = 0;
    if (e->n_seen == (uint32_t)SVG_MAX)
        return tw_fail(cx, TW_ELIMIT, "%s: at most %d observables", t->path, SVG_MAX);
    TW_TRY(card_symbol(cx, &symbol, e, t, i));
    while (k < TW_COUNT(law) && !tw_str_is(cell(t, i, "law"), law[k]))
        k++;
    if (k == TW_COUNT(law))
        return table_fail(cx, t, i, "the law of an observable is additive, proportional or lognormal");
    *o = (tw_estimate_observable){ .name = tw_cstr(cx->arena, cell(t, i, "name")), .law = (tw_estimate_law)k };
    TW_TRY(number(cx, &o->sd, t, i, "sd", (double)INFINITY));
    if (!(o->sd > 0.0))
        return table_fail(cx, t, i, "the sd of an observable is above 0");
    e->output[e->n_seen++] = (tw_sim_output){ .kind = TW_SIM_VALUE, .symbol = symbol };
    return TW_OK;
}

static tw_status read_card(tw_ctx *cx, estimation *e)
{
    table t;
    TW_TRY(read_table(cx, &t, e->o->card, '\t'));
    e->par = tw_try_array(cx->arena, tw_estimate_par, TW_ESTIMATE_PAR_MAX);
    e->symbol = tw_try_array(cx->arena, uint32_t, TW_ESTIMATE_PAR_MAX);
    e->seen = tw_try_array(cx->arena, tw_estimate_observable, SVG_MAX);
    e->output = tw_try_array(cx->arena, tw_sim_output, SVG_MAX);
    if (!e->par || !e->symbol || !e->seen || !e->output)
        return tw_fail(cx, TW_ELIMIT, "%s: no memory left", t.path);
    for (size_t i = 0; i < t.t.n; i++)
        if (tw_str_is(cell(&t, i, "kind"), "parameter"))
            TW_TRY(card_parameter(cx, e, &t, i));
        else if (tw_str_is(cell(&t, i, "kind"), "observable"))
            TW_TRY(card_observable(cx, e, &t, i));
        else
            return table_fail(cx, &t, i, "kind is parameter or observable");
    if (e->dim == 0 || e->n_seen == 0)
        return tw_fail(cx, TW_EPARSE, "%s: a card names a parameter and an observable", t.path);
    return tw_estimate_check(cx, e->par, e->dim) == TW_OK ? TW_OK : tw_wrap(cx, "%s", t.path);
}

/* ---------------------------------------------------------------- the data */

static tw_status measured(tw_ctx *cx, const estimation *e, person *p, const table *t, size_t i, uint32_t observable)
{
    static const char *const kind[] = { "measured", "below", "above" };
    tw_estimate_datum *d = &p->datum[p->n_datum];
    tw_str text = cell(t, i, "kind");
    size_t k = 0;
    *d = (tw_estimate_datum){ .observable = observable };
    TW_TRY(number(cx, &d->time, t, i, "time", (double)INFINITY));
    TW_TRY(number(cx, &d->value, t, i, "value", (double)INFINITY));
    TW_TRY(number(cx, &d->width, t, i, "width", 0.0));
    TW_TRY(number(cx, &d->extra_sd, t, i, "extra_sd", 0.0));
    while (text.n && k < TW_COUNT(kind) && !tw_str_is(text, kind[k]))
        k++;
    if (k == TW_COUNT(kind))
        return table_fail(cx, t, i, "kind is measured, below or above");
    d->kind = (tw_estimate_kind)k;
    if (!(d->width >= 0.0) || !(d->extra_sd >= 0.0))
        return table_fail(cx, t, i, "width and extra_sd are not below 0");
    if (d->time < (p->n_datum ? d[-1].time : e->o->start))
        return table_fail(cx, t, i, "a patient's times ascend from the start");
    p->n_datum++;
    return TW_OK;
}

/* A row of what was done, or of a value of this patient's: name of a symbol, "+name" to add. */
static tw_status done(tw_ctx *cx, const estimation *e, person *p, const table *t, size_t i)
{
    tw_str name = cell(t, i, "observable");
    bool add = tw_str_starts(name, "+");
    tw_sim_action *a = &p->action[p->n_action];
    double value;
    name = add ? (tw_str){ name.p + 1, name.n - 1 } : name;
    uint32_t symbol = tw_sbml_find(e->model, name);
    if (symbol == TW_NO_SYMBOL)
        return table_fail(cx, t, i, "neither an observable of the card nor a symbol of the model");
    TW_TRY(number(cx, &value, t, i, "value", (double)INFINITY));
    if (cell(t, i, "time").n == 0) {
        for (size_t k = 0; k < e->dim; k++)
            if (e->symbol[k] == symbol)
                return table_fail(cx, t, i, "this symbol is estimated");
        for (uint32_t k = 0; k < p->n_fixed; k++)
            if (p->fixed[k] == symbol)
                return table_fail(cx, t, i, "a value stands twice");
        p->fixed[p->n_fixed] = symbol;
        p->fixed_value[p->n_fixed++] = value;
        return TW_OK;
    }
    *a = (tw_sim_action){ .symbol = symbol, .value = value, .add = add };
    TW_TRY(number(cx, &a->time, t, i, "time", 0.0));
    if (a->time < (p->n_action ? a[-1].time : e->o->start))
        return table_fail(cx, t, i, "a patient's times ascend from the start");
    p->n_action++;
    return TW_OK;
}

static tw_status person_new(tw_ctx *cx, person *p, const table *t, size_t i)
{
    size_t n = i;
    *p = (person){ .id = cell(t, i, "id"), .first_line = t->t.line[i] };
    while (n < t->t.n && tw_str_eq(cell(t, n, "id"), p->id))
        n++;
    n -= i;
    p->datum = tw_try_array(cx->arena, tw_estimate_datum, n);
    p->action = tw_try_array(cx->arena, tw_sim_action, n);
    p->fixed = tw_try_array(cx->arena, uint32_t, n);
    p->fixed_value = tw_try_array(cx->arena, double, n);
    if (!p->datum || !p->action || !p->fixed || !p->fixed_value)
        return tw_fail(cx, TW_ELIMIT, "%s: no memory left", t->path);
    return p->id.n ? TW_OK : table_fail(cx, t, i, "a row has an id");
}

static tw_status data_rows(tw_ctx *cx, estimation *e, const table *t, tw_map *known)
{
    for (size_t i = 0; i < t->t.n; i++) {
        tw_str id = cell(t, i, "id"), name = cell(t, i, "observable");
        uint32_t k = 0;
        if (e->n == 0 || !tw_str_eq(id, e->who[e->n - 1].id)) {
            TW_TRY(person_new(cx, &e->who[e->n], t, i));
            if (tw_map_get(known, tw_bytes_of(id)))
                return table_fail(cx, t, i, "rows of a patient stand together");
            if (!tw_map_put(known, tw_bytes_of(id), &e->who[e->n++]))
                return tw_fail(cx, TW_ELIMIT, "%s: too many patients", t->path);
        }
        while (k < e->n_seen && !tw_str_is(name, e->seen[k].name))
            k++;
        if (k < e->n_seen)
            TW_TRY(measured(cx, e, &e->who[e->n - 1], t, i, k));
        else
            TW_TRY(done(cx, e, &e->who[e->n - 1], t, i));
    }
    return TW_OK;
}

static tw_status read_data(tw_ctx *cx, estimation *e)
{
    table t;
    TW_TRY(read_table(cx, &t, e->o->data, ','));
    e->who = tw_try_array(cx->arena, person, t.t.n);
    if (!e->who)
        return tw_fail(cx, TW_ELIMIT, "%s: no memory left", t.path);
    tw_map *known = tw_map_new(ROWS_MAX);
    tw_status s = data_rows(cx, e, &t, known);
    tw_map_free(known);
    return s;
}

/* ---------------------------------------------------------------- one patient */

typedef struct {
    tw_estimate_problem p;
    tw_estimate_mode mode;
    tw_estimate_normal normal;
    double *x; /* draws */
    double ess;
    tw_str untold;
    double *time;
    size_t n_time;
    double *band;
    double *q; /* [dim][3]: 5, 50, 95 % of the draws */
} answer;

static tw_status bands_of(tw_ctx *cx, answer *a, const estimation *e, const person *w, const tw_estimate_model *m)
{
    uint32_t draws = e->o->draws ? e->o->draws : 1000;
    double last = w->datum[w->n_datum - 1].time, *sorted;
    double to = isnan(e->o->to) ? last + 0.25 * (last - m->start) : e->o->to;
    a->n_time = (e->o->intervals ? e->o->intervals : 100) + (size_t)1;
    if (!(to > m->start))
        return tw_fail(cx, TW_EUSAGE, "bands end after the start");
    TW_TRY(tw_stat_array(cx, &a->time, a->n_time * (1 + m->n_observable * TW_ESTIMATE_BANDS)));
    a->band = a->time + a->n_time;
    TW_TRY(tw_stat_array(cx, &a->q, 3 * m->dim + draws));
    sorted = a->q + 3 * m->dim;
    for (size_t i = 0; i < a->n_time; i++)
        a->time[i] = m->start + (to - m->start) * ((double)i / (double)(a->n_time - 1));
    TW_TRY(tw_estimate_draws(cx, &a->x, &a->ess, &a->p, &a->mode, &a->normal, draws, e->o->seed));
    for (size_t k = 0; k < m->dim; k++) {
        for (size_t i = 0; i < draws; i++)
            sorted[i] = a->x[i * m->dim + k];
        tw_score_sort(sorted, draws);
        a->q[3 * k] = tw_score_quantile(sorted, draws, 0.05);
        a->q[3 * k + 1] = tw_score_quantile(sorted, draws, 0.5);
        a->q[3 * k + 2] = tw_score_quantile(sorted, draws, 0.95);
    }
    return tw_estimate_forecast(cx, a->band, m, a->x, NULL, draws, a->time, a->n_time, true, e->o->seed);
}

static tw_status estimate_person(tw_ctx *cx, answer *a, const estimation *e, const person *w)
{
    tw_estimate_model m = { .par = e->par,
                            .symbol = e->symbol,
                            .dim = e->dim,
                            .observable = e->seen,
                            .n_observable = e->n_seen,
                            .fixed = w->fixed,
                            .fixed_value = w->fixed_value,
                            .n_fixed = w->n_fixed,
                            .action = w->action,
                            .n_action = w->n_action,
                            .start = e->o->start,
                            .run = e->o->run };
    uint32_t n_input = (uint32_t)e->dim + w->n_fixed;
    uint32_t *input = tw_try_array(cx->arena, uint32_t, n_input);
    if (!input)
        return tw_fail(cx, TW_ELIMIT, "no memory for a patient");
    for (uint32_t k = 0; k < n_input; k++)
        input[k] = k < e->dim ? e->symbol[k] : w->fixed[k - e->dim];
    if (w->n_datum == 0)
        return tw_fail(cx, TW_EPARSE, "a patient without a measured value");
    tw_sim_opts o = { .output = e->output, .n_output = e->n_seen, .input = input, .n_input = n_input };
    TW_TRY(tw_sim_compile(cx, &m.program, e->model, &o));
    TW_TRY(tw_estimate_of_data(cx, &a->p, &m, w->datum, w->n_datum));
    TW_TRY(tw_estimate_map(cx, &a->mode, &a->p, &(tw_estimate_map_opts){ .starts = e->o->starts, .seed = e->o->seed }));
    TW_TRY(tw_estimate_laplace(cx, &a->normal, &a->p, &a->mode));
    a->untold = tw_estimate_untold(cx, &a->p, &a->normal);
    return bands_of(cx, a, e, w, &m);
}

/* ---------------------------------------------------------------- text */

static void field(tw_buf *b, tw_str s)
{
    tw_csv_write(b, &s, 1, NULL);
    b->n -= b->n > 0; /* the end of its line */
    tw_buf_u8(b, ',');
}

static void csv_rows(person_result *r, const estimation *e, const person *w, const answer *a)
{
    for (size_t k = 0; k < e->dim; k++) {
        field(&r->buf[ESTIMATES], w->id);
        tw_buf_fmt(&r->buf[ESTIMATES], "%s,%.*g,%s,%.*g,%.*g,%.*g,%.*g,%.3f,%d,%d,%u,", e->par[k].name, DIGITS,
                   a->mode.x[k], e->par[k].log ? "log" : "lin", DIGITS, a->normal.sd[k], DIGITS, a->q[3 * k], DIGITS,
                   a->q[3 * k + 1], DIGITS, a->q[3 * k + 2], a->normal.told[k], a->normal.at_bound[k],
                   a->mode.converged, a->mode.agree);
        field(&r->buf[ESTIMATES], a->untold);
        r->buf[ESTIMATES].p[r->buf[ESTIMATES].n - 1] = '\n';
    }
    for (uint32_t o = 0; o < e->n_seen; o++)
        for (size_t t = 0; t < a->n_time; t++) {
            const double *q = a->band + (t * e->n_seen + o) * TW_ESTIMATE_BANDS;
            field(&r->buf[BANDS], w->id);
            tw_buf_fmt(&r->buf[BANDS], "%s,%.*g", e->seen[o].name, DIGITS, a->time[t]);
            for (size_t k = 0; k < TW_ESTIMATE_BANDS; k++)
                if (isfinite(q[k]))
                    tw_buf_fmt(&r->buf[BANDS], ",%.*g", DIGITS, q[k]);
                else
                    tw_buf_cstr(&r->buf[BANDS], ",NaN");
            tw_buf_u8(&r->buf[BANDS], '\n');
        }
}

static void kv(tw_jw *w, const char *name, double v)
{
    tw_jw_key(w, name);
    tw_jw_f64(w, v, DIGITS);
}

static void json_parameters(tw_jw *w, const estimation *e, const answer *a)
{
    tw_jw_key(w, "parameters");
    tw_jw_array(w);
    for (size_t k = 0; k < e->dim; k++) {
        tw_jw_object(w);
        tw_jw_kv(w, "name", tw_str_of(e->par[k].name));
        tw_jw_kv(w, "scale", tw_str_of(e->par[k].log ? "log" : "lin"));
        kv(w, "estimate", a->mode.x[k]);
        kv(w, "sd", a->normal.sd[k]);
        kv(w, "q05", a->q[3 * k]);
        kv(w, "q50", a->q[3 * k + 1]);
        kv(w, "q95", a->q[3 * k + 2]);
        kv(w, "told", a->normal.told[k]);
        tw_jw_key(w, "at_bound");
        tw_jw_bool(w, a->normal.at_bound[k]);
        tw_jw_object_end(w);
    }
    tw_jw_array_end(w);
    tw_jw_key(w, "information");
    tw_jw_array(w);
    for (size_t k = 0; k < e->dim; k++)
        tw_jw_f64(w, a->normal.eigen[k], DIGITS);
    tw_jw_array_end(w);
}

/* A line a patient. */
static void json_line(person_result *r, const estimation *e, const person *p, const answer *a, const tw_err *err)
{
    tw_jw w;
    tw_jw_init(&w, &r->buf[JSON], 0);
    tw_jw_object(&w);
    tw_jw_kv(&w, "id", p->id);
    tw_jw_kv(&w, "failed", tw_str_of(err ? err->msg : ""));
    if (!err) {
        tw_jw_kv_u64(&w, "values", p->n_datum);
        tw_jw_key(&w, "converged");
        tw_jw_bool(&w, a->mode.converged);
        tw_jw_kv_u64(&w, "starts", a->mode.n_start);
        tw_jw_kv_u64(&w, "starts_agree", a->mode.agree);
        kv(&w, "objective", a->mode.value);
        kv(&w, "log_evidence", a->normal.log_evidence);
        kv(&w, "effective_draws", a->ess);
        tw_jw_kv(&w, "untold", a->untold);
        json_parameters(&w, e, a);
    }
    tw_jw_object_end(&w);
    tw_buf_u8(&r->buf[JSON], '\n');
}

/* ---------------------------------------------------------------- a fan */

static tw_svg_axis height(const answer *a, const estimation *e, const person *p, uint32_t o)
{
    double lo = HUGE_VAL, hi = -HUGE_VAL;
    for (size_t t = 0; t < a->n_time; t++) {
        const double *q = a->band + (t * e->n_seen + o) * TW_ESTIMATE_BANDS;
        lo = q[0] < lo ? q[0] : lo;
        hi = q[TW_ESTIMATE_BANDS - 1] > hi ? q[TW_ESTIMATE_BANDS - 1] : hi;
    }
    for (size_t i = 0; i < p->n_datum; i++)
        if (p->datum[i].observable == o) {
            lo = TW_MIN(lo, p->datum[i].value);
            hi = TW_MAX(hi, p->datum[i].value);
        }
    if (!(hi > lo)) {
        lo = isfinite(lo) ? lo - 1.0 : 0.0;
        hi = lo + 2.0;
    }
    return (tw_svg_axis){ .min = lo - 0.03 * (hi - lo), .max = hi + 0.03 * (hi - lo), .label = e->seen[o].name };
}

static tw_status fan(tw_ctx *cx, tw_buf *out, const estimation *e, const person *p, const answer *a, uint32_t o)
{
    static const tw_svg_key key[] = { { "median", TW_SVG_A, TW_SVG_LINE },
                                      { "5 to 95 %", TW_SVG_A, TW_SVG_WASH },
                                      { "measured", TW_SVG_INK, TW_SVG_DOT } };
    size_t n = a->n_time, m = 0;
    double *q, *x;
    tw_svg s;
    TW_TRY(tw_stat_array(cx, &q, n * TW_ESTIMATE_BANDS + 2 * p->n_datum));
    x = q + n * TW_ESTIMATE_BANDS;
    for (size_t t = 0; t < n; t++)
        for (size_t k = 0; k < TW_ESTIMATE_BANDS; k++)
            q[k * n + t] = a->band[(t * e->n_seen + o) * TW_ESTIMATE_BANDS + k];
    for (size_t i = 0; i < p->n_datum; i++)
        if (p->datum[i].observable == o) {
            x[m] = p->datum[i].time;
            x[p->n_datum + m++] = p->datum[i].value;
        }
    tw_svg_opts opts = { .title = "measured values and bands of what would be measured",
                         .width = 720.0,
                         .height = 300.0,
                         .x = { .min = a->time[0], .max = a->time[n - 1], .label = "time" },
                         .y = height(a, e, p, o),
                         .standalone = true };
    tw_svg_begin(&s, out, &opts);
    tw_svg_band(&s, a->time, q, q + 4 * n, n, TW_SVG_A, 1);
    tw_svg_band(&s, a->time, q + n, q + 3 * n, n, TW_SVG_A, 2);
    tw_svg_line(&s, a->time, q + 2 * n, n, TW_SVG_A, false);
    tw_svg_points(&s, x, x + p->n_datum, m, TW_SVG_INK, false);
    tw_svg_legend(&s, key, TW_COUNT(key));
    tw_svg_end(&s);
    return TW_OK;
}

/* ---------------------------------------------------------------- all patients */

/* A thread's own context: its arena goes when the text is written. */
static void run_person(void *arg, TW_UNUSED size_t who, size_t i)
{
    estimation *e = arg;
    person_result *r = &e->result[i];
    const person *p = &e->who[e->block + i];
    tw_arena *arena = tw_arena_new(2048 * TW_MIB);
    tw_ctx in = { .arena = arena };
    answer a = { .ess = 0.0 };
    r->status = estimate_person(&in, &a, e, p);
    for (uint32_t o = 0; r->status == TW_OK && e->o->svg && o < e->n_seen; o++)
        r->status = fan(&in, &r->buf[SVG + o], e, p, &a, o);
    if (r->status == TW_OK) {
        r->not_converged = !a.mode.converged;
        r->untold = a.normal.n_told < e->dim;
        r->few = a.ess < 0.1 * (e->o->draws ? e->o->draws : 1000);
        csv_rows(r, e, p, &a);
    }
    memcpy(r->why, in.err.msg, sizeof r->why);
    json_line(r, e, p, &a, r->status == TW_OK ? NULL : &in.err);
    tw_arena_free(arena);
}

static tw_status to_file(tw_ctx *cx, const estimation *e, const char *name, tw_buf *b)
{
    TW_TRY(tw_buf_check(cx, b, name));
    return tw_file_write(cx, tw_path(cx, e->o->out, name), tw_buf_view(b));
}

static tw_status finish(tw_ctx *cx, estimation *e, size_t i)
{
    person_result *r = &e->result[i];
    tw_estimate_report *sum = e->report;
    bool good = r->status == TW_OK;
    sum->done += good;
    sum->not_converged += good && r->not_converged;
    sum->untold += good && r->untold;
    sum->few += good && r->few;
    if (!good && sum->first_failed.n == 0)
        sum->first_failed = tw_strf(cx->arena, "%s: line %zu: %s", e->o->data, e->who[e->block + i].first_line, r->why);
    for (size_t k = 0; k < FILES; k++)
        tw_buf_str(&e->file[k], tw_str_of_bytes(tw_buf_view(&r->buf[k])));
    for (uint32_t o = 0; good && e->o->svg && o < e->n_seen; o++)
        TW_TRY(to_file(cx, e, tw_strf(cx->arena, "fan-%zu-%s.svg", e->block + i + 1, e->seen[o].name).p,
                       &r->buf[SVG + o]));
    return TW_OK;
}

static tw_status run_blocks(tw_ctx *cx, estimation *e, crew *c)
{
    tw_progress p = e->o->progress;
    for (e->block = 0; e->block < e->n; e->block += BLOCK) {
        size_t n = TW_MIN(e->n - e->block, (size_t)BLOCK);
        tw_status s = TW_OK;
        for (size_t i = 0; i < n * BUFFERS; i++)
            tw_buf_init(&e->result[i / BUFFERS].buf[i % BUFFERS], OUT_BYTES_MAX);
        crew_run(c, n, run_person, e);
        for (size_t i = 0; i < n && s == TW_OK; i++)
            s = finish(cx, e, i);
        for (size_t i = 0; i < n * BUFFERS; i++)
            tw_buf_done(&e->result[i / BUFFERS].buf[i % BUFFERS]);
        if (s != TW_OK)
            return s;
        if (p.step)
            p.step(p.self, "estimated", e->block + n, e->n);
        if (e->o->stop && *e->o->stop)
            return tw_fail(cx, TW_EFAILED, "interrupted");
    }
    return TW_OK;
}

static tw_status write_all(tw_ctx *cx, estimation *e)
{
    static const char *const name[FILES] = { "estimates.csv", "bands.csv", "estimates.ndjson" };
    const tw_disk *d = cx->env->disk;
    crew *c;
    if (d->mkdirs(d->self, e->o->out) != TW_OK)
        return tw_fail(cx, TW_EIO, "%s: cannot be made", e->o->out);
    TW_TRY(crew_new(cx, &c, tw_threads_of(e->o->jobs)));
    tw_buf_cstr(&e->file[ESTIMATES], "id,parameter,estimate,scale,sd,q05,q50,q95,told,at_bound,");
    tw_buf_cstr(&e->file[ESTIMATES], "converged,starts_agree,untold\n");
    tw_buf_cstr(&e->file[BANDS], "id,observable,time,q05,q25,q50,q75,q95\n");
    tw_status s = run_blocks(cx, e, c);
    crew_free(c);
    for (size_t k = 0; s == TW_OK && k < FILES; k++)
        s = to_file(cx, e, name[k], &e->file[k]);
    return s;
}

tw_status tw_app_estimate(tw_ctx *cx, tw_estimate_report *out, const tw_estimate_opts *opts)
{
    estimation *e = tw_try_array(cx->arena, estimation, 1);
    if (!e)
        return tw_fail(cx, TW_ELIMIT, "no memory left");
    *out = (tw_estimate_report){ .first_failed = { "", 0 } };
    *e = (estimation){ .o = opts, .report = out };
    TW_TRY(tw_model_of_file(cx, &e->model, opts->model));
    TW_TRY(read_card(cx, e));
    TW_TRY(read_data(cx, e));
    out->patients = e->n;
    for (size_t k = 0; k < FILES; k++)
        tw_buf_init(&e->file[k], OUT_BYTES_MAX);
    tw_status s = write_all(cx, e);
    for (size_t k = 0; k < FILES; k++)
        tw_buf_done(&e->file[k]);
    return s;
}
