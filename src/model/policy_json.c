/* Policies and purposes as JSON: the words of the Data Use Ontology, dates instead of seconds. Members that are not
 * known are refused: a limit that is misspelt must not be lost. */
#include "model/model.h"

#include "model/model_internal.h"

/* ---------------------------------------------------------------- reading */

static tw_status bad(tw_ctx *cx, const char *what, const char *member, const char *why)
{
    return tw_fail(cx, TW_EPARSE, "%s: %s: %s", what, member, why);
}

static tw_status read_text(tw_ctx *cx, tw_str *out, const tw_json *d, uint32_t value, const char *member)
{
    if (d->tok[value].type != TW_JSON_STRING || d->tok[value].len <= 2)
        return bad(cx, "json", member, "not a text");
    *out = tw_json_text(cx, d, value);
    return TW_OK;
}

static tw_status read_list(tw_ctx *cx, tw_list *out, const tw_json *d, uint32_t value, const char *member)
{
    *out = (tw_list){ 0 };
    if (d->tok[value].type != TW_JSON_ARRAY)
        return bad(cx, "json", member, "not a list");
    for (uint32_t i = tw_json_first(d, value); i != TW_JSON_NONE; i = tw_json_next(d, value, i)) {
        if (out->count == TW_LIST_MAX)
            return bad(cx, "json", member, "too many items");
        TW_TRY(read_text(cx, &out->item[out->count++], d, i, member));
    }
    return TW_OK;
}

static tw_status read_time(tw_ctx *cx, uint64_t *out, const tw_json *d, uint32_t value, const char *member)
{
    tw_str text;
    TW_TRY(read_text(cx, &text, d, value, member));
    if (!tw_time_parse(out, text))
        return bad(cx, "json", member, "not a date");
    return TW_OK;
}

static tw_status read_bool(tw_ctx *cx, bool *out, const tw_json *d, uint32_t value, const char *member)
{
    uint8_t type = d->tok[value].type;
    if (type != TW_JSON_TRUE && type != TW_JSON_FALSE)
        return bad(cx, "json", member, "neither true nor false");
    *out = type == TW_JSON_TRUE;
    return TW_OK;
}

static tw_status read_categories(tw_ctx *cx, uint32_t *out, const tw_json *d, uint32_t value, bool foreign)
{
    if (tw_json_is(d, value, "all")) {
        *out = TW_CAT_ALL;
        return TW_OK;
    }
    tw_list names;
    TW_TRY(read_list(cx, &names, d, value, "categories"));
    *out = 0;
    for (size_t i = 0; i < names.count; i++) {
        tw_category c;
        if (!(foreign ? tw_category_parse_foreign(&c, names.item[i]) : tw_category_parse(&c, names.item[i])))
            return bad(cx, "json", "categories", "a category is not known");
        *out |= TW_CAT_BIT(c);
    }
    return TW_OK;
}

/* RS: a text, or a list of texts that become one. */
static tw_status read_research(tw_ctx *cx, tw_policy *out, const tw_json *d, uint32_t value)
{
    if (d->tok[value].type == TW_JSON_STRING)
        return read_text(cx, &out->research_type, d, value, "RS");
    tw_list list;
    TW_TRY(read_list(cx, &list, d, value, "RS"));
    tw_str text = { "", 0 };
    for (size_t i = 0; i < list.count; i++)
        text = tw_strf(cx->arena, TW_FMT "%s" TW_FMT, TW_ARG(text), i ? "; " : "", TW_ARG(list.item[i]));
    out->research_type = text;
    return TW_OK;
}

