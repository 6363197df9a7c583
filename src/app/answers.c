/* Answers of keepers as a grantee keeps them: sheets checked, fragments unsealed and sorted by leaf. */
#include "open_internal.h"

#define SEALED_MAX (256 * TW_MIB)

static tw_status add_leaf(tw_ctx *cx, tw_answer_set *set, uint8_t index, size_t leaf, const tw_leaf_item *item,
                          const tw_release_body *body, tw_rd *in)
{
    tw_leaf_answers *a = &set->leaf[leaf];
    uint8_t kind = tw_rd_u8(in);
    if (kind == 0)
        return TW_OK;
    size_t per = kind == 2 ? 2 * TW_POINT : TW_POINT;
    tw_bytes f = tw_rd_view(in, body->capsule_count * per);
    if (in->bad || kind > 2 || (kind == 2) != (item->kind == TW_ANSWER_DIRECTED) || a->count == TW_SHARES_MAX)
        return tw_fail(cx, TW_EPARSE, "fragments of keeper %u are malformed at leaf %zu", index, leaf);
    for (size_t i = 0; i < a->count; i++)
        if (a->x[i] == index)
            return TW_OK; /* asked again: the first answer stands */
    a->x[a->count] = index;
    a->fragments[a->count++] = f.p;
    return TW_OK;
}

/* One sheet with its fragments file. */
static tw_status take_answer(tw_ctx *cx, tw_answer_set *set, const tw_site *s, const char *dir, uint8_t index,
                             tw_bytes sheet_bytes, tw_str name, const tw_project_keys *keys)
{
    tw_sheet sheet;
    tw_bytes sealed;
    tw_bytes plain;
    uint8_t hash[32];
    tw_buf aad;
    const tw_ledger *l = tw_solo_ledger(s->log);
    const tw_party_state *keeper = tw_ledger_party(l, &tw_ledger_keeper_set(l)->party[index - 1]);
    TW_ASSERT(keeper != NULL);
    TW_TRY(tw_sheet_open(cx, &sheet, sheet_bytes, keeper->spec.ed25519));
    if ((uint64_t)sheet.first + sheet.codes.n > set->list.count || !tw_id_eq(&sheet.release, &set->list.id))
        return tw_fail(cx, TW_EVERIFY, "a sheet of keeper %u is about other leaves", index);
    char *path = tw_path(cx, dir, tw_cstr(cx->arena, tw_strf(cx->arena, "fragments/" TW_FMT, TW_ARG(name))));
    TW_TRY(tw_file_read(cx, &sealed, path, SEALED_MAX));
    tw_sha256_of(hash, sealed);
    if (memcmp(hash, sheet.fragments_hash, 32) != 0)
        return tw_fail(cx, TW_EVERIFY, "%s is not what keeper %u signed", path, index);
    if (sealed.n == 0)
        return TW_OK;
    tw_buf_init(&aad, TW_MIB);
    tw_sheet_aad(&aad, &sheet);
    tw_status st = tw_box_open(cx, &plain, keys->r, sealed, tw_buf_view(&aad));
    tw_buf_done(&aad);
    TW_TRY(st);
    tw_rd in = tw_rd_of(plain);
    for (size_t i = 0; i < sheet.codes.n; i++)
        TW_TRY(add_leaf(cx, set, index, sheet.first + i, &set->list.item[sheet.first + i], &set->body[sheet.first + i],
                        &in));
    return tw_rd_end(cx, &in, "fragments");
}

static tw_status read_bodies(tw_ctx *cx, tw_answer_set *set, const char *dir)
{
    TW_TRY(tw_bodies_read(cx, &set->list, tw_path(cx, dir, "bodies")));
    set->body = tw_try_array(cx->arena, tw_release_body, set->list.count + 1);
    set->leaf = tw_try_array(cx->arena, tw_leaf_answers, set->list.count + 1);
    if (!set->body || !set->leaf)
        return tw_fail(cx, TW_ELIMIT, "no memory left for %zu leaves", set->list.count);
    for (size_t i = 0; i < set->list.count; i++)
        if (set->list.item[i].body.n)
            TW_TRY(tw_release_body_decode(cx, &set->body[i], set->list.item[i].body));
    return TW_OK;
}

tw_status tw_answers_read(tw_ctx *cx, tw_answer_set *set, const tw_site *s, const char *dir,
                          const tw_project_keys *keys)
{
    tw_str *name;
    size_t count;
    tw_bytes sheet;
    char *sheets = tw_path(cx, dir, "sheets");
    TW_TRY(tw_dir_list(cx, &name, &count, sheets));
    for (size_t i = 0; i < count; i++) {
        uint64_t index;
        tw_str rest = name[i];
        tw_str head;
        if (!tw_str_split(&head, &rest, '-') || !tw_parse_u64(&index, head) || index < 1
            || index > tw_ledger_keeper_set(tw_solo_ledger(s->log))->n)
            return tw_fail(cx, TW_EPARSE, "%s holds a file that is no sheet", sheets);
        TW_TRY(tw_file_read(cx, &sheet, tw_path(cx, sheets, tw_cstr(cx->arena, name[i])), TW_MIB));
        TW_TRY(take_answer(cx, set, s, dir, (uint8_t)index, sheet, name[i], keys));
    }
    return TW_OK;
}

tw_status tw_answer_set_load(tw_ctx *cx, tw_answer_set *set, const char *dir, const tw_id *release)
{
    *set = (tw_answer_set){ .list = { .id = *release } };
    return read_bodies(cx, set, dir);
}
