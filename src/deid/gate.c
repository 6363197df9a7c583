/* The gate: the one place where a tw_deid is made.
 *
 * A resource is walked once over its tokens; spans that pass are copied into one buffer, what ends up empty is taken
 * back. The record's tags come last, because encounters are met on the way. */
#include "deid/gate_internal.h"

#include "model/deid_make.h"

static void put_tag(gate *g, bool *any, const char *system, tw_str code)
{
    if (*any)
        PUT_LIT(g, ",");
    *any = true;
    PUT_LIT(g, "{\"system\":");
    put_quoted(g, tw_str_of(system));
    PUT_LIT(g, ",\"code\":");
    put_quoted(g, code);
    PUT_LIT(g, "}");
}

static void put_tags(gate *g)
{
    bool any = false;
    static const char hex[] = "0123456789abcdef";
    char handle[2 * TW_HANDLE + 1] = "";
    for (int i = 0; i < TW_HANDLE; i++) {
        handle[2 * i] = hex[g->opts->handle[i] >> 4];
        handle[2 * i + 1] = hex[g->opts->handle[i] & 15];
    }
    PUT_LIT(g, ",\"meta\":{\"tag\":[");
    put_tag(g, &any, "urn:twinward:person", tw_str_of(handle));
    for (size_t i = 0; i < g->encounter_count; i++)
        put_tag(g, &any, "urn:twinward:encounter", tw_str_of(g->encounter[i]));
    if (g->shifted)
        put_tag(g, &any, "urn:twinward:time", TW_STR("constant-shift"));
    if (g->yeared)
        put_tag(g, &any, "urn:twinward:time", TW_STR("year"));
    if (g->capped)
        put_tag(g, &any, "urn:twinward:value", TW_STR("age-capped"));
    if (g->worded)
        put_tag(g, &any, "urn:twinward:text", tw_str_of(g->text->opts->text_strict ? "strict" : "normal"));
    PUT_LIT(g, "]}");
}

bool gate_resource(gate *g, const tw_r4_node *node, uint32_t obj, const char *id)
{
    bool any = true;
    PUT_LIT(g, "{\"resourceType\":");
    put_quoted(g, node->path);
    PUT_LIT(g, ",\"id\":");
    put_quoted(g, tw_str_of(id));
    account_changed(g->account, tw_r4_find(&g->p->table, node, TW_STR("id"))); /* every resource of R4 has one */
    if (!gate_members(g, node, obj, &any)) {
        if (!g->nested)
            g->refusal = "a modifier extension that the profile does not allow";
        return false;
    }
    if (!g->nested)
        put_tags(g);
    PUT_LIT(g, "}");
    return !g->refusal;
}

bool gate_measures_age(gate *g)
{
    char both[256];
    if (!STR_IS(g->root_type, "Observation"))
        return false;
    uint32_t list = tw_json_get(g->d, tw_json_get(g->d, g->root, "code"), "coding");
    for (uint32_t i = tw_json_first(g->d, list); i != TW_JSON_NONE; i = tw_json_next(g->d, list, i)) {
        tw_str system = gate_member_text(g, i, "system"), code = gate_member_text(g, i, "code");
        if (system.n + 1 + code.n > sizeof both)
            continue;
        memcpy(both, system.p, system.n);
        both[system.n] = ' ';
        memcpy(both + system.n + 1, code.p, code.n);
        if (frozen_get(&g->p->ages, (tw_str){ both, system.n + 1 + code.n }))
            return true;
    }
    return false;
}

/* For a resource of R4: its type is one of the table's, so it may be repeated. */
static tw_status refuse(gate *g, const char *why)
{
    account_refused(g->account, g->root_type);
    return tw_fail(g->cx, TW_EREFUSED, TW_FMT ": %s", TW_ARG(g->root_type), why);
}

