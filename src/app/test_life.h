/** A life of a small site as a script: enrol, collect, project, release, open, consent, stop, erase. Each step may be
 * run again after a kill at any moment. Used by the tests that kill and scan. Steps return statuses, so that they can
 * run in a forked child, where no assertion may jump. */
#ifndef TW_TEST_LIFE_H
#define TW_TEST_LIFE_H

#include "child.h"
#include "test_app.h"

typedef enum {
    LIFE_ENROL = 1,
    LIFE_COLLECT = 2,
    LIFE_PROJECT = 4,
    LIFE_RELEASE = 8, /* and open */
    LIFE_CONSENT = 16, /* person-002: a policy that still permits; person-001 labs: directed to the project */
    LIFE_STOP = 32,    /* person-002: conditions */
    LIFE_ERASE = 64    /* person-001: everything */
} life_step;

typedef struct {
    const char *site;  /* folder */
    const char *in;    /* what the generator wrote */
    const char *first; /* erased and granted to: a wallet's name */
    const char *second;
    unsigned steps;
    const char
        *progress; /* file of what is done, so that a run goes on at the step that was killed; NULL: from the first */
    uint32_t orders;      /* categories that consents and erasures are about; 0: all */
    size_t batch_bytes;   /* a source's folder at once, in batches of about this; 0: file by file */
    unsigned jobs;        /* threads of collect; 0: as many as processors */
    bool tells;           /* steps of progress go to stderr, too */
    tw_policy policy;
    tw_collect_report collected; /* of the last source */
    tw_open_report opened;
} life;

/* Makes <dir>/site and <dir>/in, holds nothing open. formats: of the two hospitals in turn. */
static TW_UNUSED void life_make_in(world *w, unsigned people, const char *formats)
{
    tw_synth_opts so = { .seed = 11, .patients = people, .hospitals = 2, .series = no_series };
    tw_synth_sink sink = { put_file, w };
    world_make(w);
    assert_ok(tw_synth_formats_parse(cx, so.format, &so.formats, tw_str_of(formats)));
    assert_ok(tw_synth_make(cx, NULL, &so, &sink));
    tw_site_close(cx, w->site);
    w->site = NULL;
}

static TW_UNUSED void life_make(world *w, unsigned people)
{
    life_make_in(w, people, "fhir");
}

static TW_UNUSED life life_of(const world *w, const char *site, unsigned steps)
{
    return (life){ .site = site,
                   .in = tw_path(cx, w->dir, "in"),
                   .first = "person-001",
                   .second = "person-002",
                   .steps = steps,
                   .policy = policy_hmb() };
}

static TW_UNUSED void copy_tree(const char *from, const char *to)
{
    char *command = tw_cstr(cx->arena, tw_strf(cx->arena, "rm -rf %s && cp -a %s %s", to, from, to));
    assert_int_equal(0, system(command)); /* check: allow system: a test copies its own folder */
}

static TW_UNUSED void remove_tree(const char *path)
{
    char *command = tw_cstr(cx->arena, tw_strf(cx->arena, "rm -rf %s", path));
    assert_int_equal(0, system(command)); /* check: allow system: a test removes its own folder */
}

/* ---------------------------------------------------------------- steps */

static TW_UNUSED tw_status life_enrol(tw_ctx *c, life *l, tw_site *s)
{
    tw_bytes people;
    tw_enrol_report r;
    tw_app_enrol_opts o = { .policy = &l->policy, .custodial = true };
    tw_enrol_line *line;
    TW_TRY(tw_file_read(c, &people, tw_path(c, l->in, "people.tsv"), TW_MIB));
    TW_TRY(tw_enrol_lines_read(c, &line, &o.count, tw_str_of_bytes(people)));
    o.line = line;
    return tw_app_enrol(c, &r, s, &o);
}

static TW_UNUSED void life_tell(TW_UNUSED void *self, const char *name, uint64_t done, uint64_t total)
{
    fprintf(stderr, "%s %llu of %llu\n", name, (unsigned long long)done, (unsigned long long)total);
}

/* What the generator's hospitals need: the mapping beside the folder, their clock. */
static TW_UNUSED tw_collect_opts life_collect_opts(tw_ctx *c, const life *l, const char *source)
{
    const char *mapping = tw_strf(c->arena, "%s.mapping.json", tw_path(c, l->in, source)).p;
    return (tw_collect_opts){ .source = source,
                              .mapping = tw_path_exists(c, mapping) ? mapping : NULL,
                              .zone = TW_SYNTH_ZONE,
                              .batch_bytes = l->batch_bytes,
                              .jobs = l->jobs,
                              .progress = { l->tells ? life_tell : NULL, NULL } };
}

