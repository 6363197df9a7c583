/* What a message says of people: names, record numbers, addresses and telephones of the patient, his kin and those who
 * treat him, wherever they stand in it, before any of its text is searched. */
#include "deid/hl7_internal.h"

#define FACTS_MAX 20000
#define FULL_MAX 400
#define WORD_MIN 3
#define ORG_MIN 6 /* shorter ones are codes of wards */

/* ---------------------------------------------------------------- facts */

static tw_status add(hl7_walk *x, tw_known_field field, tw_str value)
{
    hl7_facts *f = &x->facts;
    value = tw_str_trim(value);
    if (value.n == 0 || tw_hl7_is_delete(value))
        return TW_OK;
    for (size_t i = f->n > 64 ? f->n - 64 : 0; i < f->n; i++)
        if (f->fact[i].field == field && tw_str_eq(f->fact[i].value, value))
            return TW_OK;
    if (f->n == FACTS_MAX)
        return tw_fail(x->cx, TW_ELIMIT, "a message about too many people");
    if (f->n == f->cap) {
        size_t cap = f->cap ? 2 * f->cap : 64;
        hl7_fact *p = tw_try_array(x->cx->arena, hl7_fact, cap);
        if (!p)
            return tw_fail(x->cx, TW_ELIMIT, "no memory left for what a message says of people");
        if (f->n)
            memcpy(p, f->fact, f->n * sizeof *p);
        f->fact = p;
        f->cap = cap;
    }
    f->fact[f->n++] = (hl7_fact){ field, value };
    return TW_OK;
}

/* Parts of a name or telephone number that belong together. */
typedef struct {
    char text[FULL_MAX];
    size_t n;
} joined;

static void join(joined *j, tw_str part, bool blank)
{
    if (part.n == 0 || tw_hl7_is_delete(part) || j->n + part.n + 1 > sizeof j->text)
        return;
    if (blank && j->n)
        j->text[j->n++] = ' ';
    memcpy(j->text + j->n, part.p, part.n);
    j->n += part.n;
}

static tw_status add_joined(hl7_walk *x, tw_known_field field, const joined *j)
{
    return j->n ? add(x, field, tw_str_dup(x->cx->arena, (tw_str){ j->text, j->n })) : TW_OK;
}

typedef struct {
    joined given, family, phone;
    uint32_t fulls;
} parts;

/* Subcomponents of NDL: id, family, given, further given. */
static tw_status person(hl7_walk *x, parts *p, tw_str comp)
{
    tw_str sub;
    for (int i = 0; hl7_next(&sub, &comp, x->m.delims.sub); i++) {
        tw_str s = hl7_plain_text(x, sub);
        if (i == 0)
            TW_TRY(add(x, TW_KNOWN_ID, s));
        else if (i < 4)
            join(i == 1 ? &p->family : &p->given, s, true);
    }
    return TW_OK;
}

static bool org_counts(tw_str s)
{
    return s.n >= ORG_MIN && memchr(s.p, ' ', s.n) != NULL;
}

/* One value that is not parted any further; XPN-1 and XAD-1 have subcomponents, of which each counts. */
static tw_status simple(hl7_walk *x, tw_known_field field, tw_str comp)
{
    tw_str sub;
    while (hl7_next(&sub, &comp, x->m.delims.sub)) {
        tw_str s = hl7_plain_text(x, sub);
        if (field == TW_KNOWN_DATE)
            s.n = s.n >= 8 ? 8 : 0;
        if (field == TW_KNOWN_PHONE && s.n && memchr(s.p, '@', s.n))
            TW_TRY(add(x, TW_KNOWN_EMAIL, s));
        else if (field != TW_KNOWN_ORG || org_counts(s))
            TW_TRY(add(x, field, s));
    }
    return TW_OK;
}

