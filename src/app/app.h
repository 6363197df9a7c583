/** App: the use cases. The only place that joins rooms. Each function is one thing that a user can ask for; the CLI and
 * the demo call the same ones.
 *
 *  A site folder holds every party of a small deployment, each in its own folder, so that the whole way can be run and
 *  audited on one machine:
 *    site.json                            ledger id, origin, insecure mark (seed) and virtual clock
 *    exchange/{key,relay.key,lock,log/,releases/<id>/{leaves,sheets/},mail/}
 *    vault/packs/
 *    sources/<name>/{key,register.mdb}    keepers/<index>/{key,keeper.mdb,log/}
 *    stewards/<name>/key                  grantees/<name>/{key,projects/<id>/,releases/<id>/}
 *    wallets/<name>.wallet                wallets/<name>.stop
 *  Parties talk by bytes only: a keeper gets request messages and gives replies; it shares no memory with the rest.
 *
 *  Time: each command appends a tick first. A site made with a seed is INSECURE (keys can be recomputed): commands
 * refuse it unless `allow_insecure`. */
#ifndef TW_APP_H
#define TW_APP_H

#include <signal.h>

#include "base/base.h"
#include "crypto/crypto.h"
#include "deid/deid.h"
#include "engine/engine.h"
#include "format/format.h"
#include "io/io.h"
#include "ledger/ledger.h"
#include "model/model.h"
#include "sbml/sbml.h"
#include "seal/seal.h"
#include "sedml/sedml.h"
#include "sim/sim.h"
#include "sources/sources.h"
#include "twin/twin.h"
#include "vault/vault.h"

/** What a long use case says while it runs: (done, total) of a named step; total 0: unknown. NULL: silent. */
typedef struct {
    void (*step)(void *self, const char *name, uint64_t done, uint64_t total);
    void *self;
} tw_progress;

/* ---------------------------------------------------------------- site */

typedef struct tw_site tw_site;

typedef struct {
    const char *const *source;  /* names */
    size_t source_count;
    const char *const *grantee;
    size_t grantee_count;
    uint8_t keepers;    /* n; default 4 */
    uint8_t threshold;  /* t; default 3 */
    uint8_t stewards;   /* default 3 */
    uint8_t approvals;  /* k; default 2 */
    bool seeded;        /* INSECURE: keys, nonces and clock from the seed */
    uint64_t seed;
    uint64_t start_s;   /* virtual clock of a seeded site; 0: 2026-03-02T08:00:00Z */
    const char *origin; /* NULL: "twinward.example/<first 8 hex of the log key>" */
} tw_init_opts;

/** Makes the folder, keys, genesis and first keeper import keys. TW_ECONFLICT when a site is there. What a killed run
 * left (init.unfinished stands in the folder) is made anew; wrong names and numbers are refused before anything is. */
TW_NODISCARD tw_status tw_site_create(tw_ctx *cx, const char *dir, const tw_init_opts *opts);
/** Opens it and takes the exchange's lock; sets cx->env to the site's (clock, entropy). Heap-owned. */
TW_NODISCARD tw_status tw_site_open(tw_ctx *cx, tw_site **out, const char *dir, bool allow_insecure);
void tw_site_close(tw_ctx *cx, tw_site *s);
const char *tw_site_dir(const tw_site *s);
bool tw_site_insecure(const tw_site *s);
const tw_id *tw_site_ledger_id(const tw_site *s);
/** Move a virtual clock forward; TW_EREFUSED on a site with the real clock. */
TW_NODISCARD tw_status tw_site_advance(tw_ctx *cx, tw_site *s, uint64_t seconds);
/** Path under the site, in the arena. */
char *tw_site_path(tw_ctx *cx, const tw_site *s, const char *fmt, ...) TW_PRINTF(3, 4);
/** The exchange's log; read through it, write through tw_site_submit. */
tw_solo *tw_site_log(tw_site *s);
const tw_ledger *tw_site_state(const tw_site *s);
/** Now (site clock), and a tick on the ledger when it moved. */
TW_NODISCARD tw_status tw_site_tick(tw_ctx *cx, tw_site *s);

