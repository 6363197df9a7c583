/* wallet, enrol, consent, stop, erase, disclosures. */
#include "cli/commands.h"

tw_status tw_cmd_wallet_new(tw_ctx *cx, const tw_cli_args *a)
{
    tw_site *s;
    TW_TRY(tw_cli_site(cx, &s, a));
    tw_status st = tw_app_wallet_new(cx, s, a->arg[0]);
    if (st == TW_OK) {
        tw_say(a, "wallet %s\n", a->arg[0]);
        tw_say(a, "wallets/%s.stop can stop for good and cannot read: once enrolled, give it to a guardian\n",
               a->arg[0]);
        if (a->json) {
            tw_out_json j;
            tw_out_json_begin(&j);
            tw_jw_kv(&j.w, "wallet", tw_str_of(a->arg[0]));
            tw_out_json_end(&j);
        }
    }
    tw_site_close(cx, s);
    return st;
}

/* ---------------------------------------------------------------- enrol */

/* hospital-N of a generated list is the N-th source of the site, when the site has no source of that name. */
static tw_status map_source(tw_ctx *cx, tw_str *source, const tw_str *names, size_t count)
{
    uint64_t n;
    for (size_t i = 0; i < count; i++)
        if (tw_str_eq(names[i], *source))
            return TW_OK;
    if (tw_str_starts(*source, "hospital-") && tw_parse_u64(&n, (tw_str){ source->p + 9, source->n - 9 }) && n >= 1 &&
        n <= count) {
        *source = names[n - 1];
        return TW_OK;
    }
    return tw_fail(cx, TW_ENOTFOUND, "the list names a source that is not of this site");
}

static tw_status people_lines(tw_ctx *cx, tw_app_enrol_opts *o, const tw_site *s, const char *file)
{
    tw_bytes text;
    tw_enrol_line *line;
    tw_str *names;
    size_t count;
    TW_TRY(tw_file_read(cx, &text, file, 1024 * TW_MIB));
    if (tw_enrol_lines_read(cx, &line, &o->count, tw_str_of_bytes(text)) != TW_OK)
        return tw_wrap(cx, "%s", file);
    TW_TRY(tw_party_names(cx, &names, &count, s, TW_ROLE_SOURCE));
    for (size_t i = 0; i < o->count; i++)
        TW_TRY(map_source(cx, &line[i].source, names, count));
    o->line = line;
    return TW_OK;
}

static tw_status input_lines(tw_ctx *cx, tw_app_enrol_opts *o, const char *input, const char *source)
{
    tw_str *number;
    const char *const paths[] = { input };
    TW_TRY(tw_app_patients(cx, &number, &o->count, paths, 1));
    tw_enrol_line *line = tw_arena_get(cx->arena, (o->count + 1) * sizeof *line);
    for (size_t i = 0; i < o->count; i++)
        line[i] = (tw_enrol_line){ tw_strf(cx->arena, "%s-%05zu", source, i + 1), tw_str_of(source), number[i] };
    o->line = line;
    return TW_OK;
}

static tw_status one_line(tw_ctx *cx, tw_app_enrol_opts *o, const tw_cli_args *a)
{
    const char *wallet = tw_cli_get(a, "wallet");
    const char *source = tw_cli_get(a, "source");
    const char *number = tw_cli_get(a, "number");
    if (!source || !number)
        return tw_fail(cx, TW_EUSAGE, "--wallet goes with --source and --number");
    tw_enrol_line *line = tw_new(cx->arena, tw_enrol_line);
    *line = (tw_enrol_line){ tw_str_of(wallet), tw_str_of(source), tw_str_of(number) };
    o->line = line;
    o->count = 1;
    return TW_OK;
}

/* One of three ways to say who; what belongs to another way is refused, not passed over. */
static tw_status check_ways(tw_ctx *cx, const tw_cli_args *a)
{
    bool people = tw_cli_has(a, "people");
    bool wallet = tw_cli_has(a, "wallet");
    bool input = tw_cli_has(a, "input");
    if (people + wallet + input != 1) {
        tw_fail(cx, TW_EUSAGE, "whom to enrol is %s", (people || wallet || input) ? "said twice" : "not said");
        return tw_hint(cx, "--people FILE, or --wallet --source --number, or --input --source --custodial");
    }
    if (people && tw_cli_has(a, "source"))
        return tw_fail(cx, TW_EUSAGE, "--source does not go with --people: the list names the sources");
    if (!wallet && tw_cli_has(a, "number"))
        return tw_fail(cx, TW_EUSAGE, "--number goes with --wallet");
    if (input && (!tw_cli_has(a, "source") || !tw_cli_has(a, "custodial")))
        return tw_fail(cx, TW_EUSAGE, "--input goes with --source and --custodial: the site will hold these wallets");
    return TW_OK;
}

