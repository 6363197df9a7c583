/* Free text of documents: what is known of a person, the text engine, and a cache for the short texts beside codes.
 *
 * The cache has two steps. A text is searched once without anything known of a person and remembered by (system, code,
 * text). What a person's own identifiers add is looked for once a person, with that finder alone, which costs little.
 * Both are thrown away as a whole when full. */
#include "deid/doc_internal.h"

#define CACHE_MAX 20000
#define CACHE_BYTES_MAX (16 * TW_MIB)
#define DISPLAY_MAX 400 /* longer ones are not remembered */
#define IDENTS_MAX 10000

/* ---------------------------------------------------------------- what is known */

#define FACTS_MAX (16 * TW_MIB)

/* Made when the first value comes: most documents name nobody. */
void doc_known_init(doc_known *k)
{
    *k = (doc_known){ .n = 0 };
}

void doc_known_done(doc_known *k)
{
    tw_text_known_free(k->text);
    tw_map_free(k->idents);
    if (k->n)
        tw_buf_done(&k->facts);
    *k = (doc_known){ .n = 0 };
}

static tw_str plain(char out[DOC_ID_BYTES_MAX], tw_str s)
{
    return (tw_str){ out, doc_plain(out, s) };
}

/* The next run of letters and digits in small letters, cut at 32 bytes; "" at the end. */
static tw_str next_word(char out[32], tw_str *rest)
{
    size_t n = 0;
    while (rest->n) {
        char c = rest->p[0], lower = (char)(c | 0x20);
        bool inside = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || (uint8_t)c >= 0x80;
        if (!inside && n)
            break;
        if (inside && n < 32)
            out[n++] = c >= 'A' && c <= 'Z' ? lower : c;
        *rest = (tw_str){ rest->p + 1, rest->n - 1 };
    }
    return (tw_str){ out, n };
}

static uint32_t word_bit(const doc_known *k, tw_str word)
{
    return tw_str_hash(word) % (64 * TW_COUNT(k->word));
}

/* false: no word of the text is one of a known value, and no number in it is long enough to be one of them. */
static bool may_name(const doc_known *k, tw_str text)
{
    enum { DIGITS = 4 };
    char room[32];
    for (tw_str w; (w = next_word(room, &text)).n;) {
        uint32_t bit = word_bit(k, w), digits = 0;
        for (size_t i = 0; i < w.n; i++)
            digits += w.p[i] >= '0' && w.p[i] <= '9';
        if (digits >= DIGITS || (k->word[bit / 64] >> (bit % 64) & 1))
            return true;
    }
    return false;
}

static void set_bit(doc_known *k, tw_str word)
{
    uint32_t bit = word_bit(k, word);
    k->word[bit / 64] |= (uint64_t)1 << (bit % 64);
}

/* Each word; of an organisation, which is found as a whole, the longest: "general" stands in every other display. */
static void set_words(doc_known *k, tw_known_field field, tw_str value)
{
    char room[32], longest[32];
    size_t most = 0;
    for (tw_str w; (w = next_word(room, &value)).n;) {
        if (field != TW_KNOWN_ORG)
            set_bit(k, w);
        if (w.n > most)
            memcpy(longest, w.p, most = w.n);
    }
    if (most)
        set_bit(k, (tw_str){ longest, most });
}

tw_status doc_known_add(tw_ctx *cx, doc_known *k, tw_known_field field, tw_str value)
{
    if (value.n == 0)
        return TW_OK;
    if (!k->text) {
        k->text = tw_text_known_new();
        tw_buf_init(&k->facts, FACTS_MAX);
    }
    k->n++;
    tw_buf_u8(&k->facts, (uint8_t)field);
    tw_buf_var(&k->facts, tw_bytes_of(value));
    set_words(k, field, value);
    return tw_buf_check(cx, &k->facts, "what is known of persons");
}