typedef struct {
    char name[64];
    uint8_t role; /* tw_role */
    tw_id id;
    uint8_t sign_public[TW_KEY];
    uint8_t sign_secret[64];
    uint8_t box_public[TW_KEY];
    uint8_t box_secret[32];
} tw_party;
/** Loads a party's key file; role picks the folder. name may be the unambiguous start of a name. Wipe with tw_wipe. */
TW_NODISCARD tw_status tw_party_load(tw_ctx *cx, tw_party *out, const tw_site *s, tw_role role, const char *name);
/** Names of parties of a role, sorted. */
TW_NODISCARD tw_status tw_party_names(tw_ctx *cx, tw_str **names, size_t *count, const tw_site *s, tw_role role);
/** Signs with the next nonce, ticks, submits. TW_EREFUSED (with the code's text) when the ledger's code is not ok. */
TW_NODISCARD tw_status tw_site_submit(tw_ctx *cx, tw_applied *out, tw_site *s, const tw_party *party,
                                      tw_entry_kind kind, tw_bytes body);
/** The relay carries an owner operation. */
TW_NODISCARD tw_status tw_site_carry(tw_ctx *cx, tw_applied *out, tw_site *s, tw_bytes owner_op);

/* ---------------------------------------------------------------- keepers */

/** Keeper messages: u8 kind, fields (docs/formats/keeper.md). */
typedef enum {
    TW_KEEPER_IMPORT = 1,     /* source: import batch */
    TW_KEEPER_OPENING = 2,    /* source: ids of an opening */
    TW_KEEPER_MAIL = 3,       /* anyone: sealed mail of a compartment */
    TW_KEEPER_STOP = 4,       /* owner operation, binds on receipt */
    TW_KEEPER_CANDIDATES = 5, /* grantee */
    TW_KEEPER_LEAVES = 6,     /* grantee: whole leaf file of a release */
    TW_KEEPER_ANSWER = 7,     /* grantee: leaves from `first` on */
    TW_KEEPER_DELETIONS = 8,  /* anyone: signed deletions of a compartment */
    TW_KEEPER_PROVE = 9       /* grantee: proofs of fragments given */
} tw_keeper_request;

typedef struct tw_keeper tw_keeper;
/** Opens the keeper of share index 1..n from its folder alone: key, store, own log copy; follows the exchange's log
 * folder `from_log` (NULL: do not follow: a keeper that is cut off). */
TW_NODISCARD tw_status tw_keeper_open(tw_ctx *cx, tw_keeper **out, const char *dir, const char *from_log);
void tw_keeper_close(tw_keeper *k);
/** One request, one reply, in the arena. An error reply is TW_OK with reply[0] = 0 and a status; tw_keeper_reply turns
 * it into a status. */
TW_NODISCARD tw_status tw_keeper_handle(tw_ctx *cx, tw_bytes *reply, tw_keeper *k, tw_bytes request);
/** Weekly import key, deletion of shares in state erasing, deletion of expired import secrets. Signed operations to
 * submit come back. */
TW_NODISCARD tw_status tw_keeper_maintain(tw_ctx *cx, tw_bytes **ops, size_t *count, tw_keeper *k);
/** Test hook: answers with false fragments. */
void tw_keeper_lie(tw_keeper *k, bool lie);
uint64_t tw_keeper_log_size(const tw_keeper *k);

/** Send to keeper `index` of the site and get its reply body. TW_ENET: that keeper is down. */
TW_NODISCARD tw_status tw_keeper_call(tw_ctx *cx, tw_bytes *reply, tw_site *s, uint8_t index, tw_bytes request);
/** Every keeper's housekeeping: follow, weekly import key, deletions; its operations go to the ledger. */
TW_NODISCARD tw_status tw_site_maintain(tw_ctx *cx, tw_site *s);
/** Test hooks: take keepers down (bit index-1), make one lie, hold one back from following. */
void tw_site_keepers_down(tw_site *s, uint32_t mask);
void tw_site_keeper_lies(tw_site *s, uint8_t index);
void tw_site_keeper_stale(tw_site *s, uint8_t index);

/* ---------------------------------------------------------------- patients */

/** New wallet file NAME.wallet, and NAME.stop: a guardian's file (tw_wallet_save_stop), which enrolment keeps up with
 * the compartments. TW_ECONFLICT when there is one of this name. */
