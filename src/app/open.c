/* Open: t answers a leaf give the day secret of each capsule; the secret opens its segments; records leave with project
 * ids. When fragments do not combine, keepers are asked for proofs and the liar is named. */
#include "open_internal.h"

typedef struct {
    tw_site *s;
    tw_party grantee;
    tw_project_keys keys;
    tw_answer_set set;
    tw_capsules capsules;
    tw_batch_index ix;
    tw_map *secrets; /* capsule hash 32 -> 32 bytes in the arena */
    tw_map *persons;
    tw_data_writer *writer;
    tw_open_report *report;
} opener;

static const tw_found_capsule *find_capsule(const opener *o, const tw_id *comp, const uint8_t hash[32])
{
    const tw_found_capsule *first;
    size_t n = tw_capsules_of(&o->capsules, &first, comp);
    for (size_t i = 0; i < n; i++)
        if (memcmp(first[i].hash, hash, 32) == 0)
            return &first[i];
    return NULL;
}

/* ---------------------------------------------------------------- capsules */

/* Fragments of capsule `at` of a leaf from the keepers in `use`. */
static tw_status combine(tw_ctx *cx, uint8_t secret[32], const opener *o, size_t leaf, size_t at,
                         const tw_found_capsule *c, const size_t *use, size_t t)
{
    const tw_leaf_item *item = &o->set.list.item[leaf];
    const tw_leaf_answers *a = &o->set.leaf[leaf];
    const tw_release_body *body = &o->set.body[leaf];
    bool directed = item->kind == TW_ANSWER_DIRECTED;
    uint8_t x[TW_SHARES_MAX];
    uint8_t f1[TW_SHARES_MAX * TW_POINT];
    uint8_t f2[TW_SHARES_MAX * TW_POINT];
    uint8_t d[TW_SCALAR];
    for (size_t i = 0; i < t; i++) {
        const uint8_t *f = a->fragments[use[i]] + at * (directed ? 2 : 1) * TW_POINT;
        x[i] = a->x[use[i]];
        memcpy(f1 + i * TW_POINT, f, TW_POINT);
        if (directed)
            memcpy(f2 + i * TW_POINT, f + TW_POINT, TW_POINT);
    }
    if (directed)
        TW_TRY(tw_tpre_shared(cx, d, o->keys.b, item->x, tw_id_bytes(&item->comp)));
    tw_fragments fr = {
        .kind = item->kind, .xs = x, .count = t, .f1 = f1, .f2 = directed ? f2 : NULL, .d = directed ? d : NULL
    };
    return tw_capsule_open(cx, secret, &body->record.body, &item->comp, c->day, c->capsule, c->wrap, &fr);
}

/* Ask one keeper to prove what it gave for this leaf. */
static bool proves(tw_ctx *cx, opener *o, size_t leaf, size_t who)
{
    tw_leaf_answers *a = &o->set.leaf[leaf];
    tw_leaf_list one = o->set.list;
    tw_bytes fields;
    tw_bytes reply;
    uint8_t rctx[76];
    const tw_release_body *body = &o->set.body[leaf];
    tw_found_capsule *caps = tw_arena_get(cx->arena, (body->capsule_count + 1) * sizeof *caps);
    for (size_t i = 0; i < body->capsule_count; i++) {
        const tw_found_capsule *c = find_capsule(o, &body->comp, body->capsules[i].capsule_hash);
        if (!c)
            return false;
        caps[i] = *c;
    }
    one.item[leaf].capsule = caps;
    one.item[leaf].capsule_count = body->capsule_count;
    if (tw_answer_fields(cx, &fields, &one, leaf, 1) != TW_OK ||
        tw_keeper_call(cx, &reply, o->s, a->x[who], tw_keeper_ask(cx, TW_KEEPER_PROVE, &o->grantee, fields)) != TW_OK)
        return false;
    tw_rd in = tw_rd_of(reply);
    tw_answer_kind kind = tw_rd_u8(&in) == 1 ? TW_ANSWER_CLASS : TW_ANSWER_DIRECTED;
    uint64_t log_size = tw_rd_u64(&in);
    uint8_t t = tw_rd_u8(&in);
    const uint8_t *commits = tw_rd_view(&in, (size_t)t * TW_POINT).p;
    memcpy(rctx, o->set.list.id.b, 32);
    tw_put_be32(rctx + 32, (uint32_t)leaf);
    tw_put_be64(rctx + 36, log_size);
    memcpy(rctx + 44, tw_ledger_keeper_set(tw_site_state(o->s))->party[a->x[who] - 1].b, 32);
    bool directed = kind == TW_ANSWER_DIRECTED;
    for (size_t i = 0; i < body->capsule_count && !in.bad; i++) {
        const uint8_t *f = a->fragments[who] + i * (directed ? 2 : 1) * TW_POINT;
        const uint8_t *p1 = tw_rd_view(&in, 64).p;
        const uint8_t *p2 = directed ? tw_rd_view(&in, 64).p : NULL;
        if (in.bad || !tw_fragment_proof_ok(cx, kind, &body->record.body, commits, a->x[who], caps[i].capsule, f,
                                            directed ? f + TW_POINT : NULL, p1, p2, TW_BYTES(rctx)))
            return false;
    }
    return !in.bad;
}

