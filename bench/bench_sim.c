/* Simulations per second of one core: Bergman's minimal model (181 points), a logistic tumour with 30 fractions as
 * events (101 points), two-compartment kinetics with 6 oral doses as events (169 points); parameters vary by 20 %.
 * Tolerances 1e-6 and 1e-9.
 * Usage: bench_sim BERGMAN.xml [FOLDER] [COUNT]: models that the program writes itself go to FOLDER for the peer,
 * bench/peers/python/libroadrunner.py FOLDER. */
#include <math.h>

#include "input.h"
#include "sim/sim.h"
#include "stat/stat.h"

#define MATHML "<math xmlns=\"http://www.w3.org/1998/Math/MathML\">"
#define TIME_ "<csymbol encoding=\"text\" definitionURL=\"http://www.sbml.org/sbml/symbols/time\">t</csymbol>"

enum { SETS_MAX = 8, POINTS_MAX = 181 };

typedef struct {
    const char *name;
    const char *set[SETS_MAX];
    const char *out[4];
    double end;
    size_t points;
} job;

static const job jobs[] = {
    { "bergman", { "p1", "p2", "p3", "n", "gamma", "G0", "I0" }, { "G", "X", "I" }, 180, 181 },
    { "tumour", { "lambda", "K", "alpha", "V" }, { "V" }, 100, 101 },
    { "pk", { "ka", "CL", "V1", "Q", "V2" }, { "A", "C", "P" }, 168, 169 },
};

static tw_ctx cx;

static void head(tw_buf *b, const char *id)
{
    tw_buf_fmt(b,
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
               "<sbml xmlns=\"http://www.sbml.org/sbml/level3/version2/core\""
               " level=\"3\" version=\"2\"><model id=\"%s\"><listOfParameters>",
               id);
}

static void parameter(tw_buf *b, const char *id, double value, bool constant)
{
    tw_buf_fmt(b, "<parameter id=\"%s\" value=\"%g\" constant=\"%s\"/>", id, value, constant ? "true" : "false");
}

static void event(tw_buf *b, double time, const char *target, const char *value)
{
    tw_buf_fmt(b,
               "<event useValuesFromTriggerTime=\"true\"><trigger initialValue=\"false\" persistent=\"true\">" MATHML
               "<apply><geq/>" TIME_ "<cn>%g</cn></apply></math></trigger><listOfEventAssignments>"
               "<eventAssignment variable=\"%s\">" MATHML
               "%s</math></eventAssignment></listOfEventAssignments></event>",
               time, target, value);
}

static void tumour(tw_buf *b)
{
    head(b, "tumour");
    parameter(b, "V", 1, false);
    parameter(b, "K", 2, true);
    parameter(b, "lambda", 0.05, true);
    parameter(b, "alpha", 0.1, true);
    tw_buf_cstr(b, "</listOfParameters><listOfRules><rateRule variable=\"V\">" MATHML
                   "<apply><times/><ci>lambda</ci><ci>V</ci><apply><minus/><cn>1</cn><apply><divide/><ci>V</ci>"
                   "<ci>K</ci></apply></apply></apply></math></rateRule></listOfRules><listOfEvents>");
    for (unsigned i = 0; i < 30; i++)
        event(b, 7 + 7 * (i / 5) + i % 5, "V",
              "<apply><times/><ci>V</ci><apply><exp/><apply><times/><cn>-2.4</cn><ci>alpha</ci></apply></apply>"
              "</apply>");
    tw_buf_cstr(b, "</listOfEvents></model></sbml>\n");
}

static void kinetics(tw_buf *b)
{
    static const struct {
        const char *id, *math;
    } rule[] = {
        { "A", "<apply><minus/><apply><times/><ci>ka</ci><ci>A</ci></apply></apply>" },
        { "C", "<apply><plus/><apply><minus/><apply><times/><ci>ka</ci><ci>A</ci></apply><apply><times/>"
               "<apply><divide/><apply><plus/><ci>CL</ci><ci>Q</ci></apply><ci>V1</ci></apply><ci>C</ci></apply>"
               "</apply><apply><times/><apply><divide/><ci>Q</ci><ci>V2</ci></apply><ci>P</ci></apply></apply>" },
        { "P", "<apply><minus/><apply><times/><apply><divide/><ci>Q</ci><ci>V1</ci></apply><ci>C</ci></apply>"
               "<apply><times/><apply><divide/><ci>Q</ci><ci>V2</ci></apply><ci>P</ci></apply></apply>" },
    };
    head(b, "pk");
    parameter(b, "A", 100, false);
    parameter(b, "C", 0, false);
    parameter(b, "P", 0, false);
    parameter(b, "ka", 1.2, true);
    parameter(b, "CL", 5, true);
    parameter(b, "V1", 30, true);
    parameter(b, "Q", 4, true);
    parameter(b, "V2", 60, true);
    tw_buf_cstr(b, "</listOfParameters><listOfRules>");
    for (size_t i = 0; i < TW_COUNT(rule); i++)
        tw_buf_fmt(b, "<rateRule variable=\"%s\">" MATHML "%s</math></rateRule>", rule[i].id, rule[i].math);
    tw_buf_cstr(b, "</listOfRules><listOfEvents>");
    for (unsigned i = 1; i <= 6; i++)
        event(b, 24 * i, "A", "<apply><plus/><ci>A</ci><cn>100</cn></apply>");
    tw_buf_cstr(b, "</listOfEvents></model></sbml>\n");
}

