/* What happened, in about twenty lines, each read back from a file of the site; and one patient's look. */
#include "demo_internal.h"

#include <math.h>

#define SUMMARY_MAX (64 * TW_KIB)

tw_status tw_demo_look(tw_ctx *cx, tw_demo *d)
{
    tw_str json;
    const char *wallet = tw_demo_wallet(cx, d, TW_DEMO_HEALTH, 0);
    if (!wallet[0])
        return TW_OK;
    TW_TRY(tw_app_disclosures(cx, &json, d->s, wallet));
    return tw_file_write(cx, tw_site_path(cx, d->s, "wallets/%s.disclosures.json", wallet), tw_bytes_of(json));
}

/* ---------------------------------------------------------------- lines */

typedef struct {
    tw_ctx *cx;
    tw_buf *b;
    const tw_facts *f;
    tw_demo *d;
} teller;

static const char *n(const teller *t, uint64_t v)
{
    return tw_thousands(t->cx, v).p;
}

static void tell_sources(const teller *t)
{
    const tw_facts *f = t->f;
    uint64_t kept = 0;
    uint64_t changed = 0;
    uint64_t removed = 0;
    for (size_t i = 0; i < f->sources; i++) {
        const tw_fact_source *s = &f->source[i];
        tw_buf_fmt(
            t->b,
            "  source " TW_FMT ": %s read = %s accepted (%s seen before) + %s refused by type + %s dead letters\n",
            TW_ARG(s->name), n(t, s->read), n(t, s->accepted), n(t, s->duplicates), n(t, s->refused), n(t, s->dead));
        kept += s->kept;
        changed += s->changed;
        removed += s->removed + s->unknown;
    }
    tw_buf_fmt(t->b, "  gate: %s elements kept, %s changed, %s removed\n", n(t, kept), n(t, changed), n(t, removed));
}

static void tell_types(const teller *t)
{
    for (size_t i = 0; i < t->f->sources; i++) {
        const tw_fact_rows *types = &t->f->source[i].types;
        bool any = false;
        for (size_t k = 0; k < types->count; k++) {
            if (!types->row[k].count[1])
                continue;
            tw_buf_fmt(t->b, "%s" TW_FMT " %s", any ? ", " : "  refused by type: ", TW_ARG(types->row[k].name),
                       n(t, types->row[k].count[1]));
            any = true;
        }
        if (any)
            tw_buf_cstr(t->b, "\n");
    }
}

static void tell_sealed(const teller *t)
{
    uint64_t batches = 0;
    uint64_t objects = 0;
    uint64_t bytes = 0;
    for (size_t i = 0; i < t->f->sources; i++) {
        batches += t->f->source[i].batches;
        objects += t->f->source[i].objects;
        bytes += t->f->source[i].bytes;
    }
    tw_buf_fmt(t->b, "  vault: %s sealed objects, %s bytes, anchored by %s batch entries\n", n(t, objects), n(t, bytes),
               n(t, batches));
}

static void tell_consents(const teller *t)
{
    const tw_fact_rows *w = &t->f->wills;
    tw_buf_fmt(t->b, "  wallets: %s; they permit ", n(t, t->f->wallets));
    for (size_t i = 0; i < w->count; i++)
        tw_buf_fmt(t->b, "%s" TW_FMT " %s", i ? "; " : "", TW_ARG(w->row[i].name), n(t, w->row[i].count[0]));
    tw_buf_fmt(t->b,
               "\n  orders on the ledger: %s policies, %s stops, %s to erase (%s compartments erased); %s refused\n",
               n(t, t->f->policies), n(t, t->f->stops), n(t, t->f->erasures), n(t, t->f->compartments_erased),
               n(t, t->f->owner_refused));
}

