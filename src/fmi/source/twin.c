/* An FMU of co-simulation, FMI 2.0: a model's program (model.h) and what runs it. Steps are of Tsitouras' explicit pair
 * 5(4) with control of the error; events as SBML Level 3 Version 2 says (section 4.11). No global state; memory only
 * through the environment's callbacks. Part of twinward, under the Apache License 2.0. */
#include <math.h>
#include <stddef.h>
#include <string.h>

/* ---------------------------------------------------------------- what FMI 2.0 declares */

typedef void *fmi2Component;
typedef void *fmi2ComponentEnvironment;
typedef void *fmi2FMUstate;
typedef unsigned int fmi2ValueReference;
typedef double fmi2Real;
typedef int fmi2Integer;
typedef int fmi2Boolean;
typedef char fmi2Char;
typedef const fmi2Char *fmi2String;
typedef char fmi2Byte;
typedef enum { fmi2OK, fmi2Warning, fmi2Discard, fmi2Error, fmi2Fatal, fmi2Pending } fmi2Status;
typedef enum { fmi2ModelExchange, fmi2CoSimulation } fmi2Type;
typedef enum { fmi2DoStepStatus, fmi2PendingStatus, fmi2LastSuccessfulTime, fmi2Terminated } fmi2StatusKind;
typedef struct {
    void (*logger)(fmi2ComponentEnvironment, fmi2String, fmi2Status, fmi2String, fmi2String, ...);
    void *(*allocateMemory)(size_t, size_t);
    void (*freeMemory)(void *);
    void (*stepFinished)(fmi2ComponentEnvironment, fmi2Status);
    fmi2ComponentEnvironment componentEnvironment;
} fmi2CallbackFunctions;

#if defined _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

/* ---------------------------------------------------------------- what the program names */

#define NONE 0xffffffffu

typedef struct {
    void (*body)(double *r);
    const unsigned *value; /* registers of the values to assign */
    void (*size)(double *r);
    const unsigned *size_value;
    const unsigned *slot;
    unsigned n, delay, priority; /* registers, NONE */
    int trigger_initial, persistent, from_trigger_time;
} event_code;

#define UNUSED_FN __attribute__((unused)) static

UNUSED_FN double m_not(double a)
{
    return a == 0;
}
UNUSED_FN double m_and(double a, double b)
{
    return a != 0 && b != 0;
}
UNUSED_FN double m_or(double a, double b)
{
    return a != 0 || b != 0;
}
UNUSED_FN double m_xor(double a, double b)
{
    return (a != 0) != (b != 0);
}
UNUSED_FN double m_if(double c, double a, double b)
{
    return c != 0 ? a : b;
}
UNUSED_FN double m_min(double a, double b)
{
    return isnan(a) || isnan(b) ? NAN : a < b ? a : b;
}
UNUSED_FN double m_max(double a, double b)
{
    return isnan(a) || isnan(b) ? NAN : a > b ? a : b;
}
UNUSED_FN double m_log(double base, double x)
{
    return base == 10 ? log10(x) : base == 2 ? log2(x) : log(x) / log(base);
}
UNUSED_FN double m_rem(double a, double b)
{
    return fmod(a, b);
}
UNUSED_FN double m_quotient(double a, double b)
{
    return trunc(a / b);
}
UNUSED_FN double m_factorial(double a)
{
    return floor(a) == a && a >= 0 ? floor(tgamma(a + 1) + 0.5) : NAN;
}
UNUSED_FN double m_asec(double a)
{
    return acos(1 / a);
}
UNUSED_FN double m_acsc(double a)
{
    return asin(1 / a);
}
UNUSED_FN double m_acot(double a)
{
    return atan(1 / a);
}
UNUSED_FN double m_asech(double a)
{
    return acosh(1 / a);
}
UNUSED_FN double m_acsch(double a)
{
    return asinh(1 / a);
}
UNUSED_FN double m_acoth(double a)
{
    return atanh(1 / a);
}

#include "model.h"
/* Which gives, beside the program: GUID; N_VARIABLE; variable[] = { kind, index }; OUT_TIME where time is seen. */

enum { QUEUE_MAX = 256, AT_ONE_TIME_MAX = 10000, STEPS_MAX = 1000000 };
#define AT_LEAST_1(n) ((n) > 0 ? (n) : 1)

typedef struct {
    double time;
    unsigned event;
    int has_values;
    double value[AT_LEAST_1(ASSIGN_MAX)];
} pending;

