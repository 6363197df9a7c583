/* Lists of what lies in a folder. First byte: what the rest is.
 *  0  manifest.json of opened data    1  a file of that data (Observation.ndjson)
 *  2  the items of a pack index       3  a whole pack index
 * Must hold: a manifest that is read, written again by its writer, is read with the same log index; reading the data
 * ends; an index that opens has offsets that add up, and a pack that passes has the objects its leaves say. */
#include "world.h"

#include "open_internal.h"
#include "twin_app_internal.h"
#include "vault/vault.h"

#define DATA "site/data"

static const tw_id release = { { 4 } };

/* ---------------------------------------------------------------- opened data */

static tw_status read_study(tw_ctx *cx, tw_twin_study *study, tw_bytes manifest)
{
    tw_party lab;
    tw_twin_opts opts = { .grantee = "lab", .release = release };
    tw_site *site = tw_new(cx->arena, tw_site);
    memcpy(site->dir, "site", sizeof "site");
    FUZZ_CHECK(tw_dir_make(cx, "site/grantees/lab") == TW_OK);
    FUZZ_CHECK(tw_party_make(cx, &lab, TW_ROLE_GRANTEE, "lab") == TW_OK);
    FUZZ_CHECK(tw_party_store(cx, &lab, "site/grantees/lab/key") == TW_OK);
    char *dir = tw_release_dir(cx, site, "lab", &release);
    FUZZ_CHECK(tw_file_write(cx, tw_path(cx, tw_path(cx, dir, "data"), "manifest.json"), manifest) == TW_OK);
    return tw_twin_study_open(cx, study, site, &opts);
}

static void manifest(tw_ctx *cx, tw_bytes in)
{
    tw_twin_study study, again;
    tw_data_writer *w;
    uint8_t hash[32];
    (void)!read_study(cx, &study, in); /* without data there is nobody to fit: what was read of the manifest counts */
    fuzz_error_clean(cx, in);
    tw_sha256_of(hash, in);
    if (memcmp(study.manifest_hash, hash, sizeof hash) != 0)
        return;
    FUZZ_CHECK(tw_data_writer_new(cx, &w, DATA) == TW_OK);
    FUZZ_CHECK(tw_data_writer_add(cx, w, TW_STR("Patient"), tw_bytes_of(TW_STR("{}"))) == TW_OK);
    FUZZ_CHECK(tw_data_writer_end(cx, hash, w, &release, study.log_index, 1) == TW_OK);
    tw_data_writer_free(w);
    tw_bytes written;
    FUZZ_CHECK(tw_file_read(cx, &written, DATA "/manifest.json", TW_MIB) == TW_OK);
    (void)!read_study(cx, &again, written);
    FUZZ_CHECK(again.log_index == study.log_index && memcmp(again.manifest_hash, hash, sizeof hash) == 0);
}

static void data_file(tw_ctx *cx, tw_bytes in)
{
    tw_twin_people people;
    FUZZ_CHECK(tw_file_write(cx, DATA "/Observation.ndjson", in) == TW_OK);
    if (tw_twin_people_read(cx, &people, DATA) != TW_OK) {
        fuzz_error_clean(cx, in);
        return;
    }
    for (size_t i = 0; i < people.count; i++) {
        const tw_twin_person *p = &people.person[i];
        FUZZ_CHECK(strlen(p->id) == 32 && p->n_psa <= p->n_visit);
        for (size_t k = 1; k < p->n_visit; k++)
            FUZZ_CHECK(p->visit[k - 1].day < p->visit[k].day);
    }
}

/* ---------------------------------------------------------------- packs */

