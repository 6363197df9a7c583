/* The report: attempts, a patient's view, ledger and audit; and the page as a whole. */
#include "report_internal.h"

#define PAGE_MAX (256 * TW_MIB)
#define FINDINGS_SHOWN 40

/* ---------------------------------------------------------------- attempts */

tw_status tw_report_attempts(tw_page *p)
{
    tw_json d;
    TW_TRY(tw_fact_json(p->cx, &d, tw_site_path(p->cx, p->s, "attempts.json")));
    uint32_t list = d.n ? tw_json_get(&d, 0, "attempts") : TW_JSON_NONE;
    tw_page_section(p, "attempts", "Attempts to cheat");
    if (list == TW_JSON_NONE) {
        tw_page_say(p, "Nobody tried in this site: there is no attempts.json.");
        return TW_OK;
    }
    tw_page_say(p, "Each row changes one fact of an honest run. The first row changes nothing, and is answered.");
    tw_page_table(p, "attempt|what was changed|expected|what came|");
    for (uint32_t a = tw_json_first(&d, list); a != TW_JSON_NONE; a = tw_json_next(&d, list, a)) {
        uint32_t held = tw_json_get(&d, a, "held");
        bool ok = held != TW_JSON_NONE && d.tok[held].type == TW_JSON_TRUE;
        tw_page_row(p);
        tw_page_cell_str(p, tw_json_member_text(p->cx, &d, a, "name"));
        tw_page_cell_str(p, tw_json_member_text(p->cx, &d, a, "changed"));
        tw_page_cell_str(p, tw_json_member_text(p->cx, &d, a, "expected"));
        tw_page_cell_str(p, tw_json_member_text(p->cx, &d, a, "got"));
        tw_page_raw(p, ok ? "<td><span class=\"tag ok\">as it must</span></td>"
                          : "<td><span class=\"tag no\">NOT as it must</span></td>");
    }
    tw_page_table_end(p);
    return TW_OK;
}

/* ---------------------------------------------------------------- a patient's view */

static void disclosures_table(tw_page *p, const tw_json *d)
{
    uint32_t list = tw_json_get(d, 0, "releases");
    if (list == TW_JSON_NONE)
        return;
    tw_page_table(p, "release|researcher|#leaves|#of them this patient's|checked against the announced root");
    for (uint32_t r = tw_json_first(d, list); r != TW_JSON_NONE; r = tw_json_next(d, list, r)) {
        uint32_t mine = tw_json_get(d, r, "mine");
        uint32_t proved = tw_json_get(d, r, "proved");
        tw_str id = tw_json_member_text(p->cx, d, r, "release");
        tw_page_row(p);
        tw_page_cell_str(p, (tw_str){ id.p, TW_MIN(id.n, (size_t)12) });
        tw_page_cell_str(p, tw_json_member_text(p->cx, d, r, "researcher"));
        tw_page_cell_u64(p, tw_fact_u64(d, r, "leaves"));
        tw_page_cell_u64(p, mine == TW_JSON_NONE ? 0 : d->tok[mine].count);
        tw_page_cell(p, "%s", proved != TW_JSON_NONE && d->tok[proved].type == TW_JSON_TRUE
                                  ? "yes"
                                  : "no: such a release is refused whole");
    }
    tw_page_table_end(p);
}

tw_status tw_report_patient(tw_page *p)
{
    tw_str *name;
    size_t count;
    tw_page_section(p, "patient", "What one patient sees");
    tw_page_say(
        p, "A wallet finds itself in a release, or proves its absence, from public leaf files: nobody else can tell "
           "whose leaf is whose.");
    TW_TRY(tw_dir_list(p->cx, &name, &count, tw_site_path(p->cx, p->s, "wallets")));
    for (size_t i = 0; i < count; i++) {
        tw_json d;
        if (!tw_str_ends(name[i], ".disclosures.json"))
            continue;
        TW_TRY(tw_fact_json(p->cx, &d, tw_site_path(p->cx, p->s, "wallets/" TW_FMT, TW_ARG(name[i]))));
        tw_page_say(p, "One wallet with %s compartments, at log size %s: found %s times, proved absent %s times.",
                    tw_thousands(p->cx, tw_fact_u64(&d, 0, "compartments")).p,
                    tw_thousands(p->cx, tw_fact_u64(&d, 0, "log_size")).p,
                    tw_thousands(p->cx, tw_fact_u64(&d, 0, "included")).p,
                    tw_thousands(p->cx, tw_fact_u64(&d, 0, "absent")).p);
        tw_page_details(p, "release by release");
        disclosures_table(p, &d);
        tw_page_details_end(p);
        return TW_OK;
    }
    tw_page_say(p, "No wallet has kept its look here; twinward disclosures WALLET shows it.");
    return TW_OK;
}

/* ---------------------------------------------------------------- ledger and audit */