/* All that changes: copied whole for a state of the FMU. */
typedef struct {
    double r[N_REG];
    double base[AT_LEAST_1(2 * N_SYMBOL)];
    double t, h, end;
    int truth[AT_LEAST_1(N_ATOM)];
    int trigger[AT_LEAST_1(N_EVENT)];
    pending queue[QUEUE_MAX];
    unsigned n_queue;
    int started;
} state;

typedef struct {
    state s;
    fmi2CallbackFunctions call;
    char name[128];
} instance;

/* ---------------------------------------------------------------- the program */

/* The model's values, and those that this unit was made with. */
static void base_values(state *s)
{
    memcpy(s->base, base_value, 2 * N_SYMBOL * sizeof(double));
    for (unsigned i = 0; i < N_OWN; i++) {
        s->base[own[i].symbol] = own[i].value;
        s->base[N_SYMBOL + own[i].symbol] = 0;
    }
}

static void hold(state *s)
{
    f_hoist(s->r);
}

static void derivatives(state *s, double t, const double *y, double *dy)
{
    for (unsigned i = 0; i < N_STATE; i++)
        s->r[i] = y[i];
    s->r[TIME_REG] = t;
    f_rate(s->r);
    for (unsigned i = 0; i < N_STATE; i++)
        dy[i] = s->r[o_rate[i]];
}

static void put_state(state *s, double t, const double *y)
{
    for (unsigned i = 0; i < N_STATE; i++)
        s->r[i] = y[i];
    s->r[TIME_REG] = t;
}

static void begin(state *s, double t)
{
    double x[AT_LEAST_1(N_X)];
    memset(s->r, 0, sizeof s->r);
    constants(s->r);
    for (unsigned i = 0; i < 2 * N_SYMBOL; i++)
        s->r[BASE + i] = s->base[i];
    s->r[TIME_REG] = s->t = t;
    f_init(s->r);
    for (unsigned i = 0; i < N_X; i++)
        x[i] = s->r[o_init[i]];
    for (unsigned i = 0; i < N_X; i++)
        s->r[i] = x[i];
    for (unsigned e = 0; e < N_EVENT; e++)
        s->trigger[e] = event[e].trigger_initial;
    s->n_queue = 0;
    s->h = 0;
    hold(s);
}

/* ---------------------------------------------------------------- events */

static void drop(state *s, unsigned i)
{
    memmove(&s->queue[i], &s->queue[i + 1], (s->n_queue - i - 1) * sizeof *s->queue);
    s->n_queue--;
}

static int fire(state *s, unsigned e)
{
    pending *p = &s->queue[s->n_queue];
    double delay = 0;
    if (s->n_queue == QUEUE_MAX)
        return 0;
    event[e].body(s->r);
    if (event[e].delay != NONE)
        delay = s->r[event[e].delay];
    if (!(delay >= 0))
        return 0;
    p->time = s->t + delay;
    p->event = e;
    p->has_values = event[e].from_trigger_time;
    for (unsigned i = 0; i < event[e].n; i++)
        p->value[i] = s->r[event[e].value[i]];
    s->n_queue++;
    return 1;
}

static int look_at_triggers(state *s)
{
    hold(s);
    f_trigger(s->r);
    int now[AT_LEAST_1(N_EVENT)];
    for (unsigned e = 0; e < N_EVENT; e++)
        now[e] = s->r[o_trigger[e]] != 0;
    for (unsigned e = 0; e < N_EVENT; e++) {
        if (now[e] && !s->trigger[e] && !fire(s, e))
            return 0;
        for (unsigned i = s->n_queue; !now[e] && s->trigger[e] && !event[e].persistent && i-- > 0;)
            if (s->queue[i].event == e)
                drop(s, i);
        s->trigger[e] = now[e];
    }
    return 1;
}

static unsigned next_due(state *s)
{
    unsigned best = NONE;
    double most = 0;
    for (unsigned i = 0; i < s->n_queue; i++) {
        const event_code *v = &event[s->queue[i].event];
        double priority = -INFINITY;
        if (s->queue[i].time > s->t)
            continue;
        if (v->priority != NONE) {
            v->body(s->r);
            priority = s->r[v->priority];
        }
        if (best == NONE || priority > most) {
            best = i;
            most = priority;
        }
    }
    return best;
}

