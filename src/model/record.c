/* The two kinds of records. Both are opaque: what is inside shows only through this file, so that the one maker of a
 * tw_deid can be found by its include of deid_make.h. */
#include "model/model.h"

#include "model/deid_make.h"

struct tw_phi {
    tw_phi_parts parts;
};

struct tw_deid {
    tw_bytes line;
    tw_category category;
    tw_str type;
};

tw_phi *tw_phi_make(tw_ctx *cx, const tw_phi_parts *parts)
{
    tw_phi *phi = tw_new(cx->arena, tw_phi);
    phi->parts = *parts;
    return phi;
}

const tw_phi_parts *tw_phi_view(const tw_phi *phi)
{
    return &phi->parts;
}

tw_deid *tw_deid_make(tw_ctx *cx, tw_bytes line, tw_category category, tw_str type)
{
    /* The gate writes one line of minified JSON: an LF inside would make two records of one. */
    TW_ASSERT(line.n > 0 && memchr(line.p, '\n', line.n) == NULL);
    TW_ASSERT(category >= 1 && category <= TW_CATEGORY_COUNT);
    tw_deid *d = tw_new(cx->arena, tw_deid);
    d->line = tw_bytes_dup(cx->arena, line);
    d->category = category;
    d->type = tw_str_dup(cx->arena, type);
    return d;
}

tw_bytes tw_deid_line(const tw_deid *d)
{
    return d->line;
}

tw_category tw_deid_category(const tw_deid *d)
{
    return d->category;
}

tw_str tw_deid_type(const tw_deid *d)
{
    return d->type;
}
