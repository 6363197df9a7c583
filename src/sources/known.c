/* Names of patients. What a piece teaches is written down first (a lesson) and learned later, so that many pieces
 * can be prepared at once and the order in which they are learned is that of the input. */
#include "sources/sources_internal.h"

#define KEEP_BYTES_A_NAME 512
#define HOPS_MAX 1024 /* of merges, one after the other */
#define TEXT_MAX (64 * TW_KIB)

typedef enum { LESSON_NAME = 1, LESSON_MERGE = 2 } lesson_kind;

void tw_known_init(tw_known *k, size_t max)
{
    *k = (tw_known){ .keep = tw_arena_new(max * KEEP_BYTES_A_NAME + TW_MIB), .map = tw_map_new(max), .max = max };
}

void tw_known_done(tw_known *k)
{
    tw_map_free(k->map);
    tw_arena_free(k->keep);
    *k = (tw_known){ .map = NULL };
}

/* ---------------------------------------------------------------- looking up */

static tw_bytes merge_key(tw_ctx *in, tw_str number)
{
    return tw_bytes_of(tw_fhir_joined(in->arena, TW_STR("m "), "", number));
}

static const tw_fhir_node *from_store(const tw_known *k, tw_ctx *in, tw_bytes key)
{
    tw_bytes value;
    if (k->store.get(k->store.self, in, &value, key) != TW_OK) {
        tw_err_clear(in);
        return NULL;
    }
    tw_rd r = tw_rd_of(value);
    tw_fhir_node *node = tw_arena_try(in->arena, sizeof *node);
    if (!node)
        return NULL;
    node->is_patient = true;
    node->ambiguous = tw_rd_u8(&r) == 1;
    node->number = tw_str_of_bytes(tw_rd_var(&r, TEXT_MAX));
    node->id = tw_str_of_bytes(tw_rd_var(&r, TEXT_MAX));
    return tw_rd_end(in, &r, "name") == TW_OK ? node : NULL;
}

const tw_fhir_node *tw_known_find(const tw_known *k, tw_ctx *in, tw_bytes key)
{
    const tw_fhir_node *node = tw_map_get(k->map, key);
    if (node || !k->store.get || (!k->spilled && key.p[0] != 'm'))
        return node;
    return from_store(k, in, key);
}

tw_str tw_known_survivor(const tw_known *k, tw_ctx *in, tw_str number)
{
    for (int i = 0; i < HOPS_MAX; i++) {
        const tw_fhir_node *next = tw_known_find(k, in, merge_key(in, number));
        if (!next || tw_str_eq(next->number, number))
            return number;
        number = next->number;
    }
    return number;
}

/* ---------------------------------------------------------------- lessons */

void tw_lesson_name(tw_buf *lesson, tw_bytes key, tw_str number, tw_str id)
{
    tw_buf_u8(lesson, LESSON_NAME);
    tw_buf_var(lesson, key);
    tw_buf_var(lesson, tw_bytes_of(number));
    tw_buf_var(lesson, tw_bytes_of(id));
}

void tw_lesson_merge(tw_buf *lesson, tw_bytes key, tw_str old, tw_str survivor)
{
    tw_buf_u8(lesson, LESSON_MERGE);
    tw_buf_var(lesson, key);
    tw_buf_var(lesson, tw_bytes_of(old));
    tw_buf_var(lesson, tw_bytes_of(survivor));
}

static tw_status write_node(tw_ctx *cx, tw_known *k, tw_bytes key, const tw_fhir_node *n, bool for_good)
{
    tw_buf b;
    tw_buf_init(&b, 4 * TEXT_MAX);
    tw_buf_u8(&b, n->ambiguous);
    tw_buf_var(&b, tw_bytes_of(n->number));
    tw_buf_var(&b, tw_bytes_of(n->id));
    tw_status s = tw_buf_check(cx, &b, "name");
    if (s == TW_OK)
        s = k->store.put(k->store.self, cx, key, tw_buf_view(&b), for_good);
    tw_buf_done(&b);
    return s;
}

