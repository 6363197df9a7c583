/* One file: what it is, and whether it verifies. */
#include "audit_internal.h"

typedef struct {
    tw_solo *log; /* NULL: no site given */
    tw_str origin;
    uint8_t key[TW_KEY];
    bool has_key;
} trust;

static tw_status load_trust(tw_ctx *cx, trust *t, const char *site_dir, const char *vkey)
{
    if (vkey) {
        TW_TRY(tw_note_vkey_parse(cx, &t->origin, t->key, tw_str_of(vkey)));
        t->has_key = true;
    }
    if (!site_dir || !tw_path_exists(cx, tw_path(cx, site_dir, "exchange/log")))
        return TW_OK;
    TW_TRY(tw_solo_open(cx, &t->log, tw_path(cx, site_dir, "exchange/log"), NULL));
    if (!vkey) {
        const tw_genesis *g = tw_ledger_genesis(tw_solo_ledger(t->log));
        t->origin = g->origin;
        memcpy(t->key, g->log_key, TW_KEY);
        t->has_key = true;
    }
    return TW_OK;
}

static tw_status need_key(tw_ctx *cx, const trust *t)
{
    if (t->has_key)
        return TW_OK;
    tw_fail(cx, TW_EUSAGE, "this needs the log's key");
    return tw_hint(cx, "give --vkey KEY, or --dir of the site");
}

static tw_status verify_receipt(tw_ctx *cx, tw_str *what, const trust *t, tw_str text)
{
    tw_bytes entry;
    tw_entry e;
    uint64_t index = 0;
    uint64_t size;
    uint8_t root[32];
    size_t at = tw_str_find(text, TW_STR("index "));
    tw_str rest = at == SIZE_MAX ? (tw_str){ NULL, 0 } : (tw_str){ text.p + at + 6, text.n - at - 6 };
    tw_str line;
    TW_TRY(need_key(cx, t));
    if (!t->log)
        return tw_fail(cx, TW_EUSAGE, "a receipt is checked with its entry: give --dir of the site");
    if (!tw_str_split(&line, &rest, '\n') || !tw_parse_u64(&index, line) ||
        index >= tw_ledger_size(tw_solo_ledger(t->log)))
        return tw_fail(cx, TW_EVERIFY, "the receipt names no entry of this log");
    TW_TRY(tw_solo_entry(cx, &entry, t->log, index));
    TW_TRY(tw_tlog_proof_open(cx, &index, &size, root, text, entry, t->origin, t->key));
    TW_TRY(tw_entry_decode(cx, &e, entry));
    *what = tw_strf(cx->arena, "receipt: entry %llu (%s, %s) is in the log of %llu entries signed by " TW_FMT,
                    (unsigned long long)index, tw_entry_kind_name(e.kind), tw_code_text(e.code),
                    (unsigned long long)size, TW_ARG(t->origin));
    return TW_OK;
}

static tw_status check_note(tw_ctx *cx, uint64_t *size, uint8_t root[32], const trust *t, tw_str note)
{
    uint8_t ours[32];
    TW_TRY(tw_checkpoint_open(cx, size, root, note, t->origin, t->key));
    if (!t->log)
        return TW_OK;
    if (*size > tw_ledger_size(tw_solo_ledger(t->log)))
        return tw_fail(cx, TW_EVERIFY, "the checkpoint is of %llu entries, the log here has fewer",
                       (unsigned long long)*size);
    tw_ledger_log_root_at(ours, tw_solo_ledger(t->log), *size);
    return memcmp(ours, root, 32) == 0
               ? TW_OK
               : tw_fail(cx, TW_EVERIFY, "the checkpoint names another root than the log here");
}

/* A note is text, an empty line, and signature lines; the next begins where a line is no signature. */
static bool next_note(tw_str *note, tw_str *rest)
{
    size_t gap = tw_str_find(*rest, TW_STR("\n\n\xe2\x80\x94 "));
    if (gap == SIZE_MAX)
        return false;
    size_t end = gap + 2;
    while (tw_str_starts((tw_str){ rest->p + end, rest->n - end }, "\xe2\x80\x94 ")) {
        const char *line = memchr(rest->p + end, '\n', rest->n - end);
        end = line ? (size_t)(line - rest->p) + 1 : rest->n;
    }
    *note = (tw_str){ rest->p, end };
    end += end < rest->n && rest->p[end] == '\n'; /* an empty line between two */
    *rest = (tw_str){ rest->p + end, rest->n - end };
    return true;
}

