#include "test.h"

#include "vault/vault.h"

#include "page_test.h"
#include "sealed_test.h"
#include "simdisk.h"

#define DIR "vault"

typedef struct {
    tw_simdisk *disk;
    tw_sealed *item[8];
    size_t count;
    uint8_t root[32];
    tw_id comp[2]; /* item 0..2: a capsule and two segments of the first; 3, 4: capsule and segment of the other */
} store;

static void use_disk(tw_simdisk *d)
{
    tw_test_env()->disk = tw_simdisk_vtable(d);
}

static store *store_new(void)
{
    store *s = tw_new(cx->arena, store);
    s->disk = tw_simdisk_new();
    use_disk(s->disk);
    for (size_t i = 0; i < 2; i++)
        tw_random(cx, s->comp[i].b, 32);
    s->item[0] = sealed_capsule(&s->comp[0], 20454);
    s->item[1] = sealed_segment(&s->comp[0], 40);
    s->item[2] = sealed_segment(&s->comp[0], 1);
    s->item[3] = sealed_capsule(&s->comp[1], 20454);
    s->item[4] = sealed_segment(&s->comp[1], 70);
    s->count = 5;
    sealed_root(s->root, s->item, s->count);
    return s;
}

static tw_status write_all(const store *s)
{
    return tw_pack_write(cx, DIR, s->root, s->item, s->count);
}

static const char *path_of(const store *s, const char *suffix)
{
    const tw_str hex = tw_hex(cx->arena, TW_BYTES(s->root));
    return tw_cstr(cx->arena, tw_strf(cx->arena, DIR "/packs/" TW_FMT "%s", TW_ARG(hex), suffix));
}

/* Objects of the pack: those of the batch, or gone where the compartment is `erased`. */
static void assert_holds(const store *s, const tw_id *erased)
{
    tw_pack *p;
    assert_ok(tw_pack_open(cx, &p, DIR, s->root));
    assert_int_equal(s->count, tw_pack_count(p));
    for (size_t i = 0; i < s->count; i++) {
        const tw_pack_item *item = tw_pack_at(p, i);
        const tw_bytes leaf = tw_sealed_leaf(s->item[i]);
        tw_bytes object;
        const tw_id *comp = item->leaf.kind == 1 ? &item->leaf.capsule.comp : &item->leaf.segment.comp;
        assert_true(tw_bytes_eq(leaf, item->leaf_bytes));
        if (erased && tw_id_eq(comp, erased)) {
            assert_int_equal(0, item->length);
            assert_status(TW_ENOTFOUND, tw_pack_object(cx, &object, p, i));
        } else {
            assert_ok(tw_pack_object(cx, &object, p, i));
            assert_true(tw_bytes_eq(tw_sealed_object(s->item[i]), object));
        }
    }
    assert_ok(tw_pack_check(cx, DIR, s->root));
}

TEST(pack__gives_back_what_was_written)
{
    store *s = store_new();
    tw_id *roots;
    size_t count;
    assert_ok(tw_vault_list(cx, &roots, &count, DIR));
    assert_int_equal(0, count);
    assert_ok(write_all(s));
    assert_holds(s, NULL);
    assert_ok(tw_vault_list(cx, &roots, &count, DIR));
    assert_int_equal(1, count);
    assert_memory_equal(s->root, roots[0].b, 32);
    tw_simdisk_free(s->disk);
}

TEST(pack__same_batch_again_changes_nothing)
{
    store *s = store_new();
    assert_ok(write_all(s));
    const uint64_t calls = tw_simdisk_calls(s->disk);
    assert_ok(write_all(s));
    assert_int_equal(calls, tw_simdisk_calls(s->disk));
    assert_holds(s, NULL);
    tw_simdisk_free(s->disk);
}

