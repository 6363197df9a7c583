/* Particles of a tumour under radiotherapy: 10,000 draws of the card's parameters over 101 points, bands of them, and a
 * filter that takes in six weekly volumes. Usage: bench_estimate models/rt-psi/model.xml */
#include <math.h>

#include "estimate/estimate.h"
#include "input.h"

#define DRAWS 10000
#define POINTS 101

static tw_ctx cx;
static const tw_estimate_par par[] = { { "rate", true, 0.01, 1, 0.1, 0.3 },
                                       { "alpha", true, 0.01, 1, 0.12, 0.35 },
                                       { "PSI", false, 0.3, 0.98, 0.75, 0.1 },
                                       { "V0", true, 10, 1000, 100, 0.1 } };
static const tw_estimate_observable seen = { "V", TW_ESTIMATE_LOGNORMAL, 0.1 };

static void model(tw_estimate_model *m, const char *path)
{
    static uint32_t symbol[TW_COUNT(par)];
    const tw_sbml_model *sbml;
    must(&cx, tw_sbml_read(&cx, &sbml, read_file(cx.arena, path), NULL));
    for (size_t k = 0; k < TW_COUNT(par); k++)
        symbol[k] = tw_sbml_find(sbml, tw_str_of(par[k].name));
    tw_sim_output o = { .kind = TW_SIM_VALUE, .symbol = tw_sbml_find(sbml, tw_str_of("V")) };
    *m = (tw_estimate_model){ .par = par, .symbol = symbol, .dim = TW_COUNT(par) };
    m->observable = &seen;
    m->n_observable = 1;
    m->run = (tw_sim_run_opts){ .rtol = 1e-6, .atol = 1e-9 };
    must(&cx, tw_sim_compile(&cx, &m->program, sbml,
                             &(tw_sim_opts){ .output = &o, .n_output = 1, .input = symbol, .n_input = TW_COUNT(par) }));
}

static void filter(const tw_estimate_model *m)
{
    tw_estimate_filter *f;
    static const double volume[] = { 96, 71, 54, 40, 27, 17 };
    double begin = core_seconds();
    must(&cx, tw_estimate_filter_new(&cx, &f, m, &(tw_estimate_filter_opts){ .seed = 1 }));
    for (size_t i = 0; i < TW_COUNT(volume); i++) {
        tw_estimate_datum d = { .time = 7.0 * (double)i + 0.5, .value = volume[i] };
        must(&cx, tw_estimate_filter_take(&cx, NULL, f, &d, 1));
    }
    tw_estimate_filter_state s = tw_estimate_filter_now(f);
    figure("particle filter, 4,096 particles, 6 volumes", 1e3 * (core_seconds() - begin), "ms", s.resampled);
}

int main(int argc, char **argv)
{
    tw_estimate_model m;
    double time[POINTS], *u, *out, *band, best[2] = { HUGE_VAL, HUGE_VAL };
    cx = (tw_ctx){ .arena = tw_arena_new(2048 * TW_MIB) };
    if (argc != 2)
        return 2;
    model(&m, argv[1]);
    must(&cx, tw_stat_array(&cx, &u, DRAWS * TW_COUNT(par)));
    must(&cx, tw_stat_array(&cx, &out, DRAWS * POINTS));
    must(&cx, tw_stat_array(&cx, &band, POINTS * TW_ESTIMATE_BANDS));
    tw_estimate_prior_draws(u, par, TW_COUNT(par), DRAWS, 1);
    for (size_t i = 0; i < DRAWS * TW_COUNT(par); i++)
        u[i] = tw_estimate_natural(&par[i % TW_COUNT(par)], u[i]);
    for (size_t i = 0; i < POINTS; i++)
        time[i] = (double)i;
    for (int round = 0; round < 5; round++) {
        double begin = core_seconds();
        must(&cx, tw_estimate_simulate(&cx, out, &m, u, DRAWS, time, POINTS));
        best[0] = TW_MIN(best[0], core_seconds() - begin);
        begin = core_seconds();
        must(&cx, tw_estimate_forecast(&cx, band, &m, u, NULL, DRAWS, time, POINTS, true, 1));
        best[1] = TW_MIN(best[1], core_seconds() - begin);
    }
    figure("10,000 particles of tumour and 30 fractions, 101 points, least of 5", 1e3 * best[0], "ms", DRAWS);
    figure("the same with bands of what would be measured", 1e3 * best[1], "ms", DRAWS);
    filter(&m);
    tw_arena_free(cx.arena);
    return 0;
}