TW_NODISCARD tw_status tw_app_wallet_new(tw_ctx *cx, tw_site *s, const char *name);
/** with_stop: with the stop root of NAME.stop; when only that file is here, a wallet that can stop for good alone. */
TW_NODISCARD tw_status tw_app_wallet_load(tw_ctx *cx, tw_wallet **out, const tw_site *s, const char *name,
                                          bool with_stop);
TW_NODISCARD tw_status tw_app_wallet_save(tw_ctx *cx, const tw_site *s, const tw_wallet *w, const char *name);

/** One line of an enrolment desk: this wallet is this local number at this source. */
typedef struct {
    tw_str wallet;
    tw_str source;
    tw_str local_number;
} tw_enrol_line;
typedef struct {
    const tw_enrol_line *line;
    size_t count;
    const tw_policy *policy; /* default of every compartment; NULL: nothing is permitted */
    bool directed;
    bool custodial; /* wallets are made when absent and held by the site */
    tw_progress progress;
} tw_app_enrol_opts;
typedef struct {
    uint64_t wallets;
    uint64_t compartments;
    uint64_t imported[TW_SHARES_MAX]; /* by keeper */
    uint64_t openings;
} tw_enrol_report;
/** Enrols, forwards envelopes to keepers, commits openings. Lines already enrolled are left alone. */
TW_NODISCARD tw_status tw_app_enrol(tw_ctx *cx, tw_enrol_report *out, tw_site *s, const tw_app_enrol_opts *opts);
/** Rows of an enrolment list: tab-separated, the header names the columns wallet, source (or hospital) and number;
 * others are passed over. */
TW_NODISCARD tw_status tw_enrol_lines_read(tw_ctx *cx, tw_enrol_line **lines, size_t *count, tw_str tsv);
/** What a source still owes: envelopes not acknowledged, compartments not opened, batches not on the ledger.
 * Idempotent. */
TW_NODISCARD tw_status tw_source_settle(tw_ctx *cx, tw_enrol_report *out, tw_site *s, const tw_party *source);

/** Which compartments of a wallet: source NULL = all, categories 0 = all. */
typedef struct {
    const char *wallet;
    const char *source;
    uint32_t categories;
} tw_scope;
typedef struct {
    uint64_t compartments;
    uint64_t receipts; /* stop: keepers that bound themselves at once */
    uint64_t deletions;
    uint64_t objects;  /* erase: vault objects removed */
} tw_owner_report;
/** New policy for a scope. project (hex, may be NULL): a directed grant to that project's key. */
TW_NODISCARD tw_status tw_app_consent_set(tw_ctx *cx, tw_owner_report *out, tw_site *s, const tw_scope *scope,
                                          const tw_policy *policy, const char *project);
/** final: by the stop root; cannot be lifted. */
TW_NODISCARD tw_status tw_app_stop(tw_ctx *cx, tw_owner_report *out, tw_site *s, const tw_scope *scope, bool final);
TW_NODISCARD tw_status tw_app_erase(tw_ctx *cx, tw_owner_report *out, tw_site *s, const tw_scope *scope);
/** Who could read what if this policy were signed: one line a live project, JSON array. */
TW_NODISCARD tw_status tw_app_consent_dry_run(tw_ctx *cx, tw_str *json, tw_site *s, const tw_scope *scope,
                                              const tw_policy *policy);
/** Disclosures of a wallet, each verified by inclusion or absence in every release; JSON object. */
TW_NODISCARD tw_status tw_app_disclosures(tw_ctx *cx, tw_str *json, tw_site *s, const char *wallet);

/* ---------------------------------------------------------------- sources */

/** Free text of records: removed; searched, and what is in doubt removed; searched with fewer words lost and more
 *  identifiers missed, which a steward has to ask for by name. */
typedef enum { TW_COLLECT_TEXT_REMOVE, TW_COLLECT_TEXT_STRICT, TW_COLLECT_TEXT_NORMAL } tw_collect_text;

