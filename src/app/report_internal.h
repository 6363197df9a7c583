/** Private to the report: what is read from a site's files, and how a page is written. */
#ifndef TW_REPORT_INTERNAL_H
#define TW_REPORT_INTERNAL_H

#include "app_internal.h"

/* ---------------------------------------------------------------- facts: read from files, never from memory */

typedef struct {
    tw_str name;
    uint64_t count[4];
} tw_fact_row; /* a label with up to four numbers */

typedef struct {
    tw_fact_row *row;
    size_t count;
    size_t cap;
} tw_fact_rows;

/** The row of a label, made when it is new. */
tw_fact_row *tw_fact_row_of(tw_ctx *cx, tw_fact_rows *rows, tw_str name);
/** By the sum of all numbers, largest first; equal ones by label. */
void tw_fact_rows_sort(tw_fact_rows *rows);

typedef struct {
    tw_str name;
    bool told; /* intake.json is there */
    uint64_t files, read, accepted, duplicates, refused, dead;
    tw_fact_rows types;   /* accepted, refused, dead */
    tw_fact_rows reasons; /* of dead letters */
    tw_str profile;       /* of the gate; "" when nothing was collected */
    uint64_t records, kept, changed, removed, unknown;
    uint64_t batches, objects, bytes, openings; /* from the ledger */
} tw_fact_source;

typedef struct {
    tw_id id;
    tw_str grantee;
    tw_purpose purpose;
    uint32_t categories;
    uint64_t idx;
    unsigned approvals;
    uint8_t status;
    uint64_t wallets[5]; /* TW_VIEW_... */
} tw_fact_project;

/** What a project may have of a wallet now: the best of its compartments. */
enum { TW_VIEW_PERMITTED, TW_VIEW_GRANTED, TW_VIEW_REFERRED, TW_VIEW_DENIED, TW_VIEW_GONE };

#define TW_FACT_KEEPERS_MAX TW_SHARES_MAX
typedef struct {
    tw_id id;
    tw_id project;
    tw_str grantee;
    uint64_t idx;
    uint64_t leaves;
    bool closed;
    uint64_t codes[TW_LEAF_CODE_COUNT]; /* over all sheets */
    uint64_t sheets;
    uint64_t answered[TW_FACT_KEEPERS_MAX]; /* leaves a keeper answered */
    bool opened;
    uint64_t persons, records;
    tw_fact_rows types; /* records */
    tw_str folder;      /* of the grantee */
} tw_fact_release;

typedef struct {
    tw_fact_source *source;
    size_t sources;
    tw_fact_rows rules; /* of all gates: kept, changed, removed */
    uint64_t wallets;
    tw_fact_rows wills; /* what wallets say: wallets */
    tw_fact_project *project;
    size_t projects;
    tw_fact_release *release;
    size_t releases;
    tw_fact_rows entries; /* of the ledger by kind: taken, refused */
    uint64_t policies, stops, erasures, owner_refused, twins_published;
    uint64_t compartments_erased;
    uint64_t log_size;
    uint64_t time_s;
    tw_str origin;
    tw_str checkpoint;
    tw_str receipt; /* of the first batch */
    tw_str receipt_of;
    tw_audit_report *audit;
} tw_facts;

tw_status tw_facts_read(tw_ctx *cx, tw_facts *out, tw_site *s);
tw_status tw_facts_intake(tw_ctx *cx, tw_facts *f, tw_site *s);  /* sources, rules */
tw_status tw_facts_ledger(tw_ctx *cx, tw_facts *f, tw_site *s);  /* entries, projects, releases */
tw_status tw_facts_wallets(tw_ctx *cx, tw_facts *f, tw_site *s); /* wills, views of projects */
tw_status tw_facts_releases(tw_ctx *cx, tw_facts *f, tw_site *s); /* sheets, opened data */

/** Reads the facts, audits, and writes the page. *f stays in the arena. */
tw_status tw_report_make(tw_ctx *cx, tw_facts *f, tw_site *s, const char *path);

/** A JSON file of the site, in the arena; *d has no tokens (n = 0) when the file is not there. */
tw_status tw_fact_json(tw_ctx *cx, tw_json *d, const char *path);
uint64_t tw_fact_u64(const tw_json *d, uint32_t obj, const char *member);
double tw_fact_f64(const tw_json *d, uint32_t obj, const char *member); /* NaN when absent */

/** Purpose, policy in words. */
tw_str tw_purpose_words(tw_ctx *cx, const tw_purpose *p);
tw_str tw_policy_words(tw_ctx *cx, const tw_policy *p, bool directed, uint64_t now_s);

/* ---------------------------------------------------------------- the page */

typedef struct {
    tw_buf *b;
    tw_ctx *cx;
    tw_site *s;
    const tw_facts *f;
} tw_page;

void tw_page_begin(tw_page *p);
void tw_page_end(tw_page *p);
/** A section with its heading; ends the one before. id: for the list of contents. */
void tw_page_section(tw_page *p, const char *id, const char *heading);
void tw_page_raw(tw_page *p, const char *html);
void tw_page_text(tw_page *p, tw_str text); /* escaped */
/** Paragraph; the text is escaped. */
void tw_page_say(tw_page *p, const char *fmt, ...) TW_PRINTF(2, 3);
void tw_page_figure(tw_page *p);
void tw_page_caption(tw_page *p, const char *fmt, ...) TW_PRINTF(2, 3); /* ends the figure */
/** Table under a chart, folded; columns parted by '|'; a column that begins with '#' holds numbers. */
void tw_page_details(tw_page *p, const char *summary);
void tw_page_details_end(tw_page *p);
void tw_page_table(tw_page *p, const char *columns);
void tw_page_cell(tw_page *p, const char *fmt, ...) TW_PRINTF(2, 3);
void tw_page_cell_str(tw_page *p, tw_str text);
void tw_page_cell_u64(tw_page *p, uint64_t v);
void tw_page_cell_f64(tw_page *p, double v, int decimals);
void tw_page_row(tw_page *p);
void tw_page_table_end(tw_page *p);
/** 12,345 */
tw_str tw_thousands(tw_ctx *cx, uint64_t v);

void tw_report_overview(tw_page *p);
void tw_report_intake(tw_page *p);
tw_status tw_report_gate(tw_page *p);
void tw_report_consent(tw_page *p);
void tw_report_projects(tw_page *p);
void tw_report_releases(tw_page *p);
tw_status tw_report_twins(tw_page *p);
tw_status tw_report_attempts(tw_page *p);
tw_status tw_report_patient(tw_page *p);
void tw_report_ledger(tw_page *p);

#endif
