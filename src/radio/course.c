/* Courses and volumes from FHIR, in two passes: what each resource says, as it is read; then snapshots are resolved,
 * phases are joined to their course, and a row is made for each volume of each course. */
#include "radio/radio.h"

#include <math.h>

#include "radio/radio_internal.h"

#define DOSES_MAX 64
#define NO_DOSES "fractions are not told"

typedef enum { COURSE, PHASE } kind;

typedef struct {
    tw_str volume;
    double total_cgy;
    uint32_t fractions; /* 0: not told */
    bool unequal;
} dose;

typedef struct res {
    kind kind;
    tw_str id, official, patient, status, parent, modality;
    uint64_t updated_s, version, start_s;
    bool seeds;
    dose dose[DOSES_MAX];
    size_t doses;
    struct res *newest; /* itself, or what has taken its place */
    struct res *phase;  /* of a course: its first; of a phase: the next, by start, then as they stood */
} res;

typedef struct {
    tw_str code, patient, official, id;
    double time_s, cm3;
    uint64_t updated_s, version;
    size_t order;
    bool old;
} vol;

typedef struct {
    tw_ctx *cx;
    const tw_rt_opts *opts;
    tw_rt *out;
    res **r;
    size_t n;
    vol *v;
    size_t nv;
    tw_map *official; /* kind, official identifier -> newest */
    size_t position;  /* of the resource being read, from 1 */
    tw_rt_dose *dose;
    size_t room;
} reader;

/** 169359004: internal radiotherapy with permanent seeds (SNOMED CT). */
static bool is_seeds(tw_ctx *cx, const tw_json *d, uint32_t technique)
{
    uint32_t list = tw_json_get(d, technique, "extension");
    if (list == TW_JSON_NONE)
        return false;
    for (uint32_t i = tw_json_first(d, list); i != TW_JSON_NONE; i = tw_json_next(d, list, i))
        if (tw_rt_coded(cx, d, tw_json_get(d, i, "valueCodeableConcept"), NULL, TW_STR("169359004")))
            return true;
    return false;
}

static tw_str modality_of(tw_ctx *cx, const tw_json *d, uint32_t technique)
{
    uint32_t m = tw_rt_extension(cx, d, technique, "mcode-radiotherapy-modality", TW_JSON_NONE);
    uint32_t c = m == TW_JSON_NONE ? m : tw_json_path(d, m, "valueCodeableConcept.coding.0");
    return c == TW_JSON_NONE ? (tw_str){ NULL, 0 } : tw_json_member_text(cx, d, c, "code");
}

static tw_status read_dose(reader *r, res *s, const tw_json *d, uint32_t ext, uint32_t fractions)
{
    tw_ctx *cx = r->cx;
    uint32_t volume = tw_rt_extension(cx, d, ext, "volume", TW_JSON_NONE);
    uint32_t total = tw_rt_extension(cx, d, ext, "totalDoseDelivered", TW_JSON_NONE);
    uint32_t uniform = tw_rt_extension(cx, d, ext, "codexrt-radiotherapy-uniform-fractionation", TW_JSON_NONE);
    if (volume == TW_JSON_NONE || total == TW_JSON_NONE)
        return TW_OK;
    if (s->doses == DOSES_MAX)
        return tw_fail(cx, TW_ELIMIT, "resource %zu: more than %d volumes", r->position, DOSES_MAX);
    dose *o = &s->dose[s->doses++];
    *o = (dose){ .volume = tw_rt_local_id(tw_rt_reference(cx, d, volume, "valueReference")) };
    TW_TRY(tw_rt_centigray(cx, &o->total_cgy, d, tw_json_get(d, total, "valueQuantity"), r->position));
    uint32_t own = tw_rt_count(d, tw_rt_extension(cx, d, ext, "fractionsDelivered", TW_JSON_NONE));
    o->fractions = own ? own : fractions;
    if (uniform != TW_JSON_NONE) {
        uint32_t b = tw_json_get(d, uniform, "valueBoolean");
        o->unequal = b != TW_JSON_NONE && d->tok[b].type == TW_JSON_FALSE;
    }
    return TW_OK;
}

