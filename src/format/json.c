/* JSON text to a flat token array.
 *
 * Two readers see each document. simdjson (json_shim.cc) decides whether it is JSON: grammar, UTF-8, numbers. Then this
 * walk builds the tokens with spans into the text, and refuses what simdjson lets pass: member names that occur twice
 * in one object, escaped lone surrogates, nesting over the limit. When simdjson refuses, the same walk runs again in
 * its `slow` form, which checks every byte itself and so finds the place; documents are rarely refused.
 *
 * Cost: O(n); names of an object are told apart by their hashes; where that fails they are compared pairwise up to
 * PAIRS_MAX members and sorted above, O(m log m). */
#include "format/json_internal.h"

#include "base/same.h"

#include "format/json_shim.h"

#define BYTES_MAX_DEFAULT (256 * TW_MIB)
#define DEPTH_HARD 1000
#define PAIRS_MAX 12
#define PATH_BYTES 160
#define LONG_NUMBER 64 /* tw_parse_f64 takes shorter ones: whether it is in range is left to simdjson */

typedef struct {
    uint32_t tok;   /* the open object or array */
    uint32_t count; /* children so far */
    uint32_t key;   /* token of the name whose value is being read, objects only */
} level;

typedef struct {
    tw_ctx *cx;
    const char *p;
    uint32_t n;
    uint32_t at;
    tw_json_tok *tok;
    uint32_t tok_n, tok_cap;
    level *open;
    uint32_t depth, depth_max;
    bool slow;
    const char *why; /* what is wrong at `at`; NULL so far */
    bool over_limit;
} walk;

static bool bad(walk *w, uint32_t at, const char *why)
{
    w->at = at;
    w->why = why;
    return false;
}

static void skip_blanks(walk *w)
{
    while (w->at < w->n) {
        char c = w->p[w->at];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
            break;
        w->at++;
    }
}

static uint32_t add(walk *w, tw_json_type type, uint32_t off)
{
    TW_ASSERT(w->tok_n < w->tok_cap); /* the count below is an upper bound */
    w->tok[w->tok_n] = (tw_json_tok){ .type = (uint8_t)type, .off = off, .next = w->tok_n + 1 };
    return w->tok_n++;
}

/* ---------------------------------------------------------------- strings */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool tw_json_unit(uint32_t *unit, const char *p, size_t n)
{
    if (n < 4)
        return false;
    uint32_t v = 0;
    for (int i = 0; i < 4; i++) {
        int d = hex_digit(p[i]);
        if (d < 0)
            return false;
        v = v << 4 | (uint32_t)d;
    }
    *unit = v;
    return true;
}

/* At a backslash: steps over one escape (both halves of a pair). */
static bool escape(walk *w)
{
    uint32_t start = w->at;
    if (w->at + 1 >= w->n)
        return bad(w, start, "string without an end");
    char c = w->p[w->at + 1];
    if (c != 'u') {
        if (!memchr("\"\\/bfnrt", c, 8))
            return bad(w, start, "unknown escape");
        w->at += 2;
        return true;
    }
    uint32_t unit = 0, low = 0;
    if (!tw_json_unit(&unit, w->p + start + 2, w->n - start - 2))
        return bad(w, start, "escape without four hex digits");
    w->at += 6;
    if (unit >= 0xDC00 && unit <= 0xDFFF)
        return bad(w, start, "lone surrogate");
    if (unit < 0xD800 || unit > 0xDFFF)
        return true;
    if (w->n - w->at < 6 || w->p[w->at] != '\\' || w->p[w->at + 1] != 'u' ||
        !tw_json_unit(&low, w->p + w->at + 2, w->n - w->at - 2) || low < 0xDC00 || low > 0xDFFF)
        return bad(w, start, "lone surrogate");
    w->at += 6;
    return true;
}

/* Eight bytes at a time up to a quote or backslash (Mycroft's zero-byte test). */
static void to_quote_or_backslash(walk *w)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    while (w->n - w->at >= 8) {
        uint64_t v;
        memcpy(&v, w->p + w->at, 8);
        uint64_t q = v ^ (ones * '"'), b = v ^ (ones * '\\');
        uint64_t hit = (((q - ones) & ~q) | ((b - ones) & ~b)) & tops;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        if (hit) { /* the lowest bit is a true one */
            w->at += (uint32_t)__builtin_ctzll(hit) / 8;
            return;
        }
#else
        if (hit)
            break;
#endif
        w->at += 8;
    }
    while (w->at < w->n && w->p[w->at] != '"' && w->p[w->at] != '\\')
        w->at++;
}

