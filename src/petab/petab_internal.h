/** What the files of this room share. */
#ifndef TW_PETAB_INTERNAL_H
#define TW_PETAB_INTERNAL_H

#include "petab/petab.h"

/* ---------------------------------------------------------------- YAML, tables */

typedef enum { TW_YAML_TEXT, TW_YAML_LIST, TW_YAML_MAP } tw_yaml_kind;

typedef struct tw_yaml {
    tw_yaml_kind kind;
    tw_str text;
    tw_str key; /* in a map */
    struct tw_yaml *first, *next;
} tw_yaml;

/** What every allocation of a reading fails with. */
static inline tw_status tw_petab_no_memory(tw_ctx *cx)
{
    return tw_fail(cx, TW_ELIMIT, "the problem needs more memory than there is");
}

/** printf into the arena; {NULL, 0} when it does not fit. */
tw_str tw_petab_text(tw_ctx *cx, const char *fmt, ...) TW_PRINTF(2, 3);

/** A document of maps, lists and text; no aliases, 16 deep, 10,000 nodes. */
TW_NODISCARD tw_status tw_yaml_read(tw_ctx *cx, tw_yaml **out, tw_str text);
const tw_yaml *tw_yaml_get(const tw_yaml *map, const char *key); /* NULL when absent */

/** A table of tab separated values; rows of all its files one after the other. */
typedef struct {
    tw_str *name;
    uint32_t n_column;
    tw_str **row; /* fields in the order of name */
    uint32_t n_row;
} tw_petab_table;

/** Adds the rows of a file; columns are matched by name, what a file lacks is "". */
TW_NODISCARD tw_status tw_petab_table_add(tw_ctx *cx, tw_petab_table *t, tw_str text, tw_str file);
/** A field, "" when there is no such column. "nan" and blanks around it are left as they are. */
tw_str tw_petab_field(const tw_petab_table *t, uint32_t row, const char *column);
/** A number; "inf", "-inf"; false for anything else. */
bool tw_petab_number(double *out, tw_str text);

/* ---------------------------------------------------------------- a problem */

typedef enum { TW_PETAB_NOISE_NORMAL, TW_PETAB_NOISE_LAPLACE } tw_petab_noise_law;

struct tw_petab_noise {
    tw_petab_noise_law law;
    tw_petab_scale scale; /* of the measurement, on which it errs */
};

typedef struct {
    tw_str id, formula, noise, placeholder, noise_placeholder;
    tw_petab_noise law;
} tw_petab_observable;

/** A change of a symbol when a period begins. */
typedef struct {
    uint32_t symbol;
    const tw_math *value; /* NULL: it stays as it is (NaN in version 1) */
    uint32_t output;      /* of the program, when it depends on the state; else TW_NO_SYMBOL */
} tw_petab_change;

typedef struct {
    double time;                   /* -INFINITY: until the steady state */
    const tw_petab_change *change; /* compartments first */
    uint32_t n_change;
} tw_petab_period;

typedef struct {
    tw_str id, before;       /* version 1: simulation and pre-equilibration condition */
    tw_petab_period *period; /* ascending */
    uint32_t n_period;
    uint32_t *measured; /* measurements, ascending in time */
    uint32_t n_measured;
} tw_petab_experiment;

struct tw_petab_part {
    tw_sbml_model model; /* with the parameters of the problem that the model lacks */
    tw_str model_id;
    const tw_sim_program *program;
    tw_sim_output *output;
    uint32_t n_output, output_max;
    tw_str *output_key; /* observables and noise: which formula with which parameters */
    uint32_t *input;    /* symbols set before initial assignments: parameters first, in their order */
    uint32_t n_input;
    bool *in_input; /* [n_symbol] */
    tw_petab_experiment *experiment;
    uint32_t n_experiment;
    /* By measurement of the problem; TW_NO_SYMBOL: not of this part. */
    uint32_t *simulation_output, *noise_output;
};

/** What is read, before it becomes experiments. */
typedef struct {
    tw_ctx *cx;
    tw_petab *p;
    const tw_petab_files *files;
    tw_petab_table parameters, conditions, measurements, observables, experiments, mapping;
    tw_petab_observable *observable;
    uint32_t n_observable;
    tw_petab_noise *noise; /* of the problem, as it grows */
    uint32_t measured;     /* measurements before this part's tables */
} tw_petab_reading;

/* read.c */
TW_NODISCARD tw_status tw_petab_parameters(tw_petab_reading *r);
TW_NODISCARD tw_status tw_petab_observables(tw_petab_reading *r);
/* part.c: a model with the tables in hand; rows of measurements become the next measurements of the problem. */
TW_NODISCARD tw_status tw_petab_part_make(tw_petab_reading *r, tw_petab_part *part, tw_str sbml);
/* formula.c */
/** A formula over the symbols of the part; observable may be NULL. */
TW_NODISCARD tw_status tw_petab_formula(tw_petab_reading *r, tw_petab_part *part, const tw_math **out, tw_str text,
                                        const tw_petab_observable *observable, tw_str parameters, tw_str noise);
/** The output with a key, added when there is none. */
TW_NODISCARD tw_status tw_petab_output(tw_petab_reading *r, tw_petab_part *part, uint32_t *out, tw_str key,
                                       const tw_math *math);
/** A formula of parameters and numbers alone, given the parameters. false: it depends on the state. */
bool tw_petab_constant(const tw_petab_part *part, uint32_t n_parameter, double *out, const tw_math *m,
                       const double *parameter);
uint32_t tw_petab_symbol(const tw_petab_reading *r, const tw_petab_part *part, tw_str id);

/* prior.c */
void tw_petab_truncate(tw_petab_parameter *p);

#endif
