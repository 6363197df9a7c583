/* What mCODE and CodeX resources are made of: extensions by the end of their URL, references, quantities; and the
 * feed of doses as they stand. */
#include "radio/radio.h"

#include <math.h>

#include "radio/radio_internal.h"

bool tw_rt_suffix(tw_ctx *cx, const tw_json *d, uint32_t i, const char *suffix)
{
    return i != TW_JSON_NONE && tw_str_ends(tw_json_text(cx, d, i), suffix);
}

tw_str tw_rt_local_id(tw_str reference)
{
    for (size_t i = reference.n; i-- > 0;)
        if (reference.p[i] == '/')
            return (tw_str){ reference.p + i + 1, reference.n - i - 1 };
    return reference;
}

/** Extension of `obj` with that end of its URL, after `after` (TW_JSON_NONE: the first). */
uint32_t tw_rt_extension(tw_ctx *cx, const tw_json *d, uint32_t obj, const char *suffix, uint32_t after)
{
    uint32_t list = tw_json_get(d, obj, "extension");
    if (list == TW_JSON_NONE)
        return TW_JSON_NONE;
    uint32_t i = after == TW_JSON_NONE ? tw_json_first(d, list) : tw_json_next(d, list, after);
    for (; i != TW_JSON_NONE; i = tw_json_next(d, list, i))
        if (tw_rt_suffix(cx, d, tw_json_get(d, i, "url"), suffix))
            return i;
    return TW_JSON_NONE;
}

bool tw_rt_profiled(tw_ctx *cx, const tw_json *d, uint32_t obj, const char *suffix)
{
    uint32_t list = tw_json_path(d, obj, "meta.profile");
    if (list == TW_JSON_NONE)
        return false;
    for (uint32_t i = tw_json_first(d, list); i != TW_JSON_NONE; i = tw_json_next(d, list, i))
        if (tw_rt_suffix(cx, d, i, suffix))
            return true;
    return false;
}

/** A coding of a CodeableConcept has the code; in `system` when it is not NULL. */
bool tw_rt_coded(tw_ctx *cx, const tw_json *d, uint32_t concept, const char *system, tw_str code)
{
    uint32_t list = tw_json_get(d, concept, "coding");
    if (list == TW_JSON_NONE)
        return false;
    for (uint32_t i = tw_json_first(d, list); i != TW_JSON_NONE; i = tw_json_next(d, list, i))
        if (tw_str_eq(tw_json_member_text(cx, d, i, "code"), code) &&
            (!system || tw_json_is(d, tw_json_get(d, i, "system"), system)))
            return true;
    return false;
}

uint64_t tw_rt_when(tw_ctx *cx, const tw_json *d, uint32_t i)
{
    uint64_t s = 0;
    return i != TW_JSON_NONE && tw_time_parse(&s, tw_json_text(cx, d, i)) ? s : 0;
}

uint64_t tw_rt_version(tw_ctx *cx, const tw_json *d, uint32_t obj)
{
    uint64_t v = 0;
    uint32_t i = tw_json_path(d, obj, "meta.versionId");
    return i != TW_JSON_NONE && tw_parse_u64(&v, tw_json_text(cx, d, i)) ? v : 0;
}

tw_str tw_rt_official(tw_ctx *cx, const tw_json *d, uint32_t obj)
{
    uint32_t list = tw_json_get(d, obj, "identifier");
    if (list == TW_JSON_NONE)
        return (tw_str){ NULL, 0 };
    for (uint32_t i = tw_json_first(d, list); i != TW_JSON_NONE; i = tw_json_next(d, list, i))
        if (tw_json_is(d, tw_json_get(d, i, "use"), "official"))
            return tw_strf(cx->arena, TW_FMT " " TW_FMT, TW_ARG(tw_json_member_text(cx, d, i, "system")),
                           TW_ARG(tw_json_member_text(cx, d, i, "value")));
    return (tw_str){ NULL, 0 };
}

tw_str tw_rt_reference(tw_ctx *cx, const tw_json *d, uint32_t obj, const char *member)
{
    uint32_t i = tw_json_get(d, obj, member);
    return i == TW_JSON_NONE ? (tw_str){ NULL, 0 } : tw_json_member_text(cx, d, i, "reference");
}

