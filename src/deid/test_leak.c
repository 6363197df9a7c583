/* Nothing that is planted gets through.
 *
 * 1. Every element of R4: for each resource type one resource with all its members, down to the leaves, in two forms:
 * hostile (a planted text in every place, also where a code or number is due) and plausible (codes, systems, units and
 * references that pass, with planted text beside them). Types that are no patient records must be refused by the gate;
 * as whole documents all types pass, and nothing planted with them.
 * 2. Real bundles (TWINWARD_DATA): no listed identifier of a person or an organisation in any record or document, nor
 * in the texts of a document. */
#include "test.h"

#include "text_test.h"

#include "deid/deid_internal.h"

#define MARK "Leak"
#define DATE "1957-11-23"
#define LONG_NUMBER "8005550199"
#define DEPTH_MAX 7
#define TIMES_MAX 3 /* a datatype has one set of rules wherever it stands: a few of each are enough in one resource */

typedef struct {
    const tw_r4 *t;
    tw_jw *w;
    bool hostile;
    bool *planted;                   /* a member */
    uint32_t on_path[DEPTH_MAX + 2]; /* nodes being written: no type inside itself */
    uint8_t *times;                  /* a node: how often it stands in this resource */
    uint32_t serial;
} planter;

static void plant_members(planter *p, uint32_t node, uint32_t depth);

static void mark(planter *p)
{
    uint32_t n = p->serial++;
    tw_jw_str(p->w, tw_strf(cx->arena, n % 4 == 0 ? MARK " %u<b>\"x\"</b>" : MARK "%u", n));
}

static void plant_code(planter *p, const tw_r4_member *m)
{
    if (p->hostile || m->codes == UINT32_MAX)
        tw_jw_str(p->w, tw_strf(cx->arena, MARK "%u", p->serial++));
    else
        tw_jw_str(p->w, p->t->codes[m->codes].code[0]);
}

static void plant_leaf(planter *p, const tw_r4_member *m)
{
    bool number = m->prim == TW_PRIM_INTEGER || m->prim == TW_PRIM_POSITIVE || m->prim == TW_PRIM_UNSIGNED ||
                  m->prim == TW_PRIM_DECIMAL;
    if (m->prim == TW_PRIM_CODE)
        plant_code(p, m);
    else if (number)
        tw_jw_raw(p->w, p->hostile ? TW_STR(LONG_NUMBER) : TW_STR("7"));
    else if (m->prim == TW_PRIM_BOOLEAN && !p->hostile)
        tw_jw_bool(p->w, true);
    else if (m->prim == TW_PRIM_DATE || m->prim == TW_PRIM_DATETIME)
        tw_jw_cstr(p->w, DATE);
    else if (m->prim == TW_PRIM_INSTANT)
        tw_jw_cstr(p->w, DATE "T11:22:33.444+05:00");
    else if (m->prim == TW_PRIM_TIME && !p->hostile)
        tw_jw_cstr(p->w, "11:22:33");
    else
        mark(p);
}

/* Objects whose parts must agree to pass. */
static bool plant_agreeing(planter *p, const tw_r4_member *m)
{
    static const char *const texts[][2] = {
        { "Coding", "{\"system\":\"http://"
                    "loinc.org\",\"version\":\"Leak\",\"code\":\"2857-1\",\"display\":\"Leak\",\"id\":\"Leak\"}" },
        { "Quantity", "{\"value\":1.50,\"unit\":\"Leak\",\"system\":\"http://"
                      "unitsofmeasure.org\",\"code\":\"mg\",\"id\":\"Leak\"}" },
        { "Age", "{\"value\":91,\"unit\":\"Leak\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"a\"}" },
        { "Duration", "{\"value\":2,\"unit\":\"Leak\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"d\"}" },
        { "Reference",
          "{\"reference\":\"Patient/p1\",\"display\":\"Leak\",\"identifier\":{\"value\":\"Leak\"},\"type\":\"Leak\"}" },
        { "Money", "{\"value\":12.5,\"currency\":\"EUR\",\"id\":\"Leak\"}" },
        { "Extension", "{\"url\":\"http://hl7.org/fhir/us/core/StructureDefinition/"
                       "us-core-birthsex\",\"valueCode\":\"F\",\"valueString\":\"Leak\"}" },
    };
    for (size_t i = 0; !p->hostile && i < TW_COUNT(texts); i++) {
        if (tw_str_is(m->type, texts[i][0])) {
            tw_jw_raw(p->w, tw_str_of(texts[i][1]));
            return true;
        }
    }
    return false;
}