/* Memory is full: all of it goes to the store. */
static tw_status spill(tw_ctx *cx, tw_known *k)
{
    if (!k->store.put)
        return tw_fail(cx, TW_ELIMIT, "more names of patients than %zu", k->max);
    for (size_t i = 0; i < tw_map_count(k->map); i++) {
        tw_bytes key;
        const tw_fhir_node *n = tw_map_at(k->map, i, &key);
        TW_TRY(write_node(cx, k, key, n, key.p[0] == 'm'));
    }
    tw_known next;
    tw_known_init(&next, k->max);
    next.store = k->store;
    next.spilled = true;
    tw_known_done(k);
    *k = next;
    return TW_OK;
}

static bool keep_text(tw_known *k, tw_str *out, tw_str text)
{
    char *copy = tw_arena_try(k->keep, text.n + 1);
    if (!copy)
        return false;
    if (text.n > 0)
        memcpy(copy, text.p, text.n);
    *out = (tw_str){ copy, text.n };
    return true;
}

static tw_status remember(tw_ctx *cx, tw_known *k, tw_bytes key, const tw_fhir_node *of)
{
    if (tw_map_count(k->map) >= k->max)
        TW_TRY(spill(cx, k));
    tw_fhir_node *node = tw_arena_try(k->keep, sizeof *node);
    if (!node)
        return tw_fail(cx, TW_ELIMIT, "no memory for names of patients");
    *node = *of;
    if (keep_text(k, &node->number, of->number) && keep_text(k, &node->id, of->id) && tw_map_put(k->map, key, node))
        return TW_OK;
    return tw_fail(cx, TW_ELIMIT, "no memory for names of patients");
}

/* One name, one person: a second number under the same name makes the name useless. */
static tw_status learn_name(tw_ctx *cx, tw_known *k, tw_bytes key, tw_str number, tw_str id)
{
    const tw_fhir_node *old = tw_known_find(k, cx, key);
    tw_fhir_node node = { .number = number, .id = id, .is_patient = true };
    if (!old)
        return remember(cx, k, key, &node);
    if (old->ambiguous || tw_str_eq(old->number, number) ||
        tw_str_eq(tw_known_survivor(k, cx, old->number), tw_known_survivor(k, cx, number)))
        return TW_OK;
    node = *old;
    node.ambiguous = true;
    return remember(cx, k, key, &node);
}

static tw_status put_merge(tw_ctx *cx, tw_known *k, tw_str from, tw_str to)
{
    const tw_bytes key = merge_key(cx, from);
    const tw_fhir_node *old = tw_known_find(k, cx, key);
    const tw_fhir_node node = { .number = to, .id = { "", 0 }, .is_patient = true };
    if (old && tw_str_eq(old->number, to))
        return TW_OK;
    TW_TRY(remember(cx, k, key, &node));
    return k->store.put ? write_node(cx, k, key, &node, true) : TW_OK;
}

/* The later word counts: a number that was merged away may be made the survivor again. */
static tw_status learn_merge(tw_ctx *cx, tw_known *k, tw_str old, tw_str survivor)
{
    if (tw_str_eq(old, survivor))
        return TW_OK;
    if (tw_str_eq(tw_known_survivor(k, cx, survivor), old))
        TW_TRY(put_merge(cx, k, survivor, survivor));
    return put_merge(cx, k, old, survivor);
}

tw_status tw_known_learn(tw_ctx *cx, tw_known *k, tw_bytes lesson)
{
    tw_rd r = tw_rd_of(lesson);
    while (tw_rd_left(&r)) {
        tw_mark mark = tw_arena_mark(cx->arena);
        uint8_t kind = tw_rd_u8(&r);
        tw_bytes key = tw_rd_var(&r, TEXT_MAX);
        tw_str a = tw_str_of_bytes(tw_rd_var(&r, TEXT_MAX));
        tw_str b = tw_str_of_bytes(tw_rd_var(&r, TEXT_MAX));
        TW_ASSERT(!r.bad); /* written above */
        tw_status s = kind == LESSON_MERGE ? learn_merge(cx, k, a, b) : learn_name(cx, k, key, a, b);
        tw_arena_back(cx->arena, mark);
        TW_TRY(s);
    }
    return TW_OK;
}

void tw_sources_store(tw_sources *s, const tw_names_store *store)
{
    TW_ASSERT(tw_map_count(s->known.map) == 0);
    size_t max = store->names_max ? store->names_max : s->known.max;
    tw_known_done(&s->known);
    tw_known_init(&s->known, max);
    s->known.store = *store;
}
