/* The table of an intermittent suppression trial (Bruchovsky et al., Cancer 107 (2006) 389; data released under
 * CC0-1.0): one line a visit, empty fields for what was not measured or given. */
#include "sources/synth_internal.h"

#include <math.h>

#define MEN_MAX 4096
#define ROWS_MAX ((size_t)1 << 20)
static const char *const columns[] = { "patient", "day",         "cpa_mg", "leu_mg", "psa_ug_l", "testosterone_nmol_l",
                                       "cycle",   "on_treatment" };
#define COLUMNS TW_COUNT(columns)
enum { PATIENT, DAY, CPA, LEU, PSA, TESTOSTERONE, CYCLE, ON };

typedef struct {
    tw_synth_series *men;
    tw_str *names;
    size_t count;
    tw_synth_visit *visit;
    size_t rows;
} table;

static tw_status bad(tw_ctx *cx, size_t line, int column)
{
    return tw_fail(cx, TW_EPARSE, "line %zu: %s: not as expected", line, columns[column]);
}

static bool split(tw_str field[COLUMNS], tw_str line)
{
    size_t n = 0;
    tw_str rest = line;
    tw_str part;
    while (tw_str_split(&part, &rest, ',')) {
        if (n == COLUMNS)
            return false;
        field[n++] = tw_str_trim(part);
    }
    return n == COLUMNS;
}

static bool measured(double *out, tw_str field)
{
    *out = (double)NAN;
    return field.n == 0 || (tw_parse_f64(out, field) && *out >= 0 && *out < 1e6);
}

/* "200", "FLU 250": the agent before the number is another one, so its dose is none of ours; "NIL 200" likewise. */
static bool dose(double *out, tw_str field)
{
    *out = 0;
    if (field.n == 0)
        return true;
    size_t blank = tw_str_find(field, TW_STR(" "));
    tw_str number = blank == SIZE_MAX ? field : (tw_str){ field.p + blank + 1, field.n - blank - 1 };
    double mg;
    if (!tw_parse_f64(&mg, number) || !(mg >= 0 && mg < 1e6))
        return false;
    *out = blank == SIZE_MAX ? mg : 0;
    return true;
}

static tw_status row(tw_ctx *cx, tw_synth_visit *v, tw_str field[COLUMNS], size_t line)
{
    int64_t day;
    uint64_t cycle;
    if (!tw_parse_i64(&day, field[DAY]) || day < -36525 || day > 36525)
        return bad(cx, line, DAY);
    if (!dose(&v->cyproterone_mg, field[CPA]))
        return bad(cx, line, CPA);
    if (!dose(&v->leuprolide_mg, field[LEU]))
        return bad(cx, line, LEU);
    if (!measured(&v->psa_ug_l, field[PSA]))
        return bad(cx, line, PSA);
    if (!measured(&v->testosterone_nmol_l, field[TESTOSTERONE]))
        return bad(cx, line, TESTOSTERONE);
    if (!tw_parse_u64(&cycle, field[CYCLE]))
        return bad(cx, line, CYCLE);
    if (!tw_str_is(field[ON], "0") && !tw_str_is(field[ON], "1"))
        return bad(cx, line, ON);
    v->day = (int32_t)day;
    v->on_treatment = tw_str_is(field[ON], "1");
    return TW_OK;
}

/* Lines of one man stand together. */
static tw_status add(tw_ctx *cx, table *t, const tw_synth_visit *v, tw_str name, size_t line)
{
    bool same = t->count > 0 && tw_str_eq(t->names[t->count - 1], name);
    if (!same) {
        for (size_t i = 0; i < t->count; i++)
            if (tw_str_eq(t->names[i], name))
                return bad(cx, line, PATIENT);
        if (t->count == MEN_MAX || name.n == 0)
            return bad(cx, line, PATIENT);
        t->names[t->count] = name;
        t->men[t->count++] = (tw_synth_series){ .visit = &t->visit[t->rows] };
    }
    tw_synth_series *man = &t->men[t->count - 1];
    if (man->n > 0 && v->day < man->visit[man->n - 1].day)
        return bad(cx, line, DAY);
    t->visit[t->rows++] = *v;
    man->n++;
    return TW_OK;
}

static size_t lines_of(tw_str text)
{
    size_t n = 1;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n;
}

static tw_status header(tw_ctx *cx, tw_str *rest)
{
    tw_str line;
    tw_str field[COLUMNS];
    if (!tw_ndjson_next(&line, rest) || !split(field, line))
        return tw_fail(cx, TW_EPARSE, "line 1: %zu columns are needed", COLUMNS);
    for (size_t i = 0; i < COLUMNS; i++)
        if (!tw_str_is(field[i], columns[i]))
            return bad(cx, 1, (int)i);
    return TW_OK;
}

tw_status tw_synth_psa_csv(tw_ctx *cx, tw_synth_series **out, size_t *count, tw_str csv)
{
    size_t rows = lines_of(csv);
    if (rows > ROWS_MAX)
        return tw_fail(cx, TW_ELIMIT, "more than %zu lines", ROWS_MAX);
    table t = { .men = tw_try_array(cx->arena, tw_synth_series, MEN_MAX),
                .names = tw_try_array(cx->arena, tw_str, MEN_MAX),
                .visit = tw_try_array(cx->arena, tw_synth_visit, rows) };
    if (!t.men || !t.names || !t.visit)
        return tw_fail(cx, TW_ELIMIT, "a table of %zu lines", rows);
    tw_str rest = csv;
    TW_TRY(header(cx, &rest));
    tw_str line;
    for (size_t n = 2; tw_ndjson_next(&line, &rest); n++) {
        tw_str field[COLUMNS];
        tw_synth_visit v = { .day = 0 };
        if (line.n == 0)
            continue;
        if (!split(field, line))
            return tw_fail(cx, TW_EPARSE, "line %zu: %zu columns are needed", n, COLUMNS);
        TW_TRY(row(cx, &v, field, n));
        TW_TRY(add(cx, &t, &v, field[PATIENT], n));
    }
    *out = t.men;
    *count = t.count;
    return TW_OK;
}

static tw_status series_of(void *self, TW_UNUSED tw_ctx *cx, tw_synth_series *out, uint32_t patient)
{
    *out = ((const tw_synth_series *)self)[patient];
    return TW_OK;
}

tw_status tw_synth_wrap_psa(tw_ctx *cx, tw_synth_report *report, const tw_synth_opts *opts, tw_str csv,
                            const tw_synth_sink *sink)
{
    tw_synth_series *men;
    size_t count;
    TW_TRY(tw_synth_psa_csv(cx, &men, &count, csv));
    if (count == 0)
        return tw_fail(cx, TW_EPARSE, "no visits");
    tw_synth_opts wrapped = *opts;
    wrapped.patients = (uint32_t)count;
    wrapped.series = series_of;
    wrapped.series_self = men;
    return tw_synth_make(cx, report, &wrapped, sink);
}
