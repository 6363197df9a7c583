/* What a killed collection left in the vault: packs that no batch entry names, and files under temporary names.
 * Only the source's own: a pack belongs to the journal's batches or to an entry, and a site runs one command at a
 * time. */
#include "collect_internal.h"

static bool root_of(uint8_t root[32], tw_str name)
{
    return name.n > 64 && tw_unhex(root, 32, (tw_str){ name.p, 64 });
}

/* After settle every batch of a journal is on the ledger. A pack of another source whose journal waits is on no ledger
 * yet: so what is not on the ledger goes only when no register at all has it pending. */
static tw_status pending_elsewhere(tw_ctx *cx, bool *pending, collector *c, const uint8_t root[32])
{
    tw_str *name;
    size_t count;
    *pending = false;
    TW_TRY(tw_party_names(cx, &name, &count, c->site, TW_ROLE_SOURCE));
    for (size_t i = 0; i < count && !*pending; i++) {
        tw_register other;
        tw_bytes row;
        if (tw_str_is(name[i], c->reg.me.name) ||
            !tw_path_exists(cx, tw_site_path(cx, c->site, "sources/" TW_FMT "/register.mdb", TW_ARG(name[i]))))
            continue;
        tw_status s = tw_register_open(cx, &other, c->site, tw_cstr(cx->arena, name[i]));
        if (s == TW_OK)
            s = tw_register_begin(cx, &other, false);
        if (s == TW_OK)
            s = tw_register_end(cx, &other,
                                tw_register_get(cx, &row, &other, TW_REG_BATCH, (tw_bytes){ root, 32 }));
        tw_register_close(&other);
        *pending = s == TW_OK;
        if (s != TW_OK && s != TW_ENOTFOUND)
            return s;
    }
    return TW_OK;
}

static tw_status sweep_file(tw_ctx *cx, collector *c, tw_batch_index *ix, const char *dir, tw_str name)
{
    uint8_t root[32];
    bool pending = false;
    bool temporary = tw_str_ends(name, ".tmp");
    if (!root_of(root, name))
        return TW_OK;
    if (!temporary && tw_batch_index_find(ix, root, NULL))
        return TW_OK;
    if (!temporary)
        TW_TRY(pending_elsewhere(cx, &pending, c, root));
    if (pending)
        return TW_OK;
    tw_status s = cx->env->disk->remove(cx->env->disk->self, tw_path(cx, dir, tw_cstr(cx->arena, name)));
    return s == TW_OK || s == TW_ENOTFOUND ? TW_OK : tw_fail(cx, s, "an orphan of the vault cannot be removed");
}

tw_status collect_sweep(tw_ctx *cx, collector *c)
{
    tw_str *name;
    size_t count;
    tw_batch_index ix = { .by_root = NULL };
    const char *dir = tw_site_path(cx, c->site, TW_VAULT_DIR "/packs");
    if (!tw_path_exists(cx, dir))
        return TW_OK;
    TW_TRY(tw_dir_list(cx, &name, &count, dir));
    tw_status s = tw_batch_index_scan(cx, &ix, c->site->log);
    for (size_t i = 0; i < count && s == TW_OK; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        s = sweep_file(cx, c, &ix, dir, name[i]);
        tw_arena_back(cx->arena, mark);
    }
    tw_batch_index_done(&ix);
    return s;
}
