/* Bodies of operations: an encoder and a decoder for each kind. A list is u32 count and items. */
#include "ledger/ledger_internal.h"

#define SIGS_MAX UINT8_MAX
#define HASHES_MAX 2000

/* ---------------------------------------------------------------- helpers */

static void begin(tw_buf *b)
{
    tw_buf_init(b, TW_OP_BYTES_MAX);
}

static tw_bytes end(tw_ctx *cx, tw_buf *b)
{
    TW_ASSERT(!b->failed); /* callers keep within the limits that the header names */
    tw_bytes out = tw_bytes_dup(cx->arena, tw_buf_view(b));
    tw_buf_done(b);
    return out;
}

static void put_id(tw_buf *b, const tw_id *id)
{
    tw_buf_add(b, id->b, sizeof id->b);
}

static void get_id(tw_id *out, tw_rd *in)
{
    tw_rd_copy(in, out->b, sizeof out->b);
}

/* Count of a list whose items take at least `size` bytes: never more than what is left can hold. */
static tw_status get_count(tw_ctx *cx, size_t *out, tw_rd *in, size_t max, size_t size, const char *what)
{
    uint32_t n = tw_rd_u32(in);
    if (n > max || n > tw_rd_left(in) / size)
        return tw_fail(cx, TW_EPARSE, "%s: a list of %u items", what, (unsigned)n);
    *out = n;
    return TW_OK;
}

/* 32-byte items, borrowed where they stand. */
static tw_status get_hashes(tw_ctx *cx, const uint8_t **out, size_t *count, tw_rd *in, bool sorted, const char *what)
{
    TW_TRY(get_count(cx, count, in, HASHES_MAX, 32, what));
    const uint8_t *p = tw_rd_view(in, *count * 32).p;
    for (size_t i = 1; sorted && i < *count; i++)
        if (memcmp(p + (i - 1) * 32, p + i * 32, 32) >= 0)
            return tw_fail(cx, TW_EPARSE, "%s: item %zu does not ascend", what, i + 1);
    *out = p;
    return TW_OK;
}

static void put_sigs(tw_buf *b, const tw_steward_sig *sig, size_t count)
{
    tw_buf_u32(b, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        put_id(b, &sig[i].steward);
        tw_buf_add(b, sig[i].sig, TW_SIG);
    }
}

static tw_status get_sigs(tw_ctx *cx, const tw_steward_sig **out, size_t *count, tw_rd *in, const char *what)
{
    TW_TRY(get_count(cx, count, in, SIGS_MAX, TW_STEWARD_SIG_BYTES, what));
    tw_steward_sig *sig = tw_try_array(cx->arena, tw_steward_sig, *count);
    if (!sig)
        return tw_fail(cx, TW_ELIMIT, "%s: no memory left", what);
    for (size_t i = 0; i < *count; i++) {
        get_id(&sig[i].steward, in);
        tw_rd_copy(in, sig[i].sig, TW_SIG);
        if (i && tw_id_cmp(&sig[i - 1].steward, &sig[i].steward) >= 0)
            return tw_fail(cx, TW_EPARSE, "%s: signature %zu does not ascend", what, i + 1);
    }
    *out = sig;
    return TW_OK;
}

/* ---------------------------------------------------------------- parties */

tw_bytes tw_body_party_add(tw_ctx *cx, const tw_party_add_body *body)
{
    tw_buf b;
    begin(&b);
    tw_party_spec_encode(&b, &body->spec);
    put_sigs(&b, body->sig, body->count);
    return end(cx, &b);
}

tw_status tw_body_party_add_read(tw_ctx *cx, tw_party_add_body *out, tw_bytes bytes)
{
    tw_rd in = tw_rd_of(bytes);
    TW_TRY(tw_party_spec_read(cx, &out->spec, &in));
    TW_TRY(get_sigs(cx, &out->sig, &out->count, &in, "party-add"));
    return tw_rd_end(cx, &in, "party-add");
}