static TW_UNUSED tw_status life_collect_path(tw_ctx *c, life *l, tw_site *s, const char *source, const char *path)
{
    const char *const paths[] = { path };
    tw_collect_opts o = life_collect_opts(c, l, source);
    o.path = paths;
    o.path_count = 1;
    TW_TRY(tw_app_collect(c, &l->collected, s, &o));
    if (l->collected.read != l->collected.accepted + l->collected.refused + l->collected.dead)
        return tw_fail(c, TW_EFAILED, "not everything that was read is accounted for");
    return TW_OK;
}

/* In many batches, one way or the other. */
static TW_UNUSED tw_status life_collect_from(tw_ctx *c, life *l, tw_site *s, const char *source)
{
    tw_str *name;
    size_t count;
    char *folder = tw_path(c, l->in, source);
    if (l->batch_bytes)
        return life_collect_path(c, l, s, source, folder);
    TW_TRY(tw_dir_list(c, &name, &count, folder));
    for (size_t i = 0; i < count; i++)
        TW_TRY(life_collect_path(c, l, s, source, tw_path(c, folder, name[i].p)));
    return TW_OK;
}

static TW_UNUSED tw_status life_collect(tw_ctx *c, life *l, tw_site *s)
{
    TW_TRY(life_collect_from(c, l, s, "hospital-1"));
    return life_collect_from(c, l, s, "hospital-2");
}

typedef struct {
    tw_id id;
    bool found;
} project_search;

static TW_UNUSED tw_status life_match(void *arg, tw_ctx *c, const tw_entry *e, const tw_op *op)
{
    project_search *q = arg;
    tw_project_open_body b;
    if (e->code != TW_CODE_OK || q->found)
        return TW_OK;
    TW_TRY(tw_body_project_open_read(c, &b, op->body));
    q->id = b.project;
    q->found = true;
    return TW_OK;
}

/* The first project on the ledger, opened when there is none, approved as far as it is not. */
static TW_UNUSED tw_status life_project(tw_ctx *c, tw_id *project, tw_site *s)
{
    static const char *const steward[] = { "steward-1", "steward-2" };
    project_search q = { .found = false };
    bool live = false;
    TW_TRY(tw_log_each(c, tw_site_log(s), 0, 1u << TW_ENTRY_PROJECT_OPEN, life_match, &q));
    tw_project_opts o = { .grantee = "lab", .categories = TW_CAT_ALL };
    o.purpose = (tw_purpose){ .type = TW_PURPOSE_HMB, .organisation = TW_ORG_NONPROFIT };
    if (!q.found)
        TW_TRY(tw_app_project_open(c, &q.id, s, &o));
    *project = q.id;
    for (size_t i = 0; i < TW_COUNT(steward) && !live; i++) {
        const tw_project_state *p = tw_ledger_project(tw_site_state(s), &q.id);
        live = p && p->status == TW_PROJECT_LIVE;
        if (!live && tw_app_project_approve(c, &live, s, steward[i], &q.id) != TW_OK)
            tw_err_clear(c); /* has signed before the kill */
    }
    return live ? TW_OK : tw_fail(c, TW_EFAILED, "the project is not live");
}

static TW_UNUSED tw_status life_release(tw_ctx *c, life *l, tw_site *s, const tw_id *project)
{
    tw_release_report r;
    tw_release_opts o = { .grantee = "lab", .project = *project };
    TW_TRY(tw_app_release(c, &r, s, &o));
    return tw_app_open(c, &l->opened, s, "lab", &r.release);
}

/* TW_ENOTFOUND: the compartments were erased by a run before. */
static TW_UNUSED tw_status life_gone_is_fine(tw_status st)
{
    return st == TW_ENOTFOUND ? TW_OK : st;
}

static TW_UNUSED tw_status life_consent(tw_ctx *c, life *l, tw_site *s, const tw_id *project)
{
    tw_owner_report r;
    tw_scope labs = { .wallet = l->first, .categories = TW_CAT_BIT(TW_CAT_LABS) };
    tw_scope whole = { .wallet = l->second, .categories = l->orders };
    TW_TRY(tw_app_consent_set(c, &r, s, &whole, &l->policy, NULL));
    return life_gone_is_fine(tw_app_consent_set(c, &r, s, &labs, &l->policy, tw_id_hex(c, project).p));
}