static bool string_bytes(walk *w, uint32_t from)
{
    for (uint32_t i = from; i < w->at; i++)
        if ((unsigned char)w->p[i] < 0x20)
            return bad(w, i, "control character in a string");
    if (tw_utf8_valid((tw_str){ w->p + from, w->at - from }))
        return true;
    uint32_t good = from; /* the longest valid head: a quadratic search only over the refused piece, 4 KiB at most */
    uint32_t end = TW_MIN(w->at, from + 4096);
    for (uint32_t i = from + 1; i <= end; i++)
        if (tw_utf8_valid((tw_str){ w->p + from, i - from }))
            good = i;
    return bad(w, good, "not UTF-8");
}

static bool string(walk *w, bool is_key)
{
    uint32_t t = add(w, TW_JSON_STRING, w->at);
    w->tok[t].is_key = is_key;
    w->at++;
    for (;;) {
        uint32_t from = w->at;
        to_quote_or_backslash(w);
        if (w->slow && !string_bytes(w, from))
            return false;
        if (w->at >= w->n)
            return bad(w, w->n, "string without an end");
        if (w->p[w->at] == '"')
            break;
        w->tok[t].escaped = true;
        if (!escape(w))
            return false;
    }
    w->at++;
    w->tok[t].len = w->at - w->tok[t].off;
    return true;
}

/* ---------------------------------------------------------------- scalars */

static uint32_t digits(const walk *w, uint32_t i)
{
    while (i < w->n && w->p[i] >= '0' && w->p[i] <= '9')
        i++;
    return i;
}

/* RFC 8259 section 6: [ minus ] int [ frac ] [ exp ]. Returns the end, 0 when malformed. */
static uint32_t number_end(const walk *w, uint32_t i, bool *whole)
{
    *whole = true;
    if (i < w->n && w->p[i] == '-')
        i++;
    uint32_t from = i;
    i = digits(w, i);
    if (i == from || (w->p[from] == '0' && i > from + 1))
        return 0;
    if (i < w->n && w->p[i] == '.') {
        *whole = false;
        from = ++i;
        i = digits(w, i);
        if (i == from)
            return 0;
    }
    if (i < w->n && (w->p[i] == 'e' || w->p[i] == 'E')) {
        *whole = false;
        i++;
        if (i < w->n && (w->p[i] == '+' || w->p[i] == '-'))
            i++;
        from = i;
        i = digits(w, i);
        if (i == from)
            return 0;
    }
    return i;
}

static bool number_slow(walk *w, uint32_t from)
{
    bool whole = true;
    uint32_t end = number_end(w, from, &whole);
    if (end == 0)
        return bad(w, from, "malformed number");
    tw_str s = { w->p + from, end - from };
    uint64_t u;
    int64_t i;
    double f;
    bool fits = whole ? (s.p[0] == '-' ? tw_parse_i64(&i, s) : tw_parse_u64(&u, s))
                      : tw_parse_f64(&f, s) || s.n >= LONG_NUMBER;
    if (!fits)
        return bad(w, from, "number out of range");
    w->at = end;
    return true;
}

static bool number(walk *w)
{
    uint32_t t = add(w, TW_JSON_NUMBER, w->at);
    if (w->slow) {
        if (!number_slow(w, w->at))
            return false;
    } else {
        while (w->at < w->n && (unsigned char)w->p[w->at] > ' ' && !memchr(",]}", w->p[w->at], 3))
            w->at++;
    }
    w->tok[t].len = w->at - w->tok[t].off;
    return true;
}

