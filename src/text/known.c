/* What the record says of a person, found in a note.
 *
 * Values are sequences of words, kept as hashes of their folded words in a table by the first of them; marks between
 * words are passed over, so that "O'Neil-Smith", "ONeil Smith" and "Smith, O'Neil" need no entries of their own but the
 * parts. Numbers are kept as their letters and digits and compared over any separators. Dates are read in the note in
 * whatever form they stand and compared by value. */
#include "pattern_internal.h"

#define ENTRIES_MAX 16384u
#define POOL_MAX ((size_t)256 * 1024)
#define NONE UINT32_MAX

typedef struct {
    uint64_t hash; /* of the first word */
    uint32_t more; /* where the hashes of the others begin */
    uint32_t words;
    uint32_t next; /* another entry with the same slot */
    uint8_t kind;
    bool common; /* a plain word too: a capital is needed */
    bool weak;   /* a hint alone */
} entry;

typedef struct {
    uint32_t text, n; /* in the pool */
    uint32_t letters; /* which letters are in it */
    uint8_t kind;
} value;

typedef struct {
    int32_t year;
    uint8_t month, day;
} day;

struct tw_text_known {
    tw_buf entry, hash, pool, name, number, date; /* of entry, uint64_t, char, value, value, day */
    uint32_t *slot;
    uint32_t mask, cap; /* of those in use; of those that there is memory for */
    uint32_t first; /* letters that given names begin with */
    uint32_t last;
};

static const entry *entries(const tw_text_known *k)
{
    return (const entry *)(const void *)k->entry.p;
}

tw_text_known *tw_text_known_new(void)
{
    tw_text_known *k = tw_mem_alloc(sizeof *k);
    if (!k)
        return NULL;
    tw_buf_init(&k->entry, ENTRIES_MAX * sizeof(entry));
    tw_buf_init(&k->hash, ENTRIES_MAX * 8 * sizeof(uint64_t));
    tw_buf_init(&k->pool, POOL_MAX);
    tw_buf_init(&k->name, ENTRIES_MAX * sizeof(value));
    tw_buf_init(&k->number, ENTRIES_MAX * sizeof(value));
    tw_buf_init(&k->date, 1024 * sizeof(day));
    return k;
}

void tw_text_known_free(tw_text_known *k)
{
    if (!k)
        return;
    tw_buf *const all[] = { &k->entry, &k->hash, &k->pool, &k->name, &k->number, &k->date };
    for (size_t i = 0; i < TW_COUNT(all); i++)
        tw_buf_done(all[i]);
    if (k->slot)
        tw_wipe(k->slot, k->cap * sizeof *k->slot);
    tw_mem_free(k->slot);
    tw_wipe(k, sizeof *k);
    tw_mem_free(k);
}

void tw_text_known_reset(tw_text_known *k)
{
    tw_buf *const all[] = { &k->entry, &k->hash, &k->pool, &k->name, &k->number, &k->date };
    for (size_t i = 0; i < TW_COUNT(all); i++)
        tw_buf_clear(all[i]);
    k->first = k->last = 0;
}

/* ---------------------------------------------------------------- adding */

/* A value being added: its words. */
typedef struct {
    tw_text_known *k;
    text_note note;
    text_token *token;
    uint32_t count;
} adding;

static tw_str token_text(const adding *a, uint32_t i)
{
    return (tw_str){ a->note.lower.p + a->token[i].start, a->token[i].end - a->token[i].start };
}

static bool is_word(const text_token *t)
{
    return t->cls != TOKEN_PUNCT;
}

static void add_hashes(tw_text_known *k, const uint64_t *hash, uint32_t words, tw_text_kind kind, bool common,
                       bool weak)
{
    entry e = { .hash = hash[0],
                .more = (uint32_t)(k->hash.n / sizeof *hash),
                .words = words,
                .next = NONE,
                .kind = (uint8_t)kind,
                .common = common,
                .weak = weak };
    tw_buf_add(&k->hash, hash + 1, (words - 1) * sizeof *hash);
    tw_buf_add(&k->entry, &e, sizeof e);
}

