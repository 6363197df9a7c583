/* The recipe: identity of words that a list holds, their class and how they are mostly written, shape, affixes, ranks
 * in lists of names, over a window of two tokens (cues: three); pattern hits; the key of a header line; whether the
 * word follows a title anywhere in the note.
 *
 * Pieces are made once a token and kept in a ring of eight around the current one. */
#include "text/text_internal.h"

/* name, what it is of, token it is of */
#define FEATURES(X)                                                                                                    \
    X(WORD, "w")                                                                                                       \
    X(SHAPE, "s")                                                                                                      \
    X(LENGTHS, "S")                                                                                                    \
    X(PREFIX3, "p3")                                                                                                   \
    X(SUFFIX2, "x2")                                                                                                   \
    X(SUFFIX3, "x3")                                                                                                   \
    X(LISTS, "l")                                                                                                      \
    X(CASE, "c")                                                                                                       \
    X(HIT, "h")                                                                                                        \
    X(KEY, "k")                                                                                                        \
    X(KEY_LISTS, "kl")                                                                                                 \
    X(TITLED, "t")                                                                                                     \
    X(CUE, "q")                                                                                                        \
    X(WORD_B2, "w-2")                                                                                                  \
    X(WORD_B1, "w-1")                                                                                                  \
    X(WORD_A1, "w+1")                                                                                                  \
    X(WORD_A2, "w+2")                                                                                                  \
    X(SHAPE_B1_0, "s-1s")                                                                                              \
    X(SHAPE_0_A1, "ss+1")                                                                                              \
    X(LISTS_B2, "l-2")                                                                                                 \
    X(LISTS_B1, "l-1")                                                                                                 \
    X(LISTS_A1, "l+1")                                                                                                 \
    X(LISTS_A2, "l+2")                                                                                                 \
    X(HIT_B1, "h-1")                                                                                                   \
    X(HIT_A1, "h+1")                                                                                                   \
    X(CUE_B3, "q-3")                                                                                                   \
    X(CUE_B2, "q-2")                                                                                                   \
    X(CUE_B1, "q-1")                                                                                                   \
    X(CUE_A1, "q+1")                                                                                                   \
    X(CUE_A2, "q+2")                                                                                                   \
    X(CUE_A3, "q+3")                                                                                                   \
    X(BEFORE, "pw")                                                                                                    \
    X(AFTER, "nw")                                                                                                     \
    X(WORD_B1_0, "w-1w")                                                                                               \
    X(WORD_0_A1, "ww+1")                                                                                               \
    X(WORD_B1_LISTS, "w-1l")                                                                                           \
    X(WORD_A1_LISTS, "w+1l")                                                                                           \
    X(LISTS_B1_0, "l-1l")                                                                                              \
    X(LISTS_0_A1, "ll+1")                                                                                              \
    X(BEFORE_LISTS, "pwl")                                                                                             \
    X(CLASS, "g")                                                                                                      \
    X(CLASS_CASE, "gc")                                                                                                \
    X(CLASS_B2, "g-2")                                                                                                 \
    X(CLASS_B1, "g-1")                                                                                                 \
    X(CLASS_A1, "g+1")                                                                                                 \
    X(CLASS_A2, "g+2")                                                                                                 \
    X(CLASS_B1_LISTS, "g-1l")                                                                                          \
    X(CLASS_A1_LISTS, "g+1l")                                                                                          \
    X(CLASS_AROUND, "gg")                                                                                              \
    X(WRITTEN, "r")                                                                                                    \
    X(WRITTEN_LISTS, "rl")                                                                                             \
    X(NOTE, "ds")                                                                                                      \
    X(NOTE_LISTS, "dl")

enum {
#define X(name, text) F_##name,
    FEATURES(X)
#undef X
        F_COUNT
};

static const char *const names[F_COUNT] = {
#define X(name, text) text,
    FEATURES(X)
#undef X
};

const char *feature_name(unsigned name)
{
    return name < F_COUNT ? names[name] : NULL;
}

uint64_t feature_hash(tw_str attribute)
{
    size_t eq = tw_str_find(attribute, TW_STR("=")), from = eq + 1;
    if (eq == SIZE_MAX)
        return text_hash(attribute);
    uint64_t h = text_hash((tw_str){ attribute.p, eq });
    for (size_t i = from; i <= attribute.n; i++) {
        if (i < attribute.n && attribute.p[i] != '|')
            continue;
        h = text_hash_fold(h, text_hash((tw_str){ attribute.p + from, i - from }));
        from = i + 1;
    }
    return h;
}

