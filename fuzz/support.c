#include "support.h"

static tw_env env;
static uint64_t drawn;

static uint64_t now_s(TW_UNUSED void *self)
{
    return 1767225600; /* 2026-01-01T00:00:00Z */
}

/* splitmix64 */
static void fill(TW_UNUSED void *self, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t z = (drawn += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        out[i] = (uint8_t)(z >> 56);
    }
}

tw_env *fuzz_env(void)
{
    return &env;
}

void fuzz_begin(tw_ctx *cx, size_t bytes_max)
{
    tw_base_start();
    drawn = 0;
    env = (tw_env){ .clock = { now_s, NULL }, .entropy = { fill, NULL } };
    tw_ctx_init(cx, bytes_max, &env);
}

/* ---------------------------------------------------------------- input */

uint8_t fuzz_take(tw_bytes *in)
{
    uint8_t first = 0;
    fuzz_fill(&first, 1, in);
    return first;
}

void fuzz_fill(uint8_t *out, size_t n, tw_bytes *in)
{
    size_t have = TW_MIN(n, in->n);
    memset(out, 0, n);
    if (have == 0)
        return;
    memcpy(out, in->p, have);
    in->p += have;
    in->n -= have;
}

tw_bytes fuzz_taken(tw_ctx *cx, tw_buf *b)
{
    FUZZ_CHECK(!b->failed);
    tw_bytes bytes = tw_bytes_dup(cx->arena, tw_buf_view(b));
    tw_buf_done(b);
    return bytes;
}

/* ---------------------------------------------------------------- messages */

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool of_name(char c)
{
    return digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void fuzz_message_clean(tw_str message, tw_bytes in)
{
    FUZZ_CHECK(tw_str_find(message, TW_STR(FUZZ_VALUE)) == SIZE_MAX);
    for (size_t i = 0; i < message.n;) {
        size_t from = i;
        FUZZ_CHECK(message.p[i] >= ' ' && message.p[i] <= '~');
        while (i < message.n && of_name(message.p[i]))
            i++;
        tw_str word = { message.p + from, i - from };
        size_t digits = 0;
        while (digits < word.n && digit(word.p[digits]))
            digits++;
        if (digits == word.n && digits >= 6)
            FUZZ_CHECK(tw_str_find(tw_str_of_bytes(in), word) == SIZE_MAX);
        i = TW_MAX(i, from + 1);
    }
}

void fuzz_error_clean(const tw_ctx *cx, tw_bytes in)
{
    fuzz_message_clean(tw_str_of(cx->err.msg), in);
    fuzz_message_clean(tw_str_of(cx->err.hint), in);
}

/* ---------------------------------------------------------------- JSON */

static void write_children(tw_ctx *cx, tw_jw *w, const tw_json *d, uint32_t i)
{
    for (uint32_t k = tw_json_first(d, i); k != TW_JSON_NONE; k = tw_json_next(d, i, k)) {
        if (d->tok[i].type == TW_JSON_OBJECT) {
            tw_jw_key_str(w, tw_json_text(cx, d, k));
            fuzz_json_write(cx, w, d, k + 1);
        } else {
            fuzz_json_write(cx, w, d, k);
        }
    }
}

void fuzz_json_write(tw_ctx *cx, tw_jw *w, const tw_json *d, uint32_t i)
{
    FUZZ_CHECK(i < d->n);
    switch ((tw_json_type)d->tok[i].type) {
    case TW_JSON_OBJECT:
        tw_jw_object(w);
        write_children(cx, w, d, i);
        tw_jw_object_end(w);
        break;
    case TW_JSON_ARRAY:
        tw_jw_array(w);
        write_children(cx, w, d, i);
        tw_jw_array_end(w);
        break;
    case TW_JSON_STRING:
        tw_jw_str(w, tw_json_text(cx, d, i));
        break;
    case TW_JSON_NUMBER:
        tw_jw_raw(w, tw_json_raw(d, i));
        break;
    case TW_JSON_TRUE:
    case TW_JSON_FALSE:
        tw_jw_bool(w, d->tok[i].type == TW_JSON_TRUE);
        break;
    case TW_JSON_NULL:
        tw_jw_null(w);
        break;
    }
}

bool fuzz_json_same(tw_ctx *cx, const tw_json *a, const tw_json *b)
{
    if (a->n != b->n)
        return false;
    for (uint32_t i = 0; i < a->n; i++) {
        const tw_json_tok *x = &a->tok[i];
        const tw_json_tok *y = &b->tok[i];
        if (x->type != y->type || x->is_key != y->is_key || x->next != y->next || x->count != y->count)
            return false;
        if (x->type == TW_JSON_STRING && !tw_str_eq(tw_json_text(cx, a, i), tw_json_text(cx, b, i)))
            return false;
        if (x->type == TW_JSON_NUMBER && !tw_str_eq(tw_json_raw(a, i), tw_json_raw(b, i)))
            return false;
    }
    return true;
}
