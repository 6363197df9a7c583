/* What stands beside a name or a number and says what it is. Which words are cues is the model's; how far what they
 * announce goes is decided here, by case, word lists and punctuation. */
#include "text/text_internal.h"

#define NAME_WORDS_MAX 5

/* How sure the cue is that a name comes. */
typedef enum {
    LIKELY, /* any capitalised word that is not a cue; in a line of one case, a word that the vocabulary lacks */
    MAYBE,  /* only words in lists of names or outside the vocabulary */
    LISTED  /* begins with a listed given name */
} faith;

static bool is_char(const text_view *v, uint32_t i, char c)
{
    return view_char(v, i) == c && v->token[i].end - v->token[i].start == 1;
}

static bool listed(uint32_t known)
{
    return LEX_GIVEN(known) || LEX_FAMILY(known);
}

/* Cues that are never part of a name. */
static bool bars(text_cue c)
{
    return c != CUE_NONE && c != CUE_PARTICLE && c != CUE_MONTH && c != CUE_STREET && c != CUE_FACILITY;
}

static bool is_initial(const text_view *v, uint32_t i)
{
    return i < v->count && v->token[i].cls == TOKEN_WORD && v->token[i].end - v->token[i].start == 1 &&
           v->token[i].cased;
}

/* "AVR": capitals in a line that has small letters, and no list of names has them. */
static bool acronym(const text_view *v, uint32_t i, faith f)
{
    uint32_t bytes = v->token[i].end - v->token[i].start;
    bool word = v->known[i] & LEX_COMMON || !listed(v->known[i]);
    return v->token[i].cased == 2 && word && bytes <= 5 && bytes >= (f == LIKELY ? 3u : 2u);
}

/* Whether token i, after a cue, is a part of a name; `first`: nothing of the name is known yet. */
static bool name_word(const text_view *v, uint32_t i, faith f, bool first)
{
    if (i >= v->count || v->token[i].cls != TOKEN_WORD || bars(view_cue(v, i)))
        return false;
    uint32_t known = v->known[i];
    if (v->token[i].end - v->token[i].start == 1)
        return !first && is_initial(v, i);
    if (f == LISTED && first && !(LEX_GIVEN(known) && v->token[i].cased == 1 && !(known & LEX_COMMON)))
        return false;
    if (view_capital(v, i)) {
        if (acronym(v, i, f))
            return false;
        if (f == LIKELY && first)
            return true;
        return !(known & LEX_WORD) || (listed(known) && !(known & LEX_MEDICAL));
    }
    if (known & LEX_WORD)
        return f == LIKELY && first && !(known & LEX_COMMON) && LEX_FAMILY(known);
    return f == LIKELY || listed(known);
}

/* The token after i that a name may go on with: over a hyphen, an apostrophe, the dot of an initial, a comma when it
 * is allowed; v->count when it ends. */
static uint32_t after_part(const text_view *v, uint32_t i, bool comma)
{
    uint32_t n = i + 1;
    if (n >= v->count || v->token[n].line_start)
        return v->count;
    if (is_char(v, n, '-') || is_char(v, n, '\''))
        return n + 1 < v->count && !v->token[n].space_before && !v->token[n + 1].space_before ? n + 1 : v->count;
    if (is_char(v, n, '.') && is_initial(v, i))
        n++;
    else if (is_char(v, n, ',') && comma)
        n++;
    if (n >= v->count || v->token[n].line_start || (n == i + 1 && view_gap(v, n)))
        return v->count;
    return n;
}

/* End of a possessive: "'s" is no name. */
static bool possessive(const text_view *v, uint32_t i)
{
    return i && is_char(v, i - 1, '\'') && v->token[i].end - v->token[i].start == 1 && view_lower(v, i).p[0] == 's';
}

/* "J. Q. Smith": initials, and then a part. */
static bool initials_first(const text_view *v, uint32_t i, faith f)
{
    for (unsigned n = 0; n < 3 && is_initial(v, i); n++) {
        i = after_part(v, i, false);
        if (name_word(v, i, f, true))
            return true;
    }
    return false;
}

