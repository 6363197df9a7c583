/* The desk where one hospital writes about one person: resources are made one at a time and go into the Bundle, into
 * the late results, or into both. References take the form that the hospital uses in that place. */
#include "sources/synth_other.h"

#define BUNDLE_MAX (256 * TW_MIB)
#define RESOURCE_MAX (4 * TW_MIB)

tw_arena *tw_desk_arena(tw_desk *d)
{
    return d->y->in.arena;
}

bool tw_desk_utc(const tw_desk *d)
{
    return d->h->style == TW_STYLE_COLLECTION && d->h->format == TW_SYNTH_FHIR;
}

void tw_desk_plant(tw_desk *d, const char *kind, tw_str value, const char *place)
{
    tw_synth_plant(d->y, kind, value, d->p->index + 1, place);
}

/* ---------------------------------------------------------------- the Bundle */

tw_status tw_desk_open(tw_desk *d)
{
    static const char *const types[] = {
        [TW_STYLE_SEARCHSET] = "searchset", [TW_STYLE_TRANSACTION] = "transaction", [TW_STYLE_COLLECTION] = "collection"
    };
    tw_buf_clear(&d->y->bundle);
    d->lines_max = d->p->series.n + 64;
    d->history = tw_try_array(tw_desk_arena(d), tw_str, d->lines_max);
    if (!d->history)
        return tw_fail(d->y->cx, TW_ELIMIT, "series of %zu visits", d->p->series.n);
    for (size_t i = 0; i < TW_SYNTH_SECTIONS; i++)
        tw_buf_clear(&d->y->section[i]);
    if (d->h->format != TW_SYNTH_FHIR)
        return TW_OK;
    tw_jw_init(&d->out, &d->y->bundle, d->h->style == TW_STYLE_COLLECTION ? 2 : 0);
    tw_jw_object(&d->out);
    tw_jw_kv(&d->out, "resourceType", TW_STR("Bundle"));
    tw_jw_kv(&d->out, "type", tw_str_of(types[d->h->style]));
    tw_jw_key(&d->out, "entry");
    tw_jw_array(&d->out);
    return TW_OK;
}

static tw_str file_name(tw_desk *d)
{
    tw_arena *a = tw_desk_arena(d);
    tw_str path = tw_strf(a, TW_FMT "/bundle-%05u.json", TW_ARG(d->h->folder), d->p->index + 1);
    if (d->h->style != TW_STYLE_SEARCHSET)
        return path;
    tw_str given = tw_synth_plain(a, d->p->given);
    tw_str family = tw_synth_plain(a, d->p->family);
    tw_desk_plant(d, "given", given, "file name");
    tw_desk_plant(d, "family", family, "file name");
    return tw_strf(a, TW_FMT "/" TW_FMT "_" TW_FMT "_" TW_FMT ".json", TW_ARG(d->h->folder), TW_ARG(family),
                   TW_ARG(given), TW_ARG(d->m->mrn));
}

/* What a hospital of another format has written about the person. */
static tw_status close_other(tw_desk *d)
{
    tw_synth *y = d->y;
    tw_bytes entries[TW_SYNTH_SECTIONS];
    TW_TRY(d->failed);
    if (d->h->format == TW_SYNTH_CSV)
        return TW_OK;
    if (d->h->format == TW_SYNTH_CCDA) {
        for (size_t i = 0; i < TW_SYNTH_SECTIONS; i++) {
            TW_TRY(tw_buf_check(y->cx, &y->section[i], "a section"));
            entries[i] = tw_buf_view(&y->section[i]);
        }
        return tw_synth_put_ccda(d, d->m->mrn, entries, false);
    }
    tw_str path = tw_strf(tw_desk_arena(d), TW_FMT "/feed-%05u.hl7", TW_ARG(d->h->folder), d->p->index + 1);
    y->report.files++;
    y->report.bytes += y->bundle.n;
    return y->sink.file(y->sink.self, y->cx, path.p, tw_buf_view(&y->bundle));
}