/* Sizes are those of before the event. */
static void execute(state *s, unsigned at)
{
    pending p = s->queue[at];
    const event_code *v = &event[p.event];
    drop(s, at);
    if (!p.has_values)
        v->body(s->r);
    v->size(s->r);
    for (unsigned i = 0; i < v->n; i++)
        p.value[i] = (p.has_values ? p.value[i] : s->r[v->value[i]]) * s->r[v->size_value[i]];
    for (unsigned i = 0; i < v->n; i++)
        s->r[v->slot[i]] = p.value[i];
    hold(s);
}

static int events(state *s)
{
    for (unsigned n = 0; n < AT_ONE_TIME_MAX; n++) {
        if (!look_at_triggers(s))
            return 0;
        unsigned at = next_due(s);
        if (at == NONE)
            return 1;
        execute(s, at);
    }
    return 0;
}

static void look(state *s)
{
    f_atoms(s->r);
    for (unsigned i = 0; i < N_ATOM; i++)
        s->truth[i] = s->r[o_atoms[i]] != 0;
}

static int differs(state *s, double t, const double *y)
{
    put_state(s, t, y);
    f_atoms(s->r);
    for (unsigned i = 0; i < N_ATOM; i++)
        if ((s->r[o_atoms[i]] != 0) != (s->truth[i] != 0))
            return 1;
    return 0;
}

static double next_stop(const state *s, double end)
{
    for (unsigned i = 0; i < N_CLOCK; i++) {
        double slope = s->r[clock_slope[i]], at = -s->r[clock_base[i]] / slope;
        int late = clock_late[i] == 0 || (clock_late[i] < 0 ? slope > 0 : slope < 0);
        if (at > s->t && at < end)
            end = at;
        else if (at == s->t && late)
            end = fmin(end, nextafter(s->t, INFINITY));
    }
    for (unsigned i = 0; i < s->n_queue; i++)
        end = fmin(end, s->queue[i].time);
    return end;
}

/* ---------------------------------------------------------------- Tsit5: Tsitouras, Comput Math Appl 62 (2011) 770 */

typedef struct {
    double k[7][AT_LEAST_1(N_STATE)];
    double y[AT_LEAST_1(N_STATE)], new_y[AT_LEAST_1(N_STATE)], work[AT_LEAST_1(N_STATE)];
} stages;

static const double tsit_c[] = { 0, 0.161, 0.327, 0.9, 0.9800255409045097, 1, 1 };
static const double tsit_a[7][6] = {
    { 0 },
    { 0.161 },
    { -0.008480655492356989, 0.335480655492357 },
    { 2.8971530571054935, -6.359448489975075, 4.3622954328695815 },
    { 5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525 },
    { 5.86145544294642, -12.92096931784711, 8.159367898576159, -0.071584973281401, -0.028269050394068383 },
    { 0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081, 2.324710524099774 }
};
static const double tsit_e[] = { -0.00178001105222577714, -0.0008164344596567469, 0.007880878010261995,
                                 -0.1447110071732629,     0.5823571654525552,     -0.45808210592918697,
                                 0.015151515151515152 };

/* new_y from y over h; the size of the error, 1 = as large as allowed. */
static double step(state *s, stages *g, double h)
{
    double worst = 0;
    derivatives(s, s->t, g->y, g->k[0]);
    for (unsigned j = 1; j < 7; j++) {
        for (unsigned i = 0; i < N_STATE; i++) {
            double sum = 0;
            for (unsigned m = 0; m < j; m++)
                sum += tsit_a[j][m] * g->k[m][i];
            g->work[i] = g->y[i] + h * sum;
        }
        derivatives(s, s->t + tsit_c[j] * h, g->work, g->k[j]);
    }
    for (unsigned i = 0; i < N_STATE; i++) {
        double e = 0;
        g->new_y[i] = g->work[i];
        for (unsigned m = 0; m < 7; m++)
            e += tsit_e[m] * g->k[m][i];
        e = fabs(h * e) / (1e-9 + 1e-6 * fmax(fabs(g->y[i]), fabs(g->new_y[i])));
        worst = isnan(e) ? INFINITY : fmax(worst, e);
    }
    return worst;
}

/* Cubic between both ends of the last step. */
static void between(const stages *g, double h, double share, double *y)
{
    double u = 1 - share;
    for (unsigned i = 0; i < N_STATE; i++)
        y[i] = u * g->y[i] + share * g->new_y[i] +
               share * (share - 1) *
                   ((1 - 2 * share) * (g->new_y[i] - g->y[i]) + (share - 1) * h * g->k[0][i] + share * h * g->k[6][i]);
}

