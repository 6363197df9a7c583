/* A model with the program made for what was asked last, and a part of the patients for each thread. */
#include "api/api.h"

#include <math.h>
#include <pthread.h>

#include "sbml/sbml.h"
#include "sim/sim.h"

#define MODEL_BYTES_MAX (1024 * TW_MIB)
#define THREADS_MAX 256u

struct twin_model {
    tw_arena *arena; /* the model */
    const tw_sbml_model *sbml;
    tw_arena *program_arena; /* NULL: no program yet */
    const tw_sim_program *program;
    uint32_t *set, *observe; /* what it was made for */
    uint32_t sets, observed;
    char error[320];
};

int twin_api_version(void)
{
    return TWIN_API_VERSION;
}

static twin_status status_of(tw_status s)
{
    switch ((int)s) {
    case TW_OK:
        return TWIN_OK;
    case TW_EUSAGE:
        return TWIN_USAGE;
    case TW_EREFUSED:
        return TWIN_REFUSED;
    case TW_ELIMIT:
        return TWIN_LIMIT;
    default:
        return TWIN_PARSE;
    }
}

static void copy_text(char *out, size_t size, const char *text)
{
    size_t n = strlen(text);
    if (size == 0)
        return;
    n = TW_MIN(n, size - 1);
    memcpy(out, text, n);
    out[n] = '\0';
}

static twin_status failed(twin_model *m, tw_status s, const char *why)
{
    copy_text(m->error, sizeof m->error, why);
    return status_of(s);
}

twin_status twin_open(twin_model **out, const char *sbml, size_t size, char *error, size_t error_size)
{
    tw_arena *arena = tw_arena_new(MODEL_BYTES_MAX);
    tw_ctx cx = { .arena = arena };
    const tw_sbml_model *model;
    tw_status s = tw_sbml_read(&cx, &model, (tw_str){ sbml, size }, NULL);
    *out = NULL;
    copy_text(error, error_size, s == TW_OK ? "" : cx.err.msg);
    if (s != TW_OK) {
        tw_arena_free(arena);
        return status_of(s);
    }
    *out = tw_new(arena, twin_model);
    **out = (twin_model){ .arena = arena, .sbml = model };
    return TWIN_OK;
}

void twin_close(twin_model *m)
{
    if (!m)
        return;
    if (m->program_arena)
        tw_arena_free(m->program_arena);
    tw_arena_free(m->arena);
}

const char *twin_error(const twin_model *m)
{
    return m->error;
}

/* ---------------------------------------------------------------- symbols */

uint32_t twin_symbol_count(const twin_model *m)
{
    return m->sbml->n_symbol;
}

static const tw_sbml_symbol *symbol_at(const twin_model *m, uint32_t i)
{
    static const tw_sbml_symbol none = { .id = "", .name = "", .unit = "" };
    return i < m->sbml->n_symbol ? &m->sbml->symbol[i] : &none;
}

const char *twin_symbol_id(const twin_model *m, uint32_t symbol)
{
    return symbol_at(m, symbol)->id;
}

const char *twin_symbol_kind(const twin_model *m, uint32_t symbol)
{
    return tw_sbml_kind_name(symbol_at(m, symbol)->kind);
}

const char *twin_symbol_unit(const twin_model *m, uint32_t symbol)
{
    return symbol_at(m, symbol)->unit;
}

int twin_symbol_constant(const twin_model *m, uint32_t symbol)
{
    return symbol_at(m, symbol)->constant;
}

double twin_symbol_value(const twin_model *m, uint32_t symbol)
{
    const tw_sbml_symbol *s = symbol_at(m, symbol);
    if (symbol >= m->sbml->n_symbol)
        return (double)NAN;
    return s->kind == TW_SBML_SPECIES ? m->sbml->species[s->item].initial : s->value;
}

uint32_t twin_symbol_find(const twin_model *m, const char *id)
{
    return tw_sbml_find(m->sbml, tw_str_of(id));
}

uint32_t twin_warning_count(const twin_model *m)
{
    return m->sbml->n_warning;
}

const char *twin_warning(const twin_model *m, uint32_t i)
{
    return i < m->sbml->n_warning ? m->sbml->warning[i] : "";
}

const char *twin_result_text(int32_t result)
{
    return result >= 0 && result <= (int32_t)TW_SIM_NO_MEMORY ? tw_sim_result_text((tw_sim_result)result) : "unknown";
}

/* ---------------------------------------------------------------- runs */

static bool made_for(const twin_model *m, const twin_run *r)
{
    return m->program && m->sets == r->sets && m->observed == r->observed &&
           (r->sets == 0 || memcmp(m->set, r->set, r->sets * sizeof *r->set) == 0) &&
           (r->observed == 0 || memcmp(m->observe, r->observe, r->observed * sizeof *r->observe) == 0);
}

