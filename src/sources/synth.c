/* The generator, from above: hospitals, then people one by one, then what the hospitals send late, then the lists. */
#include "sources/synth_other.h"

#define PATIENTS 120
#define HOSPITALS 3
#define LISTS_MAX ((size_t)1 << 30)
#define PLANTED_MAX ((size_t)16 << 20)
#define PERSON_MAX (512 * TW_MIB)

static tw_status start(tw_ctx *cx, tw_synth *y, const tw_synth_opts *opts, const tw_synth_sink *sink)
{
    *y = (tw_synth){ .cx = cx, .opts = *opts, .sink = *sink };
    tw_synth_opts *o = &y->opts;
    o->patients = o->patients ? o->patients : PATIENTS;
    o->hospitals = o->hospitals ? o->hospitals : HOSPITALS;
    o->today = o->today ? o->today : tw_days_from_civil(2025, 12, 1);
    if (!o->series)
        return tw_fail(cx, TW_EUSAGE, "a generator needs the series of its people");
    if (o->patients > TW_SYNTH_PATIENTS_MAX || o->hospitals > TW_SYNTH_HOSPITALS_MAX)
        return tw_fail(cx, TW_EUSAGE, "at most %d patients and %d hospitals", TW_SYNTH_PATIENTS_MAX,
                       TW_SYNTH_HOSPITALS_MAX);
    tw_ctx_init(&y->in, PERSON_MAX, NULL);
    y->keep = tw_arena_new(64 * TW_MIB);
    y->planted_seen = tw_map_new(PLANTED_MAX);
    tw_buf_init(&y->planted, LISTS_MAX);
    tw_buf_init(&y->people, LISTS_MAX);
    tw_buf_init(&y->bundle, LISTS_MAX);
    tw_buf_init(&y->resource, 16 * TW_MIB);
    for (size_t i = 0; i < TW_SYNTH_SECTIONS; i++)
        tw_buf_init(&y->section[i], LISTS_MAX);
    tw_buf_cstr(&y->planted, "kind\tvalue\tperson\tplace\n");
    tw_buf_cstr(&y->people, "person\twallet\thospital\tnumber\tname\n");
    return TW_OK;
}

static void stop(tw_synth *y)
{
    for (uint32_t i = 0; i < y->opts.hospitals; i++) {
        tw_map_free(y->hospital[i].numbers);
        tw_buf_done(&y->hospital[i].late);
        for (size_t k = 0; k < TW_SYNTH_TABLES; k++)
            tw_buf_done(&y->hospital[i].table[k]);
    }
    for (size_t i = 0; i < TW_SYNTH_SECTIONS; i++)
        tw_buf_done(&y->section[i]);
    tw_buf_done(&y->planted);
    tw_buf_done(&y->people);
    tw_buf_done(&y->bundle);
    tw_buf_done(&y->resource);
    tw_map_free(y->planted_seen);
    tw_arena_free(y->keep);
    tw_ctx_done(&y->in);
}

static tw_status put(tw_synth *y, const char *path, const tw_buf *b)
{
    TW_TRY(tw_buf_check(y->cx, b, path));
    y->report.files++;
    y->report.bytes += b->n;
    return y->sink.file(y->sink.self, y->cx, path, tw_buf_view(b));
}

static tw_status at_a_hospital(tw_synth *y, const tw_synth_person *p, const tw_synth_member *m)
{
    tw_desk d = { .y = y, .p = p, .m = m, .h = m->h };
    TW_TRY(tw_desk_open(&d));
    tw_synth_write_patient(&d);
    tw_synth_write_care(&d);
    tw_synth_write_series(&d);
    tw_synth_write_mess(&d);
    return tw_desk_close(&d);
}