typedef struct {
    const char *source;
    const char *const *path; /* files, folders, or "-" for `stream` */
    size_t path_count;
    const char *profile; /* "twin" (default), "hipaa-safe-harbor", or a profile file */
    bool has_form;       /* every file is of this form; else the ends of their names tell */
    tw_sources_form form;
    tw_input stream;     /* standard input, say: read once; its patients are known from where they stand on */
    const char *mapping; /* mapping file for tables (docs/formats/csv-mapping.md) */
    const char *zone;    /* clock of times without an offset, POSIX TZ text; NULL: UTC */
    tw_collect_text text;
    const char *language; /* of free text; NULL: "en" */
    unsigned jobs;       /* threads; 0: as many as processors */
    size_t batch_bytes;  /* sealed in one batch, about; 0: 16 MiB */
    const volatile sig_atomic_t *stop; /* not 0: end after the round at hand; may be NULL */
    bool append;         /* dead-letters.tsv goes on instead of being written anew */
    /** Each file that was read to its end, once it is committed; usable: something in it was of use. May be NULL. */
    void (*file)(void *self, const char *path, bool usable);
    void *file_self;
    tw_progress progress;
} tw_collect_opts;
#define TW_TYPES_MAX 200
typedef struct {
    char type[40];
    uint64_t accepted;
    uint64_t refused; /* not a patient record */
    uint64_t dead;
} tw_type_count;
typedef struct {
    uint64_t files;
    uint64_t read;
    uint64_t accepted;   /* sealed now, or already there */
    uint64_t duplicates; /* part of accepted: (business id, version) sealed before */
    uint64_t refused;
    uint64_t dead;
    uint64_t batches;
    uint64_t segments;
    uint64_t bytes; /* sealed */
    uint64_t unreadable;    /* files of which nothing could be read */
    uint64_t resumed_files; /* of a collection that was killed: files that were done, or gone on with */
    uint64_t resumed_bytes; /* bytes of them that were not read again */
    bool stopped;           /* by opts->stop, before the end; the next collection goes on */
    tw_type_count type[TW_TYPES_MAX];
    size_t type_count;
    const char *text;    /* "remove", "strict" or "normal": what was done to free text */
    tw_str account_json; /* merged account of the gate */
} tw_collect_report;
/** Reads, de-identifies, seals, anchors. accepted + refused + dead = read, always. Run again after a kill it goes
 *  on where committed work ended, and counts that work; account_json is of this run alone. Memory is bounded,
 *  whatever the input: a line, message or row has at most 32 MiB, a document 64 MiB; what is longer is a dead
 *  letter. The outcome does not depend on `jobs`. A file that cannot be read is a dead letter. fails TW_ENOTFOUND a
 *  path is not there; TW_EUSAGE no form; TW_EPARSE mapping, zone or profile. */
TW_NODISCARD tw_status tw_app_collect(tw_ctx *cx, tw_collect_report *out, tw_site *s, const tw_collect_opts *opts);
/** A folder that is watched: files are taken once they are renamed into it (at the start: all that are there), in
 *  order of arrival; names that begin with a dot or end with .tmp or .part are left alone. What was collected is
 *  moved to DIR/done, a file of which nothing could be used to DIR/dead. The site is opened for each batch, so that
 *  other commands can work in between. opts->path[0] is the folder. Ends with TW_OK when stop_fd can be read or
 *  *opts->stop is set. */
typedef struct {
    const char *site;
    bool allow_insecure;
    int stop_fd; /* -1: none */
    void (*batch)(void *self, const tw_collect_report *r); /* after its files were moved; may be NULL */
    void (*ready)(void *self);                             /* the folder is watched from now on; may be NULL */
    void *self;
} tw_watch_opts;
TW_NODISCARD tw_status tw_app_watch(tw_ctx *cx, const tw_watch_opts *w, const tw_collect_opts *opts);

/** What the gate would do, for a steward; nothing is written, no key is used and no site is needed.
 *  sample   records at most; 0: all
 *  *json    object: v, profile, files, read, accepted, refused_by_type, dead_letters, sampled, reasons, and fields:
 *           [{path, rule, kept, changed, removed, shape, specimen: {before, after}}]. shape: of the first value met,
 *           letters as "a" and "A", digits as "9"; specimen: what becomes of an invented person's value here. No
 *           value of a patient. */
TW_NODISCARD tw_status tw_app_collect_dry_run(tw_ctx *cx, tw_str *json, const tw_collect_opts *opts,
                                              uint64_t sample);

/** A mapping for these tables, as JSON, and the reasons for it (a line each). */
TW_NODISCARD tw_status tw_app_suggest_mapping(tw_ctx *cx, tw_str *json, tw_str *reasons, const char *const *path,
                                              size_t count);

