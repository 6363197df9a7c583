/* The consent decision.
 *
 * Each rule looks at one thing and adds at most one reason, either to deny or to refer; the verdict is the worst of
 * them: deny, then refer, then permit. Rules follow the definitions of the Data Use Ontology (DUO), quoted beside them.
 * A fact that a modifier requires and the purpose does not state denies; a fact that could break a limit and is not
 * known refers. No rule takes a reason away, except the yes list, which answers what would be asked of the patient,
 * never a denial.
 *
 * Cost: O(rules + diseases * ancestors * edges); no allocation. */
#include "model/model.h"

#include "model/model_internal.h"

typedef struct {
    const tw_policy *policy;
    const tw_purpose *purpose;
    tw_purpose_type type; /* of the purpose; a kind that is none of ours is TW_PURPOSE_NONE */
    uint64_t time_s;
    tw_str project_id;
    tw_str grantee;
    tw_decision *out;
    bool deny;
    bool refer;
    bool settled; /* the yes list holds this project */
} work;

/* No reason comes twice: each has one rule, or rules that exclude each other. */
static void add_reason(tw_decision *d, const char *reason)
{
    size_t at = 0;
    while (at < d->reason_count && strcmp(d->reason[at], reason) < 0)
        at++;
    TW_ASSERT(d->reason_count < TW_REASONS_MAX);
    memmove(&d->reason[at + 1], &d->reason[at], (d->reason_count - at) * sizeof d->reason[0]);
    d->reason[at] = reason;
    d->reason_count++;
}

static void deny_if(work *w, bool when, const char *reason)
{
    if (when) {
        w->deny = true;
        add_reason(w->out, reason);
    }
}

/* For what the rules themselves cannot read: nobody's yes covers it. */
static void refer_if(work *w, bool when, const char *reason)
{
    if (when) {
        w->refer = true;
        add_reason(w->out, reason);
    }
}

/* For what the patient may answer: a project on the yes list has the answer. */
static void ask_if(work *w, bool when, const char *reason)
{
    refer_if(w, when && !w->settled, reason);
}

static bool has(const work *w, tw_duo_modifier m)
{
    return (w->policy->modifiers >> m & 1) != 0;
}

static bool contains(const tw_list *list, tw_str s)
{
    for (size_t i = 0; i < list->count; i++)
        if (s.n > 0 && tw_str_eq(list->item[i], s))
            return true;
    return false;
}

/* ---------------------------------------------------------------- state, time, category */

static void check_state(work *w, tw_category category)
{
    const tw_policy *p = w->policy;
    deny_if(w, p->status != TW_CONSENT_ACTIVE, "consent-not-active");
    deny_if(w, w->time_s < p->from_s, "consent-not-yet-valid");
    deny_if(w, w->time_s >= p->until_s, "consent-expired");
    bool known = category >= 1 && category <= TW_CATEGORY_COUNT;
    deny_if(w, !known || !(p->categories & TW_CAT_BIT(category)), "category-not-consented");
}

/* ---------------------------------------------------------------- permission */

#define ANCESTORS_MAX 256

/* Is `disease` one of the consented, or below one? Breadth first over distinct terms; a hierarchy with more ancestors
 * than the ceiling is not followed to its end, which denies. */
static bool disease_within(tw_str disease, const tw_list *consented, const tw_ontology *o)
{
    tw_str seen[ANCESTORS_MAX];
    size_t count = 0;
    seen[count++] = disease;
    for (size_t next = 0; next < count; next++) {
        if (contains(consented, seen[next]))
            return true;
        for (size_t e = 0; o && e < o->count; e++) {
            if (!tw_str_eq(o->edge[e].child, seen[next]))
                continue;
            size_t i = 0;
            while (i < count && !tw_str_eq(seen[i], o->edge[e].parent))
                i++;
            if (i == count && count < ANCESTORS_MAX)
                seen[count++] = o->edge[e].parent;
        }
    }
    return false;
}

/* DS: "use is allowed provided it is related to the specified disease". */
static void check_disease(work *w, const tw_ontology *o)
{
    const tw_purpose *u = w->purpose;
    bool specific = (w->type == TW_PURPOSE_DS || w->type == TW_PURPOSE_MDS) && u->diseases.count > 0;
    deny_if(w, !specific, "not-disease-specific");
    bool within = true;
    for (size_t i = 0; i < u->diseases.count; i++)
        within = within && disease_within(u->diseases.item[i], &w->policy->diseases, o);
    deny_if(w, specific && !within, "disease-outside-consent");
}