/* Marks keepers that cannot prove their fragments of this leaf; leaves the honest ones in *use. */
static size_t without_liars(tw_ctx *cx, opener *o, size_t leaf, size_t *use)
{
    size_t n = 0;
    for (size_t i = 0; i < o->set.leaf[leaf].count; i++) {
        if (proves(cx, o, leaf, i))
            use[n++] = i;
        else
            o->report->liars |= 1u << (o->set.leaf[leaf].x[i] - 1);
    }
    return n;
}

static tw_status open_capsule(tw_ctx *cx, opener *o, size_t leaf, size_t at)
{
    const tw_release_body *body = &o->set.body[leaf];
    size_t use[TW_SHARES_MAX];
    size_t t = body->record.body.t;
    size_t honest = 0;
    uint8_t secret[32];
    const tw_found_capsule *c = find_capsule(o, &body->comp, body->capsules[at].capsule_hash);
    if (!c) {
        o->report->failed_capsules++; /* erased from the vault meanwhile */
        return TW_OK;
    }
    for (size_t i = 0; i < o->set.leaf[leaf].count; i++) /* known liars last */
        if (!(o->report->liars & (1u << (o->set.leaf[leaf].x[i] - 1))))
            use[honest++] = i;
    tw_status s = honest >= t ? combine(cx, secret, o, leaf, at, c, use, t) : TW_ECRYPTO;
    if (s == TW_ECRYPTO) {
        honest = without_liars(cx, o, leaf, use);
        s = honest >= t ? combine(cx, secret, o, leaf, at, c, use, t) : TW_ECRYPTO;
    }
    if (s == TW_ECRYPTO) {
        o->report->failed_capsules++;
        return TW_OK;
    }
    TW_TRY(s);
    tw_bytes kept = tw_bytes_dup(cx->arena, TW_BYTES(secret));
    tw_wipe(secret, sizeof secret);
    o->report->capsules++;
    return tw_map_put(o->secrets, (tw_bytes){ c->hash, 32 }, (void *)(uintptr_t)kept.p)
               ? TW_OK
               : tw_fail(cx, TW_ELIMIT, "too many capsules");
}

static tw_status open_capsules(tw_ctx *cx, opener *o)
{
    size_t enough = 0;
    for (size_t leaf = 0; leaf < o->set.list.count; leaf++) {
        if (!o->set.list.item[leaf].body.n || o->set.leaf[leaf].count < o->set.body[leaf].record.body.t)
            continue;
        enough++;
        for (size_t i = 0; i < o->set.body[leaf].capsule_count; i++)
            TW_TRY(open_capsule(cx, o, leaf, i));
    }
    if (enough == 0)
        return tw_fail(cx, TW_EQUORUM, "no leaf has answers of as many keepers as its threshold asks");
    if (o->report->capsules == 0)
        return tw_fail(cx, TW_ECRYPTO, "no capsule opened: too many fragments are false");
    return TW_OK;
}

/* ---------------------------------------------------------------- segments */

static tw_str type_of(tw_ctx *cx, tw_str line)
{
    tw_json d;
    return tw_json_parse(cx, &d, line, NULL) == TW_OK ? tw_json_member_text(cx, &d, 0, "resourceType")
                                                      : (tw_str){ NULL, 0 };
}

static tw_status write_records(tw_ctx *cx, opener *o, tw_bytes ndjson)
{
    static int member;
    tw_str rest = tw_str_of_bytes(ndjson);
    tw_str line;
    while (tw_ndjson_next(&line, &rest)) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_buf b;
        tw_str person;
        if (line.n == 0)
            continue;
        tw_buf_init(&b, 128 * TW_MIB);
        tw_status s = tw_pseudonymise(cx, &b, &person, line, o->keys.project_key);
        if (s == TW_OK)
            s = tw_data_writer_add(cx, o->writer, type_of(cx, line), tw_buf_view(&b));
        tw_buf_done(&b);
        TW_TRY(s);
        if (!tw_map_put(o->persons, tw_bytes_of(person), &member))
            return tw_fail(cx, TW_ELIMIT, "too many persons");
        o->report->records++;
        tw_arena_back(cx->arena, mark);
    }
    return TW_OK;
}

