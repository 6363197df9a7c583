#include "test.h"

#include <math.h>

#include "crypto/crypto.h"
#include "simdisk.h"
#include "sources/sources.h"

/* ---- a sink that keeps files in memory */

typedef struct {
    tw_str path, data;
} file;
#define FILES_MAX 4096
static file files[FILES_MAX];
static size_t file_count;

static tw_status keep_file(TW_UNUSED void *self, TW_UNUSED tw_ctx *c, const char *path, tw_bytes data)
{
    assert_true(file_count < FILES_MAX);
    files[file_count].path = tw_str_dup(cx->arena, tw_str_of(path));
    files[file_count++].data = tw_str_dup(cx->arena, tw_str_of_bytes(data));
    return TW_OK;
}

static const tw_synth_sink sink = { keep_file, NULL };

static tw_str file_named(const char *path)
{
    for (size_t i = 0; i < file_count; i++)
        if (tw_str_is(files[i].path, path))
            return files[i].data;
    fail_msg("no file %s", path);
    return (tw_str){ NULL, 0 };
}

/* ---- men with a saw-tooth, and people without a series */

#define VISITS 40
static tw_synth_visit saw[3][VISITS];

static tw_status series_of(TW_UNUSED void *self, TW_UNUSED tw_ctx *c, tw_synth_series *out, uint32_t patient)
{
    *out = (tw_synth_series){ .n = 0 };
    if (patient % 4 == 3)
        return TW_OK;
    tw_synth_visit *v = saw[patient % 4];
    for (int i = 0; i < VISITS; i++) {
        bool on = i / 10 % 2 == 0;
        double level = on ? 20.0 / (1 + i % 10) : 0.25 + 1.125 * (i % 10);
        v[i] = (tw_synth_visit){ .day = 30 * i + (int)patient % 4,
                                 .psa_ug_l = i % 9 == 4 ? (double)NAN : level,
                                 .testosterone_nmol_l = i % 2 ? (double)NAN
                                                        : on  ? 0.5
                                                              : 12,
                                 .on_treatment = on,
                                 .leuprolide_mg = on ? 7.5 : 0,
                                 .cyproterone_mg = on && patient % 2 ? 100 : (double)NAN };
    }
    *out = (tw_synth_series){ v, VISITS };
    return TW_OK;
}

static tw_synth_report made;

static void make(uint32_t patients, uint64_t seed)
{
    file_count = 0;
    const tw_synth_opts opts = { .seed = seed, .patients = patients, .series = series_of };
    assert_ok(tw_synth_make(cx, &made, &opts, &sink));
    assert_int_equal(file_count, made.files);
}

/* ---- tables */

static bool next_row(tw_str field[4], tw_str *rest)
{
    tw_str line;
    if (!tw_ndjson_next(&line, rest) || line.n == 0)
        return false;
    for (size_t i = 0; i < 4; i++)
        if (!tw_str_split(&field[i], &line, '\t'))
            return false;
    return true;
}

/* Person (from 1) who has a number in a hospital; 0: nobody. */
static tw_map *numbers;
static uint32_t persons[100000];

static tw_bytes number_key(tw_str hospital, tw_str number)
{
    return tw_bytes_of(tw_strf(cx->arena, TW_FMT "|" TW_FMT, TW_ARG(hospital), TW_ARG(number)));
}

static void load_people(void)
{
    tw_str rest = file_named("people.tsv");
    tw_str f[4];
    uint64_t n = 0;
    numbers = tw_map_new(1 << 20);
    assert_true(next_row(f, &rest));
    assert_str("number", f[3]);
    for (; next_row(f, &rest); n++) {
        uint64_t person;
        assert_true(tw_parse_u64(&person, f[0]) && person < TW_COUNT(persons));
        persons[person] = (uint32_t)person;
        assert_null(tw_map_get(numbers, number_key(f[2], f[3])));
        assert_true(tw_map_put(numbers, number_key(f[2], f[3]), &persons[person]));
    }
    assert_int_equal(made.memberships, n);
}

