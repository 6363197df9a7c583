/* A keeper's sheet. Signed bytes are those before the signature, as they were sent. */
#include "model/model.h"

#include "model/model_internal.h"

#define SHEET_BYTES_MAX (32 + 32 + 8 + 32 + 4 + 4 + TW_SHEET_LEAVES_MAX + 32 + TW_SIG)

static const char sheet_label[] = "tw/sheet/1";

static const char *const code_texts[TW_LEAF_CODE_COUNT] = {
#define X(number, name, text) [number] = text,
    TW_LEAF_CODE_LIST(X)
#undef X
};

const char *tw_leaf_code_text(unsigned code)
{
    return code < TW_LEAF_CODE_COUNT ? code_texts[code] : "no such code";
}

void tw_sheet_aad(tw_buf *out, const tw_sheet *s)
{
    tw_model_id(out, &s->keeper);
    tw_model_id(out, &s->release);
    tw_buf_u64(out, s->log_size);
    tw_buf_add(out, s->log_root, 32);
    tw_buf_u32(out, s->first);
    tw_buf_var(out, s->codes);
}

static tw_status check(tw_ctx *cx, const tw_sheet *s)
{
    if (s->codes.n > TW_SHEET_LEAVES_MAX || s->codes.n > UINT32_MAX - s->first)
        return tw_fail(cx, TW_EPARSE, "sheet: %zu codes from leaf %u", s->codes.n, (unsigned)s->first);
    for (size_t i = 0; i < s->codes.n; i++)
        if (s->codes.p[i] >= TW_LEAF_CODE_COUNT)
            return tw_fail(cx, TW_EPARSE, "sheet: there is no code %u", (unsigned)s->codes.p[i]);
    return TW_OK;
}

tw_status tw_sheet_sign(tw_ctx *cx, tw_bytes *out, const tw_sheet *s, const uint8_t secret[64])
{
    TW_TRY(check(cx, s));
    tw_buf b;
    tw_buf_init(&b, SHEET_BYTES_MAX);
    tw_sheet_aad(&b, s);
    tw_buf_add(&b, s->fragments_hash, 32);
    uint8_t sig[TW_SIG];
    tw_sign(cx, sig, secret, sheet_label, tw_buf_view(&b));
    tw_buf_add(&b, sig, sizeof sig);
    return tw_model_take(cx, out, &b, "sheet");
}

tw_status tw_sheet_open(tw_ctx *cx, tw_sheet *out, tw_bytes bytes, const uint8_t *keeper_key)
{
    tw_rd in = tw_rd_of(bytes);
    *out = (tw_sheet){ 0 };
    tw_model_read_id(&out->keeper, &in);
    tw_model_read_id(&out->release, &in);
    out->log_size = tw_rd_u64(&in);
    tw_rd_copy(&in, out->log_root, 32);
    out->first = tw_rd_u32(&in);
    out->codes = tw_rd_var(&in, TW_SHEET_LEAVES_MAX);
    tw_rd_copy(&in, out->fragments_hash, 32);
    tw_bytes message = { bytes.p, in.off };
    uint8_t sig[TW_SIG];
    tw_rd_copy(&in, sig, sizeof sig);
    TW_TRY(tw_rd_end(cx, &in, "sheet"));
    TW_TRY(check(cx, out));
    if (keeper_key && !tw_sign_ok(cx, sig, keeper_key, sheet_label, message))
        return tw_fail(cx, TW_ECRYPTO, "sheet: not signed by that keeper");
    return TW_OK;
}