static bool nests(const planter *p, uint32_t node, uint32_t depth)
{
    for (uint32_t i = 0; i < depth; i++)
        if (p->on_path[i] == node)
            return true;
    return depth >= DEPTH_MAX;
}

static bool plant_value(planter *p, const tw_r4_member *m, uint32_t depth)
{
    if (m->prim != TW_PRIM_NONE) {
        plant_leaf(p, m);
        return true;
    }
    if (plant_agreeing(p, m))
        return true;
    if (m->node == TW_R4_NONE) { /* a contained resource */
        tw_jw_raw(
            p->w,
            TW_STR(
                "{\"resourceType\":\"Patient\",\"id\":\"Leak\",\"name\":[{\"family\":\"Leak\"}],\"gender\":\"male\"}"));
        return true;
    }
    tw_jw_object(p->w);
    plant_members(p, m->node, depth + 1);
    tw_jw_object_end(p->w);
    return true;
}

/* Says whose record it is: else the gate refuses all of it. */
static bool plant_subject(planter *p, const tw_r4_member *m)
{
    if (!m->subject)
        return false;
    tw_jw_raw(p->w, TW_STR("{\"reference\":\"Patient/p1\",\"display\":\"Leak\"}"));
    return true;
}

static void plant_member(planter *p, const tw_r4_member *m, uint32_t depth)
{
    bool complex = m->prim == TW_PRIM_NONE && m->node != TW_R4_NONE;
    if (complex && (nests(p, m->node, depth) || (p->times[m->node] >= TIMES_MAX && p->planted[m - p->t->member])))
        return;
    if (complex && p->times[m->node] < TIMES_MAX)
        p->times[m->node]++;
    p->planted[m - p->t->member] = true;
    tw_jw_key_str(p->w, m->name);
    if (m->many)
        tw_jw_array(p->w);
    if (!plant_subject(p, m))
        plant_value(p, m, depth);
    if (m->many)
        tw_jw_array_end(p->w);
    if (m->prim != TW_PRIM_NONE && !m->many) {
        tw_jw_key_str(p->w, tw_strf(cx->arena, "_" TW_FMT, TW_ARG(m->name)));
        tw_jw_raw(p->w, TW_STR("{\"id\":\"Leak\",\"extension\":[{\"url\":\"http://Leak\",\"valueString\":\"Leak\"}]}"));
    }
}

static void plant_members(planter *p, uint32_t node, uint32_t depth)
{
    const tw_r4_node *n = &p->t->node[node];
    p->on_path[depth] = node;
    for (uint32_t i = n->first; i < n->first + n->count; i++) {
        const tw_r4_member *m = &p->t->member[i];
        bool modifier = tw_str_is(m->name, "modifierExtension"); /* refuses the whole: a test of its own */
        if (modifier)
            p->planted[i] = true;
        else if (!(n->resource && tw_str_is(m->name, "id")))
            plant_member(p, m, depth);
    }
    tw_jw_kv(p->w, "memberOfNobody", TW_STR(MARK));
}

static bool holds(tw_str text, const char *needle)
{
    return tw_str_find(text, tw_str_of(needle)) != SIZE_MAX;
}

static void no_leak(tw_str line, tw_str type)
{
    static const char *const planted[] = { MARK,         "leak",   DATE,     "11-23", LONG_NUMBER,
                                           "11:22:33.4", "+05:00", "\"91\"", ":91" };
    tw_json d;
    assert_ok(tw_json_parse(cx, &d, line, NULL));
    for (size_t i = 0; i < TW_COUNT(planted); i++)
        if (holds(line, planted[i]))
            fail_msg("%s got through in " TW_FMT ": " TW_FMT, planted[i], TW_ARG(type), TW_ARG(line));
}

