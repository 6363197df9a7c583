/* Sealing, in the source process. Records wait in one pool, chained per compartment; a cut makes one segment a
 * compartment, and a capsule where the compartment has no day secret yet. Pool and objects keep their memory from cut
 * to cut: asking the kernel for new pages costs as much as sealing them. Day secrets are random, live in guarded
 * slabs, and are wiped when the day changes, when the ledger speaks of their compartment, or with the sealer. */
#include "seal/seal.h"

#include <stdlib.h>

#include "model/seal_make.h"
#include "seal/seal_internal.h"

#define SLAB 1024 /* day secrets in one guarded block: guard pages cost as much as a thousand of them */
#define SLOTS_MAX ((size_t)1 << 22)
#define CAPSULE_OBJECT (TW_CAPSULE + TW_WRAP)
#define SECRET 32
#define NO_LINE UINT32_MAX
#define LINE_HEAD 8 /* of a record in the pool: place of the compartment's next one u32, length u32; the line follows */

/* One compartment that this process seals into. */
typedef struct {
    tw_id comp;
    uint8_t p[TW_POINT];
    bool has_secret;
    uint8_t capsule_hash[32];
    uint32_t records; /* under way */
    uint32_t first;   /* place of the first record in the pool, and of the last */
    uint32_t last;
    size_t bytes; /* of its lines, with their ends */
} slot;

/* Memory that grows and stays. */
typedef struct {
    uint8_t *p;
    size_t n;
    size_t cap;
} store;

/* The compartment that a category's last record went to: records come patient by patient, and hashing a compartment
 * record for its id costs more than sealing a short line. */
typedef struct {
    bool known;
    size_t number;
    tw_comp_record record;
} last_slot;

struct tw_sealer {
    tw_id ledger;
    tw_id source;
    uint32_t day;
    tw_map *index; /* compartment id -> slot */
    slot **slots;  /* order of arrival; secrets stand at the same place in the slabs */
    size_t count;
    size_t cap;
    tw_secret **slab;
    size_t slab_count;
    size_t *pending; /* TW_SEGMENTS_MAX slot numbers */
    size_t pending_count;
    last_slot last[TW_CATEGORY_COUNT + 1];
    store pool;   /* records under way */
    store object; /* objects and leaves of the last cut */
};

tw_status tw_sealer_new(tw_ctx *cx, tw_sealer **out, const tw_id *ledger, const tw_id *source)
{
    tw_sealer *s = tw_mem_alloc(sizeof *s);
    size_t *pending = tw_mem_alloc(TW_SEGMENTS_MAX * sizeof *pending);
    if (!s || !pending) {
        tw_mem_free(s);
        tw_mem_free(pending);
        return tw_fail(cx, TW_ELIMIT, "no memory for a sealer");
    }
    s->ledger = *ledger;
    s->source = *source;
    s->index = tw_map_new(SLOTS_MAX);
    s->pending = pending;
    *out = s;
    return TW_OK;
}

static tw_status make_cap(tw_ctx *cx, store *s, size_t cap)
{
    if (cap <= s->cap)
        return TW_OK;
    uint8_t *p = tw_mem_resize(s->p, cap);
    if (!p)
        return tw_fail(cx, TW_ELIMIT, "sealer: no memory for %zu bytes", cap);
    s->p = p;
    s->cap = cap;
    return TW_OK;
}

static uint8_t *secret_of(const tw_sealer *s, size_t i)
{
    return tw_secret_p(s->slab[i / SLAB]) + (i % SLAB) * SECRET;
}

static void forget(tw_sealer *s, size_t i)
{
    tw_wipe(secret_of(s, i), SECRET);
    s->slots[i]->has_secret = false;
}

static void forget_all(tw_sealer *s)
{
    for (size_t i = 0; i < s->count; i++)
        forget(s, i);
}

static void drop_pending(tw_sealer *s)
{
    for (size_t i = 0; i < s->pending_count; i++) {
        slot *t = s->slots[s->pending[i]];
        t->records = 0;
        t->bytes = 0;
    }
    s->pending_count = 0;
    if (s->pool.n)
        tw_wipe(s->pool.p, s->pool.n);
    s->pool.n = 0;
}

void tw_sealer_reset(tw_sealer *s)
{
    forget_all(s);
    drop_pending(s);
}

