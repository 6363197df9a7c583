/* The account of a reading, as text. */
#include "sources/sources_internal.h"

static void counts(tw_buf *out, const tw_sources_count *c)
{
    tw_buf_fmt(out, "%llu read = %llu accepted + %llu refused by type + %llu dead letters\n",
               (unsigned long long)c->read, (unsigned long long)c->accepted, (unsigned long long)c->refused,
               (unsigned long long)c->dead);
}

void tw_sources_tally_text(tw_buf *out, const tw_sources_tally *t)
{
    counts(out, &t->all);
    for (size_t i = 0; i < t->type_count; i++) {
        if (t->type[i].count.read == 0)
            continue;
        tw_buf_fmt(out, "  %-26s ", t->type[i].name);
        counts(out, &t->type[i].count);
    }
    for (size_t i = 0; i < TW_DEAD_COUNT; i++)
        if (t->dead[i] > 0)
            tw_buf_fmt(out, "  dead: %llu %s\n", (unsigned long long)t->dead[i], tw_dead_text((tw_dead_reason)i));
}
