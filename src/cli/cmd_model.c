/* twin check, simulate, run, export, estimate: models in SBML. */
#include "cli/commands.h"

#include <math.h>
#include <stdlib.h>

/* ---------------------------------------------------------------- check */

static void count_kinds(uint32_t n[TW_SBML_REACTION + 1], const tw_sbml_model *m)
{
    for (uint32_t i = 0; i < m->n_symbol; i++)
        n[m->symbol[i].kind]++;
}

static void check_json(const tw_model_report *r)
{
    const tw_sbml_model *m = r->model;
    uint32_t n[TW_SBML_REACTION + 1] = { 0 };
    tw_out_json j;
    count_kinds(n, m);
    tw_out_json_begin(&j);
    tw_jw_kv(&j.w, "id", tw_str_of(m->id));
    tw_jw_kv(&j.w, "name", tw_str_of(m->name));
    tw_jw_kv_u64(&j.w, "level", m->level);
    tw_jw_kv_u64(&j.w, "version", m->version);
    tw_jw_kv(&j.w, "time_unit", tw_str_of(m->unit_time));
    tw_jw_kv(&j.w, "substance_unit", tw_str_of(m->unit_substance));
    tw_jw_kv_u64(&j.w, "compartments", n[TW_SBML_COMPARTMENT]);
    tw_jw_kv_u64(&j.w, "species", n[TW_SBML_SPECIES]);
    tw_jw_kv_u64(&j.w, "parameters", n[TW_SBML_PARAMETER]);
    tw_jw_kv_u64(&j.w, "reactions", m->n_reaction);
    tw_jw_kv_u64(&j.w, "rules", m->n_rule);
    tw_jw_kv_u64(&j.w, "events", m->n_event);
    tw_jw_kv_u64(&j.w, "states", r->info.n_state);
    tw_jw_kv_u64(&j.w, "algebraic", r->info.n_algebraic);
    tw_jw_kv_u64(&j.w, "delays", r->info.n_delay);
    tw_out_json_bool(&j, "runs", r->refused.n == 0);
    tw_jw_kv(&j.w, "refused", r->refused);
    tw_jw_key(&j.w, "symbols");
    tw_jw_array(&j.w);
    for (uint32_t i = 0; i < m->n_symbol; i++) {
        tw_jw_object(&j.w);
        tw_jw_kv(&j.w, "id", tw_str_of(m->symbol[i].id));
        tw_jw_kv(&j.w, "kind", tw_str_of(tw_sbml_kind_name(m->symbol[i].kind)));
        tw_jw_kv(&j.w, "unit", tw_str_of(m->symbol[i].unit));
        tw_jw_key(&j.w, "constant");
        tw_jw_bool(&j.w, m->symbol[i].constant);
        tw_jw_object_end(&j.w);
    }
    tw_jw_array_end(&j.w);
    tw_jw_key(&j.w, "warnings");
    tw_jw_array(&j.w);
    for (uint32_t i = 0; i < m->n_warning; i++)
        tw_jw_cstr(&j.w, m->warning[i]);
    tw_jw_array_end(&j.w);
    tw_out_json_end(&j);
}

static void check_text(const tw_model_report *r)
{
    const tw_sbml_model *m = r->model;
    uint32_t n[TW_SBML_REACTION + 1] = { 0 };
    count_kinds(n, m);
    tw_out("%s%s%s: SBML Level %u Version %u\n", m->id, m->name[0] ? ", " : "", m->name, m->level, m->version);
    tw_out("time in %s, substance in %s\n", m->unit_time[0] ? m->unit_time : "(no unit given)",
           m->unit_substance[0] ? m->unit_substance : "(no unit given)");
    tw_out("%u compartments, %u species, %u parameters, %u reactions, %u rules, %u events\n", n[TW_SBML_COMPARTMENT],
           n[TW_SBML_SPECIES], n[TW_SBML_PARAMETER], m->n_reaction, m->n_rule, m->n_event);
    for (uint32_t i = 0; i < m->n_symbol; i++)
        tw_out("  %-13s %-24s %s%s\n", tw_sbml_kind_name(m->symbol[i].kind), m->symbol[i].id, m->symbol[i].unit,
               m->symbol[i].constant || m->symbol[i].kind == TW_SBML_REACTION ? "" : "  (changes)");
    for (uint32_t i = 0; i < m->n_warning; i++)
        tw_out("warning: %s\n", m->warning[i]);
    if (r->refused.n == 0)
        tw_out("runs: %u states, %u instructions a step, %s Jacobian\n", r->info.n_state, r->info.n_rate_code,
               r->info.has_jacobian ? "symbolic" : "no symbolic");
}