static uint32_t person_of(tw_str hospital, tw_str number)
{
    const uint32_t *p = tw_map_get(numbers, number_key(hospital, number));
    return p ? *p : 0;
}

/* ---- reading back */

typedef struct {
    tw_str date; /* of the visit, result or start */
    tw_str end;
    tw_str value;
    tw_str id; /* hospital and record */
    bool corrected;
    bool entered;
} fact;
typedef struct {
    fact visit[512], psa[512], run[64];
    size_t visits, psas, runs;
} history;
static history told[64]; /* by person */

typedef struct {
    tw_str hospital;
    uint64_t records, strangers, dead;
    tw_buf dead_text;
} reading;

static bool has_code(const tw_json *d, uint32_t concept, const char *code)
{
    uint32_t codings = tw_json_get(d, concept, "coding");
    for (uint32_t c = tw_json_first(d, codings); c != TW_JSON_NONE; c = tw_json_next(d, codings, c))
        if (tw_json_is(d, tw_json_get(d, c, "code"), code))
            return true;
    return false;
}

static tw_str day_text(const tw_json *d, uint32_t at)
{
    tw_str s = tw_str_dup(cx->arena, tw_json_text(cx, d, at));
    return (tw_str){ s.p, TW_MIN(s.n, 10) };
}

static void note_result(history *h, const tw_json *d, uint32_t r, tw_str id)
{
    fact f = { .date = day_text(d, tw_json_get(d, r, "effectiveDateTime")), .id = id };
    f.value = tw_str_dup(cx->arena, tw_json_raw(d, tw_json_path(d, r, "valueQuantity.value")));
    f.corrected = tw_json_is(d, tw_json_get(d, r, "status"), "corrected");
    if (f.value.n == 0 || f.date.n == 0)
        return;
    for (size_t i = 0; i < h->psas; i++)
        if (tw_str_eq(h->psa[i].id, id)) {
            if (f.corrected)
                h->psa[i] = f;
            return;
        }
    assert_true(h->psas < TW_COUNT(h->psa));
    h->psa[h->psas++] = f;
}

static void note_record(history *h, const tw_phi_parts *p, tw_str id)
{
    const tw_json *d = p->doc;
    uint32_t r = p->resource;
    uint32_t drug = tw_json_get(d, r, "medicationCodeableConcept");
    if (tw_str_is(p->type, "Observation") && has_code(d, tw_json_get(d, r, "code"), "2857-1"))
        note_result(h, d, r, id);
    if (tw_str_is(p->type, "Encounter") && has_code(d, tw_json_path(d, r, "reasonCode.0"), "399068003")) {
        assert_true(h->visits < TW_COUNT(h->visit));
        h->visit[h->visits++].date = day_text(d, tw_json_path(d, r, "period.start"));
    }
    if (tw_str_is(p->type, "MedicationStatement") && has_code(d, drug, "L02AE02")) {
        assert_true(h->runs < TW_COUNT(h->run));
        h->run[h->runs].date = day_text(d, tw_json_path(d, r, "effectivePeriod.start"));
        h->run[h->runs++].end = day_text(d, tw_json_path(d, r, "effectivePeriod.end"));
    }
}

static tw_status on_record(void *self, TW_UNUSED tw_ctx *c, const tw_phi *phi)
{
    reading *r = self;
    const tw_phi_parts *p = tw_phi_view(phi);
    uint32_t person = person_of(r->hospital, p->patient);
    r->records++;
    r->strangers += person == 0;
    if (person > 0 && person < TW_COUNT(told))
        note_record(&told[person], p,
                    tw_strf(cx->arena, TW_FMT "|" TW_FMT, TW_ARG(r->hospital), TW_ARG(p->business_id)));
    return TW_OK;
}