static const uint8_t id_key[32] = { 7 };

static tw_status gate(tw_deid **out, const tw_json *d, uint32_t resource, tw_str self, const tw_profile *p,
                      const tw_refbook *book)
{
    tw_phi_parts parts = { .doc = d, .resource = resource, .patient = self };
    tw_gate_opts opts = { .profile = p, .refs = book, .id_key = id_key, .shift_weeks = 11, .handle = { 0xab } };
    opts.reference_day = tw_days_from_civil(2026, 1, 1);
    return tw_deid_gate(cx, out, NULL, NULL, tw_phi_make(cx, &parts), &opts);
}

/* The same as a document: every type passes. Returns bytes. */
static size_t as_document(tw_str json, tw_doc_work *work, tw_str type)
{
    tw_buf out;
    tw_buf_init(&out, 64 * TW_MIB);
    assert_ok(tw_deid_fhir(cx, &out, work, json));
    no_leak(tw_str_of_bytes(tw_buf_view(&out)), type);
    size_t n = out.n;
    tw_buf_done(&out);
    return n;
}

/* Returns bytes of the record, 0 when the type is refused. */
static size_t plant_resource(planter *p, uint32_t node, const tw_profile *profile, tw_doc_work *work, size_t *doc_bytes)
{
    tw_buf b;
    tw_jw w;
    tw_json d;
    tw_deid *out = NULL;
    tw_str type = p->t->node[node].path;
    tw_buf_init(&b, 64 * TW_MIB);
    tw_jw_init(&w, &b, 0);
    p->w = &w;
    tw_jw_object(&w);
    tw_jw_kv(&w, "resourceType", type);
    tw_jw_kv(&w, "id", tw_str_is(type, "Patient") ? TW_STR("p1") : TW_STR("Leak-1"));
    plant_members(p, node, 0);
    tw_jw_object_end(&w);
    assert_ok(tw_buf_check(cx, &b, "planted resource"));
    assert_ok(tw_json_parse(cx, &d, tw_str_of_bytes(tw_buf_view(&b)), NULL));
    *doc_bytes += as_document(tw_str_of_bytes(tw_buf_view(&b)), work, type);
    tw_status s = gate(&out, &d, 0, TW_STR("p1"), profile, NULL);
    size_t n = 0;
    if (s == TW_OK) {
        n = tw_deid_line(out).n;
        no_leak(tw_str_of_bytes(tw_deid_line(out)), type);
    } else {
        assert_status(TW_EREFUSED, s);
        assert_false(holds(tw_str_of(cx->err.msg), MARK));
    }
    tw_buf_done(&b);
    return n;
}

static size_t plant_all(const char *profile_name, bool hostile, bool *planted_out, size_t *passed, size_t *refused,
                        size_t *doc_bytes)
{
    tw_profile *profile = NULL;
    tw_doc_work *work = NULL;
    assert_ok(tw_profile_builtin(cx, &profile, tw_str_of(profile_name)));
    tw_doc_opts opts = { .profile = profile, .key = id_key, .reference_day = tw_days_from_civil(2026, 1, 1) };
    assert_ok(tw_doc_work_new(cx, &work, &opts));
    const tw_r4 *t = &profile->table;
    planter p = { .t = t, .hostile = hostile };
    p.planted = tw_arena_get(cx->arena, t->member_count);
    p.times = tw_arena_get(cx->arena, t->node_count);
    *passed = *refused = 0;
    size_t bytes = 0;
    for (uint32_t i = 0; i < t->node_count; i++) {
        if (!t->node[i].resource)
            continue;
        tw_mark m = tw_arena_mark(cx->arena);
        memset(p.times, 0, t->node_count);
        size_t n = plant_resource(&p, i, profile, work, doc_bytes);
        bytes += n;
        if (n)
            ++*passed;
        else
            ++*refused;
        tw_arena_back(cx->arena, m);
    }
    memcpy(planted_out, p.planted, t->member_count);
    tw_doc_work_free(work);
    tw_profile_free(profile);
    return bytes;
}