/* Tokens [i, return value) are a name; i: none. Particles count when a part follows. */
static uint32_t name_from(const text_view *v, uint32_t i, faith f, bool comma)
{
    uint32_t end = i, at = i;
    bool capital = i < v->count && view_capital(v, i);
    for (unsigned words = 0; at < v->count && words < NAME_WORDS_MAX; words++) {
        bool particle = view_cue(v, at) == CUE_PARTICLE;
        if (possessive(v, at) || (capital && !particle && !v->token[at].cased) ||
            (!particle && !name_word(v, at, f, end == i) && !(end == i && initials_first(v, at, f))))
            break;
        if (!particle)
            end = at + 1;
        if (comma && at + 1 < v->count && is_char(v, at + 1, ','))
            f = LIKELY;
        at = after_part(v, at, comma);
    }
    return end;
}

static void mark(tw_ctx *cx, text_marks *marks, const text_view *v, uint32_t from, uint32_t to, tw_text_kind kind)
{
    if (from < to)
        mark_add(cx, marks,
                 (text_mark){ .start = v->token[from].start,
                              .end = v->token[to - 1].end,
                              .kind = (uint8_t)kind,
                              .finder = TW_TEXT_CUES,
                              .sure = true });
}

/* ---------------------------------------------------------------- names */

/* "with Parkinson's disease": the name of a thing. */
static bool eponym(const text_view *v, uint32_t end)
{
    uint32_t n = end;
    if (is_char(v, n, '\'') && n + 1 < v->count && possessive(v, n + 1))
        n += 2;
    return n < v->count && !v->token[n].line_start && v->known[n] & LEX_MEDICAL && !v->token[n].cased;
}

/* First token after the cue at i, over one mark of punctuation of `over`; v->count at the line's end. */
static uint32_t after_cue(const text_view *v, uint32_t i, const char *over)
{
    uint32_t n = i + v->phrase[i];
    if (n < v->count && !v->token[n].line_start && v->token[n].cls == TOKEN_PUNCT && view_char(v, n) &&
        strchr(over, view_char(v, n)))
        n++;
    return n < v->count && !v->token[n].line_start ? n : v->count;
}

static bool between_names(const text_view *v, uint32_t i)
{
    return is_char(v, i, ',') || is_char(v, i, '&') || is_char(v, i, '/') || view_cue(v, i) == CUE_AND;
}

/* Over titles: "dear Dr. X", "seen by Dr X" are for the rule of titles. */
static void name_after(tw_ctx *cx, text_marks *marks, const text_view *v, uint32_t from, faith f, bool several)
{
    for (unsigned names = 0; from < v->count && names < 6; names++) {
        uint32_t to = name_from(v, from, f, false);
        if (f != LIKELY && eponym(v, to))
            return;
        mark(cx, marks, v, from, to, TW_TEXT_NAME);
        if (!several || to == from || to >= v->count || v->token[to].line_start)
            return;
        uint32_t next = to;
        while (next < v->count && next < to + 2 && between_names(v, next))
            next++;
        if (next == to || next >= v->count || v->token[next].line_start)
            return;
        from = next;
    }
}

/* "PK RN" on a line of their own: initials who signs. */
static bool initials_before(tw_ctx *cx, text_marks *marks, const text_view *v, uint32_t i)
{
    uint32_t n = i && is_char(v, i - 1, ',') ? i - 1 : i;
    if (!n || !v->token[n - 1].line_start || v->token[n - 1].cls != TOKEN_WORD)
        return false;
    if (view_cue(v, n - 1) == CUE_DEGREE)
        return false;
    uint32_t bytes = v->token[n - 1].end - v->token[n - 1].start;
    if (bytes < 2 || bytes > 3 || (v->known[n - 1] & LEX_WORD && v->token[n - 1].cased != 2))
        return false;
    mark(cx, marks, v, n - 1, n, TW_TEXT_NAME);
    return true;
}

/* The name before token i: "Ann B. Lee, MD". */
static void name_before(tw_ctx *cx, text_marks *marks, const text_view *v, uint32_t i)
{
    uint32_t end = i, from;
    if (end && is_char(v, end - 1, ','))
        end--;
    bool plain = end == i; /* nothing but a blank between: the degree must be in capitals */
    if (!end || (plain && v->token[i].cased != 2 && !is_initial(v, i)))
        return;
    from = end;
    while (from && end - from < 8 && !v->token[from].line_start) {
        uint32_t k = from - 1;
        bool join = is_char(v, k, '-') || is_char(v, k, '\'') || (is_char(v, k, '.') && k && is_initial(v, k - 1));
        if (!join && !is_initial(v, k) && !name_word(v, k, MAYBE, true))
            break;
        from = k;
        if (v->token[k].line_start)
            break;
    }
    while (from < end && v->token[from].cls == TOKEN_PUNCT)
        from++;
    bool word = false;
    for (uint32_t k = from; k < end; k++)
        word |= v->token[k].cls == TOKEN_WORD && !is_initial(v, k);
    if (word)
        mark(cx, marks, v, from, end, TW_TEXT_NAME);
}