static tw_status read_doses(reader *r, res *s, const tw_json *d, uint32_t obj)
{
    tw_ctx *cx = r->cx;
    uint32_t n = tw_rt_count(d, tw_rt_extension(cx, d, obj, "codexrt-radiotherapy-fractions-delivered", TW_JSON_NONE));
    for (uint32_t i = TW_JSON_NONE;;) {
        i = tw_rt_extension(cx, d, obj, "mcode-radiotherapy-modality-and-technique", i);
        if (i == TW_JSON_NONE)
            break;
        s->seeds = s->seeds || is_seeds(cx, d, i);
        if (s->modality.n == 0)
            s->modality = modality_of(cx, d, i);
    }
    for (uint32_t i = TW_JSON_NONE;;) {
        i = tw_rt_extension(cx, d, obj, "mcode-radiotherapy-dose-delivered-to-volume", i);
        if (i == TW_JSON_NONE)
            return TW_OK;
        TW_TRY(read_dose(r, s, d, i, n));
    }
}

/* ---------------------------------------------------------------- resources */

static bool newer(uint64_t updated_a, uint64_t version_a, uint64_t updated_b, uint64_t version_b)
{
    return updated_a != updated_b ? updated_a > updated_b : version_a > version_b;
}

static bool revoked(tw_str status)
{
    static const char *const no[] = { "revoked", "entered-in-error", "not-done", "cancelled" };
    for (size_t i = 0; i < TW_COUNT(no); i++)
        if (tw_str_is(status, no[i]))
            return true;
    return false;
}

/** The newest of a resource's snapshots stands in the map; the others point to it. */
static tw_status settle(reader *r, res *s)
{
    tw_ctx *cx = r->cx;
    s->newest = s;
    if (s->official.n == 0)
        return TW_OK;
    tw_str key = tw_strf(cx->arena, "%d " TW_FMT " " TW_FMT, (int)s->kind, TW_ARG(s->patient), TW_ARG(s->official));
    res *old = (res *)tw_map_get(r->official, tw_bytes_of(key));
    if (old) {
        r->out->superseded++;
        if (!newer(s->updated_s, s->version, old->updated_s, old->version)) {
            s->newest = old;
            return TW_OK;
        }
        old->newest = s;
    }
    if (!tw_map_put(r->official, tw_bytes_of(key), s))
        return tw_fail(cx, TW_ELIMIT, "more than %d courses and phases", TW_RT_RESOURCES_MAX);
    return TW_OK;
}

static tw_status read_procedure(reader *r, const tw_json *d, uint32_t obj)
{
    tw_ctx *cx = r->cx;
    kind k;
    if (tw_rt_profiled(cx, d, obj, "radiotherapy-course-summary") ||
        tw_rt_coded(cx, d, tw_json_get(d, obj, "code"), "http://snomed.info/sct", TW_STR("1217123003")))
        k = COURSE;
    else if (tw_rt_profiled(cx, d, obj, "codexrt-radiotherapy-treated-phase") ||
             tw_rt_coded(cx, d, tw_json_get(d, obj, "code"), "http://snomed.info/sct", TW_STR("1222565005")))
        k = PHASE;
    else
        return TW_OK;
    tw_str status = tw_json_member_text(cx, d, obj, "status");
    if (r->n == TW_RT_RESOURCES_MAX)
        return tw_fail(cx, TW_ELIMIT, "more than %d courses and phases", TW_RT_RESOURCES_MAX);
    res *s = tw_try_array(cx->arena, res, 1);
    if (!s)
        return tw_fail(cx, TW_ELIMIT, "no room for courses");
    *s = (res){ .kind = k, .id = tw_json_member_text(cx, d, obj, "id"), .official = tw_rt_official(cx, d, obj),
                .patient = tw_rt_reference(cx, d, obj, "subject"), .status = status,
                .updated_s = tw_rt_when(cx, d, tw_json_path(d, obj, "meta.lastUpdated")),
                .version = tw_rt_version(cx, d, obj) };
    s->start_s = tw_rt_when(cx, d, tw_json_path(d, obj, "performedPeriod.start"));
    uint32_t parent = tw_json_path(d, obj, "partOf.0");
    if (parent != TW_JSON_NONE)
        s->parent = tw_rt_local_id(tw_json_member_text(cx, d, parent, "reference"));
    if (!revoked(status))
        TW_TRY(read_doses(r, s, d, obj));
    r->r[r->n++] = s;
    return settle(r, s);
}

