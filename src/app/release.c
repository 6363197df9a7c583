/* A release: candidates, leaf file, announcement on the ledger, answers of keepers, close. What a grantee keeps is
 * written as it comes, so that `open` and `audit` work from the folder. */
#include "release_internal.h"

#define WINDOW_S 3600

char *tw_release_dir(tw_ctx *cx, const tw_site *s, const char *grantee, const tw_id *release)
{
    return tw_site_path(cx, s, "grantees/%s/releases/%s", grantee, tw_id_hex(cx, release).p);
}

char *tw_release_public_dir(tw_ctx *cx, const tw_site *s, const tw_id *release)
{
    return tw_site_path(cx, s, "exchange/releases/%s", tw_id_hex(cx, release).p);
}

/* ---------------------------------------------------------------- files */

tw_status tw_bodies_write(tw_ctx *cx, const char *path, const tw_leaf_list *l)
{
    tw_buf b;
    tw_buf_init(&b, TW_BODIES_MAX);
    tw_buf_add(&b, l->project.b, 32);
    tw_buf_u32(&b, (uint32_t)l->count);
    for (size_t i = 0; i < l->count; i++) {
        const tw_leaf_item *item = &l->item[i];
        tw_buf_add(&b, item->comp.b, 32);
        tw_buf_u8(&b, (uint8_t)item->kind);
        tw_buf_add(&b, item->x, TW_POINT);
        tw_buf_var(&b, item->body);
    }
    tw_status s = tw_buf_check(cx, &b, "bodies");
    if (s == TW_OK)
        s = tw_file_write(cx, path, tw_buf_view(&b));
    tw_buf_done(&b);
    return s;
}

tw_status tw_bodies_read(tw_ctx *cx, tw_leaf_list *out, const char *path)
{
    tw_bytes file;
    TW_TRY(tw_file_read(cx, &file, path, TW_BODIES_MAX));
    tw_rd in = tw_rd_of(file);
    tw_rd_copy(&in, out->project.b, 32);
    uint32_t count = tw_rd_u32(&in);
    if (in.bad || count > file.n / 32 || !(out->item = tw_try_array(cx->arena, tw_leaf_item, (size_t)count + 1)))
        return tw_fail(cx, TW_EPARSE, "%s: malformed count", path);
    for (out->count = 0; out->count < count; out->count++) {
        tw_leaf_item *item = &out->item[out->count];
        tw_rd_copy(&in, item->comp.b, 32);
        uint8_t kind = tw_rd_u8(&in);
        item->kind = kind == TW_ANSWER_DIRECTED ? TW_ANSWER_DIRECTED : TW_ANSWER_CLASS;
        in.bad |= kind > TW_ANSWER_DIRECTED;
        tw_rd_copy(&in, item->x, TW_POINT);
        item->body = tw_rd_var(&in, 4 * TW_MIB);
    }
    return tw_rd_end(cx, &in, path);
}

static tw_bytes leaf_bytes(tw_ctx *cx, const tw_leaf_list *l)
{
    uint8_t *p = tw_arena_get(cx->arena, l->count * TW_RELEASE_LEAF + 1);
    for (size_t i = 0; i < l->count; i++)
        memcpy(p + i * TW_RELEASE_LEAF, l->item[i].leaf, TW_RELEASE_LEAF);
    return (tw_bytes){ p, l->count * TW_RELEASE_LEAF };
}

void tw_release_raw_root(tw_ctx *cx, uint8_t root[32], tw_bytes leaves)
{
    size_t n = leaves.n / TW_RELEASE_LEAF;
    uint8_t *h = tw_arena_get(cx->arena, n * 32 + 1);
    for (size_t i = 0; i < n; i++)
        tw_merkle_leaf(h + 32 * i, (tw_bytes){ leaves.p + i * TW_RELEASE_LEAF, TW_RELEASE_LEAF });
    tw_merkle_root(root, h, n);
}

