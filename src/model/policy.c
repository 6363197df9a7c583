/* Policies as protobuf. Canonical form is proved by encoding again: whatever another encoder may have done differently
 * (order, repeated or unknown fields, long varints, packing) gives other bytes and is refused. */
#include "model/model.h"

#include <policy.pb-c.h>

#include "model/model_internal.h"
#include "model/wire_internal.h"

static const char *const permission_names[] = { "NONE", "NRES", "GRU", "HMB", "DS", "POA" };
/* Numbers of the Data Use Ontology. */
static const unsigned permission_numbers[] = { 0, 4, 42, 6, 7, 11 };

static const char *const modifier_names[TW_MOD_COUNT] = {
#define X(name) [TW_MOD_##name] = #name,
    TW_DUO_MODIFIER_LIST(X)
#undef X
};

static const uint8_t modifier_numbers[TW_MOD_COUNT] = {
    [TW_MOD_RS] = 12, [TW_MOD_NMDS] = 15, [TW_MOD_GSO] = 16, [TW_MOD_NPUNCU] = 18, [TW_MOD_PUB] = 19, [TW_MOD_COL] = 20,
    [TW_MOD_IRB] = 21, [TW_MOD_GS] = 22, [TW_MOD_MOR] = 24, [TW_MOD_TS] = 25, [TW_MOD_US] = 26, [TW_MOD_PS] = 27,
    [TW_MOD_IS] = 28, [TW_MOD_RTN] = 29, [TW_MOD_CC] = 43, [TW_MOD_NPOA] = 44, [TW_MOD_NPU] = 45, [TW_MOD_NCU] = 46,
};

const char *tw_permission_name(tw_duo_permission p)
{
    TW_ASSERT((unsigned)p < TW_COUNT(permission_names));
    return permission_names[p];
}

const char *tw_modifier_name(unsigned modifier)
{
    TW_ASSERT(modifier < TW_MOD_COUNT);
    return modifier_names[modifier];
}

/* ---------------------------------------------------------------- what makes sense */

static bool text_ok(tw_str s, size_t max)
{
    return s.n <= max && (s.n == 0 || (memchr(s.p, 0, s.n) == NULL && tw_utf8_valid(s)));
}

static bool list_ok(const tw_list *l)
{
    if (l->count > TW_LIST_MAX)
        return false;
    for (size_t i = 0; i < l->count; i++)
        if (l->item[i].n == 0 || !text_ok(l->item[i], TW_TEXT_MAX))
            return false;
    return true;
}

/* A modifier and what it needs come together: a list without its modifier would be a limit that nobody enforces. */
static tw_status check_pair(tw_ctx *cx, const tw_policy *p, tw_duo_modifier m, bool given)
{
    bool set = (p->modifiers >> m & 1) != 0;
    if (set && !given)
        return tw_fail(cx, TW_EPARSE, "policy: %s does not say what it is limited to", modifier_names[m]);
    if (!set && given)
        return tw_fail(cx, TW_EPARSE, "policy: a limit is given for %s, which is not set", modifier_names[m]);
    return TW_OK;
}

static tw_status check_pairs(tw_ctx *cx, const tw_policy *p)
{
    TW_TRY(check_pair(cx, p, TW_MOD_GS, p->countries.count > 0));
    TW_TRY(check_pair(cx, p, TW_MOD_US, p->users.count > 0));
    TW_TRY(check_pair(cx, p, TW_MOD_PS, p->projects.count > 0));
    TW_TRY(check_pair(cx, p, TW_MOD_IS, p->institutions.count > 0));
    TW_TRY(check_pair(cx, p, TW_MOD_RS, p->research_type.n > 0));
    TW_TRY(check_pair(cx, p, TW_MOD_MOR, p->publish_after_s > 0));
    TW_TRY(check_pair(cx, p, TW_MOD_TS, p->use_months > 0 || p->use_until_s > 0));
    if ((p->permission == TW_DUO_DS) != (p->diseases.count > 0))
        return tw_fail(cx, TW_EPARSE, "policy: diseases go with the permission DS, and it with them");
    return TW_OK;
}

#define USE_MONTHS_MAX 1200

tw_status tw_policy_check(tw_ctx *cx, const tw_policy *p)
{
    if (p->status != TW_CONSENT_ACTIVE && p->status != TW_CONSENT_INACTIVE)
        return tw_fail(cx, TW_EPARSE, "policy: there is no status %u", (unsigned)p->status);
    if ((unsigned)p->permission > TW_DUO_POA)
        return tw_fail(cx, TW_EPARSE, "policy: there is no permission %u", (unsigned)p->permission);
    if (p->modifiers >> TW_MOD_COUNT)
        return tw_fail(cx, TW_EPARSE, "policy: a modifier is not known");
    if (p->categories & ~(uint32_t)TW_CAT_ALL)
        return tw_fail(cx, TW_EPARSE, "policy: a category is not known");
    const tw_list *lists[] = { &p->diseases,     &p->countries, &p->users, &p->projects,
                               &p->institutions, &p->yes,       &p->no };
    for (size_t i = 0; i < TW_COUNT(lists); i++)
        if (!list_ok(lists[i]))
            return tw_fail(cx, TW_EPARSE, "policy: list %zu or an item of it is too long, empty or not UTF-8", i + 1);
    if (!text_ok(p->research_type, TW_RESEARCH_MAX))
        return tw_fail(cx, TW_EPARSE, "policy: the type of research is too long or not UTF-8");
    if (p->publish_after_s > TW_TIME_MAX || p->use_until_s > TW_TIME_MAX || p->from_s > TW_TIME_MAX ||
        (p->until_s > TW_TIME_MAX && p->until_s != UINT64_MAX) || p->use_months > USE_MONTHS_MAX)
        return tw_fail(cx, TW_EPARSE, "policy: a time is past the year 9999, or more than %d months", USE_MONTHS_MAX);
    return check_pairs(cx, p);
}

