/* Whole FHIR documents: the gate's walk over a resource or Bundle, with other heads. Every record keeps an id of its
 * own, keyed with the project's key; every resource has its patient's shift. */
#include "deid/doc_pass.h"

#define UUIDS_MAX 1000000

/* ---------------------------------------------------------------- whose it is */

static void whose(doc_pass *p, tw_str patient)
{
    tw_doc_work *w = p->w;
    if (!w->has_person || !tw_str_eq(patient, (tw_str){ w->person_id, w->person_id_n }) ||
        patient.n > DOC_ID_BYTES_MAX) {
        doc_person_of(&w->person, w, patient);
        w->person_id_n = TW_MIN(patient.n, DOC_ID_BYTES_MAX);
        if (w->person_id_n)
            memcpy(w->person_id, patient.p, w->person_id_n);
        w->has_person = true;
    }
    p->g.person = w->person;
    p->opts.shift_weeks = (int16_t)w->person.shift_weeks;
}

/* Id of the Patient that a Reference names. */
static bool patient_of(doc_pass *p, tw_str *out, uint32_t reference)
{
    ref_target t;
    tw_str ref = gate_member_text(&p->g, reference, "reference");
    if (!ref.n || !doc_target(&t, p, ref) || (t.type.n && !STR_IS(t.type, "Patient")))
        return false;
    *out = t.id;
    return true;
}

/* The Patient itself; else whom the resource is about; else, of a Bundle of one patient, that one. */
static tw_str subject_of(doc_pass *p, const tw_r4_node *node, uint32_t obj)
{
    const gate *g = &p->g;
    const subjects *s = &g->p->subject[node - g->p->table.node];
    uint32_t at[SUBJECTS_MAX];
    tw_str id = p->patient;
    if (STR_IS(node->path, "Patient"))
        return g->root_id;
    (void)gate_pick(g, obj, s->name, at, s->n);
    for (size_t i = 0; i < s->n; i++)
        if (at[i] != TW_JSON_NONE && patient_of(p, &id, at[i]))
            return id;
    return id;
}

/* ---------------------------------------------------------------- one resource */

typedef struct {
    uint32_t root;
    tw_str type, id;
    bool age;
    doc_person person;
    int16_t weeks;
} head;

static head head_of(const doc_pass *p)
{
    const gate *g = &p->g;
    return (head){ g->root, g->root_type, g->root_id, g->age_observation, g->person, p->opts.shift_weeks };
}

static void back_to(doc_pass *p, const head *h)
{
    gate *g = &p->g;
    g->root = h->root;
    g->root_type = h->type;
    g->root_id = h->id;
    g->age_observation = h->age;
    g->person = h->person;
    p->opts.shift_weeks = h->weeks;
}

/* The id of an entry without one is its fullUrl's UUID. */
static tw_str id_of(doc_pass *p, tw_str id)
{
    ref_target t;
    if (!id.n && p->full_url.n && doc_target(&t, p, p->full_url))
        return t.id;
    return id;
}

static bool number(tw_str s)
{
    enum { DIGITS_MAX = 6 };
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0 && s.n <= DIGITS_MAX;
}

/* What was done, as a label of HL7's ObservationValue, and the version: of two snapshots the newer counts. */
static void put_meta(gate *g, uint32_t meta)
{
    tw_str version = gate_member_text(g, meta, "versionId");
    PUT_LIT(g, ",\"meta\":{");
    if (number(version) && g->p->times == TIMES_SHIFT) {
        PUT_LIT(g, "\"versionId\":");
        put_quoted(g, version);
        PUT_LIT(g, ",");
    }
    PUT_LIT(g, "\"security\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ObservationValue\",\"code\":\"");
    if (g->p->times == TIMES_SHIFT)
        PUT_LIT(g, "PSEUDED\"}]}");
    else
        PUT_LIT(g, "REDACTED\"}]}");
}

static bool put_resource(gate *g, const tw_r4_node *node, uint32_t obj, bool contained)
{
    doc_pass *p = g->doc;
    head outer = head_of(p);
    char id[TW_ID_HEX + 1];
    static const tw_str parts[] = { { "id", 2 }, { "meta", 4 } };
    uint32_t at[2];
    (void)gate_pick(g, obj, parts, at, 2);
    tw_str own = gate_text(g, at[0]);
    bool any = true, written = own.n > 0;
    if (!contained)
        own = id_of(p, own);
    PUT_LIT(g, "{\"resourceType\":");
    put_quoted(g, node->path);
    if (contained) {
        gate_contained_id(g, id, own);
    } else {
        g->root = obj;
        g->root_type = node->path;
        g->root_id = own;
        g->age_observation = gate_measures_age(g);
        whose(p, subject_of(p, node, obj));
        doc_id(id, p->w, node->path, own);
    }
    if (written) {
        PUT_LIT(g, ",\"id\":");
        put_quoted(g, tw_str_of(id));
        const tw_r4_member *m = tw_r4_find(&g->p->table, node, TW_STR("id"));
        account_changed(g->account, m);
        doc_tell_id(g, m, at[0], id);
    }
    if (!contained)
        put_meta(g, at[1]);
    bool stays = gate_members(g, node, obj, &any);
    PUT_LIT(g, "}");
    back_to(p, &outer);
    return stays;
}

