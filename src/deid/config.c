/* A configuration's run over one document.
 *
 * The document becomes a tree of typed elements. Each resource of it has its rules run, the outer before the inner, in
 * the order of the configuration; an element that a rule has met is marked with all below it, resources excepted, and
 * no later rule acts on it. Labels then go from the inner to the outer, what became empty goes, and the tree is
 * written. */
#include "deid/config_internal.h"

#include <stdarg.h>

#define SCRATCH_MAX (64 * TW_MIB)

typedef struct {
    unsigned did;
    const char *system, *code, *display;
} label;

#define OBSERVATION_VALUE "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"

static const label labels[] = {
    { DID_REDACT, OBSERVATION_VALUE, "REDACTED", "redacted" },
    { DID_ABSTRACT, OBSERVATION_VALUE, "ABSTRED", "abstracted" },
    { DID_HASH, OBSERVATION_VALUE, "CRYTOHASH", "cryptographic hash function" },
    { DID_ENCRYPT, OBSERVATION_VALUE, "MASKED", "masked" },
    { DID_PERTURB, NULL, "PERTURBED", "exact value is replaced with another exact value" },
    { DID_SUBSTITUTE, NULL, "SUBSTITUTED", "exact value is replaced with a predefined value" },
    { DID_GENERALIZE, NULL, "GENERALIZED", "exact value is replaced with a general value" },
};

/* ---------------------------------------------------------------- what went wrong */

/* "Patient.name[1].family": names of R4 and places. */
static size_t place(const pass *p, char *out, size_t cap, uint32_t i)
{
    const tw_fhir_elem *e = &p->t->e[i];
    if (e->parent == TW_FHIR_NONE)
        return (size_t)snprintf(out, cap, TW_FMT, TW_ARG(tw_fhir_type_text(p->c->schema, e->type)));
    unsigned at = 0, of = 0;
    for (uint32_t c = tw_fhir_first(p->t, e->parent); c != TW_FHIR_NONE; c = tw_fhir_next(p->t, c)) {
        at = c == i ? of : at;
        of += p->t->e[c].member == e->member;
    }
    size_t n = TW_MIN(place(p, out, cap, e->parent), cap - 1);
    tw_str name = tw_fhir_name_text(p->c->schema, e->name);
    n = TW_MIN(n + (size_t)snprintf(out + n, cap - n, "." TW_FMT, TW_ARG(name)), cap - 1);
    if (of > 1 || e->member->many)
        n += (size_t)snprintf(out + n, cap - n, "[%u]", at);
    return n;
}

tw_status pass_fail(pass *p, uint32_t i, tw_status s)
{
    char at[120] = "";
    tw_str path = p->rule->path;
    path.n = TW_MIN(path.n, 80);
    (void)place(p, at, sizeof at, i);
    (void)s;
    return tw_wrap(p->cx, "%s: line %u, rule " TW_FMT ", " TW_FMT, at, (unsigned)p->rule->line, TW_ARG(path),
                   TW_ARG(p->rule->method_name));
}

tw_str pass_text(pass *p, const char *fmt, ...)
{
    char few[256];
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(few, sizeof few, fmt, ap);
    va_end(ap);
    char *out = n < 0 ? NULL : tw_arena_try(p->cx->arena, (size_t)n + 1);
    if (out && (size_t)n < sizeof few)
        memcpy(out, few, (size_t)n + 1);
    else if (out)
        vsnprintf(out, (size_t)n + 1, fmt, again);
    va_end(again);
    p->full |= !out;
    return out ? (tw_str){ out, (size_t)n } : TW_STR("");
}

/* ---------------------------------------------------------------- rules */

static tw_status act(pass *p, uint32_t i)
{
    switch (p->rule->method) {
    case METHOD_REDACT:
        return method_redact(p, i);
    case METHOD_KEEP:
        return TW_OK;
    case METHOD_DATE_SHIFT:
        return method_shift(p, i);
    case METHOD_HASH:
        return method_hash(p, i);
    case METHOD_ENCRYPT:
        return method_encrypt(p, i);
    case METHOD_SUBSTITUTE:
        return method_substitute(p, i);
    case METHOD_PERTURB:
        return method_perturb(p, i);
    case METHOD_GENERALIZE:
        return method_generalize(p, i);
    case METHOD_UNKNOWN:
        break;
    }
    return PASS_FAIL(p, i, "a method of somebody's own program");
}

