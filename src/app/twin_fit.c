/* Twins of an opened release: one posterior a person, the population they share, a card that says on what they rest,
 * and the card's hash on the ledger. */
#include "twin_app_internal.h"

#include <math.h>
#include <stdlib.h>

/* ---------------------------------------------------------------- the men of a release */

static tw_status read_manifest(tw_ctx *cx, tw_twin_study *st, const char *data)
{
    tw_bytes file;
    tw_json d;
    char *path = tw_path(cx, data, "manifest.json");
    if (!tw_path_exists(cx, path)) {
        tw_fail(cx, TW_ENOTFOUND, "this release was not opened yet");
        return tw_hint(cx, "twinward open RELEASE");
    }
    TW_TRY(tw_file_read(cx, &file, path, TW_MIB));
    if (tw_json_parse(cx, &d, tw_str_of_bytes(file), NULL) != TW_OK)
        return tw_wrap(cx, "%s", path);
    if (!tw_json_u64(&d, tw_json_get(&d, 0, "log_index"), &st->log_index))
        return tw_fail(cx, TW_EPARSE, "%s: log_index is missing", path);
    tw_sha256_of(st->manifest_hash, file);
    return TW_OK;
}

/* A series apart from who and when: days since the first visit, values, treatment. */
static void hash_of_series(uint8_t out[32], const tw_twin_person *p)
{
    tw_buf b;
    tw_buf_init(&b, 64 * TW_MIB);
    for (size_t i = 0; i < p->n_visit; i++) {
        const tw_psa_visit *v = &p->visit[i];
        tw_buf_fmt(&b, "%.0f ", v->day - p->visit[0].day);
        if (isnan(v->psa_ug_l)) /* C leaves its spelling open */
            tw_buf_cstr(&b, "nan");
        else
            tw_buf_fmt(&b, "%.9g", v->psa_ug_l);
        tw_buf_fmt(&b, " %d\n", v->on);
    }
    tw_sha256_of(out, tw_buf_view(&b));
    tw_buf_done(&b);
}

typedef struct {
    uint8_t hash[32];
    const tw_twin_person *person;
} ordered;

static int by_hash(const void *x, const void *y)
{
    const ordered *a = x;
    const ordered *b = y;
    int c = memcmp(a->hash, b->hash, 32);
    return c ? c : memcmp(a->person->id, b->person->id, 32);
}

/* Usable men, in an order that is the same in every release of the same data, whatever their ids there: so are folds.
 */
static tw_status order_men(tw_ctx *cx, tw_twin_study *st)
{
    ordered *o = tw_try_array(cx->arena, ordered, st->people.count + 1);
    size_t n = 0;
    if (!o)
        return tw_fail(cx, TW_ELIMIT, "no memory left for %zu series", st->people.count);
    for (size_t i = 0; i < st->people.count; i++) {
        const tw_twin_person *p = &st->people.person[i];
        if (!tw_twin_usable(p)) {
            st->too_short++;
            continue;
        }
        o[n].person = p;
        hash_of_series(o[n++].hash, p);
    }
    qsort(o, n, sizeof *o, by_hash);
    for (size_t i = 0; i < n; i++)
        st->man[i] = o[i].person;
    st->men = n;
    return TW_OK;
}

static tw_status make_men(tw_ctx *cx, tw_twin_study *st)
{
    size_t n = st->people.count;
    st->man = tw_try_array(cx->arena, const tw_twin_person *, n + 1);
    st->series = tw_try_array(cx->arena, tw_psa_series, n + 1);
    st->noise = tw_try_array(cx->arena, tw_noise, n + 1);
    if (!st->man || !st->series || !st->noise)
        return tw_fail(cx, TW_ELIMIT, "no memory left for %zu series", n);
    TW_TRY(order_men(cx, st));
    size_t usable = st->men;
    st->men = 0;
    for (size_t i = 0; i < usable; i++) {
        const tw_twin_person *p = st->man[i];
        if (tw_psa_series_make(cx, &st->series[st->men], p->visit, p->n_visit, TW_PSA_RESTART_FIRST_ON) != TW_OK) {
            st->too_short++; /* more cycles than the model takes */
            continue;
        }
        st->noise[st->men] = p->noise;
        st->man[st->men++] = p;
    }
    tw_err_clear(cx);
    return TW_OK;
}

