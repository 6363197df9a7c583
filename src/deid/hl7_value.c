/* Values of HL7 v2: what a component must look like to stay, and what it becomes. */
#include "deid/hl7_internal.h"

static size_t digits(tw_str s, size_t from)
{
    size_t i = from;
    while (i < s.n && tw_is_digit(s.p[i]))
        i++;
    return i - from;
}

static void kept(hl7_out *out, bool yes)
{
    out->what = yes ? TW_DOC_KEPT : TW_DOC_REMOVED;
}

static void became(hl7_out *out, tw_str before, size_t n)
{
    out->text = (tw_str){ out->room, n };
    out->what = tw_str_eq(out->text, before) ? TW_DOC_KEPT : TW_DOC_CHANGED;
}

/* ---------------------------------------------------------------- forms */

/* NM: a sign, digits, a point; an exponent is no part of it. At most nine digits before the point, as everywhere. */
static size_t number(tw_str s, size_t from, size_t whole_max)
{
    size_t i = from;
    if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
        i++;
    size_t whole = digits(s, i), part = 0;
    i += whole;
    if (i < s.n && s.p[i] == '.') {
        part = digits(s, i + 1);
        i += 1 + part;
    }
    return whole > whole_max || whole + part == 0 || part > 9 ? 0 : i - from;
}

static bool comparator(tw_str s, size_t *at)
{
    size_t i = *at;
    if (i < s.n && (s.p[i] == '<' || s.p[i] == '>'))
        i++;
    if (i < s.n && s.p[i] == '=')
        i++;
    bool some = i > *at;
    while (some && i < s.n && s.p[i] == ' ')
        i++;
    *at = i;
    return some;
}

/* "3.5-5.1", "3.5 - 5.1", "<5", ">= 60", "7": numbers of at most five digits. */
bool hl7_range(tw_str s)
{
    enum { WHOLE_MAX = 5 };
    size_t i = 0, n;
    bool open = comparator(s, &i);
    n = number(s, i, WHOLE_MAX);
    i += n;
    if (n == 0)
        return false;
    if (i == s.n || open)
        return i == s.n;
    while (i < s.n && s.p[i] == ' ')
        i++;
    if (i == s.n || s.p[i++] != '-')
        return false;
    while (i < s.n && s.p[i] == ' ')
        i++;
    n = number(s, i, WHOLE_MAX);
    return n > 0 && i + n == s.n;
}

bool hl7_text_plain(tw_str raw)
{
    size_t at = 0;
    (void)comparator(raw, &at);
    size_t n = number(raw, at, 5);
    return n > 0 && at + n == raw.n;
}

/* "1", "1.2", "1.2.3" */
static bool subid(tw_str s)
{
    size_t i = 0;
    for (;;) {
        size_t n = digits(s, i);
        if (n == 0 || n > 4)
            return false;
        i += n;
        if (i == s.n)
            return s.n <= 12;
        if (s.p[i++] != '.')
            return false;
    }
}

static bool event(tw_str s)
{
    return s.n == 3 && s.p[0] >= 'A' && s.p[0] <= 'Z' && tw_is_digit(s.p[1]) && tw_is_digit(s.p[2]);
}

/* "ADT_A01", "ACK" */
static bool structure(const hl7_rules *r, tw_str s)
{
    uint32_t types = hl7_table_named(r, TW_STR("0076"));
    if (s.n != 3 && (s.n != 7 || s.p[3] != '_' || !event((tw_str){ s.p + 4, 3 })))
        return false;
    return hl7_table_has(r, types, (tw_str){ s.p, 3 });
}

static bool unit(const hl7_rules *r, tw_str s)
{
    return ucum_valid(s) || hl7_table_has(r, r->ucum, s);
}

/* ---------------------------------------------------------------- times */

static unsigned two(const char *p)
{
    return (unsigned)(p[0] - '0') * 10 + (unsigned)(p[1] - '0');
}

/* YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ], chapter 2A "DTM"; years 1800 to 2299. */
static bool time_parse(when *w, tw_str s)
{
    size_t n = digits(s, 0), i = n;
    *w = (when){ .y = 0 };
    if (n < 4 || n > 14 || n % 2)
        return false;
    w->y = two(s.p) * 100 + two(s.p + 2);
    if (n > 4)
        w->m = two(s.p + 4);
    if (n > 6)
        w->d = two(s.p + 6);
    if (n > 8)
        w->h = two(s.p + 8);
    if (n > 10)
        w->mi = two(s.p + 10);
    if (n > 12)
        w->s = two(s.p + 12);
    w->time = n > 8;
    if (w->y < 1800 || w->y > 2299 || (n > 4 && !tw_civil_valid(w->y, w->m, n > 6 ? w->d : 1)) || w->h > 23 ||
        w->mi > 59 || w->s > 60)
        return false;
    if (n == 14 && i < s.n && s.p[i] == '.') {
        size_t part = digits(s, i + 1);
        if (part == 0 || part > 4)
            return false;
        i += 1 + part;
    }
    if (i == s.n)
        return true;
    return (s.p[i] == '+' || s.p[i] == '-') && s.n - i == 5 && digits(s, i + 1) == 4 && two(s.p + i + 1) <= 14 &&
           two(s.p + i + 3) <= 59;
}

static void put_number(char *p, uint64_t v, size_t n)
{
    for (; n > 0; v /= 10)
        p[--n] = (char)('0' + v % 10);
}

/* The day's eight digits, moved; hours and what is finer stand as they stood. */
static void shift_day(char out[8], const when *w, int weeks)
{
    int64_t y;
    unsigned m, d;
    tw_civil_from_days(tw_days_from_civil(w->y, w->m, w->d) + 7 * (int64_t)weeks, &y, &m, &d);
    put_number(out, (uint64_t)y, 4);
    put_number(out + 4, m, 2);
    put_number(out + 6, d, 2);
}

static doc_time_law law_of(hl7_walk *x, char day[8], const when *w, tw_str value, bool birth)
{
    uint64_t in = 0;
    int weeks = 0;
    if (value.n >= 8 && !birth)
        memcpy(&in, value.p, 8);
    if (in && in == x->day_in && w->d) {
        memcpy(day, &x->day_out, 8);
        return x->day_law;
    }
    doc_time_law law = doc_time(&weeks, x->w, x->who, w, birth);
    if (law == DOC_TIME_SHIFT) {
        shift_day(day, w, weeks);
    } else if (law == DOC_TIME_YEAR) {
        char year[WHEN_TEXT];
        when day_alone = { .y = w->y, .m = w->m, .d = w->d };
        memset(day, 0, 8);
        memcpy(day, year, TW_MIN(when_year(year, &day_alone, weeks), 4));
    }
    if (in && w->d) {
        x->day_in = in;
        memcpy(&x->day_out, day, 8);
        x->day_law = law;
    }
    return law;
}

void hl7_time(hl7_walk *x, hl7_out *out, tw_str value, bool birth)
{
    when w;
    char day[8] = { 0 };
    out->what = TW_DOC_REMOVED;
    if (value.n > sizeof out->room || !time_parse(&w, value))
        return;
    switch (law_of(x, day, &w, value, birth)) {
    case DOC_TIME_SHIFT:
        memcpy(out->room, day, 8);
        memcpy(out->room + 8, value.p + 8, value.n - 8);
        became(out, value, value.n);
        return;
    case DOC_TIME_YEAR:
        memcpy(out->room, day, 4);
        became(out, value, 4);
        return;
    case DOC_TIME_REMOVE:
        return;
    }
}

/* HH[MM[SS[.SSSS]]][+/-ZZZZ] */
static bool time_of_day(tw_str s)
{
    char room[48] = "20000101";
    when w;
    if (s.n < 2 || s.n > 20)
        return false;
    memcpy(room + 8, s.p, s.n);
    return tw_is_digit(s.p[0]) && tw_is_digit(s.p[1]) && time_parse(&w, (tw_str){ room, 8 + s.n });
}

/* ---------------------------------------------------------------- identifiers */

tw_str hl7_plain_text(hl7_walk *x, tw_str raw)
{
    tw_str s;
    if (tw_hl7_text(x->cx, &s, &x->m, raw) == TW_OK)
        return s;
    tw_err_clear(x->cx);
    return (tw_str){ "", 0 };
}

