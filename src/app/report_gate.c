/* What the gate changed: the fixed specimen person before and after, and the account by rule. */
#include "report_internal.h"

#define LEAVES_MAX 512
#define PATH_MAX_BYTES 200
#define RULES_SHOWN 14

/* ---------------------------------------------------------------- leaves of a document */

typedef struct {
    char path[PATH_MAX_BYTES]; /* names only, without positions */
    tw_str raw;
} leaf;

typedef struct {
    leaf item[LEAVES_MAX];
    size_t count;
} leaves;

static void extend(char out[PATH_MAX_BYTES], const char *path, tw_str name)
{
    snprintf(out, PATH_MAX_BYTES, "%s." TW_FMT, path, TW_ARG(name));
}

static void collect(leaves *all, const tw_json *d, uint32_t value, const char *path)
{
    const tw_json_tok *t = &d->tok[value];
    if (t->type != TW_JSON_OBJECT && t->type != TW_JSON_ARRAY) {
        if (all->count == LEAVES_MAX)
            return;
        leaf *l = &all->item[all->count++];
        snprintf(l->path, sizeof l->path, "%s", path);
        l->raw = tw_json_raw(d, value);
        return;
    }
    for (uint32_t c = tw_json_first(d, value); c != TW_JSON_NONE; c = tw_json_next(d, value, c)) {
        char deeper[PATH_MAX_BYTES];
        if (t->type == TW_JSON_ARRAY) {
            collect(all, d, c, path);
            continue;
        }
        extend(deeper, path, (tw_str){ d->text.p + d->tok[c].off + 1, d->tok[c].len - 2 });
        collect(all, d, c + 1, deeper);
    }
}

typedef enum { SAME, OTHER, ABSENT } likeness;

static likeness look(const leaves *other, const char *path, tw_str raw)
{
    likeness best = ABSENT;
    for (size_t i = 0; i < other->count; i++) {
        if (strcmp(other->item[i].path, path) != 0)
            continue;
        if (tw_str_eq(other->item[i].raw, raw))
            return SAME;
        best = OTHER;
    }
    return best;
}

/* ---------------------------------------------------------------- a side */

/* A line a value; marked where the other side has not the same value in that place. */
static void print_side(tw_page *p, const char *heading, const leaves *all, const leaves *other, const char *tag)
{
    tw_buf_fmt(p->b, "<div><h4>%s</h4><pre>", heading);
    for (size_t i = 0; i < all->count; i++) {
        const leaf *l = &all->item[i];
        bool marked = look(other, l->path, l->raw) != SAME;
        if (i)
            tw_page_raw(p, "\n");
        tw_page_text(p, tw_str_of(l->path[0] == '.' ? l->path + 1 : l->path));
        tw_page_raw(p, " ");
        if (marked)
            tw_buf_fmt(p->b, "<%s>", tag);
        tw_page_text(p, l->raw);
        if (marked)
            tw_buf_fmt(p->b, "</%s>", tag);
    }
    tw_page_raw(p, all->count ? "</pre></div>\n" : "nothing: refused</pre></div>\n");
}

/* ---------------------------------------------------------------- specimen */

static tw_status print_resource(tw_page *p, size_t i, const tw_profile *profile, tw_account *account)
{
    tw_ctx *cx = p->cx;
    tw_deid *record;
    tw_json before;
    tw_json after = { .n = 0 };
    leaves *old = tw_new(cx->arena, leaves);
    leaves *now = tw_new(cx->arena, leaves);
    TW_TRY(tw_json_parse(cx, &before, tw_str_of(tw_deid_specimen(i)), NULL));
    collect(old, &before, 0, "");
    tw_status s = tw_deid_specimen_gate(cx, &record, account, i, profile);
    if (s == TW_OK) {
        TW_TRY(tw_json_parse(cx, &after, tw_str_of_bytes(tw_deid_line(record)), NULL));
        collect(now, &after, 0, "");
    } else if (s != TW_EREFUSED) {
        return s;
    }
    tw_page_raw(p, "<div class=\"two\">\n");
    print_side(p, "in the hospital", old, now, "del");
    print_side(p, "what is sealed", now, old, "ins");
    tw_page_raw(p, "</div>\n");
    return TW_OK;
}