static tw_status make_known(tw_ctx *cx, doc_known *k, tw_known_field field, tw_str value)
{
    char text[DOC_ID_BYTES_MAX];
    if (field == TW_KNOWN_ID && !k->idents)
        k->idents = tw_map_new(IDENTS_MAX);
    if (field == TW_KNOWN_ID && !tw_map_put(k->idents, tw_bytes_of(plain(text, value)), k))
        return tw_fail(cx, TW_ELIMIT, "too many identifiers of one person");
    return tw_text_known_add(cx, k->text, field, value);
}

tw_status doc_known_ready(tw_ctx *cx, doc_known *k)
{
    if (!k->n || k->ready)
        return TW_OK;
    k->ready = true;
    tw_rd r = tw_rd_of(tw_buf_view(&k->facts));
    while (tw_rd_left(&r)) {
        tw_known_field field = (tw_known_field)tw_rd_u8(&r);
        TW_TRY(make_known(cx, k, field, tw_str_of_bytes(tw_rd_var(&r, FACTS_MAX))));
    }
    return tw_text_known_ready(cx, k->text);
}

/* ---------------------------------------------------------------- text */

/* Spans parted at those that are identifiers of the header: these become what the header says. */
static void replace(tw_buf *out, const tw_doc_work *w, tw_str in, tw_text_span *span, size_t count, doc_known *known,
                    const doc_person *person)
{
    const tw_doc_opts *o = w->opts;
    tw_text_replace_opts how = { .style = o->text_tags ? TW_TEXT_TAGS : TW_TEXT_SURROGATES,
                                 .key = person->surrogate_key,
                                 .shift_days = o->profile->times == TIMES_SHIFT ? 7 * person->shift_weeks : 0 };
    uint32_t from = 0;
    size_t first = 0;
    char text[DOC_ID_BYTES_MAX], id[TW_ID_HEX + 1];
    for (size_t i = 0; i <= count; i++) {
        tw_str value = i < count ? (tw_str){ in.p + span[i].start, span[i].end - span[i].start } : TW_STR("");
        bool known_id = i < count && span[i].kind == TW_TEXT_ID && known && known->idents && !o->text_tags &&
                        tw_map_get(known->idents, tw_bytes_of(plain(text, value)));
        if (i < count && !known_id)
            continue;
        uint32_t to = i < count ? span[i].start : (uint32_t)in.n;
        for (size_t k = first; k < i; k++) {
            span[k].start -= from;
            span[k].end -= from;
        }
        tw_text_replace(out, o->text, (tw_str){ in.p + from, to - from }, span + first, i - first, &how);
        if (i == count)
            return;
        doc_ident(id, w, value);
        tw_buf_add(out, id, TW_ID_HEX);
        from = span[i].end;
        first = i + 1;
    }
}

static tw_status scrub(tw_ctx *cx, tw_str *out, tw_doc_work *w, tw_str in, doc_known *known, const doc_person *person,
                       unsigned finders)
{
    tw_text_span *span = NULL;
    size_t count = 0;
    tw_text_opts opts = { .model = w->opts->text,
                          .known = known ? known->text : NULL,
                          .threshold = w->opts->text_threshold,
                          .strict = w->opts->text_strict,
                          .finders = finders };
    *out = (tw_str){ "", 0 };
    if ((known && doc_known_ready(cx, known) != TW_OK) ||
        tw_text_find(cx, &span, &count, w->text, in, &opts) != TW_OK) {
        tw_err_clear(cx); /* a text that cannot be searched is removed */
        return TW_OK;
    }
    if (count == 0) {
        *out = in;
        return TW_OK;
    }
    tw_buf_clear(&w->scratch);
    replace(&w->scratch, w, in, span, count, known, person);
    TW_TRY(tw_buf_check(cx, &w->scratch, "text"));
    *out = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&w->scratch)));
    return TW_OK;
}

tw_status doc_text(tw_ctx *cx, tw_str *out, tw_doc_work *w, tw_str in, doc_known *known, const doc_person *person)
{
    *out = (tw_str){ "", 0 };
    if (!w->text || in.n == 0 || in.n > TW_TEXT_BYTES_MAX)
        return TW_OK;
    return scrub(cx, out, w, in, known, person, 0);
}

/* ---------------------------------------------------------------- displays */

