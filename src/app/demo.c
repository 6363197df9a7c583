/* The whole main job, once, on one machine. Nothing is said here that is not read back from the site's files. */
#include "demo_internal.h"

static const char *const sources[TW_DEMO_SOURCES] = { "north", "river", "hill" };

/* ---------------------------------------------------------------- folder */

tw_status tw_demo_folder(tw_ctx *cx, const tw_demo_opts *o)
{
    tw_str *name;
    size_t count = 0;
    if (!tw_path_exists(cx, o->dir))
        return TW_OK;
    TW_TRY(tw_dir_list(cx, &name, &count, o->dir));
    if (count == 0)
        return TW_OK;
    bool ours = tw_path_exists(cx, tw_path(cx, o->dir, "site.json")) &&
                tw_path_exists(cx, tw_path(cx, o->dir, "exchange"));
    if (!ours) {
        tw_fail(cx, TW_ECONFLICT, "%s is not empty, and no site", o->dir);
        return tw_hint(cx, "choose another --dir");
    }
    if (!o->force) {
        tw_fail(cx, TW_ECONFLICT, "there is a site in %s already", o->dir);
        return tw_hint(cx, "choose another --dir, or --force to remove it");
    }
    return tw_folder_remove(cx, o->dir);
}

static tw_status make_site(tw_ctx *cx, tw_demo *d, const char *const *source, size_t count)
{
    static const char *const grantee[] = { TW_DEMO_LAB, TW_DEMO_INSURER };
    tw_init_opts o = {
        .source = source, .source_count = count, .grantee = grantee, .grantee_count = TW_COUNT(grantee)
    };
    o.seeded = d->o->seeded;
    o.seed = d->o->seed;
    TW_TRY(tw_demo_folder(cx, d->o));
    TW_TRY(tw_site_create(cx, d->o->dir, &o));
    return tw_site_open(cx, &d->s, d->o->dir, true);
}

/* ---------------------------------------------------------------- steps that several ways share */

tw_status tw_demo_collect(tw_ctx *cx, tw_demo *d, const char *source, const char *path)
{
    tw_collect_report *r = tw_new(cx->arena, tw_collect_report);
    const char *const paths[] = { path };
    tw_collect_opts o = { .source = source, .path = paths, .path_count = 1, .progress = d->o->progress };
    const char *mapping = tw_strf(cx->arena, "%s.mapping.json", path).p;
    o.mapping = tw_path_exists(cx, mapping) ? mapping : NULL;
    o.zone = d->o->input ? NULL : TW_SYNTH_ZONE;
    return tw_app_collect(cx, r, d->s, &o);
}

tw_purpose tw_demo_purpose(void)
{
    tw_purpose p = { .type = TW_PURPOSE_DS, .organisation = TW_ORG_NONPROFIT, .will_publish = 1, .returns_results = 1 };
    p.collaborates = 1;
    p.country = TW_STR("FI");
    p.institution = TW_STR("Tumour Laboratory");
    p.diseases.item[p.diseases.count++] = TW_STR("DOID:10283");
    return p;
}

tw_status tw_demo_project(tw_ctx *cx, tw_id *project, tw_demo *d, const char *grantee, const tw_purpose *purpose,
                          uint32_t categories, unsigned approvals)
{
    static const char *const steward[] = { "steward-1", "steward-2", "steward-3" };
    tw_project_opts o = { .grantee = grantee, .purpose = *purpose, .categories = categories };
    TW_TRY(tw_app_project_open(cx, project, d->s, &o));
    TW_ASSERT(approvals <= TW_COUNT(steward));
    for (unsigned i = 0; i < approvals; i++) {
        bool live;
        TW_TRY(tw_app_project_approve(cx, &live, d->s, steward[i], project));
    }
    return TW_OK;
}

static tw_status release_and_open(tw_ctx *cx, tw_id *release, tw_demo *d)
{
    tw_release_report r;
    tw_open_report o;
    tw_release_opts ro = { .grantee = TW_DEMO_LAB, .project = d->project, .progress = d->o->progress };
    TW_TRY(tw_app_release(cx, &r, d->s, &ro));
    *release = r.release;
    tw_step(&d->o->progress, "open", 0, 0);
    return tw_app_open(cx, &o, d->s, TW_DEMO_LAB, &r.release);
}

static tw_status minute_passes(tw_ctx *cx, tw_demo *d)
{
    return tw_site_insecure(d->s) ? tw_site_advance(cx, d->s, 60) : tw_site_tick(cx, d->s);
}

/* The first person who grants by name only does so, to the laboratory's project. */
static tw_status grant_by_name(tw_ctx *cx, tw_demo *d, uint32_t categories)
{
    tw_owner_report r;
    tw_policy policy = tw_demo_policy(d, TW_DEMO_DIRECTED);
    tw_scope scope = { .wallet = tw_demo_wallet(cx, d, TW_DEMO_DIRECTED, 0), .categories = categories };
    if (!scope.wallet[0])
        return TW_OK;
    return tw_app_consent_set(cx, &r, d->s, &scope, &policy, tw_id_hex(cx, &d->project).p);
}

/* ---------------------------------------------------------------- the ways */

