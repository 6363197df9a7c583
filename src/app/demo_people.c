/* Who the people of the demo are: hospitals with hidden men, desks, wills. */
#include "demo_internal.h"

#include <math.h>

#define MAN_SEED 1000003u
#define LEUPROLIDE_MG 7.5
#define CYPROTERONE_MG 100.0
#define TRUTH_MAX (64 * TW_MIB)

/* ---------------------------------------------------------------- hidden men */

typedef struct {
    tw_psa_population pop;
    uint64_t seed;
    tw_buf *truth;
} hidden;

static void write_truth(tw_buf *b, uint32_t patient, const tw_psa_synthetic *m)
{
    tw_buf_fmt(b, "%u\t%zu\t%zu", patient + 1, m->n_cycle, m->n_visit);
    for (size_t i = 0; i < TW_PSA_NPAR; i++)
        tw_buf_fmt(b, "\t%.9g", m->theta[i]);
    tw_buf_cstr(b, "\n");
}

/* Every second person is a man under intermittent suppression; the twin's own model made his course. */
static tw_status hidden_series(void *self, tw_ctx *cx, tw_synth_series *out, uint32_t patient)
{
    hidden *h = self;
    tw_psa_synthetic m;
    *out = (tw_synth_series){ .n = 0 };
    if (patient % 2 != 0)
        return TW_OK;
    TW_TRY(tw_psa_simulate(cx, &m, &h->pop, NULL, h->seed * MAN_SEED + patient));
    tw_synth_visit *v = tw_try_array(cx->arena, tw_synth_visit, m.n_visit);
    if (!v)
        return tw_fail(cx, TW_ELIMIT, "no memory left for a series");
    for (size_t i = 0; i < m.n_visit; i++) {
        const tw_psa_visit *from = &m.visit[i];
        v[i] = (tw_synth_visit){ .day = (int32_t)from->day, .psa_ug_l = from->psa_ug_l, .on_treatment = from->on };
        v[i].testosterone_nmol_l = (double)NAN;
        v[i].leuprolide_mg = from->on ? LEUPROLIDE_MG : 0.0;
        v[i].cyproterone_mg = from->on ? CYPROTERONE_MG : 0.0;
    }
    *out = (tw_synth_series){ v, m.n_visit };
    write_truth(h->truth, patient, &m);
    return TW_OK;
}

tw_status tw_app_synth(tw_ctx *cx, tw_synth_report *out, const tw_synth_opts *opts, const tw_synth_sink *sink,
                       const char *out_dir)
{
    tw_buf truth;
    hidden h = { .seed = opts->seed, .truth = &truth };
    tw_synth_opts o = *opts;
    TW_TRY(tw_psa_population_read(cx, &h.pop, tw_twin_shipped_population()));
    tw_buf_init(&truth, TRUTH_MAX);
    tw_buf_cstr(&truth, "person\tcycles\tvisits\tln_r\tln_b\tln_g\tln_k\tln_ke\tln_p0\tb_year\n");
    o.series = hidden_series;
    o.series_self = &h;
    tw_status s = tw_synth_make(cx, out, &o, sink);
    if (s == TW_OK)
        s = tw_buf_check(cx, &truth, "truth.tsv");
    if (s == TW_OK)
        s = tw_file_write(cx, tw_path(cx, out_dir, "truth.tsv"), tw_buf_view(&truth));
    tw_buf_done(&truth);
    return s;
}

/* ---------------------------------------------------------------- hospitals */

tw_status tw_app_put_file(void *dir, tw_ctx *cx, const char *path, tw_bytes data)
{
    char *full = tw_path(cx, dir, path);
    char *slash = strrchr(full, '/');
    TW_TRY(tw_dir_make(cx, tw_cstr(cx->arena, (tw_str){ full, (size_t)(slash - full) })));
    return tw_file_write(cx, full, data);
}

tw_status tw_demo_people(tw_ctx *cx, tw_demo *d)
{
    tw_synth_report r;
    tw_bytes csv;
    char *dir = tw_site_path(cx, d->s, "hospitals");
    tw_synth_opts o = { .seed = d->o->seeded ? d->o->seed : 1,
                        .patients = d->o->patients,
                        .hospitals = TW_DEMO_SOURCES,
                        .format = { TW_SYNTH_FHIR, TW_SYNTH_HL7V2, TW_SYNTH_CCDA },
                        .formats = d->o->input ? 1 : 3 };
    tw_synth_sink sink = { tw_app_put_file, dir };
    TW_TRY(tw_dir_make(cx, dir));
    if (!d->o->input)
        return tw_app_synth(cx, &r, &o, &sink, dir);
    TW_TRY(tw_file_read(cx, &csv, d->o->input, 256 * TW_MIB));
    return tw_synth_wrap_psa(cx, &r, &o, tw_str_of_bytes(csv), &sink);
}

/* ---------------------------------------------------------------- wills */

/* A fixed round of twenty. Men with a course have even positions. */
static const uint8_t round_of_wills[] = {
    TW_DEMO_HEALTH,   TW_DEMO_NOBODY,  TW_DEMO_NONPROFIT, TW_DEMO_HEALTH,    TW_DEMO_DIRECTED,
    TW_DEMO_GENERAL,  TW_DEMO_HEALTH,  TW_DEMO_EXPIRED,   TW_DEMO_HEALTH,    TW_DEMO_REFER,
    TW_DEMO_PROSTATE, TW_DEMO_HEALTH,  TW_DEMO_HEALTH,    TW_DEMO_NONPROFIT, TW_DEMO_HEALTH,
    TW_DEMO_HEALTH,   TW_DEMO_GENERAL, TW_DEMO_HEALTH,    TW_DEMO_HEALTH,    TW_DEMO_NOBODY,
};