/* ---------------------------------------------------------------- pieces */

typedef struct {
    uint64_t word, shape, lengths, prefix3, suffix2, suffix3, lists, casing, hit, cue; /* 0: has none */
    uint64_t class, wide, written;
    bool is_word;
} pieces;

#define RING 8u
#define AHEAD 3u
#define TITLED_MAX 64u

/* Numbers of several digits by what they may be: month, day, age over 89, year. */
enum { N_MONTH, N_DAY, N_UNDER_90, N_AGED, N_HUNDREDS, N_YEAR, N_OTHER, NUMBERS };
static const char *const number_names[NUMBERS] = { "(1-12)",     "(13-31)", "(32-89)", "(90-120)",
                                                   "(hundreds)", "(year)",  "(number)" };
/* Tokens from a key. */
static const char *const distance_names[] = { "1", "2", "3", "4", "5" };
#define DISTANCES TW_COUNT(distance_names)

typedef struct {
    const text_view *v;
    const feature_ear *ear;
    uint64_t name[F_COUNT];
    uint64_t cue[CUES];
    uint64_t hit[256];
    uint64_t casing[256]; /* by all that it says; 0: not made yet */
    uint64_t unknown, mixed, edge_before, edge_after;
    uint64_t number[NUMBERS], distance[DISTANCES];
    uint64_t class[256], wide[32], written[32]; /* 0: not made yet */
    uint64_t titled[TITLED_MAX]; /* words that follow a title or stand before a degree */
    unsigned titled_n;
    bool low;                /* hardly a capital in the note */
    uint64_t like;           /* how much in the note as a whole speaks of people */
    bool line_upper;         /* no small letter in the line of the token ahead */
    pieces ring[RING];
    /* of the current token */
    uint64_t key, before;
    uint32_t key_end; /* token after the key's colon */
    unsigned count;
    text_feature f[FEATURES_MAX];
} maker;

/* '=' and '|' part pieces of an attribute; blanks and controls part attributes of a line. */
static uint64_t heard(const maker *k, const char *p, size_t n)
{
    tw_str s = { p, n };
    if (n == 1 && (*p == '=' || *p == '|'))
        s = *p == '=' ? TW_STR("(eq)") : TW_STR("(bar)");
    else if ((uint8_t)*p < ' ' && n == 1)
        s = TW_STR("(control)");
    uint64_t h = text_hash(s);
    if (k->ear)
        k->ear->piece(k->ear->self, h, s);
    return h;
}

static uint64_t piece_cstr(const maker *k, const char *s)
{
    return heard(k, s, strlen(s));
}

static char shape_of(uint8_t c, bool upper)
{
    if (c >= '0' && c <= '9')
        return 'd';
    return upper ? 'X' : 'x';
}

/* Shape with runs squeezed ("Xx"), and with runs of at most five ("Xxxxx"); a caret where a line begins. */
static void shapes(maker *k, pieces *p, const text_token *t)
{
    char squeezed[16], lengths[24];
    size_t sn = 0, ln = 0, run = 0;
    const char *norm = k->v->note->norm.p, *low = k->v->note->lower.p;
    if (t->line_start)
        squeezed[sn++] = '^';
    if (t->cls == TOKEN_PUNCT) {
        squeezed[sn++] = '.';
        p->shape = heard(k, squeezed, sn);
        return;
    }
    for (uint32_t i = t->start; i < t->end && ln < sizeof lengths && sn < sizeof squeezed; i++) {
        if (((uint8_t)norm[i] & 0xc0) == 0x80)
            continue;
        bool upper = norm[i] != low[i] || ((uint8_t)norm[i] >= 0xc0 && norm[i + 1] != low[i + 1]);
        char c = shape_of((uint8_t)norm[i], upper);
        run = ln && lengths[ln - 1] == c ? run + 1 : 1;
        if (run == 1)
            squeezed[sn++] = c;
        if (run <= 5)
            lengths[ln++] = c;
    }
    p->shape = heard(k, squeezed, sn);
    p->lengths = heard(k, lengths, ln);
}

/* Start of the last `letters` characters of s; SIZE_MAX when it has fewer. */
static size_t last_letters(tw_str s, unsigned letters)
{
    for (size_t i = s.n; i-- > 0;)
        if (((uint8_t)s.p[i] & 0xc0) != 0x80 && --letters == 0)
            return i;
    return SIZE_MAX;
}

