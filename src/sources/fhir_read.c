/* One document after the other: it is parsed and its Patients are noted (prepare), then each resource is judged and
 * becomes an item of its piece (judge). Everything of a document lives in the piece and goes with it. */
#include "sources/sources_internal.h"

static const char *const dead_text[] = {
#define X(name, text) text,
    TW_DEAD_LIST(X)
#undef X
};

const char *tw_dead_text(tw_dead_reason r)
{
    TW_ASSERT(r >= 0 && r < TW_DEAD_COUNT);
    return dead_text[r];
}

/* ---------------------------------------------------------------- items */

typedef struct {
    tw_piece *piece;
    const tw_unit *unit;
    tw_fhir_doc *doc;
    uint32_t token; /* of the resource or of what stands in its place */
    uint32_t entry; /* its position in the Bundle; UINT32_MAX on its own */
    size_t type;    /* SIZE_MAX: unknown */
    tw_str full_url;
} item;

static uint32_t line_of(tw_fhir_doc *doc, uint32_t token)
{
    uint32_t off = !doc->decoded && token < doc->d.n ? doc->d.tok[token].off : 0;
    if (off < doc->line_off)
        doc->line = doc->line_off = 0;
    for (; doc->line_off < off; doc->line_off++)
        doc->line += doc->d.text.p[doc->line_off] == '\n';
    return doc->line0 + doc->line + 1;
}

static tw_status add(tw_ctx *cx, tw_found_item **out, const item *it, tw_fate fate)
{
    tw_found_item *f = tw_piece_item(it->piece);
    if (!f)
        return tw_fail(cx, TW_ELIMIT, TW_FMT ": no memory for its records", TW_ARG(it->piece->label));
    f->fate = fate;
    f->type = it->type;
    f->offset = it->unit->offset;
    f->length = it->unit->length;
    f->before = it->unit->line0;
    f->line = line_of(it->doc, it->token);
    f->entry = it->doc->decoded ? UINT32_MAX : it->entry;
    f->path = f->detail = (tw_str){ "", 0 };
    *out = f;
    return TW_OK;
}

static tw_status bury(tw_ctx *cx, const item *it, tw_dead_reason reason)
{
    tw_found_item *f;
    TW_TRY(add(cx, &f, it, TW_FATE_DEAD));
    f->reason = reason;
    return TW_OK;
}

static tw_status refuse(tw_ctx *cx, const item *it)
{
    tw_found_item *f;
    return add(cx, &f, it, TW_FATE_REFUSED);
}

/* ---------------------------------------------------------------- one resource */

static tw_str hash_text(tw_fhir_doc *doc, uint32_t resource)
{
    uint8_t h[TW_HASH];
    tw_sha256_of(h, tw_bytes_of(tw_json_raw(&doc->d, resource)));
    return tw_hex(doc->in->arena, TW_BYTES(h));
}

static tw_str business_id(const item *it, tw_str id)
{
    tw_fhir_doc *doc = it->doc;
    tw_arena *a = doc->in->arena;
    const tw_str type = tw_str_of(tw_fhir_types[it->type].name);
    tw_str base, url_type, url_id;
    if (doc->s->opts.base_url.n > 0 && tw_fhir_url_split(&base, &url_type, &url_id, it->full_url) &&
        !tw_str_eq(base, doc->s->opts.base_url))
        return tw_fhir_joined(a, type, "/", it->full_url);
    if (id.n > 0)
        return tw_fhir_joined(a, type, "/", id);
    if (it->full_url.n > 0)
        return tw_fhir_joined(a, type, "/", it->full_url);
    return tw_fhir_joined(a, type, "/sha256:", hash_text(doc, it->token));
}

static tw_str version(tw_fhir_doc *doc, uint32_t resource)
{
    uint32_t meta = tw_json_get(&doc->d, resource, "meta");
    tw_str v = tw_json_member_text(doc->in, &doc->d, meta, "versionId");
    if (!tw_fhir_name_ok(v))
        v = tw_json_member_text(doc->in, &doc->d, meta, "lastUpdated");
    if (tw_fhir_name_ok(v))
        return v;
    v = hash_text(doc, resource);
    return (tw_str){ v.p, 16 };
}

