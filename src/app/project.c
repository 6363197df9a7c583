/* Projects: keys, body, entry; approvals by stewards. */
#include "app_internal.h"

#define YEAR_S (365u * 86400)
#define PROJECT_KEYS_MAGIC "twp1"

static char *project_dir(tw_ctx *cx, const tw_site *s, const char *grantee, const tw_id *project)
{
    return tw_site_path(cx, s, "grantees/%s/projects/%s", grantee, tw_id_hex(cx, project).p);
}

static tw_status keys_store(tw_ctx *cx, const tw_project_keys *k, const char *dir)
{
    tw_buf b;
    tw_buf_init(&b, TW_KEY_FILE_MAX);
    tw_buf_cstr(&b, PROJECT_KEYS_MAGIC);
    tw_buf_add(&b, k->b, 32);
    tw_buf_add(&b, k->r, 32);
    tw_buf_add(&b, k->project_key, 32);
    tw_status s = tw_file_write(cx, tw_path(cx, dir, "keys"), tw_buf_view(&b));
    tw_buf_done(&b);
    return s;
}

tw_status tw_project_keys_load(tw_ctx *cx, tw_project_keys *out, const tw_site *s, const char *grantee,
                               const tw_id *project)
{
    tw_bytes file;
    char *path = tw_path(cx, project_dir(cx, s, grantee, project), "keys");
    if (!tw_path_exists(cx, path))
        return tw_fail(cx, TW_ENOTFOUND, "this researcher has no such project");
    TW_TRY(tw_file_read(cx, &file, path, TW_KEY_FILE_MAX));
    tw_rd r = tw_rd_of(file);
    tw_bytes magic = tw_rd_view(&r, 4);
    if (r.bad || memcmp(magic.p, PROJECT_KEYS_MAGIC, 4) != 0)
        return tw_fail(cx, TW_EPARSE, "%s is not a project's key file", path);
    tw_rd_copy(&r, out->b, 32);
    tw_rd_copy(&r, out->r, 32);
    tw_rd_copy(&r, out->project_key, 32);
    TW_TRY(tw_rd_end(cx, &r, "project keys"));
    tw_wipe((void *)(uintptr_t)file.p, file.n);
    return TW_OK;
}

static tw_status ethics_hash(tw_ctx *cx, uint8_t out[32], const tw_project_opts *o)
{
    tw_bytes file;
    memset(out, 0, 32);
    if (!o->ethics_file) {
        if (o->purpose.ethics_approval == 1)
            return tw_fail(cx, TW_EUSAGE, "an ethics approval is claimed without its document");
        return TW_OK;
    }
    TW_TRY(tw_file_read(cx, &file, o->ethics_file, 256 * TW_MIB));
    tw_sha256_of(out, file);
    return TW_OK;
}

static tw_status make_body(tw_ctx *cx, tw_bytes *body, tw_project_keys *k, const tw_site *s, const tw_project_opts *o)
{
    uint64_t now = tw_ledger_time(tw_solo_ledger(s->log));
    uint16_t epoch = tw_epoch_of(now);
    tw_project p = { .purpose = o->purpose,
                     .categories = o->categories,
                     .epoch_first = (uint16_t)(epoch - 1),
                     .epoch_last = (uint16_t)(epoch + 1),
                     .from_s = now,
                     .until_s = o->until_s ? o->until_s : now + YEAR_S };
    if (p.until_s <= now)
        return tw_fail(cx, TW_EUSAGE, "the project would end before it begins");
    TW_TRY(ethics_hash(cx, p.ethics_hash, o));
    tw_scalar_random(cx, k->b);
    tw_random(cx, k->r, 32);
    tw_random(cx, k->project_key, 32);
    TW_TRY(tw_point_base(cx, p.b, k->b));
    tw_box_keys(p.r, k->r);
    return tw_project_encode(cx, body, &p);
}

