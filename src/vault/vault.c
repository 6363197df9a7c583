/* The vault: writing, listing, checking and erasing packs. */
#include "vault/vault.h"

#include "vault/vault_internal.h"

#define PIECE (1 * TW_MIB)

/* ---------------------------------------------------------------- a new file, written in order */

typedef struct {
    const tw_disk *disk;
    tw_file *f;
    tw_buf ahead; /* small objects are written together */
    uint64_t at;  /* where `ahead` begins */
    tw_status status;
} writer;

static void flush(writer *w)
{
    if (w->status == TW_OK && w->ahead.failed)
        w->status = TW_ELIMIT;
    if (w->status == TW_OK && w->ahead.n)
        w->status = w->disk->write(w->disk->self, w->f, w->at, w->ahead.p, w->ahead.n);
    w->at += w->ahead.n;
    tw_buf_clear(&w->ahead);
}

static void put(writer *w, tw_bytes object)
{
    if (w->ahead.n + object.n > PIECE)
        flush(w);
    if (object.n <= PIECE) {
        tw_buf_add(&w->ahead, object.p, object.n);
        return;
    }
    if (w->status == TW_OK)
        w->status = w->disk->write(w->disk->self, w->f, w->at, object.p, object.n);
    w->at += object.n;
}

/* A hole: file systems keep no bytes for it. */
static void skip(writer *w, uint64_t n)
{
    flush(w);
    w->at += n;
}

static tw_status writer_open(tw_ctx *cx, writer *w, const char *path)
{
    *w = (writer){ .disk = cx->env->disk };
    tw_buf_init(&w->ahead, PIECE);
    tw_status s = w->disk->open(w->disk->self, &w->f, path, TW_OPEN_CREATE);
    return s == TW_OK ? TW_OK : tw_fail(cx, s, "cannot create %s", path);
}

/* Whole length, sync, close. */
static tw_status writer_close(tw_ctx *cx, writer *w, const char *path)
{
    flush(w);
    if (w->status == TW_OK)
        w->status = w->disk->truncate(w->disk->self, w->f, w->at);
    if (w->status == TW_OK)
        w->status = w->disk->sync(w->disk->self, w->f);
    w->disk->close(w->disk->self, w->f);
    tw_buf_done(&w->ahead);
    return w->status == TW_OK ? TW_OK : tw_fail(cx, w->status, "cannot write %s", path);
}

static tw_status replace(tw_ctx *cx, const char *from, const char *to)
{
    const tw_disk *d = cx->env->disk;
    tw_status s = d->rename(d->self, from, to);
    return s == TW_OK ? TW_OK : tw_fail(cx, s, "cannot write %s", to);
}

/* ---------------------------------------------------------------- a new pack */

/* Offsets and lengths of the batch; the leaves must give the root, and the objects the leaves. */
static tw_status lay_out(tw_ctx *cx, tw_pack_item *out, const uint8_t root[32], tw_sealed *const *item, size_t count)
{
    tw_merkle_range tree = { 0 };
    uint8_t own[TW_HASH];
    uint64_t at = 0;
    for (size_t i = 0; i < count; i++) {
        const tw_bytes object = tw_sealed_object(item[i]);
        uint8_t leaf[TW_HASH];
        out[i].leaf_bytes = tw_sealed_leaf(item[i]);
        TW_TRY(tw_batch_leaf_decode(cx, &out[i].leaf, out[i].leaf_bytes));
        if (object.n == 0 || object.n > TW_OBJECT_BYTES_MAX || !tw_object_ok(&out[i].leaf, object))
            return tw_fail(cx, TW_EVERIFY, "pack: object %zu is not what its leaf says", i);
        out[i].offset = at;
        out[i].length = object.n;
        at += object.n;
        tw_merkle_leaf(leaf, out[i].leaf_bytes);
        tw_merkle_range_add(&tree, leaf);
    }
    tw_merkle_range_root(own, &tree);
    if (memcmp(own, root, sizeof own) != 0)
        return tw_fail(cx, TW_EVERIFY, "pack: its leaves do not give its root");
    return TW_OK;
}