/* 0 when a patient was found, else the reason plus one; *refused when it is a resource of no patient. */
static unsigned find_patient(const item *it, tw_str *number, tw_sources_self *self, bool *refused)
{
    const tw_fhir_type *t = &tw_fhir_types[it->type];
    *refused = false;
    if (t->kind == TW_FHIR_SELF) {
        tw_str own = tw_fhir_number(it->doc, it->token);
        *number = own.n ? tw_known_survivor(&it->doc->s->known, it->doc->in, own) : own;
        self->resource_id = tw_json_member_text(it->doc->in, &it->doc->d, it->token, "id");
        self->number = own;
        return number->n > 0 ? 0 : TW_DEAD_NO_NUMBER + 1u;
    }
    bool several;
    tw_found f = tw_fhir_patient_of(it->doc, &several, it->token, t->path, it->full_url);
    *number = f.number;
    *self = (tw_sources_self){ f.id, f.reference, f.stood };
    switch (f.kind) {
    case TW_FOUND_OK:
        return several ? TW_DEAD_SEVERAL + 1u : 0;
    case TW_FOUND_NONE:
        *refused = t->kind == TW_FHIR_MAYBE;
        return TW_DEAD_NO_PATIENT + 1u;
    case TW_FOUND_OTHER:
        *refused = t->kind == TW_FHIR_MAYBE;
        return TW_DEAD_NOT_PATIENT + 1u;
    case TW_FOUND_UNKNOWN:
        return TW_DEAD_UNKNOWN + 1u;
    case TW_FOUND_AMBIGUOUS:
        return TW_DEAD_AMBIGUOUS + 1u;
    case TW_FOUND_MALFORMED:
        return TW_DEAD_REFERENCE + 1u;
    }
    tw_assert_failed("a kind of finding", __FILE__, __LINE__);
}

static tw_status hand_on(tw_ctx *cx, const item *it, tw_phi_parts *parts, tw_sources_self self, tw_str id)
{
    tw_found_item *f;
    parts->business_id = business_id(it, id);
    parts->version = version(it->doc, it->token);
    TW_TRY(add(cx, &f, it, TW_FATE_RECORD));
    f->phi = tw_phi_make(it->doc->in, parts);
    f->self = self;
    return TW_OK;
}

/* A decoder tells in an OperationOutcome what it could not hand on: an error is a dead letter, the rest is refused. */
static tw_status judge_outcome(tw_ctx *cx, const item *it)
{
    tw_fhir_doc *doc = it->doc;
    uint32_t issue = tw_json_path(&doc->d, it->token, "issue.0");
    tw_found_item *f;
    if (!doc->decoded || !tw_json_is(&doc->d, tw_json_get(&doc->d, issue, "severity"), "error"))
        return refuse(cx, it);
    TW_TRY(add(cx, &f, it, TW_FATE_DEAD));
    f->reason = TW_DEAD_DECODE;
    f->detail = tw_json_member_text(doc->in, &doc->d, issue, "diagnostics");
    f->path = tw_json_text(doc->in, &doc->d, tw_json_path(&doc->d, issue, "expression.0"));
    return TW_OK;
}

