/* What files and columns are for: names first, then whether the values bear them out, then keys that files share. */
#include "sources/csv_suggest.h"

#define FILES_MAX 200

static bool most(size_t part, size_t all)
{
    return all > 0 && part * 10 >= all * 9;
}

static tw_sug_column *by_role(const tw_sug_file *f, unsigned role)
{
    for (size_t i = 0; i < f->cols; i++)
        if (f->col[i].role == role)
            return &f->col[i];
    return NULL;
}

static void say(tw_sug_column *c, unsigned role, tw_sureness sure, const char *why)
{
    c->role = role;
    c->sure = sure;
    c->why = why;
}

/* ---------------------------------------------------------------- values that bear a name out */

static size_t best_style(const tw_sug_column *c)
{
    size_t best = 0;
    for (size_t k = 0; k < TW_STYLES; k++)
        best = TW_MAX(best, c->style[k]);
    return best;
}

static bool all_words(const tw_sug_column *c, const char *words)
{
    for (size_t i = 0; i < c->distinct; i++)
        if (!tw_cm_word_in(words, c->value[i]))
            return false;
    return true;
}

static bool all_classes(const tw_sug_column *c)
{
    size_t n;
    const tw_sug_pair *pair = tw_sug_classes(&n);
    size_t known = 0;
    for (size_t i = 0; i < c->distinct; i++)
        for (size_t k = 0; k < n; k++)
            if (tw_str_is(c->value[i], pair[k].from)) {
                known++;
                break;
            }
    return known == c->distinct && c->distinct > 0;
}

static bool all_types(const tw_sug_column *c)
{
    bool numeric;
    for (size_t i = 0; i < c->distinct; i++)
        if (!tw_sug_type_word(&numeric, c->value[i]))
            return false;
    return c->distinct > 0;
}

/* NULL, or why the values do not fit the role. */
static const char *against(const tw_sug_column *c, tw_cm_type kind)
{
    size_t n;
    bool sure;
    if (c->role == TW_ROLE_VALUE_TYPE)
        return all_types(c) ? NULL : "named like a type of values, but holds other words";
    if (c->role == TW_EL_SEX)
        return tw_sug_sexes(&n, &sure, c) ? NULL : "named like a sex, but holds other words";
    if (c->role == TW_EL_CLASS)
        return all_classes(c) ? NULL : "named like a class of visits, but holds words that are not known";
    if (c->role == TW_ROLE_SYSTEM)
        return c->filled > 0 && c->shape[TW_SHAPE_SYSTEM] == c->filled ? NULL
                                                                       : "named like a code system, but holds others";
    if (c->role >= TW_EL_COUNT)
        return NULL;
    tw_el e = (tw_el)c->role;
    const char *words = tw_el_words(e, kind);
    if (!tw_el_allowed(e, kind))
        return "named like an element that this type does not have";
    if (words && !all_words(c, words))
        return "named like an element of fixed words, but holds others";
    if (tw_el_kind_of(e) == TW_ELK_TIME && c->filled > 0 && !most(best_style(c), c->filled))
        return "named like a time, but its values are in no known format";
    return NULL;
}

static void roles_by_name(tw_sug_file *f)
{
    for (size_t i = 0; i < f->cols; i++) {
        tw_sug_column *c = &f->col[i];
        bool exact;
        unsigned role = tw_sug_role(&exact, c->norm, f->kind);
        const tw_sug_column *other = role == TW_ROLE_IDENTIFIER ? NULL : by_role(f, role);
        say(c, role, exact ? TW_SURE : TW_LIKELY, exact ? "by its name" : "by the end of its name");
        if (role == TW_ROLE_NONE) {
            say(c, TW_ROLE_NONE, TW_SURE, "its name is not known");
            continue;
        }
        const char *why_not = against(c, f->kind);
        if (why_not)
            say(c, TW_ROLE_NONE, TW_UNSURE, why_not);
        else if (other && other != c && role != TW_ROLE_NONE)
            say(c, TW_ROLE_NONE, TW_UNSURE, "another column before it has this meaning");
        else if (c->filled == 0)
            say(c, role, TW_UNSURE, "by its name; no value was seen");
    }
}