static size_t first_letters(tw_str s, unsigned letters)
{
    size_t i = 0;
    while (letters--) {
        if (i >= s.n)
            return SIZE_MAX;
        do
            i++;
        while (i < s.n && ((uint8_t)s.p[i] & 0xc0) == 0x80);
    }
    return i;
}

static void affixes(maker *k, pieces *p, tw_str low)
{
    size_t at;
    if ((at = first_letters(low, 3)) != SIZE_MAX)
        p->prefix3 = heard(k, low.p, at);
    if ((at = last_letters(low, 2)) != SIZE_MAX)
        p->suffix2 = heard(k, low.p + at, low.n - at);
    if ((at = last_letters(low, 3)) != SIZE_MAX)
        p->suffix3 = heard(k, low.p + at, low.n - at);
}

/* "gGfF", then a letter a list; case after it. */
static uint64_t lists(maker *k, uint32_t known, const text_token *t)
{
    char s[16];
    size_t n = 0;
    s[n++] = (char)('0' + LEX_GIVEN(known));
    s[n++] = (char)('0' + LEX_FAMILY(known));
    static const char letter[] = "vcmpo";
    for (unsigned b = 0; b < 5; b++)
        if (known >> b & 1)
            s[n++] = letter[b];
    if (!(known & LEX_WORD) && LEX_WRITTEN(known) >= 1 && LEX_WRITTEN(known) <= 2)
        s[n++] = 'w';
    s[n++] = t->cls == TOKEN_WORD ? "axAM"[t->cased] : t->cls == TOKEN_NUMBER ? 'N' : t->cls == TOKEN_MIXED ? 'D' : '.';
    return heard(k, s, n);
}

/* Where a sentence may begin a capital says little. */
static bool begins(const text_view *v, uint32_t i)
{
    if (!i || v->token[i].line_start)
        return true;
    char c = view_char(v, i - 1);
    return v->token[i - 1].cls == TOKEN_PUNCT && v->token[i].space_before && c && strchr(".:;?!-*\"", c);
}

static uint64_t casing(maker *k, uint32_t i)
{
    const text_token *t = &k->v->token[i];
    bool at_start = begins(k->v, i);
    uint64_t *seen = &k->casing[t->cls | t->cased << 2 | (k->low ? 1 : k->line_upper ? 2 : 0) << 4 |
                                t->space_before << 6 | at_start << 7];
    if (*seen)
        return *seen;
    char s[5] = { (char)('0' + t->cls), (char)('0' + t->cased), k->low ? 'l' : k->line_upper ? 'u' : 'm',
                  t->space_before ? '_' : '-', at_start ? 'b' : 'i' };
    return *seen = heard(k, s, sizeof s);
}

static unsigned number_class(tw_str s)
{
    if (s.n == 4 && ((s.p[0] == '1' && s.p[1] == '9') || (s.p[0] == '2' && s.p[1] == '0')))
        return N_YEAR;
    unsigned n = 0;
    for (size_t i = 0; i < s.n && s.n <= 3; i++)
        n = n * 10 + (unsigned)(s.p[i] - '0');
    if (!n)
        return N_OTHER;
    return n <= 12 ? N_MONTH : n <= 31 ? N_DAY : n <= 89 ? N_UNDER_90 : n <= 120 ? N_AGED : N_HUNDREDS;
}

static uint64_t numbered(maker *k, uint64_t *seen, char letter, unsigned n)
{
    char s[4] = { letter, (char)('0' + n / 100), (char)('0' + n / 10 % 10), (char)('0' + n % 10) };
    return *seen ? *seen : (*seen = heard(k, s, sizeof s));
}

/* Its wide class: what a word is whose identity is not for the model. */
static uint64_t wide_of(maker *k, uint32_t known)
{
    unsigned n = LEX_CLASS(known) >> 3;
    return n ? numbered(k, &k->wide[n], 'C', n) : k->unknown;
}

static uint64_t identity(maker *k, uint32_t i, tw_str low)
{
    const text_token *t = &k->v->token[i];
    uint32_t known = k->v->known[i];
    if (t->cls == TOKEN_PUNCT)
        return heard(k, low.p, low.n);
    if (t->cls == TOKEN_NUMBER)
        return low.n == 1 ? heard(k, low.p, 1) : k->number[number_class(low)];
    if (!(known & LEX_WORD) && !LEX_CUE(known))
        return t->cls == TOKEN_MIXED ? k->mixed : wide_of(k, known);
    if (!k->ear)
        return k->v->word[i];
    if (k->ear->hide && k->ear->hide(k->ear->self))
        return wide_of(k, known);
    return heard(k, low.p, low.n);
}