bool hl7_ident(hl7_walk *x, char out[TW_ID_HEX], tw_str raw)
{
    char id[TW_ID_HEX + 1], plain[DOC_ID_BYTES_MAX];
    hl7_id_slot *slot = &x->room->id[tw_str_hash(raw) % HL7_IDS];
    if (slot->n == raw.n && raw.n && slot->escape == x->m.delims.escape && tw_same_bytes(slot->raw, raw.p, raw.n)) {
        memcpy(out, slot->id, TW_ID_HEX);
        return true;
    }
    bool small = raw.n <= HL7_ID_BYTES && !memchr(raw.p, x->m.delims.escape, raw.n);
    tw_str value = hl7_plain_text(x, raw);
    if (doc_plain(plain, value) == 0)
        return false;
    doc_ident(id, x->w, value);
    memcpy(out, id, TW_ID_HEX);
    if (small) {
        slot->n = (uint8_t)raw.n;
        slot->escape = x->m.delims.escape;
        memcpy(slot->raw, raw.p, raw.n);
        memcpy(slot->id, id, TW_ID_HEX);
    }
    return true;
}

static void identifier(hl7_walk *x, hl7_out *out, const hl7_type *t, tw_str value, tw_str rep)
{
    tw_str type = { "", 0 };
    out->what = TW_DOC_REMOVED;
    if (t->id_type)
        type = tw_hl7_part(rep, x->m.delims.component, t->id_type);
    if ((type.n && hl7_table_has(x->rules, x->rules->unkeyed, type)) || !hl7_ident(x, out->room, value))
        return;
    became(out, value, TW_ID_HEX);
}

/* ---------------------------------------------------------------- the rest */

static void zip(hl7_walk *x, hl7_out *out, tw_str value, tw_str rep)
{
    char three[4];
    tw_str country = tw_hl7_part(rep, x->m.delims.component, 6);
    out->what = TW_DOC_REMOVED;
    if ((country.n && !doc_word(x->w, "Address.country", country)) || !doc_zip3(three, x->w, value))
        return;
    memcpy(out->room, three, 3);
    became(out, value, 3);
}

static void numeric(hl7_walk *x, hl7_out *out, tw_str value)
{
    double v;
    size_t n = number(value, 0, 9);
    kept(out, n > 0 && n == value.n);
    if (out->what == TW_DOC_KEPT && x->age && tw_parse_f64(&v, value) && v >= AGE_OVER) {
        memcpy(out->room, "90", 2);
        became(out, value, 2);
    }
}

static bool in_table(const hl7_walk *x, const hl7_rule *rule, const hl7_leaf *leaf, tw_str value)
{
    uint32_t t = leaf->table ? leaf->table : rule->table;
    return t && hl7_table_has(x->rules, t, value);
}

void hl7_value(hl7_walk *x, hl7_out *out, const hl7_type *t, const hl7_rule *rule, const hl7_leaf *leaf, tw_str value,
               tw_str rep)
{
    switch ((hl7_act)leaf->act) {
    case HL7_KEEP:
        kept(out, true);
        break;
    case HL7_SEQ:
        kept(out, value.n <= 4 && digits(value, 0) == value.n);
        break;
    case HL7_SUBID:
        kept(out, subid(value));
        break;
    case HL7_NUMBER:
        numeric(x, out, value);
        break;
    case HL7_RANGE:
        kept(out, hl7_range(value));
        break;
    case HL7_UNIT:
        kept(out, unit(x->rules, value));
        break;
    case HL7_TABLE:
        kept(out, in_table(x, rule, leaf, value));
        break;
    case HL7_EVENT:
        kept(out, event(value));
        break;
    case HL7_STRUCTURE:
        kept(out, structure(x->rules, value));
        break;
    case HL7_TIME:
        hl7_time(x, out, value, false);
        break;
    case HL7_TOD:
        kept(out, x->w->opts->profile->times == TIMES_SHIFT && time_of_day(value));
        break;
    case HL7_BIRTH:
        hl7_time(x, out, value, true);
        break;
    case HL7_ID:
        identifier(x, out, t, value, rep);
        break;
    case HL7_STATE:
        kept(out, doc_word(x->w, "Address.state", value));
        break;
    case HL7_ZIP:
        zip(x, out, value, rep);
        break;
    case HL7_COUNTRY:
        kept(out, doc_word(x->w, "Address.country", value));
        break;
    case HL7_REMOVE:
    case HL7_CODE:
    case HL7_DISPLAY:
    case HL7_SYSTEM:
    case HL7_TEXT:
    case HL7_BRIEF:
    case HL7_VARIES:
        kept(out, false);
        break;
    }
}

