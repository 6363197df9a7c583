/* Whole synthetic patients of Synthea in each format, when TWINWARD_DATA is set: everything read is accounted for,
 * everything accepted opens. */
#include "test_app.h"

typedef struct {
    const char *folder;
    bool tables;       /* by the mapping that is proposed for them */
    uint64_t patients;
    uint64_t accepted; /* at least */
    uint64_t dead;
} real_folder;

static void collected_whole(const real_folder *f)
{
    world w;
    tw_enrol_report e;
    tw_collect_report c;
    tw_release_report r;
    tw_open_report o;
    tw_policy hmb = policy_hmb();
    world_make(&w);
    char *input = tw_path(cx, tw_test_data(), f->folder);
    const char *const paths[] = { input };
    tw_collect_opts co = { .source = "hospital-1", .path = paths, .path_count = 1 };
    tw_app_enrol_opts eo = { .policy = &hmb, .custodial = true };
    tw_enrol_line *line = NULL;
    co.mapping = f->tables ? folder_mapping(&w, input) : NULL;
    assert_ok(folder_lines(cx, &line, &eo.count, input, co.mapping));
    assert_int_equal(f->patients, eo.count);
    eo.line = line;
    assert_ok(tw_app_enrol(cx, &e, w.site, &eo));
    assert_int_equal(f->patients, e.wallets);
    assert_ok(tw_app_collect(cx, &c, w.site, &co));
    print_message("# %s: %llu read = %llu accepted + %llu refused by type + %llu dead letters\n", f->folder,
                  (unsigned long long)c.read, (unsigned long long)c.accepted, (unsigned long long)c.refused,
                  (unsigned long long)c.dead);
    assert_int_equal(c.read, c.accepted + c.refused + c.dead);
    assert_int_equal(f->dead, c.dead);
    assert_true(c.accepted >= f->accepted);
    tw_id project = world_project(&w, "lab", TW_PURPOSE_HMB, TW_CAT_ALL, 2);
    assert_ok(try_release(&r, &w, "lab", &project, TW_HONEST));
    assert_ok(tw_app_open(cx, &o, w.site, "lab", &r.release));
    assert_int_equal(f->patients, o.persons);
    assert_int_equal(0, o.failed_capsules);
    assert_int_equal(c.accepted - c.duplicates, o.records);
    assert_ok(tw_app_collect(cx, &c, w.site, &co)); /* again: nothing new */
    assert_int_equal(0, c.batches);
    assert_int_equal(c.accepted, c.duplicates);
    world_end(&w);
}

TEST(real__synthea_patients_are_collected_whole_and_open_whole)
{
    static const real_folder fhir = { "sources/fhir", false, 7, 1500, 0 };
    SKIP_WITHOUT_DATA();
    collected_whole(&fhir);
}

TEST(real__hl7v2_messages_are_collected_whole_and_open_whole)
{
    static const real_folder hl7v2 = { "sources/hl7v2", false, 9, 2000, 0 };
    SKIP_WITHOUT_DATA();
    collected_whole(&hl7v2);
}

TEST(real__ccda_documents_are_collected_whole_and_open_whole)
{
    static const real_folder ccda = { "sources/ccda", false, 8, 1500, 0 };
    SKIP_WITHOUT_DATA();
    collected_whole(&ccda);
}

/* Dead letters: codes that Synthea made up, whose check digit is not LOINC's. */
TEST(real__tables_are_collected_whole_by_the_proposed_mapping_and_open_whole)
{
    static const real_folder csv = { "sources/csv", true, 8, 1500, 23 };
    SKIP_WITHOUT_DATA();
    collected_whole(&csv);
}