static tw_status enrol_lines(tw_ctx *cx, tw_app_enrol_opts *o, const tw_site *s, const tw_cli_args *a)
{
    if (tw_cli_has(a, "people"))
        return people_lines(cx, o, s, tw_cli_get(a, "people"));
    if (tw_cli_has(a, "input"))
        return input_lines(cx, o, tw_cli_get(a, "input"), tw_cli_get(a, "source"));
    return one_line(cx, o, a);
}

static void enrol_report(const tw_cli_args *a, const tw_enrol_report *r)
{
    tw_say(a, "wallets made: %llu; compartments: %llu; openings on the ledger: %llu\n", (unsigned long long)r->wallets,
           (unsigned long long)r->compartments, (unsigned long long)r->openings);
    if (!a->json)
        return;
    tw_out_json j;
    tw_out_json_begin(&j);
    tw_jw_kv_u64(&j.w, "wallets", r->wallets);
    tw_jw_kv_u64(&j.w, "compartments", r->compartments);
    tw_jw_kv_u64(&j.w, "openings", r->openings);
    tw_out_json_end(&j);
}

tw_status tw_cmd_enrol(tw_ctx *cx, const tw_cli_args *a)
{
    tw_site *s;
    tw_policy policy;
    bool given;
    tw_enrol_report r;
    TW_TRY(check_ways(cx, a));
    TW_TRY(tw_cli_policy(cx, &policy, &given, a));
    tw_app_enrol_opts o = { .policy = given ? &policy : NULL,
                            .directed = tw_cli_has(a, "directed"),
                            .custodial = tw_cli_has(a, "custodial"),
                            .progress = tw_out_progress(a) };
    TW_TRY(tw_cli_site(cx, &s, a));
    tw_status st = enrol_lines(cx, &o, s, a);
    if (st == TW_OK)
        st = tw_app_enrol(cx, &r, s, &o);
    tw_out_progress_end();
    tw_site_close(cx, s);
    if (st == TW_OK)
        enrol_report(a, &r);
    return st;
}

/* ---------------------------------------------------------------- owner's orders */

static tw_status scope_of(tw_ctx *cx, tw_scope *out, const tw_cli_args *a)
{
    const char *list = tw_cli_get(a, "category");
    *out = (tw_scope){ .wallet = a->arg[0], .source = tw_cli_get(a, "source") };
    return list ? tw_cli_categories(cx, &out->categories, list) : TW_OK;
}

static void owner_report(const tw_cli_args *a, const char *verb, const tw_owner_report *r)
{
    tw_say(a, "%s: %llu compartments", verb, (unsigned long long)r->compartments);
    if (r->receipts)
        tw_say(a, "; %llu receipts of keepers", (unsigned long long)r->receipts);
    if (r->deletions)
        tw_say(a, "; %llu signed deletions; %llu objects gone from the vault", (unsigned long long)r->deletions,
               (unsigned long long)r->objects);
    tw_say(a, "\n");
    if (!a->json)
        return;
    tw_out_json j;
    tw_out_json_begin(&j);
    tw_jw_kv_u64(&j.w, "compartments", r->compartments);
    tw_jw_kv_u64(&j.w, "receipts", r->receipts);
    tw_jw_kv_u64(&j.w, "deletions", r->deletions);
    tw_jw_kv_u64(&j.w, "objects", r->objects);
    tw_out_json_end(&j);
}

/* Scope and policy of a consent command. */
static tw_status consent_of(tw_ctx *cx, tw_scope *scope, tw_policy *policy, const tw_cli_args *a)
{
    bool given;
    TW_TRY(scope_of(cx, scope, a));
    TW_TRY(tw_cli_policy(cx, policy, &given, a));
    return given ? TW_OK : tw_fail(cx, TW_EUSAGE, "give --policy FILE, --permit TERM or --deny");
}

