/* References, URLs of records and conditional searches of whole documents: each names the same record after as before.
 *
 *   Type/id, http://host/fhir/Type/id, .../_history/2   Type/<keyed>
 *   urn:uuid:...                                        urn:uuid:<keyed>
 *   urn:oid:...                                         urn:oid:2.25.<keyed>
 *   Type?identifier=system|value                        Type?identifier=urn:twinward:id|<keyed>
 *   #name                                               #<keyed>
 *
 * All else goes. The host goes: two servers' records of one type and one number become one. */
#include "deid/doc_pass.h"

#define IDENT_SYSTEM "urn:twinward:id"
#define BASE "http://deid.invalid/fhir/" /* RFC 2606: a name that leads nowhere */

/* ---------------------------------------------------------------- reading */

#define STARTS(s, lit) ((s).n >= sizeof(lit) - 1 && tw_same_bytes((s).p, (lit), sizeof(lit) - 1))

static tw_str from(tw_str s, size_t n)
{
    return (tw_str){ s.p + n, s.n - n };
}

static bool is_resource(const doc_pass *p, tw_str type)
{
    return frozen_get(&p->g.p->resources, type) != NULL;
}

/* It is keyed whatever it holds. */
static bool id_like(tw_str id)
{
    enum { ID_MAX = 64 };
    return id.n > 0 && id.n <= ID_MAX;
}

static bool uuid_target(ref_target *out, const doc_pass *p, tw_str uuid)
{
    char digits[TW_ID_HEX + 1];
    *out = (ref_target){ .id = uuid };
    if (!p->by_uuid)
        return id_like(uuid);
    const ref_target *t = doc_is_uuid(digits, uuid) ? tw_map_get(p->by_uuid, tw_bytes_of(tw_str_of(digits))) : NULL;
    if (t)
        *out = *t;
    return t != NULL || id_like(uuid);
}

static size_t last_slash(tw_str s)
{
    size_t i = s.n;
    while (i > 0 && s.p[i - 1] != '/')
        i--;
    return i;
}

bool doc_target(ref_target *out, const doc_pass *p, tw_str ref)
{
    *out = (ref_target){ .category = 0 };
    if (STARTS(ref, "urn:uuid:"))
        return uuid_target(out, p, from(ref, 9));
    size_t history = tw_str_find(ref, TW_STR("/_history/"));
    if (history != SIZE_MAX)
        ref.n = history;
    size_t id_at = last_slash(ref);
    if (id_at == 0)
        return false;
    tw_str head = { ref.p, id_at - 1 };
    out->id = from(ref, id_at);
    out->type = from(head, last_slash(head));
    return id_like(out->id) && is_resource(p, out->type);
}

/* ---------------------------------------------------------------- writing */

static void put_uuid(gate *g, const char hex[TW_ID_HEX + 1])
{
    char text[] = "urn:uuid:00000000-0000-0000-0000-000000000000";
    memcpy(text + 9, hex, 8);
    memcpy(text + 18, hex + 8, 4);
    memcpy(text + 23, hex + 12, 4);
    memcpy(text + 28, hex + 16, 4);
    memcpy(text + 33, hex + 20, 12);
    put(g, text, sizeof text - 1);
}

static void put_keyed(gate *g, const ref_target *t)
{
    char id[TW_ID_HEX + 1];
    doc_id(id, g->doc->w, t->type, t->id);
    put_str(g, t->type);
    PUT_LIT(g, "/");
    put(g, id, TW_ID_HEX);
}

/* "identifier=system|value", percent escapes as they are: they are part of the value for whoever wrote them. */
static bool put_search(gate *g, tw_str query)
{
    char id[TW_ID_HEX + 1];
    const tw_r4_member *m = g->p->reference_identifier;
    if (!STARTS(query, "identifier=") || m->action == ACT_REMOVE || memchr(query.p, '&', query.n))
        return false;
    tw_str value = from(query, 11);
    const char *bar = memchr(value.p, '|', value.n);
    if (bar)
        value = from(value, (size_t)(bar - value.p) + 1);
    if (value.n == 0)
        return false;
    doc_ident(id, g->doc->w, value);
    PUT_LIT(g, "identifier=" IDENT_SYSTEM "|");
    put(g, id, TW_ID_HEX);
    return true;
}

static bool put_conditional(gate *g, tw_str ref, size_t query)
{
    tw_str type = { ref.p, query };
    type = from(type, last_slash(type));
    if (!is_resource(g->doc, type))
        return false;
    put_str(g, type);
    PUT_LIT(g, "?");
    return put_search(g, from(ref, query + 1));
}

static bool put_fragment(gate *g, tw_str name)
{
    char id[TW_ID_HEX + 1];
    PUT_LIT(g, "#");
    if (name.n) {
        gate_contained_id(g, id, name);
        put(g, id, TW_ID_HEX);
    }
    return true;
}

