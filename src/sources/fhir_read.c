/* One text after the other: a document is parsed, its Patients are noted, then each resource is judged and handed on or
 * counted. Everything of a document lives in the reader's own arena and goes with it. */
#include "sources/sources_internal.h"

#define DOCUMENT_BYTES_MAX (256 * TW_MIB)
#define LINE_BYTES_MAX (32 * TW_MIB)
#define PATIENTS_MAX ((size_t)16 << 20)
#define TOKENS_SHARE 16 /* memory of a document: this many times its bytes */

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

/* ---------------------------------------------------------------- life */

static tw_str keep(tw_sources *s, tw_str text)
{
    return text.n ? tw_str_dup(s->keep, text) : (tw_str){ "", 0 };
}

tw_status tw_sources_new(tw_ctx *cx, tw_sources **out, const tw_sources_opts *opts, const tw_sources_sink *sink)
{
    TW_ASSERT(sink && sink->record);
    tw_sources *s = tw_mem_alloc(sizeof *s);
    if (!s)
        return tw_fail(cx, TW_ELIMIT, "no memory for a reader");
    if (opts)
        s->opts = *opts;
    tw_sources_opts *o = &s->opts;
    o->document_bytes_max = o->document_bytes_max ? o->document_bytes_max : DOCUMENT_BYTES_MAX;
    o->line_bytes_max = o->line_bytes_max ? o->line_bytes_max : LINE_BYTES_MAX;
    o->patients_max = o->patients_max ? o->patients_max : PATIENTS_MAX;
    size_t bytes = TW_MAX(o->document_bytes_max, o->line_bytes_max);
    tw_ctx_init(&s->in, bytes * TOKENS_SHARE + 64 * TW_MIB, NULL);
    s->keep = tw_arena_new(o->patients_max * 256 + TW_MIB);
    s->known = tw_map_new(o->patients_max);
    s->opts.mrn_system = keep(s, o->mrn_system);
    s->opts.base_url = keep(s, o->base_url);
    s->sink = *sink;
    s->type = tw_try_array(s->keep, tw_sources_type_count, tw_fhir_type_count);
    TW_ASSERT(s->type != NULL); /* a small table, known in the code */
    for (size_t i = 0; i < tw_fhir_type_count; i++)
        s->type[i].name = tw_fhir_types[i].name;
    s->tally.type = s->type;
    s->tally.type_count = tw_fhir_type_count;
    *out = s;
    return TW_OK;
}

void tw_sources_free(tw_sources *s)
{
    if (!s)
        return;
    tw_map_free(s->known);
    tw_arena_free(s->keep);
    tw_ctx_done(&s->in);
    tw_mem_free(s);
}

tw_sources_self tw_sources_self_view(const tw_sources *s)
{
    return s->self;
}

const tw_sources_tally *tw_sources_tally_view(const tw_sources *s)
{
    return &s->tally;
}

/* ---------------------------------------------------------------- counting */

typedef struct {
    tw_fhir_doc *doc;
    uint32_t token; /* of the resource or of what stands in its place */
    uint32_t entry; /* its position in the Bundle; UINT32_MAX on its own */
    size_t type;    /* SIZE_MAX: unknown */
    tw_str full_url;
} item;

static uint32_t line_of(tw_fhir_doc *doc, uint32_t token)
{
    uint32_t off = token < doc->d.n ? doc->d.tok[token].off : 0;
    if (off < doc->line_off)
        doc->line = doc->line_off = 0;
    for (; doc->line_off < off; doc->line_off++)
        doc->line += doc->d.text.p[doc->line_off] == '\n';
    return doc->line0 + doc->line + 1;
}

static tw_sources_count *row(tw_sources *s, size_t type)
{
    return type == SIZE_MAX ? NULL : &s->type[type].count;
}

static tw_status bury(tw_ctx *cx, const item *it, tw_dead_reason reason, tw_str detail)
{
    tw_sources *s = it->doc->s;
    s->tally.all.dead++;
    s->tally.dead[reason]++;
    if (row(s, it->type))
        row(s, it->type)->dead++;
    if (!s->sink.dead)
        return TW_OK;
    tw_dead_letter letter = {
        .label = it->doc->label, .line = line_of(it->doc, it->token), .path = { "", 0 }, .reason = reason
    };
    if (it->entry != UINT32_MAX)
        letter.path = tw_strf(s->in.arena, "entry.%u.resource", it->entry);
    letter.type = it->type == SIZE_MAX ? "" : tw_fhir_types[it->type].name;
    letter.detail = detail;
    return s->sink.dead(s->sink.self, cx, &letter);
}

