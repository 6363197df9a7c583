/* Compartments: record body, its id, capsule context and keeper sets. */
#include "model/model.h"

#include "model/model_internal.h"

static void put_points(tw_buf *out, const uint8_t points[][TW_POINT], size_t count)
{
    tw_buf_u32(out, (uint32_t)count);
    tw_buf_add(out, points, count * TW_POINT);
}

void tw_comp_encode(tw_buf *out, const tw_comp *c)
{
    TW_ASSERT(c->t >= 1 && c->t <= TW_SHARES_MAX);
    tw_model_id(out, &c->ledger);
    tw_model_id(out, &c->source);
    tw_buf_u8(out, c->category);
    tw_buf_u16(out, c->epoch);
    tw_buf_u8(out, c->generation);
    tw_buf_add(out, c->p, sizeof c->p);
    tw_buf_add(out, c->c0, sizeof c->c0);
    tw_model_id(out, &c->keeper_set);
    tw_buf_add(out, c->watch_hash, sizeof c->watch_hash);
    put_points(out, c->commits_w, c->t);
    put_points(out, c->commits_a, c->class_grant ? c->t : 0);
}

/* false: a count over the limit. */
static bool read_points(uint8_t points[][TW_POINT], uint32_t *count, tw_rd *in)
{
    *count = tw_rd_u32(in);
    if (*count > TW_SHARES_MAX)
        return false;
    tw_rd_copy(in, points[0], *count * TW_POINT);
    return true;
}

tw_status tw_comp_decode(tw_ctx *cx, tw_comp *out, tw_bytes bytes)
{
    tw_rd in = tw_rd_of(bytes);
    *out = (tw_comp){ 0 };
    tw_model_read_id(&out->ledger, &in);
    tw_model_read_id(&out->source, &in);
    out->category = tw_rd_u8(&in);
    out->epoch = tw_rd_u16(&in);
    out->generation = tw_rd_u8(&in);
    tw_rd_copy(&in, out->p, sizeof out->p);
    tw_rd_copy(&in, out->c0, sizeof out->c0);
    tw_model_read_id(&out->keeper_set, &in);
    tw_rd_copy(&in, out->watch_hash, sizeof out->watch_hash);
    uint32_t t;
    uint32_t class_count;
    if (!read_points(out->commits_w, &t, &in) || !read_points(out->commits_a, &class_count, &in))
        return tw_fail(cx, TW_EPARSE, "record body: more than %d commitments", TW_SHARES_MAX);
    TW_TRY(tw_rd_end(cx, &in, "record body"));
    if (t == 0 || (class_count != 0 && class_count != t))
        return tw_fail(cx, TW_EPARSE, "record body: %u and %u commitments", (unsigned)t, (unsigned)class_count);
    if (out->category < 1 || out->category > TW_CATEGORY_COUNT)
        return tw_fail(cx, TW_EPARSE, "record body: there is no category %u", (unsigned)out->category);
    out->t = (uint8_t)t;
    out->class_grant = class_count != 0;
    return TW_OK;
}

void tw_comp_rest(uint8_t out[32], const tw_comp *c)
{
    tw_buf b;
    tw_buf_init(&b, TW_COMP_BYTES_MAX);
    tw_comp_encode(&b, c);
    TW_ASSERT(!b.failed); /* the ceiling is the most that tw_comp_encode writes */
    tw_bytes body = tw_buf_view(&b);
    tw_hash_label(out, "tw/rest/1", &body, 1);
    tw_buf_done(&b);
}

void tw_comp_id_of(tw_id *out, const uint8_t a[TW_KEY], const uint8_t k[TW_KEY], const uint8_t rest[32])
{
    const tw_bytes fields[] = { { a, TW_KEY }, { k, TW_KEY }, { rest, 32 } };
    tw_hash_label(out->b, "tw/comp/1", fields, TW_COUNT(fields));
}