static bool literal(walk *w)
{
    static const struct {
        const char *text;
        uint32_t n;
        tw_json_type type;
    } words[] = { { "true", 4, TW_JSON_TRUE }, { "false", 5, TW_JSON_FALSE }, { "null", 4, TW_JSON_NULL } };
    for (size_t i = 0; i < TW_COUNT(words); i++) {
        if (w->n - w->at >= words[i].n && memcmp(w->p + w->at, words[i].text, words[i].n) == 0) {
            uint32_t t = add(w, words[i].type, w->at);
            w->tok[t].len = words[i].n;
            w->at += words[i].n;
            return true;
        }
    }
    return bad(w, w->at, "a value is missing here");
}

/* ---------------------------------------------------------------- names that occur twice */

static bool name_text(walk *w, tw_str *out, uint32_t key)
{
    const tw_json_tok *t = &w->tok[key];
    *out = (tw_str){ w->p + t->off + 1, t->len - 2 };
    if (!t->escaped)
        return true;
    char *plain = tw_arena_try(w->cx->arena, t->len);
    if (!plain) {
        w->over_limit = true;
        return bad(w, t->off, "too many escaped names for the memory of this call");
    }
    *out = (tw_str){ plain, tw_json_decode(plain, *out) };
    return true;
}

static bool twice(walk *w, uint32_t key)
{
    w->open[w->depth - 1].key = key;
    return bad(w, w->tok[key].off, "member name occurs twice");
}

static bool names_pairwise(walk *w, uint32_t obj, uint32_t count)
{
    tw_str name[PAIRS_MAX];
    uint32_t at = obj + 1;
    for (uint32_t i = 0; i < count; i++) {
        if (!name_text(w, &name[i], at))
            return false;
        for (uint32_t j = 0; j < i; j++)
            if (name[j].n == name[i].n && memcmp(name[j].p, name[i].p, name[i].n) == 0)
                return twice(w, at);
        at = w->tok[at].next;
    }
    return true;
}

typedef struct {
    tw_str name;
    uint32_t key;
} named;

static int named_cmp(const named *a, const named *b)
{
    int c = tw_str_cmp(a->name, b->name);
    return c ? c : (a->key > b->key) - (a->key < b->key);
}

/* Heap sort: no recursion, no worst case. */
static void sift(named *v, size_t root, size_t n)
{
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && named_cmp(&v[child], &v[child + 1]) < 0)
            child++;
        if (named_cmp(&v[root], &v[child]) >= 0)
            return;
        named t = v[root];
        v[root] = v[child];
        v[child] = t;
    }
}

static void sort_names(named *v, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift(v, i, n);
    for (size_t i = n; i-- > 1;) {
        named t = v[0];
        v[0] = v[i];
        v[i] = t;
        sift(v, 0, i);
    }
}

static bool names_sorted(walk *w, uint32_t obj, uint32_t count)
{
    named *v = tw_try_array(w->cx->arena, named, count);
    if (!v) {
        w->over_limit = true;
        return bad(w, w->at, "too many members for the memory of this call");
    }
    uint32_t at = obj + 1;
    for (uint32_t i = 0; i < count; i++, at = w->tok[at].next) {
        v[i].key = at;
        if (!name_text(w, &v[i].name, at))
            return false;
    }
    sort_names(v, count);
    for (uint32_t i = 1; i < count; i++)
        if (tw_str_eq(v[i - 1].name, v[i].name))
            return twice(w, v[i].key);
    return true;
}

/* No two names share a bit of their hashes: then none occurs twice. What is left is compared. */
static bool names_differ(const walk *w, uint32_t obj, uint32_t count)
{
    enum { NAMES = 64, BITS = 1024 };
    uint64_t seen[BITS / 64] = { 0 };
    uint32_t at = obj + 1;
    if (count > NAMES)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const tw_json_tok *t = &w->tok[at];
        uint32_t bit = tw_str_hash((tw_str){ w->p + t->off + 1, t->len - 2 }) & (BITS - 1);
        if (t->escaped || seen[bit / 64] >> (bit % 64) & 1)
            return false;
        seen[bit / 64] |= (uint64_t)1 << (bit % 64);
        at = t->next;
    }
    return true;
}

static bool names_once(walk *w, uint32_t obj, uint32_t count)
{
    if (names_differ(w, obj, count))
        return true;
    return count <= PAIRS_MAX ? names_pairwise(w, obj, count) : names_sorted(w, obj, count);
}

