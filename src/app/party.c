/* Parties' keys on disk, and signed operations to the ledger. */
#include "app_internal.h"

#define KEY_MAGIC "twk1"

const char *tw_role_folder(tw_role role)
{
    switch (role) {
    case TW_ROLE_SOURCE:
        return "sources";
    case TW_ROLE_KEEPER:
        return "keepers";
    case TW_ROLE_STEWARD:
        return "stewards";
    case TW_ROLE_GRANTEE:
        return "grantees";
    case TW_ROLE_RELAY:
        return "exchange";
    case TW_ROLE_CLINICIAN:
        return "clinicians";
    }
    TW_ASSERT(false);
}

static void derive(tw_party *p, const uint8_t seed[32])
{
    tw_sign_keys(p->sign_public, p->sign_secret, seed);
    tw_box_keys(p->box_public, p->box_secret);
    tw_party_id(&p->id, p->sign_public);
}

tw_status tw_party_name_check(tw_ctx *cx, const char *name)
{
    size_t n = strlen(name);
    if (n > 0 && n < sizeof((tw_party *)0)->name && !strchr(name, '/') && name[0] != '.')
        return TW_OK;
    return tw_fail(cx, TW_EUSAGE, "a party's name has 1 to 63 bytes, no '/' and no '.' at its start");
}

tw_status tw_party_make(tw_ctx *cx, tw_party *out, tw_role role, const char *name)
{
    uint8_t seed[32];
    *out = (tw_party){ .role = (uint8_t)role };
    TW_TRY(tw_party_name_check(cx, name));
    snprintf(out->name, sizeof out->name, "%s", name);
    tw_random(cx, seed, sizeof seed);
    tw_random(cx, out->box_secret, sizeof out->box_secret);
    derive(out, seed);
    tw_wipe(seed, sizeof seed);
    return TW_OK;
}

tw_status tw_party_store(tw_ctx *cx, const tw_party *p, const char *path)
{
    tw_buf b;
    tw_buf_init(&b, TW_KEY_FILE_MAX);
    tw_buf_cstr(&b, KEY_MAGIC);
    tw_buf_u8(&b, p->role);
    tw_buf_var(&b, tw_bytes_of(tw_str_of(p->name)));
    tw_buf_add(&b, p->sign_secret, 32); /* libsodium keeps the seed first */
    tw_buf_add(&b, p->box_secret, 32);
    tw_status s = tw_buf_check(cx, &b, "key file");
    if (s == TW_OK)
        s = tw_file_write(cx, path, tw_buf_view(&b));
    tw_buf_done(&b);
    return s;
}

tw_status tw_party_read(tw_ctx *cx, tw_party *out, const char *path)
{
    tw_bytes file;
    uint8_t seed[32];
    *out = (tw_party){ .role = 0 };
    TW_TRY(tw_file_read(cx, &file, path, TW_KEY_FILE_MAX));
    tw_rd r = tw_rd_of(file);
    tw_bytes magic = tw_rd_view(&r, 4);
    if (r.bad || memcmp(magic.p, KEY_MAGIC, 4) != 0)
        return tw_fail(cx, TW_EPARSE, "%s is not a key file", path);
    out->role = tw_rd_u8(&r);
    tw_bytes name = tw_rd_var(&r, sizeof out->name - 1);
    if (name.n)
        memcpy(out->name, name.p, name.n);
    tw_rd_copy(&r, seed, 32);
    tw_rd_copy(&r, out->box_secret, 32);
    TW_TRY(tw_rd_end(cx, &r, path));
    derive(out, seed);
    tw_wipe(seed, sizeof seed);
    tw_wipe((void *)(uintptr_t)file.p, file.n);
    return TW_OK;
}

tw_status tw_party_names(tw_ctx *cx, tw_str **names, size_t *count, const tw_site *s, tw_role role)
{
    char *dir = tw_site_path(cx, s, "%s", tw_role_folder(role));
    *names = NULL;
    *count = 0;
    if (!tw_path_exists(cx, dir))
        return TW_OK;
    TW_TRY(tw_dir_list(cx, names, count, dir));
    for (size_t i = 0; i < *count; i++)
        if (tw_str_ends((*names)[i], "/"))
            (*names)[i].n--;
    return TW_OK;
}

tw_status tw_party_load(tw_ctx *cx, tw_party *out, const tw_site *s, tw_role role, const char *name)
{
    if (role == TW_ROLE_RELAY)
        return tw_party_read(cx, out, tw_site_path(cx, s, "exchange/relay.key"));
    tw_str *names;
    size_t count;
    TW_TRY(tw_party_names(cx, &names, &count, s, role));
    tw_str found = { NULL, 0 };
    size_t hits = 0;
    for (size_t i = 0; i < count; i++) {
        if (tw_str_is(names[i], name)) {
            found = names[i];
            hits = 1;
            break;
        }
        if (tw_str_starts(names[i], name)) {
            found = names[i];
            hits++;
        }
    }
    if (hits != 1) {
        tw_fail(cx, TW_ENOTFOUND, "%s party '%s' in %s", hits ? "more than one" : "no", name, tw_role_folder(role));
        return tw_hint(cx, "see the folder %s of the site", tw_role_folder(role));
    }
    return tw_party_read(cx, out, tw_site_path(cx, s, "%s/" TW_FMT "/key", tw_role_folder(role), TW_ARG(found)));
}

tw_status tw_site_submit(tw_ctx *cx, tw_applied *out, tw_site *s, const tw_party *party, tw_entry_kind kind,
                         tw_bytes body)
{
    tw_bytes op;
    uint64_t now = tw_now_s(cx);
    tw_op o = { .ledger = s->ledger,
                .party = party->id,
                .kind = (uint8_t)kind,
                .valid_until = now + TW_OP_LIFETIME_S,
                .body = body };
    o.nonce = tw_ledger_next_nonce(tw_site_state(s), &party->id, 0);
    TW_TRY(tw_op_sign(cx, &op, &o, party->sign_secret));
    TW_TRY(tw_solo_submit(cx, out, s->log, now, op));
    if (out->code != TW_CODE_OK)
        return tw_fail(cx, TW_EREFUSED, "the ledger refused %s: %s (code %u, entry %llu)", tw_entry_kind_name(kind),
                       tw_code_text(out->code), out->code, (unsigned long long)out->idx);
    return TW_OK;
}

tw_status tw_site_carry(tw_ctx *cx, tw_applied *out, tw_site *s, tw_bytes owner_op)
{
    tw_party relay;
    TW_TRY(tw_party_load(cx, &relay, s, TW_ROLE_RELAY, "relay"));
    tw_status st = tw_site_submit(cx, out, s, &relay, TW_ENTRY_OWNER, owner_op);
    tw_wipe(&relay, sizeof relay);
    return st;
}