static void tell_projects(const teller *t)
{
    for (size_t i = 0; i < t->f->projects; i++) {
        const tw_fact_project *p = &t->f->project[i];
        bool insurer = tw_id_eq(&p->id, &t->d->insurer);
        if (!tw_id_eq(&p->id, &t->d->project) && !insurer)
            continue;
        tw_buf_fmt(t->b,
                   "  project %.12s of " TW_FMT ": %u signatures, %s; of %s wallets %s permit, %s grant by name\n",
                   tw_id_hex(t->cx, &p->id).p, TW_ARG(p->grantee), p->approvals,
                   p->status == TW_PROJECT_LIVE ? "live" : "not live", n(t, t->f->wallets),
                   n(t, p->wallets[TW_VIEW_PERMITTED]), n(t, p->wallets[TW_VIEW_GRANTED]));
    }
}

static void tell_releases(const teller *t)
{
    for (size_t i = 0; i < t->f->releases; i++) {
        const tw_fact_release *r = &t->f->release[i];
        if (!tw_id_eq(&r->project, &t->d->project))
            continue;
        tw_buf_fmt(t->b, "  release %.12s: %s leaves, %s answers on %s sheets; opened: %s records of %s persons\n",
                   tw_id_hex(t->cx, &r->id).p, n(t, r->leaves), n(t, r->codes[TW_LEAF_ANSWERED]), n(t, r->sheets),
                   n(t, r->records), n(t, r->persons));
    }
}

static tw_status tell_twins(const teller *t)
{
    tw_json card;
    tw_json forecasts;
    tw_json score;
    char *dir = tw_path(t->cx, tw_release_dir(t->cx, t->d->s, TW_DEMO_LAB, &t->d->release), "twins");
    TW_TRY(tw_fact_json(t->cx, &card, tw_path(t->cx, dir, "card.json")));
    TW_TRY(tw_fact_json(t->cx, &forecasts, tw_path(t->cx, dir, "forecasts.json")));
    TW_TRY(tw_fact_json(t->cx, &score, tw_path(t->cx, dir, "score.json")));
    if (card.n == 0) {
        tw_buf_cstr(t->b, "  twins: nobody here has a treated PSA course\n");
        return TW_OK;
    }
    tw_buf_fmt(t->b, "  twins: %s (%s persons with too few values)\n", n(t, tw_fact_u64(&card, 0, "twins")),
               n(t, tw_fact_u64(&card, 0, "too_short")));
    if (forecasts.n) {
        double values = TW_MAX(tw_fact_f64(&forecasts, 0, "values"), 1.0);
        tw_buf_fmt(t->b,
                   "  forecasts of the last cycle: %.0f %% of %s later values in the 90 %% bands; CRPS %.3f, without "
                   "personal data %.3f\n",
                   100.0 * tw_fact_f64(&forecasts, 0, "inside90") / values, n(t, (uint64_t)values),
                   tw_fact_f64(&forecasts, 0, "crps"), tw_fact_f64(&forecasts, 0, "crps_population"));
    }
    uint32_t twin = score.n ? tw_json_path(&score, 0, "next_cycle.methods.0") : TW_JSON_NONE;
    if (twin != TW_JSON_NONE)
        tw_buf_fmt(t->b, "  cross-validated, next cycle: CRPS %.3f, skill %.1f %% (%.1f to %.1f), %.0f %% in the 90 %% "
                         "interval\n",
                   tw_fact_f64(&score, twin, "crps"), 100.0 * tw_fact_f64(&score, twin, "skill"),
                   100.0 * tw_fact_f64(&score, twin, "skill_lo"), 100.0 * tw_fact_f64(&score, twin, "skill_hi"),
                   100.0 * tw_fact_f64(&score, twin, "cover90"));
    return TW_OK;
}