/* ---------------------------------------------------------------- structure */

static bool open_container(walk *w, tw_json_type type)
{
    if (w->depth >= w->depth_max) {
        w->over_limit = true;
        return bad(w, w->at, "nested too deeply");
    }
    uint32_t t = add(w, type, w->at);
    w->open[w->depth++] = (level){ .tok = t, .key = TW_JSON_NONE };
    w->at++;
    return true;
}

static bool close_container(walk *w)
{
    level *l = &w->open[w->depth - 1];
    tw_json_tok *t = &w->tok[l->tok];
    w->at++;
    t->count = l->count;
    t->len = w->at - t->off;
    t->next = w->tok_n;
    if (t->type == TW_JSON_OBJECT && l->count > 1 && !names_once(w, l->tok, l->count))
        return false;
    w->depth--;
    return true;
}

static bool name_and_colon(walk *w)
{
    level *l = &w->open[w->depth - 1];
    l->key = TW_JSON_NONE;
    skip_blanks(w);
    if (w->at >= w->n || w->p[w->at] != '"')
        return bad(w, w->at, "a member name is missing here");
    uint32_t key = w->tok_n;
    if (!string(w, true))
        return false;
    l->key = key;
    skip_blanks(w);
    if (w->at >= w->n || w->p[w->at] != ':')
        return bad(w, w->at, "':' is missing here");
    w->at++;
    return true;
}

/* One value, or the opening bracket of one. *opened says that children follow. */
static bool value_start(walk *w, bool *opened)
{
    *opened = false;
    skip_blanks(w);
    if (w->at >= w->n)
        return bad(w, w->n, "the text ends too early");
    char c = w->p[w->at];
    if (c == '"')
        return string(w, false);
    if (c == '-' || (c >= '0' && c <= '9'))
        return number(w);
    if (c != '{' && c != '[')
        return literal(w);
    if (!open_container(w, c == '{' ? TW_JSON_OBJECT : TW_JSON_ARRAY))
        return false;
    skip_blanks(w);
    if (w->at < w->n && w->p[w->at] == (c == '{' ? '}' : ']'))
        return close_container(w);
    *opened = true;
    return c == '[' || name_and_colon(w);
}

/* After a value: closes what ends here, or steps over the comma. *more says that another value follows. */
static bool value_end(walk *w, bool *more)
{
    *more = false;
    while (w->depth > 0) {
        level *l = &w->open[w->depth - 1];
        bool object = w->tok[l->tok].type == TW_JSON_OBJECT;
        if (object)
            w->tok[l->key].next = w->tok_n;
        l->count++;
        skip_blanks(w);
        char c = w->at < w->n ? w->p[w->at] : '\0';
        if (c == ',') {
            w->at++;
            *more = true;
            return !object || name_and_colon(w);
        }
        if (c != (object ? '}' : ']'))
            return bad(w, w->at, object ? "',' or '}' is missing here" : "',' or ']' is missing here");
        if (!close_container(w))
            return false;
    }
    skip_blanks(w);
    return w->at == w->n || bad(w, w->at, "bytes after the value");
}

static bool walk_all(walk *w)
{
    bool more = true;
    while (more) {
        bool opened = false;
        if (!value_start(w, &opened))
            return false;
        if (!opened && !value_end(w, &more))
            return false;
    }
    return true;
}

/* ---------------------------------------------------------------- errors */

