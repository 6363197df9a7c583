/* Files that are whole or not there. */
#include "app_internal.h"

tw_status tw_part_begin(tw_ctx *cx, tw_part_file *f, const char *path)
{
    const tw_disk *d = cx->env->disk;
    *f = (tw_part_file){ .path = tw_cstr(cx->arena, tw_str_of(path)) };
    f->part = tw_cstr(cx->arena, tw_strf(cx->arena, "%s.part", path));
    if (d->open(d->self, &f->file, f->part, TW_OPEN_CREATE) == TW_OK)
        return TW_OK;
    f->file = NULL;
    return tw_fail(cx, TW_EIO, "%s: cannot be made", f->part);
}

tw_status tw_part_add(tw_ctx *cx, tw_part_file *f, tw_bytes bytes)
{
    const tw_disk *d = cx->env->disk;
    if (d->write(d->self, f->file, f->at, bytes.p, bytes.n) != TW_OK)
        return tw_fail(cx, TW_EIO, "%s: cannot be written", f->part);
    f->at += bytes.n;
    return TW_OK;
}

void tw_part_drop(tw_ctx *cx, tw_part_file *f)
{
    const tw_disk *d = cx->env->disk;
    if (!f->file)
        return;
    d->close(d->self, f->file);
    f->file = NULL;
    (void)d->remove(d->self, f->part);
}

tw_status tw_part_end(tw_ctx *cx, tw_part_file *f, tw_status so_far)
{
    const tw_disk *d = cx->env->disk;
    if (so_far != TW_OK || d->sync(d->self, f->file) != TW_OK) {
        tw_part_drop(cx, f);
        return so_far != TW_OK ? so_far : tw_fail(cx, TW_EIO, "%s: cannot be written", f->part);
    }
    d->close(d->self, f->file);
    f->file = NULL;
    if (d->rename(d->self, f->part, f->path) != TW_OK)
        return tw_fail(cx, TW_EIO, "%s: cannot be written", f->path);
    return TW_OK;
}