static uint64_t hit_piece(maker *k, uint8_t hit)
{
    if (!hit || k->hit[hit])
        return k->hit[hit];
    const char *name = pattern_name(hit & ~VIEW_HINT);
    char s[40];
    size_t n = name ? strlen(name) : 0;
    n = TW_MIN(n, sizeof s - 1);
    if (n)
        memcpy(s, name, n);
    if (hit & VIEW_HINT)
        s[n++] = '?';
    return k->hit[hit] = heard(k, s, n);
}

/* No small letter in the line that begins at token i, and at least two words of capitals. */
static bool line_is_upper(const text_view *v, uint32_t i)
{
    unsigned upper = 0;
    for (uint32_t k = i; k < v->count && (k == i || !v->token[k].line_start); k++) {
        if (v->token[k].cls != TOKEN_WORD)
            continue;
        if (v->token[k].cased != 2 && v->token[k].end - v->token[k].start > 1)
            return false;
        upper++;
    }
    return upper >= 2;
}

static void make_pieces(maker *k, uint32_t i)
{
    const text_view *v = k->v;
    const text_token *t = &v->token[i];
    pieces *p = &k->ring[i % RING];
    *p = (pieces){ .is_word = t->cls != TOKEN_PUNCT };
    if (t->line_start)
        k->line_upper = line_is_upper(v, i);
    tw_str low = view_lower(v, i);
    p->word = identity(k, i, low);
    shapes(k, p, t);
    if (t->cls == TOKEN_WORD)
        affixes(k, p, low);
    p->lists = lists(k, v->known[i], t);
    p->casing = casing(k, i);
    p->hit = hit_piece(k, v->hit[i]);
    unsigned class = LEX_CLASS(v->known[i]), written = LEX_WRITTEN(v->known[i]) | (unsigned)t->cased << 3;
    p->class = class ? numbered(k, &k->class[class], 'c', class) : t->cls == TOKEN_WORD ? k->unknown : 0;
    p->wide = p->is_word ? wide_of(k, v->known[i]) : p->word;
    p->written = t->cls == TOKEN_WORD ? numbered(k, &k->written[written], 'r', written) : 0;
    p->cue = view_cue(v, i) ? k->cue[view_cue(v, i)] : 0;
}

/* ---------------------------------------------------------------- what the note says as a whole */

static void titled_add(maker *k, uint32_t i)
{
    const text_view *v = k->v;
    if (i >= v->count || v->token[i].cls != TOKEN_WORD || v->token[i].end - v->token[i].start < 3)
        return;
    if (v->known[i] & LEX_COMMON && !v->token[i].cased)
        return;
    for (unsigned n = 0; n < k->titled_n; n++)
        if (k->titled[n] == v->word[i])
            return;
    if (k->titled_n < TITLED_MAX)
        k->titled[k->titled_n++] = v->word[i];
}

/* A note that names somebody has more signs of it than the name: dates, numbers of records, titles, headers, kin. */
static uint64_t note_like(maker *k)
{
    const text_view *v = k->v;
    uint64_t sure = 0, kin = 0;
    for (uint32_t i = 0; i < v->count; i++) {
        uint8_t hit = v->hit[i];
        text_cue cue = (text_cue)view_cue(v, i);
        if (hit && !(hit & VIEW_HINT) && strcmp(pattern_name(hit), "org") != 0)
            sure++;
        if (cue == CUE_TITLE || cue == CUE_TITLES || cue == CUE_DEAR || cue == CUE_SIGN || cue == CUE_DEGREE ||
            (cue && strncmp(lexicon_cue_name(cue), "key_", 4) == 0))
            sure++;
        kin += cue == CUE_KIN || cue == CUE_PERSON || cue == CUE_PATIENT;
    }
    const char s[2] = { !sure ? '0' : sure * 40 < v->count ? '1' : sure * 12 < v->count ? '2' : '3',
                        !kin ? '0' : kin * 40 < v->count ? '1' : '2' };
    return heard(k, s, sizeof s);
}