/* ---------------------------------------------------------------- bytes */

#define POLICY_FORMAT 1

static void put_modifiers(tw_ctx *cx, Twinward__V1__Policy *m, uint32_t set)
{
    m->modifiers = tw_arena_get(cx->arena, TW_MOD_COUNT * sizeof *m->modifiers);
    for (unsigned i = 0; i < TW_MOD_COUNT; i++)
        if (set >> i & 1)
            m->modifiers[m->n_modifiers++] = modifier_numbers[i];
}

tw_status tw_policy_encode(tw_ctx *cx, tw_bytes *out, const tw_policy *p)
{
    TW_TRY(tw_policy_check(cx, p));
    Twinward__V1__Policy m;
    twinward__v1__policy__init(&m);
    m.status = (uint32_t)p->status;
    m.permission = permission_numbers[p->permission];
    put_modifiers(cx, &m, p->modifiers);
    m.categories = p->categories;
    m.n_diseases = p->diseases.count;
    m.diseases = tw_wire_list(cx, &p->diseases);
    m.n_countries = p->countries.count;
    m.countries = tw_wire_list(cx, &p->countries);
    m.n_users = p->users.count;
    m.users = tw_wire_list(cx, &p->users);
    m.n_projects = p->projects.count;
    m.projects = tw_wire_list(cx, &p->projects);
    m.n_institutions = p->institutions.count;
    m.institutions = tw_wire_list(cx, &p->institutions);
    m.research_type = tw_wire_text(cx, p->research_type);
    m.publish_after_s = p->publish_after_s;
    m.use_months = p->use_months;
    m.use_until_s = p->use_until_s;
    m.from_s = p->from_s;
    m.until_s = p->until_s;
    m.n_yes = p->yes.count;
    m.yes = tw_wire_list(cx, &p->yes);
    m.n_no = p->no.count;
    m.no = tw_wire_list(cx, &p->no);
    m.format = POLICY_FORMAT;
    return tw_wire_pack(cx, out, &m.base, "policy");
}

static tw_status read_permission(tw_ctx *cx, tw_policy *out, uint32_t number)
{
    for (size_t i = 0; i < TW_COUNT(permission_numbers); i++) {
        if (permission_numbers[i] == number) {
            out->permission = (tw_duo_permission)i;
            return TW_OK;
        }
    }
    return tw_fail(cx, TW_EPARSE, "policy: DUO %u is no permission", (unsigned)number);
}

static tw_status read_modifiers(tw_ctx *cx, tw_policy *out, const Twinward__V1__Policy *m)
{
    for (size_t k = 0; k < m->n_modifiers; k++) {
        unsigned i = 0;
        while (i < TW_MOD_COUNT && modifier_numbers[i] != m->modifiers[k])
            i++;
        if (i == TW_MOD_COUNT)
            return tw_fail(cx, TW_EPARSE, "policy: DUO %u is no modifier", (unsigned)m->modifiers[k]);
        out->modifiers |= 1u << i;
    }
    return TW_OK;
}

static tw_status read_policy(tw_ctx *cx, tw_policy *out, const Twinward__V1__Policy *m)
{
    if (m->format != POLICY_FORMAT)
        return tw_fail(cx, TW_EPARSE, "policy: cut short, or of format %u", (unsigned)m->format);
    out->status = m->status == 0 ? TW_CONSENT_ACTIVE : TW_CONSENT_INACTIVE; /* others do not encode the same */
    TW_TRY(read_permission(cx, out, m->permission));
    TW_TRY(read_modifiers(cx, out, m));
    out->categories = m->categories;
    TW_TRY(tw_wire_read_list(cx, &out->diseases, m->diseases, m->n_diseases));
    TW_TRY(tw_wire_read_list(cx, &out->countries, m->countries, m->n_countries));
    TW_TRY(tw_wire_read_list(cx, &out->users, m->users, m->n_users));
    TW_TRY(tw_wire_read_list(cx, &out->projects, m->projects, m->n_projects));
    TW_TRY(tw_wire_read_list(cx, &out->institutions, m->institutions, m->n_institutions));
    out->research_type = tw_str_of(m->research_type);
    out->publish_after_s = m->publish_after_s;
    out->use_months = m->use_months;
    out->use_until_s = m->use_until_s;
    out->from_s = m->from_s;
    out->until_s = m->until_s;
    TW_TRY(tw_wire_read_list(cx, &out->yes, m->yes, m->n_yes));
    return tw_wire_read_list(cx, &out->no, m->no, m->n_no);
}

tw_status tw_policy_decode(tw_ctx *cx, tw_policy *out, tw_bytes in)
{
    *out = (tw_policy){ 0 };
    ProtobufCMessage *m;
    TW_TRY(tw_wire_unpack(cx, &m, &twinward__v1__policy__descriptor, in, "policy"));
    TW_TRY(read_policy(cx, out, (const Twinward__V1__Policy *)m));
    tw_bytes again;
    TW_TRY(tw_policy_encode(cx, &again, out));
    if (!tw_bytes_eq(again, in))
        return tw_fail(cx, TW_EPARSE, "policy: not in canonical form");
    return TW_OK;
}

void tw_policy_commit(uint8_t out[32], const uint8_t salt[32], tw_bytes policy)
{
    const tw_bytes fields[] = { { salt, 32 }, policy };
    tw_hash_label(out, "tw/pol/1", fields, TW_COUNT(fields));
}