static tw_status on_dead(void *self, TW_UNUSED tw_ctx *c, const tw_dead_letter *l)
{
    reading *r = self;
    r->dead++;
    tw_buf_fmt(&r->dead_text, TW_FMT ":%u: " TW_FMT ": %s: %s " TW_FMT "\n", TW_ARG(l->label), l->line, TW_ARG(l->path),
               l->type, tw_dead_text(l->reason), TW_ARG(l->detail));
    return TW_OK;
}

static void read_hospital(reading *r, tw_sources_count *sum)
{
    tw_sources *s;
    const tw_sources_sink to = { on_record, on_dead, r };
    assert_ok(tw_sources_new(cx, &s, NULL, &to));
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < file_count; i++) {
            tw_sources_form form;
            if (!tw_str_starts(files[i].path, tw_cstr(cx->arena, r->hospital)) ||
                !tw_sources_form_of(&form, files[i].path))
                continue;
            if (pass == 0)
                assert_ok(tw_sources_learn(cx, s, files[i].data, form));
            else
                assert_ok(tw_sources_read(cx, s, tw_strf(cx->arena, "file %zu", i), files[i].data, form));
        }
    const tw_sources_count *t = &tw_sources_tally_view(s)->all;
    assert_int_equal(t->read, t->accepted + t->refused + t->dead);
    sum->read += t->read;
    sum->accepted += t->accepted;
    sum->refused += t->refused;
    sum->dead += t->dead;
    tw_sources_free(s);
}

/* Everything made, through the reader; `r` keeps what the dead letters said. */
static void read_all(reading *r, tw_sources_count *sum, uint32_t hospitals)
{
    memset(told, 0, sizeof told);
    *r = (reading){ .records = 0 };
    *sum = (tw_sources_count){ .read = 0 };
    tw_buf_init(&r->dead_text, 16 * TW_MIB);
    load_people();
    for (uint32_t h = 1; h <= hospitals; h++) {
        r->hospital = tw_strf(cx->arena, "hospital-%u", h);
        read_hospital(r, sum);
    }
    tw_map_free(numbers);
}

/* ---- the series that comes out is the series that went in */

static double value_of(const history *h, tw_str date, size_t *used)
{
    double v = (double)NAN;
    for (size_t i = 0; i < h->psas; i++)
        if (tw_str_eq(h->psa[i].date, date)) {
            assert_true(isnan(v)); /* one result a day */
            assert_true(tw_parse_f64(&v, h->psa[i].value));
            (*used)++;
        }
    return v;
}

static bool on_at(const history *h, tw_str date)
{
    for (size_t i = 0; i < h->runs; i++)
        if (tw_str_cmp(h->run[i].date, date) <= 0 && tw_str_cmp(date, h->run[i].end) <= 0)
            return true;
    return false;
}

static int by_date(const void *a, const void *b)
{
    return tw_str_cmp(((const fact *)a)->date, ((const fact *)b)->date);
}

static void assert_same_series(history *h, const tw_synth_series *s)
{
    size_t used = 0;
    uint64_t first;
    assert_int_equal(s->n, h->visits);
    qsort(h->visit, h->visits, sizeof h->visit[0], by_date);
    assert_true(tw_time_parse(&first, h->visit[0].date));
    for (size_t i = 0; i < s->n; i++) {
        uint64_t at;
        assert_true(tw_time_parse(&at, h->visit[i].date));
        assert_int_equal(s->visit[i].day - s->visit[0].day, (at - first) / 86400);
        double v = value_of(h, h->visit[i].date, &used);
        assert_int_equal(isnan(s->visit[i].psa_ug_l) != 0, isnan(v) != 0);
        if (!isnan(v))
            assert_true(fabs(v - s->visit[i].psa_ug_l) <= 0.00050001); /* three decimals */
        assert_int_equal(s->visit[i].on_treatment, on_at(h, h->visit[i].date));
    }
    assert_int_equal(h->psas, used);
}