static void check_research(work *w, const tw_ontology *o)
{
    tw_purpose_type type = w->type;
    switch (w->policy->permission) {
    case TW_DUO_NRES: /* "there is no restriction on use" */
    case TW_DUO_GRU:  /* "general research use for any research purpose" */
        break;
    case TW_DUO_HMB: /* "use is allowed for health/medical/biomedical purposes" */
        deny_if(w, type != TW_PURPOSE_HMB && type != TW_PURPOSE_DS && type != TW_PURPOSE_MDS, "not-health-research");
        break;
    case TW_DUO_DS:
        check_disease(w, o);
        break;
    case TW_DUO_POA: /* "use of the data is limited to the study of population origins or ancestry" */
        deny_if(w, type != TW_PURPOSE_POA, "only-ancestry-research");
        break;
    case TW_DUO_NONE: /* denied by check_permission */
        break;
    }
}

static void check_permission(work *w, const tw_ontology *o)
{
    tw_duo_permission permission = w->policy->permission;
    bool care = w->type == TW_PURPOSE_CC;
    bool no_term = permission == TW_DUO_NONE || (unsigned)permission > TW_DUO_POA;
    /* CC: "use is allowed for clinical use and care"; care is no research, so no permission term covers it. */
    deny_if(w, care && !has(w, TW_MOD_CC), "clinical-care-not-permitted");
    deny_if(w, no_term && (!care || has(w, TW_MOD_CC)), "no-permission-term");
    refer_if(w, w->type == TW_PURPOSE_NONE, "purpose-unknown");
    if (!care && w->type != TW_PURPOSE_NONE)
        check_research(w, o);
    /* HMB: "does not include the study of population origins or ancestry"; DS is narrower than HMB. */
    bool ancestry = w->purpose->ancestry > 0;
    deny_if(w, permission == TW_DUO_HMB && ancestry, "ancestry-outside-HMB");
    deny_if(w, permission == TW_DUO_DS && ancestry, "ancestry-outside-DS");
}

/* ---------------------------------------------------------------- modifiers */

/* Limits that a use may break. */
static void check_prohibitions(work *w)
{
    const tw_purpose *u = w->purpose;
    /* NPU: "use of the data is limited to not-for-profit organizations"; NCU: "limited to not-for-profit use";
     * NPUNCU: both. */
    bool npu = has(w, TW_MOD_NPU) || has(w, TW_MOD_NPUNCU);
    bool ncu = has(w, TW_MOD_NCU) || has(w, TW_MOD_NPUNCU);
    bool unknown = u->organisation == TW_ORG_UNKNOWN;
    deny_if(w, npu && !unknown && u->organisation != TW_ORG_NONPROFIT, "NPU");
    ask_if(w, npu && unknown, "organisation-unknown");
    deny_if(w, ncu && u->commercial > 0, "NCU");
    ask_if(w, ncu && u->commercial < 0, "commercial-unknown");
    /* NMDS: "use does not allow methods development research". */
    deny_if(w, has(w, TW_MOD_NMDS) && (u->methods > 0 || w->type == TW_PURPOSE_MDS), "NMDS");
    /* NPOA: "use for purposes of population, origin, or ancestry research is prohibited". */
    deny_if(w, has(w, TW_MOD_NPOA) && (u->ancestry > 0 || w->type == TW_PURPOSE_POA), "NPOA");
}

/* Things that the requestor must do or be: silence is a no. */
static void check_duties(work *w)
{
    const tw_purpose *u = w->purpose;
    /* GSO: "use is limited to genetic studies only". */
    deny_if(w, has(w, TW_MOD_GSO) && u->genetic != 1, "GSO");
    /* IRB: "must provide documentation of local IRB/ERB approval". */
    deny_if(w, has(w, TW_MOD_IRB) && u->ethics_approval != 1, "IRB");
    /* COL: "must agree to collaboration with the primary study investigator(s)". */
    deny_if(w, has(w, TW_MOD_COL) && u->collaborates != 1, "COL");
    /* PUB: "agrees to make results of studies using the data available to the larger scientific community". */
    deny_if(w, has(w, TW_MOD_PUB) && u->will_publish != 1, "PUB");
    /* RTN: "must return derived/enriched data to the database/resource". */
    deny_if(w, has(w, TW_MOD_RTN) && u->returns_results != 1, "RTN");
}

static bool is_id(tw_str s)
{
    uint8_t id[32];
    return tw_unhex(id, sizeof id, s);
}

/* An item in the form of an id means the party or project that the ledger knows by it; other words mean what the
 * purpose says of itself and the stewards have approved. So nobody passes by writing another's id into a purpose. */
static bool allowed(const tw_list *list, tw_str said, tw_str known)
{
    for (size_t i = 0; i < list->count; i++) {
        tw_str fact = is_id(list->item[i]) ? known : said;
        if (fact.n > 0 && tw_str_eq(list->item[i], fact))
            return true;
    }
    return false;
}