/* ---------------------------------------------------------------- coded elements */

static bool code_passes(const hl7_walk *x, hl7_coded *v, tw_str code, tw_str system, uint32_t table)
{
    const hl7_rules *r = x->rules;
    if (code.n == 0)
        return false;
    if (system.n == 0)
        return table == r->ucum ? unit(r, code) : table && hl7_table_has(r, table, code);
    if (tw_str_starts(system, "HL7")) {
        uint32_t named = hl7_table_named(r, (tw_str){ system.p + 3, system.n - 3 });
        return named && named != r->unkeyed && hl7_table_has(r, named, code);
    }
    tw_str url = hl7_system_url(r, system);
    if (url.n == 0)
        return false;
    if (table == r->ucum)
        return tw_str_is(url, "http://unitsofmeasure.org") && unit(r, code);
    char key[256];
    int n = snprintf(key, sizeof key, TW_FMT " " TW_FMT, TW_ARG(url), TW_ARG(code));
    v->age = n > 0 && (size_t)n < sizeof key &&
             tw_map_get(x->w->opts->profile->age_codes, (tw_bytes){ (const uint8_t *)key, (size_t)n });
    return doc_code(x->w, url, code);
}

static tw_status judge(hl7_walk *x, hl7_code_slot *s, tw_str code, tw_str display, tw_str system, uint32_t table)
{
    hl7_coded v = { .code = false };
    size_t words = 0;
    *s = (hl7_code_slot){ .n = 0 };
    s->code = code_passes(x, &v, code, system, table);
    s->system = s->code && system.n > 0;
    s->age = v.age;
    if (display.n == 0 || !x->w->text)
        return TW_OK;
    tw_str plain = hl7_plain_text(x, display), clean;
    TW_TRY(doc_text(x->cx, &clean, x->w, plain, NULL, x->who));
    s->display = plain.n > 0 && tw_str_eq(plain, clean) && hl7_words(s->word, &words, HL7_WORDS_MAX, plain);
    s->words = (uint8_t)words;
    return TW_OK;
}

#define CODE_WAYS 4u

static bool remembered(const hl7_walk *x, const hl7_code_slot *s, tw_str raw, uint32_t table)
{
    return s->n == raw.n && s->table == table && s->component == x->m.delims.component &&
           s->escape == x->m.delims.escape && memcmp(s->raw, raw.p, raw.n) == 0;
}

tw_status hl7_code(hl7_walk *x, hl7_coded *out, tw_str code, tw_str display, tw_str system, tw_str raw, uint32_t table)
{
    hl7_code_slot here, *set = &x->room->code[(tw_str_hash(raw) + table) % HL7_CODES / CODE_WAYS * CODE_WAYS], *s = set;
    bool small = raw.n <= HL7_CODE_BYTES;
    while (small && s < set + CODE_WAYS && !remembered(x, s, raw, table))
        s++;
    if (!small || s == set + CODE_WAYS) {
        s = small ? set : &here;
        if (small) /* the oldest of the set goes */
            memmove(set + 1, set, (CODE_WAYS - 1) * sizeof *set);
        TW_TRY(judge(x, s, code, display, system, table));
        if (small) {
            s->n = (uint16_t)raw.n;
            s->table = (uint8_t)table;
            s->component = x->m.delims.component;
            s->escape = x->m.delims.escape;
            memcpy(s->raw, raw.p, raw.n);
        }
    }
    *out = (hl7_coded){ s->code, s->display, s->system, s->age };
    if (!out->display)
        return TW_OK;
    TW_TRY(hl7_names(x));
    out->display = !hl7_names_hit(x, s->word, s->words);
    return TW_OK;
}
