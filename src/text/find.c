/* The finders in turn, and their marks joined. */
#include "text/text_internal.h"

#include <stdlib.h>

#define MARKS_MAX (1u << 20)

static const char *const kind_names[TW_TEXT_KINDS] = { "NAME", "DATE", "ID", "CONTACT", "ADDRESS", "ORG", "AGE" };

const char *tw_text_kind_name(tw_text_kind kind)
{
    return (unsigned)kind < TW_TEXT_KINDS ? kind_names[kind] : NULL;
}

/* ---------------------------------------------------------------- room to work in */

struct tw_text_work {
    hs_scratch_t *scratch;
};

tw_status tw_text_work_new(tw_ctx *cx, tw_text_work **out, const tw_text_model *m)
{
    tw_text_work *w = tw_mem_alloc(sizeof *w);
    if (!w)
        return tw_fail(cx, TW_ELIMIT, "no memory to look at text");
    if (m->patterns && hs_alloc_scratch(patterns_database(m->patterns), &w->scratch) != HS_SUCCESS) {
        tw_text_work_free(w);
        return tw_fail(cx, TW_EFOREIGN, "no scratch for patterns");
    }
    *out = w;
    return TW_OK;
}

void tw_text_work_free(tw_text_work *w)
{
    if (!w)
        return;
    hs_free_scratch(w->scratch);
    tw_mem_free(w);
}

tw_status view_patterns(tw_ctx *cx, text_marks *marks, const tw_text_model *m, tw_text_work *w, const text_note *note)
{
    return m->patterns ? patterns_find(cx, marks, m->patterns, w->scratch, note) : TW_OK;
}

/* ---------------------------------------------------------------- marks */

void mark_add(tw_ctx *cx, text_marks *marks, text_mark m)
{
    if (marks->n == marks->cap && !marks->full) {
        uint32_t cap = marks->cap ? marks->cap * 2 : 64;
        text_mark *p = cap > MARKS_MAX ? NULL : tw_try_array(cx->arena, text_mark, cap);
        if (p && marks->n)
            memcpy(p, marks->p, marks->n * sizeof *p);
        if (p) {
            marks->p = p;
            marks->cap = cap;
        }
        marks->full = !p;
    }
    if (!marks->full)
        marks->p[marks->n++] = m;
}

/* ---------------------------------------------------------------- marks of the CRF */

#define CHUNK 1024u

/* A note in which nothing is sure is likely to name nobody: there a token must be rather in than out. Short ones have
 * no room for a second sign. Strict mode asks for little even then. */
#define SURE 0.98
#define RATHER 0.7
#define RATHER_STRICT 0.05
#define SHORT_TOKENS 40u

/* A token whose score is on its way. The table of weights is larger than caches: its slots are asked for when a token
 * comes, its rows with the next token, and they are summed with the one after that. */
typedef struct {
    uint32_t at, hashes, rows;
    uint64_t hash[FEATURES_MAX];
    const float *row[FEATURES_MAX];
} coming;
#define COMING 4u

typedef struct {
    tw_ctx *cx;
    text_marks *marks;
    const text_view *v;
    double threshold;
    uint32_t first, n; /* of the tokens whose scores wait */
    float (*score)[CRF_LABELS], (*scratch)[CRF_LABELS];
    uint8_t (*back)[CRF_LABELS];
    float *outside; /* of every token of the note: its probability */
    uint8_t *label; /* and the best label but that; of the best labelling 0 for outside */
    bool sure;      /* something in the note is */
    uint32_t come, looked_up, summed; /* tokens so far */
    coming ring[COMING];
} chunk;

static void label_all(chunk *c)
{
    const text_crf *crf = &c->v->model->crf;
    uint8_t *label = c->label + c->first;
    if (c->threshold <= 0) {
        crf_viterbi(crf, label, c->score, c->back, c->n);
        return;
    }
    crf_marginals(crf, c->score, c->scratch, c->n);
    for (uint32_t i = 0; i < c->n; i++) {
        const float *p = c->score[i];
        unsigned best = 1;
        for (unsigned y = 2; y < CRF_LABELS; y++)
            if (p[y] > p[best])
                best = y;
        label[i] = (uint8_t)best;
        c->outside[c->first + i] = p[0];
        c->sure |= p[0] < (float)(1 - SURE);
    }
}

static void look_up(const text_crf *crf, coming *t)
{
    t->rows = 0;
    for (uint32_t i = 0; i < t->hashes; i++) {
        const float *row = crf_row(crf, t->hash[i]);
        __builtin_prefetch(row);
        t->row[t->rows] = row;
        t->rows += row != NULL;
    }
}

static void sum_up(float out[CRF_LABELS], const coming *t)
{
    float sum[CRF_LABELS] = { 0 };
    for (uint32_t i = 0; i < t->rows; i++)
        for (unsigned y = 0; y < CRF_LABELS; y++)
            sum[y] += t->row[i][y];
    memcpy(out, sum, sizeof sum);
}