TEST(leak__nothing_planted_in_any_element_gets_through)
{
    static bool planted[2][40000];
    for (size_t i = 0; tw_profile_builtin_name(i); i++) {
        for (int hostile = 0; hostile < 2; hostile++) {
            size_t passed = 0, refused = 0, documents = 0;
            const char *name = tw_profile_builtin_name(i);
            size_t bytes = plant_all(name, hostile, planted[hostile], &passed, &refused, &documents);
            print_message("# %s, %s: %zu bytes of records, %zu of documents\n", name, hostile ? "hostile" : "plausible",
                          bytes, documents);
            assert_true(hostile || bytes > 50000); /* the plausible form must pass where it may */
            assert_int_equal(50, passed);          /* the rows of categories.c */
            assert_int_equal(99, refused);
        }
    }
    /* Every row of the table was planted, save types that stand in no resource. */
    tw_r4 t;
    size_t rows = 0, unreached = 0, complex = 0;
    tw_r4_init(&t);
    for (uint32_t i = 0; i < t.node_count; i++) {
        bool any = false, top_id = t.node[i].resource;
        for (uint32_t k = t.node[i].first; k < t.node[i].first + t.node[i].count; k++)
            any |= planted[1][k];
        for (uint32_t k = t.node[i].first; k < t.node[i].first + t.node[i].count; k++) {
            bool own_id = top_id && tw_str_is(t.member[k].name, "id");
            complex += t.member[k].prim == TW_PRIM_NONE;
            if (planted[1][k] || own_id)
                rows++;
            else if (any && t.member[k].prim != TW_PRIM_NONE)
                fail_msg("not planted: " TW_FMT, TW_ARG(t.member[k].path));
            else
                unreached++;
        }
    }
    print_message(
        "# planted %zu of %u members, of which %zu have text in their parts alone; %zu in types of no resource "
        "or inside themselves\n",
        rows, t.member_count, complex, unreached);
    assert_true(rows * 100 >= (size_t)t.member_count * 98);
    tw_r4_done(&t);
}

/* ---------------------------------------------------------------- real bundles */

static const char *const bundles[] = {
    "Brady_Ryan_7894d4f6-f716-a720-28f5-6dcb5ee78af1",
    "Doug_Hessel_679850d9-258b-32e4-3704-5b05b63afe2a",
    "Mack_Pagac_efac0983-426b-d2a7-c55c-cfd788fcf396",
    "Natalie_Latosha_Herman_76f3ff0a-d369-f389-239a-b56cae477449",
    "Shaunda_Crysta_Weissnat_61373b61-2a9e-8c7d-5176-fd27cb5de830",
    "Woodrow_Armstrong_15f632ab-863c-145f-e5ae-efd8648c5bfc",
    "Zachery_Runolfsson_cebd9dbe-0c29-7fbf-6a8a-678c4841a6ac",
};

typedef struct {
    tw_str *item;
    size_t count, cap;
} list;

static void add(list *l, tw_str s)
{
    s = tw_str_trim(s);
    if (s.n < 3)
        return;
    if (l->count == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 1024;
        tw_str *more = tw_arena_get(cx->arena, cap * sizeof *more);
        if (l->count)
            memcpy(more, l->item, l->count * sizeof *more);
        l->item = more;
        l->cap = cap;
    }
    l->item[l->count++] = s;
}

/* Fields of one CSV line; Synthea quotes none. */
static size_t fields(tw_str *out, size_t max, tw_str line)
{
    size_t n = 0;
    while (n < max && tw_str_split(&out[n], &line, ','))
        n++;
    return n;
}

