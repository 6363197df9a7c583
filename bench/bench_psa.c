/* Fit the population of the PSA twin and cross-validate it on men in a table of visits
 * (patient,day,cpa_mg,leu_mg,psa_ug_l,testosterone_nmol_l,cycle,on_treatment; rows of a man together, days ascending).
 * Usage: bench_psa [--population] [--last-off] [--steps N] [--digest] TABLE.csv
 *
 * --population prints the population, the content of models/psa-ias/population.tsv, and stops; --digest prints a hash
 * of all scores, to compare compilers; --last-off takes treatment to start at the last visit off; --steps sets the
 * steps of EM. Else a Markdown table, as in models/psa-ias/card.md. */
#include <math.h>
#include <time.h>

#include "twin/twin.h"

#define MEN_MAX 1024

static tw_psa_series men[MEN_MAX];
static tw_psa_visit visits[TW_PSA_VISITS_MAX];
static char text[8 * 1024 * 1024];
static tw_ctx cx;

static int failed(void)
{
    fprintf(stderr, "bench_psa: %s\n", cx.err.msg);
    return 1;
}

static tw_str field(tw_str *line)
{
    tw_str f = { NULL, 0 };
    (void)tw_str_split(&f, line, ',');
    return tw_str_trim(f);
}

static tw_status read_visit(tw_psa_visit *v, tw_str line)
{
    tw_str f[7];
    for (size_t i = 0; i < TW_COUNT(f); i++)
        f[i] = field(&line);
    *v = (tw_psa_visit){ .psa_ug_l = (double)NAN, .on = tw_str_is(f[6], "1") };
    if (!tw_parse_f64(&v->day, f[0]) || (f[3].n > 0 && !tw_parse_f64(&v->psa_ug_l, f[3])))
        return tw_fail(&cx, TW_EPARSE, "a row without day or with a bad PSA");
    return TW_OK;
}

static tw_status read_men(size_t *count, tw_str table, tw_psa_restart restart)
{
    tw_str line, who = { NULL, 0 };
    size_t n = 0;
    *count = 0;
    (void)tw_str_split(&line, &table, '\n'); /* heading */
    for (bool more = true; more;) {
        more = tw_str_split(&line, &table, '\n') && line.n > 0;
        tw_str id = more ? field(&line) : (tw_str){ NULL, 0 };
        if (n > 0 && !tw_str_eq(id, who)) {
            if (*count == MEN_MAX)
                return tw_fail(&cx, TW_ELIMIT, "more than %d men", MEN_MAX);
            TW_TRY(tw_psa_series_make(&cx, &men[(*count)++], visits, n, restart));
            n = 0;
        }
        if (more && n == TW_PSA_VISITS_MAX)
            return tw_fail(&cx, TW_ELIMIT, "more than %d visits", TW_PSA_VISITS_MAX);
        who = id;
        if (more)
            TW_TRY(read_visit(&visits[n++], line));
    }
    return TW_OK;
}

static void show(const char *title, const tw_psa_table *t)
{
    printf("\n%s: %zu values, %zu forecasts\n\n", title, t->n_point, t->n_forecast);
    printf("| method | CRPS (95 %%) | skill (95 %%) | CRPS ug/L | in 50 %% | in 90 %% | log score | PIT KS |\n");
    printf("|---|---|---|---|---|---|---|---|\n");
    for (size_t m = 0; m < TW_PSA_NMETHOD; m++) {
        const tw_psa_score *s = &t->score[m];
        printf("| %s | %.3f (%.3f to %.3f) | %.1f %% (%.1f to %.1f) | %.2f | %.2f | %.2f | ",
               tw_psa_method_name((tw_psa_method)m), s->crps, s->crps_lo, s->crps_hi, 100.0 * s->skill,
               100.0 * s->skill_lo, 100.0 * s->skill_hi, s->crps_raw, s->cover50, s->cover90);
        if (isnan(s->log_score))
            printf("- | %.2f |\n", s->pit_ks);
        else
            printf("%.2f | %.2f |\n", s->log_score, s->pit_ks);
    }
}

/** FNV-1a over the bits of every score: equal when all are. */
static uint64_t digest(uint64_t h, const tw_psa_table *t)
{
    for (size_t i = 0; i < t->n_point; i++) {
        uint8_t bytes[sizeof t->point[i].crps];
        memcpy(bytes, t->point[i].crps, sizeof bytes);
        for (size_t k = 0; k < sizeof bytes; k++)
            h = (h ^ bytes[k]) * 0x100000001b3u;
    }
    return h;
}

static int population(size_t n, const tw_psa_population_opts *opts)
{
    tw_psa_population pop;
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    if (tw_psa_population_fit(&cx, &pop, men, NULL, n, opts) != TW_OK)
        return failed();
    tw_psa_population_write(&b, &pop);
    (void)fwrite(b.p, 1, b.n, stdout);
    tw_buf_done(&b);
    return 0;
}

static int crossval(size_t n, const tw_psa_crossval_opts *opts, bool hash)
{
    tw_psa_crossval_result r;
    clock_t start = clock();
    if (tw_psa_crossval(&cx, &r, men, NULL, n, opts) != TW_OK)
        return failed();
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    if (hash) {
        printf("%016llx\n", (unsigned long long)digest(digest(0xcbf29ce484222325u, &r.next_cycle), &r.off_phase));
        return 0;
    }
    printf("%u men, %u folds, %u draws, %.1f s on one core\n", r.men, r.folds, r.draws, seconds);
    show("Next cycle, from the end of the one before", &r.next_cycle);
    show("Off phase, from the end of on", &r.off_phase);
    printf("\nLowest value of the next cycle: CRPS %.3f, population %.3f\n", r.nadir_crps_twin,
           r.nadir_crps_population);
    return 0;
}

int main(int argc, char **argv)
{
    tw_psa_crossval_opts opts = { .seed = 1 };
    tw_psa_restart restart = TW_PSA_RESTART_FIRST_ON;
    bool only_population = false, hash = false;
    const char *path = NULL;
    uint64_t steps = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--population") == 0)
            only_population = true;
        else if (strcmp(argv[i], "--digest") == 0)
            hash = true;
        else if (strcmp(argv[i], "--last-off") == 0)
            restart = TW_PSA_RESTART_LAST_OFF;
        else if (strcmp(argv[i], "--steps") == 0 && i + 1 < argc && tw_parse_u64(&steps, tw_str_of(argv[i + 1])))
            i++;
        else
            path = argv[i];
    }
    opts.population.iterations_max = (uint32_t)steps;
    FILE *f = path ? fopen(path, "rb") : NULL;
    size_t size = f ? fread(text, 1, sizeof text, f) : 0, n = 0;
    if (!f || size == sizeof text) {
        fprintf(stderr, "bench_psa: a table of visits under 8 MiB is needed\n");
        return 2;
    }
    (void)fclose(f);
    tw_base_start();
    tw_ctx_init(&cx, 256 * TW_MIB, NULL);
    if (read_men(&n, (tw_str){ text, size }, restart) != TW_OK)
        return failed();
    int code = only_population ? population(n, &opts.population) : crossval(n, &opts, hash);
    tw_ctx_done(&cx);
    return code;
}
