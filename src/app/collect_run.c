/* What an unfinished collection leaves in the register, so that the next one goes on: how far each file is
 * committed, the counts so far, and how much of dead-letters.tsv belongs to them. Gone when a collection ends. */
#define _DEFAULT_SOURCE /* realpath, PATH_MAX */
#include "collect_internal.h"

#include <limits.h>
#include <stdlib.h>

#define RUN_VERSION 2
#define RUN_HEAD (1 + 3 * 8 + 8 + 4 * 8) /* version, beginning, dead letters, duplicates; files; counts of all */

static void put_count(tw_buf *b, const tw_sources_count *n)
{
    tw_buf_u64(b, n->read);
    tw_buf_u64(b, n->accepted);
    tw_buf_u64(b, n->refused);
    tw_buf_u64(b, n->dead);
}

static tw_sources_count get_count(tw_rd *r)
{
    tw_sources_count n = { .read = tw_rd_u64(r) };
    n.accepted = tw_rd_u64(r);
    n.refused = tw_rd_u64(r);
    n.dead = tw_rd_u64(r);
    return n;
}

void collect_run_note(collector *c)
{
    const tw_sources_tally *t = tw_sources_tally_view(c->sources);
    tw_buf *b = &c->saved;
    tw_buf_clear(b);
    tw_buf_u8(b, RUN_VERSION);
    tw_buf_u64(b, c->began_at);
    tw_buf_u64(b, c->dead.size + c->dead.ahead.n);
    tw_buf_u64(b, c->report->duplicates);
    tw_buf_u64(b, t->files);
    put_count(b, &t->all);
    tw_buf_u8(b, TW_DEAD_COUNT);
    for (size_t i = 0; i < TW_DEAD_COUNT; i++)
        tw_buf_u64(b, t->dead[i]);
    for (size_t i = 0; i < t->type_count; i++) {
        if (t->type[i].count.read == 0)
            continue;
        tw_buf_var(b, tw_bytes_of(tw_str_of(t->type[i].name)));
        put_count(b, &t->type[i].count);
    }
}

/* Two files may be alike in size and head: the path is a part of the name. */
static tw_bytes place_name(tw_ctx *cx, const intake_file *f)
{
    tw_bytes id = file_id_name(cx, &f->id);
    uint8_t *p = tw_arena_get(cx->arena, id.n + TW_HASH);
    memcpy(p, id.p, id.n);
    memcpy(p + id.n, f->where, TW_HASH);
    return (tw_bytes){ p, id.n + TW_HASH };
}

/* A file that was moved away meanwhile has no place to go on from. */
static tw_status store_place(tw_ctx *cx, collector *c, place *p)
{
    intake_file *f = &c->files.file[p->file];
    uint8_t row[1 + 8 + 4 + TW_HASH];
    if (!f->has_id || file_tail(cx, p->tail, f->path, p->offset) != TW_OK) {
        tw_err_clear(cx);
        return TW_OK;
    }
    row[0] = p->ended;
    tw_put_be64(row + 1, p->offset);
    tw_put_be32(row + 9, p->line);
    memcpy(row + 13, p->tail, TW_HASH);
    return tw_register_put(cx, &c->reg, TW_REG_FILE, place_name(cx, f), TW_BYTES(row));
}

static tw_status store_path(tw_ctx *cx, collector *c, intake_file *f)
{
    if (!f->has_dead || !f->has_id)
        return TW_OK;
    f->has_dead = false; /* known from now on */
    char whole[PATH_MAX];
    if (!realpath(f->path, whole))
        return TW_OK; /* it was moved away: there is nothing to say where it is */
    tw_bytes form = tw_bytes_of(tw_str_of(tw_sources_form_name(f->form)));
    tw_buf b;
    tw_buf_init(&b, 64 * TW_KIB);
    tw_buf_var(&b, form);
    tw_buf_var(&b, tw_bytes_of(f->label));
    tw_buf_var(&b, tw_bytes_of(tw_str_of(whole)));
    tw_status s = tw_buf_check(cx, &b, "path");
    if (s == TW_OK)
        s = tw_register_put(cx, &c->reg, TW_REG_PATH, file_id_name(cx, &f->id), tw_buf_view(&b));
    tw_buf_done(&b);
    return s;
}

/* A stream cannot be gone on with: of it alone nothing is left to finish. */
static bool any_path(const intake_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->file[i].path)
            return true;
    return false;
}

tw_status collect_run_store(tw_ctx *cx, collector *c)
{
    if (c->again || !any_path(&c->files))
        return TW_OK;
    for (size_t i = 0; i < c->places; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        TW_TRY(store_place(cx, c, &c->place[i]));
        TW_TRY(store_path(cx, c, &c->files.file[c->place[i].file]));
        tw_arena_back(cx->arena, mark);
    }
    if (c->saved.n == 0)
        collect_run_note(c);
    TW_TRY(tw_buf_check(cx, &c->saved, "counts of a collection"));
    return tw_register_put(cx, &c->reg, TW_REG_RUN, (tw_bytes){ NULL, 0 }, tw_buf_view(&c->saved));
}

