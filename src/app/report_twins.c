/* Sections of the report: twins and scores. */
#include "report_internal.h"

#include <math.h>
#include <stdlib.h>

#include "twin_app_internal.h"

#define PICTURES 6
#define METHODS_MAX 16

/* ---------------------------------------------------------------- forecasts */

static int by_crps(const void *x, const void *y)
{
    const tw_twin_picture *a = *(const tw_twin_picture *const *)x;
    const tw_twin_picture *b = *(const tw_twin_picture *const *)y;
    if (a->crps < b->crps || a->crps > b->crps)
        return a->crps < b->crps ? -1 : 1;
    return tw_str_cmp(a->person, b->person);
}

static void values_table(tw_page *p, const tw_twin_picture *t)
{
    tw_page_details(p, "values of this chart");
    tw_page_table(p, "#day since the first visit|#PSA, ug/L|used by the twin");
    for (size_t i = 0; i < t->n_past + t->n_later; i++) {
        bool past = i < t->n_past;
        tw_page_row(p);
        tw_page_cell_f64(p, past ? t->past_day[i] : t->later_day[i - t->n_past], 0);
        tw_page_cell_f64(p, past ? t->past_psa[i] : t->later_psa[i - t->n_past], 2);
        tw_page_cell(p, "%s", past ? "yes" : "no: came later");
    }
    tw_page_table_end(p);
    tw_page_details_end(p);
}

static const char *rank_words(size_t i, size_t n)
{
    return i == 0 ? "the best forecast" : i + 1 == n ? "the worst forecast" : "one between";
}

/* From the best to the worst, evenly. */
static void pictures(tw_page *p, const tw_twin_forecasts *f)
{
    const tw_twin_picture **order = tw_arena_get(p->cx->arena, (f->count + 1) * sizeof *order);
    size_t shown = TW_MIN(f->count, (size_t)PICTURES);
    for (size_t i = 0; i < f->count; i++)
        order[i] = &f->picture[i];
    qsort(order, f->count, sizeof *order, by_crps);
    for (size_t i = 0; i < shown; i++) {
        size_t at = shown > 1 ? i * (f->count - 1) / (shown - 1) : 0;
        const tw_twin_picture *t = order[at];
        tw_page_figure(p);
        tw_twin_draw(p->cx, p->b, t, false);
        tw_page_caption(p,
                        "Person %.8s of this release, %s of %zu (rank %zu). %llu of %zu later values lie in the 90 %% "
                        "band, %llu in the 50 %% band. CRPS %.2f; without his own data %.2f.",
                        t->person.p, rank_words(i, shown), f->count, at + 1, (unsigned long long)t->inside90,
                        t->n_later, (unsigned long long)t->inside50, t->crps, t->crps_population);
        values_table(p, t);
    }
}

static tw_status forecasts(tw_page *p, const tw_fact_release *r)
{
    tw_bytes file;
    tw_twin_forecasts f;
    char *path = tw_path(p->cx, r->folder.p, "twins/forecasts.json");
    if (!tw_path_exists(p->cx, path))
        return TW_OK;
    TW_TRY(tw_file_read(p->cx, &file, path, 1024 * TW_MIB));
    if (tw_twin_forecasts_read(p->cx, &f, tw_str_of_bytes(file)) != TW_OK)
        return tw_wrap(p->cx, "%s", path);
    double n = (double)TW_MAX(f.values, (uint64_t)1);
    tw_page_say(p,
                "The last cycle of %zu persons was forecast from the cycles before it, on the true days on which "
                "treatment stopped and started again, and held against the %s values that came. %.0f %% of them lie in "
                "the 50 %% bands, %.0f %% in the 90 %% bands. Mean CRPS on ln(PSA + 0.1): %.3f; of the same model "
                "without personal data: %.3f.",
                f.count, tw_thousands(p->cx, f.values).p, 100.0 * (double)f.inside50 / n,
                100.0 * (double)f.inside90 / n, f.crps, f.crps_population);
    pictures(p, &f);
    return TW_OK;
}

/* ---------------------------------------------------------------- scores */

