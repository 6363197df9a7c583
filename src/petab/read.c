#include "petab/petab_internal.h"

#include <math.h>

/* ---------------------------------------------------------------- words of the tables */

static tw_status scale_of(tw_ctx *cx, tw_petab_scale *out, tw_str text)
{
    *out = tw_str_is(text, "log") ? TW_PETAB_LOG : tw_str_is(text, "log10") ? TW_PETAB_LOG10 : TW_PETAB_LIN;
    if (text.n && *out == TW_PETAB_LIN && !tw_str_is(text, "lin"))
        return tw_fail(cx, TW_EPARSE, "the scale \"%.*s\" is unknown", (int)TW_MIN(text.n, (size_t)40), text.p);
    return TW_OK;
}

static const struct {
    const char *name;
    tw_petab_law law;
    unsigned n;
    bool on_scale;
} laws[] = {
    { "uniform", TW_PETAB_UNIFORM, 2, false },
    { "normal", TW_PETAB_NORMAL, 2, false },
    { "laplace", TW_PETAB_LAPLACE, 2, false },
    { "log-normal", TW_PETAB_LOG_NORMAL, 2, false },
    { "log-laplace", TW_PETAB_LOG_LAPLACE, 2, false },
    { "log-uniform", TW_PETAB_LOG_UNIFORM, 2, false },
    { "cauchy", TW_PETAB_CAUCHY, 2, false },
    { "chisquare", TW_PETAB_CHISQUARE, 1, false },
    { "exponential", TW_PETAB_EXPONENTIAL, 1, false },
    { "gamma", TW_PETAB_GAMMA, 2, false },
    { "rayleigh", TW_PETAB_RAYLEIGH, 1, false },
    { "logNormal", TW_PETAB_LOG_NORMAL, 2, false },
    { "logLaplace", TW_PETAB_LOG_LAPLACE, 2, false },
    { "parameterScaleUniform", TW_PETAB_UNIFORM, 2, true },
    { "parameterScaleNormal", TW_PETAB_NORMAL, 2, true },
    { "parameterScaleLaplace", TW_PETAB_LAPLACE, 2, true },
};

/* "a;b" */
static tw_status prior_numbers(tw_ctx *cx, tw_petab_prior *prior, tw_str text, unsigned n)
{
    tw_str first = { "", 0 }, rest = text;
    bool fine = tw_str_split(&first, &rest, ';') && tw_petab_number(&prior->a, tw_str_trim(first));
    if (n == 2)
        fine = fine && tw_petab_number(&prior->b, tw_str_trim(rest));
    return fine ? TW_OK : tw_fail(cx, TW_EPARSE, "the prior needs %u numbers", n);
}

static tw_status prior(tw_ctx *cx, tw_petab_parameter *p, tw_str law, tw_str numbers, bool bounded)
{
    if (!law.n) { /* version 2: uniform between the bounds; version 1: none */
        if (bounded && p->estimate && isfinite(p->upper - p->lower))
            p->prior = (tw_petab_prior){ .law = TW_PETAB_UNIFORM, .a = p->lower, .b = p->upper };
        return TW_OK;
    }
    for (size_t i = 0; i < TW_COUNT(laws); i++) {
        if (!tw_str_is(law, laws[i].name))
            continue;
        p->prior.law = laws[i].law;
        p->prior.on_scale = laws[i].on_scale;
        if (!numbers.n && laws[i].law == TW_PETAB_UNIFORM) {
            p->prior.a = laws[i].on_scale ? tw_petab_scaled(p->scale, p->lower) : p->lower;
            p->prior.b = laws[i].on_scale ? tw_petab_scaled(p->scale, p->upper) : p->upper;
        } else {
            TW_TRY(prior_numbers(cx, &p->prior, numbers, laws[i].n));
        }
        if (bounded)
            tw_petab_truncate(p);
        return TW_OK;
    }
    return tw_fail(cx, TW_EREFUSED, "the prior \"%.*s\" is not supported", (int)TW_MIN(law.n, (size_t)40), law.p);
}

static double number_or_none(tw_str text)
{
    double v;
    return tw_petab_number(&v, text) ? v : (double)NAN;
}

static tw_status one_parameter(tw_petab_reading *r, tw_petab_parameter *p, uint32_t row)
{
    const tw_petab_table *t = &r->parameters;
    tw_str estimate = tw_petab_field(t, row, "estimate");
    bool v2 = r->p->version == 2;
    p->id = tw_petab_field(t, row, "parameterId");
    p->name = tw_petab_field(t, row, "parameterName");
    p->lower = number_or_none(tw_petab_field(t, row, "lowerBound"));
    p->upper = number_or_none(tw_petab_field(t, row, "upperBound"));
    p->nominal = number_or_none(tw_petab_field(t, row, "nominalValue"));
    p->estimate = tw_str_is(estimate, "1") || tw_str_is(estimate, "true") || tw_str_is(estimate, "True") ||
                  tw_str_is(estimate, "1.0");
    if (!p->id.n)
        return tw_fail(r->cx, TW_EPARSE, "has no parameterId");
    if (!v2)
        TW_TRY(scale_of(r->cx, &p->scale, tw_petab_field(t, row, "parameterScale")));
    if (!p->estimate)
        return isnan(p->nominal) ? tw_fail(r->cx, TW_EPARSE, "is not estimated and has no nominalValue") : TW_OK;
    return prior(r->cx, p, tw_petab_field(t, row, v2 ? "priorDistribution" : "objectivePriorType"),
                 tw_petab_field(t, row, v2 ? "priorParameters" : "objectivePriorParameters"), v2);
}

