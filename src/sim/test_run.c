/* Runs: accuracy, the same bits at every width, events, states, steady states, stiff models, limits. */
#include "sim/sim.h"
#include "test_near.h"

static const tw_math *num(double v)
{
    tw_math *n = tw_new(cx->arena, tw_math);
    *n = (tw_math){ .op = TW_MATH_NUMBER, .number = v };
    return n;
}

static const tw_math *sym(uint32_t s)
{
    tw_math *n = tw_new(cx->arena, tw_math);
    *n = (tw_math){ .op = TW_MATH_SYMBOL, .symbol = s };
    return n;
}

static const tw_math *op(tw_math_op o, const tw_math *a, const tw_math *b)
{
    tw_math *n = tw_new(cx->arena, tw_math);
    *n = (tw_math){ .op = o, .arg = { a, b } };
    return n;
}

static const tw_math *now(void)
{
    tw_math *n = tw_new(cx->arena, tw_math);
    n->op = TW_MATH_TIME;
    return n;
}

enum { SYMBOLS = 6 };
static tw_sbml_symbol symbols[SYMBOLS];
static tw_sbml_rule rules[SYMBOLS];
static tw_sbml_event events[4];
static tw_sbml_model model;

/* Symbols p0 .. p5, parameters that may change, with these values. */
static void parameters(const double value[SYMBOLS])
{
    static const char *const id[SYMBOLS] = { "p0", "p1", "p2", "p3", "p4", "p5" };
    for (uint32_t i = 0; i < SYMBOLS; i++)
        symbols[i] =
            (tw_sbml_symbol){ .kind = TW_SBML_PARAMETER, .id = id[i], .name = "", .unit = "", .value = value[i] };
    model = (tw_sbml_model){ .symbol = symbols, .n_symbol = SYMBOLS, .rule = rules, .event = events };
}

static void rate(uint32_t s, const tw_math *m)
{
    rules[model.n_rule++] = (tw_sbml_rule){ .kind = TW_SBML_RATE, .symbol = s, .math = m };
}

static tw_sbml_event *when(const tw_math *trigger, uint32_t target, const tw_math *value)
{
    tw_sbml_assignment *a = tw_new(cx->arena, tw_sbml_assignment);
    *a = (tw_sbml_assignment){ .symbol = target, .math = value };
    events[model.n_event] = (tw_sbml_event){ .id = "e",
                                             .trigger = trigger,
                                             .persistent = true,
                                             .values_from_trigger_time = true,
                                             .assignment = a,
                                             .n_assignment = 1 };
    return &events[model.n_event++];
}

static const tw_sim_program *program(uint32_t n_output)
{
    static const tw_sim_output out[SYMBOLS] = { { .symbol = 0 }, { .symbol = 1 }, { .symbol = 2 },
                                                { .symbol = 3 }, { .symbol = 4 }, { .symbol = 5 } };
    const tw_sim_program *p;
    assert_ok(tw_sim_compile(cx, &p, &model, &(tw_sim_opts){ .output = out, .n_output = n_output }));
    return p;
}

static tw_sim_result once(double *out, const tw_sim_program *p, const double *time, size_t n, const tw_sim_run_opts *o)
{
    tw_sim_result r;
    tw_sim_batch b = { .n = 1, .time = time, .n_time = n, .out = out, .result = &r };
    assert_ok(tw_sim_run(cx, NULL, p, &b, o));
    return r;
}

/* p0' = p1, p1' = -p0 */
static const tw_sim_program *oscillator(void)
{
    parameters((double[]){ 0, 1, 0, 0, 0, 0 });
    rate(0, sym(1));
    rate(1, op(TW_MATH_NEG, sym(0), NULL));
    return program(2);
}

TEST(tsit5__follows_a_sine_between_its_steps)
{
    enum { N = 101 };
    double time[N], out[N * 2];
    for (size_t i = 0; i < N; i++)
        time[i] = 0.2 * (double)i;
    const tw_sim_program *p = oscillator();
    assert_int_equal(once(out, p, time, N, &(tw_sim_run_opts){ .rtol = 1e-10, .atol = 1e-12 }), TW_SIM_DONE);
    for (size_t i = 0; i < N; i++)
        assert_near(out[2 * i], sin(time[i]), 2e-8);
}

