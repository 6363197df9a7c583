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

/* What is searched for is made when a text is met that may hold it: most documents have none. */
void doc_known_init(doc_known *k)
{
    *k = (doc_known){ .n = 0 };
    tw_buf_init(&k->facts, FACTS_MAX);
}

void doc_known_done(doc_known *k)
{
    tw_text_known_free(k->text);
    tw_map_free(k->idents);
    tw_buf_done(&k->facts);
    *k = (doc_known){ .n = 0 };
}

void doc_known_reset(doc_known *k)
{
    if (k->n)
        memset(k->word, 0, sizeof k->word);
    tw_map_free(k->idents);
    k->idents = NULL;
    tw_buf_clear(&k->facts);
    k->n = 0;
    k->ready = false;
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
        bool inside = (lower >= 'a' && lower <= 'z') || tw_is_digit(c) || (uint8_t)c >= 0x80;
        if (!inside && n)
            break;
        if (inside && n < 32)
            out[n++] = c >= 'A' && c <= 'Z' ? lower : c;
        *rest = (tw_str){ rest->p + 1, rest->n - 1 };
    }
    return (tw_str){ out, n };
}

static uint32_t word_bit(tw_str word)
{
    return tw_str_hash(word) % (64 * TW_COUNT(((doc_known *)NULL)->word));
}

static bool has_bit(const doc_known *k, uint32_t bit)
{
    return k->word[bit / 64] >> (bit % 64) & 1;
}

#define WORDS_MAX 14

/* What a text has to name somebody with. */
typedef struct {
    bool number; /* long enough to be one of a known value */
    bool more;   /* words than there is room for */
    uint8_t n;
    uint16_t bit[WORDS_MAX]; /* of its words */
} named;

static named words_of(tw_str text)
{
    enum { DIGITS = 4 };
    char room[32];
    named out = { .n = 0 };
    for (tw_str w; (w = next_word(room, &text)).n;) {
        unsigned digits = 0;
        for (size_t i = 0; i < w.n; i++)
            digits += tw_is_digit(w.p[i]);
        out.number |= digits >= DIGITS;
        if (out.n < WORDS_MAX)
            out.bit[out.n++] = (uint16_t)word_bit(w);
        else
            out.more = true;
    }
    return out;
}

/* false: no word of the text is one of a known value. */
static bool may_name(const doc_known *k, const named *words, tw_str text)
{
    char room[32];
    bool may = words->number;
    for (size_t i = 0; i < words->n && !may; i++)
        may = has_bit(k, words->bit[i]);
    for (tw_str w; words->more && !may && (w = next_word(room, &text)).n;)
        may = has_bit(k, word_bit(w));
    return may;
}