static value add_text(tw_text_known *k, tw_str text, tw_text_kind kind)
{
    value v = { .text = (uint32_t)k->pool.n, .n = (uint32_t)text.n, .kind = (uint8_t)kind };
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] >= 'a' && text.p[i] <= 'z')
            v.letters |= 1u << (text.p[i] - 'a');
    tw_buf_str(&k->pool, text);
    return v;
}

/* One word that names somebody. */
static void add_name(tw_text_known *k, tw_str lower, tw_text_kind kind)
{
    char folded[FOLD_MAX];
    tw_str f = { folded, word_fold(folded, lower) };
    if (f.n < 2 || word_particle(f) || (kind == TW_TEXT_NAME && word_title(f)))
        return;
    uint64_t h = text_hash(f);
    add_hashes(k, &h, 1, kind, word_common(f), false);
    if (f.n >= 6 && kind == TW_TEXT_NAME) {
        value v = add_text(k, f, kind);
        tw_buf_add(&k->name, &v, sizeof v);
    }
}

static void add_nickname(void *arg, tw_str name)
{
    tw_text_known *k = arg;
    uint64_t h = text_hash(name);
    add_hashes(k, &h, 1, TW_TEXT_NAME, word_common(name), false);
}

/* Words [from, to) of the value as one sequence. */
static void add_sequence(const adding *a, uint32_t from, uint32_t to, tw_text_kind kind)
{
    uint64_t hash[32];
    uint32_t n = 0;
    for (uint32_t i = from; i < to && n < TW_COUNT(hash); i++)
        if (is_word(&a->token[i]))
            hash[n++] = word_hash(token_text(a, i));
    if (n >= 2)
        add_hashes(a->k, hash, n, kind, false, false);
}

/* Words that only a mark parts, written as one: "oneil", "maryjane". */
static void add_joined(const adding *a, uint32_t from, uint32_t to, tw_text_kind kind)
{
    char joined[FOLD_MAX];
    size_t n = 0, parts = 0;
    for (uint32_t i = from; i < to; i++) {
        char folded[FOLD_MAX];
        if (!is_word(&a->token[i]))
            continue;
        size_t m = word_fold(folded, token_text(a, i));
        if (n + m > FOLD_MAX)
            return;
        memcpy(joined + n, folded, m);
        n += m;
        parts++;
    }
    if (parts >= 2 && n >= 4)
        add_name(a->k, (tw_str){ joined, n }, kind);
}

static void add_given(const adding *a)
{
    for (uint32_t i = 0; i < a->count; i++) {
        tw_str word = token_text(a, i);
        char folded[FOLD_MAX];
        if (a->token[i].cls == TOKEN_PUNCT)
            continue;
        tw_str f = { folded, word_fold(folded, word) };
        if (f.n > 0 && f.p[0] >= 'a' && f.p[0] <= 'z')
            a->k->first |= 1u << (f.p[0] - 'a');
        add_name(a->k, word, TW_TEXT_NAME);
        nicknames_of(f, add_nickname, a->k);
    }
    add_sequence(a, 0, a->count, TW_TEXT_NAME);
    add_joined(a, 0, a->count, TW_TEXT_NAME);
}

static void add_family(const adding *a)
{
    for (uint32_t i = 0; i < a->count; i++) {
        char folded[FOLD_MAX];
        if (a->token[i].cls == TOKEN_PUNCT)
            continue;
        tw_str f = { folded, word_fold(folded, token_text(a, i)) };
        if (f.n > 0 && f.p[0] >= 'a' && f.p[0] <= 'z' && !word_particle(f))
            a->k->last |= 1u << (f.p[0] - 'a');
        add_name(a->k, token_text(a, i), TW_TEXT_NAME);
    }
    add_sequence(a, 0, a->count, TW_TEXT_NAME);
    for (uint32_t i = 0, from = 0; i <= a->count; i++) /* "O'Neil" of "O'Neil-Lee" */
        if (i == a->count || tw_str_is(token_text(a, i), "-")) {
            if (from > 0 || i < a->count) {
                add_sequence(a, from, i, TW_TEXT_NAME);
                add_joined(a, from, i, TW_TEXT_NAME);
            }
            from = i + 1;
        }
    add_joined(a, 0, a->count, TW_TEXT_NAME);
}