tw_status tw_desk_close(tw_desk *d)
{
    tw_synth *y = d->y;
    if (d->h->format == TW_SYNTH_FHIR) {
        tw_jw_array_end(&d->out);
        tw_jw_object_end(&d->out);
        tw_buf_u8(&y->bundle, '\n');
    }
    for (size_t i = d->lines; i-- > 0;) /* newest first: out of order */
        tw_buf_str(&d->h->late, d->history[i]);
    TW_TRY(tw_buf_check(y->cx, &y->bundle, "a person's records"));
    TW_TRY(tw_buf_check(y->cx, &d->h->late, "late results of a hospital"));
    if (d->h->format != TW_SYNTH_FHIR)
        return close_other(d);
    y->report.files++;
    y->report.bytes += y->bundle.n;
    return y->sink.file(y->sink.self, y->cx, file_name(d).p, tw_buf_view(&y->bundle));
}

/* ---------------------------------------------------------------- a resource */

tw_str tw_desk_new_id(tw_desk *d)
{
    tw_arena *a = tw_desk_arena(d);
    uint32_t n = ++d->next_id;
    switch (d->h->style) {
    case TW_STYLE_TRANSACTION: {
        tw_chance c = tw_chance_of(d->y->opts.seed ^ n, d->p->index, d->h->index, TW_FOR_IDS);
        uint64_t high = tw_chance_next(&c);
        uint64_t low = tw_chance_next(&c);
        return tw_strf(a, "%08x-%04x-4%03x-b%03x-%012llx", (unsigned)(high >> 32), (unsigned)(high >> 16 & 0xffff),
                       (unsigned)(high & 0xfff), (unsigned)(low >> 52), (unsigned long long)(low & 0xffffffffffff));
    }
    case TW_STYLE_COLLECTION:
        return tw_strf(a, TW_FMT "-%u", TW_ARG(d->m->mrn), n);
    case TW_STYLE_SEARCHSET:
        return tw_strf(a, "%u-%06u", d->p->index + 1, n);
    }
    tw_assert_failed("a style", __FILE__, __LINE__);
}

static void meta(tw_desk *d, uint32_t version, int64_t day)
{
    tw_arena *a = tw_desk_arena(d);
    if (d->h->style == TW_STYLE_SEARCHSET)
        return;
    tw_jw_key(&d->w, "meta");
    tw_jw_object(&d->w);
    if (d->h->style == TW_STYLE_TRANSACTION) {
        tw_jw_kv(&d->w, "versionId", tw_strf(a, "%u", version));
    } else {
        tw_jw_kv(&d->w, "lastUpdated", tw_synth_time(a, day + 7 * (int64_t)(version - 1), 18 * 60, true, false));
        tw_jw_kv(&d->w, "source", tw_strf(a, "https://" TW_FMT "/feed/" TW_FMT, TW_ARG(d->h->host), TW_ARG(d->m->mrn)));
    }
    tw_jw_object_end(&d->w);
}

tw_jw *tw_desk_begin(tw_desk *d, const char *type, tw_str id, uint32_t version, int64_t day)
{
    d->id = id.n ? id : tw_desk_new_id(d);
    d->type = type;
    tw_buf_clear(&d->y->resource);
    tw_jw_init(&d->w, &d->y->resource, 0);
    tw_jw_object(&d->w);
    tw_jw_kv(&d->w, "resourceType", tw_str_of(type));
    tw_jw_kv(&d->w, "id", d->id);
    meta(d, version, day);
    return &d->w;
}

static tw_str full_url(tw_desk *d)
{
    tw_arena *a = tw_desk_arena(d);
    if (d->h->style == TW_STYLE_TRANSACTION)
        return tw_strf(a, "urn:uuid:" TW_FMT, TW_ARG(d->id));
    return tw_strf(a, "https://" TW_FMT "/r4/%s/" TW_FMT, TW_ARG(d->h->host), d->type, TW_ARG(d->id));
}