static tw_status bury_plain(tw_ctx *cx, const item *it, tw_dead_reason reason)
{
    return bury(cx, it, reason, (tw_str){ "", 0 });
}

static tw_status refuse(const item *it)
{
    it->doc->s->tally.all.refused++;
    row(it->doc->s, it->type)->refused++;
    return TW_OK;
}

static tw_status accept(tw_ctx *cx, const item *it, const tw_phi_parts *parts)
{
    tw_sources *s = it->doc->s;
    const tw_phi *phi = tw_phi_make(&s->in, parts);
    tw_status st = s->sink.record(s->sink.self, cx, phi);
    if (st == TW_OK) {
        s->tally.all.accepted++;
        row(s, it->type)->accepted++;
        return TW_OK;
    }
    if (st == TW_EREFUSED) {
        tw_err_clear(cx);
        return refuse(it);
    }
    if (st == TW_EPARSE || st == TW_ELIMIT || st == TW_ENOTFOUND) {
        tw_str detail = tw_str_dup(s->in.arena, tw_str_of(cx->err.msg));
        tw_err_clear(cx);
        return bury(cx, it, TW_DEAD_SINK, detail);
    }
    return st;
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
    const char *type = tw_fhir_types[it->type].name;
    tw_str base, url_type, url_id;
    if (doc->s->opts.base_url.n > 0 && tw_fhir_url_split(&base, &url_type, &url_id, it->full_url) &&
        !tw_str_eq(base, doc->s->opts.base_url))
        return tw_strf(a, "%s/" TW_FMT, type, TW_ARG(it->full_url));
    if (id.n > 0)
        return tw_strf(a, "%s/" TW_FMT, type, TW_ARG(id));
    if (it->full_url.n > 0)
        return tw_strf(a, "%s/" TW_FMT, type, TW_ARG(it->full_url));
    tw_str hash = hash_text(doc, it->token);
    return tw_strf(a, "%s/sha256:" TW_FMT, type, TW_ARG(hash));
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
static unsigned find_patient(const item *it, tw_str *number, bool *refused)
{
    const tw_fhir_type *t = &tw_fhir_types[it->type];
    *refused = false;
    if (t->kind == TW_FHIR_SELF) {
        *number = tw_fhir_number(it->doc, it->token);
        it->doc->s->self.resource_id = tw_json_member_text(it->doc->in, &it->doc->d, it->token, "id");
        it->doc->s->self.reference = (tw_str){ "", 0 };
        return number->n > 0 ? 0 : TW_DEAD_NO_NUMBER + 1u;
    }
    bool several;
    tw_found f = tw_fhir_patient_of(it->doc, &several, it->token, t->path, it->full_url);
    *number = f.number;
    it->doc->s->self = (tw_sources_self){ f.id, f.reference };
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

static tw_status judge(tw_ctx *cx, item *it)
{
    tw_fhir_doc *doc = it->doc;
    const tw_json *d = &doc->d;
    uint32_t type = tw_json_get(d, it->token, "resourceType");
    it->type = SIZE_MAX;
    doc->s->tally.all.read++;
    if (type == TW_JSON_NONE || d->tok[type].type != TW_JSON_STRING)
        return bury_plain(cx, it, TW_DEAD_SHAPE);
    it->type = tw_fhir_type_find(tw_json_text(doc->in, d, type));
    if (it->type == SIZE_MAX)
        return bury_plain(cx, it, TW_DEAD_TYPE);
    row(doc->s, it->type)->read++;
    if (strcmp(tw_fhir_types[it->type].name, "Bundle") == 0)
        return bury_plain(cx, it, TW_DEAD_BUNDLE);
    if (tw_fhir_types[it->type].kind == TW_FHIR_NEVER)
        return refuse(it);
    uint32_t id_token = tw_json_get(d, it->token, "id");
    tw_str id = tw_json_text(doc->in, d, id_token);
    if (id_token != TW_JSON_NONE && !tw_fhir_name_ok(id))
        return bury_plain(cx, it, TW_DEAD_ID);
    tw_phi_parts parts = { .doc = d, .resource = it->token, .type = tw_str_of(tw_fhir_types[it->type].name) };
    bool refused;
    unsigned why = find_patient(it, &parts.patient, &refused);
    if (refused)
        return refuse(it);
    if (why)
        return bury_plain(cx, it, (tw_dead_reason)(why - 1));
    if (!tw_fhir_name_ok(parts.patient))
        return bury_plain(cx, it, TW_DEAD_REFERENCE);
    parts.business_id = business_id(it, id);
    parts.version = version(doc, it->token);
    return accept(cx, it, &parts);
}

/* ---------------------------------------------------------------- one document */

static tw_str entry_url(tw_fhir_doc *doc, uint32_t entry)
{
    tw_str url = tw_json_member_text(doc->in, &doc->d, entry, "fullUrl");
    return url.n <= 2048 ? url : (tw_str){ "", 0 };
}

static bool is_patient(const tw_json *d, uint32_t resource)
{
    return tw_json_is(d, tw_json_get(d, resource, "resourceType"), "Patient");
}

static tw_status learn_one(tw_ctx *cx, tw_fhir_doc *doc, uint32_t resource, tw_str full_url)
{
    if (is_patient(&doc->d, resource) && !tw_fhir_learn(doc, resource, full_url))
        return tw_fail(cx, TW_ELIMIT, TW_FMT ": more names of patients than %zu", TW_ARG(doc->label),
                       doc->s->opts.patients_max);
    return TW_OK;
}

/* Index all entries first: a reference may point forward. */
static tw_status learn_entries(tw_ctx *cx, tw_fhir_doc *doc, uint32_t entries, bool index)
{
    const tw_json *d = &doc->d;
    for (uint32_t e = tw_json_first(d, entries); e != TW_JSON_NONE; e = tw_json_next(d, entries, e)) {
        uint32_t resource = tw_json_get(d, e, "resource");
        if (resource == TW_JSON_NONE)
            continue;
        tw_str url = entry_url(doc, e);
        TW_TRY(learn_one(cx, doc, resource, url));
        if (index && !tw_fhir_index(doc, resource, url))
            return tw_fail(cx, TW_ELIMIT, TW_FMT ": index of the Bundle", TW_ARG(doc->label));
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

static tw_status bundle(tw_ctx *cx, tw_fhir_doc *doc)
{
    const tw_json *d = &doc->d;
    item it = { .doc = doc, .entry = UINT32_MAX, .type = SIZE_MAX, .full_url = { "", 0 } };
    uint32_t entries = tw_json_get(d, 0, "entry");
    if (!bundle_type_known(d) || (entries != TW_JSON_NONE && d->tok[entries].type != TW_JSON_ARRAY)) {
        doc->s->tally.all.read++;
        return bury_plain(cx, &it, TW_DEAD_BUNDLE);
    }
    if (entries == TW_JSON_NONE)
        return TW_OK;
    doc->index = tw_map_new((size_t)d->tok[entries].count * 2 + 1);
    tw_status st = learn_entries(cx, doc, entries, true);
    it.entry = 0;
    for (uint32_t e = tw_json_first(d, entries); st == TW_OK && e != TW_JSON_NONE;
         e = tw_json_next(d, entries, e), it.entry++) {
        it.token = tw_json_get(d, e, "resource");
        if (it.token != TW_JSON_NONE) {
            it.full_url = entry_url(doc, e);
            st = judge(cx, &it);
            continue;
        }
        it.token = e;
        it.type = SIZE_MAX;
        doc->s->tally.all.read++;
        st = bury_plain(cx, &it, TW_DEAD_ENTRY);
    }
    tw_map_free(doc->index);
    doc->index = NULL;
    return st;
}

static tw_status one_resource(tw_ctx *cx, tw_fhir_doc *doc)
{
    item it = { .doc = doc, .entry = UINT32_MAX, .type = SIZE_MAX, .full_url = { "", 0 } };
    TW_TRY(learn_one(cx, doc, 0, it.full_url));
    return judge(cx, &it);
}

static tw_str without_bom(tw_str text)
{
    return tw_str_starts(text, "\xEF\xBB\xBF") ? (tw_str){ text.p + 3, text.n - 3 } : text;
}

static tw_status parsed(tw_ctx *cx, tw_fhir_doc *doc, bool learn_only)
{
    bool is_bundle = tw_json_is(&doc->d, tw_json_get(&doc->d, 0, "resourceType"), "Bundle");
    if (!learn_only)
        return is_bundle ? bundle(cx, doc) : one_resource(cx, doc);
    if (!is_bundle)
        return learn_one(cx, doc, 0, (tw_str){ "", 0 });
    return learn_entries(cx, doc, tw_json_get(&doc->d, 0, "entry"), false);
}

/* A document or a line. What does not parse is one dead letter. */
static tw_status document(tw_ctx *cx, tw_sources *s, tw_str label, uint32_t line0, tw_str text, bool learn_only)
{
    tw_mark mark = tw_arena_mark(s->in.arena);
    tw_fhir_doc doc = { .s = s, .in = &s->in, .label = label, .line0 = line0 };
    const tw_json_limits limits = { .bytes_max = TW_MAX(s->opts.document_bytes_max, s->opts.line_bytes_max) };
    tw_err_clear(&s->in);
    tw_status st = tw_json_parse(&s->in, &doc.d, without_bom(text), &limits);
    if (st == TW_OK) {
        st = parsed(cx, &doc, learn_only);
    } else if (learn_only) {
        st = TW_OK;
    } else {
        item it = { .doc = &doc, .entry = UINT32_MAX, .type = SIZE_MAX };
        doc.d = (tw_json){ .n = 0 };
        s->tally.all.read++;
        st = bury(cx, &it, st == TW_ELIMIT ? TW_DEAD_LIMIT : TW_DEAD_JSON, tw_str_of(s->in.err.msg));
    }
    tw_arena_back(s->in.arena, mark);
    return st;
}

tw_status tw_fhir_oversize(tw_ctx *cx, tw_sources *s, tw_str label, uint32_t line0)
{
    tw_mark mark = tw_arena_mark(s->in.arena);
    tw_fhir_doc doc = { .s = s, .in = &s->in, .label = label, .line0 = line0 };
    item it = { .doc = &doc, .entry = UINT32_MAX, .type = SIZE_MAX };
    s->tally.all.read++;
    tw_status st = bury_plain(cx, &it, TW_DEAD_LIMIT);
    tw_arena_back(s->in.arena, mark);
    return st;
}

tw_status tw_fhir_line(tw_ctx *cx, tw_sources *s, tw_str label, uint32_t line0, tw_str line, bool learn_only)
{
    line = tw_str_trim(line);
    if (line.n == 0)
        return TW_OK;
    if (line.n > s->opts.line_bytes_max)
        return learn_only ? TW_OK : tw_fhir_oversize(cx, s, label, line0);
    /* Most lines of an export are no Patient: passing them over here makes learning a matter of a search. */
    if (learn_only && tw_str_find(line, TW_STR("\"Patient\"")) == SIZE_MAX)
        return TW_OK;
    return document(cx, s, label, line0, line, learn_only);
}

tw_status tw_fhir_text(tw_ctx *cx, tw_sources *s, tw_str label, tw_str text, tw_sources_form form, bool learn_only)
{
    if (form == TW_FORM_DOCUMENT) {
        if (text.n > s->opts.document_bytes_max)
            return learn_only ? TW_OK : tw_fhir_oversize(cx, s, label, 0);
        return document(cx, s, label, 0, text, learn_only);
    }
    tw_str rest = without_bom(text), line;
    for (uint32_t n = 0; tw_ndjson_next(&line, &rest); n++)
        TW_TRY(tw_fhir_line(cx, s, label, n, line, learn_only));
    return TW_OK;
}

tw_status tw_sources_learn(tw_ctx *cx, tw_sources *s, tw_str text, tw_sources_form form)
{
    return tw_fhir_text(cx, s, TW_STR("text"), text, form, true);
}

tw_status tw_sources_read(tw_ctx *cx, tw_sources *s, tw_str label, tw_str text, tw_sources_form form)
{
    s->tally.files++;
    return tw_fhir_text(cx, s, label, text, form, false);
}