TEST(pack__whose_parts_do_not_fit_is_not_written)
{
    store *s = store_new();
    uint8_t root[32];
    memcpy(root, s->root, 32);
    root[0] ^= 1;
    assert_status(TW_EVERIFY, tw_pack_write(cx, DIR, root, s->item, s->count));
    assert_status(TW_EVERIFY, tw_pack_write(cx, DIR, s->root, s->item, s->count - 1));
    assert_status(TW_EUSAGE, tw_pack_write(cx, DIR, s->root, s->item, 0));
    tw_sealed *const right = s->item[1];
    s->item[1] = sealed_of(tw_sealed_leaf(right), tw_sealed_object(s->item[2]));
    assert_status(TW_EVERIFY, write_all(s));
    s->item[1] = right;
    assert_ok(write_all(s));
    tw_simdisk_free(s->disk);
}

TEST(pack__is_not_there_is_said_so)
{
    store *s = store_new();
    tw_pack *p;
    assert_status(TW_ENOTFOUND, tw_pack_open(cx, &p, DIR, s->root));
    assert_status(TW_ENOTFOUND, tw_pack_check(cx, DIR, s->root));
    assert_ok(write_all(s));
    tw_simdisk_remove(s->disk, path_of(s, ".pack"));
    assert_status(TW_EVERIFY, tw_pack_open(cx, &p, DIR, s->root));
    tw_simdisk_free(s->disk);
}

TEST(pack__large_objects_and_small_ones_keep_their_places)
{
    store *s = store_new();
    s->item[1] = sealed_segment(&s->comp[0], 3 * TW_MIB);
    s->item[4] = sealed_segment(&s->comp[1], TW_MIB - 100);
    s->item[5] = sealed_segment(&s->comp[1], 5);
    s->count = 6;
    sealed_root(s->root, s->item, s->count);
    uint64_t gone;
    assert_ok(write_all(s));
    assert_holds(s, NULL);
    assert_ok(tw_vault_erase(cx, &gone, DIR, &s->comp[0], 1));
    assert_int_equal(3, gone);
    assert_holds(s, &s->comp[0]);
    tw_simdisk_free(s->disk);
}

/* ---------------------------------------------------------------- altered bytes */

static bool found(const store *s)
{
    tw_pack *p;
    return tw_pack_open(cx, &p, DIR, s->root) != TW_OK || tw_pack_check(cx, DIR, s->root) != TW_OK;
}

static void assert_every_byte_counts(const store *s, const char *path)
{
    const tw_bytes held = tw_simdisk_get(s->disk, path);
    const tw_bytes good = tw_bytes_dup(cx->arena, held);
    uint8_t *bad = tw_arena_get(cx->arena, good.n + 1);
    assert_false(found(s));
    for (size_t i = 0; i < good.n; i++) {
        for (unsigned k = 0; k < 3; k++) { /* a bit, all bits, to zero (or one): lengths that become 0 included */
            const tw_mark m = tw_arena_mark(cx->arena);
            memcpy(bad, good.p, good.n);
            bad[i] = k == 0 ? good.p[i] ^ 1 : k == 1 ? (uint8_t)~good.p[i] : good.p[i] ? 0 : 1;
            tw_simdisk_put(s->disk, path, (tw_bytes){ bad, good.n });
            if (!found(s))
                fail_msg("byte %zu of %s may be altered", i, path);
            tw_arena_back(cx->arena, m);
        }
    }
    memcpy(bad, good.p, good.n);
    for (size_t n = 0; n <= good.n + 1; n++) {
        const tw_mark m = tw_arena_mark(cx->arena);
        tw_simdisk_put(s->disk, path, (tw_bytes){ bad, n });
        assert_int_equal(n != good.n, found(s));
        tw_arena_back(cx->arena, m);
    }
    tw_simdisk_put(s->disk, path, good);
    assert_false(found(s));
}

TEST(pack__any_altered_byte_is_found)
{
    store *s = store_new();
    assert_ok(write_all(s));
    assert_every_byte_counts(s, path_of(s, ".pack"));
    assert_every_byte_counts(s, path_of(s, ".idx"));
    tw_simdisk_free(s->disk);
}

TEST(pack__any_altered_byte_is_found_after_an_erasure)
{
    store *s = store_new();
    uint64_t gone;
    assert_ok(write_all(s));
    assert_ok(tw_vault_erase(cx, &gone, DIR, &s->comp[1], 1));
    assert_every_byte_counts(s, path_of(s, ".pack"));
    assert_every_byte_counts(s, path_of(s, ".idx"));
    tw_simdisk_free(s->disk);
}