static tw_status write_objects(tw_ctx *cx, const char *path, tw_sealed *const *item, size_t count)
{
    writer w;
    char *tmp = tw_cstr(cx->arena, tw_strf(cx->arena, "%s.tmp", path));
    TW_TRY(writer_open(cx, &w, tmp));
    for (size_t i = 0; i < count; i++)
        put(&w, tw_sealed_object(item[i]));
    TW_TRY(writer_close(cx, &w, tmp));
    tw_crash_point(cx, "vault.pack-written");
    return replace(cx, tmp, path);
}

tw_status tw_pack_write(tw_ctx *cx, const char *vault_dir, const uint8_t root[32], tw_sealed *const *item, size_t count)
{
    if (count == 0 || count > TW_PACK_ITEMS_MAX)
        return tw_fail(cx, TW_EUSAGE, "pack of %zu objects", count);
    if (tw_path_exists(cx, tw_pack_path(cx, vault_dir, root, ".idx"))) {
        tw_pack *old; /* the batch is here; what was erased of it since stays so */
        return tw_pack_open(cx, &old, vault_dir, root);
    }
    tw_pack_item *items = tw_try_array(cx->arena, tw_pack_item, count);
    if (!items)
        return tw_fail(cx, TW_ELIMIT, "no room for a pack of %zu objects", count);
    TW_TRY(lay_out(cx, items, root, item, count));
    TW_TRY(tw_dir_make(cx, tw_path(cx, vault_dir, "packs")));
    TW_TRY(write_objects(cx, tw_pack_path(cx, vault_dir, root, ".pack"), item, count));
    tw_crash_point(cx, "vault.before-index");
    return tw_pack_write_index(cx, vault_dir, root, items, count);
}

/* ---------------------------------------------------------------- list and check */

tw_status tw_vault_list(tw_ctx *cx, tw_id **roots, size_t *count, const char *vault_dir)
{
    *roots = NULL;
    *count = 0;
    const char *dir = tw_path(cx, vault_dir, "packs");
    if (!tw_path_exists(cx, dir))
        return TW_OK;
    tw_str *names;
    size_t n;
    TW_TRY(tw_dir_list(cx, &names, &n, dir));
    tw_id *out = tw_try_array(cx->arena, tw_id, n);
    if (!out)
        return tw_fail(cx, TW_ELIMIT, "no room to list %zu files", n);
    for (size_t i = 0; i < n; i++)
        if (names[i].n == 64 + 4 && tw_str_ends(names[i], ".idx") &&
            tw_unhex(out[*count].b, 32, (tw_str){ names[i].p, 64 }))
            ++*count;
    *roots = out;
    return TW_OK;
}

static bool all_zero(tw_bytes b)
{
    uint8_t any = 0;
    for (size_t i = 0; i < b.n; i++)
        any |= b.p[i];
    return any == 0;
}

static tw_status check_item(tw_ctx *cx, const tw_pack *p, tw_file *f, size_t i)
{
    const tw_pack_item *item = &p->item[i];
    const size_t n = (size_t)tw_pack_size_of(&item->leaf);
    uint8_t *bytes = tw_arena_try(cx->arena, n);
    if (!bytes)
        return tw_fail(cx, TW_ELIMIT, "%s: no room for object %zu", p->path, i);
    TW_TRY(tw_pack_read(cx, bytes, p, f, item));
    const tw_bytes object = { bytes, n };
    if (item->length == 0 && !all_zero(object))
        return tw_fail(cx, TW_EVERIFY, "%s: object %zu was erased, but bytes stand in its place", p->path, i);
    if (item->length != 0 && !tw_object_ok(&item->leaf, object))
        return tw_fail(cx, TW_EVERIFY, "%s: object %zu is not what its leaf says", p->path, i);
    return TW_OK;
}