/** JSON object: counts of the last collection by type and reason, dead letters left, last batch, envelopes that keepers
 *  have not acknowledged, whether a collection is unfinished, the last error. */
TW_NODISCARD tw_status tw_app_source_status(tw_ctx *cx, tw_str *json, tw_site *s, const char *source);
/** JSON array: dead letters: file, line, path, type, reason, detail, replayable. */
TW_NODISCARD tw_status tw_app_dead_letters(tw_ctx *cx, tw_str *json, tw_site *s, const char *source);
/** Reads the units again that are dead letters, from the files that they were in (also where a watched folder moved
 *  them). What is still wrong stays a dead letter, and so does what cannot be read again: *gone of them. opts: mapping,
 *  zone, profile, jobs. TW_ECONFLICT: a collection is unfinished. */
TW_NODISCARD tw_status tw_app_replay(tw_ctx *cx, tw_collect_report *out, uint64_t *gone, tw_site *s,
                                     const tw_collect_opts *opts);

/** Local numbers of the patients in these files, sorted, distinct (for custodial enrolment). */
TW_NODISCARD tw_status tw_app_patients(tw_ctx *cx, tw_str **numbers, size_t *count, const char *const *path,
                                       size_t path_count);

/* ---------------------------------------------------------------- de-identified files, without a site */

#define TW_DEID_PROFILE "hipaa-safe-harbor" /* when none is asked for */

typedef enum { TW_DEID_TEXT_STRICT, TW_DEID_TEXT_NORMAL, TW_DEID_TEXT_REMOVE } tw_deid_text;

typedef struct {
    const char *const *path; /* files, folders (their files in order of names), or "-" */
    size_t path_count;
    tw_input stream; /* for "-" */
    bool has_form;   /* every file is of this form; else the ends of their names tell */
    tw_sources_form form;
    bool notes;      /* every file is one note of plain text; else those that end in .txt */
    const char *out; /* folder, made when it is not there; NULL: all bytes go to `write` */
    bool keep_names; /* files in `out` keep their names; else they are numbered, since names of files hold names */
    tw_status (*write)(void *self, tw_ctx *cx, tw_str bytes);
    void *write_self;
    const char *profile;  /* NULL: TW_DEID_PROFILE; a name or a file */
    const char *config;   /* file: a configuration of Microsoft's anonymizer in the place of a profile; FHIR alone */
    bool compat;          /* of a configuration: do what is unsafe in it, too */
    const char *mapping;  /* for tables */
    const char *key;      /* file with 64 hex digits, made when it is not there; NULL: a key for this run alone */
    const char *language; /* of free text; NULL: "en" */
    tw_deid_text text;
    double threshold; /* 0: the model's own */
    bool tags;        /* [NAME] in the place of surrogates */
    int64_t reference_day;
    unsigned jobs; /* threads; 0: as many as processors */
    const tw_doc_listener *explain; /* told of every element, in order: one thread then; may be NULL */
    /** Each unit that is left out: where and why; nothing of a patient. May be NULL. */
    void (*dead)(void *self, const tw_dead_letter *letter);
    /** What a user should know once: an unsafe setting that was made safe, or was not. May be NULL. */
    void (*warn)(void *self, tw_str text);
    void *self;
    const volatile sig_atomic_t *stop; /* not 0: end after the round at hand; may be NULL */
    tw_progress progress;
} tw_deid_files_opts;

typedef struct {
    uint64_t files;
    uint64_t units; /* documents, lines, messages, rows, notes */
    uint64_t passed;
    uint64_t dead; /* units that are left out */
    uint64_t bytes_in, bytes_out;
    bool stopped;
    tw_str account_json; /* profile, key's name, sums, and rows by path and rule: nothing of a patient */
} tw_deid_files_report;
/** Format in = format out. Files are written under a temporary name and renamed when they are whole; memory does not
 *  grow with the input; the outcome does not depend on `jobs`. A unit that is bad is left out and told. fails
 *  TW_ENOTFOUND, TW_EUSAGE, TW_EPARSE (profile, configuration, mapping, key), TW_EIO. */
TW_NODISCARD tw_status tw_app_deid(tw_ctx *cx, tw_deid_files_report *out, const tw_deid_files_opts *opts);

/* ---------------------------------------------------------------- projects and releases */