static bool wanted(reader *r, const tw_json *d, uint32_t obj)
{
    uint32_t code = tw_json_get(d, obj, "code");
    for (size_t i = 0; code != TW_JSON_NONE && i < r->opts->volume_codes; i++) {
        tw_str head = { NULL, 0 }, rest = r->opts->volume_code[i];
        (void)tw_str_split(&head, &rest, '|');
        bool alone = tw_str_find(r->opts->volume_code[i], TW_STR("|")) == SIZE_MAX;
        if (tw_rt_coded(r->cx, d, code, alone ? NULL : tw_cstr(r->cx->arena, head), alone ? head : rest))
            return true;
    }
    return false;
}

static tw_status cubic_cm(reader *r, double *out, const tw_json *d, uint32_t q)
{
    tw_ctx *cx = r->cx;
    static const struct {
        const char *unit;
        double cm3;
    } known[] = { { "cm3", 1 }, { "mL", 1 }, { "ml", 1 }, { "mm3", 1e-3 }, { "L", 1e3 } };
    tw_str unit = tw_json_member_text(cx, d, q, "code");
    if (unit.n == 0)
        unit = tw_json_member_text(cx, d, q, "unit");
    if (!tw_json_f64(d, tw_json_get(d, q, "value"), out) || !(*out > 0.0) || !isfinite(*out))
        return tw_fail(cx, TW_EPARSE, "resource %zu: a volume that is no number above 0", r->position);
    for (size_t i = 0; i < TW_COUNT(known); i++) {
        if (tw_str_is(unit, known[i].unit)) {
            *out *= known[i].cm3;
            return TW_OK;
        }
    }
    return tw_fail(cx, TW_EPARSE, "resource %zu: a volume in another unit than cm3, mL, mm3, L", r->position);
}

static tw_status read_observation(reader *r, const tw_json *d, uint32_t obj)
{
    tw_ctx *cx = r->cx;
    if (!wanted(r, d, obj))
        return TW_OK;
    tw_str status = tw_json_member_text(cx, d, obj, "status");
    if (revoked(status) || tw_json_get(d, obj, "valueQuantity") == TW_JSON_NONE) {
        r->out->passed_over++;
        return TW_OK;
    }
    uint32_t at = tw_json_get(d, obj, "effectiveDateTime");
    uint64_t s = 0;
    if (at == TW_JSON_NONE || !tw_time_parse(&s, tw_json_text(cx, d, at)))
        return tw_fail(cx, TW_EPARSE, "resource %zu: a volume without a day", r->position);
    if (r->nv == TW_RT_RESOURCES_MAX)
        return tw_fail(cx, TW_ELIMIT, "more than %d volumes", TW_RT_RESOURCES_MAX);
    vol *v = &r->v[r->nv];
    *v = (vol){ .patient = tw_rt_reference(cx, d, obj, "subject"), .official = tw_rt_official(cx, d, obj),
                .id = tw_json_member_text(cx, d, obj, "id"), .time_s = (double)s, .order = r->nv,
                .updated_s = tw_rt_when(cx, d, tw_json_path(d, obj, "meta.lastUpdated")),
                .version = tw_rt_version(cx, d, obj) };
    r->nv++;
    return cubic_cm(r, &v->cm3, d, tw_json_get(d, obj, "valueQuantity"));
}

