/** What the files of this room share and nobody else sees. */
#ifndef TW_VAULT_INTERNAL_H
#define TW_VAULT_INTERNAL_H

#include "vault/vault.h"

#define TW_LEAF_IS_CAPSULE 1
#define TW_CAPSULE_OBJECT (TW_CAPSULE + TW_WRAP)
#define TW_OBJECT_BYTES_MAX ((uint64_t)1 << 31)

struct tw_pack {
    char *path; /* of the objects */
    tw_pack_item *item;
    size_t count;
    uint64_t size; /* of the objects' file */
};

/** Size of the object that a leaf speaks of. */
uint64_t tw_pack_size_of(const tw_batch_leaf *leaf);
/** <vault_dir>/packs/<root><suffix> */
char *tw_pack_path(tw_ctx *cx, const char *vault_dir, const uint8_t root[32], const char *suffix);
TW_NODISCARD tw_status tw_pack_write_index(tw_ctx *cx, const char *vault_dir, const uint8_t root[32],
                                           const tw_pack_item *item,
                                           size_t count);
/** Index alone: leaves, offsets and root are checked. */
TW_NODISCARD tw_status tw_pack_read_index(tw_ctx *cx, tw_pack **out, const char *vault_dir, const uint8_t root[32]);
/** The objects' file, open, of the size that the index says. */
TW_NODISCARD tw_status tw_pack_file(tw_ctx *cx, tw_file **out, const tw_pack *p);
/** The bytes at an item's place, present or erased; out: tw_pack_size_of its leaf. */
TW_NODISCARD tw_status tw_pack_read(tw_ctx *cx, uint8_t *out, const tw_pack *p, tw_file *f, const tw_pack_item *item);
/** Capsule and wrap hashes, or block root. */
bool tw_object_ok(const tw_batch_leaf *leaf, tw_bytes object);

#endif