/* TS: a date, a number of months, or {"months": n, "until": date}. */
static tw_status read_term(tw_ctx *cx, tw_policy *out, const tw_json *d, uint32_t value)
{
    if (d->tok[value].type == TW_JSON_STRING)
        return read_time(cx, &out->use_until_s, d, value, "TS");
    if (d->tok[value].type == TW_JSON_NUMBER) {
        if (!tw_json_u64(d, value, &out->use_months))
            return bad(cx, "json", "TS", "not a number of months");
        return TW_OK;
    }
    uint32_t months = tw_json_get(d, value, "months");
    uint32_t until = tw_json_get(d, value, "until");
    if (months == TW_JSON_NONE || until == TW_JSON_NONE || d->tok[value].count != 2)
        return bad(cx, "json", "TS", "neither a date nor a number of months");
    if (!tw_json_u64(d, months, &out->use_months))
        return bad(cx, "json", "TS", "not a number of months");
    return read_time(cx, &out->use_until_s, d, until, "TS");
}

static tw_status read_modifier(tw_ctx *cx, tw_policy *out, unsigned modifier, const tw_json *d, uint32_t value)
{
    uint8_t type = d->tok[value].type;
    if (type == TW_JSON_FALSE)
        return TW_OK;
    out->modifiers |= 1u << modifier;
    const char *name = tw_modifier_name(modifier);
    switch ((tw_duo_modifier)modifier) {
    case TW_MOD_GS:
        return read_list(cx, &out->countries, d, value, name);
    case TW_MOD_US:
        return read_list(cx, &out->users, d, value, name);
    case TW_MOD_PS:
        return read_list(cx, &out->projects, d, value, name);
    case TW_MOD_IS:
        return read_list(cx, &out->institutions, d, value, name);
    case TW_MOD_RS:
        return read_research(cx, out, d, value);
    case TW_MOD_MOR:
        return read_time(cx, &out->publish_after_s, d, value, name);
    case TW_MOD_TS:
        return read_term(cx, out, d, value);
    case TW_MOD_NMDS:
    case TW_MOD_GSO:
    case TW_MOD_NPUNCU:
    case TW_MOD_PUB:
    case TW_MOD_COL:
    case TW_MOD_IRB:
    case TW_MOD_RTN:
    case TW_MOD_CC:
    case TW_MOD_NPOA:
    case TW_MOD_NPU:
    case TW_MOD_NCU:
    case TW_MOD_COUNT:
        break;
    }
    return type == TW_JSON_TRUE ? TW_OK : bad(cx, "json", name, "neither true nor false");
}

static tw_status read_modifiers(tw_ctx *cx, tw_policy *out, const tw_json *d, uint32_t obj)
{
    if (d->tok[obj].type != TW_JSON_OBJECT)
        return bad(cx, "json", "modifiers", "not an object");
    for (uint32_t k = tw_json_first(d, obj); k != TW_JSON_NONE; k = tw_json_next(d, obj, k)) {
        unsigned i = 0;
        while (i < TW_MOD_COUNT && !tw_json_is(d, k, tw_modifier_name(i)))
            i++;
        if (i == TW_MOD_COUNT)
            return bad(cx, "json", "modifiers", "a modifier is not known");
        TW_TRY(read_modifier(cx, out, i, d, k + 1));
    }
    return TW_OK;
}

static tw_status read_permission(tw_ctx *cx, tw_policy *out, const tw_json *d, uint32_t value)
{
    out->permission = TW_DUO_NONE;
    if (d->tok[value].type == TW_JSON_NULL)
        return TW_OK;
    for (int p = TW_DUO_NRES; p <= TW_DUO_POA; p++) {
        if (tw_json_is(d, value, tw_permission_name((tw_duo_permission)p))) {
            out->permission = (tw_duo_permission)p;
            return TW_OK;
        }
    }
    return bad(cx, "json", "permission", "not NRES, GRU, HMB, DS, POA or null");
}

/* FHIR R4 Consent.status and others' words: only "active" counts. */
static tw_status read_status(tw_ctx *cx, tw_policy *out, const tw_json *d, uint32_t value)
{
    tw_str text;
    TW_TRY(read_text(cx, &text, d, value, "status"));
    out->status = tw_str_is(text, "active") ? TW_CONSENT_ACTIVE : TW_CONSENT_INACTIVE;
    return TW_OK;
}