TEST(group__is_read_back_to_the_last_resource_and_value)
{
    reading r;
    tw_sources_count sum;
    make(48, 7);
    read_all(&r, &sum, 3);
    assert_int_equal(made.resources, sum.read);
    assert_int_equal(made.refused, sum.refused);
    assert_int_equal(made.dead, sum.dead);
    assert_int_equal(made.strangers, r.strangers);
    assert_true(made.dead > 0 && made.strangers > 0);
    for (uint32_t p = 0; p < 48; p++) {
        tw_synth_series s;
        assert_ok(series_of(NULL, cx, &s, p));
        if (s.n > 0)
            assert_same_series(&told[p + 1], &s);
    }
    tw_buf_done(&r.dead_text);
}

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* As a leak scan looks: long values anywhere, short ones between word boundaries. */
static bool occurs(tw_str text, tw_str value)
{
    for (size_t at = 0; at < text.n;) {
        size_t hit = tw_str_find((tw_str){ text.p + at, text.n - at }, value);
        if (hit == SIZE_MAX)
            return false;
        at += hit;
        bool whole = (at == 0 || !is_word_byte(text.p[at - 1])) &&
                     (at + value.n == text.n || !is_word_byte(text.p[at + value.n]));
        if (value.n >= 8 || whole)
            return true;
        at++;
    }
    return false;
}

/* ---- other formats tell the same */

static void read_other(reading *r, const char *formats)
{
    tw_simdisk *disk = tw_simdisk_new();
    tw_synth_opts opts = { .seed = 7, .patients = 30, .series = series_of };
    file_count = 0;
    assert_ok(tw_synth_formats_parse(cx, opts.format, &opts.formats, tw_str_of(formats)));
    assert_ok(tw_synth_make(cx, &made, &opts, &sink));
    memset(told, 0, sizeof told);
    *r = (reading){ .records = 0 };
    tw_buf_init(&r->dead_text, 16 * TW_MIB);
    load_people();
    tw_test_env()->disk = tw_simdisk_vtable(disk);
    for (size_t i = 0; i < file_count; i++)
        tw_simdisk_put(disk, files[i].path.p, (tw_bytes){ (const uint8_t *)files[i].data.p, files[i].data.n });
    for (uint32_t h = 1; h <= 3; h++) {
        tw_sources *s;
        const tw_sources_sink to = { on_record, on_dead, r };
        r->hospital = tw_strf(cx->arena, "hospital-%u", h);
        tw_bytes map = tw_simdisk_get(disk, tw_strf(cx->arena, TW_FMT ".mapping.json", TW_ARG(r->hospital)).p);
        tw_mapping *mapping = NULL;
        if (map.n)
            assert_ok(tw_mapping_read(cx, &mapping, tw_str_of_bytes(map)));
        const tw_sources_opts so = { .zone = TW_STR(TW_SYNTH_ZONE), .mapping = mapping };
        assert_ok(tw_sources_new(cx, &s, &so, &to));
        assert_ok(tw_sources_folder(cx, s, r->hospital.p));
        const tw_sources_count *t = &tw_sources_tally_view(s)->all;
        assert_int_equal(t->read, t->accepted + t->refused + t->dead);
        if (t->accepted < 100)
            fail_msg("%s: %.2000s", r->hospital.p, r->dead_text.p ? (const char *)r->dead_text.p : "");
        tw_sources_free(s);
        tw_mapping_free(mapping);
    }
    tw_map_free(numbers);
    tw_simdisk_free(disk);
}

static void assert_all_series(uint32_t people)
{
    for (uint32_t p = 0; p < people; p++) {
        tw_synth_series s;
        assert_ok(series_of(NULL, cx, &s, p));
        if (s.n > 0)
            assert_same_series(&told[p + 1], &s);
    }
}

TEST(other_formats__hold_the_same_series)
{
    static const char *const formats[] = { "fhir,hl7v2,ccda", "csv,fhir,hl7v2", "ccda,csv,csv", "hl7v2" };
    for (size_t i = 0; i < TW_COUNT(formats); i++) {
        reading r;
        read_other(&r, formats[i]);
        assert_all_series(30);
        assert_true(made.dead_units > 0 && r.dead >= made.dead + made.dead_units); /* a unit may hold several */
        tw_buf_done(&r.dead_text);
    }
}

