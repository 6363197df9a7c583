#include <dirent.h>
#include <math.h>

#include "sbml/sbml.h"
#include "test_near.h"

/* ---------------------------------------------------------------- all of the suite */

static tw_status read_case(const char *name, tw_str text)
{
    const tw_sbml_model *m;
    tw_status s = tw_sbml_read(cx, &m, text, NULL);
    if (s != TW_OK)
        print_error("%s: %s: %s\n", name, tw_status_name(s), cx->err.msg);
    return s;
}

static const char *model_file(const char *folder)
{
    DIR *d = opendir(tw_strf(cx->arena, "%s/%s", tw_test_data(), folder).p);
    const char *found = NULL;
    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        if (tw_str_ends(tw_str_of(e->d_name), ".xml"))
            found = tw_strf(cx->arena, "%s/%s", folder, e->d_name).p;
    if (d)
        closedir(d);
    return found;
}

TEST(read__takes_every_case_of_the_test_suite)
{
    SKIP_WITHOUT_DATA();
    int cases = 0, failed = 0;
    DIR *d = opendir(tw_strf(cx->arena, "%s/sbml", tw_test_data()).p);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (!tw_is_digit(e->d_name[0]))
            continue;
        tw_mark mark = tw_arena_mark(cx->arena);
        const char *file = model_file(tw_strf(cx->arena, "sbml/%s", e->d_name).p);
        assert_non_null(file);
        failed += read_case(file, tw_test_read(file)) != TW_OK;
        cases++;
        tw_arena_back(cx->arena, mark);
    }
    closedir(d);
    assert_int_equal(0, failed);
    assert_true(cases >= 1000);
}
