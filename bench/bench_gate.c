/* Throughput of the gate on one core. Usage: bench_gate [--show] BUNDLE.json...
 *
 * Each Bundle is taken apart into minified resources, one patient a Bundle; those that carry an attachment (a member
 * "data") are left out. Timed: reading the JSON of one resource, the gate, and the copy of the record; not the taking
 * apart. The figure is the best of the rounds, in bytes of input. Prints one JSON object; --show prints the records
 * instead, once. */
#include <time.h>

#include "deid/deid.h"

#define RESOURCES_MAX 100000
#define ROUNDS 15

typedef struct {
    tw_str text;
    uint32_t patient;
} resource;

typedef struct {
    tw_refbook *refs;
    tw_str self;
} patient;

static resource all[RESOURCES_MAX];
static patient patients[64];
static size_t resource_count, patient_count, left_out;

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static tw_str read_file(tw_arena *a, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return (tw_str){ "", 0 };
    fseek(f, 0, SEEK_END);
    size_t n = (size_t)ftell(f);
    rewind(f);
    char *p = tw_arena_get(a, n + 1);
    n = fread(p, 1, n, f);
    fclose(f);
    return (tw_str){ p, n };
}

static tw_str minified(tw_arena *a, tw_str s)
{
    char *out = tw_arena_get(a, s.n + 1);
    size_t n = 0;
    bool inside = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!inside && (c == ' ' || c == '\n' || c == '\r' || c == '\t'))
            continue;
        if (c == '"')
            inside = !inside;
        out[n++] = c;
        if (inside && c == '\\')
            out[n++] = s.p[++i];
    }
    return (tw_str){ out, n };
}

static tw_status take_bundle(tw_ctx *cx, tw_str text)
{
    tw_json d;
    TW_TRY(tw_json_parse(cx, &d, text, NULL));
    uint32_t entries = tw_json_get(&d, 0, "entry");
    patient *p = &patients[patient_count];
    p->refs = tw_refbook_new(RESOURCES_MAX);
    TW_TRY(tw_refbook_bundle(cx, p->refs, &d));
    for (uint32_t e = tw_json_first(&d, entries); e != TW_JSON_NONE; e = tw_json_next(&d, entries, e)) {
        uint32_t r = tw_json_get(&d, e, "resource");
        tw_str raw = minified(cx->arena, tw_json_raw(&d, r));
        if (tw_json_is(&d, tw_json_get(&d, r, "resourceType"), "Patient"))
            p->self = tw_json_member_text(cx, &d, r, "id");
        if (tw_str_find(raw, TW_STR("\"data\":\"")) != SIZE_MAX || resource_count == RESOURCES_MAX)
            left_out++;
        else
            all[resource_count++] = (resource){ raw, (uint32_t)patient_count };
    }
    patient_count++;
    return TW_OK;
}

static const tw_profile *profile;
static tw_account *account;

static tw_status one(tw_ctx *cx, tw_deid **out, const resource *r)
{
    static const uint8_t key[32] = { 1 };
    const patient *p = &patients[r->patient];
    tw_json d;
    TW_TRY(tw_json_parse(cx, &d, r->text, NULL));
    tw_phi_parts parts = { .doc = &d, .patient = p->self, .type = tw_json_member_text(cx, &d, 0, "resourceType") };
    tw_gate_opts opts = {
        .profile = profile, .refs = p->refs, .id_key = key, .shift_weeks = -3, .reference_day = 20089
    };
    return tw_deid_gate(cx, out, NULL, account, tw_phi_make(cx, &parts), &opts);
}

static void round_of(tw_ctx *cx, bool show, size_t *out_bytes, size_t *refused)
{
    *out_bytes = *refused = 0;
    for (size_t i = 0; i < resource_count; i++) {
        tw_mark m = tw_arena_mark(cx->arena);
        tw_deid *d = NULL;
        if (one(cx, &d, &all[i]) == TW_OK) {
            *out_bytes += tw_deid_line(d).n;
            if (show)
                printf(TW_FMT "\n", TW_ARG(tw_str_of_bytes(tw_deid_line(d))));
        } else {
            ++*refused;
            if (show)
                fprintf(stderr, "%s\n", cx->err.msg);
        }
        tw_arena_back(cx->arena, m);
    }
}

static int report(tw_ctx *cx, bool show)
{
    size_t bytes = 0, out_bytes = 0, refused = 0;
    double best = 1e9, from = seconds(), load;
    tw_profile *p = NULL;
    if (tw_profile_builtin(cx, &p, TW_STR("twin")) != TW_OK)
        return 1;
    load = seconds() - from;
    profile = p;
    account = tw_account_new(p);
    for (size_t i = 0; i < resource_count; i++)
        bytes += all[i].text.n;
    for (int r = 0; r < (show ? 1 : ROUNDS); r++) {
        from = seconds();
        round_of(cx, show, &out_bytes, &refused);
        best = TW_MIN(best, seconds() - from);
    }
    if (!show)
        printf("{\"bench\":\"gate\",\"profile\":\"twin\",\"resources\":%zu,\"refused\":%zu,\"left_out\":%zu,\"bytes_"
               "in\":%zu,\"bytes_out\":%zu,"
               "\"rounds\":%d,\"best_mb_per_s\":%.1f,\"resources_per_s\":%.0f,\"profile_load_ms\":%.1f}\n",
               resource_count, refused, left_out, bytes, out_bytes, ROUNDS, (double)bytes / best / 1e6,
               (double)resource_count / best, load * 1e3);
    return 0;
}

int main(int argc, char **argv)
{
    bool show = argc > 1 && strcmp(argv[1], "--show") == 0;
    tw_base_start();
    tw_ctx cx;
    tw_ctx_init(&cx, 1024 * TW_MIB, NULL);
    for (int i = show ? 2 : 1; i < argc && patient_count < TW_COUNT(patients); i++) {
        if (take_bundle(&cx, read_file(cx.arena, argv[i])) != TW_OK) {
            fprintf(stderr, "%s: %s\n", argv[i], cx.err.msg);
            return 1;
        }
    }
    return report(&cx, show);
}
