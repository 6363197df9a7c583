/* The source's register: keyed names, sealed values, one LMDB file. Whoever reads the disk learns counts. */
#include "source_internal.h"

#define REGISTER_BYTES_MAX ((size_t)8 << 30)
#define ROWS_MAX 4000000
#define CLEAR_AT_ONCE 4096

tw_status tw_register_open(tw_ctx *cx, tw_register *r, const tw_site *s, const char *source)
{
    *r = (tw_register){ .writing = false };
    TW_TRY(tw_party_load(cx, &r->me, s, TW_ROLE_SOURCE, source));
    tw_bytes seed = { r->me.sign_secret, 32 };
    tw_hkdf_sha512(r->name_key, 32, seed, (tw_bytes){ NULL, 0 }, tw_bytes_of(TW_STR("tw/register-name/1")));
    tw_hkdf_sha512(r->value_key, 32, seed, (tw_bytes){ NULL, 0 }, tw_bytes_of(TW_STR("tw/register-value/1")));
    return tw_io_kv_open(cx, &r->kv, tw_site_path(cx, s, "sources/%s/register.mdb", r->me.name), REGISTER_BYTES_MAX);
}

tw_status tw_register_refresh(tw_ctx *cx, tw_register *r, const tw_site *s)
{
    r->kv.close(r->kv.self);
    r->kv = (tw_kv){ .self = NULL };
    return tw_io_kv_open(cx, &r->kv, tw_site_path(cx, s, "sources/%s/register.mdb", r->me.name), REGISTER_BYTES_MAX);
}

void tw_register_close(tw_register *r)
{
    if (r->kv.close)
        r->kv.close(r->kv.self);
    tw_wipe(r, sizeof *r);
}

tw_status tw_register_begin(tw_ctx *cx, tw_register *r, bool write)
{
    r->writing = write;
    return r->kv.begin(r->kv.self, write) == TW_OK ? TW_OK : tw_fail(cx, TW_EIO, "the register cannot be opened");
}

tw_status tw_register_end(tw_ctx *cx, tw_register *r, tw_status s)
{
    if (s != TW_OK || !r->writing) {
        r->kv.abort(r->kv.self);
        return s;
    }
    return r->kv.commit(r->kv.self) == TW_OK ? TW_OK : tw_fail(cx, TW_EIO, "the register cannot be written");
}

void tw_register_key(uint8_t key[33], const tw_register *r, tw_reg_kind kind, tw_bytes name)
{
    const char label[2] = { (char)kind, '\0' };
    key[0] = (uint8_t)kind;
    tw_hmac_sha256(key + 1, (tw_bytes){ r->name_key, 32 }, label, name);
}

static tw_status unseal(tw_ctx *cx, tw_bytes *out, const tw_register *r, tw_bytes key, tw_bytes sealed)
{
    if (sealed.n < 24 + TW_AEAD_TAG)
        return tw_fail(cx, TW_EPARSE, "a row of the register is too short");
    uint8_t *p = tw_arena_try(cx->arena, sealed.n);
    if (!p)
        return tw_fail(cx, TW_ELIMIT, "no memory left for a row of the register");
    if (tw_xaead_open(cx, p, r->value_key, sealed.p, key, (tw_bytes){ sealed.p + 24, sealed.n - 24 }) != TW_OK)
        return tw_fail(cx, TW_ECRYPTO, "a row of the register does not open: damaged, or of another key");
    *out = (tw_bytes){ p, sealed.n - 24 - TW_AEAD_TAG };
    return TW_OK;
}

tw_status tw_register_get_at(tw_ctx *cx, tw_bytes *out, tw_register *r, const uint8_t key[33])
{
    tw_bytes sealed;
    tw_status s = r->kv.get(r->kv.self, (tw_bytes){ key, 33 }, &sealed);
    if (s == TW_ENOTFOUND)
        return s;
    if (s != TW_OK)
        return tw_fail(cx, s, "the register cannot be read");
    return unseal(cx, out, r, (tw_bytes){ key, 33 }, sealed);
}

tw_status tw_register_get(tw_ctx *cx, tw_bytes *out, tw_register *r, tw_reg_kind kind, tw_bytes name)
{
    uint8_t key[33];
    tw_register_key(key, r, kind, name);
    return tw_register_get_at(cx, out, r, key);
}

tw_status tw_register_put_at(tw_ctx *cx, tw_register *r, const uint8_t key[33], tw_bytes value)
{
    size_t n = 24 + value.n + TW_AEAD_TAG;
    uint8_t *p = tw_arena_try(cx->arena, n);
    if (!p)
        return tw_fail(cx, TW_ELIMIT, "no memory left for a row of the register");
    tw_random(cx, p, 24);
    tw_xaead_seal(p + 24, r->value_key, p, (tw_bytes){ key, 33 }, value);
    tw_status s = r->kv.put(r->kv.self, (tw_bytes){ key, 33 }, (tw_bytes){ p, n });
    return s == TW_OK ? TW_OK : tw_fail(cx, s, "the register cannot be written");
}

tw_status tw_register_del_at(tw_ctx *cx, tw_register *r, const uint8_t key[33])
{
    tw_status s = r->kv.del(r->kv.self, (tw_bytes){ key, 33 });
    return s == TW_OK ? TW_OK : tw_fail(cx, s, "the register cannot be written");
}

