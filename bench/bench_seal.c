/* Sealing on one core. Usage: bench_seal; prints figures, best of the rounds, processor time.
 *   seal.body      the cipher and the SHA-256 block tree of one 8 MiB body, memory to memory
 *   seal.segments  the whole way of the source process: records into the sealer, padding, capsule, blocks, tree, leaves
 *   seal.small     segments a second when each holds 50 records (19 kB) and its compartment has a day secret
 *   seal.open      root check and opening of one 8 MiB body */
#include "crypto/crypto.h"
#include "deid/deid.h"
#include "figure.h"
#include "seal/seal.h"

#define BULK (8 * TW_MIB)
#define BIG 8             /* compartments of seal.segments */
#define SMALL 1000
#define RUN 50            /* records of one compartment in a row, as a patient comes */
#define BATCH (16 * TW_MIB) /* plain bytes of a batch, as collect cuts them */
#define ROUNDS 5

static const char observation[] =
    "{\"resourceType\":\"Observation\",\"id\":\"o1\",\"status\":\"final\",\"category\":[{\"coding\":[{\"system\":"
    "\"http://terminology.hl7.org/CodeSystem/observation-category\",\"code\":\"laboratory\"}]}],\"code\":{\"coding\":"
    "[{\"system\":\"http://loinc.org\",\"code\":\"2857-1\"}]},\"subject\":{\"reference\":\"Patient/p1\"},"
    "\"effectiveDateTime\":\"2024-05-02T08:30:00Z\",\"valueQuantity\":{\"value\":4.25,\"unit\":\"ng/mL\",\"system\":"
    "\"http://unitsofmeasure.org\",\"code\":\"ng/mL\"}}";

static tw_ctx cx;
static uint8_t key[32];
static tw_comp_record comp[SMALL];
static tw_id ledger, source;
static tw_deid *record;

static void make_record(void)
{
    tw_profile *profile;
    tw_json d;
    must(&cx, tw_profile_builtin(&cx, &profile, TW_STR("twin")));
    must(&cx, tw_json_parse(&cx, &d, TW_STR(observation), NULL));
    tw_phi_parts parts = { .doc = &d, .patient = TW_STR("p1"), .type = TW_STR("Observation") };
    tw_gate_opts opts = { .profile = profile, .id_key = key, .shift_weeks = -3, .reference_day = 20089 };
    must(&cx, tw_deid_gate(&cx, &record, NULL, NULL, tw_phi_make(&cx, &parts), &opts));
}

static void make_compartments(void)
{
    uint8_t scalar[32];
    tw_random(&cx, ledger.b, 32);
    tw_random(&cx, source.b, 32);
    for (size_t i = 0; i < SMALL; i++) {
        tw_comp *c = &comp[i].body;
        *c = (tw_comp){ .ledger = ledger, .source = source, .category = (uint8_t)tw_deid_category(record), .t = 3 };
        tw_scalar_random(&cx, scalar);
        must(&cx, tw_point_base(&cx, c->p, scalar));
        tw_random(&cx, comp[i].a, 32);
    }
}

/* Seconds of one batch of `records` records over `count` compartments; the bytes of their lines. */
static double batch(tw_sealer *s, size_t count, size_t records, uint64_t *bytes)
{
    tw_sealed_batch out;
    tw_mark mark = tw_arena_mark(cx.arena);
    double from = core_seconds();
    for (size_t i = 0; i < records; i++)
        must(&cx, tw_sealer_add(&cx, s, &comp[i / RUN % count], record));
    must(&cx, tw_sealer_cut(&cx, &out, s, 20454));
    double spent = core_seconds() - from;
    TW_ASSERT(out.count >= count);
    *bytes = records * (tw_deid_line(record).n + 1);
    tw_arena_back(cx.arena, mark);
    return spent;
}

static void whole_way(void)
{
    uint64_t bytes = 0;
    double big = 1e9, small = 1e9;
    size_t records = BATCH / (tw_deid_line(record).n + 1);
    tw_sealer *s;
    must(&cx, tw_sealer_new(&cx, &s, &ledger, &source));
    for (int r = 0; r < ROUNDS; r++)
        big = TW_MIN(big, batch(s, BIG, records, &bytes));
    tw_sealer_free(s);
    figure("seal.segments", (double)bytes / big * 1e-6, "MB/s", bytes);
    must(&cx, tw_sealer_new(&cx, &s, &ledger, &source));
    batch(s, SMALL, RUN * SMALL, &bytes); /* the capsules of the day */
    for (int r = 0; r < ROUNDS; r++)
        small = TW_MIN(small, batch(s, SMALL, RUN * SMALL, &bytes));
    tw_sealer_free(s);
    figure("seal.small", SMALL / small, "segments/s", SMALL);
}

static void bodies(void)
{
    uint8_t root[32];
    uint8_t *plain = tw_arena_get(cx.arena, BULK);
    uint8_t *sealed = tw_arena_get(cx.arena, (size_t)tw_c4gh_body_size(BULK));
    double seal = 1e9, open = 1e9;
    tw_random(&cx, plain, BULK);
    for (int r = 0; r < 4 * ROUNDS; r++) {
        double from = core_seconds();
        must(&cx, tw_c4gh_body_seal(&cx, sealed, root, key, (tw_bytes){ plain, BULK }));
        seal = TW_MIN(seal, core_seconds() - from);
        tw_bytes back;
        tw_mark mark = tw_arena_mark(cx.arena);
        from = core_seconds();
        must(&cx, tw_c4gh_body_open(&cx, &back, key, (tw_bytes){ sealed, (size_t)tw_c4gh_body_size(BULK) }, root));
        open = TW_MIN(open, core_seconds() - from);
        TW_ASSERT(back.n == BULK && memcmp(back.p, plain, BULK) == 0);
        tw_arena_back(cx.arena, mark);
    }
    figure("seal.body", BULK / seal * 1e-6, "MB/s", BULK);
    figure("seal.open", BULK / open * 1e-6, "MB/s", BULK);
}

int main(void)
{
    uint64_t state = 1;
    tw_env env = { .entropy = { cheap_fill, &state } };
    tw_base_start();
    tw_ctx_init(&cx, 512 * TW_MIB, &env);
    tw_random(&cx, key, sizeof key);
    make_record();
    make_compartments();
    bodies();
    whole_way();
    tw_ctx_done(&cx);
    return 0;
}