TEST(other_formats__say_nothing_of_a_person_in_dead_letters)
{
    reading r;
    read_other(&r, "hl7v2,ccda,csv");
    tw_str said = tw_str_of_bytes(tw_buf_view(&r.dead_text));
    tw_str rest = file_named("planted.tsv");
    tw_str f[4];
    assert_true(said.n > 0);
    while (next_row(f, &rest))
        if (occurs(said, f[1]))
            fail_msg("in a dead letter: " TW_FMT " " TW_FMT, TW_ARG(f[0]), TW_ARG(f[1]));
    tw_buf_done(&r.dead_text);
}

TEST(formats__are_known_by_name_or_refused)
{
    tw_synth_format f[TW_SYNTH_HOSPITALS_MAX];
    size_t n;
    assert_ok(tw_synth_formats_parse(cx, f, &n, TW_STR("fhir,hl7v2,ccda,csv")));
    assert_int_equal(4, n);
    assert_int_equal(TW_SYNTH_CSV, f[3]);
    assert_status(TW_EUSAGE, tw_synth_formats_parse(cx, f, &n, TW_STR("fhir,hl7")));
    assert_status(TW_EUSAGE, tw_synth_formats_parse(cx, f, &n, TW_STR("")));
}

TEST(group__holds_every_category_of_type)
{
    static const char *const types[] = {
        "Patient",
        "Encounter",
        "Condition",
        "AllergyIntolerance",
        "Immunization",
        "MedicationStatement",
        "MedicationAdministration",
        "Procedure",
        "Observation",
        "Device",
        "ImagingStudy",
        "DocumentReference",
        "DiagnosticReport",
        "Coverage",
        "Organization",
    };
    make(60, 1);
    for (size_t t = 0; t < TW_COUNT(types); t++) {
        tw_str needle = tw_strf(cx->arena, "\"resourceType\":\"%s\"", types[t]);
        size_t hits = 0;
        for (size_t i = 0; i < file_count; i++)
            hits += tw_str_find(files[i].data, needle) != SIZE_MAX;
        if (hits == 0)
            fail_msg("no %s", types[t]);
    }
}

/* ---- planted.tsv */

/* Files, their paths, and what their attachments say. */
static tw_str haystack(void)
{
    tw_buf b;
    tw_buf_init(&b, 200 * TW_MIB);
    for (size_t i = 0; i < file_count; i++) {
        if (!tw_str_starts(files[i].path, "hospital-"))
            continue;
        tw_buf_str(&b, files[i].path);
        tw_buf_str(&b, files[i].data);
        tw_str rest = files[i].data;
        for (size_t at = tw_str_find(rest, TW_STR("\"data\":\"")); at != SIZE_MAX;
             at = tw_str_find(rest, TW_STR("\"data\":\""))) {
            rest = (tw_str){ rest.p + at + 8, rest.n - at - 8 };
            tw_bytes text;
            assert_true(tw_unbase64(cx->arena, &text, (tw_str){ rest.p, tw_str_find(rest, TW_STR("\"")) }));
            tw_buf_str(&b, tw_str_of_bytes(text));
        }
    }
    assert_false(b.failed);
    tw_str all = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return all;
}

TEST(planted__values_are_in_the_files_and_not_in_dead_letters)
{
    reading r;
    tw_sources_count sum;
    make(40, 3);
    read_all(&r, &sum, 3);
    tw_str all = haystack();
    tw_str said = tw_str_of_bytes(tw_buf_view(&r.dead_text));
    tw_str rest = file_named("planted.tsv");
    tw_str f[4];
    uint64_t n = 0;
    assert_true(next_row(f, &rest));
    for (; next_row(f, &rest); n++) {
        if (tw_str_find(all, f[1]) == SIZE_MAX)
            fail_msg("planted but absent: " TW_FMT " " TW_FMT, TW_ARG(f[0]), TW_ARG(f[1]));
        if (occurs(said, f[1]))
            fail_msg("in a dead letter: " TW_FMT " " TW_FMT, TW_ARG(f[0]), TW_ARG(f[1]));
    }
    assert_int_equal(made.planted, n);
    assert_true(said.n > 0);
    tw_buf_done(&r.dead_text);
}