static tw_status tell_attempts(const teller *t)
{
    tw_json d;
    uint64_t tried = 0;
    uint64_t held = 0;
    TW_TRY(tw_fact_json(t->cx, &d, tw_site_path(t->cx, t->d->s, "attempts.json")));
    uint32_t list = d.n ? tw_json_get(&d, 0, "attempts") : TW_JSON_NONE;
    if (list == TW_JSON_NONE)
        return TW_OK;
    for (uint32_t a = tw_json_first(&d, list); a != TW_JSON_NONE; a = tw_json_next(&d, list, a)) {
        uint32_t h = tw_json_get(&d, a, "held");
        tried++;
        held += h != TW_JSON_NONE && d.tok[h].type == TW_JSON_TRUE;
    }
    tw_buf_fmt(t->b, "  attempts: %s of %s ended as they must\n", n(t, held), n(t, tried));
    return TW_OK;
}

static tw_status tell_patient(const teller *t)
{
    tw_json d;
    const char *wallet = t->d->o->input && !t->d->o->input_psa ? "" : tw_demo_wallet(t->cx, t->d, TW_DEMO_HEALTH, 0);
    TW_TRY(tw_fact_json(t->cx, &d, tw_site_path(t->cx, t->d->s, "wallets/%s.disclosures.json", wallet)));
    if (d.n)
        tw_buf_fmt(t->b, "  %s looks: found %s times in releases, proved absent %s times\n", wallet,
                   n(t, tw_fact_u64(&d, 0, "included")), n(t, tw_fact_u64(&d, 0, "absent")));
    return TW_OK;
}

static void tell_ledger(const teller *t)
{
    const tw_audit_report *a = t->f->audit;
    tw_buf_fmt(t->b, "  ledger: %s entries, signed by " TW_FMT "\n", n(t, t->f->log_size), TW_ARG(t->f->origin));
    tw_buf_fmt(t->b, "  audit: %s; %s sheets, %s answered leaves decided again, %s sealed objects\n",
               a->failures ? "FAILED" : "everything verifies", n(t, a->sheets), n(t, a->answered_leaves),
               n(t, a->objects));
}

static void tell_next(const teller *t)
{
    const char *dir = t->d->o->dir;
    const char *allow = tw_site_insecure(t->d->s) ? " --insecure" : "";
    const char *wallet = t->d->lines ? tw_cstr(t->cx->arena, t->d->line[0].wallet) : "WALLET";
    tw_buf_fmt(t->b,
               "  report: %s/report.html\n\nTry next:\n  twinward audit %s\n  twinward disclosures %s --dir %s%s\n",
               dir, dir, wallet, dir, allow);
    char *twins = tw_path(t->cx, tw_release_dir(t->cx, t->d->s, TW_DEMO_LAB, &t->d->release), "twins/score.json");
    if (tw_path_exists(t->cx, twins))
        tw_buf_fmt(t->b, "  twinward twin score %.12s --researcher %s --dir %s%s\n", tw_id_hex(t->cx, &t->d->release).p,
                   TW_DEMO_LAB, dir, allow);
    else
        tw_buf_fmt(t->b, "  twinward verify %s/" TW_FMT " --dir %s\n", dir, TW_ARG(t->f->receipt_of), dir);
}

tw_status tw_demo_summary(tw_ctx *cx, tw_str *out, tw_demo *d, const tw_facts *f)
{
    tw_buf b;
    teller t = { cx, &b, f, d };
    tw_buf_init(&b, SUMMARY_MAX);
    tw_buf_fmt(&b, "What happened in %s (read back from its files; witness: none%s)\n", d->o->dir,
               tw_site_insecure(d->s) ? "; INSECURE: made from a seed" : "");
    tell_sources(&t);
    if (d->o->input)
        tell_types(&t);
    tell_sealed(&t);
    tell_consents(&t);
    tell_projects(&t);
    tell_releases(&t);
    tw_status s = tell_twins(&t);
    if (s == TW_OK)
        s = tell_attempts(&t);
    if (s == TW_OK)
        s = tell_patient(&t);
    tell_ledger(&t);
    tell_next(&t);
    if (s == TW_OK)
        s = tw_buf_check(cx, &b, "summary");
    if (s == TW_OK)
        *out = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return s;
}