static tw_status judge(tw_ctx *cx, item *it)
{
    tw_fhir_doc *doc = it->doc;
    const tw_json *d = &doc->d;
    uint32_t type = tw_json_get(d, it->token, "resourceType");
    it->type = SIZE_MAX;
    if (type == TW_JSON_NONE || d->tok[type].type != TW_JSON_STRING)
        return bury(cx, it, TW_DEAD_SHAPE);
    it->type = tw_fhir_type_find(tw_json_text(doc->in, d, type));
    if (it->type == SIZE_MAX)
        return bury(cx, it, TW_DEAD_TYPE);
    if (strcmp(tw_fhir_types[it->type].name, "Bundle") == 0)
        return bury(cx, it, TW_DEAD_BUNDLE);
    if (strcmp(tw_fhir_types[it->type].name, "OperationOutcome") == 0)
        return judge_outcome(cx, it);
    if (tw_fhir_types[it->type].kind == TW_FHIR_NEVER)
        return refuse(cx, it);
    uint32_t id_token = tw_json_get(d, it->token, "id");
    tw_str id = tw_json_text(doc->in, d, id_token);
    if (id_token != TW_JSON_NONE && !tw_fhir_name_ok(id))
        return bury(cx, it, TW_DEAD_ID);
    tw_phi_parts parts = { .doc = d, .resource = it->token, .type = tw_str_of(tw_fhir_types[it->type].name) };
    tw_sources_self self = { { "", 0 }, { "", 0 }, { "", 0 } };
    bool refused;
    unsigned why = find_patient(it, &parts.patient, &self, &refused);
    if (refused)
        return refuse(cx, it);
    if (why)
        return bury(cx, it, (tw_dead_reason)(why - 1));
    if (!tw_fhir_name_ok(parts.patient))
        return bury(cx, it, TW_DEAD_REFERENCE);
    return hand_on(cx, it, &parts, self, id);
}

/* ---------------------------------------------------------------- one document */

static tw_str entry_url(tw_fhir_doc *doc, uint32_t entry)
{
    tw_str url = tw_json_member_text(doc->in, &doc->d, entry, "fullUrl");
    return url.n <= 2048 ? url : (tw_str){ "", 0 };
}

static tw_status learn_one(tw_ctx *cx, tw_fhir_doc *doc, uint32_t resource, tw_str full_url)
{
    if (!tw_json_is(&doc->d, tw_json_get(&doc->d, resource, "resourceType"), "Patient") ||
        tw_fhir_learn(doc, resource, full_url))
        return TW_OK;
    return tw_fail(cx, TW_ELIMIT, "no memory to note names of patients");
}

static bool is_bundle(const tw_fhir_doc *doc)
{
    return tw_json_is(&doc->d, tw_json_get(&doc->d, 0, "resourceType"), "Bundle");
}

static tw_status learn(tw_ctx *cx, tw_fhir_doc *doc)
{
    const tw_json *d = &doc->d;
    if (!is_bundle(doc))
        return learn_one(cx, doc, 0, (tw_str){ "", 0 });
    uint32_t entries = tw_json_get(d, 0, "entry");
    if (entries == TW_JSON_NONE || d->tok[entries].type != TW_JSON_ARRAY)
        return TW_OK;
    for (uint32_t e = tw_json_first(d, entries); e != TW_JSON_NONE; e = tw_json_next(d, entries, e)) {
        uint32_t resource = tw_json_get(d, e, "resource");
        if (resource != TW_JSON_NONE)
            TW_TRY(learn_one(cx, doc, resource, entry_url(doc, e)));
    }
    return TW_OK;
}

/* Index all entries first: a reference may point forward. */
static tw_status index_entries(tw_ctx *cx, tw_fhir_doc *doc, uint32_t entries)
{
    const tw_json *d = &doc->d;
    for (uint32_t e = tw_json_first(d, entries); e != TW_JSON_NONE; e = tw_json_next(d, entries, e)) {
        uint32_t resource = tw_json_get(d, e, "resource");
        if (resource != TW_JSON_NONE && !tw_fhir_index(doc, resource, entry_url(doc, e)))
            return tw_fail(cx, TW_ELIMIT, "no memory for the index of a Bundle");
    }
    return TW_OK;
}

static bool bundle_type_known(const tw_json *d)
{
    static const char *const known[] = {
        "transaction", "collection",           "batch",          "searchset", "history",
        "document",    "transaction-response", "batch-response", "message"
    };
    uint32_t type = tw_json_get(d, 0, "type");
    for (size_t i = 0; i < TW_COUNT(known); i++)
        if (tw_json_is(d, type, known[i]))
            return true;
    return false;
}