static tw_status open_pack(tw_ctx *cx, opener *o, const char *vault, const tw_id *root)
{
    tw_pack *p;
    TW_TRY(tw_pack_open(cx, &p, vault, root->b));
    for (size_t i = 0; i < tw_pack_count(p); i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        const tw_pack_item *item = tw_pack_at(p, i);
        tw_bytes body;
        tw_bytes ndjson;
        const uint8_t *secret =
            item->leaf.kind == 2 ? tw_map_get(o->secrets, TW_BYTES(item->leaf.segment.capsule_hash)) : NULL;
        if (!secret)
            continue;
        tw_status s = tw_pack_object(cx, &body, p, i);
        if (s == TW_ENOTFOUND)
            continue;
        TW_TRY(s);
        TW_TRY(tw_segment_open(cx, &ndjson, secret, &item->leaf.segment, body));
        TW_TRY(write_records(cx, o, ndjson));
        o->report->segments++;
        tw_arena_back(cx->arena, mark);
    }
    return TW_OK;
}

/* Packs in the order of the log, so that of two versions of a record the later one comes later. */
static tw_status open_packs(tw_ctx *cx, opener *o)
{
    tw_id *root;
    size_t count;
    char *vault = tw_site_path(cx, o->s, TW_VAULT_DIR);
    TW_TRY(tw_vault_list(cx, &root, &count, vault));
    uint64_t *idx = tw_arena_get(cx->arena, (count + 1) * sizeof *idx);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t at;
        if (!tw_batch_index_find(&o->ix, root[i].b, &at))
            continue;
        size_t j = n++;
        tw_id r = root[i];
        for (; j > 0 && idx[j - 1] > at; j--) {
            idx[j] = idx[j - 1];
            root[j] = root[j - 1];
        }
        idx[j] = at;
        root[j] = r;
    }
    for (size_t i = 0; i < n; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        TW_TRY(open_pack(cx, o, vault, &root[i]));
        tw_arena_back(cx->arena, mark);
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- the whole */

static tw_status prepare(tw_ctx *cx, opener *o, const char *grantee, const tw_id *release, const char **dir)
{
    TW_TRY(tw_party_load(cx, &o->grantee, o->s, TW_ROLE_GRANTEE, grantee));
    *dir = tw_release_dir(cx, o->s, o->grantee.name, release);
    TW_TRY(tw_answer_set_load(cx, &o->set, *dir, release));
    TW_TRY(tw_project_keys_load(cx, &o->keys, o->s, o->grantee.name, &o->set.list.project));
    TW_TRY(tw_answers_read(cx, &o->set, o->s, *dir, &o->keys));
    TW_TRY(tw_batch_index_scan(cx, &o->ix, o->s->log));
    return tw_capsules_find(cx, &o->capsules, o->s, &o->ix);
}

static tw_status run(tw_ctx *cx, opener *o, const char *grantee, const tw_id *release)
{
    const char *dir;
    TW_TRY(prepare(cx, o, grantee, release, &dir));
    TW_TRY(open_capsules(cx, o));
    char *data = tw_path(cx, dir, "data");
    snprintf(o->report->data_dir, sizeof o->report->data_dir, "%s", data);
    TW_TRY(tw_data_writer_new(cx, &o->writer, data));
    TW_TRY(open_packs(cx, o));
    o->report->persons = tw_map_count(o->persons);
    const tw_release_state *r = tw_ledger_release(tw_site_state(o->s), release);
    return tw_data_writer_end(cx, o->report->manifest_hash, o->writer, release, r ? r->idx : 0, o->report->persons);
}

tw_status tw_app_open(tw_ctx *cx, tw_open_report *out, tw_site *s, const char *grantee, const tw_id *release)
{
    opener o = { .s = s, .report = out };
    *out = (tw_open_report){ .persons = 0 };
    o.secrets = tw_map_new(10000000);
    o.persons = tw_map_new(10000000);
    tw_status st = run(cx, &o, grantee, release);
    tw_data_writer_free(o.writer);
    tw_map_free(o.secrets);
    tw_map_free(o.persons);
    tw_batch_index_done(&o.ix);
    tw_wipe(&o.keys, sizeof o.keys);
    tw_wipe(&o.grantee, sizeof o.grantee);
    return st;
}
