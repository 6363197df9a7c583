/* dead-letters.tsv: reasons and places, never a value, so that it may be shown to anyone who runs the source. It grows
 * as letters come. */
#include "collect_internal.h"

#define FILE_MAX (64 * TW_MIB)
#define AHEAD_MAX (8 * TW_MIB)

static const char header[] = "file\tline\tpath\ttype\treason\tdetail\toffset\tlength\tbefore\tid\n";

static tw_status fail(tw_ctx *cx, tw_status s)
{
    return tw_fail(cx, s, "dead-letters.tsv cannot be written");
}

tw_status dead_open(tw_ctx *cx, dead_file *d, char *path, uint64_t keep)
{
    const tw_disk *disk = cx->env->disk;
    uint64_t size = 0;
    *d = (dead_file){ .path = path };
    tw_buf_init(&d->ahead, AHEAD_MAX);
    tw_status s = disk->open(disk->self, &d->f, path, TW_OPEN_APPEND);
    if (s != TW_OK)
        return fail(cx, s);
    s = disk->size(disk->self, d->f, &size);
    d->size = TW_MIN(size, keep);
    if (s == TW_OK)
        s = disk->truncate(disk->self, d->f, d->size);
    if (s != TW_OK)
        return fail(cx, s);
    if (d->size == 0)
        tw_buf_cstr(&d->ahead, header);
    return TW_OK;
}

/* Tabs and line ends would make two cells or lines of one. */
static void cell(tw_buf *b, tw_str text, const char *end)
{
    for (size_t i = 0; i < text.n; i++)
        tw_buf_u8(b, (uint8_t)text.p[i] < 0x20 ? ' ' : (uint8_t)text.p[i]);
    tw_buf_cstr(b, end);
}

void dead_add(dead_file *d, const tw_dead_letter *l, const intake_file *f)
{
    tw_buf *b = &d->ahead;
    if (d->size + b->n > FILE_MAX || b->n > AHEAD_MAX - 64 * TW_KIB) {
        d->untold++;
        return;
    }
    cell(b, l->label, "\t");
    tw_buf_fmt(b, "%u\t", l->line);
    cell(b, l->path, "\t");
    tw_buf_fmt(b, "%s\t%s\t", l->type, tw_dead_text(l->reason));
    cell(b, l->detail, "\t");
    tw_buf_fmt(b, "%llu\t%llu\t%u\t", (unsigned long long)l->offset, (unsigned long long)l->length, l->before);
    char id[FILE_ID_TEXT] = "";
    if (f && f->has_id)
        file_id_text(id, &f->id);
    tw_buf_fmt(b, "%s\n", id);
}

tw_status dead_sync(tw_ctx *cx, dead_file *d)
{
    const tw_disk *disk = cx->env->disk;
    if (d->ahead.n == 0)
        return TW_OK;
    TW_ASSERT(!d->ahead.failed); /* dead_add keeps below the ceiling */
    tw_status s = disk->write(disk->self, d->f, d->size, d->ahead.p, d->ahead.n);
    if (s == TW_OK)
        s = disk->sync(disk->self, d->f);
    if (s != TW_OK)
        return fail(cx, s);
    d->size += d->ahead.n;
    tw_buf_clear(&d->ahead);
    return TW_OK;
}

void dead_close(tw_ctx *cx, dead_file *d)
{
    if (d->f)
        cx->env->disk->close(cx->env->disk->self, d->f);
    tw_buf_done(&d->ahead);
    d->f = NULL;
}
