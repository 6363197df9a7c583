/* redact, cryptoHash, encrypt and perturb, of one element. */
#include "deid/config_internal.h"

#include <math.h>

#define AGE_MAX 89

static void clear(pass *p, uint32_t i)
{
    tw_fhir_set(p->t, i, (tw_str){ NULL, 0 }, TW_JSON_NULL);
}

static uint16_t parent_type(const pass *p, uint32_t i)
{
    uint32_t up = p->t->e[i].parent;
    return up == TW_FHIR_NONE ? 0 : p->t->e[up].type;
}

/* ---------------------------------------------------------------- values of another making */

static bool is_whole(tw_str s)
{
    size_t i = s.n && s.p[0] == '-';
    if (i == s.n || (s.p[i] == '0' && s.n > i + 1))
        return false;
    for (; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

static bool is_decimal(tw_str s)
{
    size_t dot = tw_str_find(s, TW_STR("."));
    if (dot == SIZE_MAX)
        return is_whole(s);
    if (dot + 1 == s.n || !is_whole((tw_str){ s.p, dot }))
        return false;
    for (size_t i = dot + 1; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

tw_status method_set(pass *p, uint32_t i, tw_str text)
{
    const tw_r4_member *m = p->t->e[i].member;
    bool ok = true;
    tw_json_type json = TW_JSON_STRING;
    switch ((tw_r4_prim)m->prim) {
    case TW_PRIM_BOOLEAN:
        ok = tw_str_is(text, "true") || tw_str_is(text, "false");
        json = TW_JSON_TRUE;
        break;
    case TW_PRIM_INTEGER:
    case TW_PRIM_POSITIVE:
    case TW_PRIM_UNSIGNED:
        ok = is_whole(text);
        json = TW_JSON_NUMBER;
        break;
    case TW_PRIM_DECIMAL:
        ok = is_decimal(text);
        json = TW_JSON_NUMBER;
        break;
    case TW_PRIM_INSTANT:
        ok = text.n >= 20 && text.p[4] == '-' && text.p[10] == 'T';
        break;
    case TW_PRIM_CODE:
    case TW_PRIM_DATE:
    case TW_PRIM_DATETIME:
    case TW_PRIM_TIME:
    case TW_PRIM_TEXT:
        break;
    case TW_PRIM_NONE:
        ok = false;
        break;
    }
    if (!ok)
        return PASS_FAIL(p, i, "an element of type " TW_FMT " cannot hold what the rule puts there", TW_ARG(m->type));
    tw_fhir_set(p->t, i, text, json);
    return TW_OK;
}

/* ---------------------------------------------------------------- redact */

static void redact_age(pass *p, uint32_t i)
{
    double age;
    if (!tw_parse_f64(&age, tw_fhir_text(p->t, i)) || !(age <= AGE_MAX))
        clear(p, i);
    p->did |= DID_ABSTRACT;
}

static bool restricted(const pass *p, tw_str zip)
{
    for (size_t k = 0; k < p->c->zip_count; k++)
        if (zip.n >= p->c->zip[k].n && memcmp(zip.p, p->c->zip[k].p, p->c->zip[k].n) == 0)
            return true;
    return false;
}

/* Three digits stay, none of a restricted area. */
static void redact_zip(pass *p, uint32_t i)
{
    tw_str zip = tw_fhir_text(p->t, i);
    char *out = tw_arena_try(p->cx->arena, zip.n);
    p->did |= DID_ABSTRACT;
    p->full |= !out;
    size_t stay = restricted(p, zip) ? 0 : 3;
    for (size_t k = 0; out && k < zip.n; k++)
        out[k] = k >= stay && zip.p[k] >= '0' && zip.p[k] <= '9' ? '0' : zip.p[k];
    tw_fhir_set(p->t, i, (tw_str){ out, zip.n }, TW_JSON_STRING);
}

tw_status method_redact(pass *p, uint32_t i)
{
    const config_names *is = &p->c->is;
    const tw_fhir_elem *e = &p->t->e[i];
    if (!pass_has_value(p, i))
        return TW_OK;
    if (config_is_date(p, i))
        return method_redact_date(p, i);
    bool age = e->type == is->t_decimal && parent_type(p, i) == is->t_age;
    bool zip = e->name == is->n_postal && parent_type(p, i) == is->t_address;
    if (age && p->c->partial_ages) {
        redact_age(p, i);
    } else if (zip && p->c->partial_zips) {
        redact_zip(p, i);
    } else {
        clear(p, i);
        p->did |= DID_REDACT;
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- cryptoHash */

#define HASH_HEX 64

/* before || hex HMAC of s || after. */
static tw_str hash_between(pass *p, tw_str before, tw_str s, tw_str after)
{
    static const char digit[] = "0123456789abcdef";
    uint8_t mac[TW_HASH];
    size_t n = before.n + HASH_HEX + after.n;
    char *out = tw_arena_try(p->cx->arena, n);
    p->full |= !out;
    if (!out)
        return TW_STR("");
    tw_bytes key = p->c->hashes ? (tw_bytes){ p->hash_secret, sizeof p->hash_secret } : tw_bytes_of(p->c->hash_key);
    tw_hmac_sha256(mac, key, "", tw_bytes_of(s));
    if (before.n)
        memcpy(out, before.p, before.n);
    for (size_t i = 0; i < TW_HASH; i++) {
        out[before.n + 2 * i] = digit[mac[i] >> 4];
        out[before.n + 2 * i + 1] = digit[mac[i] & 15];
    }
    if (after.n)
        memcpy(out + before.n + HASH_HEX, after.p, after.n);
    return (tw_str){ out, n };
}

static tw_str hash_of(pass *p, tw_str s)
{
    return hash_between(p, TW_STR(""), s, TW_STR(""));
}

static bool is_id_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

static bool is_id(tw_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_id_char(s.p[i]))
            return false;
    return s.n >= 1 && s.n <= 64;
}

/* "http://host/base/" or nothing. */
static bool is_base(tw_str s)
{
    if (s.n == 0)
        return true;
    bool http = tw_str_starts(s, "http://") || tw_str_starts(s, "https://");
    for (size_t i = 0; i < s.n; i++)
        if (!is_id_char(s.p[i]) && !memchr("\\/:%$", s.p[i], 5))
            return false;
    return http && s.p[s.n - 1] == '/';
}

static bool is_resource_type(const pass *p, tw_str type)
{
    const tw_r4 *r4 = tw_fhir_schema_table(p->c->schema);
    uint32_t node = tw_r4_node_of(r4, type);
    return node != TW_R4_NONE && r4->node[node].resource;
}

/* base/Type/id[/_history/v]: where the id is. */
static bool literal_reference(const pass *p, tw_str ref, tw_str *id)
{
    size_t end = tw_str_find(ref, TW_STR("/_history/"));
    if (end != SIZE_MAX && !is_id((tw_str){ ref.p + end + 10, ref.n - end - 10 }))
        return false;
    end = end == SIZE_MAX ? ref.n : end;
    size_t from = end;
    while (from > 0 && ref.p[from - 1] != '/')
        from--;
    *id = (tw_str){ ref.p + from, end - from };
    if (from == 0 || !is_id(*id))
        return false;
    size_t type = from - 1;
    while (type > 0 && ref.p[type - 1] != '/')
        type--;
    return is_resource_type(p, (tw_str){ ref.p + type, from - 1 - type }) && is_base((tw_str){ ref.p, type });
}

static bool is_uuid(tw_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool hex = (s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f');
        if (dash ? s.p[i] != '-' : !hex)
            return false;
    }
    return s.n == 36;
}

static bool is_oid(tw_str s)
{
    bool dot = true;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '.' ? dot : s.p[i] < '0' || s.p[i] > '9')
            return false;
        dot = s.p[i] == '.';
    }
    return s.n >= 3 && !dot && s.p[0] <= '2' && s.p[1] == '.';
}

static tw_str hash_reference(pass *p, tw_str ref)
{
    tw_str id = ref;
    size_t head = 0;
    if (tw_str_starts(ref, "#"))
        head = 1;
    else if (tw_str_starts(ref, "urn:uuid:") && is_uuid((tw_str){ ref.p + 9, ref.n - 9 }))
        head = 9;
    else if (tw_str_starts(ref, "urn:oid:") && is_oid((tw_str){ ref.p + 8, ref.n - 8 }))
        head = 8;
    if (head)
        id = (tw_str){ ref.p + head, ref.n - head };
    else if (!literal_reference(p, ref, &id))
        return hash_of(p, ref);
    size_t before = (size_t)(id.p - ref.p), after = before + id.n;
    return hash_between(p, (tw_str){ ref.p, before }, id, (tw_str){ ref.p + after, ref.n - after });
}

tw_status method_hash(pass *p, uint32_t i)
{
    if (!pass_has_value(p, i))
        return TW_OK;
    tw_str s = tw_fhir_text(p->t, i);
    bool reference = p->t->e[i].name == p->c->is.n_reference && parent_type(p, i) == p->c->is.t_reference;
    TW_TRY(method_set(p, i, reference ? hash_reference(p, s) : hash_of(p, s)));
    p->did |= DID_HASH;
    return TW_OK;
}

/* ---------------------------------------------------------------- encrypt */

#define NONCE 24

static tw_status sealed(pass *p, tw_bytes *out, tw_str plain)
{
    size_t head = p->c->compat ? 16 : NONCE, n = 0;
    uint8_t *b = tw_arena_try(p->cx->arena, head + plain.n + 16);
    if (!b)
        return tw_fail(p->cx, TW_ELIMIT, "no memory to encrypt a value");
    tw_random(p->cx, b, head);
    if (p->c->compat) {
        TW_TRY(tw_aes_cbc_seal(p->cx, b + head, &n, tw_bytes_of(p->c->encrypt_key), b, tw_bytes_of(plain)));
    } else {
        n = plain.n + TW_AEAD_TAG;
        tw_xaead_seal(b + head, p->encrypt_secret, b, (tw_bytes){ NULL, 0 }, tw_bytes_of(plain));
    }
    *out = (tw_bytes){ b, head + n };
    return TW_OK;
}

tw_status method_encrypt(pass *p, uint32_t i)
{
    tw_bytes b = { NULL, 0 };
    if (!pass_has_value(p, i))
        return TW_OK;
    TW_TRY(sealed(p, &b, tw_fhir_text(p->t, i)));
    tw_mark m = tw_arena_mark(p->cx->arena);
    if (!tw_arena_try(p->cx->arena, b.n / 3 * 4 + 8)) /* what base64 will ask for, and must get */
        return tw_fail(p->cx, TW_ELIMIT, "no memory to encrypt a value");
    tw_arena_back(p->cx->arena, m);
    TW_TRY(method_set(p, i, tw_base64(p->cx->arena, b)));
    p->did |= DID_ENCRYPT;
    return TW_OK;
}

/* ---------------------------------------------------------------- perturb */

/* Uniform in [-1/2, 1/2). */
static double chance(pass *p)
{
    uint8_t b[8];
    tw_random(p->cx, b, sizeof b);
    return (double)(tw_be64(b) >> 11) / 9007199254740992.0 - 0.5;
}

static bool is_count(const pass *p, uint16_t type)
{
    return type == p->c->is.t_integer || type == p->c->is.t_positive || type == p->c->is.t_unsigned;
}

/* The number that is to be moved: the element, or the value of a quantity; TW_FHIR_NONE. */
static uint32_t number_in(const pass *p, uint32_t i)
{
    const tw_fhir_elem *e = &p->t->e[i];
    if (e->type == p->c->is.t_decimal || is_count(p, e->type))
        return i;
    bool quantity = e->type == p->c->is.t_money || tw_fhir_type_is(p->c->schema, e->type, p->c->is.t_quantity);
    return quantity ? tw_fhir_child(p->t, i, p->c->is.n_value) : TW_FHIR_NONE;
}

tw_status method_perturb(pass *p, uint32_t i)
{
    uint32_t at = number_in(p, i);
    double v = 0;
    if (at == TW_FHIR_NONE || !pass_has_value(p, at) || (at != i && pass_visited(p, at)))
        return TW_OK;
    if (!tw_parse_f64(&v, tw_fhir_text(p->t, at)) || !(fabs(v) < 1e15))
        return PASS_FAIL(p, at, "no number, or one beyond 15 digits, cannot be perturbed");
    uint16_t type = p->t->e[at].type;
    v += chance(p) * p->rule->span * (p->rule->proportional ? v : 1);
    int digits = is_count(p, type) ? 0 : p->rule->round_to;
    double unit = pow(10, digits);
    if (type == p->c->is.t_positive && round(v) <= 0)
        v = 1;
    if (type == p->c->is.t_unsigned && round(v) < 0)
        v = 0;
    if (fabs(v) * unit < 0.5)
        v = 0; /* no "-0.00" */
    tw_str text = pass_text(p, "%.*f", digits, v);
    TW_TRY(method_set(p, at, text));
    pass_visit(p, at);
    p->did |= DID_PERTURB;
    return TW_OK;
}