static tw_status read_resource(reader *r, const tw_json *d, uint32_t obj)
{
    tw_str type = tw_json_member_text(r->cx, d, obj, "resourceType");
    r->position++;
    if (tw_str_is(type, "Procedure") || tw_str_is(type, "ServiceRequest"))
        TW_TRY(tw_rt_feed(r->cx, r->dose, &r->out->doses, r->room, d, obj, r->position));
    if (tw_str_is(type, "Procedure"))
        return read_procedure(r, d, obj);
    if (tw_str_is(type, "Observation"))
        return read_observation(r, d, obj);
    if (tw_str_is(type, "ServiceRequest") && revoked(tw_json_member_text(r->cx, d, obj, "status")))
        r->out->passed_over++;
    if (!tw_str_is(type, "Bundle"))
        return TW_OK;
    uint32_t list = tw_json_get(d, obj, "entry");
    if (list == TW_JSON_NONE)
        return TW_OK;
    for (uint32_t i = tw_json_first(d, list); i != TW_JSON_NONE; i = tw_json_next(d, list, i)) {
        uint32_t in = tw_json_get(d, i, "resource");
        if (in != TW_JSON_NONE && !tw_json_is(d, tw_json_get(d, in, "resourceType"), "Bundle"))
            TW_TRY(read_resource(r, d, in));
    }
    return TW_OK;
}

