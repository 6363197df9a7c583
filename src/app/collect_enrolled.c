/* Under which enrolment a number is: a few bytes of its row, kept while the collection runs, for they are a part of
 * every record's name. */
#include "collect_internal.h"

#define KNOWN_MAX 65536 /* then all are forgotten, and looked up again */

struct enrolled {
    tw_register *r;
    pthread_mutex_t *lock;
    tw_map *known; /* number -> binding 16, in `keep`; or `nobody` */
    tw_arena *keep;
};

static uint8_t nobody[BINDING];

static void begin_anew(enrolled *e)
{
    tw_map_free(e->known);
    tw_arena_free(e->keep);
    e->known = tw_map_new(KNOWN_MAX);
    e->keep = tw_arena_new(4 * TW_MIB);
}

tw_status enrolled_new(tw_ctx *cx, enrolled **out, tw_register *r, pthread_mutex_t *lock)
{
    enrolled *e = tw_mem_alloc(sizeof *e);
    if (!e)
        return tw_fail(cx, TW_ELIMIT, "no memory to know who is enrolled");
    e->r = r;
    e->lock = lock;
    begin_anew(e);
    *out = e;
    return TW_OK;
}

void enrolled_free(enrolled *e)
{
    if (!e)
        return;
    tw_map_free(e->known);
    tw_arena_free(e->keep);
    tw_mem_free(e);
}

/* Under the lock. */
static tw_status look_up(tw_ctx *cx, const uint8_t **out, enrolled *e, tw_str number)
{
    tw_bytes value;
    tw_patient_row row;
    uint8_t *binding = nobody;
    TW_TRY(tw_register_begin(cx, e->r, false));
    tw_status s = tw_register_get(cx, &value, e->r, TW_REG_BUNDLE, tw_bytes_of(number));
    s = tw_register_end(cx, e->r, s);
    if (s == TW_OK)
        s = tw_patient_row_decode(cx, &row, value);
    if (s != TW_OK && s != TW_ENOTFOUND)
        return tw_fail(cx, TW_EVERIFY, "a patient's row in the register is damaged");
    if (tw_map_count(e->known) == KNOWN_MAX)
        begin_anew(e);
    if (s == TW_OK) {
        binding = tw_arena_get(e->keep, BINDING);
        memcpy(binding, row.bundle.binding, BINDING);
        tw_wipe(&row, sizeof row);
    }
    *out = binding;
    return tw_map_put(e->known, tw_bytes_of(number), binding) ? TW_OK : tw_fail(cx, TW_ELIMIT, "too many patients");
}

tw_status enrolled_find(tw_ctx *cx, bool *found, uint8_t binding[BINDING], enrolled *e, tw_str number)
{
    tw_status s = TW_OK;
    pthread_mutex_lock(e->lock);
    const uint8_t *b = tw_map_get(e->known, tw_bytes_of(number));
    if (!b)
        s = look_up(cx, &b, e, number);
    if (s == TW_OK) {
        *found = b != nobody;
        memcpy(binding, b, BINDING);
    }
    pthread_mutex_unlock(e->lock);
    return s;
}