static void add_full(const adding *a)
{
    uint32_t particle = a->count; /* first of those before a word: "van der" Berg */
    for (uint32_t i = 0; i < a->count; i++) {
        char folded[FOLD_MAX];
        if (a->token[i].cls == TOKEN_PUNCT)
            continue;
        tw_str f = { folded, word_fold(folded, token_text(a, i)) };
        if (word_particle(f)) {
            particle = TW_MIN(particle, i);
            continue;
        }
        add_name(a->k, f, TW_TEXT_NAME);
        if (particle < i)
            add_sequence(a, particle, i + 1, TW_TEXT_NAME);
        particle = a->count;
    }
}

/* Letters and digits of the value; 0: too few to tell apart. */
static size_t plain_text(char out[64], tw_str lower, bool digits_only)
{
    size_t n = 0, digits = 0;
    for (size_t i = 0; i < lower.n && n < 64; i++) {
        bool digit = tw_is_digit(lower.p[i]);
        digits += digit;
        if (digit || (!digits_only && ch_alpha(lower.p[i])))
            out[n++] = lower.p[i];
    }
    bool year = n == 4 && digits == 4 && (memcmp(out, "19", 2) == 0 || memcmp(out, "20", 2) == 0);
    return n >= 4 && digits >= 3 && !year ? n : 0;
}

static void add_number(tw_text_known *k, tw_str plain, tw_text_kind kind)
{
    value v = add_text(k, plain, kind);
    tw_buf_add(&k->number, &v, sizeof v);
}

static void add_id(const adding *a)
{
    char plain[64], digits[64];
    size_t n = plain_text(plain, a->note.lower, false), m = plain_text(digits, a->note.lower, true);
    if (n)
        add_number(a->k, (tw_str){ plain, n }, TW_TEXT_ID);
    if (m >= 5 && m != n)
        add_number(a->k, (tw_str){ digits, m }, TW_TEXT_ID);
    if (m > 5 && digits[0] == '0') {
        size_t zeros = 0;
        while (zeros < m && digits[zeros] == '0')
            zeros++;
        if (m - zeros >= 5)
            add_number(a->k, (tw_str){ digits + zeros, m - zeros }, TW_TEXT_ID);
    }
}

static void add_phone(const adding *a)
{
    char d[64], zero[16] = "0";
    size_t n = plain_text(d, a->note.lower, true);
    if (n < 7)
        return;
    add_number(a->k, (tw_str){ d, n }, TW_TEXT_CONTACT);
    if (n > 10)
        add_number(a->k, (tw_str){ d + n - 10, 10 }, TW_TEXT_CONTACT);
    if (n == 10) {
        char one[12] = "1";
        memcpy(one + 1, d, 10);
        add_number(a->k, (tw_str){ one, 11 }, TW_TEXT_CONTACT);
    }
    if (n > 10)
        for (size_t len = 9; len <= 10; len++) {
            memcpy(zero + 1, d + n - len, len);
            add_number(a->k, (tw_str){ zero, len + 1 }, TW_TEXT_CONTACT);
        }
    if (n > 7)
        add_number(a->k, (tw_str){ d + n - 7, 7 }, TW_TEXT_CONTACT);
}

static void add_email(const adding *a)
{
    add_sequence(a, 0, a->count, TW_TEXT_CONTACT);
    for (uint32_t i = 0; i < a->count && !tw_str_is(token_text(a, i), "@"); i++) {
        tw_str word = token_text(a, i);
        if (word.n >= 4 && is_word(&a->token[i]) && !word_in(word, "info mail email office contact admin"))
            add_name(a->k, word, TW_TEXT_NAME);
    }
}

static const char street_words[] =
    "street st road rd avenue ave av drive dr lane ln court ct place pl way boulevard blvd apt "
    "apartment suite ste unit flat calle paseo avenida avda";

