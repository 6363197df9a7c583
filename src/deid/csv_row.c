/* One row of a table, by the roles of its columns. */
#include "deid/doc_internal.h"

#define OLD 90 /* "all ages over 89 ... may be aggregated into a single category of age 90 or older" */

typedef struct {
    tw_ctx *cx;
    tw_doc_work *w;
    const tw_str *field;
    const tw_column *column;
    size_t count;
    doc_person person;
    doc_known known;
} row;

static const tw_str nothing = { "", 0 };

/* ---------------------------------------------------------------- whose row it is, and what is known of him */

static tw_str cell(const row *r, size_t i)
{
    return tw_str_trim(r->field[i]);
}

static tw_str patient_of(const row *r)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->column[i].role == TW_COLUMN_PATIENT && cell(r, i).n)
            return cell(r, i);
    return nothing;
}

static bool has_text(const row *r)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->column[i].role == TW_COLUMN_TEXT && cell(r, i).n)
            return true;
    return false;
}

/* A column of contacts holds telephones and addresses of mail; one of addresses, streets and cities. */
static bool known_field(tw_known_field *out, tw_column_role role, tw_str value)
{
    switch (role) {
    case TW_COLUMN_PATIENT:
    case TW_COLUMN_ID:
        *out = TW_KNOWN_ID;
        return true;
    case TW_COLUMN_NAME:
        *out = TW_KNOWN_FULL;
        return true;
    case TW_COLUMN_CONTACT:
        *out = memchr(value.p, '@', value.n) ? TW_KNOWN_EMAIL : TW_KNOWN_PHONE;
        return true;
    case TW_COLUMN_ADDRESS:
        *out = value.p[0] >= '0' && value.p[0] <= '9' ? TW_KNOWN_STREET : TW_KNOWN_CITY;
        return true;
    case TW_COLUMN_ZIP:
        *out = TW_KNOWN_ZIP;
        return true;
    case TW_COLUMN_BIRTH:
        *out = TW_KNOWN_DATE;
        return true;
    case TW_COLUMN_REMOVE:
    case TW_COLUMN_KEEP:
    case TW_COLUMN_DATE:
    case TW_COLUMN_AGE:
    case TW_COLUMN_CODE:
    case TW_COLUMN_NUMBER:
    case TW_COLUMN_UNIT:
    case TW_COLUMN_TEXT:
        break;
    }
    return false;
}

static tw_status gather(row *r)
{
    tw_known_field as;
    for (size_t i = 0; i < r->count; i++) {
        tw_str value = cell(r, i);
        if (value.n && known_field(&as, r->column[i].role, value))
            TW_TRY(doc_known_add(r->cx, &r->known, as, value));
    }
    return doc_known_ready(r->cx, &r->known);
}

/* ---------------------------------------------------------------- values */

/* Words of closed lists that hospitals write beside the codes of FHIR itself; lower case, ascending. */
static const char *const words[] = {
    "0",           "1",         "a",          "active",    "ambulatory", "amb",        "asian",   "black",
    "c",           "d",         "divorced",   "e",         "emer",       "emergency",  "f",       "false",
    "female",      "final",     "h",          "hispanic",  "home",       "hospice",    "i",       "imp",
    "inactive",    "inpatient", "l",          "m",         "male",       "married",    "n",       "native",
    "no",          "nonhispanic", "o",        "other",     "outpatient", "p",          "r",       "s",
    "single",      "snf",       "t",          "true",      "u",          "unknown",    "urgentcare", "virtual",
    "w",           "wellness",  "white",      "widowed",   "y",          "yes",
};

static bool is_word(const row *r, tw_str s)
{
    char lower[24];
    const tw_r4 *t = &r->w->opts->profile->table;
    if (s.n == 0 || s.n > sizeof lower)
        return false;
    for (size_t i = 0; i < s.n; i++)
        lower[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32 : s.p[i]);
    tw_str word = { lower, s.n };
    for (size_t i = 0; i < TW_COUNT(words); i++)
        if (tw_str_is(word, words[i]))
            return true;
    for (uint32_t i = 0; i < t->codes_count; i++)
        if (tw_r4_has_code(&t->codes[i], s))
            return true;
    return false;
}

static tw_str age_cell(tw_str s, bool *capped)
{
    double age;
    if (!doc_is_number(s) || !tw_parse_f64(&age, s))
        return nothing;
    *capped = age >= OLD;
    return *capped ? TW_STR("90") : s;
}

static tw_str system_of(const tw_column *c, tw_str name)
{
    return c->system_of ? c->system_of(name) : name;
}

/* A code of its system; without one, a word of closed lists or the name of a system that the profile knows. */
static bool known_code(const row *r, const tw_column *c, tw_str s)
{
    tw_str system = c->system;
    if (!system.n && c->system_column && c->system_column <= r->count)
        system = system_of(c, cell(r, c->system_column - 1));
    if (system.n)
        return doc_code(r->w, system, s);
    tw_str named = system_of(c, s);
    return is_word(r, s) || (named.n && frozen_get(&r->w->opts->profile->systems, named) != NULL);
}

/* The number is an id, a telephone or a postal code of the same row. */
static bool is_known(const row *r, size_t at, tw_str s)
{
    tw_known_field as;
    for (size_t i = 0; i < r->count; i++)
        if (i != at && known_field(&as, r->column[i].role, s) && tw_str_eq(cell(r, i), s))
            return true;
    return false;
}

