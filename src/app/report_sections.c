/* Sections of the report: overview, intake, consent, projects, releases. */
#include "report_internal.h"

#define SHORT_ID 12
#define TYPES_SHOWN 12

static tw_str short_id(tw_ctx *cx, const tw_id *id)
{
    tw_str hex = tw_id_hex(cx, id);
    return (tw_str){ hex.p, SHORT_ID };
}

/* ---------------------------------------------------------------- overview */

static void key_figure(tw_page *p, uint64_t v, const char *what)
{
    tw_page_raw(p, "<div><b>");
    tw_page_text(p, tw_thousands(p->cx, v));
    tw_page_raw(p, "</b><span>");
    tw_page_text(p, tw_str_of(what));
    tw_page_raw(p, "</span></div>\n");
}

static void flow_step(tw_page *p, const char *name, tw_str what)
{
    tw_page_raw(p, "<li><b>");
    tw_page_text(p, tw_str_of(name));
    tw_page_raw(p, "</b><span>");
    tw_page_text(p, what);
    tw_page_raw(p, "</span></li>\n");
}

static void notes(tw_page *p)
{
    if (tw_site_insecure(p->s))
        tw_page_raw(p, "<p class=\"note\"><b>Insecure site.</b> It was made from a seed: anyone can compute its keys. "
                       "Good for looking and for tests, never for real data.</p>\n");
    if (tw_ledger_genesis(tw_site_state(p->s))->witness_none)
        tw_page_raw(p, "<p class=\"note\"><b>Witness: none.</b> Nobody cosigns this ledger yet, so its operator could "
                       "show two histories to two people. Everything else below is checked.</p>\n");
}

void tw_report_overview(tw_page *p)
{
    const tw_facts *f = p->f;
    tw_ctx *cx = p->cx;
    uint64_t read = 0;
    uint64_t objects = 0;
    uint64_t opened = 0;
    for (size_t i = 0; i < f->sources; i++) {
        read += f->source[i].read;
        objects += f->source[i].objects;
    }
    for (size_t i = 0; i < f->releases; i++)
        opened = TW_MAX(opened, f->release[i].records);
    const tw_keeper_set *set = tw_ledger_keeper_set(tw_site_state(p->s));
    tw_page_raw(p,
                "<header>\n<h1>What happened in this site</h1>\n<p class=\"lead\">Told by its own files: the ledger, "
                "the keepers' signed sheets, the sources' accounts, the researchers' folders. Nothing here is a "
                "patient's name, number or date.</p>\n");
    notes(p);
    tw_page_raw(p, "<div class=\"keys\">\n");
    key_figure(p, f->wallets, "wallets of patients");
    key_figure(p, read, "resources read by sources");
    key_figure(p, objects, "sealed objects in the vault");
    key_figure(p, f->releases, "releases announced");
    key_figure(p, opened, "records opened in the largest release");
    key_figure(p, f->log_size, "entries on the ledger");
    tw_page_raw(p, "</div>\n<ol class=\"flow\">\n");
    flow_step(p, "Sources", tw_strf(cx->arena, "%zu read FHIR and let it through the gate", f->sources));
    flow_step(p, "Vault", TW_STR("holds only what is sealed under patients' keys"));
    flow_step(p, "Ledger", TW_STR("orders consents, projects and releases"));
    flow_step(p, "Keepers", tw_strf(cx->arena, "any %u of %u answer, if consent is live", set->t, set->n));
    flow_step(p, "Researcher", TW_STR("opens what was answered, and builds twins"));
    tw_page_raw(p, "</ol>\n<nav><a href=\"#intake\">What came in</a> <a href=\"#gate\">The gate</a> ");
    tw_page_raw(p, "<a href=\"#consent\">Consent</a> <a href=\"#projects\">Projects</a> ");
    tw_page_raw(p, "<a href=\"#releases\">Releases</a> <a href=\"#twins\">Twins</a> ");
    tw_page_raw(p, "<a href=\"#attempts\">Attempts</a> <a href=\"#patient\">A patient's view</a> ");
    tw_page_raw(p, "<a href=\"#ledger\">Ledger and audit</a></nav>\n</header>\n<main>\n");
}

/* ---------------------------------------------------------------- intake */

