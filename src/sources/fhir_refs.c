/* Who a resource is about: the patients known so far, and every form of reference that R4 has for them. */
#include "sources/sources_internal.h"

#define V2_0203 "http://terminology.hl7.org/CodeSystem/v2-0203"
#define NAME_BYTES_MAX 128
#define REFERENCE_BYTES_MAX 2048
#define REFERENCES_MAX 100000 /* of one resource */
#define CONTAINED_MAX 1000    /* searched in one resource */

static const tw_str nothing = { "", 0 };

static tw_found found(tw_found_kind kind)
{
    return (tw_found){ .kind = kind, .number = nothing, .id = nothing, .reference = nothing };
}

bool tw_fhir_name_ok(tw_str s)
{
    if (s.n == 0 || s.n > NAME_BYTES_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return true;
}

static tw_found patient_found(tw_str number, tw_str id)
{
    return (tw_found){ .kind = TW_FOUND_OK, .number = number, .id = id, .reference = nothing };
}

static tw_str text_of(tw_fhir_doc *doc, uint32_t obj, const char *name)
{
    return tw_str_trim(tw_json_member_text(doc->in, &doc->d, obj, name));
}

/* ---------------------------------------------------------------- local numbers */

static bool is_mr(tw_fhir_doc *doc, uint32_t identifier)
{
    const tw_json *d = &doc->d;
    uint32_t codings = tw_json_path(d, identifier, "type.coding");
    for (uint32_t c = tw_json_first(d, codings); c != TW_JSON_NONE; c = tw_json_next(d, codings, c)) {
        uint32_t system = tw_json_get(d, c, "system");
        if (tw_json_is(d, tw_json_get(d, c, "code"), "MR") &&
            (tw_json_is(d, system, V2_0203) || tw_json_is(d, system, "http://hl7.org/fhir/v2/0203")))
            return true;
    }
    return false;
}

static bool is_ours(const tw_fhir_doc *doc, tw_str system)
{
    return doc->s->opts.mrn_system.n > 0 && tw_str_eq(system, doc->s->opts.mrn_system);
}

/* From identifiers alone: of the configured system, else the first of type MR. */
static tw_str number_by_identifier(tw_fhir_doc *doc, uint32_t patient)
{
    const tw_json *d = &doc->d;
    tw_str mr = nothing;
    uint32_t all = tw_json_get(d, patient, "identifier");
    for (uint32_t i = tw_json_first(d, all); i != TW_JSON_NONE; i = tw_json_next(d, all, i)) {
        tw_str value = text_of(doc, i, "value");
        if (!tw_fhir_name_ok(value) || tw_json_is(d, tw_json_get(d, i, "use"), "old"))
            continue;
        if (is_ours(doc, text_of(doc, i, "system")))
            return value;
        if (mr.n == 0 && is_mr(doc, i))
            mr = value;
    }
    return mr;
}

tw_str tw_fhir_number(tw_fhir_doc *doc, uint32_t patient)
{
    tw_str number = number_by_identifier(doc, patient);
    if (number.n > 0)
        return number;
    number = text_of(doc, patient, "id");
    return tw_fhir_name_ok(number) ? number : nothing;
}

/* ---------------------------------------------------------------- what is known */

static char *put(char *to, const char *p, size_t n)
{
    if (n > 0)
        memcpy(to, p, n);
    return to + n;
}

tw_str tw_fhir_joined(tw_arena *a, tw_str first, const char *between, tw_str second)
{
    size_t gap = strlen(between), n = first.n + gap + second.n;
    char *p = tw_arena_get(a, n + 1);
    put(put(put(p, first.p, first.n), between, gap), second.p, second.n);
    return (tw_str){ p, n };
}

static tw_bytes key_of(tw_fhir_doc *doc, char kind, tw_str a, const char *sep, tw_str b)
{
    size_t gap = strlen(sep), n = 2 + a.n + gap + b.n;
    char *p = tw_arena_get(doc->in->arena, n + 1);
    p[0] = kind;
    p[1] = ' ';
    put(put(put(p + 2, a.p, a.n), sep, gap), b.p, b.n);
    return (tw_bytes){ (const uint8_t *)p, n };
}

static const tw_fhir_node *known(tw_fhir_doc *doc, char kind, tw_str a, const char *sep, tw_str b)
{
    return tw_known_find(&doc->s->known, doc->in, key_of(doc, kind, a, sep, b));
}

typedef struct {
    tw_str number;
    tw_str id;
} bearer;

static void remember(tw_fhir_doc *doc, tw_bytes key, const bearer *b)
{
    tw_lesson_name(doc->lesson, key, b->number, b->id);
}

/* The Patient bears a number of the configured system. */
static bool numbered_here(tw_fhir_doc *doc, uint32_t all)
{
    const tw_json *d = &doc->d;
    if (doc->s->opts.mrn_system.n == 0)
        return false;
    for (uint32_t i = tw_json_first(d, all); i != TW_JSON_NONE; i = tw_json_next(d, all, i))
        if (is_ours(doc, text_of(doc, i, "system")) && !tw_json_is(d, tw_json_get(d, i, "use"), "old"))
            return true;
    return false;
}

/* An old number of this kind was this person's, or that of somebody who turned out to be the same person. Where numbers
 * are those of one system, an old one of another system is not: here it may be somebody else's. */
static void learn_identifiers(tw_fhir_doc *doc, uint32_t patient, const bearer *b)
{
    const bearer nobody = { nothing, nothing };
    const tw_json *d = &doc->d;
    uint32_t all = tw_json_get(d, patient, "identifier");
    bool here = numbered_here(doc, all);
    for (uint32_t i = tw_json_first(d, all); i != TW_JSON_NONE; i = tw_json_next(d, all, i)) {
        tw_str value = text_of(doc, i, "value");
        tw_str system = text_of(doc, i, "system");
        bool numbers = is_mr(doc, i) || is_ours(doc, system);
        bool foreign = here && system.n > 0 && !is_ours(doc, system);
        if (numbers && !foreign && tw_json_is(d, tw_json_get(d, i, "use"), "old") && tw_fhir_name_ok(value))
            tw_lesson_merge(doc->lesson, key_of(doc, 'm', value, "", nothing), value, b->number);
        if (value.n == 0 || system.n == 0 || value.n + system.n > REFERENCE_BYTES_MAX)
            continue;
        remember(doc, key_of(doc, 'i', system, "|", value), b);
        if (numbers)
            remember(doc, key_of(doc, 's', system, "", nothing), &nobody);
    }
}

bool tw_fhir_learn(tw_fhir_doc *doc, uint32_t patient, tw_str full_url)
{
    tw_str number = tw_fhir_number(doc, patient);
    if (number.n == 0)
        return true;
    tw_str id = text_of(doc, patient, "id");
    if (!tw_fhir_name_ok(id))
        id = nothing;
    const bearer b = { number, id };
    if (id.n > 0)
        remember(doc, key_of(doc, 'r', TW_STR("Patient"), "/", id), &b);
    tw_str base, type, url_id;
    if (tw_fhir_url_split(&base, &type, &url_id, full_url))
        remember(doc, key_of(doc, 'u', base, "/Patient/", url_id), &b);
    learn_identifiers(doc, patient, &b);
    return !doc->lesson->failed;
}

static bool put_index(tw_fhir_doc *doc, tw_bytes key, tw_fhir_node *node)
{
    tw_fhir_node *old = tw_map_get(doc->index, key);
    if (!old)
        return tw_map_put(doc->index, key, node);
    bool same = old->is_patient == node->is_patient && tw_str_eq(old->number, node->number);
    old->ambiguous |= !same;
    return true;
}

/* Two keys, two nodes: a doubled fullUrl must not spoil the id, nor the other way round. */
bool tw_fhir_index(tw_fhir_doc *doc, uint32_t resource, tw_str full_url)
{
    tw_str name = text_of(doc, resource, "resourceType");
    size_t type = tw_fhir_type_find(name);
    if (type == SIZE_MAX)
        return true;
    tw_fhir_node node = { .number = nothing, .type = type, .token = resource };
    node.is_patient = tw_fhir_types[type].kind == TW_FHIR_SELF;
    if (node.is_patient)
        node.number = tw_fhir_number(doc, resource);
    tw_str id = text_of(doc, resource, "id");
    node.id = id;
    tw_fhir_node *two = tw_try_array(doc->in->arena, tw_fhir_node, 2);
    if (!two)
        return false;
    two[0] = two[1] = node;
    if (tw_fhir_name_ok(id) && !put_index(doc, key_of(doc, 'r', name, "/", id), &two[0]))
        return false;
    return full_url.n == 0 || put_index(doc, key_of(doc, 'u', full_url, "", nothing), &two[1]);
}

/* ---------------------------------------------------------------- forms of references */

static bool last_part(tw_str *head, tw_str *tail, tw_str s)
{
    for (size_t i = s.n; i-- > 0;) {
        if (s.p[i] != '/')
            continue;
        *head = (tw_str){ s.p, i };
        *tail = (tw_str){ s.p + i + 1, s.n - i - 1 };
        return true;
    }
    *head = nothing;
    *tail = s;
    return false;
}

/* "[base/]Type/id[/_history/v]" */
static bool split_tail(tw_str *base, tw_str *type, tw_str *id, tw_str s)
{
    tw_str version, history, head;
    if (last_part(&head, &version, s) && last_part(&head, &history, head) && tw_str_is(history, "_history"))
        s = head;
    if (!last_part(&head, id, s))
        return false;
    last_part(base, type, head);
    return tw_fhir_name_ok(*id) && type->n > 0 && type->p[0] >= 'A' && type->p[0] <= 'Z';
}

bool tw_fhir_url_split(tw_str *base, tw_str *type, tw_str *id, tw_str url)
{
    return (tw_str_starts(url, "http://") || tw_str_starts(url, "https://")) && split_tail(base, type, id, url);
}

static tw_found of_node(const tw_fhir_node *n)
{
    if (n->ambiguous)
        return found(TW_FOUND_AMBIGUOUS);
    if (!n->is_patient)
        return found(TW_FOUND_OTHER);
    return n->number.n > 0 ? patient_found(n->number, n->id) : found(TW_FOUND_UNKNOWN);
}

static tw_fhir_node *indexed(tw_fhir_doc *doc, char kind, tw_str a, const char *sep, tw_str b)
{
    return doc->index ? tw_map_get(doc->index, key_of(doc, kind, a, sep, b)) : NULL;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool percent_decode(tw_fhir_doc *doc, tw_str *out, tw_str s)
{
    char *p = tw_arena_get(doc->in->arena, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '%') {
            p[n++] = s.p[i];
            continue;
        }
        int high = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
        int low = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;
        if (high < 0 || low < 0)
            return false;
        p[n++] = (char)(high << 4 | low);
        i += 2;
    }
    *out = (tw_str){ p, n };
    return tw_utf8_valid(*out);
}

static tw_found by_identifier(tw_fhir_doc *doc, tw_str system, tw_str value)
{
    if (system.n == 0 || !tw_fhir_name_ok(value))
        return found(TW_FOUND_UNKNOWN);
    const tw_fhir_node *n = known(doc, 'i', system, "|", value);
    if (n)
        return of_node(n);
    /* The number of somebody whom this reader did not meet: the register has the last word. */
    if (is_ours(doc, system) || known(doc, 's', system, "", nothing))
        return patient_found(value, nothing);
    return found(TW_FOUND_UNKNOWN);
}

/* "Patient?identifier=system|value" */
static tw_found conditional(tw_fhir_doc *doc, tw_str ref, size_t mark)
{
    tw_str type = { ref.p, mark };
    tw_str query = { ref.p + mark + 1, ref.n - mark - 1 };
    tw_str decoded, system;
    if (tw_fhir_type_find(type) == SIZE_MAX)
        return found(TW_FOUND_MALFORMED);
    if (!tw_str_is(type, "Patient"))
        return found(TW_FOUND_OTHER);
    if (!tw_str_starts(query, "identifier=") || tw_str_find(query, TW_STR("&")) != SIZE_MAX)
        return found(TW_FOUND_UNKNOWN);
    query = (tw_str){ query.p + 11, query.n - 11 };
    if (!percent_decode(doc, &decoded, query))
        return found(TW_FOUND_MALFORMED);
    size_t bar = tw_str_find(decoded, TW_STR("|"));
    if (bar == SIZE_MAX)
        return found(TW_FOUND_UNKNOWN);
    system = (tw_str){ decoded.p, bar };
    return by_identifier(doc, system, (tw_str){ decoded.p + bar + 1, decoded.n - bar - 1 });
}

static tw_found contained(tw_fhir_doc *doc, uint32_t resource, tw_str id)
{
    const tw_json *d = &doc->d;
    uint32_t all = tw_json_get(d, resource, "contained");
    uint32_t c = tw_json_first(d, all);
    for (uint32_t n = 0; c != TW_JSON_NONE && n < CONTAINED_MAX; n++, c = tw_json_next(d, all, c)) {
        if (!tw_str_eq(text_of(doc, c, "id"), id))
            continue;
        if (!tw_json_is(d, tw_json_get(d, c, "resourceType"), "Patient"))
            return found(TW_FOUND_OTHER);
        tw_str number = number_by_identifier(doc, c);
        return number.n > 0 ? patient_found(number, nothing) : found(TW_FOUND_UNKNOWN);
    }
    return found(TW_FOUND_UNKNOWN);
}

/* R4 bundle.html: a relative reference is resolved against the base of the entry's fullUrl; then by type and id. */
static tw_found relative(tw_fhir_doc *doc, tw_fhir_node **node, tw_str entry_url, tw_str type, tw_str id)
{
    tw_str base, t, i;
    if (tw_fhir_url_split(&base, &t, &i, entry_url)) {
        tw_str url = tw_strf(doc->in->arena, TW_FMT "/" TW_FMT "/" TW_FMT, TW_ARG(base), TW_ARG(type), TW_ARG(id));
        *node = indexed(doc, 'u', url, "", nothing);
    }
    if (!*node)
        *node = indexed(doc, 'r', type, "/", id);
    if (*node)
        return of_node(*node);
    if (!tw_str_is(type, "Patient"))
        return found(tw_fhir_type_find(type) == SIZE_MAX ? TW_FOUND_MALFORMED : TW_FOUND_OTHER);
    const tw_fhir_node *n = known(doc, 'r', type, "/", id);
    return n ? of_node(n) : found(TW_FOUND_UNKNOWN);
}

static tw_found absolute(tw_fhir_doc *doc, tw_fhir_node **node, tw_str ref)
{
    tw_str base, type, id;
    *node = indexed(doc, 'u', ref, "", nothing);
    if (*node)
        return of_node(*node);
    if (!tw_fhir_url_split(&base, &type, &id, ref))
        return found(TW_FOUND_UNKNOWN);
    tw_str url = tw_strf(doc->in->arena, TW_FMT "/" TW_FMT "/" TW_FMT, TW_ARG(base), TW_ARG(type), TW_ARG(id));
    *node = indexed(doc, 'u', url, "", nothing); /* without /_history */
    if (*node)
        return of_node(*node);
    if (doc->s->opts.base_url.n > 0 && tw_str_eq(base, doc->s->opts.base_url))
        return relative(doc, node, nothing, type, id);
    if (!tw_str_is(type, "Patient"))
        return found(TW_FOUND_OTHER);
    const tw_fhir_node *n = known(doc, 'u', base, "/Patient/", id);
    return n ? of_node(n) : found(TW_FOUND_UNKNOWN);
}

static tw_found by_text(tw_fhir_doc *doc, tw_fhir_node **node, uint32_t resource, tw_str entry_url, tw_str ref)
{
    tw_str base, type, id;
    if (ref.n > REFERENCE_BYTES_MAX)
        return found(TW_FOUND_MALFORMED);
    if (ref.p[0] == '#')
        return contained(doc, resource, (tw_str){ ref.p + 1, ref.n - 1 });
    if (tw_str_starts(ref, "urn:")) {
        *node = indexed(doc, 'u', ref, "", nothing);
        return *node ? of_node(*node) : found(TW_FOUND_UNKNOWN);
    }
    if (tw_str_starts(ref, "http://") || tw_str_starts(ref, "https://"))
        return absolute(doc, node, ref);
    size_t mark = tw_str_find(ref, TW_STR("?"));
    if (mark != SIZE_MAX)
        return conditional(doc, ref, mark);
    if (!split_tail(&base, &type, &id, ref) || base.n > 0)
        return found(TW_FOUND_MALFORMED);
    return relative(doc, node, entry_url, type, id);
}

/* One Reference element. */
static tw_found find_named(tw_fhir_doc *doc, tw_fhir_node **node, uint32_t resource, tw_str entry_url,
                           uint32_t reference)
{
    const tw_json *d = &doc->d;
    *node = NULL;
    if (d->tok[reference].type != TW_JSON_OBJECT)
        return found(TW_FOUND_MALFORMED);
    uint32_t text = tw_json_get(d, reference, "reference");
    tw_str ref = text_of(doc, reference, "reference");
    if (text != TW_JSON_NONE && ref.n == 0)
        return found(TW_FOUND_MALFORMED);
    if (ref.n > 0) {
        tw_found f = by_text(doc, node, resource, entry_url, ref);
        f.reference = ref;
        return f;
    }
    tw_str type = text_of(doc, reference, "type");
    if (type.n > 0 && !tw_str_is(type, "Patient"))
        return found(TW_FOUND_OTHER);
    uint32_t identifier = tw_json_get(d, reference, "identifier");
    if (identifier == TW_JSON_NONE)
        return found(TW_FOUND_NONE);
    return by_identifier(doc, text_of(doc, identifier, "system"), text_of(doc, identifier, "value"));
}

static tw_found resolve(tw_fhir_doc *doc, tw_fhir_node **node, uint32_t resource, tw_str entry_url, uint32_t reference)
{
    uint32_t text = doc->decoded ? tw_json_get(&doc->d, reference, "reference") : TW_JSON_NONE;
    tw_str raw = tw_json_raw(&doc->d, text);
    *node = NULL;
    if (raw.n > 0 && tw_str_eq(raw, doc->last_ref)) /* most records of a message are of one patient */
        return doc->last_found;
    tw_found f = find_named(doc, node, resource, entry_url, reference);
    f.stood = f.number;
    if (f.kind == TW_FOUND_OK)
        f.number = tw_known_survivor(&doc->s->known, doc->in, f.number);
    if (raw.n > 0 && !*node && f.reference.n > 0 && f.reference.p[0] != '#') {
        doc->last_ref = raw;
        doc->last_found = f;
    }
    return f;
}

/* ---------------------------------------------------------------- the patient of a resource */

typedef struct {
    tw_fhir_doc *doc;
    uint32_t resource;
    tw_str entry_url;
    bool hop; /* a reference to another record of the Bundle leads on to that record's patient */
    bool several;
    uint32_t count; /* of references seen */
    tw_found best;
} search;

static void take(search *q, tw_found f)
{
    static const uint8_t rank[] = { [TW_FOUND_NONE] = 0,      [TW_FOUND_OTHER] = 1,   [TW_FOUND_OK] = 2,
                                    [TW_FOUND_MALFORMED] = 3, [TW_FOUND_UNKNOWN] = 4, [TW_FOUND_AMBIGUOUS] = 5 };
    if (q->best.kind == TW_FOUND_OK && f.kind == TW_FOUND_OK && !tw_str_eq(q->best.number, f.number))
        q->several = true;
    if (rank[f.kind] > rank[q->best.kind])
        q->best = f;
}

static void look(search *q, uint32_t at, tw_str path);

/* Looked up once a record, however many references lead there. */
static tw_found follow(const search *q, tw_fhir_node *node)
{
    if (node->followed)
        return node->patient;
    search next = { .doc = q->doc, .resource = node->token, .entry_url = q->entry_url };
    look(&next, node->token, tw_str_of(tw_fhir_types[node->type].path));
    node->followed = true;
    node->patient = next.several ? found(TW_FOUND_OTHER) : next.best;
    return node->patient;
}

static void look_reference(search *q, uint32_t reference)
{
    tw_fhir_node *node;
    if (q->count++ >= REFERENCES_MAX) {
        take(q, found(TW_FOUND_MALFORMED));
        return;
    }
    tw_found f = resolve(q->doc, &node, q->resource, q->entry_url, reference);
    if (f.kind == TW_FOUND_OTHER && q->hop && node && tw_fhir_types[node->type].path) {
        tw_found beyond = follow(q, node);
        if (beyond.kind == TW_FOUND_OK)
            f = beyond;
    }
    take(q, f);
}

static void look(search *q, uint32_t at, tw_str path)
{
    const tw_json *d = &q->doc->d;
    if (at == TW_JSON_NONE)
        return;
    if (d->tok[at].type == TW_JSON_ARRAY) {
        for (uint32_t i = tw_json_first(d, at); i != TW_JSON_NONE; i = tw_json_next(d, at, i))
            if (d->tok[i].type != TW_JSON_ARRAY)
                look(q, i, path);
        return;
    }
    tw_str name;
    tw_str rest = path;
    if (!tw_str_split(&name, &rest, '.')) {
        look_reference(q, at);
        return;
    }
    look(q, tw_json_get(d, at, tw_cstr(q->doc->in->arena, name)), rest);
}

tw_found tw_fhir_patient_of(tw_fhir_doc *doc, bool *several, uint32_t resource, const char *path, tw_str full_url)
{
    search q = { .doc = doc, .resource = resource, .entry_url = full_url };
    q.hop = strcmp(path, "target") == 0 || strcmp(path, "entity.what") == 0;
    look(&q, resource, tw_str_of(path));
    *several = q.several;
    return q.best;
}