static void score_table(tw_page *p, const tw_json *d, const char *member, const char *what)
{
    uint32_t table = tw_json_get(d, 0, member);
    uint32_t methods = tw_json_get(d, table, "methods");
    if (methods == TW_JSON_NONE)
        return;
    tw_page_raw(p, "<h3>");
    tw_page_text(p, tw_str_of(what));
    tw_page_raw(p, "</h3>\n");
    tw_page_say(p, "%s values, %s forecasts.", tw_thousands(p->cx, tw_fact_u64(d, table, "values")).p,
                tw_thousands(p->cx, tw_fact_u64(d, table, "forecasts")).p);
    tw_page_table(p, "method|#CRPS|95 %|#skill, %|95 %|#in 50 %|#in 90 %|#log score|#PIT KS");
    for (uint32_t m = tw_json_first(d, methods); m != TW_JSON_NONE; m = tw_json_next(d, methods, m)) {
        tw_page_row(p);
        tw_page_cell_str(p, tw_json_member_text(p->cx, d, m, "name"));
        tw_page_cell_f64(p, tw_fact_f64(d, m, "crps"), 3);
        tw_page_cell(p, "%.3f to %.3f", tw_fact_f64(d, m, "crps_lo"), tw_fact_f64(d, m, "crps_hi"));
        tw_page_cell_f64(p, 100.0 * tw_fact_f64(d, m, "skill"), 1);
        tw_page_cell(p, "%.1f to %.1f", 100.0 * tw_fact_f64(d, m, "skill_lo"), 100.0 * tw_fact_f64(d, m, "skill_hi"));
        tw_page_cell_f64(p, tw_fact_f64(d, m, "cover50"), 2);
        tw_page_cell_f64(p, tw_fact_f64(d, m, "cover90"), 2);
        tw_page_cell_f64(p, tw_fact_f64(d, m, "log_score"), 2);
        tw_page_cell_f64(p, tw_fact_f64(d, m, "pit_ks"), 2);
    }
    tw_page_table_end(p);
}

static void skill_chart(tw_page *p, const tw_json *d)
{
    tw_svg_interval row[METHODS_MAX];
    size_t n = 0;
    double low = -0.1;
    double high = 0.3;
    uint32_t methods = tw_json_path(d, 0, "next_cycle.methods");
    if (methods == TW_JSON_NONE)
        return;
    for (uint32_t m = tw_json_first(d, methods); m != TW_JSON_NONE && n < METHODS_MAX;
         m = tw_json_next(d, methods, m)) {
        tw_svg_interval *r = &row[n++];
        *r = (tw_svg_interval){ .label = tw_cstr(p->cx->arena, tw_json_member_text(p->cx, d, m, "name")) };
        r->lo = 100.0 * tw_fact_f64(d, m, "skill_lo");
        r->mid = 100.0 * tw_fact_f64(d, m, "skill");
        r->hi = 100.0 * tw_fact_f64(d, m, "skill_hi");
        r->colour = n == 1 ? TW_SVG_B : TW_SVG_A;
        if (r->mid < -60.0) { /* far worse than the rest: told in the table, it would squeeze the others */
            r->mid = (double)NAN;
            continue;
        }
        low = TW_MIN(low, r->lo / 100.0);
        high = TW_MAX(high, r->hi / 100.0);
    }
    tw_svg_intervals_opts o = { .title = "Skill against the population", .zero = 0, .width = 720, .label_width = 150 };
    o.x = (tw_svg_axis){ .min = 100.0 * low - 2.0, .max = 100.0 * high + 2.0, .label = "skill, % (right is better)" };
    tw_page_figure(p);
    tw_svg_intervals(p->b, &o, row, n);
    tw_page_caption(
        p, "Skill of the next-cycle forecasts against the same model without personal data, with 95 %% intervals "
           "by bootstrap over persons. A method far to the left is in the table only.");
}

