/* The model file: docs/formats/text-model.md. */
#include "text/text_internal.h"

#include <math.h>

#include "crypto/crypto.h"

#define WEIGHT_MAX 1000.0f

static float weight(tw_rd *r, bool *bad)
{
    uint32_t bits = tw_rd_u32(r);
    float w;
    memcpy(&w, &bits, sizeof w);
    if (!(w >= -WEIGHT_MAX && w <= WEIGHT_MAX)) {
        *bad = true;
        return 0;
    }
    return w;
}

static tw_status read_head(tw_ctx *cx, tw_text_model *m, tw_rd *r)
{
    tw_bytes magic = tw_rd_view(r, sizeof MODEL_MAGIC - 1), language = tw_rd_var(r, sizeof m->language - 1);
    if (r->bad || memcmp(magic.p, MODEL_MAGIC, magic.n) != 0)
        return tw_fail(cx, TW_EPARSE, "text model: no model file");
    for (size_t i = 0; i < language.n; i++)
        if (language.p[i] < 'a' || language.p[i] > 'z')
            return tw_fail(cx, TW_EPARSE, "text model: name of a language expected");
    if (language.n)
        memcpy(m->language, language.p, language.n);
    uint32_t normal = tw_rd_u32(r), strict = tw_rd_u32(r);
    if (r->bad || !language.n || normal >= 1000000 || strict >= 1000000)
        return tw_fail(cx, TW_EPARSE, "text model: operating points out of range");
    m->threshold = normal * 1e-6;
    m->strict = strict * 1e-6;
    return TW_OK;
}

static tw_status read_words(tw_ctx *cx, tw_text_model *m, tw_rd *r)
{
    uint32_t count = tw_rd_u32(r);
    if (r->bad || count > MODEL_WORDS_MAX || tw_rd_left(r) < (size_t)count * 8)
        return tw_fail(cx, TW_EPARSE, "text model: words are cut short");
    tw_bytes words = tw_rd_view(r, (size_t)count * 8);
    return lexicon_make(cx, &m->lexicon, words.p, count);
}

/* Puts attribute `row` into its slot; false: another of the same slot and upper half is there. */
static bool place(text_crf *c, uint64_t hash, uint32_t row)
{
    uint32_t i = (uint32_t)hash & c->mask;
    for (; c->slot[i]; i = (i + 1) & c->mask)
        if (c->slot[i] >> 32 == hash >> 32)
            return false;
    c->slot[i] = hash >> 32 << 32 | (row + 1);
    return true;
}

static tw_status read_attribute(tw_ctx *cx, text_crf *c, tw_rd *r, uint32_t i, uint64_t *last)
{
    bool bad = false;
    uint64_t hash = tw_rd_u64(r);
    uint8_t labels = tw_rd_u8(r); /* bit y: label y has a weight */
    for (unsigned y = 0; y < CRF_LABELS; y++)
        if (labels >> y & 1)
            c->row[i][y] = weight(r, &bad);
    if (r->bad || bad || !labels || (i && hash <= *last) || !place(c, hash, i))
        return tw_fail(cx, TW_EPARSE, "text model: attribute %u is out of order or malformed", i);
    *last = hash;
    return TW_OK;
}

static tw_status read_weights(tw_ctx *cx, tw_text_model *m, tw_rd *r)
{
    text_crf *c = &m->crf;
    bool bad = false;
    uint64_t last = 0;
    for (unsigned a = 0; a < CRF_LABELS; a++)
        for (unsigned b = 0; b < CRF_LABELS; b++)
            c->step[a][b] = weight(r, &bad);
    uint32_t count = tw_rd_u32(r), size = 16;
    if (r->bad || bad || count > MODEL_ATTRIBUTES_MAX || tw_rd_left(r) < (size_t)count * 13)
        return tw_fail(cx, TW_EPARSE, "text model: weights are cut short");
    while (size < 2 * count)
        size *= 2;
    c->slot = tw_mem_alloc(size * sizeof *c->slot);
    c->row = tw_mem_alloc((count + 1) * sizeof *c->row);
    c->mask = size - 1;
    if (!c->slot || !c->row)
        return tw_fail(cx, TW_ELIMIT, "text model: no memory for %u attributes", count);
    for (uint32_t i = 0; i < count; i++)
        TW_TRY(read_attribute(cx, c, r, i, &last));
    m->weighted = count > 0;
    return TW_OK;
}

static tw_status read_all(tw_ctx *cx, tw_text_model *m, tw_bytes file)
{
    if (file.n > TW_TEXT_MODEL_BYTES_MAX)
        return tw_fail(cx, TW_ELIMIT, "text model of %zu bytes, over the limit of %zu", file.n,
                       TW_TEXT_MODEL_BYTES_MAX);
    tw_rd r = tw_rd_of(file);
    TW_TRY(read_head(cx, m, &r));
    TW_TRY(read_words(cx, m, &r));
    TW_TRY(read_weights(cx, m, &r));
    return tw_rd_end(cx, &r, "text model");
}

tw_status model_read(tw_ctx *cx, tw_text_model *out, tw_bytes file)
{
    *out = (tw_text_model){ 0 };
    tw_status s = read_all(cx, out, file);
    if (s == TW_OK)
        tw_sha256_of(out->hash, file);
    else
        model_done(out);
    return s;
}

void model_done(tw_text_model *m)
{
    patterns_free(m->patterns);
    lexicon_free(&m->lexicon);
    crf_free(&m->crf);
    m->patterns = NULL;
}

tw_status tw_text_model_parse(tw_ctx *cx, tw_text_model **out, tw_bytes file)
{
    tw_text_model *m = tw_mem_alloc(sizeof *m);
    if (!m)
        return tw_fail(cx, TW_ELIMIT, "no memory for a text model");
    tw_status s = model_read(cx, m, file);
    if (s == TW_OK)
        s = patterns_open(cx, &m->patterns, tw_str_of(m->language));
    if (s == TW_OK)
        *out = m;
    else
        tw_text_model_free(m);
    return s;
}

void tw_text_model_free(tw_text_model *m)
{
    if (!m)
        return;
    model_done(m);
    tw_mem_free(m);
}

void tw_text_model_hash(uint8_t out[32], const tw_text_model *m)
{
    memcpy(out, m->hash, sizeof m->hash);
}
