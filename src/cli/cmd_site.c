/* init, synth, demo. */
#include "cli/commands.h"

tw_status tw_cmd_init(tw_ctx *cx, const tw_cli_args *a)
{
    tw_init_opts o = { .seeded = tw_cli_has(a, "seed") };
    uint64_t n;
    const char *sources = tw_cli_get(a, "sources");
    const char *researchers = tw_cli_get(a, "researchers");
    const char *dir = tw_cli_get(a, "dir");
    dir = dir ? dir : TW_SITE_DEFAULT;
    TW_TRY(tw_cli_names(cx, &o.source, &o.source_count, sources ? sources : "hospital-1,hospital-2,hospital-3"));
    TW_TRY(tw_cli_names(cx, &o.grantee, &o.grantee_count, researchers ? researchers : "lab"));
    TW_TRY(tw_cli_number(cx, &o.seed, a, "seed", 0, 0, UINT64_MAX));
    TW_TRY(tw_cli_number(cx, &n, a, "keepers", 4, 1, TW_SHARES_MAX));
    o.keepers = (uint8_t)n;
    TW_TRY(tw_cli_number(cx, &n, a, "threshold", 3, 1, TW_SHARES_MAX));
    o.threshold = (uint8_t)n;
    TW_TRY(tw_cli_number(cx, &n, a, "stewards", 3, 1, 100));
    o.stewards = (uint8_t)n;
    TW_TRY(tw_cli_number(cx, &n, a, "approvals", 2, 1, 100));
    o.approvals = (uint8_t)n;
    TW_TRY(tw_site_create(cx, dir, &o));
    if (a->json) {
        tw_out_json j;
        tw_out_json_begin(&j);
        tw_jw_kv(&j.w, "dir", tw_str_of(dir));
        tw_out_json_bool(&j, "insecure", o.seeded);
        tw_jw_kv(&j.w, "witness", TW_STR("none"));
        tw_out_json_end(&j);
        return TW_OK;
    }
    tw_out("site %s: %u keepers (any %u answer), %u stewards (any %u approve), %zu sources, %zu researchers\n", dir,
           o.keepers, o.threshold, o.stewards, o.approvals, o.source_count, o.grantee_count);
    tw_out("witness: none\n%s", o.seeded ? "INSECURE: made from a seed; commands need --insecure\n" : "");
    return TW_OK;
}

/* ---------------------------------------------------------------- synth */

tw_status tw_cmd_synth(tw_ctx *cx, const tw_cli_args *a)
{
    tw_synth_report r;
    uint64_t patients;
    uint64_t hospitals;
    uint64_t seed;
    tw_bytes csv;
    const char *psa = tw_cli_get(a, "from-psa");
    const char *out = tw_cli_get(a, "out");
    out = out ? out : "hospitals";
    if (psa && tw_cli_has(a, "patients"))
        return tw_fail(cx, TW_EUSAGE, "--patients does not go with --from-psa: the table says how many men there are");
    TW_TRY(tw_cli_number(cx, &patients, a, "patients", 120, 1, TW_SYNTH_PATIENTS_MAX));
    TW_TRY(tw_cli_number(cx, &hospitals, a, "hospitals", 3, 1, TW_SYNTH_HOSPITALS_MAX));
    TW_TRY(tw_cli_number(cx, &seed, a, "seed", 1, 0, UINT64_MAX));
    if (tw_path_exists(cx, tw_path(cx, out, "people.tsv")))
        return tw_fail(cx, TW_ECONFLICT, "%s holds a generated group already", out);
    tw_synth_opts o = { .seed = seed, .patients = (uint32_t)patients, .hospitals = (uint32_t)hospitals };
    if (tw_cli_has(a, "formats"))
        TW_TRY(tw_synth_formats_parse(cx, o.format, &o.formats, tw_str_of(tw_cli_get(a, "formats"))));
    tw_synth_sink sink = { tw_app_put_file, (void *)(uintptr_t)out };
    if (psa) {
        TW_TRY(tw_file_read(cx, &csv, psa, 256 * TW_MIB));
        TW_TRY(tw_synth_wrap_psa(cx, &r, &o, tw_str_of_bytes(csv), &sink));
    } else {
        TW_TRY(tw_app_synth(cx, &r, &o, &sink, out));
    }
    if (a->json) {
        tw_out_json j;
        tw_out_json_begin(&j);
        tw_jw_kv(&j.w, "dir", tw_str_of(out));
        tw_jw_kv_u64(&j.w, "files", r.files);
        tw_jw_kv_u64(&j.w, "resources", r.resources);
        tw_jw_kv_u64(&j.w, "units", r.units);
        tw_jw_kv_u64(&j.w, "planted", r.planted);
        tw_out_json_end(&j);
        return TW_OK;
    }
    tw_out("%s: %llu files, %llu FHIR resources, %llu messages, rows and documents, %llu identifiers planted\n", out,
           (unsigned long long)r.files, (unsigned long long)r.resources, (unsigned long long)r.units,
           (unsigned long long)r.planted);
    return TW_OK;
}

/* ---------------------------------------------------------------- demo */

tw_status tw_cmd_demo(tw_ctx *cx, const tw_cli_args *a)
{
    tw_str summary;
    uint64_t patients;
    const char *dir = tw_cli_get(a, "dir");
    const char *input = tw_cli_get(a, "input");
    tw_demo_opts o = { .dir = dir ? dir : "twinward-demo",
                       .input = input,
                       .seeded = tw_cli_has(a, "seed"),
                       .force = tw_cli_has(a, "force"),
                       .progress = tw_out_progress(a) };
    o.input_psa = input && tw_str_ends(tw_str_of(input), ".csv");
    if (input && tw_cli_has(a, "patients"))
        return tw_fail(cx, TW_EUSAGE, "--patients does not go with --input: it is for the generator");
    TW_TRY(tw_cli_number(cx, &patients, a, "patients", 120, 1, TW_SYNTH_PATIENTS_MAX));
    TW_TRY(tw_cli_number(cx, &o.seed, a, "seed", 0, 0, UINT64_MAX));
    o.patients = (uint32_t)patients;
    TW_TRY(tw_app_demo(cx, &summary, &o));
    tw_out_progress_end();
    if (a->json) {
        tw_out_json j;
        tw_out_json_begin(&j);
        tw_jw_kv(&j.w, "dir", tw_str_of(o.dir));
        tw_jw_kv(&j.w, "summary", summary);
        tw_out_json_end(&j);
    } else {
        tw_out_str(summary);
    }
    return TW_OK;
}