/* One checkpoint, or a file of many, oldest first: sizes never fall, and one size has one root. */
static tw_status verify_checkpoints(tw_ctx *cx, tw_str *what, const trust *t, tw_str rest)
{
    uint64_t size = 0;
    uint64_t last = 0;
    uint64_t count = 0;
    uint8_t root[32];
    uint8_t last_root[32];
    tw_str note;
    TW_TRY(need_key(cx, t));
    while (next_note(&note, &rest)) {
        tw_mark mark = tw_arena_mark(cx->arena);
        count++;
        if (check_note(cx, &size, root, t, note) != TW_OK)
            return tw_wrap(cx, "checkpoint %llu", (unsigned long long)count);
        if (size < last || (size == last && count > 1 && memcmp(root, last_root, 32) != 0))
            return tw_fail(cx, TW_EVERIFY, "checkpoint %llu is of %llu entries, the one before of %llu%s",
                           (unsigned long long)count, (unsigned long long)size, (unsigned long long)last,
                           size == last ? " and another root" : "");
        last = size;
        memcpy(last_root, root, 32);
        tw_arena_back(cx->arena, mark);
    }
    if (rest.n)
        return tw_fail(cx, TW_EPARSE, "%zu bytes after checkpoint %llu are no note", rest.n,
                       (unsigned long long)count);
    const char *log = !t->log ? "" : count > 1 ? ", and fit the log here" : ", and fits the log here";
    if (count == 1)
        *what = tw_strf(cx->arena, "checkpoint: %llu entries, signed by " TW_FMT "%s", (unsigned long long)size,
                        TW_ARG(t->origin), log);
    else
        *what = tw_strf(cx->arena, "%llu checkpoints: up to %llu entries, each signed by " TW_FMT "%s",
                        (unsigned long long)count, (unsigned long long)size, TW_ARG(t->origin), log);
    return TW_OK;
}

static tw_status verify_sheet(tw_ctx *cx, tw_str *what, const trust *t, tw_bytes file)
{
    tw_sheet s;
    uint64_t answered = 0;
    TW_TRY(tw_sheet_open(cx, &s, file, NULL));
    if (!t->log)
        return tw_fail(cx, TW_EUSAGE, "a sheet is checked with its keeper's key: give --dir of the site");
    const tw_party_state *keeper = tw_ledger_party(tw_solo_ledger(t->log), &s.keeper);
    if (!keeper)
        return tw_fail(cx, TW_EVERIFY, "the sheet's keeper is not on the ledger");
    TW_TRY(tw_sheet_open(cx, &s, file, keeper->spec.ed25519));
    for (size_t i = 0; i < s.codes.n; i++)
        answered += s.codes.p[i] == TW_LEAF_ANSWERED;
    *what = tw_strf(cx->arena, "sheet of keeper " TW_FMT ": %llu of %zu leaves answered at log size %llu",
                    TW_ARG(keeper->spec.url), (unsigned long long)answered, s.codes.n, (unsigned long long)s.log_size);
    return TW_OK;
}

/* <vault>/packs/<root>.pack or .idx */
static tw_status verify_pack(tw_ctx *cx, tw_str *what, const char *file)
{
    tw_id root;
    tw_str path = tw_str_of(file);
    size_t slash = path.n;
    while (slash > 0 && path.p[slash - 1] != '/')
        slash--;
    tw_str name = { path.p + slash, path.n - slash };
    size_t dot = tw_str_find(name, TW_STR("."));
    if (dot == SIZE_MAX || !tw_unhex(root.b, 32, (tw_str){ name.p, dot }) || slash < 7 ||
        memcmp(path.p + slash - 7, "/packs/", 7) != 0)
        return tw_fail(cx, TW_EUSAGE, "a pack is named by its root in a folder packs");
    char *vault = tw_cstr(cx->arena, (tw_str){ path.p, slash - 7 });
    TW_TRY(tw_pack_check(cx, vault, root.b));
    *what =
        tw_strf(cx->arena, "pack: every object fits its leaf, and the leaves give the root %s", tw_id_hex(cx, &root).p);
    return TW_OK;
}

static tw_status verify(tw_ctx *cx, tw_str *what, const trust *t, const char *file)
{
    tw_bytes bytes;
    tw_str path = tw_str_of(file);
    if (tw_str_ends(path, ".pack") || tw_str_ends(path, ".idx"))
        return verify_pack(cx, what, file);
    TW_TRY(tw_file_read(cx, &bytes, file, 16 * TW_MIB));
    tw_str text = tw_str_of_bytes(bytes);
    if (tw_str_starts(text, "c2sp.org/tlog-proof@v1"))
        return verify_receipt(cx, what, t, text);
    if (tw_str_find(text, TW_STR("\n\n\xe2\x80\x94 ")) != SIZE_MAX)
        return verify_checkpoints(cx, what, t, text);
    if (verify_sheet(cx, what, t, bytes) == TW_OK)
        return TW_OK;
    return cx->err.code == TW_EPARSE ? tw_fail(cx, TW_EPARSE, "neither receipt, checkpoint, sheet nor pack")
                                     : cx->err.code;
}

tw_status tw_app_verify(tw_ctx *cx, tw_str *what, const char *file, const char *site_dir, const char *vkey)
{
    trust t = { .has_key = false };
    tw_status s = load_trust(cx, &t, site_dir, vkey);
    if (s == TW_OK)
        s = verify(cx, what, &t, file);
    if (t.log)
        tw_solo_close(t.log);
    return s;
}
