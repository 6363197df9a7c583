/* FHIR R4 resources, written as JSON. */
#include "sources/decode.h"

#include "crypto/crypto.h"

static tw_str whole(char *room, size_t cap, const char *a, const char *b, tw_str c)
{
    int n = snprintf(room, cap, "%s%s/" TW_FMT, a, b, TW_ARG(c));
    return (tw_str){ room, n < 0 ? 0 : TW_MIN((size_t)n, cap - 1) };
}

void tw_fo_begin(tw_fhir_out *o, tw_buf *out)
{
    *o = (tw_fhir_out){ .out = out };
    tw_jw_init(&o->w, out, 0);
    tw_jw_object(&o->w);
    tw_jw_kv(&o->w, "resourceType", TW_STR("Bundle"));
    tw_jw_kv(&o->w, "type", TW_STR("collection"));
    tw_jw_key(&o->w, "entry");
    tw_jw_array(&o->w);
}

void tw_fo_end(tw_fhir_out *o)
{
    tw_jw_array_end(&o->w);
    tw_jw_object_end(&o->w);
}

void tw_fo_resource(tw_fhir_out *o, const char *type, tw_str id, tw_str version)
{
    char url[192];
    o->resources++;
    tw_jw_object(&o->w);
    tw_jw_kv(&o->w, "fullUrl", whole(url, sizeof url, "urn:twinward:local:", type, id));
    tw_jw_key(&o->w, "resource");
    tw_jw_object(&o->w);
    tw_jw_key(&o->w, "resourceType");
    tw_jw_cstr(&o->w, type);
    tw_fo_text(o, "id", id);
    if (version.n == 0)
        return;
    tw_jw_key(&o->w, "meta");
    tw_jw_object(&o->w);
    tw_jw_kv(&o->w, "versionId", version);
    tw_jw_object_end(&o->w);
}

void tw_fo_resource_end(tw_fhir_out *o)
{
    tw_jw_object_end(&o->w);
    tw_jw_object_end(&o->w);
}

void tw_fo_text(tw_fhir_out *o, const char *name, tw_str value)
{
    if (value.n > 0)
        tw_jw_kv(&o->w, name, value);
}

void tw_fo_when(tw_fhir_out *o, const char *name, const tw_when *t, const tw_zone *z)
{
    char text[TW_WHEN_TEXT];
    tw_fo_text(o, name, tw_when_text(text, t, z));
}

void tw_fo_date(tw_fhir_out *o, const char *name, const tw_when *t)
{
    char text[TW_WHEN_TEXT];
    tw_fo_text(o, name, tw_when_date_text(text, t));
}

static size_t count_digits(tw_str s)
{
    size_t n = 0;
    while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
        n++;
    return n;
}

static tw_str after(tw_str s, size_t n)
{
    return (tw_str){ s.p + n, s.n - n };
}

/* A JSON number of at most `cap` bytes that means what the text says; empty when the text is no number, or one that the
 * reader of JSON would refuse: too many digits before the point, or out of range. */
static tw_str as_json_number(char *room, size_t cap, tw_str s)
{
    enum { WHOLE_MAX = 18 };
    tw_str frac = { "", 0 };
    bool minus = s.n > 0 && s.p[0] == '-';
    s = tw_str_trim(s);
    if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+')) {
        minus = s.p[0] == '-';
        s = after(s, 1);
    }
    size_t n = count_digits(s);
    tw_str lead = { s.p, n };
    s = after(s, n);
    if (s.n > 0 && s.p[0] == '.') {
        s = after(s, 1);
        frac = (tw_str){ s.p, count_digits(s) };
        s = after(s, frac.n);
    }
    while (lead.n > 1 && lead.p[0] == '0')
        lead = after(lead, 1);
    tw_str expo = s; /* "e-5" */
    if (expo.n > 0) {
        size_t sign = expo.n > 1 && (expo.p[1] == '-' || expo.p[1] == '+');
        if ((expo.p[0] != 'e' && expo.p[0] != 'E') || expo.n < 2 + sign || expo.n > 5 ||
            count_digits(after(expo, 1 + sign)) != expo.n - 1 - sign)
            return (tw_str){ "", 0 };
    }
    if (lead.n + frac.n == 0 || lead.n > WHOLE_MAX)
        return (tw_str){ "", 0 };
    int len = snprintf(room, cap, "%s" TW_FMT "%s" TW_FMT TW_FMT, minus ? "-" : "",
                       TW_ARG(lead.n ? lead : TW_STR("0")), frac.n ? "." : "", TW_ARG(frac), TW_ARG(expo));
    tw_str number = len > 0 && (size_t)len < cap ? (tw_str){ room, (size_t)len } : (tw_str){ "", 0 };
    double v;
    return expo.n == 0 || tw_parse_f64(&v, number) ? number : (tw_str){ "", 0 };
}