tw_status tw_cmd_twin_check(tw_ctx *cx, const tw_cli_args *a)
{
    tw_model_report r;
    TW_TRY(tw_app_model_check(cx, &r, a->arg[0]));
    if (a->json)
        check_json(&r);
    else
        check_text(&r);
    tw_err_clear(cx);
    return r.refused.n ? tw_fail(cx, TW_EREFUSED, "%s: " TW_FMT, a->arg[0], TW_ARG(r.refused)) : TW_OK;
}

/* ---------------------------------------------------------------- simulate */

static tw_status real(tw_ctx *cx, double *out, const tw_cli_args *a, const char *name, double otherwise)
{
    const char *text = tw_cli_get(a, name);
    *out = otherwise;
    if (text && !tw_parse_f64(out, tw_str_of(text)))
        return tw_fail(cx, TW_EUSAGE, "--%s is a number", name);
    return TW_OK;
}

/* Started by mpirun or srun: each rank takes its share, as the launcher's environment tells it. */
static tw_status rank_of_launcher(tw_ctx *cx, tw_simulate_opts *o)
{
    static const struct {
        const char *rank, *size, *job;
    } launcher[] = { { "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "PMIX_NAMESPACE" },
                     { "PMI_RANK", "PMI_SIZE", "PMI_JOBID" },
                     { "SLURM_PROCID", "SLURM_NTASKS", "SLURM_JOB_ID" } };
    for (size_t i = 0; i < TW_COUNT(launcher); i++) {
        const char *rank = getenv(launcher[i].rank);
        const char *size = getenv(launcher[i].size);
        const char *job = getenv(launcher[i].job);
        uint64_t k, n;
        if (!rank || !size || !tw_parse_u64(&k, tw_str_of(rank)) || !tw_parse_u64(&n, tw_str_of(size)) || n < 2)
            continue;
        if (!o->out)
            return tw_fail(cx, TW_EUSAGE, "several ranks write one file: name it with --out");
        o->part = (uint32_t)k + 1;
        o->parts = (uint32_t)n;
        char *name = tw_cstr(cx->arena, tw_str_of(job && job[0] ? job : "job"));
        for (char *c = name; *c; c++)
            if (*c == '/')
                *c = '-';
        o->job = name;
        return TW_OK;
    }
    return TW_OK;
}

static tw_status part_option(tw_ctx *cx, tw_simulate_opts *o, const tw_cli_args *a)
{
    const char *text = tw_cli_get(a, "part");
    tw_str k, rest = tw_str_of(text);
    uint64_t part, parts;
    if (!text)
        return rank_of_launcher(cx, o);
    if (!tw_str_split(&k, &rest, '/') || !tw_parse_u64(&part, k) || !tw_parse_u64(&parts, rest) || part < 1 ||
        part > parts || parts > 100000)
        return tw_fail(cx, TW_EUSAGE, "--part is K/N, with K from 1 to N");
    o->part = (uint32_t)part;
    o->parts = (uint32_t)parts;
    return TW_OK;
}

static tw_status names(tw_ctx *cx, tw_simulate_opts *o, const tw_cli_args *a)
{
    static const char *const method[] = { "auto", "explicit", "stiff" };
    const char *m = tw_cli_get(a, "method");
    const char *form = tw_cli_get(a, "format");
    size_t i = 0;
    while (m && i < TW_COUNT(method) && strcmp(m, method[i]) != 0)
        i++;
    if (i == TW_COUNT(method))
        return tw_fail(cx, TW_EUSAGE, "--method takes auto, explicit or stiff");
    o->run.method = (tw_sim_method)i;
    if (form && strcmp(form, "csv") != 0 && strcmp(form, "ndjson") != 0)
        return tw_fail(cx, TW_EUSAGE, "--format takes csv or ndjson");
    o->form = form && strcmp(form, "ndjson") == 0 ? TW_SIMULATED_NDJSON : TW_SIMULATED_CSV;
    return TW_OK;
}

static tw_status options(tw_ctx *cx, tw_simulate_opts *o, const tw_cli_args *a)
{
    uint64_t points, jobs;
    *o = (tw_simulate_opts){ .model = a->arg[0],
                             .patients = tw_cli_get(a, "patients"),
                             .observe = tw_cli_get(a, "observe"),
                             .out = tw_cli_get(a, "out"),
                             .write = tw_out_write,
                             .progress = tw_out_progress(a),
                             .stop = &tw_cli_asked };
    TW_TRY(real(cx, &o->start, a, "from", 0.0));
    TW_TRY(real(cx, &o->to, a, "to", o->start + 100.0));
    TW_TRY(real(cx, &o->run.rtol, a, "rtol", 0.0));
    TW_TRY(real(cx, &o->run.atol, a, "atol", 0.0));
    TW_TRY(tw_cli_number(cx, &points, a, "points", 100, 1, 1000000));
    TW_TRY(tw_cli_number(cx, &jobs, a, "jobs", 0, 1, 64));
    o->intervals = (uint32_t)points;
    o->jobs = (unsigned)jobs;
    TW_TRY(part_option(cx, o, a));
    return names(cx, o, a);
}

static void tell(const tw_cli_args *a, const tw_simulate_report *r)
{
    if (a->json && tw_cli_has(a, "out")) {
        tw_out_json j;
        tw_out_json_begin(&j);
        tw_jw_kv_u64(&j.w, "patients", r->patients);
        tw_jw_kv_u64(&j.w, "done", r->done);
        tw_jw_kv_u64(&j.w, "first_failed", r->first_failed);
        tw_jw_kv_u64(&j.w, "steps", r->count.steps);
        tw_jw_kv_u64(&j.w, "events", r->count.events);
        tw_jw_kv_u64(&j.w, "stiff", r->count.stiff);
        tw_out_json_end(&j);
    } else {
        tw_note(a, "%llu of %llu patients simulated, %llu steps\n", (unsigned long long)r->done,
                (unsigned long long)r->patients, (unsigned long long)r->count.steps);
    }
}

tw_status tw_cmd_twin_simulate(tw_ctx *cx, const tw_cli_args *a)
{
    tw_simulate_opts o;
    tw_simulate_report r;
    TW_TRY(options(cx, &o, a));
    tw_status s = tw_app_simulate(cx, &r, &o);
    tw_out_progress_end();
    TW_TRY(s);
    tell(a, &r);
    if (r.done == r.patients)
        return TW_OK;
    for (size_t i = 0; i < TW_COUNT(r.failed); i++)
        if (r.failed[i])
            tw_note(a, "%llu: %s\n", (unsigned long long)r.failed[i], tw_sim_result_text((tw_sim_result)i));
    return tw_fail(cx, TW_EFAILED, "%llu of %llu patients could not be simulated to the end, first row %llu",
                   (unsigned long long)(r.patients - r.done), (unsigned long long)r.patients,
                   (unsigned long long)r.first_failed);
}

/* ---------------------------------------------------------------- run */

tw_status tw_cmd_twin_run(tw_ctx *cx, const tw_cli_args *a)
{
    const char *out = tw_cli_get(a, "out");
    tw_experiment_report r;
    TW_TRY(tw_app_experiment(cx, &r, &(tw_experiment_opts){ a->arg[0], out ? out : "results" }));
    if (a->json) {
        tw_out_json j;
        tw_out_json_begin(&j);
        tw_jw_kv_u64(&j.w, "tasks", r.tasks);
        tw_jw_kv_u64(&j.w, "reports", r.reports);
        tw_jw_kv_u64(&j.w, "plots", r.plots);
        tw_jw_kv(&j.w, "note", r.note);
        tw_out_json_end(&j);
        return TW_OK;
    }
    if (r.note.n)
        tw_note(a, TW_FMT "\n", TW_ARG(r.note));
    tw_say(a, "%u tasks, %u reports, %u plots in %s\n", r.tasks, r.reports, r.plots, out ? out : "results");
    return TW_OK;
}

/* ---------------------------------------------------------------- export */

tw_status tw_cmd_twin_export(tw_ctx *cx, const tw_cli_args *a)
{
    const char *out = tw_cli_get(a, "out");
    if (!out)
        out = "model.fmu";
    TW_TRY(tw_app_model_fmu(cx, a->arg[0], tw_cli_get(a, "values"), out));
    if (a->json) {
        tw_out_json j;
        tw_out_json_begin(&j);
        tw_jw_kv(&j.w, "fmu", tw_str_of(out));
        tw_out_json_end(&j);
    }
    tw_say(a, "%s: FMI 2.0 for co-simulation, C source inside\n", out);
    return TW_OK;
}

/* ---------------------------------------------------------------- estimate */

static tw_status estimate_options(tw_ctx *cx, tw_estimate_opts *o, const tw_cli_args *a)
{
    uint64_t points, jobs, starts, draws;
    const char *out = tw_cli_get(a, "out");
    *o = (tw_estimate_opts){ .model = a->arg[0],
                             .card = tw_cli_get(a, "card"),
                             .data = tw_cli_get(a, "data"),
                             .out = out ? out : "estimates",
                             .svg = tw_cli_has(a, "svg"),
                             .progress = tw_out_progress(a),
                             .stop = &tw_cli_asked };
    if (!o->card || !o->data)
        return tw_fail(cx, TW_EUSAGE, "--card and --data are needed");
    TW_TRY(real(cx, &o->start, a, "from", 0.0));
    TW_TRY(real(cx, &o->to, a, "to", (double)NAN));
    TW_TRY(tw_cli_number(cx, &points, a, "points", 100, 1, 100000));
    TW_TRY(tw_cli_number(cx, &starts, a, "starts", 8, 1, 10000));
    TW_TRY(tw_cli_number(cx, &draws, a, "draws", 1000, 20, 100000));
    TW_TRY(tw_cli_number(cx, &o->seed, a, "seed", 1, 0, UINT64_MAX));
    TW_TRY(tw_cli_number(cx, &jobs, a, "jobs", 0, 1, 64));
    o->intervals = (uint32_t)points;
    o->starts = (uint32_t)starts;
    o->draws = (uint32_t)draws;
    o->jobs = (unsigned)jobs;
    return TW_OK;
}

static void estimate_tell(const tw_cli_args *a, const tw_estimate_opts *o, const tw_estimate_report *r)
{
    if (a->json) {
        tw_out_json j;
        tw_out_json_begin(&j);
        tw_jw_kv_u64(&j.w, "patients", r->patients);
        tw_jw_kv_u64(&j.w, "done", r->done);
        tw_jw_kv_u64(&j.w, "not_converged", r->not_converged);
        tw_jw_kv_u64(&j.w, "untold", r->untold);
        tw_jw_kv_u64(&j.w, "few_draws", r->few);
        tw_out_json_end(&j);
        return;
    }
    tw_say(a, "%llu of %llu patients estimated, in %s\n", (unsigned long long)r->done, (unsigned long long)r->patients,
           o->out);
    if (r->not_converged)
        tw_say(a, "%llu did not converge: do not use their numbers\n", (unsigned long long)r->not_converged);
    if (r->untold)
        tw_say(a, "%llu have parameters, or combinations of them, that their data do not tell: see untold\n",
               (unsigned long long)r->untold);
    if (r->few)
        tw_say(a, "%llu have a posterior far from a normal law: sd is a bad guide there\n", (unsigned long long)r->few);
}

tw_status tw_cmd_twin_estimate(tw_ctx *cx, const tw_cli_args *a)
{
    tw_estimate_opts o;
    tw_estimate_report r;
    TW_TRY(estimate_options(cx, &o, a));
    tw_status s = tw_app_estimate(cx, &r, &o);
    tw_out_progress_end();
    TW_TRY(s);
    estimate_tell(a, &o, &r);
    return r.done == r.patients ? TW_OK : tw_fail(cx, TW_EFAILED, TW_FMT, TW_ARG(r.first_failed));
}
