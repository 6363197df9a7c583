/* Which records were sealed before. Keys are HMACs, so new ones fall anywhere: in one big tree each would touch a
 * page of its own. They are filed in generations of GENERATION keys instead. Only the youngest grows, and a Bloom
 * filter a generation (Bloom 1970; k = 7, 16 bits a key: one in 1,500 asks in vain) says in memory which of them
 * may hold a key. A filter is stored when its generation is full; that of the youngest is made again from its rows. */
#include "collect_internal.h"

#define GENERATION 262144u
#define FILTER_BITS (16u * GENERATION)
#define FILTER_BYTES (FILTER_BITS / 8)
#define PROBES 7
#define GENERATIONS_MAX 4096 /* 10^9 records */

struct seen {
    tw_register *r;
    uint8_t *filter[GENERATIONS_MAX];
    uint16_t youngest;
    uint32_t rows; /* of the youngest */
};

static uint32_t bit_of(const uint8_t key[16], unsigned probe)
{
    return (uint32_t)((tw_be64(key) + probe * (tw_be64(key + 8) | 1)) % FILTER_BITS);
}

static void filter_add(uint8_t *f, const uint8_t key[16])
{
    for (unsigned i = 0; i < PROBES; i++) {
        uint32_t b = bit_of(key, i);
        f[b / 8] |= (uint8_t)(1u << b % 8);
    }
}

static bool filter_has(const uint8_t *f, const uint8_t key[16])
{
    for (unsigned i = 0; i < PROBES; i++) {
        uint32_t b = bit_of(key, i);
        if (!(f[b / 8] & 1u << b % 8))
            return false;
    }
    return true;
}

static void row_key(uint8_t out[33], tw_reg_kind kind, uint16_t generation, const uint8_t key[30])
{
    out[0] = (uint8_t)kind;
    tw_put_be16(out + 1, generation);
    if (key)
        memcpy(out + 3, key, 30);
    else
        memset(out + 3, 0, 30);
}

static tw_status new_filter(tw_ctx *cx, seen *s, uint16_t generation)
{
    if (generation >= GENERATIONS_MAX)
        return tw_fail(cx, TW_ELIMIT, "the register knows more records than it can tell apart");
    s->filter[generation] = tw_mem_alloc(FILTER_BYTES);
    return s->filter[generation] ? TW_OK : tw_fail(cx, TW_ELIMIT, "no memory to know what was sealed before");
}

/* Inside a transaction. */
static tw_status load_filter(tw_ctx *cx, seen *s, uint16_t generation)
{
    uint8_t key[33];
    tw_bytes v;
    TW_TRY(new_filter(cx, s, generation));
    row_key(key, TW_REG_BLOOM, generation, NULL);
    tw_status st = tw_register_raw_get(cx, &v, s->r, key);
    if (st == TW_ENOTFOUND || (st == TW_OK && v.n != FILTER_BYTES))
        return tw_fail(cx, TW_EVERIFY, "the register lacks a filter of records");
    if (st == TW_OK)
        memcpy(s->filter[generation], v.p, FILTER_BYTES);
    return st;
}

static bool next_key(uint8_t key[33])
{
    for (size_t i = 33; i-- > 3;)
        if (++key[i])
            return true;
    return false;
}

static tw_status load_youngest(tw_ctx *cx, seen *s)
{
    uint8_t key[33];
    bool found = true;
    TW_TRY(new_filter(cx, s, s->youngest));
    row_key(key, TW_REG_SEEN, s->youngest, NULL);
    while (found) {
        TW_TRY(tw_register_raw_next(cx, &found, s->r, key));
        found = found && tw_be16(key + 1) == s->youngest;
        if (found)
            filter_add(s->filter[s->youngest], key + 3);
        found = found && next_key(key);
    }
    return TW_OK;
}

static tw_status load(tw_ctx *cx, seen *s)
{
    uint8_t key[33];
    tw_bytes v;
    row_key(key, TW_REG_HEAD, 0, NULL);
    tw_status st = tw_register_raw_get(cx, &v, s->r, key);
    if (st == TW_ENOTFOUND)
        return new_filter(cx, s, 0);
    if (st != TW_OK)
        return st;
    if (v.n != 6 || tw_be16(v.p) >= GENERATIONS_MAX)
        return tw_fail(cx, TW_EVERIFY, "the register's count of records is damaged");
    s->youngest = tw_be16(v.p);
    s->rows = tw_be32(v.p + 2);
    for (uint16_t g = 0; g < s->youngest; g++)
        TW_TRY(load_filter(cx, s, g));
    return load_youngest(cx, s);
}

tw_status seen_open(tw_ctx *cx, seen **out, tw_register *r)
{
    seen *s = tw_mem_alloc(sizeof *s);
    if (!s)
        return tw_fail(cx, TW_ELIMIT, "no memory to know what was sealed before");
    s->r = r;
    *out = s;
    TW_TRY(tw_register_begin(cx, r, false));
    return tw_register_end(cx, r, load(cx, s));
}

void seen_free(seen *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < GENERATIONS_MAX; i++)
        tw_mem_free(s->filter[i]);
    tw_mem_free(s);
}

tw_status seen_has(tw_ctx *cx, bool *has, seen *s, const uint8_t key[32])
{
    bool open = false;
    tw_status st = TW_OK;
    *has = false;
    for (uint16_t g = s->youngest + 1; g-- > 0 && st == TW_OK && !*has;) {
        uint8_t row[33];
        tw_bytes v;
        if (!filter_has(s->filter[g], key))
            continue;
        if (!open)
            TW_TRY(tw_register_begin(cx, s->r, false));
        open = true;
        row_key(row, TW_REG_SEEN, g, key);
        st = tw_register_raw_get(cx, &v, s->r, row);
        *has = st == TW_OK;
        st = st == TW_ENOTFOUND ? TW_OK : st;
    }
    return open ? tw_register_end(cx, s->r, st) : st;
}

tw_status seen_put(tw_ctx *cx, seen *s, const uint8_t key[32])
{
    uint8_t row[33];
    if (s->rows >= GENERATION) {
        row_key(row, TW_REG_BLOOM, s->youngest, NULL);
        TW_TRY(tw_register_raw_put(cx, s->r, row, (tw_bytes){ s->filter[s->youngest], FILTER_BYTES }));
        TW_TRY(new_filter(cx, s, (uint16_t)(s->youngest + 1)));
        s->youngest++;
        s->rows = 0;
    }
    row_key(row, TW_REG_SEEN, s->youngest, key);
    TW_TRY(tw_register_raw_put(cx, s->r, row, (tw_bytes){ NULL, 0 }));
    filter_add(s->filter[s->youngest], key);
    s->rows++;
    return TW_OK;
}

tw_status seen_store(tw_ctx *cx, seen *s)
{
    uint8_t row[33];
    uint8_t v[6];
    row_key(row, TW_REG_HEAD, 0, NULL);
    tw_put_be16(v, s->youngest);
    tw_put_be32(v + 2, s->rows);
    return tw_register_raw_put(cx, s->r, row, TW_BYTES(v));
}