static tw_status check_head(gate *g, const tw_r4_node **node)
{
    const tw_r4 *t = &g->p->table;
    if (g->root >= g->d->n || g->d->tok[g->root].type != TW_JSON_OBJECT)
        return tw_fail(g->cx, TW_EPARSE, "a resource is a JSON object");
    g->root_type = gate_member_text(g, g->root, "resourceType");
    uint32_t at = tw_r4_node_of(t, g->root_type);
    if (at == TW_R4_NONE || !t->node[at].resource) {
        account_refused(g->account, g->root_type);
        return tw_fail(g->cx, TW_EPARSE, "not a resource of FHIR R4");
    }
    *node = &t->node[at];
    return tw_category_of(&g->category, g->d, g->root) ? TW_OK : refuse(g, "not a patient record");
}

/* The keyed id of the record; the patient is "self". */
static tw_status own_id(gate *g, char out[TW_ID_HEX + 1], const tw_phi_parts *parts)
{
    enum { ID_MAX = 512 };
    tw_str id = gate_member_text(g, g->root, "id");
    g->root_id = id.n ? id : parts->business_id;
    if (g->root_id.n > ID_MAX)
        return refuse(g, "its id is too long");
    if (!STR_IS(g->root_type, "Patient")) {
        tw_deid_id(out, g->opts->id_key, g->root_type, g->root_id);
        return TW_OK;
    }
    if (id.n && !tw_str_eq(id, g->self))
        return refuse(g, "the record of another patient, or of none");
    memcpy(out, "self", 5);
    return TW_OK;
}

static void noise_of(tw_noise *out, bool shifted, bool yeared)
{
    *out = (tw_noise){ .time_shift_constant = shifted, .time_round_days = yeared ? 365.25 : 0 };
}

static tw_status pass(gate *g, tw_deid **out, tw_noise *noise, const tw_phi_parts *parts)
{
    const tw_r4_node *node = NULL;
    char id[TW_ID_HEX + 1];
    TW_TRY(check_head(g, &node));
    TW_TRY(own_id(g, id, parts));
    g->age_observation = gate_measures_age(g);
    if (!gate_resource(g, node, g->root, id))
        return refuse(g, g->refusal);
    TW_TRY(tw_buf_check(g->cx, g->out, "record"));
    *out = tw_deid_make(g->cx, tw_buf_view(g->out), g->category, node->path);
    if (noise)
        noise_of(noise, g->shifted, g->yeared);
    account_record(g->account);
    return TW_OK;
}

tw_status tw_deid_gate(tw_ctx *cx, tw_deid **out, tw_noise *noise, tw_account *account, const tw_phi *in,
                       const tw_gate_opts *opts)
{
    const tw_phi_parts *parts = tw_phi_view(in);
    tw_buf buf;
    gate g = { .cx = cx, .opts = opts, .p = opts->profile, .refs = opts->refs, .account = account, .d = parts->doc };
    g.root = parts->resource;
    g.self = opts->self.n ? opts->self : parts->patient;
    g.object = g.root;
    g.out = &buf;
    gate_text_open(&g);
    *out = NULL;
    TW_ASSERT(opts->id_key && opts->profile && g.self.n > 0);
    tw_buf_init(&buf, TW_RECORD_BYTES_MAX);
    tw_status s = pass(&g, out, noise, parts);
    tw_buf_done(&buf);
    return s;
}

void tw_deid_noise(tw_noise *out, const tw_json *d, uint32_t resource)
{
    bool shifted = false, yeared = false;
    uint32_t tags = tw_json_get(d, tw_json_get(d, resource, "meta"), "tag");
    for (uint32_t i = tw_json_first(d, tags); i != TW_JSON_NONE; i = tw_json_next(d, tags, i)) {
        if (!tw_json_is(d, tw_json_get(d, i, "system"), "urn:twinward:time"))
            continue;
        shifted |= tw_json_is(d, tw_json_get(d, i, "code"), "constant-shift");
        yeared |= tw_json_is(d, tw_json_get(d, i, "code"), "year");
    }
    noise_of(out, shifted, yeared);
}