void tw_sealer_free(tw_sealer *s)
{
    if (!s)
        return;
    tw_sealer_reset(s);
    for (size_t i = 0; i < s->slab_count; i++)
        tw_secret_free(s->slab[i]);
    for (size_t i = 0; i < s->count; i++)
        tw_mem_free(s->slots[i]);
    tw_mem_free(s->slab);
    tw_mem_free(s->slots);
    tw_mem_free(s->pending);
    tw_mem_free(s->pool.p);
    tw_mem_free(s->object.p);
    tw_map_free(s->index);
    tw_mem_free(s);
}

size_t tw_sealer_pending(const tw_sealer *s)
{
    return s->pending_count;
}

/* The number of a slot is kept in the map as number + 1. */
static bool find_slot(const tw_sealer *s, const tw_id *comp, size_t *number)
{
    uintptr_t v = (uintptr_t)tw_map_get(s->index, tw_id_bytes(comp));
    *number = (size_t)v - 1;
    return v != 0;
}

void tw_sealer_refresh(tw_sealer *s, const tw_id *comp)
{
    size_t i;
    if (find_slot(s, comp, &i))
        forget(s, i);
}

/* ---------------------------------------------------------------- records under way */

static bool make_room(tw_sealer *s)
{
    if (s->count == s->cap) {
        size_t cap = s->cap ? 2 * s->cap : 256;
        slot **slots = tw_mem_resize(s->slots, cap * sizeof *slots);
        if (!slots)
            return false;
        s->slots = slots;
        s->cap = cap;
    }
    if (s->count == s->slab_count * SLAB) {
        tw_secret **slab = tw_mem_resize(s->slab, (s->slab_count + 1) * sizeof(tw_secret *));
        if (!slab)
            return false;
        s->slab = slab;
        s->slab[s->slab_count++] = tw_secret_new((size_t)SLAB * SECRET);
    }
    return true;
}

static tw_status find_or_make_slot(tw_ctx *cx, size_t *number, tw_sealer *s, const tw_comp_record *r)
{
    tw_id comp;
    tw_comp_record_id(&comp, r);
    if (find_slot(s, &comp, number))
        return TW_OK;
    slot *t = make_room(s) ? tw_mem_alloc(sizeof *t) : NULL;
    if (!t || !tw_map_put(s->index, tw_id_bytes(&comp), (void *)(uintptr_t)(s->count + 1))) {
        tw_mem_free(t);
        return tw_fail(cx, TW_ELIMIT, "sealer: no room for another compartment after %zu", s->count);
    }
    t->comp = comp;
    memcpy(t->p, r->body.p, sizeof t->p);
    *number = s->count;
    s->slots[s->count++] = t;
    return TW_OK;
}

static tw_status slot_for(tw_ctx *cx, size_t *number, tw_sealer *s, const tw_comp_record *r)
{
    last_slot *last = &s->last[r->body.category]; /* in range: it is the record's */
    if (!last->known || memcmp(&last->record, r, sizeof *r) != 0) { /* other padding only means another look */
        TW_TRY(find_or_make_slot(cx, number, s, r));
        *last = (last_slot){ .known = true, .number = *number };
        memcpy(&last->record, r, sizeof *r);
    }
    *number = last->number;
    return TW_OK;
}

static tw_status check_record(tw_ctx *cx, const tw_sealer *s, const tw_comp *c, const tw_deid *record)
{
    const tw_bytes line = tw_deid_line(record);
    if (!tw_id_eq(&c->ledger, &s->ledger) || !tw_id_eq(&c->source, &s->source))
        return tw_fail(cx, TW_EVERIFY, "sealer: the compartment is of another ledger or source");
    if (c->category != (uint8_t)tw_deid_category(record))
        return tw_fail(cx, TW_EVERIFY, "sealer: a record of %s for a compartment of %s",
                       tw_category_name(tw_deid_category(record)), tw_category_name((tw_category)c->category));
    TW_ASSERT(line.n > 0 && !memchr(line.p, '\n', line.n)); /* a tw_deid is one line; padding relies on it */
    return TW_OK;
}

static tw_status append(tw_ctx *cx, tw_sealer *s, slot *t, tw_bytes line)
{
    const size_t need = s->pool.n + LINE_HEAD + line.n;
    if (need > s->pool.cap)
        TW_TRY(make_cap(cx, &s->pool, TW_MIN(TW_MAX(2 * s->pool.cap, need + 64 * TW_KIB), TW_BATCH_BYTES_MAX)));
    const uint32_t at = (uint32_t)s->pool.n;
    uint8_t *p = s->pool.p + at;
    tw_put_be32(p, NO_LINE);
    tw_put_be32(p + 4, (uint32_t)line.n);
    memcpy(p + LINE_HEAD, line.p, line.n);
    s->pool.n = need;
    if (t->records)
        tw_put_be32(s->pool.p + t->last, at);
    else
        t->first = at;
    t->last = at;
    t->bytes += line.n + 1;
    return TW_OK;
}