tw_status tw_petab_parameters(tw_petab_reading *r)
{
    uint32_t n = r->parameters.n_row;
    tw_petab_parameter *all = tw_try_array(r->cx->arena, tw_petab_parameter, n + 1);
    if (!all)
        return tw_petab_no_memory(r->cx);
    for (uint32_t i = 0; i < n; i++)
        if (one_parameter(r, &all[i], i) != TW_OK)
            return tw_wrap(r->cx, "parameter table, row %u", i + 2);
    r->p->parameter = all;
    r->p->n_parameter = n;
    return TW_OK;
}

/* ---------------------------------------------------------------- observables */

static tw_status noise_law(tw_ctx *cx, tw_petab_observable *o, tw_str law, tw_str transformation)
{
    bool log = tw_str_starts(law, "log-");
    tw_str base = log ? (tw_str){ law.p + 4, law.n - 4 } : law;
    TW_TRY(scale_of(cx, &o->law.scale, transformation));
    if (log)
        o->law.scale = TW_PETAB_LOG;
    o->law.law = tw_str_is(base, "laplace") ? TW_PETAB_NOISE_LAPLACE : TW_PETAB_NOISE_NORMAL;
    if (base.n && o->law.law == TW_PETAB_NOISE_NORMAL && !tw_str_is(base, "normal"))
        return tw_fail(cx, TW_EREFUSED, "the noise \"%.*s\" is not supported", (int)TW_MIN(law.n, (size_t)40), law.p);
    return TW_OK;
}

tw_status tw_petab_observables(tw_petab_reading *r)
{
    const tw_petab_table *t = &r->observables;
    r->observable = tw_try_array(r->cx->arena, tw_petab_observable, t->n_row + 1);
    if (!r->observable)
        return tw_petab_no_memory(r->cx);
    for (uint32_t i = 0; i < t->n_row; i++) {
        tw_petab_observable *o = &r->observable[i];
        o->id = tw_petab_field(t, i, "observableId");
        o->formula = tw_petab_field(t, i, "observableFormula");
        o->noise = tw_petab_field(t, i, "noiseFormula");
        o->placeholder = tw_petab_field(t, i, "observablePlaceholders");
        o->noise_placeholder = tw_petab_field(t, i, "noisePlaceholders");
        if (noise_law(r->cx, o, tw_petab_field(t, i, "noiseDistribution"),
                      tw_petab_field(t, i, "observableTransformation")) != TW_OK)
            return tw_wrap(r->cx, "observable table, row %u", i + 2);
    }
    r->n_observable = t->n_row;
    return TW_OK;
}

/* ---------------------------------------------------------------- files */

static tw_status file(tw_petab_reading *r, tw_petab_table *t, tw_str name)
{
    tw_str text;
    TW_TRY(r->files->read(r->cx, r->files->self, &text, name));
    return tw_petab_table_add(r->cx, t, text, name);
}

/* One name, or a list of them; nothing when the key is absent. */
static tw_status files(tw_petab_reading *r, tw_petab_table *t, const tw_yaml *at)
{
    if (at && at->kind == TW_YAML_TEXT)
        return at->text.n && !tw_str_is(at->text, "null") ? file(r, t, at->text) : TW_OK;
    for (const tw_yaml *y = at ? at->first : NULL; y; y = y->next)
        TW_TRY(file(r, t, y->text));
    return TW_OK;
}

static tw_status tables(tw_petab_reading *r, const tw_yaml *from)
{
    TW_TRY(files(r, &r->conditions, tw_yaml_get(from, "condition_files")));
    TW_TRY(files(r, &r->measurements, tw_yaml_get(from, "measurement_files")));
    TW_TRY(files(r, &r->observables, tw_yaml_get(from, "observable_files")));
    TW_TRY(files(r, &r->experiments, tw_yaml_get(from, "experiment_files")));
    TW_TRY(files(r, &r->mapping, tw_yaml_get(from, "mapping_files")));
    return tw_petab_observables(r);
}