static void check_places(work *w)
{
    const tw_policy *p = w->policy;
    const tw_purpose *u = w->purpose;
    tw_str none = { NULL, 0 };
    /* GS: "use is limited to within a specific geographic region". */
    deny_if(w, has(w, TW_MOD_GS) && !allowed(&p->countries, u->country, none), "GS");
    /* US: "use is limited to use by approved users". */
    deny_if(w, has(w, TW_MOD_US) && !allowed(&p->users, u->user, w->grantee), "US");
    /* PS: "use is limited to use within an approved project". */
    deny_if(w, has(w, TW_MOD_PS) && !allowed(&p->projects, u->project, w->project_id), "PS");
    /* IS: "use is limited to use within an approved institution". */
    deny_if(w, has(w, TW_MOD_IS) && !allowed(&p->institutions, u->institution, none), "IS");
}

/* The same day and hour `months` later; the last day of a shorter month. UINT64_MAX when that is past any date. */
static uint64_t months_later(uint64_t time_s, uint64_t months)
{
    if (time_s > TW_TIME_MAX || months > TW_TIME_MAX)
        return UINT64_MAX;
    int64_t y;
    unsigned m;
    unsigned d;
    tw_civil_from_days((int64_t)(time_s / 86400), &y, &m, &d);
    int64_t month = (int64_t)(m - 1) + (int64_t)months;
    y += month / 12;
    m = (unsigned)(month % 12) + 1;
    while (!tw_civil_valid(y, m, d))
        d--;
    return (uint64_t)tw_days_from_civil(y, m, d) * 86400 + time_s % 86400;
}

static void check_times(work *w)
{
    const tw_policy *p = w->policy;
    const tw_purpose *u = w->purpose;
    /* MOR: "agrees not to publish results of studies until a specific date". */
    bool late = u->publish_from_s > 0 && p->publish_after_s > 0 && u->publish_from_s >= p->publish_after_s;
    deny_if(w, has(w, TW_MOD_MOR) && !late, "MOR");
    /* TS: "use is approved for a specific number of months"; periods are half-open: ending at the limit is within. */
    bool said = u->use_until_s > 0 && (p->use_until_s > 0 || p->use_months > 0);
    bool by_date = p->use_until_s == 0 || u->use_until_s <= p->use_until_s;
    bool by_months = p->use_months == 0 || u->use_until_s <= months_later(w->time_s, p->use_months);
    deny_if(w, has(w, TW_MOD_TS) && !(said && by_date && by_months), "TS");
}

/* ---------------------------------------------------------------- topics and lists */

static void check_topics(work *w)
{
    const tw_purpose *u = w->purpose;
    deny_if(w, u->law_enforcement > 0, "law_enforcement");
    deny_if(w, u->insurance_or_employment > 0, "insurance_or_employment");
    ask_if(w, u->stigmatising > 0, "stigmatising");
    ask_if(w, u->vulnerable_population > 0, "vulnerable_population");
}

static void check_no_list(work *w)
{
    const tw_list *no = &w->policy->no;
    const tw_purpose *u = w->purpose;
    deny_if(w, contains(no, w->project_id) || contains(no, u->project), "project-on-no-list");
    deny_if(w, contains(no, w->grantee) || contains(no, u->user) || contains(no, u->institution), "grantee-on-no-list");
    deny_if(w, contains(no, tw_str_of(tw_purpose_name(w->type))), "purpose-on-no-list");
}

void tw_decide(tw_decision *out, const tw_policy *policy, const tw_purpose *purpose, tw_category category,
               uint64_t time_s, tw_str project_id, tw_str grantee, const tw_ontology *ontology)
{
    *out = (tw_decision){ 0 };
    work w = { .policy = policy, .purpose = purpose, .time_s = time_s, .out = out };
    w.project_id = project_id;
    w.grantee = grantee;
    w.type = (unsigned)purpose->type < TW_PURPOSE_COUNT ? purpose->type : TW_PURPOSE_NONE;
    w.settled = contains(&policy->yes, project_id);
    check_state(&w, category);
    check_permission(&w, ontology);
    check_prohibitions(&w);
    check_duties(&w);
    check_places(&w);
    check_times(&w);
    /* RS: "use is limited to studies of a certain research type"; the type is free text, which a person must read. */
    ask_if(&w, has(&w, TW_MOD_RS), "RS-free-text");
    refer_if(&w, policy->modifiers >> TW_MOD_COUNT != 0, "modifier-unknown");
    check_topics(&w);
    check_no_list(&w);
    out->verdict = w.deny ? TW_DENY : w.refer ? TW_REFER : TW_PERMIT;
}
