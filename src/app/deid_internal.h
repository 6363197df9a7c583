/** Private to the de-identification of files: one run, and what is done with one unit. */
#ifndef TW_APP_DEID_INTERNAL_H
#define TW_APP_DEID_INTERNAL_H

#include "collect_internal.h"

/** A thread's own. */
typedef struct {
    tw_doc_work *doc;
    tw_config_work *config; /* NULL: by the profile */
    tw_config_opts config_opts;
    tw_ctx scratch;
} deid_worker;

typedef struct {
    const tw_deid_files_opts *opts;
    tw_deid_files_report *report;
    tw_doc_opts doc;
    uint8_t key[32];
    tw_profile *profile;
    tw_text_model *text;
    tw_mapping *mapping;
    tw_config *config; /* NULL: by the profile */
    uint8_t config_hash[32];
    intake_list files;
    crew *crew;
    deid_worker *worker;
    size_t workers;
    uint64_t recoded; /* tables that were not in UTF-8 */
} deid_run;

/** Columns of a table, from its header line. */
typedef struct {
    tw_column *column; /* NULL: no table */
    size_t count;
    tw_csv_opts csv;
    bool header; /* the first row is one */
    tw_str head; /* as it goes out, a line; "" without one */
} deid_table;

/** What the units of a file are. */
typedef struct {
    tw_sources_form form;
    bool note;
    const deid_table *table;
    tw_str file, folder; /* names, for configurations that shift dates by them */
    bool closed; /* nothing of the file can be used */
} deid_kind;

/** Everything that is the same for all files. */
TW_NODISCARD tw_status deid_open(tw_ctx *cx, deid_run *r);
void deid_close(deid_run *r);

/** A table by its first row. Borrows from r->mapping. fails TW_ENOTFOUND: the mapping has no such table; TW_EUSAGE:
 *  there is no mapping */
TW_NODISCARD tw_status deid_table_open(tw_ctx *cx, deid_table *out, const deid_run *r, tw_str name, tw_str first_row);

/** One unit, after what is in `out`. fails as the functions of deid do; then nothing was added. */
TW_NODISCARD tw_status deid_unit(tw_ctx *cx, tw_buf *out, deid_worker *w, const deid_kind *kind, tw_str unit);
/** Bytes between units: line ends and frames stay, lines of a batch lose what is of a sender. The frame of a unit that
 *  was left out stays, empty. */
TW_NODISCARD tw_status deid_between(tw_ctx *cx, tw_buf *out, deid_worker *w, const deid_kind *kind, tw_str bytes);

/** One FHIR document by the configuration. */
TW_NODISCARD tw_status deid_by_config(tw_ctx *cx, tw_buf *out, deid_worker *w, const deid_kind *kind, tw_str unit);
/** Reads opts->config and tells its warnings. */
TW_NODISCARD tw_status deid_config_open(tw_ctx *cx, deid_run *r);

/** Its part of the account: a row a rule. */
void deid_config_rows(tw_jw *w, const deid_run *r);

/** account_json of the report. */
TW_NODISCARD tw_status deid_account(tw_ctx *cx, deid_run *r);

#endif
