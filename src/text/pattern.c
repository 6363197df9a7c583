#include "pattern_internal.h"

/* Ids of the database: expressions first, then the words of the list. */
enum { EXPR_DIGIT, EXPR_AT, EXPR_URL, EXPR_DOMAIN, EXPR_IP6, EXPR_UUID, EXPRS };

static const char *const expressions[EXPRS] = {
    [EXPR_DIGIT] = "(?:^|[^0-9])[0-9]",
    [EXPR_AT] = "@",
    [EXPR_URL] = "(?:https?://|ftp://|www\\.)",
    [EXPR_DOMAIN] = ("[a-z0-9]\\.(?:com|org|net|edu|gov|info|example|co\\.uk|nhs\\.uk|ac\\.uk|org\\.uk|ie|io|es|health|"
                     "clinic|care|app|biz)\\b"),
    [EXPR_IP6] = ":[0-9a-f]{0,4}:[0-9a-f]{0,4}:",
    [EXPR_UUID] = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
};

/* A word of the lists. */
typedef struct {
    tw_str word;
    uint8_t trigger;
    uint8_t value;
} trigger;

struct text_patterns {
    hs_database_t *db;
    trigger *word;
    unsigned words;
    bool day_first;
};

static const char *const names[HIT_KINDS] = {
#define X(name, text) [name] = text,
    HIT_LIST(X)
#undef X
};

const char *pattern_name(size_t i)
{
    return i < HIT_KINDS ? names[i] : NULL;
}

/* ---------------------------------------------------------------- compiling */

/* The word as an expression. Borders of longer ones are left to the checker: as literals they compile twenty times
 * faster. */