static void intake_chart(tw_page *p)
{
    static const tw_svg_key key[] = { { "accepted, new", TW_SVG_A, TW_SVG_BOX },
                                      { "accepted, seen before", TW_SVG_D, TW_SVG_BOX },
                                      { "refused by type", TW_SVG_GREY, TW_SVG_BOX },
                                      { "dead letters", TW_SVG_B, TW_SVG_BOX } };
    const tw_facts *f = p->f;
    tw_svg_row *row = tw_arena_get(p->cx->arena, (f->sources + 1) * sizeof *row);
    size_t n = 0;
    for (size_t i = 0; i < f->sources; i++) {
        const tw_fact_source *s = &f->source[i];
        if (!s->told)
            continue;
        row[n] = (tw_svg_row){ .label = tw_cstr(p->cx->arena, s->name) };
        row[n].part[0] = (double)(s->accepted - s->duplicates);
        row[n].part[1] = (double)s->duplicates;
        row[n].part[2] = (double)s->refused;
        row[n++].part[3] = (double)s->dead;
    }
    if (n == 0)
        return;
    tw_svg_bars_opts o = { .title = "Resources read, by source", .key = key, .part_count = 4, .width = 720 };
    o.label_width = 90;
    tw_page_figure(p);
    tw_svg_bars(p->b, &o, row, n);
    tw_page_caption(
        p, "Resources that each source read. Refused by type: no record of a patient, such as an organization. "
           "Dead letters: could not be used, kept with place and reason. Nothing is dropped in silence.");
}

static void intake_table(tw_page *p)
{
    const tw_facts *f = p->f;
    tw_page_table(p,
                  "source|#files|#read|#accepted|#of them seen before|#refused by type|#dead letters|#batches|#sealed "
                  "objects|#bytes");
    for (size_t i = 0; i < f->sources; i++) {
        const tw_fact_source *s = &f->source[i];
        tw_page_row(p);
        tw_page_cell_str(p, s->name);
        tw_page_cell_u64(p, s->files);
        tw_page_cell_u64(p, s->read);
        tw_page_cell_u64(p, s->accepted);
        tw_page_cell_u64(p, s->duplicates);
        tw_page_cell_u64(p, s->refused);
        tw_page_cell_u64(p, s->dead);
        tw_page_cell_u64(p, s->batches);
        tw_page_cell_u64(p, s->objects);
        tw_page_cell_u64(p, s->bytes);
    }
    tw_page_table_end(p);
}

static void rows_table(tw_page *p, const char *columns, const tw_fact_rows *rows, size_t numbers)
{
    tw_page_table(p, columns);
    for (size_t i = 0; i < rows->count; i++) {
        tw_page_row(p);
        tw_page_cell_str(p, rows->row[i].name);
        for (size_t k = 0; k < numbers; k++)
            tw_page_cell_u64(p, rows->row[i].count[k]);
    }
    tw_page_table_end(p);
}

static void add_rows(tw_page *p, tw_fact_rows *sum, const tw_fact_rows *from)
{
    for (size_t i = 0; i < from->count; i++) {
        tw_fact_row *row = tw_fact_row_of(p->cx, sum, from->row[i].name);
        for (size_t k = 0; k < TW_COUNT(row->count); k++)
            row->count[k] += from->row[i].count[k];
    }
}

void tw_report_intake(tw_page *p)
{
    tw_fact_rows types = { .count = 0 };
    tw_fact_rows reasons = { .count = 0 };
    for (size_t i = 0; i < p->f->sources; i++) {
        add_rows(p, &types, &p->f->source[i].types);
        add_rows(p, &reasons, &p->f->source[i].reasons);
    }
    tw_fact_rows_sort(&types);
    tw_fact_rows_sort(&reasons);
    tw_page_section(p, "intake", "What came in, and from whom");
    tw_page_say(p, "Sources read their own files; accepted + refused by type + dead letters = read, for each of them.");
    intake_chart(p);
    intake_table(p);
    if (types.count) {
        tw_page_details(p, "by type of resource");
        rows_table(p, "type|#accepted|#refused by type|#dead letters", &types, 3);
        tw_page_details_end(p);
    }
    if (reasons.count) {
        tw_page_details(p, "reasons of dead letters");
        rows_table(p, "reason|#dead letters", &reasons, 1);
        tw_page_details_end(p);
    }
}

/* ---------------------------------------------------------------- consent */

