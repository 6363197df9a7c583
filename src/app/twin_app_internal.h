/** Private to the twins: from opened records to series, and what is drawn of a man. */
#ifndef TW_TWIN_APP_INTERNAL_H
#define TW_TWIN_APP_INTERNAL_H

#include "app_internal.h"

/* ---------------------------------------------------------------- the model that is shipped */

tw_str tw_twin_shipped_population(void); /* models/psa-ias/population.tsv */
tw_str tw_twin_shipped_card(void);       /* models/psa-ias/card.md */

/* ---------------------------------------------------------------- series from records */

/** Shortest series that makes a twin: PSA values, and at least one visit on treatment. */
#define TW_TWIN_VALUES_MIN 6

/** A person of an opened release with at least one PSA result. */
typedef struct {
    char id[33]; /* as in the release: 32 hex digits */
    tw_psa_visit *visit; /* ascending, one a day */
    size_t n_visit;
    size_t n_psa;
    bool treated;
    bool years_only; /* the release kept years only of these times: no series */
    tw_noise noise;
} tw_twin_person;

typedef struct {
    tw_twin_person *person; /* by id */
    size_t count;
    uint64_t no_time;    /* PSA results without a day: not used */
    uint64_t bad_unit;   /* not a mass concentration, or without a value: not used */
    uint64_t superseded; /* lines that a later version replaced, or took back */
} tw_twin_people;

/** PSA series and treatment of every person of a data folder. Files that are not there hold nothing.
 *  - PSA: Observation, LOINC 2857-1, valueQuantity in a mass concentration; several on one day: their mean.
 *  - Of the lines with one id the last one counts, but a corrected or amended one is not replaced by one that is not;
 *    entered-in-error takes the record back.
 *  - On treatment: the day lies in a period, both ends included, of a MedicationStatement of leuprolide or cyproterone.
 *  - Visits without PSA (encounters for the disease, injections) tell the treatment at their day. */
tw_status tw_twin_people_read(tw_ctx *cx, tw_twin_people *out, const char *data_dir);
/** Can a twin be made of him? */
bool tw_twin_usable(const tw_twin_person *p);

/* ---------------------------------------------------------------- a study: the usable men of one release */

typedef struct {
    tw_twin_people people;
    const tw_twin_person **man; /* usable, by a hash of their series */
    tw_psa_series *series;
    tw_noise *noise;
    size_t men;
    uint64_t too_short;
    char *dir; /* twins/ of the release */
    uint8_t manifest_hash[32];
    uint64_t log_index; /* of the release */
} tw_twin_study;
tw_status tw_twin_study_open(tw_ctx *cx, tw_twin_study *out, const tw_site *s, const tw_twin_opts *opts);
/** Prior of opts, else fitted on `series`; fewer men than TW_TWIN_MEN_MIN: the one shipped. *how: which. */
#define TW_TWIN_MEN_MIN 8
tw_status tw_twin_population(tw_ctx *cx, tw_psa_population *out, const char **how, const tw_twin_study *study,
                             const tw_psa_series *series, const tw_twin_opts *opts);
/** Seed of one man: the same whoever else is in the release. */
uint64_t tw_twin_seed(const tw_twin_opts *opts, const tw_twin_person *p);

/** Draws of fits and forecasts. */
#define TW_TWIN_DRAWS 300

/** tw_app_twin_score with the size of the calculation. draws, bootstraps 0: the defaults of the model. */
typedef struct {
    uint32_t draws;
    uint32_t bootstraps;
} tw_twin_score_size;
tw_status tw_twin_score_sized(tw_ctx *cx, tw_str *json, tw_site *s, const tw_twin_opts *opts, tw_twin_score_size size);

/* ---------------------------------------------------------------- forecasts against what came */

enum { TW_FORECAST_Q05, TW_FORECAST_Q25, TW_FORECAST_Q50, TW_FORECAST_Q75, TW_FORECAST_Q95, TW_FORECAST_NQ };

/** One man's forecast of his last cycle, in days since his first visit and ug/L. */
typedef struct {
    tw_str person;
    double cut_day; /* the last cycle begins; nothing later was used */
    double end_day;
    tw_psa_run *run;
    size_t n_run;
    double *past_day;
    double *past_psa;
    size_t n_past;
    double *fit_day; /* curve of the past, 5 %, 50 %, 95 % */
    double *fit[3];
    size_t n_fit;
    double *day; /* forecast */
    double *q[TW_FORECAST_NQ];
    size_t n_day;
    double *later_day; /* what came */
    double *later_psa;
    size_t n_later;
    uint64_t inside50;
    uint64_t inside90;
    double crps;            /* mean, on ln(PSA + 0.1) */
    double crps_population; /* of the same model without his data */
} tw_twin_picture;

typedef struct {
    tw_twin_picture *picture;
    size_t count;
    tw_str population; /* how it was made */
    uint64_t values, inside50, inside90;
    double crps, crps_population; /* means over values */
} tw_twin_forecasts;

void tw_twin_forecasts_write(tw_jw *w, const tw_twin_forecasts *f);
tw_status tw_twin_forecasts_read(tw_ctx *cx, tw_twin_forecasts *out, tw_str json);
/** As a chart; standalone: a file of its own. */
void tw_twin_draw(tw_ctx *cx, tw_buf *out, const tw_twin_picture *p, bool standalone);

#endif