typedef struct {
    tw_map *by_text;
    tw_arena *arena;
} memory;

struct doc_cache {
    memory any;                /* without anything known */
    memory own;                /* of the person in `handle` */
    uint8_t handle[TW_HANDLE]; /* whose */
    const tw_text_known *known;
};

static void forget(memory *m)
{
    tw_map_free(m->by_text);
    tw_arena_free(m->arena);
    *m = (memory){ tw_map_new(CACHE_MAX), tw_arena_new(CACHE_BYTES_MAX) };
}

void doc_cache_free(doc_cache *c)
{
    if (!c)
        return;
    tw_map_free(c->any.by_text);
    tw_arena_free(c->any.arena);
    tw_map_free(c->own.by_text);
    tw_arena_free(c->own.arena);
    tw_mem_free(c);
}

static void remember(memory *m, tw_bytes key, tw_str value)
{
    for (int round = 0; round < 2; round++) {
        tw_str *v = tw_arena_try(m->arena, sizeof *v + value.n);
        if (v) {
            *v = (tw_str){ (char *)(v + 1), value.n };
            memcpy(v + 1, value.p, value.n);
            if (tw_map_put(m->by_text, key, v))
                return;
        }
        forget(m);
    }
}

static doc_cache *cache_of(tw_doc_work *w, doc_known *known, const doc_person *person)
{
    doc_cache *c = w->cache;
    if (!c) {
        c = tw_mem_alloc(sizeof *c);
        TW_ASSERT(c != NULL);
        forget(&c->any);
        forget(&c->own);
        w->cache = c;
    }
    const tw_text_known *text = known ? known->text : NULL;
    if (memcmp(c->handle, person->handle, TW_HANDLE) != 0 || c->known != text) {
        memcpy(c->handle, person->handle, TW_HANDLE);
        c->known = text;
        if (tw_map_count(c->own.by_text))
            forget(&c->own);
    }
    return c;
}

void doc_cache_person(tw_doc_work *w)
{
    if (w->cache && tw_map_count(w->cache->own.by_text))
        forget(&w->cache->own);
}

/* What the text is for everybody; surrogates in it are those of nobody. */
static tw_status for_anybody(tw_ctx *cx, tw_str *out, tw_doc_work *w, tw_bytes key, tw_str in)
{
    const tw_str *hit = tw_map_get(w->cache->any.by_text, key);
    doc_person nobody;
    if (hit) {
        *out = *hit;
        return TW_OK;
    }
    doc_person_of(&nobody, w, TW_STR(""));
    TW_TRY(scrub(cx, out, w, in, NULL, &nobody, 0));
    remember(&w->cache->any, key, *out);
    return TW_OK;
}

tw_status doc_display(tw_ctx *cx, tw_str *out, tw_doc_work *w, tw_str system, tw_str code, tw_str in, doc_known *known,
                      const doc_person *person)
{
    char text[2 * DISPLAY_MAX];
    *out = (tw_str){ "", 0 };
    if (!w->text || in.n == 0 || in.n > TW_TEXT_BYTES_MAX)
        return TW_OK;
    if (system.n + code.n + in.n + 2 > sizeof text)
        return scrub(cx, out, w, in, known, person, 0);
    doc_cache *c = cache_of(w, known, person);
    size_t n = 0;
    const tw_str part[] = { system, code, in };
    for (int i = 0; i < 3; i++) {
        if (part[i].n)
            memcpy(text + n, part[i].p, part[i].n);
        n += part[i].n;
        text[n++] = '\0';
    }
    tw_bytes key = { (const uint8_t *)text, n - 1 };
    const tw_str *hit = known ? tw_map_get(c->own.by_text, key) : NULL;
    if (hit) {
        *out = *hit;
        return TW_OK;
    }
    TW_TRY(for_anybody(cx, out, w, key, in));
    if (!known || out->n == 0 || !may_name(known, *out))
        return TW_OK;
    TW_TRY(scrub(cx, out, w, *out, known, person, TW_TEXT_KNOWN));
    remember(&c->own, key, *out);
    return TW_OK;
}