/* Share of the last step after which a relation has changed; 2: none does. */
static double crossing(state *s, stages *g, double h)
{
    double low = 0, high = 1;
    unsigned found = 0;
    for (unsigned k = 1; k <= 4 && !found; k++) {
        low = high == 1 ? 0 : high;
        high = k / 4.0;
        between(g, h, high, g->work);
        found = differs(s, s->t + high * h, g->work) != 0;
    }
    if (!found)
        return 2;
    for (unsigned n = 0; n < 60; n++) {
        double mid = low + (high - low) / 2;
        between(g, h, mid, g->work);
        if (differs(s, s->t + mid * h, g->work))
            high = mid;
        else
            low = mid;
    }
    return high;
}

static int advance(state *s, double end)
{
    stages g;
    for (unsigned n = 0; n < STEPS_MAX; n++) {
        if (!events(s))
            return 0;
        if (s->t >= end)
            return 1;
        look(s);
        double stop = next_stop(s, end), h = s->h > 0 ? s->h : 1e-3 * (stop - s->t), error, share = 2;
        for (unsigned i = 0; i < N_STATE; i++)
            g.y[i] = s->r[i];
        for (;;) {
            int whole = h >= stop - s->t;
            double now = whole ? stop - s->t : h;
            error = N_STATE ? step(s, &g, now) : 0;
            if (error <= 1) {
                if (!whole || s->h == 0)
                    s->h = now;
                h = now;
                break;
            }
            h = now * fmax(0.2, 0.9 * pow(error, -0.2));
            if (!(h > 16 * 2.2204460492503131e-16 * fabs(s->t)) && !(h > 2.2250738585072014e-308))
                return 0;
            s->h = h;
        }
        if (N_ATOM)
            share = crossing(s, &g, h);
        if (share <= 1) {
            double to = s->t + share * h;
            if (N_STATE)
                (void)step(s, &g, to - s->t);
            put_state(s, to, g.new_y);
            s->t = to;
        } else {
            s->t = h >= stop - s->t ? stop : s->t + h;
            put_state(s, s->t, g.new_y);
            s->h = fmax(s->h, h) * fmin(5, fmax(1, 0.9 * pow(error + 1e-10, -0.2)));
        }
    }
    return 0;
}

/* ---------------------------------------------------------------- FMI: an instance */

static fmi2Status complain(instance *x, const char *why)
{
    if (x->call.logger)
        x->call.logger(x->call.componentEnvironment, x->name, fmi2Error, "logStatusError", "%s", why);
    return fmi2Error;
}

EXPORT const char *fmi2GetTypesPlatform(void)
{
    return "default";
}

EXPORT const char *fmi2GetVersion(void)
{
    return "2.0";
}

EXPORT fmi2Status fmi2SetDebugLogging(fmi2Component c, fmi2Boolean on, size_t n, const fmi2String category[])
{
    (void)c, (void)on, (void)n, (void)category;
    return fmi2OK;
}

EXPORT fmi2Component fmi2Instantiate(fmi2String name, fmi2Type type, fmi2String guid, fmi2String resources,
                                     const fmi2CallbackFunctions *call, fmi2Boolean visible, fmi2Boolean logging)
{
    (void)resources, (void)visible, (void)logging;
    if (type != fmi2CoSimulation || strcmp(guid, GUID) != 0 || !call || !call->allocateMemory || !call->freeMemory)
        return NULL;
    instance *x = call->allocateMemory(1, sizeof *x);
    if (!x)
        return NULL;
    memset(x, 0, sizeof *x);
    x->call = *call;
    strncpy(x->name, name ? name : "", sizeof x->name - 1);
    base_values(&x->s);
    begin(&x->s, 0);
    return x;
}

EXPORT void fmi2FreeInstance(fmi2Component c)
{
    instance *x = c;
    if (!x)
        return;
    void (*release)(void *) = x->call.freeMemory;
    memset(x, 0, sizeof *x);
    release(x);
}

EXPORT fmi2Status fmi2SetupExperiment(fmi2Component c, fmi2Boolean tolerance_defined, fmi2Real tolerance,
                                      fmi2Real start, fmi2Boolean stop_defined, fmi2Real stop)
{
    (void)tolerance_defined, (void)tolerance, (void)stop_defined, (void)stop;
    begin(&((instance *)c)->s, start);
    return fmi2OK;
}