static bool put_oid(gate *g, tw_str oid)
{
    char uid[DOC_UID_TEXT];
    doc_uid(uid, g->doc->w->id_key, oid);
    PUT_LIT(g, "urn:oid:");
    put_str(g, tw_str_of(uid));
    return true;
}

/* What a reference names, without quotes. */
static bool put_reference(gate *g, tw_str ref)
{
    ref_target t;
    char id[TW_ID_HEX + 1];
    if (ref.n == 0)
        return false;
    if (ref.p[0] == '#')
        return put_fragment(g, from(ref, 1));
    if (STARTS(ref, "urn:oid:"))
        return put_oid(g, from(ref, 8));
    if (STARTS(ref, "urn:uuid:") && doc_target(&t, g->doc, ref)) {
        doc_id(id, g->doc->w, t.type, t.id);
        put_uuid(g, id);
        return true;
    }
    const char *query = memchr(ref.p, '?', ref.n);
    if (query)
        return put_conditional(g, ref, (size_t)(query - ref.p));
    if (!doc_target(&t, g->doc, ref))
        return false;
    put_keyed(g, &t);
    return true;
}

static void put_type(gate *g, tw_str type, bool any)
{
    if (any)
        PUT_LIT(g, ",");
    PUT_LIT(g, "\"type\":");
    put_quoted(g, type);
}

static bool put_identifier(gate *g, uint32_t at, bool any)
{
    size_t mark = g->out->n;
    if (at == TW_JSON_NONE || g->p->reference_identifier->action == ACT_REMOVE)
        return false;
    if (any)
        PUT_LIT(g, ",");
    PUT_LIT(g, "\"identifier\":");
    if (gate_value(g, g->p->reference_identifier, at))
        return true;
    roll_back(g, mark);
    return false;
}

bool doc_reference(gate *g, const tw_r4_member *m, uint32_t i)
{
    static const tw_str parts[] = { { "reference", 9 }, { "type", 4 }, { "identifier", 10 } };
    uint32_t at[3];
    bool object = gate_pick(g, i, parts, at, 3);
    tw_str ref = gate_text(g, object ? at[0] : TW_JSON_NONE), type = gate_text(g, object ? at[1] : TW_JSON_NONE);
    PUT_LIT(g, "{\"reference\":\"");
    size_t mark = g->out->n;
    bool any = put_reference(g, ref);
    if (any) {
        PUT_LIT(g, "\"");
    } else {
        roll_back(g, mark - (sizeof "\"reference\":\"" - 1));
    }
    any |= object && put_identifier(g, at[2], any);
    if (any && is_resource(g->doc, type))
        put_type(g, type, true);
    PUT_LIT(g, "}");
    if (any) {
        account_changed(g->account, m);
        gate_account_rest(g, &g->p->table.node[m->node], i, parts, 3);
    } else {
        account_removed(g->account, m, 1);
    }
    return any;
}

/* ---------------------------------------------------------------- members of Bundle.entry */

/* The id of the entry's resource, whatever the URL says: both are the same record. */
static bool put_full_url(gate *g, tw_str url)
{
    ref_target t;
    char id[TW_ID_HEX + 1];
    bool urn = STARTS(url, "urn:");
    if (STARTS(url, "urn:oid:"))
        return put_oid(g, from(url, 8));
    if (!doc_target(&t, g->doc, url))
        return false;
    if (urn) {
        doc_id(id, g->doc->w, t.type, t.id);
        put_uuid(g, id);
        return true;
    }
    PUT_LIT(g, BASE);
    put_keyed(g, &t);
    return true;
}

static bool put_status(gate *g, tw_str status)
{
    bool digits = status.n >= 3;
    for (size_t i = 0; digits && i < 3; i++)
        digits = status.p[i] >= '0' && status.p[i] <= '9';
    if (digits)
        put(g, status.p, 3);
    return digits;
}

static bool put_request_url(gate *g, tw_str url)
{
    if (!is_resource(g->doc, url))
        return put_reference(g, url);
    put_str(g, url);
    return true;
}

static bool put_link(gate *g, const tw_r4_member *m, tw_str text)
{
    if (STR_IS(m->name, "fullUrl"))
        return put_full_url(g, text);
    if (STR_IS(m->name, "ifNoneExist"))
        return put_search(g, text);
    if (STR_IS(m->name, "status"))
        return put_status(g, text);
    return STR_IS(m->name, "url") ? put_request_url(g, text) : put_reference(g, text);
}

bool doc_link(gate *g, const tw_r4_member *m, uint32_t i)
{
    if (g->doc && m->prim == TW_PRIM_NONE)
        return gate_identifier(g, m, i);
    tw_str text = gate_text(g, i);
    PUT_LIT(g, "\"");
    if (!g->doc || !text.n || !put_link(g, m, text)) {
        account_removed(g->account, m, 1);
        return false;
    }
    PUT_LIT(g, "\"");
    account_changed(g->account, m);
    return true;
}