static void entry(tw_desk *d)
{
    tw_jw *w = &d->out;
    tw_jw_object(w);
    tw_jw_kv(w, "fullUrl", full_url(d));
    tw_jw_key(w, "resource");
    tw_jw_raw(w, tw_str_of_bytes(tw_buf_view(&d->y->resource)));
    if (d->h->style == TW_STYLE_TRANSACTION) {
        tw_jw_key(w, "request");
        tw_jw_object(w);
        tw_jw_kv(w, "method", TW_STR("POST"));
        tw_jw_kv(w, "url", tw_str_of(d->type));
        tw_jw_object_end(w);
    }
    if (d->h->style == TW_STYLE_SEARCHSET) {
        tw_jw_key(w, "search");
        tw_jw_object(w);
        tw_jw_kv(w, "mode", TW_STR("match"));
        tw_jw_object_end(w);
    }
    tw_jw_object_end(w);
}

void tw_desk_late(tw_desk *d, tw_str bytes)
{
    TW_ASSERT(d->lines < d->lines_max); /* at most one a visit, and a few others */
    d->history[d->lines++] = bytes;
}

static void late_line(tw_desk *d, tw_str line)
{
    tw_desk_late(d, tw_strf(tw_desk_arena(d), TW_FMT "\n", TW_ARG(line)));
}

/* The record in the hospital's own format. */
static void tell_otherwise(tw_desk *d, unsigned flags)
{
    tw_synth_record r = tw_synth_record_of(d);
    if (r.number.n) /* formats that say whom they mean in each record: a number of nobody makes a stranger */
        flags &= ~(unsigned)TW_IS_DEAD;
    if (d->h->format == TW_SYNTH_CCDA)
        tw_synth_say_ccda(d, &r, flags);
    else if (d->h->format == TW_SYNTH_CSV || !tw_synth_say_hl7(d, &r, flags))
        tw_synth_say_row(d, &r, flags);
}

void tw_desk_end(tw_desk *d, unsigned flags)
{
    tw_synth_report *r = &d->y->report;
    uint64_t n = 0;
    tw_jw_object_end(&d->w);
    if (d->y->resource.failed)
        d->y->bundle.failed = true; /* told by tw_desk_close */
    if (d->h->format != TW_SYNTH_FHIR && !d->y->resource.failed) {
        tell_otherwise(d, flags);
        return;
    }
    if (flags & (TW_TO_BUNDLE | TW_TO_BUNDLE_TWICE)) {
        entry(d);
        n++;
    }
    if (flags & TW_TO_BUNDLE_TWICE) {
        entry(d);
        n++;
    }
    if (flags & TW_TO_LATE) {
        tw_str line = tw_str_of_bytes(tw_buf_view(&d->y->resource));
        if (flags & TW_IN_A_BUNDLE)
            line =
                tw_strf(tw_desk_arena(d),
                        "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"resource\":" TW_FMT "}]}",
                        TW_ARG(line));
        late_line(d, line);
        n++;
    }
    r->resources += n;
    r->refused += flags & TW_IS_REFUSED ? n : 0;
    r->dead += flags & TW_IS_DEAD ? n : 0;
    r->strangers += flags & TW_IS_STRANGER ? n : 0;
}

void tw_desk_broken_line(tw_desk *d, tw_str line)
{
    static const tw_bytes nothing[TW_SYNTH_SECTIONS] = { { NULL, 0 } };
    if (d->h->format == TW_SYNTH_HL7V2) {
        tw_synth_torn_hl7(d);
        return;
    }
    if (d->h->format == TW_SYNTH_CCDA) {
        d->failed = tw_synth_put_ccda(d, d->m->mrn, nothing, true);
        d->y->report.dead_units++;
        return;
    }
    if (d->h->format == TW_SYNTH_CSV)
        return;
    late_line(d, line);
    d->y->report.resources++;
    d->y->report.dead++;
}

/* ---------------------------------------------------------------- elements */

void tw_desk_coding(tw_jw *w, const char *system, const char *code, const char *display)
{
    tw_jw_object(w);
    tw_jw_kv(w, "system", tw_str_of(system));
    tw_jw_kv(w, "code", tw_str_of(code));
    if (display)
        tw_jw_kv(w, "display", tw_str_of(display));
    tw_jw_object_end(w);
}

static void concept_object(tw_jw *w, const char *system, const char *code, const char *display, tw_str text)
{
    tw_jw_object(w);
    tw_jw_key(w, "coding");
    tw_jw_array(w);
    tw_desk_coding(w, system, code, display);
    tw_jw_array_end(w);
    if (text.n)
        tw_jw_kv(w, "text", text);
    tw_jw_object_end(w);
}

