/* One release of a site, from candidates to opened records. Usage: bench_release DIR PATIENTS; DIR must not exist; it
 * stays. Each patient has one compartment (laboratory results of this year, 4 of 7 keepers) with one record, so there
 * is one capsule a patient; a whole grid would only make the enrolment thirty times as long. All is done by the
 * program's own use cases: enrolment, imports of seven keepers, an opening, collect, a live project, release, open.
 * DIR is best on a memory disk: enrolment syncs for each patient.
 *
 * Prints figures, processor time: us a capsule
 *   release.keeper_N      of one keeper: its candidates, the leaf file, its answers
 *   release.ask_N         of the reader: candidates merged, bodies, announcement, requests, sheets checked and kept
 *   release.open_N        of the reader: answers read, combined, segments opened, records written
 *   release.enrol_N       of wallet, source and seven keepers together
 *   release.collect_N     of the source: gate, sealing, pack, ledger
 * and release.bytes_N, bytes that the reader's folder of the release holds without the data, a capsule. */
#include <stdatomic.h>

#include "app/app.h"
#include "figure.h"

enum { KEEPERS = 7, THRESHOLD = 4 };

/* The linker puts the next two in front of the real ones (--wrap). */

/* Time inside the keepers, which may work in threads. */
tw_status __real_tw_keeper_handle(tw_ctx *c, tw_bytes *reply, tw_keeper *k, tw_bytes request);
tw_status __wrap_tw_keeper_handle(tw_ctx *c, tw_bytes *reply, tw_keeper *k, tw_bytes request);
static atomic_ullong keeper_ns;

tw_status __wrap_tw_keeper_handle(tw_ctx *c, tw_bytes *reply, tw_keeper *k, tw_bytes request)
{
    double from = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    tw_status s = __real_tw_keeper_handle(c, reply, k, request);
    atomic_fetch_add(&keeper_ns, (unsigned long long)(1e9 * (seconds_of(CLOCK_THREAD_CPUTIME_ID) - from)));
    return s;
}

/* One compartment a wallet. */
tw_status __real_tw_enrol_make(tw_ctx *c, tw_bytes *sealed, tw_wallet *w, const tw_enrol_opts *opts);
tw_status __wrap_tw_enrol_make(tw_ctx *c, tw_bytes *sealed, tw_wallet *w, const tw_enrol_opts *opts);

tw_status __wrap_tw_enrol_make(tw_ctx *c, tw_bytes *sealed, tw_wallet *w, const tw_enrol_opts *opts)
{
    tw_enrol_opts one = *opts;
    one.categories = TW_CAT_BIT(TW_CAT_LABS);
    one.epoch_count = 1;
    return __real_tw_enrol_make(c, sealed, w, &one);
}

static tw_ctx cx;
static uint64_t patients;

static void enrol(tw_site *s)
{
    const tw_policy hmb = {
        .status = TW_CONSENT_ACTIVE, .permission = TW_DUO_HMB, .categories = TW_CAT_ALL, .until_s = UINT64_MAX
    };
    tw_enrol_report r;
    tw_enrol_line *line = tw_try_array(cx.arena, tw_enrol_line, patients);
    TW_ASSERT(line != NULL);
    for (uint64_t i = 0; i < patients; i++) {
        line[i].source = TW_STR("hospital-1");
        line[i].local_number = tw_strf(cx.arena, "%08llu", (unsigned long long)i);
        line[i].wallet = line[i].local_number;
    }
    tw_app_enrol_opts o = { .line = line, .count = (size_t)patients, .policy = &hmb, .custodial = true };
    must(&cx, tw_app_enrol(&cx, &r, s, &o));
    TW_ASSERT(r.imported[0] == patients && r.imported[KEEPERS - 1] == patients);
}

/* Of the i-th patient: the patient, and a laboratory result. */
static const char records[] =
    "{\"resourceType\":\"Patient\",\"id\":\"%08llu\",\"gender\":\"female\"}\n"
    "{\"resourceType\":\"Observation\",\"id\":\"o%08llu\",\"status\":\"final\",\"category\":[{\"coding\":[{\"system\":"
    "\"http://terminology.hl7.org/CodeSystem/observation-category\",\"code\":\"laboratory\"}]}],\"code\":{\"coding\":"
    "[{\"system\":\"http://loinc.org\",\"code\":\"2857-1\"}]},\"subject\":{\"reference\":\"Patient/%08llu\"},"
    "\"effectiveDateTime\":\"2024-05-02T08:30:00Z\",\"valueQuantity\":{\"value\":%.2f,\"unit\":\"ng/mL\",\"system\":"
    "\"http://unitsofmeasure.org\",\"code\":\"ng/mL\"}}\n";