static tw_status judge_entries(tw_ctx *cx, item *it, uint32_t entries)
{
    tw_fhir_doc *doc = it->doc;
    const tw_json *d = &doc->d;
    if (doc->index)
        TW_TRY(index_entries(cx, doc, entries));
    it->entry = 0;
    for (uint32_t e = tw_json_first(d, entries); e != TW_JSON_NONE; e = tw_json_next(d, entries, e), it->entry++) {
        it->token = tw_json_get(d, e, "resource");
        if (it->token != TW_JSON_NONE) {
            it->full_url = entry_url(doc, e);
            TW_TRY(judge(cx, it));
            continue;
        }
        it->token = e;
        it->type = SIZE_MAX;
        TW_TRY(bury(cx, it, TW_DEAD_ENTRY));
    }
    return TW_OK;
}

static tw_status judge_bundle(tw_ctx *cx, item *it)
{
    tw_fhir_doc *doc = it->doc;
    const tw_json *d = &doc->d;
    uint32_t entries = tw_json_get(d, 0, "entry");
    if (!bundle_type_known(d) || (entries != TW_JSON_NONE && d->tok[entries].type != TW_JSON_ARRAY))
        return bury(cx, it, TW_DEAD_BUNDLE);
    if (entries == TW_JSON_NONE)
        return TW_OK;
    if (doc->decoded) /* its references are to Patients, and those are known by now */
        return judge_entries(cx, it, entries);
    doc->index = tw_map_new((size_t)d->tok[entries].count * 2 + 1);
    tw_status st = judge_entries(cx, it, entries);
    tw_map_free(doc->index);
    doc->index = NULL;
    return st;
}

static tw_status bury_unit(tw_ctx *cx, tw_piece *p, const tw_unit *u)
{
    tw_found_item *f = tw_piece_item(p);
    if (!f)
        return tw_fail(cx, TW_ELIMIT, TW_FMT ": no memory for its records", TW_ARG(p->label));
    *f = (tw_found_item){ .fate = TW_FATE_DEAD, .type = SIZE_MAX, .entry = UINT32_MAX };
    f->offset = u->offset;
    f->length = u->length;
    f->before = u->line0;
    f->line = u->line0 + u->line + 1;
    f->path = u->path;
    f->reason = u->reason;
    f->detail = u->detail;
    return TW_OK;
}

tw_status tw_fhir_judge(tw_ctx *cx, tw_piece *p, const tw_unit *u)
{
    if (u->bad)
        return bury_unit(cx, p, u);
    if (!u->doc)
        return TW_OK;
    item it = { .piece = p, .unit = u, .doc = u->doc, .entry = UINT32_MAX, .type = SIZE_MAX, .full_url = { "", 0 } };
    return is_bundle(u->doc) ? judge_bundle(cx, &it) : judge(cx, &it);
}

static tw_str without_bom(tw_str text)
{
    return tw_str_starts(text, "\xEF\xBB\xBF") ? (tw_str){ text.p + 3, text.n - 3 } : text;
}

tw_status tw_fhir_prepare(tw_ctx *cx, const tw_sources *s, tw_piece *p, tw_unit *u, tw_str text, bool decoded,
                          bool learn_only)
{
    const tw_json_limits limits = { .bytes_max = TW_MAX(s->opts.document_bytes_max, s->opts.line_bytes_max) };
    tw_fhir_doc *doc = tw_arena_try(p->in.arena, sizeof *doc);
    if (!doc)
        return tw_fail(cx, TW_ELIMIT, TW_FMT ": no memory for its records", TW_ARG(p->label));
    *doc = (tw_fhir_doc){ .s = s, .in = &p->in, .lesson = &p->lesson, .line0 = u->line0, .decoded = decoded };
    doc->last_ref = (tw_str){ "", 0 };
    tw_err_clear(&p->in);
    tw_status st = decoded ? tw_json_parse_own(&p->in, &doc->d, text, &limits)
                           : tw_json_parse(&p->in, &doc->d, without_bom(text), &limits);
    if (st == TW_OK) {
        u->doc = doc;
        return learn(cx, doc);
    }
    u->bad = !learn_only;
    u->reason = st == TW_ELIMIT ? TW_DEAD_LIMIT : TW_DEAD_JSON;
    u->detail = tw_str_dup(p->in.arena, tw_str_of(p->in.err.msg));
    return TW_OK;
}
