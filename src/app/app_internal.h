/** Private to app: the site's parts and small helpers that several use cases share. */
#ifndef TW_APP_INTERNAL_H
#define TW_APP_INTERNAL_H

#include "app/app.h"

#define TW_KEY_FILE_MAX (4 * TW_KIB)
#define TW_FILE_MAX (1024 * TW_MIB)
#define TW_OP_LIFETIME_S 3600
#define TW_VAULT_DIR "vault"

struct tw_site {
    char dir[1024];
    tw_env env;
    const tw_env *outer_env;
    bool insecure;
    uint64_t seed;
    uint64_t draws; /* commands run on a seeded site */
    tw_io_seeded seeded;
    tw_io_virtual clock;
    tw_id ledger;
    tw_io_lock *lock;
    tw_solo *log;
    tw_keeper *keeper[TW_SHARES_MAX];
    uint32_t keepers_down;
    uint32_t keepers_lying;
    uint32_t keepers_stale;
};

/** TW_EUSAGE when a party cannot be called so: its name is a folder's. */
tw_status tw_party_name_check(tw_ctx *cx, const char *name);
/** Key file: magic "twk1", role u8, name var, Ed25519 seed 32, X25519 secret 32. */
tw_status tw_party_make(tw_ctx *cx, tw_party *out, tw_role role, const char *name);
tw_status tw_party_store(tw_ctx *cx, const tw_party *p, const char *path);
tw_status tw_party_read(tw_ctx *cx, tw_party *out, const char *path);
const char *tw_role_folder(tw_role role); /* "sources" ... */

/** Everything in a folder, and the folder. */
tw_status tw_folder_remove(tw_ctx *cx, const char *path);
/** Import keys of the set, in its order; TW_EQUORUM when one has none. */
tw_status tw_site_import_keys(tw_ctx *cx, const uint8_t (**keys)[TW_KEY], tw_site *s);
/** Whole file or TW_ENOTFOUND; path relative to the site. */
tw_status tw_site_read(tw_ctx *cx, tw_bytes *out, const tw_site *s, const char *path);

/** Log index of the batch entry with this root; TW_ENOTFOUND. Scans once and keeps the result in *cache (NULL at first;
 * tw_map_free). */
typedef struct {
    tw_map *by_root; /* root 32 -> idx + 1 as pointer-sized integer */
    uint64_t scanned;
} tw_batch_index;
tw_status tw_batch_index_scan(tw_ctx *cx, tw_batch_index *ix, const tw_solo *log);
bool tw_batch_index_find(const tw_batch_index *ix, const uint8_t root[32], uint64_t *idx);
void tw_batch_index_done(tw_batch_index *ix);

/** Calls `each` for every entry of the kinds (bit per kind) from index `from` on; op is empty for genesis and tick.
 * Views live for the call only; arena memory that `each` takes from cx is given back after it. */
tw_status tw_log_each(tw_ctx *cx, const tw_solo *log, uint64_t from, uint32_t kinds,
                      tw_status (*each)(void *arg, tw_ctx *cx, const tw_entry *e, const tw_op *op), void *arg);

/** Epoch = calendar year of a UTC time. */
uint16_t tw_epoch_of(uint64_t utc_s);

/** One job for each keeper of the set, all at the same time, in threads of their own; `run` may call its own keeper and
 * read the site, nothing else. */
typedef struct {
    tw_status (*run)(void *arg, tw_ctx *cx, uint8_t index);
    void *arg;
    uint64_t draws_max[TW_SHARES_MAX]; /* of entropy, by keeper: a stretch of a seeded site's stream is kept for it */
} tw_keeper_jobs;
/** All run to their end. The first failure in the order of the keepers. */
tw_status tw_keepers_each(tw_ctx *cx, tw_site *s, const tw_keeper_jobs *jobs);

/** Mails at the exchange that some keeper has not taken yet. */
tw_status tw_mail_deliver_pending(tw_ctx *cx, tw_site *s);

/** Secrets of a project at its grantee. */
typedef struct {
    uint8_t b[TW_SCALAR];
    uint8_t r[32];
    uint8_t project_key[32];
} tw_project_keys;
tw_status tw_project_keys_load(tw_ctx *cx, tw_project_keys *out, const tw_site *s, const char *grantee,
                               const tw_id *project);

/** Folder of a release at its grantee, and at the exchange. */
char *tw_release_dir(tw_ctx *cx, const tw_site *s, const char *grantee, const tw_id *release);
char *tw_release_public_dir(tw_ctx *cx, const tw_site *s, const tw_id *release);

/** Capsules of the vault, by compartment; only of packs that the log names. */
typedef struct {
    tw_id comp;
    uint32_t day;
    uint8_t hash[32];
    uint8_t capsule[TW_CAPSULE];
    uint8_t wrap[TW_WRAP];
} tw_found_capsule;
typedef struct {
    tw_found_capsule *item; /* sorted by compartment, day, hash */
    size_t count;
} tw_capsules;
tw_status tw_capsules_find(tw_ctx *cx, tw_capsules *out, const tw_site *s, const tw_batch_index *ix);
/** First item of a compartment and how many. */
size_t tw_capsules_of(const tw_capsules *c, const tw_found_capsule **first, const tw_id *comp);

/** Requests to keepers: kind, fields in order, then for signed ones the party id and signature "tw/keeper/1". */
tw_bytes tw_keeper_ask(tw_ctx *cx, uint8_t kind, const tw_party *signer /* NULL: unsigned */, tw_bytes fields);

/** A file that is written piece by piece, and is whole under its name or not there: until the end it is `path`.part. */
typedef struct {
    tw_file *file; /* NULL: none is being written */
    char *path, *part;
    uint64_t at;
} tw_part_file;
TW_NODISCARD tw_status tw_part_begin(tw_ctx *cx, tw_part_file *f, const char *path);
TW_NODISCARD tw_status tw_part_add(tw_ctx *cx, tw_part_file *f, tw_bytes bytes);
/** After writing went as `so_far` says: whole, or removed. Gives back so_far with its message, when it is a failure.
 */
TW_NODISCARD tw_status tw_part_end(tw_ctx *cx, tw_part_file *f, tw_status so_far);
/** Removed, if it was begun and has not ended. */
void tw_part_drop(tw_ctx *cx, tw_part_file *f);

/** An SBML model of a file; errors name it. */
TW_NODISCARD tw_status tw_model_of_file(tw_ctx *cx, const tw_sbml_model **out, const char *path);

/** Threads to work with: as asked, 0: as many as there are processors. */
size_t tw_threads_of(unsigned jobs);

/** intake.json of a source. */
tw_status tw_intake_write(tw_ctx *cx, const tw_site *s, const char *source, const tw_collect_report *r);

void tw_step(const tw_progress *p, const char *name, uint64_t done, uint64_t total);

#endif