static void add_columns(list *l, const char *path, const char *wanted)
{
    tw_str rest = tw_test_read(path), line, head[64], value[64];
    assert_true(tw_ndjson_next(&line, &rest));
    size_t columns = fields(head, 64, line), found = 0;
    while (tw_ndjson_next(&line, &rest)) {
        size_t n = fields(value, 64, line);
        for (size_t i = 0; i < n && i < columns; i++) {
            tw_str name, names = tw_str_of(wanted);
            while (tw_str_split(&name, &names, ' '))
                if (tw_str_eq(name, head[i])) {
                    add(l, value[i]);
                    found++;
                }
        }
    }
    assert_true(found > 0);
}

static void add_identifiers(list *l, const tw_json *d)
{
    for (uint32_t i = 0; i < d->n; i++) {
        if (!d->tok[i].is_key || !tw_json_is(d, i, "identifier"))
            continue;
        uint32_t v = i + 1;
        if (d->tok[v].type == TW_JSON_OBJECT)
            add(l, tw_json_member_text(cx, d, v, "value"));
        for (uint32_t k = tw_json_first(d, v); d->tok[v].type == TW_JSON_ARRAY && k != TW_JSON_NONE;
             k = tw_json_next(d, v, k))
            add(l, tw_json_member_text(cx, d, k, "value"));
    }
}

static bool word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* 8 bytes and more anywhere; shorter ones at word boundaries. */
static bool stands_at(tw_str text, size_t at, tw_str s)
{
    if (text.n - at < s.n || memcmp(text.p + at, s.p, s.n) != 0)
        return false;
    bool left = at == 0 || !word_char(text.p[at - 1]), right = at + s.n == text.n || !word_char(text.p[at + s.n]);
    return s.n >= 8 || (left && right);
}

/* One pass over the text: needles hang in chains by their first two bytes. */
static const tw_str *first_found(tw_str text, const list *l)
{
    uint32_t *head = tw_arena_get(cx->arena, 65536 * sizeof *head),
             *next = tw_arena_get(cx->arena, (l->count + 1) * sizeof *next);
    for (uint32_t i = 0; i < l->count; i++) {
        uint16_t key = tw_be16((const uint8_t *)l->item[i].p);
        next[i] = head[key];
        head[key] = i + 1;
    }
    for (size_t at = 0; at + 2 <= text.n; at++)
        for (uint32_t i = head[tw_be16((const uint8_t *)text.p + at)]; i; i = next[i - 1])
            if (stands_at(text, at, l->item[i - 1]))
                return &l->item[i - 1];
    return NULL;
}

static bool is_hex_run(tw_str s, size_t at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (at + i >= s.n || !strchr("0123456789abcdef", s.p[at + i]))
            return false;
    return true;
}

/* 8-4-4-4-12: every id of these bundles has this form. */
static bool has_uuid(tw_str s)
{
    for (size_t i = 0; i + 36 <= s.n; i++)
        if (s.p[i + 8] == '-' && s.p[i + 13] == '-' && is_hex_run(s, i, 8) && is_hex_run(s, i + 9, 4))
            return true;
    return false;
}

typedef struct {
    size_t records, refused, codings, quantities, codings_in, quantities_in;
} tally;

static void count_values(const tw_json *d, uint32_t root, size_t *codings, size_t *quantities)
{
    for (uint32_t i = root; i < d->tok[root].next; i++) {
        if (d->tok[i].is_key &&
            (tw_json_is(d, i, "meta") || tw_json_is(d, i, "identifier") || tw_json_is(d, i, "contained"))) {
            i = d->tok[i].next -
                1; /* tags, numbers of the source, and what belongs to other categories are no values */
            continue;
        }
        *codings += d->tok[i].is_key && tw_json_is(d, i, "code") && d->tok[i + 1].type == TW_JSON_STRING;
        *quantities += d->tok[i].is_key && tw_json_is(d, i, "valueQuantity");
    }
}