static void entries_chart(tw_page *p)
{
    static const tw_svg_key key[] = { { "taken", TW_SVG_A, TW_SVG_BOX },
                                      { "refused, and logged", TW_SVG_B, TW_SVG_BOX } };
    const tw_fact_rows *e = &p->f->entries;
    tw_svg_row *row = tw_arena_get(p->cx->arena, (e->count + 1) * sizeof *row);
    for (size_t i = 0; i < e->count; i++)
        row[i] = (tw_svg_row){ .label = tw_cstr(p->cx->arena, e->row[i].name),
                               .part = { (double)e->row[i].count[0], (double)e->row[i].count[1] } };
    tw_svg_bars_opts o = { .title = "Entries of the ledger by kind", .key = key, .part_count = 2, .width = 720 };
    o.label_width = 150;
    tw_page_figure(p);
    tw_svg_bars(p->b, &o, row, e->count);
    tw_page_caption(
        p, "Entries of the ledger by kind. It holds order, signatures, roots and codes: no record, no identifier, "
           "no date of an event.");
}

static void audit_part(tw_page *p)
{
    const tw_audit_report *a = p->f->audit;
    tw_page_raw(p, "<h3>Audit</h3>\n<p>");
    tw_page_raw(p, a->failures ? "<span class=\"tag no\">the audit FAILED</span> "
                               : "<span class=\"tag ok\">everything verifies</span> ");
    tw_page_text(p,
                 tw_strf(p->cx->arena,
                         "From the files alone, without keys: %s entries replayed, %s packs with %s objects, %s "
                         "releases, %s sheets; %s answered leaves were decided again at the log size of their sheet.",
                         tw_thousands(p->cx, a->entries).p, tw_thousands(p->cx, a->packs).p,
                         tw_thousands(p->cx, a->objects).p, tw_thousands(p->cx, a->releases).p,
                         tw_thousands(p->cx, a->sheets).p, tw_thousands(p->cx, a->answered_leaves).p));
    tw_page_raw(p, "</p>\n");
    if (a->finding_count == 0)
        return;
    tw_page_details(p, "findings");
    tw_page_table(p, "|file|finding");
    for (size_t i = 0; i < TW_MIN(a->finding_count, (size_t)FINDINGS_SHOWN); i++) {
        tw_page_row(p);
        tw_page_cell(p, "%s", a->finding[i].severity);
        tw_page_cell_str(p, a->finding[i].file);
        tw_page_cell_str(p, a->finding[i].what);
    }
    tw_page_table_end(p);
    if (a->finding_count > FINDINGS_SHOWN)
        tw_page_say(p, "%zu more.", a->finding_count - FINDINGS_SHOWN);
    tw_page_details_end(p);
}

void tw_report_ledger(tw_page *p)
{
    tw_page_section(p, "ledger", "Ledger, proof and audit");
    entries_chart(p);
    tw_page_raw(p, "<h3>Checkpoint</h3>\n");
    tw_page_say(p, "A signed note over %s entries; other people's verifiers of C2SP logs read it.",
                tw_thousands(p->cx, p->f->log_size).p);
    tw_page_raw(p, "<pre>");
    tw_page_text(p, p->f->checkpoint);
    tw_page_raw(p, "</pre>\n");
    if (p->f->receipt.n) {
        tw_page_raw(p, "<h3>A proof</h3>\n");
        tw_page_say(p, "The receipt that a source keeps of one sealed batch: it is in the log.");
        tw_page_raw(p, "<pre>");
        tw_page_text(p, p->f->receipt);
        tw_page_raw(p, "</pre>\n<p>Check it: <code>twinward verify ");
        tw_page_text(p, p->f->receipt_of);
        tw_page_raw(p, "</code></p>\n");
    }
    audit_part(p);
}

/* ---------------------------------------------------------------- the whole */

static tw_status write_page(tw_page *p)
{
    tw_page_begin(p);
    tw_report_overview(p);
    tw_report_intake(p);
    TW_TRY(tw_report_gate(p));
    tw_report_consent(p);
    tw_report_projects(p);
    tw_report_releases(p);
    TW_TRY(tw_report_twins(p));
    TW_TRY(tw_report_attempts(p));
    TW_TRY(tw_report_patient(p));
    tw_report_ledger(p);
    tw_page_raw(p, "</main>\n<footer><p>Written by twinward from the files of ledger <code>");
    tw_page_text(p, tw_id_hex(p->cx, tw_site_ledger_id(p->s)));
    tw_page_raw(p, "</code>. One page, no script, no network.</p></footer>\n");
    tw_page_end(p);
    return tw_buf_check(p->cx, p->b, "report");
}

tw_status tw_report_make(tw_ctx *cx, tw_facts *f, tw_site *s, const char *path)
{
    tw_buf b;
    tw_page p = { &b, cx, s, f };
    TW_TRY(tw_facts_read(cx, f, s));
    f->audit = tw_new(cx->arena, tw_audit_report);
    tw_status st = tw_app_audit(cx, f->audit, tw_site_dir(s));
    if (st != TW_OK && st != TW_EVERIFY) /* a site whose audit fails has a report that says so */
        return st;
    tw_buf_init(&b, PAGE_MAX);
    st = write_page(&p);
    if (st == TW_OK)
        st = tw_file_write(cx, path, tw_buf_view(&b));
    tw_buf_done(&b);
    return st;
}

tw_status tw_app_report(tw_ctx *cx, tw_site *s, const char *path)
{
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_status st = tw_report_make(cx, tw_new(cx->arena, tw_facts), s, path);
    tw_arena_back(cx->arena, mark);
    return st;
}