static tw_status check_series(tw_ctx *cx, const tw_synth_series *s, uint32_t patient)
{
    for (size_t i = 0; i < s->n; i++) {
        const tw_synth_visit *v = &s->visit[i];
        const double values[] = { v->psa_ug_l, v->testosterone_nmol_l, v->leuprolide_mg, v->cyproterone_mg };
        if (i > 0 && v->day < v[-1].day)
            return tw_fail(cx, TW_EUSAGE, "series %u: days do not ascend at visit %zu", patient + 1, i + 1);
        for (size_t k = 0; k < TW_COUNT(values); k++)
            if (values[k] < 0 || values[k] > 1e6)
                return tw_fail(cx, TW_EUSAGE, "series %u: a value is out of range at visit %zu", patient + 1, i + 1);
    }
    if (s->n > 0 && (int64_t)s->visit[s->n - 1].day - s->visit[0].day > 36525)
        return tw_fail(cx, TW_EUSAGE, "series %u: longer than a hundred years", patient + 1);
    return TW_OK;
}

static tw_status person(tw_synth *y, uint32_t index)
{
    tw_mark mark = tw_arena_mark(y->in.arena);
    tw_synth_series series = { .n = 0 };
    tw_synth_person p;
    TW_TRY(y->opts.series(y->opts.series_self, y->cx, &series, index));
    TW_TRY(check_series(y->cx, &series, index));
    tw_synth_person_make(y, &p, index, series);
    for (uint32_t i = 0; i < p.members; i++)
        TW_TRY(at_a_hospital(y, &p, &p.member[i]));
    tw_arena_back(y->in.arena, mark);
    return TW_OK;
}

static tw_status write_all(tw_synth *y)
{
    for (uint32_t i = 0; i < y->opts.hospitals; i++) {
        tw_synth_hospital_make(y, i);
        if (y->hospital[i].format == TW_SYNTH_FHIR)
            TW_TRY(tw_synth_write_directory(y, &y->hospital[i]));
    }
    for (uint32_t i = 0; i < y->opts.patients; i++)
        TW_TRY(person(y, i));
    for (uint32_t i = 0; i < y->opts.hospitals; i++) {
        tw_synth_hospital *h = &y->hospital[i];
        const char *end = h->format == TW_SYNTH_HL7V2 ? "hl7" : "ndjson";
        if (h->format == TW_SYNTH_FHIR || h->format == TW_SYNTH_HL7V2)
            TW_TRY(put(y, tw_strf(y->in.arena, TW_FMT "/late-results.%s", TW_ARG(h->folder), end).p, &h->late));
        if (h->format == TW_SYNTH_HL7V2 || h->format == TW_SYNTH_CSV)
            TW_TRY(tw_synth_put_tables(y, h));
    }
    TW_TRY(put(y, "people.tsv", &y->people));
    return put(y, "planted.tsv", &y->planted);
}

tw_status tw_synth_formats_parse(tw_ctx *cx, tw_synth_format out[TW_SYNTH_HOSPITALS_MAX], size_t *count, tw_str list)
{
    static const char *const names[] = { "fhir", "hl7v2", "ccda", "csv" }; /* in the order of tw_synth_format */
    tw_str word;
    *count = 0;
    while (tw_str_split(&word, &list, ',')) {
        size_t i = 0;
        while (i < TW_COUNT(names) && !tw_str_is(word, names[i]))
            i++;
        if (i == TW_COUNT(names) || *count == TW_SYNTH_HOSPITALS_MAX) {
            tw_fail(cx, TW_EUSAGE, "the list of formats is wrong at word %zu", *count + 1);
            return tw_hint(cx, "at most nine of fhir, hl7v2, ccda, csv, parted by commas");
        }
        out[(*count)++] = (tw_synth_format)i;
    }
    return *count ? TW_OK : tw_fail(cx, TW_EUSAGE, "the list of formats is empty");
}

tw_status tw_synth_make(tw_ctx *cx, tw_synth_report *report, const tw_synth_opts *opts, const tw_synth_sink *sink)
{
    TW_ASSERT(opts && sink && sink->file);
    tw_synth *y = tw_mem_alloc(sizeof *y);
    if (!y)
        return tw_fail(cx, TW_ELIMIT, "no memory for a generator");
    tw_status st = start(cx, y, opts, sink);
    if (st == TW_OK) {
        st = write_all(y);
        if (st == TW_OK && report)
            *report = y->report;
        stop(y);
    }
    tw_mem_free(y);
    return st;
}