/* Why nobody can be fitted, in the order of how much it explains. */
static tw_status nobody(tw_ctx *cx, const tw_twin_study *st)
{
    size_t years = 0;
    for (size_t i = 0; i < st->people.count; i++)
        years += st->people.person[i].years_only;
    if (st->people.count == 0)
        return tw_fail(cx, TW_ENOTFOUND, "no PSA result with a day is in this release");
    if (years == st->people.count)
        return tw_fail(cx, TW_EREFUSED, "this release keeps only the years of its times: no course can be told");
    return tw_fail(cx, TW_ENOTFOUND, "no series has %d PSA values and a treatment", TW_TWIN_VALUES_MIN);
}

tw_status tw_twin_study_open(tw_ctx *cx, tw_twin_study *out, const tw_site *s, const tw_twin_opts *opts)
{
    tw_party grantee;
    *out = (tw_twin_study){ .men = 0 };
    TW_TRY(tw_party_load(cx, &grantee, s, TW_ROLE_GRANTEE, opts->grantee));
    char *dir = tw_release_dir(cx, s, grantee.name, &opts->release);
    tw_wipe(&grantee, sizeof grantee);
    char *data = tw_path(cx, dir, "data");
    out->dir = tw_path(cx, dir, "twins");
    TW_TRY(read_manifest(cx, out, data));
    TW_TRY(tw_twin_people_read(cx, &out->people, data));
    TW_TRY(make_men(cx, out));
    if (out->men == 0)
        return nobody(cx, out);
    return tw_dir_make(cx, out->dir);
}

tw_status tw_twin_population(tw_ctx *cx, tw_psa_population *out, const char **how, const tw_twin_study *study,
                             const tw_psa_series *series, const tw_twin_opts *opts)
{
    tw_bytes file;
    tw_psa_population_opts o = { .prior = NULL };
    if (opts->prior) {
        *how = "given";
        TW_TRY(tw_file_read(cx, &file, opts->prior, TW_MIB));
        return tw_psa_population_read(cx, out, tw_str_of_bytes(file)) == TW_OK ? TW_OK : tw_wrap(cx, "%s", opts->prior);
    }
    if (study->men < TW_TWIN_MEN_MIN) {
        *how = "shipped with the model";
        return tw_psa_population_read(cx, out, tw_twin_shipped_population());
    }
    *how = "fitted to this release";
    return tw_psa_population_fit(cx, out, series, study->noise, study->men, &o);
}

uint64_t tw_twin_seed(const tw_twin_opts *opts, const tw_twin_person *p)
{
    uint8_t text[8 + 32];
    uint8_t hash[32];
    tw_put_be64(text, opts->seed);
    memcpy(text + 8, p->id, 32);
    tw_sha256_of(hash, TW_BYTES(text));
    return tw_be64(hash) >> 1; /* a number that JSON readers keep whole is not needed, but a positive one */
}

/* ---------------------------------------------------------------- files */

static tw_status write_twin(tw_ctx *cx, const tw_twin_study *st, size_t i, const tw_psa_population *pop,
                            const tw_twin_opts *opts)
{
    tw_buf b;
    tw_psa_twin t = { .noise = st->noise[i], .release_log_index = st->log_index };
    t.seed = tw_twin_seed(opts, st->man[i]);
    memcpy(t.data_hash, st->manifest_hash, sizeof t.data_hash);
    if (tw_psa_fit(cx, &t.posterior, &st->series[i], pop, &st->noise[i], TW_TWIN_DRAWS, t.seed) != TW_OK)
        return tw_wrap(cx, "person %zu", i + 1);
    tw_buf_init(&b, 64 * TW_MIB);
    tw_status s = tw_psa_twin_write(cx, &b, &t);
    if (s == TW_OK)
        s = tw_file_write(cx, tw_path(cx, st->dir, tw_strf(cx->arena, "%s.json", st->man[i]->id).p), tw_buf_view(&b));
    tw_buf_done(&b);
    return s;
}

static tw_status write_population(tw_ctx *cx, uint8_t hash[32], const tw_twin_study *st, const tw_psa_population *pop)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    tw_psa_population_write(&b, pop);
    tw_sha256_of(hash, tw_buf_view(&b));
    tw_status s = tw_buf_check(cx, &b, "population");
    if (s == TW_OK)
        s = tw_file_write(cx, tw_path(cx, st->dir, "population.tsv"), tw_buf_view(&b));
    tw_buf_done(&b);
    return s;
}