static tw_status read_text(reader *r, tw_str text)
{
    tw_json d;
    if (!r->opts->ndjson) {
        TW_TRY(tw_json_parse(r->cx, &d, text, NULL));
        return read_resource(r, &d, 0);
    }
    for (tw_str line; tw_ndjson_next(&line, &text);) {
        if (tw_str_trim(line).n == 0)
            continue;
        if (tw_json_parse(r->cx, &d, line, NULL) != TW_OK)
            return tw_wrap(r->cx, "resource %zu", r->position + 1);
        TW_TRY(read_resource(r, &d, 0));
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- rows */

static res *newest(res *s)
{
    while (s->newest != s)
        s = s->newest;
    return s;
}

static tw_bytes course_key(tw_ctx *cx, tw_str patient, tw_str id)
{
    return tw_bytes_of(tw_strf(cx->arena, TW_FMT " " TW_FMT, TW_ARG(patient), TW_ARG(id)));
}

/** Hangs each phase on its course; a parent that is an old snapshot stands for the newest one. */
static void join_phases(reader *r)
{
    tw_map *by_id = tw_map_new(TW_RT_RESOURCES_MAX);
    for (size_t i = 0; i < r->n; i++)
        if (r->r[i]->kind == COURSE && !tw_map_put(by_id, course_key(r->cx, r->r[i]->patient, r->r[i]->id), r->r[i]))
            TW_ASSERT(false); /* as many as there may be courses */
    for (size_t i = 0; i < r->n; i++) {
        res *p = r->r[i];
        if (p->kind != PHASE || p->newest != p || revoked(p->status))
            continue;
        res *course = (res *)tw_map_get(by_id, course_key(r->cx, p->patient, p->parent));
        if (!course)
            continue;
        res **at = &newest(course)->phase;
        while (*at && (*at)->start_s <= p->start_s)
            at = &(*at)->phase;
        p->phase = *at;
        *at = p;
    }
    tw_map_free(by_id);
}

static tw_status add_segment(reader *r, tw_rt_row *row, const dose *d, uint64_t start_s)
{
    if (row->segments == TW_RT_SEGMENTS_MAX)
        return tw_fail(r->cx, TW_ELIMIT, "a volume with more than %d phases", TW_RT_SEGMENTS_MAX);
    if (d->fractions == 0 && d->total_cgy > 0.0)
        row->no_lq = NO_DOSES;
    else if (d->total_cgy / 100.0 > TW_LQ_DOSE_MAX * (double)TW_MAX(d->fractions, 1u))
        row->no_lq = "a dose a fraction that the linear-quadratic model does not describe";
    row->segment[row->segments++] = (tw_rt_segment){ .fractions = d->fractions, .total_cgy = d->total_cgy,
                                                     .start_s = start_s };
    return TW_OK;
}

static tw_status fill_row(reader *r, tw_rt_row *row, const res *course, const dose *d)
{
    double sum = 0.0;
    bool seeds = course->seeds;
    *row = (tw_rt_row){ .patient = course->patient, .course = course->id, .status = course->status,
                        .volume = d->volume, .modality = course->modality, .start_s = course->start_s,
                        .total_cgy = d->total_cgy, .fractions = d->fractions, .phases_agree = true };
    for (const res *p = course->phase; p; p = p->phase) {
        seeds = seeds || p->seeds;
        for (size_t i = 0; i < p->doses; i++) {
            if (!tw_str_eq(p->dose[i].volume, d->volume))
                continue;
            TW_TRY(add_segment(r, row, &p->dose[i], p->start_s));
            sum += p->dose[i].total_cgy;
        }
    }
    if (row->segments > 0) {
        row->phases_agree = fabs(sum - d->total_cgy) <= 1e-9 * d->total_cgy;
    } else {
        TW_TRY(add_segment(r, row, d, course->start_s));
        if (d->unequal)
            row->no_lq = "fractions differ and no phase tells them";
    }
    if (seeds)
        row->no_lq = "permanent seeds: dose comes at a falling rate, not in fractions";
    return TW_OK;
}

/** A row of another course before it has the same patient, volume, start and dose. */
static tw_status flag_duplicate(reader *r, tw_map *seen, tw_rt_row *row)
{
    tw_ctx *cx = r->cx;
    tw_str key = tw_strf(cx->arena, TW_FMT " " TW_FMT " %llu %u %.6f", TW_ARG(row->patient), TW_ARG(row->volume),
                         (unsigned long long)row->start_s, row->fractions, row->total_cgy);
    const tw_rt_row *first = (const tw_rt_row *)tw_map_get(seen, tw_bytes_of(key));
    row->likely_duplicate = first && !tw_str_eq(first->course, row->course);
    if (!first && !tw_map_put(seen, tw_bytes_of(key), row))
        return tw_fail(cx, TW_ELIMIT, "more than %d volumes of courses", TW_RT_RESOURCES_MAX);
    return TW_OK;
}

static tw_status rows_of(reader *r, tw_rt_row *row, tw_map *seen)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) {
        res *c = r->r[i];
        if (c->newest == c && revoked(c->status))
            r->out->passed_over++;
        if (c->kind != COURSE || c->newest != c)
            continue;
        for (size_t k = 0; k < c->doses; k++, n++) {
            TW_TRY(fill_row(r, &row[n], c, &c->dose[k]));
            TW_TRY(flag_duplicate(r, seen, &row[n]));
        }
    }
    r->out->row = row;
    r->out->rows = n;
    return TW_OK;
}

static tw_status make_rows(reader *r)
{
    tw_ctx *cx = r->cx;
    size_t count = 0;
    for (size_t i = 0; i < r->n; i++)
        count += r->r[i]->kind == COURSE && r->r[i]->newest == r->r[i] ? r->r[i]->doses : 0;
    tw_rt_row *row = tw_try_array(cx->arena, tw_rt_row, count + 1);
    if (!row)
        return tw_fail(cx, TW_ELIMIT, "no room for %zu volumes of courses", count);
    join_phases(r);
    tw_map *seen = tw_map_new(TW_RT_RESOURCES_MAX);
    tw_status s = rows_of(r, row, seen);
    tw_map_free(seen);
    return s;
}

/** Order by patient, time, position. */
static bool before(const vol *a, const vol *b)
{
    int c = tw_str_cmp(a->patient, b->patient);
    if (c != 0)
        return c < 0;
    if (a->time_s < b->time_s || a->time_s > b->time_s)
        return a->time_s < b->time_s;
    return a->order < b->order;
}

