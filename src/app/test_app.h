/** Fixtures of app's tests: a seeded site in a fresh folder, a few synthetic people enrolled, collected, a live
 * project. */
#ifndef TW_TEST_APP_H
#define TW_TEST_APP_H

#include <unistd.h>

#include "test.h"

#include "app/app_internal.h"

typedef struct {
    char dir[256];
    tw_env env;
    tw_site *site;
    tw_enrol_line *line;
    size_t line_count;
} world;

static TW_UNUSED char *site_dir(const world *w)
{
    return tw_path(cx, w->dir, "site");
}

/* Sources hospital-1, hospital-2; researchers lab, other. */
static TW_UNUSED void world_make(world *w)
{
    static const char *const source[] = { "hospital-1", "hospital-2" };
    static const char *const grantee[] = { "lab", "other" };
    *w = (world){ .env = tw_io_env() };
    snprintf(w->dir, sizeof w->dir, "/tmp/tw-test-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    cx->env = &w->env;
    tw_init_opts o = {
        .source = source, .source_count = 2, .grantee = grantee, .grantee_count = 2, .seeded = true, .seed = 7
    };
    assert_ok(tw_site_create(cx, site_dir(w), &o));
    assert_ok(tw_site_open(cx, &w->site, site_dir(w), true));
}

static TW_UNUSED void world_reopen(world *w)
{
    tw_site_close(cx, w->site);
    w->site = NULL;
    assert_ok(tw_site_open(cx, &w->site, site_dir(w), true));
}

static TW_UNUSED void world_end(world *w)
{
    char *command = tw_cstr(cx->arena, tw_strf(cx->arena, "rm -rf %s", w->dir));
    tw_site_close(cx, w->site);
    cx->env = tw_test_env();
    if (!getenv("TWINWARD_KEEP"))
        assert_int_equal(0, system(command)); /* check: allow system: a test clears its own folder */
}

static TW_UNUSED tw_policy policy_hmb(void)
{
    return (tw_policy){
        .status = TW_CONSENT_ACTIVE, .permission = TW_DUO_HMB, .categories = TW_CAT_ALL, .until_s = UINT64_MAX
    };
}

static TW_UNUSED tw_status put_file(void *self, tw_ctx *c, const char *path, tw_bytes data)
{
    world *w = self;
    char *full = tw_path(c, tw_path(c, w->dir, "in"), path);
    char *dir = tw_cstr(c->arena, tw_str_of(full));
    *strrchr(dir, '/') = '\0';
    TW_TRY(tw_dir_make(c, dir));
    return tw_file_write(c, full, data);
}

static TW_UNUSED tw_status no_series(TW_UNUSED void *self, TW_UNUSED tw_ctx *c, tw_synth_series *out,
                                     TW_UNUSED uint32_t patient)
{
    *out = (tw_synth_series){ .n = 0 };
    return TW_OK;
}

/* People written to <dir>/in, enrolled under one policy (NULL: HMB permitted). */
static TW_UNUSED void world_enrol(world *w, unsigned patients, const tw_policy *policy, bool directed)
{
    tw_bytes people;
    tw_enrol_report r;
    tw_policy hmb = policy_hmb();
    tw_synth_opts so = { .seed = 11, .patients = patients, .hospitals = 2, .series = no_series };
    tw_synth_sink sink = { put_file, w };
    assert_ok(tw_synth_make(cx, NULL, &so, &sink));
    assert_ok(tw_file_read(cx, &people, tw_path(cx, w->dir, "in/people.tsv"), TW_MIB));
    assert_ok(tw_enrol_lines_read(cx, &w->line, &w->line_count, tw_str_of_bytes(people)));
    tw_app_enrol_opts eo = { .line = w->line,
                             .count = w->line_count,
                             .policy = policy ? policy : &hmb,
                             .directed = directed,
                             .custodial = true };
    assert_ok(tw_app_enrol(cx, &r, w->site, &eo));
    assert_int_equal(w->line_count * 15 * 2, r.compartments);
    assert_int_equal(r.compartments, r.imported[0]);
    assert_int_equal(r.compartments, r.imported[3]);
}

static TW_UNUSED tw_collect_report world_collect(world *w, const char *source)
{
    tw_collect_report r;
    char *path = tw_path(cx, w->dir, tw_strf(cx->arena, "in/%s", source).p);
    const char *const paths[] = { path };
    tw_collect_opts o = { .source = source, .path = paths, .path_count = 1 };
    assert_ok(tw_app_collect(cx, &r, w->site, &o));
    assert_int_equal(r.read, r.accepted + r.refused + r.dead);
    return r;
}

static TW_UNUSED tw_id world_project(world *w, const char *grantee, tw_purpose_type purpose, uint32_t categories,
                                     unsigned approvals)
{
    tw_id id;
    tw_project_opts o = { .grantee = grantee, .categories = categories };
    o.purpose = (tw_purpose){ .type = purpose,
                              .commercial = 0,
                              .organisation = TW_ORG_NONPROFIT,
                              .genetic = 0,
                              .ethics_approval = 0,
                              .will_publish = 1,
                              .returns_results = 1,
                              .collaborates = 1,
                              .methods = 0,
                              .ancestry = 0,
                              .vulnerable_population = 0,
                              .stigmatising = 0,
                              .law_enforcement = 0,
                              .insurance_or_employment = 0 };
    assert_ok(tw_app_project_open(cx, &id, w->site, &o));
    for (unsigned i = 0; i < approvals; i++) {
        bool live;
        assert_ok(tw_app_project_approve(cx, &live, w->site, i ? "steward-2" : "steward-1", &id));
        assert_int_equal(i == 1, live);
    }
    return id;
}

static TW_UNUSED tw_status try_release(tw_release_report *r, world *w, const char *grantee, const tw_id *project,
                                       tw_try attempt)
{
    tw_release_opts o = { .grantee = grantee, .project = *project, .attempt = attempt };
    return tw_app_release(cx, r, w->site, &o);
}

/* ---------------------------------------------------------------- folders of real files */

static TW_UNUSED tw_status one_number(void *self, tw_ctx *c, const tw_phi *phi)
{
    tw_map *numbers = self;
    bool put = tw_map_put(numbers, tw_bytes_of(tw_phi_view(phi)->patient), numbers);
    return put ? TW_OK : tw_fail(c, TW_ELIMIT, "too many patients");
}

/* A line of enrolment at hospital-1 for every patient that a folder has records of; mapping: a file, or NULL. */
static TW_UNUSED tw_status folder_lines(tw_ctx *c, tw_enrol_line **line, size_t *count, const char *folder,
                                        const char *mapping)
{
    tw_bytes json;
    tw_sources *s;
    tw_sources_opts o = { .patients_max = 0 };
    tw_mapping *m = NULL;
    tw_map *numbers = tw_map_new(1000);
    const tw_sources_sink sink = { .record = one_number, .self = numbers };
    if (mapping) {
        TW_TRY(tw_file_read(c, &json, mapping, TW_MIB));
        TW_TRY(tw_mapping_read(c, &m, tw_str_of_bytes(json)));
        o.mapping = m;
    }
    TW_TRY(tw_sources_new(c, &s, &o, &sink));
    tw_status st = tw_sources_folder(c, s, folder);
    *count = tw_map_count(numbers);
    *line = tw_arena_get(c->arena, (*count + 1) * sizeof **line);
    for (size_t i = 0; i < *count; i++) {
        tw_bytes number;
        tw_map_at(numbers, i, &number);
        (*line)[i] = (tw_enrol_line){ tw_strf(c->arena, "custody-%03zu", i + 1), TW_STR("hospital-1"),
                                      tw_str_dup(c->arena, tw_str_of_bytes(number)) };
    }
    tw_sources_free(s);
    tw_mapping_free(m);
    tw_map_free(numbers);
    return st;
}

/* The mapping that is proposed for the tables of a folder, written to a file of the world. */
static TW_UNUSED char *folder_mapping(const world *w, const char *folder)
{
    tw_str *name;
    tw_str json;
    tw_str reasons;
    size_t count;
    size_t n = 0;
    char *file = tw_path(cx, w->dir, "mapping.json");
    assert_ok(tw_dir_list(cx, &name, &count, folder));
    const char **path = tw_arena_get(cx->arena, (count + 1) * sizeof *path);
    for (size_t i = 0; i < count; i++)
        if (tw_str_ends(name[i], ".csv"))
            path[n++] = tw_path(cx, folder, name[i].p);
    assert_ok(tw_app_suggest_mapping(cx, &json, &reasons, path, n));
    assert_ok(tw_file_write(cx, file, tw_bytes_of(json)));
    return file;
}

/* Three people, all permitted, collected; *project is live over everything. */
static TW_UNUSED void world_ready(world *w, tw_id *project)
{
    world_make(w);
    world_enrol(w, 3, NULL, false);
    world_collect(w, "hospital-1");
    world_collect(w, "hospital-2");
    *project = world_project(w, "lab", TW_PURPOSE_HMB, TW_CAT_ALL, 2);
}

#endif