tw_bytes tw_body_party_rotate(tw_ctx *cx, const tw_party_rotate_body *body)
{
    tw_buf b;
    begin(&b);
    put_id(&b, &body->party);
    tw_buf_add(&b, body->ed25519, TW_KEY);
    tw_buf_add(&b, body->x25519, TW_KEY);
    put_sigs(&b, body->sig, body->count);
    return end(cx, &b);
}

tw_status tw_body_party_rotate_read(tw_ctx *cx, tw_party_rotate_body *out, tw_bytes bytes)
{
    tw_rd in = tw_rd_of(bytes);
    get_id(&out->party, &in);
    tw_rd_copy(&in, out->ed25519, TW_KEY);
    tw_rd_copy(&in, out->x25519, TW_KEY);
    TW_TRY(get_sigs(cx, &out->sig, &out->count, &in, "party-rotate"));
    return tw_rd_end(cx, &in, "party-rotate");
}

tw_bytes tw_body_party_suspend(tw_ctx *cx, const tw_party_suspend_body *body)
{
    tw_buf b;
    begin(&b);
    put_id(&b, &body->party);
    tw_buf_u8(&b, body->reason);
    put_sigs(&b, body->sig, body->count);
    return end(cx, &b);
}

tw_status tw_body_party_suspend_read(tw_ctx *cx, tw_party_suspend_body *out, tw_bytes bytes)
{
    tw_rd in = tw_rd_of(bytes);
    get_id(&out->party, &in);
    out->reason = tw_rd_u8(&in);
    TW_TRY(get_sigs(cx, &out->sig, &out->count, &in, "party-suspend"));
    return tw_rd_end(cx, &in, "party-suspend");
}

tw_bytes tw_body_keeper_set(tw_ctx *cx, const tw_keeper_set_body *body)
{
    tw_buf b;
    begin(&b);
    tw_keeper_set_encode(&b, &body->set);
    tw_buf_add(&b, body->transcript_root, 32);
    put_sigs(&b, body->sig, body->count);
    return end(cx, &b);
}

tw_status tw_body_keeper_set_read(tw_ctx *cx, tw_keeper_set_body *out, tw_bytes bytes)
{
    tw_rd in = tw_rd_of(bytes);
    TW_TRY(tw_keeper_set_read(cx, &out->set, &in));
    tw_rd_copy(&in, out->transcript_root, 32);
    TW_TRY(get_sigs(cx, &out->sig, &out->count, &in, "keeper-set"));
    return tw_rd_end(cx, &in, "keeper-set");
}

tw_bytes tw_body_import_key(tw_ctx *cx, const tw_import_key_body *body)
{
    tw_buf b;
    begin(&b);
    tw_buf_add(&b, body->key, TW_KEY);
    tw_buf_u64(&b, body->valid_until);
    return end(cx, &b);
}

tw_status tw_body_import_key_read(tw_ctx *cx, tw_import_key_body *out, tw_bytes bytes)
{
    tw_rd in = tw_rd_of(bytes);
    tw_rd_copy(&in, out->key, TW_KEY);
    out->valid_until = tw_rd_u64(&in);
    return tw_rd_end(cx, &in, "import-key");
}

/* ---------------------------------------------------------------- sources and keepers */

tw_bytes tw_body_opening(tw_ctx *cx, const tw_opening_body *body)
{
    tw_buf b;
    begin(&b);
    tw_buf_add(&b, body->root, 32);
    tw_buf_u32(&b, body->leaves);
    tw_buf_u16(&b, body->epoch);
    return end(cx, &b);
}

tw_status tw_body_opening_read(tw_ctx *cx, tw_opening_body *out, tw_bytes bytes)
{
    tw_rd in = tw_rd_of(bytes);
    tw_rd_copy(&in, out->root, 32);
    out->leaves = tw_rd_u32(&in);
    out->epoch = tw_rd_u16(&in);
    TW_TRY(tw_rd_end(cx, &in, "opening"));
    uint32_t n = out->leaves;
    if (n < TW_OPENING_MIN || n > TW_OPENING_MAX || (n & (n - 1)) != 0)
        return tw_fail(cx, TW_EPARSE, "opening: %u leaves are no padded size", (unsigned)n);
    return TW_OK;
}