static void tell(pass *p, uint32_t i, tw_str rule, tw_str before)
{
    char path[240] = "";
    bool whole = p->t->e[i].node != TW_R4_NONE; /* a complex type: substituted, or nothing happened to itself */
    tw_str after = tw_fhir_text(p->t, i);
    if (!p->w->listener.each || (whole ? p->rule->method != METHOD_SUBSTITUTE : before.n == 0))
        return;
    (void)place(p, path, sizeof path, i);
    bool same = !whole && tw_str_eq(before, after);
    tw_doc_act told = { tw_str_of(path), rule, same ? TW_DOC_KEPT : TW_DOC_CHANGED, before, after };
    told.what = !whole && after.n == 0 ? TW_DOC_REMOVED : told.what;
    p->w->listener.each(p->w->listener.self, &told);
}

/* Values that no rule met, of the first n elements: the rest are labels. */
static void tell_rest(pass *p, uint32_t n)
{
    static const config_rule none = { .method = METHOD_KEEP };
    p->rule = &none;
    for (uint32_t i = 0; p->w->listener.each && i < n; i++)
        if (!pass_visited(p, i))
            tell(p, i, TW_STR(""), tw_fhir_text(p->t, i));
}

/* The element and all below it that no rule has met. */
static tw_status act_below(pass *p, uint32_t i)
{
    if (pass_visited(p, i))
        return TW_OK;
    tw_str before = tw_fhir_text(p->t, i);
    TW_TRY(act(p, i));
    tell(p, i, p->rule->path, before);
    pass_visit(p, i);
    p->w->acted[p->rule - p->c->rule]++;
    for (uint32_t c = tw_fhir_first(p->t, i); c != TW_FHIR_NONE; c = tw_fhir_next(p->t, c))
        if (!(p->t->e[c].flags & TW_FHIR_RESOURCE))
            TW_TRY(act_below(p, c));
    return TW_OK;
}

/* The expression's own values go to the scratch arena. */
static tw_status evaluate(pass *p, tw_fhirpath_items *r, const config_rule *rule)
{
    tw_arena *arena = p->cx->arena;
    p->cx->arena = p->w->scratch;
    tw_status s = tw_fhirpath_run(p->cx, r, rule->expr, p->t, p->resource);
    p->cx->arena = arena;
    return s == TW_OK ? s : pass_fail(p, p->resource, s);
}

static tw_status run_rule(pass *p, const config_rule *rule)
{
    tw_fhirpath_items r;
    p->rule = rule;
    if (rule->whole)
        return act_below(p, p->resource);
    TW_TRY(evaluate(p, &r, rule));
    for (uint32_t k = 0; k < r.n; k++) {
        if (r.item[k].kind != TW_FHIRPATH_ELEMENT)
            return PASS_FAIL(p, p->resource, "the path gives a value that is no element");
        TW_TRY(act_below(p, r.item[k].element));
    }
    return TW_OK;
}

/* Rules are passed over whose path begins with a type that the resource does not hold, or with a child that it does not
 * have; names of children are told by bits, which may say yes once too often. */
static uint64_t look(pass *p)
{
    uint64_t names = 0;
    tw_fhir_tree_index(p->t, p->w->index, p->resource);
    for (uint32_t c = tw_fhir_first(p->t, p->resource); c != TW_FHIR_NONE; c = tw_fhir_next(p->t, c))
        names |= (uint64_t)1 << (p->t->e[c].name & 63);
    return names;
}

static bool may_act(const pass *p, const config_rule *rule, uint64_t names)
{
    if (rule->first_type)
        return p->t->index[rule->first_type] != TW_FHIR_NONE;
    return !rule->first_name || (names >> (rule->first_name & 63) & 1);
}

static tw_status run_rules(pass *p)
{
    uint64_t names = look(p);
    for (const uint16_t *k = p->c->by_node[p->t->e[p->resource].node]; *k != UINT16_MAX; k++) {
        const config_rule *rule = &p->c->rule[*k];
        if (!may_act(p, rule, names))
            continue;
        tw_mark m = tw_arena_mark(p->w->scratch);
        tw_status status = run_rule(p, rule);
        tw_arena_back(p->w->scratch, m);
        TW_TRY(status);
        if (rule->method == METHOD_SUBSTITUTE) /* elements came and went */
            names = look(p);
    }
    p->t->index = NULL;
    return TW_OK;
}