void tw_comp_record_id(tw_id *out, const tw_comp_record *r)
{
    uint8_t rest[32];
    tw_comp_rest(rest, &r->body);
    tw_comp_id_of(out, r->a, r->k, rest);
}

void tw_comp_record_encode(tw_buf *out, const tw_comp_record *r)
{
    tw_buf_add(out, r->a, sizeof r->a);
    tw_buf_add(out, r->k, sizeof r->k);
    size_t size = 32 * 6 + 4 + 8 + (size_t)r->body.t * TW_POINT * (r->body.class_grant ? 2 : 1);
    tw_buf_u32(out, (uint32_t)size);
    size_t at = out->n;
    tw_comp_encode(out, &r->body);
    TW_ASSERT(out->failed || out->n - at == size);
}

tw_status tw_comp_record_read(tw_ctx *cx, tw_comp_record *out, tw_rd *in)
{
    *out = (tw_comp_record){ 0 };
    tw_rd_copy(in, out->a, sizeof out->a);
    tw_rd_copy(in, out->k, sizeof out->k);
    tw_bytes body = tw_rd_var(in, TW_COMP_BYTES_MAX);
    if (in->bad)
        return tw_fail(cx, TW_EPARSE, "compartment record: too short, or body over the limit, at byte %zu", in->off);
    return tw_comp_decode(cx, &out->body, body);
}

void tw_capsule_ctx(uint8_t out[TW_CAPSULE_CTX], const tw_comp *c, const tw_id *comp, uint32_t day)
{
    memcpy(out, c->ledger.b, 32);
    memcpy(out + 32, comp->b, 32);
    memcpy(out + 64, c->source.b, 32);
    tw_put_be32(out + 96, day);
}

void tw_keeper_set_encode(tw_buf *out, const tw_keeper_set *s)
{
    TW_ASSERT(s->n >= 1 && s->n <= TW_SHARES_MAX && s->t >= 1 && s->t <= s->n);
    tw_buf_u16(out, s->generation);
    tw_buf_u8(out, s->t);
    tw_buf_u8(out, s->n);
    for (unsigned i = 0; i < s->n; i++) {
        tw_model_id(out, &s->party[i]);
        tw_buf_u8(out, (uint8_t)(i + 1));
    }
}

#define KEEPER_SET_BYTES_MAX (4 + TW_SHARES_MAX * 33)

void tw_keeper_set_id(tw_id *out, const tw_keeper_set *s)
{
    tw_buf b;
    tw_buf_init(&b, KEEPER_SET_BYTES_MAX);
    tw_keeper_set_encode(&b, s);
    TW_ASSERT(!b.failed);
    tw_bytes bytes = tw_buf_view(&b);
    tw_hash_label(out->b, "tw/kset/1", &bytes, 1);
    tw_buf_done(&b);
}

tw_status tw_keeper_set_read(tw_ctx *cx, tw_keeper_set *out, tw_rd *in)
{
    *out = (tw_keeper_set){ 0 };
    out->generation = tw_rd_u16(in);
    out->t = tw_rd_u8(in);
    out->n = tw_rd_u8(in);
    if (out->n < 1 || out->n > TW_SHARES_MAX || out->t < 1 || out->t > out->n)
        return tw_fail(cx, TW_EPARSE, "keeper set: %u of %u", (unsigned)out->t, (unsigned)out->n);
    for (unsigned i = 0; i < out->n; i++) {
        tw_model_read_id(&out->party[i], in);
        if (tw_rd_u8(in) != i + 1)
            return tw_fail(cx, TW_EPARSE, "keeper set: too short, or indices not 1, 2, ... at keeper %u", i + 1);
        for (unsigned j = 0; j < i; j++)
            if (tw_id_eq(&out->party[j], &out->party[i]))
                return tw_fail(cx, TW_EPARSE, "keeper set: keeper %u stands in it twice", i + 1);
    }
    return TW_OK;
}