static void sift(vol *v, size_t root, size_t n)
{
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && before(&v[child], &v[child + 1]))
            child++;
        if (!before(&v[root], &v[child]))
            return;
        vol t = v[root];
        v[root] = v[child];
        v[child] = t;
    }
}

static void sort_volumes(vol *v, size_t n) /* heap sort: no recursion, no worst case */
{
    for (size_t i = n / 2; i-- > 0;)
        sift(v, i, n);
    for (size_t i = n; i-- > 1;) {
        vol t = v[0];
        v[0] = v[i];
        v[i] = t;
        sift(v, 0, i);
    }
}

static tw_status make_volumes(reader *r)
{
    tw_ctx *cx = r->cx;
    tw_map *seen = tw_map_new(TW_RT_RESOURCES_MAX);
    for (size_t i = 0; i < r->nv; i++) {
        tw_str id = r->v[i].official.n > 0 ? r->v[i].official : r->v[i].id;
        if (id.n == 0)
            continue;
        tw_str key = tw_strf(cx->arena, TW_FMT " " TW_FMT, TW_ARG(r->v[i].patient), TW_ARG(id));
        vol *old = (vol *)tw_map_get(seen, tw_bytes_of(key));
        bool take = !old || newer(r->v[i].updated_s, r->v[i].version, old->updated_s, old->version);
        if (old) {
            (take ? old : &r->v[i])->old = true;
            r->out->superseded++;
        }
        if (take && !tw_map_put(seen, tw_bytes_of(key), &r->v[i]))
            TW_ASSERT(false); /* as many as there may be volumes */
    }
    tw_map_free(seen);
    sort_volumes(r->v, r->nv);
    tw_rt_volume *out = tw_try_array(cx->arena, tw_rt_volume, r->nv + 1);
    if (!out)
        return tw_fail(cx, TW_ELIMIT, "no room for %zu volumes", r->nv);
    for (size_t i = 0; i < r->nv; i++)
        if (!r->v[i].old)
            out[r->out->volumes++] = (tw_rt_volume){ r->v[i].time_s, r->v[i].cm3, r->v[i].patient };
    r->out->volume = out;
    return TW_OK;
}

tw_status tw_rt_read(tw_ctx *cx, tw_rt *out, tw_str text, const tw_rt_opts *opts)
{
    *out = (tw_rt){ .row = NULL };
    reader r = { .cx = cx, .opts = opts, .out = out };
    size_t room = TW_MIN(text.n / 16 + 1, (size_t)TW_RT_RESOURCES_MAX); /* "resourceType" alone is longer */
    r.r = tw_try_array(cx->arena, res *, room);
    r.v = tw_try_array(cx->arena, vol, room);
    r.dose = tw_try_array(cx->arena, tw_rt_dose, room);
    r.room = room;
    out->dose = r.dose;
    if (!r.r || !r.v || !r.dose)
        return tw_fail(cx, TW_ELIMIT, "no room to read courses");
    r.official = tw_map_new(TW_RT_RESOURCES_MAX);
    tw_status s = read_text(&r, text);
    if (s == TW_OK)
        s = make_rows(&r);
    if (s == TW_OK)
        s = make_volumes(&r);
    tw_map_free(r.official);
    return s;
}

tw_status tw_rt_eqd2(tw_ctx *cx, double *eqd2_gy, const tw_rt_row *row, double ab_gy)
{
    *eqd2_gy = 0.0;
    if (row->no_lq)
        return tw_fail(cx, TW_EREFUSED, "no linear-quadratic dose: %s", row->no_lq);
    for (size_t i = 0; i < row->segments; i++) {
        double n = (double)row->segment[i].fractions;
        if (row->segment[i].fractions > 0)
            *eqd2_gy += tw_eqd2(tw_bed(n, row->segment[i].total_cgy / 100.0 / n, ab_gy), ab_gy);
    }
    return TW_OK;
}