/* A value of hex digits alone would be found in hashes by chance. */
TEST(planted__values_do_not_look_like_pieces_of_a_hash)
{
    make(120, 11);
    tw_str rest = file_named("planted.tsv");
    tw_str f[4];
    while (next_row(f, &rest)) {
        size_t hex = 0;
        for (size_t i = 0; i < f[1].n; i++)
            hex += strchr("0123456789abcdefABCDEF", f[1].p[i]) != NULL;
        if (hex == f[1].n && f[1].n != 5 && f[1].n != 10) /* ZIP codes, NPI */
            fail_msg(TW_FMT " " TW_FMT, TW_ARG(f[0]), TW_ARG(f[1]));
    }
}

/* ---- determinism */

static tw_str digest(void)
{
    tw_sha256 h;
    uint8_t out[TW_HASH];
    tw_sha256_init(&h);
    for (size_t i = 0; i < file_count; i++) {
        tw_sha256_add(&h, files[i].path.p, files[i].path.n + 1);
        tw_sha256_add(&h, files[i].data.p, files[i].data.n);
    }
    tw_sha256_end(&h, out);
    return tw_hex(cx->arena, TW_BYTES(out));
}

/* The constant holds for every compiler and level; a change of the generator changes it. */
TEST(same_seed__same_bytes_everywhere)
{
    make(12, 42);
    tw_str one = digest();
    make(12, 42);
    assert_str(one.p, digest());
    assert_str("216699387d8edfb6efeb17da10c8e37f5b5d8cbad8bd33b2ad68225ce2b91662", one);
    make(12, 43);
    assert_false(tw_str_eq(one, digest()));
}

TEST(first_people__do_not_depend_on_how_many_follow)
{
    make(5, 9);
    tw_str small = file_named("planted.tsv");
    make(9, 9);
    assert_true(tw_str_starts(file_named("planted.tsv"), tw_cstr(cx->arena, small)));
}

/* ---- refusals */

static tw_status no_series(TW_UNUSED void *self, tw_ctx *c, TW_UNUSED tw_synth_series *out, TW_UNUSED uint32_t patient)
{
    return tw_fail(c, TW_EFAILED, "none today");
}

static tw_status bad_series(void *self, TW_UNUSED tw_ctx *c, tw_synth_series *out, TW_UNUSED uint32_t patient)
{
    *out = *(const tw_synth_series *)self;
    return TW_OK;
}

static tw_status full_disk(TW_UNUSED void *self, tw_ctx *c, TW_UNUSED const char *path, TW_UNUSED tw_bytes data)
{
    return tw_fail(c, TW_EIO, "full");
}

TEST(options__that_make_no_sense_are_refused)
{
    tw_synth_visit v[2] = { { .day = 5 }, { .day = 4 } };
    const tw_synth_series s = { v, 2 };
    tw_synth_opts o = { .patients = 2 };
    assert_status(TW_EUSAGE, tw_synth_make(cx, NULL, &o, &sink));
    o.series = no_series;
    assert_status(TW_EFAILED, tw_synth_make(cx, NULL, &o, &sink));
    o.series = bad_series;
    o.series_self = (void *)(uintptr_t)&s;
    assert_status(TW_EUSAGE, tw_synth_make(cx, NULL, &o, &sink));
    v[1] = (tw_synth_visit){ .day = 6, .psa_ug_l = -1 };
    assert_status(TW_EUSAGE, tw_synth_make(cx, NULL, &o, &sink));
    o.series = series_of;
    o.hospitals = 10;
    assert_status(TW_EUSAGE, tw_synth_make(cx, NULL, &o, &sink));
    o.hospitals = 2;
    assert_status(TW_EIO, tw_synth_make(cx, NULL, &o, &(tw_synth_sink){ .file = full_disk }));
}