static tw_status read_policy_member(tw_ctx *cx, tw_policy *out, const tw_json *d, uint32_t key, bool foreign)
{
    uint32_t value = key + 1;
    if (tw_json_is(d, key, "status"))
        return read_status(cx, out, d, value);
    if (tw_json_is(d, key, "permission"))
        return read_permission(cx, out, d, value);
    if (tw_json_is(d, key, "modifiers"))
        return read_modifiers(cx, out, d, value);
    if (tw_json_is(d, key, "categories"))
        return read_categories(cx, &out->categories, d, value, foreign);
    if (tw_json_is(d, key, "diseases"))
        return read_list(cx, &out->diseases, d, value, "diseases");
    if (tw_json_is(d, key, "from"))
        return read_time(cx, &out->from_s, d, value, "from");
    if (tw_json_is(d, key, "until"))
        return read_time(cx, &out->until_s, d, value, "until");
    if (tw_json_is(d, key, "yes"))
        return read_list(cx, &out->yes, d, value, "yes");
    if (tw_json_is(d, key, "no"))
        return read_list(cx, &out->no, d, value, "no");
    return tw_fail(cx, TW_EPARSE, "policy: a member is not known");
}

tw_status tw_policy_read_json(tw_ctx *cx, tw_policy *out, const tw_json *d, uint32_t obj, bool foreign)
{
    *out = (tw_policy){ .status = TW_CONSENT_INACTIVE, .until_s = UINT64_MAX };
    if (obj >= d->n || d->tok[obj].type != TW_JSON_OBJECT)
        return tw_fail(cx, TW_EPARSE, "policy: not an object");
    static const char *const needed[] = { "status", "permission", "categories" };
    for (size_t i = 0; i < TW_COUNT(needed); i++)
        if (tw_json_get(d, obj, needed[i]) == TW_JSON_NONE)
            return tw_fail(cx, TW_EPARSE, "policy: %s is missing", needed[i]);
    for (uint32_t k = tw_json_first(d, obj); k != TW_JSON_NONE; k = tw_json_next(d, obj, k))
        TW_TRY(read_policy_member(cx, out, d, k, foreign));
    return tw_policy_check(cx, out);
}

tw_status tw_policy_from_json(tw_ctx *cx, tw_policy *out, const tw_json *d, uint32_t obj)
{
    return tw_policy_read_json(cx, out, d, obj, false);
}

/* ---------------------------------------------------------------- purposes */

static tw_status read_purpose_type(tw_ctx *cx, tw_purpose *out, const tw_json *d, uint32_t value)
{
    for (int t = TW_PURPOSE_GRU; t < TW_PURPOSE_COUNT; t++) {
        if (tw_json_is(d, value, tw_purpose_name((tw_purpose_type)t))) {
            out->type = (tw_purpose_type)t;
            return TW_OK;
        }
    }
    return bad(cx, "json", "type", "not GRU, HMB, DS, POA, MDS or CC");
}

static tw_status read_organisation(tw_ctx *cx, tw_purpose *out, const tw_json *d, uint32_t value)
{
    if (tw_json_is(d, value, "nonprofit"))
        out->organisation = TW_ORG_NONPROFIT;
    else if (tw_json_is(d, value, "forprofit"))
        out->organisation = TW_ORG_COMMERCIAL;
    else
        return bad(cx, "json", "organisation", "neither nonprofit nor forprofit");
    return TW_OK;
}

/* *known is false when the member is none of the facts. */
static tw_status read_fact(tw_ctx *cx, bool *known, tw_purpose *out, const tw_json *d, uint32_t key)
{
    const struct {
        const char *name;
        tw_tri *fact;
    } rows[] = {
#define X(name) { #name, &out->name },
        TW_PURPOSE_FACTS(X)
#undef X
    };
    *known = false;
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        if (!tw_json_is(d, key, rows[i].name))
            continue;
        bool yes = false;
        *known = true;
        TW_TRY(read_bool(cx, &yes, d, key + 1, rows[i].name));
        *rows[i].fact = yes ? 1 : 0;
    }
    return TW_OK;
}