/* Columns of results, in a table that has no column of codes. */
static void find_measures(tw_sug_file *f)
{
    if (f->kind != TW_CM_OBSERVATION || by_role(f, TW_ROLE_CODE) || by_role(f, TW_ROLE_LOINC))
        return;
    for (size_t i = 0; i < f->cols; i++) {
        tw_sug_column *c = &f->col[i];
        size_t numbers = c->shape[TW_SHAPE_POINT] + c->shape[TW_SHAPE_COMMA];
        if (c->role != TW_ROLE_NONE || !most(numbers, c->filled) || !tw_sug_measure(&c->loinc, &c->unit, c->norm))
            continue;
        say(c, TW_ROLE_MEASURE, c->unit ? TW_LIKELY : TW_UNSURE,
            c->unit ? "by its name, with its unit"
                    : "by its name; no unit is told: give it, and check that the code fits it");
    }
}

/* ---------------------------------------------------------------- keys */

/* How many other files hold the values of this column in one of theirs. */
static size_t followers(const tw_sug_file *all, size_t n, const tw_sug_file *own, const tw_sug_column *key)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        bool here = false;
        for (size_t c = 0; c < all[i].cols && !here && &all[i] != own && !all[i].skipped; c++)
            here = all[i].col[c].distinct > 1 && tw_sug_overlap(key, &all[i].col[c]) >= 90;
        found += here;
    }
    return found;
}

/* The column of the table of patients (or visits) by which others refer to it. */
static tw_sug_column *key_of(const tw_sug_file *all, size_t n, tw_sug_file *f, unsigned role)
{
    tw_sug_column *best = NULL;
    size_t most_followers = 0;
    for (size_t c = 0; c < f->cols; c++) {
        tw_sug_column *k = &f->col[c];
        if (!k->unique || k->distinct < 2 || (k->role != role && k->role != TW_ROLE_NONE && k->role != TW_ROLE_RECORD))
            continue;
        size_t found = followers(all, n, f, k);
        if (found > most_followers || (found > 0 && found == most_followers && k->role == role)) {
            most_followers = found;
            best = k;
        }
    }
    tw_sug_column *named = by_role(f, role);
    if (!best)
        return named && named->unique ? named : NULL;
    if (named && named != best)
        say(named, TW_ROLE_NONE, TW_UNSURE, "other files refer by another column");
    say(best, role, TW_SURE, "other files hold its values");
    return best;
}

static void refer(tw_sug_file *f, const tw_sug_column *key, unsigned role)
{
    tw_sug_column *named = by_role(f, role);
    if (named && key && named->filled > 0) {
        bool held = tw_sug_overlap(key, named) >= 90;
        say(named, role, held ? TW_SURE : TW_LIKELY,
            held ? "by its name, and its values are keys of the other table"
                 : "by its name; many of its values are no keys of the other table as far as it was read");
        return;
    }
    if (named || !key)
        return;
    for (size_t c = 0; c < f->cols; c++) {
        tw_sug_column *k = &f->col[c];
        if (k->role != TW_ROLE_NONE || k->distinct < 2 || tw_sug_overlap(key, k) < 100)
            continue;
        say(k, role, TW_LIKELY, "all its values are keys of the other table");
        return;
    }
}

static void find_keys(tw_sug_file *f, size_t n, tw_cm_type kind, unsigned role)
{
    const tw_sug_column *key = NULL;
    for (size_t i = 0; i < n && !key; i++)
        if (!f[i].skipped && f[i].kind == kind)
            key = key_of(f, n, &f[i], role);
    for (size_t i = 0; i < n; i++)
        if (!f[i].skipped && f[i].kind != kind)
            refer(&f[i], key, role);
}

/* ---------------------------------------------------------------- kinds */