TEST(rodas__follows_a_sine_between_its_steps)
{
    enum { N = 51 };
    double time[N], out[N * 2];
    for (size_t i = 0; i < N; i++)
        time[i] = 0.2 * (double)i;
    const tw_sim_program *p = oscillator();
    assert_int_equal(once(out, p, time, N, &(tw_sim_run_opts){ .rtol = 1e-9, .atol = 1e-11, .method = TW_SIM_STIFF }),
                     TW_SIM_DONE);
    for (size_t i = 0; i < N; i++)
        assert_near(out[2 * i], sin(time[i]), 1e-6);
}

/* Robertson's problem; values at t = 4e4 from Hairer and Wanner's and other stiff test sets. */
TEST(auto__turns_to_the_stiff_method_for_robertson)
{
    parameters((double[]){ 1, 0, 0, 0.04, 1e4, 3e7 });
    const tw_math *a = op(TW_MATH_MUL, sym(3), sym(0)), *b = op(TW_MATH_MUL, sym(4), op(TW_MATH_MUL, sym(1), sym(2)));
    const tw_math *c = op(TW_MATH_MUL, sym(5), op(TW_MATH_MUL, sym(1), sym(1)));
    rate(0, op(TW_MATH_SUB, b, a));
    rate(1, op(TW_MATH_SUB, op(TW_MATH_SUB, a, b), c));
    rate(2, c);
    const tw_sim_program *p = program(3);
    double time[] = { 0.4, 40, 4e4 }, out[9];
    tw_sim_result r;
    tw_sim_count n;
    tw_sim_batch batch = { .n = 1, .time = time, .n_time = 3, .out = out, .result = &r };
    assert_ok(tw_sim_run(cx, &n, p, &batch, &(tw_sim_run_opts){ .rtol = 1e-7, .atol = 1e-12 }));
    assert_int_equal(r, TW_SIM_DONE);
    assert_int_equal(n.stiff, 1);
    assert_true(n.steps < 5000);
    assert_near(out[0], 0.98517, 1e-5);
    assert_near(out[1], 3.3864e-5, 1e-9);
    assert_near(out[3], 0.71583, 1e-5);
    assert_near(out[6], 0.03887, 1e-3);
}

/* Growth with doses, an event that a state triggers, a delayed one. */
static const tw_sim_program *busy(void)
{
    parameters((double[]){ 1, 0.3, 0, 2, 0.5, 0 });
    const tw_math *loss = op(TW_MATH_MUL, num(0.01), op(TW_MATH_EXP, sym(2), NULL));
    rate(0, op(TW_MATH_MUL, sym(0), op(TW_MATH_SUB, sym(1), loss)));
    rate(2, op(TW_MATH_SUB, op(TW_MATH_SIN, now(), NULL), sym(2)));
    (void)when(op(TW_MATH_GE, sym(0), sym(3)), 0, op(TW_MATH_MUL, sym(0), sym(4)));
    (void)when(op(TW_MATH_GE, now(), num(3.3)), 2, op(TW_MATH_ADD, sym(2), num(1)));
    when(op(TW_MATH_GT, now(), num(1)), 5, op(TW_MATH_ADD, sym(0), num(1)))->delay = sym(4);
    return program(6);
}

