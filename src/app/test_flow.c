#include "test_app.h"

TEST(flow__what_was_collected_opens_whole_for_an_approved_project)
{
    world w;
    tw_id project;
    tw_release_report r;
    tw_open_report o;
    tw_audit_report a;
    world_make(&w);
    world_enrol(&w, 3, NULL, false);
    tw_collect_report c1 = world_collect(&w, "hospital-1");
    tw_collect_report c2 = world_collect(&w, "hospital-2");
    project = world_project(&w, "lab", TW_PURPOSE_HMB, TW_CAT_ALL, 2);
    assert_ok(try_release(&r, &w, "lab", &project, TW_HONEST));
    assert_int_equal(r.leaves, r.answered);
    assert_int_equal(4 * r.leaves, r.codes[TW_LEAF_ANSWERED]);
    assert_ok(tw_app_open(cx, &o, w.site, "lab", &r.release));
    assert_int_equal(3, o.persons);
    assert_int_equal(c1.accepted - c1.duplicates + c2.accepted - c2.duplicates, o.records);
    assert_int_equal(0, o.failed_capsules);
    tw_site_close(cx, w.site);
    w.site = NULL;
    tw_status s = tw_app_audit(cx, &a, site_dir(&w));
    for (size_t i = 0; i < a.finding_count; i++)
        print_message("%s: %s: %s\n", a.finding[i].severity, a.finding[i].file.p, a.finding[i].what.p);
    assert_status(TW_OK, s);
    assert_int_equal(4 * r.leaves, a.answered_leaves);
    world_end(&w);
}
