/** SED-ML: a simulation experiment as plain data: which models, changed how, run how, and what is reported.
 *  What is read: Level 1 Versions 1 to 4; models in SBML; changeAttribute of values; uniformTimeCourse and oneStep;
 * tasks and repeated tasks over uniform and vector ranges; data generators; reports and 2-D plots. Anything else is
 *  refused by name.
 *
 *  Sources: SED-ML L1V4 (Smith et al., J Integr Bioinform 18 (2021) 20210021); KiSAO terms by their numbers. */
#ifndef TW_SEDML_H
#define TW_SEDML_H

#include "base/base.h"
#include "sbml/sbml.h"

/** What a target or an implicit symbol means: `id` of the SBML object, or time. */
typedef enum {
    TW_SEDML_OBJECT, /* the value that formulas of the model see */
    TW_SEDML_TIME,
} tw_sedml_what;

/** New value of a model's object: a number, or a formula over the value of one range (symbol 0). */
typedef struct {
    const char *target; /* SBML id */
    double value;       /* when math is NULL */
    const tw_math *math;
    uint32_t range; /* in the repeated task; TW_NO_SYMBOL: none */
} tw_sedml_change;

typedef struct {
    const char *id;
    const char *source; /* path beside the document, or "#id" of another model */
    const tw_sedml_change *change;
    uint32_t n_change;
} tw_sedml_model;

typedef enum { TW_SEDML_UNIFORM, TW_SEDML_ONE_STEP } tw_sedml_simulation_kind;

typedef struct {
    const char *id;
    tw_sedml_simulation_kind kind;
    double initial_time, output_start, output_end;
    uint32_t steps;        /* intervals: steps + 1 points */
    double step;           /* of oneStep */
    const char *algorithm; /* "KISAO:0000019"; "" when none is named */
    double rtol, atol;     /* KISAO:0000209, KISAO:0000211; 0: not said */
} tw_sedml_simulation;

/** A range of a repeated task, its values made. */
typedef struct {
    const char *id;
    const double *value; /* n of them */
    uint32_t n;
} tw_sedml_range;

typedef struct {
    const char *id;
    bool repeated;
    uint32_t model, simulation; /* of a plain task */
    /* repeated: */
    bool reset;
    const tw_sedml_range *range;
    uint32_t n_range;
    uint32_t master; /* range that is counted */
    const tw_sedml_change *change;
    uint32_t n_change;
    const uint32_t *sub; /* tasks run each time, in their order */
    uint32_t n_sub;
} tw_sedml_task;

typedef struct {
    const char *id;
    uint32_t task;
    tw_sedml_what what;
    const char *target; /* SBML id */
} tw_sedml_variable;

/** Formula over variables (symbols 0 .. n_variable - 1 of this generator) and numbers. */
typedef struct {
    const char *id, *name;
    const tw_sedml_variable *variable;
    uint32_t n_variable;
    const tw_math *math;
} tw_sedml_generator;

typedef struct {
    const char *id, *label;
    uint32_t generator;
} tw_sedml_column;

typedef struct {
    const char *x_label, *label;
    uint32_t x, y; /* generators */
    bool log_x, log_y;
} tw_sedml_curve;

typedef struct {
    const char *id, *name;
    bool plot;
    const tw_sedml_column *column;
    uint32_t n_column;
    const tw_sedml_curve *curve;
    uint32_t n_curve;
} tw_sedml_output;

typedef struct {
    unsigned level, version;
    const tw_sedml_model *model;
    uint32_t n_model;
    const tw_sedml_simulation *simulation;
    uint32_t n_simulation;
    const tw_sedml_task *task;
    uint32_t n_task;
    const tw_sedml_generator *generator;
    uint32_t n_generator;
    const tw_sedml_output *output;
    uint32_t n_output;
} tw_sedml;

/** Reads a document into cx->arena.
 *  fails TW_EPARSE: line, column and rule; TW_EREFUSED: what is not supported, by name */
TW_NODISCARD tw_status tw_sedml_read(tw_ctx *cx, const tw_sedml **out, tw_str text);

#endif