tw_status tw_sealer_add(tw_ctx *cx, tw_sealer *s, const tw_comp_record *compartment, const tw_deid *record)
{
    TW_TRY(check_record(cx, s, &compartment->body, record));
    const tw_bytes line = tw_deid_line(record);
    size_t i;
    TW_TRY(slot_for(cx, &i, s, compartment));
    slot *t = s->slots[i];
    /* Padding adds an eighth at most to anything over 16 bytes. */
    if ((t->records == 0 && s->pending_count == TW_SEGMENTS_MAX) ||
        t->bytes + line.n + 1 > TW_SEGMENT_BYTES_MAX / 8 * 7 || s->pool.n + LINE_HEAD + line.n > TW_BATCH_BYTES_MAX)
        return tw_fail(cx, TW_ELIMIT, "sealer: the batch is full");
    TW_TRY(append(cx, s, t, line));
    if (t->records++ == 0)
        s->pending[s->pending_count++] = i;
    return TW_OK;
}

/* ---------------------------------------------------------------- the cut */

typedef struct {
    tw_sealer *s;
    tw_sealed_batch *out;
    tw_merkle_range tree;
} cutting;

/* The next n bytes for objects and leaves, one after the other; their size is known before, so nothing runs out half
 * way. */
static uint8_t *take(cutting *c, size_t n)
{
    store *o = &c->s->object;
    TW_ASSERT(n <= o->cap - o->n);
    uint8_t *p = o->p + o->n;
    o->n += n;
    return p;
}

static void emit(tw_ctx *cx, cutting *c, const tw_batch_leaf *leaf, tw_bytes object)
{
    uint8_t hash[TW_HASH];
    store *o = &c->s->object;
    tw_buf room = { .p = o->p + o->n, .cap = o->cap - o->n, .max = o->cap - o->n };
    tw_batch_leaf_encode(&room, leaf);
    TW_ASSERT(!room.failed);
    const tw_bytes bytes = { take(c, room.n), room.n };
    tw_merkle_leaf(hash, bytes);
    tw_merkle_range_add(&c->tree, hash);
    c->out->item[c->out->count++] = tw_sealed_make(cx, bytes, object);
    c->out->bytes += object.n;
}

/* Capsule and wrap of a fresh day secret. */
static tw_status make_capsule(tw_ctx *cx, cutting *c, size_t i)
{
    slot *t = c->s->slots[i];
    uint8_t *object = take(c, CAPSULE_OBJECT);
    const tw_comp place = { .ledger = c->s->ledger, .source = c->s->source };
    uint8_t ctx[TW_CAPSULE_CTX];
    uint8_t kek[32];
    tw_capsule_ctx(ctx, &place, &t->comp, c->s->day);
    TW_TRY(tw_tpre_encap(cx, object, kek, t->p, TW_BYTES(ctx)));
    tw_random(cx, secret_of(c->s, i), SECRET);
    tw_tpre_wrap(cx, object + TW_CAPSULE, kek, secret_of(c->s, i), object);
    tw_wipe(kek, sizeof kek);
    tw_batch_leaf leaf = { .kind = 1, .capsule = { .comp = t->comp, .day = c->s->day } };
    tw_sha256_of(leaf.capsule.capsule_hash, (tw_bytes){ object, TW_CAPSULE });
    tw_sha256_of(leaf.capsule.wrap_hash, (tw_bytes){ object + TW_CAPSULE, TW_WRAP });
    memcpy(t->capsule_hash, leaf.capsule.capsule_hash, sizeof t->capsule_hash);
    t->has_secret = true;
    emit(cx, c, &leaf, (tw_bytes){ object, CAPSULE_OBJECT });
    return TW_OK;
}

/* Where a segment's plain text is read: its lines in order of arrival, each with its end, then line feeds up to the
 * padded size. No record is empty, so the last run of line feeds is known to be padding. */
typedef struct {
    const uint8_t *pool;
    uint32_t line; /* NO_LINE: only padding is left */
    size_t done;   /* bytes of it given */
} reading;

static void read_plain(void *self, uint8_t *out, size_t n)
{
    reading *r = self;
    while (n && r->line != NO_LINE) {
        const uint8_t *p = r->pool + r->line;
        const size_t length = tw_be32(p + 4);
        const size_t step = TW_MIN(n, length - r->done);
        memcpy(out, p + LINE_HEAD + r->done, step);
        r->done += step;
        out += step;
        n -= step;
        if (n == 0)
            return; /* the line's end begins the next piece, unless the line goes on there */
        *out++ = '\n';
        n--;
        r->line = tw_be32(p);
        r->done = 0;
    }
    memset(out, '\n', n);
}

