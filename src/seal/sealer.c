/* Sealing, in the source process. Records wait per compartment; a cut makes one segment a compartment, and a
 * capsule where the compartment has no day secret yet. Day secrets are random, live in guarded slabs, and are
 * wiped when the day changes, when the ledger speaks of their compartment, or with the sealer. */
#include "seal/seal.h"

#include <stdlib.h>

#include "model/seal_make.h"
#include "seal/seal_internal.h"

#define SLAB 1024 /* day secrets in one guarded block: guard pages cost as much as a thousand of them */
#define SLOTS_MAX ((size_t)1 << 22)
#define CAPSULE_OBJECT (TW_CAPSULE + TW_WRAP)
#define SECRET 32

/* One compartment that this process seals into. */
typedef struct {
    tw_id comp;
    uint8_t p[TW_POINT];
    bool has_secret;
    uint8_t capsule_hash[32];
    uint32_t records; /* under way */
    tw_buf lines;
} slot;

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
    size_t pending_bytes;
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
        tw_buf_done(&t->lines);
        t->records = 0;
    }
    s->pending_count = 0;
    s->pending_bytes = 0;
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

static tw_status slot_for(tw_ctx *cx, size_t *number, tw_sealer *s, const tw_comp_record *r)
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
    tw_buf_init(&t->lines, TW_SEGMENT_BYTES_MAX);
    *number = s->count;
    s->slots[s->count++] = t;
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

tw_status tw_sealer_add(tw_ctx *cx, tw_sealer *s, const tw_comp_record *compartment, const tw_deid *record)
{
    TW_TRY(check_record(cx, s, &compartment->body, record));
    const tw_bytes line = tw_deid_line(record);
    size_t i;
    TW_TRY(slot_for(cx, &i, s, compartment));
    slot *t = s->slots[i];
    /* Padding adds an eighth at most to anything over 16 bytes. */
    if ((t->records == 0 && s->pending_count == TW_SEGMENTS_MAX) || t->records == UINT32_MAX ||
        t->lines.n + line.n + 1 > TW_SEGMENT_BYTES_MAX / 8 * 7 || s->pending_bytes + line.n + 1 > TW_BATCH_BYTES_MAX)
        return tw_fail(cx, TW_ELIMIT, "sealer: the batch is full");
    const size_t before = t->lines.n;
    tw_buf_add(&t->lines, line.p, line.n);
    tw_buf_u8(&t->lines, '\n');
    TW_TRY(tw_buf_check(cx, &t->lines, "sealer"));
    s->pending_bytes += t->lines.n - before;
    if (t->records++ == 0)
        s->pending[s->pending_count++] = i;
    return TW_OK;
}

/* ---------------------------------------------------------------- the cut */

typedef struct {
    tw_sealer *s;
    tw_sealed_batch *out;
    tw_merkle_range tree;
    tw_buf room; /* objects and leaves one after the other; its size is known before, so nothing runs out half way */
} cutting;

/* The next n bytes of the room. */
static uint8_t *take(cutting *c, size_t n)
{
    TW_ASSERT(n <= c->room.max - c->room.n);
    uint8_t *p = c->room.p + c->room.n;
    c->room.n += n;
    return p;
}

static void emit(tw_ctx *cx, cutting *c, const tw_batch_leaf *leaf, tw_bytes object)
{
    uint8_t hash[TW_HASH];
    const size_t at = c->room.n;
    tw_batch_leaf_encode(&c->room, leaf);
    TW_ASSERT(!c->room.failed);
    const tw_bytes bytes = { c->room.p + at, c->room.n - at };
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

/* Line feeds up to the padded size: no record is empty, so the last run of them is known to be padding. */
static tw_status pad(tw_ctx *cx, tw_buf *lines)
{
    static const char feeds[64] = "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
                                  "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n";
    uint64_t left = tw_padme(lines->n) - lines->n;
    while (left) {
        size_t n = (size_t)TW_MIN(left, sizeof feeds);
        tw_buf_add(lines, feeds, n);
        left -= n;
    }
    return tw_buf_check(cx, lines, "segment");
}

static tw_status make_segment(tw_ctx *cx, cutting *c, size_t i)
{
    slot *t = c->s->slots[i];
    const size_t plain = t->lines.n;
    TW_TRY(pad(cx, &t->lines));
    tw_batch_leaf leaf = { .kind = 2, .segment = { .comp = t->comp, .records = t->records } };
    leaf.segment.cipher_bytes = tw_c4gh_body_size(t->lines.n);
    uint8_t *body = take(c, (size_t)leaf.segment.cipher_bytes);
    uint8_t key[32];
    tw_random(cx, leaf.segment.segment.b, sizeof leaf.segment.segment.b);
    memcpy(leaf.segment.capsule_hash, t->capsule_hash, sizeof t->capsule_hash);
    tw_segment_key(key, secret_of(c->s, i), &leaf.segment.segment);
    tw_status status = tw_c4gh_body_seal(cx, body, leaf.segment.block_root, key, tw_buf_view(&t->lines));
    tw_wipe(key, sizeof key);
    t->lines.n = plain; /* without the padding, should the cut be tried again */
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
static tw_status reserve(tw_ctx *cx, cutting *c, const tw_sealer *s)
{
    size_t bytes = 0;
    for (size_t i = 0; i < s->pending_count; i++) {
        const slot *t = s->slots[s->pending[i]];
        bytes += t->has_secret ? 0 : CAPSULE_OBJECT + TW_CAPSULE_LEAF_BYTES;
        bytes += (size_t)tw_c4gh_body_size(tw_padme(t->lines.n)) + TW_SEGMENT_LEAF_BYTES;
    }
    c->out->item = tw_try_array(cx->arena, tw_sealed *, 2 * s->pending_count);
    if (!c->out->item)
        return tw_fail(cx, TW_ELIMIT, "sealer: no room for a batch of %zu segments", s->pending_count);
    TW_TRY(tw_seal_room(cx, &c->room, bytes));
    const tw_mark m = tw_arena_mark(cx->arena);
    const bool handles = tw_arena_try(cx->arena, 2 * s->pending_count * 64) != NULL; /* tw_sealed_make takes less */
    tw_arena_back(cx->arena, m);
    return handles ? TW_OK : tw_fail(cx, TW_ELIMIT, "sealer: no room for a batch of %zu segments", s->pending_count);
}

static tw_status seal_all(tw_ctx *cx, cutting *c, const tw_sealer *s)
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