static void add_street(const adding *a)
{
    uint32_t end = 0, words = 0;
    for (uint32_t i = 0; i < a->count; i++) {
        tw_str word = token_text(a, i);
        if (!is_word(&a->token[i]))
            continue;
        if (words == 1 && a->token[0].cls == TOKEN_NUMBER && word.n >= 4 && !word_common(word))
            add_sequence(a, 0, i + 1, TW_TEXT_ADDRESS); /* "12 Burton", whatever the street is called */
        bool suffix = word_in(word, street_words);
        if (words >= 2 && suffix)
            break;
        words++;
        end = i + 1;
    }
    add_sequence(a, 0, a->count, TW_TEXT_ADDRESS);
    if (words >= 2 && end < a->count)
        add_sequence(a, 0, end, TW_TEXT_ADDRESS);
    for (uint32_t i = end; i < a->count; i++)
        if (is_word(&a->token[i]) && word_in(token_text(a, i), "apt apartment suite ste unit flat"))
            add_sequence(a, i, a->count, TW_TEXT_ADDRESS);
    if (words >= 3 && a->token[0].cls == TOKEN_NUMBER)
        add_sequence(a, 1, end, TW_TEXT_ADDRESS);
    if (words >= 2 && a->token[0].cls == TOKEN_NUMBER && end < a->count)
        add_sequence(a, 1, end + 1, TW_TEXT_ADDRESS);
}

static void add_place(const adding *a, tw_text_kind kind)
{
    uint32_t words = 0;
    for (uint32_t i = 0; i < a->count; i++)
        words += is_word(&a->token[i]);
    if (words == 1)
        for (uint32_t i = 0; i < a->count; i++)
            if (is_word(&a->token[i]) && token_text(a, i).n >= 3)
                add_name(a->k, token_text(a, i), kind);
    add_sequence(a, 0, a->count, kind);
}

static void add_zip(const adding *a)
{
    char plain[64];
    size_t n = plain_text(plain, a->note.lower, false);
    if (n >= 5)
        add_number(a->k, (tw_str){ plain, n }, TW_TEXT_ADDRESS);
    if (n == 9)
        add_number(a->k, (tw_str){ plain, 5 }, TW_TEXT_ADDRESS);
}

static void add_date(const adding *a)
{
    char d[64];
    size_t n = 0;
    for (size_t i = 0; i < a->note.lower.n && n < 8; i++)
        if (tw_is_digit(a->note.lower.p[i]))
            d[n++] = a->note.lower.p[i];
    if (n != 8)
        return;
    text_date date;
    if (!date_read(&date, (tw_str){ d, 8 }, 0, false))
        return;
    day v = { date.year, date.month, date.day };
    tw_buf_add(&a->k->date, &v, sizeof v);
}

static tw_status add_value(tw_ctx *cx, tw_text_known *k, tw_known_field field, tw_str text)
{
    adding a = { .k = k };
    TW_TRY(note_make(cx, &a.note, text));
    TW_TRY(note_tokens(cx, &a.token, &a.count, &a.note));
    switch (field) {
    case TW_KNOWN_GIVEN:
        add_given(&a);
        break;
    case TW_KNOWN_FAMILY:
        add_family(&a);
        break;
    case TW_KNOWN_FULL:
        add_full(&a);
        break;
    case TW_KNOWN_DATE:
        add_date(&a);
        break;
    case TW_KNOWN_ID:
        add_id(&a);
        break;
    case TW_KNOWN_PHONE:
        add_phone(&a);
        break;
    case TW_KNOWN_EMAIL:
        add_email(&a);
        break;
    case TW_KNOWN_STREET:
        add_street(&a);
        break;
    case TW_KNOWN_CITY:
        add_place(&a, TW_TEXT_ADDRESS);
        break;
    case TW_KNOWN_ZIP:
        add_zip(&a);
        break;
    case TW_KNOWN_ORG:
        add_place(&a, TW_TEXT_ORG);
        break;
    }
    return TW_OK;
}

tw_status tw_text_known_add(tw_ctx *cx, tw_text_known *k, tw_known_field field, tw_str text)
{
    if (text.n > TW_KIB)
        return tw_fail(cx, TW_ELIMIT, "known value of %zu bytes", text.n);
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status s = add_value(cx, k, field, text);
    tw_arena_back(cx->arena, mark);
    return s;
}