tw_status tw_rt_centigray(tw_ctx *cx, double *out, const tw_json *d, uint32_t quantity, size_t position)
{
    tw_str unit = tw_json_member_text(cx, d, quantity, "code");
    if (unit.n == 0)
        unit = tw_json_member_text(cx, d, quantity, "unit");
    if (!tw_json_f64(d, tw_json_get(d, quantity, "value"), out) || !(*out >= 0.0) || !isfinite(*out))
        return tw_fail(cx, TW_EPARSE, "resource %zu: a dose without a number", position);
    if (tw_str_is(unit, "Gy"))
        *out *= 100.0;
    else if (!tw_str_is(unit, "cGy"))
        return tw_fail(cx, TW_EPARSE, "resource %zu: a dose in another unit than Gy and cGy", position);
    return TW_OK;
}

uint32_t tw_rt_count(const tw_json *d, uint32_t ext)
{
    static const char *const member[] = { "valueUnsignedInt", "valuePositiveInt", "valueInteger" };
    uint64_t v = 0;
    for (size_t i = 0; i < TW_COUNT(member); i++)
        if (ext != TW_JSON_NONE && tw_json_u64(d, tw_json_get(d, ext, member[i]), &v) && v <= UINT32_MAX)
            return (uint32_t)v;
    return 0;
}

/* ---------------------------------------------------------------- feed */

static const struct {
    tw_rt_dose_kind kind;
    const char *dose, *total, *fractions;
} kinds[] = {
    { TW_RT_DELIVERED, "mcode-radiotherapy-dose-delivered-to-volume", "totalDoseDelivered", "fractionsDelivered" },
    { TW_RT_PRESCRIBED, "codexrt-radiotherapy-dose-prescribed-to-volume", "totalDose", "fractions" },
    { TW_RT_PLANNED, "codexrt-radiotherapy-dose-planned-to-volume", "totalDose", "fractions" },
};

const char *tw_rt_dose_kind_name(tw_rt_dose_kind k)
{
    static const char *const name[] = { "delivered", "prescribed", "planned" };
    return name[k];
}

/** How many fractions the resource as a whole has. */
static uint32_t of_resource(tw_ctx *cx, const tw_json *d, uint32_t obj)
{
    static const char *const url[] = { "codexrt-radiotherapy-fractions-delivered",
                                       "codexrt-radiotherapy-fractions-prescribed",
                                       "codexrt-radiotherapy-fractions-planned" };
    uint32_t n = 0;
    for (size_t i = 0; i < TW_COUNT(url) && n == 0; i++)
        n = tw_rt_count(d, tw_rt_extension(cx, d, obj, url[i], TW_JSON_NONE));
    return n;
}

static tw_status gray(tw_ctx *cx, double *cgy, const tw_json *d, uint32_t ext, const char *part, size_t position)
{
    uint32_t e = tw_rt_extension(cx, d, ext, part, TW_JSON_NONE);
    *cgy = (double)NAN;
    if (e == TW_JSON_NONE || tw_json_get(d, e, "valueQuantity") == TW_JSON_NONE)
        return TW_OK;
    return tw_rt_centigray(cx, cgy, d, tw_json_get(d, e, "valueQuantity"), position);
}

tw_status tw_rt_feed(tw_ctx *cx, tw_rt_dose *out, size_t *n, size_t room, const tw_json *d, uint32_t obj,
                     size_t position)
{
    uint32_t start = tw_json_path(d, obj, "performedPeriod.start");
    for (size_t k = 0; k < TW_COUNT(kinds); k++) {
        for (uint32_t i = TW_JSON_NONE;;) {
            i = tw_rt_extension(cx, d, obj, kinds[k].dose, i);
            if (i == TW_JSON_NONE)
                break;
            if (*n == room)
                return tw_fail(cx, TW_ELIMIT, "more than %zu doses", room);
            uint32_t volume = tw_rt_extension(cx, d, i, "volume", TW_JSON_NONE);
            uint32_t own = tw_rt_count(d, tw_rt_extension(cx, d, i, kinds[k].fractions, TW_JSON_NONE));
            tw_rt_dose *o = &out[(*n)++];
            *o = (tw_rt_dose){ .kind = kinds[k].kind, .patient = tw_rt_reference(cx, d, obj, "subject"),
                               .type = tw_json_member_text(cx, d, obj, "resourceType"),
                               .id = tw_json_member_text(cx, d, obj, "id"),
                               .status = tw_json_member_text(cx, d, obj, "status"),
                               .fractions = own ? own : of_resource(cx, d, obj) };
            if (start != TW_JSON_NONE)
                o->start = tw_json_text(cx, d, start);
            if (volume != TW_JSON_NONE)
                o->volume = tw_rt_local_id(tw_rt_reference(cx, d, volume, "valueReference"));
            TW_TRY(gray(cx, &o->total_cgy, d, i, kinds[k].total, position));
            TW_TRY(gray(cx, &o->fraction_cgy, d, i, "fractionDose", position));
        }
    }
    return TW_OK;
}