tw_status tw_cmd_consent_set(tw_ctx *cx, const tw_cli_args *a)
{
    tw_site *s;
    tw_scope scope;
    tw_policy policy;
    tw_owner_report r;
    TW_TRY(consent_of(cx, &scope, &policy, a));
    TW_TRY(tw_cli_site(cx, &s, a));
    tw_status st = tw_app_consent_set(cx, &r, s, &scope, &policy, tw_cli_get(a, "project"));
    tw_site_close(cx, s);
    if (st == TW_OK)
        owner_report(a, "policy signed", &r);
    return st;
}

static void print_reasons(tw_ctx *cx, const tw_json *d, uint32_t decision)
{
    const char *between = " (";
    uint32_t list = tw_json_get(d, decision, "reasons");
    for (uint32_t r = tw_json_first(d, list); r != TW_JSON_NONE; r = tw_json_next(d, list, r)) {
        tw_out("%s" TW_FMT, between, TW_ARG(tw_json_text(cx, d, r)));
        between = ", ";
    }
    tw_out("%s\n", between[0] == ',' ? ")" : "");
}

static tw_status print_dry_run(tw_ctx *cx, tw_str json)
{
    tw_json d;
    TW_TRY(tw_json_parse(cx, &d, json, NULL));
    if (tw_json_first(&d, 0) == TW_JSON_NONE)
        tw_out("no project is live: nobody could read anything\n");
    for (uint32_t p = tw_json_first(&d, 0); p != TW_JSON_NONE; p = tw_json_next(&d, 0, p)) {
        tw_out("project %.12s of " TW_FMT "\n", tw_json_member_text(cx, &d, p, "project").p,
               TW_ARG(tw_json_member_text(cx, &d, p, "researcher")));
        uint32_t list = tw_json_get(&d, p, "categories");
        for (uint32_t c = tw_json_first(&d, list); c != TW_JSON_NONE; c = tw_json_next(&d, list, c)) {
            tw_out("  %-16s " TW_FMT, tw_cstr(cx->arena, tw_json_member_text(cx, &d, c, "category")),
                   TW_ARG(tw_json_member_text(cx, &d, c, "decision")));
            print_reasons(cx, &d, c);
        }
    }
    return TW_OK;
}

tw_status tw_cmd_consent_dry_run(tw_ctx *cx, const tw_cli_args *a)
{
    tw_site *s;
    tw_scope scope;
    tw_policy policy;
    tw_str json;
    TW_TRY(consent_of(cx, &scope, &policy, a));
    TW_TRY(tw_cli_site(cx, &s, a));
    tw_status st = tw_app_consent_dry_run(cx, &json, s, &scope, &policy);
    tw_site_close(cx, s);
    TW_TRY(st);
    if (!a->json)
        return print_dry_run(cx, json);
    tw_out_json j;
    tw_out_json_begin(&j);
    tw_jw_key(&j.w, "projects");
    tw_jw_raw(&j.w, json);
    tw_out_json_end(&j);
    return TW_OK;
}

tw_status tw_cmd_consent_decide(tw_ctx *cx, const tw_cli_args *a)
{
    size_t agree;
    size_t differ;
    tw_buf report;
    tw_bytes text;
    const char *file = tw_cli_get(a, "cases");
    if (!file)
        return tw_fail(cx, TW_EUSAGE, "give --cases FILE");
    TW_TRY(tw_file_read(cx, &text, file, 256 * TW_MIB));
    tw_buf_init(&report, 64 * TW_MIB);
    tw_status st = tw_decide_cases(cx, &agree, &differ, &report, tw_str_of_bytes(text));
    if (st != TW_OK)
        (void)tw_wrap(cx, "%s", file);
    if (st == TW_OK && a->json) {
        tw_out_json j;
        tw_out_json_begin(&j);
        tw_jw_kv_u64(&j.w, "agree", agree);
        tw_jw_kv_u64(&j.w, "differ", differ);
        tw_out_json_end(&j);
    } else if (st == TW_OK) {
        tw_out_str(tw_str_of_bytes(tw_buf_view(&report)));
        tw_out("%zu cases agree, %zu differ\n", agree, differ);
    }
    tw_buf_done(&report);
    if (st == TW_OK && differ)
        return tw_fail(cx, TW_EVERIFY, "%zu cases differ", differ);
    return st;
}