static const char *write_records(const char *dir)
{
    tw_buf b;
    char *path = tw_path(&cx, dir, "records.ndjson");
    tw_buf_init(&b, 1024 * TW_MIB);
    for (uint64_t i = 0; i < patients; i++)
        tw_buf_fmt(&b, records, (unsigned long long)i, (unsigned long long)i, (unsigned long long)i,
                   (double)(i % 997) / 50);
    must(&cx, tw_buf_check(&cx, &b, "records"));
    must(&cx, tw_file_write(&cx, path, tw_buf_view(&b)));
    tw_buf_done(&b);
    return path;
}

static void collect(tw_site *s, const char *path)
{
    tw_collect_report r;
    tw_collect_opts o = { .source = "hospital-1", .path = &path, .path_count = 1 };
    must(&cx, tw_app_collect(&cx, &r, s, &o));
    TW_ASSERT(r.segments == patients); /* Patient resources have no compartment here */
}

static tw_id project(tw_site *s)
{
    tw_id id;
    bool live = false;
    tw_project_opts o = { .grantee = "lab", .categories = TW_CAT_BIT(TW_CAT_LABS) };
    o.purpose = (tw_purpose){ .type = TW_PURPOSE_HMB, .organisation = TW_ORG_NONPROFIT };
    must(&cx, tw_app_project_open(&cx, &id, s, &o));
    must(&cx, tw_app_project_approve(&cx, &live, s, "steward-1", &id));
    must(&cx, tw_app_project_approve(&cx, &live, s, "steward-2", &id));
    TW_ASSERT(live);
    return id;
}

/* Bytes of the files of a folder and of the folders in it, the data left out. */
static uint64_t bytes_in(const char *dir)
{
    tw_str *name;
    size_t count;
    uint64_t sum = 0;
    must(&cx, tw_dir_list(&cx, &name, &count, dir));
    for (size_t i = 0; i < count; i++) {
        char *path = tw_path(&cx, dir, tw_cstr(cx.arena, name[i]));
        tw_bytes file;
        if (tw_str_ends(name[i], "/")) {
            sum += tw_str_is(name[i], "data/") ? 0 : bytes_in(path);
            continue;
        }
        must(&cx, tw_file_read(&cx, &file, path, 1024 * TW_MIB));
        sum += file.n;
    }
    return sum;
}

static void a_capsule(const char *name, double value, const char *unit)
{
    tw_str full = tw_strf(cx.arena, "release.%s_%llu", name, (unsigned long long)patients);
    figure(full.p, value / (double)patients, unit, patients);
}

static void measure(tw_site *s, const char *path)
{
    tw_release_report r;
    tw_open_report opened;
    double from = core_seconds();
    enrol(s);
    a_capsule("enrol", 1e6 * (core_seconds() - from), "us");
    from = core_seconds();
    collect(s, path);
    a_capsule("collect", 1e6 * (core_seconds() - from), "us");
    tw_release_opts o = { .grantee = "lab", .project = project(s) };
    atomic_store(&keeper_ns, 0);
    from = core_seconds();
    must(&cx, tw_app_release(&cx, &r, s, &o));
    double spent = core_seconds() - from;
    double in_keepers = 1e-9 * (double)atomic_load(&keeper_ns);
    TW_ASSERT(r.answered == patients);
    a_capsule("keeper", 1e6 * in_keepers / KEEPERS, "us");
    a_capsule("ask", 1e6 * (spent - in_keepers), "us");
    from = core_seconds();
    must(&cx, tw_app_open(&cx, &opened, s, "lab", &r.release));
    a_capsule("open", 1e6 * (core_seconds() - from), "us");
    TW_ASSERT(opened.capsules == patients && opened.records == patients);
    const char *folder = tw_site_path(&cx, s, "grantees/lab/releases/%s", tw_id_hex(&cx, &r.release).p);
    a_capsule("bytes", (double)bytes_in(folder), "bytes");
}

int main(int argc, char **argv)
{
    static const char *const source = "hospital-1";
    static const char *const grantee = "lab";
    tw_env env = tw_io_env();
    tw_site *s;
    tw_base_start();
    tw_ctx_init(&cx, 8192 * TW_MIB, &env);
    if (argc < 3 || !tw_parse_u64(&patients, tw_str_of(argv[2])) || patients < 1 || patients > 1000000) {
        fprintf(stderr, "usage: bench_release DIR PATIENTS\n");
        return 2;
    }
    tw_init_opts o = { .source = &source,
                       .source_count = 1,
                       .grantee = &grantee,
                       .grantee_count = 1,
                       .keepers = KEEPERS,
                       .threshold = THRESHOLD,
                       .seeded = true,
                       .seed = 7 };
    must(&cx, tw_dir_make(&cx, argv[1]));
    const char *path = write_records(argv[1]);
    char *dir = tw_path(&cx, argv[1], "site");
    must(&cx, tw_site_create(&cx, dir, &o));
    must(&cx, tw_site_open(&cx, &s, dir, true));
    measure(s, path);
    tw_site_close(&cx, s);
    tw_ctx_done(&cx);
    return 0;
}