static void bars_of(tw_page *p, const char *title, const tw_fact_rows *rows, size_t most, tw_svg_colour colour,
                    double label_width)
{
    tw_svg_key key = { "", colour, TW_SVG_BOX };
    size_t n = TW_MIN(rows->count, most);
    tw_svg_row *row = tw_arena_get(p->cx->arena, (n + 2) * sizeof *row);
    tw_svg_row rest = { .label = "all others" };
    for (size_t i = 0; i < rows->count; i++) {
        if (i < n)
            row[i] = (tw_svg_row){ .label = tw_cstr(p->cx->arena, rows->row[i].name),
                                   .part = { (double)rows->row[i].count[0] } };
        else
            rest.part[0] += (double)rows->row[i].count[0];
    }
    if (rows->count > n)
        row[n++] = rest;
    tw_svg_bars_opts o = { .title = title, .key = &key, .part_count = 1, .width = 720, .label_width = label_width };
    tw_svg_bars(p->b, &o, row, n);
}

static const char *project_label(tw_page *p, const tw_fact_project *project)
{
    return tw_strf(p->cx->arena, TW_FMT ", %.6s", TW_ARG(project->grantee), tw_id_hex(p->cx, &project->id).p).p;
}

static void views_chart(tw_page *p)
{
    static const tw_svg_key key[] = { { "permitted", TW_SVG_C, TW_SVG_BOX },
                                      { "granted by name", TW_SVG_A, TW_SVG_BOX },
                                      { "a person must decide", TW_SVG_E, TW_SVG_BOX },
                                      { "denied", TW_SVG_B, TW_SVG_BOX },
                                      { "stopped or erased", TW_SVG_GREY, TW_SVG_BOX } };
    const tw_facts *f = p->f;
    tw_svg_row *row = tw_arena_get(p->cx->arena, (f->projects + 1) * sizeof *row);
    for (size_t i = 0; i < f->projects; i++) {
        row[i] = (tw_svg_row){ .label = project_label(p, &f->project[i]) };
        for (size_t k = 0; k < TW_COUNT(key); k++)
            row[i].part[k] = (double)f->project[i].wallets[k];
    }
    tw_svg_bars_opts o = { .title = "Wallets by what a project may have of them", .key = key, .part_count = 5 };
    o.width = 720;
    o.label_width = 160;
    tw_page_figure(p);
    tw_svg_bars(p->b, &o, row, f->projects);
    tw_page_caption(p,
                    "What each project may have now, by wallet: the best of a wallet's compartments in the project's "
                    "categories, decided again here from the policies that the wallets hold.");
    tw_page_details(p, "the same as a table");
    tw_page_table(p, "project|purpose|#permitted|#granted by name|#a person must decide|#denied|#stopped or erased");
    for (size_t i = 0; i < f->projects; i++) {
        tw_page_row(p);
        tw_page_cell_str(p, tw_str_of(row[i].label));
        tw_page_cell_str(p, tw_purpose_words(p->cx, &f->project[i].purpose));
        for (size_t k = 0; k < TW_COUNT(key); k++)
            tw_page_cell_u64(p, f->project[i].wallets[k]);
    }
    tw_page_table_end(p);
    tw_page_details_end(p);
}

void tw_report_consent(tw_page *p)
{
    const tw_facts *f = p->f;
    tw_page_section(p, "consent", "Who consented to what");
    tw_page_say(
        p,
        "%s wallets hold the keys and the policies of their owners; a hospital may hold one in custody until its "
        "patient claims it. The ledger knows exceptions only: %s new policies, %s stops, %s orders to erase "
        "(%s compartments erased, with the keepers' signed deletions). %s orders were refused.",
        tw_thousands(p->cx, f->wallets).p, tw_thousands(p->cx, f->policies).p, tw_thousands(p->cx, f->stops).p,
        tw_thousands(p->cx, f->erasures).p, tw_thousands(p->cx, f->compartments_erased).p,
        tw_thousands(p->cx, f->owner_refused).p);
    if (f->wills.count) {
        tw_page_figure(p);
        bars_of(p, "Wallets by what they permit", &f->wills, 12, TW_SVG_C, 220);
        tw_page_caption(p, "What the wallets permit, in the words of their policies: number of wallets.");
        tw_page_details(p, "the same as a table");
        rows_table(p, "permitted|#wallets", &f->wills, 1);
        tw_page_details_end(p);
    }
    if (f->projects)
        views_chart(p);
}

/* ---------------------------------------------------------------- projects */

static const char *status_words(uint8_t status)
{
    return status == TW_PROJECT_LIVE ? "live" : status == TW_PROJECT_PENDING ? "pending" : "closed";
}

static tw_str category_words(tw_ctx *cx, uint32_t set)
{
    tw_buf b;
    if (set == TW_CAT_ALL)
        return TW_STR("all");
    tw_buf_init(&b, 4 * TW_KIB);
    for (unsigned c = 1; c <= TW_CATEGORY_COUNT; c++)
        if (set & TW_CAT_BIT(c))
            tw_buf_fmt(&b, "%s%s", b.n ? ", " : "", tw_category_name((tw_category)c));
    tw_str out = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return out;
}