/* "Sincerely," and a line that is a name. */
static void signature(tw_ctx *cx, text_marks *marks, const text_view *v, uint32_t i)
{
    uint32_t n = i + v->phrase[i];
    while (n < v->count && v->token[n].cls == TOKEN_PUNCT)
        n++;
    if (n < v->count)
        name_after(cx, marks, v, n, MAYBE, false);
}

/* ---------------------------------------------------------------- values of header keys */

/* End of a field: the line's, a gap, a bar, a semicolon, another key. */
static uint32_t field_end(const text_view *v, uint32_t from)
{
    uint32_t i = from;
    while (i < v->count && i < from + 16) {
        if (i > from && (v->token[i].line_start || view_gap(v, i)))
            break;
        if (is_char(v, i, '|') || is_char(v, i, ';'))
            break;
        if (i > from && v->phrase[i] && view_cue(v, i) >= CUE_KEY_NAME)
            break;
        i++;
    }
    return i;
}

/* A run of tokens without blanks that begins at i, of letters, digits and "-/.". */
static uint32_t run_end(const text_view *v, uint32_t i, unsigned *digits)
{
    uint32_t n = i;
    *digits = 0;
    while (n < v->count && (n == i || (!v->token[n].space_before && !v->token[n].line_start))) {
        if (v->token[n].cls == TOKEN_PUNCT && (n == i || !strchr("-/.", view_char(v, n))))
            break;
        for (uint32_t k = v->token[n].start; k < v->token[n].end; k++)
            *digits += v->note->norm.p[k] >= '0' && v->note->norm.p[k] <= '9';
        n++;
    }
    while (n > i && v->token[n - 1].cls == TOKEN_PUNCT)
        n--;
    return n;
}

static bool capital_inside(const text_view *v, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        if (v->token[i].cls == TOKEN_WORD && v->token[i].cased && !(v->known[i] & LEX_COMMON) && !bars(view_cue(v, i)))
            return true;
    return false;
}

static bool digit_inside(const text_view *v, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        if (v->token[i].cls == TOKEN_NUMBER || v->token[i].cls == TOKEN_MIXED)
            return true;
    return false;
}

static void number_value(tw_ctx *cx, text_marks *marks, const text_view *v, uint32_t from, bool colon, text_cue key)
{
    unsigned digits;
    uint32_t to = run_end(v, from, &digits);
    uint32_t bytes = to > from ? v->token[to - 1].end - v->token[from].start : 0;
    if (key == CUE_KEY_ID && digits >= 2 && bytes >= (colon ? 3u : 4u))
        mark(cx, marks, v, from, to, TW_TEXT_ID);
    else if (key == CUE_KEY_CONTACT && (colon ? digits >= 3 : digits >= 4 && digits == bytes))
        mark(cx, marks, v, from, to, TW_TEXT_CONTACT);
    else if (key == CUE_KEY_DATE && colon && to - from >= 3 && digits >= 3 && v->token[from].cls == TOKEN_NUMBER)
        mark(cx, marks, v, from, to, TW_TEXT_DATE);
    else if (key == CUE_KEY_AGE && to == from + 1 && v->token[from].cls == TOKEN_NUMBER && bytes <= 3) {
        tw_str s = { v->note->norm.p + v->token[from].start, bytes };
        uint64_t age;
        if (tw_parse_u64(&age, s) && age > 89 && age < 130)
            mark(cx, marks, v, from, to, TW_TEXT_AGE);
    }
}

