/* The checkpoints file: signed notes, oldest first, an empty line after each. It is derived: a signer drops what a
 * crash left of it and signs the present size anew. Sizes ascend strictly. */
#include "engine/engine_internal.h"

#define NOTES_MAX ((size_t)1 << 30)
#define NOTE_MAX ((size_t)65536)

bool tw_note_next(tw_str *note, tw_str *rest)
{
    /* body, empty line, signature lines, empty line */
    size_t body = tw_str_find(*rest, TW_STR("\n\n"));
    if (body == SIZE_MAX)
        return false;
    tw_str lines = { rest->p + body + 2, rest->n - body - 2 };
    size_t sigs = tw_str_find(lines, TW_STR("\n\n"));
    if (sigs == SIZE_MAX)
        return false;
    *note = (tw_str){ rest->p, body + 2 + sigs + 1 };
    *rest = (tw_str){ note->p + note->n + 1, rest->n - note->n - 1 };
    return true;
}

tw_status tw_notes_read(tw_ctx *cx, tw_str *out, const char *dir)
{
    tw_bytes file;
    char *path = tw_path(cx, dir, "checkpoints");
    *out = (tw_str){ 0 };
    if (!tw_path_exists(cx, path))
        return TW_OK;
    TW_TRY(tw_file_read(cx, &file, path, NOTES_MAX));
    *out = tw_str_of_bytes(file);
    return TW_OK;
}

static void remember(tw_solo *s, tw_str note, uint64_t size)
{
    tw_buf_clear(&s->note);
    tw_buf_str(&s->note, note);
    TW_ASSERT(!s->note.failed); /* notes are shorter than its ceiling: tw_checkpoint_open and NOTE_MAX */
    s->note_size = size;
}

/* One note against the log. `range` runs along the leaves. */
static tw_status check_note(tw_ctx *cx, uint64_t *size, tw_merkle_range *range, const tw_solo *s, tw_str note)
{
    const tw_genesis *g = tw_ledger_genesis(s->ledger);
    const uint8_t *leaves = tw_ledger_leaves(s->ledger);
    uint8_t root[32];
    uint8_t want[32];
    if (note.n > NOTE_MAX)
        return tw_fail(cx, TW_EVERIFY, "checkpoints: a note of %zu bytes", note.n);
    tw_status st = tw_checkpoint_open(cx, size, root, note, g->origin, g->log_key);
    if (st != TW_OK) {
        tw_wrap(cx, "checkpoints");
        return TW_EVERIFY;
    }
    if (*size <= s->note_size)
        return tw_fail(cx, TW_EVERIFY, "checkpoints: size %llu after %llu", (unsigned long long)*size,
                       (unsigned long long)s->note_size);
    if (*size > tw_ledger_size(s->ledger))
        return tw_fail(cx, TW_ECONFLICT, "checkpoints: size %llu was signed, the log has %llu entries",
                       (unsigned long long)*size, (unsigned long long)tw_ledger_size(s->ledger));
    while (range->n < *size)
        tw_merkle_range_add(range, leaves + range->n * 32);
    tw_merkle_range_root(want, range);
    if (memcmp(root, want, 32) != 0)
        return tw_fail(cx, TW_ECONFLICT, "checkpoints: the root of size %llu is not the log's",
                       (unsigned long long)*size);
    return TW_OK;
}

static tw_status rewrite(tw_ctx *cx, tw_solo *s, const tw_buf *kept)
{
    TW_TRY(tw_buf_check(cx, kept, "checkpoints"));
    TW_TRY(tw_file_write(cx, tw_path(cx, s->dir, "checkpoints"), tw_buf_view(kept)));
    tw_event(cx, TW_LOG_WARN, "log.checkpoints-mended", "%zu bytes kept", kept->n);
    return TW_OK;
}

/* How many bytes of the file are those that stood there, checked, when the state was stored. */
static uint64_t seen_before(const tw_solo *s, tw_str file)
{
    uint8_t hash[32];
    if (!s->trusted || file.n < s->notes_seen)
        return 0;
    tw_sha256_of(hash, tw_bytes_of((tw_str){ file.p, (size_t)s->notes_seen }));
    return memcmp(hash, s->notes_seen_hash, 32) == 0 ? s->notes_seen : 0;
}

/* TW_ECONFLICT of check_note is never mended: a signature of ours on another history, or on more than the log
 * holds. */
static tw_status read_notes(tw_ctx *cx, tw_solo *s, tw_buf *kept, bool *whole, tw_str rest, bool mend)
{
    uint64_t seen = seen_before(s, rest);
    tw_merkle_range *range = tw_new(cx->arena, tw_merkle_range);
    tw_str note;
    while (tw_note_next(&note, &rest)) {
        uint64_t size;
        if (kept->n + note.n + 1 < seen) {
            tw_buf_str(kept, note);
            tw_buf_cstr(kept, "\n");
            continue;
        }
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_status st = check_note(cx, &size, range, s, note);
        tw_arena_back(cx->arena, mark);
        if (st == TW_OK) {
            remember(s, note, size);
            tw_buf_str(kept, note);
            tw_buf_cstr(kept, "\n");
        } else if (st == TW_ECONFLICT || !mend) {
            return TW_EVERIFY;
        } else {
            *whole = false;
            tw_err_clear(cx);
        }
    }
    *whole = *whole && rest.n == 0;
    return TW_OK;
}

tw_status tw_solo_load_notes(tw_ctx *cx, tw_solo *s, tw_str file, bool strict, bool mend)
{
    tw_buf kept;
    bool whole = true;
    tw_buf_init(&kept, NOTES_MAX);
    tw_buf_clear(&s->note);
    s->note_size = 0;
    tw_status st = read_notes(cx, s, &kept, &whole, file, mend);
    if (st == TW_OK && strict && !whole)
        st = tw_fail(cx, TW_EVERIFY, "checkpoints: the last note is not complete");
    if (st == TW_OK && mend && !whole)
        st = rewrite(cx, s, &kept);
    s->notes_end = kept.n;
    tw_sha256_init(&s->notes_hash);
    tw_sha256_add(&s->notes_hash, kept.p, kept.n);
    tw_buf_done(&kept);
    return st;
}

tw_status tw_solo_append_note(tw_ctx *cx, tw_solo *s, tw_str note, uint64_t size)
{
    const tw_disk *d = s->disk;
    tw_bytes bytes = tw_bytes_of(tw_strf(cx->arena, TW_FMT "\n", TW_ARG(note)));
    tw_status st = TW_OK;
    if (!s->notes_file)
        st = d->open(d->self, &s->notes_file, tw_path(cx, s->dir, "checkpoints"), TW_OPEN_APPEND);
    if (st == TW_OK)
        st = d->write(d->self, s->notes_file, s->notes_end, bytes.p, bytes.n);
    if (st != TW_OK) {
        s->broken = true;
        return tw_fail(cx, st, "cannot append to %s/checkpoints", s->dir);
    }
    s->notes_end += bytes.n;
    tw_sha256_add(&s->notes_hash, bytes.p, bytes.n);
    remember(s, note, size);
    return TW_OK;
}

tw_status tw_solo_sign_note(tw_ctx *cx, tw_solo *s)
{
    uint64_t size = tw_ledger_size(s->ledger);
    uint8_t root[32];
    tw_str note;
    if (s->note_size == size)
        return TW_OK;
    tw_ledger_log_root(root, s->ledger);
    TW_TRY(tw_checkpoint_sign(cx, &note, tw_ledger_genesis(s->ledger)->origin, size, root, tw_secret_p(s->seed)));
    return tw_solo_append_note(cx, s, note, size);
}
