/* Noise metadata as JSON: members that are zero are left out, so that `{}` says that nothing was done. */
#include "model/model.h"

#include <math.h>

#include "model/model_internal.h"

static void number(tw_jw *w, const char *name, double v)
{
    if (v > 0) {
        tw_jw_key(w, name);
        tw_jw_f64(w, v, 17);
    }
}

void tw_noise_write(tw_jw *w, const tw_noise *n)
{
    tw_jw_object(w);
    if (n->value_sd > 0 || n->value_round_width > 0) {
        tw_jw_key(w, "value");
        tw_jw_object(w);
        number(w, "sd", n->value_sd);
        number(w, "round_width", n->value_round_width);
        tw_jw_object_end(w);
    }
    const char *law = n->time_dropped ? "dropped" : n->time_shift_constant ? "constant-shift" : NULL;
    if (law || n->time_round_days > 0 || n->time_jitter_days > 0) {
        tw_jw_key(w, "time");
        tw_jw_object(w);
        if (law) {
            tw_jw_key(w, "law");
            tw_jw_cstr(w, law);
        }
        number(w, "round_days", n->time_round_days);
        number(w, "jitter_days", n->time_jitter_days);
        tw_jw_object_end(w);
    }
    tw_jw_object_end(w);
}

static tw_status read_number(tw_ctx *cx, double *out, const tw_json *d, uint32_t value)
{
    if (!tw_json_f64(d, value, out) || !isfinite(*out) || *out < 0)
        return tw_fail(cx, TW_EPARSE, "noise: a width is not a number of at least zero");
    return TW_OK;
}

static tw_status read_law(tw_ctx *cx, tw_noise *out, const tw_json *d, uint32_t value)
{
    if (tw_json_is(d, value, "dropped"))
        out->time_dropped = true;
    else if (tw_json_is(d, value, "constant-shift"))
        out->time_shift_constant = true;
    else
        return tw_fail(cx, TW_EPARSE, "noise: time has a law that is not known");
    return TW_OK;
}

static tw_status read_part(tw_ctx *cx, tw_noise *out, const tw_json *d, uint32_t obj, bool time)
{
    if (d->tok[obj].type != TW_JSON_OBJECT)
        return tw_fail(cx, TW_EPARSE, "noise: a part is not an object");
    for (uint32_t k = tw_json_first(d, obj); k != TW_JSON_NONE; k = tw_json_next(d, obj, k)) {
        uint32_t value = k + 1;
        if (time && tw_json_is(d, k, "law"))
            TW_TRY(read_law(cx, out, d, value));
        else if (time && tw_json_is(d, k, "round_days"))
            TW_TRY(read_number(cx, &out->time_round_days, d, value));
        else if (time && tw_json_is(d, k, "jitter_days"))
            TW_TRY(read_number(cx, &out->time_jitter_days, d, value));
        else if (!time && tw_json_is(d, k, "sd"))
            TW_TRY(read_number(cx, &out->value_sd, d, value));
        else if (!time && tw_json_is(d, k, "round_width"))
            TW_TRY(read_number(cx, &out->value_round_width, d, value));
        else
            return tw_fail(cx, TW_EPARSE, "noise: a member of %s is not known", time ? "time" : "value");
    }
    return TW_OK;
}

tw_status tw_noise_read(tw_ctx *cx, tw_noise *out, const tw_json *d, uint32_t obj)
{
    *out = (tw_noise){ 0 };
    if (obj >= d->n || d->tok[obj].type != TW_JSON_OBJECT)
        return tw_fail(cx, TW_EPARSE, "noise: not an object");
    for (uint32_t k = tw_json_first(d, obj); k != TW_JSON_NONE; k = tw_json_next(d, obj, k)) {
        if (tw_json_is(d, k, "value"))
            TW_TRY(read_part(cx, out, d, k + 1, false));
        else if (tw_json_is(d, k, "time"))
            TW_TRY(read_part(cx, out, d, k + 1, true));
        else
            return tw_fail(cx, TW_EPARSE, "noise: a part is not known");
    }
    return TW_OK;
}