static void key_value(tw_ctx *cx, text_marks *marks, const text_view *v, uint32_t i)
{
    text_cue key = view_cue(v, i);
    uint32_t from = i + v->phrase[i];
    bool colon = false;
    while (from < v->count && !v->token[from].line_start && from < i + v->phrase[i] + 3 && view_char(v, from) &&
           v->token[from].cls == TOKEN_PUNCT && strchr(":#=.", view_char(v, from)))
        colon |= view_char(v, from++) != '.';
    if (!colon && key != CUE_KEY_ID && from > i + v->phrase[i])
        return;
    if (from >= v->count || v->token[from].line_start)
        return;
    if (key == CUE_KEY_NAME) {
        if (colon)
            mark(cx, marks, v, from, name_from(v, from, MAYBE, true), TW_TEXT_NAME);
        return;
    }
    if (key != CUE_KEY_ADDRESS && key != CUE_KEY_ORG) {
        number_value(cx, marks, v, from, colon, key);
        return;
    }
    uint32_t to = colon ? field_end(v, from) : from;
    if (key == CUE_KEY_ADDRESS && digit_inside(v, from, to) && capital_inside(v, from, to))
        mark(cx, marks, v, from, to, TW_TEXT_ADDRESS);
    else if (key == CUE_KEY_ORG && to - from <= 8 && capital_inside(v, from, to))
        mark(cx, marks, v, from, to, TW_TEXT_ORG);
}

/* ---------------------------------------------------------------- organisations */

/* Capitalised words before a head word: "Saint Mary's Hospital". */
static void organisation(tw_ctx *cx, text_marks *marks, const text_view *v, uint32_t i)
{
    uint32_t from = i;
    bool proper = false;
    while (from && i - from < 7 && !v->token[from].line_start) {
        uint32_t k = from - 1;
        bool join = is_char(v, k, '\'') || is_char(v, k, '-') || (is_char(v, k, '.') && k && v->token[k - 1].cased);
        if (!join && !possessive(v, k) && (v->token[k].cls != TOKEN_WORD || v->token[k].cased == 0))
            break;
        proper |= !join && v->token[k].cls == TOKEN_WORD && !(v->known[k] & LEX_COMMON) && !bars(view_cue(v, k));
        from = k;
    }
    while (from < i && (v->token[from].cls == TOKEN_PUNCT || (v->known[from] & LEX_COMMON && !listed(v->known[from]))))
        from++;
    if (proper && from < i)
        mark(cx, marks, v, from, i + 1, TW_TEXT_ORG);
}

/* ---------------------------------------------------------------- all */

static void one_cue(tw_ctx *cx, text_marks *marks, const text_view *v, uint32_t i)
{
    switch (view_cue(v, i)) {
    case CUE_TITLE:
        name_after(cx, marks, v, after_cue(v, i, "."), LIKELY, false);
        break;
    case CUE_TITLES:
        name_after(cx, marks, v, after_cue(v, i, "."), LIKELY, true);
        break;
    case CUE_DEGREE:
        if (!initials_before(cx, marks, v, i))
            name_before(cx, marks, v, i);
        break;
    case CUE_DEAR:
    case CUE_PERSON:
        name_after(cx, marks, v, after_cue(v, i, ":"), MAYBE, true);
        break;
    case CUE_KIN:
        name_after(cx, marks, v, after_cue(v, i, ",(:"), MAYBE, false);
        break;
    case CUE_PATIENT:
        name_after(cx, marks, v, after_cue(v, i, ".:"), MAYBE, false);
        break;
    case CUE_WITH:
        name_after(cx, marks, v, after_cue(v, i, "/"), is_char(v, i + v->phrase[i], '/') ? MAYBE : LISTED, false);
        break;
    case CUE_SIGN:
        signature(cx, marks, v, i);
        break;
    case CUE_KEY_NAME:
    case CUE_KEY_DATE:
    case CUE_KEY_ID:
    case CUE_KEY_CONTACT:
    case CUE_KEY_ADDRESS:
    case CUE_KEY_ORG:
    case CUE_KEY_AGE:
        key_value(cx, marks, v, i);
        break;
    case CUE_NONE:
    case CUE_AND:
    case CUE_PARTICLE:
    case CUE_MONTH:
    case CUE_DAY:
    case CUE_HOLIDAY:
    case CUE_UNIT:
    case CUE_STREET:
    case CUE_FACILITY:
    case CUES:
        break;
    }
}

void cues_find(tw_ctx *cx, text_marks *marks, const text_view *v)
{
    for (uint32_t i = 0; i < v->count; i++) {
        if (v->phrase[i])
            one_cue(cx, marks, v, i);
        if (v->known[i] & LEX_ORG && v->token[i].cased == 1 && view_capital(v, i))
            organisation(cx, marks, v, i);
    }
}