static tw_status feed(hl7_walk *x, parts *p, const hl7_leaf *leaf, tw_str comp)
{
    switch ((hl7_feed)leaf->feed) {
    case HL7_FEED_NONE:
        return TW_OK;
    case HL7_FEED_PERSON:
        return person(x, p, comp);
    case HL7_FEED_AREA:
        join(&p->phone, hl7_plain_text(x, comp), false);
        return TW_OK;
    case HL7_FEED_LOCAL:
        join(&p->phone, hl7_plain_text(x, comp), false);
        return TW_OK;
    case HL7_FEED_FULL: /* the family name comes first, and last when it is said */
        join(p->fulls++ == 0 ? &p->family : &p->given, hl7_plain_text(x, tw_hl7_part(comp, x->m.delims.sub, 1)), true);
        return TW_OK;
    case HL7_FEED_GIVEN:
    case HL7_FEED_FAMILY:
    case HL7_FEED_DATE:
    case HL7_FEED_ID:
    case HL7_FEED_PHONE:
    case HL7_FEED_EMAIL:
    case HL7_FEED_STREET:
    case HL7_FEED_CITY:
    case HL7_FEED_ZIP:
    case HL7_FEED_ORG:
        return simple(x, (tw_known_field)leaf->feed, comp);
    }
    return TW_OK;
}

static tw_status feed_repetition(hl7_walk *x, const hl7_type *t, tw_str rep)
{
    parts p; /* its texts need no zeroes */
    tw_str comp;
    p.given.n = p.family.n = p.phone.n = 0;
    p.fulls = 0;
    for (uint32_t i = 0; i < t->parts && hl7_next(&comp, &rep, x->m.delims.component); i++)
        if (comp.n)
            TW_TRY(feed(x, &p, &t->part[i], comp));
    join(&p.given, (tw_str){ p.family.text, p.family.n }, true);
    TW_TRY(add_joined(x, TW_KNOWN_FULL, &p.given));
    return add_joined(x, TW_KNOWN_PHONE, &p.phone);
}

/* ---------------------------------------------------------------- words that no display may hold */

static bool letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80;
}

/* Of the next word, case-blind for ASCII; 0: none is left. *n: its bytes. */
static uint32_t next_word(size_t *n, tw_str *text)
{
    uint32_t h = 0x811c9dc5;
    size_t i = 0;
    while (i < text->n && !letter((unsigned char)text->p[i]))
        i++;
    size_t from = i;
    for (; i < text->n && letter((unsigned char)text->p[i]); i++) {
        unsigned char c = (unsigned char)text->p[i];
        h = (h ^ (c >= 'A' && c <= 'Z' ? c + 32u : c)) * 0x01000193;
    }
    *n = i - from;
    *text = (tw_str){ text->p + i, text->n - i };
    return *n == 0 ? 0 : h | 1;
}

bool hl7_words(uint32_t *word, size_t *n, size_t max, tw_str text)
{
    size_t bytes;
    *n = 0;
    for (uint32_t h; (h = next_word(&bytes, &text)) != 0;)
        if (bytes >= WORD_MIN) {
            if (*n == max)
                return false;
            word[(*n)++] = h;
        }
    return true;
}

static uint32_t *slot_of(uint32_t *table, uint32_t h)
{
    uint32_t i = h % HL7_NAMES;
    for (uint32_t k = 0; k < HL7_NAMES && table[i] && table[i] != h; k++)
        i = (i + 1) % HL7_NAMES;
    return &table[i];
}

bool hl7_names_hit(const hl7_walk *x, const uint32_t *word, size_t n)
{
    if (x->names >= HL7_NAMES / 2) /* too many people: every word is somebody's */
        return n > 0;
    for (size_t i = 0; i < n; i++)
        if (*slot_of((uint32_t *)(uintptr_t)x->name, word[i]))
            return true;
    return false;
}

/* Of a house, of a group of digits in a telephone number: too short to tell of one. */
static bool is_small_number(tw_str word)
{
    return word.n < 5 && word.p[0] >= '0' && word.p[0] <= '9';
}