bool tw_fo_decimal(tw_fhir_out *o, const char *name, tw_str number)
{
    char room[64];
    tw_str v = as_json_number(room, sizeof room, number);
    if (v.n == 0)
        return false;
    tw_jw_key(&o->w, name);
    tw_jw_raw(&o->w, v);
    return true;
}

static void coding(tw_fhir_out *o, const tw_coded *c)
{
    tw_jw_object(&o->w);
    tw_fo_text(o, "system", c->system);
    tw_fo_text(o, "code", c->code);
    tw_fo_text(o, "display", c->display);
    tw_jw_object_end(&o->w);
}

void tw_fo_concept(tw_fhir_out *o, const char *name, const tw_coded *coded, size_t count, tw_str text)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += coded[i].code.n > 0;
    if (n == 0 && text.n == 0)
        return;
    tw_jw_key(&o->w, name);
    tw_jw_object(&o->w);
    if (n > 0) {
        tw_jw_key(&o->w, "coding");
        tw_jw_array(&o->w);
        for (size_t i = 0; i < count; i++)
            if (coded[i].code.n > 0)
                coding(o, &coded[i]);
        tw_jw_array_end(&o->w);
    }
    tw_fo_text(o, "text", text);
    tw_jw_object_end(&o->w);
}

void tw_fo_coding(tw_fhir_out *o, const char *name, const tw_coded *coded)
{
    if (coded->code.n == 0)
        return;
    tw_jw_key(&o->w, name);
    coding(o, coded);
}

bool tw_fo_quantity(tw_fhir_out *o, const char *name, tw_str value, tw_str unit, tw_str comparator)
{
    char room[64];
    tw_str v = as_json_number(room, sizeof room, value);
    if (v.n == 0)
        return false;
    tw_jw_key(&o->w, name);
    tw_jw_object(&o->w);
    tw_jw_key(&o->w, "value");
    tw_jw_raw(&o->w, v);
    tw_fo_text(o, "comparator", comparator);
    tw_fo_text(o, "unit", unit);
    if (unit.n > 0) {
        tw_jw_kv(&o->w, "system", TW_STR("http://unitsofmeasure.org"));
        tw_jw_kv(&o->w, "code", unit);
    }
    tw_jw_object_end(&o->w);
    return true;
}

void tw_fo_reference(tw_fhir_out *o, const char *name, const char *type, tw_str id)
{
    char text[192];
    if (id.n == 0)
        return;
    tw_jw_key(&o->w, name);
    tw_jw_object(&o->w);
    tw_jw_kv(&o->w, "reference", whole(text, sizeof text, "", type, id));
    tw_jw_object_end(&o->w);
}

static void identifier(tw_fhir_out *o, tw_str use, tw_str type, tw_str system, tw_str value)
{
    tw_coded c = { TW_STR("http://terminology.hl7.org/CodeSystem/v2-0203"), type, { "", 0 } };
    tw_jw_object(&o->w);
    tw_fo_text(o, "use", use);
    tw_fo_concept(o, "type", &c, 1, (tw_str){ "", 0 });
    tw_fo_text(o, "system", system);
    tw_fo_text(o, "value", value);
    tw_jw_object_end(&o->w);
}

void tw_fo_identifier(tw_fhir_out *o, tw_str use, tw_str type, tw_str system, tw_str value)
{
    if (value.n > 0)
        identifier(o, use, type, system, value);
}

void tw_fo_patient_number(tw_fhir_out *o, const char *name, tw_str system, tw_str number)
{
    tw_jw_key(&o->w, name);
    tw_jw_object(&o->w);
    tw_jw_kv(&o->w, "type", TW_STR("Patient"));
    tw_jw_key(&o->w, "identifier");
    identifier(o, (tw_str){ "", 0 }, TW_STR("MR"), system, number);
    tw_jw_object_end(&o->w);
}

void tw_local_id(char out[TW_LOCAL_ID], const char *label, const tw_str *part, size_t count)
{
    uint8_t hash[TW_HASH];
    uint8_t n[4];
    tw_sha256 h;
    tw_sha256_init(&h);
    tw_sha256_add(&h, label, strlen(label) + 1);
    for (size_t i = 0; i < count; i++) {
        tw_put_be32(n, (uint32_t)part[i].n);
        tw_sha256_add(&h, n, sizeof n);
        tw_sha256_add(&h, part[i].p, part[i].n);
    }
    tw_sha256_end(&h, hash);
    for (size_t i = 0; i < TW_LOCAL_ID - 1; i++)
        out[i] = "0123456789abcdef"[(i % 2 ? hash[i / 2] : hash[i / 2] >> 4) & 15];
    out[TW_LOCAL_ID - 1] = 0;
}