static void gate_bundle(tally *n, tw_buf *out, list *ids, const char *name, const tw_profile *p)
{
    tw_json d, back;
    tw_str text = tw_test_read(tw_strf(cx->arena, "sources/fhir/%s.json", name).p);
    assert_ok(tw_json_parse(cx, &d, text, NULL));
    tw_refbook *book = tw_refbook_new(100000);
    assert_ok(tw_refbook_bundle(cx, book, &d));
    add_identifiers(ids, &d);
    tw_str self = tw_str_of(name);
    self = (tw_str){ self.p + self.n - 36, 36 };
    uint32_t entries = tw_json_get(&d, 0, "entry");
    for (uint32_t e = tw_json_first(&d, entries); e != TW_JSON_NONE; e = tw_json_next(&d, entries, e)) {
        tw_deid *record = NULL;
        uint32_t resource = tw_json_get(&d, e, "resource");
        tw_status s = gate(&record, &d, resource, self, p, book);
        if (s != TW_OK) {
            assert_status(TW_EREFUSED, s);
            n->refused++;
            continue;
        }
        tw_str line = tw_str_of_bytes(tw_deid_line(record));
        assert_ok(tw_json_parse(cx, &back, line, NULL));
        count_values(&d, resource, &n->codings_in, &n->quantities_in);
        count_values(&back, 0, &n->codings, &n->quantities);
        tw_buf_str(out, line);
        tw_buf_u8(out, '\n');
        n->records++;
    }
    tw_refbook_free(book);
}

static void check_bundles(const char *profile_name)
{
    tw_profile *p = NULL;
    tw_buf out;
    list ids = { .count = 0 };
    tally n = { .records = 0 };
    assert_ok(tw_profile_builtin(cx, &p, tw_str_of(profile_name)));
    tw_buf_init(&out, 64 * TW_MIB);
    add_columns(&ids, "sources/csv/patients.csv",
                "BIRTHDATE SSN DRIVERS PASSPORT FIRST MIDDLE LAST MAIDEN BIRTHPLACE ADDRESS CITY COUNTY ZIP LAT LON");
    add_columns(&ids, "sources/csv/providers.csv", "Id NAME ADDRESS");
    add_columns(&ids, "sources/csv/organizations.csv", "Id NAME ADDRESS PHONE");
    for (size_t i = 0; i < TW_COUNT(bundles); i++)
        gate_bundle(&n, &out, &ids, bundles[i], p);
    tw_str text = tw_str_of_bytes(tw_buf_view(&out));
    assert_false(out.failed);
    assert_false(has_uuid(text));
    const tw_str *leak = first_found(text, &ids);
    if (leak)
        fail_msg("an identifier got through (%s): " TW_FMT, profile_name, TW_ARG(*leak));
    print_message(
        "# %s: %zu records, %zu refused, %zu identifiers looked for, %zu of %zu codes and %zu of %zu quantities kept\n",
        profile_name, n.records, n.refused, ids.count, n.codings, n.codings_in, n.quantities, n.quantities_in);
    assert_int_equal(1706, n.records + n.refused);
    assert_int_equal(0, n.refused);
    assert_true(n.quantities_in > 300 && n.quantities == n.quantities_in);
    assert_true(n.codings * 100 >= n.codings_in * 95);
    tw_buf_done(&out);
    tw_profile_free(p);
}

/* Ids of all records, and the UUIDs of fullUrls. */
static void add_ids(list *l, const tw_json *d)
{
    uint32_t entries = tw_json_get(d, 0, "entry");
    for (uint32_t e = tw_json_first(d, entries); e != TW_JSON_NONE; e = tw_json_next(d, entries, e)) {
        tw_str url = tw_json_member_text(cx, d, e, "fullUrl");
        add(l, tw_json_member_text(cx, d, tw_json_get(d, e, "resource"), "id"));
        if (tw_str_starts(url, "urn:uuid:"))
            add(l, (tw_str){ url.p + 9, url.n - 9 });
    }
}

/* Texts of attachments behind what is in `out`, so that they are looked at too. Returns how many. */
static size_t open_attachments(tw_buf *out, const tw_json *d)
{
    size_t n = 0;
    for (uint32_t i = 0; i < d->n; i++) {
        tw_bytes text;
        if (!d->tok[i].is_key || !tw_json_is(d, i, "data") || d->tok[i + 1].type != TW_JSON_STRING)
            continue;
        assert_true(tw_unbase64(cx->arena, &text, tw_json_text(cx, d, i + 1)));
        tw_buf_str(out, tw_str_of_bytes(text));
        n++;
    }
    return n;
}

