/** Private to collect: how a source's files become batches.
 *
 *  One thread reads ahead and cuts files into pieces. The others work in rounds over the same few MiB of pieces:
 *    prepare   decode and parse                                          (all threads)
 *    note      who the patients are                                      (one, in order)
 *    judge     whom each resource is about; key of its name              (all)
 *    sort out  what was sealed before                                    (one, in order)
 *    know      what lines and rows say of persons, when texts stay       (one, in order)
 *    gate      de-identify, find the compartment                         (all)
 *    commit    count, seal, journal, anchor                              (one, in order)
 *  A round is cut by bytes, not by time, and what depends on order is done by one thread: so the outcome is the
 *  same for any number of threads. Random bytes are drawn in the last step only. */
#ifndef TW_COLLECT_INTERNAL_H
#define TW_COLLECT_INTERNAL_H

#include <pthread.h>

#include "source_internal.h"

#define TW_ROUND_BYTES (2 * TW_MIB)
#define TW_ROUND_PIECES 1024
#define TW_HEAD_BYTES (64 * TW_KIB) /* of a file: its hash is a part of the file's identity */
#define TW_TAIL_BYTES ((size_t)4096) /* before the place where a file is gone on with */

/* ---------------------------------------------------------------- threads (collect_crew.c) */

typedef struct crew crew;
/** threads >= 1; the caller is one of them. */
TW_NODISCARD tw_status crew_new(tw_ctx *cx, crew **out, size_t threads);
void crew_free(crew *c);
/** Runs task(arg, who, i) for each i < count; returns when all are done. who < threads. */
void crew_run(crew *c, size_t count, void (*task)(void *arg, size_t who, size_t i), void *arg);

/* ---------------------------------------------------------------- files (collect_files.c) */

typedef struct {
    uint64_t size;
    uint8_t head[TW_HASH];
} file_id;
/** As text in dead-letters.tsv: the whole of it, hex. */
#define FILE_ID_TEXT (2 * (8 + TW_HASH) + 1)
void file_id_text(char out[FILE_ID_TEXT], const file_id *id);
tw_bytes file_id_name(tw_ctx *cx, const file_id *id);

typedef struct {
    const char *path; /* NULL: the stream */
    tw_str label;
    tw_sources_form form;
    uint64_t size; /* 0: unknown */
    file_id id;
    uint8_t where[TW_HASH]; /* of its whole path */
    bool has_id;            /* id and where are known */
    uint64_t offset; /* go on here */
    uint32_t line;
    uint64_t until; /* read to here; 0: to the end */
    bool part;      /* of a file, read a second time */
    bool learn_only;
    bool done_before; /* by the collection that was killed */
    bool ended;       /* read to its end, and counted */
    bool unreadable;  /* nothing in it could be used */
    bool has_dead;
    uint64_t good; /* resources that were of use */
    uint64_t bad;
} intake_file;
typedef struct {
    intake_file *file;
    size_t count;
    size_t cap;
    uint64_t skipped;
    uint64_t bytes;
    bool raw; /* pieces hold units as they stand */
} intake_list;
/** Adds a path (a file, a folder's files in order of names, or "-"). Texts in the arena of cx. */
TW_NODISCARD tw_status intake_add(tw_ctx *cx, intake_list *l, const tw_collect_opts *opts, size_t path);
TW_NODISCARD tw_status intake_put(tw_ctx *cx, intake_list *l, const intake_file *f);
void intake_done(intake_list *l);
/** Size and hash of the head. */
TW_NODISCARD tw_status file_identify(tw_ctx *cx, file_id *out, const char *path);
/** Pipes and devices give their bytes once, and opening one may wait for ever. */
bool intake_is_file(const char *path);
/** Fills in what a file is known by, unless it is known; one that cannot be read stays unknown. */
void intake_identify(tw_ctx *cx, intake_file *f);
/** SHA-256 of the TW_TAIL_BYTES before an offset. */
TW_NODISCARD tw_status file_tail(tw_ctx *cx, uint8_t out[TW_HASH], const char *path, uint64_t offset);

/* ---------------------------------------------------------------- reading ahead (collect_read.c) */

typedef struct reader reader;
typedef struct {
    tw_piece *piece;   /* NULL: the end of a file */
    tw_cutter *cutter; /* at the end: to be freed after its pieces; may be NULL */
    size_t file;
    bool failed; /* the file's bytes end with an error */
} read_item;
/** Reads the files from..to-1 in a thread of its own. opts->stream is read when a file has no path. */
TW_NODISCARD tw_status reader_new(tw_ctx *cx, reader **out, intake_list *l, const tw_sources_opts *so,
                                  const tw_input *stream, bool learn_only);
