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

/* Two hospitals that number their records alike: one person, two records, two ids. */
TEST(flow__equal_numbers_at_two_sources_stay_two_records)
{
    static const char bundle[] =
        "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":["
        "{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"p1\"}},"
        "{\"resource\":{\"resourceType\":\"Observation\",\"id\":\"123\",\"status\":\"final\",\"code\":{\"coding\":[{"
        "\"system\":"
        "\"http://loinc.org\",\"code\":\"2857-1\"}]},\"subject\":{\"reference\":\"Patient/p1\"}}}]}";
    world w;
    tw_enrol_report e;
    tw_collect_report c;
    tw_release_report r;
    tw_open_report o;
    tw_bytes lines;
    tw_policy hmb = policy_hmb();
    tw_enrol_line line[] = { { TW_STR("ann"), TW_STR("hospital-1"), TW_STR("p1") },
                             { TW_STR("ann"), TW_STR("hospital-2"), TW_STR("p1") } };
    world_make(&w);
    char *file = tw_path(cx, w.dir, "b.json");
    assert_ok(tw_file_write(cx, file, tw_bytes_of(TW_STR(bundle))));
    tw_app_enrol_opts eo = { .line = line, .count = 2, .policy = &hmb, .custodial = true };
    assert_ok(tw_app_enrol(cx, &e, w.site, &eo));
    const char *const paths[] = { file };
    for (size_t i = 0; i < 2; i++) {
        tw_collect_opts co = { .source = i ? "hospital-2" : "hospital-1", .path = paths, .path_count = 1 };
        assert_ok(tw_app_collect(cx, &c, w.site, &co));
        assert_int_equal(2, c.accepted);
    }
    tw_id project = world_project(&w, "lab", TW_PURPOSE_HMB, TW_CAT_ALL, 2);
    assert_ok(try_release(&r, &w, "lab", &project, TW_HONEST));
    assert_ok(tw_app_open(cx, &o, w.site, "lab", &r.release));
    assert_int_equal(1, o.persons);
    assert_ok(tw_file_read(cx, &lines, tw_path(cx, o.data_dir, "Observation.ndjson"), TW_MIB));
    tw_str rest = tw_str_of_bytes(lines);
    tw_str id[2];
    for (size_t i = 0; i < 2; i++) {
        tw_str one;
        tw_json d;
        assert_true(tw_ndjson_next(&one, &rest));
        assert_ok(tw_json_parse(cx, &d, one, NULL));
        id[i] = tw_json_member_text(cx, &d, 0, "id");
        assert_int_equal(32, id[i].n);
    }
    assert_false(tw_str_eq(id[0], id[1]));
    world_end(&w);
}