/* What the twins rest on; its hash goes to the ledger. */
static tw_status write_card(tw_ctx *cx, uint8_t hash[32], const tw_twin_study *st, const tw_twin_opts *opts,
                            const char *how, const uint8_t population_hash[32])
{
    tw_buf b;
    tw_jw w;
    uint8_t card[32];
    tw_sha256_of(card, tw_bytes_of(tw_twin_shipped_card()));
    tw_buf_init(&b, TW_MIB);
    tw_jw_init(&w, &b, 2);
    tw_jw_object(&w);
    tw_jw_kv_u64(&w, "v", 1);
    tw_jw_kv(&w, "model", TW_STR(TW_PSA_MODEL_ID));
    tw_jw_kv_u64(&w, "version", TW_PSA_MODEL_VERSION);
    tw_jw_kv(&w, "model_card_sha256", tw_hex(cx->arena, TW_BYTES(card)));
    tw_jw_kv(&w, "release", tw_id_hex(cx, &opts->release));
    tw_jw_kv_u64(&w, "release_log_index", st->log_index);
    tw_jw_kv(&w, "data_manifest_sha256", tw_hex(cx->arena, TW_BYTES(st->manifest_hash)));
    tw_jw_kv(&w, "population", tw_str_of(how));
    tw_jw_kv(&w, "population_sha256", tw_hex(cx->arena, (tw_bytes){ population_hash, 32 }));
    tw_jw_kv_u64(&w, "twins", st->men);
    tw_jw_kv_u64(&w, "too_short", st->too_short);
    tw_jw_kv_u64(&w, "draws", TW_TWIN_DRAWS);
    tw_jw_kv_u64(&w, "seed", opts->seed);
    tw_jw_key(&w, "noise");
    tw_noise_write(&w, &st->noise[0]);
    tw_jw_object_end(&w);
    tw_buf_cstr(&b, "\n");
    tw_status s = tw_buf_check(cx, &b, "card");
    tw_sha256_of(hash, tw_buf_view(&b));
    if (s == TW_OK)
        s = tw_file_write(cx, tw_path(cx, st->dir, "card.json"), tw_buf_view(&b));
    tw_buf_done(&b);
    return s;
}

/* One entry for the twins of a release: a random id, the hash of the card, the release. */
static tw_status publish(tw_ctx *cx, tw_site *s, const tw_twin_opts *opts, const uint8_t card_hash[32])
{
    tw_party grantee;
    tw_applied a;
    tw_twin_publish_body b = { .release = &opts->release, .count = 1 };
    memcpy(b.card_hash, card_hash, sizeof b.card_hash);
    tw_random(cx, b.twin.b, sizeof b.twin.b);
    TW_TRY(tw_party_load(cx, &grantee, s, TW_ROLE_GRANTEE, opts->grantee));
    tw_status st = tw_site_submit(cx, &a, s, &grantee, TW_ENTRY_TWIN_PUBLISH, tw_body_twin_publish(cx, &b));
    tw_wipe(&grantee, sizeof grantee);
    return st;
}

static tw_status fit(tw_ctx *cx, tw_twin_report *out, tw_site *s, const tw_twin_opts *opts)
{
    tw_twin_study st;
    tw_psa_population pop;
    const char *how;
    uint8_t population_hash[32];
    uint8_t card_hash[32];
    TW_TRY(tw_twin_study_open(cx, &st, s, opts));
    out->persons = st.men;
    out->too_short = st.too_short;
    snprintf(out->dir, sizeof out->dir, "%s", st.dir);
    TW_TRY(tw_twin_population(cx, &pop, &how, &st, st.series, opts));
    for (size_t i = 0; i < st.men; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        TW_TRY(write_twin(cx, &st, i, &pop, opts));
        tw_arena_back(cx->arena, mark);
        tw_step(&opts->progress, "twins", i + 1, st.men);
    }
    TW_TRY(write_population(cx, population_hash, &st, &pop));
    TW_TRY(write_card(cx, card_hash, &st, opts, how, population_hash));
    return publish(cx, s, opts, card_hash);
}

tw_status tw_app_twin_fit(tw_ctx *cx, tw_twin_report *out, tw_site *s, const tw_twin_opts *opts)
{
    *out = (tw_twin_report){ .persons = 0 };
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status st = fit(cx, out, s, opts);
    tw_arena_back(cx->arena, mark);
    return st;
}
