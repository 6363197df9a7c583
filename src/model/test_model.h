/** Helpers of this room's tests. */
#ifndef TW_TEST_MODEL_H
#define TW_TEST_MODEL_H

#include "test.h"

#include "model/model.h"

static inline void any(void *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((uint8_t *)p)[i] = (uint8_t)(tw_test_random() >> 40);
}

/** n bytes first, first + 1, ... for vectors. */
static inline void count_up(uint8_t *p, size_t n, unsigned first)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)(first + i);
}

typedef tw_status (*decode_fn)(tw_bytes in);

/** Every strict beginning of `good`, and `good` with one byte after it (every value), is refused; `good` is not. Each
 *  try has memory of exactly its size, so that the sanitizer sees a read behind it. */
static inline void assert_exact(tw_bytes good, decode_fn decode)
{
    for (size_t n = 0; n <= good.n; n++) {
        uint8_t *p = tw_mem_alloc(n ? n : 1);
        memcpy(p, good.p, n);
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_status s = decode((tw_bytes){ p, n });
        tw_arena_back(cx->arena, mark);
        tw_mem_free(p);
        if ((s == TW_OK) != (n == good.n))
            fail_msg("%zu of %zu bytes: %s %s", n, good.n, tw_status_name(s), cx->err.msg);
    }
    uint8_t *p = tw_mem_alloc(good.n + 1);
    memcpy(p, good.p, good.n);
    for (unsigned last = 0; last < 256; last++) {
        p[good.n] = (uint8_t)last;
        tw_mark mark = tw_arena_mark(cx->arena);
        if (decode((tw_bytes){ p, good.n + 1 }) == TW_OK)
            fail_msg("byte %u after the end is taken", last);
        tw_arena_back(cx->arena, mark);
    }
    tw_mem_free(p);
}

/** JSON without backslashes: ' stands for ". In the arena. */
static inline tw_str json(const char *text)
{
    size_t n = strlen(text);
    char *p = tw_arena_get(cx->arena, n + 1);
    for (size_t i = 0; i < n; i++)
        p[i] = text[i] == '\'' ? '"' : text[i];
    return (tw_str){ p, n };
}

/** Bytes of a buffer that did not fail, in the arena; the buffer is done. */
static inline tw_bytes taken(tw_buf *b)
{
    assert_ok(tw_buf_check(cx, b, "test"));
    tw_bytes bytes = tw_bytes_dup(cx->arena, tw_buf_view(b));
    tw_buf_done(b);
    return bytes;
}

static inline void assert_same(tw_bytes a, tw_bytes b)
{
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.p, b.p, a.n);
}

/** Random text of 1 to 20 letters, with one that takes two bytes. */
static inline tw_str any_text(void)
{
    size_t n = 1 + (size_t)tw_test_below(18);
    char *p = tw_arena_get(cx->arena, n + 2);
    for (size_t i = 0; i < n; i++)
        p[i] = (char)('a' + tw_test_below(26));
    p[n] = '\xc3';
    p[n + 1] = '\xa9';
    return (tw_str){ p, n + 2 };
}

static inline void any_list(tw_list *l, size_t least)
{
    *l = (tw_list){ .count = least + (size_t)tw_test_below(TW_LIST_MAX + 1 - least) };
    for (size_t i = 0; i < l->count; i++)
        l->item[i] = any_text();
}

static inline void any_comp(tw_comp *c)
{
    *c = (tw_comp){ 0 };
    any(c->ledger.b, 32);
    any(c->source.b, 32);
    c->category = (uint8_t)(1 + tw_test_below(TW_CATEGORY_COUNT));
    any(&c->epoch, sizeof c->epoch);
    any(&c->generation, 1);
    any(c->p, sizeof c->p);
    any(c->c0, sizeof c->c0);
    any(c->keeper_set.b, 32);
    any(c->watch_hash, 32);
    c->t = (uint8_t)(1 + tw_test_below(TW_SHARES_MAX));
    c->class_grant = tw_test_below(2) != 0;
    any(c->commits_w, (size_t)c->t * TW_POINT);
    if (c->class_grant)
        any(c->commits_a, (size_t)c->t * TW_POINT);
}

/** The compartment of the vectors: labs, epoch 2026, generation 1, t = 2, class grant; other fields count up. */
static inline void vector_record(tw_comp_record *r)
{
    *r = (tw_comp_record){ 0 };
    count_up(r->a, 32, 0xa0);
    count_up(r->k, 32, 0xc0);
    tw_comp *c = &r->body;
    count_up(c->ledger.b, 32, 0x00);
    count_up(c->source.b, 32, 0x20);
    c->category = TW_CAT_LABS;
    c->epoch = 2026;
    c->generation = 1;
    count_up(c->p, 32, 0x40);
    count_up(c->c0, 32, 0x60);
    count_up(c->keeper_set.b, 32, 0x80);
    count_up(c->watch_hash, 32, 0x11);
    c->t = 2;
    c->class_grant = true;
    for (unsigned i = 0; i < 2; i++) {
        count_up(c->commits_w[i], 32, 0x31 + i);
        count_up(c->commits_a[i], 32, 0x51 + i);
    }
}

/** The n-th block (from 0) of a page of docs/formats that is fenced as `kind`. */
static inline tw_str page_block(const char *page, const char *kind, unsigned n)
{
    tw_str rest = tw_test_source(tw_strf(cx->arena, "/docs/formats/%s", page).p);
    tw_str open = tw_strf(cx->arena, "\n```%s\n", kind);
    for (;; n--) {
        size_t at = tw_str_find(rest, open);
        if (at == SIZE_MAX)
            fail_msg("%s has too few blocks of %s", page, kind);
        rest = (tw_str){ rest.p + at + open.n, rest.n - at - open.n };
        if (n == 0)
            break;
    }
    size_t end = tw_str_find(rest, TW_STR("\n```"));
    assert_true(end != SIZE_MAX);
    return (tw_str){ rest.p, end };
}

/** Bytes of a hex block, lines joined. */
static inline tw_bytes page_hex(const char *page, unsigned n)
{
    tw_str block = page_block(page, "hex", n);
    char *p = tw_arena_get(cx->arena, block.n + 1);
    size_t length = 0;
    for (size_t i = 0; i < block.n; i++)
        if (block.p[i] != '\n')
            p[length++] = block.p[i];
    assert_true(length > 0);
    return tw_test_unhex((tw_str){ p, length });
}

#endif