static tw_status read_purpose_member(tw_ctx *cx, tw_purpose *out, const tw_json *d, uint32_t key, bool foreign)
{
    uint32_t value = key + 1;
    bool known;
    TW_TRY(read_fact(cx, &known, out, d, key));
    if (known)
        return TW_OK;
    if (tw_json_is(d, key, "type"))
        return read_purpose_type(cx, out, d, value);
    if (tw_json_is(d, key, "diseases"))
        return read_list(cx, &out->diseases, d, value, "diseases");
    if (tw_json_is(d, key, "organisation"))
        return read_organisation(cx, out, d, value);
    if (tw_json_is(d, key, "country"))
        return read_text(cx, &out->country, d, value, "country");
    if (tw_json_is(d, key, "institution"))
        return read_text(cx, &out->institution, d, value, "institution");
    if (tw_json_is(d, key, "user"))
        return read_text(cx, &out->user, d, value, "user");
    if (tw_json_is(d, key, "project"))
        return read_text(cx, &out->project, d, value, "project");
    if (tw_json_is(d, key, "publish_from"))
        return read_time(cx, &out->publish_from_s, d, value, "publish_from");
    if (tw_json_is(d, key, "use_until"))
        return read_time(cx, &out->use_until_s, d, value, "use_until");
    if (foreign && (tw_json_is(d, key, "category") || tw_json_is(d, key, "date")))
        return TW_OK;
    return tw_fail(cx, TW_EPARSE, "purpose: a member is not known");
}

tw_status tw_purpose_read_json(tw_ctx *cx, tw_purpose *out, const tw_json *d, uint32_t obj, bool foreign)
{
    *out = (tw_purpose){ 0 };
#define X(name) out->name = -1;
    TW_PURPOSE_FACTS(X)
#undef X
    if (obj >= d->n || d->tok[obj].type != TW_JSON_OBJECT)
        return tw_fail(cx, TW_EPARSE, "purpose: not an object");
    if (tw_json_get(d, obj, "type") == TW_JSON_NONE)
        return tw_fail(cx, TW_EPARSE, "purpose: type is missing");
    for (uint32_t k = tw_json_first(d, obj); k != TW_JSON_NONE; k = tw_json_next(d, obj, k))
        TW_TRY(read_purpose_member(cx, out, d, k, foreign));
    return tw_purpose_check(cx, out);
}

tw_status tw_purpose_from_json(tw_ctx *cx, tw_purpose *out, const tw_json *d, uint32_t obj)
{
    return tw_purpose_read_json(cx, out, d, obj, false);
}

/* ---------------------------------------------------------------- writing */

static void write_list(tw_jw *w, const char *name, const tw_list *list)
{
    tw_jw_key(w, name);
    tw_jw_array(w);
    for (size_t i = 0; i < list->count; i++)
        tw_jw_str(w, list->item[i]);
    tw_jw_array_end(w);
}

static void write_some(tw_jw *w, const char *name, const tw_list *list)
{
    if (list->count)
        write_list(w, name, list);
}

/* A date when it is one, else the time. */
static void write_time(tw_ctx *cx, tw_jw *w, const char *name, uint64_t s)
{
    bool day = s % 86400 == 0;
    tw_jw_kv(w, name, day ? tw_date_text(cx->arena, (int64_t)(s / 86400)) : tw_time_text(cx->arena, s));
}

static void write_term(tw_ctx *cx, tw_jw *w, const tw_policy *p)
{
    if (p->use_months == 0) {
        write_time(cx, w, "TS", p->use_until_s);
    } else if (p->use_until_s == 0) {
        tw_jw_kv_u64(w, "TS", p->use_months);
    } else {
        tw_jw_key(w, "TS");
        tw_jw_object(w);
        tw_jw_kv_u64(w, "months", p->use_months);
        write_time(cx, w, "until", p->use_until_s);
        tw_jw_object_end(w);
    }
}