static void set_bit(doc_known *k, tw_str word)
{
    uint32_t bit = word_bit(word);
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

static bool next_fact(tw_known_field *field, tw_str *value, tw_rd *facts)
{
    if (!tw_rd_left(facts))
        return false;
    *field = (tw_known_field)tw_rd_u8(facts);
    *value = tw_str_of_bytes(tw_rd_var(facts, FACTS_MAX));
    return true;
}

tw_status doc_known_add(tw_ctx *cx, doc_known *k, tw_known_field field, tw_str value)
{
    if (value.n == 0)
        return TW_OK;
    k->n++;
    tw_buf_u8(&k->facts, (uint8_t)field);
    tw_buf_var(&k->facts, tw_bytes_of(value));
    set_words(k, field, value);
    return tw_buf_check(cx, &k->facts, "what is known of persons");
}

tw_status doc_known_add_facts(tw_ctx *cx, doc_known *k, tw_bytes facts)
{
    tw_known_field field;
    tw_str value;
    for (tw_rd r = tw_rd_of(facts); next_fact(&field, &value, &r);)
        TW_TRY(doc_known_add(cx, k, field, value));
    return TW_OK;
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
    if (!k->text)
        k->text = tw_text_known_new();
    if (!k->text)
        return tw_fail(cx, TW_ELIMIT, "no memory for what is known of persons");
    tw_text_known_reset(k->text);
    k->ready = true;
    tw_known_field field;
    tw_str value;
    for (tw_rd r = tw_rd_of(tw_buf_view(&k->facts)); next_fact(&field, &value, &r);)
        TW_TRY(make_known(cx, k, field, value));
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
        doc_ident_with(id, person->id_key ? person->id_key : w->id_key, value);
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
    *out = (tw_str){ "", 0 };
    if (known && doc_known_ready(cx, known) != TW_OK) {
        tw_err_clear(cx); /* a text that cannot be searched for all of them is removed */
        return TW_OK;
    }
    tw_text_opts opts = { .model = w->opts->text,
                          .known = doc_known_text(known),
                          .threshold = w->opts->text_threshold,
                          .strict = w->opts->text_strict,
                          .finders = finders };
    if (tw_text_find(cx, &span, &count, w->text, in, &opts) != TW_OK) {
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

#define SLOTS 1024 /* a power of two */

/* A text of `any` that was asked for not long ago. */
typedef struct {
    uint32_t hash;
    named words;    /* of the value */
    tw_bytes key;   /* {NULL, 0}: free */
    const tw_str *value;
} slot;

struct doc_cache {
    memory any;                /* without anything known */
    memory own;                /* of the person in `handle` */
    uint8_t handle[TW_HANDLE]; /* whose */
    slot slot[SLOTS];
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

/* What it is remembered as; NULL: it is not. *forgotten: all else is. */
static const tw_str *remember(memory *m, bool *forgotten, tw_bytes key, tw_str value)
{
    *forgotten = false;
    for (int round = 0; round < 2; round++) {
        tw_str *v = tw_arena_try(m->arena, sizeof *v + value.n + key.n);
        if (v) {
            *v = (tw_str){ (char *)(v + 1), value.n };
            if (value.n)
                memcpy(v + 1, value.p, value.n);
            memcpy((char *)(v + 1) + value.n, key.p, key.n);
            if (tw_map_put(m->by_text, key, v))
                return v;
        }
        forget(m);
        *forgotten = true;
    }
    return NULL;
}

static doc_cache *cache_of(tw_doc_work *w, const doc_person *person)
{
    doc_cache *c = w->cache;
    if (!c) {
        c = tw_mem_alloc(sizeof *c);
        TW_ASSERT(c != NULL);
        forget(&c->any);
        forget(&c->own);
        w->cache = c;
    }
    if (memcmp(c->handle, person->handle, TW_HANDLE) != 0) {
        memcpy(c->handle, person->handle, TW_HANDLE);
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
static tw_status find_for_anybody(tw_ctx *cx, slot *at, tw_doc_work *w, tw_bytes key, tw_str in)
{
    doc_cache *c = w->cache;
    const tw_str *hit = tw_map_get(c->any.by_text, key);
    if (!hit) {
        doc_person nobody;
        tw_str out;
        bool forgotten;
        doc_person_of(&nobody, w, TW_STR(""));
        TW_TRY(scrub(cx, &out, w, in, NULL, &nobody, 0));
        hit = remember(&c->any, &forgotten, key, out);
        if (forgotten)
            memset(c->slot, 0, sizeof c->slot);
        if (!hit)
            return tw_fail(cx, TW_ELIMIT, "a display is too long");
    }
    at->value = hit;
    at->words = words_of(*hit);
    at->key = (tw_bytes){ (const uint8_t *)hit->p + hit->n, key.n };
    return TW_OK;
}

static tw_status for_anybody(tw_ctx *cx, const slot **out, tw_doc_work *w, tw_bytes key, tw_str in)
{
    uint32_t hash = tw_str_hash(tw_str_of_bytes(key));
    slot *at = &w->cache->slot[hash & (SLOTS - 1)];
    *out = at;
    if (at->key.p && at->hash == hash && tw_str_same(tw_str_of_bytes(at->key), tw_str_of_bytes(key)))
        return TW_OK;
    *at = (slot){ .hash = hash };
    tw_status s = find_for_anybody(cx, at, w, key, in);
    at->hash = hash; /* all may have been forgotten meanwhile */
    return s;
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
    doc_cache *c = cache_of(w, person);
    size_t n = 0;
    const tw_str part[] = { system, code, in };
    for (int i = 0; i < 3; i++) {
        if (part[i].n)
            memcpy(text + n, part[i].p, part[i].n);
        n += part[i].n;
        text[n++] = '\0';
    }
    tw_bytes key = { (const uint8_t *)text, n - 1 };
    const slot *any;
    TW_TRY(for_anybody(cx, &any, w, key, in));
    *out = *any->value;
    if (!known || out->n == 0 || !may_name(known, &any->words, *out))
        return TW_OK;
    const tw_str *hit = tw_map_get(c->own.by_text, key);
    if (hit) {
        *out = *hit;
        return TW_OK;
    }
    bool forgotten;
    TW_TRY(scrub(cx, out, w, *out, known, person, TW_TEXT_KNOWN));
    (void)remember(&c->own, &forgotten, key, *out);
    return TW_OK;
}