/* Whole Bundles through tw_deid_fhir: nothing listed, every code and quantity. Names of hospitals and clinicians are
 * identifiers here too. */
static void check_documents(const char *profile_name, const tw_text_model *model)
{
    static const char *const others[] = { "hospitalInformation1735689600000", "practitionerInformation1735689600000" };
    tw_profile *p = NULL;
    tw_doc_work *work = NULL;
    list ids = { .count = 0 };
    tally n = { .records = 0 };
    tw_buf out;
    size_t notes = 0;
    assert_ok(tw_profile_builtin(cx, &p, tw_str_of(profile_name)));
    tw_doc_opts opts = { .profile = p, .text = model, .key = id_key, .text_strict = true };
    opts.reference_day = tw_days_from_civil(2026, 1, 1);
    assert_ok(tw_doc_work_new(cx, &work, &opts));
    tw_buf_init(&out, 128 * TW_MIB);
    add_columns(&ids, "sources/csv/patients.csv",
                "BIRTHDATE SSN DRIVERS PASSPORT FIRST MIDDLE LAST MAIDEN BIRTHPLACE ADDRESS CITY COUNTY ZIP LAT LON");
    add_columns(&ids, "sources/csv/providers.csv", "Id NAME ADDRESS");
    add_columns(&ids, "sources/csv/organizations.csv", "Id NAME ADDRESS PHONE");
    for (size_t i = 0; i < TW_COUNT(bundles) + TW_COUNT(others); i++) {
        const char *name = i < TW_COUNT(bundles) ? bundles[i] : others[i - TW_COUNT(bundles)];
        tw_json d, back;
        tw_str text = tw_test_read(tw_strf(cx->arena, "sources/fhir/%s.json", name).p);
        size_t before = out.n;
        assert_ok(tw_json_parse(cx, &d, text, NULL));
        add_identifiers(&ids, &d);
        assert_ok(tw_deid_fhir(cx, &out, work, text));
        assert_ok(tw_json_parse(cx, &back, (tw_str){ (const char *)out.p + before, out.n - before }, NULL));
        count_values(&d, 0, &n.codings_in, &n.quantities_in);
        count_values(&back, 0, &n.codings, &n.quantities);
        add_ids(&ids, &d);
        notes += open_attachments(&out, &back);
        n.records += d.tok[tw_json_get(&d, 0, "entry")].count;
        assert_int_equal(d.tok[tw_json_get(&d, 0, "entry")].count, back.tok[tw_json_get(&back, 0, "entry")].count);
    }
    tw_str text = tw_str_of_bytes(tw_buf_view(&out));
    const tw_str *leak = first_found(text, &ids);
    if (leak)
        fail_msg("an identifier got through (%s): " TW_FMT, profile_name, TW_ARG(*leak));
    print_message("# %s, documents%s: %zu entries, %zu notes, %zu identifiers looked for, %zu of %zu codes and %zu of "
                  "%zu quantities kept\n",
                  profile_name, model ? " with text" : "", n.records, notes, ids.count, n.codings, n.codings_in,
                  n.quantities, n.quantities_in);
    assert_true(model ? notes > 100 : notes == 0);
    assert_int_equal(n.quantities_in, n.quantities);
    assert_true(n.codings * 100 >= n.codings_in * 95);
    tw_buf_done(&out);
    tw_doc_work_free(work);
    tw_profile_free(p);
}

TEST(leak__no_identifier_of_real_bundles_as_documents)
{
    SKIP_WITHOUT_DATA();
    for (size_t i = 0; tw_profile_builtin_name(i); i++)
        check_documents(tw_profile_builtin_name(i), NULL);
}

/* Notes, displays and other texts with them: what the Bundle itself says of persons, and patterns, find all of it; the
 * model of this test has a few words and no weights. */