/* Words of addresses that say nothing of one. */
static bool of_any_address(tw_str word)
{
    static const char *const common[] = { "street",  "road",  "avenue",   "ave",    "drive",  "lane",    "boulevard",
                                          "blvd",    "court", "place",    "way",    "square", "parkway", "pkwy",
                                          "highway", "hwy",   "apt",      "unit",   "suite",  "ste",     "floor",
                                          "room",    "bldg",  "building", "north",  "south",  "east",    "west",
                                          "the",     "and",   "box",      "city",   "new",    "upper",   "lower",
                                          "left",    "right", "center",   "centre", "lot",    "house",   "home" };
    for (size_t i = 0; i < TW_COUNT(common); i++) {
        size_t k = 0;
        while (k < word.n && common[i][k] && (word.p[k] | 0x20) == common[i][k])
            k++;
        if (k == word.n && !common[i][k])
            return true;
    }
    return false;
}

static void note_words(hl7_walk *x, tw_str text, bool address)
{
    size_t bytes;
    for (uint32_t h; x->names < HL7_NAMES / 2 && (h = next_word(&bytes, &text)) != 0;) {
        tw_str word = { text.p - bytes, bytes };
        if (bytes < WORD_MIN || is_small_number(word) || (address && of_any_address(word)))
            continue;
        uint32_t *at = slot_of(x->name, h);
        x->names += !*at;
        *at = h;
    }
}

static void note_repetition(hl7_walk *x, const hl7_type *t, tw_str rep)
{
    tw_str comp;
    for (uint32_t i = 0; i < t->parts && hl7_next(&comp, &rep, x->m.delims.component); i++) {
        uint8_t feed = t->part[i].feed;
        if (comp.n == 0 || feed == HL7_FEED_NONE || feed == HL7_FEED_ORG || feed == HL7_FEED_DATE)
            continue;
        bool escaped = x->m.escapes && memchr(comp.p, x->m.delims.escape, comp.n);
        note_words(x, escaped ? hl7_plain_text(x, comp) : comp, feed == HL7_FEED_STREET || feed == HL7_FEED_CITY);
    }
}

/* ---------------------------------------------------------------- the second walk */

/* What is done with a repetition of a field that tells of people, or is text. */
typedef tw_status (*visit)(hl7_walk *x, const hl7_type *t, tw_str rep, const tw_hl7_segment *s);

static tw_status note_name(hl7_walk *x, const hl7_type *t, tw_str rep, TW_UNUSED const tw_hl7_segment *s)
{
    note_repetition(x, t, rep);
    return TW_OK;
}

static tw_status note_fact(hl7_walk *x, const hl7_type *t, tw_str rep, TW_UNUSED const tw_hl7_segment *s)
{
    return feed_repetition(x, t, rep);
}

static tw_status look(hl7_walk *x, const tw_hl7_segment *s, const hl7_segment_rules *seg, visit each)
{
    bool text = each == hl7_note_add;
    const uint8_t *field = text ? seg->text : seg->feed;
    uint32_t n = text ? seg->texts : seg->feeds;
    for (uint32_t i = 0; i < n && field[i] < s->count; i++) {
        tw_str raw = tw_hl7_field(&x->m, s, field[i]), rep;
        if (raw.n == 0)
            continue;
        const hl7_type *t = hl7_type_here(x->rules, &x->m, s, &seg->field[field[i]]);
        while (t && (text ? t->text : t->feeds) && hl7_next(&rep, &raw, x->m.delims.repetition))
            if (rep.n)
                TW_TRY(each(x, t, rep, s));
    }
    return TW_OK;
}

static tw_status each_segment(hl7_walk *x, visit each)
{
    for (uint32_t i = 0; i < x->m.segments; i++) {
        int at = hl7_rules_segment(x->rules, x->m.segment[i].name);
        if (at >= 0)
            TW_TRY(look(x, &x->m.segment[i], &x->rules->segment[at], each));
    }
    return TW_OK;
}

tw_status hl7_names(hl7_walk *x)
{
    if (x->named)
        return TW_OK;
    x->named = true;
    return each_segment(x, note_name);
}

tw_status hl7_gather(hl7_walk *x)
{
    if (x->gathered || !x->w->text)
        return TW_OK;
    x->gathered = true;
    TW_TRY(each_segment(x, hl7_note_add));
    if (x->note.pieces == 0)
        return TW_OK;
    TW_TRY(each_segment(x, note_fact));
    return hl7_note_search(x);
}