typedef struct {
    const char *grantee;
    tw_purpose purpose;
    uint32_t categories;
    uint64_t until_s; /* 0: one year */
    const char *ethics_file; /* hashed; NULL: zero hash and ethics_approval must not claim it */
} tw_project_opts;
TW_NODISCARD tw_status tw_app_project_open(tw_ctx *cx, tw_id *project, tw_site *s, const tw_project_opts *opts);
/** One steward's approval; *live says whether k of n is reached. */
TW_NODISCARD tw_status tw_app_project_approve(tw_ctx *cx, bool *live, tw_site *s, const char *steward,
                                              const tw_id *project);
/** Project by hex prefix. */
TW_NODISCARD tw_status tw_app_project_find(tw_ctx *cx, tw_id *project, const tw_site *s, const char *hex_prefix);

typedef struct {
    tw_id release;
    uint64_t candidates;
    uint64_t leaves;
    uint64_t answered; /* leaves with t answers */
    uint64_t codes[TW_LEAF_CODE_COUNT]; /* over all sheets */
    uint32_t sheets;
    uint64_t opened_idx;
    uint64_t closed_idx;
} tw_release_report;
/** Attempts to be refused: each changes one fact of an honest run (tests and the demo's list of refused attempts). */
typedef enum {
    TW_HONEST,
    TW_TRY_UNANNOUNCED,
    TW_TRY_UNSORTED,
    TW_TRY_DOUBLED,
    TW_TRY_ALTERED_LEAF_FILE,
    TW_TRY_ALTERED_BODY,
    TW_TRY_ALTERED_CAPSULE,
    TW_TRY_FOREIGN_LEAF /* a compartment outside the project */
} tw_try;
typedef struct {
    const char *grantee;
    tw_id project;
    tw_try attempt;
    uint64_t window_s;      /* 0: one hour */
    const tw_id
        *also; /* TW_TRY_FOREIGN_LEAF and revoked ones: compartments to ask for although no keeper offers them */
    size_t also_count;
    bool leave_open;        /* no release-close */
    tw_progress progress;
} tw_release_opts;
/** Candidates, leaf file, announcement, answers, sheets, close. Writes grantees/<name>/releases/<id>/. TW_EREFUSED when
 * no leaf was answered. */
TW_NODISCARD tw_status tw_app_release(tw_ctx *cx, tw_release_report *out, tw_site *s, const tw_release_opts *opts);

/** Ask the keepers of an open release again (some were down, or a policy came): their new sheets stand beside the old
 * ones. */
TW_NODISCARD tw_status tw_app_release_ask(tw_ctx *cx, tw_release_report *out, tw_site *s, const char *grantee,
                                          const tw_id *release);

typedef struct {
    uint64_t persons;
    uint64_t records;
    uint64_t capsules;
    uint64_t segments;
    uint64_t failed_capsules;
    uint32_t liars; /* bit index-1: keepers whose fragments were proved false */
    char data_dir[512];
    uint8_t manifest_hash[32];
} tw_open_report;
/** Opens what was answered into data/TYPE.ndjson (one file a FHIR type) with project ids. TW_EQUORUM: fewer than t
 * answers. */
TW_NODISCARD tw_status tw_app_open(tw_ctx *cx, tw_open_report *out, tw_site *s, const char *grantee,
                                   const tw_id *release);
/** Release by hex prefix, among those of a grantee. */
TW_NODISCARD tw_status tw_app_release_find(tw_ctx *cx, tw_id *release, const tw_site *s, const char *grantee,
                                           const char *hex_prefix);

/* ---------------------------------------------------------------- twins */

typedef struct {
    const char *grantee;
    tw_id release;
    const char *prior; /* population file; NULL: fitted on this release's own persons */
    uint64_t seed;
    tw_progress progress;
} tw_twin_opts;
typedef struct {
    uint64_t persons;  /* with a usable PSA series */
    uint64_t too_short;
    char dir[512];     /* twins/: one JSON a person, population.json, SVG */
} tw_twin_report;
/** Personalises one PSA twin a person of an opened release. */
TW_NODISCARD tw_status tw_app_twin_fit(tw_ctx *cx, tw_twin_report *out, tw_site *s, const tw_twin_opts *opts);
/** Forecasts the last cycle from the ones before and draws it against what came; SVG and JSON beside the twins. */
TW_NODISCARD tw_status tw_app_twin_forecast(tw_ctx *cx, tw_twin_report *out, tw_site *s, const tw_twin_opts *opts);
/** 5-fold cross-validated scores: JSON of the whole table. */
TW_NODISCARD tw_status tw_app_twin_score(tw_ctx *cx, tw_str *json, tw_site *s, const tw_twin_opts *opts);

