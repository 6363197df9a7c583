/* What the word lists and the patterns say of every token. */
#include "text/text_internal.h"

uint32_t view_token_at(const text_view *v, uint32_t byte)
{
    const text_token *t = v->token;
    uint32_t n = v->count;
    while (n > 1) { /* no branch on what is compared */
        uint32_t half = n / 2;
        t = t[half - 1].start < byte ? t + half : t;
        n -= half;
    }
    return (uint32_t)(t - v->token) + (n && t->start < byte);
}

/* No small letter in the line of token i, and at least two words. */
static bool upper_line(const text_view *v, uint32_t i)
{
    unsigned words = 0;
    uint32_t first = i;
    while (first && !v->token[first].line_start && i - first < 64)
        first--;
    for (uint32_t k = first; k < v->count && k < first + 128 && (k == first || !v->token[k].line_start); k++) {
        if (v->token[k].cls != TOKEN_WORD)
            continue;
        if (v->token[k].cased != 2 && v->token[k].end - v->token[k].start > 1)
            return false;
        words++;
    }
    return words >= 2;
}

bool view_capital(const text_view *v, uint32_t i)
{
    const text_token *t = &v->token[i];
    return t->cls == TOKEN_WORD && t->cased && (t->cased != 2 || !upper_line(v, i));
}

bool view_gap(const text_view *v, uint32_t i)
{
    if (!i || v->token[i].line_start)
        return true;
    uint32_t from = v->token[i - 1].end, to = v->token[i].start;
    return to - from >= 2 || (to > from && v->note->norm.p[from] == '\t');
}

/* The longest phrase that begins at token i; its cue goes to all its tokens. Punctuation inside does not count. */
static bool phrase_at(text_view *v, uint32_t i)
{
    uint64_t h = v->word[i];
    uint32_t found = 0, cue = 0, words = 1;
    for (uint32_t k = i + 1; k < v->count && k < i + 3 * CUE_WORDS_MAX && words < CUE_WORDS_MAX; k++) {
        if (v->token[k].line_start)
            break;
        if (v->token[k].cls == TOKEN_PUNCT)
            continue;
        h = text_hash_fold(h, v->word[k]);
        words++;
        uint32_t flags = lexicon_get(&v->model->lexicon, h);
        if (LEX_CUE(flags)) {
            found = k - i + 1;
            cue = LEX_CUE(flags);
        }
    }
    if (!found)
        return false;
    for (uint32_t k = i; k < i + found; k++)
        v->known[k] = (v->known[k] & ~(63u << LEX_CUE_AT)) | cue << LEX_CUE_AT;
    v->phrase[i] = (uint8_t)found;
    return true;
}

static void hits(text_view *v, const text_marks *marks)
{
    for (uint32_t k = 0; k < marks->n; k++) {
        const text_mark *m = &marks->p[k];
        if (m->finder != TW_TEXT_PATTERNS || !m->pattern)
            continue;
        uint32_t i = view_token_at(v, m->start);
        if (i && v->token[i - 1].end > m->start)
            i--;
        for (; i < v->count && v->token[i].start < m->end; i++)
            if (!v->hit[i] || (m->sure && v->hit[i] & VIEW_HINT))
                v->hit[i] = (uint8_t)(m->pattern | (m->sure ? 0 : VIEW_HINT));
    }
}

tw_status view_make(tw_ctx *cx, text_view *out, const tw_text_model *m, const text_note *note, const text_token *token,
                    uint32_t count, const text_marks *marks)
{
    text_view v = { .model = m, .note = note, .token = token, .count = count };
    v.word = tw_try_array(cx->arena, uint64_t, count + 1);
    v.known = tw_try_array(cx->arena, uint32_t, count + 1);
    v.hit = tw_try_array(cx->arena, uint8_t, count + 1);
    v.phrase = tw_try_array(cx->arena, uint8_t, count + 1);
    if (!v.word || !v.known || !v.hit || !v.phrase)
        return tw_fail(cx, TW_ELIMIT, "note of %u tokens does not fit", count);
    for (uint32_t i = 0; i < count; i++) {
        v.word[i] = text_hash(view_lower(&v, i));
        lexicon_prefetch(&m->lexicon, v.word[i]);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (token[i].cls == TOKEN_WORD || token[i].cls == TOKEN_MIXED)
            v.known[i] = lexicon_get(&m->lexicon, v.word[i]);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (v.known[i] & LEX_PHRASE && phrase_at(&v, i))
            i += v.phrase[i] - 1u;
        else if (LEX_CUE(v.known[i]))
            v.phrase[i] = 1;
    }
    hits(&v, marks);
    *out = v;
    return TW_OK;
}