tw_bytes tw_body_batch(tw_ctx *cx, const tw_batch_body *body)
{
    tw_buf b;
    begin(&b);
    tw_buf_add(&b, body->root, 32);
    tw_buf_u32(&b, body->leaves);
    tw_buf_u64(&b, body->bytes);
    return end(cx, &b);
}

tw_status tw_body_batch_read(tw_ctx *cx, tw_batch_body *out, tw_bytes bytes)
{
    tw_rd in = tw_rd_of(bytes);
    tw_rd_copy(&in, out->root, 32);
    out->leaves = tw_rd_u32(&in);
    out->bytes = tw_rd_u64(&in);
    TW_TRY(tw_rd_end(cx, &in, "batch"));
    if (out->leaves == 0)
        return tw_fail(cx, TW_EPARSE, "batch: no leaves");
    return TW_OK;
}

tw_bytes tw_body_erased(tw_ctx *cx, const tw_erased_body *body)
{
    tw_buf b;
    begin(&b);
    put_id(&b, &body->comp);
    tw_buf_u32(&b, (uint32_t)body->count);
    for (size_t i = 0; i < body->count; i++)
        tw_deletion_encode(&b, &body->deletion[i]);
    return end(cx, &b);
}

tw_status tw_body_erased_read(tw_ctx *cx, tw_erased_body *out, tw_bytes bytes)
{
    tw_rd in = tw_rd_of(bytes);
    get_id(&out->comp, &in);
    TW_TRY(get_count(cx, &out->count, &in, TW_SHARES_MAX, 32 + 32 + 8 + TW_SIG, "erased"));
    tw_deletion *d = tw_try_array(cx->arena, tw_deletion, out->count);
    if (!d)
        return tw_fail(cx, TW_ELIMIT, "erased: no memory left");
    for (size_t i = 0; i < out->count; i++)
        tw_deletion_read(&d[i], &in);
    out->deletion = d;
    return tw_rd_end(cx, &in, "erased");
}

/* ---------------------------------------------------------------- projects and releases */

tw_bytes tw_body_project_open(tw_ctx *cx, const tw_project_open_body *body)
{
    tw_buf b;
    begin(&b);
    put_id(&b, &body->project);
    tw_buf_var(&b, body->body);
    return end(cx, &b);
}

tw_status tw_body_project_open_read(tw_ctx *cx, tw_project_open_body *out, tw_bytes bytes)
{
    tw_rd in = tw_rd_of(bytes);
    tw_project project;
    get_id(&out->project, &in);
    out->body = tw_rd_var(&in, TW_OP_BYTES_MAX);
    TW_TRY(tw_rd_end(cx, &in, "project-open"));
    tw_status s = tw_project_decode(cx, &project, out->body);
    return s == TW_OK ? TW_OK : tw_wrap(cx, "project-open");
}

tw_bytes tw_body_project_approve(tw_ctx *cx, const tw_project_approve_body *body)
{
    tw_buf b;
    begin(&b);
    put_id(&b, &body->project);
    tw_buf_add(&b, body->body_hash, 32);
    return end(cx, &b);
}

tw_status tw_body_project_approve_read(tw_ctx *cx, tw_project_approve_body *out, tw_bytes bytes)
{
    tw_rd in = tw_rd_of(bytes);
    get_id(&out->project, &in);
    tw_rd_copy(&in, out->body_hash, 32);
    return tw_rd_end(cx, &in, "project-approve");
}

tw_bytes tw_body_project_close(tw_ctx *cx, const tw_project_close_body *body)
{
    tw_buf b;
    begin(&b);
    put_id(&b, &body->project);
    tw_buf_u8(&b, body->reason);
    return end(cx, &b);
}

tw_status tw_body_project_close_read(tw_ctx *cx, tw_project_close_body *out, tw_bytes bytes)
{
    tw_rd in = tw_rd_of(bytes);
    get_id(&out->project, &in);
    out->reason = tw_rd_u8(&in);
    return tw_rd_end(cx, &in, "project-close");
}