tw_status tw_pack_check(tw_ctx *cx, const char *vault_dir, const uint8_t root[32])
{
    tw_pack *p;
    tw_file *f;
    TW_TRY(tw_pack_read_index(cx, &p, vault_dir, root));
    TW_TRY(tw_pack_file(cx, &f, p));
    tw_status s = TW_OK;
    for (size_t i = 0; i < p->count && s == TW_OK; i++) {
        const tw_mark m = tw_arena_mark(cx->arena);
        s = check_item(cx, p, f, i);
        tw_arena_back(cx->arena, m);
    }
    cx->env->disk->close(cx->env->disk->self, f);
    return s;
}

/* ---------------------------------------------------------------- erasure */

static const tw_id *comp_of(const tw_batch_leaf *l)
{
    return l->kind == TW_LEAF_IS_CAPSULE ? &l->capsule.comp : &l->segment.comp;
}

static bool among(const tw_id *comp, size_t count, const tw_id *id)
{
    for (size_t i = 0; i < count; i++)
        if (tw_id_eq(&comp[i], id))
            return true;
    return false;
}

/* Copies what stays; an erased object becomes a hole. */
static tw_status copy_kept(tw_ctx *cx, writer *w, const tw_pack *p, tw_file *f)
{
    for (size_t i = 0; i < p->count && w->status == TW_OK; i++) {
        const size_t n = (size_t)tw_pack_size_of(&p->item[i].leaf);
        if (p->item[i].length == 0) {
            skip(w, n);
            continue;
        }
        const tw_mark m = tw_arena_mark(cx->arena);
        uint8_t *bytes = tw_arena_try(cx->arena, n);
        tw_status s = bytes ? tw_pack_read(cx, bytes, p, f, &p->item[i])
                            : tw_fail(cx, TW_ELIMIT, "%s: no room for object %zu", p->path, i);
        if (s == TW_OK)
            put(w, (tw_bytes){ bytes, n });
        tw_arena_back(cx->arena, m);
        TW_TRY(s);
    }
    return TW_OK;
}

static tw_status rewrite(tw_ctx *cx, const tw_pack *p)
{
    tw_file *f;
    writer w;
    char *tmp = tw_cstr(cx->arena, tw_strf(cx->arena, "%s.tmp", p->path));
    TW_TRY(tw_pack_file(cx, &f, p));
    tw_status s = writer_open(cx, &w, tmp);
    if (s == TW_OK) {
        s = copy_kept(cx, &w, p, f);
        tw_status closed = writer_close(cx, &w, tmp);
        s = s == TW_OK ? closed : s;
    }
    cx->env->disk->close(cx->env->disk->self, f);
    TW_TRY(s);
    tw_crash_point(cx, "vault.erase-written");
    return replace(cx, tmp, p->path);
}

static tw_status erase_in(tw_ctx *cx, uint64_t *objects, const char *vault_dir, const tw_id *root, const tw_id *comp,
                          size_t count)
{
    tw_pack *p;
    uint64_t gone = 0;
    TW_TRY(tw_pack_read_index(cx, &p, vault_dir, root->b));
    for (size_t i = 0; i < p->count; i++) {
        if (p->item[i].length == 0 || !among(comp, count, comp_of(&p->item[i].leaf)))
            continue;
        p->item[i].length = 0;
        gone++;
    }
    if (gone == 0)
        return TW_OK;
    TW_TRY(rewrite(cx, p));
    tw_crash_point(cx, "vault.erase-before-index");
    TW_TRY(tw_pack_write_index(cx, vault_dir, root->b, p->item, p->count));
    *objects += gone;
    return TW_OK;
}

tw_status tw_vault_erase(tw_ctx *cx, uint64_t *objects, const char *vault_dir, const tw_id *comp, size_t count)
{
    tw_id *roots;
    size_t n;
    *objects = 0;
    TW_TRY(tw_vault_list(cx, &roots, &n, vault_dir));
    for (size_t i = 0; i < n; i++) {
        const tw_mark m = tw_arena_mark(cx->arena);
        tw_status s = erase_in(cx, objects, vault_dir, &roots[i], comp, count);
        tw_arena_back(cx->arena, m);
        TW_TRY(s);
    }
    return TW_OK;
}
