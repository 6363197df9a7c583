/* Throughput of the gate on one core. Usage: bench_gate [--show | --name NAME] BUNDLE.json...; prints figures NAME
 * (MB/s of input; default gate.fhir) and NAME.resources for records, NAME.documents for the same resources as lines of
 * NDJSON in and out (tw_deid_fhir without a text model), and NAME.documents_text with the English one, strict.
 *
 * Each Bundle is taken apart into minified resources, one patient a Bundle; those that carry an attachment (a member
 * "data") and those that the gate refuses are left out. Timed: reading the JSON of one resource, the gate, and the copy
 * of the record; not the taking apart. The figure is the best of the rounds, processor time; --show prints the records
 * instead, once. */
#include "deid/deid.h"
#include "input.h"

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
static patient patients[512];
static size_t resource_count, patient_count, left_out;

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
    if (!p->self.n) { /* a directory of the hospital: nothing of it is a patient's */
        while (resource_count && all[resource_count - 1].patient == patient_count)
            resource_count--;
        tw_refbook_free(p->refs);
        *p = (patient){ .refs = NULL };
        return TW_OK;
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

/* Those that the gate refuses (of no patient) cost next to nothing: they would flatter the rate. */
static void leave_out_refused(tw_ctx *cx)
{
    size_t kept = 0;
    for (size_t i = 0; i < resource_count; i++) {
        tw_mark m = tw_arena_mark(cx->arena);
        tw_deid *d = NULL;
        if (one(cx, &d, &all[i]) == TW_OK)
            all[kept++] = all[i];
        else
            left_out++;
        tw_arena_back(cx->arena, m);
    }
    resource_count = kept;
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

static double documents(tw_ctx *cx, tw_doc_work *work, tw_buf *out)
{
    double from = core_seconds();
    for (size_t i = 0; i < resource_count; i++) {
        tw_buf_clear(out);
        must(cx, tw_deid_fhir(cx, out, work, all[i].text));
    }
    return core_seconds() - from;
}

static double best_of_documents(tw_ctx *cx, const tw_text_model *text)
{
    static const uint8_t key[32] = { 1 };
    tw_doc_opts opts = { .profile = profile, .text = text, .key = key, .reference_day = 20089, .text_strict = true };
    tw_doc_work *work = NULL;
    tw_buf out;
    double best = 1e9;
    must(cx, tw_doc_work_new(cx, &work, &opts));
    tw_buf_init(&out, TW_RECORD_BYTES_MAX);
    for (int r = 0; r < ROUNDS; r++) {
        double s = documents(cx, work, &out);
        best = TW_MIN(best, s);
    }
    tw_buf_done(&out);
    tw_doc_work_free(work);
    return best;
}

static int report(tw_ctx *cx, const char *name, bool show)
{
    size_t bytes = 0, out_bytes = 0, refused = 0;
    double best = 1e9;
    tw_profile *p = NULL;
    must(cx, tw_profile_builtin(cx, &p, TW_STR("twin")));
    profile = p;
    account = tw_account_new(p);
    if (!show)
        leave_out_refused(cx);
    for (size_t i = 0; i < resource_count; i++)
        bytes += all[i].text.n;
    for (int r = 0; r < (show ? 1 : ROUNDS); r++) {
        double from = core_seconds();
        round_of(cx, show, &out_bytes, &refused);
        best = TW_MIN(best, core_seconds() - from);
    }
    if (show)
        return 0;
    figure(name, (double)bytes / best * 1e-6, "MB/s", bytes);
    figure(tw_strf(cx->arena, "%s.resources", name).p, (double)resource_count / best, "resources/s", resource_count);
    figure(tw_strf(cx->arena, "%s.documents", name).p, (double)bytes / best_of_documents(cx, NULL) * 1e-6, "MB/s",
           bytes);
    tw_text_model *text;
    must(cx, tw_text_model_builtin(cx, &text, TW_STR("en")));
    figure(tw_strf(cx->arena, "%s.documents_text", name).p, (double)bytes / best_of_documents(cx, text) * 1e-6, "MB/s",
           bytes);
    tw_text_model_free(text);
    fprintf(stderr, "%s: %zu resources, %zu left out, %zu bytes in, %zu out\n", name, resource_count, left_out, bytes,
            out_bytes);
    return 0;
}

int main(int argc, char **argv)
{
    bool show = argc > 1 && strcmp(argv[1], "--show") == 0;
    bool named = argc > 2 && strcmp(argv[1], "--name") == 0;
    tw_base_start();
    tw_ctx cx;
    tw_ctx_init(&cx, 1024 * TW_MIB, NULL);
    for (int i = show ? 2 : named ? 3 : 1; i < argc && patient_count < TW_COUNT(patients); i++)
        must(&cx, take_bundle(&cx, read_file(cx.arena, argv[i])));
    return report(&cx, named ? argv[2] : "gate.fhir", show);
}