/** Next item in the order of the input; false at the end. */
bool reader_next(reader *r, read_item *out);
void reader_free(reader *r); /* stops it, drops what it has read */

/* ---------------------------------------------------------------- what was sealed before (collect_seen.c) */

typedef struct seen seen;
TW_NODISCARD tw_status seen_open(tw_ctx *cx, seen **out, tw_register *r);
void seen_free(seen *s);
/** key: HMAC of the record's name. Opens a transaction when the filters do not rule it out. */
TW_NODISCARD tw_status seen_has(tw_ctx *cx, bool *has, seen *s, const uint8_t key[32]);
/** Inside a write transaction. */
TW_NODISCARD tw_status seen_put(tw_ctx *cx, seen *s, const uint8_t key[32]);
/** After the last seen_put of a transaction. */
TW_NODISCARD tw_status seen_store(tw_ctx *cx, seen *s);

/* ---------------------------------------------------------------- who is enrolled (collect_enrolled.c) */

#define BINDING 16
typedef struct enrolled enrolled;
TW_NODISCARD tw_status enrolled_new(tw_ctx *cx, enrolled **out, tw_register *r, pthread_mutex_t *lock);
void enrolled_free(enrolled *e);
/** Binding of the enrolment that a number is under; zero when it is under none. Of several threads. */
TW_NODISCARD tw_status enrolled_find(tw_ctx *cx, bool *found, uint8_t binding[BINDING], enrolled *e, tw_str number);

/* ---------------------------------------------------------------- names of patients (collect_names.c) */

typedef struct {
    tw_register *r;
    pthread_mutex_t *lock;
    bool writing;
    size_t written;
    bool has_merges;
} names;
tw_names_store names_store(names *n);
TW_NODISCARD tw_status names_open(tw_ctx *cx, names *n);
/** Commits what was put; after each note. */
TW_NODISCARD tw_status names_settle(tw_ctx *cx, names *n, tw_status s);

/* ---------------------------------------------------------------- dead letters (collect_dead.c) */

typedef struct {
    tw_file *f;
    uint64_t size;      /* in the file */
    uint64_t untold;    /* letters over the limit of the file */
    tw_buf ahead;
    char *path;
} dead_file;
/** keep: go on after this many bytes; 0: a new file. */
TW_NODISCARD tw_status dead_open(tw_ctx *cx, dead_file *d, char *path, uint64_t keep);
void dead_add(dead_file *d, const tw_dead_letter *l, const intake_file *f);
/** Writes and syncs what was added. */
TW_NODISCARD tw_status dead_sync(tw_ctx *cx, dead_file *d);
void dead_close(tw_ctx *cx, dead_file *d);

/* ---------------------------------------------------------------- free text (collect_known.c) */

typedef struct {
    tw_text_model *model; /* NULL: free text is removed */
    tw_doc_opts opts;
    uint8_t key[32];
} collect_text;
const char *collect_text_name(tw_collect_text text);
/** Without the key: the caller's. Borrows the profile; stays where it is. */
TW_NODISCARD tw_status collect_text_open(tw_ctx *cx, collect_text *t, const tw_collect_opts *o,
                                         const tw_profile *profile);
void collect_text_close(collect_text *t);

/** What lines and rows say of persons, by the number of the patient. */
typedef struct known_people known_people;
typedef struct known_row known_row;

/* ---------------------------------------------------------------- one collection */

/** What the gate's thread found out about a record. */
typedef struct record {
    uint8_t key[32]; /* of its name */
    bool seen;
    const struct record *twin; /* the same one, earlier in the round: what becomes of it counts */
    tw_status became;
    const char *why;
    const tw_deid *deid;
    const tw_comp_record *comp;
    tw_id comp_id;
} record;

typedef struct {
    tw_account *account;
    tw_ctx scratch;
    tw_str number; /* the patient at hand */
    tw_status number_status;
    tw_patient_row row;
    uint8_t id_key[32];
    tw_refbook *book; /* of the document at hand */
    const tw_json *doc;
    tw_doc_work *text; /* NULL: free text is removed */
    tw_people *people;
    const tw_json *shown_doc; /* who `people` are */
    const known_row *shown;
    const void *piece; /* of the compartment that was copied last */
    const tw_bundle_entry *entry;
    const tw_comp_record *comp;
} worker;

typedef struct {
    tw_piece *piece; /* NULL: the file ends here */
    size_t file;
    bool failed; /* with an error */
    tw_status status;
    tw_err err;
} slot;

typedef struct {
    size_t file;
    uint64_t offset;
    uint32_t line;
    uint8_t tail[TW_HASH];
    bool ended;
} place; /* up to where a file is committed */