TEST(lanes__give_the_same_bits_at_every_width_and_in_any_order)
{
    enum { N = 37, T = 41 };
    static const uint32_t set[] = { 1, 3, 4 };
    static double value[N * 3], back[N * 3], out[4][N * T * 6], time[T];
    const tw_sim_program *p = busy();
    for (size_t i = 0; i < T; i++)
        time[i] = 0.25 * (double)i;
    for (size_t i = 0; i < N * 3; i++)
        value[i] = 0.2 + (double)tw_test_below(1000) * 1e-3 + (i % 3 == 1 ? 1.5 : 0);
    for (size_t i = 0; i < N; i++)
        memcpy(&back[i * 3], &value[(N - 1 - i) * 3], 3 * sizeof(double));
    for (unsigned k = 0; k < 8; k++) {
        static const unsigned width[] = { 1, 4, 8, 8 };
        tw_sim_result r[N];
        tw_sim_batch b = { .n = N, .set = set, .n_set = 3, .set_value = k % 4 == 3 ? back : value, .time = time,
                           .n_time = T, .out = out[k % 4], .result = r };
        tw_sim_run_opts o = { .width = width[k % 4], .method = k < 4 ? TW_SIM_EXPLICIT : TW_SIM_STIFF };
        assert_ok(tw_sim_run(cx, NULL, p, &b, &o));
        for (size_t i = 0; i < N; i++)
            assert_int_equal(r[i], TW_SIM_DONE);
        if (k % 4 != 3)
            continue;
        assert_memory_equal(out[0], out[1], sizeof out[0]);
        assert_memory_equal(out[0], out[2], sizeof out[0]);
        for (size_t i = 0; i < N; i++)
            assert_memory_equal(&out[0][i * T * 6], &out[3][(N - 1 - i) * T * 6], T * 6 * sizeof(double));
        assert_memory_not_equal(&out[0][0], &out[0][T * 6], T * 6 * sizeof(double));
    }
}

/* V' = 0.1 V (1 - V) in closed form, halved by an event at 3. */
TEST(events__come_at_their_time)
{
    parameters((double[]){ 0.2, 0, 0, 0, 0, 0 });
    rate(0, op(TW_MATH_MUL, num(0.1), op(TW_MATH_MUL, sym(0), op(TW_MATH_SUB, num(1), sym(0)))));
    (void)when(op(TW_MATH_GE, now(), num(3)), 0, op(TW_MATH_DIV, sym(0), num(2)));
    double time[] = { 3, 5 }, out[2];
    tw_sim_run_opts o = { .rtol = 1e-10, .atol = 1e-13 };
    assert_int_equal(once(out, program(1), time, 2, &o), TW_SIM_DONE);
    double half = 1 / (1 + 4 * exp(-0.3)) / 2;
    assert_near(out[0], half, 1e-9);
    assert_near(out[1], 1 / (1 + (1 / half - 1) * exp(-0.2)), 1e-9);
}

TEST(events__in_a_loop_end_in_a_named_error)
{
    parameters((double[]){ 0, 0, 0, 0, 0, 0 });
    (void)when(op(TW_MATH_GE, sym(0), num(0)), 0, num(-1));
    (void)when(op(TW_MATH_LT, sym(0), num(0)), 0, num(1));
    double time[] = { 1 }, out[1];
    assert_int_equal(once(out, program(1), time, 1, NULL), TW_SIM_TOO_MANY_EVENTS);
    assert_true(isnan(out[0]));
}

TEST(run__names_a_singularity)
{
    parameters((double[]){ 1, 0, 0, 0, 0, 0 });
    rate(0, op(TW_MATH_MUL, sym(0), sym(0))); /* 1 / (1 - t) */
    double time[] = { 0.5, 2 }, out[2];
    tw_sim_result r = once(out, program(1), time, 2, &(tw_sim_run_opts){ .steps_max = 100000 });
    assert_true(r == TW_SIM_STEP_TOO_SMALL || r == TW_SIM_TOO_MANY_STEPS);
    assert_near(out[0], 2, 1e-4);
    assert_true(isnan(out[1]));
}

TEST(state__goes_on_where_it_was)
{
    parameters((double[]){ 1, 0.3, 0, 0, 0, 0 });
    rate(0, op(TW_MATH_NEG, op(TW_MATH_MUL, sym(1), sym(0)), NULL));
    (void)when(op(TW_MATH_GE, now(), num(1)), 0, op(TW_MATH_ADD, sym(0), num(1)));
    const tw_sim_program *p = program(1);
    double whole[1], part[1], at[64], t2 = 4, t1 = 2;
    tw_sim_run_opts o = { .rtol = 1e-10, .atol = 1e-13 };
    assert_true(tw_sim_state_size(p) <= TW_COUNT(at));
    assert_int_equal(once(whole, p, &t2, 1, &o), TW_SIM_DONE);
    tw_sim_result r;
    tw_sim_batch b = { .n = 1, .time = &t1, .n_time = 1, .out = part, .to = at, .result = &r };
    assert_ok(tw_sim_run(cx, NULL, p, &b, &o));
    assert_true(at[0] == 2);
    assert_true(at[tw_sim_state_index(p, 0)] == part[0]);
    b = (tw_sim_batch){ .n = 1, .time = &t2, .n_time = 1, .from = at, .out = part, .result = &r };
    assert_ok(tw_sim_run(cx, NULL, p, &b, &o));
    assert_near(part[0], whole[0], 1e-9);
}