static const tw_r4_node *resource_node(gate *g, uint32_t i)
{
    return frozen_get(&g->p->resources, gate_member_text(g, i, "resourceType"));
}

bool doc_resource(gate *g, const tw_r4_member *m, uint32_t i)
{
    enum { INSIDE_MAX = 8 };
    const tw_r4_node *node = resource_node(g, i);
    bool wrote = false;
    if (node && g->depth < INSIDE_MAX) {
        tw_str url = g->doc->full_url;
        g->depth++;
        g->doc->full_url = gate_member_text(g, g->object, "fullUrl");
        wrote = put_resource(g, node, i, STR_IS(m->name, "contained"));
        g->doc->full_url = url;
        g->depth--;
    }
    if (wrote)
        account_kept(g->account, m);
    else
        account_removed(g->account, m, 1);
    return wrote;
}

/* ---------------------------------------------------------------- a Bundle's entries */

/* fullUrl urn:uuid:U of a resource with another id: references to U mean that one. */
static tw_status learn(doc_pass *p, tw_str url, tw_str type, tw_str id)
{
    char a[TW_ID_HEX + 1], b[TW_ID_HEX + 1];
    if (!tw_str_starts(url, "urn:uuid:") || !id.n || !doc_is_uuid(a, (tw_str){ url.p + 9, url.n - 9 }) ||
        (doc_is_uuid(b, id) && strcmp(a, b) == 0))
        return TW_OK;
    ref_target *t = tw_new(p->g.cx->arena, ref_target);
    *t = (ref_target){ .type = type, .id = id };
    if (!p->by_uuid)
        p->by_uuid = tw_map_new(UUIDS_MAX);
    return tw_map_put(p->by_uuid, tw_bytes_of(tw_str_of(a)), t) ? TW_OK
                                                                : tw_fail(p->g.cx, TW_ELIMIT, "too many entries");
}

static tw_status read_entries(doc_pass *p)
{
    gate *g = &p->g;
    size_t patients = 0;
    uint32_t list = tw_json_get(g->d, p->top, "entry");
    for (uint32_t e = tw_json_first(g->d, list); e != TW_JSON_NONE; e = tw_json_next(g->d, list, e)) {
        uint32_t r = tw_json_get(g->d, e, "resource");
        if (r == TW_JSON_NONE)
            continue;
        tw_str type = gate_member_text(g, r, "resourceType"), url = gate_member_text(g, e, "fullUrl");
        TW_TRY(learn(p, url, type, gate_member_text(g, r, "id")));
        if (!STR_IS(type, "Patient"))
            continue;
        p->full_url = url;
        p->patient = patients++ ? (tw_str){ "", 0 } : id_of(p, gate_member_text(g, r, "id"));
        p->full_url = (tw_str){ "", 0 };
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- a document */

static tw_status walk(doc_pass *p)
{
    gate *g = &p->g;
    const tw_r4_node *node = g->d->tok[0].type == TW_JSON_OBJECT ? resource_node(g, 0) : NULL;
    if (!node) {
        account_refused(g->account, TW_STR(""));
        return tw_fail(g->cx, TW_EPARSE, "not a resource of FHIR R4");
    }
    if (STR_IS(node->path, "Bundle"))
        TW_TRY(read_entries(p));
    if (!put_resource(g, node, 0, false))
        g->refusal = "a modifier extension that the profile does not allow";
    if (g->refusal) {
        account_refused(g->account, node->path);
        return tw_fail(g->cx, TW_EREFUSED, TW_FMT ": %s", TW_ARG(node->path), g->refusal);
    }
    TW_TRY(tw_buf_check(g->cx, g->out, "document"));
    account_record(g->account);
    return TW_OK;
}

static tw_status pass(tw_ctx *cx, tw_buf *out, tw_doc_work *w, tw_str document)
{
    tw_json d;
    TW_TRY(tw_json_parse(cx, &d, document, NULL));
    doc_pass p = { .w = w };
    p.opts =
        (tw_gate_opts){ .profile = w->opts->profile, .id_key = w->id_key, .reference_day = w->opts->reference_day };
    p.g = (gate){ .cx = cx, .opts = &p.opts, .p = w->opts->profile, .account = w->fhir, .d = &d, .out = out };
    p.g.doc = &p;
    p.g.text = w->text ? w : NULL;
    if (p.g.text)
        doc_cache_person(w);
    tw_status s = walk(&p);
    tw_map_free(p.by_uuid);
    return s;
}

tw_status tw_deid_fhir(tw_ctx *cx, tw_buf *out, tw_doc_work *w, tw_str document)
{
    tw_mark mark = tw_arena_mark(cx->arena);
    size_t before = out->n;
    tw_status s = pass(cx, out, w, document);
    if (s == TW_OK && doc_is_indented(document))
        s = doc_indent(cx, out, w, before);
    if (s != TW_OK && !out->failed)
        out->n = before;
    tw_arena_back(cx->arena, mark);
    return s;
}