typedef struct {
    tw_site *site;
    const tw_collect_opts *opts;
    tw_collect_report *report;
    tw_register reg;
    pthread_mutex_t reg_lock;
    tw_profile *profile;
    collect_text text;
    known_people *known; /* NULL: free text is removed */
    tw_sources *sources;
    tw_mapping *mapping;
    names names;
    enrolled *enrolled;
    seen *seen;
    crew *crew;
    worker *worker;
    size_t workers;
    intake_list files;
    /* the round */
    slot *slot;
    size_t slots;
    tw_cutter **ended;
    size_t ended_count;
    int64_t reference_day;
    uint16_t epoch;
    /* the batch under way */
    tw_sealer *sealer;
    uint64_t sealer_segments; /* cut by this sealer */
    tw_map *pending;          /* keys of records */
    size_t pending_bytes;
    uint64_t rows_since_refresh;
    uint64_t seen_entries;
    /* how far the files are: committed by the next journal */
    place *place;
    size_t places;
    size_t places_cap;
    uint64_t since_journal; /* bytes */
    uint64_t bytes_done;
    size_t now; /* file of the slot that is being committed */
    dead_file dead;
    const char *again; /* replay: where dead letters go; nothing else of the collection is written down */
    bool resumed;
    uint64_t began_at; /* size of the ledger */
    tw_buf saved; /* the run as of the last whole piece */
} collector;

/** Free text, if opts ask for it; after the register and the profile are there. */
TW_NODISCARD tw_status known_open(tw_ctx *cx, collector *c);
void known_close(collector *c);
TW_NODISCARD tw_status known_worker(tw_ctx *cx, collector *c, worker *w);
void known_worker_done(worker *w);
/** Whether it has a piece whose lines or rows say of persons what is kept by number. */
bool known_of_slot(const collector *c, const slot *s);
/** What a round's lines and rows say of persons, after they were judged; by one thread, in order. */
TW_NODISCARD tw_status known_take(tw_ctx *cx, collector *c);
/** The worker's people are those of this record from now on; NULL: nobody. */
void known_show(const collector *c, worker *w, const tw_phi_parts *parts);

/** Whole files through rounds. */
TW_NODISCARD tw_status collect_learn(tw_ctx *cx, collector *c);
TW_NODISCARD tw_status collect_rounds(tw_ctx *cx, collector *c);
/** Steps of a worker's tasks. */
void collect_key(collector *c, slot *s);
void collect_gate(collector *c, worker *w, slot *s);
/** In order, by one thread. */
TW_NODISCARD tw_status collect_commit(tw_ctx *cx, collector *c, slot *s);
TW_NODISCARD tw_status collect_file_ended(tw_ctx *cx, collector *c, size_t file, bool failed);
/** Seals, journals and anchors what is pending. */
TW_NODISCARD tw_status collect_flush(tw_ctx *cx, collector *c);
/** Writes the places down without a batch. */
TW_NODISCARD tw_status collect_checkpoint(tw_ctx *cx, collector *c);
TW_NODISCARD tw_status collect_forget_pending(tw_ctx *cx, collector *c);

/** NULL: the default profile; no mapping. */
TW_NODISCARD tw_status collect_load_profile(tw_ctx *cx, tw_profile **out, const char *name);
TW_NODISCARD tw_status collect_load_mapping(tw_ctx *cx, tw_mapping **out, const char *path);
/** A collection of these files (taken over), or with `list` NULL of opts' paths. again: see collector. */
TW_NODISCARD tw_status collect_files(tw_ctx *cx, tw_collect_report *out, tw_site *s, const tw_collect_opts *opts,
                                     intake_list *list, const char *again);

/** Removes what a killed collection left in the vault; after settle. */
TW_NODISCARD tw_status collect_sweep(tw_ctx *cx, collector *c);

/* ---------------------------------------------------------------- the run that was killed (collect_run.c) */

/** Notes the counts as of now, to be written with the next journal. */
void collect_run_note(collector *c);
/** Inside a write transaction: places, counts, where files with dead letters are. */
TW_NODISCARD tw_status collect_run_store(tw_ctx *cx, collector *c);
/** What an unfinished collection left: files' places into the list, counts into the tally. *dead_bytes: of
 *  dead-letters.tsv. It is given up when none of its files is here, when it is of another version, and when somebody
 *  was erased since it began: who enrolled again has his records in what it would pass over. */
TW_NODISCARD tw_status collect_run_load(tw_ctx *cx, collector *c, uint64_t *dead_bytes);
TW_NODISCARD tw_status collect_run_forget(tw_ctx *cx, collector *c);

#endif
