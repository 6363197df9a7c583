/* Packs. Everything in an index but the leaves follows from them: an object's size stands in its leaf, its offset
 * is the sum of the sizes before it, and the pack's size is the sum of all. So an altered offset, length, count or
 * tail is found without a checksum, and an altered leaf by the root.
 *
 * Erasing keeps offsets: the new pack has a hole where an object was, so that a kill between pack and index leaves
 * every other object readable, and running the erasure again finishes it. */
#include "vault/vault.h"

#include "vault/vault_internal.h"

static const char magic[4] = { 'T', 'W', 'P', 'K' };
enum { VERSION = 1 };
#define HEAD_BYTES (sizeof magic + 1 + 4)
#define ITEM_BYTES_MIN (TW_CAPSULE_LEAF_BYTES + 16)

uint64_t tw_pack_size_of(const tw_batch_leaf *leaf)
{
    return leaf->kind == TW_LEAF_IS_CAPSULE ? TW_CAPSULE_OBJECT : leaf->segment.cipher_bytes;
}

char *tw_pack_path(tw_ctx *cx, const char *vault_dir, const uint8_t root[32], const char *suffix)
{
    const tw_str hex = tw_hex(cx->arena, (tw_bytes){ root, 32 });
    const tw_str name = tw_strf(cx->arena, "packs/" TW_FMT "%s", TW_ARG(hex), suffix);
    return tw_path(cx, vault_dir, tw_cstr(cx->arena, name));
}

/* ---------------------------------------------------------------- index */

tw_status tw_pack_write_index(tw_ctx *cx, const char *vault_dir, const uint8_t root[32], const tw_pack_item *item,
                              size_t count)
{
    tw_buf b;
    tw_buf_init(&b, HEAD_BYTES + count * (TW_SEGMENT_LEAF_BYTES + 16));
    tw_buf_add(&b, magic, sizeof magic);
    tw_buf_u8(&b, VERSION);
    tw_buf_u32(&b, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        tw_buf_add(&b, item[i].leaf_bytes.p, item[i].leaf_bytes.n);
        tw_buf_u64(&b, item[i].offset);
        tw_buf_u64(&b, item[i].length);
    }
    tw_status s = tw_buf_check(cx, &b, "pack index");
    if (s == TW_OK)
        s = tw_file_write(cx, tw_pack_path(cx, vault_dir, root, ".idx"), tw_buf_view(&b));
    tw_buf_done(&b);
    return s;
}

static tw_status read_item(tw_ctx *cx, tw_pack_item *out, tw_rd *in, uint64_t offset)
{
    /* The kind tells how long the leaf is. */
    const bool capsule = tw_rd_left(in) > 0 && in->p[in->off] == TW_LEAF_IS_CAPSULE;
    out->leaf_bytes = tw_rd_view(in, capsule ? TW_CAPSULE_LEAF_BYTES : TW_SEGMENT_LEAF_BYTES);
    out->offset = tw_rd_u64(in);
    out->length = tw_rd_u64(in);
    if (in->bad)
        return tw_fail(cx, TW_EVERIFY, "pack index: short at byte %zu", in->off);
    if (tw_batch_leaf_decode(cx, &out->leaf, out->leaf_bytes) != TW_OK)
        return tw_fail(cx, TW_EVERIFY, "pack index: no leaf before byte %zu", in->off);
    const uint64_t size = tw_pack_size_of(&out->leaf);
    if (size == 0 || size > TW_OBJECT_BYTES_MAX || out->offset != offset || (out->length != 0 && out->length != size))
        return tw_fail(cx, TW_EVERIFY, "pack index: offset or length before byte %zu is not what leaves say", in->off);
    return TW_OK;
}

static tw_status read_items(tw_ctx *cx, tw_pack *p, tw_rd *in, const uint8_t root[32])
{
    tw_merkle_range tree = { 0 };
    uint8_t own[TW_HASH];
    p->size = 0;
    for (size_t i = 0; i < p->count; i++) {
        uint8_t leaf[TW_HASH];
        TW_TRY(read_item(cx, &p->item[i], in, p->size));
        p->size += tw_pack_size_of(&p->item[i].leaf);
        tw_merkle_leaf(leaf, p->item[i].leaf_bytes);
        tw_merkle_range_add(&tree, leaf);
    }
    if (in->bad || tw_rd_left(in) != 0)
        return tw_fail(cx, TW_EVERIFY, "pack index: bytes after the last item");
    tw_merkle_range_root(own, &tree);
    if (memcmp(own, root, sizeof own) != 0)
        return tw_fail(cx, TW_EVERIFY, "pack index: its leaves do not give the root in its name");
    return TW_OK;
}

