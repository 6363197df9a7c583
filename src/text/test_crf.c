/* Against an enumeration of every labelling of small lattices. */
#include "test.h"

#include <math.h>

#include "text/text_internal.h"

#define N_MAX 4u

static float random_weight(double spread)
{
    return (float)(((double)tw_test_below(2000001) / 1e6 - 1) * spread);
}

typedef struct {
    double marginal[N_MAX][CRF_LABELS];
    double best;
} truth;

static double score_of(const text_crf *c, float (*score)[CRF_LABELS], const uint8_t *label, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        sum += (double)score[i][label[i]];
        sum += i ? (double)c->step[label[i - 1]][label[i]] : 0;
    }
    return sum;
}

static truth enumerate(const text_crf *c, float (*score)[CRF_LABELS], uint32_t n)
{
    truth t = { .best = -1e300 };
    double all = 0;
    uint32_t labellings = 1;
    for (uint32_t i = 0; i < n; i++)
        labellings *= CRF_LABELS;
    for (uint32_t code = 0; code < labellings; code++) {
        uint8_t label[N_MAX];
        for (uint32_t i = 0, rest = code; i < n; i++, rest /= CRF_LABELS)
            label[i] = (uint8_t)(rest % CRF_LABELS);
        double s = score_of(c, score, label, n), p = exp(s);
        t.best = fmax(t.best, s);
        all += p;
        for (uint32_t i = 0; i < n; i++)
            t.marginal[i][label[i]] += p;
    }
    for (uint32_t i = 0; i < n; i++)
        for (unsigned y = 0; y < CRF_LABELS; y++)
            t.marginal[i][y] /= all;
    return t;
}

static void lattice(text_crf *c, float (*score)[CRF_LABELS], uint32_t n, double spread)
{
    for (unsigned a = 0; a < CRF_LABELS; a++)
        for (unsigned b = 0; b < CRF_LABELS; b++)
            c->step[a][b] = random_weight(spread);
    for (uint32_t i = 0; i < n; i++)
        for (unsigned y = 0; y < CRF_LABELS; y++)
            score[i][y] = random_weight(2 * spread);
}

TEST(marginals_are_those_of_all_labellings)
{
    for (int round = 0; round < 120; round++) {
        text_crf c = { 0 };
        float score[N_MAX][CRF_LABELS], scratch[N_MAX][CRF_LABELS];
        uint32_t n = (uint32_t)(1 + tw_test_below(N_MAX));
        lattice(&c, score, n, round % 2 ? 1 : 6);
        truth t = enumerate(&c, score, n);
        crf_marginals(&c, score, scratch, n);
        for (uint32_t i = 0; i < n; i++)
            for (unsigned y = 0; y < CRF_LABELS; y++)
                assert_true(fabs((double)score[i][y] - t.marginal[i][y]) < 2e-5);
    }
}

TEST(viterbi_finds_the_best_labelling)
{
    for (int round = 0; round < 120; round++) {
        text_crf c = { 0 };
        float score[N_MAX][CRF_LABELS] = { { 0 } }, work[N_MAX][CRF_LABELS];
        uint8_t label[N_MAX], back[N_MAX][CRF_LABELS];
        uint32_t n = (uint32_t)(1 + tw_test_below(N_MAX));
        lattice(&c, score, n, 3);
        memcpy(work, score, sizeof work);
        truth t = enumerate(&c, score, n);
        crf_viterbi(&c, label, work, back, n);
        assert_true(fabs(score_of(&c, score, label, n) - t.best) < 1e-4);
    }
}

/* Nothing overflows, nothing becomes 0/0, however long the note and large the weights. */
TEST(long_lattices_of_large_weights_stay_numbers)
{
    enum { LONG = 4096 };
    text_crf c = { 0 };
    float(*score)[CRF_LABELS] = tw_arena_get(cx->arena, LONG * sizeof *score);
    float(*scratch)[CRF_LABELS] = tw_arena_get(cx->arena, LONG * sizeof *scratch);
    for (int round = 0; round < 4; round++) {
        lattice(&c, score, LONG, round ? 1000 : 20000);
        crf_marginals(&c, score, scratch, LONG);
        for (uint32_t i = 0; i < LONG; i++) {
            float sum = 0;
            for (unsigned y = 0; y < CRF_LABELS; y++) {
                assert_true(score[i][y] >= 0 && score[i][y] <= 1.0001f);
                sum += score[i][y];
            }
            assert_true(fabsf(sum - 1) < 1e-3f);
        }
    }
}

TEST(no_tokens_are_no_work)
{
    text_crf c = { 0 };
    crf_marginals(&c, NULL, NULL, 0);
    crf_viterbi(&c, NULL, NULL, NULL, 0);
}

TEST(labels_are_outside_and_the_kinds)
{
    assert_string_equal("O", crf_label_name(0));
    assert_string_equal("NAME", crf_label_name(1));
    assert_string_equal("AGE", crf_label_name(7));
    assert_null(crf_label_name(8));
}