static tw_status load_counts(tw_ctx *cx, collector *c, uint64_t *dead_bytes, tw_bytes saved)
{
    tw_sources_tally t = { .files = 0 };
    tw_rd r = tw_rd_of(saved);
    tw_sources_type_count *type = tw_arena_get(cx->arena, TW_TYPES_MAX * sizeof *type);
    tw_rd_u8(&r); /* was looked at */
    c->began_at = tw_rd_u64(&r);
    *dead_bytes = tw_rd_u64(&r);
    c->report->duplicates = tw_rd_u64(&r);
    t.files = tw_rd_u64(&r);
    t.all = get_count(&r);
    tw_rd_u8(&r);
    for (size_t i = 0; i < TW_DEAD_COUNT; i++)
        t.dead[i] = tw_rd_u64(&r);
    while (tw_rd_left(&r) && !r.bad && t.type_count < TW_TYPES_MAX) {
        type[t.type_count].name = tw_cstr(cx->arena, tw_str_of_bytes(tw_rd_var(&r, 64)));
        type[t.type_count++].count = get_count(&r);
    }
    TW_TRY(tw_rd_end(cx, &r, "counts of a collection"));
    t.type = type;
    tw_sources_tally_add(c->sources, &t);
    return TW_OK;
}

/* A file that was changed behind its head is read from the start: what is the same is known again, record by record. */
static tw_status load_place(tw_ctx *cx, collector *c, intake_file *f, bool *known)
{
    tw_bytes row;
    uint8_t tail[TW_HASH];
    intake_identify(cx, f);
    if (!f->has_id)
        return TW_OK;
    TW_TRY(tw_register_begin(cx, &c->reg, false));
    tw_status s =
        tw_register_end(cx, &c->reg, tw_register_get(cx, &row, &c->reg, TW_REG_FILE, place_name(cx, f)));
    if (s == TW_ENOTFOUND)
        return TW_OK;
    TW_TRY(s);
    if (row.n != 1 + 8 + 4 + TW_HASH)
        return tw_fail(cx, TW_EVERIFY, "the place of a file in the register is damaged");
    *known = true;
    uint64_t offset = tw_be64(row.p + 1);
    if (file_tail(cx, tail, f->path, offset) != TW_OK || memcmp(tail, row.p + 13, TW_HASH) != 0) {
        tw_err_clear(cx);
        return TW_OK;
    }
    f->done_before = row.p[0] == 1;
    if (f->done_before)
        return TW_OK;
    f->offset = offset;
    f->line = tw_be32(row.p + 9);
    return TW_OK;
}

static tw_status see_erasure(void *arg, tw_ctx *cx, const tw_entry *e, const tw_op *op)
{
    tw_owner_op own;
    if (e->code != TW_CODE_OK)
        return TW_OK;
    TW_TRY(tw_owner_op_open(cx, &own, op->body));
    *(bool *)arg |= own.kind == TW_OWN_ERASE;
    return TW_OK;
}

/* Can the run be gone on with, as far as its row tells? */
static tw_status look_at_run(tw_ctx *cx, bool *fits, const collector *c, tw_bytes saved)
{
    bool erased = false;
    *fits = saved.n > RUN_HEAD && saved.p[0] == RUN_VERSION && saved.p[RUN_HEAD] == TW_DEAD_COUNT;
    if (*fits)
        TW_TRY(tw_log_each(cx, c->site->log, tw_be64(saved.p + 1), 1u << TW_ENTRY_OWNER, see_erasure, &erased));
    *fits = *fits && !erased;
    return TW_OK;
}

tw_status collect_run_load(tw_ctx *cx, collector *c, uint64_t *dead_bytes)
{
    tw_bytes saved;
    bool known = false;
    bool fits;
    *dead_bytes = 0;
    c->began_at = tw_ledger_size(tw_site_state(c->site));
    if (c->again)
        return TW_OK;
    TW_TRY(tw_register_begin(cx, &c->reg, false));
    tw_status s = tw_register_end(cx, &c->reg, tw_register_get(cx, &saved, &c->reg, TW_REG_RUN, (tw_bytes){ NULL, 0 }));
    if (s == TW_ENOTFOUND) /* a kill may have left places of one that ended */
        return tw_register_clear(cx, &c->reg, TW_REG_FILE);
    TW_TRY(s);
    TW_TRY(look_at_run(cx, &fits, c, saved));
    for (size_t i = 0; fits && i < c->files.count; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        if (c->files.file[i].path)
            TW_TRY(load_place(cx, c, &c->files.file[i], &known));
        tw_arena_back(cx->arena, mark);
    }
    if (!known)
        return collect_run_forget(cx, c);
    c->resumed = true;
    for (size_t i = 0; i < c->files.count; i++) {
        const intake_file *f = &c->files.file[i];
        uint64_t before = f->done_before ? f->size : f->offset;
        c->report->resumed_files += f->done_before || f->offset;
        c->report->resumed_bytes += before;
        c->bytes_done += before;
    }
    return load_counts(cx, c, dead_bytes, saved);
}

tw_status collect_run_forget(tw_ctx *cx, collector *c)
{
    TW_TRY(tw_register_begin(cx, &c->reg, true));
    uint8_t key[33];
    tw_register_key(key, &c->reg, TW_REG_RUN, (tw_bytes){ NULL, 0 });
    tw_status s = tw_register_del_at(cx, &c->reg, key);
    tw_register_key(key, &c->reg, TW_REG_ERROR, (tw_bytes){ NULL, 0 });
    if (s == TW_OK)
        s = tw_register_del_at(cx, &c->reg, key);
    TW_TRY(tw_register_end(cx, &c->reg, s));
    TW_TRY(tw_register_clear(cx, &c->reg, TW_REG_FILE));
    return tw_register_clear(cx, &c->reg, TW_REG_NAME);
}
