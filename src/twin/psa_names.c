/* A population as named numbers, and as text. */
#include "twin/twin_internal.h"

#include <math.h>

static const char *const par_name[TW_PSA_NPAR] = { "ln_r", "ln_b", "ln_g", "ln_k", "ln_ke", "ln_p0", "b_year" };
static const char *const dev_name[TW_PSA_NDEV] = { "ln_b", "ln_g", "ln_k", "j_off", "j_on" };

#define NAME_MAX_BYTES 32

typedef struct {
    char name[NAME_MAX_BYTES];
    double *value;
} entry;

/** Room for means, a triangle, deviations, three scales and three facts. */
#define ENTRIES (TW_PSA_NPAR + TW_PSA_NPAR * (TW_PSA_NPAR + 1) / 2 + TW_PSA_NDEV + 6)

static void add(entry *e, size_t *n, double *value, const char *a, const char *b, const char *c)
{
    (void)snprintf(e[*n].name, NAME_MAX_BYTES, "%s%s%s%s%s", a, b ? "." : "", b ? b : "", c ? "." : "", c ? c : "");
    e[(*n)++].value = value;
}

static size_t entries(entry e[ENTRIES], tw_psa_population *p, double *men, double *obs)
{
    size_t n = 0;
    for (size_t i = 0; i < TW_PSA_NPAR; i++)
        add(e, &n, &p->mean[i], "mean", par_name[i], NULL);
    for (size_t i = 0; i < TW_PSA_NPAR; i++)
        for (size_t j = 0; j <= i; j++)
            add(e, &n, &p->cov[i * TW_PSA_NPAR + j], "cov", par_name[i], par_name[j]);
    for (size_t i = 0; i < TW_PSA_NDEV; i++)
        add(e, &n, &p->dev_sd[i], "cycle_sd", dev_name[i], NULL);
    add(e, &n, &p->ou_sd, "ou_sd", NULL, NULL);
    add(e, &n, &p->ou_tau_day, "ou_tau_day", NULL, NULL);
    add(e, &n, &p->white_sd, "white_sd", NULL, NULL);
    add(e, &n, &p->log_marginal, "log_marginal", NULL, NULL);
    add(e, &n, men, "men", NULL, NULL);
    add(e, &n, obs, "observations", NULL, NULL);
    TW_ASSERT(n == ENTRIES);
    return n;
}

void tw_psa_population_write(tw_buf *out, const tw_psa_population *p)
{
    tw_psa_population copy = *p;
    entry e[ENTRIES];
    double men = p->men, obs = p->obs;
    size_t n = entries(e, &copy, &men, &obs);
    tw_buf_cstr(out, "name\tvalue\n");
    for (size_t i = 0; i < n; i++)
        tw_buf_fmt(out, "%s\t%.17g\n", e[i].name, *e[i].value);
}

static tw_status read_line(tw_ctx *cx, entry e[ENTRIES], bool seen[ENTRIES], tw_str line, size_t number)
{
    tw_str name, rest = line;
    double v;
    if (!tw_str_split(&name, &rest, '\t') || !tw_parse_f64(&v, rest) || !isfinite(v))
        return tw_fail(cx, TW_EPARSE, "population: line %zu is not a name, a tab and a number", number);
    for (size_t i = 0; i < ENTRIES; i++) {
        if (!tw_str_is(name, e[i].name))
            continue;
        if (seen[i])
            return tw_fail(cx, TW_EPARSE, "population: line %zu: %s stands twice", number, e[i].name);
        seen[i] = true;
        *e[i].value = v;
        return TW_OK;
    }
    return tw_fail(cx, TW_EPARSE, "population: line %zu: a name that is not known", number);
}

static tw_status finish(tw_ctx *cx, tw_psa_population *p, double men, double obs)
{
    tw_psa_prior check;
    if (men < 0.0 || men > UINT32_MAX || obs < 0.0 || obs > UINT32_MAX)
        return tw_fail(cx, TW_EPARSE, "population: a count out of range");
    p->men = (uint32_t)men;
    p->obs = (uint32_t)obs;
    for (size_t i = 0; i < TW_PSA_NPAR; i++)
        for (size_t j = 0; j < i; j++)
            p->cov[j * TW_PSA_NPAR + i] = p->cov[i * TW_PSA_NPAR + j];
    return tw_psa_prior_make(cx, &check, p);
}

tw_status tw_psa_population_read(tw_ctx *cx, tw_psa_population *out, tw_str text)
{
    tw_psa_population p = { .men = 0 };
    entry e[ENTRIES];
    bool seen[ENTRIES] = { false };
    double men = 0.0, obs = 0.0;
    tw_str line, rest = text;
    (void)entries(e, &p, &men, &obs);
    for (size_t number = 1; tw_str_split(&line, &rest, '\n'); number++) {
        line = tw_str_trim(line);
        if (line.n == 0 || line.p[0] == '#' || tw_str_is(line, "name\tvalue"))
            continue;
        TW_TRY(read_line(cx, e, seen, line, number));
    }
    for (size_t i = 0; i < ENTRIES; i++)
        if (!seen[i])
            return tw_fail(cx, TW_EPARSE, "population: %s is missing", e[i].name);
    TW_TRY(finish(cx, &p, men, obs));
    *out = p;
    return TW_OK;
}
