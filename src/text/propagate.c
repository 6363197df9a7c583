/* A name that is marked once is marked everywhere: its parts, case-blind, its initials, the initial before it.
 *
 *  Guards: a word of the vocabulary counts only where it is capitalised, and not where every word would be; names of
 *  two letters only in the case in which they were found; a part that only the CRF marked counts when it is in a list
 *  of names or in no list at all. */
#include "text/text_internal.h"

#define PAIRS_MAX 128u

typedef struct {
    uint64_t word;
    bool plain;  /* counts in any case */
    uint8_t cased;
} part;

typedef struct {
    part *slot; /* open addressing; word 0: free */
    uint32_t mask;
    char pair[PAIRS_MAX][2]; /* initials, small letters */
    unsigned pairs;
    uint8_t *covered; /* tokens inside names; 2: inside other marks */
} parts;

static part *part_at(const parts *p, uint64_t word)
{
    uint32_t i = (uint32_t)word & p->mask;
    while (p->slot[i].word && p->slot[i].word != word)
        i = (i + 1) & p->mask;
    return &p->slot[i];
}

static uint32_t size_of(const text_view *v, uint32_t i)
{
    return v->token[i].end - v->token[i].start;
}

static bool listed(uint32_t known)
{
    return LEX_GIVEN(known) || LEX_FAMILY(known);
}

static bool is_part(const text_view *v, uint32_t i, uint8_t finder)
{
    uint32_t known = v->known[i];
    if (v->token[i].cls != TOKEN_WORD || size_of(v, i) < 2)
        return false;
    text_cue cue = view_cue(v, i);
    if (cue == CUE_TITLE || cue == CUE_TITLES || cue == CUE_DEGREE || cue == CUE_PARTICLE || cue == CUE_AND)
        return false;
    if (finder == TW_TEXT_CRF && known & LEX_WORD && !(listed(known) && v->token[i].cased))
        return false;
    return true;
}

static void pair_add(parts *p, char a, char b)
{
    for (unsigned i = 0; i < p->pairs; i++)
        if (p->pair[i][0] == a && p->pair[i][1] == b)
            return;
    if (p->pairs == PAIRS_MAX)
        return;
    p->pair[p->pairs][0] = a;
    p->pair[p->pairs++][1] = b;
}

/* Parts of one mark; the initials of its first and last one, in the order of speech. */
static void learn(parts *p, const text_view *v, const text_mark *m)
{
    uint32_t first = UINT32_MAX, last = 0;
    bool comma = false;
    for (uint32_t i = view_token_at(v, m->start); i < v->count && v->token[i].start < m->end; i++) {
        p->covered[i] = 1;
        comma |= view_char(v, i) == ',' && first != UINT32_MAX;
        if (!is_part(v, i, m->finder))
            continue;
        if (first == UINT32_MAX)
            first = i;
        last = i;
        part *at = part_at(p, v->word[i]);
        bool plain = !(v->known[i] & LEX_WORD) && !LEX_CUE(v->known[i]) && size_of(v, i) > 2;
        *at = (part){ .word = v->word[i], .plain = plain, .cased = v->token[i].cased };
    }
    if (first == UINT32_MAX || first == last)
        return;
    char a = view_lower(v, comma ? last : first).p[0], b = view_lower(v, comma ? first : last).p[0];
    if (a >= 'a' && a <= 'z' && b >= 'a' && b <= 'z')
        pair_add(p, a, b);
}

/* Where a sentence may begin: a capital says nothing there. */
static bool begins(const text_view *v, uint32_t i)
{
    if (!i || v->token[i].line_start)
        return true;
    char c = view_char(v, i - 1);
    return c == '.' || c == ':' || c == '?' || c == '!' || c == '-' || c == '*' || c == '"';
}

/* "the Okonkwos": a family. */
static bool plural(const parts *p, const text_view *v, uint32_t i)
{
    tw_str low = view_lower(v, i);
    if (low.n < 5 || low.p[low.n - 1] != 's' || v->known[i] & LEX_WORD)
        return false;
    const part *at = part_at(p, text_hash((tw_str){ low.p, low.n - 1 }));
    return at->word && at->plain;
}