static void look_over(maker *k)
{
    const text_view *v = k->v;
    uint32_t words = 0, capitals = 0;
    for (uint32_t i = 0; i < v->count; i++) {
        if (v->token[i].cls == TOKEN_WORD) {
            words++;
            capitals += v->token[i].cased != 0;
        }
        if (view_cue(v, i) == CUE_TITLE && v->phrase[i]) {
            uint32_t at = i + v->phrase[i];
            at += at < v->count && v->note->norm.p[v->token[at].start] == '.';
            titled_add(k, at);
            if (at + 1 < v->count && v->token[at + 1].cased == 1)
                titled_add(k, at + 1);
        } else if (view_cue(v, i) == CUE_DEGREE && i >= 2 && v->note->norm.p[v->token[i - 1].start] == ',') {
            titled_add(k, i - 2);
        }
    }
    k->low = capitals * 50 < words;
    k->like = note_like(k);
}

static bool is_titled(const maker *k, uint32_t i)
{
    for (unsigned n = 0; n < k->titled_n; n++)
        if (k->titled[n] == k->v->word[i])
            return true;
    return false;
}

/* Key of a line, "patient name:": its cue, else its last word when a list holds it. */
static void key_of(maker *k, uint32_t i)
{
    const text_view *v = k->v;
    const text_token *t = &v->token[i];
    if (i == 0 || t->line_start || t->cls != TOKEN_PUNCT || v->note->norm.p[t->start] != ':')
        return;
    if (i + 1 < v->count && !v->token[i + 1].space_before)
        return;
    uint32_t known = v->known[i - 1];
    k->key = LEX_CUE(known) ? k->cue[LEX_CUE(known)]
             : known & LEX_WORD ? heard(k, view_lower(v, i - 1).p, view_lower(v, i - 1).n)
                                : k->unknown;
    k->key_end = i + 1;
}

/* ---------------------------------------------------------------- attributes */

/* What comes last gives way where a token has more than its share. */
static void add_feature(maker *k, text_feature f)
{
    if (k->count < FEATURES_MAX)
        k->f[k->count++] = f;
}

static void add(maker *k, unsigned name, uint64_t a)
{
    add_feature(k, (text_feature){ .hash = text_hash_fold(k->name[name], a),
                                   .piece = { a },
                                   .name = (uint8_t)name,
                                   .pieces = 1 });
}

static void add_if(maker *k, unsigned name, uint64_t a)
{
    if (a)
        add(k, name, a);
}

static void add2(maker *k, unsigned name, uint64_t a, uint64_t b)
{
    add_feature(k, (text_feature){ .hash = text_hash_fold(text_hash_fold(k->name[name], a), b),
                                   .piece = { a, b },
                                   .name = (uint8_t)name,
                                   .pieces = 2 });
}

static void add_own(maker *k, uint32_t i, const pieces *p)
{
    add(k, F_WORD, p->word);
    add(k, F_SHAPE, p->shape);
    add_if(k, F_LENGTHS, p->lengths);
    add_if(k, F_PREFIX3, p->prefix3);
    add_if(k, F_SUFFIX2, p->suffix2);
    add_if(k, F_SUFFIX3, p->suffix3);
    add(k, F_LISTS, p->lists);
    add(k, F_CASE, p->casing);
    add_if(k, F_HIT, p->hit);
    add_if(k, F_CUE, p->cue);
    add_if(k, F_CLASS, p->class);
    add_if(k, F_WRITTEN, p->written);
    if (p->class)
        add2(k, F_CLASS_CASE, p->class, p->casing);
    if (p->written)
        add2(k, F_WRITTEN_LISTS, p->written, p->lists);
    add(k, F_NOTE, k->like);
    add2(k, F_NOTE_LISTS, k->like, p->lists);
    if (k->key) {
        uint32_t far = TW_MIN(i - k->key_end, (uint32_t)DISTANCES - 1);
        add2(k, F_KEY, k->key, k->distance[far]);
        if (far + 1 < DISTANCES)
            add2(k, F_KEY_LISTS, k->key, p->lists);
    }
    if (k->titled_n && p->is_word && is_titled(k, i))
        add(k, F_TITLED, p->casing);
}