EXPORT fmi2Status fmi2EnterInitializationMode(fmi2Component c)
{
    instance *x = c;
    begin(&x->s, x->s.t);
    return fmi2OK;
}

EXPORT fmi2Status fmi2ExitInitializationMode(fmi2Component c)
{
    instance *x = c;
    x->s.started = 1;
    return events(&x->s) ? fmi2OK : complain(x, "events at the start do not come to an end");
}

EXPORT fmi2Status fmi2Terminate(fmi2Component c)
{
    (void)c;
    return fmi2OK;
}

EXPORT fmi2Status fmi2Reset(fmi2Component c)
{
    instance *x = c;
    memset(&x->s, 0, sizeof x->s);
    base_values(&x->s);
    begin(&x->s, 0);
    return fmi2OK;
}

EXPORT fmi2Status fmi2DoStep(fmi2Component c, fmi2Real at, fmi2Real length, fmi2Boolean no_set_state)
{
    instance *x = c;
    (void)no_set_state;
    if (!(length >= 0) || fabs(at - x->s.t) > 1e-9 * fmax(1, fabs(at)))
        return complain(x, "a communication step begins where the last one ended");
    return advance(&x->s, at + length) ? fmi2OK : complain(x, "the model cannot be integrated over this step");
}

/* ---------------------------------------------------------------- FMI: values */

static double read_value(state *s, unsigned i)
{
    switch (variable[i].kind) {
    case V_TIME:
        return s->t;
    case V_PARAMETER:
        return s->base[variable[i].index];
    default:
        return s->r[o_out[variable[i].index]];
    }
}

EXPORT fmi2Status fmi2GetReal(fmi2Component c, const fmi2ValueReference vr[], size_t n, fmi2Real value[])
{
    instance *x = c;
    f_out(x->s.r);
    for (size_t i = 0; i < n; i++) {
        if (vr[i] >= N_VARIABLE)
            return complain(x, "a value reference that the model has not");
        value[i] = read_value(&x->s, vr[i]);
    }
    return fmi2OK;
}

/* Before the start a value takes the place of the model's own; after it what is held changes at once. */
static int write_value(state *s, unsigned i, double value)
{
    unsigned symbol = variable[i].symbol;
    if (symbol == NONE)
        return 0;
    if (!s->started) {
        s->base[symbol] = value;
        s->base[N_SYMBOL + symbol] = 0; /* as formulas mean it */
        begin(s, s->t);
        return 1;
    }
    if (variable[i].kind != V_INPUT || slot_of[symbol] == NONE)
        return 0;
    f_volumes(s->r);
    s->r[slot_of[symbol]] = volume_of[symbol] == NONE ? value : value * s->r[o_volumes[volume_of[symbol]]];
    hold(s);
    return 1;
}

EXPORT fmi2Status fmi2SetReal(fmi2Component c, const fmi2ValueReference vr[], size_t n, const fmi2Real value[])
{
    instance *x = c;
    for (size_t i = 0; i < n; i++)
        if (vr[i] >= N_VARIABLE || !write_value(&x->s, vr[i], value[i]))
            return complain(x, "a value that cannot be set, or not now");
    return fmi2OK;
}

#define OTHER_TYPE(name, type)                                                                                         \
    EXPORT fmi2Status fmi2Get##name(fmi2Component c, const fmi2ValueReference vr[], size_t n, type value[])            \
    {                                                                                                                  \
        (void)vr, (void)value;                                                                                         \
        return n ? complain(c, "all variables are real") : fmi2OK;                                                     \
    }                                                                                                                  \
    EXPORT fmi2Status fmi2Set##name(fmi2Component c, const fmi2ValueReference vr[], size_t n, const type value[])      \
    {                                                                                                                  \
        (void)vr, (void)value;                                                                                         \
        return n ? complain(c, "all variables are real") : fmi2OK;                                                     \
    }
OTHER_TYPE(Integer, fmi2Integer)
OTHER_TYPE(Boolean, fmi2Boolean)
OTHER_TYPE(String, fmi2String)

/* ---------------------------------------------------------------- FMI: states */