/* ---------------------------------------------------------------- erasure */

static bool has_bytes(tw_bytes file, tw_bytes object)
{
    return tw_str_find(tw_str_of_bytes(file), tw_str_of_bytes(object)) != SIZE_MAX;
}

TEST(erase__removes_bytes_and_keeps_the_root)
{
    store *s = store_new();
    uint64_t gone;
    assert_ok(write_all(s));
    assert_true(has_bytes(tw_simdisk_get(s->disk, path_of(s, ".pack")), tw_sealed_object(s->item[0])));
    assert_ok(tw_vault_erase(cx, &gone, DIR, &s->comp[0], 1));
    assert_int_equal(3, gone);
    assert_holds(s, &s->comp[0]);
    const tw_bytes file = tw_simdisk_get(s->disk, path_of(s, ".pack"));
    for (size_t i = 0; i < s->count; i++)
        assert_int_equal(i >= 3, has_bytes(file, tw_sealed_object(s->item[i])));
    assert_ok(tw_vault_erase(cx, &gone, DIR, &s->comp[0], 1));
    assert_int_equal(0, gone);
    assert_ok(write_all(s)); /* the batch again does not bring it back */
    assert_holds(s, &s->comp[0]);
    tw_simdisk_free(s->disk);
}

TEST(erase__of_everything_leaves_a_provable_shell)
{
    store *s = store_new();
    uint64_t gone;
    tw_pack *p;
    assert_ok(write_all(s));
    assert_ok(tw_vault_erase(cx, &gone, DIR, s->comp, 2));
    assert_int_equal(5, gone);
    assert_ok(tw_pack_open(cx, &p, DIR, s->root));
    assert_ok(tw_pack_check(cx, DIR, s->root));
    tw_simdisk_free(s->disk);
}

TEST(erase__goes_through_every_pack_and_spares_others)
{
    store *s = store_new();
    store other = *s;
    const tw_id nobody = { { 1 } };
    uint64_t gone;
    tw_id *roots;
    size_t count;
    other.item[0] = sealed_segment(&s->comp[0], 9);
    other.count = 1;
    sealed_root(other.root, other.item, other.count);
    assert_ok(write_all(s));
    assert_ok(write_all(&other));
    assert_ok(tw_vault_list(cx, &roots, &count, DIR));
    assert_int_equal(2, count);
    assert_true(tw_id_cmp(&roots[0], &roots[1]) < 0);
    assert_ok(tw_vault_erase(cx, &gone, DIR, &nobody, 1));
    assert_int_equal(0, gone);
    assert_ok(tw_vault_erase(cx, &gone, DIR, &s->comp[0], 1));
    assert_int_equal(4, gone);
    assert_holds(s, &s->comp[0]);
    assert_holds(&other, &s->comp[0]);
    tw_simdisk_free(s->disk);
}

/* ---------------------------------------------------------------- crashes */

/* Runs `step` on a disk that dies at its n-th change, then loses what was not synced; for n = 1, 2, ... until it
 * is done. After each: the vault is sound or says so, and the step again succeeds. */
static void die_everywhere(store *s, bool erase)
{
    tw_simdisk *const start = s->disk;
    uint64_t gone;
    bool done = false;
    for (uint64_t n = 1; !done; n++) {
        const tw_mark m = tw_arena_mark(cx->arena);
        s->disk = tw_simdisk_copy(start);
        use_disk(s->disk);
        tw_simdisk_die_at(s->disk, n);
        tw_status first = erase ? tw_vault_erase(cx, &gone, DIR, &s->comp[0], 1) : write_all(s);
        done = first == TW_OK;
        tw_simdisk_die_at(s->disk, 0);
        tw_simdisk_crash(s->disk, tw_test_random());
        tw_pack *p;
        const tw_status opened = tw_pack_open(cx, &p, DIR, s->root);
        if (!erase) {
            assert_status(done ? TW_OK : TW_ENOTFOUND, opened);
        } else {
            assert_ok(opened);
            for (size_t i = 3; i < s->count; i++) { /* of the other compartment: never in doubt */
                tw_bytes object;
                assert_ok(tw_pack_object(cx, &object, p, i));
            }
        }
        assert_ok(erase ? tw_vault_erase(cx, &gone, DIR, &s->comp[0], 1) : write_all(s));
        assert_holds(s, erase ? &s->comp[0] : NULL);
        tw_simdisk_free(s->disk);
        tw_arena_back(cx->arena, m);
        assert_true(n < 100);
    }
    s->disk = start;
}

