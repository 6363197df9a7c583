/* Tables in NONMEM's layout to people. */
#include "pop/pop_internal.h"

#include <math.h>

#include "format/format.h"

#define ROWS_MAX 1000000
#define NONE SIZE_MAX

typedef struct {
    const tw_pop_model *model;
    size_t id, time, amt, dv, evid, dvid, cens, rate;
    size_t covariate[TW_POP_COVARIATE_MAX];
    uint32_t columns;
    size_t line;
    tw_pop_person *people;
    size_t n, cap;
    tw_pop_dose *dose;
    tw_pop_obs *obs;
    size_t n_dose, n_obs, rows;
    tw_str who;
} reader;

static size_t find(const tw_str *field, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (tw_str_is(tw_str_trim(field[i]), name))
            return i;
    return NONE;
}

static tw_status heading(tw_ctx *cx, reader *r, tw_str row)
{
    tw_str *f = NULL;
    size_t n = 0;
    TW_TRY(tw_csv_row(cx, &f, &n, NULL, row, NULL));
    r->columns = (uint32_t)n;
    r->id = find(f, n, "id");
    r->time = find(f, n, "time");
    r->amt = find(f, n, "amt");
    r->dv = find(f, n, "dv");
    r->evid = find(f, n, "evid");
    r->dvid = find(f, n, "dvid");
    r->cens = find(f, n, "cens");
    r->rate = find(f, n, "rate");
    if (r->id == NONE || r->time == NONE || r->amt == NONE || r->dv == NONE)
        return tw_fail(cx, TW_EPARSE, "the table needs the columns id, time, amt and dv");
    if (r->dvid == NONE && r->model->n_output > 1)
        return tw_fail(cx, TW_EPARSE, "model %s has several outputs: the table needs a column dvid", r->model->id);
    for (size_t i = 0; i < r->model->n_covariate; i++)
        r->covariate[i] = find(f, n, r->model->covariate[i]);
    return TW_OK;
}

static tw_status number(tw_ctx *cx, double *out, const reader *r, const tw_str *f, size_t column, const char *name)
{
    tw_str s = tw_str_trim(f[column]);
    if (s.n == 0 || tw_str_is(s, ".") || tw_str_is(s, "NA"))
        *out = 0.0;
    else if (!tw_parse_f64(out, s) || !isfinite(*out))
        return tw_fail(cx, TW_EPARSE, "line %zu: %s is not a number", r->line, name);
    return TW_OK;
}

/** Covariates of a new person; NaN where the table does not tell. */
static tw_status begin(tw_ctx *cx, reader *r, const tw_str *f)
{
    double *c = NULL;
    if (r->n == r->cap)
        return tw_fail(cx, TW_ELIMIT, "line %zu: more than %zu people", r->line, r->cap);
    TW_TRY(tw_stat_array(cx, &c, TW_POP_COVARIATE_MAX));
    for (size_t i = 0; i < r->model->n_covariate; i++) {
        c[i] = (double)NAN;
        if (r->covariate[i] == NONE)
            continue;
        tw_str s = tw_str_trim(f[r->covariate[i]]);
        if (tw_str_is(s, "male") || tw_str_is(s, "female"))
            c[i] = tw_str_is(s, "male") ? 1.0 : 0.0;
        else
            TW_TRY(number(cx, &c[i], r, f, r->covariate[i], r->model->covariate[i]));
    }
    r->people[r->n++] = (tw_pop_person){ .dose = r->dose + r->n_dose, .obs = r->obs + r->n_obs, .covariate = c };
    r->who = f[r->id];
    return TW_OK;
}

