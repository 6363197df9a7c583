/** twinward, the C interface of its engine: SBML models run for many patients at once.
 *
 *  Link with libtwinward-twin. Every function may be called from several threads, on different models; one model is
 * used by one thread at a time. Strings given back belong to the model and live as long as it. Numbers are IEEE doubles
 * in the caller's arrays, which are read and written in place.
 *
 *  Results are the same bits for any number of threads and lanes. Nothing is written to disk, read from the network or
 *  printed. */
#ifndef TWINWARD_TWIN_H
#define TWINWARD_TWIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TWIN_API __attribute__((visibility("default")))

/** The version of this interface; it grows when something changes that is here already. */
#define TWIN_API_VERSION 1
TWIN_API int twin_api_version(void);

typedef struct twin_model twin_model;

typedef enum {
    TWIN_OK = 0,
    TWIN_USAGE = 1,   /* arguments that contradict themselves */
    TWIN_PARSE = 2,   /* not a model */
    TWIN_REFUSED = 3, /* something of SBML that is not supported, by name */
    TWIN_LIMIT = 4    /* memory, sizes */
} twin_status;

/** Reads a model: SBML Level 2 Version 4 to Level 3 Version 2 core.
 *  out    *out: to be closed; NULL when it fails
 *         error: at most error_size bytes with their NUL; why it failed; may be NULL with error_size 0 */
TWIN_API twin_status twin_open(twin_model **out, const char *sbml, size_t size, char *error, size_t error_size);
TWIN_API void twin_close(twin_model *m);
/** Why the last call on this model failed; "" before. */
TWIN_API const char *twin_error(const twin_model *m);

/** What formulas of the model can name, by index from 0. */
TWIN_API uint32_t twin_symbol_count(const twin_model *m);
TWIN_API const char *twin_symbol_id(const twin_model *m, uint32_t symbol);
/** "compartment", "species", "parameter", "stoichiometry" or "reaction". */
TWIN_API const char *twin_symbol_kind(const twin_model *m, uint32_t symbol);
/** "" when the model gives none. */
TWIN_API const char *twin_symbol_unit(const twin_model *m, uint32_t symbol);
/** 1: its value does not change in a run. */
TWIN_API int twin_symbol_constant(const twin_model *m, uint32_t symbol);
/** The value that the model gives; of a species its initial amount or concentration; NaN when it gives none. */
TWIN_API double twin_symbol_value(const twin_model *m, uint32_t symbol);
/** UINT32_MAX when the model has no such id. */
TWIN_API uint32_t twin_symbol_find(const twin_model *m, const char *id);
TWIN_API uint32_t twin_warning_count(const twin_model *m);
TWIN_API const char *twin_warning(const twin_model *m, uint32_t i);

typedef struct {
    size_t patients;
    double start;       /* the model's time */
    const double *time; /* times of output, ascending, the first >= start */
    size_t times;
    const uint32_t *set; /* symbols whose values take the place of the model's own, before it starts */
    uint32_t sets;
    const double *set_value; /* [patients][sets]; NaN: the model's own */
    const uint32_t *observe; /* symbols; a species as formulas mean it, a reaction its rate */
    uint32_t observed;
    double rtol, atol; /* 0: 1e-6, 1e-9 */
    uint32_t threads;  /* 0: one */
    double *out;       /* [patients][times][observed]; rows after a failure are NaN */
    int32_t *result;   /* [patients]; 0: done; else see twin_result_text. May be NULL */
} twin_run;

/** Runs the model for all patients. That one of them fails is told in `result` and is no error of the call. */
TWIN_API twin_status twin_simulate(twin_model *m, const twin_run *run);
TWIN_API const char *twin_result_text(int32_t result);

#ifdef __cplusplus
}
#endif

#endif