TEST(leak__no_identifier_of_real_bundles_in_their_text)
{
    SKIP_WITHOUT_DATA();
    tw_text_model *model = NULL;
    tw_bytes file = text_test_model(cx, 0.5, text_test_english, TW_COUNT(text_test_english), NULL, 0);
    assert_ok(tw_text_model_parse(cx, &model, file));
    for (size_t i = 0; tw_profile_builtin_name(i); i++)
        check_documents(tw_profile_builtin_name(i), model);
    tw_text_model_free(model);
}

TEST(leak__no_identifier_of_real_bundles_under_twin)
{
    SKIP_WITHOUT_DATA();
    check_bundles("twin");
}

TEST(leak__no_identifier_of_real_bundles_under_safe_harbor)
{
    SKIP_WITHOUT_DATA();
    check_bundles("hipaa-safe-harbor");
}

static size_t doses_in(const tw_json *d, uint32_t root)
{
    static const char *const names[] = { "volume", "totalDose", "totalDoseDelivered", "fractionDose",
                                         "fractionsDelivered" };
    size_t n = 0;
    for (uint32_t i = root; i < d->tok[root].next; i++)
        for (size_t k = 0; d->tok[i].is_key && tw_json_is(d, i, "url") && k < TW_COUNT(names); k++)
            n += tw_json_is(d, i + 1, names[k]);
    return n;
}

static tw_str patient_of(const tw_json *d)
{
    uint32_t entries = tw_json_get(d, 0, "entry");
    for (uint32_t e = tw_json_first(d, entries); e != TW_JSON_NONE; e = tw_json_next(d, entries, e)) {
        uint32_t resource = tw_json_get(d, e, "resource");
        if (tw_json_is(d, tw_json_get(d, resource, "resourceType"), "Patient"))
            return tw_json_member_text(cx, d, resource, "id");
    }
    return TW_STR("none");
}

static void count_doses(size_t *in, size_t *out, const char *path, const tw_profile *p)
{
    tw_json d, back;
    assert_ok(tw_json_parse(cx, &d, tw_test_read(path), NULL));
    tw_refbook *book = tw_refbook_new(1000);
    assert_ok(tw_refbook_bundle(cx, book, &d));
    tw_str self = patient_of(&d);
    uint32_t entries = tw_json_get(&d, 0, "entry");
    for (uint32_t e = tw_json_first(&d, entries); e != TW_JSON_NONE; e = tw_json_next(&d, entries, e)) {
        tw_deid *record = NULL;
        uint32_t resource = tw_json_get(&d, e, "resource");
        if (gate(&record, &d, resource, self, p, book) != TW_OK)
            continue;
        assert_ok(tw_json_parse(cx, &back, tw_str_of_bytes(tw_deid_line(record)), NULL));
        *in += doses_in(&d, resource);
        *out += doses_in(&back, 0);
    }
    tw_refbook_free(book);
}

/* What the twin needs of radiotherapy: doses and fractions come through, with the volumes they belong to. */
TEST(values__every_dose_of_radiotherapy_bundles_is_kept)
{
    SKIP_WITHOUT_DATA();
    static const char *const files[] = {
        "codexrt-patient-5",
        "codexrt-patient-6",
        "codexrt-patient-xrts-01-22b",
        "codexrt-patient-xrts-02-22b",
        "codexrt-patient-xrts-04-22b",
        "codexrt-patient-xrts-06-22b",
        "mcode-cancer-patient-jenny-m",
    };
    tw_profile *p = NULL;
    size_t in = 0, out = 0;
    assert_ok(tw_profile_builtin(cx, &p, TW_STR("twin")));
    for (size_t i = 0; i < TW_COUNT(files); i++)
        count_doses(&in, &out, tw_strf(cx->arena, "mcode/%s.bundle.json", files[i]).p, p);
    print_message("# %zu of %zu dose values kept\n", out, in);
    assert_true(in > 200);
    assert_int_equal(in, out);
    tw_profile_free(p);
}
