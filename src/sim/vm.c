/* Runs a program for one lane. The vector kernels do the same operations in the same order. */
#include "sim/sim_internal.h"

#define R(r) reg[(size_t)(r)*stride]
#define CASE(op, expr)                                                                                                 \
    case TW_MATH_##op:                                                                                                 \
        R(i->dst) = (expr);                                                                                            \
        break

void tw_sim_vm1(const code *c, double *reg, size_t stride)
{
    for (const instr *i = c->i, *end = i + c->n; i < end; i++) {
        double a = R(i->a), b = R(i->b);
        switch ((int)i->op) {
            CASE(NEG, -a);
            CASE(ADD, a + b);
            CASE(SUB, a - b);
            CASE(MUL, a * b);
            CASE(DIV, a / b);
            CASE(ABS, fabs(a));
            CASE(SQRT, sqrt(a));
            CASE(EXP, exp(a));
            CASE(LN, log(a));
            CASE(POW, pow(a, b));
            CASE(EQ, a == b);
            CASE(NE, a != b);
            CASE(LT, a < b);
            CASE(LE, a <= b);
            CASE(GT, a > b);
            CASE(GE, a >= b);
            CASE(IF, a != 0 ? b : R(i->c));
        default:
            R(i->dst) = tw_math_apply(i->op, a, b, 0);
            break;
        }
    }
}