/* ---------------------------------------------------------------- labels */

static uint32_t add(pass *p, uint32_t parent, uint16_t name, uint16_t type, bool front, const char *value)
{
    const tw_r4_member *m = tw_fhir_member(p->c->schema, p->t->e[parent].node, name, type);
    TW_ASSERT(m); /* of R4's own table */
    uint32_t i = tw_fhir_tree_add(p->cx, p->t, parent, m, front);
    if (i != TW_FHIR_NONE && value)
        tw_fhir_set(p->t, i, tw_str_of(value), TW_JSON_STRING);
    return i;
}

static bool has_label(pass *p, uint32_t meta, const char *code)
{
    for (uint32_t c = tw_fhir_first(p->t, meta); c != TW_FHIR_NONE; c = tw_fhir_next(p->t, c)) {
        uint32_t k = p->t->e[c].name == p->c->is.n_security ? tw_fhir_child(p->t, c, p->c->is.n_code) : TW_FHIR_NONE;
        if (k != TW_FHIR_NONE && tw_str_is(tw_fhir_text(p->t, k), code))
            return true;
    }
    return false;
}

static bool add_label(pass *p, uint32_t meta, const label *l)
{
    const config_names *is = &p->c->is;
    uint16_t uri = tw_fhir_type_id(p->c->schema, TW_STR("uri")), code = tw_fhir_type_id(p->c->schema, TW_STR("code"));
    uint16_t string = tw_fhir_type_id(p->c->schema, TW_STR("string"));
    uint32_t i = add(p, meta, is->n_security, is->t_coding, false, NULL);
    return i != TW_FHIR_NONE && (!l->system || add(p, i, is->n_system, uri, false, l->system) != TW_FHIR_NONE) &&
           add(p, i, is->n_code, code, false, l->code) != TW_FHIR_NONE &&
           add(p, i, is->n_display, string, false, l->display) != TW_FHIR_NONE;
}

static tw_status add_labels(pass *p, uint32_t resource, unsigned did)
{
    uint32_t meta = tw_fhir_child(p->t, resource, p->c->is.n_meta);
    bool ok = true;
    if (did == 0)
        return TW_OK;
    if (meta == TW_FHIR_NONE)
        meta = add(p, resource, p->c->is.n_meta, p->c->is.t_meta, true, NULL);
    for (size_t k = 0; ok && meta != TW_FHIR_NONE && k < TW_COUNT(labels); k++)
        if ((did & labels[k].did) && !has_label(p, meta, labels[k].code))
            ok = add_label(p, meta, &labels[k]);
    return ok && meta != TW_FHIR_NONE ? TW_OK : tw_fail(p->cx, TW_ELIMIT, "no memory for labels");
}

/* ---------------------------------------------------------------- the document */

/* Rules of the resource at i (if it is one), then of those inside; *did gets what was done. */
static tw_status visit(pass *p, uint32_t i, unsigned *did)
{
    unsigned mine = 0;
    bool resource = p->t->e[i].flags & TW_FHIR_RESOURCE;
    if (resource) {
        p->resource = i;
        p->did = 0;
        TW_TRY(run_rules(p));
        mine = p->did;
    }
    for (uint32_t c = tw_fhir_first(p->t, i); c != TW_FHIR_NONE; c = tw_fhir_next(p->t, c))
        TW_TRY(visit(p, c, &mine));
    if (resource && p->t->e[i].name != p->c->is.n_contained)
        TW_TRY(add_labels(p, i, mine));
    *did |= mine;
    return TW_OK;
}

/* All of it gone but its type and a label. */
static tw_status empty(pass *p)
{
    for (uint32_t c = tw_fhir_first(p->t, 0); c != TW_FHIR_NONE; c = tw_fhir_next(p->t, c))
        p->t->e[c].flags |= TW_FHIR_GONE;
    return add_labels(p, 0, DID_REDACT);
}

/* Theirs reads an instant to a point in time and writes it anew: Z as +00:00, no zeros at the end of a fraction. */
static void instants(pass *p)
{
    for (uint32_t i = 0; i < p->t->n; i++) {
        if (p->t->e[i].type != p->c->is.t_instant || !pass_has_value(p, i))
            continue;
        tw_str s = tw_fhir_text(p->t, i), zone = TW_STR("");
        size_t at = s.n > 19 ? 19 : s.n;
        while (at < s.n && (s.p[at] == '.' || (s.p[at] >= '0' && s.p[at] <= '9')))
            at++;
        zone = (tw_str){ s.p + at, s.n - at };
        while (at > 19 && s.p[at - 1] == '0')
            at--;
        at -= at == 20;
        if (tw_str_is(zone, "Z"))
            zone = TW_STR("+00:00");
        tw_fhir_set(p->t, i, pass_text(p, "%.*s" TW_FMT, (int)at, s.p, TW_ARG(zone)), TW_JSON_STRING);
    }
}