/* ---------------------------------------------------------------- attempts that must be refused */

static tw_status spoil_list(tw_ctx *cx, tw_leaf_list *l, tw_try attempt)
{
    if (attempt == TW_HONEST || l->count == 0)
        return TW_OK;
    tw_leaf_item first = l->item[0];
    if (attempt == TW_TRY_UNSORTED && l->count > 1) {
        l->item[0] = l->item[1];
        l->item[1] = first;
    } else if (attempt == TW_TRY_DOUBLED) {
        memmove(l->item + 1, l->item, l->count * sizeof first);
        l->count++;
    } else if (attempt == TW_TRY_ALTERED_BODY) {
        for (size_t i = 0; i < l->count; i++)
            l->item[i].leaf[63] ^= 1;
    } else if (attempt == TW_TRY_ALTERED_CAPSULE) {
        for (size_t i = 0; i < l->count; i++) {
            tw_release_body b;
            tw_found_capsule *c = tw_arena_get(cx->arena, sizeof *c);
            *c = l->item[i].capsule[0];
            c->capsule[127] ^= 1;
            TW_TRY(tw_release_body_decode(cx, &b, l->item[i].body));
            tw_body_capsule bc = { .day = c->day };
            tw_sha256_of(bc.capsule_hash, TW_BYTES(c->capsule));
            b.capsules = &bc;
            b.capsule_count = 1;
            tw_buf buf;
            tw_buf_init(&buf, 4 * TW_MIB);
            tw_release_body_encode(&buf, &b);
            l->item[i].body = tw_bytes_dup(cx->arena, tw_buf_view(&buf));
            tw_buf_done(&buf);
            l->item[i].capsule = c;
            l->item[i].capsule_count = 1;
            tw_release_leaf(l->item[i].leaf, l->item[i].tag, l->item[i].body);
        }
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- answers */

tw_status tw_answer_fields(tw_ctx *cx, tw_bytes *out, const tw_leaf_list *l, size_t first, size_t count)
{
    tw_buf b;
    tw_buf_init(&b, 512 * TW_MIB);
    tw_buf_add(&b, l->id.b, 32);
    tw_buf_u32(&b, (uint32_t)first);
    tw_buf_u32(&b, (uint32_t)count);
    for (size_t i = first; i < first + count; i++) {
        const tw_leaf_item *item = &l->item[i];
        tw_buf_add(&b, item->comp.b, 32);
        tw_buf_u32(&b, (uint32_t)item->capsule_count);
        for (size_t j = 0; j < item->capsule_count; j++) {
            tw_buf_u32(&b, item->capsule[j].day);
            tw_buf_add(&b, item->capsule[j].capsule, TW_CAPSULE);
        }
    }
    tw_status s = tw_buf_check(cx, &b, "answer request");
    *out = tw_bytes_dup(cx->arena, tw_buf_view(&b));
    tw_buf_done(&b);
    return s;
}

/* A sheet is believed when its keeper signed it, it is about this request, and its log is our log at that size. */
static tw_status check_sheet(tw_ctx *cx, const tw_sheet *sheet, tw_site *s, uint8_t index, const tw_leaf_list *l,
                             size_t first, size_t count, tw_bytes sealed)
{
    uint8_t root[32];
    uint8_t hash[32];
    const tw_ledger *ledger = tw_site_state(s);
    const tw_keeper_set *set = tw_ledger_keeper_set(ledger);
    tw_sha256_of(hash, sealed);
    if (!tw_id_eq(&sheet->keeper, &set->party[index - 1]) || !tw_id_eq(&sheet->release, &l->id) || sheet->first != first
        || sheet->codes.n != count || memcmp(hash, sheet->fragments_hash, 32) != 0)
        return tw_fail(cx, TW_EVERIFY, "keeper %u signed a sheet for another request", index);
    if (sheet->log_size > tw_ledger_size(ledger))
        return tw_fail(cx, TW_EVERIFY, "keeper %u saw a longer log than ours", index);
    tw_ledger_log_root_at(root, ledger, sheet->log_size);
    return memcmp(root, sheet->log_root, 32) == 0 ? TW_OK : tw_fail(cx, TW_EVERIFY, "keeper %u saw another log", index);
}

typedef struct {
    tw_site *s;
    const tw_party *grantee;
    const tw_leaf_list *l;
    const char *dir;
    const char *public_dir;
    uint8_t *answers; /* a leaf */
    tw_release_report *report;
    uint8_t (*sheet_hash)[32];
    size_t sheet_max;
} asking;

/* Named <index>-<first>@<log size>: asked again later, a keeper signs another sheet. */
static tw_status store_answer(tw_ctx *cx, asking *a, uint8_t index, const tw_sheet *s, tw_bytes sheet, tw_bytes sealed)
{
    char name[64];
    snprintf(name, sizeof name, "sheets/%u-%u@%llu", index, s->first, (unsigned long long)s->log_size);
    TW_TRY(tw_file_write(cx, tw_path(cx, a->dir, name), sheet));
    TW_TRY(tw_file_write(cx, tw_path(cx, a->public_dir, name), sheet));
    snprintf(name, sizeof name, "fragments/%u-%u@%llu", index, s->first, (unsigned long long)s->log_size);
    TW_TRY(tw_file_write(cx, tw_path(cx, a->dir, name), sealed));
    TW_ASSERT(a->report->sheets < a->sheet_max);
    tw_sha256_of(a->sheet_hash[a->report->sheets++], sheet);
    return TW_OK;
}

static tw_status ask_range(tw_ctx *cx, asking *a, uint8_t index, size_t first, size_t count)
{
    tw_bytes fields;
    tw_bytes reply;
    tw_sheet sheet;
    const tw_party_state *keeper =
        tw_ledger_party(tw_site_state(a->s), &tw_ledger_keeper_set(tw_site_state(a->s))->party[index - 1]);
    TW_ASSERT(keeper != NULL);
    TW_TRY(tw_answer_fields(cx, &fields, a->l, first, count));
    TW_TRY(tw_keeper_call(cx, &reply, a->s, index, tw_keeper_ask(cx, TW_KEEPER_ANSWER, a->grantee, fields)));
    tw_rd in = tw_rd_of(reply);
    tw_bytes signed_sheet = tw_rd_var(&in, TW_MIB);
    tw_bytes sealed = tw_rd_var(&in, 256 * TW_MIB);
    TW_TRY(tw_rd_end(cx, &in, "answer"));
    TW_TRY(tw_sheet_open(cx, &sheet, signed_sheet, keeper->spec.ed25519));
    TW_TRY(check_sheet(cx, &sheet, a->s, index, a->l, first, count, sealed));
    for (size_t i = 0; i < count; i++) {
        if (sheet.codes.p[i] >= TW_LEAF_CODE_COUNT)
            return tw_fail(cx, TW_EPARSE, "keeper %u gave an unknown code", index);
        a->report->codes[sheet.codes.p[i]]++;
        a->answers[first + i] = (uint8_t)(a->answers[first + i] + (sheet.codes.p[i] == TW_LEAF_ANSWERED));
    }
    return store_answer(cx, a, index, &sheet, signed_sheet, sealed);
}

static tw_status ask_keeper(tw_ctx *cx, asking *a, uint8_t index, tw_bytes leaves)
{
    tw_bytes reply;
    uint8_t *fields = tw_arena_get(cx->arena, 36 + leaves.n);
    memcpy(fields, a->l->id.b, 32);
    tw_put_be32(fields + 32, (uint32_t)leaves.n);
    memcpy(fields + 36, leaves.p, leaves.n);
    tw_status s = tw_keeper_call(cx, &reply, a->s, index,
                                 tw_keeper_ask(cx, TW_KEEPER_LEAVES, a->grantee, (tw_bytes){ fields, 36 + leaves.n }));
    if (s == TW_ENET)
        return s;
    for (size_t first = 0; first < a->l->count;
         first += TW_LEAVES_A_REQUEST) { /* refused leaf files get their codes too */
        tw_mark mark = tw_arena_mark(cx->arena);
        TW_TRY(ask_range(cx, a, index, first, TW_MIN(a->l->count - first, (size_t)TW_LEAVES_A_REQUEST)));
        tw_arena_back(cx->arena, mark);
    }
    return TW_OK;
}

static tw_status ask_keepers(tw_ctx *cx, asking *a, tw_bytes leaves, const tw_progress *progress)
{
    const tw_keeper_set *set = tw_ledger_keeper_set(tw_site_state(a->s));
    for (uint8_t i = 1; i <= set->n; i++) {
        tw_status s = ask_keeper(cx, a, i, leaves);
        if (s != TW_OK && s != TW_ENET)
            return s;
        tw_step(progress, "answers", i, set->n);
    }
    for (size_t i = 0; i < a->l->count; i++)
        a->report->answered += a->answers[i] >= set->t;
    return TW_OK;
}

/* ---------------------------------------------------------------- announcement and close */

static tw_status announce(tw_ctx *cx, tw_site *s, const tw_party *grantee, const tw_leaf_list *l, tw_bytes leaves,
                          const tw_release_opts *o, tw_release_report *out)
{
    tw_applied a;
    tw_release_open_body b = { .release = l->id, .project = l->project, .leaves = (uint32_t)l->count,
                               .until_s = tw_now_s(cx) + (o->window_s ? o->window_s : WINDOW_S) };
    tw_release_raw_root(cx, b.root, leaves);
    b.url = tw_strf(cx->arena, "releases/%s/leaves", tw_id_hex(cx, &l->id).p);
    TW_TRY(tw_site_submit(cx, &a, s, grantee, TW_ENTRY_RELEASE_OPEN, tw_body_release_open(cx, &b)));
    out->opened_idx = a.idx;
    tw_crash_point(cx, "release.announced");
    return TW_OK;
}

static int by_hash(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

static tw_status close_release(tw_ctx *cx, tw_site *s, const tw_party *grantee, const tw_id *release,
                               uint8_t (*hash)[32], size_t count, tw_release_report *out)
{
    tw_applied a;
    tw_release_close_body b = { .release = *release, .count = count };
    for (size_t i = 1; i < count; i++) /* few: insertion sort */
        for (size_t j = i; j > 0 && by_hash(hash[j - 1], hash[j]) > 0; j--) {
            uint8_t t[32];
            memcpy(t, hash[j], 32);
            memcpy(hash[j], hash[j - 1], 32);
            memcpy(hash[j - 1], t, 32);
        }
    b.sheet_hash = (const uint8_t(*)[32])hash;
    TW_TRY(tw_site_submit(cx, &a, s, grantee, TW_ENTRY_RELEASE_CLOSE, tw_body_release_close(cx, &b)));
    out->closed_idx = a.idx;
    return TW_OK;
}

static tw_status make_dirs(tw_ctx *cx, const asking *a)
{
    TW_TRY(tw_dir_make(cx, tw_path(cx, a->dir, "sheets")));
    TW_TRY(tw_dir_make(cx, tw_path(cx, a->dir, "fragments")));
    return tw_dir_make(cx, tw_path(cx, a->public_dir, "sheets"));
}

static asking asking_of(tw_ctx *cx, tw_release_report *out, tw_site *s, const tw_party *grantee, const tw_leaf_list *l)
{
    const tw_keeper_set *set = tw_ledger_keeper_set(tw_site_state(s));
    asking a = { .s = s, .grantee = grantee, .l = l, .report = out };
    a.sheet_max = (size_t)set->n * (l->count / TW_LEAVES_A_REQUEST + 1);
    a.dir = tw_release_dir(cx, s, grantee->name, &l->id);
    a.public_dir = tw_release_public_dir(cx, s, &l->id);
    a.answers = tw_arena_get(cx->arena, l->count + 1);
    a.sheet_hash = tw_arena_get(cx->arena, a.sheet_max * 32);
    out->release = l->id;
    out->leaves = l->count;
    return a;
}

static tw_status run(tw_ctx *cx, tw_release_report *out, tw_site *s, const tw_party *grantee, tw_leaf_list *l,
                     const tw_release_opts *o)
{
    TW_TRY(spoil_list(cx, l, o->attempt));
    asking a = asking_of(cx, out, s, grantee, l);
    tw_bytes leaves = leaf_bytes(cx, l);
    TW_TRY(make_dirs(cx, &a));
    TW_TRY(tw_file_write(cx, tw_path(cx, a.dir, "leaves"), leaves));
    TW_TRY(tw_file_write(cx, tw_path(cx, a.public_dir, "leaves"), leaves));
    TW_TRY(tw_bodies_write(cx, tw_path(cx, a.dir, "bodies"), l));
    if (o->attempt != TW_TRY_UNANNOUNCED)
        TW_TRY(announce(cx, s, grantee, l, leaves, o, out));
    if (o->attempt == TW_TRY_ALTERED_LEAF_FILE)
        ((uint8_t *)(uintptr_t)leaves.p)[leaves.n - 1] ^= 1;
    TW_TRY(ask_keepers(cx, &a, leaves, &o->progress));
    if (o->attempt != TW_TRY_UNANNOUNCED && !o->leave_open)
        TW_TRY(close_release(cx, s, grantee, &l->id, a.sheet_hash, out->sheets, out));
    return TW_OK;
}

static tw_status refusal(tw_ctx *cx, const tw_release_report *r)
{
    unsigned most = 1;
    for (unsigned c = 1; c < TW_LEAF_CODE_COUNT; c++)
        if (r->codes[c] > r->codes[most])
            most = c;
    if (r->codes[most] == 0)
        return tw_fail(cx, TW_EQUORUM, "fewer than the threshold of keepers answered");
    return tw_fail(cx, TW_EREFUSED, "no leaf was answered by enough keepers; most often: %s (code %u)",
                   tw_leaf_code_text(most), most);
}

tw_status tw_app_release(tw_ctx *cx, tw_release_report *out, tw_site *s, const tw_release_opts *opts)
{
    tw_party grantee;
    tw_capsules capsules;
    tw_batch_index ix = { .by_root = NULL };
    tw_leaf_list l = { .project = opts->project };
    *out = (tw_release_report){ .candidates = 0 };
    TW_TRY(tw_party_load(cx, &grantee, s, TW_ROLE_GRANTEE, opts->grantee));
    tw_random(cx, l.id.b, 32);
    out->release = l.id;
    tw_status st = tw_batch_index_scan(cx, &ix, s->log);
    if (st == TW_OK)
        st = tw_capsules_find(cx, &capsules, s, &ix);
    if (st == TW_OK)
        st = tw_candidates(cx, &l, &out->candidates, s, &grantee, &capsules, opts);
    if (st == TW_OK && l.count == 0)
        st = tw_fail(cx, TW_EREFUSED, "no consent lets this project read anything that was sealed");
    if (st == TW_OK)
        st = run(cx, out, s, &grantee, &l, opts);
    if (st == TW_OK && out->answered == 0)
        st = refusal(cx, out);
    tw_batch_index_done(&ix);
    tw_wipe(&grantee, sizeof grantee);
    return st;
}

/* ---------------------------------------------------------------- asking again */

/* The capsules behind each body, from the vault. */
static tw_status find_capsules(tw_ctx *cx, tw_leaf_list *l, const tw_capsules *all)
{
    for (size_t i = 0; i < l->count; i++) {
        tw_leaf_item *item = &l->item[i];
        tw_release_body b;
        const tw_found_capsule *first;
        size_t n = tw_capsules_of(all, &first, &item->comp);
        if (!item->body.n) {
            item->capsule = first;
            item->capsule_count = n;
            continue;
        }
        TW_TRY(tw_release_body_decode(cx, &b, item->body));
        tw_found_capsule *own = tw_arena_get(cx->arena, (b.capsule_count + 1) * sizeof *own);
        for (size_t j = 0; j < b.capsule_count; j++)
            for (size_t k = 0; k < n; k++)
                if (memcmp(first[k].hash, b.capsules[j].capsule_hash, 32) == 0)
                    own[item->capsule_count++] = first[k];
        item->capsule = own;
    }
    return TW_OK;
}

static tw_status ask_again(tw_ctx *cx, tw_release_report *out, tw_site *s, const tw_party *grantee,
                           const tw_id *release)
{
    tw_leaf_list l = { .id = *release };
    tw_capsules capsules;
    tw_bytes leaves;
    tw_batch_index ix = { .by_root = NULL };
    char *dir = tw_release_dir(cx, s, grantee->name, release);
    TW_TRY(tw_bodies_read(cx, &l, tw_path(cx, dir, "bodies")));
    TW_TRY(tw_file_read(cx, &leaves, tw_path(cx, dir, "leaves"), TW_LEAF_FILE_MAX));
    tw_status st = tw_batch_index_scan(cx, &ix, s->log);
    if (st == TW_OK)
        st = tw_capsules_find(cx, &capsules, s, &ix);
    tw_batch_index_done(&ix);
    TW_TRY(st);
    TW_TRY(find_capsules(cx, &l, &capsules));
    asking a = asking_of(cx, out, s, grantee, &l);
    return ask_keepers(cx, &a, leaves, NULL);
}

tw_status tw_app_release_ask(tw_ctx *cx, tw_release_report *out, tw_site *s, const char *grantee, const tw_id *release)
{
    tw_party me;
    *out = (tw_release_report){ .candidates = 0 };
    TW_TRY(tw_party_load(cx, &me, s, TW_ROLE_GRANTEE, grantee));
    tw_status st = ask_again(cx, out, s, &me, release);
    tw_wipe(&me, sizeof me);
    if (st == TW_OK && out->answered == 0)
        st = refusal(cx, out);
    return st;
}

/* ---------------------------------------------------------------- by prefix */

tw_status tw_app_release_find(tw_ctx *cx, tw_id *release, const tw_site *s, const char *grantee, const char *hex_prefix)
{
    tw_str *name;
    size_t count;
    size_t hits = 0;
    tw_party me;
    TW_TRY(tw_party_load(cx, &me, s, TW_ROLE_GRANTEE, grantee));
    char *dir = tw_site_path(cx, s, "grantees/%s/releases", me.name);
    tw_wipe(&me, sizeof me);
    if (strlen(hex_prefix) < 4)
        return tw_fail(cx, TW_EUSAGE, "give at least four digits of the release's id");
    if (!tw_path_exists(cx, dir))
        return tw_fail(cx, TW_ENOTFOUND, "this researcher has no release yet");
    TW_TRY(tw_dir_list(cx, &name, &count, dir));
    for (size_t i = 0; i < count; i++) {
        tw_id id;
        tw_str hex = name[i];
        hex.n -= tw_str_ends(hex, "/");
        if (tw_str_starts(hex, hex_prefix) && tw_unhex(id.b, 32, hex)) {
            *release = id;
            hits++;
        }
    }
    return hits == 1 ? TW_OK
                     : tw_fail(cx, TW_ENOTFOUND, "%s release whose id begins with these digits",
                               hits ? "more than one" : "no");
}
