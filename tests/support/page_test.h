/** Worked examples of docs/formats: blocks between "```hex" and "```" as bytes. */
#ifndef TW_PAGE_TEST_H
#define TW_PAGE_TEST_H

#include "test.h"

/** Block number `which` (from 0) of a page, in the arena. */
static inline tw_bytes page_hex(const char *path, size_t which)
{
    tw_str text = tw_test_source(path);
    tw_str line;
    bool in = false;
    size_t block = 0;
    char *digits = tw_arena_get(cx->arena, text.n + 1);
    size_t n = 0;
    while (tw_str_split(&line, &text, '\n')) {
        if (in && tw_str_is(line, "```")) {
            if (block++ == which)
                return tw_test_unhex((tw_str){ digits, n });
            in = false;
            n = 0;
        } else if (in) {
            memcpy(digits + n, line.p, line.n);
            n += line.n;
        } else {
            in = tw_str_is(line, "```hex");
        }
    }
    fail_msg("%s has no hex block %zu", path, which);
    return (tw_bytes){ 0 };
}

#endif