static void kind_by_columns(tw_sug_file *f)
{
    bool coded = by_role(f, TW_ROLE_CODE) || by_role(f, TW_ROLE_LOINC);
    roles_by_name(f);
    if (by_role(f, TW_ROLE_VALUE) && coded)
        f->kind = TW_CM_OBSERVATION;
    for (size_t i = 0; i < f->cols; i++) {
        bool exact;
        if (tw_sug_role(&exact, f->col[i].norm, TW_CM_PATIENT) == TW_EL_BIRTH_DATE)
            f->kind = TW_CM_PATIENT;
    }
}

static const char *lacks(const tw_sug_file *f)
{
    if (f->kind == TW_CM_TYPES)
        return "neither its name nor its columns tell what it holds";
    if (f->kind >= TW_CM_NO_PATIENT)
        return by_role(f, TW_EL_PATIENT) ? "it holds numbers of patients, but is of no type that rows can become"
                                         : NULL;
    if (!by_role(f, TW_EL_PATIENT))
        return "no column holds numbers of patients";
    if (f->kind == TW_CM_ENCOUNTER && !by_role(f, TW_ROLE_ENCOUNTER))
        return "no column names the visit";
    return NULL;
}

/* A column whose numbers have commas makes the whole file one of decimal commas. */
static void find_comma(tw_sug_file *f)
{
    size_t comma = 0;
    for (size_t c = 0; c < f->cols; c++)
        if (f->col[c].filled > 0 &&
            f->col[c].shape[TW_SHAPE_COMMA] + f->col[c].shape[TW_SHAPE_POINT] == f->col[c].filled)
            comma += f->col[c].shape[TW_SHAPE_COMMA];
    const tw_sug_column *value = by_role(f, TW_ROLE_VALUE);
    f->comma = comma > 0 || (value && value->shape[TW_SHAPE_COMMA] > 0);
}

tw_status tw_mapping_suggest(tw_ctx *cx, tw_str *json, tw_str *reasons, const tw_str *name, const tw_str *head,
                             size_t count)
{
    tw_buf out;
    tw_buf why;
    bool any = false;
    if (count == 0 || count > FILES_MAX)
        return tw_fail(cx, TW_EUSAGE, "a proposal needs between 1 and %d files", FILES_MAX);
    tw_sug_file *f = tw_arena_get(cx->arena, count * sizeof *f);
    for (size_t i = 0; i < count; i++) {
        TW_TRY(tw_sug_file_read(cx, &f[i], name[i], head[i]));
        if (f[i].skipped)
            continue;
        f[i].kind = tw_sug_kind(f[i].norm);
        if (f[i].kind == TW_CM_TYPES)
            kind_by_columns(&f[i]);
        roles_by_name(&f[i]);
        find_measures(&f[i]);
        find_comma(&f[i]);
    }
    find_keys(f, count, TW_CM_PATIENT, TW_EL_PATIENT);
    find_keys(f, count, TW_CM_ENCOUNTER, TW_ROLE_ENCOUNTER);
    for (size_t i = 0; i < count; i++)
        if (!f[i].skipped)
            f[i].skipped = lacks(&f[i]);
    tw_buf_init(&out, 16 * TW_MIB);
    tw_buf_init(&why, 16 * TW_MIB);
    tw_sug_write(cx, &out, &why, f, count);
    for (size_t i = 0; i < count; i++)
        any |= !f[i].skipped && f[i].kind < TW_CM_NO_PATIENT;
    tw_status st = tw_buf_check(cx, &out, "proposal");
    if (st == TW_OK)
        st = tw_buf_check(cx, &why, "reasons");
    if (st == TW_OK && !any)
        st = tw_fail(cx, TW_ENOTFOUND, "none of the files looks like a table of patients' records");
    *json = st == TW_OK ? tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&out))) : (tw_str){ "", 0 };
    *reasons = st == TW_OK ? tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&why))) : (tw_str){ "", 0 };
    tw_buf_done(&out);
    tw_buf_done(&why);
    return st;
}
