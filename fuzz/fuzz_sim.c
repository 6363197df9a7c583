/* Any bytes as an SBML model that is compiled and run a little, at widths 1 and 4. Must hold: refused or
 * failed with a name, or the same bits at both widths; never longer than its limits. */
#include "support.h"

#include "sbml/sbml.h"
#include "sim/sim.h"

static void run(tw_ctx *cx, double *out, tw_sim_result *result, const tw_sim_program *p, unsigned width)
{
    static const double time[] = { 0.0, 0.5, 1.0 };
    tw_sim_batch b = { .n = 1, .time = time, .n_time = TW_COUNT(time), .out = out, .result = result };
    tw_sim_run_opts o = { .rtol = 1e-3, .width = width, .steps_max = 200, .events_max = 500, .history_max = TW_MIB };
    if (tw_sim_run(cx, NULL, p, &b, &o) != TW_OK)
        *result = TW_SIM_NO_MEMORY;
}

static void both(tw_ctx *cx, const tw_sim_program *p, size_t n)
{
    double *one = tw_try_array(cx->arena, double, 3 * n + 1);
    double *four = tw_try_array(cx->arena, double, 3 * n + 1);
    tw_sim_result a = TW_SIM_DONE;
    tw_sim_result b = TW_SIM_DONE;
    if (!one || !four)
        return;
    run(cx, one, &a, p, 1);
    run(cx, four, &b, p, 4);
    FUZZ_CHECK(a == b && (unsigned)a <= TW_SIM_NO_MEMORY);
    for (size_t i = 0; a == TW_SIM_DONE && i < 3 * n; i++)
        FUZZ_CHECK(memcmp(&one[i], &four[i], sizeof *one) == 0 || (one[i] != one[i] && four[i] != four[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    const tw_sbml_model *m;
    const tw_sim_program *p;
    tw_sbml_limits limits = { .bytes_max = 64 * TW_KIB, .nodes_max = 20000 };
    fuzz_begin(&cx, 256 * TW_MIB);
    if (tw_sbml_read(&cx, &m, (tw_str){ (const char *)data, size }, &limits) == TW_OK && m->n_symbol < 2000) {
        tw_sim_output *o = tw_try_array(cx.arena, tw_sim_output, m->n_symbol + 1);
        FUZZ_CHECK(o);
        for (uint32_t i = 0; i < m->n_symbol; i++)
            o[i] = (tw_sim_output){ .kind = TW_SIM_VALUE, .symbol = i };
        if (tw_sim_compile(&cx, &p, m, &(tw_sim_opts){ .output = o, .n_output = m->n_symbol, .nodes_max = 50000 }) ==
            TW_OK)
            both(&cx, p, m->n_symbol);
        else
            FUZZ_CHECK(cx.err.msg[0] != '\0');
    }
    tw_ctx_done(&cx);
    return 0;
}