tw_status tw_text_known_ready(tw_ctx *cx, tw_text_known *k)
{
    TW_TRY(tw_buf_check(cx, &k->entry, "known values"));
    TW_TRY(tw_buf_check(cx, &k->hash, "known values"));
    TW_TRY(tw_buf_check(cx, &k->pool, "known values"));
    TW_TRY(tw_buf_check(cx, &k->name, "known values"));
    TW_TRY(tw_buf_check(cx, &k->number, "known values"));
    TW_TRY(tw_buf_check(cx, &k->date, "known values"));
    uint32_t n = (uint32_t)(k->entry.n / sizeof(entry)), slots = 16;
    while (slots < n * 2)
        slots *= 2;
    if (slots > k->cap) {
        tw_mem_free(k->slot);
        k->slot = tw_mem_alloc(slots * sizeof *k->slot);
        k->cap = k->slot ? slots : 0;
    }
    if (!k->slot)
        return tw_fail(cx, TW_ELIMIT, "no memory for known values");
    k->mask = slots - 1;
    memset(k->slot, 0xff, slots * sizeof *k->slot);
    entry *e = (entry *)(void *)k->entry.p;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at_slot = (uint32_t)(e[i].hash >> 32) & k->mask;
        e[i].next = k->slot[at_slot];
        k->slot[at_slot] = i;
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- finding */

typedef struct {
    tw_ctx *cx;
    text_marks *marks;
    const tw_text_known *k;
    const text_note *note;
    const text_token *token;
    uint32_t count;
    bool cased;
} search;

static void mark_tokens(search *s, uint32_t from, uint32_t to, tw_text_kind kind, bool sure)
{
    mark_add(s->cx, s->marks,
             (text_mark){ .start = s->token[from].start,
                          .end = s->token[to - 1].end,
                          .kind = (uint8_t)kind,
                          .finder = TW_TEXT_KNOWN,
                          .sure = sure });
}

static tw_str lower_of(const search *s, uint32_t i)
{
    return (tw_str){ s->note->lower.p + s->token[i].start, s->token[i].end - s->token[i].start };
}

/* End of the sequence at token i, where it stands; else 0. Marks of punctuation between words are passed over. */
static uint32_t sequence_end(const search *s, const entry *e, uint32_t i)
{
    uint32_t j = i + 1;
    if (e->words == 1)
        return j;
    const uint64_t *more = (const uint64_t *)(const void *)s->k->hash.p + e->more;
    for (uint32_t w = 1; w < e->words; w++) {
        for (unsigned gap = 0; gap < 2 && j < s->count && s->token[j].cls == TOKEN_PUNCT; gap++)
            j++;
        if (j >= s->count || s->token[j].cls == TOKEN_PUNCT || word_hash(lower_of(s, j)) != more[w - 1])
            return 0;
        j++;
    }
    return j;
}

/* Tokens of a name grow over initials beside them: "J. Smith", "Smith, J". */
static void grow_initials(const search *s, uint32_t *from, uint32_t *to)
{
    uint32_t i = *from;
    for (unsigned n = 0; n < 2; n++) {
        uint32_t j = i;
        if (j > 0 && s->token[j - 1].cls == TOKEN_PUNCT && s->note->lower.p[s->token[j - 1].start] == '.')
            j--;
        if (j == 0 || s->token[j - 1].end - s->token[j - 1].start != 1 || s->token[j - 1].cls != TOKEN_WORD)
            break;
        char c = s->note->lower.p[s->token[j - 1].start];
        bool dotted = j != i, upper = s->token[j - 1].cased != 0;
        if (!(dotted || upper) || (!dotted && c == 'i') || !(s->k->first >> (c - 'a') & 1))
            break;
        i = j - 1;
    }
    *from = i;
    i = *to;
    if (i < s->count && s->note->lower.p[s->token[i].start] == ',')
        i++;
    if (i < s->count && s->token[i].cls == TOKEN_WORD && s->token[i].end - s->token[i].start == 1 &&
        s->token[i].cased) {
        char c = s->note->lower.p[s->token[i].start];
        if (c >= 'a' && c <= 'z' && s->k->first >> (c - 'a') & 1 && c != 'i')
            *to = i + 1;
    }
}

/* The longest sequence that begins at token i; where the search goes on. */
static uint32_t find_words(search *s, uint32_t i)
{
    uint64_t h = word_hash(lower_of(s, i));
    const entry *e = entries(s->k), *best = NULL;
    uint32_t best_end = i;
    for (uint32_t at_entry = s->k->slot[(uint32_t)(h >> 32) & s->k->mask]; at_entry != NONE;
         at_entry = e[at_entry].next) {
        if (e[at_entry].hash != h)
            continue;
        uint32_t end = sequence_end(s, &e[at_entry], i);
        if (end > best_end) {
            best_end = end;
            best = &e[at_entry];
        }
    }
    if (!best)
        return i;
    bool capital = s->token[i].cased != 0;
    bool sure = !best->weak && (!best->common || (capital && s->cased));
    if (best->common && !s->cased)
        sure = false;
    uint32_t from = i, to = best_end;
    if (best->kind == TW_TEXT_NAME && sure)
        grow_initials(s, &from, &to);
    mark_tokens(s, from, to, (tw_text_kind)best->kind, sure);
    return best_end;
}

/* A word that is one letter off a long name. */
static bool find_near(search *s, uint32_t i)
{
    tw_str word = lower_of(s, i);
    const value *v = (const value *)(const void *)s->k->name.p;
    size_t n = s->k->name.n / sizeof *v;
    char folded[FOLD_MAX];
    if (word.n < 5 || (s->cased && !s->token[i].cased) || n == 0)
        return false;
    tw_str f = { folded, word_fold(folded, word) };
    uint32_t letters = 0;
    for (size_t c = 0; c < f.n; c++)
        if (f.p[c] >= 'a' && f.p[c] <= 'z')
            letters |= 1u << (f.p[c] - 'a');
    for (size_t c = 0; c < n; c++) {
        if (v[c].n > f.n + 1 || f.n > v[c].n + 1 || __builtin_popcount(v[c].letters ^ letters) > 2)
            continue;
        if (!word_near((tw_str){ (const char *)s->k->pool.p + v[c].text, v[c].n }, f))
            continue;
        bool first =
            s->token[i].line_start || (i > 0 && memchr(".:!?", s->note->lower.p[s->token[i - 1].start], 4) != NULL);
        mark_tokens(s, i, i + 1, TW_TEXT_NAME, s->cased && !first);
        return true;
    }
    return false;
}

/* End of the value at byte i of the note, over separators; else 0. */
static uint32_t number_end(const search *s, const value *v, uint32_t i)
{
    const char *want = (const char *)s->k->pool.p + v->text, *l = s->note->lower.p;
    uint32_t n = (uint32_t)s->note->lower.n, gap = 0;
    for (uint32_t c = 0; c < v->n; i++) {
        if (i >= n)
            return 0;
        if (l[i] == want[c]) {
            c++;
            gap = 0;
        } else if (ch_word(l[i]) || l[i] == '\n' || ++gap > 2) {
            return 0;
        }
    }
    return i < n && ch_word(l[i]) ? 0 : i;
}

static uint32_t find_number(search *s, uint32_t i)
{
    const value *v = (const value *)(const void *)s->k->number.p;
    size_t n = s->k->number.n / sizeof *v;
    char c = s->note->lower.p[s->token[i].start];
    uint32_t best = 0;
    uint8_t kind = 0;
    for (size_t k = 0; k < n; k++) {
        if ((char)s->k->pool.p[v[k].text] != c)
            continue;
        uint32_t end = number_end(s, &v[k], s->token[i].start);
        if (end > best) {
            best = end;
            kind = v[k].kind;
        }
    }
    if (best == 0)
        return i;
    uint32_t to = i;
    while (to < s->count && s->token[to].start < best)
        to++;
    mark_tokens(s, i, to, (tw_text_kind)kind, true);
    return to;
}

/* A month or a day of the week, in English or Spanish, may begin at the byte; a number may be a date. */
static bool may_be_date(tw_str lower, uint32_t at)
{
    static const char *const heads[26] = {
        ['a' - 'a'] = "apr aug abr ago", ['d' - 'a'] = "dec dic dom",     ['e' - 'a'] = "ene",
        ['f' - 'a'] = "feb fri",         ['j' - 'a'] = "jan jun jul jue", ['l' - 'a'] = "lun",
        ['m' - 'a'] = "mar may mon",     ['n' - 'a'] = "nov",             ['o' - 'a'] = "oct",
        ['s' - 'a'] = "sep set sat sun", ['t' - 'a'] = "tue thu",         ['v' - 'a'] = "vie",
        ['w' - 'a'] = "wed",
    };
    tw_str head = { lower.p + at, TW_MIN(lower.n - at, (size_t)3) };
    for (size_t i = 0; i < head.n; i++)
        if ((uint8_t)head.p[i] >= 0x80)
            return true;
    return !ch_alpha(head.p[0]) || word_in_letter(head, heads);
}

static uint32_t find_date(search *s, uint32_t i)
{
    const day *d = (const day *)(const void *)s->k->date.p;
    size_t n = s->k->date.n / sizeof *d;
    text_date read;
    if (n == 0 || !may_be_date(s->note->lower, s->token[i].start))
        return i;
    for (unsigned order = 0; order < 2; order++) {
        if (!date_read(&read, s->note->lower, s->token[i].start, order == 1) || read.day == 0)
            continue;
        for (size_t k = 0; k < n; k++) {
            bool year = read.year == 0 || read.year == d[k].year || read.year == d[k].year - 100 ||
                        read.year == d[k].year + 100;
            if (!year || read.month != d[k].month || read.day != d[k].day)
                continue;
            uint32_t to = i;
            while (to < s->count && s->token[to].start < read.end)
                to++;
            mark_tokens(s, i, to, TW_TEXT_DATE, read.form != DATE_DAY_DAY);
            return to;
        }
    }
    return i;
}

/* "J.S.", "JS": initials of the person. */
static void find_initials(search *s, uint32_t i)
{
    const char *l = s->note->lower.p;
    const text_token *t = &s->token[i];
    char a = l[t->start];
    if (a < 'a' || a > 'z' || !(s->k->first >> (a - 'a') & 1) || t->cased == 0)
        return;
    if (t->end - t->start == 2 && t->cased == 2) {
        char b = l[t->start + 1];
        if (b >= 'a' && b <= 'z' && s->k->last >> (b - 'a') & 1)
            mark_tokens(s, i, i + 1, TW_TEXT_NAME, false);
        return;
    }
    if (t->end - t->start != 1)
        return;
    uint32_t j = i;
    for (unsigned parts = 0; parts < 2 && j + 2 < s->count; parts++) {
        const text_token *dot = &s->token[j + 1], *next = &s->token[j + 2];
        if (l[dot->start] != '.' || dot->space_before || next->space_before || next->end - next->start != 1 ||
            !next->cased)
            return;
        j += 2;
        char b = l[next->start];
        if (b >= 'a' && b <= 'z' && s->k->last >> (b - 'a') & 1) {
            bool more = j + 1 < s->count && l[s->token[j + 1].start] == '.';
            mark_tokens(s, i, j + 1 + more, TW_TEXT_NAME, true);
            return;
        }
    }
}

static bool note_cased(const text_note *note)
{
    size_t upper = 0, lower = 0;
    for (size_t i = 0; i < note->norm.n; i++) {
        upper += ch_upper(note->norm.p[i]);
        lower += note->norm.p[i] >= 'a' && note->norm.p[i] <= 'z';
    }
    return upper * 100 >= lower && lower * 4 >= upper;
}

void known_find(tw_ctx *cx, text_marks *marks, const tw_text_known *k, const text_note *note, const text_token *token,
                uint32_t count)
{
    search s = {
        .cx = cx, .marks = marks, .k = k, .note = note, .token = token, .count = count, .cased = note_cased(note)
    };
    if (!k->slot)
        return;
    for (uint32_t i = 0; i < count && !marks->full;) {
        uint32_t next = i;
        if (token[i].cls != TOKEN_PUNCT)
            next = find_words(&s, i);
        if (next == i && token[i].cls != TOKEN_PUNCT)
            next = find_number(&s, i);
        if (next == i && (token[i].cls == TOKEN_NUMBER || token[i].cls == TOKEN_WORD))
            next = find_date(&s, i);
        if (next == i && token[i].cls == TOKEN_WORD) {
            if (!find_near(&s, i))
                find_initials(&s, i);
        }
        i = next > i ? next : i + 1;
    }
}
