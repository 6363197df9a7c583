/* One file and the log's key: what verifies, and what is found when a byte of it is another. */
#include "test_app.h"

static void checkpoints(tw_bytes *out, const char *path)
{
    assert_ok(tw_file_read(cx, out, path, 16 * TW_MIB));
}

static tw_status verify_text(tw_str *what, const world *w, tw_bytes text)
{
    char *path = tw_path(cx, w->dir, "notes");
    assert_ok(tw_file_write(cx, path, text));
    return tw_app_verify(cx, what, path, site_dir(w), NULL);
}

TEST(verify__a_file_of_many_checkpoints_each_of_them)
{
    world w;
    tw_str what;
    tw_bytes all;
    world_make(&w);
    world_enrol(&w, 1, NULL, false);
    tw_site_close(cx, w.site);
    w.site = NULL;
    checkpoints(&all, tw_path(cx, site_dir(&w), "exchange/log/checkpoints"));
    size_t count = 0;
    size_t second = 0;
    for (size_t i = 0; i + 2 < all.n; i++)
        if (memcmp(all.p + i, "\n\n\xe2", 3) == 0 && ++count == 1)
            second = i + 2;
    assert_true(count > 3);
    while (all.p[second++] != '\n')
        ;
    assert_ok(verify_text(&what, &w, all));
    assert_true(tw_str_starts(what, tw_strf(cx->arena, "%zu checkpoints: ", count).p));
    assert_ok(verify_text(&what, &w, (tw_bytes){ all.p, second }));
    assert_true(tw_str_starts(what, "checkpoint: "));
    for (size_t i = 0; i < 40; i++) { /* any byte of it */
        tw_bytes bad = tw_bytes_dup(cx->arena, all);
        size_t at = (size_t)tw_test_below(all.n);
        if (all.p[at] == '\n')
            continue;
        ((uint8_t *)(uintptr_t)bad.p)[at] ^= 1;
        if (verify_text(&what, &w, bad) == TW_OK)
            fail_msg("byte %zu of %zu may be another", at, all.n);
    }
    uint8_t *twice = tw_arena_get(cx->arena, 2 * all.n); /* sizes that fall */
    memcpy(twice, all.p, all.n);
    memcpy(twice + all.n, all.p, all.n);
    assert_status(TW_EVERIFY, verify_text(&what, &w, (tw_bytes){ twice, 2 * all.n }));
    assert_true(verify_text(&what, &w, (tw_bytes){ all.p, all.n - 30 }) != TW_OK); /* cut */
    world_end(&w);
}