tw_status tw_cmd_stop(tw_ctx *cx, const tw_cli_args *a)
{
    tw_site *s;
    tw_scope scope;
    tw_owner_report r;
    TW_TRY(scope_of(cx, &scope, a));
    TW_TRY(tw_cli_site(cx, &s, a));
    tw_status st = tw_app_stop(cx, &r, s, &scope, tw_cli_has(a, "final"));
    tw_site_close(cx, s);
    if (st == TW_OK)
        owner_report(a, "stopped", &r);
    return st;
}

static tw_status confirm(tw_ctx *cx, const tw_cli_args *a)
{
    const char *given = tw_cli_get(a, "confirm");
    given = given ? given : tw_out_ask(cx, "Erasing cannot be undone. Type the wallet's name: ");
    if (strcmp(given, a->arg[0]) == 0)
        return TW_OK;
    tw_fail(cx, TW_EUSAGE, "erasing wants the wallet's name once more");
    return tw_hint(cx, "--confirm=%s", a->arg[0]);
}

tw_status tw_cmd_erase(tw_ctx *cx, const tw_cli_args *a)
{
    tw_site *s;
    tw_scope scope;
    tw_owner_report r;
    TW_TRY(scope_of(cx, &scope, a));
    TW_TRY(confirm(cx, a));
    TW_TRY(tw_cli_site(cx, &s, a));
    tw_status st = tw_app_erase(cx, &r, s, &scope);
    tw_site_close(cx, s);
    if (st == TW_OK)
        owner_report(a, "erased", &r);
    return st;
}

/* ---------------------------------------------------------------- disclosures */

static tw_status print_disclosures(tw_ctx *cx, tw_str json)
{
    tw_json d;
    uint64_t included = 0;
    uint64_t absent = 0;
    TW_TRY(tw_json_parse(cx, &d, json, NULL));
    uint32_t list = tw_json_get(&d, 0, "releases");
    for (uint32_t r = tw_json_first(&d, list); r != TW_JSON_NONE; r = tw_json_next(&d, list, r)) {
        tw_str id = tw_json_member_text(cx, &d, r, "release");
        tw_str who = tw_json_member_text(cx, &d, r, "researcher");
        uint32_t mine = tw_json_get(&d, r, "mine");
        bool proved = d.tok[tw_json_get(&d, r, "proved")].type == TW_JSON_TRUE;
        tw_out("release %.12s to " TW_FMT ": %u of your compartments%s\n", id.p, TW_ARG(who), d.tok[mine].count,
               proved ? "" : " (its leaf file is not the announced one: no keeper answers it)");
        for (uint32_t m = tw_json_first(&d, mine); m != TW_JSON_NONE; m = tw_json_next(&d, mine, m)) {
            tw_str category = tw_json_member_text(cx, &d, m, "category");
            tw_str source = tw_json_member_text(cx, &d, m, "source");
            uint64_t keepers = 0;
            tw_json_u64(&d, tw_json_get(&d, m, "keepers_answered"), &keepers);
            tw_out("  " TW_FMT " of " TW_FMT ": %llu keepers answered\n", TW_ARG(category), TW_ARG(source),
                   (unsigned long long)keepers);
        }
    }
    tw_json_u64(&d, tw_json_get(&d, 0, "included"), &included);
    tw_json_u64(&d, tw_json_get(&d, 0, "absent"), &absent);
    tw_out("%llu inclusions and %llu absences, each proved against an announced root\n", (unsigned long long)included,
           (unsigned long long)absent);
    return TW_OK;
}

tw_status tw_cmd_disclosures(tw_ctx *cx, const tw_cli_args *a)
{
    tw_site *s;
    tw_str json;
    TW_TRY(tw_cli_site(cx, &s, a));
    tw_status st = tw_app_disclosures(cx, &json, s, a->arg[0]);
    tw_site_close(cx, s);
    TW_TRY(st);
    if (!a->json)
        return print_disclosures(cx, json);
    tw_out(TW_FMT "\n", TW_ARG(json));
    return TW_OK;
}