/* ---- the table of real men */

#define HEAD "patient,day,cpa_mg,leu_mg,psa_ug_l,testosterone_nmol_l,cycle,on_treatment\n"

TEST(table__is_read_strictly)
{
    tw_synth_series *men;
    size_t n;
    assert_ok(
        tw_synth_psa_csv(cx, &men, &n, TW_STR(HEAD "7,-3,200,7.5,1.25,,1,1\r\n7,40,FLU 250,,,9,1,0\n9,1,,,0,,1,1")));
    assert_int_equal(2, n);
    assert_int_equal(2, men[0].n);
    assert_int_equal(-3, men[0].visit[0].day);
    assert_true(men[0].visit[0].cyproterone_mg == 200 && men[0].visit[0].leuprolide_mg == 7.5 &&
                men[0].visit[0].psa_ug_l == 1.25);
    assert_true(men[0].visit[1].cyproterone_mg == 0 && isnan(men[0].visit[1].psa_ug_l) &&
                !men[0].visit[1].on_treatment);
    assert_true(men[1].visit[0].psa_ug_l == 0);
    static const struct {
        const char *text, *message;
    } bad[] = {
        { "", "line 1" },
        { "patient,day\n", "line 1" },
        { HEAD "7,x,,,,,1,1\n", "line 2: day" },
        { HEAD "7,1,,,1.2.3,,1,1\n", "line 2: psa_ug_l" },
        { HEAD "7,1,,,-1,,1,1\n", "line 2: psa_ug_l" },
        { HEAD "7,1,,,nan,,1,1\n", "line 2: psa_ug_l" },
        { HEAD "7,1,,,1,,1,2\n", "line 2: on_treatment" },
        { HEAD "7,1,,,1,,1\n", "line 2: 8 columns" },
        { HEAD "7,1,,,1,,1,1,\n", "line 2: 8 columns" },
        { HEAD "7,2,,,1,,1,1\n7,1,,,1,,1,1\n", "line 3: day" },
        { HEAD "7,2,,,1,,1,1\n8,1,,,1,,1,1\n7,3,,,1,,1,1\n", "line 4: patient" },
        { HEAD "7,2,x,,1,,1,1\n", "line 2: cpa_mg" },
    };
    for (size_t i = 0; i < TW_COUNT(bad); i++) {
        assert_status(TW_EPARSE, tw_synth_psa_csv(cx, &men, &n, tw_str_of(bad[i].text)));
        if (!strstr(cx->err.msg, bad[i].message))
            fail_msg("case %zu: %s", i, cx->err.msg);
    }
}

TEST(real_men__come_back_from_three_hospitals_whole)
{
    SKIP_WITHOUT_DATA();
    reading r;
    tw_sources_count sum;
    tw_synth_series *men;
    size_t n;
    tw_str csv = tw_test_read("twin/psa_ias_bruchovsky.csv");
    file_count = 0;
    assert_ok(tw_synth_wrap_psa(cx, &made, &(tw_synth_opts){ .seed = 1 }, csv, &sink));
    assert_ok(tw_synth_psa_csv(cx, &men, &n, csv));
    read_all(&r, &sum, 3);
    assert_int_equal(made.resources, sum.read);
    assert_int_equal(made.dead, sum.dead);
    size_t visits = 0;
    for (size_t i = 0; i < n; i++) {
        assert_same_series(&told[i + 1], &men[i]);
        visits += men[i].n;
    }
    print_message("%zu men, %zu visits, %llu resources in %llu files\n", n, visits, (unsigned long long)made.resources,
                  (unsigned long long)made.files);
    tw_buf_done(&r.dead_text);
}