/* ---------------------------------------------------------------- models */

/** What a model is, and what of it a run would not do. */
typedef struct {
    const tw_sbml_model *model;
    tw_sim_info info;   /* of the program; zero when it was refused */
    tw_str refused;     /* why, "" when it runs */
} tw_model_report;
/** Reads a model file and makes its program, without running it.
 *  fails  what tw_sbml_read says; that sim refuses it is not an error here */
TW_NODISCARD tw_status tw_app_model_check(tw_ctx *cx, tw_model_report *out, const char *path);

typedef enum { TW_SIMULATED_CSV, TW_SIMULATED_NDJSON } tw_simulated_form;

typedef struct {
    const char *model;    /* SBML */
    const char *patients; /* CSV: a column "id", the others ids of the model's symbols; an empty field: the model's own
                             value. NULL: one run of the model as it stands, id "1" */
    double start, to;     /* the model's time */
    uint32_t intervals;   /* intervals + 1 times */
    const char *observe;  /* ids, parted by commas; NULL: every species, and all else that changes */
    tw_sim_run_opts run;
    uint32_t part, parts; /* this share of the patients, from 1; 0: all */
    const char *out;      /* file, whole or not there; NULL: `write` */
    const char *job;      /* name of the job that these parts are of: the last to end puts them together in `out`, on a
                             disk that all of them see; NULL: `out` is this part's own */
    tw_status (*write)(void *self, tw_ctx *cx, tw_str bytes);
    void *self;
    tw_simulated_form form;
    unsigned jobs; /* threads; 0: as many as processors */
    tw_progress progress;
    const volatile sig_atomic_t *stop; /* not 0: give up; may be NULL */
} tw_simulate_opts;

typedef struct {
    uint64_t patients, done;
    uint64_t failed[TW_SIM_NO_MEMORY + 1]; /* by result */
    uint64_t first_failed;                 /* row of the table, from 1; 0: none */
    tw_sim_count count;
} tw_simulate_report;
/** Runs a model for every patient of a table. Rows come out in the table's order and are the same bits for any number
 *  of threads, lanes and parts: id, time and what was observed, a row a time. A patient whose run fails has the rows
 *  until then and is counted.
 *  fails  TW_EPARSE names line and column of the table, never a value; TW_EREFUSED by the engine; TW_EUSAGE */
TW_NODISCARD tw_status tw_app_simulate(tw_ctx *cx, tw_simulate_report *out, const tw_simulate_opts *opts);

typedef struct {
    const char *path; /* a SED-ML document (its models lie beside it) or a COMBINE archive (.omex) */
    const char *out;  /* folder for reports (CSV) and plots (SVG) */
} tw_experiment_opts;
typedef struct {
    uint32_t tasks, reports, plots;
    tw_str note; /* algorithms that were asked for by name and done by ours; "" */
} tw_experiment_report;
/** Runs an experiment: every task that an output needs, then each report as <id>.csv, each 2-D plot as <id>.svg. A
 *  repeated task has one sub-task; the rows of its repeats stand one after the other. Time courses start anew each
 *  time, oneStep goes on from where it stood unless the document says resetModel.
 *  fails  what tw_sedml_read and tw_sim_compile say; TW_EREFUSED names what is not supported; TW_EFAILED a run that
 *         cannot be done to the end */
TW_NODISCARD tw_status tw_app_experiment(tw_ctx *cx, tw_experiment_report *out, const tw_experiment_opts *opts);