static void write_modifier(tw_ctx *cx, tw_jw *w, const tw_policy *p, unsigned modifier)
{
    const char *name = tw_modifier_name(modifier);
    const struct {
        tw_duo_modifier modifier;
        const tw_list *list;
    } lists[] = { { TW_MOD_GS, &p->countries },
                  { TW_MOD_US, &p->users },
                  { TW_MOD_PS, &p->projects },
                  { TW_MOD_IS, &p->institutions } };
    for (size_t i = 0; i < TW_COUNT(lists); i++) {
        if (lists[i].modifier == modifier) {
            write_list(w, name, lists[i].list);
            return;
        }
    }
    if (modifier == TW_MOD_RS) {
        tw_jw_kv(w, name, p->research_type);
    } else if (modifier == TW_MOD_MOR) {
        write_time(cx, w, name, p->publish_after_s);
    } else if (modifier == TW_MOD_TS) {
        write_term(cx, w, p);
    } else {
        tw_jw_key(w, name);
        tw_jw_bool(w, true);
    }
}

void tw_policy_to_json(tw_ctx *cx, tw_jw *w, const tw_policy *p)
{
    tw_jw_object(w);
    tw_jw_kv(w, "status", p->status == TW_CONSENT_ACTIVE ? TW_STR("active") : TW_STR("inactive"));
    tw_jw_key(w, "permission");
    if (p->permission == TW_DUO_NONE)
        tw_jw_null(w);
    else
        tw_jw_cstr(w, tw_permission_name(p->permission));
    tw_jw_key(w, "modifiers");
    tw_jw_object(w);
    for (unsigned i = 0; i < TW_MOD_COUNT; i++)
        if (p->modifiers >> i & 1)
            write_modifier(cx, w, p, i);
    tw_jw_object_end(w);
    tw_jw_key(w, "categories");
    tw_jw_array(w);
    for (int c = 1; c <= TW_CATEGORY_COUNT; c++)
        if (p->categories & TW_CAT_BIT(c))
            tw_jw_cstr(w, tw_category_name((tw_category)c));
    tw_jw_array_end(w);
    write_some(w, "diseases", &p->diseases);
    if (p->from_s)
        write_time(cx, w, "from", p->from_s);
    if (p->until_s != UINT64_MAX)
        write_time(cx, w, "until", p->until_s);
    write_some(w, "yes", &p->yes);
    write_some(w, "no", &p->no);
    tw_jw_object_end(w);
}

static void write_fact(tw_jw *w, const char *name, tw_tri fact)
{
    if (fact >= 0) {
        tw_jw_key(w, name);
        tw_jw_bool(w, fact == 1);
    }
}

static void write_text(tw_jw *w, const char *name, tw_str s)
{
    if (s.n)
        tw_jw_kv(w, name, s);
}

void tw_purpose_to_json(tw_ctx *cx, tw_jw *w, const tw_purpose *p)
{
    tw_jw_object(w);
    if (p->type != TW_PURPOSE_NONE)
        tw_jw_kv(w, "type", tw_str_of(tw_purpose_name(p->type)));
    write_some(w, "diseases", &p->diseases);
    if (p->organisation != TW_ORG_UNKNOWN)
        tw_jw_kv(w, "organisation", p->organisation == TW_ORG_NONPROFIT ? TW_STR("nonprofit") : TW_STR("forprofit"));
#define X(fact) write_fact(w, #fact, p->fact);
    TW_PURPOSE_FACTS(X)
#undef X
    write_text(w, "country", p->country);
    write_text(w, "institution", p->institution);
    write_text(w, "user", p->user);
    write_text(w, "project", p->project);
    if (p->publish_from_s)
        write_time(cx, w, "publish_from", p->publish_from_s);
    if (p->use_until_s)
        write_time(cx, w, "use_until", p->use_until_s);
    tw_jw_object_end(w);
}