/* Each step goes on to `lag` tokens behind the one before it. */
static void go_on(chunk *c, uint32_t lag)
{
    for (; c->looked_up + lag < c->come; c->looked_up++)
        look_up(&c->v->model->crf, &c->ring[c->looked_up % COMING]);
    for (; c->summed + lag < c->looked_up; c->summed++) {
        const coming *t = &c->ring[c->summed % COMING];
        sum_up(c->score[t->at], t);
    }
}

static void flush(chunk *c)
{
    go_on(c, 0);
    label_all(c);
    c->first += c->n;
    c->n = 0;
}

/* Neighbours of one label are one mark; punctuation inside, but not at its ends. */
static void mark_all(chunk *c)
{
    const text_token *t = c->v->token;
    float outside = (float)(1 - c->threshold);
    for (uint32_t i = 0; c->threshold > 0 && i < c->v->count; i++)
        if (c->outside[i] >= outside)
            c->label[i] = 0;
    for (uint32_t i = 0, end; i < c->v->count; i = end) {
        end = i + 1;
        if (!c->label[i] || t[i].cls == TOKEN_PUNCT)
            continue;
        while (end < c->v->count && c->label[end] == c->label[i] && !t[end].line_start)
            end++;
        uint32_t last = end - 1;
        while (t[last].cls == TOKEN_PUNCT)
            last--;
        mark_add(c->cx, c->marks,
                 (text_mark){ .start = t[i].start,
                              .end = t[last].end,
                              .kind = (uint8_t)(c->label[i] - 1),
                              .finder = TW_TEXT_CRF,
                              .sure = true });
    }
}

static void score_token(void *self, uint32_t token, const text_feature *f, unsigned count)
{
    chunk *c = self;
    const text_crf *crf = &c->v->model->crf;
    if (c->n == CHUNK || (c->n >= CHUNK / 2 && c->v->token[token].line_start))
        flush(c);
    coming *t = &c->ring[c->come++ % COMING];
    t->at = c->n++;
    t->hashes = count;
    for (unsigned i = 0; i < count; i++) {
        t->hash[i] = f[i].hash;
        crf_prefetch(crf, f[i].hash);
    }
    go_on(c, 1);
}

tw_status crf_find(tw_ctx *cx, text_marks *marks, const text_view *v, double threshold, bool strict)
{
    if (!v->model->weighted)
        return TW_OK;
    uint32_t rows = TW_MIN(v->count, CHUNK);
    chunk *c = tw_arena_try(cx->arena, sizeof *c);
    float(*score)[CRF_LABELS] = tw_arena_try(cx->arena, 2 * rows * sizeof *score);
    uint8_t(*back)[CRF_LABELS] = tw_arena_try(cx->arena, rows * sizeof *back);
    float *outside = tw_try_array(cx->arena, float, v->count + 1);
    uint8_t *label = tw_arena_try(cx->arena, v->count + 1);
    if (!c || !score || !back || !outside || !label)
        return tw_fail(cx, TW_ELIMIT, "no room for scores");
    c->score = score;
    c->scratch = score + rows;
    c->back = back;
    c->outside = outside;
    c->label = label;
    c->sure = v->count < SHORT_TOKENS;
    for (uint32_t i = 0; i < marks->n; i++)
        c->sure |= marks->p[i].finder == TW_TEXT_KNOWN;
    c->cx = cx;
    c->marks = marks;
    c->v = v;
    c->threshold = threshold;
    TW_TRY(features_of(cx, v, score_token, c, NULL));
    flush(c);
    if (!c->sure && threshold > 0)
        c->threshold = TW_MAX(threshold, strict ? RATHER_STRICT : RATHER);
    mark_all(c);
    return TW_OK;
}

/* ---------------------------------------------------------------- joining */

/* By where they begin; the longer first. */
static int by_place(const void *a, const void *b)
{
    const text_mark *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return x->end > y->end ? -1 : x->end < y->end;
}

/* Whose word on the kind counts more. */
static unsigned rank_of(uint8_t finder)
{
    static const uint8_t order[] = { TW_TEXT_KNOWN, TW_TEXT_PATTERNS, TW_TEXT_CUES, TW_TEXT_CRF, TW_TEXT_PROPAGATION };
    for (unsigned i = 0; i < TW_COUNT(order); i++)
        if (finder & order[i])
            return i;
    return TW_COUNT(order);
}

/* First token that begins at or after the byte; mostly it is soon after token `from`. */
static uint32_t token_near(const text_view *v, uint32_t from, uint32_t byte)
{
    enum { NEAR = 16 };
    if (from && (from > v->count || v->token[from - 1].start >= byte))
        return view_token_at(v, byte);
    for (uint32_t i = from; i < from + NEAR; i++)
        if (i >= v->count || v->token[i].start >= byte)
            return i;
    return view_token_at(v, byte);
}

static bool digit_at(tw_str s, uint32_t i)
{
    return i < s.n && tw_is_digit(s.p[i]);
}