/* Arrays by measurement grow with each problem of version 1. */
static tw_status more_measurements(tw_petab_reading *r)
{
    uint32_t n = r->p->n_measurement, m = n + r->measurements.n_row;
    tw_petab_measurement *all = tw_try_array(r->cx->arena, tw_petab_measurement, m + 1);
    tw_petab_noise *noise = tw_try_array(r->cx->arena, tw_petab_noise, m + 1);
    if (!all || !noise)
        return tw_petab_no_memory(r->cx);
    if (n) {
        memcpy(all, r->p->measurement, n * sizeof *all);
        memcpy(noise, r->noise, n * sizeof *noise);
    }
    r->p->measurement = all;
    r->p->noise = r->noise = noise;
    r->measured = n;
    r->p->n_measurement = m;
    for (uint32_t i = n; i < m; i++) {
        tw_petab_measurement *to = &all[i];
        bool v2 = r->p->version == 2;
        to->observable = tw_petab_field(&r->measurements, i - n, "observableId");
        to->experiment = tw_petab_field(&r->measurements, i - n, v2 ? "experimentId" : "simulationConditionId");
        if (!tw_petab_number(&to->time, tw_petab_field(&r->measurements, i - n, "time")) ||
            !tw_petab_number(&to->value, tw_petab_field(&r->measurements, i - n, "measurement")))
            return tw_fail(r->cx, TW_EPARSE, "measurement table, row %u: time or measurement is no number", i - n + 2);
    }
    return TW_OK;
}

static tw_status part(tw_petab_reading *r, tw_petab_part *to, tw_str id, tw_str name)
{
    tw_str text;
    to->model_id = id;
    TW_TRY(r->files->read(r->cx, r->files->self, &text, name));
    tw_status s = tw_petab_part_make(r, to, text);
    return s == TW_OK ? s : tw_wrap(r->cx, TW_FMT, TW_ARG(name));
}

static uint32_t length(const tw_yaml *list)
{
    uint32_t n = 0;
    for (const tw_yaml *y = list ? list->first : NULL; y; y = y->next)
        n++;
    return n;
}

/* ---------------------------------------------------------------- versions */

static tw_status version_1(tw_petab_reading *r, const tw_yaml *root)
{
    const tw_yaml *problems = tw_yaml_get(root, "problems");
    uint32_t n = length(problems);
    TW_TRY(files(r, &r->parameters, tw_yaml_get(root, "parameter_file")));
    TW_TRY(tw_petab_parameters(r));
    r->p->part = tw_try_array(r->cx->arena, tw_petab_part, n + 1);
    if (n == 0)
        return tw_fail(r->cx, TW_EPARSE, "the YAML has no problems");
    if (!r->p->part)
        return tw_petab_no_memory(r->cx);
    for (const tw_yaml *y = problems->first; y; y = y->next) {
        const tw_yaml *sbml = tw_yaml_get(y, "sbml_files");
        r->conditions = r->measurements = r->observables = r->experiments = r->mapping = (tw_petab_table){ 0 };
        TW_TRY(tables(r, y));
        TW_TRY(more_measurements(r));
        if (length(sbml) != 1)
            return tw_fail(r->cx, TW_EREFUSED, "a problem must have one SBML file");
        TW_TRY(part(r, &r->p->part[r->p->n_part], (tw_str){ "", 0 }, sbml->first->text));
        r->p->n_part++;
    }
    return TW_OK;
}

static tw_status version_2(tw_petab_reading *r, const tw_yaml *root)
{
    const tw_yaml *models = tw_yaml_get(root, "model_files");
    const tw_yaml *extensions = tw_yaml_get(root, "extensions");
    uint32_t n = length(models);
    if (length(extensions))
        return tw_fail(r->cx, TW_EREFUSED, "the extension \"%.*s\" is not supported",
                       (int)TW_MIN(extensions->first->key.n, (size_t)40), extensions->first->key.p);
    TW_TRY(files(r, &r->parameters, tw_yaml_get(root, "parameter_files")));
    TW_TRY(tw_petab_parameters(r));
    TW_TRY(tables(r, root));
    TW_TRY(more_measurements(r));
    r->p->part = tw_try_array(r->cx->arena, tw_petab_part, n + 1);
    if (n == 0)
        return tw_fail(r->cx, TW_EPARSE, "the YAML has no model_files");
    if (!r->p->part)
        return tw_petab_no_memory(r->cx);
    for (const tw_yaml *y = models->first; y; y = y->next) {
        const tw_yaml *language = tw_yaml_get(y, "language"), *location = tw_yaml_get(y, "location");
        if (!language || !tw_str_is(language->text, "sbml") || !location)
            return tw_fail(r->cx, TW_EREFUSED, "only models in SBML are supported");
        TW_TRY(part(r, &r->p->part[r->p->n_part], y->key, location->text));
        r->p->n_part++;
    }
    return TW_OK;
}

tw_status tw_petab_read(tw_ctx *cx, tw_petab **out, tw_str yaml, const tw_petab_files *from)
{
    tw_yaml *root;
    tw_petab_reading r = { .cx = cx, .p = tw_new(cx->arena, tw_petab), .files = from };
    TW_TRY(tw_yaml_read(cx, &root, yaml));
    const tw_yaml *version = tw_yaml_get(root, "format_version");
    tw_str v = version ? version->text : (tw_str){ "", 0 };
    r.p->version = tw_str_starts(v, "1") ? 1 : tw_str_starts(v, "2") ? 2 : 0;
    if (r.p->version == 0)
        return tw_fail(cx, TW_EREFUSED, "format_version is neither 1 nor 2");
    TW_TRY(r.p->version == 1 ? version_1(&r, root) : version_2(&r, root));
    *out = r.p;
    return TW_OK;
}