static TW_UNUSED tw_status life_step_run(tw_ctx *c, life *l, tw_site *s, life_step step)
{
    tw_id project;
    tw_owner_report r;
    tw_scope all = { .wallet = l->first, .categories = l->orders };
    tw_scope conditions = { .wallet = l->second, .categories = TW_CAT_BIT(TW_CAT_CONDITIONS) };
    switch (step) {
    case LIFE_ENROL:
        return life_enrol(c, l, s);
    case LIFE_COLLECT:
        return life_collect(c, l, s);
    case LIFE_PROJECT:
        return life_project(c, &project, s);
    case LIFE_RELEASE:
        TW_TRY(life_project(c, &project, s));
        return life_release(c, l, s, &project);
    case LIFE_CONSENT:
        TW_TRY(life_project(c, &project, s));
        return life_consent(c, l, s, &project);
    case LIFE_STOP:
        return tw_app_stop(c, &r, s, &conditions, false);
    case LIFE_ERASE:
        return life_gone_is_fine(tw_app_erase(c, &r, s, &all));
    }
    return TW_EUSAGE;
}

static TW_UNUSED tw_status life_steps(tw_ctx *c, life *l, tw_site *s)
{
    for (unsigned step = LIFE_ENROL; step <= LIFE_ERASE; step *= 2)
        if (l->steps & step)
            TW_TRY(life_step_run(c, l, s, (life_step)step));
    return TW_OK;
}

static TW_UNUSED void life_event(TW_UNUSED void *self, TW_UNUSED tw_log_level level, const char *name, const char *text)
{
    fprintf(stderr, "%s: %s\n", name, text);
}

/* For child_run and for the parent: opens the site, runs the steps, closes it. Exit code 0, or 1 with the message on
 * stderr. */
static TW_UNUSED int life_run(void *arg)
{
    life *l = arg;
    tw_ctx c;
    tw_site *s = NULL;
    tw_env env = tw_io_env();
    env.event = life_event;
    tw_ctx_init(&c, 512 * TW_MIB, &env);
    tw_status st = tw_site_open(&c, &s, l->site, true);
    if (st == TW_OK)
        st = life_steps(&c, l, s);
    if (st != TW_OK)
        fprintf(stderr, "%s: %s\n", tw_status_name(st), c.err.msg);
    tw_site_close(&c, s);
    tw_ctx_done(&c);
    return st == TW_OK ? 0 : 1;
}

/* ---------------------------------------------------------------- what a life has left */

static TW_UNUSED int life_by_line(const void *a, const void *b)
{
    return tw_str_cmp(*(const tw_str *)a, *(const tw_str *)b);
}

/* Every opened record, a line each, sorted; in the arena of cx. */
static TW_UNUSED tw_str *life_lines(size_t *count, const char *data_dir)
{
    tw_str *name;
    size_t files;
    size_t cap = 0;
    tw_str *line = NULL;
    *count = 0;
    assert_ok(tw_dir_list(cx, &name, &files, data_dir));
    for (size_t i = 0; i < files; i++) {
        tw_bytes file;
        if (!tw_str_ends(name[i], ".ndjson"))
            continue;
        assert_ok(tw_file_read(cx, &file, tw_path(cx, data_dir, name[i].p), 64 * TW_MIB));
        tw_str rest = tw_str_of_bytes(file);
        tw_str one;
        while (tw_str_split(&one, &rest, '\n')) {
            if (!one.n)
                continue;
            if (*count == cap) {
                tw_str *more = tw_arena_get(cx->arena, (cap ? 2 * cap : 256) * sizeof *more);
                if (*count)
                    memcpy(more, line, *count * sizeof *more);
                line = more;
                cap = cap ? 2 * cap : 256;
            }
            line[(*count)++] = one;
        }
    }
    if (*count)
        qsort(line, *count, sizeof *line, life_by_line);
    return line;
}

/* The audit of a folder is clean; says what it found when it is not. */
static TW_UNUSED tw_audit_report life_audit(const char *site)
{
    tw_audit_report *r = tw_new(cx->arena, tw_audit_report);
    tw_status s = tw_app_audit(cx, r, site);
    for (size_t i = 0; s != TW_OK && i < r->finding_count; i++)
        if (r->finding[i].severity[0] == 'f')
            print_error("%s: %s\n", r->finding[i].file.p, r->finding[i].what.p);
    assert_status(TW_OK, s);
    return *r;
}

#endif
