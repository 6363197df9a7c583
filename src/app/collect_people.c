/* Who is in these files: local numbers, for an enrolment desk. */
#include "collect_internal.h"

#include <stdlib.h>

#define PATIENTS_MAX 1000000

static int member; /* any non-NULL pointer will do as a set member */

static tw_status on_record(void *self, tw_ctx *cx, const tw_phi *phi)
{
    const tw_phi_parts *p = tw_phi_view(phi);
    if (!tw_str_is(p->type, "Patient") || tw_map_put(self, tw_bytes_of(p->patient), &member))
        return TW_OK;
    return tw_fail(cx, TW_ELIMIT, "more than %d patients", PATIENTS_MAX);
}

static int by_text(const void *a, const void *b)
{
    return tw_str_cmp(*(const tw_str *)a, *(const tw_str *)b);
}

/* A file that cannot be read has no patients: collecting it says so. */
static tw_status read_all(tw_ctx *cx, tw_map *numbers, const intake_list *l)
{
    tw_sources *s;
    tw_sources_sink sink = { on_record, NULL, numbers };
    TW_TRY(tw_sources_new(cx, &s, NULL, &sink));
    tw_status st = TW_OK;
    for (int reading = 0; reading < 2; reading++)
        for (size_t i = 0; i < l->count && st == TW_OK; i++) {
            const intake_file *f = &l->file[i];
            tw_mark mark = tw_arena_mark(cx->arena);
            st = reading ? tw_sources_read_file(cx, s, f->label, f->path, f->form)
                         : tw_sources_learn_file(cx, s, f->label, f->path, f->form);
            tw_arena_back(cx->arena, mark);
        }
    tw_sources_free(s);
    return st;
}

static tw_status sorted(tw_ctx *cx, tw_str **numbers, size_t *count, const tw_map *m)
{
    *count = tw_map_count(m);
    *numbers = tw_try_array(cx->arena, tw_str, *count + 1);
    if (!*numbers)
        return tw_fail(cx, TW_ELIMIT, "no memory left for %zu patients", *count);
    for (size_t i = 0; i < *count; i++) {
        tw_bytes key;
        tw_map_at(m, i, &key);
        (*numbers)[i] = tw_str_dup(cx->arena, tw_str_of_bytes(key));
    }
    qsort(*numbers, *count, sizeof **numbers, by_text);
    return TW_OK;
}

tw_status tw_app_patients(tw_ctx *cx, tw_str **numbers, size_t *count, const char *const *path, size_t path_count)
{
    tw_map *m = tw_map_new(PATIENTS_MAX);
    intake_list l = { .count = 0 };
    tw_collect_opts o = { .path = path, .path_count = path_count };
    tw_status st = TW_OK;
    for (size_t i = 0; i < path_count && st == TW_OK; i++)
        st = intake_add(cx, &l, &o, i);
    if (st == TW_OK)
        st = read_all(cx, m, &l);
    if (st == TW_OK)
        st = sorted(cx, numbers, count, m);
    intake_done(&l);
    tw_map_free(m);
    return st;
}