static char *expression(tw_ctx *cx, tw_str word)
{
    tw_buf b;
    tw_buf_init(&b, 4 * TW_KIB);
    if (word.n <= 2 && ch_word(word.p[0]))
        tw_buf_cstr(&b, "\\b");
    for (size_t i = 0; i < word.n; i++) {
        if (!ch_word(word.p[i]) && word.p[i] != ' ')
            tw_buf_u8(&b, '\\');
        tw_buf_u8(&b, (uint8_t)word.p[i]);
    }
    if (word.n <= 2 && ch_word(word.p[word.n - 1]))
        tw_buf_cstr(&b, "\\b");
    char *out = tw_cstr(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return out;
}

static tw_status compile(tw_ctx *cx, text_patterns *p)
{
    unsigned n = EXPRS + p->words;
    const char **expr = tw_try_array(cx->arena, const char *, n);
    unsigned *flags = tw_try_array(cx->arena, unsigned, n), *ids = tw_try_array(cx->arena, unsigned, n);
    hs_compile_error_t *error = NULL;
    if (!expr || !flags || !ids)
        return tw_fail(cx, TW_ELIMIT, "no room for %u patterns", n);
    for (unsigned i = 0; i < n; i++) {
        expr[i] = i < EXPRS ? expressions[i] : expression(cx, p->word[i - EXPRS].word);
        flags[i] = 0;
        ids[i] = i;
    }
    if (hs_compile_multi(expr, flags, ids, n, HS_MODE_BLOCK, NULL, &p->db, &error) == HS_SUCCESS)
        return TW_OK;
    tw_status s = tw_fail(cx, TW_EFOREIGN, "pattern %d: %s", error->expression, error->message);
    hs_free_compile_error(error);
    return s;
}

static bool list_words(text_patterns *p, const trigger_words *list)
{
    size_t count = 0;
    for (const trigger_words *l = list; l->words; l++) {
        count++;
        for (const char *c = l->words; *c; c++)
            count += *c == '|';
    }
    p->word = tw_mem_alloc(count * sizeof *p->word);
    for (; p->word && list->words; list++) {
        tw_str rest = tw_str_of(list->words), one;
        while (tw_str_split(&one, &rest, '|'))
            p->word[p->words++] = (trigger){ one, list->trigger, list->value };
    }
    return p->word != NULL;
}

tw_status patterns_open(tw_ctx *cx, text_patterns **out, tw_str language)
{
    const trigger_words *list = trigger_words_of(language);
    *out = NULL;
    if (!list)
        return tw_fail(cx, TW_ENOTFOUND, "no patterns for the language");
    text_patterns *p = tw_mem_alloc(sizeof *p);
    if (!p || !list_words(p, list)) {
        patterns_free(p);
        return tw_fail(cx, TW_ELIMIT, "no memory for patterns");
    }
    p->day_first = tw_str_is(language, "es");
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status s = compile(cx, p);
    tw_arena_back(cx->arena, mark);
    if (s != TW_OK) {
        patterns_free(p);
        return s;
    }
    *out = p;
    return TW_OK;
}

void patterns_free(text_patterns *p)
{
    if (!p)
        return;
    hs_free_database(p->db);
    tw_mem_free(p->word);
    tw_mem_free(p);
}

const hs_database_t *patterns_database(const text_patterns *p)
{
    return p->db;
}

/* ---------------------------------------------------------------- scanning */

typedef struct {
    text_scan scan;
    const text_patterns *patterns;
} sweep;

static void on_expression(text_scan *s, unsigned id, uint32_t end)
{
    switch (id) {
    case EXPR_DIGIT:
        check_number(s, end - 1);
        break;
    case EXPR_AT:
        check_email(s, end - 1);
        break;
    case EXPR_URL:
        check_url(s, end);
        break;
    case EXPR_DOMAIN:
        if (end > s->number_end)
            check_url(s, end);
        break;
    case EXPR_IP6:
        check_ip6(s, end);
        break;
    default:
        check_uuid(s, end);
        break;
    }
}

static void on_word(text_scan *s, const trigger *w, uint32_t end)
{
    static void (*const check[])(text_scan *, uint32_t, uint32_t, unsigned) = {
        [TRIGGER_MONTH] = check_month,   [TRIGGER_HOLIDAY] = check_holiday,
        [TRIGGER_DAY] = check_day,       [TRIGGER_ID] = check_id_key,
        [TRIGGER_LOGIN] = check_login,   [TRIGGER_PHONE] = check_phone_key,
        [TRIGGER_STREET] = check_street, [TRIGGER_STREET_BEFORE] = check_street_before,
        [TRIGGER_UNIT] = check_unit,     [TRIGGER_POBOX] = check_pobox,
        [TRIGGER_ORG] = check_org,       [TRIGGER_ORG_BEFORE] = check_org_before,
        [TRIGGER_AGE] = check_age_word,  [TRIGGER_ORDINAL] = check_ordinal_word,
    };
    uint32_t start = end - (uint32_t)w->word.n;
    if (ch_word(w->word.p[0]) && ch_word(before(s, start)))
        return;
    if (ch_word(s->l[end - 1]) && ch_word(at(s, end)) && !(w->trigger == TRIGGER_MONTH && tw_is_digit(at(s, end))))
        return;
    check[w->trigger](s, start, end, w->value);
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *arg)
{
    sweep *sw = arg;
    (void)from;
    (void)flags;
    if (id < EXPRS)
        on_expression(&sw->scan, id, (uint32_t)to);
    else
        on_word(&sw->scan, &sw->patterns->word[id - EXPRS], (uint32_t)to);
    return sw->scan.marks->full;
}

/* A note of capitals alone, or of none, says nothing by a capital. */
static bool is_cased(tw_str t)
{
    size_t upper = 0, lower = 0;
    for (size_t i = 0; i < t.n; i++) {
        upper += ch_upper(t.p[i]);
        lower += t.p[i] >= 'a' && t.p[i] <= 'z';
    }
    return upper * 100 >= lower && lower * 4 >= upper;
}

/* The note in lower case, with a control character for every byte of what is no letter beyond ASCII: quotation marks,
 * bullets, arrows, degrees; but the ordinal marks of Spanish stay. */
static tw_status plain_marks(tw_ctx *cx, const char **out, tw_str lower)
{
    char *p = tw_arena_try(cx->arena, lower.n + 1);
    if (!p)
        return tw_fail(cx, TW_ELIMIT, "note of %zu bytes does not fit", lower.n);
    memcpy(p, lower.p, lower.n);
    for (size_t i = 0; i < lower.n;) {
        uint8_t b = (uint8_t)p[i], next = i + 1 < lower.n ? (uint8_t)p[i + 1] : 0;
        size_t size = b < 0xc0 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
        bool mark = (b == 0xc2 && next != 0xba && next != 0xaa) || (b == 0xe2 && next < 0xb0) ||
                    (b == 0xe3 && next == 0x80) || (b == 0xf0 && next == 0x9f);
        for (size_t k = i; k < i + size && k < lower.n; k++)
            if (mark)
                p[k] = 0x1f;
        i += size;
    }
    *out = p;
    return TW_OK;
}

tw_status patterns_find(tw_ctx *cx, text_marks *marks, const text_patterns *p, hs_scratch_t *scratch,
                        const text_note *note)
{
    sweep sw = {
        .scan = { .cx = cx,
                  .marks = marks,
                  .t = note->norm.p,
                  .l = note->lower.p,
                  .n = (uint32_t)note->norm.n,
                  .cased = is_cased(note->norm),
                  .day_first = p->day_first },
        .patterns = p,
    };
    if (note->norm.n == 0)
        return TW_OK;
    if (note->map)
        TW_TRY(plain_marks(cx, &sw.scan.l, note->lower));
    hs_error_t e = hs_scan(p->db, sw.scan.l, (unsigned)note->norm.n, 0, scratch, on_match, &sw);
    if (e != HS_SUCCESS && e != HS_SCAN_TERMINATED)
        return tw_fail(cx, TW_EFOREIGN, "patterns: error %d", e);
    return TW_OK;
}