static tw_status describe(tw_ctx *cx, const char *dir, const tw_project_opts *o)
{
    tw_buf b;
    tw_jw w;
    tw_buf_init(&b, 256 * TW_KIB);
    tw_jw_init(&w, &b, 2);
    tw_jw_object(&w);
    tw_jw_kv_u64(&w, "v", 1);
    tw_jw_key(&w, "purpose");
    tw_purpose_to_json(cx, &w, &o->purpose);
    tw_jw_kv(&w, "categories", tw_category_set_text(cx, o->categories));
    tw_jw_object_end(&w);
    tw_status s = tw_buf_check(cx, &b, "project.json");
    if (s == TW_OK)
        s = tw_file_write(cx, tw_path(cx, dir, "project.json"), tw_buf_view(&b));
    tw_buf_done(&b);
    return s;
}

tw_status tw_app_project_open(tw_ctx *cx, tw_id *project, tw_site *s, const tw_project_opts *opts)
{
    tw_party grantee;
    tw_project_keys keys;
    tw_bytes body;
    tw_applied a;
    if (!opts->categories)
        return tw_fail(cx, TW_EUSAGE, "a project names its categories");
    TW_TRY(tw_party_load(cx, &grantee, s, TW_ROLE_GRANTEE, opts->grantee));
    TW_TRY(make_body(cx, &body, &keys, s, opts));
    tw_project_id(project, &grantee.id, body);
    char *dir = project_dir(cx, s, grantee.name, project);
    TW_TRY(tw_dir_make(cx, dir));
    tw_status st = keys_store(cx, &keys, dir);
    tw_wipe(&keys, sizeof keys);
    TW_TRY(st);
    TW_TRY(describe(cx, dir, opts));
    tw_project_open_body b = { .project = *project, .body = body };
    st = tw_site_submit(cx, &a, s, &grantee, TW_ENTRY_PROJECT_OPEN, tw_body_project_open(cx, &b));
    tw_wipe(&grantee, sizeof grantee);
    return st;
}

tw_status tw_app_project_approve(tw_ctx *cx, bool *live, tw_site *s, const char *steward, const tw_id *project)
{
    tw_party me;
    tw_applied a;
    const tw_project_state *p = tw_ledger_project(tw_site_state(s), project);
    if (!p)
        return tw_fail(cx, TW_ENOTFOUND, "no such project on the ledger");
    TW_TRY(tw_party_load(cx, &me, s, TW_ROLE_STEWARD, steward));
    tw_project_approve_body b = { .project = *project };
    tw_sha256_of(b.body_hash, p->body);
    tw_status st = tw_site_submit(cx, &a, s, &me, TW_ENTRY_PROJECT_APPROVE, tw_body_project_approve(cx, &b));
    tw_wipe(&me, sizeof me);
    TW_TRY(st);
    p = tw_ledger_project(tw_site_state(s), project);
    *live = p && p->status == TW_PROJECT_LIVE;
    return TW_OK;
}

/* ---------------------------------------------------------------- by prefix */

typedef struct {
    tw_str prefix;
    tw_id found;
    size_t hits;
} search;

static tw_status match(void *arg, tw_ctx *cx, const tw_entry *e, const tw_op *op)
{
    search *q = arg;
    tw_project_open_body b;
    if (e->code != TW_CODE_OK)
        return TW_OK;
    TW_TRY(tw_body_project_open_read(cx, &b, op->body));
    tw_str hex = tw_id_hex(cx, &b.project);
    if (q->prefix.n <= hex.n && memcmp(hex.p, q->prefix.p, q->prefix.n) == 0) {
        q->found = b.project;
        q->hits++;
    }
    return TW_OK;
}

tw_status tw_app_project_find(tw_ctx *cx, tw_id *project, const tw_site *s, const char *hex_prefix)
{
    search q = { .prefix = tw_str_of(hex_prefix) };
    if (q.prefix.n < 4)
        return tw_fail(cx, TW_EUSAGE, "give at least four digits of the project's id");
    TW_TRY(tw_log_each(cx, s->log, 0, 1u << TW_ENTRY_PROJECT_OPEN, match, &q));
    if (q.hits != 1)
        return tw_fail(cx, TW_ENOTFOUND, "%s project whose id begins with these digits",
                       q.hits ? "more than one" : "no");
    *project = q.found;
    return TW_OK;
}