static tw_status output_of(tw_ctx *cx, uint32_t *out, const reader *r, const tw_str *f)
{
    uint64_t k = 1;
    *out = 0;
    if (r->dvid == NONE)
        return TW_OK;
    tw_str s = tw_str_trim(f[r->dvid]);
    for (uint32_t i = 0; i < r->model->n_output; i++) {
        if (tw_str_is(s, r->model->output[i])) {
            *out = i;
            return TW_OK;
        }
    }
    if (!tw_parse_u64(&k, s) || k < 1 || k > r->model->n_output)
        return tw_fail(cx, TW_EPARSE, "line %zu: dvid names no output of %s", r->line, r->model->id);
    *out = (uint32_t)k - 1;
    return TW_OK;
}

static tw_status add(tw_ctx *cx, reader *r, const tw_str *f)
{
    double time, amt, dv, evid = 0.0, cens = 0.0, rate = 0.0;
    TW_TRY(number(cx, &time, r, f, r->time, "time"));
    TW_TRY(number(cx, &amt, r, f, r->amt, "amt"));
    TW_TRY(number(cx, &dv, r, f, r->dv, "dv"));
    if (r->evid != NONE)
        TW_TRY(number(cx, &evid, r, f, r->evid, "evid"));
    if (r->cens != NONE)
        TW_TRY(number(cx, &cens, r, f, r->cens, "cens"));
    if (r->rate != NONE)
        TW_TRY(number(cx, &rate, r, f, r->rate, "rate"));
    tw_pop_person *p = &r->people[r->n - 1];
    if (amt > 0.0) {
        r->dose[r->n_dose++] =
            (tw_pop_dose){ .time = time, .amount = amt, .duration = rate > 0.0 ? amt / rate : 0.0 };
        p->n_dose++;
    } else if (evid == 0.0) {
        tw_pop_obs o = { .time = time, .y = dv };
        o.kind = cens > 0.0 ? TW_POP_BELOW : cens < 0.0 ? TW_POP_ABOVE : TW_POP_MEASURED;
        TW_TRY(output_of(cx, &o.output, r, f));
        r->obs[r->n_obs++] = o;
        p->n_obs++;
    }
    return TW_OK;
}

static size_t lines_of(tw_str s)
{
    size_t n = 1;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '\n';
    return n;
}

static tw_status row(tw_ctx *cx, reader *r, tw_str line)
{
    tw_str *f = NULL;
    size_t n = 0;
    if (tw_csv_row(cx, &f, &n, NULL, line, &(tw_csv_opts){ .columns = r->columns }) != TW_OK)
        return tw_wrap(cx, "line %zu", r->line);
    if (r->n == 0 || !tw_str_eq(r->who, f[r->id]))
        TW_TRY(begin(cx, r, f));
    return add(cx, r, f);
}

tw_status tw_pop_read(tw_ctx *cx, tw_pop_person **people, size_t *count, const tw_pop_model *m, tw_str table)
{
    reader r = { .model = m, .line = 1 };
    size_t rows = lines_of(table);
    tw_str line;
    if (rows > ROWS_MAX)
        return tw_fail(cx, TW_ELIMIT, "a table of more than %d lines", ROWS_MAX);
    r.cap = TW_MIN(rows, (size_t)TW_POP_PEOPLE_MAX);
    r.people = tw_try_array(cx->arena, tw_pop_person, r.cap);
    r.dose = tw_try_array(cx->arena, tw_pop_dose, rows);
    r.obs = tw_try_array(cx->arena, tw_pop_obs, rows);
    if (!r.people || !r.dose || !r.obs)
        return tw_fail(cx, TW_ELIMIT, "no room for a table of %zu lines", rows);
    if (!tw_str_split(&line, &table, '\n'))
        return tw_fail(cx, TW_EPARSE, "an empty table");
    TW_TRY(heading(cx, &r, tw_str_trim(line)));
    while (tw_str_split(&line, &table, '\n')) {
        r.line++;
        line = tw_str_trim(line);
        if (line.n > 0)
            TW_TRY(row(cx, &r, line));
    }
    *people = r.people;
    *count = r.n;
    return TW_OK;
}
