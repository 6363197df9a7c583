/* Disclosures of a wallet: in every release on the ledger each of its compartments is found, or its absence is shown by
 * the two neighbours of its tag in a strictly sorted leaf file whose root is the announced one. */
#include "release_internal.h"

typedef struct {
    tw_site *s;
    tw_wallet *w;
    tw_jw *j;
    uint64_t releases;
    uint64_t included;
    uint64_t absent;
} looker;

/* Position of a tag, or where it would stand. */
static size_t find_tag(tw_bytes leaves, const uint8_t tag[32])
{
    size_t lo = 0;
    size_t hi = leaves.n / TW_RELEASE_LEAF;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (memcmp(leaves.p + mid * TW_RELEASE_LEAF, tag, 32) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* How many keepers answered leaf `pos`, from the public sheets (signatures checked). */
static tw_status answered_by(tw_ctx *cx, unsigned *count, const looker *k, const char *dir, const tw_id *release,
                             size_t pos)
{
    tw_str *name;
    size_t n;
    char *sheets = tw_path(cx, dir, "sheets");
    *count = 0;
    if (!tw_path_exists(cx, sheets))
        return TW_OK;
    TW_TRY(tw_dir_list(cx, &name, &n, sheets));
    for (size_t i = 0; i < n; i++) {
        tw_bytes bytes;
        tw_sheet sheet;
        TW_TRY(tw_file_read(cx, &bytes, tw_path(cx, sheets, name[i].p), TW_MIB));
        TW_TRY(tw_sheet_open(cx, &sheet, bytes, NULL));
        const tw_party_state *keeper = tw_ledger_party(tw_site_state(k->s), &sheet.keeper);
        if (!keeper || !tw_id_eq(&sheet.release, release))
            return tw_fail(cx, TW_EVERIFY, "%s holds a sheet of somebody else", sheets);
        TW_TRY(tw_sheet_open(cx, &sheet, bytes, keeper->spec.ed25519));
        if (pos >= sheet.first && pos < sheet.first + sheet.codes.n)
            *count += sheet.codes.p[pos - sheet.first] == TW_LEAF_ANSWERED;
    }
    return TW_OK;
}

static tw_status write_hit(tw_ctx *cx, looker *k, const tw_wallet_entry *e, const char *dir, const tw_id *release,
                           size_t pos)
{
    unsigned answered;
    TW_TRY(answered_by(cx, &answered, k, dir, release, pos));
    tw_jw_object(k->j);
    tw_jw_kv(k->j, "compartment", tw_id_hex(cx, &e->comp));
    tw_jw_kv(k->j, "category", tw_str_of(tw_category_name((tw_category)e->record.body.category)));
    const tw_party_state *source = tw_ledger_party(tw_site_state(k->s), &e->record.body.source);
    tw_jw_kv(k->j, "source", source ? source->spec.url : tw_id_hex(cx, &e->record.body.source));
    tw_jw_kv_u64(k->j, "epoch", e->record.body.epoch);
    tw_jw_kv_u64(k->j, "leaf", pos);
    tw_jw_kv_u64(k->j, "keepers_answered", answered);
    tw_jw_object_end(k->j);
    return TW_OK;
}

static tw_status look_up(tw_ctx *cx, looker *k, tw_bytes leaves, const char *dir, const tw_id *release)
{
    for (size_t i = 0; i < tw_wallet_count(k->w); i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        const tw_wallet_entry *e = tw_wallet_at(k->w, i);
        tw_comp_keys keys;
        uint8_t tag[32];
        const tw_comp *c = &e->record.body;
        TW_TRY(tw_wallet_keys(cx, &keys, k->w, &c->source, (tw_category)c->category, c->epoch, c->generation));
        tw_release_tag(tag, keys.watch, release);
        tw_comp_keys_wipe(&keys);
        size_t pos = find_tag(leaves, tag);
        bool here = pos < leaves.n / TW_RELEASE_LEAF && memcmp(leaves.p + pos * TW_RELEASE_LEAF, tag, 32) == 0;
        if (here) {
            TW_TRY(write_hit(cx, k, e, dir, release, pos));
            k->included++;
        } else {
            k->absent++;
        }
        tw_arena_back(cx->arena, mark);
    }
    return TW_OK;
}

static void describe_release(tw_ctx *cx, looker *k, const tw_release_state *r, const tw_id *id)
{
    tw_project p;
    const tw_ledger *l = tw_site_state(k->s);
    const tw_project_state *project = tw_ledger_project(l, &r->project);
    const tw_party_state *grantee = tw_ledger_party(l, &r->grantee);
    tw_jw_kv(k->j, "release", tw_id_hex(cx, id));
    tw_jw_kv_u64(k->j, "log_index", r->idx);
    tw_jw_kv(k->j, "researcher", grantee ? grantee->spec.url : (tw_str){ NULL, 0 });
    tw_jw_kv(k->j, "project", tw_id_hex(cx, &r->project));
    if (project && tw_project_decode(cx, &p, project->body) == TW_OK) {
        tw_jw_key(k->j, "purpose");
        tw_purpose_to_json(cx, k->j, &p.purpose);
    }
    tw_jw_kv_u64(k->j, "leaves", r->leaves);
}

static tw_status look_at(void *arg, tw_ctx *cx, const tw_entry *e, const tw_op *op)
{
    looker *k = arg;
    tw_release_open_body b;
    tw_bytes leaves = { NULL, 0 };
    uint8_t root[32];
    if (e->code != TW_CODE_OK)
        return TW_OK;
    TW_TRY(tw_body_release_open_read(cx, &b, op->body));
    const tw_release_state *r = tw_ledger_release(tw_site_state(k->s), &b.release);
    TW_ASSERT(r != NULL);
    char *dir = tw_release_public_dir(cx, k->s, &b.release);
    k->releases++;
    tw_jw_object(k->j);
    describe_release(cx, k, r, &b.release);
    tw_status sorted = tw_file_read(cx, &leaves, tw_path(cx, dir, "leaves"), TW_LEAF_FILE_MAX);
    if (sorted == TW_OK)
        sorted = tw_release_root(cx, root, leaves);
    bool proved = sorted == TW_OK && memcmp(root, b.root, 32) == 0;
    tw_jw_key(k->j, "proved");
    tw_jw_bool(k->j,
               proved); /* false: the file is missing or not what was announced; keepers refuse such a release whole */
    tw_jw_key(k->j, "mine");
    tw_jw_array(k->j);
    tw_status s = proved ? look_up(cx, k, leaves, dir, &b.release) : TW_OK;
    tw_jw_array_end(k->j);
    tw_jw_object_end(k->j);
    return s;
}

tw_status tw_app_disclosures(tw_ctx *cx, tw_str *json, tw_site *s, const char *wallet)
{
    tw_buf b;
    tw_jw j;
    looker k = { .s = s, .j = &j };
    TW_TRY(tw_app_wallet_load(cx, &k.w, s, wallet, false));
    tw_buf_init(&b, 256 * TW_MIB);
    tw_jw_init(&j, &b, 0);
    tw_jw_object(&j);
    tw_jw_kv_u64(&j, "v", 1);
    tw_jw_kv(&j, "wallet", tw_str_of(wallet));
    tw_jw_kv_u64(&j, "compartments", tw_wallet_count(k.w));
    tw_jw_kv_u64(&j, "log_size", tw_ledger_size(tw_site_state(s)));
    tw_jw_key(&j, "releases");
    tw_jw_array(&j);
    tw_status st = tw_log_each(cx, s->log, 0, 1u << TW_ENTRY_RELEASE_OPEN, look_at, &k);
    if (st == TW_OK) {
        tw_jw_array_end(&j);
        tw_jw_kv_u64(&j, "included", k.included);
        tw_jw_kv_u64(&j, "absent", k.absent);
        tw_jw_object_end(&j);
        st = tw_buf_check(cx, &b, "disclosures");
    }
    if (st == TW_OK)
        *json = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    tw_wallet_free(k.w);
    return st;
}