static tw_status specimen(tw_page *p)
{
    tw_profile *profile = NULL;
    size_t count = 0;
    TW_TRY(tw_profile_builtin(p->cx, &profile, TW_STR("twin")));
    tw_account *account = tw_account_new(profile);
    while (tw_deid_specimen(count))
        count++;
    tw_status s = print_resource(p, 0, profile, account);
    tw_page_details(p, "his other records: visit, diagnosis, PSA result, letter");
    for (size_t i = 1; i < count && s == TW_OK; i++)
        s = print_resource(p, i, profile, account);
    tw_page_details_end(p);
    tw_account_free(account);
    tw_profile_free(profile);
    return s;
}

/* ---------------------------------------------------------------- account */

static void rules_chart(tw_page *p)
{
    static const tw_svg_key key[] = { { "kept", TW_SVG_C, TW_SVG_BOX },
                                      { "changed", TW_SVG_E, TW_SVG_BOX },
                                      { "removed", TW_SVG_B, TW_SVG_BOX } };
    const tw_fact_rows *rules = &p->f->rules;
    tw_svg_row row[RULES_SHOWN + 1];
    size_t n = TW_MIN(rules->count, (size_t)RULES_SHOWN);
    tw_svg_row rest = { .label = "all other rules" };
    for (size_t i = 0; i < rules->count; i++) {
        tw_svg_row *r = i < n ? &row[i] : &rest;
        if (i < n)
            *r = (tw_svg_row){ .label = tw_cstr(p->cx->arena, rules->row[i].name) };
        for (size_t k = 0; k < 3; k++)
            r->part[k] += (double)rules->row[i].count[k];
    }
    if (rules->count > n)
        row[n++] = rest;
    tw_svg_bars_opts o = { .title = "Elements by rule of the gate", .key = key, .part_count = 3, .width = 720 };
    o.label_width = 190;
    tw_page_figure(p);
    tw_svg_bars(p->b, &o, row, n);
    tw_page_caption(p,
                    "Elements of all records that came in, by the rule of the profile that decided. What no rule names "
                    "is removed by default-deny.");
    tw_page_details(p, "the same as a table");
    tw_page_table(p, "rule|#kept|#changed|#removed");
    for (size_t i = 0; i < rules->count; i++) {
        tw_page_row(p);
        tw_page_cell_str(p, rules->row[i].name);
        for (size_t k = 0; k < 3; k++)
            tw_page_cell_u64(p, rules->row[i].count[k]);
    }
    tw_page_table_end(p);
    tw_page_details_end(p);
}

tw_status tw_report_gate(tw_page *p)
{
    uint64_t kept = 0;
    uint64_t changed = 0;
    uint64_t removed = 0;
    for (size_t i = 0; i < p->f->sources; i++) {
        kept += p->f->source[i].kept;
        changed += p->f->source[i].changed;
        removed += p->f->source[i].removed + p->f->source[i].unknown;
    }
    tw_page_section(p, "gate", "What the gate changed");
    tw_page_say(p,
                "Every record passes the gate inside the hospital's own process, before anything is stored. A table of "
                "all FHIR elements says what may pass; the rest is removed.");
    tw_page_raw(p, "<h3>One invented person, before and after</h3>\n");
    tw_page_say(
        p, "This person is fixed in the program and belongs to nobody. Struck out: removed or changed. Shaded on "
           "the right: what stands there instead. Dates move by whole weeks, the same for all records of a person, "
           "so that intervals stay exact; ids are keyed.");
    TW_TRY(specimen(p));
    if (p->f->rules.count == 0)
        return TW_OK;
    tw_page_raw(p, "<h3>The account of this site</h3>\n");
    tw_page_say(p, "%s elements kept, %s changed, %s removed.", tw_thousands(p->cx, kept).p,
                tw_thousands(p->cx, changed).p, tw_thousands(p->cx, removed).p);
    rules_chart(p);
    return TW_OK;
}