static bool again(const parts *p, const text_view *v, uint32_t i)
{
    if (v->token[i].cls != TOKEN_WORD || size_of(v, i) < 2)
        return false;
    const part *at = part_at(p, v->word[i]);
    if (!at->word)
        return plural(p, v, i);
    if (at->plain)
        return true;
    if (size_of(v, i) == 2)
        return v->token[i].cased == at->cased && at->cased && !LEX_CUE(v->known[i]);
    if (!view_capital(v, i) || LEX_CUE(v->known[i]) > CUE_PARTICLE)
        return false;
    return !begins(v, i) || !(v->known[i] & LEX_COMMON);
}

static bool is_pair(const parts *p, char a, char b)
{
    for (unsigned i = 0; i < p->pairs; i++)
        if (p->pair[i][0] == a && p->pair[i][1] == b)
            return true;
    return false;
}

static bool is_letter(const text_view *v, uint32_t i)
{
    return i < v->count && v->token[i].cls == TOKEN_WORD && size_of(v, i) == 1 && v->token[i].cased;
}

/* Tokens of initials that begin at i: "JS", "J.S.", "J. Q. S."; 0: none. */
static uint32_t initials(const parts *p, const text_view *v, uint32_t i)
{
    const text_token *t = &v->token[i];
    tw_str low = view_lower(v, i);
    if (t->cls == TOKEN_WORD && t->cased == 2 && (low.n == 2 || low.n == 3)) {
        bool free = !(v->known[i] & (LEX_WORD | LEX_MEDICAL)) && !LEX_CUE(v->known[i]) && view_capital(v, i);
        return free && is_pair(p, low.p[0], low.p[low.n - 1]) ? 1 : 0;
    }
    uint32_t n = i, letters = 0, last = i;
    while (letters < 3 && is_letter(v, n) && (n == i || !v->token[n].line_start)) {
        last = n;
        letters++;
        n++;
        if (view_char(v, n) != '.')
            break;
        n++;
    }
    bool pair = letters >= 2 && is_pair(p, low.p[0], view_lower(v, last).p[0]);
    return pair ? last - i + 1 : 0;
}

static void mark(tw_ctx *cx, text_marks *marks, const text_view *v, uint32_t from, uint32_t to)
{
    mark_add(cx, marks,
             (text_mark){ .start = v->token[from].start,
                          .end = v->token[to - 1].end,
                          .kind = TW_TEXT_NAME,
                          .finder = TW_TEXT_PROPAGATION,
                          .sure = true });
}

/* The initial before or after a name goes with it: "J. Smith", "Smith J". */
static uint32_t with_initial(const parts *p, const text_view *v, uint32_t i)
{
    uint32_t from = i;
    if (from >= 2 && view_char(v, from - 1) == '.' && is_letter(v, from - 2) && !v->token[from].line_start)
        from -= 2;
    else if (from && is_letter(v, from - 1) && !v->token[from].line_start && view_char(v, from - 1) != 'I' &&
             view_char(v, from - 1) != 'A')
        from -= 1;
    return from < i && !p->covered[from] ? from : i;
}

/* A power of two, at least twice the parts that the marks can have. */
static uint32_t table_size(const text_marks *marks, uint32_t tokens)
{
    uint64_t parts_max = 0;
    uint32_t size = 32;
    for (uint32_t k = 0; k < marks->n; k++)
        if (marks->p[k].sure && marks->p[k].kind == TW_TEXT_NAME)
            parts_max += (marks->p[k].end - marks->p[k].start) / 2 + 1;
    while (size < 2 * TW_MIN(parts_max, (uint64_t)tokens) + 1)
        size *= 2;
    return size;
}

tw_status propagate(tw_ctx *cx, text_marks *marks, const text_view *v)
{
    parts p = { 0 };
    uint32_t size = table_size(marks, v->count), names = marks->n;
    p.covered = tw_arena_try(cx->arena, v->count + 1);
    p.slot = tw_try_array(cx->arena, part, size);
    p.mask = size - 1;
    if (!p.slot || !p.covered)
        return tw_fail(cx, TW_ELIMIT, "no room to look for names again");
    for (uint32_t k = 0; k < names; k++)
        if (marks->p[k].sure && marks->p[k].kind == TW_TEXT_NAME)
            learn(&p, v, &marks->p[k]);
    for (uint32_t i = 0, n; i < v->count; i += n) {
        n = 1;
        if (p.covered[i] || again(&p, v, i)) {
            uint32_t from = with_initial(&p, v, i);
            if (from < i || !p.covered[i])
                mark(cx, marks, v, from, i + 1);
        } else if (p.pairs && (n = initials(&p, v, i)) > 0) {
            mark(cx, marks, v, i, i + n);
        }
        n = n ? n : 1;
    }
    return TW_OK;
}