static tw_status make_program(tw_ctx *cx, twin_model *m, const twin_run *r)
{
    tw_sim_output *o = tw_try_array(cx->arena, tw_sim_output, (size_t)r->observed + 1);
    m->set = tw_try_array(cx->arena, uint32_t, (size_t)r->sets + 1);
    m->observe = tw_try_array(cx->arena, uint32_t, (size_t)r->observed + 1);
    if (!o || !m->set || !m->observe)
        return tw_fail(cx, TW_ELIMIT, "no memory left");
    for (uint32_t i = 0; i < r->observed; i++) {
        if (r->observe[i] >= m->sbml->n_symbol)
            return tw_fail(cx, TW_EUSAGE, "observe[%u] is no symbol of the model", i);
        o[i] = (tw_sim_output){ .kind = TW_SIM_VALUE, .symbol = r->observe[i] };
        m->observe[i] = r->observe[i];
    }
    for (uint32_t i = 0; i < r->sets; i++) {
        if (r->set[i] >= m->sbml->n_symbol)
            return tw_fail(cx, TW_EUSAGE, "set[%u] is no symbol of the model", i);
        m->set[i] = r->set[i];
    }
    m->sets = r->sets;
    m->observed = r->observed;
    return tw_sim_compile(cx, &m->program, m->sbml,
                          &(tw_sim_opts){ .output = o, .n_output = r->observed, .input = m->set, .n_input = r->sets });
}

static twin_status program_for(twin_model *m, const twin_run *r)
{
    if (made_for(m, r))
        return TWIN_OK;
    if (m->program_arena)
        tw_arena_free(m->program_arena);
    m->program = NULL;
    m->program_arena = tw_arena_new(MODEL_BYTES_MAX);
    tw_ctx cx = { .arena = m->program_arena };
    tw_status s = make_program(&cx, m, r);
    if (s == TW_OK)
        return TWIN_OK;
    m->program = NULL;
    return failed(m, s, cx.err.msg);
}

typedef struct {
    const twin_model *m;
    const twin_run *r;
    size_t first, n;
    tw_status status;
    char error[320];
} share;

static void *run_share(void *arg)
{
    share *s = arg;
    const twin_run *r = s->r;
    tw_arena *arena = tw_arena_new(MODEL_BYTES_MAX);
    tw_ctx cx = { .arena = arena };
    tw_sim_result *result = tw_try_array(arena, tw_sim_result, s->n + 1);
    tw_sim_batch b = { .n = s->n,
                       .start = r->start,
                       .set = r->set,
                       .n_set = r->sets,
                       .set_value = r->sets ? r->set_value + s->first * r->sets : NULL,
                       .time = r->time,
                       .n_time = r->times,
                       .out = r->out + s->first * r->times * r->observed,
                       .result = result };
    s->status = result
                    ? tw_sim_run(&cx, NULL, s->m->program, &b, &(tw_sim_run_opts){ .rtol = r->rtol, .atol = r->atol })
                    : TW_ELIMIT;
    copy_text(s->error, sizeof s->error, s->status == TW_OK ? "" : cx.err.msg);
    for (size_t i = 0; s->status == TW_OK && r->result && i < s->n; i++)
        r->result[s->first + i] = (int32_t)result[i];
    tw_arena_free(arena);
    return NULL;
}

/* The caller runs the first share; a thread that cannot be had is done by the caller, too. */
static void run_shares(share *s, size_t n)
{
    pthread_t thread[THREADS_MAX];
    bool started[THREADS_MAX] = { false };
    for (size_t i = 1; i < n; i++)
        started[i] = pthread_create(&thread[i], NULL, run_share, &s[i]) == 0;
    for (size_t i = 0; i < n; i++)
        if (started[i])
            (void)pthread_join(thread[i], NULL);
        else
            (void)run_share(&s[i]);
}

twin_status twin_simulate(twin_model *m, const twin_run *r)
{
    share part[THREADS_MAX];
    m->error[0] = '\0';
    if (!r->out || !r->time || r->times == 0 || r->observed == 0 || (r->sets && (!r->set || !r->set_value)))
        return failed(m, TW_EUSAGE, "a run has times, something to observe, and a place for the results");
    for (size_t i = 0; i < r->times; i++)
        if (!(r->time[i] >= (i ? r->time[i - 1] : r->start)))
            return failed(m, TW_EUSAGE, "times ascend from the start on");
    twin_status s = program_for(m, r);
    if (s != TWIN_OK)
        return s;
    size_t n = TW_MIN((size_t)TW_MIN(TW_MAX(r->threads, 1u), THREADS_MAX), TW_MAX(r->patients, (size_t)1));
    for (size_t i = 0; i < n; i++) {
        size_t first = r->patients * i / n;
        part[i] = (share){ .m = m, .r = r, .first = first, .n = r->patients * (i + 1) / n - first };
    }
    run_shares(part, n);
    for (size_t i = 0; i < n; i++)
        if (part[i].status != TW_OK)
            return failed(m, part[i].status, part[i].error);
    return TWIN_OK;
}