/* Names of a schema look like names; anything else in the place of a name may be a value and is not repeated. */
static bool name_is_plain(tw_str s)
{
    if (s.n == 0 || s.n > 48 || !((s.p[0] >= 'a' && s.p[0] <= 'z') || s.p[0] == '_'))
        return false;
    for (size_t i = 1; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return true;
}

static void path_add(char path[PATH_BYTES], size_t *n, const char *sep, tw_str part)
{
    int got = snprintf(path + *n, PATH_BYTES - *n, "%s" TW_FMT, *n ? sep : "", TW_ARG(part));
    if (got > 0)
        *n = TW_MIN(*n + (size_t)got, (size_t)PATH_BYTES - 1);
}

static void path_of(walk *w, char path[PATH_BYTES])
{
    size_t n = 0;
    path[0] = '\0';
    for (uint32_t i = 0; i < w->depth; i++) {
        const level *l = &w->open[i];
        char number_text[16];
        if (w->tok[l->tok].type == TW_JSON_ARRAY) {
            int got = snprintf(number_text, sizeof number_text, "%u", l->count);
            path_add(path, &n, ".", (tw_str){ number_text, (size_t)got });
        } else if (l->key != TW_JSON_NONE) {
            tw_str name = { w->p + w->tok[l->key].off + 1, w->tok[l->key].len - 2 };
            path_add(path, &n, ".", name_is_plain(name) ? name : TW_STR("(name)"));
        }
    }
    if (n == 0)
        path_add(path, &n, "", TW_STR("(root)"));
}

static tw_status refuse(walk *w)
{
    char path[PATH_BYTES];
    uint32_t line = 0, column = 0;
    tw_json d = { { w->p, w->n }, w->tok, w->tok_n };
    path_of(w, path);
    tw_json_place(&d, w->at, &line, &column);
    return tw_fail(w->cx, w->over_limit ? TW_ELIMIT : TW_EPARSE, "line %u, column %u, %s: %s", line, column, path,
                   w->why);
}

/* Upper bound of tokens: each begins the document, or follows one of these bytes. */
static uint32_t token_bound(tw_str s)
{
    uint32_t n = 1;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == ',' || s.p[i] == ':' || s.p[i] == '[' || s.p[i] == '{';
    return n;
}

static tw_status run(walk *w, tw_json *out)
{
    if (!walk_all(w))
        return refuse(w);
    *out = (tw_json){ { w->p, w->n }, w->tok, w->tok_n };
    return TW_OK;
}

tw_status tw_json_parse_checked(tw_ctx *cx, tw_json *out, tw_str text, const tw_json_limits *limits, bool slow)
{
    size_t bytes_max = limits && limits->bytes_max ? limits->bytes_max : BYTES_MAX_DEFAULT;
    uint32_t depth_max = limits && limits->depth_max ? limits->depth_max : TW_JSON_DEPTH_MAX;
    bytes_max = TW_MIN(bytes_max, (size_t)UINT32_MAX - 16);
    if (text.n > bytes_max)
        return tw_fail(cx, TW_ELIMIT, "JSON of %zu bytes, at most %zu", text.n, bytes_max);
    walk w = { .cx = cx, .p = text.p, .n = (uint32_t)text.n, .slow = slow };
    w.depth_max = TW_MIN(depth_max, (uint32_t)DEPTH_HARD);
    w.tok_cap = token_bound(text);
    w.tok = tw_try_array(cx->arena, tw_json_tok, w.tok_cap);
    w.open = tw_try_array(cx->arena, level, w.depth_max);
    if (!w.tok || !w.open)
        return tw_fail(cx, TW_ELIMIT, "JSON of %zu bytes is too large for the memory of this call", text.n);
    return run(&w, out);
}

tw_status tw_json_parse(tw_ctx *cx, tw_json *out, tw_str text, const tw_json_limits *limits)
{
    *out = (tw_json){ .n = 0 };
    size_t bytes_max = limits && limits->bytes_max ? limits->bytes_max : BYTES_MAX_DEFAULT;
    int seen = text.n == 0 || text.n > bytes_max ? TW_JSON_SHIM_BAD : tw_json_shim_validate(text.p, text.n);
    if (seen == TW_JSON_SHIM_MEMORY)
        return tw_fail(cx, TW_EFOREIGN, "the JSON reader gave up");
    if (seen == TW_JSON_SHIM_OK)
        return tw_json_parse_checked(cx, out, text, limits, false);
    TW_TRY(tw_json_parse_checked(cx, out, text, limits, true));
    *out = (tw_json){ .n = 0 }; /* the library refused what our walk accepts: fail closed */
    return tw_fail(cx, TW_EPARSE, "malformed JSON");
}

tw_status tw_json_parse_own(tw_ctx *cx, tw_json *out, tw_str text, const tw_json_limits *limits)
{
#ifdef NDEBUG
    *out = (tw_json){ .n = 0 };
    return tw_json_parse_checked(cx, out, text, limits, false);
#else
    return tw_json_parse(cx, out, text, limits);
#endif
}
