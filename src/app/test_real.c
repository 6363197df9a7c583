/* Whole synthetic patients of Synthea, when TWINWARD_DATA is set: everything read is accounted for, everything accepted
 * opens. */
#include "test_app.h"

static tw_enrol_line *lines_of(size_t *count, const char *input)
{
    tw_str *number;
    const char *const paths[] = { input };
    assert_ok(tw_app_patients(cx, &number, count, paths, 1));
    tw_enrol_line *line = tw_arena_get(cx->arena, (*count + 1) * sizeof *line);
    for (size_t i = 0; i < *count; i++)
        line[i] = (tw_enrol_line){ tw_strf(cx->arena, "custody-%03zu", i + 1), TW_STR("hospital-1"), number[i] };
    return line;
}

TEST(real__synthea_patients_are_collected_whole_and_open_whole)
{
    world w;
    tw_enrol_report e;
    tw_collect_report c;
    tw_release_report r;
    tw_open_report o;
    tw_policy hmb = policy_hmb();
    size_t count;
    SKIP_WITHOUT_DATA();
    world_make(&w);
    char *input = tw_path(cx, tw_test_data(), "sources/fhir");
    const char *const paths[] = { input };
    tw_enrol_line *line = lines_of(&count, input);
    assert_int_equal(7, count);
    tw_app_enrol_opts eo = { .line = line, .count = count, .policy = &hmb, .custodial = true };
    assert_ok(tw_app_enrol(cx, &e, w.site, &eo));
    assert_int_equal(7, e.wallets);
    tw_collect_opts co = { .source = "hospital-1", .path = paths, .path_count = 1 };
    assert_ok(tw_app_collect(cx, &c, w.site, &co));
    assert_true(c.read > 1000);
    assert_int_equal(c.read, c.accepted + c.refused + c.dead);
    assert_int_equal(0, c.dead);
    print_message("# %llu read = %llu accepted + %llu refused by type + %llu dead letters\n",
                  (unsigned long long)c.read, (unsigned long long)c.accepted, (unsigned long long)c.refused,
                  (unsigned long long)c.dead);
    tw_id project = world_project(&w, "lab", TW_PURPOSE_HMB, TW_CAT_ALL, 2);
    assert_ok(try_release(&r, &w, "lab", &project, TW_HONEST));
    assert_ok(tw_app_open(cx, &o, w.site, "lab", &r.release));
    assert_int_equal(7, o.persons);
    assert_int_equal(c.accepted - c.duplicates, o.records);
    assert_ok(tw_app_collect(cx, &c, w.site, &co)); /* again: nothing new */
    assert_int_equal(0, c.batches);
    assert_int_equal(c.accepted, c.duplicates);
    world_end(&w);
}