EXPORT fmi2Status fmi2GetFMUstate(fmi2Component c, fmi2FMUstate *out)
{
    instance *x = c;
    if (!*out)
        *out = x->call.allocateMemory(1, sizeof(state));
    if (!*out)
        return complain(x, "no memory for a state");
    memcpy(*out, &x->s, sizeof(state));
    return fmi2OK;
}

EXPORT fmi2Status fmi2SetFMUstate(fmi2Component c, fmi2FMUstate from)
{
    memcpy(&((instance *)c)->s, from, sizeof(state));
    return fmi2OK;
}

EXPORT fmi2Status fmi2FreeFMUstate(fmi2Component c, fmi2FMUstate *s)
{
    instance *x = c;
    if (*s)
        x->call.freeMemory(*s);
    *s = NULL;
    return fmi2OK;
}

EXPORT fmi2Status fmi2SerializedFMUstateSize(fmi2Component c, fmi2FMUstate s, size_t *n)
{
    (void)c, (void)s;
    *n = sizeof(state);
    return fmi2OK;
}

EXPORT fmi2Status fmi2SerializeFMUstate(fmi2Component c, fmi2FMUstate s, fmi2Byte out[], size_t n)
{
    if (n < sizeof(state))
        return complain(c, "no room for a state");
    memcpy(out, s, sizeof(state));
    return fmi2OK;
}

EXPORT fmi2Status fmi2DeSerializeFMUstate(fmi2Component c, const fmi2Byte in[], size_t n, fmi2FMUstate *s)
{
    instance *x = c;
    if (n != sizeof(state))
        return complain(x, "not a state of this model");
    if (!*s)
        *s = x->call.allocateMemory(1, sizeof(state));
    if (!*s)
        return complain(x, "no memory for a state");
    memcpy(*s, in, sizeof(state));
    if (((state *)*s)->n_queue <= QUEUE_MAX)
        return fmi2OK;
    x->call.freeMemory(*s);
    *s = NULL;
    return complain(x, "not a state of this model");
}

/* ---------------------------------------------------------------- FMI: what this FMU does not do */

EXPORT fmi2Status fmi2GetDirectionalDerivative(fmi2Component c, const fmi2ValueReference u[], size_t nu,
                                               const fmi2ValueReference k[], size_t nk, const fmi2Real dk[],
                                               fmi2Real du[])
{
    (void)u, (void)nu, (void)k, (void)nk, (void)dk, (void)du;
    return complain(c, "directional derivatives are not provided");
}

EXPORT fmi2Status fmi2SetRealInputDerivatives(fmi2Component c, const fmi2ValueReference vr[], size_t n,
                                              const fmi2Integer order[], const fmi2Real value[])
{
    (void)vr, (void)n, (void)order, (void)value;
    return complain(c, "inputs are not interpolated");
}

EXPORT fmi2Status fmi2GetRealOutputDerivatives(fmi2Component c, const fmi2ValueReference vr[], size_t n,
                                               const fmi2Integer order[], fmi2Real value[])
{
    (void)vr, (void)n, (void)order, (void)value;
    return complain(c, "derivatives of outputs are not provided");
}

EXPORT fmi2Status fmi2CancelStep(fmi2Component c)
{
    return complain(c, "steps are not asynchronous");
}

EXPORT fmi2Status fmi2GetStatus(fmi2Component c, fmi2StatusKind kind, fmi2Status *value)
{
    (void)c, (void)kind, (void)value;
    return fmi2Discard;
}

EXPORT fmi2Status fmi2GetRealStatus(fmi2Component c, fmi2StatusKind kind, fmi2Real *value)
{
    if (kind != fmi2LastSuccessfulTime)
        return fmi2Discard;
    *value = ((instance *)c)->s.t;
    return fmi2OK;
}

EXPORT fmi2Status fmi2GetIntegerStatus(fmi2Component c, fmi2StatusKind kind, fmi2Integer *value)
{
    (void)c, (void)kind, (void)value;
    return fmi2Discard;
}

EXPORT fmi2Status fmi2GetBooleanStatus(fmi2Component c, fmi2StatusKind kind, fmi2Boolean *value)
{
    if (kind != fmi2Terminated)
        return fmi2Discard;
    (void)c;
    *value = 0;
    return fmi2OK;
}

EXPORT fmi2Status fmi2GetStringStatus(fmi2Component c, fmi2StatusKind kind, fmi2String *value)
{
    (void)c, (void)kind, (void)value;
    return fmi2Discard;
}
