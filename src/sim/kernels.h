/* The vector part of the engine, included once per width. Every operation stays within its lane, so that a lane's bits
 * are the same at every width. Needs W and NAME(x). */

typedef double NAME(vec) __attribute__((vector_size(W * 8), aligned(8), may_alias));
typedef int64_t NAME(mask) __attribute__((vector_size(W * 8), aligned(8), may_alias));
#define VEC NAME(vec)
#define MASK NAME(mask)
#define V(r) (*(VEC *)(void *)(reg + (size_t)(r)*W))
#define ROW(a, i) (*(VEC *)(uintptr_t)((a) + (size_t)(i)*W))

static inline void NAME(each)(const instr *i, double *reg)
{
    double *to = reg + (size_t)i->dst * W;
    const double *a = reg + (size_t)i->a * W, *b = reg + (size_t)i->b * W;
    for (unsigned l = 0; l < W; l++)
        to[l] = tw_math_apply(i->op, a[l], b[l], 0);
}

#define EACH(op, expr)                                                                                                 \
    case TW_MATH_##op: {                                                                                               \
        double *to = reg + (size_t)i->dst * W;                                                                         \
        const double *a = reg + (size_t)i->a * W;                                                                      \
        const double *b = reg + (size_t)i->b * W;                                                                      \
        (void)b;                                                                                                       \
        for (unsigned l = 0; l < W; l++)                                                                               \
            to[l] = (expr);                                                                                            \
        break;                                                                                                         \
    }
#define ALL(op, expr)                                                                                                  \
    case TW_MATH_##op:                                                                                                 \
        V(i->dst) = (expr);                                                                                            \
        break;
/* A truth value: 1.0 where the comparison holds. */
#define TRUTH(op, expr)                                                                                                \
    case TW_MATH_##op:                                                                                                 \
        *(MASK *)(void *)(reg + (size_t)i->dst * W) = (MASK)(expr)&one;                                                \
        break;

static void NAME(vm)(const code *c, double *reg)
{
    const VEC one_v = (VEC){ 0 } + 1.0;
    MASK one;
    memcpy(&one, &one_v, sizeof one);
    for (const instr *i = c->i, *end = i + c->n; i < end; i++) {
        switch ((int)i->op) {
            ALL(NEG, -V(i->a))
            ALL(ADD, V(i->a) + V(i->b))
            ALL(SUB, V(i->a) - V(i->b))
            ALL(MUL, V(i->a) * V(i->b))
            ALL(DIV, V(i->a) / V(i->b))
            EACH(ABS, fabs(a[l]))
            EACH(SQRT, sqrt(a[l]))
            EACH(EXP, exp(a[l]))
            EACH(LN, log(a[l]))
            EACH(POW, pow(a[l], b[l]))
            TRUTH(EQ, V(i->a) == V(i->b))
            TRUTH(NE, V(i->a) != V(i->b))
            TRUTH(LT, V(i->a) < V(i->b))
            TRUTH(LE, V(i->a) <= V(i->b))
            TRUTH(GT, V(i->a) > V(i->b))
            TRUTH(GE, V(i->a) >= V(i->b))
        case TW_MATH_IF: {
            MASK m = (MASK)(V(i->a) != (VEC){ 0 });
            MASK yes = *(MASK *)(void *)(reg + (size_t)i->b * W), no = *(MASK *)(void *)(reg + (size_t)i->c * W);
            *(MASK *)(void *)(reg + (size_t)i->dst * W) = (yes & m) | (no & ~m);
            break;
        }
        default:
            NAME(each)(i, reg);
            break;
        }
    }
}

static void NAME(rates)(lanes *s, double *dy, const double *y, const double *t)
{
    const tw_sim_program *p = s->p;
    double *reg = s->reg;
    if (p->n_alg || p->n_delay) {
        tw_sim_rates(s, &NAME(tw_sim_kernels), dy, y, t);
        return;
    }
    for (uint32_t i = 0; i < p->n_state; i++)
        V(i) = ROW(y, i);
    V(p->time_reg) = *(const VEC *)(const void *)t;
    NAME(vm)(&p->rate, reg);
    s->count.evaluations++;
    for (uint32_t i = 0; i < p->n_state; i++)
        ROW(dy, i) = V(p->rate.out[i]);
}

/* Tsitouras 5(4): stages, the solution of order 5, the scaled norm of the error estimate. */
static inline __attribute__((always_inline)) void NAME(stage)(lanes *s, unsigned stage, double *to, const double *a)
{
    VEC h = *(VEC *)(void *)s->step;
    uint32_t n = s->p->n_state;
    for (uint32_t i = 0; i < n; i++) {
        VEC sum = ROW(s->k[0], i) * a[0];
        for (unsigned j = 1; j < stage; j++)
            sum += ROW(s->k[j], i) * a[j];
        ROW(to, i) = ROW(s->y, i) + h * sum;
    }
}