static tw_status make_segment(tw_ctx *cx, cutting *c, size_t i)
{
    slot *t = c->s->slots[i];
    const size_t padded = (size_t)tw_padme(t->bytes);
    reading lines = { .pool = c->s->pool.p, .line = t->first };
    tw_batch_leaf leaf = { .kind = 2, .segment = { .comp = t->comp, .records = t->records } };
    leaf.segment.cipher_bytes = tw_c4gh_body_size(padded);
    uint8_t *body = take(c, (size_t)leaf.segment.cipher_bytes);
    uint8_t key[32];
    tw_random(cx, leaf.segment.segment.b, sizeof leaf.segment.segment.b);
    memcpy(leaf.segment.capsule_hash, t->capsule_hash, sizeof t->capsule_hash);
    tw_segment_key(key, secret_of(c->s, i), &leaf.segment.segment);
    tw_status status = tw_c4gh_body_seal_from(cx, body, leaf.segment.block_root, key, padded, read_plain, &lines);
    tw_wipe(key, sizeof key);
    TW_TRY(status);
    emit(cx, c, &leaf, (tw_bytes){ body, (size_t)leaf.segment.cipher_bytes });
    return TW_OK;
}

typedef struct {
    tw_id comp;
    size_t number;
} place;

static int by_comp(const void *a, const void *b)
{
    const place *x = a;
    const place *y = b;
    return tw_id_cmp(&x->comp, &y->comp);
}

/* All the memory of a cut, at once. */
static tw_status reserve(tw_ctx *cx, cutting *c, tw_sealer *s)
{
    size_t bytes = 0;
    for (size_t i = 0; i < s->pending_count; i++) {
        const slot *t = s->slots[s->pending[i]];
        bytes += t->has_secret ? 0 : CAPSULE_OBJECT + TW_CAPSULE_LEAF_BYTES;
        bytes += (size_t)tw_c4gh_body_size(tw_padme(t->bytes)) + TW_SEGMENT_LEAF_BYTES;
    }
    c->out->item = tw_try_array(cx->arena, tw_sealed *, 2 * s->pending_count);
    if (!c->out->item)
        return tw_fail(cx, TW_ELIMIT, "sealer: no room for a batch of %zu segments", s->pending_count);
    s->object.n = 0;
    TW_TRY(make_cap(cx, &s->object, bytes));
    const tw_mark m = tw_arena_mark(cx->arena);
    const bool handles = tw_arena_try(cx->arena, 2 * s->pending_count * 64) != NULL; /* tw_sealed_make takes less */
    tw_arena_back(cx->arena, m);
    return handles ? TW_OK : tw_fail(cx, TW_ELIMIT, "sealer: no room for a batch of %zu segments", s->pending_count);
}

static tw_status seal_all(tw_ctx *cx, cutting *c, tw_sealer *s)
{
    place *order = tw_try_array(cx->arena, place, s->pending_count);
    if (!order)
        return tw_fail(cx, TW_ELIMIT, "sealer: no room for a batch of %zu segments", s->pending_count);
    TW_TRY(reserve(cx, c, s));
    for (size_t i = 0; i < s->pending_count; i++)
        order[i] = (place){ s->slots[s->pending[i]]->comp, s->pending[i] };
    if (s->pending_count)
        qsort(order, s->pending_count, sizeof *order, by_comp);
    for (size_t i = 0; i < s->pending_count; i++) {
        if (!s->slots[order[i].number]->has_secret)
            TW_TRY(make_capsule(cx, c, order[i].number));
        TW_TRY(make_segment(cx, c, order[i].number));
    }
    return TW_OK;
}

tw_status tw_sealer_cut(tw_ctx *cx, tw_sealed_batch *out, tw_sealer *s, uint32_t day)
{
    *out = (tw_sealed_batch){ 0 };
    if (day != s->day)
        forget_all(s);
    s->day = day;
    cutting c = { .s = s, .out = out };
    tw_status status = seal_all(cx, &c, s);
    if (status != TW_OK) {
        forget_all(s); /* capsules of this cut are seen by nobody */
        *out = (tw_sealed_batch){ 0 };
        return status;
    }
    tw_merkle_range_root(out->root, &c.tree);
    drop_pending(s);
    return TW_OK;
}
