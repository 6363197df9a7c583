/* Forward-backward and Viterbi over the eight labels, in single precision: scores are exponentiated after their
 * maximum at the token is taken off, and each row of the recursions is scaled to sum 1. */
#include "text/text_internal.h"

#include <math.h>

const char *crf_label_name(unsigned label)
{
    return !label ? "O" : tw_text_kind_name((tw_text_kind)(label - 1));
}

void crf_free(text_crf *c)
{
    tw_mem_free(c->slot);
    tw_mem_free(c->row);
    *c = (text_crf){ 0 };
}

/* exp of scores, the greatest becomes 1; weights are bounded by the reader, so that nothing overflows. */
static void exponentiate(float row[CRF_LABELS])
{
    float top = row[0];
    for (unsigned y = 1; y < CRF_LABELS; y++)
        top = TW_MAX(top, row[y]);
    for (unsigned y = 0; y < CRF_LABELS; y++)
        row[y] = expf(TW_MAX(row[y] - top, -80.0f));
}

static void scale(float row[CRF_LABELS])
{
    float sum = 0;
    for (unsigned y = 0; y < CRF_LABELS; y++)
        sum += row[y];
    float by = 1.0f / sum;
    for (unsigned y = 0; y < CRF_LABELS; y++)
        row[y] *= by;
}

/* exp of the steps; to the power of labels: from, to; and the other way round. */
static void step_tables(const text_crf *c, float step[CRF_LABELS][CRF_LABELS], float back[CRF_LABELS][CRF_LABELS])
{
    float top = c->step[0][0];
    for (unsigned a = 0; a < CRF_LABELS; a++)
        for (unsigned b = 0; b < CRF_LABELS; b++)
            top = TW_MAX(top, c->step[a][b]);
    for (unsigned a = 0; a < CRF_LABELS; a++)
        for (unsigned b = 0; b < CRF_LABELS; b++)
            step[a][b] = back[b][a] = expf(TW_MAX(c->step[a][b] - top, -40.0f));
}

/* out[b] = sum over a of in[a] * m[a][b]. */
static void times(float *restrict out, const float *restrict in, float m[CRF_LABELS][CRF_LABELS])
{
    float sum[CRF_LABELS] = { 0 };
    for (unsigned a = 0; a < CRF_LABELS; a++)
        for (unsigned b = 0; b < CRF_LABELS; b++)
            sum[b] += in[a] * m[a][b];
    memcpy(out, sum, sizeof sum);
}

void crf_marginals(const text_crf *c, float (*score)[CRF_LABELS], float (*scratch)[CRF_LABELS], uint32_t n)
{
    float step[CRF_LABELS][CRF_LABELS], back[CRF_LABELS][CRF_LABELS], beta[CRF_LABELS], next[CRF_LABELS];
    step_tables(c, step, back);
    for (uint32_t i = 0; i < n; i++) {
        float *alpha = scratch[i];
        exponentiate(score[i]);
        if (i)
            times(alpha, scratch[i - 1], step);
        for (unsigned y = 0; y < CRF_LABELS; y++)
            alpha[y] = i ? alpha[y] * score[i][y] : score[i][y];
        scale(alpha);
    }
    for (unsigned y = 0; y < CRF_LABELS; y++)
        beta[y] = 1;
    for (uint32_t i = n; i-- > 0;) {
        for (unsigned y = 0; y < CRF_LABELS; y++)
            next[y] = beta[y] * score[i][y];
        for (unsigned y = 0; y < CRF_LABELS; y++)
            score[i][y] = scratch[i][y] * beta[y];
        scale(score[i]);
        times(beta, next, back);
        scale(beta);
    }
}

void crf_viterbi(const text_crf *c, uint8_t *label, float (*score)[CRF_LABELS], uint8_t (*back)[CRF_LABELS], uint32_t n)
{
    unsigned top = 0;
    for (uint32_t i = 0; i < n; i++) {
        unsigned last = top; /* the best so far is taken off, so that sums stay small */
        for (unsigned b = 0; i && b < CRF_LABELS; b++) {
            unsigned best = 0;
            for (unsigned a = 1; a < CRF_LABELS; a++)
                if (score[i - 1][a] + c->step[a][b] > score[i - 1][best] + c->step[best][b])
                    best = a;
            back[i][b] = (uint8_t)best;
            score[i][b] += score[i - 1][best] - score[i - 1][last] + c->step[best][b];
        }
        top = 0;
        for (unsigned b = 1; b < CRF_LABELS; b++)
            if (score[i][b] > score[i][top])
                top = b;
    }
    for (uint32_t i = n; i-- > 0;) {
        label[i] = (uint8_t)top;
        if (i)
            top = back[i][top];
    }
}