void tw_desk_concept(tw_jw *w, const char *key, const char *system, const char *code, const char *display, tw_str text)
{
    tw_jw_key(w, key);
    concept_object(w, system, code, display, text);
}

void tw_desk_category(tw_jw *w, const char *system, const char *code)
{
    tw_jw_key(w, "category");
    tw_jw_array(w);
    concept_object(w, system, code, NULL, (tw_str){ "", 0 });
    tw_jw_array_end(w);
}

void tw_desk_ref(tw_desk *d, const char *key, const char *type, tw_str id, bool late)
{
    tw_arena *a = tw_desk_arena(d);
    tw_jw_key(&d->w, key);
    tw_jw_object(&d->w);
    if (d->h->style == TW_STYLE_TRANSACTION && !late)
        tw_jw_kv(&d->w, "reference", tw_strf(a, "urn:uuid:" TW_FMT, TW_ARG(id)));
    else
        tw_jw_kv(&d->w, "reference", tw_strf(a, "%s/" TW_FMT, type, TW_ARG(id)));
    tw_jw_object_end(&d->w);
}

void tw_desk_subject(tw_desk *d, const char *key, bool late)
{
    tw_arena *a = tw_desk_arena(d);
    if (d->h->style != TW_STYLE_SEARCHSET) {
        tw_desk_ref(d, key, "Patient", d->m->patient_id, late);
        return;
    }
    tw_jw_key(&d->w, key);
    tw_jw_object(&d->w);
    if (late || d->next_id % 3 == 0)
        tw_jw_kv(&d->w, "reference",
                 tw_strf(a, "Patient?identifier=" TW_FMT "%s" TW_FMT, TW_ARG(d->h->mrn_system), late ? "%7C" : "|",
                         TW_ARG(d->m->mrn)));
    else if (d->next_id % 3 == 1)
        tw_jw_kv(&d->w, "reference",
                 tw_strf(a, "https://" TW_FMT "/r4/Patient/" TW_FMT, TW_ARG(d->h->host), TW_ARG(d->m->patient_id)));
    else
        tw_jw_kv(&d->w, "reference", tw_strf(a, "Patient/" TW_FMT, TW_ARG(d->m->patient_id)));
    tw_jw_kv(&d->w, "display", tw_strf(a, TW_FMT ", " TW_FMT, TW_ARG(d->m->family), TW_ARG(d->m->given)));
    tw_jw_object_end(&d->w);
}

void tw_desk_time(tw_desk *d, const char *key, int64_t day, int minute)
{
    tw_jw_kv(&d->w, key, tw_synth_time(tw_desk_arena(d), day, minute, tw_desk_utc(d), false));
}

void tw_desk_period(tw_desk *d, const char *key, int64_t day, int minute, int minutes)
{
    tw_jw_key(&d->w, key);
    tw_jw_object(&d->w);
    tw_desk_time(d, "start", day, minute);
    tw_desk_time(d, "end", day, minute + minutes);
    tw_jw_object_end(&d->w);
}

void tw_desk_quantity(tw_jw *w, tw_str value, const char *unit, const char *ucum)
{
    tw_jw_object(w);
    tw_jw_key(w, "value");
    tw_jw_raw(w, value);
    tw_jw_kv(w, "unit", tw_str_of(unit));
    tw_jw_kv(w, "system", TW_STR(TW_UCUM));
    tw_jw_kv(w, "code", tw_str_of(ucum));
    tw_jw_object_end(w);
}

void tw_desk_provider(tw_desk *d, const char *key, tw_chance *c)
{
    const tw_synth_provider *v = &d->h->provider[tw_chance_below(c, TW_SYNTH_PROVIDERS)];
    tw_jw_key(&d->w, key);
    tw_jw_object(&d->w);
    tw_jw_kv(
        &d->w, "reference",
        tw_strf(tw_desk_arena(d), "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|" TW_FMT, TW_ARG(v->npi)));
    tw_jw_kv(&d->w, "display", v->name);
    tw_jw_object_end(&d->w);
}