typedef struct {
    const char *model; /* SBML */
    const char *card;  /* TSV: kind, name, law, lower, upper, mean, sd, symbol (see docs/estimate.md) */
    const char *data;  /* CSV: id, time, observable, value, and where there kind, width, extra_sd */
    const char *out;   /* folder for estimates.csv, bands.csv, estimates.ndjson and, if asked, fan-N-OBSERVABLE.svg */
    double start;      /* the model's time */
    double to;         /* end of the bands; NaN: a quarter past a patient's last value */
    uint32_t intervals; /* of the bands; 0: 100 */
    uint32_t starts;   /* 0: 8 */
    uint32_t draws;    /* 0: 1000 */
    uint64_t seed;
    bool svg;
    unsigned jobs; /* threads; 0: as many as processors */
    tw_sim_run_opts run;
    tw_progress progress;
    const volatile sig_atomic_t *stop; /* not 0: give up; may be NULL */
} tw_estimate_opts;
typedef struct {
    uint64_t patients, done;
    uint64_t not_converged;
    uint64_t untold;  /* patients with a direction of parameters that their data do not tell */
    uint64_t few;     /* patients whose draws are worth fewer than a thirtieth of what was drawn */
    tw_str first_failed; /* why, "" when all were done */
} tw_estimate_report;
/** Estimates a model's parameters for every patient of a table: mode, posterior, what the data do not tell, bands of
 *  what would be measured. Patients come out in the table's order; the same bits for any number of threads. A patient
 *  that cannot be estimated has a line in estimates.ndjson that says why, and is counted.
 *  fails  TW_EPARSE names line and column of a table, never a value; what the engine says; TW_EUSAGE */
TW_NODISCARD tw_status tw_app_estimate(tw_ctx *cx, tw_estimate_report *out, const tw_estimate_opts *opts);

/** Writes an FMU of a model file (see src/fmi/fmi.h). values: CSV of one row that replaces values of the model; NULL:
 *  none. */
TW_NODISCARD tw_status tw_app_model_fmu(tw_ctx *cx, const char *model, const char *values, const char *out);

/* ---------------------------------------------------------------- audit */

#define TW_FINDINGS_MAX 1000
typedef struct {
    const char *severity; /* "fail" or "note" */
    tw_str file;
    tw_str what;
} tw_finding;
typedef struct {
    uint64_t entries;
    uint64_t checkpoints;
    uint64_t packs;
    uint64_t objects;
    uint64_t releases;
    uint64_t sheets;
    uint64_t answered_leaves; /* each re-decided */
    uint64_t erased;
    tw_finding finding[TW_FINDINGS_MAX];
    size_t finding_count;
    size_t failures;
} tw_audit_report;
/** From a directory alone (a site or a copy of it without keys and data): log, checkpoints, packs, every answered leaf
 * had an announced release, a live project and, re-run from evidence, a permitting consent at its sheet's log size;
 * every erasure has its deletions and no later answer. Without lock, key or network. TW_EVERIFY when something failed;
 * the report is filled either way. */
TW_NODISCARD tw_status tw_app_audit(tw_ctx *cx, tw_audit_report *out, const char *dir);
/** One file: a .tlog-proof receipt, a checkpoint, a sheet, a pack (with its .idx): what it is and whether it verifies.
 * `vkey` or the site folder gives the log key. */
TW_NODISCARD tw_status tw_app_verify(tw_ctx *cx, tw_str *what, const char *file, const char *site_dir,
                                     const char *vkey);

/* ---------------------------------------------------------------- demo */

typedef struct {
    const char *dir;
    const char *input; /* NULL: the built-in generator */
    bool input_psa;    /* input is a PSA table: wrap, run, score */
    uint32_t patients; /* 0: 120 */
    uint64_t seed;     /* 0: random keys; else seeded and insecure */
    bool seeded;
    bool force; /* remove an older demo in dir first */
    tw_progress progress;
} tw_demo_opts;
/** Sink of generated files: below a folder (self: its path), which is made when it is not there. */
TW_NODISCARD tw_status tw_app_put_file(void *dir, tw_ctx *cx, const char *path, tw_bytes data);
/** The generator with hidden men: PSA series of half of the people come from the twin's own simulator; truth.tsv (their
 * true parameters) is written to out_dir beside what the generator writes through the sink. */
TW_NODISCARD tw_status tw_app_synth(tw_ctx *cx, tw_synth_report *out, const tw_synth_opts *opts,
                                    const tw_synth_sink *sink, const char *out_dir);
/** The whole main job once; *summary = about 20 lines read back from the artefacts, report.html beside them. */
TW_NODISCARD tw_status tw_app_demo(tw_ctx *cx, tw_str *summary, const tw_demo_opts *opts);
/** report.html from the artefacts of a site. */
TW_NODISCARD tw_status tw_app_report(tw_ctx *cx, tw_site *s, const char *path);

#endif