tw_status tw_pack_read_index(tw_ctx *cx, tw_pack **out, const char *vault_dir, const uint8_t root[32])
{
    tw_bytes bytes;
    char *path = tw_pack_path(cx, vault_dir, root, ".idx");
    TW_TRY(tw_file_read(cx, &bytes, path, HEAD_BYTES + TW_PACK_ITEMS_MAX * (TW_SEGMENT_LEAF_BYTES + 16)));
    tw_rd in = tw_rd_of(bytes);
    tw_bytes head = tw_rd_view(&in, sizeof magic);
    uint8_t version = tw_rd_u8(&in);
    uint32_t count = tw_rd_u32(&in);
    if (in.bad || memcmp(head.p, magic, sizeof magic) != 0 || version != VERSION)
        return tw_fail(cx, TW_EVERIFY, "%s: not a pack index of version %d", path, VERSION);
    if (count == 0 || count > TW_PACK_ITEMS_MAX || count > tw_rd_left(&in) / ITEM_BYTES_MIN)
        return tw_fail(cx, TW_EVERIFY, "%s: %u items in %zu bytes", path, (unsigned)count, bytes.n);
    tw_pack *p = tw_new(cx->arena, tw_pack);
    p->path = tw_pack_path(cx, vault_dir, root, ".pack");
    p->item = tw_try_array(cx->arena, tw_pack_item, count);
    if (!p->item)
        return tw_fail(cx, TW_ELIMIT, "%s: no room for %u items", path, (unsigned)count);
    p->count = count;
    tw_status s = read_items(cx, p, &in, root);
    if (s != TW_OK)
        return tw_wrap(cx, "%s", path);
    *out = p;
    return TW_OK;
}

/* ---------------------------------------------------------------- objects */

tw_status tw_pack_file(tw_ctx *cx, tw_file **out, const tw_pack *p)
{
    const tw_disk *d = cx->env->disk;
    uint64_t size;
    tw_status s = d->open(d->self, out, p->path, TW_OPEN_READ);
    if (s != TW_OK)
        return tw_fail(cx, s == TW_ENOTFOUND ? TW_EVERIFY : s, "%s: cannot open the objects of this index", p->path);
    s = d->size(d->self, *out, &size);
    if (s == TW_OK && size == p->size)
        return TW_OK;
    d->close(d->self, *out);
    if (s != TW_OK)
        return tw_fail(cx, s, "%s: cannot read", p->path);
    return tw_fail(cx, TW_EVERIFY, "%s: %llu bytes; its index says %llu", p->path, (unsigned long long)size,
                   (unsigned long long)p->size);
}

tw_status tw_pack_read(tw_ctx *cx, uint8_t *out, const tw_pack *p, tw_file *f, const tw_pack_item *item)
{
    const tw_disk *d = cx->env->disk;
    const size_t n = (size_t)tw_pack_size_of(&item->leaf);
    size_t got = 0;
    tw_status s = d->read(d->self, f, item->offset, out, n, &got);
    if (s != TW_OK || got != n)
        return tw_fail(cx, s != TW_OK ? s : TW_EVERIFY, "%s: cannot read %zu bytes at %llu", p->path, n,
                       (unsigned long long)item->offset);
    return TW_OK;
}

bool tw_object_ok(const tw_batch_leaf *leaf, tw_bytes object)
{
    uint8_t hash[TW_HASH];
    if (object.n != tw_pack_size_of(leaf))
        return false;
    if (leaf->kind != TW_LEAF_IS_CAPSULE) {
        tw_c4gh_block_root(hash, object);
        return memcmp(hash, leaf->segment.block_root, sizeof hash) == 0;
    }
    tw_sha256_of(hash, (tw_bytes){ object.p, TW_CAPSULE });
    if (memcmp(hash, leaf->capsule.capsule_hash, sizeof hash) != 0)
        return false;
    tw_sha256_of(hash, (tw_bytes){ object.p + TW_CAPSULE, TW_WRAP });
    return memcmp(hash, leaf->capsule.wrap_hash, sizeof hash) == 0;
}

tw_status tw_pack_open(tw_ctx *cx, tw_pack **out, const char *vault_dir, const uint8_t root[32])
{
    tw_file *f;
    TW_TRY(tw_pack_read_index(cx, out, vault_dir, root));
    TW_TRY(tw_pack_file(cx, &f, *out));
    cx->env->disk->close(cx->env->disk->self, f);
    return TW_OK;
}

size_t tw_pack_count(const tw_pack *p)
{
    return p->count;
}

const tw_pack_item *tw_pack_at(const tw_pack *p, size_t i)
{
    TW_ASSERT(i < p->count);
    return &p->item[i];
}

tw_status tw_pack_object(tw_ctx *cx, tw_bytes *out, const tw_pack *p, size_t i)
{
    *out = (tw_bytes){ 0 };
    const tw_pack_item *item = tw_pack_at(p, i);
    if (item->length == 0)
        return tw_fail(cx, TW_ENOTFOUND, "%s: object %zu was erased", p->path, i);
    uint8_t *bytes = tw_arena_try(cx->arena, (size_t)item->length);
    if (!bytes)
        return tw_fail(cx, TW_ELIMIT, "%s: no room for object %zu", p->path, i);
    tw_file *f;
    TW_TRY(tw_pack_file(cx, &f, p));
    tw_status s = tw_pack_read(cx, bytes, p, f, item);
    cx->env->disk->close(cx->env->disk->self, f);
    TW_TRY(s);
    const tw_bytes object = { bytes, (size_t)item->length };
    if (!tw_object_ok(&item->leaf, object))
        return tw_fail(cx, TW_EVERIFY, "%s: object %zu is not what its leaf says", p->path, i);
    *out = object;
    return TW_OK;
}