static bool listed(const tw_str *list, size_t n, tw_str s)
{
    for (size_t i = 0; i < n; i++)
        if (tw_str_eq(list[i], s))
            return true;
    return false;
}

/* Words that the mapping itself has: of a column of words, and for the empty cell. */
static bool is_declared(const tw_column *c, tw_str s)
{
    bool has_words = c->role == TW_COLUMN_CODE || c->role == TW_COLUMN_NUMBER || c->role == TW_COLUMN_UNIT ||
                 c->role == TW_COLUMN_DATE;
    return c->role != TW_COLUMN_REMOVE && (listed(c->null, c->nulls, s) || (has_words && listed(c->word, c->words, s)));
}

/* The mark stands before groups of three digits and nowhere else. */
static bool is_number(tw_ctx *cx, const tw_column *c, tw_str s)
{
    char *plain = c->thousands ? tw_arena_get(cx->arena, s.n + 1) : NULL;
    size_t n = 0, group = 0;
    bool marked = false;
    if (!plain || !memchr(s.p, c->thousands, s.n))
        return doc_is_number(s);
    for (size_t i = 0; i < s.n; i++) {
        bool digit = s.p[i] >= '0' && s.p[i] <= '9';
        bool mark = s.p[i] == c->thousands;
        if (marked && !digit && group != 3)
            return false;
        if (mark && (group == 0 || group > 3))
            return false;
        if (!digit && !mark)
            marked = false;
        marked |= mark;
        group = digit ? group + 1 : 0;
        if (!mark)
            plain[n++] = s.p[i];
    }
    return (!marked || group == 3) && doc_is_number((tw_str){ plain, n });
}

static tw_status value(tw_str *out, row *r, size_t i)
{
    char id[TW_ID_HEX + 1];
    char zip[4];
    bool capped;
    const tw_column *c = &r->column[i];
    tw_str s = cell(r, i);
    *out = nothing;
    if (s.n == 0)
        return TW_OK;
    if (is_declared(c, s)) {
        *out = s;
        return TW_OK;
    }
    switch (c->role) {
    case TW_COLUMN_KEEP:
        *out = s;
        break;
    case TW_COLUMN_PATIENT:
    case TW_COLUMN_ID:
        doc_ident(id, r->w, s);
        *out = tw_str_dup(r->cx->arena, tw_str_of(id));
        break;
    case TW_COLUMN_ZIP:
        if (doc_zip3(zip, r->w, s))
            *out = tw_str_dup(r->cx->arena, tw_str_of(zip));
        break;
    case TW_COLUMN_DATE:
    case TW_COLUMN_BIRTH:
        *out = doc_stamp_as(r->cx, r->w, &r->person, s, c->role == TW_COLUMN_BIRTH, c);
        break;
    case TW_COLUMN_AGE:
        *out = age_cell(s, &capped);
        break;
    case TW_COLUMN_CODE:
        *out = known_code(r, c, s) ? s : nothing;
        break;
    case TW_COLUMN_NUMBER:
        *out = is_number(r->cx, c, s) ? s : nothing;
        break;
    case TW_COLUMN_UNIT:
        *out = doc_unit(r->cx, s);
        break;
    case TW_COLUMN_TEXT:
        if (!(doc_is_small_number(s) || (c->may_be_number && is_number(r->cx, c, s))) || is_known(r, i, s))
            return doc_text(r->cx, out, r->w, s, &r->known, &r->person);
        *out = s;
        break;
    case TW_COLUMN_REMOVE:
    case TW_COLUMN_NAME:
    case TW_COLUMN_CONTACT:
    case TW_COLUMN_ADDRESS:
        break;
    }
    return TW_OK;
}

static const char *role_name(tw_column_role role)
{
    static const char *const name[] = {
#define X(role, text) [TW_COLUMN_##role] = text,
        TW_COLUMN_ROLE_LIST(X)
#undef X
    };
    return name[role];
}

static tw_status each(tw_str *out, row *r)
{
    for (size_t i = 0; i < r->count; i++) {
        TW_TRY(value(&out[i], r, i));
        if (cell(r, i).n == 0)
            continue;
        tw_doc_what what = out[i].n == 0                   ? TW_DOC_REMOVED
                           : tw_str_eq(out[i], cell(r, i)) ? TW_DOC_KEPT
                                                           : TW_DOC_CHANGED;
        tw_str rule = tw_str_of(role_name(r->column[i].role));
        doc_count(r->w, r->column[i].name, rule, what);
        doc_act(r->w, r->column[i].name, rule, what, r->field[i], out[i]);
    }
    return TW_OK;
}

tw_status tw_deid_csv_row(tw_ctx *cx, tw_str *out_field, tw_doc_work *w, const tw_str *field, const tw_column *column,
                          size_t count)
{
    row r = { .cx = cx, .w = w, .field = field, .column = column, .count = count };
    doc_person_of(&r.person, w, patient_of(&r));
    doc_known_init(&r.known);
    tw_status s = w->text && has_text(&r) ? gather(&r) : TW_OK;
    if (s == TW_OK)
        s = each(out_field, &r);
    doc_known_done(&r.known);
    return s;
}
