/** Vault: packs of sealed objects and their index, over a disk. A pack holds one batch: `packs/<root>.pack`
 *  (objects, one after the other) and `packs/<root>.idx` (per leaf: leaf bytes, offset, length). The root is the
 *  RFC 6962 root over the leaves and the name, so a pack proves itself; erasing removes object bytes and keeps
 *  leaves, so that the root still proves the rest. Offsets stay: a hole stands where an erased object was.
 *  docs/formats/pack.md.
 *
 *  The vault learns ciphertext and padded sizes only: it takes tw_sealed and nothing else. A pack or index that is
 *  not what the root says is TW_EVERIFY; an index without its pack too. Crash points: vault.pack-written,
 *  vault.before-index, vault.erase-written, vault.erase-before-index, and base's file.before-rename for the index. */
#ifndef TW_VAULT_H
#define TW_VAULT_H

#include "base/base.h"
#include "crypto/crypto.h"
#include "model/model.h"

#define TW_PACK_ITEMS_MAX 65536

/** Writes pack and index atomically (index last); root, leaves and objects must fit. Idempotent: the same batch
 *  again is TW_OK and does not bring back what was erased of it. A kill on the way leaves no index, hence no pack:
 *  write it again. */
TW_NODISCARD tw_status tw_pack_write(tw_ctx *cx, const char *vault_dir, const uint8_t root[32],
                                     tw_sealed *const *item, size_t count);

typedef struct tw_pack tw_pack;
typedef struct {
    tw_batch_leaf leaf;
    tw_bytes leaf_bytes;
    uint64_t offset; /* in the pack, bytes */
    uint64_t length; /* bytes; 0: erased */
} tw_pack_item;
/** Opens the index and checks that its leaves give the root in its name, its offsets and lengths, and the size of
 *  the pack. In the arena. */
TW_NODISCARD tw_status tw_pack_open(tw_ctx *cx, tw_pack **out, const char *vault_dir, const uint8_t root[32]);
/** Objects, erased ones included; order of the tree. */
size_t tw_pack_count(const tw_pack *p);
const tw_pack_item *tw_pack_at(const tw_pack *p, size_t i);
/** Object bytes, checked against the leaf (capsule and wrap hashes; block root of a segment). TW_ENOTFOUND: erased. */
TW_NODISCARD tw_status tw_pack_object(tw_ctx *cx, tw_bytes *out, const tw_pack *p, size_t i);
/** Roots of all packs, sorted. */
TW_NODISCARD tw_status tw_vault_list(tw_ctx *cx, tw_id **roots, size_t *count, const char *vault_dir);
/** Removes the object bytes of these compartments from every pack (rewrites the pack, syncs, index last).
 *  *objects: how many went. Idempotent; after a kill run it again: until then an object may be gone of which the
 *  index does not say so (TW_EVERIFY). */
TW_NODISCARD tw_status tw_vault_erase(tw_ctx *cx, uint64_t *objects, const char *vault_dir, const tw_id *comp,
                                      size_t count);
/** Whole-pack check: index, every object against its leaf, and nothing but zeroes where one was erased. */
TW_NODISCARD tw_status tw_pack_check(tw_ctx *cx, const char *vault_dir, const uint8_t root[32]);

#endif