TEST(actions__are_doses)
{
    parameters((double[]){ 0, 0.5, 0, 0, 0, 0 });
    rate(0, op(TW_MATH_NEG, op(TW_MATH_MUL, sym(1), sym(0)), NULL));
    static const tw_sim_action dose[] = { { .time = 0, .symbol = 0, .value = 10, .add = true },
                                          { .time = 2, .symbol = 0, .value = 10, .add = true } };
    double time[] = { 0, 2, 3 }, out[3];
    tw_sim_result r;
    tw_sim_batch b = { .n = 1, .time = time, .n_time = 3, .action = dose, .n_action = 2, .out = out, .result = &r };
    assert_ok(tw_sim_run(cx, NULL, program(1), &b, &(tw_sim_run_opts){ .rtol = 1e-10 }));
    assert_near(out[0], 10, 0);
    assert_near(out[1], 10 + 10 * exp(-1), 1e-7);
    assert_near(out[2], (10 + 10 * exp(-1)) * exp(-0.5), 1e-7);
}

TEST(steady_state__is_found_or_its_lack_named)
{
    parameters((double[]){ 0, 0.5, 0, 0, 0, 0 });
    rate(0, op(TW_MATH_SUB, num(1), op(TW_MATH_MUL, sym(1), sym(0))));
    double time[] = { (double)INFINITY }, out[1];
    assert_int_equal(once(out, program(1), time, 1, NULL), TW_SIM_DONE);
    assert_near(out[0], 2, 1e-6);
    parameters((double[]){ 0, 0.5, 0, 0, 0, 0 });
    rate(0, num(1));
    assert_int_equal(once(out, program(1), time, 1, &(tw_sim_run_opts){ .steps_max = 10000 }), TW_SIM_NOT_STEADY);
}

TEST(compile__refuses_what_contradicts_itself)
{
    const tw_sim_program *p;
    tw_sim_opts o = { 0 };
    parameters((double[]){ 0, 0, 0, 0, 0, 0 });
    rules[model.n_rule++] = (tw_sbml_rule){ .kind = TW_SBML_ASSIGNMENT, .symbol = 0, .math = sym(1) };
    rules[model.n_rule++] = (tw_sbml_rule){ .kind = TW_SBML_ASSIGNMENT, .symbol = 1, .math = sym(0) };
    rate(2, sym(0));
    assert_status(TW_EPARSE, tw_sim_compile(cx, &p, &model, &o));
    parameters((double[]){ 0, 0, 0, 0, 0, 0 });
    rate(0, num(1));
    (void)when(op(TW_MATH_EQ, op(TW_MATH_MUL, sym(0), sym(0)), num(2)), 1, num(1));
    assert_status(TW_EREFUSED, tw_sim_compile(cx, &p, &model, &o));
    parameters((double[]){ 0, 0, 0, 0, 0, 0 });
    rules[model.n_rule++] = (tw_sbml_rule){ .kind = TW_SBML_ALGEBRAIC, .symbol = TW_NO_SYMBOL, .math = num(1) };
    assert_status(TW_EREFUSED, tw_sim_compile(cx, &p, &model, &o));
}

TEST(batch__that_contradicts_itself_is_refused)
{
    const tw_sim_program *p = oscillator();
    double time[] = { 2, 1 }, out[4];
    tw_sim_result r;
    tw_sim_batch b = { .n = 1, .time = time, .n_time = 2, .out = out, .result = &r };
    assert_status(TW_EUSAGE, tw_sim_run(cx, NULL, p, &b, NULL));
    uint32_t set = 99;
    b = (tw_sim_batch){ .n = 1, .time = time, .n_time = 1, .set = &set, .n_set = 1, .set_value = out, .out = out,
                        .result = &r };
    assert_status(TW_EUSAGE, tw_sim_run(cx, NULL, p, &b, NULL));
}