static void spill(const char *folder, const char *name, const tw_buf *b)
{
    FILE *f = folder ? fopen(tw_strf(cx.arena, "%s/%s.xml", folder, name).p, "wb") : NULL;
    if (!f)
        return;
    (void)fwrite(b->p, 1, b->n, f);
    fclose(f);
}

static void measure(const job *j, tw_str text, size_t n, unsigned width)
{
    const tw_sbml_model *m;
    const tw_sim_program *p;
    tw_sim_output out[4] = { 0 };
    uint32_t set[SETS_MAX], n_set = 0, n_out = 0;
    double time[POINTS_MAX], start = core_seconds();
    must(&cx, tw_sbml_read(&cx, &m, text, &(tw_sbml_limits){ 0 }));
    double read = core_seconds() - start;
    for (; n_out < 4 && j->out[n_out]; n_out++)
        out[n_out].symbol = tw_sbml_find(m, tw_str_of(j->out[n_out]));
    for (; n_set < SETS_MAX && j->set[n_set]; n_set++)
        set[n_set] = tw_sbml_find(m, tw_str_of(j->set[n_set]));
    start = core_seconds();
    must(&cx, tw_sim_compile(&cx, &p, m, &(tw_sim_opts){ .output = out, .n_output = n_out }));
    double compiled = core_seconds() - start;
    double *value = tw_try_array(cx.arena, double, n * n_set);
    double *got = tw_try_array(cx.arena, double, n * j->points * n_out);
    tw_sim_result *result = tw_try_array(cx.arena, tw_sim_result, n);
    tw_rng rng = tw_rng_of(1, 1);
    for (size_t i = 0; i < n * n_set; i++)
        value[i] = m->symbol[set[i % n_set]].value * exp(0.2 * tw_rng_normal(&rng));
    for (size_t i = 0; i < j->points; i++)
        time[i] = j->end * (double)i / (double)(j->points - 1);
    tw_sim_batch b = { .n = n, .set = set, .n_set = n_set, .set_value = value, .time = time, .n_time = j->points,
                       .out = got, .result = result };
    tw_sim_count count;
    start = core_seconds();
    must(&cx, tw_sim_run(&cx, &count, p, &b, &(tw_sim_run_opts){ .width = width }));
    double spent = core_seconds() - start;
    figure(tw_strf(cx.arena, "sim.%s.w%u", j->name, width).p, (double)n / spent, "simulations/s", n);
    figure(tw_strf(cx.arena, "sim.%s.steps", j->name).p, (double)count.steps / (double)n, "steps", n);
    if (width == 8) {
        figure(tw_strf(cx.arena, "sim.%s.read", j->name).p, read * 1e3, "ms", 1);
        figure(tw_strf(cx.arena, "sim.%s.compile", j->name).p, compiled * 1e3, "ms", 1);
    }
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench_sim BERGMAN.xml [FOLDER] [COUNT]\n");
        return 2;
    }
    tw_base_start();
    tw_ctx_init(&cx, 2048 * TW_MIB, NULL);
    tw_buf made[3];
    uint64_t n = 20000;
    if (argc > 3 && !tw_parse_u64(&n, tw_str_of(argv[3])))
        return 2;
    for (size_t i = 0; i < 3; i++)
        tw_buf_init(&made[i], TW_MIB);
    tw_buf_str(&made[0], read_file(cx.arena, argv[1]));
    tumour(&made[1]);
    kinetics(&made[2]);
    for (size_t i = 0; i < 3; i++) {
        spill(argc > 2 ? argv[2] : NULL, jobs[i].name, &made[i]);
        for (unsigned width = 1; width <= 8; width = width == 1 ? 4 : width * 2) {
            tw_mark mark = tw_arena_mark(cx.arena);
            measure(&jobs[i], tw_str_of_bytes(tw_buf_view(&made[i])), n, width);
            tw_arena_back(cx.arena, mark);
        }
    }
    for (size_t i = 0; i < 3; i++)
        tw_buf_done(&made[i]);
    tw_ctx_done(&cx);
    return 0;
}