static tw_status group(tw_ctx *cx, tw_demo *d)
{
    uint32_t wanted = TW_CAT_BIT(TW_CAT_LABS) | TW_CAT_BIT(TW_CAT_MEDICATIONS) | TW_CAT_BIT(TW_CAT_ENCOUNTERS) |
                      TW_CAT_BIT(TW_CAT_CONDITIONS);
    tw_purpose research = tw_demo_purpose();
    tw_purpose insurance = { .type = TW_PURPOSE_GRU, .commercial = 1, .organisation = TW_ORG_COMMERCIAL };
    tw_id later;
    insurance.insurance_or_employment = 1;
    insurance.institution = TW_STR("Insurer");
    TW_TRY(make_site(cx, d, sources, TW_DEMO_SOURCES));
    tw_step(&d->o->progress, "hospitals", 0, 0);
    TW_DEMO_STEP(tw_demo_people(cx, d));
    TW_TRY(tw_demo_enrol(cx, d));
    for (size_t i = 0; i < TW_DEMO_SOURCES; i++) {
        TW_TRY(minute_passes(cx, d));
        TW_DEMO_STEP(tw_demo_collect(cx, d, sources[i], tw_site_path(cx, d->s, "hospitals/hospital-%zu", i + 1)));
    }
    TW_TRY(minute_passes(cx, d));
    TW_TRY(tw_demo_project(cx, &d->project, d, TW_DEMO_LAB, &research, wanted, 2));
    TW_TRY(tw_demo_project(cx, &d->insurer, d, TW_DEMO_INSURER, &insurance, wanted, 2));
    TW_DEMO_STEP(grant_by_name(cx, d, wanted));
    TW_DEMO_STEP(release_and_open(cx, &d->release, d));
    TW_TRY(minute_passes(cx, d));
    TW_DEMO_STEP(tw_demo_twins(cx, d));
    TW_DEMO_STEP(tw_demo_attempts(cx, d));
    TW_TRY(minute_passes(cx, d));
    TW_DEMO_STEP(release_and_open(cx, &later, d));
    TW_DEMO_STEP(tw_demo_look(cx, d));
    return TW_OK;
}

/* Somebody's own FHIR files: custodial wallets for all patients found there. */
static tw_status custody(tw_ctx *cx, tw_demo *d, const char *source)
{
    tw_str *number;
    size_t count;
    tw_enrol_report r;
    const char *const paths[] = { d->o->input };
    tw_policy policy = tw_demo_policy(d, TW_DEMO_HEALTH);
    TW_TRY(tw_app_patients(cx, &number, &count, paths, 1));
    if (count == 0)
        return tw_fail(cx, TW_ENOTFOUND, "no patient is in the files of --input");
    d->line = tw_try_array(cx->arena, tw_enrol_line, count);
    if (!d->line)
        return tw_fail(cx, TW_ELIMIT, "no memory left for %zu patients", count);
    for (size_t i = 0; i < count; i++)
        d->line[i] = (tw_enrol_line){ tw_strf(cx->arena, "custody-%03zu", i + 1), tw_str_of(source), number[i] };
    d->lines = count;
    tw_app_enrol_opts o = { .line = d->line, .count = count, .policy = &policy, .custodial = true };
    o.progress = d->o->progress;
    return tw_app_enrol(cx, &r, d->s, &o);
}

static tw_status own_files(tw_ctx *cx, tw_demo *d)
{
    static const char *const source[] = { "input" };
    tw_purpose research = tw_demo_purpose();
    research.type = TW_PURPOSE_HMB;
    research.diseases.count = 0;
    TW_TRY(make_site(cx, d, source, 1));
    TW_TRY(custody(cx, d, source[0])); /* its lines are used to the end */
    TW_DEMO_STEP(tw_demo_collect(cx, d, source[0], d->o->input));
    TW_TRY(minute_passes(cx, d));
    TW_TRY(tw_demo_project(cx, &d->project, d, TW_DEMO_LAB, &research, TW_CAT_ALL, 2));
    TW_DEMO_STEP(release_and_open(cx, &d->release, d));
    TW_DEMO_STEP(tw_demo_twins(cx, d));
    return TW_OK;
}

static tw_status check_opts(tw_ctx *cx, const tw_demo_opts *o)
{
    if (!o->input && o->patients && o->patients < TW_DEMO_PATIENTS_MIN)
        return tw_fail(cx, TW_EUSAGE, "the demo wants at least %d patients", TW_DEMO_PATIENTS_MIN);
    if (o->input && !tw_path_exists(cx, o->input))
        return tw_fail(cx, TW_ENOTFOUND, "the path of --input is not there");
    return TW_OK;
}

tw_status tw_app_demo(tw_ctx *cx, tw_str *summary, const tw_demo_opts *opts)
{
    tw_demo d = { .o = opts };
    TW_TRY(check_opts(cx, opts));
    tw_facts *f = tw_new(cx->arena, tw_facts);
    tw_status s = opts->input && !opts->input_psa ? own_files(cx, &d) : group(cx, &d);
    if (s == TW_OK)
        tw_err_clear(cx);
    tw_status scored = tw_demo_scores(cx, &d); /* also when something else failed: it must not outlive the site */
    s = s == TW_OK ? scored : s;
    if (s == TW_OK) {
        tw_step(&opts->progress, "audit and report", 0, 0);
        s = tw_report_make(cx, f, d.s, tw_site_path(cx, d.s, "report.html"));
    }
    if (s == TW_OK)
        s = tw_demo_summary(cx, summary, &d, f);
    tw_site_close(cx, d.s);
    return s;
}