TEST(crash__while_writing_leaves_all_or_nothing)
{
    store *s = store_new();
    die_everywhere(s, false);
    tw_simdisk_free(s->disk);
}

TEST(crash__while_erasing_is_mended_by_erasing_again)
{
    store *s = store_new();
    assert_ok(write_all(s));
    die_everywhere(s, true);
    tw_simdisk_free(s->disk);
}

/* The one state between old and new: objects gone, index as before. */
TEST(crash__between_pack_and_index_of_an_erasure_is_noticed)
{
    store *s = store_new();
    uint64_t gone;
    assert_ok(write_all(s));
    const tw_bytes index = tw_bytes_dup(cx->arena, tw_simdisk_get(s->disk, path_of(s, ".idx")));
    assert_ok(tw_vault_erase(cx, &gone, DIR, &s->comp[0], 1));
    tw_simdisk_put(s->disk, path_of(s, ".idx"), index);
    tw_pack *p;
    tw_bytes object;
    assert_status(TW_EVERIFY, tw_pack_check(cx, DIR, s->root));
    assert_ok(tw_pack_open(cx, &p, DIR, s->root));
    assert_status(TW_EVERIFY, tw_pack_object(cx, &object, p, 0));
    assert_ok(tw_pack_object(cx, &object, p, 4));
    assert_ok(tw_vault_erase(cx, &gone, DIR, &s->comp[0], 1));
    assert_holds(s, &s->comp[0]);
    tw_simdisk_free(s->disk);
}

/* ---------------------------------------------------------------- the page */

TEST(page__example_of_an_index_holds_the_objects_of_the_other_pages)
{
    tw_simdisk *d = tw_simdisk_new();
    use_disk(d);
    const tw_bytes index = page_hex("docs/formats/pack.md", 0);
    const tw_bytes root = page_hex("docs/formats/pack.md", 1);
    const tw_bytes objects[] = { page_hex("docs/formats/capsule.md", 0), page_hex("docs/formats/segment.md", 1) };
    const char *base = tw_cstr(cx->arena, tw_strf(cx->arena, DIR "/packs/" TW_FMT, TW_ARG(tw_hex(cx->arena, root))));
    uint8_t *pack = tw_arena_get(cx->arena, objects[0].n + objects[1].n);
    memcpy(pack, objects[0].p, objects[0].n);
    memcpy(pack + objects[0].n, objects[1].p, objects[1].n);
    assert_ok(tw_dir_make(cx, DIR "/packs"));
    tw_simdisk_put(d, tw_cstr(cx->arena, tw_strf(cx->arena, "%s.idx", base)), index);
    tw_simdisk_put(d, tw_cstr(cx->arena, tw_strf(cx->arena, "%s.pack", base)),
                   (tw_bytes){ pack, objects[0].n + objects[1].n });
    tw_pack *p;
    assert_ok(tw_pack_open(cx, &p, DIR, root.p));
    assert_int_equal(2, tw_pack_count(p));
    assert_int_equal(20454, tw_pack_at(p, 0)->leaf.capsule.day);
    for (size_t i = 0; i < 2; i++) {
        tw_bytes object;
        assert_ok(tw_pack_object(cx, &object, p, i));
        assert_true(tw_bytes_eq(objects[i], object));
    }
    uint64_t gone;
    assert_ok(tw_vault_erase(cx, &gone, DIR, &tw_pack_at(p, 0)->leaf.capsule.comp, 1));
    assert_int_equal(2, gone);
    assert_ok(tw_pack_check(cx, DIR, root.p));
    tw_simdisk_free(d);
}
