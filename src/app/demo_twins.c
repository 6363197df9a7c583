/* Twins of the demo. The scores take longest and touch nothing but the opened data, so a thread of their own makes them
 * while the demo goes on; a scorer shares no memory with the rest but the site's folder name. */
#include "demo_internal.h"

#include <pthread.h>

#define ARENA_MAX (1024 * TW_MIB)

struct tw_demo_scorer {
    pthread_t thread;
    tw_site *s;
    tw_twin_opts o;
    tw_twin_score_size size;
    tw_env env;
    tw_ctx cx;
    tw_status status;
};

static void *make_scores(void *arg)
{
    tw_demo_scorer *k = arg;
    tw_str json;
    k->status = tw_twin_score_sized(&k->cx, &json, k->s, &k->o, k->size);
    return NULL;
}

static tw_status start(tw_ctx *cx, tw_demo *d, const tw_twin_opts *o)
{
    tw_demo_scorer *k = tw_mem_alloc(sizeof *k);
    TW_ASSERT(k != NULL);
    k->s = d->s;
    k->o = *o;
    k->o.progress = (tw_progress){ NULL, NULL };
    if (!d->o->input_psa) /* the published table has its full size */
        k->size = (tw_twin_score_size){ .draws = 200, .bootstraps = 400 };
    k->env = (tw_env){ .disk = cx->env->disk };
    tw_ctx_init(&k->cx, ARENA_MAX, &k->env);
    if (pthread_create(&k->thread, NULL, make_scores, k) != 0) {
        tw_ctx_done(&k->cx);
        tw_mem_free(k);
        return tw_fail(cx, TW_EFAILED, "no thread for the scores");
    }
    d->scorer = k;
    return TW_OK;
}

/* Nobody with a course, or too few: the report says so, and the demo goes on. */
static bool is_lack(tw_status s)
{
    return s == TW_ENOTFOUND || s == TW_EUSAGE;
}

/* The scores take longest, so they begin first; nothing that comes after them here is read by them. */
tw_status tw_demo_twins(tw_ctx *cx, tw_demo *d)
{
    tw_twin_report r;
    tw_twin_opts o = { .grantee = TW_DEMO_LAB, .release = d->release, .seed = 1, .progress = d->o->progress };
    TW_TRY(start(cx, d, &o));
    tw_status s = tw_app_twin_fit(cx, &r, d->s, &o);
    if (s == TW_OK)
        s = tw_app_twin_forecast(cx, &r, d->s, &o);
    return is_lack(s) ? TW_OK : s;
}

tw_status tw_demo_scores(tw_ctx *cx, tw_demo *d)
{
    tw_demo_scorer *k = d->scorer;
    if (!k)
        return TW_OK;
    tw_step(&d->o->progress, "scores", 0, 0);
    d->scorer = NULL;
    TW_ASSERT(pthread_join(k->thread, NULL) == 0);
    tw_status s = is_lack(k->status) ? TW_OK : k->status;
    if (s != TW_OK && cx->err.code == TW_OK)
        cx->err = k->cx.err;
    tw_ctx_done(&k->cx);
    tw_mem_free(k);
    return s;
}