static void pit_chart(tw_page *p, const tw_json *d)
{
    double count[32];
    double most = 1.0;
    size_t n = 0;
    tw_svg s;
    uint32_t pit = tw_json_path(d, 0, "next_cycle.methods.0.pit");
    if (pit == TW_JSON_NONE)
        return;
    for (uint32_t k = tw_json_first(d, pit); k != TW_JSON_NONE && n < TW_COUNT(count); k = tw_json_next(d, pit, k)) {
        count[n] = 0;
        (void)tw_json_f64(d, k, &count[n]);
        most = TW_MAX(most, count[n]);
        n++;
    }
    if (n == 0)
        return;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += count[i];
    tw_svg_opts o = { .title = "Where values fell in the twin's forecasts", .width = 720, .height = 200 };
    o.x = (tw_svg_axis){ .min = 0, .max = 1, .label = "share of the forecast below the value (PIT)" };
    o.y = (tw_svg_axis){ .min = 0, .max = most * 1.08, .label = "values" };
    tw_page_figure(p);
    tw_svg_begin(&s, p->b, &o);
    tw_svg_histogram(&s, count, n, 0.0, 1.0 / (double)n, TW_SVG_B);
    tw_svg_level(&s, sum / (double)n);
    tw_svg_end(&s);
    tw_page_caption(p,
                    "Where the values that came fell in the twin's forecasts. With honest uncertainty all columns are "
                    "about as high as the dashed line.");
}

static tw_status scores(tw_page *p, const tw_fact_release *r)
{
    tw_json d;
    TW_TRY(tw_fact_json(p->cx, &d, tw_path(p->cx, r->folder.p, "twins/score.json")));
    if (d.n == 0)
        return TW_OK;
    tw_page_raw(p, "<h3>Cross-validated scores</h3>\n");
    tw_page_say(
        p,
        "%llu persons in %llu folds: each is forecast with a population that was fitted without any person of his "
        "fold. Score: CRPS on ln(PSA + 0.1), lower is better. Every figure is conditional on the true days of the "
        "treatment switches.",
        (unsigned long long)tw_fact_u64(&d, 0, "men"), (unsigned long long)tw_fact_u64(&d, 0, "folds"));
    skill_chart(p, &d);
    score_table(p, &d, "next_cycle", "Next cycle, from the end of the one before");
    pit_chart(p, &d);
    score_table(p, &d, "off_phase", "Off phase, from the end of treatment");
    return TW_OK;
}

/* ---------------------------------------------------------------- the section */

static tw_status card(tw_page *p, const tw_fact_release *r)
{
    tw_json d;
    TW_TRY(tw_fact_json(p->cx, &d, tw_path(p->cx, r->folder.p, "twins/card.json")));
    if (d.n == 0)
        return TW_OK;
    tw_page_say(
        p,
        "%s twins of release %.12s; %s persons had too few values. Population: %.*s. Model %.*s, version %llu. The "
        "ledger holds the hash of the card that names model, data, population and noise (%s such entries).",
        tw_thousands(p->cx, tw_fact_u64(&d, 0, "twins")).p, tw_id_hex(p->cx, &r->id).p,
        tw_thousands(p->cx, tw_fact_u64(&d, 0, "too_short")).p, TW_ARG(tw_json_member_text(p->cx, &d, 0, "population")),
        TW_ARG(tw_json_member_text(p->cx, &d, 0, "model")), (unsigned long long)tw_fact_u64(&d, 0, "version"),
        tw_thousands(p->cx, p->f->twins_published).p);
    return TW_OK;
}

tw_status tw_report_twins(tw_page *p)
{
    bool any = false;
    tw_page_section(p, "twins", "Twins, and what really came");
    tw_page_say(p, "A twin is a model of one person, fitted to his released records: PSA under intermittent androgen "
                   "suppression. Decision support for research, never an order.");
    for (size_t i = 0; i < p->f->releases; i++) {
        const tw_fact_release *r = &p->f->release[i];
        if (!r->opened || !tw_path_exists(p->cx, tw_path(p->cx, r->folder.p, "twins/card.json")))
            continue;
        any = true;
        TW_TRY(card(p, r));
        TW_TRY(forecasts(p, r));
        TW_TRY(scores(p, r));
    }
    if (!any)
        tw_page_say(p, "No release of this site was made into twins: none holds a person with a treated PSA course, or "
                       "nobody asked.");
    return TW_OK;
}
