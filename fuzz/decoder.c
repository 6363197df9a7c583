#include "decoder.h"

#define BUNDLE_MAX (16 * TW_MIB)

/* One input on its way. */
typedef struct {
    tw_ctx *cx;
    const tw_decoder *decoder;
    void *file;
    tw_bytes in;
    bool names;
} run;

static void clean(const run *r, tw_str message)
{
    if (!r->names)
        fuzz_message_clean(message, r->in);
}

static void error_clean(const run *r)
{
    FUZZ_CHECK(r->cx->err.msg[0] != '\0');
    clean(r, tw_str_of(r->cx->err.msg));
    clean(r, tw_str_of(r->cx->err.hint));
    tw_err_clear(r->cx);
}

/* ---------------------------------------------------------------- Bundles */

static tw_status record(TW_UNUSED void *self, TW_UNUSED tw_ctx *cx, const tw_phi *phi)
{
    FUZZ_CHECK(tw_phi_view(phi)->patient.n > 0);
    return TW_OK;
}

/* What we wrote ourselves is JSON of known types; who it is about may be unknown. */
static tw_status dead(void *self, TW_UNUSED tw_ctx *cx, const tw_dead_letter *d)
{
    FUZZ_CHECK(d->reason != TW_DEAD_JSON && d->reason != TW_DEAD_SHAPE && d->reason != TW_DEAD_TYPE);
    FUZZ_CHECK(d->reason != TW_DEAD_BUNDLE && d->reason != TW_DEAD_ENTRY && d->reason != TW_DEAD_ID);
    clean(self, d->path);
    clean(self, d->detail);
    return TW_OK;
}

static void read_bundle(run *r, tw_str json)
{
    tw_sources *s;
    tw_sources_opts opts = { .document_bytes_max = TW_MIB, .line_bytes_max = TW_MIB, .patients_max = 256 };
    tw_sources_sink sink = { record, dead, r };
    FUZZ_CHECK(tw_sources_new(r->cx, &s, &opts, &sink) == TW_OK);
    FUZZ_CHECK(tw_sources_read(r->cx, s, TW_STR("file 1"), json, TW_FORM_DOCUMENT) == TW_OK || json.n > TW_MIB);
    tw_sources_free(s);
}

static void check_bundle(run *r, tw_bytes json)
{
    tw_json d;
    tw_buf b;
    tw_jw w;
    tw_ctx *cx = r->cx;
    FUZZ_CHECK(tw_json_parse(cx, &d, tw_str_of_bytes(json), NULL) == TW_OK);
    FUZZ_CHECK(tw_str_is(tw_json_member_text(cx, &d, 0, "resourceType"), "Bundle"));
    FUZZ_CHECK(tw_str_is(tw_json_member_text(cx, &d, 0, "type"), "collection"));
    tw_buf_init(&b, BUNDLE_MAX);
    tw_jw_init(&w, &b, 0);
    fuzz_json_write(cx, &w, &d, 0);
    FUZZ_CHECK(tw_bytes_eq(json, fuzz_taken(cx, &b)));
    read_bundle(r, tw_str_of_bytes(json));
}

/* ---------------------------------------------------------------- units */

static tw_status bundle(run *r, tw_bytes *json, tw_place *place, tw_str unit)
{
    tw_buf b;
    tw_buf_init(&b, BUNDLE_MAX);
    *place = (tw_place){ 0 };
    tw_status s = r->decoder->bundle(r->cx, &b, place, r->file, unit);
    if (s == TW_OK)
        *json = fuzz_taken(r->cx, &b);
    tw_buf_done(&b);
    return s;
}

static uint32_t lines(tw_str s)
{
    uint32_t n = 1;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '\n' || s.p[i] == '\r';
    return n;
}

static void one_unit(run *r, tw_str unit)
{
    tw_place place, other;
    tw_bytes json, again;
    tw_status s = bundle(r, &json, &place, unit);
    if (s == TW_OK) {
        check_bundle(r, json);
        FUZZ_CHECK(bundle(r, &again, &other, unit) == TW_OK && tw_bytes_eq(json, again));
        return;
    }
    FUZZ_CHECK((s == TW_EPARSE || s == TW_ELIMIT) && place.line < lines(unit));
    clean(r, place.path);
    error_clean(r);
}

/* The same cut with less in view: the same unit, or "more". */
static void check_view(const run *r, tw_str window, size_t skip, size_t size)
{
    size_t less_skip = 0, less_size = 0;
    tw_str less = { window.p, TW_MIN(window.n, skip + size / 2) };
    tw_frame f = r->decoder->frame(r->file, &less_skip, &less_size, less, false);
    FUZZ_CHECK(f != TW_FRAME_END);
    if (f == TW_FRAME_UNIT)
        FUZZ_CHECK(less_skip == skip && less_size == size);
}

static void units(run *r, tw_str rest)
{
    for (;;) {
        size_t skip = 0, size = 0;
        tw_frame f = r->decoder->frame(r->file, &skip, &size, rest, true);
        FUZZ_CHECK(f != TW_FRAME_MORE && skip <= rest.n);
        if (f == TW_FRAME_END)
            break;
        size = f == TW_FRAME_UNIT ? size : 0;
        FUZZ_CHECK(size <= rest.n - skip && skip + size > 0);
        if (f == TW_FRAME_UNIT) {
            tw_mark m = tw_arena_mark(r->cx->arena);
            check_view(r, rest, skip, size);
            one_unit(r, (tw_str){ rest.p + skip, size });
            tw_arena_back(r->cx->arena, m);
        }
        rest = (tw_str){ rest.p + skip + size, rest.n - skip - size };
    }
}

void fuzz_decoder(const tw_decoder *decoder, const tw_sources_opts *opts, tw_str name, tw_bytes in, bool names)
{
    tw_ctx cx;
    size_t consumed = 0;
    run r = { .cx = &cx, .decoder = decoder, .in = in, .names = names };
    fuzz_begin(&cx, 64 * TW_MIB);
    tw_status s = decoder->open(&cx, &r.file, &consumed, opts, name, tw_str_of_bytes(in));
    if (s == TW_OK) {
        FUZZ_CHECK(consumed <= in.n);
        units(&r, (tw_str){ (const char *)in.p + consumed, in.n - consumed });
        decoder->close(r.file);
    } else {
        FUZZ_CHECK(s == TW_EPARSE || s == TW_ENOTFOUND || s == TW_ELIMIT);
        error_clean(&r);
    }
    tw_ctx_done(&cx);
}