tw_bytes tw_body_release_open(tw_ctx *cx, const tw_release_open_body *body)
{
    tw_buf b;
    begin(&b);
    put_id(&b, &body->release);
    put_id(&b, &body->project);
    tw_buf_add(&b, body->root, 32);
    tw_buf_u32(&b, body->leaves);
    tw_buf_u64(&b, body->until_s);
    tw_buf_var(&b, tw_bytes_of(body->url));
    return end(cx, &b);
}

tw_status tw_body_release_open_read(tw_ctx *cx, tw_release_open_body *out, tw_bytes bytes)
{
    tw_rd in = tw_rd_of(bytes);
    get_id(&out->release, &in);
    get_id(&out->project, &in);
    tw_rd_copy(&in, out->root, 32);
    out->leaves = tw_rd_u32(&in);
    out->until_s = tw_rd_u64(&in);
    out->url = tw_str_of_bytes(tw_rd_var(&in, TW_URL_MAX));
    TW_TRY(tw_rd_end(cx, &in, "release-open"));
    if (out->leaves == 0 || !tw_url_ok(out->url))
        return tw_fail(cx, TW_EPARSE, "release-open: no leaves, or an url that is not printable");
    return TW_OK;
}

tw_bytes tw_body_release_close(tw_ctx *cx, const tw_release_close_body *body)
{
    tw_buf b;
    begin(&b);
    put_id(&b, &body->release);
    tw_buf_u32(&b, (uint32_t)body->count);
    for (size_t i = 0; i < body->count; i++)
        tw_buf_add(&b, body->sheet_hash[i], 32);
    return end(cx, &b);
}

tw_status tw_body_release_close_read(tw_ctx *cx, tw_release_close_body *out, tw_bytes bytes)
{
    tw_rd in = tw_rd_of(bytes);
    union {
        const uint8_t *bytes;
        const uint8_t (*items)[32];
    } hashes = { NULL }; /* C17 has no cast between the two that keeps const in every compiler's eyes */
    get_id(&out->release, &in);
    TW_TRY(get_hashes(cx, &hashes.bytes, &out->count, &in, true, "release-close"));
    out->sheet_hash = hashes.items;
    return tw_rd_end(cx, &in, "release-close");
}

tw_bytes tw_body_budget(tw_ctx *cx, const tw_budget_body *body)
{
    tw_buf b;
    begin(&b);
    put_id(&b, &body->project);
    tw_buf_u64(&b, body->epsilon);
    tw_buf_u64(&b, body->delta);
    tw_buf_add(&b, body->query_hash, 32);
    return end(cx, &b);
}

tw_status tw_body_budget_read(tw_ctx *cx, tw_budget_body *out, tw_bytes bytes)
{
    tw_rd in = tw_rd_of(bytes);
    get_id(&out->project, &in);
    out->epsilon = tw_rd_u64(&in);
    out->delta = tw_rd_u64(&in);
    tw_rd_copy(&in, out->query_hash, 32);
    return tw_rd_end(cx, &in, "budget");
}

tw_bytes tw_body_twin_publish(tw_ctx *cx, const tw_twin_publish_body *body)
{
    tw_buf b;
    begin(&b);
    put_id(&b, &body->twin);
    tw_buf_add(&b, body->card_hash, 32);
    tw_buf_u32(&b, (uint32_t)body->count);
    for (size_t i = 0; i < body->count; i++)
        put_id(&b, &body->release[i]);
    return end(cx, &b);
}

tw_status tw_body_twin_publish_read(tw_ctx *cx, tw_twin_publish_body *out, tw_bytes bytes)
{
    tw_rd in = tw_rd_of(bytes);
    const uint8_t *ids;
    get_id(&out->twin, &in);
    tw_rd_copy(&in, out->card_hash, 32);
    TW_TRY(get_hashes(cx, &ids, &out->count, &in, false, "twin-publish"));
    out->release = (const tw_id *)(const void *)ids;
    return tw_rd_end(cx, &in, "twin-publish");
}