static void open_pack(tw_ctx *cx, tw_simdisk *disk, const uint8_t root[32], tw_bytes index)
{
    tw_pack *p;
    tw_str name = tw_strf(cx->arena, "vault/packs/" TW_FMT, TW_ARG(tw_hex(cx->arena, (tw_bytes){ root, 32 })));
    tw_simdisk_put(disk, tw_cstr(cx->arena, tw_strf(cx->arena, TW_FMT ".idx", TW_ARG(name))), index);
    tw_simdisk_put(disk, tw_cstr(cx->arena, tw_strf(cx->arena, TW_FMT ".pack", TW_ARG(name))), (tw_bytes){ 0 });
    /* Without objects no index fits: every item has at least one byte. */
    FUZZ_CHECK(tw_pack_open(cx, &p, "vault", root) != TW_OK);
    uint8_t *zero = tw_arena_try(cx->arena, 2 * (TW_CAPSULE + TW_WRAP));
    FUZZ_CHECK(zero != NULL);
    tw_simdisk_put(disk, tw_cstr(cx->arena, tw_strf(cx->arena, TW_FMT ".pack", TW_ARG(name))),
                   (tw_bytes){ zero, 2 * (TW_CAPSULE + TW_WRAP) });
    if (tw_pack_open(cx, &p, "vault", root) != TW_OK)
        return;
    uint64_t end = 0;
    for (size_t i = 0; i < tw_pack_count(p); i++) {
        const tw_pack_item *item = tw_pack_at(p, i);
        tw_bytes object;
        FUZZ_CHECK(item->offset == end);
        end += item->leaf.kind == 1 ? TW_CAPSULE + TW_WRAP : item->leaf.segment.cipher_bytes;
        /* Zeroes are no capsule and no segment. */
        FUZZ_CHECK(tw_pack_object(cx, &object, p, i) != TW_OK);
    }
    FUZZ_CHECK(end == 2 * (TW_CAPSULE + TW_WRAP));
    tw_status s = tw_pack_check(cx, "vault", root);
    for (size_t i = 0; i < tw_pack_count(p); i++)
        FUZZ_CHECK(s != TW_OK || tw_pack_at(p, i)->length == 0);
}

/* The root over the leaves as they stand, as far as the items go. */
static void root_of_items(uint8_t root[32], uint32_t *count, tw_bytes items)
{
    tw_merkle_range tree = { 0 };
    tw_rd in = tw_rd_of(items);
    for (*count = 0; tw_rd_left(&in) > 0; ++*count) {
        uint8_t leaf[TW_HASH];
        tw_bytes bytes = tw_rd_view(&in, items.p[in.off] == 1 ? TW_CAPSULE_LEAF_BYTES : TW_SEGMENT_LEAF_BYTES);
        (void)tw_rd_view(&in, 16);
        if (in.bad)
            break;
        tw_merkle_leaf(leaf, bytes);
        tw_merkle_range_add(&tree, leaf);
    }
    tw_merkle_range_root(root, &tree);
}

static void pack(tw_ctx *cx, tw_simdisk *disk, tw_bytes in, bool whole)
{
    uint8_t root[32];
    uint32_t count;
    tw_buf index;
    tw_bytes items = whole ? (tw_bytes){ in.p + TW_MIN(in.n, 9), in.n - TW_MIN(in.n, 9) } : in;
    root_of_items(root, &count, items);
    tw_buf_init(&index, TW_MIB);
    if (!whole) {
        tw_buf_cstr(&index, "TWPK");
        tw_buf_u8(&index, 1);
        tw_buf_u32(&index, count);
    }
    tw_buf_add(&index, in.p, in.n);
    open_pack(cx, disk, root, fuzz_taken(cx, &index));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    tw_bytes in = { data, size };
    fuzz_begin(&cx, 64 * TW_MIB);
    tw_simdisk *disk = tw_simdisk_new();
    fuzz_env()->disk = tw_simdisk_vtable(disk);
    unsigned what = fuzz_take(&in) % 4;
    if (what == 0)
        manifest(&cx, in);
    else if (what == 1)
        data_file(&cx, in);
    else
        pack(&cx, disk, in, what == 3);
    tw_simdisk_free(disk);
    tw_ctx_done(&cx);
    return 0;
}