tw_status tw_register_raw_get(tw_ctx *cx, tw_bytes *out, tw_register *r, const uint8_t key[33])
{
    tw_status s = r->kv.get(r->kv.self, (tw_bytes){ key, 33 }, out);
    return s == TW_OK || s == TW_ENOTFOUND ? s : tw_fail(cx, s, "the register cannot be read");
}

tw_status tw_register_raw_put(tw_ctx *cx, tw_register *r, const uint8_t key[33], tw_bytes value)
{
    tw_status s = r->kv.put(r->kv.self, (tw_bytes){ key, 33 }, value);
    return s == TW_OK ? TW_OK : tw_fail(cx, s, "the register cannot be written");
}

tw_status tw_register_raw_next(tw_ctx *cx, bool *found, tw_register *r, uint8_t key[33])
{
    tw_bytes k;
    tw_bytes v;
    tw_status s = r->kv.seek(r->kv.self, (tw_bytes){ key, 33 }, &k, &v);
    *found = s == TW_OK && k.n == 33 && k.p[0] == key[0];
    if (*found)
        memcpy(key, k.p, 33);
    return s == TW_OK || s == TW_ENOTFOUND ? TW_OK : tw_fail(cx, s, "the register cannot be read");
}

tw_status tw_register_clear(tw_ctx *cx, tw_register *r, tw_reg_kind kind)
{
    for (bool more = true; more;) {
        uint8_t key[33] = { (uint8_t)kind };
        TW_TRY(tw_register_begin(cx, r, false));
        tw_status s = tw_register_end(cx, r, tw_register_raw_next(cx, &more, r, key));
        if (s != TW_OK || !more)
            return s;
        TW_TRY(tw_register_begin(cx, r, true));
        for (size_t i = 0; i < CLEAR_AT_ONCE && more && s == TW_OK; i++) {
            s = tw_register_raw_next(cx, &more, r, key);
            if (s == TW_OK && more)
                s = tw_register_del_at(cx, r, key);
        }
        TW_TRY(tw_register_end(cx, r, s));
    }
    return TW_OK;
}

tw_status tw_register_put(tw_ctx *cx, tw_register *r, tw_reg_kind kind, tw_bytes name, tw_bytes value)
{
    uint8_t key[33];
    tw_register_key(key, r, kind, name);
    return tw_register_put_at(cx, r, key, value);
}

static bool next_key(uint8_t key[33])
{
    for (size_t i = 33; i-- > 1;)
        if (++key[i])
            return true;
    return false;
}

tw_status tw_register_rows(tw_ctx *cx, tw_reg_row **rows, size_t *count, tw_register *r, tw_reg_kind kind)
{
    uint8_t from[33] = { (uint8_t)kind };
    size_t cap = 0;
    *rows = NULL;
    for (*count = 0; *count < ROWS_MAX; (*count)++) {
        tw_bytes key;
        tw_bytes val;
        tw_status s = r->kv.seek(r->kv.self, TW_BYTES(from), &key, &val);
        if (s == TW_ENOTFOUND || (s == TW_OK && (key.n != 33 || key.p[0] != (uint8_t)kind)))
            return TW_OK;
        if (s != TW_OK)
            return tw_fail(cx, s, "the register cannot be read");
        if (*count == cap) {
            cap = cap ? 2 * cap : 64;
            tw_reg_row *more = tw_try_array(cx->arena, tw_reg_row, cap);
            if (!more)
                return tw_fail(cx, TW_ELIMIT, "no memory left for %zu rows of the register", cap);
            if (*count)
                memcpy(more, *rows, *count * sizeof *more);
            *rows = more;
        }
        memcpy((*rows)[*count].key, key.p, 33);
        TW_TRY(unseal(cx, &(*rows)[*count].value, r, key, val));
        memcpy(from, key.p, 33);
        if (!next_key(from)) {
            (*count)++;
            return TW_OK;
        }
    }
    return tw_fail(cx, TW_ELIMIT, "more than %d rows of one kind in the register", ROWS_MAX);
}

tw_status tw_patient_row_encode(tw_ctx *cx, tw_bytes *out, const tw_patient_row *p, bool with_envelopes)
{
    tw_bytes bundle;
    tw_buf b;
    TW_TRY(tw_bundle_encode(cx, &bundle, &p->bundle, with_envelopes));
    tw_buf_init(&b, bundle.n + 64);
    tw_buf_u32(&b, p->acknowledged);
    tw_buf_u16(&b, p->epoch_opened);
    tw_buf_var(&b, bundle);
    *out = tw_bytes_dup(cx->arena, tw_buf_view(&b));
    tw_buf_done(&b);
    return TW_OK;
}

tw_status tw_patient_row_decode(tw_ctx *cx, tw_patient_row *out, tw_bytes in)
{
    tw_rd r = tw_rd_of(in);
    out->acknowledged = tw_rd_u32(&r);
    out->epoch_opened = tw_rd_u16(&r);
    tw_bytes bundle = tw_rd_var(&r, 64 * TW_MIB);
    TW_TRY(tw_rd_end(cx, &r, "patient row"));
    return tw_bundle_decode(cx, &out->bundle, bundle);
}

uint16_t tw_epoch_of(uint64_t utc_s)
{
    int64_t y;
    unsigned m;
    unsigned d;
    tw_civil_from_days((int64_t)(utc_s / 86400), &y, &m, &d);
    return (uint16_t)y;
}