static tw_status run(pass *p, tw_str document)
{
    tw_json d;
    unsigned did = 0;
    if (tw_str_starts(document, "\xef\xbb\xbf"))
        document = (tw_str){ document.p + 3, document.n - 3 };
    TW_TRY(tw_json_parse(p->cx, &d, document, NULL));
    TW_TRY(tw_fhir_tree_build(p->cx, p->t, p->c->schema, &d, 0));
    TW_TRY(config_secrets(p));
    uint32_t n = p->t->n;
    tw_status s = visit(p, 0, &did);
    if (s == TW_OK)
        tell_rest(p, n);
    if (s == TW_EREFUSED && p->c->skip_errors) {
        tw_event(p->cx, TW_LOG_WARN, "config-skip", "%s", p->cx->err.msg);
        tw_err_clear(p->cx);
        p->w->sums.skipped++;
        s = empty(p);
    }
    if (s == TW_OK && p->c->compat)
        instants(p);
    return s == TW_OK && p->full ? tw_fail(p->cx, TW_ELIMIT, "the document is too large for the memory of this call")
                                 : s;
}

tw_status tw_config_apply(tw_ctx *cx, tw_buf *out, tw_config_work *w, tw_str document, const tw_config_opts *opts)
{
    tw_fhir_tree t = { 0 };
    pass p = { .cx = cx, .c = w->config, .w = w, .opts = opts, .t = &t };
    tw_status s = run(&p, document);
    if (s == TW_OK) {
        tw_fhir_tree_prune(&t);
        w->sums.documents++;
        w->sums.unknown += t.unknown;
        tw_fhir_tree_write(out, &t);
        s = tw_buf_check(cx, out, "the document");
    }
    tw_wipe(p.shift_secret, sizeof p.shift_secret);
    tw_wipe(p.encrypt_secret, sizeof p.encrypt_secret);
    tw_wipe(p.hash_secret, sizeof p.hash_secret);
    return s;
}

/* ---------------------------------------------------------------- accounts */

const char *tw_config_warning(const tw_config *c, size_t i)
{
    return i < c->warning_count ? c->warning[i] : NULL;
}

tw_config_work *tw_config_work_new(const tw_config *c)
{
    tw_config_work *w = tw_mem_alloc(sizeof *w);
    TW_ASSERT(w);
    w->config = c;
    w->acted = tw_mem_alloc((c->rule_count + 1) * sizeof *w->acted);
    TW_ASSERT(w->acted);
    w->index = tw_mem_alloc(2 * tw_fhir_schema_types(c->schema) * sizeof *w->index);
    TW_ASSERT(w->index);
    w->scratch = tw_arena_new(SCRATCH_MAX);
    return w;
}

void tw_config_work_free(tw_config_work *w)
{
    if (!w)
        return;
    tw_arena_free(w->scratch);
    tw_mem_free(w->index);
    tw_mem_free(w->acted);
    tw_mem_free(w);
}

void tw_config_work_merge(tw_config_work *into, const tw_config_work *from)
{
    TW_ASSERT(into->config == from->config);
    for (size_t i = 0; i < into->config->rule_count; i++)
        into->acted[i] += from->acted[i];
    into->sums.documents += from->sums.documents;
    into->sums.skipped += from->sums.skipped;
    into->sums.unknown += from->sums.unknown;
}

bool tw_config_row_at(const tw_config_work *w, size_t i, tw_config_row *out)
{
    if (i >= w->config->rule_count)
        return false;
    const config_rule *rule = &w->config->rule[i];
    *out = (tw_config_row){ .path = rule->path, .method = rule->method_name, .elements = w->acted[i] };
    return true;
}

void tw_config_listen(tw_config_work *w, const tw_doc_listener *listener)
{
    w->listener = listener ? *listener : (tw_doc_listener){ 0 };
}

tw_config_sums tw_config_sum(const tw_config_work *w)
{
    return w->sums;
}