/* The men of a table are there to be scored: each permits what the laboratory asks, in one of four ways. */
static const uint8_t wills_that_permit[] = { TW_DEMO_HEALTH, TW_DEMO_GENERAL, TW_DEMO_NONPROFIT, TW_DEMO_PROSTATE };

tw_demo_will tw_demo_will_of(const tw_demo *d, size_t person)
{
    if (d->o->input_psa)
        return (tw_demo_will)wills_that_permit[person % TW_COUNT(wills_that_permit)];
    return (tw_demo_will)round_of_wills[person % TW_COUNT(round_of_wills)];
}

static void one_item(tw_list *l, tw_str item)
{
    l->item[0] = item;
    l->count = 1;
}

tw_policy tw_demo_policy(const tw_demo *d, tw_demo_will will)
{
    tw_policy p = { .status = TW_CONSENT_ACTIVE,
                    .permission = TW_DUO_HMB,
                    .categories = TW_CAT_ALL,
                    .until_s = tw_ledger_time(tw_site_state(d->s)) + 2 * 365u * 86400 };
    switch (will) {
    case TW_DEMO_HEALTH:
    case TW_DEMO_DIRECTED:
    case TW_DEMO_WILL_COUNT:
        break;
    case TW_DEMO_GENERAL:
        p.permission = TW_DUO_GRU;
        break;
    case TW_DEMO_NONPROFIT:
        p.modifiers = 1u << TW_MOD_NPUNCU;
        break;
    case TW_DEMO_PROSTATE:
        p.permission = TW_DUO_DS;
        one_item(&p.diseases, TW_STR("DOID:10283"));
        break;
    case TW_DEMO_NOBODY:
        p.permission = TW_DUO_NONE;
        p.status = TW_CONSENT_INACTIVE;
        break;
    case TW_DEMO_REFER:
        p.modifiers = 1u << TW_MOD_RS;
        p.research_type = TW_STR("studies that my own doctor knows");
        break;
    case TW_DEMO_EXPIRED:
        p.until_s = tw_ledger_time(tw_site_state(d->s)) - 86400;
        break;
    }
    return p;
}

/* ---------------------------------------------------------------- desks */

/* Position of a person among all, from the wallet's name "person-NNN". */
static size_t position_of(tw_str wallet)
{
    uint64_t n = 1;
    TW_ASSERT(tw_str_starts(wallet, "person-"));
    bool ok = tw_parse_u64(&n, (tw_str){ wallet.p + 7, wallet.n - 7 });
    TW_ASSERT(ok && n >= 1);
    return (size_t)(n - 1);
}

const char *tw_demo_wallet(tw_ctx *cx, const tw_demo *d, tw_demo_will will, size_t n)
{
    size_t last = SIZE_MAX;
    for (size_t i = 0; i < d->lines; i++) {
        size_t at = position_of(d->line[i].wallet);
        if (at == last || tw_demo_will_of(d, at) != will)
            continue;
        last = at;
        if (n-- == 0)
            return tw_cstr(cx->arena, d->line[i].wallet);
    }
    return "";
}

static tw_status read_desks(tw_ctx *cx, tw_demo *d)
{
    static const char *const names[] = { "north", "river", "hill" };
    tw_bytes people;
    _Static_assert(TW_COUNT(names) == TW_DEMO_SOURCES, "one name a source");
    TW_TRY(tw_file_read(cx, &people, tw_site_path(cx, d->s, "hospitals/people.tsv"), 256 * TW_MIB));
    TW_TRY(tw_enrol_lines_read(cx, &d->line, &d->lines, tw_str_of_bytes(people)));
    for (size_t i = 0; i < d->lines; i++) {
        tw_str *source = &d->line[i].source;
        size_t n = (size_t)(source->p[source->n - 1] - '1');
        TW_ASSERT(tw_str_starts(*source, "hospital-") && n < TW_DEMO_SOURCES);
        *source = tw_str_of(names[n]);
    }
    return TW_OK;
}

tw_status tw_demo_enrol(tw_ctx *cx, tw_demo *d)
{
    TW_TRY(read_desks(cx, d));
    tw_enrol_line *some = tw_try_array(cx->arena, tw_enrol_line, d->lines + 1);
    if (!some)
        return tw_fail(cx, TW_ELIMIT, "no memory left for %zu lines", d->lines);
    for (unsigned will = 0; will < TW_DEMO_WILL_COUNT; will++) {
        tw_enrol_report r;
        tw_policy policy = tw_demo_policy(d, (tw_demo_will)will);
        tw_app_enrol_opts o = { .line = some, .policy = &policy, .custodial = true, .progress = d->o->progress };
        o.directed = will == TW_DEMO_DIRECTED;
        for (size_t i = 0; i < d->lines; i++)
            if (tw_demo_will_of(d, position_of(d->line[i].wallet)) == (tw_demo_will)will)
                some[o.count++] = d->line[i];
        if (o.count)
            TW_DEMO_STEP(tw_app_enrol(cx, &r, d->s, &o));
    }
    return TW_OK;
}