static void NAME(tsit5)(lanes *s)
{
    uint32_t n = s->p->n_state;
    VEC t0 = *(VEC *)(void *)s->t, t1 = *(VEC *)(void *)s->t_new, t;
    VEC h = *(VEC *)(void *)s->step, norm = { 0 }, far = { 0 }, near = { 0 };
    for (unsigned j = 1; j < 7; j++) {
        double *to = j == 5 ? s->u[0] : s->y_new;
        switch (j) { /* the number of stages is a constant to the compiler */
        case 1:
            NAME(stage)(s, 1, to, tsit5_a[0]);
            break;
        case 2:
            NAME(stage)(s, 2, to, tsit5_a[1]);
            break;
        case 3:
            NAME(stage)(s, 3, to, tsit5_a[2]);
            break;
        case 4:
            NAME(stage)(s, 4, to, tsit5_a[3]);
            break;
        case 5:
            NAME(stage)(s, 5, to, tsit5_a[4]);
            break;
        default:
            NAME(stage)(s, 6, to, tsit5_a[5]);
            break;
        }
        t = t0 + tsit5_c[j - 1] * h;
        if (tsit5_c[j - 1] == 1)
            t = t1;
        NAME(rates)(s, s->k[j], to, (const double *)(const void *)&t);
    }
    for (uint32_t i = 0; i < n; i++) {
        VEC e = ROW(s->k[0], i) * tsit5_e[0];
        for (unsigned j = 1; j < 7; j++)
            e += ROW(s->k[j], i) * tsit5_e[j];
        VEC a = ROW(s->y, i), b = ROW(s->y_new, i), d = ROW(s->k[6], i) - ROW(s->k[5], i), g = b - ROW(s->u[0], i);
        MASK am = (MASK)a & INT64_MAX, bm = (MASK)b & INT64_MAX, m = (MASK)((VEC)am > (VEC)bm);
        e = h * e / (s->o.atol + s->o.rtol * (VEC)((am & m) | (bm & ~m)));
        norm += e * e;
        far += d * d;
        near += g * g;
    }
    norm /= (double)TW_MAX(n, 1);
    far /= near;
    for (unsigned l = 0; l < W; l++) {
        s->norm[l] = sqrt(norm[l]);
        s->stiffness[l] = sqrt(far[l]);
    }
    MASK some = (MASK)(near > 0), q;
    VEC stiffness = h * *(VEC *)(void *)s->stiffness;
    memcpy(&q, &stiffness, sizeof q);
    *(MASK *)(void *)s->stiffness = q & some;
}

/* The interpolant as a polynomial in (t - t0) / h. */
static void NAME(poly)(lanes *s)
{
    VEC h = *(VEC *)(void *)s->step;
    for (uint32_t i = 0; i < s->p->n_state; i++) {
        ROW(s->poly[0], i) = ROW(s->y, i);
        ROW(s->poly[1], i) = h * ROW(s->k[0], i);
        for (unsigned d = 2; d < 5; d++) {
            VEC sum = ROW(s->k[0], i) * tsit5_d[0][d - 2];
            for (unsigned j = 2; j < 7; j++)
                sum += ROW(s->k[j], i) * tsit5_d[j][d - 2];
            /* the second stage, which has a weight of its own */
            sum += ROW(s->k[1], i) * tsit5_d[1][d - 2];
            ROW(s->poly[d], i) = h * sum;
        }
    }
}

static void NAME(at)(lanes *s, double *y, const double *t)
{
    VEC x = (*(const VEC *)(const void *)t - *(VEC *)(void *)s->t) / *(VEC *)(void *)s->step;
    for (uint32_t i = 0; i < s->p->n_state; i++) {
        VEC v = ROW(s->poly[4], i);
        for (unsigned d = 4; d-- > 0;)
            v = v * x + ROW(s->poly[d], i);
        ROW(y, i) = v;
    }
}

/* Where taken, the step becomes the state. */
static void NAME(commit)(lanes *s, const bool *take)
{
    MASK m;
    for (unsigned l = 0; l < W; l++)
        m[l] = take[l] ? -1 : 0;
    for (uint32_t i = 0; i < s->p->n_state; i++) {
        MASK *y = (MASK *)(void *)(s->y + (size_t)i * W), *k = (MASK *)(void *)(s->k[0] + (size_t)i * W);
        MASK y_new = *(MASK *)(void *)(s->y_new + (size_t)i * W), k_new = *(MASK *)(void *)(s->k[6] + (size_t)i * W);
        *y = (y_new & m) | (*y & ~m);
        *k = (k_new & m) | (*k & ~m);
    }
}

const kernels NAME(tw_sim_kernels) = { .vm = NAME(vm),
                                       .tsit5 = NAME(tsit5),
                                       .poly = NAME(poly),
                                       .at = NAME(at),
                                       .commit = NAME(commit) };

#undef VEC
#undef MASK
#undef V
#undef ROW
#undef EACH
#undef ALL
#undef TRUTH