void tw_report_projects(tw_page *p)
{
    const tw_facts *f = p->f;
    const tw_genesis *g = tw_ledger_genesis(tw_site_state(p->s));
    tw_page_section(p, "projects", "Projects and approvals");
    tw_page_say(
        p,
        "A project lives once %u of %u stewards have signed it. That opens nothing by itself: each answer still "
        "needs a patient's consent.",
        g->steward_k, g->steward_n);
    tw_page_table(p, "project|researcher|purpose|categories|state|#signatures|#entry");
    for (size_t i = 0; i < f->projects; i++) {
        const tw_fact_project *q = &f->project[i];
        tw_page_row(p);
        tw_page_cell_str(p, short_id(p->cx, &q->id));
        tw_page_cell_str(p, q->grantee);
        tw_page_cell_str(p, tw_purpose_words(p->cx, &q->purpose));
        tw_page_cell_str(p, category_words(p->cx, q->categories));
        tw_page_cell(p, "%s", status_words(q->status));
        tw_page_cell_u64(p, q->approvals);
        tw_page_cell_u64(p, q->idx);
    }
    tw_page_table_end(p);
}

/* ---------------------------------------------------------------- releases */

static void codes_table(tw_page *p)
{
    const tw_facts *f = p->f;
    tw_page_details(p, "what the keepers said of each leaf: code by release");
    tw_page_table(p, "release|code|meaning|#leaves, over all keepers");
    for (size_t i = 0; i < f->releases; i++)
        for (unsigned c = 0; c < TW_LEAF_CODE_COUNT; c++) {
            if (!f->release[i].codes[c])
                continue;
            tw_page_row(p);
            tw_page_cell_str(p, short_id(p->cx, &f->release[i].id));
            tw_page_cell(p, "%u", c);
            tw_page_cell(p, "%s", tw_leaf_code_text(c));
            tw_page_cell_u64(p, f->release[i].codes[c]);
        }
    tw_page_table_end(p);
    tw_page_details_end(p);
}

static void releases_table(tw_page *p)
{
    const tw_facts *f = p->f;
    tw_page_table(p, "release|researcher|project|#entry|#leaves|#sheets|#answers of keepers|#refusals|#records opened|"
                     "#persons");
    for (size_t i = 0; i < f->releases; i++) {
        const tw_fact_release *r = &f->release[i];
        uint64_t refused = 0;
        for (unsigned c = 1; c < TW_LEAF_CODE_COUNT; c++)
            refused += r->codes[c];
        tw_page_row(p);
        tw_page_cell_str(p, short_id(p->cx, &r->id));
        tw_page_cell_str(p, r->grantee);
        tw_page_cell_str(p, short_id(p->cx, &r->project));
        tw_page_cell_u64(p, r->idx);
        tw_page_cell_u64(p, r->leaves);
        tw_page_cell_u64(p, r->sheets);
        tw_page_cell_u64(p, r->codes[TW_LEAF_ANSWERED]);
        tw_page_cell_u64(p, refused);
        tw_page_cell_u64(p, r->records);
        tw_page_cell_u64(p, r->persons);
    }
    tw_page_table_end(p);
}

void tw_report_releases(tw_page *p)
{
    const tw_facts *f = p->f;
    const tw_fact_release *largest = NULL;
    for (size_t i = 0; i < f->releases; i++)
        if (f->release[i].opened && (!largest || f->release[i].records > largest->records))
            largest = &f->release[i];
    tw_page_section(p, "releases", "Who got what");
    tw_page_say(
        p, "A release is announced on the ledger before any keeper answers. Keepers decide each leaf by themselves "
           "and sign a sheet with a code a leaf. Records open under ids of the project, which differ from project "
           "to project.");
    if (largest) {
        tw_page_figure(p);
        bars_of(p, "Records of the largest release, by type", &largest->types, TYPES_SHOWN, TW_SVG_A, 190);
        tw_page_caption(p, "The largest release that was opened, %.12s by %.*s: %s records of %s persons, by type.",
                        tw_id_hex(p->cx, &largest->id).p, TW_ARG(largest->grantee),
                        tw_thousands(p->cx, largest->records).p, tw_thousands(p->cx, largest->persons).p);
    }
    if (f->releases > 8) {
        tw_page_details(p, "all releases, attempts included");
        releases_table(p);
        tw_page_details_end(p);
    } else {
        releases_table(p);
    }
    codes_table(p);
}