/* A digit, or the point between two. */
static bool of_number(tw_str s, uint32_t i)
{
    return digit_at(s, i) || (i > 0 && i < s.n && s.p[i] == '.' && digit_at(s, i - 1) && digit_at(s, i + 1));
}

/* Half of a decimal number is no number: "4.2" goes or stays as a whole. */
static void grow_to_number(text_mark *m, tw_str s)
{
    while (m->start > 0 && of_number(s, m->start) && of_number(s, m->start - 1))
        m->start--;
    while (m->end < s.n && of_number(s, m->end - 1) && of_number(s, m->end))
        m->end++;
}

/* To the borders of the tokens that it touches. *near: a token about there, then the one after the mark. */
static void grow_to_tokens(text_mark *m, uint32_t *near, const text_view *v)
{
    uint32_t i = token_near(v, *near, m->start);
    if (i && v->token[i - 1].end > m->start && v->token[i - 1].cls != TOKEN_PUNCT)
        m->start = v->token[i - 1].start;
    i = *near = token_near(v, i, m->end);
    if (i && v->token[i - 1].end > m->end && v->token[i - 1].cls != TOKEN_PUNCT)
        m->end = v->token[i - 1].end;
}

/* Sure marks, grown, sorted. */
static uint32_t ready(text_marks *marks, const text_view *v)
{
    uint32_t n = 0, near = 0;
    for (uint32_t i = 0; i < marks->n; i++) {
        text_mark m = marks->p[i];
        if (!m.sure || m.start >= m.end)
            continue;
        grow_to_tokens(&m, &near, v);
        if (m.finder == TW_TEXT_CRF)
            grow_to_number(&m, v->note->norm);
        marks->p[n++] = m;
    }
    if (n)
        qsort(marks->p, n, sizeof *marks->p, by_place);
    return n;
}

static uint32_t raw_at(const text_note *note, uint32_t norm_at)
{
    return note->map ? note->map[norm_at] : norm_at;
}

/* Marks that overlap are one span; its kind is that of the finder that knows best. */
static tw_status join(tw_ctx *cx, tw_text_span **span, size_t *count, text_marks *marks, const text_view *v)
{
    uint32_t n = ready(marks, v);
    tw_text_span *out = tw_try_array(cx->arena, tw_text_span, n + 1);
    size_t k = 0;
    unsigned rank = 0;
    if (!out || marks->full)
        return tw_fail(cx, TW_ELIMIT, "note has too many marks");
    for (uint32_t i = 0; i < n; i++) {
        const text_mark *m = &marks->p[i];
        if (!k || m->start >= out[k - 1].end) {
            out[k++] = (tw_text_span){ m->start, m->end, m->kind, m->finder };
            rank = rank_of(m->finder);
            continue;
        }
        tw_text_span *s = &out[k - 1];
        s->end = TW_MAX(s->end, m->end);
        s->found_by |= m->finder;
        if (rank_of(m->finder) < rank) {
            rank = rank_of(m->finder);
            s->kind = m->kind;
        }
    }
    for (size_t i = 0; i < k; i++) {
        out[i].start = raw_at(v->note, out[i].start);
        out[i].end = raw_at(v->note, out[i].end);
    }
    *span = out;
    *count = k;
    return TW_OK;
}

/* ---------------------------------------------------------------- find */

static tw_status find(tw_ctx *cx, text_marks *marks, text_view *v, text_note *note, tw_text_work *w,
                      const tw_text_opts *opts)
{
    unsigned finders = opts->finders ? opts->finders : TW_TEXT_ALL;
    text_token *token;
    uint32_t count;
    TW_TRY(note_tokens(cx, &token, &count, note));
    if (finders & (TW_TEXT_PATTERNS | TW_TEXT_CRF))
        TW_TRY(view_patterns(cx, marks, opts->model, w, note));
    TW_TRY(view_make(cx, v, opts->model, note, token, count, marks));
    if (!(finders & TW_TEXT_PATTERNS)) /* they were features alone */
        marks->n = 0;
    if (opts->known && finders & TW_TEXT_KNOWN)
        known_find(cx, marks, opts->known, note, token, count);
    if (finders & TW_TEXT_CUES)
        cues_find(cx, marks, v);
    double threshold = opts->strict ? opts->model->strict : opts->model->threshold;
    if (finders & TW_TEXT_CRF)
        TW_TRY(crf_find(cx, marks, v, opts->threshold != 0 ? opts->threshold : threshold, opts->strict));
    if (finders & TW_TEXT_PROPAGATION)
        TW_TRY(propagate(cx, marks, v));
    return TW_OK;
}

tw_status tw_text_find(tw_ctx *cx, tw_text_span **span, size_t *count, tw_text_work *w, tw_str text,
                       const tw_text_opts *opts)
{
    text_note note;
    text_view v = { 0 };
    text_marks marks = { 0 };
    TW_TRY(note_make(cx, &note, text));
    TW_TRY(find(cx, &marks, &v, &note, w, opts));
    return join(cx, span, count, &marks, &v);
}