static void add_window(maker *k, const pieces *w[2 * AHEAD + 1])
{
    const pieces *p = w[AHEAD], *b1 = w[AHEAD - 1], *b2 = w[AHEAD - 2], *a1 = w[AHEAD + 1], *a2 = w[AHEAD + 2];
    add(k, F_WORD_B2, b2->word);
    add(k, F_WORD_B1, b1->word);
    add(k, F_WORD_A1, a1->word);
    add(k, F_WORD_A2, a2->word);
    add2(k, F_SHAPE_B1_0, b1->shape, p->shape);
    add2(k, F_SHAPE_0_A1, p->shape, a1->shape);
    add(k, F_LISTS_B2, b2->lists);
    add(k, F_LISTS_B1, b1->lists);
    add(k, F_LISTS_A1, a1->lists);
    add(k, F_LISTS_A2, a2->lists);
    add_if(k, F_HIT_B1, b1->hit);
    add_if(k, F_HIT_A1, a1->hit);
    add_if(k, F_CUE_B3, w[0]->cue);
    add_if(k, F_CUE_B2, b2->cue);
    add_if(k, F_CUE_B1, b1->cue);
    add_if(k, F_CUE_A1, a1->cue);
    add_if(k, F_CUE_A2, a2->cue);
    add_if(k, F_CUE_A3, w[2 * AHEAD]->cue);
    add2(k, F_WORD_B1_0, b1->word, p->word);
    add2(k, F_WORD_0_A1, p->word, a1->word);
    add2(k, F_WORD_B1_LISTS, b1->word, p->lists);
    add2(k, F_WORD_A1_LISTS, a1->word, p->lists);
    add2(k, F_LISTS_B1_0, b1->lists, p->lists);
    add2(k, F_LISTS_0_A1, p->lists, a1->lists);
    add_if(k, F_CLASS_B2, b2->class);
    add_if(k, F_CLASS_B1, b1->class);
    add_if(k, F_CLASS_A1, a1->class);
    add_if(k, F_CLASS_A2, a2->class);
    if (b1->class)
        add2(k, F_CLASS_B1_LISTS, b1->class, p->lists);
    if (a1->class)
        add2(k, F_CLASS_A1_LISTS, a1->class, p->lists);
    if (b1->wide && a1->wide)
        add2(k, F_CLASS_AROUND, b1->wide, a1->wide);
    /* The words beside, when punctuation is passed over. */
    if (!b1->is_word && k->before) {
        add(k, F_BEFORE, k->before);
        add2(k, F_BEFORE_LISTS, k->before, p->lists);
    }
    if (!a1->is_word && a2->is_word)
        add(k, F_AFTER, a2->word);
}

static void start(maker *k, const text_view *v, const feature_ear *ear)
{
    *k = (maker){ .v = v, .ear = ear };
    for (unsigned i = 0; i < F_COUNT; i++)
        k->name[i] = text_hash(tw_str_of(names[i]));
    for (unsigned i = 1; i < CUES; i++)
        k->cue[i] = piece_cstr(k, lexicon_cue_name((text_cue)i));
    for (unsigned i = 0; i < NUMBERS; i++)
        k->number[i] = piece_cstr(k, number_names[i]);
    for (unsigned i = 0; i < DISTANCES; i++)
        k->distance[i] = piece_cstr(k, distance_names[i]);
    k->mixed = piece_cstr(k, "(mixed)");
    k->unknown = piece_cstr(k, "(unknown)");
    k->edge_before = piece_cstr(k, "(before)");
    k->edge_after = piece_cstr(k, "(after)");
    look_over(k);
}

tw_status features_of(tw_ctx *cx, const text_view *v, feature_each *each, void *self, const feature_ear *ear)
{
    maker *k = tw_arena_try(cx->arena, sizeof *k);
    if (!k)
        return tw_fail(cx, TW_ELIMIT, "no room for features");
    start(k, v, ear);
    const pieces first = { .word = k->edge_before, .shape = k->edge_before, .lists = k->edge_before };
    const pieces last = { .word = k->edge_after, .shape = k->edge_after, .lists = k->edge_after };
    for (uint32_t i = 0; i < v->count && i < AHEAD; i++)
        make_pieces(k, i);
    for (uint32_t i = 0; i < v->count; i++) {
        const pieces *w[2 * AHEAD + 1];
        if (i + AHEAD < v->count)
            make_pieces(k, i + AHEAD);
        for (uint32_t d = 0; d <= 2 * AHEAD; d++)
            w[d] = i + d < AHEAD ? &first : i + d - AHEAD >= v->count ? &last : &k->ring[(i + d - AHEAD) % RING];
        if (v->token[i].line_start)
            k->key = 0;
        k->count = 0;
        add_own(k, i, w[AHEAD]);
        add_window(k, w);
        each(self, i, k->f, k->count);
        key_of(k, i);
        if (w[AHEAD]->is_word)
            k->before = w[AHEAD]->word;
    }
    return TW_OK;
}
